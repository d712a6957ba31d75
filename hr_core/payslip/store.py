"""Tables of payslips and of objections to them. Lines and words are sealed; who hasn't the grant gets none opened."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, UniqueConstraint, func
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.clock import company_day
from hr_core.database import Row
from hr_core.payslip.model import Component, Kind, Line, Slip
from hr_core.permission.checker import Grant, ListGrant
from hr_core.permission.matrix import Action
from hr_core.permission.store import only
from hr_core.vault import Vault
from hr_core.vault.columns import sealed


class PayslipBatchRow(Row, table=True):
    """A month's sheet, or a correction of one (`version` 2 and up, with its reason); `digest` is the file's.

    `done` counts whose payslips are released so far, `told` those of them who are still here and get a notice.
    """

    __tablename__ = "payslip_batch"
    id: int | None = Field(default=None, primary_key=True)
    month: date = Field(index=True)
    version: int
    status: str = Field(max_length=16)
    digest: str = Field(max_length=64)
    people: int = 0
    done: int = 0
    told: int = 0
    reason: str | None = Field(default=None, max_length=200)
    prepared_by: int = Field(foreign_key="employee.id")
    prepared_at: datetime
    released_by: int | None = Field(default=None, foreign_key="employee.id")
    released_at: datetime | None = None


class PayslipLayoutRow(Row, table=True):
    """What each column of a sheet is, remembered by the digest of its header for the next month."""

    __tablename__ = "payslip_layout"
    digest: str = Field(primary_key=True, max_length=64)
    columns: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    at: datetime


class PayslipRow(Row, table=True):
    """One person's payslip of one month (its first day); nobody sees it before it is released.

    A correction is another row with a higher version; the one it replaces is superseded and stays for the record.
    """

    __tablename__ = "payslip"
    __table_args__ = (UniqueConstraint("employee_id", "month", "version"),)
    id: int | None = Field(default=None, primary_key=True)
    batch_id: int | None = Field(default=None, foreign_key="payslip_batch.id", index=True)
    version: int = 1
    superseded_at: datetime | None = None
    employee_id: int = Field(foreign_key="employee.id", index=True)
    month: date = Field(index=True)
    lines_sealed: bytes | None = None
    released_at: datetime | None = Field(default=None, index=True)
    confirmed_at: datetime | None = None
    reminded_at: datetime | None = None


class PayslipDisputeRow(Row, table=True):
    """An objection to a line of a payslip (empty: to the whole), and payroll's answer."""

    __tablename__ = "payslip_dispute"
    id: int | None = Field(default=None, primary_key=True)
    payslip_id: int = Field(foreign_key="payslip.id", index=True)
    employee_id: int = Field(foreign_key="employee.id", index=True)
    line: str = Field(default="", max_length=64)
    words_sealed: bytes | None = None
    answer_sealed: bytes | None = None
    status: str = Field(default="open", max_length=8)
    asked_at: datetime
    answered_by: int | None = Field(default=None, foreign_key="employee.id")
    answered_at: datetime | None = None


sealed(PayslipRow, "lines_sealed", "id", lambda number: ("pay", "slip", number))
sealed(PayslipDisputeRow, "words_sealed", "id", lambda number: ("pay", "dispute", number))
sealed(PayslipDisputeRow, "answer_sealed", "id", lambda number: ("pay", "answer", number))


def sealed_lines(vault: Vault, number: int, lines: Sequence[Line]) -> bytes:
    """Give the lines of a payslip as they are kept."""
    told = [[one.component.code, one.component.label, one.component.kind.value, str(one.amount)] for one in lines]
    return vault.seal(json.dumps(told, ensure_ascii=False), "pay", "slip", number)


