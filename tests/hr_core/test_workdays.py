"""The calendar of workdays, and counting leave over it."""

import json
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import chinese_calendar
import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hr_core.workdays.load import BadCalendar, load_calendar
from hr_core.workdays.model import CalendarMissing, DayType, Half, Span, SpanReversed, WorkCalendar
from hr_core.workdays.rules import end_after, natural_days, working_days

AM, PM = Half.AM, Half.PM
CALENDAR = load_calendar()


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year, 12, 31) - first).days + 1)]


@pytest.mark.parametrize("year", CALENDAR.years)
def test_every_day_agrees_with_two_independent_libraries(year: int) -> None:
    china = holidays.country_holidays("CN", years=year)

    for day in days_of(year):
        assert CALENDAR.is_workday(day) == china.is_working_day(day) == chinese_calendar.is_workday(day), day


@pytest.mark.parametrize("year", CALENDAR.years)
def test_a_year_has_248_workdays_and_13_statutory_holidays(year: int) -> None:
    types = Counter(CALENDAR.day_type(day) for day in days_of(year))

    assert (types[DayType.WORKDAY], types[DayType.STATUTORY_HOLIDAY]) == (248, 13)


@pytest.mark.parametrize(
    ("day", "day_type"),
    [
        (date(2026, 2, 14), DayType.WORKDAY),  # a Saturday worked for the Spring Festival
        (date(2026, 2, 15), DayType.REST_DAY),  # off, but no festival day
        (date(2026, 2, 16), DayType.STATUTORY_HOLIDAY),  # 除夕
        (date(2026, 2, 20), DayType.REST_DAY),
        (date(2026, 4, 5), DayType.STATUTORY_HOLIDAY),  # a Sunday; the Monday after it is the day off for it
        (date(2026, 4, 6), DayType.REST_DAY),
        (date(2026, 5, 2), DayType.STATUTORY_HOLIDAY),
        (date(2025, 10, 6), DayType.STATUTORY_HOLIDAY),  # Mid-Autumn
        (date(2026, 11, 24), DayType.WORKDAY),
        (date(2026, 11, 28), DayType.REST_DAY),
    ],
)
def test_a_festival_its_days_off_and_its_makeup_days_differ(day: date, day_type: DayType) -> None:
    assert CALENDAR.day_type(day) is day_type


@pytest.mark.parametrize(
    ("span", "working", "natural"),
    [
        (Span(date(2025, 9, 27), AM, date(2025, 10, 9), AM), "3.5", "12.5"),
        (Span(date(2026, 11, 25), PM, date(2026, 11, 25), PM), "0.5", "0.5"),
        (Span(date(2026, 11, 25), AM, date(2026, 11, 25), AM), "0.5", "0.5"),
        (Span(date(2026, 11, 25), AM, date(2026, 11, 25), PM), "1", "1"),
        (Span(date(2026, 11, 27), PM, date(2026, 11, 30), AM), "1", "3"),
        (Span(date(2026, 11, 28), AM, date(2026, 11, 29), PM), "0", "2"),
        (Span(date(2025, 12, 31), AM, date(2026, 1, 4), PM), "2", "5"),  # January 4th 2026 is a worked Sunday
        (Span.whole_days(date(2025, 1, 1), date(2026, 12, 31)), "496", "730"),
    ],
)
def test_leave_is_counted_to_the_half(span: Span, working: str, natural: str) -> None:
    assert (str(working_days(CALENDAR, span)), str(natural_days(span))) == (working, natural)


@pytest.mark.parametrize(
    ("start", "start_half", "days", "end"),
    [
        (date(2026, 11, 25), AM, "1", (date(2026, 11, 25), PM)),
        (date(2026, 11, 25), PM, "1", (date(2026, 11, 26), AM)),
        (date(2026, 11, 25), AM, "0.5", (date(2026, 11, 25), AM)),
        (date(2026, 11, 27), AM, "2", (date(2026, 11, 30), PM)),
        (date(2026, 11, 28), AM, "1.5", (date(2026, 12, 1), AM)),
        (date(2026, 9, 30), AM, "3", (date(2026, 10, 9), PM)),
    ],
)
def test_a_length_ends_on_a_workday(start: date, start_half: Half, days: str, end: tuple[date, Half]) -> None:
    assert end_after(CALENDAR, start, start_half, Decimal(days)) == end


@pytest.mark.parametrize("days", ["0", "-1", "0.25"])
def test_a_length_is_a_positive_number_of_half_days(days: str) -> None:
    with pytest.raises(ValueError, match="half-days"):
        end_after(CALENDAR, date(2026, 11, 25), AM, Decimal(days))


@pytest.mark.parametrize(
    "span",
    [
        Span.whole_days(date(2026, 12, 31), date(2027, 1, 1)),
        Span.whole_days(date(2027, 1, 4), date(2027, 1, 5)),
        Span.whole_days(date(2024, 12, 31), date(2025, 1, 2)),
        Span.whole_days(date(2027, 1, 1), date(2030, 1, 1)),
    ],
)
def test_a_year_without_a_notice_is_an_error_that_names_it(span: Span) -> None:
    year = 2024 if span.start.year == 2024 else 2027

    with pytest.raises(CalendarMissing) as caught:
        working_days(CALENDAR, span)

    assert (caught.value.code, caught.value.values) == ("workdays.year_missing", {"year": year})


