"""The form variable (C3/0014): its fields as the client shows them, and what the client sends back.

The client itself checks one thing only: what is required is there.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sandbox.page.values import shown

CHOICES = {"SELECT", "MULTI_SELECT", "CHECKBOX_GROUP", "MULTI_CHECKBOX_GROUP"}
MANY = {"MULTI_SELECT", "MULTI_CHECKBOX_GROUP"}
TYPES = CHOICES | {"TEXT", "TEXT_ARRAY", "TEXT_AREA", "NUMBER", "DATE", "TIME", "DATETIME", "CHECKBOX", "SWITCH"}
FORMATS = {"DATE": "yyyy-MM-dd", "TIME": "HH:mm", "DATETIME": "yyyy-MM-dd HH:mm"}
_TOKENS = {"yyyy": r"(?P<y>\d{4})", "MM": r"(?P<m>\d{1,2})", "dd": r"(?P<d>\d{1,2})"} | {
    "HH": r"(?P<h>\d{1,2})",
    "mm": r"(?P<i>\d{1,2})",
    "ss": r"(?P<s>\d{1,2})",
}
_TOKEN = re.compile("|".join(_TOKENS))


class Filled(Protocol):
    """What a browser sends of a form."""

    def getall(self, key: str, default: list[Any], /) -> list[Any]:
        """Give every value of a name."""
        ...


@dataclass(frozen=True, slots=True)
class Option:
    """One choice."""

    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form, and what it holds before anybody touches it."""

    name: str
    label: str
    type: str
    hidden: bool
    required: bool
    required_words: str
    read_only: bool
    placeholder: str
    format: str
    default: Any
    options: tuple[Option, ...]
    min_rows: int
    max_rows: int
    add_text: str

    @property
    def input_value(self) -> str:
        """Give the default as the browser's own input wants it: `2026-11-25`, `09:30`, `2026-11-25T09:30`."""
        if self.type not in FORMATS:
            return shown(self.default)
        found = re.fullmatch(_pattern(self.format), shown(self.default))
        if found is None:
            return ""
        at = {name: int(value) for name, value in found.groupdict().items()}
        day = f"{at.get('y', 1970):04}-{at.get('m', 1):02}-{at.get('d', 1):02}"
        time = f"{at.get('h', 0):02}:{at.get('i', 0):02}"
        return {"DATE": day, "TIME": time, "DATETIME": f"{day}T{time}"}[self.type]

    @property
    def chosen(self) -> tuple[str, ...]:
        """Give the values chosen by default: by index as a select has them, by value as a list does."""
        default = self.default
        if self.type in {"SELECT", "MULTI_SELECT"}:
            index = default.get("index") if isinstance(default, dict) else None
            picks = index if isinstance(index, list) else [index]
            return tuple(self.options[i].value for i in picks if isinstance(i, int) and 0 <= i < len(self.options))
        values = default if isinstance(default, list) else [default]
        return tuple(shown(value) for value in values if value is not None)

    @property
    def texts(self) -> tuple[str, ...]:
        """Give the lines a text list holds."""
        return tuple(shown(item) for item in self.default) if isinstance(self.default, list) else ()


def text_of(filled: Filled, name: str) -> str | None:
    """Give the first value of a name, with the line breaks of a text; None where it wasn't sent."""
    values = filled.getall(name, [])
    return values[0].replace("\r\n", "\n") if values and isinstance(values[0], str) else None


def fields_of(variable: Any) -> tuple[Field, ...]:
    """Give the fields of a form variable; what isn't a field of a known type is left out."""
    items = variable.get("fields") if isinstance(variable, dict) else None
    if not isinstance(items, list):
        return ()
    return tuple(_field(item) for item in items if isinstance(item, dict) and _is_field(item))


def submitted(fields: Sequence[Field], filled: Filled) -> tuple[dict[str, Any], dict[str, str]]:
    """Give what the client sends (`params.form`) and, per field, what keeps it from sending."""
    form: dict[str, Any] = {}
    missing: dict[str, str] = {}
    for field in fields:
        value = _untouched(field) if field.hidden or field.read_only else _value(field, _texts(filled, field.name))
        if value is not None:
            form[field.name] = value
        elif field.required and not field.hidden:
            missing[field.name] = field.required_words
    return form, missing


def _texts(filled: Filled, name: str) -> list[str]:
    return [value for value in filled.getall(f"field.{name}", []) if isinstance(value, str)]


def _is_field(item: Mapping[str, Any]) -> bool:
    return isinstance(item.get("name"), str) and item["name"] != "" and item.get("type") in TYPES


def _field(item: Mapping[str, Any]) -> Field:
    label = shown(item.get("label"))
    rows = [item[key] if isinstance(item.get(key), int) else usual for key, usual in (("minRows", 2), ("maxRows", 8))]
    options = item["options"] if isinstance(item.get("options"), list) else []
    return Field(
        name=item["name"],
        label=label,
        type=item["type"],
        hidden=item.get("hidden") is True,
        required=item.get("required") is True,
        required_words=shown(item.get("requiredMsg")) or f"{label}是必填项",
        read_only=item.get("readOnly") is True,
        placeholder=shown(item.get("placeholder")),
        format=shown(item.get("format")) or FORMATS.get(item["type"], ""),
        default=item.get("defaultValue"),
        options=tuple(
            Option(shown(option.get("value")), shown(option.get("text")))
            for option in options
            if isinstance(option, dict)
        ),
        min_rows=max(1, min(rows[0], 20)),
        max_rows=max(1, min(rows[1], 40)),
        add_text=shown(item.get("addText")) or "添加选项",
    )


def _untouched(field: Field) -> Any:
    if field.type in FORMATS:
        return shown(field.default) or None
    if field.type in {"SELECT", "MULTI_SELECT"}:
        return _value(field, list(field.chosen))
    return field.default


def _value(field: Field, texts: list[str]) -> Any:
    match field.type:
        case "CHECKBOX" | "SWITCH":
            # One that was never on is absent; one switched off says so.
            value: Any = True if texts else (False if field.default is not None else None)
        case "TEXT_ARRAY":
            value = [text for text in texts if text.strip()]
        case "MULTI_CHECKBOX_GROUP":
            value = [option.value for option in field.options if option.value in texts]
        case "SELECT" | "MULTI_SELECT":
            value = _selected(field, texts)
        case "DATE" | "TIME" | "DATETIME":
            value = _formatted(field, "".join(texts))
        case _:
            value = "".join(texts)
    return None if value in ("", []) or (isinstance(value, str) and not value.strip()) else value


def _selected(field: Field, texts: list[str]) -> dict[str, Any] | None:
    index = [i for i, option in enumerate(field.options) if option.value in texts]
    if not index:
        return None
    values = [field.options[i].value for i in index]
    return {"index": index, "value": values} if field.type in MANY else {"index": index[0], "value": values[0]}


def _pattern(form: str) -> str:
    return "".join(_TOKENS.get(part, re.escape(part)) for part in re.split(f"({_TOKEN.pattern})", form))


def _formatted(field: Field, text: str) -> str | None:
    """Give a browser's date or time in the field's own format."""
    if not text:
        return None
    found = re.fullmatch(r"(?:(\d{4})-(\d\d)-(\d\d))?T?(?:(\d\d):(\d\d)(?::(\d\d))?.*)?", text)
    if found is None:
        return None
    parts = dict(zip(("yyyy", "MM", "dd", "HH", "mm", "ss"), found.groups(default="00"), strict=True))
    return _TOKEN.sub(lambda token: parts[token[0]], field.format)
