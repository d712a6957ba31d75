"""Erasing one person on request: what goes at once, and what another law keeps until when (个人信息保护法第四十七条).

What the policy keeps by the product's own choice goes when its person asks for it, and so does what rests on a consent.
What a law keeps stays until its period is over, and then goes by the nightly erasure.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.approval.store import ApprovalStepRow
from hr_core.clock import COMPANY_ZONE
from hr_core.leave.store import LeaveRequestRow
from hr_core.people.store import EmployeeRow
from hr_core.privacy.consent import RESTS_ON
from hr_core.privacy.erase import changed, overwriting
from hr_core.privacy.policy import PrivacyPolicy, Retention, months_after
from hr_core.privacy.store import CorrectionRow


@dataclass(frozen=True, slots=True)
class Holding:
    """What a table holds of one person in one class. `over` is the column since when its period counts; rows without
    a value there are still in use. `forget` empties columns; without it, rows are deleted.
    """

    table: Any
    mine: Any
    over: Any
    forget: Mapping[str, None] | None = None


Of = Callable[[EmployeeRow], Sequence[Holding]]
OF_PERSON: dict[str, Of] = {}


def holds(data_class: str) -> Callable[[Of], Of]:
    """Declare what a class holds of a person; the rooms above declare their own tables'."""

    def register(of: Of) -> Of:
        OF_PERSON[data_class] = of
        return of

    return register


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one class of a person's data."""

    data_class: str
    what: str
    source: str
    goes: int | None
    """How many values go at once; None where the class can't be told apart and waits for its period."""
    kept: int
    until: date | None
    """Until when what is kept is kept; None while it is still in use."""


def is_law(rule: Retention) -> bool:
    """Tell whether a period comes from a law, rather than from a choice of the product."""
    return not rule.source.startswith("policy")


async def plan(session: AsyncSession, policy: PrivacyPolicy, person: EmployeeRow) -> list[Fate]:
    """Say what would go and what would stay, changing nothing."""
    return [await _fate(session, rule, person) for rule in policy.retention]


async def _fate(session: AsyncSession, rule: Retention, person: EmployeeRow) -> Fate:
    if rule.data_class not in OF_PERSON:
        return Fate(rule.data_class, rule.what, rule.source, None, 0, None)
    goes = kept = 0
    last: date | None = None
    connection = await session.connection()
    for holding in OF_PERSON[rule.data_class](person):
        query = select(func.count(), func.count(holding.over), func.max(holding.over))
        total, over, newest = (await connection.execute(query.where(holding.mine))).one()
        if not is_law(rule):
            goes, kept = goes + over, kept + total - over
            continue
        kept += total
        if newest is not None:
            day = newest.astimezone(COMPANY_ZONE).date() if isinstance(newest, datetime) else newest
            last = max(last or day, day)
    return Fate(rule.data_class, rule.what, rule.source, goes, kept, months_after(last, rule.months) if last else None)


async def erase_class(session: AsyncSession, policy: PrivacyPolicy, data_class: str, person: EmployeeRow) -> int:
    """Erase what may go of one class, in the caller's transaction; gives how many values. A repeat finds nothing."""
    rule = next(one for one in policy.retention if one.data_class == data_class)
    if is_law(rule) or data_class not in OF_PERSON:
        return 0
    count = 0
    async with overwriting(session):
        for holding in OF_PERSON[data_class](person):
            own = (holding.mine, holding.over.is_not(None))
            if holding.forget is None:
                count += await changed(session, delete(holding.table).where(*own))
            else:
                count += await changed(session, update(holding.table).where(*own).values(**holding.forget))
    return count


async def forget_consented(session: AsyncSession, person: EmployeeRow) -> int:
    """Erase what rests on the person's consents, as if each were taken back."""
    async with overwriting(session):
        return sum([await forget(session, person.id or 0) for one in RESTS_ON.values() for forget in one])


@holds("leave_words")
def _leave_words(person: EmployeeRow) -> Sequence[Holding]:
    own = select(col(LeaveRequestRow.id)).where(col(LeaveRequestRow.employee_id) == person.id)
    said = (
        col(ApprovalStepRow.kind) == "leave",
        col(ApprovalStepRow.comment_sealed).is_not(None),
        col(ApprovalStepRow.request_id).in_(own),
    )
    told = (col(LeaveRequestRow.employee_id) == person.id, col(LeaveRequestRow.reason_sealed).is_not(None))
    return (
        Holding(LeaveRequestRow, _all(told), col(LeaveRequestRow.closed_at), {"reason_sealed": None}),
        Holding(ApprovalStepRow, _all(said), col(ApprovalStepRow.decided_at), {"comment_sealed": None}),
    )


@holds("leave_record")
def _leave_record(person: EmployeeRow) -> Sequence[Holding]:
    return (Holding(LeaveRequestRow, col(LeaveRequestRow.employee_id) == person.id, col(LeaveRequestRow.end)),)


@holds("correction")
def _corrections(person: EmployeeRow) -> Sequence[Holding]:
    return (Holding(CorrectionRow, col(CorrectionRow.employee_id) == person.id, col(CorrectionRow.decided_at)),)


@holds("leaver_identity")
def _identity(person: EmployeeRow) -> Sequence[Holding]:
    return (Holding(EmployeeRow, col(EmployeeRow.id) == person.id, col(EmployeeRow.left_on)),)


def _all(conditions: Sequence[Any]) -> Any:
    first, *rest = conditions
    for one in rest:
        first = first & one
    return first
