"""A month's sheet read and checked: bytes in, values out. For a child process: see `bot/children.py`.

Asked with `people` it checks; without, it tells what the sheet is. What stands against the file is given as `refused`.
"""

import base64
import json
import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import PurePath
from typing import Any

from cards import payroll as cards
from cards.catalogue import words
from hr_core.attachments import AttachmentRefused
from hr_core.payslip.sheet import Known, SheetUnreadable, annotated, check, layout_of, read_sheet


def main() -> None:
    """Read what is asked from the standard input, write what was found to the standard output."""
    asked: dict[str, Any] = json.load(sys.stdin)
    try:
        found = answer(asked)
    except (SheetUnreadable, AttachmentRefused) as error:
        found = {"refused": [error.code, error.values]}
    sys.stdout.buffer.write(json.dumps(found, ensure_ascii=False).encode())


def answer(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Give what the sheet is, and with `people` what each gets and what is wrong."""
    content = base64.b64decode(asked["file"])
    sheet, layout = layout_of(read_sheet(asked["name"], content), PurePath(asked["name"]).stem)
    layout = layout.with_meanings(asked.get("columns", {}))
    found: dict[str, Any] = {
        "digest": layout.digest,
        "month": layout.month.isoformat() if layout.month else None,
        "unclear": [[column.index, column.name] for column in layout.unclear],
        "told": dict(layout.told),
    }
    if "people" not in asked:
        return found
    people = {
        number: Known(person, name, Decimal(before) if before is not None else None)
        for number, (person, name, before) in asked["people"].items()
    }
    done = check(sheet, layout, people, frozenset(asked["gone"]))
    marked = annotated(sheet, done.problems, lambda one: cards.problem(words(), one)) if done.problems else b""
    return {
        **found,
        "slips": {
            str(person): [[one.component.code, one.component.label, one.component.kind.value, str(one.amount)]
                          for one in lines]
            for person, lines in done.slips.items()
        },
        "problems": [[one.row, one.column, one.what, one.name, one.warning] for one in done.problems],
        "marked": base64.b64encode(marked).decode(),
    }  # fmt: skip
