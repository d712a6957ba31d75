"""Days as people name them. Each resolves to its first and last day, or to None when it can't be a day.

`after` is the day before it in a range or a list, whose week, month and year it inherits.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

Days = tuple[date, date]

FIRST_YEAR, LAST_YEAR = 2000, 2099
PAST_DAYS_OF_THIS_YEAR = 60
"""A month-day further back than this means next year's; a nearer one is taken as said, and refused as past."""
PAST_DAYS_OF_THIS_MONTH = 7
LONGEST_INHERITED = 60
"""An end without month or year that would lie further from its start is more likely a slip."""


class Spoken(Protocol):
    """A day, or two neighbouring ones, as somebody named it."""

    def resolve(self, today: date, after: date | None) -> Days | None:
        """Give the first and the last day."""
        ...


@dataclass(frozen=True, slots=True)
class Exactly:
    """A day with its year, as 2026-12-03."""

    year: int
    month: int
    day: int

    def resolve(self, today: date, after: date | None) -> Days | None:
        """Give the day if the calendar has it."""
        return _once(_real(self.year, self.month, self.day))


@dataclass(frozen=True, slots=True)
class FromToday:
    """今天, 后天, or two neighbours at once (明后天)."""

    days: int
    last: int | None = None

    def resolve(self, today: date, after: date | None) -> Days | None:
        """Count from today."""
        last = self.days if self.last is None else self.last
        return today + timedelta(days=self.days), today + timedelta(days=last)


@dataclass(frozen=True, slots=True)
class MonthDay:
    """12月3日, with the year left out or said as 明年 (`years` from this one)."""

    month: int
    day: int
    years: int | None = None

    def resolve(self, today: date, after: date | None) -> Days | None:
        """Take this year's, or next year's when this year's is long past."""
        if self.years is not None:
            return _once(_real(today.year + self.years, self.month, self.day))
        if after is not None:
            near = (_real(year, self.month, self.day) for year in (after.year, after.year + 1))
            return _once(next((d for d in near if d and 0 <= (d - after).days <= LONGEST_INHERITED), None))
        this = _real(today.year, self.month, self.day)
        if this is not None and (today - this).days > PAST_DAYS_OF_THIS_YEAR:
            return _once(_real(today.year + 1, self.month, self.day))
        return _once(this)


@dataclass(frozen=True, slots=True)
class DayOfMonth:
    """3号, with the month left out or said as 下月 (`months` from this one)."""

    day: int
    months: int | None = None

    def resolve(self, today: date, after: date | None) -> Days | None:
        """Take the start's month; else this month's, or next month's when it is more than a week past."""
        if self.months is not None:
            return _once(_in_month(today, self.months, self.day))
        if after is not None:
            near = (_in_month(after, months, self.day) for months in (0, 1))
            return _once(next((d for d in near if d and 0 <= (d - after).days <= LONGEST_INHERITED // 4), None))
        this = _in_month(today, 0, self.day)
        if this is not None and (today - this).days > PAST_DAYS_OF_THIS_MONTH:
            return _once(_in_month(today, 1, self.day))
        return _once(this)


@dataclass(frozen=True, slots=True)
class Weekday:
    """周三, with the week left out or said as 下周 (`weeks` from this one); Monday is 0. 周末 has two days."""

    weekday: int
    weeks: int | None = None
    days: int = 1

    def resolve(self, today: date, after: date | None) -> Days | None:
        """Take the named week's; else the first one after the start, or the coming one, today included."""
        if self.weeks is not None:
            monday = today - timedelta(days=today.weekday())
            first = monday + timedelta(weeks=self.weeks, days=self.weekday)
        else:
            begin = today if after is None else after + timedelta(days=1)
            first = begin + timedelta(days=(self.weekday - begin.weekday()) % 7)
        return first, first + timedelta(days=self.days - 1)


def _real(year: int, month: int, day: int) -> date | None:
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]):
        return None
    return date(year, month, day)


def _in_month(base: date, months: int, day: int) -> date | None:
    years, month = divmod(base.month - 1 + months, 12)
    return _real(base.year + years, month + 1, day)


def _once(day: date | None) -> Days | None:
    return None if day is None else (day, day)
