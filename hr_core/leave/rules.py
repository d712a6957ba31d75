"""年假: how many days the law grants; and whether leave of any type can be asked for.

条例 = 职工带薪年休假条例 (国务院令第514号, 2007); 办法 = 企业职工带薪年休假实施办法 (人社部令第1号, 2008).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from hr_core.leave.model import (
    CountedIn,
    InThePast,
    LeaveApplication,
    LeaveBalance,
    LeaveType,
    NotEnoughLeave,
    OnlyRestDays,
    OverlapsLeave,
)
from hr_core.workdays.model import Half, Span, WorkCalendar
from hr_core.workdays.rules import natural_days, working_days


class FirstYearRule(StrEnum):
    """What a year gives in which the first twelve months of work are completed: the law is silent (条例第二条)."""

    PRORATE_FROM_ELIGIBILITY = "prorate_from_eligibility"
    FULL_ON_ELIGIBILITY = "full_on_eligibility"


class AnnualLeaveRule(StrEnum):
    """Which rule gave the days of a year."""

    FULL = "full"
    JOINER = "joiner"
    LEAVER = "leaver"
    PRORATE_FROM_ELIGIBILITY = "prorate_from_eligibility"
    FULL_ON_ELIGIBILITY = "full_on_eligibility"
    NOT_YET_ELIGIBLE = "not_yet_eligible"
    DISQUALIFIED = "disqualified"


@dataclass(frozen=True, slots=True)
class AnnualLeave:
    """The statutory days of one calendar year, from when they may be used, and by which rule.

    `full_year_days` is what the length of working life gives for a whole year.
    """

    year: int
    full_year_days: int
    days: int
    valid_from: date | None
    rule: AnnualLeaveRule

    def unused(self, taken: Decimal) -> Decimal:
        """办法第十二条: what is left when somebody leaves; days taken beyond the right are not claimed back."""
        return max(Decimal(0), self.days - taken)


def annual_leave_days(years_of_work: int) -> int:
    """条例第三条: 5 days from one year of work, 10 from ten, 15 from twenty.

    Work for every employer counts (办法第四条): pass 累计工龄, not 司龄.
    """
    if years_of_work < 1:
        return 0
    if years_of_work < 10:
        return 5
    if years_of_work < 20:
        return 10
    return 15


def loses_annual_leave(full_year_days: int, sick_leave_months: Decimal, paid_personal_leave_days: Decimal) -> bool:
    """条例第四条: 20 days of personal leave with pay, or 2, 3 or 4 months of sick leave, take the year's leave away."""
    if paid_personal_leave_days >= 20:
        return True
    months_that_disqualify = {5: 2, 10: 3, 15: 4}.get(full_year_days)
    return months_that_disqualify is not None and sick_leave_months >= months_that_disqualify


