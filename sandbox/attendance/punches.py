"""Punches and what they come to (A/0195 ff, A/0216)."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from sandbox.attendance import guard
from sandbox.attendance.guard import DATA, TOO_FAR, day_ms, to_ms, written
from sandbox.call import Call
from sandbox.operation import Field
from sandbox.world import punching
from sandbox.world.attendance import Approval, Plan, Punch
from sandbox.world.results import Result, of_punch, results
from sandbox.world.schedule import plans, working


async def _list(call: Call) -> Mapping[str, Any]:
    """Give a row per checkpoint up to today, whether or not anybody punched."""
    begin, end = guard.read_time(call["workDateFrom"]), guard.read_time(call["workDateTo"])
    today = call.world.clock.now().date()
    days = [one for one in guard.span(call, begin, end, days=7, back=180) if one <= today]
    rows: list[Mapping[str, Any]] = []
    if not call["isI18n"]:
        for day in days:
            for userid in call["userIdList"]:
                rows += [_row(one) for one in results(call.world, plans(call.world, userid, day))]
    start, size = call["offset"], call["limit"]
    return {"recordresult": rows[start : start + size], "hasMore": start + size < len(rows)}


def _row(one: Result) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": one.plan.id + 1_000_000_000,
        "userId": one.plan.userid,
        "workDate": day_ms(one.plan.day),
        "checkType": one.plan.check_type,
        "timeResult": one.time,
        "locationResult": one.location,
        "baseCheckTime": to_ms(one.plan.at),
        "userCheckTime": to_ms(one.at),
        "sourceType": one.source,
        "planId": one.plan.id,
        "groupId": one.plan.group_id,
    }
    if one.punch is not None:
        row["recordId"] = one.punch.id
    if one.approval is not None:
        row |= {"approveId": one.approval.number, "procInstId": one.approval.approve_id}
    return row


async def _records(call: Call) -> Mapping[str, Any]:
    """Give the punches between two instants, taken or not; nothing for whoever didn't punch."""
    begin, end = guard.read_time(call["checkDateFrom"]), guard.read_time(call["checkDateTo"])
    guard.span(call, begin, end, days=7, back=180)
    found = [
        _record(call, punch)
        for userid in ([] if call["isI18n"] else call["userIds"])
        for punch in sorted(call.world.attendance.punches.get(userid, ()), key=lambda one: one.at)
        if begin <= punch.at <= end and userid in call.world.directory.users
    ]
    return {"recordresult": found}


def _record(call: Call, punch: Punch) -> dict[str, Any]:
    result = of_punch(call.world, punch)
    stamp = to_ms(punch.at)
    record: dict[str, Any] = {
        "id": punch.id,
        "userId": punch.userid,
        "corpId": call.world.app.corp_id,
        "workDate": day_ms(result.plan.day if result else punch.at.date()),
        "userCheckTime": stamp,
        "sourceType": punch.source,
        "userAddress": punch.address,
        "bizId": punch.biz_id,
        "gmtCreate": stamp,
        "gmtModified": stamp,
    }
    if punch.source == "USER":
        record |= {
            "locationMethod": "MAP",
            "userLatitude": punching.LATITUDE,
            "userLongitude": punching.LONGITUDE,
            "userAccuracy": 65,
            "deviceId": punch.device_id or "sandbox-phone",
        }
    else:
        record["deviceSN"] = punch.device_id
    optional = {"outsideRemark": punch.remark, "photoUrl": punch.photo_url}
    record |= {key: value for key, value in optional.items() if value}
    if punch.invalid:
        record |= {"isLegal": "N", "invalidRecordType": "Other", "invalidRecordMsg": punch.invalid}
    if result is not None:
        legal = result.time == result.location == "Normal"
        record |= {
            "checkType": result.plan.check_type,
            "timeResult": result.time,
            "locationResult": result.location,
            "isLegal": "Y" if legal else "N",
            "baseCheckTime": to_ms(result.plan.at),
            "planCheckTime": to_ms(result.plan.at),
            "planId": result.plan.id,
            "groupId": result.plan.group_id,
            "classId": result.plan.shift_id,
        }
    return record


async def _upload(call: Call) -> Mapping[str, Any]:
    world, at = call.world, guard.from_ms(call["user_check_time"])
    if call["userid"] not in world.directory.users:
        raise call.fail(guard.INVALID.code, "userid")
    if (world.clock.now() - at).days > 180:
        raise call.fail(guard.INVALID.code, "user_check_time：需要传180天以内的日期")
    punch = punching.new(
        world, call["userid"], at=at, source="ATM", address=call["device_name"], device_id=call["device_id"],
        photo_url=call["photo_url"] or "",
    )  # fmt: skip
    await punching.keep(world, punch)
    return {"success": True}


