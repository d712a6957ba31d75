"""Worked examples run through the rules, and what a bad row is told."""

import json
from pathlib import Path
from typing import Any

import pytest

from hr_core.vectors import BadDocument, run

EXAMPLES = json.loads((Path(__file__).parent / "data/payroll_examples.json").read_text("utf-8"))
BY_ID = {row["id"]: row for row in EXAMPLES["vectors"]}


def result(kind: str, **inputs: Any) -> dict[str, Any]:
    [row] = run({"vectors": [{"id": "x", "kind": kind, "inputs": inputs}]})["results"]
    assert row["id"] == "x"
    return dict(row)


def outputs(kind: str, **inputs: Any) -> dict[str, Any]:
    return dict(result(kind, **inputs)["outputs"])


def error(kind: str, **inputs: Any) -> str:
    row = result(kind, **inputs)
    assert row["error"]["message"]
    return str(row["error"]["code"])


def changed(example: str, **changes: Any) -> dict[str, Any]:
    inputs = {**BY_ID[example]["inputs"], **changes}
    return {name: value for name, value in inputs.items() if value is not ...}


@pytest.mark.parametrize("row", EXAMPLES["vectors"], ids=lambda row: row["id"])
def test_a_published_example_is_met_exactly(row: dict[str, Any]) -> None:
    told = outputs(row["kind"], **row["inputs"])

    assert {name: told.get(name) for name in row["expected"]} == row["expected"]
    assert {name: type(told[name]) for name in row["expected"]} == {k: type(v) for k, v in row["expected"].items()}


def test_every_kind_that_the_format_names_can_be_run() -> None:
    kinds = EXAMPLES["formats"].keys() - {"_general"}

    assert all(result(kind)["error"]["code"] == "missing_field" for kind in kinds)


@pytest.mark.parametrize(
    ("example", "changes", "code"),
    [
        ("pub-leave-national-day", {"start": ...}, "missing_field"),
        ("pub-leave-national-day", {"strat": "2025-09-27"}, "unknown_field"),
        ("pub-leave-national-day", {"start": "2025-02-30"}, "invalid_value"),
        ("pub-leave-national-day", {"start": "2025-10-10"}, "invalid_value"),
        ("pub-leave-national-day", {"start_half": "noon"}, "invalid_value"),
        ("pub-leave-national-day", {"start": "2027-03-01", "end": "2027-03-02"}, "missing_data"),
        ("pub-proration", {"month": "2027-03"}, "missing_data"),
        ("pub-proration", {"month": "2026-13"}, "invalid_value"),
        ("pub-proration", {"month": "9999-12"}, "invalid_value"),
        ("pub-bonus", {"bonus": "-1"}, "invalid_value"),
        ("pub-bonus", {"bonus": "NaN"}, "invalid_value"),
        ("pub-bonus", {"bonus": "1_000"}, "invalid_value"),
        ("pub-bonus", {"bonus": True}, "invalid_value"),
        ("pub-bonus", {"bonus": None}, "invalid_value"),
        ("pub-iit-official", {"tax_year": 2018}, "missing_data"),
        ("pub-iit-official", {"employment_start_month": 2}, "invalid_value"),
        ("pub-iit-official", {"months": [{"month": 2}, {"month": 1}]}, "invalid_value"),
        ("pub-iit-official", {"months": [{"month": 1, "groß": "1"}]}, "unknown_field"),
        ("pub-al-joiner", {"hire_date": "2001-01-01"}, "invalid_value"),
        ("pub-al-joiner", {"termination_date": "2026-06-30"}, "invalid_value"),
        ("pub-severance", {"employment_end": "2019-05-05"}, "invalid_value"),
        ("pub-severance", {"employment_end": "9999-12-31"}, "invalid_value"),
        ("pub-otpay", {"rest_day_hours_compensated": "10"}, "invalid_value"),
        ("pub-otcomp", {"statutory_holiday_hours": "531"}, "invalid_value"),
        ("pub-sick", {"seniority_years": ...}, "missing_field"),
        ("pub-sick", {"rule": "ratio"}, "missing_field"),
        ("pub-probation", {"contract_months": ...}, "missing_field"),
        ("pub-personal", {"hours": ...}, "missing_field"),
        ("pub-medical", {"years_with_employer": "13"}, "invalid_value"),
    ],
)
def test_a_bad_value_is_an_error_of_its_row(example: str, changes: dict[str, Any], code: str) -> None:
    assert error(BY_ID[example]["kind"], **changed(example, **changes)) == code


