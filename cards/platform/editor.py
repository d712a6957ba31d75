"""A template as the file that the card builder's 导入 reads."""

import json
from collections.abc import Mapping
from itertools import count

from cards.platform.model import (
    Button,
    Chart,
    Component,
    Form,
    Input,
    JsonValue,
    Loop,
    Markdown,
    Table,
    Template,
    Text,
    Variable,
    placeholders,
)
from cards.platform.props import (
    Json,
    api_click,
    bound,
    click,
    condition,
    fixed,
    margins,
    params,
    reference,
    string,
)

_NAMES: Mapping[type, str] = {
    Text: "BaseText",
    Markdown: "Markdown",
    Form: "Form",
    Input: "Input",
    Button: "SingleButton",
    Chart: "Chart",
    Table: "Table",
    Loop: "Loop",
}
_TYPES = {"objects": "loopArray"}
_STYLES = {
    "title": ("common_h4_bold_text_style", "common_level1_base_color", 2),
    "body": ("common_body_text_style", "common_level1_base_color", 10),
    "status": ("common_h4_bold_text_style", "common_level1_base_color", 2),
    "hint": ("common_footnote_text_style", "common_level1_base_color", 2),
}

# The fields that the builder itself gives to a variable of these types: name -> type, or the fields of an entry.
_Fields = Mapping[str, "str | _Fields"]
_BUILT_IN: Mapping[str, _Fields] = {
    "form": {
        "fields": {
            "name": "string",
            "label": "string",
            "type": "string",
            "hidden": "boolean",
            "required": "boolean",
            "requiredMsg": "string",
            "readOnly": "boolean",
            "placeholder": "string",
            "defaultValue": "string",
            "options": {"value": "string", "text": "string"},
        }
    },
    "table": {
        "data": {},
        "meta": {"aliasName": "string", "alias": "string", "dataType": "string", "weight": "number"},
    },
    "chart": {
        "type": "string",
        "data": {"x": "string", "y": "number", "type": "string"},
        "config": "object",
    },
}


def export(template: Template) -> str:
    """Give the file's text.

    `widgetInfo` is what the builder compiles from the layout when the template is saved; we have no compiler and leave
    it empty.
    """
    envelope = {
        "editorData": json.dumps(_editor_data(template), ensure_ascii=False, separators=(",", ":")),
        "widgetInfo": "",
        "type": "im",
        "mode": "card",
    }
    return json.dumps(envelope, ensure_ascii=False, indent=1) + "\n"


def mock_data(template: Template) -> Json:
    """Give the values that the builder's preview shows."""
    return {
        "cardData": {item.name: item.example for item in template.variables if not item.local},
        "cardPrivateData": {},
        "localData": {item.name: item.example for item in template.variables if item.local},
        "richTextData": {},
    }


def _editor_data(template: Template) -> Json:
    used = dict.fromkeys(_NAMES[type(component)] for component, _ in template.walk())
    listed: dict[bool, list[JsonValue]] = {True: [], False: []}
    for item in template.variables:
        listed[item.local].append(_variable(item))
    return {
        "schemaVersion": "3.0.0",
        "schema": {
            "version": "1.0.0",
            "componentsMap": [_package(name) for name in (*used, "Card")],
            "componentsTree": [_card(template)],
            "i18n": {},
        },
        "mockData": mock_data(template),
        "editVersion": 0,
        "customWidgetInfo": "",
        "useCustomWidgetInfo": False,
        "variableList": listed[False],
        "formList": [],
        "expList": [],
        "localList": listed[True],
        "hsfList": [],
        "lwpList": [],
        "extension": {
            "extendType": "NORMAL",
            "fileTypeList": [{"fileName": "event_chain", "fileSource": "{}", "fileType": "json"}],
        },
    }


def _package(name: str) -> Json:
    if name == "Form":
        return {"devMode": "lowCode", "componentName": name}
    return {
        "package": "@ali/dxComponent",
        "version": "1.0.0",
        "exportName": name,
        "main": "./src/index.tsx",
        "destructuring": False,
        "subName": "",
        "componentName": name,
    }


