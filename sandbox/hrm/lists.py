"""Who works here, who is about to, who left (A/0944 ff)."""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.call import Call
from sandbox.hrm import guard
from sandbox.hrm.fields import FIELDS
from sandbox.hrm.records import acceptable, put, read_groups
from sandbox.operation import Field
from sandbox.validate import inner
from sandbox.world.careers import announce
from sandbox.world.hrm import Newcomer, Sections

_SHOWN = ("depts", "mainDeptId", "mainDeptName", "position", "workPlace", "employeeType", "jobNumber")


def _page(call: Call, found: Sequence[str]) -> Mapping[str, Any]:
    start, size = call["offset"], call["size"]
    page: dict[str, Any] = {"data_list": list(found[start : start + size])}
    if start + size < len(found):
        page["next_cursor"] = start + size
    return {"success": True, "result": page}


async def _on_job(call: Call) -> Mapping[str, Any]:
    hrm, wanted = call.world.hrm, call["status_list"]
    return _page(call, [one for one in call.world.directory.users if hrm.employee(one).status in wanted])


async def _pre_entries(call: Call) -> Mapping[str, Any]:
    return _page(call, list(call.world.hrm.newcomers))


def _is_ours(call: Call, mobile: str) -> bool:
    return any(user.mobile == mobile for user in call.world.directory.users.values())


async def _add(call: Call) -> Mapping[str, Any]:
    if call["agentId"] is not None:
        guard.agent(call, "agentId")
    if _is_ours(call, call["mobile"]):
        raise call.fail(guard.INVALID.code, "手机号已在企业中")
    sections: Sections = {}
    names = ("groupId", "oldIndex", "empFieldVOList", "fieldCode", "value")
    for group, index, pairs in read_groups(call["groups"] or (), names):
        good = all(code in FIELDS and FIELDS[code].group == group for code, _ in pairs)
        if not (good and all(acceptable(FIELDS[code], value) for code, value in pairs) and pairs):
            raise call.fail(guard.INVALID.code, f"groups: {group}")
        if not put(sections, group, index, pairs):
            raise call.fail(guard.INVALID.code, f"oldIndex: {index}")
    newcomer = Newcomer(
        call.world.ids.digits(17), call["name"], call["mobile"], call["preEntryTime"], sections=sections
    )
    await announce(call.world, newcomer)
    if call["needSendPreEntryMsg"]:
        call.warnings.append("nobody gets the message about the entry form: the sandbox has no phone for newcomers")
    return {"tmpUserId": newcomer.userid}


async def _add_old(call: Call) -> Mapping[str, Any]:
    param = call["param"]
    if _is_ours(call, param["mobile"]):
        raise call.fail(-1, "系统繁忙")
    entry = guard.at(param["pre_entry_time"]) if param["pre_entry_time"] else None
    given = inner(guard.parsed(param["extend_info"]))
    info = {key: str(given[key]) for key in _SHOWN if given.get(key) not in (None, "")}
    newcomer = Newcomer(call.world.ids.digits(17), param["name"], param["mobile"], entry, info)
    await announce(call.world, newcomer)
    return {"success": True, "userid": newcomer.userid}


async def _left(call: Call) -> Mapping[str, Any]:
    found = [one for one in call.world.hrm.dismissals if call.world.hrm.leaver(one)]
    start, size = call["nextToken"], call["maxResults"]
    more = start + size < len(found)
    answer = {"hasMore": more, "userIdList": found[start : start + size]}
    return answer | ({"nextToken": start + size} if more else {})


_PAGE = (
    Field("offset", "int", required=True, least=0, unit="value"),
    Field("size", "int", required=True, least=1, most=50, unit="value"),
)
_FIVE: dict[str, Any] = {"most": 5, "unit": "items", "over": "invalidParameter"}

OPERATIONS = (
    guard.operation(
        "on_job", "POST", "/topapi/smartwork/hrm/employee/queryonjob", "获取在职员工列表", "A/0946", _on_job,
        (Field("status_list", "joined", required=True, choices=("2", "3", "5", "-1")), *_PAGE), guard.READ,
        counted=False, note="people from before 智能人事 was opened are in it here",
    ),
    guard.operation(
        "pre_entries", "POST", "/topapi/smartwork/hrm/employee/querypreentry", "获取待入职员工列表", "A/0944",
        _pre_entries, _PAGE, guard.READ, counted=False,
    ),
    guard.operation(
        "add_pre_entry", "POST", "/v1.0/hrm/preentries", "添加待入职员工", "A/0945", _add,
        (
            guard.moment("preEntryTime", required=False),
            guard.need("name"),
            guard.need("mobile"),
            guard.field("agentId", "int"),
            guard.field("groups", "objects", **_FIVE, fields=(
                guard.need("groupId"),
                guard.field("sections", "objects", **_FIVE, fields=(
                    guard.field("oldIndex", "int", least=0, unit="value"),
                    guard.field("empFieldVOList", "objects", **_FIVE, fields=(
                        guard.need("fieldCode"), guard.field("value"),
                    )),
                )),
            )),
            guard.field("needSendPreEntryMsg", "bool"),
        ),
        "Pro.HrmPreentry.ReadWrite",
        note="five of a kind are advised, here enforced; the answer to a colleague's mobile is assumed, and that "
        "hrm_solution_manage (init) is pushed",
    ),
    guard.operation(
        "add_old_pre_entry", "POST", "/topapi/smartwork/hrm/employee/addpreentry", "添加企业待入职员工", "A/0956",
        _add_old,
        (
            Field("param", "object", required=True, fields=(
                Field("name", required=True),
                Field("mobile", required=True),
                Field("pre_entry_time", shape="time"),
                Field("op_userid"),
                Field("extend_info", shape="json"),
            )),
        ),
        guard.MANAGE, counted=False, errors=(guard.BUSY,),
        note="系统繁忙 for a colleague's mobile: the text is documented, its code -1 the general one",
    ),
    guard.operation(
        "dismissed", "GET", "/v1.0/hrm/employees/dismissions", "获取离职员工列表", "A/0947", _left,
        (
            guard.field("nextToken", "int", where="query", least=0, unit="value", default=0),
            guard.field("maxResults", "int", where="query", least=1, most=50, unit="value", default=30),
        ),
        guard.READ, counted=False, note="no nextToken on the last page (assumed)",
    ),
)  # fmt: skip
