"""What a conversation remembers: the cards out there, an unfinished dialogue, and what a group is for."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import TextClause, text
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.clock import Clock
from hr_core.database import Row
from hr_core.database.batch import Asked, among, insert_new
from hr_core.notices import Group, Team
from hr_core.vault import Vault
from hr_core.vault.columns import sealed

DIALOGUE_LIFETIME = timedelta(minutes=30)
LATE = timedelta(seconds=2)
"""Words that come so long after they were said were delivered again, or waited: others may have come before them."""
ENDED = ""
"""The kind of a dialogue that is over; what is left of it is when the words were said that ended it."""


class CardRow(Row, table=True):
    """A card that was sent: what it shows now, to whom it went, and the `ref` it carries for good."""

    __tablename__ = "card"
    track_id: str = Field(primary_key=True, max_length=64)
    template: str = Field(max_length=16)
    view: str = Field(max_length=64)
    subject: int = Field(index=True)
    recipient: int = Field(foreign_key="employee.id", index=True)
    ref: str = Field(max_length=64)
    sent_at: datetime
    version: int = 1
    shown_until: datetime | None = None
    """Until when what it doesn't hold may be pulled."""


class DialogueRow(Row, table=True):
    """What a person was asked and has told so far; sealed, since people give reasons.

    `said_at` is when the last words were said that it, or what the person asked for, depends on: by DingTalk's clock.
    """

    __tablename__ = "dialogue"
    employee_id: int = Field(primary_key=True, foreign_key="employee.id")
    kind: str = Field(max_length=32)
    state_sealed: bytes
    version: int = 1
    expires_at: datetime
    said_at: datetime | None = None


sealed(DialogueRow, "state_sealed", "employee_id", lambda employee_id: ("dialogue", employee_id))


class GroupRow(Row, table=True):
    """The conversation that a purpose is bound to."""

    __tablename__ = "bound_group"
    purpose: str = Field(primary_key=True, max_length=16)
    conversation_id: str = Field(max_length=128)
    title: str = ""
    bound_by: str = Field(max_length=64)
    bound_at: datetime


_insert_cards = insert_new(CardRow, tuple(CardRow.model_fields), unless="track_id")
_in_dialogue = Asked(
    lambda dialect: select(col(DialogueRow.employee_id)).where(among(col(DialogueRow.employee_id), "people", dialect))
)
_NO_DIALOGUE = "dinghr.no_dialogue"
_LOOKING = text("select pg_advisory_xact_lock_shared(hashtext(:kind), :subject)")
_LOOKED = text("select pg_advisory_xact_lock(hashtext(:kind), :subject)")


