"""Workbooks and CSV into cells of text: visible sheets only, formulas by the values Excel left beside them."""

import csv
import io
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from hr_core.attachments import check_workbook
from hr_core.errors import HRError

MOST_ROWS, MOST_COLUMNS = 20_100, 200
_ENCODINGS = ("utf-8-sig", "gb18030")


class SheetUnreadable(HRError):
    """A file that holds no sheet of payroll."""

    def __init__(self, why: str, **values: object) -> None:
        super().__init__(**values)
        self.code = f"payroll.error.{why}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet's cells as text, its first row first; `title` is what it is called in the workbook."""

    title: str
    rows: tuple[tuple[str, ...], ...]


def read_sheet(name: str, content: bytes) -> tuple[Sheet, ...]:
    """Give the visible sheets of a workbook (XLSX) or a CSV; raises `SheetUnreadable` or `AttachmentRefused`."""
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise SheetUnreadable("old_workbook")
    if not name.lower().endswith((".csv", ".txt")) or content.startswith(b"PK"):
        return _workbook(check_workbook(content))
    for encoding in _ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        first = text.partition("\n")[0]
        delimiter = max(",\t;", key=first.count)
        return (Sheet("", _rows(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))),)
    raise SheetUnreadable("encoding")


def _workbook(content: bytes) -> tuple[Sheet, ...]:
    # Only the process that reads needs it: twelve megabytes.
    from openpyxl import load_workbook  # noqa: PLC0415
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    except (InvalidFileException, KeyError, ValueError, TypeError, AttributeError) as error:
        raise SheetUnreadable("not_a_sheet") from error
    try:
        sheets = []
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                sheet.reset_dimensions()  # What a file says of its own size is often wrong.
                sheets.append(Sheet(sheet.title, _rows(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS))))
        return tuple(sheets)
    finally:
        book.close()


def _rows(found: Iterable[Iterable[object]]) -> tuple[tuple[str, ...], ...]:
    rows = []
    for cells in found:
        row = [_text(cell) for cell in cells][:MOST_COLUMNS]
        while row and not row[-1]:
            row.pop()
        rows.append(tuple(row))
        if len(rows) > MOST_ROWS:
            raise SheetUnreadable("too_many_rows", most=20_000)
    while rows and not rows[-1]:
        rows.pop()
    return tuple(rows)


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        # What a formula left behind carries the noise of binary fractions: 18378.070000000003.
        number = Decimal(repr(cell))
        near = round(number, 2) if number.is_finite() else number
        return f"{near if near == number or abs(number - near) < Decimal('0.000001') else number:f}"
    if isinstance(cell, date):  # An instant is one too.
        return f"{cell:%Y-%m-%d}"
    return unicodedata.normalize("NFKC", str(cell)).strip()
