"""People. Empty fields are left out; mobile and e-mail as well when the app may not see them."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time
from typing import Any

from sandbox.call import Call
from sandbox.contacts.hire import MOBILE
from sandbox.contacts.scope import (
    DEPARTMENT_UNSEEN,
    LANGUAGE,
    NO_DEPARTMENT,
    NO_USER,
    USER_UNSEEN,
    WRONG,
    department,
    sees_user,
    user,
)
from sandbox.operation import Error, Family, Field, Handler, Operation
from sandbox.world import CHINA, User


def _record(call: Call, one: User) -> dict[str, Any]:
    """Give what both `get` and `list` tell of a person."""
    scopes = call.world.app.scopes
    hired = int(datetime.combine(one.hired, time(), CHINA).timestamp() * 1000) if one.hired else None
    record = {
        "userid": one.userid,
        "unionid": one.unionid,
        "name": one.name,
        "mobile": one.mobile if "fieldMobile" in scopes else "",
        "state_code": "86" if one.mobile and "fieldMobile" in scopes else "",
        "telephone": one.telephone,
        "title": one.title,
        "job_number": one.job_number,
        "email": one.email if "fieldEmail" in scopes else "",
        "work_place": one.work_place if "fieldEmail" in scopes else "",
        "remark": one.remark if "fieldEmail" in scopes else "",
        "org_email": one.org_email,
        "extension": _extension(one) if "fieldEmail" in scopes else "",
        "hired_date": hired,
        "dept_id_list": list(one.dept_ids),
    }
    flags = {"active": one.active, "admin": one.admin, "boss": one.boss, "hide_mobile": one.hide_mobile}
    return {key: value for key, value in record.items() if value not in (None, "")} | flags


def _extension(one: User) -> str:
    return json.dumps(one.extension, ensure_ascii=False, separators=(",", ":")) if one.extension else ""


def _leads(call: Call, one: User, dept_id: int) -> bool:
    return one.userid in call.world.directory.departments[dept_id].managers


async def _get(call: Call) -> Mapping[str, Any]:
    one = user(call, call["userid"])
    record = _record(call, one) | {
        "leader_in_dept": [{"dept_id": dept, "leader": _leads(call, one, dept)} for dept in one.dept_ids],
        "dept_order_list": [{"dept_id": dept, "order": one.dept_orders.get(dept, 0)} for dept in one.dept_ids],
        "real_authed": True,
        "senior": one.senior,
        "exclusive_account": False,
    }
    if one.manager:
        record["manager_userid"] = one.manager
    if roles := [
        {"id": role.id, "name": role.name, "group_name": call.world.roles.groups[role.group_id].name}
        for role in call.world.roles.of_user(one.userid)
    ]:
        record["role_list"] = roles
    return {"result": record}


def _page(call: Call) -> tuple[list[User], dict[str, Any]]:
    """Give one page of a department's direct members that the app may see."""
    dept_id = department(call).dept_id
    members = [one for one in call.world.directory.members(dept_id) if sees_user(call, one)]
    if call["order_field"] == "entry_desc":
        members.reverse()
    elif call["order_field"] in {None, "custom"}:
        members.sort(key=lambda one: -one.dept_orders.get(dept_id, 0))  # A/0057: the larger comes first
    start, size = call["cursor"], call["size"]
    more = start + size < len(members)
    paging: dict[str, Any] = {"has_more": more}
    if more:
        paging["next_cursor"] = start + size
    return members[start : start + size], paging


async def _list(call: Call) -> Mapping[str, Any]:
    members, paging = _page(call)
    dept_id = call["dept_id"]
    records = [
        _record(call, one) | {"leader": _leads(call, one, dept_id), "dept_order": one.dept_orders.get(dept_id, 0)}
        for one in members
    ]
    return {"result": {**paging, "list": records}}


async def _list_simple(call: Call) -> Mapping[str, Any]:
    members, paging = _page(call)
    return {"result": {**paging, "list": [{"userid": one.userid, "name": one.name} for one in members]}}


async def _list_id(call: Call) -> Mapping[str, Any]:
    members = call.world.directory.members(department(call, scoped=False).dept_id)
    return {"result": {"userid_list": [one.userid for one in members]}}


_NO_MOBILE = Error(40104, "企业中无效的手机号")


