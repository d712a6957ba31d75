"""Leave, trips and overtime decided elsewhere, and missed punches made good (A/0225 ff)."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sandbox.attendance import guard
from sandbox.attendance.guard import RUN, SEE
from sandbox.call import Call
from sandbox.operation import Error, Family, Field
from sandbox.world.attendance import Approval, Correction
from sandbox.world.durations import NATURAL, Stretch, computed, stretch
from sandbox.world.schedule import moment, plans
from sandbox.world.subscribed import day_changed

OVERTIME, TRIP, LEAVE = 1, 2, 3
_HOURS = re.compile(r"\d{1,2}(\.\d+)?")
_TO_LIEU = 1


def _error(call: Call, error: Error) -> Exception:
    """Give a refusal in the call's family: the old one has codes for a few of them only."""
    if call.operation.family is Family.NEW:
        return call.fail(error.code, error.meaning)
    return call.fail(_OLD_CODES.get(error.code, 40035), error.meaning)


def _read(call: Call, given: Mapping[str, Any]) -> tuple[Stretch, dict[str, float]]:
    """Give from when to when, and each day's share; refuses what the pages rule out."""
    overtime = given["bizType"] == OVERTIME
    if overtime and given["durationUnit"] != "hour":
        raise _error(call, _OVERTIME_UNIT)
    try:
        found = stretch(given["fromTime"], given["toTime"], given["durationUnit"])
    except ValueError:
        raise _error(call, _HALF if given["durationUnit"] == "halfDay" else _PARAMS) from None
    if found.end < found.begin:
        raise _error(call, _ORDER)
    if found.begin.date() < call.world.clock.now().date() - timedelta(days=31):
        raise _error(call, _EARLY)
    if overtime and found.end - found.begin > timedelta(days=1):
        raise _error(call, _OVERTIME_LONG)
    if len(found.days) > 32:
        raise _error(call, _LONG)
    if given["userid"] not in call.world.directory.users:
        raise _error(call, _PARAMS)
    model = NATURAL if overtime else given["calculateModel"]
    return found, computed(call.world, given["userid"], found, model)


def _shown(details: Mapping[str, float]) -> Mapping[str, Any]:
    days = [{"date": day, "duration": share} for day, share in details.items()]
    return {"result": {"duration": round(sum(details.values()), 2), "durationDetail": days}, "success": True}


def _shown_old(details: Mapping[str, float], name: str) -> Mapping[str, Any]:
    days = [{"date": day, "duration": str(share)} for day, share in details.items()]
    return {"result": {"duration": str(round(sum(details.values()), 2)), name: days}}


def _camel(call: Call) -> dict[str, Any]:
    """Give an old call's fields by the new family's names."""
    return {"userid": call["userid"], **{new: call[old] for old, new in _OLD_NAMES.items() if old in call.fields}}


async def _calculate(call: Call) -> Mapping[str, Any]:
    return _shown(_read(call, {**call.fields, "userid": call["userId"]})[1])


async def _calculate_old(call: Call) -> Mapping[str, Any]:
    return _shown_old(_read(call, _camel(call))[1], "duration_details")


async def _finish(call: Call) -> Mapping[str, Any]:
    inner = call["topCalculateApproveDurationParam"]
    return _shown(await _approve(call, {**call.fields, **inner, "userid": call["userId"]}))


async def _finish_old(call: Call) -> Mapping[str, Any]:
    return _shown_old(await _approve(call, {**_camel(call), "leaveCode": None}), "durationDetail")


async def _approve(call: Call, given: Mapping[str, Any]) -> Mapping[str, float]:
    """Keep an approval; one with the same id is changed."""
    world, overtime = call.world, given["bizType"] == OVERTIME
    if (given["bizType"] == LEAVE and not given["subType"]) or (
        overtime and (not _HOURS.fullmatch(given["overtimeDuration"] or "") or not given["overTimeToMore"])
    ):
        raise _error(call, _PARAMS)
    if given["tagName"] not in _TAGS[given["bizType"]]:
        raise _error(call, _KIND)
    found, details = _read(call, given)
    kept = world.attendance.approvals
    key = world.attendance.key_of(given["userid"], given["approveId"])
    number = kept[key].number if key in kept else world.attendance.next_id()
    kept[key] = approval = Approval(
        number, given["approveId"], given["userid"], given["bizType"], given["tagName"], given["subType"] or "",
        found.begin, found.end, given["fromTime"], given["toTime"], found.unit, round(sum(details.values()), 2),
        details, world.clock.now(), given["leaveCode"] or "", given["jumpUrl"] or "", given["overtimeDuration"] or "",
        given["overTimeToMore"],
    )  # fmt: skip
    await _told(call, approval)
    if overtime and approval.overtime_to == _TO_LIEU:
        await world.stream.event("attendance_overtime_duration", {"dataList": [_overtime(call, approval)]})
    return details


