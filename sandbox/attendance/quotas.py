"""Leave balances: read, set, and what was done to them (A/0236 f, A/0239 f). Every number is in hundredths."""

from collections.abc import Mapping
from typing import Any

from sandbox.attendance import guard
from sandbox.attendance.leave_types import MANAGE, NOT_FOUND, READ, manager
from sandbox.call import Call
from sandbox.operation import Error, Field
from sandbox.world.vacation import LeaveType, Quota, QuotaRecord


async def _list(call: Call) -> Mapping[str, Any]:
    """Give a row per period: the balance is what is left of those that hold now."""
    manager(call, "op_userid", guard.NOT_ADMIN)
    vacation = call.world.attendance.vacation
    kind = vacation.types.get(call["leave_code"])
    if kind is None or not any(one in call.world.directory.users for one in call["userids"]):
        raise call.fail(NOT_FOUND.code, NOT_FOUND.meaning)
    of_kind = [one for one in vacation.quotas if one.leave_code == kind.code]
    found = [one for userid in call["userids"] for one in of_kind if one.userid == userid]
    start, size = call["offset"], call["size"]
    page = [_shown(kind, one) for one in found[start : start + size]]
    return {"success": True, "result": {"has_more": start + size < len(found), "leave_quotas": page}}


def _shown(kind: LeaveType, one: Quota) -> dict[str, Any]:
    unit = "hour" if kind.by_hour else "day"
    return {
        "userid": one.userid,
        "leave_code": one.leave_code,
        "quota_id": one.id,
        "quota_cycle": one.cycle,
        "start_time": one.start,
        "end_time": one.end,
        f"quota_num_per_{unit}": one.total,
        f"used_num_per_{unit}": one.used,
    }


async def _init(call: Call) -> Mapping[str, Any]:
    return _each(call, first=True)


async def _update(call: Call) -> Mapping[str, Any]:
    return _each(call, first=False)


def _each(call: Call, *, first: bool) -> Mapping[str, Any]:
    """Set each quota there is nothing against; give those there is, with the reason."""
    operator = manager(call, "op_userid", guard.NOT_ADMIN)
    failed = []
    for given in call["leave_quotas"]:
        reason = _against(call, given, first=first)
        if reason:
            quota = {"leave_code": given["leave_code"], "userid": given["userid"]}
            quota |= {"quota_cycle": given["quota_cycle"]} if given["quota_cycle"] else {}
            failed.append({"reason": reason, "quota": quota})
        else:
            _set(call, given, operator, first=first)
    return {"success": True, "result": failed}


def _against(call: Call, given: Mapping[str, Any], *, first: bool) -> str:
    kind = call.world.attendance.vacation.types.get(given["leave_code"])
    if kind is None or kind.source != "external" or kind.biz_type == "lieu_leave":
        return "假期类型不存在"
    if given["userid"] not in call.world.directory.users:
        return "员工不存在"
    if kind.by_hour and given["quota_num_per_hour"] is None:
        return "按小时计算的额度不能为空"
    if not kind.by_hour and given["quota_num_per_day"] is None:
        return "按天计算的额度不能为空"
    if not first and _known(call, given) is None:
        return "假期余额不存在"
    return ""


def _cycle(call: Call, given: Mapping[str, Any]) -> str:
    start = given["start_time"] if given["start_time"] is not None else call.world.clock.ms()
    return given["quota_cycle"] or str(guard.from_ms(start).year)


def _known(call: Call, given: Mapping[str, Any]) -> Quota | None:
    return call.world.attendance.vacation.find(given["userid"], given["leave_code"], _cycle(call, given))


def _set(call: Call, given: Mapping[str, Any], operator: str, *, first: bool) -> None:
    """Set the total; what was used stays used."""
    vacation, now = call.world.attendance.vacation, call.world.clock.ms()
    kind = vacation.types[given["leave_code"]]
    total = given["quota_num_per_hour"] if kind.by_hour else given["quota_num_per_day"]
    quota = _known(call, given)
    if quota is None:
        quota = Quota(
            call.world.ids.uuid(), given["userid"], kind.code, _cycle(call, given), given["start_time"],
            given["end_time"], 0,
        )  # fmt: skip
        vacation.quotas.append(quota)
    change, quota.total = total - quota.total, total
    quota.start = quota.start if given["start_time"] is None else given["start_time"]
    quota.end = quota.end if given["end_time"] is None else given["end_time"]
    vacation.records.append(
        QuotaRecord(
            call.world.ids.uuid(), quota.id, quota.userid, kind.code,
            "insert" if first else "add" if change >= 0 else "delete", "modify_quota" if first else "update",
            abs(change), quota.start, quota.end, given["reason"] or "", operator, now,
        )
    )  # fmt: skip


