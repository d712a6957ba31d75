"""The values of a card as the phone has read them by the template's types; each may still have the wrong shape."""

from collections.abc import Mapping
from typing import Any

Values = Mapping[str, Any]


def objects(values: Values, name: str) -> list[dict[str, Any]]:
    """Give an object[] variable; anything else is an empty list."""
    value = values.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def shown(value: Any) -> str:
    """Give what a text component shows of a value: an object where words belong is `[Object Object]`."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"{value:g}" if isinstance(value, float) else str(value)
        case list():
            return ",".join(shown(item) for item in value)
    return "[Object Object]"
