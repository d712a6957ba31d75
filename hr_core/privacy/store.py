"""What people were told and agreed to, append-only, and what they asked to be corrected."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import LargeBinary
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.database import Row
from hr_core.people.store import EmployeeRow
from hr_core.vault.columns import sealed


class Answer(StrEnum):
    """What a consent row says: the notice was shown, a consent was given, or taken back."""

    TOLD = "told"
    GIVEN = "given"
    WITHDRAWN = "withdrawn"


class ConsentRow(Row, table=True):
    """One notice or consent; the newest of a purpose holds. `source` is the message it was said in."""

    __tablename__ = "consent"
    id: int | None = Field(default=None, primary_key=True)
    employee_id: int = Field(foreign_key="employee.id", index=True)
    purpose: str = Field(max_length=32)
    version: int
    answer: str = Field(max_length=16)
    at: datetime
    source: str | None = Field(default=None, max_length=200)


class CorrectionRow(Row, table=True):
    """A person's wish that something held about them be put right; `status`: pending, done, declined."""

    __tablename__ = "correction"
    id: int | None = Field(default=None, primary_key=True)
    employee_id: int = Field(foreign_key="employee.id", index=True)
    text_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    answer_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    status: str = Field(default="pending", max_length=16)
    asked_at: datetime
    decided_by: int | None = Field(default=None, foreign_key="employee.id")
    decided_at: datetime | None = None


sealed(CorrectionRow, "text_sealed", "id", lambda number: ("correction", "text", number))
sealed(CorrectionRow, "answer_sealed", "id", lambda number: ("correction", "answer", number))

NOTICE = "notice"
"""The purpose under which it is kept that somebody was told how their data are used."""


class PrivacyStore:
    """Reads and writes notices, consents and corrections."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def newest(self, employee_id: int, purpose: str) -> ConsentRow | None:
        """Give what a person last said to a purpose."""
        query = select(ConsentRow).where(ConsentRow.employee_id == employee_id, ConsentRow.purpose == purpose)
        return (await self._session.exec(query.order_by(col(ConsentRow.id).desc()).limit(1))).first()

    async def hold_answers(self, employee_id: int, *, to_change: bool = False) -> None:
        """Keep a person's answers as they are until the transaction ends; `to_change` waits for who relies on them."""
        held = select(EmployeeRow.id).where(EmployeeRow.id == employee_id)
        await self._session.exec(held.with_for_update(read=not to_change, key_share=to_change))

    async def consents(self, employee_id: int) -> Sequence[ConsentRow]:
        """Give everything a person was told and agreed to, oldest first."""
        query = select(ConsentRow).where(ConsentRow.employee_id == employee_id).order_by(col(ConsentRow.id))
        return (await self._session.exec(query)).all()

    async def corrections(self, employee_id: int) -> Sequence[CorrectionRow]:
        """Give a person's corrections, oldest first."""
        query = select(CorrectionRow).where(CorrectionRow.employee_id == employee_id).order_by(col(CorrectionRow.id))
        return (await self._session.exec(query)).all()

    async def pending_corrections(self, employee_id: int) -> int:
        """Count a person's corrections that nobody has answered yet."""
        return sum(row.status == "pending" for row in await self.corrections(employee_id))

    async def locked(self, correction_id: int) -> CorrectionRow | None:
        """Find a correction and hold it."""
        return await self._session.get(CorrectionRow, correction_id, with_for_update=True)

    def add(self, row: ConsentRow | CorrectionRow) -> None:
        """Keep a new or changed row."""
        self._session.add(row)

    async def flush(self) -> None:
        """Let new rows have their numbers."""
        await self._session.flush()
