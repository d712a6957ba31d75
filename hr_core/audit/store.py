"""The audit log: append-only rows, written in the transaction of what they tell about.

Rows are sealed afterwards (`sealer.py`); the database refuses every other change of one, and its removal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import BigInteger, Index, or_, text
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from hr_core.clock import Clock
from hr_core.database import Row
from hr_core.database.engine import is_reading, put_aside, taken_aside

Outcome = Literal["allowed", "refused"]

SYSTEM = "system"
"""The actor of what nobody asked for: imports, yearly grants."""
OPERATOR = "operator"
"""The actor of a command typed on the server, where the operating system knows the person and we don't."""

_UNSEALED = text("seq IS NULL")


class AuditRow(Row, table=True):
    """One act. `actor`, `behalf` and `on` are people's keys, or `system` / `operator`; `record` is `kind:number`.

    `seq`, `seal` and `seal_key` are empty until the row is sealed, and then stay.
    """

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_unsealed", "id", sqlite_where=_UNSEALED, postgresql_where=_UNSEALED),)
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(index=True)
    actor: str = Field(max_length=64, index=True)
    behalf: str | None = Field(default=None, max_length=64)
    action: str = Field(max_length=64)
    on: str | None = Field(default=None, max_length=64, index=True, sa_column_kwargs={"name": "on_whom"})
    record: str | None = Field(default=None, max_length=128)
    outcome: str = Field(max_length=16)
    why: str | None = None
    conversation: str | None = Field(default=None, max_length=128)
    source: str | None = Field(default=None, max_length=200)
    seq: int | None = Field(default=None, sa_type=BigInteger, unique=True)
    seal: bytes | None = None
    seal_key: str | None = Field(default=None, max_length=64)


class ChainRow(Row, table=True):
    """How long the chain is: its last seal, and a seal over its length. One row."""

    __tablename__ = "audit_chain"
    id: int = Field(primary_key=True)
    seq: int = Field(sa_type=BigInteger)
    seal: bytes
    tail: bytes
    seal_key: str = Field(max_length=64)


@dataclass(frozen=True, slots=True)
class Act:
    """What an audit row says, before it has an instant. `behalf` is for whom the actor acted, if not for themselves."""

    actor: str
    action: str
    on: str | None = None
    record: str | None = None
    outcome: Outcome = "allowed"
    why: str | None = None
    behalf: str | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows an auditor asks for; what is None doesn't matter. `action` and `record` may end with `*`."""

    actor: str | None = None
    on: str | None = None
    action: str | None = None
    record: str | None = None
    outcome: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    """The first instant that doesn't belong to it any more."""
    about: str | None = None
    """Who did it or whom it concerns."""
    actions: tuple[str, ...] | None = None
    """Any of these; each may end with `*`."""
    but_by: tuple[str, ...] | None = None
    """Not what these did."""

    def narrow(self, query: Any) -> Any:
        """Narrow a query on the log's table."""
        for column, value in (("actor", self.actor), ("on", self.on), ("outcome", self.outcome)):
            if value is not None:
                query = query.where(col(getattr(AuditRow, column)) == value)
        for column, value in (("action", self.action), ("record", self.record)):
            if value is not None:
                query = query.where(_like(column, value))
        if self.about is not None:
            query = query.where(or_(col(AuditRow.actor) == self.about, col(AuditRow.on) == self.about))
        if self.actions is not None:
            query = query.where(or_(*(_like("action", value) for value in self.actions)))
        if self.but_by is not None:
            query = query.where(col(AuditRow.actor).not_in(self.but_by))
        if self.since is not None:
            query = query.where(col(AuditRow.at) >= self.since)
        return query.where(col(AuditRow.at) < self.until) if self.until is not None else query

    def as_dict(self) -> dict[str, str]:
        """Give what was asked for, for the record."""
        asked = {name: getattr(self, name) for name in self.__slots__}
        return {name: str(value) for name, value in asked.items() if value is not None}


def _like(column: str, value: str) -> Any:
    named = col(getattr(AuditRow, column))
    return named.startswith(value[:-1], autoescape=True) if value.endswith("*") else named == value


class AuditLog:
    """Writes to the log within the caller's transaction.

    `source` is the message or command that caused it all, `conversation` where that was said. In a reading, which
    keeps nothing, acts are put aside for `acts_of`.
    """

    def __init__(
        self, session: AsyncSession, clock: Clock, source: str | None = None, conversation: str | None = None
    ) -> None:
        self._session = session
        self._clock = clock
        self._source = source
        self._conversation = conversation

    def record(self, act: Act) -> None:
        """Append one row."""
        row = AuditRow(
            at=self._clock.now(),
            actor=act.actor,
            behalf=act.behalf,
            action=act.action,
            on=act.on,
            record=act.record,
            outcome=act.outcome,
            why=act.why,
            conversation=self._conversation,
            source=self._source,
        )
        if is_reading(self._session):
            put_aside(self._session, row)
        else:
            self._session.add(row)

    async def entries(self, limit: int = 1000, asked: Filter | None = None) -> list[AuditRow]:
        """Give the newest rows, oldest of them first."""
        query: SelectOfScalar[AuditRow] = (asked or Filter()).narrow(select(AuditRow))
        newest = await self._session.exec(query.order_by(col(AuditRow.id).desc()).limit(limit))
        return list(reversed(newest.all()))

    async def newest(self, asked: Filter, limit: int, *, before: int = 0) -> Sequence[AuditRow]:
        """Give some rows, newest first; with `before`, those older than that row."""
        query: SelectOfScalar[AuditRow] = asked.narrow(select(AuditRow))
        if before:
            query = query.where(col(AuditRow.id) < before)
        return (await self._session.exec(query.order_by(col(AuditRow.id).desc()).limit(limit))).all()


def acts_of(session: AsyncSession) -> tuple[AuditRow, ...]:
    """Take the acts that a reading has put aside; whoever shows what was read writes them first."""
    return tuple(taken_aside(session))


async def write_acts(session: AsyncSession, acts: Sequence[AuditRow]) -> None:
    """Write what a reading has put aside; again when a commit has failed."""
    session.add_all([AuditRow(**act.model_dump(exclude={"id"})) for act in acts])
