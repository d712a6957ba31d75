"""Attendance groups and shifts (A/0173 ff, A/0203 f)."""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.attendance import guard, shapes
from sandbox.attendance.guard import BASE, OPERATOR, SEE
from sandbox.call import Call
from sandbox.operation import Field
from sandbox.world.attendance import AttendanceGroup, Shift
from sandbox.world.schedule import group_of, members, named

_SHIFTS_A_PAGE = _MEMBERS_A_PAGE = 200
_WEEK = "日一二三四五六"


def group(call: Call) -> AttendanceGroup:
    """Give the group named, once it is known that the operator may see it."""
    found = call.world.attendance.groups.get(call["group_id"])
    if found is None:
        raise call.fail(guard.INVALID.code, "group_id")
    guard.operator(call, group=found)
    return found


async def _simple(call: Call) -> Mapping[str, Any]:
    found = list(call.world.attendance.groups.values())
    start, size = call["offset"], call["size"]
    page = {
        "has_more": start + size < len(found),
        "groups": [_details(call, one) for one in found[start : start + size]],
    }
    return {"result": page}


def _details(call: Call, one: AttendanceGroup) -> dict[str, Any]:
    world = call.world
    shifts = [world.attendance.shifts[shift_id] for shift_id in one.shift_ids]
    details: dict[str, Any] = {
        "group_id": one.id,
        "group_name": one.name,
        "is_default": one.is_default,
        "type": one.kind,
        "owner_user_id": one.owner,
        "manager_list": list(one.managers),
        "member_count": len(members(world, one)),
        "selected_class": [
            {
                "class_id": shift.id,
                "class_name": shift.name,
                "sections": [{"times": shapes.times(shift)}],
                "setting": shapes.setting(shift),
            }
            for shift in shifts
        ],
        "work_day_list": [str(shift_id) for shift_id in one.week],
        "enable_emp_select_class": False,
        "disable_check_without_schedule": False,
        "disable_check_when_rest": False,
    }
    departments = [
        world.directory.departments[int(place.member)].name
        for place in named(world, one)
        if place.kind == "dept" and int(place.member) in world.directory.departments
    ]
    if departments:
        details["dept_name_list"] = departments
    if one.kind == "FIXED":
        details |= {"classes_list": _weekly(one, shifts), "default_class_id": one.shift_ids[0]}
    return details


def _weekly(one: AttendanceGroup, shifts: Sequence[Shift]) -> list[str]:
    def days(shift_id: int) -> str:
        return "、".join(_WEEK[day % 7] for day in range(1, 8) if one.week[day % 7] == shift_id)

    named_shifts = [f"周{days(shift.id)} {shift.name} {shift.on}-{shift.off} " for shift in shifts if days(shift.id)]
    return [*named_shifts, f"周{days(0)} 休息"] if days(0) else named_shifts


async def _of_user(call: Call) -> Mapping[str, Any]:
    if call["userid"] not in call.world.directory.users:
        raise call.fail(guard.INVALID.code, "userid")
    found = group_of(call.world, call["userid"], call.world.clock.now().date())
    if found is None:
        return {"result": {}}
    shifts = (call.world.attendance.shifts[shift_id] for shift_id in found.shift_ids)
    classes = [
        {
            "class_id": shift.id,
            "name": shift.name,
            "sections": [{"times": shapes.times(shift)}],
            "setting": dict(zip(("rest_begin_time", "rest_end_time"), shapes.rests(shift), strict=False)),
        }
        for shift in shifts
    ]
    return {"result": {"group_id": found.id, "name": found.name, "type": found.kind, "classes": classes}}


async def _query(call: Call) -> Mapping[str, Any]:
    found = group(call)
    result = {
        "id": found.id,
        "name": found.name,
        "type": found.kind,
        "member_count": len(members(call.world, found)),
        "owner_user_id": found.owner,
        "manager_list": f"[{','.join(found.managers)}]",
        "shift_ids": list(found.shift_ids),
        "work_day_list": list(found.week),
        "address_list": ["上海市青禾路1号"],
        "wifis": ["qinghe"],
        "url": "https://attend.dingtalk.com/sandbox",
    }
    return {"success": True, "result": result}