async def _records(call: Call) -> Mapping[str, Any]:
    users, vacation = call.world.directory.users, call.world.attendance.vacation
    operator, kind = users.get(call["opUserId"]), vacation.types.get(call["leaveCode"])
    if operator is None or not set(call["userIds"]) <= set(users):
        raise call.fail(_NO_USER.code, _NO_USER.meaning)
    if not operator.admin and set(call["userIds"]) != {operator.userid}:
        raise call.fail(_NOT_ADMIN.code, _NOT_ADMIN.meaning)
    if kind is None:
        raise call.fail(_NO_TYPE.code, _NO_TYPE.meaning)
    found = [one for one in vacation.records if one.leave_code == kind.code and one.userid in call["userIds"]]
    start, size = call["pageNumber"], call["pageSize"]
    page = [_recorded(kind, one) for one in found[start : start + size]]
    return {"success": True, "result": {"hasMore": start + size < len(found), "leaveRecords": page}}


def _recorded(kind: LeaveType, one: QuotaRecord) -> dict[str, Any]:
    return {
        "userId": one.userid,
        "leaveCode": one.leave_code,
        "recordId": one.id,
        "quotaId": one.quota_id,
        "calType": one.cal_type,
        "startTime": one.start,
        "endTime": one.end,
        "leaveViewUnit": "hour" if kind.by_hour else "day",
        "leaveReason": one.reason,
        "leaveRecordType": one.kind,
        "leaveStatus": "success",
        "recordNumPerHour" if kind.by_hour else "recordNumPerDay": one.amount,
        "gmtCreate": one.at,
        "gmtModified": one.at,
        "opUserId": one.operator,
    }


_NO_USER = Error("userNotExist", "用户不存在")
_NOT_ADMIN = Error("leaveOpuserIdIsNotAdmin", "非管理员只能查询本人相关信息")
_NO_TYPE = Error("leaveTypeNotFound", "未找到该假期类型")
_OPERATOR = Field("op_userid", required=True)
_NUMBER: Any = {"least": 0, "most": guard.LATEST, "unit": "value"}


def _given(*, times: bool) -> Field:
    return Field("leave_quotas", "objects", required=True, fields=(
        Field("userid", required=True),
        Field("start_time", "int", required=times, **_NUMBER),
        Field("end_time", "int", required=times, **_NUMBER),
        Field("leave_code", required=True),
        Field("reason"),
        Field("quota_num_per_day", "int", **_NUMBER),
        Field("quota_num_per_hour", "int", **_NUMBER),
        Field("quota_cycle", least=4, most=4),
    ))  # fmt: skip


def _need(name: str, kind: Any = "string", **more: Any) -> Field:
    return Field(name, kind, required=True, missing="paramterInvalid", bad="paramterInvalid", **more)


_PATH = "/topapi/attendance/vacation/quota"

OPERATIONS = (
    guard.old(
        "quotas", f"{_PATH}/list", "查询假期余额", "A/0239", _list,
        (
            Field("leave_code", required=True),
            _OPERATOR,
            Field("userids", "joined", required=True),
            *guard.offset_and_size("size", 50, required=True),
        ),
        READ, NOT_FOUND, note="880015 for an unknown type or only unknown people is assumed",
    ),
    guard.old(
        "init_quotas", f"{_PATH}/init", "初始化假期余额", "A/0236", _init, (_OPERATOR, _given(times=True)), MANAGE,
        note="the answer lists failures only; their reasons but two are assumed",
    ),
    guard.old(
        "update_quotas", f"{_PATH}/update", "批量更新假期余额", "A/0237", _update, (_OPERATOR, _given(times=False)),
        MANAGE, note="sets the total; for somebody without a quota it fails (assumed)",
    ),
    guard.new(
        "quota_records", "POST", "/v1.0/attendance/vacations/records/query", "批量查询员工假期余额变更记录", "A/0240",
        _records,
        (
            _need("opUserId"),
            _need("leaveCode"),
            _need("userIds", "strings", most=50, unit="items", over="leaveUserIdListMax"),
            _need("pageNumber", "int", least=0, unit="value", over="pageIndexIllegal"),
            _need("pageSize", "int", least=1, most=200, unit="value", over="pageSizeIllegal"),
        ),
        READ, _NO_USER, _NOT_ADMIN, _NO_TYPE,
        note="pageNumber counts rows, as its text says; only what was set by API is recorded",
    ),
)  # fmt: skip
