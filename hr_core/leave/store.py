"""Leave requests and the ledger. A balance is a sum of ledger rows; a correction is a new row."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ColumnElement, UniqueConstraint, and_, bindparam, func
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.database.batch import Asked, among
from hr_core.database.types import Row, Thousandths
from hr_core.leave.model import LeaveBalance, LeaveStatus
from hr_core.people.store import EmployeeRow
from hr_core.permission.checker import Grant, ListGrant
from hr_core.permission.matrix import Action
from hr_core.permission.store import only
from hr_core.vault.columns import sealed
from hr_core.workdays.model import Half, Span


class LeaveRequestRow(Row, table=True):
    """A request for leave; `version` counts its changes."""

    __tablename__ = "leave_request"
    id: int | None = Field(default=None, primary_key=True)
    employee_id: int = Field(foreign_key="employee.id", index=True)
    leave_type: str = Field(max_length=32)
    start: date = Field(index=True)
    start_half: str = Field(max_length=2)
    end: date = Field(index=True)
    end_half: str = Field(max_length=2)
    days: Decimal = Field(sa_type=Thousandths)
    status: str = Field(max_length=16, index=True)
    reason_sealed: bytes | None = None
    submitted_at: datetime
    closed_at: datetime | None = None
    route_version: int
    version: int = 1

    @property
    def span(self) -> Span:
        """The days and halves asked for."""
        return Span(self.start, Half(self.start_half), self.end, Half(self.end_half))


sealed(LeaveRequestRow, "reason_sealed", "id", lambda request_id: ("leave", "reason", request_id))


class EntryKind(StrEnum):
    """What a ledger row counts: days given, days held for a pending request, days taken."""

    GRANT = "grant"
    RESERVE = "reserve"
    TAKE = "take"


class LeaveLedgerRow(Row, table=True):
    """One movement of one person's leave of one type in one calendar year; never changed, never deleted.

    `once` names the cause, so that the same cause can't be booked twice.
    """

    __tablename__ = "leave_ledger"
    __table_args__ = (UniqueConstraint("employee_id", "once"),)
    id: int | None = Field(default=None, primary_key=True)
    employee_id: int = Field(foreign_key="employee.id", index=True)
    leave_type: str = Field(max_length=32)
    year: int
    kind: str = Field(max_length=16)
    days: Decimal = Field(sa_type=Thousandths)
    usable_from: date | None = None
    once: str = Field(max_length=64)
    request_id: int | None = Field(default=None, foreign_key="leave_request.id")
    at: datetime


_ledger = LeaveLedgerRow.__table__  # type: ignore[attr-defined]
_sums = Asked(
    lambda dialect: (
        select(_ledger.c.employee_id, _ledger.c.kind, func.sum(_ledger.c.days, type_=Thousandths))
        .where(
            among(_ledger.c.employee_id, "people", dialect),
            _ledger.c.leave_type == bindparam("leave_type"),
            _ledger.c.year == bindparam("year"),
            func.coalesce(_ledger.c.usable_from, bindparam("first", type_=_ledger.c.usable_from.type))
            <= bindparam("day"),
        )
        .group_by(_ledger.c.employee_id, _ledger.c.kind)
    )
)
_BALANCES = "dinghr.balances"


def _balance(sums: Mapping[str, Decimal]) -> LeaveBalance:
    return LeaveBalance(*(sums.get(kind.value, Decimal(0)) for kind in EntryKind))


OPEN_STATUSES = (LeaveStatus.PENDING.value, LeaveStatus.APPROVED.value)


class LeaveStore:
    """Queries and writes. What shows or changes somebody's leave takes the checker's grant for it."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def locked(self, request_id: int) -> LeaveRequestRow | None:
        """Find a request and hold it until the transaction ends; says nothing to anybody yet."""
        return await self._session.get(LeaveRequestRow, request_id, with_for_update=True)

    async def find(self, request_id: int) -> LeaveRequestRow | None:
        """Find a request, for the permission question that must follow."""
        return await self._session.get(LeaveRequestRow, request_id)

    async def hold_person(self, employee_id: int) -> None:
        """Let one request of a person be judged at a time: two at once must not spend the same day."""
        await self._session.get(EmployeeRow, employee_id, with_for_update=True)

    async def add(self, row: LeaveRequestRow, grant: Grant) -> int:
        """Keep a new request and give its number."""
        _must(grant, Action.LEAVE_APPLY, row.employee_id)
        self._session.add(row)
        await self._session.flush()
        return row.id or 0

    def close(self, row: LeaveRequestRow, status: LeaveStatus, at: datetime, grant: Grant) -> None:
        """Give a request its outcome."""
        if not (
            grant.covers(Action.LEAVE_DECIDE, row.employee_id) or grant.covers(Action.LEAVE_WITHDRAW, row.employee_id)
        ):
            msg = "the grant is for something else"
            raise PermissionError(msg)
        row.status = status.value
        row.closed_at = at
        row.version += 1
        self._session.add(row)

    def seal_reason(self, row: LeaveRequestRow, sealed: bytes) -> None:
        """Keep the reason, sealed for this request's number."""
        row.reason_sealed = sealed
        self._session.add(row)

    def book(self, entry: LeaveLedgerRow) -> None:
        """Append to the ledger."""
        self._session.add(entry)

    async def granted(self, employee_id: int, leave_type: str, year: int) -> dict[date | None, Decimal]:
        """Sum the grants of a year by the day from which they may be used; what cancels out is left out."""
        query = (
            select(col(LeaveLedgerRow.usable_from), func.sum(LeaveLedgerRow.days, type_=Thousandths))
            .where(*_of_year(employee_id, leave_type, year))
            .group_by(col(LeaveLedgerRow.usable_from))
        )
        return {day: Decimal(days) for day, days in await self._session.exec(query) if days}

    async def count(self, employee_id: int, leave_type: str, year: int) -> int:
        """Count the grants of a year, corrections included: the next one's number."""
        query = select(func.count()).select_from(LeaveLedgerRow).where(*_of_year(employee_id, leave_type, year))
        return (await self._session.exec(query)).one()

    async def read_balances_ahead(self, people: Collection[int], leave_type: str, day: date) -> None:
        """Sum the ledgers of many people at once; `balance` then answers from it, until this reading ends."""
        values = {"people": list(people), "leave_type": leave_type, "year": day.year, "first": date(day.year, 1, 1)}
        sums: dict[int, dict[str, Decimal]] = {person: {} for person in people}
        for person, kind, total in await _sums(self._session, **values, day=day):
            sums[person][kind] = total
        known = self._session.info.setdefault(_BALANCES, {})
        known |= {(person, leave_type, day): _balance(found) for person, found in sums.items()}

    async def balance(self, employee_id: int, leave_type: str, day: date, grant: Grant) -> LeaveBalance:
        """Sum the ledger for the year of `day`: days usable by then, held, and taken."""
        _must(grant, Action.LEAVE_VIEW, employee_id)
        known: LeaveBalance | None = self._session.info.get(_BALANCES, {}).get((employee_id, leave_type, day))
        if known is not None:
            return known
        await self._session.flush()
        values = {"people": [employee_id], "leave_type": leave_type, "year": day.year, "first": date(day.year, 1, 1)}
        found = await _sums(self._session, **values, day=day)
        return _balance({kind: total for _, kind, total in found})

    async def of_person(
        self, employee_id: int, grant: Grant, *, statuses: Iterable[str] | None = None
    ) -> list[LeaveRequestRow]:
        """Give a person's requests, newest first."""
        _must(grant, Action.LEAVE_VIEW, employee_id)
        query = select(LeaveRequestRow).where(LeaveRequestRow.employee_id == employee_id)
        if statuses is not None:
            query = query.where(col(LeaveRequestRow.status).in_(list(statuses)))
        return list(await self._session.exec(query.order_by(col(LeaveRequestRow.id).desc())))

    async def pending(self) -> list[LeaveRequestRow]:
        """Give every request that waits for a decision: for looking after them, not for showing."""
        query = select(LeaveRequestRow).where(LeaveRequestRow.status == LeaveStatus.PENDING.value)
        return list(await self._session.exec(query.order_by(col(LeaveRequestRow.id))))

    async def open_within(self, employee_id: int, span: Span) -> list[LeaveRequestRow]:
        """Give a person's pending and approved requests that touch the days of a span."""
        query = select(LeaveRequestRow).where(
            LeaveRequestRow.employee_id == employee_id,
            col(LeaveRequestRow.status).in_(OPEN_STATUSES),
            and_(col(LeaveRequestRow.start) <= span.end, col(LeaveRequestRow.end) >= span.start),
        )
        return list(await self._session.exec(query.order_by(col(LeaveRequestRow.id))))

    async def among(self, requests: Collection[int], over: ListGrant) -> list[LeaveRequestRow]:
        """Give those of some requests that the grant is over, oldest first."""
        _must_list(over, Action.LEAVE_VIEW)
        query = select(LeaveRequestRow).where(
            col(LeaveRequestRow.id).in_(list(requests)), only(LeaveRequestRow.employee_id, over.reached)
        )
        return list(await self._session.exec(query.order_by(col(LeaveRequestRow.id))))

    async def approved_on(self, day: date, over: ListGrant) -> list[LeaveRequestRow]:
        """Give the approved leave that touches a day: who is away, not why."""
        _must_list(over, Action.ABSENCE_VIEW)
        query = select(LeaveRequestRow).where(
            LeaveRequestRow.status == LeaveStatus.APPROVED.value,
            col(LeaveRequestRow.start) <= day,
            col(LeaveRequestRow.end) >= day,
            only(LeaveRequestRow.employee_id, over.reached),
        )
        return list(await self._session.exec(query.order_by(col(LeaveRequestRow.employee_id))))


def _must(grant: Grant, action: Action, employee_id: int) -> None:
    if not grant.covers(action, employee_id):
        msg = "the grant is for something else"
        raise PermissionError(msg)


def _must_list(over: ListGrant, action: Action) -> None:
    if over.action is not action:
        msg = "the grant is for something else"
        raise PermissionError(msg)


def _of_year(employee_id: int, leave_type: str, year: int) -> tuple[ColumnElement[bool], ...]:
    return (
        col(LeaveLedgerRow.employee_id) == employee_id,
        col(LeaveLedgerRow.leave_type) == leave_type,
        col(LeaveLedgerRow.year) == year,
        col(LeaveLedgerRow.kind) == EntryKind.GRANT.value,
    )