def _variable(item: Variable) -> Json:
    entry: Json = {
        "id": item.name,
        "name": item.name,
        "type": _TYPES.get(item.type, item.type),
        "private": False,
        "description": item.meaning,
        "editorVarType": "localList" if item.local else "variables",
    }
    fields: list[JsonValue] = [
        {**_field(f"{item.name}[0].{field.name}", field.type), "description": field.meaning} for field in item.fields
    ]
    fields += _built_in(item.name, _BUILT_IN.get(item.type, {}))
    return {**entry, "schema": fields} if fields else entry


def _field(path: str, kind: str) -> Json:
    return {
        "id": path,
        "name": path.rpartition(".")[2],
        "type": kind,
        "private": False,
        "editorVarType": "variables",
    }


def _built_in(parent: str, fields: _Fields) -> list[JsonValue]:
    entries: list[JsonValue] = []
    for name, kind in fields.items():
        path = f"{parent}.{name}"
        if isinstance(kind, str):
            entries.append({**_field(path, kind), "disabled": True})
            continue
        entry: Json = {**_field(path, "loopArray"), "disabled": True}
        entries.append({**entry, "schema": _built_in(f"{path}[0]", kind)} if kind else entry)
    return entries


def _card(template: Template) -> Json:
    numbers = count(1)
    children: list[JsonValue] = [_node(component, None, template, numbers) for component in template.components]
    return {
        **_frame("Card", f"node_{template.name}", ""),
        "fileName": "test",
        "dataSource": {"list": []},
        "state": {},
        "lifeCycles": {},
        "methods": {},
        "props": {
            **click(),
            "linkCondition": condition(None),
            "disabledWhileForward": False,
            "statPointParams": [],
            "enableOnAppear": False,
            "onAppear": {**click(), **api_click()},
            "autoFoldConfig": {
                "needFold": False,
                "heightLimit": 480,
                "foldStatusLocalDataKey": "_cardFoldStatusLocalDataKey",
            },
            "summaryContent": reference("title"),
            "exposeStatPoint": string(),
            "exposeStatPointParams": [],
        },
        "children": children,
    }


def _frame(name: str, node_id: str, title: str) -> Json:
    return {
        "componentName": name,
        "id": node_id,
        "title": title,
        "hidden": False,
        "isLocked": False,
        "condition": True,
        "conditionGroup": "",
    }


def _node(component: Component, loop: Loop | None, template: Template, numbers: "count[int]") -> Json:
    frame = _frame(_NAMES[type(component)], f"node_{template.name}_{next(numbers)}", component.label)
    node: Json = {**frame, "props": {**_props(component, loop.variable if loop else None)}}
    if isinstance(component, Loop):
        node["children"] = [_node(child, component, template, numbers) for child in component.children]
    return node


def _props(component: Component, loop: str | None) -> Json:  # noqa: PLR0911 - one return for each kind of component
    visible: Json = {"visible": condition(component.when, loop), "innerOffset": 0}
    match component:
        case Text():
            return {**_text(component), **visible}
        case Button():
            return {**_button(component, loop), **visible}
        case Loop():
            return {**_loop(component), **visible}
        case Input():
            return {**_input(component), **visible}
        case Markdown():
            return {
                "mdVer": 0,
                "hoverText": string(),
                "content": bound("dynamicMarkdown", component.variable, ""),
                **margins(),
                **visible,
            }
        case Form():
            return {
                "id": "form",
                "submitText": string(component.submit),
                "formSchema": reference(component.variable),
                "params": params(component.params),
                "status": fixed("dynamicSelect", "normal"),
                "actionType": "request",
                "visible": condition(component.when),
            }
        case Chart():
            return {
                "data": reference(component.variable),
                "aspectRatio": fixed("dynamicSelect", 2),
                "enableDetail": True,
                "isFixedHeight": False,
                "height": 300,
                "offsetLeft": 0,
                "offsetRight": 0,
                **margins(),
                **visible,
            }
        case Table():
            return {
                "data": reference(component.variable),
                "cellPadding": 4,
                "enablePagination": False,
                "pageNum": 5,
                "hoverTextVisible": False,
                "enableZebraColor": True,
                "enableScroll": False,
                "scrollAreaWidth": {**fixed("dynamicWidth", 600), "full": False, "adaptive": False},
                "maxLine": fixed("dynamicNumber", 2),
                "imageSize": 30,
                "offsetLeft": 0,
                "offsetRight": 0,
                "margin": -2,
                **margins(),
                **visible,
            }


