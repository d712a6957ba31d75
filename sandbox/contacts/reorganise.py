"""Making, changing and deleting departments (A/0077 to A/0079)."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sandbox.call import Call
from sandbox.contacts.scope import DEPARTMENT_UNSEEN, NO_DEPARTMENT, department, sees_department
from sandbox.operation import Error, Family, Field, Operation
from sandbox.world import Department
from sandbox.world.directory import ROOT

_FORBIDDEN = frozenset('-",')
_PERMITTED = (("dept_permits", "user_permits"), ("outer_permit_depts", "outer_permit_users"))
_MOST_PERMITTED = 50


def _name(call: Call, code: int, parent_id: int | None, dept_id: int = 0) -> None:
    """Refuse a name that can't be, or that a sister has."""
    if _FORBIDDEN & set(call["name"]):
        raise call.fail(code, "无效的部门名称")
    sisters = [one for one in call.world.directory.children(parent_id or 0) if one.dept_id != dept_id]
    if any(one.name == call["name"] for one in sisters):
        raise call.fail(60021, "父部门下该部门名称已存在")


def _parent(call: Call, dept_id: int = 0) -> None:
    parent_id = call["parent_id"]
    if parent_id not in call.world.directory.departments:
        raise call.fail(60004, "父部门不存在")
    if not sees_department(call, parent_id):
        raise call.fail(50004, "部门不在权限范围内")
    if dept_id and dept_id in call.world.directory.path(parent_id):
        raise call.fail(60010, "部门id存在循环")


def _permitted(call: Call, code: int) -> None:
    """Refuse lists of who may see what that name strangers or too many together."""
    directory = call.world.directory
    for dept_field, user_field in _PERMITTED:
        depts, users = call[dept_field] or [], call[user_field] or []
        strangers = [one for one in depts if one not in directory.departments]
        if strangers or any(one not in directory.users for one in users) or len(depts) + len(users) > _MOST_PERMITTED:
            raise call.fail(code, "不合法的可见id列表")


def _settings(call: Call) -> Iterator[tuple[str, Any]]:
    for field in (*_SETTINGS, *_MORE_SETTINGS):
        if call.fields.get(field.name) is not None:
            yield field.name, call[field.name]


async def _create(call: Call) -> Mapping[str, Any]:
    world = call.world
    _parent(call)
    _name(call, 40035, call["parent_id"])
    _permitted(call, 600109)
    dept_id = 100_000_000 + world.ids.pick(800_000_000)
    made = Department(dept_id, call["name"], call["parent_id"], call["order"] or 0, settings=dict(_settings(call)))
    await world.company.add_department(made)
    return {"result": {"dept_id": dept_id}}


async def _update(call: Call) -> Mapping[str, Any]:
    found = department(call)
    if found.dept_id == ROOT:
        raise call.fail(60018, "根部门不能被更新")
    fields: dict[str, Any] = {}
    if call["parent_id"] is not None:
        _parent(call, found.dept_id)
        fields["parent_id"] = call["parent_id"]
    if call["name"] is not None:
        _name(call, 60001, fields.get("parent_id", found.parent_id), found.dept_id)
        fields["name"] = call["name"]
    if call["order"] is not None:
        fields["order"] = call["order"]
    _permitted(call, 60109)
    inside = {one.userid for one in call.world.directory.members(found.dept_id)}
    if not set(call["dept_manager_userid_list"] or []) <= inside:
        raise call.fail(40031, "不存在的userId")
    if call["org_dept_owner"] is not None and call["org_dept_owner"] not in inside:
        raise call.fail(40093, "无效的企业群群主")
    if call["dept_manager_userid_list"] or "dept_manager_userid_list" in (call["force_update_fields"] or []):
        fields["managers"] = call["dept_manager_userid_list"] or []
    if settings := dict(_settings(call)):
        fields["settings"] = {**found.settings, **settings}
    if fields:
        await call.world.company.modify_department(found.dept_id, fields)
    return {}


