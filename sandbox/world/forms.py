"""A form as a phone sends it (C3/0014): by field type, empty optional ones absent, hidden ones included."""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.world.errors import Refused


def form_values(fields: Sequence[Mapping[str, Any]], given: Mapping[str, Any]) -> dict[str, Any]:
    """Give `params.form`; what isn't given keeps its default. Raises `Refused` where a required one is empty."""
    unknown = set(given) - {str(field.get("name")) for field in fields}
    if unknown:
        raise Refused(f"the form has no field {', '.join(sorted(unknown))}")
    values: dict[str, Any] = {}
    for field in fields:
        name = str(field.get("name"))
        value = given.get(name, field.get("defaultValue"))
        if value in (None, "", []):
            if field.get("required") and not field.get("hidden"):
                raise Refused(str(field.get("requiredMsg") or f"请填写{field.get('label', name)}"))
            continue
        values[name] = _shaped(field, value)
    return values


def _shaped(field: Mapping[str, Any], value: Any) -> Any:
    match field.get("type"):
        case "SELECT" if not isinstance(value, Mapping):
            return {"index": _index(field, value), "value": value}
        case "MULTI_SELECT" if not isinstance(value, Mapping):
            return {"index": [_index(field, one) for one in value], "value": list(value)}
        case "CHECKBOX" | "SWITCH":
            return value in {True, "true", "on", "1"}
        case _:
            return value


def _index(field: Mapping[str, Any], value: Any) -> int:
    for index, option in enumerate(field.get("options") or []):
        if option.get("value") == value:
            return index
    raise Refused(f"{field.get('label', field.get('name'))} has no option {value}")
