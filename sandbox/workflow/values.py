"""A form's values, each in the format of its component (A/0497); all of them are texts."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from sandbox.call import Call
from sandbox.world import World
from sandbox.world.workflow import Component, Form

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_PHONE = re.compile(r"\+?[\d-]{5,20}")
_FILE = ("spaceId", "fileName", "fileSize", "fileType", "fileId")


def check(
    call: Call, form: Form, given: Iterable[Mapping[str, Any]], code: str = "formConverterError"
) -> list[dict[str, Any]]:
    """Give the values as the instance keeps them; the refusal names the component that is wrong."""
    kept: list[dict[str, Any]] = []
    known = {one.label: one for one in form.components if one.label}
    for one in given:
        component = known.get(one["name"] or "")
        if component is None:
            raise _wrong(call, code, str(one["name"]))
        if component.kind == "TextNote" or not _good(call.world, component, one["value"] or ""):
            raise _wrong(call, code, component.label)
        kept.append(
            {
                "id": component.id, "name": component.label, "value": one["value"] or "",
                "componentType": component.kind, "bizAlias": component.alias, "extValue": one["extValue"] or "",
            }
        )  # fmt: skip
    names = [one["name"] for one in kept]
    lacking = next((one.label for one in form.components if one.required and one.label not in names), None)
    if lacking is not None or len(set(names)) < len(names):
        raise _wrong(call, code, lacking or "twice the same")
    return kept


def _wrong(call: Call, code: str, name: str) -> Exception:
    return call.fail(code, f"表单数据校验失败，失败控件：{name}")


def _good(world: World, component: Component, value: str) -> bool:
    test = _FORMATS.get(component.kind)
    return test is None or test(world, component, value)


def _list(value: str) -> list[Any]:
    """Read a JSON list; anything else is an empty one."""
    try:
        read = json.loads(value)
    except ValueError:
        return []
    return read if isinstance(read, list) else []


def _options(component: Component) -> set[str]:
    return {one["value"] for one in component.props.get("options", ())}


def _instant(component: Component, value: object) -> bool:
    with_time = "HH" in component.props.get("format", "") or component.props.get("unit") == "小时"
    for form in ("%Y-%m-%d %H:%M", "%Y-%m-%d") if with_time else ("%Y-%m-%d",):
        try:
            datetime.strptime(str(value), form)  # noqa: DTZ007 - only its shape counts
        except ValueError:
            continue
        return True
    return False


def _range(_: World, component: Component, value: str) -> bool:
    ends = _list(value)
    return len(ends) == 2 and all(_instant(component, one) for one in ends) and ends[0] <= ends[1]


def _table(world: World, component: Component, value: str) -> bool:
    rows = _list(value)
    by_name = {name: one for one in component.children for name in (one.label, one.id)}

    def cell(one: Any) -> bool:
        child = by_name.get(str(one.get("name") or one.get("id"))) if isinstance(one, dict) else None
        return child is not None and _good(world, child, str(one.get("value", "")))

    return bool(rows) and all(isinstance(row, list) and all(cell(one) for one in row) for row in rows)


def _contacts(world: World, _: Component, value: str) -> bool:
    return bool(found := _list(value)) and all(one in world.directory.users for one in found)


def _departments(world: World, _: Component, value: str) -> bool:
    return all(one.strip().isdigit() and int(one) in world.directory.departments for one in value.split(","))


def _related(world: World, _: Component, value: str) -> bool:
    return bool(found := _list(value)) and all(one in world.workflow.instances for one in found)


def _files(_: World, __: Component, value: str) -> bool:
    found = _list(value)
    return bool(found) and all(isinstance(one, dict) and set(_FILE) <= set(one) for one in found)


def _stars(_: World, component: Component, value: str) -> bool:
    return value.isdigit() and 1 <= int(value) <= int(component.props.get("limit", 5))


_FORMATS: Mapping[str, Callable[[World, Component, str], bool]] = {
    "NumberField": lambda _, __, value: bool(_NUMBER.fullmatch(value)),
    "MoneyField": lambda _, __, value: bool(_NUMBER.fullmatch(value)),
    "DDSelectField": lambda _, component, value: value in _options(component),
    "DDMultiSelectField": lambda _, component, value: bool(_list(value)) and set(_list(value)) <= _options(component),
    "DDDateField": lambda _, component, value: _instant(component, value),
    "DDDateRangeField": _range,
    "DDPhotoField": lambda _, __, value: all(isinstance(one, str) for one in _list(value)) and bool(_list(value)),
    "DDAttachment": _files,
    "TableField": _table,
    "InnerContactField": _contacts,
    "DepartmentField": _departments,
    "RelateField": _related,
    "AddressField": lambda _, __, value: value.count(",") >= 1,
    "StarRatingField": _stars,
    "PhoneField": lambda _, __, value: bool(_PHONE.fullmatch(value)),
    "TimeAndLocationField": lambda _, __, value: len(_list(value)) == 5,
}