async def _by_mobile(call: Call) -> Mapping[str, Any]:
    if not MOBILE.fullmatch(call["mobile"]):
        raise call.fail(_NO_MOBILE.code, _NO_MOBILE.meaning)
    found = call.world.directory.by_mobile(call["mobile"])
    if found is None:
        raise call.fail(60121, "找不到该用户")
    return {"result": {"userid": found.userid}}


async def _by_unionid(call: Call) -> Mapping[str, Any]:
    found = call.world.directory.by_unionid(call["unionid"])
    if found is None:
        raise call.fail(60121, "找不到该用户")
    return {"result": {"userid": found.userid, "contact_type": 0}}


async def _count(call: Call) -> Mapping[str, Any]:
    people = call.world.directory.users.values()
    return {"result": {"count": sum(1 for one in people if one.active or not call["only_active"])}}


async def _admins(call: Call) -> Mapping[str, Any]:
    people = call.world.directory.users.values()
    return {"result": [{"userid": one.userid, "sys_level": 1 if one.admin else 2} for one in people if one.admin]}


_USERID = Field("userid", required=True, missing="33012")
_SEEN = (NO_DEPARTMENT, DEPARTMENT_UNSEEN)
_PAGE = (
    Field("dept_id", "int", required=True),
    Field("cursor", "int", required=True, least=0, unit="value"),
    Field("size", "int", required=True, least=1, most=100, unit="value"),
    Field("order_field", choices=("custom", "entry_asc", "entry_desc", "modify_asc", "modify_desc")),
    Field("contain_access_limit", "bool"),
    LANGUAGE,
)
_WRONG_PAGE = {"cursor": "40068", "size": "40069"}
"""What A/0066 answers to a wrong page."""


def _operation(
    name: str, path: str, summary: str, page: str, run: Handler, scope: str, *fields: Field,
    note: str = "", errors: tuple[Error, ...] = (), bad: str = "",
) -> Operation:  # fmt: skip
    return Operation(
        name, "POST", path, Family.OLD, summary, page, run, fields, scope, counted=False, note=note, errors=errors,
        bad=bad,
    )  # fmt: skip


OPERATIONS = (
    _operation(
        "contacts.user", "/topapi/v2/user/get", "用户详情", "A/0056", _get, "qyapi_get_member", _USERID,
        LANGUAGE, errors=(NO_USER, USER_UNSEEN, WRONG), bad=str(WRONG.code),
    ),
    _operation(
        "contacts.users", "/topapi/v2/user/list", "部门用户详情", "A/0062", _list, "qyapi_get_department_member",
        *_PAGE, errors=_SEEN,
        note="100 a page is the sister call's limit; modify_asc and modify_desc are taken for entry_asc",
    ),
    _operation(
        "contacts.users_simple", "/topapi/user/listsimple", "部门用户基础信息", "A/0066", _list_simple,
        "qyapi_get_department_member", *(replace(one, bad=_WRONG_PAGE.get(one.name, "")) for one in _PAGE),
        errors=(*_SEEN, WRONG), bad=str(WRONG.code),
    ),
    _operation(
        "contacts.user_ids", "/topapi/user/listid", "部门用户userid列表", "A/0065", _list_id, "qyapi_get_member",
        Field("dept_id", "int", required=True), errors=(NO_DEPARTMENT, WRONG), bad=str(WRONG.code),
    ),
    _operation(
        "contacts.by_mobile", "/topapi/v2/user/getbymobile", "手机号查用户", "A/0063", _by_mobile,
        "qyapi_get_member_by_mobile", Field("mobile", required=True), errors=(NO_USER, _NO_MOBILE, WRONG),
        bad=str(WRONG.code), note="how a mobile must look for 60121 rather than 40104 is assumed",
    ),
    _operation(
        "contacts.by_unionid", "/topapi/user/getbyunionid", "unionid查用户", "A/0064", _by_unionid, "qyapi_get_member",
        Field("unionid", required=True), errors=(NO_USER, WRONG), bad=str(WRONG.code),
    ),
    _operation(
        "contacts.count", "/topapi/user/count", "员工人数", "A/0059", _count, "qyapi_get_member",
        Field("only_active", "bool", required=True, missing="400002"), errors=(Error(400002, "参数为空"),),
    ),
    _operation("contacts.admins", "/topapi/user/listadmin", "管理员列表", "A/0068", _admins, "qyapi_get_member"),
)  # fmt: skip
