"""The sheet given back: what is wrong marked in its cells, as a workbook of values without formulas."""

import io
from collections.abc import Callable, Sequence
from typing import Any

from hr_core.payslip.sheet.check import Problem
from hr_core.payslip.sheet.reading import Sheet

_ERROR, _WARNING = "FFC7CE", "FFEB9C"
_AUTHOR = "dinghr"


def annotated(sheet: Sheet, problems: Sequence[Problem], say: Callable[[Problem], str]) -> bytes:
    """Give the workbook. Every cell is text, so that no name becomes a formula where it is opened."""
    # Only the process that writes needs it: twelve megabytes.
    from openpyxl import Workbook  # noqa: PLC0415
    from openpyxl.comments import Comment  # noqa: PLC0415
    from openpyxl.styles import PatternFill  # noqa: PLC0415

    book = Workbook(write_only=True)
    page = book.create_sheet((sheet.title or "工资表")[:31])
    marks: dict[int, dict[int, list[Problem]]] = {}
    for one in problems:
        marks.setdefault(one.row, {}).setdefault(one.column or 0, []).append(one)
    for index, cells in enumerate(sheet.rows, 1):
        row = []
        wrong = marks.get(index, {})
        for at in range(max([len(cells), *(column + 1 for column in wrong)])):
            cell = _text(page, cells[at] if at < len(cells) else "")
            if at in wrong:
                colour = _WARNING if all(one.warning for one in wrong[at]) else _ERROR
                cell.fill = PatternFill("solid", fgColor=colour)
                cell.comment = Comment("\n".join(say(one) for one in wrong[at]), _AUTHOR)
            row.append(cell)
        page.append(row)
    rest = book.create_sheet("问题")
    for one in problems:
        rest.append([_text(rest, say(one))])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _text(page: Any, text: str) -> Any:
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # noqa: PLC0415

    cell = WriteOnlyCell(page, value=ILLEGAL_CHARACTERS_RE.sub("", text))
    cell.data_type = "s"  # Otherwise what begins with = is a formula.
    cell.quotePrefix = text.startswith(("=", "+", "-", "@"))
    return cell