async def _search(call: Call) -> Mapping[str, Any]:
    guard.operator(call)
    found = [one for one in call.world.attendance.groups.values() if call["group_name"] in one.name]
    return {"success": True, "result": [{"id": one.id, "name": one.name} for one in found]}


async def _to_id(call: Call) -> Mapping[str, Any]:
    guard.operator(call)
    found = next((one for one in call.world.attendance.groups.values() if one.key == call["group_key"]), None)
    if found is None:
        raise call.fail(guard.INVALID.code, "group_key")
    return {"success": True, "result": found.id}


async def _to_key(call: Call) -> Mapping[str, Any]:
    return {"result": group(call).key}


async def _shifts(call: Call) -> Mapping[str, Any]:
    guard.operator(call)
    found, start = list(call.world.attendance.shifts.values()), call["cursor"]
    more = start + _SHIFTS_A_PAGE < len(found)
    page = found[start : start + _SHIFTS_A_PAGE]
    result = {"has_more": more, "result": [{"id": one.id, "name": one.name} for one in page]}
    return {"success": True, "result": result | ({"cursor": start + _SHIFTS_A_PAGE} if more else {})}


async def _shift(call: Call) -> Mapping[str, Any]:
    guard.operator(call)
    shift = call.world.attendance.shifts.get(call["shift_id"])
    if shift is None:
        raise call.fail(guard.INVALID.code, "shift_id")
    on, off = shapes.times(shift)
    rules = {
        "permit_minutes": shift.permit,
        "serious_late_minutes": str(shift.serious),
        "absenteeism_late_minutes": str(shift.absent),
    }
    punches = [
        {**on, **rules, "id": shift.id * 10 + 1, "free_check": False},
        {**off, "id": shift.id * 10 + 2, "free_check": False},
    ]
    rests = [{**one, "id": shift.id * 10 + number} for number, one in enumerate(shapes.rests(shift), 3)]
    setting = {
        "id": shift.version,
        "shift_id": shift.id,
        "corp_id": call.world.app.corp_id,
        "work_time_minutes": shapes.minutes(shift),
        "is_deleted": "N",
    }
    result = {
        "id": shift.id,
        "name": shift.name,
        "corp_id": call.world.app.corp_id,
        "sections": [{"id": shift.id * 10, "punches": punches, "rests": rests}],
        "shift_setting": setting,
    }
    return {"success": True, "result": result}


GROUP_ID = Field("group_id", "int", required=True)
CURSOR = Field("cursor", "int", least=0, unit="value", default=0)
_PATH = "/topapi/attendance"

OPERATIONS = (
    guard.old(
        "simple_groups", f"{_PATH}/getsimplegroups", "批量获取考勤组详情", "A/0179", _simple,
        guard.offset_and_size("size", 10, required=False), BASE,
    ),
    guard.old(
        "user_group", f"{_PATH}/getusergroup", "获取用户考勤组", "A/0180", _of_user, (Field("userid", required=True),),
        BASE, note="an empty result for whoever is in no group (assumed)",
    ),
    guard.old(
        "group", f"{_PATH}/group/query", "获取考勤组详情", "A/0174", _query, (OPERATOR, GROUP_ID), SEE,
        note="400020 for who is no attendance administrator (assumed, here and below)",
    ),
    guard.old(
        "search_groups", f"{_PATH}/group/search", "搜索考勤组摘要", "A/0173", _search,
        (OPERATOR, Field("group_name", required=True)), SEE,
    ),
    guard.old(
        "group_key_to_id", f"{_PATH}/groups/keytoid", "groupKey转换为groupId", "A/0176", _to_id,
        (OPERATOR, Field("group_key", required=True)), SEE,
    ),
    guard.old(
        "group_id_to_key", f"{_PATH}/groups/idtokey", "groupId转换为groupKey", "A/0177", _to_key,
        (Field("op_user_id"), GROUP_ID), SEE,
    ),
    guard.old("shifts", f"{_PATH}/shift/list", "获取班次摘要信息", "A/0203", _shifts, (OPERATOR, CURSOR), SEE),
    guard.old(
        "shift", f"{_PATH}/shift/query", "获取班次详情", "A/0204", _shift,
        (OPERATOR, Field("shift_id", "int", required=True)), SEE,
    ),
)  # fmt: skip