async def _told(call: Call, one: Approval) -> None:
    """Push that the figures of the days it covers changed, of those that have any yet."""
    last = min(one.end, call.world.clock.now()).date()
    for number in range((last - one.begin.date()).days + 1):
        await day_changed(call.world, one.userid, one.begin.date() + timedelta(days=number))


def _overtime(call: Call, one: Approval) -> dict[str, Any]:
    """Tell of overtime that becomes leave in lieu (E/0126)."""
    workday = any(plan.shift_id for plan in plans(call.world, one.userid, one.begin.date()))
    hours = float(one.overtime_hours)
    return {
        "userid": one.userid,
        "corpId": call.world.app.corp_id,
        "workDate": guard.day_ms(one.begin.date()),
        "overtimeDayType": "workDay" if workday else "restDay",
        "overtimeHour": hours,
        "overtimeDay": round(hours / 8, 3),
        "workHoursPerDay": 8,
        "workMinutesPerDay": 480,
        "vacationRate": 1.0,
        "action": "modify",
        "key": f"{call.world.app.corp_id};{one.userid};{one.begin:%Y%m%d}",
        "timestamp": call.world.clock.ms(),
    }


async def _cancel(call: Call) -> Mapping[str, Any]:
    attendance = call.world.attendance
    gone = attendance.approvals.pop(attendance.key_of(call["userid"], call["approve_id"]), None)
    corrected = [
        plan_id
        for plan_id, one in attendance.corrections.items()
        if one.approve_id == call["approve_id"] and (plan := attendance.plan_by_id(plan_id)) is not None
        and plan.userid == call["userid"]
    ]  # fmt: skip
    for plan_id in corrected:
        del attendance.corrections[plan_id]
    if gone is None and not corrected:
        raise call.fail(guard.INVALID.code, "approve_id")
    if gone is not None:
        await _told(call, gone)
    return {}


async def _check(call: Call) -> Mapping[str, Any]:
    """Make good a missed punch: the checkpoint of that day and time counts as passed then."""
    world, planned_at = call.world, _minute(call["punch_check_time"])
    day = guard.read_time(call["work_date"]).date()
    found = next((one for one in plans(world, call["userid"], day) if one.shift_id and one.at == planned_at), None)
    if found is None or call["punch_id"] not in {found.id, found.shift_id}:
        raise call.fail(guard.INVALID.code, "punch_id")
    world.attendance.corrections[found.id] = Correction(
        world.attendance.next_id(), call["approve_id"], found.id, _minute(call["user_check_time"]), call["tag_name"]
    )
    await day_changed(world, call["userid"], day)
    return {}


def _minute(text: str) -> datetime:
    return moment(guard.read_time(text[:10]).date(), text[11:16])


_PARAMS = Error("invalidRequestParams", "参数错误（请根据文档检查对应参数）")
_KIND = Error("illegalApproveType", "不合法的审批类型")
_UNIT = Error("illegalDurationUnit", "不合法的时长单位")
_MODEL = Error("illegalCalculateType", "不合法的时长计算模式")
_OVERTIME_UNIT = Error("illegalOvertimeDurationUnit", "不合法的加班时长单位（加班仅支持按小时）")
_HALF = Error("illegalDateTypeForHalfDay", "不合法的开始结束时间格式forDURATION_UNIT为半天")
_ORDER = Error("beginDateCannotAfterEndDate", "开始时间不能晚于结束时间")
_LONG = Error("durationTooLong", "开始结束时间跨度过大")
_EARLY = Error("dateTooEarly", "时间不能在指定天数之前")
_OVERTIME_LONG = Error("overtimeDurationTooLong", "加班时长过长")
_ERRORS = (_PARAMS, _KIND, _UNIT, _MODEL, _OVERTIME_UNIT, _HALF, _ORDER, _LONG, _EARLY, _OVERTIME_LONG)
_OLD_LONG = Error(850012, "from_time和to_time时间差超过了31天")
_OLD_CODES: Mapping[str | int, int] = {_LONG.code: 850012}
_TAGS: Mapping[int, tuple[str, ...]] = {OVERTIME: ("加班",), TRIP: ("出差", "外出"), LEAVE: ("请假",)}
_OLD_NAMES = {
    "biz_type": "bizType", "from_time": "fromTime", "to_time": "toTime", "duration_unit": "durationUnit",
    "calculate_model": "calculateModel", "tag_name": "tagName", "sub_type": "subType", "approve_id": "approveId",
    "jump_url": "jumpUrl", "overtime_duration": "overtimeDuration", "overtime_to_more": "overTimeToMore",
}  # fmt: skip


