"""Rows in, results out.

`{"vectors": [{"id", "kind", "inputs"}]}` gives `{"results": [{"id", "outputs"}]}`, or `error` with `code` and
`message` instead of the outputs of a row that can't be computed.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from hr_core.payroll.model import load_income_tax
from hr_core.vectors import kinds_pay, kinds_people, kinds_time
from hr_core.vectors.books import Books, Kind, MissingData
from hr_core.vectors.fields import MissingField
from hr_core.workdays.load import load_calendar
from hr_core.workdays.model import CalendarMissing, WorkCalendar

KINDS: Mapping[str, Kind] = {**kinds_pay.KINDS, **kinds_time.KINDS, **kinds_people.KINDS}


class BadDocument(Exception):
    """The document isn't a list of rows at all."""


def run(document: Mapping[str, Any], calendar: WorkCalendar | None = None) -> dict[str, Any]:
    """Compute every row; raises `BadDocument` where there are none to compute."""
    rows = document.get("vectors") if isinstance(document, Mapping) else None
    if not isinstance(rows, list):
        raise BadDocument("the document needs a list under 'vectors'")
    books = Books(calendar or load_calendar(), load_income_tax())
    return {"results": [_row(row, books) for row in rows]}


class _Refused(Exception):
    """The row as a whole is at fault; carries code and message."""


def _row(row: Any, books: Books) -> dict[str, Any]:
    row_id = row.get("id") if isinstance(row, Mapping) else None
    try:
        return {"id": row_id, "outputs": _outputs(row, books)}
    except (_Refused, ValidationError, CalendarMissing, MissingData, ValueError, OverflowError) as error:
        code, message = _problem(error)
        return {"id": row_id, "error": {"code": code, "message": message}}


def _outputs(row: Any, books: Books) -> dict[str, Any]:
    if not isinstance(row, Mapping):
        raise _Refused("invalid_value", "a row is an object with id, kind and inputs")
    name = _present(row, "kind")
    if not isinstance(name, str) or name not in KINDS:
        raise _Refused("unknown_kind", f"there is no kind {name!r}")
    _present(row, "id")
    kind = KINDS[name]
    return kind.compute(kind.form.model_validate(_present(row, "inputs")), books)


def _present(row: Mapping[str, Any], field: str) -> Any:
    if field not in row:
        raise _Refused("missing_field", f"{field} is missing")
    return row[field]


def _problem(error: Exception) -> tuple[str, str]:
    match error:
        case _Refused():
            return error.args
        case ValidationError():
            return _first_problem(error)
        case MissingField():
            return "missing_field", str(error)
        case CalendarMissing():
            return "missing_data", f"no calendar of public holidays for {error.values['year']}"
        case MissingData():
            return "missing_data", str(error)
        case _:  # A value that passed its own check and is impossible beside the others, as a day after year 9999.
            return "invalid_value", str(error)


_CODES = {"missing": "missing_field", "extra_forbidden": "unknown_field"}


def _first_problem(error: ValidationError) -> tuple[str, str]:
    """Give a missing field before an unknown one: a misspelt name is both."""
    order = list(_CODES)
    problems = error.errors(include_url=False, include_context=False)
    first = min(problems, key=lambda p: order.index(p["type"]) if p["type"] in order else len(order))
    where = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    return _CODES.get(first["type"], "invalid_value"), f"{where}: {message}" if where else message
