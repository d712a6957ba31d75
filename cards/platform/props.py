"""The card builder's own words for values, bindings, conditions and clicks.

The format has no document; shapes are those of the official sample exports of 2025-06
(`open-dingtalk/dingtalk-card-examples`), which `tests/cards/platform_shapes.json` sums up. Most of a click's properties
say nothing, but every export has them all, and the builder may rely on them.
"""

from collections.abc import Mapping

from cards.platform.model import JsonValue, When, placeholders

Json = dict[str, JsonValue]

_OPERATORS = {"empty": "isEmpty", "not empty": "isNotEmpty", "true": "isTrue", "false": "isFalse"}


def string(content: str = "") -> Json:
    """A text that may hold `${…}`."""
    return {"type": "dynamicString", "content": content, "i18n": False}


def fixed(kind: str, value: JsonValue) -> Json:
    """A value that no variable changes."""
    return {"type": kind, "valueType": "fixed", "value": value, "variable": "", "variableType": "global"}


def path(name: str, loop: str | None) -> tuple[str, str]:
    """Give a variable's path and scope; inside a loop `loop.text` is the first entry's, and stands for each."""
    field = name.removeprefix("loop.")
    if field == name:
        return name, "global"
    return f"{loop}[0].{field}", "loop"


def bound(kind: str, name: str, value: JsonValue, loop: str | None = None) -> Json:
    """A value that a variable gives; `value` is what the builder shows until then."""
    variable, scope = path(name, loop)
    return {"type": kind, "valueType": "variable", "value": value, "variable": variable, "variableType": scope}


def reference(name: str = "") -> Json:
    """A variable itself, for what takes a list, a form, a chart or a table."""
    return {"type": "variableValue", "variable": name, "variableType": "global"}


def condition(when: When | None, loop: str | None = None) -> Json:
    """A component's visibility."""
    conditions: list[JsonValue] = []
    if when is not None:
        variable, scope = path(when.variable, loop)
        conditions.append(
            {
                "type": "variable",
                "op": _OPERATORS[when.is_],
                "variable": variable,
                "variableType": scope,
                "value": "",
                "valueType": "fixed",
                "valueVariableType": "global",
            }
        )
    return {
        "type": "dynamicVisible",
        "value": True,
        "valueType": "condition" if conditions else "fixed",
        "condition": {"op": "and", "conditions": conditions},
    }


def params(values: Mapping[str, str], loop: str | None = None) -> list[JsonValue]:
    """What a click sends along; each value is exactly one `${…}`."""
    items: list[JsonValue] = []
    for number, (name, text) in enumerate(values.items(), start=1):
        (only,) = placeholders(text)
        variable, scope = path(only, loop)
        items.append(_param("variable", name, variable, scope, number))
    return items


def _param(kind: str = "fixed", name: str = "", variable: str = "", scope: str = "global", number: int = 1) -> Json:
    return {
        "id": str(number),
        "type": kind,
        "name": name,
        "variable": variable,
        "variableType": scope,
        "value": "",
    }


def click(action_type: str = "url", action_id: str = "", sent: list[JsonValue] | None = None) -> Json:
    """A click's properties: `request` posts `sent` to the robot; `url` without an address does nothing."""
    nothing: list[JsonValue] = [_param()]
    link = fixed("dynamicLink", "")
    return {
        "actionType": action_type,
        "actionId": string(action_id),
        "params": sent or nothing,
        "successCondition": {"op": "and", "conditions": []},
        "successToast": string(),
        "failureToast": string(),
        "urlType": "all",
        "url": link,
        "androidUrl": link,
        "iosUrl": link,
        "pcUrl": link,
        "copyType": "common",
        "copyValue": string(),
        "actionSheetTitle": string(),
        "actionSheetMessage": string(),
        "actionSheetItems": [],
        "confirmTitle": string(),
        "confirmMessage": string(),
        "confirmOkText": string(),
        "confirmOkAction": "request",
        "confirmOkReqActionActionId": string(),
        "confirmOkReqActionParams": nothing,
        "confirmOkReqActionToast": string(),
        "confirmCancelText": string(),
        "confirmCancelAction": "none",
        "confirmCancelReqActionActionId": string(),
        "confirmCancelReqActionParams": nothing,
        "confirmCancelReqActionToast": string(),
        "toastContent": string(),
        "toastType": 1,
        "customHandler": "",
        "localVarAction": reference(),
        "booleanLocalValue": fixed("dynamicBoolean", False),
        "numberLocalValue": fixed("dynamicNumber", 0),
        "stringLocalValue": string(),
        "openModalTitle": string(),
        "openModalHeight": 500,
        "openModalWidth": 400,
        "events": [],
        "apiName": string(),
        "apiParams": [_param("variable")],
        "apiRetLocalVar": reference(),
        "jsapiName": string(),
        "jsapiParams": nothing,
        "jsapiRetLocalVar": reference(),
        "selectActionType": "setLocalState",
        "selectDataKey": reference(),
        "selectParams": [],
        "selectOptions": fixed("dynamicSelectOptions", []),
        "selectIndex": reference(),
        "fixWidth": False,
        "fixedWidth": 0,
        "autoWidth": False,
        "dataSources": [],
        "updateTargetVariable": reference(),
        "updateTargetValue": reference(),
        "statPoint": string(),
        "statPointParams": [],
    }


def api_click() -> Json:
    """What a button's and a loop's clicks have on top of a card's."""
    return {
        "isDtmd": False,
        "copyVariable": reference(),
        "callAPIName": string(),
        "callAPIParams": [_param()],
        "isCallAPIParamsVariable": False,
        "callAPIVariableParams": reference(),
    }


def margins(top: int = 6, bottom: int = 6, sides: int = 12) -> Json:
    """Space around a component, in the builder's units."""
    return {"marginTop": top, "marginBottom": bottom, "marginLeft": sides, "marginRight": sides}
