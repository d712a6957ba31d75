"""假期规则: listed, made, changed, deleted (A/0233 ff, A/0238). Only types made by API can be changed by it."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.attendance import guard
from sandbox.call import Call
from sandbox.operation import Error, Field
from sandbox.validate import inner
from sandbox.world.vacation import LeaveType

MANAGE, READ = "qyapi_holiday_manage", "qyapi_holiday_readonly"
NOT_FOUND = Error(880015, "批量leaveCode或userId都不存在")
_COOL_DOWN_MS = 300_000
_SNAKES = {
    "timeValue": "time_value", "timeUnit": "time_unit", "timeType": "time_type",
    "enableTimeLimit": "enable_time_limit", "unit": "unit", "duration": "duration", "enable": "enable",
    "promptInformation": "prompt_information",
}  # fmt: skip


def manager(call: Call, name: str, error: Error) -> str:
    """Give the operator; refuses who doesn't administer OA approval: here, whoever is no main administrator."""
    user = call.world.directory.users.get(call[name])
    if user is None or not user.admin:
        raise call.fail(error.code, error.meaning)
    return user.userid


async def _list(call: Call) -> Mapping[str, Any]:
    manager(call, "op_userid", guard.NOT_ADMIN)
    every = call["vacation_source"] == "all"
    found = [one for one in call.world.attendance.vacation.types.values() if every or one.source == "external"]
    return {"success": True, "result": [_listed(one) for one in found]}


def _snaked(rules: Mapping[str, Any]) -> dict[str, Any]:
    return {_SNAKES[key]: value for key, value in rules.items() if key in _SNAKES and value is not None}


def _brief(one: LeaveType) -> dict[str, Any]:
    return {
        "leave_code": one.code,
        "leave_name": one.name,
        "leave_view_unit": one.unit,
        "biz_type": one.biz_type,
        "natural_day_leave": one.natural_day,
        "hours_in_per_day": one.hours_in_day,
    }


def _listed(one: LeaveType) -> dict[str, Any]:
    listed = _brief(one) | {"source": one.source, "natural_day_leave": str(one.natural_day).lower()}
    optional: dict[str, Any] = {
        "validity_type": one.validity_type,
        "validity_value": one.validity_value,
        "leave_certificate": _snaked(one.certificate),
        "submit_time_rule": _snaked(one.submit_rule),
    }
    return listed | {key: value for key, value in optional.items() if value}


async def _create(call: Call) -> Mapping[str, Any]:
    manager(call, "opUserId", _NOT_MANAGE)
    types = call.world.attendance.vacation.types
    _check_name(call, None)
    if call["bizType"] == "lieu_leave":
        _check_validity(call)
    if call["bizType"] == "lieu_leave" and any(one.biz_type == "lieu_leave" for one in types.values()):
        raise call.fail(_ONLY_ONE.code, _ONLY_ONE.meaning)
    made = LeaveType(
        call.world.ids.uuid(), call["leaveName"], call["leaveViewUnit"], call["bizType"], source="external"
    )
    _write(call, made)
    types[made.code] = made
    await _push(call, made, "add")
    return {"result": _shown(made)}


async def _update(call: Call) -> Mapping[str, Any]:
    manager(call, "opUserId", _NOT_MANAGE)
    found = call.world.attendance.vacation.types.get(call["leaveCode"])
    if found is None or found.source != "external":
        raise call.fail(_NO_TYPE.code, _NO_TYPE.meaning)
    if call["bizType"] != found.biz_type:
        raise call.fail(_FIXED.code, _FIXED.meaning)
    if call["bizType"] == "lieu_leave" and call["extras"] is not None:
        _check_validity(call)
    _check_name(call, found)
    if 0 <= call.world.clock.ms() - found.changed_at < _COOL_DOWN_MS:
        raise call.fail(_TOO_FAST.code, _TOO_FAST.meaning)
    _write(call, found)
    await _push(call, found, "update")
    return {"result": _shown(found)}


def _check_validity(call: Call) -> None:
    """Refuse what can't be how long 调休 stays good: a month and day, or a number of days above one."""
    extras = inner(guard.parsed(call["extras"]))
    value, form = str(extras.get("validity_value", "")), _VALIDITY.get(extras.get("validity_type", ""))
    if form is None or not form(value):
        raise call.fail(_VALID_SO_LONG.code, _VALID_SO_LONG.meaning)


def _check_name(call: Call, own: LeaveType | None) -> None:
    others = (one for one in call.world.attendance.vacation.types.values() if one is not own)
    if any(one.name == call["leaveName"] for one in others):
        raise call.fail(_SAME_NAME.code, _SAME_NAME.meaning)


def _write(call: Call, one: LeaveType) -> None:
    """Take over what was given; what an update leaves out stays as it was."""
    one.name = call["leaveName"] or one.name
    one.unit = call["leaveViewUnit"]
    one.natural_day = one.natural_day if call["naturalDayLeave"] is None else call["naturalDayLeave"]
    one.hours_in_day = call["hoursInPerDay"] or one.hours_in_day
    one.visibility = call["visibilityRules"] or one.visibility
    one.submit_rule = call["submitTimeRule"] or one.submit_rule
    one.certificate = call["leaveCertificate"] or one.certificate
    extras = inner(guard.parsed(call["extras"]))
    one.validity_type = str(extras.get("validity_type", one.validity_type))
    one.validity_value = str(extras.get("validity_value", one.validity_value))
    one.changed_at = call.world.clock.ms()


def _shown(one: LeaveType) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "leaveCode": one.code,
        "leaveName": one.name,
        "leaveViewUnit": one.unit,
        "bizType": one.biz_type,
        "naturalDayLeave": one.natural_day,
        "hoursInPerDay": one.hours_in_day,
    }
    optional = {
        "visibilityRules": one.visibility,
        "submitTimeRule": one.submit_rule,
        "leaveCertificate": one.certificate,
    }
    return shown | {key: value for key, value in optional.items() if value}


