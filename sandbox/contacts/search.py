"""Finding people and departments by name, who left, and what an administrator may manage (A/0060, A/0070 ff)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.call import Call
from sandbox.contacts.scope import NO_USER, USER_UNSEEN, sees_department, sees_user, user
from sandbox.operation import Error, Family, Field, Handler, Operation
from sandbox.world.directory import ROOT

_YEAR = timedelta(days=365)
_BAD_RECORDS = "invalidParameter.param.invalid"


def _page(call: Call, found: list[Any]) -> Mapping[str, Any]:
    """Give one page; `offset` is a page's number, by the page's words (分页页码)."""
    start, size = call["offset"] * call["size"], call["size"]
    return {"hasMore": start + size < len(found), "totalCount": len(found), "list": found[start : start + size]}


async def _users(call: Call) -> Mapping[str, Any]:
    word, exactly = call["queryWord"], call["fullMatchField"] == 1
    people = [one for one in call.world.directory.users.values() if sees_user(call, one)]
    return _page(call, [one.userid for one in people if (one.name == word if exactly else word in one.name)])


async def _departments(call: Call) -> Mapping[str, Any]:
    found = [one for one in call.world.directory.departments.values() if call["queryWord"] in one.name]
    return _page(call, [one.dept_id for one in found if sees_department(call, one.dept_id)])


async def _admin_scope(call: Call) -> Mapping[str, Any]:
    return {"dept_ids": [ROOT] if user(call, call["userid"]).admin else []}


async def _leave_records(call: Call) -> Mapping[str, Any]:
    now, token = call.world.clock.now(), call["nextToken"] or "0"
    start = datetime.fromisoformat(call["startTime"])
    end = datetime.fromisoformat(call["endTime"]) if call["endTime"] else now
    if not token.isdecimal() or not timedelta() <= end - start <= _YEAR:
        raise call.fail(_BAD_RECORDS, "入参错误")
    found = [one for one in call.world.membership.departures if start <= one.at <= end]
    first, most = int(token), call["maxResults"]
    records = [
        {
            "userId": one.userid, "name": one.name, "stateCode": "86", "mobile": one.mobile,
            "leaveTime": f"{one.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", "leaveReason": one.reason,
        }
        for one in found[first : first + most]
    ]  # fmt: skip
    return {"records": records, **({"nextToken": str(first + most)} if first + most < len(found) else {})}


_SEARCH = (
    Field("queryWord", required=True, missing="parameter.error", bad="parameter.error"),
    Field("offset", "int", required=True, least=0, unit="value", missing="parameter.error", bad="parameter.error"),
    Field("size", "int", required=True, least=1, unit="value", missing="parameter.error", bad="parameter.error"),
)


def _search(name: str, path: str, summary: str, page: str, run: Handler, *fields: Field) -> Operation:
    return Operation(
        f"contacts.{name}", "POST", path, Family.NEW, summary, page, run, (*_SEARCH, *fields),
        "qyapi_addresslist_search", counted=False, errors=(Error("parameter.error", "参数错误"),),
        note="offset is taken for the page's number, as the page says; names are not searched by pinyin",
    )  # fmt: skip


OPERATIONS = (
    _search(
        "search_users", "/v1.0/contact/users/search", "搜索用户userId", "A/0060", _users,
        Field("fullMatchField", "int", choices=(1,), bad="parameter.error"),
    ),
    _search("search_departments", "/v1.0/contact/departments/search", "搜索部门ID", "A/0080", _departments),
    Operation(
        "contacts.admin_scope", "POST", "/topapi/user/get_admin_scope", Family.OLD, "管理员通讯录权限范围", "A/0070",
        _admin_scope, (Field("userid", required=True, missing="40036"),), "qyapi_get_member", counted=False,
        errors=(NO_USER, USER_UNSEEN, Error(40036, "参数为空")),
        note="an administrator manages everything, anybody else nothing (assumed)",
    ),
    Operation(
        "contacts.leave_records", "GET", "/v1.0/contact/empLeaveRecords", Family.NEW, "离职记录列表", "A/0073",
        _leave_records,
        (
            Field("startTime", required=True, where="query", shape="instant", missing=_BAD_RECORDS, bad=_BAD_RECORDS),
            Field("endTime", where="query", shape="instant", bad=_BAD_RECORDS),
            Field("nextToken", where="query"),
            Field(
                "maxResults", "int", required=True, where="query", least=1, most=50, unit="value",
                missing=_BAD_RECORDS, bad=_BAD_RECORDS, over=_BAD_RECORDS,
            ),
        ),
        "Contact.Common.Read", counted=False, errors=(Error(_BAD_RECORDS, "入参错误"),),
        note="the last page has no nextToken (assumed)",
    ),
)  # fmt: skip
