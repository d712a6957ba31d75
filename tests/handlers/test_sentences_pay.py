"""Months, years and amounts as people say them when they ask about their pay."""

from datetime import date
from decimal import Decimal

import pytest

from handlers.sentences.pay import read_amount, read_month, read_objection, read_year

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("said", "month"),
    [
        ("10月", (2026, 10)),
        ("10月份", (2026, 10)),
        ("十月", (2026, 10)),
        ("１０月", (2026, 10)),
        ("11月", (2026, 11)),
        ("12月", (2025, 12)),
        ("2025年3月", (2025, 3)),
        ("25年 3月", (2025, 3)),
        ("去年12月", (2025, 12)),
        ("今年一月", (2026, 1)),
        ("2026-09", (2026, 9)),
        ("上个月", (2026, 10)),
        ("上月份", (2026, 10)),
        ("上上个月", (2026, 9)),
        ("這個月", (2026, 11)),
        ("本月", (2026, 11)),
    ],
)
def test_a_month(said: str, month: tuple[int, int]) -> None:
    assert read_month(said, TODAY) == date(*month, 1)


@pytest.mark.parametrize("said", ["", None, "13月", "0月", "月", "明天", "10月5日"])
def test_what_is_no_month(said: str | None) -> None:
    assert read_month(said, TODAY) is None


def test_last_month_in_january_is_of_the_year_before() -> None:
    assert read_month("上个月", date(2027, 1, 5)) == date(2026, 12, 1)


@pytest.mark.parametrize(("said", "year"), [("今年", 2026), ("去年", 2025), ("2024年", 2024), ("二〇二五年", 2025)])
def test_a_year(said: str, year: int) -> None:
    assert read_year(said, TODAY) == year


def test_an_amount() -> None:
    assert read_amount("1,433.50") == Decimal("1433.50")
    assert read_amount(None) is None


def test_an_objection_names_its_line() -> None:
    lines = ["补贴", "餐补", "交通补贴"]
    assert read_objection("交通补贴少了100元", lines).line == "交通补贴"
    assert read_objection("少了100元", lines) == read_objection(" 少了100元。", lines)
    assert read_objection("少了100元", lines).line is None
