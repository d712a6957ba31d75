"""智能人事 (A/0934 ff, A/0945 ff)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sandbox.world.clock import CHINA
from tests.sandbox.clients.typed import Row, Typed

_PAGE = {"nextToken": 0, "maxResults": 1}
_MORE = {"hasMore": True, "nextToken": int}


def _ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=CHINA).timestamp() * 1000)


_NOTICE = {
    "userId": "lin", "lastWorkDate": _ms("2026-12-31"), "terminationReasonVoluntary": ["2"], "remark": "读书",
    "partner": False, "toHireBlackList": False, "toHireDismissionTalent": True, "toHrmBlackList": False,
}  # fmt: skip


async def _roster(it: Typed) -> Mapping[str, Any]:
    people = {"userIdList": ["lin"], "fieldFilterList": ["sys01-employeeStatus"]}
    return {**people, "appAgentId": it.world.app.agent_id, "text2SelectConvert": True}


async def _newcomer(it: Typed) -> Mapping[str, Any]:
    section = {"empFieldVOList": [{"fieldCode": "sys02-birthTime", "value": "2000-10-10"}]}
    who = {"name": "新人", "mobile": "13700000001", "preEntryTime": _ms("2026-12-01")}
    rest = {"agentId": it.world.app.agent_id, "needSendPreEntryMsg": False}
    return {**who, **rest, "groups": [{"groupId": "sys02", "sections": [section]}]}


async def _dismissed(it: Typed) -> Mapping[str, Any]:
    await it.world.company.remove_user("lin")
    await it.world.company.remove_user("chen")
    return {"nextToken": 0, "maxResults": 1}


async def _leaving(it: Typed) -> Mapping[str, Any]:
    await it.call("hrm.start_leaving", **_NOTICE)
    return {"userId": "lin"}


async def _infos(it: Typed) -> Mapping[str, Any]:
    await _leaving(it)
    return {"userIdList": ["lin"]}


async def _edit(it: Typed) -> Mapping[str, Any]:
    change = {"lastWorkDate": _ms("2027-01-31"), "dismissionMemo": "改期", "terminationReasonVoluntary": ["1"]}
    return {**await _leaving(it), **change, "partner": True}


async def _newly_hired(it: Typed) -> Mapping[str, Any]:
    it.world.hrm.employee("lin").status = "2"
    return {"userId": "lin", "regularDate": _ms("2026-11-23"), "operationId": "li", "remark": "好"}


async def _transfer(it: Typed) -> Mapping[str, Any]:
    position = next(one for one in it.world.hrm.positions if one.name == "客户经理")
    where = {"deptIdsAfterTransfer": [300], "mainDeptIdAfterTransfer": 300}
    what = {"positionIdAfterTransfer": position.id, "rankIdAfterTransfer": it.world.hrm.ranks[2].id}
    return {"userId": "lin", **where, **what, "operateUserId": "li"}


_END = {
    "userId": "lin", "optUserId": "li", "lastWorkDate": _ms("2026-11-30"), "terminationReasonVoluntary": ["2"],
    "dismissionMemo": "读书", "permissionHandoverUserId": "wang", "directSubordinatesHandoverUserId": "gao",
}  # fmt: skip
_STATUS = [{"fieldCode": "sys01-employeeStatus", "fieldName": str, "groupId": "sys01", "fieldValueList": list}]
_INFO = {"userId": "lin", "lastWorkDay": int, "reasonMemo": "读书", "status": 1, "deptList": list, "mainDeptId": 200}

ROWS = (
    Row("hrm.roster", _roster, {"result": [{"userId": "lin", "corpId": str, "fieldDataList": _STATUS}]}),
    Row("hrm.add_pre_entry", _newcomer, {"tmpUserId": str}),
    Row("hrm.dismissed", _dismissed, {**_MORE, "userIdList": ["lin"]}),
    Row("hrm.dismissal_infos", _infos, {"result": [_INFO]}),
    Row("hrm.reasons", {}, {"result": {"voluntaryList": list, "passiveList": list}}),
    Row("hrm.start_leaving", _NOTICE, {"success": True}),
    Row("hrm.revoke_leaving", _leaving, {"success": True}),
    Row("hrm.edit_leaving", _edit, {"result": True}),
    Row("hrm.terminate", _END, {"result": True}),
    Row("hrm.become_regular", _newly_hired, {"result": True}),
    Row("hrm.transfer", _transfer, {"result": True}),
    Row("hrm.positions", {**_PAGE, "deptId": 300}, {**_MORE, "list": [{"positionId": str, "positionName": str}]}),
    Row("hrm.ranks", _PAGE, {**_MORE, "list": [{"rankId": str, "rankName": str, "rankCode": str}]}),
    Row("hrm.jobs", _PAGE, {**_MORE, "list": [{"jobId": str, "jobName": str}]}),
)  # fmt: skip