async def _delete(call: Call) -> Mapping[str, Any]:
    found, directory = department(call), call.world.directory
    if found.dept_id == ROOT:
        raise call.fail(60007, "不允许删除根部门")
    if directory.headcount(found.dept_id):
        raise call.fail(60005, "不允许删除有成员的部门")
    if directory.children(found.dept_id):
        raise call.fail(60006, "不允许删除有子部门的部门")
    await call.world.company.remove_department(found.dept_id)
    return {}


_DEPT = Field("dept_id", "int", required=True, missing="40009", bad="40009")
_NAME = Field("name", required=True, least=1, most=64)
_ORDER = Field("order", "int", bad="40011")
_SETTINGS = (
    Field("hide_dept", "bool"),
    Field("dept_permits", "ints", most=_MOST_PERMITTED, unit="items"),
    Field("user_permits", "strings", most=_MOST_PERMITTED, unit="items"),
    Field("outer_dept", "bool"),
    Field("outer_dept_only_self", "bool"),
    Field("outer_permit_users", "strings", most=_MOST_PERMITTED, unit="items"),
    Field("outer_permit_depts", "ints", most=_MOST_PERMITTED, unit="items"),
    Field("create_dept_group", "bool"),
    Field("auto_approve_apply", "bool"),
    Field("source_identifier"),
)
_MORE_SETTINGS = (
    Field("auto_add_user", "bool"),
    Field("group_contain_sub_dept", "bool"),
    Field("group_contain_outer_dept", "bool"),
    Field("group_contain_hidden_dept", "bool"),
    Field("org_dept_owner"),
    Field("code", most=30),
)
_SCOPE = "qyapi_manage_addresslist"
_SAME_NAME = Error(60021, "父部门下该部门名称已存在")
_NO_PARENT = Error(60004, "父部门不存在")

OPERATIONS = (
    Operation(
        "contacts.create_department", "POST", "/topapi/v2/department/create", Family.OLD, "创建部门", "A/0077", _create,
        (
            _NAME,
            Field("parent_id", "int", required=True),
            replace(_ORDER, bad=""),
            *(replace(one, over="600109" if one.most else "") for one in _SETTINGS),
        ),
        _SCOPE, counted=False,
        errors=(
            _NO_PARENT, DEPARTMENT_UNSEEN, _SAME_NAME, Error(40035, "参数非法"), Error(600109, "不合法的可见id列表"),
        ),
        note="60021 is of A/0013; no department group is made",
    ),
    Operation(
        "contacts.update_department", "POST", "/topapi/v2/department/update", Family.OLD, "更新部门", "A/0078", _update,
        (
            _DEPT,
            Field("parent_id", "int"),
            replace(_NAME, required=False, bad="60001", over="60001"),
            _ORDER,
            *(replace(one, over="60109" if one.most else "") for one in _SETTINGS),
            *_MORE_SETTINGS,
            Field("language", choices=("zh_CN", "en_US")),
            Field("dept_manager_userid_list", "strings", unit="items"),
            Field("force_update_fields", "strings", unit="items", choices=("dept_manager_userid_list",)),
        ),
        _SCOPE, counted=False,
        errors=(
            NO_DEPARTMENT, _NO_PARENT, DEPARTMENT_UNSEEN, _SAME_NAME, Error(60018, "根部门不能被更新"),
            Error(60001, "无效的部门名称"), Error(60010, "部门id存在循环"), Error(60109, "非法的可查看id列表"),
            Error(40031, "无效的userId列表"), Error(40093, "无效的企业群群主"), Error(40009, "无效的部门id"),
            Error(40011, "无效的顺序"),
        ),
        note="60021 is of A/0013; no department group is made",
    ),
    Operation(
        "contacts.delete_department", "POST", "/topapi/v2/department/delete", Family.OLD, "删除部门", "A/0079", _delete,
        (replace(_DEPT, missing="400002", bad="400002"),), _SCOPE, counted=False,
        errors=(
            NO_DEPARTMENT, DEPARTMENT_UNSEEN, Error(400002, "无效的参数"), Error(60005, "不允许删除有成员的部门"),
            Error(60006, "不允许删除有子部门的部门"), Error(60007, "不允许删除根部门"),
        ),
        note="60005 to 60007 are of A/0013",
    ),
)  # fmt: skip
