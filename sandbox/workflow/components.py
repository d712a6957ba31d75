"""A template's components: what may be in a form (A/0474), and how the schema shows it (A/0492)."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.call import Call
from sandbox.operation import Field
from sandbox.workflow.fields import given, told
from sandbox.world.workflow import Component

_OWN = (
    "TextField", "TextareaField", "NumberField", "DDSelectField", "DDMultiSelectField", "DDDateField",
    "DDDateRangeField", "TextNote", "DDPhotoField", "MoneyField", "TableField", "DDAttachment", "InnerContactField",
    "RelateField", "AddressField", "StarRatingField", "DepartmentField",
)  # fmt: skip
_OFFICIAL = (*_OWN, "PhoneField", "TimeAndLocationField", "FormRelateField")
_TEXTS = (
    "actionName", "addressModel", "align", "bizType", "choice", "commonBizType", "durationLabel", "format", "formula",
    "link", "mode", "print", "tableViewMode", "unit", "upper", "defaultValue", "notPrint",
)  # fmt: skip
_FLAGS = (
    "asyncCondition", "disabled", "duration", "invisible", "multiple", "verticalPrint", "payEnable", "mask",
)  # fmt: skip
_SHOWN = ("format", "unit", "link", "duration", "durationLabel", "disabled", "tableViewMode", "verticalPrint")
_PROPS = (
    Field("componentId", most=64), Field("id", most=64), Field("bizAlias", most=64), Field("label", most=20),
    Field("placeholder", most=128), Field("content", most=500), Field("required", "bool"),
    Field("limit", "int"), Field("maxLength", "int"), Field("precision", "int"), Field("dataSource", "object"),
    Field("options", "objects", fields=(Field("key"), Field("value", required=True))),
    Field("statField", "objects", fields=(Field("componentId"), Field("label"), Field("upper"))),
    Field("availableTemplates", "objects", fields=(Field("name"), Field("processCode"))),
    *(Field(name) for name in _TEXTS), *(Field(name, "bool") for name in _FLAGS),
)  # fmt: skip


def components_field(*, own: bool) -> Field:
    """Give the description of `formComponents`."""
    kinds = _OWN if own else _OFFICIAL
    inner = (
        Field("componentType", required=True, choices=tuple(one for one in kinds if one != "TableField")),
        Field("props", "object", required=True, fields=_PROPS),
    )
    whole = (
        Field("componentType", required=True, choices=kinds),
        Field("props", "object", required=True, fields=_PROPS),
        Field("children", "objects", fields=inner),
    )
    field = Field("formComponents", "objects", required=True, most=200, unit="items", fields=whole)
    return given(field, code="formschema.error")[0]


def components(call: Call, read: Iterable[Mapping[str, Any]]) -> list[Component]:
    """Read components; ids and aliases are unique within a form."""
    found = [_component(call, one) for one in read]
    everything = [*found, *(child for one in found for child in one.children)]
    for names in ([one.id for one in everything], [one.alias for one in everything if one.alias]):
        if len(set(names)) < len(names):
            raise call.fail("formschema.error", "componentId and bizAlias must be unique within the form")
    return found


def _component(call: Call, read: Mapping[str, Any]) -> Component:
    props = {name: one for name, one in read["props"].items() if one is not None}
    kind = read["componentType"]
    label = props.get("label", "")
    if not label and kind != "TextNote":
        raise call.fail("formschema.error", f"{kind} needs a label")
    if kind == "DDDateRangeField" and not _two_texts(label):
        raise call.fail("formschema.error", 'a DDDateRangeField\'s label is ["开始时间","结束时间"]')
    if kind in {"DDSelectField", "DDMultiSelectField"} and not props.get("options"):
        raise call.fail("formschema.error", f"{kind} needs options")
    return Component(
        kind, props.get("componentId") or props.get("id") or f"{kind}_{call.world.ids.hex(12).upper()}", label,
        props.get("bizAlias", ""), props.get("required", False), props,
        [_component(call, one) for one in read.get("children") or ()],
    )  # fmt: skip


def _two_texts(text: str) -> bool:
    try:
        read = json.loads(text)
    except ValueError:
        return False
    return isinstance(read, list) and len(read) == 2 and all(isinstance(one, str) for one in read)


def schema(component: Component) -> dict[str, Any]:
    """Show a component as the schema does."""
    props = told(
        id=component.id, label=component.label, bizAlias=component.alias,
        placeholder=component.props.get("placeholder"),
        options=[one["value"] for one in component.props.get("options", ())],
        **{name: component.props.get(name) for name in _SHOWN},
    )  # fmt: skip
    shown = {"componentName": component.kind, "props": {**props, "required": component.required}}
    return shown | told(children=[schema(one) for one in component.children])
