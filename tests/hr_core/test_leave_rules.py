"""The statutory days of annual leave, and what stands against a request."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hr_core.errors import HRError
from hr_core.leave.model import (
    CountedIn,
    LeaveApplication,
    LeaveBalance,
    LeaveStatus,
    LeaveType,
    NotEnoughLeave,
    OverlapsLeave,
    load_leave_types,
)
from hr_core.leave.rules import (
    AnnualLeaveRule,
    FirstYearRule,
    anniversary,
    annual_leave_days,
    annual_leave_entitlement,
    by_year,
    check_application,
    leave_days,
    loses_annual_leave,
    medical_period,
    prorated_days,
    years_completed,
)
from hr_core.workdays.load import load_calendar
from hr_core.workdays.model import CalendarMissing, Half, Span

AM, PM = Half.AM, Half.PM
CALENDAR = load_calendar()
TYPES = load_leave_types()
TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(("years", "days"), [(-1, 0), (0, 0), (1, 5), (9, 5), (10, 10), (19, 10), (20, 15), (45, 15)])
def test_the_bands_of_annual_leave(years: int, days: int) -> None:
    assert annual_leave_days(years) == days


@pytest.mark.parametrize(
    ("start", "hired", "left", "full", "days", "valid_from", "rule"),
    [
        # 184 / 365 x 15 = 7.56: the part of a day is dropped.
        (date(2004, 5, 1), date(2026, 7, 1), None, 15, 7, date(2026, 7, 1), AnnualLeaveRule.JOINER),
        (date(2015, 3, 1), date(2015, 3, 1), None, 10, 10, date(2026, 1, 1), AnnualLeaveRule.FULL),
        # Ten years are reached in the year: the band counts for the whole of it.
        (date(2016, 12, 31), date(2016, 12, 31), None, 10, 10, date(2026, 1, 1), AnnualLeaveRule.FULL),
        (date(2017, 1, 1), date(2017, 1, 1), None, 5, 5, date(2026, 1, 1), AnnualLeaveRule.FULL),
        # The first twelve months end in the year: 245 / 365 x 5 = 3.36.
        (
            date(2025, 5, 1),
            date(2025, 5, 1),
            None,
            5,
            3,
            date(2026, 5, 1),
            AnnualLeaveRule.PRORATE_FROM_ELIGIBILITY,
        ),
        (date(2026, 1, 1), date(2026, 1, 1), None, 0, 0, None, AnnualLeaveRule.NOT_YET_ELIGIBLE),
        (
            date(2025, 12, 31),
            date(2025, 12, 31),
            None,
            5,
            0,
            date(2026, 12, 31),
            AnnualLeaveRule.PRORATE_FROM_ELIGIBILITY,
        ),
        # 181 / 365 x 10 = 4.96
        (date(2010, 1, 1), date(2012, 1, 1), date(2026, 6, 30), 10, 4, date(2026, 1, 1), AnnualLeaveRule.LEAVER),
        # Left before ten years were reached.
        (date(2016, 7, 1), date(2016, 7, 1), date(2026, 6, 30), 5, 2, date(2026, 1, 1), AnnualLeaveRule.LEAVER),
        (date(2016, 7, 1), date(2016, 7, 1), date(2026, 7, 1), 10, 4, date(2026, 1, 1), AnnualLeaveRule.LEAVER),
        # Came and left in the year: 92 / 365 x 15 = 3.78
        (date(2000, 1, 1), date(2026, 3, 1), date(2026, 5, 31), 15, 3, date(2026, 3, 1), AnnualLeaveRule.LEAVER),
        (date(2000, 1, 1), date(2026, 12, 1), None, 15, 1, date(2026, 12, 1), AnnualLeaveRule.JOINER),
        (date(2000, 1, 1), date(2000, 1, 1), date(2025, 12, 31), 15, 0, date(2026, 1, 1), AnnualLeaveRule.LEAVER),
    ],
)
def test_what_a_calendar_year_gives(
    start: date, hired: date, left: date | None, full: int, days: int, valid_from: date | None, rule: AnnualLeaveRule
) -> None:
    leave = annual_leave_entitlement(year=2026, cumulative_service_start=start, hire_date=hired, termination_date=left)

    assert (leave.full_year_days, leave.days, leave.valid_from, leave.rule) == (full, days, valid_from, rule)


def test_the_first_year_may_be_given_whole_from_eligibility_on() -> None:
    leave = annual_leave_entitlement(
        year=2026,
        cumulative_service_start=date(2025, 5, 1),
        hire_date=date(2025, 5, 1),
        first_year_rule=FirstYearRule.FULL_ON_ELIGIBILITY,
    )

    assert (leave.days, leave.valid_from, leave.rule) == (5, date(2026, 5, 1), AnnualLeaveRule.FULL_ON_ELIGIBILITY)


@pytest.mark.parametrize(
    ("full", "sick_months", "paid_personal_days", "lost"),
    [
        (5, "2", "0", True),
        (5, "1.9", "0", False),
        (10, "2", "0", False),
        (10, "3", "0", True),
        (15, "3", "0", False),
        (15, "4", "0", True),
        (15, "0", "20", True),
        (5, "0", "19.5", False),
    ],
)
def test_long_sick_leave_or_paid_personal_leave_takes_the_year_away(
    full: int, sick_months: str, paid_personal_days: str, lost: bool
) -> None:
    assert loses_annual_leave(full, Decimal(sick_months), Decimal(paid_personal_days)) is lost


def test_leave_taken_before_a_disqualification_costs_the_next_year() -> None:
    leave = annual_leave_entitlement(
        year=2026, cumulative_service_start=date(2010, 1, 1), disqualified_by_prior_year=True
    )

    assert (leave.full_year_days, leave.days, leave.rule) == (10, 0, AnnualLeaveRule.DISQUALIFIED)


def test_days_taken_beyond_the_right_are_not_claimed_back() -> None:
    leave = annual_leave_entitlement(
        year=2026, cumulative_service_start=date(2010, 1, 1), termination_date=date(2026, 6, 30)
    )

    assert leave.unused(Decimal("1.5")) == Decimal("2.5")
    assert leave.unused(Decimal(9)) == 0


def test_a_leap_year_divides_by_365_and_gives_no_more_than_the_full_days() -> None:
    assert prorated_days(366, 15) == 15
    assert prorated_days(73, 5) == 1
    assert prorated_days(72, 5) == 0


@pytest.mark.parametrize(
    ("start", "years", "day"),
    [
        (date(2024, 2, 29), 1, date(2025, 3, 1)),
        (date(2024, 2, 29), 4, date(2028, 2, 29)),
        (date(2024, 5, 1), 1, date(2025, 5, 1)),
    ],
)
def test_years_that_began_on_a_leap_day_are_complete_after_the_last_of_february(
    start: date, years: int, day: date
) -> None:
    assert anniversary(start, years) == day
    assert years_completed(start, day) == years
    assert years_completed(start, day - timedelta(days=1)) == years - 1


DATES = st.dates(date(1980, 1, 1), date(2026, 12, 31))


@given(DATES, DATES, st.none() | DATES, st.sampled_from(FirstYearRule), st.integers(2000, 2030))
def test_no_year_gives_more_than_its_band(
    one: date, other: date, left: date | None, first_year_rule: FirstYearRule, year: int
) -> None:
    start, hired = sorted((one, other))
    leave = annual_leave_entitlement(
        year=year,
        cumulative_service_start=start,
        hire_date=hired,
        termination_date=left,
        first_year_rule=first_year_rule,
    )

    assert 0 <= leave.days <= leave.full_year_days <= 15
    assert (leave.valid_from is None) == (
        leave.rule in (AnnualLeaveRule.NOT_YET_ELIGIBLE, AnnualLeaveRule.DISQUALIFIED)
    )
    assert leave.valid_from is None or leave.days == 0 or leave.valid_from.year == year


@given(DATES, DATES, st.integers(1, 800), st.integers(2000, 2030))
def test_working_longer_never_gives_less(start: date, hired: date, earlier: int, year: int) -> None:
    start, hired = sorted((start, hired))
    more = annual_leave_entitlement(
        year=year, cumulative_service_start=start - timedelta(days=earlier), hire_date=hired
    )

    assert more.days >= annual_leave_entitlement(year=year, cumulative_service_start=start, hire_date=hired).days


def request(span: Span, status: LeaveStatus = LeaveStatus.PENDING) -> LeaveApplication:
    return LeaveApplication(7, 1, "annual", span, Decimal(1), status)


def ask(
    span: Span,
    leave_type: str = "annual",
    others: tuple[LeaveApplication, ...] = (),
    balance: LeaveBalance | None = None,
) -> Decimal:
    return check_application(
        calendar=CALENDAR, leave_type=TYPES[leave_type], span=span, today=TODAY, others=others, balance=balance
    )


TOMORROW = Span.whole_days(date(2026, 11, 25), date(2026, 11, 25))


def test_a_request_that_nothing_stands_against_costs_its_working_days() -> None:
    assert ask(Span(date(2026, 11, 27), PM, date(2026, 11, 30), PM), balance=LeaveBalance(Decimal(5))) == Decimal("1.5")


@pytest.mark.parametrize(
    ("span", "leave_type", "code", "values"),
    [
        (
            Span.whole_days(date(2026, 11, 23), date(2026, 11, 25)),
            "annual",
            "leave.past",
            {"start": date(2026, 11, 23), "today": TODAY, "earliest": TODAY},
        ),
        (
            Span.whole_days(date(2026, 11, 16), date(2026, 11, 25)),
            "sick",
            "leave.past",
            {"start": date(2026, 11, 16), "today": TODAY, "earliest": date(2026, 11, 17)},
        ),
        (
            Span.whole_days(date(2026, 11, 28), date(2026, 11, 29)),
            "annual",
            "leave.only_rest_days",
            {"start": date(2026, 11, 28), "end": date(2026, 11, 29)},
        ),
        (Span.whole_days(date(2026, 12, 31), date(2027, 1, 4)), "annual", CalendarMissing.code, {"year": 2027}),
    ],
)
def test_a_refusal_carries_the_numbers(span: Span, leave_type: str, code: str, values: dict[str, object]) -> None:
    with pytest.raises(HRError) as caught:
        ask(span, leave_type)

    assert (caught.value.code, caught.value.values) == (code, values)


def test_sick_leave_may_be_handed_in_a_week_late_and_annual_leave_today() -> None:
    assert ask(Span.whole_days(date(2026, 11, 17), date(2026, 11, 17)), "sick") == 1
    assert ask(Span(TODAY, AM, TODAY, AM)) == Decimal("0.5")


@pytest.mark.parametrize("status", [LeaveStatus.PENDING, LeaveStatus.APPROVED])
def test_days_that_another_request_occupies_are_refused(status: LeaveStatus) -> None:
    with pytest.raises(OverlapsLeave) as caught:
        ask(TOMORROW, "sick", (request(TOMORROW, status),))

    assert caught.value.values == {
        "id": 7,
        "leave_type": "annual",
        "span": TOMORROW,
        "days": Decimal(1),
        "status": status,
    }


@pytest.mark.parametrize("status", [LeaveStatus.REJECTED, LeaveStatus.WITHDRAWN, LeaveStatus.CANCELLED])
def test_days_of_a_closed_request_are_free_again(status: LeaveStatus) -> None:
    assert ask(TOMORROW, "sick", (request(TOMORROW, status),)) == 1


def test_the_other_half_of_a_day_is_free() -> None:
    morning = Span(date(2026, 11, 25), AM, date(2026, 11, 25), AM)
    afternoon = Span(date(2026, 11, 25), PM, date(2026, 11, 25), PM)

    assert ask(afternoon, "sick", (request(morning),)) == Decimal("0.5")


def test_reserved_and_taken_days_are_not_left() -> None:
    balance = LeaveBalance(granted=Decimal(5), reserved=Decimal("0.5"), taken=Decimal(4))

    assert ask(Span(date(2026, 11, 25), PM, date(2026, 11, 25), PM), balance=balance) == Decimal("0.5")
    with pytest.raises(NotEnoughLeave) as caught:
        ask(TOMORROW, balance=balance)
    assert caught.value.values == {"leave_type": "annual", "left": Decimal("0.5"), "asked": Decimal(1)}


def test_natural_days_count_the_weekend_inside() -> None:
    maternity = LeaveType(
        code="maternity",
        has_balance=False,
        counted_in=CountedIn.NATURAL_DAYS,
        backdate_days=0,
        source="国务院令第619号",
    )

    assert leave_days(CALENDAR, maternity, Span.whole_days(date(2026, 11, 27), date(2026, 11, 30))) == 4


def test_only_annual_leave_of_the_shipped_types_needs_a_balance() -> None:
    assert {code: kind.has_balance for code, kind in TYPES.items()} == {
        "annual": True,
        "sick": False,
        "personal": False,
    }


@pytest.mark.parametrize(
    ("work", "here", "months", "within"),
    [
        ("9.9", "4.9", 3, 6),
        ("9.9", "5", 6, 12),
        ("10", "4", 6, 12),
        ("12", "7", 9, 15),
        ("15", "10", 12, 18),
        ("20", "15", 18, 24),
        ("30", "20", 24, 30),
    ],
)
def test_the_medical_period_grows_with_service(work: str, here: str, months: int, within: int) -> None:
    period = medical_period(Decimal(work), Decimal(here))

    assert (period.months, period.counted_within_months) == (months, within)


def test_leave_across_new_year_is_parted_there() -> None:
    span = Span(date(2026, 12, 30), Half.PM, date(2027, 1, 4), Half.AM)
    assert by_year(span) == (
        Span(date(2026, 12, 30), Half.PM, date(2026, 12, 31), Half.PM),
        Span(date(2027, 1, 1), Half.AM, date(2027, 1, 4), Half.AM),
    )
    within = Span.whole_days(date(2026, 5, 6), date(2026, 5, 7))
    assert by_year(within) == (within,)