class CardStore:
    """The cards out there."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(self, track_id: str) -> CardRow | None:
        """Find a card by its track id."""
        return await self._session.get(CardRow, track_id)

    async def showing(self, kind: str, subject: int) -> list[CardRow]:
        """Give the cards that show one record: the views of its kind are named `<kind>.…`.

        A card that is kept while this transaction lasts isn't among them: whoever keeps it waits; see `looked_for`.
        """
        await self._lock(_LOOKING, kind, subject)
        query = select(CardRow).where(col(CardRow.view).startswith(f"{kind}."), CardRow.subject == subject)
        return list(await self._session.exec(query.order_by(col(CardRow.track_id))))

    async def looked_for(self, view: str, subject: int) -> None:
        """Wait for whoever looked for a record's cards before one was kept that this transaction can see.

        What they change is seen from here on; whoever looks later sees the card. On SQLite writers go one by one.
        """
        await self._lock(_LOOKED, view.partition(".")[0], subject)

    async def _lock(self, lock: TextClause, kind: str, subject: int) -> None:
        connection = await self._session.connection()
        if connection.dialect.name == "postgresql":
            await connection.execute(lock, {"kind": f"card {kind}", "subject": subject})

    async def keep_new(self, rows: Sequence[CardRow]) -> None:
        """Keep new cards; one that is there already stays as it is."""
        await _insert_cards(self._session, [row.model_dump() for row in rows])

    def save(self, row: CardRow) -> None:
        """Keep a new or changed card."""
        self._session.add(row)


class Dialogues:
    """One unfinished dialogue a person; it lapses by itself.

    `said_at` is when the words were said that are worked now, None for what isn't said. Words that come late, after
    others that were said later, find no dialogue: they aren't an answer to a question that was asked since.
    """

    def __init__(self, session: AsyncSession, vault: Vault, clock: Clock, said_at: datetime | None = None) -> None:
        self._session = session
        self._vault = vault
        self._clock = clock
        self._said_at = said_at

    async def read_ahead(self, people: Collection[int]) -> None:
        """Look for the dialogues of everybody who writes in this transaction at once: most have none."""
        found = await _in_dialogue(self._session, people=list(people))
        self._session.info[_NO_DIALOGUE] = frozenset(people) - {person for (person,) in found}

    async def current(self, employee_id: int) -> tuple[str, dict[str, Any]] | None:
        """Give the kind and what was told so far, unless it has lapsed."""
        if employee_id in self._session.info.get(_NO_DIALOGUE, ()):
            return None
        row = await self._session.get(DialogueRow, employee_id)
        if row is None or row.kind == ENDED or self._lapsed(row) or self._older(row):
            return None
        return row.kind, json.loads(self._vault.open(row.state_sealed, "dialogue", employee_id))

    async def keep(self, employee_id: int, kind: str, state: Mapping[str, Any]) -> None:
        """Remember where the dialogue stands."""
        await self._keep(employee_id, kind, state, self._said_at)

    async def end(self, employee_id: int) -> None:
        """Forget the dialogue."""
        row = await self._session.get(DialogueRow, employee_id, with_for_update=True)
        if row is not None:
            await self._session.delete(row)

    async def done(self, employee_id: int) -> None:
        """End the dialogue, since what it was about was done."""
        await self._keep(employee_id, ENDED, {}, self._said_at or self._clock.now())

    async def settled(self, employee_id: int) -> None:
        """Note that something this person asked for has come to its end; what they are filling in goes on."""
        row = await self._session.get(DialogueRow, employee_id, with_for_update=True)
        if row is None or self._lapsed(row):
            await self.done(employee_id)
        else:
            row.said_at = self._said_at or self._clock.now()

    async def overtaken(self, employee_id: int) -> bool:
        """Tell whether these words came late, and something this person said after them has taken effect."""
        if not self._late:
            return False
        row = await self._session.get(DialogueRow, employee_id)
        return row is not None and not self._lapsed(row) and self._older(row)

    @property
    def _late(self) -> bool:
        return self._said_at is not None and self._clock.now() - self._said_at > LATE

    def _older(self, row: DialogueRow) -> bool:
        return self._late and row.said_at is not None and self._said_at is not None and self._said_at < row.said_at

    def _lapsed(self, row: DialogueRow) -> bool:
        return row.expires_at <= self._clock.now()

    async def _keep(self, employee_id: int, kind: str, state: Mapping[str, Any], said_at: datetime | None) -> None:
        self._session.info.pop(_NO_DIALOGUE, None)
        row = await self._session.get(DialogueRow, employee_id, with_for_update=True)
        sealed = self._vault.seal(json.dumps(state, ensure_ascii=False), "dialogue", employee_id)
        expires_at = self._clock.now() + DIALOGUE_LIFETIME
        if row is None:
            row = DialogueRow(employee_id=employee_id, kind=kind, state_sealed=sealed, expires_at=expires_at)
        else:
            row.kind, row.state_sealed, row.expires_at, row.version = kind, sealed, expires_at, row.version + 1
        if said_at is not None:
            row.said_at = said_at
        self._session.add(row)


class Groups:
    """Which conversation serves which purpose; a prepared installation names the HR group in its settings."""

    def __init__(self, session: AsyncSession, clock: Clock, prepared: Mapping[Group, str]) -> None:
        self._session = session
        self._clock = clock
        self._prepared = prepared

    async def conversation(self, purpose: Group | Team) -> str | None:
        """Give the conversation bound in the chat, else the prepared one, else nothing."""
        row = await self._session.get(GroupRow, purpose.value)
        if row is None:
            return self._prepared.get(purpose) if isinstance(purpose, Group) else None
        return row.conversation_id

    async def bind(self, purpose: Group | Team, conversation_id: str, title: str, bound_by: str) -> None:
        """Bind a conversation to a purpose, instead of the one before."""
        row = await self._session.get(GroupRow, purpose.value, with_for_update=True)
        if row is None:
            row = GroupRow(purpose=purpose.value, conversation_id="", bound_by="", bound_at=self._clock.now())
        row.conversation_id, row.title, row.bound_by = conversation_id, title, bound_by
        row.bound_at = self._clock.now()
        self._session.add(row)
