"""The audit log: append-only rows, written in the transaction of what they tell about."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.clock import Clock
from hr_core.database import Row

Outcome = Literal["allowed", "refused"]

SYSTEM = "system"
"""The actor of what nobody asked for: imports, yearly grants."""
OPERATOR = "operator"
"""The actor of a command typed on the server, where the operating system knows the person and we don't."""


class AuditRow(Row, table=True):
    """One act. `actor` and `on` are people's keys, or `system` / `operator`; `record` is `kind:number`."""

    __tablename__ = "audit"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(index=True)
    actor: str = Field(max_length=64, index=True)
    action: str = Field(max_length=64)
    on: str | None = Field(default=None, max_length=64, sa_column_kwargs={"name": "on_whom"})
    record: str | None = Field(default=None, max_length=128)
    outcome: str = Field(max_length=16)
    why: str | None = None
    source: str | None = Field(default=None, max_length=200)


@dataclass(frozen=True, slots=True)
class Act:
    """What an audit row says, before it has an instant."""

    actor: str
    action: str
    on: str | None = None
    record: str | None = None
    outcome: Outcome = "allowed"
    why: str | None = None


class AuditLog:
    """Writes to the log within the caller's transaction. `source` is the message or command that caused it all."""

    def __init__(self, session: AsyncSession, clock: Clock, source: str | None = None) -> None:
        self._session = session
        self._clock = clock
        self._source = source

    def record(self, act: Act) -> None:
        """Append one row."""
        self._session.add(
            AuditRow(
                at=self._clock.now(),
                actor=act.actor,
                action=act.action,
                on=act.on,
                record=act.record,
                outcome=act.outcome,
                why=act.why,
                source=self._source,
            )
        )

    async def entries(self, limit: int = 1000) -> list[AuditRow]:
        """Give the newest rows, oldest of them first."""
        newest = await self._session.exec(select(AuditRow).order_by(col(AuditRow.id).desc()).limit(limit))
        return list(reversed(newest.all()))
