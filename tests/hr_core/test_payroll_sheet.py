"""Sheets as accountants make them: read, understood, checked; nothing that is wrong gets past."""

import io
import time
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from hr_core.attachments import AttachmentRefused
from hr_core.payslip.model import Kind
from hr_core.payslip.sheet import (
    Checked,
    Known,
    Layout,
    Meaning,
    Sheet,
    SheetUnreadable,
    annotated,
    check,
    layout_of,
    read_sheet,
)
from hr_core.payslip.sheet.check import NotANumber, amount

HEADING = [
    "工号",
    "姓名",
    "部门",
    "基本工资",
    "餐补",
    "应发合计",
    "养老保险(个人)",
    "个税",
    "养老保险(单位)",
    "实发工资",
]
LIN = ["003", "林晓", "前端组", "18,765.43", 387, 19152.43, 431.28, "343.08", 3002.47, 18378.07]
CHEN = ["006", "陈浩", "销售部", 9000, 0, 9000, 720, 0, 1440, 8280]
PEOPLE = {"003": Known(3, "林晓", Decimal("18000.00")), "006": Known(6, "陈浩")}


def workbook(*rows: Sequence[Any], title: str = "2026年11月", hidden: bool = False) -> bytes:
    book: Any = Workbook()
    page = book.active
    assert page is not None
    page.title = title
    if hidden:
        page.sheet_state = "hidden"
        page.append(HEADING)
        page.append(["999", "藏", "", 1, 0, 1, 0, 0, 0, 1])
        page = book.create_sheet("工资")
    for row in rows:
        page.append(list(row))
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def looked_at(content: bytes, name: str = "工资.xlsx", **people: Any) -> tuple[Sheet, Layout, Checked]:
    sheet, layout = layout_of(read_sheet(name, content), name)
    return sheet, layout, check(sheet, layout, people.get("people", PEOPLE), people.get("gone", frozenset()))


def wrong(done: Checked) -> list[tuple[int, str]]:
    return [(one.row, one.what) for one in done.errors]


def test_a_sheet_becomes_lines_that_add_up() -> None:
    _, layout, done = looked_at(workbook(HEADING, LIN, CHEN))
    assert done.problems == ()
    assert layout.month == date(2026, 11, 1)
    told = {line.component.label: (line.component.kind, line.amount) for line in done.slips[3]}
    assert told == {
        "基本工资": (Kind.EARNING, Decimal("18765.43")),
        "餐补": (Kind.EARNING, Decimal(387)),
        "养老保险(个人)": (Kind.DEDUCTION, Decimal("431.28")),
        "个税": (Kind.DEDUCTION, Decimal("343.08")),
        "养老保险(单位)": (Kind.EMPLOYER, Decimal("3002.47")),
    }
    assert sum(line.to_net for line in done.slips[3]) == Decimal("18378.07")


def test_titles_totals_blank_rows_and_hidden_sheets_are_no_people() -> None:
    content = workbook(
        ["某某公司工资表"], ["2026年11月", None], HEADING, LIN, [], CHEN,
        ["合计", None, None, 27765.43, 387], ["制表:赵敏"], hidden=True,
    )  # fmt: skip
    _, layout, done = looked_at(content)
    assert set(done.slips) == {3, 6}
    assert done.errors == ()
    assert layout.month == date(2026, 11, 1)


