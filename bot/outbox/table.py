"""The outbox's rows: taken in the transaction that causes them, noted in groups, taken over from the dead.

A row belongs to the process that took it in, named in `owner`; only the owner's notes count, so that one that was
paused and lost its rows can't write under its old name.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, LargeBinary, bindparam, func, null, text, update
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.compact import dumps, loads
from bot.openapi import QuotaExhausted
from bot.replica import Replica
from handlers.dispatch import Outgoing
from hr_core.clock import Clock
from hr_core.database import Row
from hr_core.database.batch import Asked, Batch, among, insert_new, value
from hr_core.notices import Group, Team
from hr_core.vault import Vault
from hr_core.vault.columns import sealed

_OPEN = text("status IN ('new', 'sending')")
"""The condition of the index of what waits. Written out in each query (and `+ 0` in its order), or SQLite reads the
whole table.
"""
_ASIDE = text("status IN ('dead', 'unknown')")
_GATHERED = "dinghr.outbox"


class OutboxRow(Row, table=True):
    """One thing to send. What is sealed in it is words of the moment and the way back, never a figure of pay.

    `status`: new, sending, sent, dropped (nothing to say any more), cut (the month's budget), unknown (it may have
    arrived), dead (given up).
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_open", "lane", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_outbox_aside", "status", "id", sqlite_where=_ASIDE, postgresql_where=_ASIDE),
    )
    id: int = Field(primary_key=True, sa_type=BigInteger)
    created_at: datetime
    status: str = Field(default="new", max_length=8)
    lane: str = Field(max_length=140)
    to_employee: int | None = Field(default=None, foreign_key="employee.id")
    to_group: str | None = Field(default=None, max_length=16)
    conversation: str | None = Field(default=None, max_length=128)
    update_card: str | None = Field(default=None, max_length=64)
    view: str = Field(default="", max_length=64)
    subject: int = 0
    content_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    track_id: str = Field(max_length=64, unique=True)
    cause: str = Field(default="", max_length=200)
    attempts: int = 0
    next_at: datetime
    sent_at: datetime | None = None
    carrier: str | None = Field(default=None, max_length=256)
    error: str | None = Field(default=None, max_length=200)
    owner: str | None = Field(default=None, max_length=64)


sealed(OutboxRow, "content_sealed", "track_id", lambda track_id: ("outbox", track_id))


@dataclass(frozen=True, slots=True)
class ReplyPath:
    """The short way back to where a message came from, while it lasts."""

    webhook: str = ""
    until: datetime | None = None
    conversation: str | None = None


@dataclass(slots=True)
class Letter:
    """A row on its way: what sending needs of it, opened."""

    id: int
    track_id: str
    lane: str
    to_employee: int | None = None
    to_group: str | None = None
    conversation: str | None = None
    update_card: str | None = None
    view: str = ""
    subject: int = 0
    content: Mapping[str, Any] = field(default_factory=dict)
    cause: str = ""
    attempts: int = 0
    words_only: bool = False
    """Its card was refused, so its retries are words."""
    in_doubt: bool = False
    """The call is made, or about to be, and can't be repeated without the risk of saying it twice."""


SETTLED = 3.0
"""Seconds after which a row of ours that isn't in memory was lost on its way there, not overtaken."""
WORDS_ONLY = "words"
"""Stands where the carrier will, so that a retry after a restart is words as well."""

_COLUMNS = (
    "id", "created_at", "status", "lane", "to_employee", "to_group", "conversation", "update_card", "view", "subject",
    "content_sealed", "track_id", "cause", "attempts", "next_at", "owner",
)  # fmt: skip
_insert = insert_new(OutboxRow, _COLUMNS)
_NOTED = ("status", "attempts", "next_at", "sent_at", "carrier", "error")
"""The columns that sending changes; what is done with is emptied."""
_NOTHING_NOTED: Mapping[str, None] = dict.fromkeys(_NOTED)
_KEPT = frozenset({"new", "dead", "unknown"})

_table: Any = OutboxRow.__table__  # type: ignore[attr-defined]


