"""Who is in a group (A/0181 ff). A change holds from today or tomorrow on; the days before stay as they were."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Literal

from sandbox.attendance import guard
from sandbox.attendance.groups import CURSOR, GROUP_ID, group
from sandbox.attendance.guard import MAY_OPERATE, OPERATOR, RUN, SEE
from sandbox.call import Call
from sandbox.operation import Field
from sandbox.world.attendance import AttendanceGroup, Membership
from sandbox.world.schedule import members, named
from sandbox.world.subscribed import attendance_group_changed

_A_PAGE = 200
_Kind = Literal["user", "dept", "extra"]
_CHANGES: tuple[tuple[str, _Kind, bool], ...] = (
    ("remove_users", "user", True),
    ("remove_depts", "dept", True),
    ("remove_extra_users", "extra", True),
    ("add_users", "user", False),
    ("add_depts", "dept", False),
    ("add_extra_users", "extra", False),
)


def _by_key(call: Call) -> AttendanceGroup:
    found = next((one for one in call.world.attendance.groups.values() if one.key == call["group_key"]), None)
    if found is None:
        raise call.fail(guard.INVALID.code, "group_key")
    guard.operator(call, "op_userid", found)
    return found


def _exists(call: Call, kind: _Kind, member: str) -> bool:
    directory = call.world.directory
    if kind == "dept":
        return member.isdigit() and int(member) in directory.departments
    return member in directory.users


def _change(call: Call, group_id: int, kind: _Kind, names: Sequence[str], since: date, *, ended: bool) -> None:
    call.world.attendance.memberships += [Membership(group_id, kind, one, since, ended) for one in names]


async def _update(call: Call) -> Mapping[str, Any]:
    found, param = group(call), call["update_param"]
    since = call.world.clock.now().date() + timedelta(days=call["schedule_flag"])
    for name, kind, _ in _CHANGES:
        for member in param[name] or ():
            if not _exists(call, kind, member):
                raise call.fail(guard.INVALID.code, f"{name}: {member}")
    for name, kind, ended in _CHANGES:
        _change(call, found.id, kind, param[name] or (), since, ended=ended)
    await attendance_group_changed(call.world, found)
    return {"success": True}


async def _add(call: Call) -> Mapping[str, Any]:
    found = _by_key(call)
    good = [one for one in call["user_id_list"] if _exists(call, "user", one)]
    _change(call, found.id, "user", good, call.world.clock.now().date(), ended=False)
    return await _partly(call, found, good)


async def _remove(call: Call) -> Mapping[str, Any]:
    found = _by_key(call)
    inside = {one.member for one in named(call.world, found) if one.kind == "user"}
    good = [one for one in call["user_id_list"] if one in inside]
    _change(call, found.id, "user", good, call.world.clock.now().date(), ended=True)
    return await _partly(call, found, good)


async def _partly(call: Call, found: AttendanceGroup, good: Sequence[str]) -> Mapping[str, Any]:
    """Tell whom it worked for and whom not: the call as a whole is a success either way."""
    if good:
        await attendance_group_changed(call.world, found)
    bad = [one for one in call["user_id_list"] if one not in good]
    result: dict[str, Any] = {"success_list": list(good)}
    if bad:
        result["error_info_list"] = [{"code": "1000", "msg": "business fault", "failure_list": bad}]
    return {"success": True, "result": result}


async def _list(call: Call) -> Mapping[str, Any]:
    places = named(call.world, group(call))
    rows = [
        {
            "member_id": one.member,
            "type": "1" if one.kind == "dept" else "0",
            "atc_flag": "1" if one.kind == "extra" else "0",
        }
        for one in places
    ]
    return _page(call, rows)


async def _users(call: Call) -> Mapping[str, Any]:
    return _page(call, members(call.world, group(call)))


def _page(call: Call, rows: Sequence[Any]) -> Mapping[str, Any]:
    start = call["cursor"]
    more = start + _A_PAGE < len(rows)
    page = {"has_more": more, "result": list(rows[start : start + _A_PAGE])}
    return {"success": True, "result": page | ({"cursor": start + _A_PAGE} if more else {})}


async def _among(call: Call) -> Mapping[str, Any]:
    kinds = {"dept"} if call["member_type"] else {"user"}
    inside = {one.member for one in named(call.world, group(call)) if one.kind in kinds}
    return {"success": True, "result": [one for one in call["member_ids"] if one in inside]}


_TWENTY = tuple(Field(name, "strings", most=20, unit="items") for name, _, _ in _CHANGES)
_KEY = Field("group_key", required=True)
_HUNDRED = Field("user_id_list", "strings", required=True, most=100, unit="items")
_PATH = "/topapi/attendance/group"

OPERATIONS = (
    guard.old(
        "update_members", f"{_PATH}/member/update", "更新参与考勤人员", "A/0182", _update,
        (
            OPERATOR,
            GROUP_ID,
            Field("schedule_flag", "int", required=True, choices=(0, 1)),
            Field("update_param", "object", required=True, fields=_TWENTY),
        ),
        RUN,
    ),
    guard.old(
        "add_users", f"{_PATH}/users/add", "批量新增参与考勤人员", "A/0181", _add, (MAY_OPERATE, _KEY, _HUNDRED), RUN,
        note="where failure_list stands in the answer is assumed",
    ),
    guard.old(
        "remove_users", f"{_PATH}/users/remove", "批量删除参与考勤人员", "A/0185", _remove,
        (MAY_OPERATE, _KEY, _HUNDRED), RUN, note="who is in it by their department can't be taken out of it",
    ),
    guard.old(
        "members", f"{_PATH}/member/list", "获取参与考勤人员", "A/0183", _list, (CURSOR, OPERATOR, GROUP_ID), SEE,
        note="200 a page (assumed, here and in the next)",
    ),
    guard.old(
        "member_users", f"{_PATH}/memberusers/list", "获取参与考勤人员的userid", "A/0184", _users,
        (CURSOR, OPERATOR, GROUP_ID), SEE,
    ),
    guard.old(
        "members_among", f"{_PATH}/member/listbyids", "校验用户是否在当前考勤组", "A/0187", _among,
        (
            OPERATOR,
            GROUP_ID,
            guard.ids("member_ids", 20),
            Field("member_type", "int", required=True, choices=(0, 1)),
        ),
        SEE,
    ),
)  # fmt: skip