def test_a_heading_of_two_rows_names_the_employers_part() -> None:
    upper = ["工号", "姓名", "应发项目", None, "个人扣款", None, "单位承担", "实发工资"]
    lower = [None, None, "基本工资", "餐补", "养老保险", "个税", "养老保险", None]
    _, layout, done = looked_at(
        workbook(upper, lower, ["003", "林晓", 100, 10, 8, 2, 16, 100]), people={"003": Known(3, "林晓")}
    )
    assert done.problems == ()
    assert [one.meaning for one in layout.columns if one.name.startswith("养老")] == [
        Meaning.DEDUCTION,
        Meaning.EMPLOYER,
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_both_encodings(encoding: str) -> None:
    text = "\r\n".join(",".join(f'"{cell}"' for cell in row) for row in (HEADING, LIN, CHEN))
    _, _, done = looked_at(text.encode(encoding), "工资.csv")
    assert done.errors == ()
    assert set(done.slips) == {3, 6}


@pytest.mark.parametrize(
    ("column", "cell", "what"),
    [
        (0, "777", "unknown"),
        (0, None, "number_missing"),
        (1, "陈浩", "name_differs"),
        (3, "一万八", "not_a_number"),
        (3, "18765.4333", "not_a_number"),
        (3, "#REF!", "not_a_number"),
        (9, 18378.08, "net_differs"),
        (9, None, "net_missing"),
        (5, 19152.44, "gross_differs"),
        (4, 388, "gross_differs"),
    ],
)
def test_every_row_is_checked(column: int, cell: Any, what: str) -> None:
    row: list[Any] = list(LIN)
    row[column] = cell
    _, _, done = looked_at(workbook(HEADING, CHEN, row))
    assert (3, what) in wrong(done)


def test_a_person_twice_is_wrong_and_two_of_one_name_are_not() -> None:
    _, _, done = looked_at(workbook(HEADING, LIN, LIN, CHEN))
    assert wrong(done) == [(3, "twice")]
    other = ["008", "林晓", *CHEN[2:]]
    _, _, done = looked_at(workbook(HEADING, LIN, other), people={**PEOPLE, "008": Known(8, "林晓")})
    assert done.errors == ()
    assert set(done.slips) == {3, 8}


def test_whats_unusual_is_told_and_stops_nothing() -> None:
    people = {"003": Known(3, "林晓", Decimal(10000)), "006": Known(6, "陈浩"), "009": Known(9, "周周")}
    left = ["012", "旧人", *CHEN[2:]]
    _, _, done = looked_at(workbook(HEADING, LIN, left), people=people, gone=frozenset({"012"}))
    assert done.errors == ()
    assert [(one.row, one.what, one.name) for one in done.warnings] == [
        (2, "swing", ""), (3, "left", ""), (0, "missing", "陈浩"), (0, "missing", "周周"),
    ]  # fmt: skip


def test_numbers_that_lost_their_zeros_are_found() -> None:
    _, _, done = looked_at(workbook(HEADING, [3, *LIN[1:]], [6.0, *CHEN[1:]]))
    assert set(done.slips) == {3, 6}


def test_deductions_written_as_negative_numbers_are_deductions() -> None:
    row = ["003", "林晓", "", 100, 0, 100, -8, -2, 0, 90]
    _, _, done = looked_at(workbook(HEADING, row))
    assert done.errors == ()
    assert {line.amount for line in done.slips[3]} == {Decimal(100), Decimal(8), Decimal(2)}


def test_an_unknown_heading_is_asked_for_and_identity_numbers_are_never_kept() -> None:
    heading = [*HEADING[:3], "身份证号", "银行卡号", "神秘项", "实发工资"]
    sheet, layout, done = looked_at(
        workbook(heading, ["003", "林晓", "", "110101199001011234", "6222020200112233445", 5, 5])
    )
    assert [(one.what, one.name) for one in done.errors] == [("unclear", "神秘项")]
    done = check(sheet, layout.with_meanings({"神秘项": "earning"}), PEOPLE)
    assert done.errors == ()
    assert "110101199001011234" not in repr(done.slips)
    assert [line.component.label for line in done.slips[3]] == ["神秘项"]


def test_formulas_count_by_the_values_beside_them_and_without_one_net_is_missing() -> None:
    _, _, done = looked_at(workbook(HEADING, [*LIN[:9], "=F2-G2-H2"]))
    assert (2, "net_missing") in wrong(done)


@pytest.mark.parametrize(
    ("cell", "value"),
    [("1,234.50", "1234.50"), ("¥12", "12"), ("(3.20)", "-3.20"), ("-", "0"), ("", "0"), ("1234567.89", "1234567.89")],
)
def test_amounts_are_read_as_people_write_them(cell: str, value: str) -> None:
    assert amount(cell) == Decimal(value)


@pytest.mark.parametrize("cell", ["1,23,4", "12.345", "1e5", "NaN", "inf", "12元整", "十", "=1+1", "999999999999"])
def test_what_is_no_amount_is_no_amount(cell: str) -> None:
    with pytest.raises(NotANumber):
        amount(cell)


def test_the_sheet_comes_back_with_marks_and_without_formulas() -> None:
    evil = '=HYPERLINK("http://x","点我")'
    rows: list[list[Any]] = [HEADING, LIN, ["777", evil, *LIN[2:]], CHEN]
    text = "\n".join("\t".join(str(cell) for cell in row) for row in rows)
    sheet, _, done = looked_at(text.encode(), "工资.csv")
    again: Any = load_workbook(io.BytesIO(annotated(sheet, done.problems, lambda one: one.what)))
    page = again.worksheets[0]
    assert page["A3"].comment is not None
    assert page["A3"].comment.text == "unknown"
    assert page["B3"].value == evil
    assert not any(cell.data_type == "f" for one in again.worksheets for cells in one.iter_rows() for cell in cells)


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04nothing", b"\xd0\xcf\x11\xe0\xa1\xb1", b"a,b\n1,2\n", b"\xff\xff\xff"]
)
def test_what_is_no_sheet_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises((SheetUnreadable, AttachmentRefused)):
        layout_of(read_sheet("工资.csv", content), "")


def test_twenty_thousand_rows_are_read_and_one_more_is_too_many() -> None:
    heading = ["工号", "姓名", "基本工资", "实发工资"]
    lines = [f"{number:05d},人{number},10000.00,10000.00" for number in range(20_000)]
    people = {f"{number:05d}": Known(number, f"人{number}") for number in range(20_000)}
    started = time.process_time()
    _, _, done = looked_at("\n".join([",".join(heading), *lines]).encode(), "a.csv", people=people)
    assert time.process_time() - started < 30
    assert len(done.slips) == 20_000
    assert done.problems == ()
    with pytest.raises(SheetUnreadable):
        read_sheet("a.csv", "\n".join(lines * 2).encode())
