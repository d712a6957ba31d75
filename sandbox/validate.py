"""A call's fields, held against its description. Unknown fields pass, as they do at DingTalk, with a warning."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sandbox.answers import Failure
from sandbox.operation import Family, Field, Kind, Operation, Shape

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


def validated(operation: Operation, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Give the fields, typed, and the warnings; raises `Failure` for the first that is missing or wrong."""
    values, notes = _object(operation, operation.fields, given, "")
    return values, [note for note in notes if note != "field access_token isn't in the documents"]


def _object(
    operation: Operation, fields: tuple[Field, ...], given: Mapping[str, Any], inside: str
) -> tuple[dict[str, Any], list[str]]:
    """Read one object by its fields; `inside` is the path to it, for messages."""
    values: dict[str, Any] = {}
    notes: list[str] = []
    for field in fields:
        value = given.get(field.name)
        if value is None or value == "" or (field.required and value in ([], {})):
            if field.required:
                raise _missing(operation, field, inside)
            values[field.name] = field.default
            continue
        typed = _limited(operation, field, _typed(operation, field, value))
        if field.fields:
            path = f"{inside}{field.name}."
            read = [
                _object(operation, field.fields, one, path) for one in (typed if field.kind == "objects" else [typed])
            ]
            notes += [note for _, found in read for note in found]
            typed = [one for one, _ in read] if field.kind == "objects" else read[0][0]
        values[field.name] = typed
    known = {field.name for field in fields}
    return values, [*notes, *(f"field {inside}{name} isn't in the documents" for name in given if name not in known)]


def inner(value: Any) -> Mapping[str, Any]:
    """Give an object inside a field, an empty one for anything else: the documents give no code for its shape."""
    return value if isinstance(value, Mapping) else {}


def inners(value: Any) -> list[Mapping[str, Any]]:
    """Give the objects of a list inside a field."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def texts(value: Any) -> list[str]:
    """Give the texts of a list inside a field."""
    return [one for one in value if isinstance(one, str) and one] if isinstance(value, list) else []


def _typed(operation: Operation, field: Field, value: Any) -> Any:
    """Read a value by its kind. The old family takes forms, so numbers and flags may come as text, lists joined; the
    new family's lists are JSON in a query.
    """
    if isinstance(value, str) and field.kind in {"strings", "ints"}:
        if operation.family is Family.OLD:
            value = [_number(one) if field.kind == "ints" else one for one in value.split(",")]
        elif field.where == "query":
            value = _parsed(value)
    if field.kind == "bool" and field.where == "query" and isinstance(value, str):
        value = value.lower()  # the official client for Python writes True there
    read, good = _KINDS[field.kind]
    value = read(value)
    if not good(value) or not _shaped(field.shape, value) or not _chosen(field.choices, value):
        raise _bad(operation, field, field.bad, f"{field.name} is not a valid {field.shape or field.kind}")
    return value


def _number(value: Any) -> Any:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value) if "." in value else int(value)
    return value


def _parsed(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _split(value: Any) -> Any:
    return [one for one in value.split(",") if one] or None if isinstance(value, str) else None


def _flag(value: Any) -> Any:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def _as_it_is(value: Any) -> Any:
    return value


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _all(good: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(good(one) for one in value)


def _is(*kinds: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, kinds)


_KINDS: Mapping[Kind, tuple[Callable[[Any], Any], Callable[[Any], bool]]] = {
    "string": (_as_it_is, _is(str)),
    "int": (_number, _is_int),
    "number": (_number, lambda value: _is_int(value) or isinstance(value, float)),
    "bool": (_flag, _is(bool)),
    "object": (_parsed, _is(dict)),
    "texts": (_parsed, lambda value: isinstance(value, dict) and all(isinstance(one, str) for one in value.values())),
    "strings": (_as_it_is, _all(_is(str))),
    "joined": (_split, _all(_is(str))),
    "ints": (_as_it_is, _all(_is_int)),
    "objects": (_parsed, _all(_is(dict))),
    "file": (_as_it_is, lambda _: True),
    "any": (_as_it_is, lambda _: True),
}
"""How each kind is read, and what it must be then."""


def _chosen(choices: Sequence[str | int], value: Any) -> bool:
    return not choices or all(one in choices for one in (value if isinstance(value, list) else [value]))


def _shaped(shape: Shape | None, value: Any) -> bool:
    """Tell whether a text holds what it should."""
    try:
        return shape is None or _SHAPES[shape](value)
    except ValueError:
        return False


def _is_json(value: str) -> bool:
    json.loads(value)
    return True


def _is_date(value: str) -> bool:
    return bool(_DATE.fullmatch(value)) and bool(date.fromisoformat(value))


def _is_time(value: str) -> bool:
    return bool(_TIME.fullmatch(value)) and bool(datetime.fromisoformat(value))


_SHAPES: Mapping[Shape, Callable[[str], bool]] = {
    "json": _is_json,
    "date": _is_date,
    "time": _is_time,
    "day": lambda value: _is_time(value) if ":" in value else _is_date(value),
    "minute": lambda value: _is_time(f"{value}:00" if value.count(":") == 1 else value),
    "instant": lambda value: datetime.fromisoformat(value).tzinfo is not None,
}


def _limited(operation: Operation, field: Field, value: Any) -> Any:
    if field.unit == "value":
        size = value
    elif field.unit == "bytes":
        size = len(
            (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))).encode()
        )
    else:
        size = len(value) if isinstance(value, str | list | dict) else 0
    if field.most is not None and size > field.most:
        raise _bad(
            operation, field, field.over or field.bad, f"{field.name}: {size} {field.unit}, {field.most} at most"
        )
    if field.least is not None and size < field.least:
        raise _bad(
            operation, field, field.over or field.bad, f"{field.name}: {size} {field.unit}, at least {field.least}"
        )
    return value


def _missing(operation: Operation, field: Field, inside: str = "") -> Failure:
    if operation.family is Family.OLD:
        return Failure(int(field.missing or 40035), f"缺少参数 {inside}{field.name}")
    return Failure(field.missing or f"Missing{field.name}", f"{inside}{field.name} is mandatory for this action.")


def _bad(operation: Operation, field: Field, code: str, message: str) -> Failure:
    if operation.family is Family.OLD:
        return Failure(int(code or 40035), f"不合法的参数 {message}")
    return Failure(code or f"invalidParameter.{field.name}", message)
