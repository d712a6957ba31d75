"""Plans: whose shift when, and writing them for groups that plan by hand (A/0205 ff, A/0229)."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sandbox.attendance import guard
from sandbox.attendance.groups import GROUP_ID, group
from sandbox.attendance.guard import BASE, OPERATOR, RUN, SEE, TOO_FAR, written
from sandbox.call import Call
from sandbox.operation import Field
from sandbox.world.attendance import REST_SHIFT, Approval, Plan
from sandbox.world.results import covering, matched, results, window
from sandbox.world.schedule import group_of, plans, shift_id_of

_CLEAR = -2
_AHEAD = timedelta(days=15)
_REACH = timedelta(days=180)


def _approval(call: Call, plan: Plan) -> Approval | None:
    return covering(call.world, plan.userid, plan.at) if plan.shift_id else None


async def _by_day(call: Call) -> Mapping[str, Any]:
    guard.operator(call)
    day = guard.from_ms(call["date_time"]).date()
    return {"success": True, "result": [_full(call, one) for one in plans(call.world, call["user_id"], day)]}


def _full(call: Call, plan: Plan) -> dict[str, Any]:
    shift = call.world.attendance.shifts.get(plan.shift_id)
    row: dict[str, Any] = {
        "id": plan.id,
        "user_id": plan.userid,
        "corp_id": call.world.app.corp_id,
        "group_id": plan.group_id,
        "work_date": written(plan.day),
        "is_rest": "N" if shift else "Y",
    }
    if shift is None:
        return row
    begin, end = window(call.world, plan)
    late = call.world.clock.now() >= end
    row |= {
        "check_type": plan.check_type,
        "check_date_time": written(plan.at),
        "real_plan_time": written(plan.at),
        "check_begin_time": written(begin),
        "check_end_time": written(end),
        "check_status": "Checked" if matched(call.world, plan) else "Timeout" if late else "Init",
        "class_id": shift.id,
        "class_name": shift.name,
        "class_setting_id": shift.version,
    }
    approval = _approval(call, plan)
    if approval is not None:
        row |= {"approve_id": approval.number, "approve_biz_type": approval.biz_type, "approve_tag_name": approval.tag}
    return row


async def _by_users(call: Call) -> Mapping[str, Any]:
    guard.operator(call)
    begin, end = guard.from_ms(call["from_date_time"]), guard.from_ms(call["to_date_time"])
    days = list(guard.span(call, begin, end, days=7, back=180))
    rows = [_row(call, plan) for one in call["userids"] for day in days for plan in plans(call.world, one, day)]
    return {"success": True, "result": rows}


def _row(call: Call, plan: Plan) -> dict[str, Any]:
    shift = call.world.attendance.shifts.get(plan.shift_id)
    row: dict[str, Any] = {
        "id": plan.id,
        "userid": plan.userid,
        "group_id": plan.group_id,
        "work_date": written(plan.day),
        "shift_id": plan.shift_id,
        "is_rest": "N" if shift else "Y",
    }
    if shift is not None:
        row |= {
            "check_type": plan.check_type,
            "plan_check_time": written(plan.at),
            "shift_version": shift.version,
        }
    approval = _approval(call, plan)
    return row | ({"approve_id": approval.number} if approval else {})


async def _by_days(call: Call) -> Mapping[str, Any]:
    guard.operator(call)
    begin, end = guard.from_ms(call["from_date_time"]), guard.from_ms(call["to_date_time"])
    days = list(guard.span(call, begin, end, days=7))
    rows = []
    for userid in call["userids"]:
        for day in days:
            planned = plans(call.world, userid, day)
            shift = call.world.attendance.shifts.get(planned[0].shift_id) if planned else None
            if shift is not None:
                rows.append(
                    {
                        "userid": userid,
                        "work_date": written(day),
                        "corp_id": call.world.app.corp_id,
                        "group_id": planned[0].group_id,
                        "shift_ids": [shift.id],
                        "shift_names": [shift.name],
                        "shift_versions": [shift.version],
                    }
                )
    return {"success": True, "result": rows}


async def _whole(call: Call) -> Mapping[str, Any]:
    """Give everybody's checkpoints of a day; a fixed group's end 15 days ahead."""
    world, day = call.world, guard.read_time(call["workDate"]).date()
    rows = []
    for userid in world.directory.users:
        found = group_of(world, userid, day)
        if found is None or (found.kind == "FIXED" and day > world.clock.now().date() + _AHEAD):
            continue
        rows += [_brief(call, one) for one in plans(world, userid, day) if one.shift_id]
    start, size = call["offset"], call["size"]
    return {"result": {"has_more": start + size < len(rows), "schedules": rows[start : start + size]}}


def _brief(call: Call, plan: Plan) -> dict[str, Any]:
    row: dict[str, Any] = {
        "plan_id": plan.id,
        "userid": plan.userid,
        "check_type": plan.check_type,
        "plan_check_time": written(plan.at),
        "class_id": plan.shift_id,
        "class_setting_id": call.world.attendance.shifts[plan.shift_id].version,
        "group_id": plan.group_id,
    }
    approval = _approval(call, plan)
    return row | ({"approve_id": approval.number} if approval else {})


async def _results(call: Call) -> Mapping[str, Any]:
    guard.operator(call)
    if not all(one.isdigit() for one in call["schedule_ids"]):
        raise call.fail(guard.INVALID.code, "schedule_ids")
    world = call.world
    asked = [world.attendance.plan_by_id(int(one)) for one in call["schedule_ids"]]
    rows = []
    for plan in asked:
        still = [one for one in plans(world, plan.userid, plan.day) if one.id == plan.id] if plan else []
        for one in results(world, still):
            row: dict[str, Any] = {
                "id": one.plan.id + 1_000_000_000,
                "schedule_id": one.plan.id,
                "user_id": one.plan.userid,
                "corp_id": world.app.corp_id,
                "group_id": one.plan.group_id,
                "work_date": written(one.plan.day),
                "check_type": one.plan.check_type,
                "plan_check_time": written(one.plan.at),
                "base_check_time": written(one.plan.at),
                "user_check_time": written(one.at),
                "time_result": one.time,
                "location_result": one.location,
                "is_legal": "N" if one.time == one.location == "Normal" else "Y",
            }
            rows.append(row | ({"record_id": one.punch.id} if one.punch else {}))
    return {"success": True, "result": rows}


async def _write(call: Call) -> Mapping[str, Any]:
    world, found = call.world, group(call)
    if found.kind != "TURN":
        raise call.fail(guard.INVALID.code, "考勤组类型不是排班制")
    today = world.clock.now().date()
    for one in call["schedules"]:
        day, shift_id = guard.from_ms(one["work_date"]).date(), one["shift_id"]
        inside = group_of(world, one["userid"], max(day, today))
        rest = one["is_rest"] and shift_id == REST_SHIFT
        if inside is None or inside.id != found.id or abs(day - today) > _REACH:
            raise call.fail(guard.INVALID.code, "schedules")
        if not rest and shift_id not in {*found.shift_ids, _CLEAR}:
            raise call.fail(guard.INVALID.code, "shift_id")
    for one in call["schedules"]:
        key = f"{one['userid']} {guard.from_ms(one['work_date']).date()}"
        if one["shift_id"] == _CLEAR:
            world.attendance.schedules.pop(key, None)
        else:
            world.attendance.schedules[key] = one["shift_id"]
    return {"success": True}


async def _switch(call: Call) -> Mapping[str, Any]:
    """Let two people of a planned group change shifts, and change back on the other day."""
    schedules = call.world.attendance.schedules
    days = [date.fromisoformat(call[one]) for one in ("switch_date", "reback_date")]
    people = (call["apply_userid"], call["target_userid"])
    said = (("apply_shift_id", "target_shift_id"), ("reback_apply_shift_id", "reback_target_shift_id"))
    for day, names in zip(days, said, strict=True):
        for userid, name in zip(people, names, strict=True):
            found = group_of(call.world, userid, day)
            planned = shift_id_of(call.world, found, userid, day) if found and found.kind == "TURN" else None
            if planned is None or (planned or REST_SHIFT) != call[name]:
                raise call.fail(guard.INVALID.code, name)
    first, second = people
    for day in days:
        one, other = f"{first} {day}", f"{second} {day}"
        schedules[one], schedules[other] = schedules[other], schedules[one]
    if first == second:
        one, other = (f"{first} {day}" for day in days)
        schedules[one], schedules[other] = schedules[other], schedules[one]
    return {}


_PATH = "/topapi/attendance"
_SPAN = (guard.at("from_date_time"), guard.at("to_date_time"))

OPERATIONS = (
    guard.old(
        "plans_of_a_day", f"{_PATH}/schedule/listbyday", "查询成员排班信息", "A/0205", _by_day,
        (OPERATOR, Field("user_id", required=True), guard.at("date_time")), SEE,
        note="what a day off looks like is assumed; features is left out",
    ),
    guard.old(
        "plans_of_users", f"{_PATH}/schedule/listbyusers", "批量查询人员排班信息", "A/0206", _by_users,
        (OPERATOR, guard.ids("userids", 50), *_SPAN), SEE, TOO_FAR, note="what a day off looks like is assumed",
    ),
    guard.old(
        "shifts_of_days", f"{_PATH}/schedule/shift/listbydays", "批量查询成员排班概要信息", "A/0210", _by_days,
        (OPERATOR, guard.ids("userids", 20), *_SPAN), RUN, TOO_FAR, note="days off are left out (assumed)",
    ),
    guard.old(
        "plans_of_all", f"{_PATH}/listschedule", "查询企业考勤排班详情", "A/0209", _whole,
        (Field("workDate", required=True, shape="day"), *guard.offset_and_size("size", 200, required=False)), BASE,
        note="days off are left out (assumed)",
    ),
    guard.old(
        "results_of_plans", f"{_PATH}/schedule/result/listbyids", "查询排班打卡结果", "A/0208", _results,
        (OPERATOR, guard.ids("schedule_ids", 100)), SEE,
    ),
    guard.old(
        "write_plans", f"{_PATH}/group/schedule/async", "排班制考勤组排班", "A/0207", _write,
        (
            OPERATOR,
            GROUP_ID,
            Field("schedules", "objects", required=True, most=200, unit="items", fields=(
                Field("shift_id", "int", required=True),
                guard.at("work_date"),
                Field("is_rest", "bool", default=False),
                Field("userid", required=True),
            )),
        ),
        RUN, note="done at once, though the path says async",
    ),
    guard.old(
        "switch_plans", f"{_PATH}/approve/schedule/switch", "通知换班通过", "A/0229", _switch,
        (
            Field("userid", required=True),
            Field("switch_date", required=True, shape="date"),
            Field("reback_date", required=True, shape="date"),
            Field("apply_userid", required=True),
            Field("target_userid", required=True),
            Field("approve_id", required=True),
            Field("apply_shift_id", "int", required=True),
            Field("target_shift_id", "int", required=True),
            Field("reback_apply_shift_id", "int", required=True),
            Field("reback_target_shift_id", "int", required=True),
        ),
        RUN, note="1 stands for a day off; shifts that overlap afterwards are not looked for",
    ),
)  # fmt: skip
