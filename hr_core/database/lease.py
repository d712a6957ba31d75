"""One leader where there must be only one: a row that is held by name for a while, with a token for each holder.

Hold it in the transaction that needs it. The row stays locked until that commits, so nobody else leads meanwhile; and
a holder that slept while another took over finds its token gone and writes nothing.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, func, or_, update
from sqlmodel import Field, col
from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.database.types import Row
from hr_core.database.upsert import insert_into


class LeaseRow(Row, table=True):
    """Who leads in what, and until when. The token grows with every change of hands."""

    __tablename__ = "lease"
    name: str = Field(primary_key=True, max_length=32)
    owner: str = Field(max_length=64)
    token: int
    until: datetime


class Lease:
    """One process' claim on one lease. Time is real, the server's where several machines share it."""

    def __init__(self, name: str, owner: str, lasting: timedelta) -> None:
        self.name = name
        self.owner = owner
        self.lasting = lasting
        self.token: int | None = None

    async def hold(self, session: AsyncSession, *, steal: bool = False) -> bool:
        """Take or keep the lease until this transaction commits and `lasting` beyond; False when another leads.

        `steal` takes it from whoever has it: their next hold fails.
        """
        server = session.get_bind().dialect.name == "postgresql"
        now: Any = func.clock_timestamp() if server else datetime.now(UTC)
        table: Any = LeaseRow.__table__  # type: ignore[attr-defined]
        mine = and_(table.c.owner == self.owner, table.c.token == (self.token or 0))
        taken = insert_into(LeaseRow, session).values(
            name=self.name, owner=self.owner, until=now + self.lasting, token=1
        )
        statement = taken.on_conflict_do_update(
            index_elements=["name"],
            set_={
                "owner": self.owner,
                "until": now + self.lasting,
                "token": case((mine, table.c.token), else_=table.c.token + 1),
            },
            where=None if steal else or_(mine, table.c.until < now),
        ).returning(table.c.token)
        found = (await (await session.connection()).execute(statement)).scalar()
        self.token = found
        return found is not None

    async def release(self, session: AsyncSession) -> None:
        """Give it up, so that the next needn't wait."""
        mine = and_(col(LeaseRow.owner) == self.owner, col(LeaseRow.token) == (self.token or 0))
        over = datetime.now(UTC) - timedelta(days=1)
        await session.exec(update(LeaseRow).where(col(LeaseRow.name) == self.name, mine).values(until=over))
        self.token = None
