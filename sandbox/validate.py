"""A call's fields, held against its description. Unknown fields pass, as they do at DingTalk, with a warning."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.answers import Failure
from sandbox.operation import Family, Field, Operation


def validated(operation: Operation, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Give the fields, typed, and the warnings; raises `Failure` for the first that is missing or wrong."""
    values: dict[str, Any] = {}
    for field in operation.fields:
        value = given.get(field.name)
        if value is None or value == "" or (field.required and value in ([], {})):
            if field.required:
                raise _missing(operation, field)
            values[field.name] = field.default
            continue
        values[field.name] = _limited(operation, field, _typed(operation, field, value))
    known = {field.name for field in operation.fields} | {"access_token"}
    return values, [f"field {name} isn't in the documents" for name in given if name not in known]


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
    """Read a value by its kind. The old family takes forms, so numbers and flags may come as text, lists joined."""
    match field.kind:
        case "string":
            good = isinstance(value, str)
        case "int":
            if isinstance(value, str) and value.lstrip("-").isdigit():
                value = int(value)
            good = isinstance(value, int) and not isinstance(value, bool)
        case "bool":
            value = {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
            good = isinstance(value, bool)
        case "object":
            value = _parsed(value)
            good = isinstance(value, dict)
        case "texts":
            value = _parsed(value)
            good = isinstance(value, dict) and all(isinstance(one, str) for one in value.values())
        case "strings":
            if isinstance(value, str) and operation.family is Family.OLD:
                value = value.split(",")
            good = isinstance(value, list) and all(isinstance(one, str) for one in value)
        case "ints":
            good = isinstance(value, list) and all(isinstance(one, int) for one in value)
        case "objects":
            value = _parsed(value)
            good = isinstance(value, list) and all(isinstance(one, dict) for one in value)
        case "file":
            good = True
    if not good:
        raise _bad(operation, field, field.bad, f"{field.name} is not a valid {field.kind}")
    return value


def _limited(operation: Operation, field: Field, value: Any) -> Any:
    if field.unit == "value":
        size = value
    elif field.unit == "bytes":
        size = len((value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)).encode())
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


def _parsed(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _missing(operation: Operation, field: Field) -> Failure:
    if operation.family is Family.OLD:
        return Failure(int(field.missing or 40035), f"缺少参数 {field.name}")
    return Failure(field.missing or f"Missing{field.name}", f"{field.name} is mandatory for this action.")


def _bad(operation: Operation, field: Field, code: str, message: str) -> Failure:
    if operation.family is Family.OLD:
        return Failure(int(code or 40035), f"不合法的参数 {message}")
    return Failure(code or f"invalidParameter.{field.name}", message)
