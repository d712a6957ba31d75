"""Leaving: reasons, notice given and taken back, the end (A/0949 ff). The notice's refusals are HTTP 401."""

from collections.abc import Mapping
from typing import Any

from sandbox.call import Call
from sandbox.hrm import guard
from sandbox.operation import Error
from sandbox.world import User
from sandbox.world.careers import give_notice, moved, take_back
from sandbox.world.hrm import DISMISSAL, LEAVING, Dismissal

_REFUSED = Error("businessError", "业务异常", 401)
_STAY = Error("businessError", "业务错误")
_NOBODY = Error("empNotExists", "员工不存在")
_REQUEST = Error("invalidRequest", "请求非法")


async def _infos(call: Call) -> Mapping[str, Any]:
    return {"result": [one for one in (_info(call, userid) for userid in call["userIdList"]) if one]}


def _info(call: Call, userid: str) -> Mapping[str, Any]:
    hrm, directory = call.world.hrm, call.world.directory
    gone = hrm.dismissals.get(userid)
    if gone is None:
        return {"userId": userid, "status": 3} if userid in directory.users else {}
    user = gone.user or directory.users[userid]
    info: dict[str, Any] = {
        "userId": userid,
        "lastWorkDay": gone.last_day,
        "deptList": [{"dept_id": one, "dept_path": _path(call, one)} for one in user.dept_ids],
        "reasonMemo": gone.memo,
        "status": 2 if gone.user else 1,
        "voluntaryReason": [hrm.voluntary_reasons[one] for one in gone.voluntary],
        "passiveReason": [hrm.passive_reasons[one] for one in gone.passive],
    }
    if gone.status_before in {"2", "3"}:
        info["preStatus"] = int(gone.status_before)
    if gone.handover:
        info["handoverUserId"] = gone.handover
    if user.dept_ids:
        info["mainDeptId"] = user.dept_ids[0]
        info["mainDeptName"] = _path(call, user.dept_ids[0]).rpartition("-")[2]
    return info


def _path(call: Call, dept_id: int) -> str:
    """Give a department's names from below the root, joined as the page's sample has it."""
    directory = call.world.directory
    names = [directory.departments[one].name for one in reversed(directory.path(dept_id))]
    return "-".join(names[1:] or names)


async def _reasons(call: Call) -> Mapping[str, Any]:
    hrm = call.world.hrm
    lists = {"passiveList": hrm.passive_reasons, "voluntaryList": hrm.voluntary_reasons}
    return _done(
        call, {key: [{"id": one, "name": name} for one, name in found.items()] for key, found in lists.items()}
    )


def _done(call: Call, result: Any = True) -> Mapping[str, Any]:
    return {"requestId": call.world.ids.request(), "success": True, "result": result}


def _chosen(call: Call) -> tuple[list[str], list[str]]:
    """Give the reasons named, voluntary and passive; refuses what the company has not."""
    voluntary, passive = call["terminationReasonVoluntary"] or [], call["terminationReasonPassive"] or []
    hrm = call.world.hrm
    if not (set(voluntary) <= set(hrm.voluntary_reasons) and set(passive) <= set(hrm.passive_reasons)):
        raise call.fail("businessError", "离职原因不存在")
    return voluntary, passive


async def _start(call: Call) -> Mapping[str, Any]:
    user = guard.person(call, call["userId"], _REFUSED)
    record = call.world.hrm.employee(user.userid)
    if record.status == LEAVING:
        raise call.fail(_REFUSED.code, "员工不是正常在职状态")
    voluntary, passive = _chosen(call)
    notice = Dismissal(
        user.userid, call["lastWorkDate"], record.status, voluntary, passive, call["remark"] or ""
    )  # fmt: skip
    give_notice(call.world, notice)
    return _done(call)


def _pending(call: Call) -> Dismissal:
    user = guard.person(call, call["userId"], _REFUSED)
    if user.userid not in call.world.hrm.dismissals:
        raise call.fail(_REFUSED.code, "员工不是待离职状态")
    return call.world.hrm.dismissals[user.userid]


async def _revoke(call: Call) -> Mapping[str, Any]:
    take_back(call.world, _pending(call).userid)
    return _done(call)


async def _edit(call: Call) -> Mapping[str, Any]:
    notice = _pending(call)
    voluntary, passive = _chosen(call)
    notice.last_day = call["lastWorkDate"]
    notice.voluntary = voluntary or notice.voluntary
    notice.passive = passive or notice.passive
    notice.memo = notice.memo if call["dismissionMemo"] is None else call["dismissionMemo"]
    return _done(call)


