"""The inbox: a frame lies here, durable and sealed, from before its acknowledgement until its work is done.

Several replicas share it. A row belongs to the process that took it in, named in `owner`; what a dead process left is
taken over by another, and a row is marked done in the transaction that does it, only by its owner.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import BigInteger, Index, LargeBinary, bindparam, func, null, text, update
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.commits import GroupCommit, Together
from bot.replica import Replica
from hr_core.clock import Clock
from hr_core.database import Row
from hr_core.database.batch import Asked, Batch, among, insert_new, value
from hr_core.failpoints import reach
from hr_core.vault import Vault
from hr_core.vault.columns import sealed

Kind = Literal["message", "event", "click"]
ACK_KEPT = timedelta(minutes=10)
_OPEN = text("status <> 'done'")
"""The condition of the index of what isn't done. Written out in each query (and `+ 0` in its order), or SQLite reads
the whole table.
"""


class InboxRow(Row, table=True):
    """A frame. The id stays for good; the sealed body goes when the work is done, the ack ten minutes later."""

    __tablename__ = "inbox"
    __table_args__ = (
        Index("ix_inbox_open", "status", "sender", "seq", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_inbox_ack", "done_at", sqlite_where=text("ack_sealed IS NOT NULL"),
              postgresql_where=text("ack_sealed IS NOT NULL")),
    )  # fmt: skip
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    id: str = Field(unique=True, max_length=200)
    kind: str = Field(max_length=16)
    sender: str = Field(max_length=200)
    received_at: datetime
    status: str = Field(default="new", max_length=8)
    body_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    ack_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    done_at: datetime | None = None
    attempts: int = 0
    owner: str | None = Field(default=None, max_length=64)
    error: str | None = Field(default=None, max_length=64)


sealed(InboxRow, "body_sealed", "id", lambda id: ("inbox", id))
sealed(InboxRow, "ack_sealed", "id", lambda id: ("inbox.ack", id))


@dataclass(frozen=True, slots=True)
class Item:
    """A stored frame to work on. `sender` orders the work: one person's messages are done one after another.

    `seq` is its place in that order; `held` says that this process works on it rather than whoever has room.
    """

    id: str
    kind: Kind
    sender: str
    body: str
    seq: int = field(default=0, compare=False)
    held: bool = field(default=True, compare=False)


_table: Any = InboxRow.__table__  # type: ignore[attr-defined]
_insert = insert_new(
    InboxRow,
    ("seq", "id", "kind", "sender", "received_at", "status", "body_sealed", "done_at", "attempts", "owner"),
    unless="id",
)
_known = Asked(lambda dialect: select(_table.c.id).where(among(_table.c.id, "ids", dialect)))
_ours = Asked(lambda dialect: select(_table.c.seq).where(among(_table.c.seq, "seqs", dialect)))
_claim = Asked(
    lambda dialect: (
        update(_table)
        .where(among(_table.c.id, "ids", dialect), _table.c.status == text("'new'"), _table.c.owner == bindparam("me"))
        .values(status=text("'done'"), done_at=value(InboxRow, "done_at", called="now"), body_sealed=null())
        .returning(_table.c.id)
    )
)
_first = Asked(
    lambda dialect: (
        select(_table.c.sender, func.min(_table.c.seq))
        .where(_OPEN, _table.c.status == text("'new'"), among(_table.c.sender, "senders", dialect))
        .group_by(_table.c.sender)
    )
)
_keep_ack = Batch(
    lambda _: (
        update(_table)
        .where(_table.c.id == value(InboxRow, "id", called="key"))
        .values(ack_sealed=value(InboxRow, "ack_sealed"))
    )
)


class Inbox:
    """Stores, finishes, and finds again what a crash left undone."""

    def __init__(self, commits: GroupCommit, vault: Vault, clock: Clock, replica: Replica) -> None:
        self._insert = Together(commits, self._insert_all)
        self._vault = vault
        self._clock = clock
        self._replica = replica

    async def store(self, item: Item) -> bool:
        """Keep a frame durably; False when its id was stored before."""
        reach("inbox.received")
        fresh = await self._insert(item)
        reach("inbox.stored")
        return fresh

    async def _insert_all(self, session: AsyncSession, items: list[Item]) -> list[bool]:
        return await self.insert(session, items)

    async def insert(self, session: AsyncSession, items: Sequence[Item], done: Collection[str] = ()) -> list[bool]:
        """Insert what isn't there yet, marked as done where this transaction does it; of two with one id the first
        counts.
        """
        now = self._clock.now()
        known = {id for (id,) in await _known(session, ids=[item.id for item in items])}
        fresh: dict[str, Item] = {}
        for item in items:
            if item.id not in known:
                fresh.setdefault(item.id, item)
        all_ours = await _insert(
            session,
            [
                {
                    "seq": item.seq,
                    "id": item.id,
                    "kind": item.kind,
                    "sender": item.sender,
                    "status": "done" if item.id in done else "new",
                    "body_sealed": None if item.id in done else self._vault.seal(item.body, "inbox", item.id),
                    "done_at": now if item.id in done else None,
                    "owner": self._replica.name if item.held else None,
                }
                for item in fresh.values()
            ],
            received_at=now,
            attempts=0,
        )
        if not all_ours:  # Another replica may have been told in the same instant.
            ours = {seq for (seq,) in await _ours(session, seqs=[item.seq for item in fresh.values()])}
            fresh = {name: item for name, item in fresh.items() if item.seq in ours}
        return [fresh.get(item.id) is item for item in items]

    async def claim(self, session: AsyncSession, ids: Sequence[str]) -> Collection[str]:
        """Mark frames done in the transaction that does them, before anything else is written there.

        Gives those that weren't done before, by us in a commit whose answer got lost, or by whoever took them over.
        """
        found = await _claim(session, ids=list(ids), me=self._replica.name, now=self._clock.now())
        claimed = {id for (id,) in found}
        reach("inbox.claimed")
        return claimed

    async def firsts(self, session: AsyncSession, senders: Collection[str]) -> dict[str, int]:
        """Give each sender's oldest unfinished frame, whichever replica has it."""
        return dict(await _first(session, senders=list(senders)))

    async def keep_acks(self, session: AsyncSession, acks: Sequence[tuple[str, str]]) -> None:
        """Keep clicks' acks for a repeat."""
        await _keep_ack(
            session, [{"key": id, "ack_sealed": self._vault.seal(ack, "inbox.ack", id)} for id, ack in acks]
        )

    async def failed(self, session: AsyncSession, item: Item, error: str) -> bool:
        """Put a frame aside for the operator; its body stays, sealed, so that it can be worked again."""
        put = await session.exec(
            update(InboxRow)
            .where(
                col(InboxRow.id) == item.id, col(InboxRow.status) == "new", col(InboxRow.owner) == self._replica.name
            )
            .values(status="failed", error=error[:64], attempts=col(InboxRow.attempts) + 1)
        )
        return bool(put.rowcount)

    async def kept_ack(self, session: AsyncSession, item_id: str) -> str | None:
        """Give the ack that a frame got, for the ten minutes it is kept."""
        row = (await session.exec(select(InboxRow).where(InboxRow.id == item_id))).first()
        if row is None or row.ack_sealed is None or row.done_at is None:
            return None
        if row.done_at + ACK_KEPT < self._clock.now():
            return None
        return self._vault.open(row.ack_sealed, "inbox.ack", item_id)

    async def take_over(self, session: AsyncSession, most: int) -> list[Item]:
        """Take what nobody alive works on, oldest first."""
        wanted = (
            select(col(InboxRow.seq))
            .where(_OPEN, InboxRow.status == "new", self._replica.ownerless(InboxRow.owner, session))
            .order_by(col(InboxRow.seq) + 0)
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        free = list(await session.exec(wanted))
        await session.exec(update(InboxRow).where(col(InboxRow.seq).in_(free)).values(owner=self._replica.name))
        found = await session.exec(select(InboxRow).where(col(InboxRow.seq).in_(free)).order_by(col(InboxRow.seq)))
        items = [self._item(row) for row in found]
        if items:
            reach("inbox.taken_over")
        return items

    async def mine(self, session: AsyncSession) -> list[Item]:
        """Give what this process took in and hasn't finished, oldest first."""
        query = select(InboxRow).where(_OPEN, InboxRow.status == "new", InboxRow.owner == self._replica.name)
        return [self._item(row) for row in await session.exec(query.order_by(col(InboxRow.seq) + 0))]

    def _item(self, row: InboxRow) -> Item:
        body = self._vault.open(row.body_sealed or b"", "inbox", row.id)
        return Item(row.id, row.kind, row.sender, body, row.seq)  # type: ignore[arg-type]

    async def empty_old(self, session: AsyncSession) -> None:
        """Forget acks that nobody will ask for again."""
        await session.exec(
            update(InboxRow)
            .where(col(InboxRow.ack_sealed).is_not(None), col(InboxRow.done_at) < self._clock.now() - ACK_KEPT)
            .values(ack_sealed=None)
        )
