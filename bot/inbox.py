"""The inbox: a frame is stored under its id before it is acknowledged, worked once, and emptied when done."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import LargeBinary, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.commits import GroupCommit, Together
from hr_core.clock import Clock
from hr_core.database import Row
from hr_core.vault import Vault

Kind = Literal["message", "click", "event"]
ACK_KEPT = timedelta(minutes=10)


class InboxRow(Row, table=True):
    """A frame. The id stays for good; the sealed body goes when the work is done, the ack ten minutes later."""

    __tablename__ = "inbox"
    id: str = Field(primary_key=True, max_length=200)
    kind: str = Field(max_length=16)
    sender: str = Field(max_length=200)
    received_at: datetime
    status: str = Field(default="new", max_length=8, index=True)
    body_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    ack_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    done_at: datetime | None = None
    attempts: int = 0
    owner: str | None = Field(default=None, max_length=64)
    leased_until: datetime | None = None
    error: str | None = Field(default=None, max_length=64)


@dataclass(frozen=True, slots=True)
class Item:
    """A stored frame to work on. `sender` orders the work: one person's messages are done one after another."""

    id: str
    kind: Kind
    sender: str
    body: str


class Inbox:
    """Stores, finishes, and finds again what a crash left undone."""

    def __init__(self, commits: GroupCommit, vault: Vault, clock: Clock) -> None:
        self._insert = Together(commits, self._insert_all)
        self._vault = vault
        self._clock = clock

    async def store(self, item: Item) -> bool:
        """Keep a frame durably; False when its id was stored before."""
        return await self._insert(item)

    async def _insert_all(self, session: AsyncSession, items: list[Item]) -> list[bool]:
        """Insert what isn't there yet, in one statement; of two with one id the first counts."""
        now = self._clock.now()
        rows = [
            {
                "id": item.id,
                "kind": item.kind,
                "sender": item.sender,
                "received_at": now,
                "status": "new",
                "body_sealed": self._vault.seal(item.body, "inbox", item.id),
                "attempts": 0,
            }
            for item in {item.id: item for item in reversed(items)}.values()
        ]
        table = InboxRow.__table__  # type: ignore[attr-defined]
        maker = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
        statement = maker(table).values(rows).on_conflict_do_nothing(index_elements=["id"]).returning(table.c.id)
        fresh = set((await session.exec(statement)).scalars())
        results = []
        for item in items:
            results.append(item.id in fresh)
            fresh.discard(item.id)
        return results

    async def claim(self, session: AsyncSession, item: Item) -> bool:
        """Mark a frame done in the transaction that does it, before anything else is written there.

        False when it was done before: by another replica, or by us in a commit whose answer got lost.
        """
        done = update(InboxRow).where(col(InboxRow.id) == item.id, col(InboxRow.status) == "new")
        result = await session.exec(done.values(status="done", done_at=self._clock.now(), body_sealed=None))
        return bool(result.rowcount)

    async def keep_ack(self, session: AsyncSession, item: Item, ack: str) -> None:
        """Keep a click's ack for a repeat."""
        sealed = self._vault.seal(ack, "inbox.ack", item.id)
        await session.exec(update(InboxRow).where(col(InboxRow.id) == item.id).values(ack_sealed=sealed))

    async def failed(self, session: AsyncSession, item: Item, error: str) -> None:
        """Put a frame aside for the operator; its body stays, sealed, so that it can be worked again."""
        await session.exec(
            update(InboxRow)
            .where(col(InboxRow.id) == item.id, col(InboxRow.status) == "new")
            .values(status="failed", error=error[:64], attempts=InboxRow.attempts + 1)
        )

    async def kept_ack(self, session: AsyncSession, item_id: str) -> str | None:
        """Give the ack that a frame got, for the ten minutes it is kept."""
        row = await session.get(InboxRow, item_id)
        if row is None or row.ack_sealed is None or row.done_at is None:
            return None
        if row.done_at + ACK_KEPT < self._clock.now():
            return None
        return self._vault.open(row.ack_sealed, "inbox.ack", item_id)

    async def undone(self, session: AsyncSession, *, older_than: timedelta = timedelta(0)) -> list[Item]:
        """Give what was stored and never finished, oldest first."""
        stored = col(InboxRow.received_at) <= self._clock.now() - older_than
        query = (
            select(InboxRow)
            .where(InboxRow.status == "new", stored)
            .order_by(col(InboxRow.received_at), col(InboxRow.id))
        )
        return [
            Item(row.id, row.kind, row.sender, self._vault.open(row.body_sealed, "inbox", row.id))  # type: ignore[arg-type]
            for row in await session.exec(query)
            if row.body_sealed is not None
        ]

    async def empty_old(self, session: AsyncSession) -> None:
        """Forget acks that nobody will ask for again."""
        await session.exec(
            update(InboxRow)
            .where(col(InboxRow.ack_sealed).is_not(None), col(InboxRow.done_at) < self._clock.now() - ACK_KEPT)
            .values(ack_sealed=None)
        )
