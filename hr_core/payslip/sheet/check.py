"""Every row of a sheet checked against who works here, its own sums, and last month."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from hr_core.payslip.model import Kind, Line
from hr_core.payslip.sheet.columns import Layout, Meaning
from hr_core.payslip.sheet.reading import Sheet

SWING = Decimal("0.2")
"""How far net pay may be from last month's without a word."""
_NUMBER = re.compile(r"-?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?")
_TOTAL = re.compile(r"(合计|总计|小计|本页合计|共计|制表.*|审核.*|审批.*|复核.*|总经理.*)[::]?.*")
_MOST = Decimal("99999999.99")


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who may stand in a sheet: `before` is last month's net pay, if there was any."""

    employee_id: int
    name: str
    before: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row (counted as Excel counts; 0 is the sheet) or a cell; a warning stops nothing.

    `what` is a word of the catalogue's, `name` a heading or a name: never a figure.
    """

    row: int
    column: int | None
    what: str
    name: str = ""
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """What a sheet holds: people's lines, and what stands against them."""

    slips: Mapping[int, tuple[Line, ...]]
    problems: tuple[Problem, ...]
    total: Decimal = Decimal(0)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What must be mended before anything is kept."""
        return tuple(one for one in self.problems if not one.warning)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What somebody should look at."""
        return tuple(one for one in self.problems if one.warning)


class NotANumber(ValueError):
    """A cell that should hold an amount."""


def amount(cell: str) -> Decimal:
    """Read an amount: thousands, ¥, brackets for negative, a dash for nothing. Raises `NotANumber`."""
    text = cell.replace("，", ",").replace(" ", "").replace("\u2212", "-").strip("¥￥元")
    if text in {"", "-", "--", "—", "/", "无"}:
        return Decimal(0)
    negative = text.startswith("(") and text.endswith(")")
    text = text[1:-1] if negative else text
    if _NUMBER.fullmatch(text) is None:
        raise NotANumber
    number = Decimal(text.replace(",", ""))
    exact = round(number, 2)
    if exact != number or abs(number) > _MOST:
        raise NotANumber
    return -exact if negative else exact


@dataclass(slots=True)
class _Row:
    employee_id: int
    lines: tuple[Line, ...] = ()
    problems: list[Problem] = field(default_factory=list)


def check(sheet: Sheet, layout: Layout, people: Mapping[str, Known], gone: frozenset[str] = frozenset()) -> Checked:
    """Check every row. `people` are found by employee number, `gone` are numbers of who has left."""
    problems: list[Problem] = [Problem(0, one.index, "unclear", one.name) for one in layout.unclear]
    for needed in (Meaning.NUMBER, Meaning.NET):
        if layout.only(needed) is None:
            problems.append(Problem(0, None, f"no_{needed.value}"))
    if problems:
        return Checked({}, tuple(problems))
    book, former = _Numbers(people), frozenset(one.lstrip("0") for one in gone)
    flipped = _flipped(sheet, layout)
    slips: dict[int, tuple[Line, ...]] = {}
    rows: dict[int, int] = {}
    total = Decimal(0)
    for index, cells in enumerate(sheet.rows[layout.first :], layout.first + 1):
        number = _cell(cells, layout, Meaning.NUMBER).removesuffix(".00")
        name = _cell(cells, layout, Meaning.NAME)
        filled = [cell for cell in cells if cell]
        if not filled or _is_total(filled, number, name):
            continue
        at = layout.only(Meaning.NUMBER)
        column = at.index if at else None
        if not number:
            problems.append(Problem(index, column, "number_missing"))
            continue
        known = book.find(number)
        if known is None:
            left = number.lstrip("0") in former
            problems.append(Problem(index, column, "left" if left else "unknown", warning=left))
            continue
        if name and name.replace(" ", "") != known.name.replace(" ", ""):
            problems.append(Problem(index, column, "name_differs"))
            continue
        if known.employee_id in rows:
            problems.append(Problem(index, column, "twice", str(rows[known.employee_id])))
            continue
        rows[known.employee_id] = index
        lines, net, wrong = _amounts(cells, layout, index, flipped)
        problems += wrong
        if net is not None and known.before is not None and abs(net - known.before) > SWING * abs(known.before):
            net_column = layout.only(Meaning.NET)
            problems.append(Problem(index, net_column.index if net_column else None, "swing", warning=True))
        total += net or Decimal(0)
        slips[known.employee_id] = lines
    if not slips and not problems:
        problems.append(Problem(0, None, "empty"))
    missing = [known for known in people.values() if known.employee_id not in slips]
    problems += [Problem(0, None, "missing", one.name, warning=True) for one in missing]
    return Checked(slips, tuple(problems), total)


