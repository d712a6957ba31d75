"""Records of the address book read from a control call, held to their fields' types."""

from datetime import date
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from sandbox.control.ask import Ask
from sandbox.world import Department, Refused, User


def record(ask: Ask, kind: type[User] | type[Department], key: str = "") -> dict[str, Any]:
    """Give the record's fields that were named, without its key; dates as `yyyy-MM-dd`."""
    known = _hints(kind)
    if unknown := set(ask.given) - set(known):
        raise Refused(f"there is no field {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}")
    return {name: _read(name, known[name], value) for name, value in ask.given.items() if name != key}


def _hints(kind: type[User] | type[Department]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {name: hints[name] for name in kind.__dataclass_fields__}


def _read(name: str, hint: Any, value: Any) -> Any:
    """Give a value as the field holds it; JSON's keys are texts, and its days as well."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is UnionType:
        inner = next(one for one in args if one is not type(None))
        return None if value in (None, "") else _read(name, inner, value)
    if origin is list and isinstance(value, list):
        return [_read(name, args[0], one) for one in value]
    if origin is dict and isinstance(value, dict):
        return {_key(name, args[0], key): _read(name, args[1], one) for key, one in value.items()}
    if hint is date:
        return _day(name, value)
    if hint is Any or (hint in {str, int, bool} and type(value) is hint):
        return value
    raise Refused(f"{name} must be a {getattr(origin or hint, '__name__', hint)}")


def _key(name: str, hint: Any, key: str) -> Any:
    if hint is not int:
        return key
    if not key.lstrip("-").isdecimal():
        raise Refused(f"{name} goes by numbers")
    return int(key)


def _day(name: str, value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise Refused(f"{name} must be a day such as 2026-11-24") from None