class PayslipStore:
    """Payslips and objections. What is opened takes the grant of whom it is about."""

    def __init__(self, session: AsyncSession, vault: Vault) -> None:
        self._session = session
        self._vault = vault

    async def row(self, number: int, *, to_change: bool = False) -> PayslipRow | None:
        """Find a released payslip's row; nothing in it is opened."""
        row = await self._session.get(PayslipRow, number, with_for_update=to_change or None)
        return row if row is not None and row.released_at is not None else None

    async def rows_of(self, employee_id: int) -> list[PayslipRow]:
        """Give the rows of a person's released payslips, newest month first."""
        query = select(PayslipRow).where(
            PayslipRow.employee_id == employee_id,
            col(PayslipRow.released_at).is_not(None),
            col(PayslipRow.superseded_at).is_(None),
        )
        return list(await self._session.exec(query.order_by(col(PayslipRow.month).desc())))

    async def released(self, grant: Grant, employee_id: int, month: date) -> Slip | None:
        """Open the payslip that was released to a person for a month."""
        row = next((row for row in await self.rows_of(employee_id) if row.month == month), None)
        return self.opened(row, grant) if row is not None else None

    def opened(self, row: PayslipRow, grant: Grant) -> Slip:
        """Open a payslip for its owner."""
        if not grant.covers(Action.PAYSLIP_VIEW, row.employee_id):
            msg = "a payslip is opened by its owner's grant"
            raise PermissionError(msg)
        number = row.id or 0
        told: list[list[str]] = json.loads(self._vault.open(row.lines_sealed or b"", "pay", "slip", number))
        lines = tuple(Line(Component(code, label, Kind(kind)), Decimal(amount)) for code, label, kind, amount in told)
        confirmed = company_day(row.confirmed_at) if row.confirmed_at else None
        return Slip(number, row.employee_id, row.month, lines, confirmed)

    async def unconfirmed(self, released_before: datetime, after: int, most: int) -> list[PayslipRow]:
        """Give payslips that nobody confirmed, disputed or was reminded of, by person, in chunks of whole people."""
        disputed = select(PayslipDisputeRow.payslip_id)
        where = (
            col(PayslipRow.released_at) < released_before,
            col(PayslipRow.superseded_at).is_(None),
            col(PayslipRow.confirmed_at).is_(None),
            col(PayslipRow.reminded_at).is_(None),
            col(PayslipRow.id).not_in(disputed),
            col(PayslipRow.employee_id) > after,
        )
        people = select(PayslipRow.employee_id).where(*where).distinct().order_by(col(PayslipRow.employee_id))
        chosen = list(await self._session.exec(people.limit(most)))
        query = select(PayslipRow).where(*where, col(PayslipRow.employee_id).in_(chosen))
        return list(await self._session.exec(query.order_by(col(PayslipRow.employee_id), col(PayslipRow.month))))

    async def newest_month(self) -> date | None:
        """Give the newest month of which anything was released."""
        query = select(func.max(PayslipRow.month)).where(col(PayslipRow.released_at).is_not(None))
        return (await self._session.exec(query)).one()

    async def counts(self, grant: ListGrant, month: date) -> tuple[int, int, int, int]:
        """Count a month's released payslips: all, confirmed, objections, objections without an answer."""
        mine = only(PayslipRow.employee_id, grant.reached)
        current = col(PayslipRow.superseded_at).is_(None)
        of_month = (PayslipRow.month == month, col(PayslipRow.released_at).is_not(None), current, mine)
        query: Any = select(func.count(), func.count(col(PayslipRow.confirmed_at))).where(*of_month)
        released, confirmed = (await self._session.exec(query)).one()
        disputes: Any = (
            select(func.count(), func.count().filter(col(PayslipDisputeRow.status) == "open"))
            .select_from(PayslipDisputeRow)
            .join(PayslipRow, col(PayslipRow.id) == col(PayslipDisputeRow.payslip_id))
            .where(*of_month)
        )
        disputed, open_ = (await self._session.exec(disputes)).one()
        return released, confirmed, disputed, open_

    async def dispute(self, number: int, *, to_change: bool = False) -> PayslipDisputeRow | None:
        """Find an objection."""
        return await self._session.get(PayslipDisputeRow, number, with_for_update=to_change or None)

    async def newest_dispute(self, payslip_id: int) -> int:
        """Give the number of the newest objection to a payslip, or nothing: 0."""
        query = select(func.max(PayslipDisputeRow.id)).where(PayslipDisputeRow.payslip_id == payslip_id)
        return (await self._session.exec(query)).one() or 0

    def words(self, row: PayslipDisputeRow) -> str:
        """Open what was objected."""
        return self._vault.open(row.words_sealed, "pay", "dispute", row.id or 0) if row.words_sealed else ""

    def answer(self, row: PayslipDisputeRow) -> str:
        """Open what payroll answered."""
        return self._vault.open(row.answer_sealed, "pay", "answer", row.id or 0) if row.answer_sealed else ""

    async def add_dispute(self, row: PayslipDisputeRow, words: str) -> int:
        """Keep an objection; gives its number."""
        self._session.add(row)
        await self._session.flush()
        number = row.id or 0
        row.words_sealed = self._vault.seal(words, "pay", "dispute", number)
        self._session.add(row)
        return number

    def keep_answer(self, row: PayslipDisputeRow, answer: str) -> None:
        """Keep payroll's answer."""
        row.answer_sealed = self._vault.seal(answer, "pay", "answer", row.id or 0)
        self._session.add(row)

    def save(self, row: PayslipRow | PayslipDisputeRow) -> None:
        """Keep a changed row."""
        self._session.add(row)