async def _delete(call: Call) -> Mapping[str, Any]:
    manager(call, "op_userid", guard.NOT_ADMIN)
    types = call.world.attendance.vacation.types
    found = types.get(call["leave_code"])
    if found is None or found.source != "external":
        raise call.fail(NOT_FOUND.code, NOT_FOUND.meaning)
    del types[found.code]
    await _push(call, found, "delete")
    return {"success": True, "result": _brief(found)}


async def _push(call: Call, one: LeaveType, action: str) -> None:
    data = {"corpId": call.world.app.corp_id, "leaveCodes": [one.code], "action": action}
    await call.world.stream.event("leave_rule_change", data)


_INVALID = Error("invalidParam", "参数错误")
_NOT_MANAGE = Error("notManage", "部门的管理员不存在")
_NO_TYPE = Error("notFound", "未找到该假期类型")
_FIXED = Error("bizTypeCannotModified", "假期业务类型不能修改")
_ONLY_ONE = Error("lieuLeaveOnlyOne", "加班调休全局只能有一个")
_SAME_NAME = Error("nameAlreadyExists", "已存在相同假期名称")
_VALID_SO_LONG = Error("lieuLeaveValidityIncorrect", "调休假有效期不正确")
_TOO_FAST = Error("updateSpeedfast", "亲，该操作速度过快，请5分钟后再试")


def _need(name: str, kind: Any = "string", *, bad: str = "invalidParam", **more: Any) -> Field:
    return Field(name, kind, required=True, missing="invalidParam", bad=bad, **more)


def _may(name: str, kind: Any = "string", **more: Any) -> Field:
    return Field(name, kind, bad="invalidParam", **more)


_OPERATOR = _need("opUserId", where="query")
_UNIT = _need("leaveViewUnit", bad="unitIncorrect", choices=("day", "halfDay", "hour"))
_BIZ = _need("bizType", bad="bizTypeIncorrect", choices=("general_leave", "lieu_leave"))
_RULES = (
    _may("extras", shape="json"),
    _may("visibilityRules", "objects", fields=(
        _may("visible", "strings"), _may("type", choices=("dept", "staff", "label")),
    )),
    _may("submitTimeRule", "object", fields=(
        _may("timeValue", "int", least=0, most=30, unit="value"),
        _may("timeUnit", choices=("day", "hour")),
        _may("timeType", choices=("before", "after")),
        _may("enableTimeLimit", "bool"),
    )),
    _may("leaveCertificate", "object", fields=(
        _may("unit", choices=("hour", "day")),
        _may("duration", "number"),
        _may("enable", "bool"),
        _may("promptInformation"),
    )),
    _may("freedomLeave", "bool"),
)  # fmt: skip
_PAID = (
    _may("paidLeave", "bool"),
    _may("whenCanLeave", choices=("entry", "formal")),
    _may("leaveTimeCeilMinUnit", choices=("hour", "halfHour")),
    _may("leaveTimeCeil", "bool"),
    _may("minLeaveHour", "number"),
    _may("maxLeaveTime", "int"),
    _may("leaveHourCeil", choices=("up", "down", "none")),
)
_VALIDITY: Mapping[str, Callable[[str], object]] = {
    "absolute_time": re.compile(r"(0?[1-9]|1[0-2])-(0?[1-9]|[12]\d|3[01])").fullmatch,
    "relative_time": lambda value: value.isdecimal() and int(value) > 1,
}
"""How `validity_value` is written; the page's yy-mm is 12-31 in its example."""
_PATH, _OLD = "/v1.0/attendance/leaves/types", "/topapi/attendance/vacation/type"
_MADE = "an operator must be a main administrator here"

OPERATIONS = (
    guard.old(
        "leave_types", f"{_OLD}/list", "查询假期规则列表", "A/0238", _list,
        (Field("op_userid", required=True), Field("vacation_source", choices=("all",))), READ,
        note=f"{_MADE}; 400020 for others is assumed",
    ),
    guard.new(
        "add_leave_type", "POST", _PATH, "添加假期规则", "A/0233", _create,
        (
            _OPERATOR, _need("leaveName"), _UNIT, _BIZ, _need("naturalDayLeave", "bool"),
            _need("hoursInPerDay", "int", least=1, unit="value"), *_RULES, *_PAID,
        ),
        MANAGE, _INVALID, _NOT_MANAGE, _VALID_SO_LONG, _ONLY_ONE, _SAME_NAME,
        note=f"{_MADE}; nothing comes of whom a type is visible to",
    ),
    guard.new(
        "change_leave_type", "PUT", _PATH, "更新假期规则", "A/0234", _update,
        (
            _OPERATOR, _may("leaveName"), _UNIT, _BIZ, _may("naturalDayLeave", "bool"),
            _may("hoursInPerDay", "int", least=1, unit="value"), _need("leaveCode"), *_RULES,
        ),
        MANAGE, _INVALID, _NOT_MANAGE, _NO_TYPE, _FIXED, _VALID_SO_LONG, _SAME_NAME, _TOO_FAST,
        note="the page gives 880015 for the company's own types, a code of the old family: here notFound; the five "
        "minutes run from a type's last change",
    ),
    guard.old(
        "delete_leave_type", f"{_OLD}/delete", "删除假期规则", "A/0235", _delete,
        (Field("leave_code", required=True), Field("op_userid", required=True)), MANAGE, NOT_FOUND,
        note="880015 is A/0234's; that the company's own types can't be deleted is assumed",
    ),
)  # fmt: skip
