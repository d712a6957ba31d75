"""A frame's or call's body to read."""

import json
from typing import Any


def pretty(body: Any) -> str:
    """Give a body to read: JSON inside a JSON text is unfolded, and its key says so."""
    return json.dumps(_unfolded(body), ensure_ascii=False, indent=2)


def inner(value: Any) -> Any:
    """Give the JSON a text holds, or None."""
    if not isinstance(value, str) or value[:1] not in {"{", "["}:
        return None
    try:
        return json.loads(value)
    except ValueError:
        return None


def _unfolded(value: Any) -> Any:
    if isinstance(value, dict):
        unfolded = {key: inner(one) for key, one in value.items()}
        return {
            f"{key} ⟨JSON 文本⟩" if text is not None else key: _unfolded(value[key] if text is None else text)
            for key, text in unfolded.items()
        }
    return [_unfolded(one) for one in value] if isinstance(value, list) else value
