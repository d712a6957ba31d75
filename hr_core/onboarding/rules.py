"""Limits and arithmetic of a hire: probation, numbers, due days. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from hr_core.lifecycle.rules import longest_probation
from hr_core.onboarding.model import Employment, FirstDayPast, NumbersUsedUp, ProbationTooLong, Terms
from hr_core.onboarding.policy import AttendanceGroup, NumberScheme
from hr_core.workdays.model import WorkCalendar

BACKDATED = timedelta(days=30)
"""劳动合同法第十条: the contract is due within a month of the first day, so later than that isn't hiring any more."""


def probation_limit(terms: Terms, *, rehire: bool) -> int:
    """劳动合同法第十九条: by the contract, once for one employer and person; 第七十条: none in part-time work.

    An intern has no labour contract and so no probation.
    """
    if rehire or terms.employment is not Employment.FULL_TIME:
        return 0
    return longest_probation(terms.contract, terms.months or 0)


def check_probation(terms: Terms, *, rehire: bool) -> None:
    """Raise `ProbationTooLong` for more than the law allows."""
    limit = probation_limit(terms, rehire=rehire)
    if terms.probation_months > limit:
        raise ProbationTooLong(limit, terms.probation_months, rehire=rehire)


def check_first_day(first_day: date, today: date) -> None:
    """Raise `FirstDayPast` for a day that lies too far back."""
    if first_day < today - BACKDATED:
        raise FirstDayPast(first_day, today - BACKDATED)


def scheme_for(schemes: Iterable[NumberScheme], departments: Sequence[str], legal_entity: str | None) -> NumberScheme:
    """Give the scheme of the nearest department on the way up, else the legal entity's, else everybody's."""
    known = tuple(schemes)
    for key in departments:
        for scheme in known:
            if scheme.department == key and scheme.legal_entity in {None, legal_entity}:
                return scheme
    for scheme in known:
        if scheme.department is None and scheme.legal_entity is not None and scheme.legal_entity == legal_entity:
            return scheme
    return next(scheme for scheme in known if scheme.department is None and scheme.legal_entity is None)


def number_text(scheme: NumberScheme, value: int) -> str:
    """Write a number; raises `NumbersUsedUp` when it has more digits than the scheme."""
    digits = f"{value:0{scheme.digits}d}"
    if len(digits) > scheme.digits:
        raise NumbersUsedUp(scheme.prefix, scheme.digits)
    return f"{scheme.prefix}{digits}"


def value_of(scheme: NumberScheme, number: str) -> int | None:
    """Read a number of the scheme; None when it isn't one."""
    rest = number.removeprefix(scheme.prefix)
    fits = number.startswith(scheme.prefix) and len(rest) == scheme.digits and rest.isascii() and rest.isdigit()
    return int(rest) if fits else None


def next_value(scheme: NumberScheme, numbers: Iterable[str]) -> int:
    """Give the value after the highest that anybody has or had."""
    values = [value for number in numbers if (value := value_of(scheme, number)) is not None]
    return max([scheme.first, *(value + 1 for value in values)])


def group_for(groups: Iterable[AttendanceGroup], departments: Sequence[str]) -> int | None:
    """Give the attendance group of the nearest department on the way up, else everybody's, else none."""
    by_department = {one.department: one.group for one in groups}
    return next((by_department[key] for key in (*departments, None) if key in by_department), None)


def due_day(calendar: WorkCalendar, first_day: date, offset: int, today: date) -> date:
    """Give the workday so many after the first day (0: the first day, or the workday that follows), or before it.

    What would be due before today is due on the next workday from today on. Raises `CalendarMissing`.
    """
    day, left = first_day, abs(offset)
    step = timedelta(days=1 if offset >= 0 else -1)
    if offset >= 0:
        while not calendar.is_workday(day):
            day += step
    while left:
        day += step
        left -= calendar.is_workday(day)
    if day < today:
        day = today
        while not calendar.is_workday(day):
            day += timedelta(days=1)
    return day
