"""The roster: read, its fields, and writing to it (A/0937 ff)."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sandbox.call import Call
from sandbox.hrm import guard
from sandbox.hrm.fields import FIELDS, GROUPS
from sandbox.hrm.records import Row, acceptable, known, put, read_groups, record
from sandbox.operation import Field
from sandbox.world.careers import record_changed

_CONTACT = {
    "姓名": "name", "邮箱": "email", "职位": "title", "手机号": "mobile", "工号": "job_number",
    "办公地点": "work_place", "备注": "remark", "入职时间": "hired",
}  # fmt: skip
"""What of group sys00 can be written, by the Chinese names A/0940 wants there, as the contacts call it."""


def _camel(index: int, value: Mapping[str, str]) -> dict[str, Any]:
    return {"itemIndex": index, **value}


def _snake(index: int, value: Mapping[str, str]) -> dict[str, Any]:
    return {"item_index": index, **value}


async def _read(call: Call) -> Mapping[str, Any]:
    guard.agent(call, "appAgentId")
    if not all(known(call, one) for one in call["userIdList"]):
        raise call.fail(guard.INVALID.code, "传入的微应用Id和员工userId有误")
    codes: Sequence[str] = call["fieldFilterList"] or ()

    def fields(rows: list[Row]) -> list[dict[str, Any]]:
        return [
            {
                "fieldCode": field.code,
                "fieldName": field.name,
                "groupId": field.group,
                "fieldValueList": [_camel(*one) for one in enumerate(values)],
            }
            for field, values in rows
        ]

    return {
        "result": [
            {
                "corpId": call.world.app.corp_id,
                "userId": userid,
                "fieldDataList": fields(record(call, userid, codes, rank_ids=call["text2SelectConvert"])),
            }
            for userid in call["userIdList"]
        ]
    }


async def _read_old(call: Call) -> Mapping[str, Any]:
    guard.agent(call, "agentid")
    if not all(known(call, one) for one in call["userid_list"]):
        raise call.fail(guard.OLD_INVALID.code, guard.OLD_INVALID.meaning)
    result = [
        {
            "corp_id": call.world.app.corp_id,
            "userid": userid,
            "field_data_list": [
                {
                    "field_code": field.code,
                    "field_name": field.name,
                    "group_id": field.group,
                    "field_value_list": [_snake(*one) for one in enumerate(values)],
                }
                for field, values in record(call, userid, call["field_filter_list"] or ())
            ],
        }
        for userid in call["userid_list"]
    ]
    return {"success": True, "result": result}


async def _meta(call: Call) -> Mapping[str, Any]:
    guard.agent(call, "agentid")
    return {
        "success": True,
        "result": [
            {
                "group_id": group.id,
                "group_name": group.name,
                "detail": group.details,
                "field_meta_info_list": [
                    {
                        "field_code": field.code,
                        "field_name": field.name,
                        "field_type": field.type,
                        "derived": False,
                        **({"option_text": field.option_text} if field.options else {}),
                    }
                    for field in group.fields
                ],
            }
            for group in GROUPS.values()
        ],
    }


async def _groups(call: Call) -> Mapping[str, Any]:
    guard.agent(call, "agentid")
    return {
        "success": True,
        "result": [
            {
                "group_id": group.id,
                "has_detail": group.details,
                "field_list": [
                    {"field_code": one.code, "field_name": one.name, "field_type": one.type} for one in group.fields
                ],
            }
            for group in GROUPS.values()
        ],
    }


async def _update(call: Call) -> Mapping[str, Any]:
    guard.agent(call, "agentid")
    param = call["param"]
    user = guard.person(call, param["userid"], guard.OLD_SYSTEM)
    names = ("group_id", "old_index", "section", "field_code", "value")
    rows = list(read_groups(param["groups"] or (), names))
    if not all(_writable(group, pairs) for group, _, pairs in rows):
        raise call.fail(guard.OLD_INVALID.code, guard.OLD_INVALID.meaning)
    contact: dict[str, Any] = {}
    for group, index, pairs in rows:
        if group == "sys00":
            contact |= {_CONTACT[code]: value for code, value in pairs}
        elif not put(call.world.hrm.employee(user.userid).sections, group, index, pairs):
            raise call.fail(guard.OLD_INVALID.code, "old_index")
    if "hired" in contact:
        contact["hired"] = date.fromisoformat(contact["hired"])
    if contact:
        await call.world.company.modify_user(user.userid, contact)
    if rows:
        await record_changed(call.world, user.userid)
    return {"success": True, "result": True}


def _writable(group: str, pairs: Sequence[tuple[str, str]]) -> bool:
    """Tell whether all of a row can be written: departments, managers, states and files can't."""
    if group == "sys00":
        return all(
            code in _CONTACT and (code != "入职时间" or acceptable(FIELDS["sys00-confirmJoinTime"], value))
            for code, value in pairs
        )
    return all(
        code in FIELDS
        and FIELDS[code].group == group
        and code != "sys01-employeeStatus"
        and (not value or acceptable(FIELDS[code], value))
        for code, value in pairs
    )


_AGENT = Field("agentid", "int", required=True)
_PARAM = Field(
    "param", "object", required=True,
    fields=(
        Field("userid", required=True),
        Field("groups", "objects", fields=(
            Field("group_id", required=True),
            Field("sections", "objects", fields=(
                Field("old_index", "int", least=0, unit="value"),
                Field("section", "objects", fields=(Field("field_code", required=True), Field("value"))),
            )),
        )),
    ),
)  # fmt: skip
_EMPTY = "a field that nobody filled in comes with rows without value and label (assumed)"

OPERATIONS = (
    guard.operation(
        "roster", "POST", "/v1.0/hrm/rosters/lists/query", "获取员工花名册字段信息", "A/0939", _read,
        (
            guard.need("userIdList", "strings", most=100, unit="items", over="invalidParameter"),
            guard.field("fieldFilterList", "strings", most=100, unit="items", over="invalidParameter"),
            guard.need("appAgentId", "int"),
            guard.field("text2SelectConvert", "bool", default=False),
        ),
        guard.READ, counted=False,
        note=f"sys02, sys04 and sys06 are left out without their permission; {_EMPTY}; the answer to a company "
        "without 智能人事 is assumed",
    ),
    guard.operation(
        "old_roster", "POST", "/topapi/smartwork/hrm/employee/v2/list", "获取员工花名册字段信息（旧）", "A/1611",
        _read_old,
        (
            Field("userid_list", "joined", required=True, most=100, unit="items"),
            Field("field_filter_list", "joined", most=100, unit="items"),
            _AGENT,
        ),
        guard.READ, note=f"archived; error codes assumed, and that it counts; {_EMPTY}",
    ),
    guard.operation(
        "meta", "POST", "/topapi/smartwork/hrm/roster/meta/get", "获取花名册元数据", "A/0937", _meta, (_AGENT,),
        guard.READ, counted=False, note="field_type and option_text are named by A/0940; most options are assumed",
    ),
    guard.operation(
        "field_groups", "POST", "/topapi/smartwork/hrm/employee/field/grouplist", "获取花名册字段组详情", "A/0938",
        _groups, (_AGENT,), guard.READ,
    ),
    guard.operation(
        "update", "POST", "/topapi/smartwork/hrm/employee/v2/update", "更新员工花名册信息", "A/0940", _update,
        (_AGENT, _PARAM), guard.MANAGE, counted=False, errors=(guard.OLD_SYSTEM,),
        note="400002 is the general 参数错误 and 400001 the general 系统错误: the page names their texts",
    ),
)  # fmt: skip
