"""Probation, numbers, due days."""

from datetime import date
from pathlib import Path

import pytest

from hr_core.lifecycle.rules import Contract
from hr_core.onboarding import rules
from hr_core.onboarding.model import Employment, FirstDayPast, NumbersUsedUp, ProbationTooLong, Terms
from hr_core.onboarding.policy import AttendanceGroup, BadOnboardingPolicy, NumberScheme, load_onboarding_policy
from hr_core.vectors.run import run
from hr_core.workdays.load import load_calendar
from hr_core.workdays.model import CalendarMissing

CALENDAR = load_calendar()
EVERYBODY = NumberScheme(prefix="E", digits=4)
SALES = NumberScheme(prefix="S", digits=3, department="4")
EAST = NumberScheme(prefix="H", digits=3, legal_entity="华东公司")


@pytest.mark.parametrize(
    ("contract", "months", "limit"),
    [
        (Contract.FIXED, 2, 0), (Contract.FIXED, 3, 1), (Contract.FIXED, 11, 1), (Contract.FIXED, 12, 2),
        (Contract.FIXED, 35, 2), (Contract.FIXED, 36, 6), (Contract.OPEN_ENDED, None, 6), (Contract.TASK, None, 0),
    ],
)  # fmt: skip
def test_probation_is_the_laws_and_the_same_as_the_calculators(
    contract: Contract, months: int | None, limit: int
) -> None:
    assert rules.probation_limit(Terms(contract=contract, months=months), rehire=False) == limit
    inputs = {"contract": contract.value} | ({"contract_months": months} if months else {})
    [told] = run({"vectors": [{"id": "x", "kind": "probation_limit", "inputs": inputs}]})["results"]
    assert told["outputs"]["max_probation_months"] == limit


@pytest.mark.parametrize(
    ("employment", "rehire"), [(Employment.FULL_TIME, True), (Employment.PART_TIME, False), (Employment.INTERN, False)]
)
def test_who_comes_back_or_works_part_time_has_none(employment: Employment, *, rehire: bool) -> None:
    terms = Terms(employment, Contract.FIXED, 36, 1)
    with pytest.raises(ProbationTooLong):
        rules.check_probation(terms, rehire=rehire)


def test_a_first_day_lies_a_month_back_at_most() -> None:
    rules.check_first_day(date(2026, 10, 25), date(2026, 11, 24))
    with pytest.raises(FirstDayPast):
        rules.check_first_day(date(2026, 10, 24), date(2026, 11, 24))


@pytest.mark.parametrize(
    ("departments", "entity", "scheme"),
    [
        (["41", "4", "1"], None, SALES), (["2", "1"], None, EVERYBODY), (["2", "1"], "华东公司", EAST),
        (["4"], "华东公司", SALES),
    ],
)  # fmt: skip
def test_the_nearest_scheme_counts(departments: list[str], entity: str | None, scheme: NumberScheme) -> None:
    assert rules.scheme_for((EVERYBODY, EAST, SALES), departments, entity) == scheme


def test_the_next_number_is_above_everybodys() -> None:
    assert rules.next_value(EVERYBODY, []) == 1
    assert rules.next_value(EVERYBODY, ["E0007", "E0003", "S999", "E12345", "Exxxx", "E\u0966\u0966\u096f"]) == 8
    assert rules.number_text(EVERYBODY, 8) == "E0008"
    with pytest.raises(NumbersUsedUp):
        rules.number_text(SALES, 1000)


@pytest.mark.parametrize(
    ("first_day", "offset", "due"),
    [
        (date(2026, 11, 30), 0, date(2026, 11, 30)), (date(2026, 11, 30), -1, date(2026, 11, 27)),
        (date(2026, 11, 28), 0, date(2026, 11, 30)), (date(2026, 11, 27), 1, date(2026, 11, 30)),
        (date(2026, 11, 24), -3, date(2026, 11, 24)),
    ],
)  # fmt: skip
def test_due_days_skip_rest_days_and_never_lie_in_the_past(first_day: date, offset: int, due: date) -> None:
    assert rules.due_day(CALENDAR, first_day, offset, date(2026, 11, 24)) == due


def test_a_holiday_is_skipped_and_an_adjusted_saturday_is_worked() -> None:
    assert rules.due_day(CALENDAR, date(2026, 9, 30), 1, date(2026, 9, 1)) == date(2026, 10, 8)
    assert rules.due_day(CALENDAR, date(2026, 10, 9), 1, date(2026, 9, 1)) == date(2026, 10, 10)


def test_a_year_without_a_notice_is_named() -> None:
    with pytest.raises(CalendarMissing):
        rules.due_day(CALENDAR, date(2026, 12, 31), 1, date(2026, 11, 24))


def test_the_nearest_attendance_group_counts() -> None:
    groups = (AttendanceGroup(group=1), AttendanceGroup(group=2, department="4"))
    assert rules.group_for(groups, ["41", "4", "1"]) == 2
    assert rules.group_for(groups, ["2", "1"]) == 1
    assert rules.group_for((), ["2"]) is None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ('department = "4"', "for everybody else"), ("digits = 0", "digits"), ('approval = ["friend"]', "approval"),
    ],
)  # fmt: skip
def test_a_companys_own_policy_must_be_whole(tmp_path: Path, change: str, says: str) -> None:
    own = tmp_path / "onboarding.toml"
    whole = 'version = 1\neffective_from = 2026-01-01\nsource = "x"\napproval = ["hr"]\n'
    whole += '[[number]]\nprefix = "A"\ndigits = 3\n'
    own.write_text(whole, "utf-8")
    assert load_onboarding_policy(own).numbers[0].prefix == "A"
    name = change.split(" ")[0]
    lines = [line for line in whole.splitlines() if not line.startswith(f"{name} ")]
    own.write_text("\n".join([change, *lines] if name == "approval" else [*lines, change]), "utf-8")
    with pytest.raises(BadOnboardingPolicy, match=says):
        load_onboarding_policy(own)