async def _update_data(call: Call) -> Mapping[str, Any]:
    """Give one person's day: results, approvals, every punch."""
    world, userid = call.world, call["userid"]
    day = guard.read_time(call["work_date"]).date()
    known = userid in world.directory.users
    planned = [one for one in plans(world, userid, day) if one.shift_id]
    found = results(world, planned)
    punches = [one for one in world.attendance.punches.get(userid, ()) if one.at.date() == day and known]
    result: dict[str, Any] = {
        "corpId": world.app.corp_id,
        "userid": userid,
        "work_date": written(guard.read_time(call["work_date"])),
        "attendance_result_list": [_told(one) for one in found if day <= world.clock.now().date()],
        "approve_list": [_approved(one) for one in _approvals(call, userid) if str(day) in one.details],
        "check_record_list": [_punched(one, taken={r.punch.id for r in found if r.punch}) for one in punches],
    }
    if planned:
        result["class_setting_info"] = {"rest_time_vo_list": _rests(call, planned[0])}
    return {"success": True, "result": result}


def _approvals(call: Call, userid: str) -> list[Approval]:
    return [one for one in call.world.attendance.approvals.values() if one.userid == userid]


def _told(one: Result) -> dict[str, Any]:
    told: dict[str, Any] = {
        "plan_id": one.plan.id,
        "plan_check_time": written(one.plan.at),
        "user_check_time": written(one.at),
        "check_type": one.plan.check_type,
        "time_result": one.time,
        "location_result": one.location,
        "source_type": one.source,
        "class_id": one.plan.shift_id,
        "group_id": one.plan.group_id,
    }
    if one.punch is not None:
        told |= {"record_id": one.punch.id, "user_address": one.punch.address}
        told |= {"location_method": "MAP"} if one.punch.source == "USER" else {}
        told |= {"outside_remark": one.punch.remark} if one.punch.remark else {}
    if one.approval is not None:
        told["procInst_id"] = one.approval.approve_id
    return told


def _approved(one: Approval) -> dict[str, Any]:
    return {
        "biz_type": one.biz_type,
        "tag_name": one.tag,
        "sub_type": one.sub_type,
        "duration": str(one.duration),
        "duration_unit": one.unit,
        "begin_time": written(one.begin),
        "end_time": written(one.end),
        "gmt_finished": written(one.finished),
        "procInst_id": one.approve_id,
    }


def _punched(punch: Punch, taken: set[int]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "record_id": punch.id,
        "user_check_time": written(punch.at),
        "source_type": punch.source,
        "valid_matched": punch.id in taken,
    }
    if punch.source == "USER":
        told |= {
            "user_accuracy": "65",
            "user_latitude": str(punching.LATITUDE),
            "user_longitude": str(punching.LONGITUDE),
        }
    if punch.invalid:
        told |= {"invalid_record_type": "Other", "invalid_record_msg": punch.invalid}
    return told


def _rests(call: Call, plan: Plan) -> list[dict[str, int]]:
    shift = call.world.attendance.shifts[plan.shift_id]
    stretches = working(shift, plan.day)
    pairs = pairwise(stretches)
    return [{"rest_begin_time": to_ms(one[1]), "rest_end_time": to_ms(other[0])} for one, other in pairs]


_ABROAD = Field("isI18n", "bool", default=False)
_TOO_FAR = "41041 is the global table's for a span above 7 days"

OPERATIONS = (
    guard.old(
        "results", "/attendance/list", "获取打卡结果", "A/0195", _list,
        (
            Field("workDateFrom", required=True, shape="time"),
            Field("workDateTo", required=True, shape="time"),
            Field("userIdList", "strings", required=True, most=50, unit="items"),
            *guard.offset_and_size("limit", 50, required=True),
            _ABROAD,
        ),
        DATA, TOO_FAR,
        note=f"{_TOO_FAR}; of today's checkpoints also those to come are NotSigned; their userCheckTime and sourceType "
        "are assumed",
    ),
    guard.old(
        "records", "/attendance/listRecord", "获取打卡详情", "A/0196", _records,
        (
            Field("userIds", "strings", required=True, most=50, unit="items"),
            Field("checkDateFrom", required=True, shape="time"),
            Field("checkDateTo", required=True, shape="time"),
            _ABROAD,
        ),
        DATA, TOO_FAR, note=f"{_TOO_FAR}; numbers as in the sample, the table calls them strings",
    ),
    guard.old(
        "upload", "/topapi/attendance/record/upload", "上传打卡记录", "A/0197", _upload,
        (
            Field("userid", required=True),
            Field("device_name", required=True),
            Field("device_id", required=True),
            Field("photo_url"),
            guard.at("user_check_time"),
        ),
        "Pro.AttendanceRecord.Write", note="that an uploaded punch is of source ATM and pushed is assumed",
    ),
    guard.old(
        "update_data", "/topapi/attendance/getupdatedata", "获取用户考勤数据", "A/0216", _update_data,
        (Field("userid", required=True), Field("work_date", required=True, shape="day")), DATA,
    ),
)  # fmt: skip