def test_other_rows_still_run() -> None:
    good = BY_ID["pub-bonus"]
    rows: list[Any] = [{"id": 1, "kind": "no_such_kind"}, "text", {"kind": "bank_card"}, {**good, "inputs": []}, good]

    results = run({"vectors": rows})["results"]

    codes = [row["error"]["code"] for row in results[:-1]]
    assert codes == ["unknown_kind", "invalid_value", "missing_field", "invalid_value"]
    assert results[-1]["outputs"]["tax"] == "5790.00"


@pytest.mark.parametrize("document", [{}, {"vectors": {}}, []])
def test_a_document_without_rows_is_refused(document: Any) -> None:
    with pytest.raises(BadDocument):
        run(document)


@pytest.mark.parametrize(
    ("bonus", "rate", "net"),
    [("36000", 3, "34920.00"), ("36000.01", 10, "32610.01"), ("960000", 35, "631160.00"), ("960001", 45, "543160.55")],
)
def test_a_bonus_falls_off_a_cliff_above_a_bound(bonus: str, rate: int, net: str) -> None:
    told = outputs("annual_bonus_separate", bonus=bonus)

    assert (told["rate_percent"], told["net"]) == (rate, net)


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2020-01-01", "2020-01-01", "0.5"),
        ("2020-01-01", "2020-06-29", "0.5"),
        ("2020-01-01", "2020-06-30", "1"),
        ("2020-01-01", "2020-12-31", "1"),
        ("2020-01-01", "2021-01-01", "1.5"),
        ("2019-08-31", "2020-02-28", "0.5"),
        ("2019-08-31", "2020-02-29", "1"),
        ("2000-01-01", "2025-12-31", "26"),
    ],
)
def test_six_months_count_as_a_year_and_less_as_half(start: str, end: str, months: str) -> None:
    assert (
        outputs("severance", **changed("pub-severance", employment_start=start, employment_end=end))["months"] == months
    )


def test_a_high_wage_is_capped_at_three_averages_and_twelve_years() -> None:
    told = outputs(
        "severance",
        **changed("pub-severance", employment_start="2000-01-01", average_monthly_wage_12m="40000", unlawful=True),
    )

    assert (told["monthly_base"], told["capped"]) == ("37500.00", True)
    assert (told["months"], told["amount"]) == ("12", "900000.00")


@pytest.mark.parametrize(
    ("rounding", "employee"),
    [("fen_half_up", "0.05"), ("jiao_up", "0.10"), ("yuan_half_up", "0.00"), ("yuan_down", "0.00")],
)
def test_half_a_fen_is_rounded_up(rounding: str, employee: str) -> None:
    scheme = {"code": "a", "employee_percent": "4.5", "employer_percent": "0", "floor": None, "ceiling": None}

    told = outputs("social_insurance", declared_base="1", rounding=rounding, schemes=[scheme])

    assert told["employee_total"] == employee


def test_a_fixed_amount_is_added_after_rounding_and_a_base_is_kept_within_bounds() -> None:
    scheme = {"code": "medical", "employee_percent": "2", "employer_percent": "9.8", "employee_fixed": "3"}
    bounds = {"floor": "7270", "ceiling": "36348", "rounding": "yuan_down"}

    told = outputs("social_insurance", declared_base="5000", schemes=[{**scheme, **bounds}])

    assert told["schemes"] == [{"code": "medical", "base": "7270.00", "employee": "148.00", "employer": "712.00"}]


