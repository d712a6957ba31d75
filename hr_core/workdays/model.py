"""Days, halves of days and the calendar of workdays, as values that never change."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import accumulate

from hr_core.errors import HRError


class Half(StrEnum):
    """Half of a day: a start in the AM takes the whole day, a start in the PM the afternoon; an end mirrors that."""

    AM = "AM"
    PM = "PM"


class DayType(StrEnum):
    """What a day is to the law on wages: 150 %, 200 % or 300 % when worked beyond normal hours."""

    WORKDAY = "workday"
    REST_DAY = "rest_day"
    STATUTORY_HOLIDAY = "statutory_holiday"


class SpanReversed(HRError):
    """The end lies before the start."""

    code = "workdays.span_reversed"

    def __init__(self, start: date, start_half: Half, end: date, end_half: Half) -> None:
        super().__init__(start=start, start_half=start_half, end=end, end_half=end_half)


class CalendarMissing(HRError):
    """No notice of public holidays is loaded for a year; a guess would miscount the adjusted workdays."""

    code = "workdays.year_missing"

    def __init__(self, year: int) -> None:
        super().__init__(year=year)


_PM = Half.PM


@dataclass(frozen=True, slots=True)
class Span:
    """From a half-day to a half-day, both included.

    A start AM is the whole first day, a start PM its afternoon; an end AM is the morning of the last day, an end PM
    the whole of it. `first` and `after` number the half-days since 0001-01-01, as a half-open interval.
    """

    start: date
    start_half: Half
    end: date
    end_half: Half
    first: int = field(init=False, repr=False, compare=False)
    after: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse an end before the start."""
        first = 2 * self.start.toordinal() + (self.start_half is _PM)
        after = 2 * self.end.toordinal() + 1 + (self.end_half is _PM)
        if after <= first:
            raise SpanReversed(self.start, self.start_half, self.end, self.end_half)
        object.__setattr__(self, "first", first)
        object.__setattr__(self, "after", after)

    @classmethod
    def whole_days(cls, start: date, end: date) -> "Span":
        """Give the span of whole days."""
        return cls(start, Half.AM, end, Half.PM)

    def overlaps(self, other: "Span") -> bool:
        """Tell whether the two share a half-day; a morning and the same day's afternoon share none."""
        return self.first < other.after and other.first < self.after

    def __iter__(self) -> Iterator[tuple[date, Half]]:
        """Give each half-day in order."""
        for number in range(self.first, self.after):
            yield half_day(number)

    def __len__(self) -> int:
        """Count the half-days of the calendar, whatever they are."""
        return self.after - self.first


def half_day(number: int) -> tuple[date, Half]:
    """Give the day and half that a `Span` numbers so."""
    ordinal, afternoon = divmod(number, 2)
    return date.fromordinal(ordinal), Half.PM if afternoon else Half.AM


@dataclass(frozen=True, slots=True)
class WorkYear:
    """One year's days from January 1st, and the notice they come from."""

    year: int
    source: str
    day_types: tuple[DayType, ...] = field(repr=False)


class WorkCalendar:
    """The workdays of the years that are loaded. Asking for another year raises `CalendarMissing`."""

    __slots__ = ("_base", "_day_types", "_missing", "_worked", "years")

    def __init__(self, years: Iterable[WorkYear]) -> None:
        by_year = {year.year: year for year in years}
        if not by_year:
            msg = "a calendar needs at least one year"
            raise ValueError(msg)
        span = range(min(by_year), max(by_year) + 1)
        self.years = tuple(sorted(by_year))
        self._missing = frozenset(span) - by_year.keys()
        self._base = date(span.start, 1, 1).toordinal()
        types: list[DayType] = []
        for year in span:
            length = date(year, 12, 31).timetuple().tm_yday
            # A missing year between two loaded ones is filled so that later days keep their place; `_require`
            # keeps everyone out of it.
            days = by_year[year].day_types if year in by_year else (DayType.REST_DAY,) * length
            if len(days) != length:
                msg = f"{year} has {length} days, not {len(days)}"
                raise ValueError(msg)
            types.extend(days)
        self._day_types = tuple(types)
        self._worked = tuple(accumulate((day is DayType.WORKDAY for day in types for _ in range(2)), initial=0))

    def day_type(self, day: date) -> DayType:
        """Tell what a day is."""
        self._require(day.year, day.year)
        return self._day_types[day.toordinal() - self._base]

    def is_workday(self, day: date) -> bool:
        """Tell whether a day is worked, adjusted working weekends included."""
        return self.day_type(day) is DayType.WORKDAY

    def working_halves(self, span: Span) -> int:
        """Count the half-days of a span that are worked: one subtraction of running sums."""
        first = span.first - 2 * self._base
        if first < 0 or self._missing:
            self._require(span.start.year, span.end.year)
        try:
            return self._worked[span.after - 2 * self._base] - self._worked[first]
        except IndexError:
            raise CalendarMissing(self._first_missing(span.start.year, span.end.year)) from None

    def after_working_halves(self, first: int, count: int) -> int:
        """Give the number of the half-day on which the `count`-th worked one from `first` on falls."""
        start = half_day(first)[0]
        self._require(start.year, start.year)
        offset = 2 * self._base
        last = bisect_left(self._worked, self._worked[first - offset] + count) - 1 + offset
        end = half_day(last)[0]
        self._require(start.year, end.year)
        return last

    def _require(self, first_year: int, last_year: int) -> None:
        missing = self._first_missing(first_year, last_year)
        if missing:
            raise CalendarMissing(missing)

    def _first_missing(self, first_year: int, last_year: int) -> int:
        return next((year for year in range(first_year, last_year + 1) if year not in self.years), 0)