def test_a_length_that_runs_out_of_the_known_years_is_an_error_that_names_the_next() -> None:
    with pytest.raises(CalendarMissing) as caught:
        end_after(CALENDAR, date(2026, 12, 30), AM, Decimal(3))

    assert caught.value.values == {"year": 2027}
    assert end_after(CALENDAR, date(2026, 12, 30), AM, Decimal(2)) == (date(2026, 12, 31), PM)


def test_an_end_before_its_start_is_refused() -> None:
    with pytest.raises(SpanReversed):
        Span(date(2026, 11, 25), PM, date(2026, 11, 25), AM)
    with pytest.raises(SpanReversed):
        Span.whole_days(date(2026, 11, 26), date(2026, 11, 25))


def test_a_morning_and_the_same_afternoon_do_not_overlap() -> None:
    morning = Span(date(2026, 11, 25), AM, date(2026, 11, 25), AM)
    afternoon = Span(date(2026, 11, 25), PM, date(2026, 11, 26), AM)

    assert not morning.overlaps(afternoon)
    assert afternoon.overlaps(Span.whole_days(date(2026, 11, 26), date(2026, 11, 27)))


SPANS = st.builds(
    lambda first, length: Span(*_half(first), *_half(first + length)),
    st.integers(2 * date(2025, 1, 1).toordinal(), 2 * date(2026, 10, 1).toordinal()),
    st.integers(0, 120),
)


def _half(number: int) -> tuple[date, Half]:
    return date.fromordinal(number // 2), PM if number % 2 else AM


@given(SPANS)
def test_counting_is_the_sum_of_the_half_days(span: Span) -> None:
    halves = list(span)

    assert natural_days(span) * 2 == len(halves) == len(span)
    assert working_days(CALENDAR, span) * 2 == sum(CALENDAR.is_workday(day) for day, _ in halves)


@given(SPANS, SPANS)
def test_spans_overlap_when_they_share_a_half_day(one: Span, other: Span) -> None:
    assert one.overlaps(other) == other.overlaps(one) == bool(set(one) & set(other))


@given(SPANS)
def test_a_length_ends_where_its_days_are_spent(span: Span) -> None:
    days = working_days(CALENDAR, span)
    if days == 0:
        return
    end, end_half = end_after(CALENDAR, span.start, span.start_half, days)

    assert CALENDAR.is_workday(end)
    assert working_days(CALENDAR, Span(span.start, span.start_half, end, end_half)) == days


def write_year(folder: Path, name: str, **changes: Any) -> Path:
    shipped = json.loads(Path("hr_core/workdays/data/2026.json").read_text("utf-8"))
    (folder / name).write_text(json.dumps({**shipped, **changes}), "utf-8")
    return folder


def holiday(**changes: Any) -> dict[str, Any]:
    return {"name": "元旦", "off": ["2027-01-01", "2027-01-03"], "statutory": ["2027-01-01"], **changes}


def test_a_company_adds_a_year_of_its_own(tmp_path: Path) -> None:
    calendar = load_calendar(write_year(tmp_path, "2027.json", year=2027, holidays=[holiday()]))

    assert calendar.years == (2025, 2026, 2027)
    assert working_days(calendar, Span.whole_days(date(2026, 12, 31), date(2027, 1, 4))) == 2


def test_a_gap_between_years_stays_an_error(tmp_path: Path) -> None:
    own = holiday(off=["2028-01-01", "2028-01-03"], statutory=["2028-01-01"])
    calendar = load_calendar(write_year(tmp_path, "2028.json", year=2028, holidays=[own]))

    assert calendar.is_workday(date(2028, 1, 4))
    for asks in (
        lambda: working_days(calendar, Span.whole_days(date(2026, 12, 31), date(2028, 1, 4))),
        lambda: end_after(calendar, date(2026, 12, 31), AM, Decimal(2)),
        lambda: calendar.is_workday(date(2027, 6, 1)),
    ):
        with pytest.raises(CalendarMissing):
            asks()


@pytest.mark.parametrize(
    ("name", "changes", "complaint"),
    [
        ("2027.json", {}, "2027.json: year: the file of 2026 must be named 2026.json"),
        ("2026.json", {"source": ""}, "2026.json: source: "),
        ("2026.json", {"year": "soon"}, "2026.json: year: "),
        ("2026.json", {"colour": 1}, "2026.json: colour: "),
        ("2026.json", {"holidays": [holiday()]}, "2026.json: holidays: 2027-01-01 is not in 2026"),
        ("2027.json", {"year": 2027, "holidays": [holiday(), holiday()]}, "holidays: a day is named twice"),
        (
            "2027.json",
            {"year": 2027, "holidays": [holiday(statutory=["2027-01-05"])]},
            "2027.json: holidays.0: statutory: 2027-01-05 lies outside 2027-01-01 to 2027-01-03",
        ),
        (
            "2027.json",
            {"year": 2027, "holidays": [holiday(makeup_workdays=["2027-01-04"])]},
            "holidays.0: makeup_workdays: 2027-01-04 is no weekend",
        ),
    ],
)
def test_a_bad_file_is_refused_by_its_name_and_field(
    tmp_path: Path, name: str, changes: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(BadCalendar) as caught:
        load_calendar(write_year(tmp_path, name, **changes))

    assert complaint in str(caught.value)


def test_a_calendar_without_years_is_no_calendar() -> None:
    with pytest.raises(ValueError, match="at least one year"):
        WorkCalendar([])
