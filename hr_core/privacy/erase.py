"""Erasing what is due, class by class, in chunks: each call is one short transaction's work and says what it did.

What another law keeps longer stays until its period is over (个人信息保护法第四十七条); the table is `policy.toml`.
A leaver is made nameless, not deleted: the records of their time add up without them.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import date, datetime, time
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, CursorResult, delete, or_, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.approval.store import ApprovalStepRow, ApproverRow
from hr_core.clock import COMPANY_ZONE
from hr_core.database import Database
from hr_core.database.engine import BUSY_SECONDS
from hr_core.leave.store import LeaveLedgerRow, LeaveRequestRow
from hr_core.onboarding.model import HireStatus
from hr_core.onboarding.store import HireRow
from hr_core.payslip.store import PayslipBatchRow, PayslipDisputeRow, PayslipRow
from hr_core.people.store import EmployeeRow, MembershipRow, PeopleStore
from hr_core.privacy.consent import rests_on
from hr_core.privacy.policy import PrivacyPolicy, Sensitive
from hr_core.privacy.store import CorrectionRow

CHUNK = 200
NAMELESS = "已离职人员"
Rule = Callable[[AsyncSession, date, int], Awaitable[int]]
"""Erases at most so many rows that were over before a day; gives how many it found."""

RULES: dict[str, Rule] = {}


def erases(data_class: str) -> Callable[[Rule], Rule]:
    """Declare what erases a class; the rooms above declare their own tables'."""

    def register(rule: Rule) -> Rule:
        RULES[data_class] = rule
        return rule

    return register


async def erase_some(
    session: AsyncSession, policy: PrivacyPolicy, data_class: str, today: date, most: int = CHUNK
) -> int:
    """Erase a chunk of one class in the caller's transaction; 0 means that nothing more is due."""
    async with overwriting(session):
        return await RULES[data_class](session, policy.kept_until(data_class, today), most)


@asynccontextmanager
async def overwriting(session: AsyncSession) -> AsyncIterator[None]:
    """Let what is freed be overwritten: a name must not lie in the unused pages of SQLite's file."""
    connection = await session.connection()
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        await connection.exec_driver_sql("PRAGMA secure_delete=ON")
    try:
        yield
    finally:
        if is_sqlite:
            await session.flush()
            await connection.exec_driver_sql("PRAGMA secure_delete=OFF")


async def empty_log(database: Database) -> bool:
    """Empty SQLite's log of changes, which still holds the pages as they were; False when somebody reads in it."""

    def checkpoint(connection: Connection) -> bool:
        cursor = connection.connection.cursor()  # Outside any transaction: a checkpoint can't be inside one.
        try:
            cursor.execute("PRAGMA busy_timeout=0")  # Whoever reads may be on this very loop: no waiting for them.
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy: int = cursor.fetchall()[0][0]
            cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
        finally:
            cursor.close()
        return not busy

    if not database.is_sqlite:
        return True
    async with database.engine.connect() as connection:
        return await connection.run_sync(checkpoint)


async def erase_due(database: Database, policy: PrivacyPolicy, today: date) -> Mapping[str, int]:
    """Erase everything that is due, each chunk a transaction; gives how many rows of each class."""
    done = dict.fromkeys(RULES, 0)
    for data_class in RULES:
        found = 1
        while found:
            async with database.transaction() as session:
                found = await erase_some(session, policy, data_class, today)
            done[data_class] += found
    await empty_log(database)
    return MappingProxyType(done)


def start_of(day: date) -> datetime:
    """Give the instant a company's day begins."""
    return datetime.combine(day, time(), COMPANY_ZONE)


async def ids_of(session: AsyncSession, query: Any, most: int) -> list[Any]:
    """Give the keys a query finds, at most so many."""
    return list((await (await session.connection()).execute(query.limit(most))).scalars())


async def changed(session: AsyncSession, statement: Any) -> int:
    """Carry a statement out; gives how many rows it changed."""
    result: CursorResult[Any] = await (await session.connection()).execute(statement)
    return result.rowcount


@erases("leave_words")
async def leave_words(session: AsyncSession, before: date, most: int) -> int:
    """Reasons and comments of requests that were closed long ago."""
    over = select(col(LeaveRequestRow.id)).where(col(LeaveRequestRow.closed_at) < start_of(before))
    told = over.where(col(LeaveRequestRow.reason_sealed).is_not(None))
    reasons = await ids_of(session, told, most)
    count = await changed(
        session, update(LeaveRequestRow).where(col(LeaveRequestRow.id).in_(reasons)).values(reason_sealed=None)
    )
    said = select(col(ApprovalStepRow.id)).where(
        col(ApprovalStepRow.kind) == "leave",
        col(ApprovalStepRow.comment_sealed).is_not(None),
        col(ApprovalStepRow.request_id).in_(over),
    )
    comments = await ids_of(session, said, most)
    return count + await changed(
        session, update(ApprovalStepRow).where(col(ApprovalStepRow.id).in_(comments)).values(comment_sealed=None)
    )