_HANDOVERS = (
    "aflowHandOverUserId",
    "docNoteHandoverUserId",
    "dingPanHandoverUserId",
    "permissionHandoverUserId",
    "directSubordinatesHandoverUserId",
)


async def _terminate(call: Call) -> Mapping[str, Any]:
    world = call.world
    user = guard.person(call, call["userId"], _NOBODY)
    _check_end(call, user)
    voluntary, passive = _chosen(call)
    if not voluntary and not passive:
        raise call.fail(guard.INVALID.code, "terminationReasonPassive和terminationReasonVoluntary至少填写一个")
    heir = call["directSubordinatesHandoverUserId"]
    for one in [one for one in world.directory.users.values() if heir and one.manager == user.userid]:
        await world.company.modify_user(one.userid, {"manager": "" if one.userid == heir else heir})
    await world.company.remove_user(user.userid)
    gone = world.hrm.dismissals[user.userid]
    gone.last_day, gone.memo = call["lastWorkDate"], call["dismissionMemo"]
    gone.voluntary, gone.passive = voluntary, passive
    gone.handover = next((call[one] for one in _HANDOVERS if call[one]), "")
    await moved(world, user.userid, DISMISSAL)
    return {"result": True}


def _check_end(call: Call, user: User) -> None:
    """Refuse what the page rules out: oneself, strangers, the main administrator, oneself as one's successor."""
    users = call.world.directory.users
    if call["optUserId"] == user.userid or call["optUserId"] not in users:
        raise call.fail(_REQUEST.code, "离职操作人必须是本组织员工，且不能是离职员工本人")
    if user.admin:
        raise call.fail(_STAY.code, "主管理员不能离职")
    if any(call[one] == user.userid or (call[one] and call[one] not in users) for one in _HANDOVERS):
        raise call.fail(guard.INVALID.code, "离职人和交接人不能相同")


_WHO = guard.need("userId")
_LAST = guard.moment("lastWorkDate")
_WHY = (
    guard.field("terminationReasonVoluntary", "strings"),
    guard.field("terminationReasonPassive", "strings"),
)
_FLAGS = ("partner", "toHireBlackList", "toHireDismissionTalent", "toHrmBlackList")

OPERATIONS = (
    guard.operation(
        "dismissal_infos", "GET", "/v1.0/hrm/employees/dimissionInfos", "批量获取员工离职信息", "A/0949", _infos,
        (guard.need("userIdList", "strings", where="query", most=50, least=1, unit="items", over="invalidParameter"),),
        guard.READ, counted=False,
        note="of others than leavers only userId and status; strangers are left out (assumed)",
    ),
    guard.operation(
        "reasons", "GET", "/v1.0/hrm/dismission/reasons", "获取企业已有的所有离职原因", "A/0953", _reasons, (),
        guard.PROCESS,
    ),
    guard.operation(
        "start_leaving", "POST", "/v1.0/hrm/pendingDismission/start", "员工加入待离职", "A/0950", _start,
        (_WHO, _LAST, *_WHY, guard.field("remark"), *(guard.field(one, "bool") for one in _FLAGS)), guard.PROCESS,
        errors=(_REFUSED,), note="no event is documented for it, and none is pushed",
    ),
    guard.operation(
        "revoke_leaving", "POST", "/v1.0/hrm/pendingDismission/revoke", "撤销员工待离职", "A/0951", _revoke,
        (_WHO,), guard.PROCESS, errors=(_REFUSED,), note="userId is needed though the table says not: see its errors",
    ),
    guard.operation(
        "edit_leaving", "PUT", "/v1.0/hrm/pendingDismission/infos", "更新待离职员工离职信息", "A/0952", _edit,
        (_WHO, *_WHY, guard.field("dismissionMemo"), _LAST, guard.field("partner", "bool")), guard.PROCESS,
        errors=(_REFUSED,), note="a field left out stays as it was (assumed)",
    ),
    guard.operation(
        "terminate", "POST", "/v1.0/hrm/processes/terminateAndHandOver", "确认员工离职并删除", "A/0955", _terminate,
        (
            _WHO,
            guard.need("optUserId"),
            _LAST,
            guard.field("dismissionReason", "int", choices=tuple(range(1, 10))),
            *_WHY,
            guard.need("dismissionMemo"),
            *(guard.field(one) for one in _HANDOVERS),
        ),
        guard.PROCESS, errors=(_STAY, _NOBODY, _REQUEST), closed=guard.NO_SUITE,
        note="which code goes with which refusal is assumed; only direct reports are handed over",
    ),
)  # fmt: skip