def _need(name: str, kind: Any = "string", *, bad: Error = _PARAMS, **more: Any) -> Field:
    code = str(_PARAMS.code)
    return Field(name, kind, required=True, missing=code, bad=str(bad.code), over=code, **more)


def _may(name: str, kind: Any = "string", **more: Any) -> Field:
    return Field(name, kind, bad=str(_PARAMS.code), **more)


_DURATION = (
    _need("bizType", "int", bad=_KIND, choices=(OVERTIME, TRIP, LEAVE)),
    _need("fromTime"),
    _need("toTime"),
    _need("durationUnit", bad=_UNIT, choices=("day", "halfDay", "hour")),
    _need("calculateModel", "int", bad=_MODEL, choices=(0, 1)),
    _may("leaveCode"),
    _may("timeZoneId"),
)
_OLD_DURATION = (
    Field("userid", required=True),
    Field("biz_type", "int", required=True, choices=(OVERTIME, TRIP, LEAVE)),
    Field("from_time", required=True),
    Field("to_time", required=True),
    Field("duration_unit", required=True, choices=("day", "halfDay", "hour")),
    Field("calculate_model", "int", required=True, choices=(0, 1)),
)
_WHO = _need("userId", where="query")
_NEEDED = "A/1544 marks as mandatory what this page leaves open"
_PATH = "/topapi/attendance/approve"

OPERATIONS = (
    guard.new(
        "calculate", "POST", "/v1.0/attendance/approvals/durations/calculate", "预计算时长", "A/0225", _calculate,
        (_WHO, *_DURATION), SEE, *_ERRORS, note=f"{_NEEDED}; leaveCode rounds nothing; timeZoneId is the SDK's",
    ),
    guard.new(
        "finish", "POST", "/v1.0/attendance/approvals/finish", "通知审批通过", "A/0226", _finish,
        (
            _WHO,
            _need("topCalculateApproveDurationParam", "object", fields=_DURATION),
            _need("tagName", most=20, choices=("请假", "出差", "外出", "加班")),
            _may("subType", most=64),
            _need("approveId", most=100),
            _may("jumpUrl", most=200),
            _may("overtimeDuration"),
            _may("overTimeToMore", "int", choices=(1, 2)),
        ),
        SEE, *_ERRORS,
        note=f"{_NEEDED}; no balance is touched: the page doesn't say that one is; any number of approvals may overlap",
    ),
    guard.old(
        "calculate_old", f"{_PATH}/duration/calculate", "预计算时长（旧）", "A/1544", _calculate_old, _OLD_DURATION,
        SEE, _OLD_LONG, note="archived; codes but 850012 assumed",
    ),
    guard.old(
        "finish_old", f"{_PATH}/finish", "通知审批通过（旧）", "A/1545", _finish_old,
        (
            *_OLD_DURATION,
            Field("tag_name", required=True, most=20, choices=("请假", "出差", "外出", "加班")),
            Field("sub_type", most=20),
            Field("approve_id", required=True, most=100),
            Field("jump_url", required=True, most=200),
            Field("overtime_duration"),
            Field("overtime_to_more", "int", choices=(1, 2)),
        ),
        RUN, _OLD_LONG, note="archived; codes but 850012 assumed",
    ),
    guard.old(
        "cancel", f"{_PATH}/cancel", "通知审批撤销", "A/0227", _cancel,
        (Field("userid", required=True), Field("approve_id", required=True)), RUN,
        note="the answer to an unknown approve_id is assumed",
    ),
    guard.old(
        "correct", f"{_PATH}/check", "通知补卡通过", "A/0228", _check,
        (
            Field("userid", required=True),
            Field("work_date", required=True, shape="day"),
            Field("punch_id", "int", required=True),
            Field("punch_check_time", required=True, shape="minute"),
            Field("user_check_time", required=True, shape="minute"),
            Field("approve_id", required=True),
            Field("jump_url", required=True),
            Field("tag_name", required=True),
        ),
        RUN, note="punch_id: the page speaks of the plan's id and of the shift's, either is taken",
    ),
)  # fmt: skip