@erases("leave_record")
async def leave_record(session: AsyncSession, before: date, most: int) -> int:
    """Requests that are over, with their steps and movements; balances of the years before go with them.

    Whole years only, counted from the year's end: a balance is a year's, and half a year's sum would be wrong.
    """
    year = before.year
    query = select(col(LeaveRequestRow.id)).where(col(LeaveRequestRow.end) < date(year, 1, 1))
    requests = await ids_of(session, query, most)
    steps = select(col(ApprovalStepRow.id)).where(
        col(ApprovalStepRow.kind) == "leave", col(ApprovalStepRow.request_id).in_(requests)
    )
    await changed(session, delete(ApproverRow).where(col(ApproverRow.step_id).in_(steps)))
    await changed(
        session,
        delete(ApprovalStepRow).where(
            col(ApprovalStepRow.kind) == "leave", col(ApprovalStepRow.request_id).in_(requests)
        ),
    )
    count = await changed(session, delete(LeaveLedgerRow).where(col(LeaveLedgerRow.request_id).in_(requests)))
    count += await changed(session, delete(LeaveRequestRow).where(col(LeaveRequestRow.id).in_(requests)))
    rest = select(col(LeaveLedgerRow.id)).where(
        col(LeaveLedgerRow.year) < year, col(LeaveLedgerRow.request_id).is_(None)
    )
    granted = await ids_of(session, rest, most)
    return count + await changed(session, delete(LeaveLedgerRow).where(col(LeaveLedgerRow.id).in_(granted)))


@erases("pay_record")
async def pay_record(session: AsyncSession, before: date, most: int) -> int:
    """Payslips of months that are long over, with what was objected to them."""
    query = select(col(PayslipRow.id)).where(col(PayslipRow.month) < before)
    rows = await ids_of(session, query, most)
    await changed(session, delete(PayslipDisputeRow).where(col(PayslipDisputeRow.payslip_id).in_(rows)))
    count = await changed(session, delete(PayslipRow).where(col(PayslipRow.id).in_(rows)))
    used = select(col(PayslipRow.batch_id)).where(col(PayslipRow.batch_id).is_not(None))
    empty = select(col(PayslipBatchRow.id)).where(
        col(PayslipBatchRow.month) < before, col(PayslipBatchRow.id).not_in(used)
    )
    batches = await ids_of(session, empty, most)
    return count + await changed(session, delete(PayslipBatchRow).where(col(PayslipBatchRow.id).in_(batches)))


@erases("correction")
async def correction(session: AsyncSession, before: date, most: int) -> int:
    """Corrections that were answered long ago."""
    query = select(col(CorrectionRow.id)).where(col(CorrectionRow.decided_at) < start_of(before))
    rows = await ids_of(session, query, most)
    return await changed(session, delete(CorrectionRow).where(col(CorrectionRow.id).in_(rows)))


@erases("leaver_identity")
async def leaver_identity(session: AsyncSession, before: date, most: int) -> int:
    """Who has left long ago loses name, number and key; what others' records say of them says it of nobody."""
    query = select(col(EmployeeRow.id)).where(
        col(EmployeeRow.left_on) < before,
        or_(col(EmployeeRow.name) != NAMELESS, col(EmployeeRow.employee_number).is_not(None)),
    )
    people = await ids_of(session, query, most)
    for number in people:
        nameless = {"key": f"gone:{number}", "name": NAMELESS, "employee_number": None, "hired_on": None}
        await changed(session, update(EmployeeRow).where(col(EmployeeRow.id) == number).values(**nameless))
    await changed(
        session, update(MembershipRow).where(col(MembershipRow.employee_id).in_(people)).values(position=None)
    )
    await changed(
        session, update(HireRow).where(col(HireRow.employee_id).in_(people)).values(**_HIRE_EMPTIED, position=None)
    )
    if people:
        await PeopleStore(session).touch()
    return len(people)


_HIRE_EMPTIED = {"name": None, "mobile_sealed": None, "mobile_index": None}


@erases("hire_refused")
async def hire_refused(session: AsyncSession, before: date, most: int) -> int:
    """Who was to be hired and wasn't: name and mobile. The number that was given out stays given out."""
    query = select(col(HireRow.id)).where(
        col(HireRow.status).in_([HireStatus.CANCELLED.value, HireStatus.REJECTED.value]),
        col(HireRow.closed_at) < start_of(before),
        col(HireRow.name).is_not(None),
    )
    hires = await ids_of(session, query, most)
    return await changed(session, update(HireRow).where(col(HireRow.id).in_(hires)).values(**_HIRE_EMPTIED))


@rests_on(Sensitive.MEDICAL)
async def forget_health_notes(session: AsyncSession, employee_id: int) -> int:
    """Forget why a person was ill, in requests that are over: their consent to keep it was taken back."""
    return await changed(
        session,
        update(LeaveRequestRow)
        .where(
            col(LeaveRequestRow.employee_id) == employee_id,
            col(LeaveRequestRow.leave_type) == "sick",
            col(LeaveRequestRow.closed_at).is_not(None),
        )
        .values(reason_sealed=None),
    )