def _noting(*, emptied: bool) -> Batch:
    def make(_dialect: str) -> Any:
        own = (_table.c.id == value(OutboxRow, "id", called="key")) & (
            _table.c.owner == value(OutboxRow, "owner", called="me")
        )
        noted: dict[str, Any] = {name: value(OutboxRow, name) for name in _NOTED}
        return update(_table).where(own).values({**noted, "content_sealed": null()} if emptied else noted)

    return Batch(make)


_note, _note_emptied = _noting(emptied=False), _noting(emptied=True)
_mark_sending = Asked(
    lambda dialect: (
        update(_table)
        .where(among(_table.c.id, "ids", dialect), _OPEN, _table.c.owner == bindparam("me"))
        .values(status=text("'sending'"))
        .returning(_table.c.id)
    )
)
_before = _table.alias("before")
_older = (
    select(func.count())
    .select_from(_before)
    .where(
        _before.c.lane == _table.c.lane,
        text("before.status IN ('new', 'sending')"),
        _before.c.id < _table.c.id,
        text(f"coalesce(before.error, '') NOT LIKE '{QuotaExhausted.kind}%'"),  # It has stepped aside.
    )
    .scalar_subquery()
)
_turn = Asked(
    lambda dialect: select(_table.c.id, _older).where(
        among(_table.c.id, "ids", dialect), _table.c.status == text("'new'"), _table.c.owner == bindparam("me")
    )
)


def lane_of(out_employee: int | None, group: str | None, card: str | None, track_id: str) -> str:
    """Name what is sent in order: one person's messages, one group's, one card's changes."""
    if group:
        return f"group:{group}"
    if card:
        return f"card:{card}"
    # Somebody we don't know has nobody's order to keep, and mustn't hold anybody else up.
    return f"person:{out_employee}" if out_employee is not None else f"row:{track_id}"


_unborn = Asked(lambda dialect: select(_table.c.track_id).where(among(_table.c.track_id, "cards", dialect), _OPEN))