def _text(text: Text) -> Json:
    style, color, lines = _STYLES[text.style]
    return {
        "text": string(text.text),
        "hoverText": string(),
        "styleType": "standard",
        "styleToken": style,
        "fontColorType": "Standard",
        "color": fixed("dynamicColor", color),
        "customLightColor": fixed("dynamicColor", "#171A1D"),
        "customDarkColor": fixed("dynamicColor", "#EEF2F8"),
        "fontSizeType": "Standard",
        "size": "middle",
        "customFontSize": 14,
        "customFontLineHeight": 22,
        "bold": False,
        "italic": False,
        "strikeThrough": False,
        "lineHeight": "normal",
        "gravity": "left",
        "maxLine": fixed("dynamicNumber", lines),
        "enableHighlight": False,
        "iconType": "iconCode",
        "iconFont": {"type": "icon", "icon": "", "iconType": "ddIcon"},
        "icon": fixed("dynamicLink", ""),
        "darkIcon": fixed("dynamicLink", ""),
        "autoWidth": False,
        "autoMaxWidth": False,
        "maxWidth": fixed("dynamicNumber", 0),
        "fixedWidth": fixed("dynamicNumber", 0),
        **margins(),
    }


def _input(item: Input) -> Json:
    return {
        "id": string(item.variable),
        "title": string(item.title),
        "placeholder": string(item.placeholder),
        "message": string(item.placeholder),
        "currentValue": string(f"${{{item.variable}}}"),
        "params": [],
        "status": fixed("dynamicSelect", "normal"),
        "actionType": "setLocalState",
        "localVarAction": {**reference(item.variable), "varType": "string"},
        "inlineMode": True,
        "textArea": True,
        "minRows": fixed("dynamicNumber", 1),
        "maxRows": fixed("dynamicNumber", 4),
        **margins(),
    }


def _loop(loop: Loop) -> Json:
    return {
        "listData": reference(loop.variable),
        "direction": "vertical",
        "isFixedWidth": False,
        "isAutoWidth": False,
        "width": 50,
        "equalSpace": False,
        "flowLayout": False,
        "childWidth": "match_content",
        "childGap": False,
        "childGapSize": 4,
        "childDivider": False,
        "childDividerWidth": 0.5,
        "childDividerColorDark": "rgba(255, 255, 255, 0.12)",
        "childDividerColorLight": "rgba(17, 31, 44, 0.12)",
        "childDividerMarginTop": 0,
        "childDividerMarginBottom": 0,
        "childDividerMarginLeft": 0,
        "childDividerMarginRight": 0,
        "scrollable": False,
        "paging": False,
        "hasMore": fixed("dynamicBoolean", False),
        "onLoadMore": {**click(), **api_click()},
        **margins(0, 0, 0),
    }


def _button(button: Button, loop: str | None) -> Json:
    (color,) = placeholders(button.color)
    return {
        **click("request", button.action_id, params(button.params, loop)),
        **api_click(),
        "text": string(button.text),
        "status": fixed("dynamicSelect", "disabled" if button.disabled else "normal"),
        "color": bound("dynamicSelect", color, "blue", loop),
        "enableClickEvent": True,
        "transformToEventChain": False,
        "widthMode": "match_parent",
        "iconType": "iconCode",
        "iconFont": fixed("dynamicIcon", {"type": "icon", "icon": "", "iconType": "ddIcon"}),
        "icon": fixed("dynamicLink", ""),
        "darkModeIcon": fixed("dynamicLink", ""),
        "disabledWhileForward": False,
        **margins(),
    }
