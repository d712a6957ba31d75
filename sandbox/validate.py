"""A call's fields, held against its description. Unknown fields pass, as they do at DingTalk, with a warning."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sandbox.answers import Failure
from sandbox.operation import Family, Field, Kind, Operation, Shape

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


def validated(operation: Operation, given: Mapping[str, Any], notes: list[str]) -> dict[str, Any]:
    """Give the fields, typed, and add warnings to `notes`; raises `Failure` for the first that is missing or wrong."""
    return _object(operation, operation.fields, {k: v for k, v in given.items() if k != "access_token"}, "", notes)


def _object(
    operation: Operation, fields: tuple[Field, ...], given: Mapping[str, Any], inside: str, notes: list[str]
) -> dict[str, Any]:
    """Read one object by its fields; `inside` is the path to it, for messages."""
    notes.extend(_strangers({field.name for field in fields}, given, inside))
    values: dict[str, Any] = {}
    for field in fields:
        if field.when and (values.get(field.when[0]) or given.get(field.when[0])) not in field.when[1]:
            values.setdefault(field.name, field.default)
            continue
        value = given.get(field.name)
        if value is None or value == "" or (field.required and value in ([], {})):
            if field.required:
                raise _missing(operation, field, inside)
            values[field.name] = field.default
        else:
            typed = _typed(operation, field, value, inside)
            if field.required and typed in ([], {}):  # a form's text that holds nothing
                raise _missing(operation, field, inside)
            typed = _limited(operation, field, typed, inside)
            values[field.name] = _within(operation, field, typed, inside, notes) if field.fields else typed
    return values


def _within(operation: Operation, field: Field, value: Any, inside: str, notes: list[str]) -> Any:
    """Read what is inside a field by the fields it describes."""

    def read(one: Mapping[str, Any], path: str) -> dict[str, Any]:
        return _object(operation, field.fields, one, f"{path}.", notes)

    path = f"{inside}{field.name}"
    if field.shape == "json":
        value = json.loads(value)
        if not isinstance(value, dict):
            raise _bad(operation, field, field.bad, f"{path} is no JSON object")
    if field.kind == "objects":
        return [read(one, f"{path}[{number}]") for number, one in enumerate(value)]
    if field.kind == "map":
        return {key: read(one, f"{path}.{key}") for key, one in value.items()}
    return read(value, path)


def _strangers(known: Iterable[str], given: Mapping[str, Any], inside: str) -> Iterator[str]:
    """Warn of what isn't described; names are case-sensitive, so a near miss is named."""
    folded = {_folded(name): name for name in known}
    for name in given:
        near = folded.get(_folded(name))
        if near is None:
            yield f"field {inside}{name} isn't in the documents"
        elif near != name and name not in known:
            yield f"field {inside}{name} isn't in the documents: {inside}{near} is"


def _folded(name: str) -> str:
    return name.casefold().replace("_", "").replace("-", "")


def inner(value: Any) -> Mapping[str, Any]:
    """Give an object inside a field, an empty one for anything else: the documents give no code for its shape."""
    return value if isinstance(value, Mapping) else {}


def inners(value: Any) -> list[Mapping[str, Any]]:
    """Give the objects of a list inside a field."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def texts(value: Any) -> list[str]:
    """Give the texts of a list inside a field."""
    return [one for one in value if isinstance(one, str) and one] if isinstance(value, list) else []


def _typed(operation: Operation, field: Field, value: Any, inside: str) -> Any:
    """Read a value by its kind. The old family takes forms, so numbers and flags may come as text, lists joined; so may
    they in a path, a query or a header, where the new family's lists are JSON.
    """
    read, good = _KINDS[field.kind]
    outside = field.where != "body"
    if isinstance(value, str) and field.kind in {"strings", "ints"}:
        if operation.family is Family.OLD:
            value = [_number(one) if field.kind == "ints" else one for one in value.split(",")]
        elif outside:
            value = _parsed(value)
    if field.kind == "bool" and field.where == "query" and isinstance(value, str):
        value = value.lower()  # the official client for Python writes True there
    if operation.family is Family.OLD or outside or field.kind == "joined":
        value = read(value)
    if not good(value):
        raise _bad(operation, field, field.bad, f"{inside}{field.name} is not a valid {field.kind}")
    if not _shaped(field.shape, value):
        raise _bad(operation, field, field.bad, f"{inside}{field.name} is not a valid {field.shape}")
    if not _chosen(field.choices, value):
        choices = ", ".join(str(one) for one in field.choices)
        raise _bad(operation, field, field.bad, f"{inside}{field.name} is none of {choices}")
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
    "map": (_parsed, lambda value: isinstance(value, dict) and all(isinstance(one, dict) for one in value.values())),
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


def _limited(operation: Operation, field: Field, value: Any, inside: str) -> Any:
    if field.unit == "value":
        size = value
    elif field.unit == "chars" and isinstance(value, dict):
        size = len(json.dumps(value, ensure_ascii=False))
    elif field.unit == "bytes":
        size = len(
            (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))).encode()
        )
    else:
        size = len(value) if isinstance(value, str | list | dict) else 0
    for bound, wrong, words in (
        (field.most, field.most is not None and size > field.most, "at most"),
        (field.least, field.least is not None and size < field.least, "at least"),
    ):
        if wrong:
            text = f"{inside}{field.name}: {size} {field.unit}, {words} {bound}"
            raise _bad(operation, field, field.over or field.bad, text)
    return value


def _missing(operation: Operation, field: Field, inside: str) -> Failure:
    name = f"{inside}{field.name}"
    if operation.family is Family.OLD:
        return _refusal(operation, field.missing or "40035", f"缺少参数 {name}")
    return _refusal(operation, field.missing or f"Missing{field.name}", f"{name} is mandatory for this action.")


def _bad(operation: Operation, field: Field, code: str, message: str) -> Failure:
    code = code or operation.bad
    if operation.family is Family.OLD:
        return _refusal(operation, code or "40035", f"不合法的参数 {message}")
    return _refusal(operation, code or f"invalidParameter.{field.name}", message)


def _refusal(operation: Operation, code: str, message: str) -> Failure:
    """Give the failure; where the operation describes the code itself, with its status and its meaning."""
    described = operation.error(code)
    if described is not None and described.meaning:
        message = f"{described.meaning}: {message}"
    status = described.status if described is not None else 400
    return Failure(int(code) if operation.family is Family.OLD else code, message, status=status)
