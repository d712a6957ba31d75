"""Which column is what: the heading found below merged titles, each column's meaning read from its name."""

import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources

from hr_core.payslip.model import Component, Kind
from hr_core.payslip.sheet.reading import Sheet, SheetUnreadable

SEARCHED = 20
"""In how many first rows the heading is looked for."""
_UNITS = re.compile(r"[(](元|RMB|人民币|¥|单位:?元)[)]|\s|[:*]")
_MONTHS = (
    re.compile(r"(?P<year>20\d\d)\s*[年./_-]\s*(?P<month>1[0-2]|0?[1-9])(?!\d)"),
    re.compile(r"(?<!\d)(?P<year>20\d\d)(?P<month>0[1-9]|1[0-2])(?!\d)"),
)


class Meaning(StrEnum):
    """What a column holds. The last three are components of pay, the sums before them are checked and not kept."""

    NUMBER = "number"
    NAME = "name"
    NET = "net"
    GROSS = "gross"
    DEDUCTED = "deducted"
    IGNORED = "ignored"
    EARNING = "earning"
    DEDUCTION = "deduction"
    EMPLOYER = "employer"

    @property
    def kind(self) -> Kind | None:
        """The kind of component, if it is one."""
        return next((kind for kind in Kind if kind.value == self.value), None)


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its place and heading; without a `meaning` somebody has to say what it is."""

    index: int
    name: str
    meaning: Meaning | None

    @property
    def component(self) -> Component:
        """The line it makes: its heading is its code, so that months compare by it."""
        assert self.meaning is not None
        assert self.meaning.kind is not None
        return Component(self.name, self.name, self.meaning.kind)


@dataclass(frozen=True, slots=True)
class Layout:
    """A sheet's heading. `first` is the index of the first row below it, `month` what is said above it, if anything."""

    columns: tuple[Column, ...]
    first: int
    month: date | None

    @property
    def digest(self) -> str:
        """Name the heading, so that next month's is known again."""
        return hashlib.sha256("\x1f".join(column.name for column in self.columns).encode()).hexdigest()

    @property
    def unclear(self) -> tuple[Column, ...]:
        """The columns nobody has said anything of."""
        return tuple(column for column in self.columns if column.meaning is None)

    def only(self, meaning: Meaning) -> Column | None:
        """Give the column of a meaning that a sheet has once."""
        return next((column for column in self.columns if column.meaning is meaning), None)

    @property
    def told(self) -> Mapping[str, str]:
        """Give what to remember."""
        return {column.name: column.meaning.value for column in self.columns if column.meaning is not None}

    def with_meanings(self, told: Mapping[str, str]) -> "Layout":
        """Give the layout with what somebody said of some columns, by their headings."""
        columns = tuple(
            Column(one.index, one.name, Meaning(told[one.name]) if one.name in told else one.meaning)
            for one in self.columns
        )
        return Layout(columns, self.first, self.month)


def layout_of(sheets: tuple[Sheet, ...], name: str = "") -> tuple[Sheet, Layout]:
    """Find the sheet that has a heading with employee numbers and net pay; raises `SheetUnreadable`."""
    for sheet in sheets:
        for index, row in enumerate(sheet.rows[:SEARCHED]):
            read = {_meaning(_name(cell)) for cell in row}
            if Meaning.NUMBER in read and (Meaning.NAME in read or Meaning.NET in read):
                return sheet, _layout(sheet, index, name)
    raise SheetUnreadable("no_heading")


def _layout(sheet: Sheet, index: int, name: str) -> Layout:
    heading, below = sheet.rows[index], sheet.rows[index + 1] if index + 1 < len(sheet.rows) else ()
    numbers = next(at for at, cell in enumerate(heading) if _meaning(_name(cell)) is Meaning.NUMBER)
    two_rows = bool(below) and not _at(below, numbers) and not any(_number_like(cell) for cell in below if cell)
    two_rows = two_rows and sum(bool(cell) for cell in below) >= 2
    width = max(len(heading), len(below) if two_rows else 0)
    names, group = [], ""
    for at in range(width):
        upper, lower = _name(_at(heading, at)), _name(_at(below, at)) if two_rows else ""
        group = upper or (group if two_rows else "")
        names.append(_sub(group, lower) if lower else upper)
    seen: dict[str, int] = {}
    columns = []
    for at, heading_name in enumerate(names):
        if not heading_name:
            continue
        seen[heading_name] = seen.get(heading_name, 0) + 1
        unique = heading_name if seen[heading_name] == 1 else f"{heading_name}{seen[heading_name]}"
        columns.append(Column(at, unique[:60], _meaning(heading_name)))
    said = " ".join([name, sheet.title, *(cell for row in sheet.rows[:index] for cell in row)])
    return Layout(tuple(columns), index + 1 + two_rows, _month(said))


def _sub(group: str, lower: str) -> str:
    """Name a column of a group: 养老保险 below 单位承担 isn't the person's own."""
    return f"{lower}({group})" if re.search("单位|公司|企业", group) else lower


def _month(text: str) -> date | None:
    for pattern in _MONTHS:
        if found := pattern.search(text):
            return date(int(found["year"]), int(found["month"]), 1)
    return None


def _at(row: tuple[str, ...], index: int) -> str:
    return row[index] if index < len(row) else ""


def _name(cell: str) -> str:
    return _UNITS.sub("", unicodedata.normalize("NFKC", cell))


def _number_like(cell: str) -> bool:
    return re.fullmatch(r"[-+¥￥(]?[\d,.]+[)]?", cell) is not None


@cache
def _patterns() -> tuple[tuple[Meaning, re.Pattern[str]], ...]:
    text = resources.files("hr_core.payslip").joinpath("data/columns.toml").read_text("utf-8")
    return tuple(
        (Meaning(one["meaning"]), re.compile(one["pattern"], re.IGNORECASE)) for one in tomllib.loads(text)["column"]
    )


@cache
def _meaning(name: str) -> Meaning | None:
    return next((meaning for meaning, pattern in _patterns() if pattern.fullmatch(name)), None)