def prorated_days(days_here: int, full_year_days: int) -> int:
    """办法第五条, 第十二条: calendar days here / 365 x the full year's days; the part of a day is dropped.

    365 in a leap year too, so the full year's days are a ceiling.
    """
    return min(full_year_days, days_here * full_year_days // 365)


def annual_leave_entitlement(
    *,
    year: int,
    cumulative_service_start: date,
    hire_date: date | None = None,
    termination_date: date | None = None,
    first_year_rule: FirstYearRule = FirstYearRule.PRORATE_FROM_ELIGIBILITY,
    sick_leave_months: Decimal = Decimal(0),
    paid_personal_leave_days: Decimal = Decimal(0),
    disqualified_by_prior_year: bool = False,
) -> AnnualLeave:
    """Give the statutory days of a calendar year (条例第二至四条; 办法第三至五条, 第十二条).

    `cumulative_service_start` is where working life without gaps began, whoever the employer was. A band reached in
    the year counts for the whole of it. `hire_date` is the first day here, `termination_date` the last.
    """
    first_day, last_day = date(year, 1, 1), date(year, 12, 31)
    hire_date = hire_date or cumulative_service_start
    end = min(last_day, termination_date or last_day)
    bands_end = end if end >= first_day else last_day
    full = annual_leave_days(years_completed(cumulative_service_start, bands_end))
    eligible_from = anniversary(cumulative_service_start, 1)

    if full == 0:
        return AnnualLeave(year, 0, 0, None, AnnualLeaveRule.NOT_YET_ELIGIBLE)
    if disqualified_by_prior_year or loses_annual_leave(full, sick_leave_months, paid_personal_leave_days):
        return AnnualLeave(year, full, 0, None, AnnualLeaveRule.DISQUALIFIED)

    here_from = max(first_day, hire_date)
    usable_from = max(here_from, eligible_from)
    prorates = first_year_rule is FirstYearRule.PRORATE_FROM_ELIGIBILITY
    counted_from = usable_from if prorates else here_from
    days = prorated_days(max(0, (end - counted_from).days + 1), full)

    if end < last_day:
        rule = AnnualLeaveRule.LEAVER
    elif eligible_from > here_from:
        rule = AnnualLeaveRule(first_year_rule.value)
    elif here_from > first_day:
        rule = AnnualLeaveRule.JOINER
    else:
        rule = AnnualLeaveRule.FULL
    return AnnualLeave(year, full, days, usable_from, rule)


def anniversary(start: date, years: int) -> date:
    """Give the day after `years` full years from `start` on; after February 29th that is March 1st in most years."""
    try:
        return start.replace(year=start.year + years)
    except ValueError:
        return date(start.year + years, 3, 1)


def years_completed(start: date, day: date) -> int:
    """Count the anniversaries reached on or before a day."""
    years = day.year - start.year
    return max(0, years if anniversary(start, years) <= day else years - 1)


def leave_days(calendar: WorkCalendar, leave_type: LeaveType, span: Span) -> Decimal:
    """Count what a span costs in a type of leave."""
    if leave_type.counted_in is CountedIn.NATURAL_DAYS:
        return natural_days(span)
    return working_days(calendar, span)


def by_year(span: Span) -> tuple[Span, ...]:
    """Part a span at New Year: annual leave is a calendar year's (条例第五条), so each part has its own balance."""
    years = range(span.start.year, span.end.year + 1)
    return tuple(
        Span(
            max(span.start, date(year, 1, 1)),
            span.start_half if year == span.start.year else Half.AM,
            min(span.end, date(year, 12, 31)),
            span.end_half if year == span.end.year else Half.PM,
        )
        for year in years
    )


def check_not_past(leave_type: LeaveType, span: Span, today: date) -> None:
    """Refuse leave that began before today, or before the days its type may be handed in late."""
    earliest = today - timedelta(days=leave_type.backdate_days)
    if span.start < earliest:
        raise InThePast(span.start, today, earliest)


def check_no_overlap(span: Span, others: Iterable[LeaveApplication]) -> None:
    """Refuse a half-day that another request of the same person occupies, pending or approved."""
    for other in others:
        if other.status.occupies and span.overlaps(other.span):
            raise OverlapsLeave(other)


def check_balance(leave_type: LeaveType, days: Decimal, balance: LeaveBalance) -> None:
    """Refuse more days than are left."""
    if days > balance.available:
        raise NotEnoughLeave(leave_type.code, left=balance.available, asked=days)


def check_application(
    *,
    calendar: WorkCalendar,
    leave_type: LeaveType,
    span: Span,
    today: date,
    others: Iterable[LeaveApplication] = (),
    balance: LeaveBalance | None = None,
) -> Decimal:
    """Give the days a request costs, or raise what stands against it.

    In this order: `InThePast`, `CalendarMissing`, `OnlyRestDays`, `OverlapsLeave`, `NotEnoughLeave`. `others` are the
    person's own requests; a type without balance is given none.
    """
    check_not_past(leave_type, span, today)
    days = leave_days(calendar, leave_type, span)
    if working_days(calendar, span) == 0:
        raise OnlyRestDays(span)
    check_no_overlap(span, others)
    if balance is not None:
        check_balance(leave_type, days, balance)
    return days


@dataclass(frozen=True, slots=True)
class MedicalPeriod:
    """医疗期: months without dismissal for illness, and the months within which they are counted."""

    months: int
    counted_within_months: int


def medical_period(total_work_years: Decimal, years_with_employer: Decimal) -> MedicalPeriod:
    """劳部发〔1994〕479号第三条, 第四条: by all years of work, then by those with this employer."""
    if total_work_years < 10:
        return MedicalPeriod(3, 6) if years_with_employer < 5 else MedicalPeriod(6, 12)
    classes = ((5, 6, 12), (10, 9, 15), (15, 12, 18), (20, 18, 24))
    for below, months, within in classes:
        if years_with_employer < below:
            return MedicalPeriod(months, within)
    return MedicalPeriod(24, 30)