class _Numbers:
    """People by employee number, as a spreadsheet writes it: it drops leading zeros."""

    def __init__(self, people: Mapping[str, Known]) -> None:
        self._exact = people
        short: dict[str, list[Known]] = {}
        for number, known in people.items():
            short.setdefault(number.lstrip("0"), []).append(known)
        self._short = {number: found[0] for number, found in short.items() if len(found) == 1}

    def find(self, number: str) -> Known | None:
        return self._exact.get(number) or self._short.get(number.lstrip("0"))


def _is_total(filled: list[str], number: str, name: str) -> bool:
    label = number or name or filled[0]
    return _TOTAL.fullmatch(label.replace(" ", "")) is not None


def _cell(cells: tuple[str, ...], layout: Layout, meaning: Meaning) -> str:
    column = layout.only(meaning)
    return cells[column.index] if column is not None and column.index < len(cells) else ""


def _flipped(sheet: Sheet, layout: Layout) -> frozenset[int]:
    """Give the columns of deductions that are negative throughout: on a payslip they are positive."""
    found = set()
    for column in layout.columns:
        if column.meaning not in {Meaning.DEDUCTION, Meaning.DEDUCTED}:
            continue
        signs = set()
        for cells in sheet.rows[layout.first :]:
            try:
                value = amount(cells[column.index]) if column.index < len(cells) else Decimal(0)
            except NotANumber:
                continue
            signs |= {value < 0} if value else set()
        if signs == {True}:
            found.add(column.index)
    return frozenset(found)


def _amounts(
    cells: tuple[str, ...], layout: Layout, index: int, flipped: frozenset[int]
) -> tuple[tuple[Line, ...], Decimal | None, list[Problem]]:
    lines: list[Line] = []
    said: dict[Meaning, tuple[int, Decimal]] = {}
    problems: list[Problem] = []
    for column in layout.columns:
        if column.meaning in {None, Meaning.NUMBER, Meaning.NAME, Meaning.IGNORED}:
            continue
        cell = cells[column.index] if column.index < len(cells) else ""
        try:
            value = amount(cell)
        except NotANumber:
            problems.append(Problem(index, column.index, "not_a_number", column.name))
            continue
        value = -value if column.index in flipped else value
        assert column.meaning is not None
        if column.meaning.kind is not None:
            lines += [Line(column.component, value)] if value else []
        elif cell or column.meaning is Meaning.NET:
            said[column.meaning] = column.index, value
        if column.meaning is Meaning.NET and not cell:
            problems.append(Problem(index, column.index, "net_missing"))
    if problems:
        return (), None, problems
    sums = {kind: sum((one.amount for one in lines if one.component.kind is kind), Decimal(0)) for kind in Kind}
    own = {
        Meaning.GROSS: sums[Kind.EARNING],
        Meaning.DEDUCTED: sums[Kind.DEDUCTION],
        Meaning.NET: sums[Kind.EARNING] - sums[Kind.DEDUCTION],
    }
    problems = [
        Problem(index, column, f"{meaning.value}_differs")
        for meaning, (column, value) in said.items()
        if value != own[meaning]
    ]
    return tuple(lines), said[Meaning.NET][1], problems