class OutboxStore:
    """Reads and writes the rows for one process."""

    def __init__(self, vault: Vault, clock: Clock, replica: Replica) -> None:
        self._vault = vault
        self._clock = clock
        self._replica = replica

    def letter(self, out: Outgoing, track_id: str, cause: str, path: ReplyPath | None) -> Letter:
        """Make a row of what a handler wants sent."""
        content: dict[str, Any] = {}
        if out.text is not None:
            content["text"] = [out.text.title, out.text.text]
        if out.show is not None and out.show.values:
            content["values"] = dict(out.show.values)
        if out.reply and path is not None and path.webhook and path.until is not None:
            content["webhook"] = [path.webhook, path.until.isoformat()]
        if out.notice:
            content["notice"] = True
        person = out.to if isinstance(out.to, int) else None
        group = out.to.value if isinstance(out.to, Group | Team) else None
        conversation = path.conversation if out.in_group and path is not None else None
        return Letter(
            self._replica.next_id(),
            track_id,
            lane_of(person, conversation or group, None, track_id),
            person,
            group,
            conversation,
            None,
            out.show.view if out.show else "",
            out.show.subject if out.show else 0,
            content,
            cause,
        )

    def update_letter(self, card: str, track_id: str, cause: str) -> Letter:
        """Make a row that brings a card up to date."""
        lane = lane_of(None, None, card, track_id)
        return Letter(self._replica.next_id(), track_id, lane, update_card=card, cause=cause)

    async def insert(self, session: AsyncSession, letters: Sequence[Letter]) -> None:
        """Write rows that were gathered in a transaction."""
        now = self._clock.now()
        await _insert(
            session,
            [
                {
                    "id": one.id,
                    "lane": one.lane,
                    "to_employee": one.to_employee,
                    "to_group": one.to_group,
                    "conversation": one.conversation,
                    "update_card": one.update_card,
                    "view": one.view,
                    "subject": one.subject,
                    "content_sealed": self._sealed(one),
                    "track_id": one.track_id,
                    "cause": one.cause,
                }
                for one in letters
            ],
            created_at=now,
            status="new",
            attempts=0,
            next_at=now,
            owner=self._replica.name,
        )

    def _sealed(self, letter: Letter) -> bytes | None:
        if not letter.content:
            return None
        return self._vault.seal(dumps(letter.content, default=str), "outbox", letter.track_id)

    async def note_all(self, session: AsyncSession, notes: list[dict[str, Any]]) -> list[None]:
        """Note what became of rows; those that are done with are emptied, those an operator may replay are not."""
        filled = [{**_NOTHING_NOTED, **note} for note in notes]
        await _note(session, [note for note in filled if note["status"] in _KEPT], me=self._replica.name)
        await _note_emptied(session, [note for note in filled if note["status"] not in _KEPT], me=self._replica.name)
        return [None] * len(notes)

    async def mark_sending(self, session: AsyncSession, letters: list[Letter]) -> list[bool]:
        """Mark rows whose call can't be repeated; False where a row isn't ours any more."""
        found = await _mark_sending(session, ids=[one.id for one in letters], me=self._replica.name)
        ours = {id for (id,) in found}
        return [one.id in ours for one in letters]

    async def turns(self, session: AsyncSession, letters: Sequence[Letter]) -> dict[int, bool]:
        """Tell of each row that is still ours whether it is its turn: nobody else has an older one of its lane."""
        found = await _turn(session, ids=[one.id for one in letters], me=self._replica.name)
        return {row_id: before == 0 for row_id, before in found}

    async def unborn(self, session: AsyncSession, cards: Sequence[str]) -> set[str]:
        """Give those cards that are still on their way: an update must not overtake them."""
        return {card for (card,) in await _unborn(session, cards=list(cards))}

    async def take_over(self, session: AsyncSession, most: int) -> list[Letter]:
        """Take rows of processes that are gone. What they were sending may have arrived: that is left as unknown."""
        ownerless = self._replica.ownerless(OutboxRow.owner, session)
        wanted = (
            select(col(OutboxRow.id))
            .where(_OPEN, ownerless)
            .order_by(col(OutboxRow.id) + 0)
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        ids = list(await session.exec(wanted))
        await session.exec(update(OutboxRow).where(col(OutboxRow.id).in_(ids)).values(owner=self._replica.name))
        await session.exec(
            update(OutboxRow)
            .where(col(OutboxRow.id).in_(ids), col(OutboxRow.status) == "sending")
            .values(status="unknown", error="the process ended while sending")
        )
        return await self._letters(session, col(OutboxRow.id).in_(ids))

    async def waiting(self, session: AsyncSession, known: Collection[int], most: int) -> list[Letter]:
        """Give our own rows that aren't in memory, oldest first; the newest may be on their way there."""
        ours = (col(OutboxRow.owner) == self._replica.name) & (col(OutboxRow.id) < self._replica.id_before(SETTLED))
        letters = await self._letters(session, ours, most=most + len(known))
        return [one for one in letters if one.id not in known][:most]

    async def _letters(self, session: AsyncSession, which: Any, most: int | None = None) -> list[Letter]:
        query = select(OutboxRow).where(_OPEN, OutboxRow.status == "new", which)
        query = query.order_by(col(OutboxRow.id) + 0).limit(most)
        return [self._opened(row) for row in await session.exec(query)]

    def _opened(self, row: OutboxRow) -> Letter:
        content = {}
        if row.content_sealed is not None:
            content = loads(self._vault.open(row.content_sealed, "outbox", row.track_id))
        return Letter(
            row.id, row.track_id, row.lane, row.to_employee, row.to_group, row.conversation, row.update_card, row.view,
            row.subject, content, row.cause, row.attempts, row.carrier == WORDS_ONLY,
        )  # fmt: skip


def gather(session: AsyncSession, letter: Letter) -> list[Letter] | None:
    """Put a row with those of its transaction; gives the list when it is the first."""
    gathered: list[Letter] | None = session.info.get(_GATHERED)
    if gathered is not None:
        gathered.append(letter)
        return None
    session.info[_GATHERED] = first = [letter]
    return first