@pytest.mark.parametrize(
    ("method", "hire", "leave", "wage"),
    [
        ("positive_21_75", "2026-07-02", None, "21750.00"),  # 22 paid days would be 22,000
        ("negative_21_75", "2026-07-31", None, "0.00"),  # 22 missed days would be less than nothing
        ("paid_day_ratio", "2026-07-31", None, "945.65"),
        ("calendar_days", "2026-07-31", None, "701.61"),
        ("negative_21_75", "2026-06-01", "2026-07-31", "21750.00"),
        ("negative_21_75", "2026-08-01", None, "0.00"),
    ],
)
def test_no_method_pays_more_than_the_month_or_less_than_nothing(
    method: str, hire: str, leave: str | None, wage: str
) -> None:
    told = outputs("proration", month="2026-07", monthly_wage="21750", hire_date=hire, exit_date=leave, method=method)

    assert told["wage"] == wage


def test_the_minimum_wage_lifts_sick_pay_but_not_above_the_wage() -> None:
    low = {"rule": "ratio", "ratio": "0.4", "sick_paid_days": "21.75", "local_minimum_wage": "2740"}

    lifted = outputs("sick_pay", **low, monthly_base="3000")
    whole = outputs("sick_pay", **low, monthly_base="2000")

    assert (lifted["sick_pay"], lifted["floor_applied"]) == ("2192.00", True)
    assert (whole["sick_pay"], whole["deduction"]) == ("2000.00", "0.00")


@pytest.mark.parametrize(
    ("number", "valid"),
    [
        ("11010519491231002X", True),  # the standard's own example
        ("11010519491231002x", True),
        ("110105194912310021", False),
        ("110101202701010018", False),
        ("990105194912310020", False),
        ("11010519491331002X", False),
        ("1101051949123100", False),
        ("11010519491231002X1", False),
        (None, False),
    ],
)
def test_an_id_number_is_checked_and_never_an_error(number: Any, valid: bool) -> None:
    assert outputs("id_card", id_number=number, today="2026-11-23")["valid"] is valid


@pytest.mark.parametrize(
    ("category", "birth_month", "delay", "month"),
    [
        ("male", "1964-12", 0, "2024-12"),
        ("male", "1965-01", 1, "2025-02"),
        ("male", "1976-09", 36, "2039-09"),
        ("male", "1990-01", 36, "2053-01"),
        ("female_55", "1970-05", 2, "2025-07"),
        ("female_50", "1984-11", 60, "2039-11"),
    ],
)
def test_retirement_moves_step_by_step_up_to_its_cap(category: str, birth_month: str, delay: int, month: str) -> None:
    told = outputs("retirement_age", category=category, birth_month=birth_month)

    assert (told["delay_months"], told["retirement_month"]) == (delay, month)


@pytest.mark.parametrize(
    ("contract", "months", "limit"),
    [
        *(("fixed", 2, 0), ("fixed", 3, 1), ("fixed", 11, 1), ("fixed", 12, 2), ("fixed", 35, 2), ("fixed", 36, 6)),
        *(("open_ended", None, 6), ("task", None, 0)),
    ],
)
def test_a_one_year_contract_allows_two_months_of_probation(contract: str, months: int | None, limit: int) -> None:
    assert outputs("probation_limit", contract=contract, contract_months=months)["max_probation_months"] == limit


def test_time_off_replaces_the_pay_of_rest_days_only() -> None:
    entries = [
        {"date": day, "hours": "8", "compensatory_rest": True} for day in ("2026-06-20", "2026-06-19", "2026-06-18")
    ]

    told = outputs("overtime_by_date", monthly_base="8700", entries=entries)

    assert [entry["multiplier"] for entry in told["entries"]] == ["0", "3", "1.5"]
    assert told["total"] == "1800.00"
