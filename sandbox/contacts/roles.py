"""Roles and role groups (A/0086 to A/0096). Those of the group 默认 follow from who is what and can't be changed."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sandbox.call import Call
from sandbox.operation import Error, Family, Field, Handler, Operation
from sandbox.world import User
from sandbox.world.roles import Role, RoleGroup

_NO_ROLE = Error(33011, "无效的roleId")
_NO_USER = Error(33012, "无效的userId")
_SYSTEM = Error(23004, "不允许编辑系统标签")


def _role(call: Call, role_id: int, code: int = 33011) -> Role:
    found = call.world.roles.roles.get(role_id)
    if found is None:
        raise call.fail(code, f"无效的roleId：{role_id}")
    return found


def _own_role(call: Call, role_id: int) -> Role:
    """Give a role that can be changed."""
    found = _role(call, role_id)
    if found.system:
        raise call.fail(23004, "不允许编辑系统标签")
    return found


def _members(call: Call, role: Role) -> list[User]:
    """Give who has a role; the system's are held by administrators, heads of departments and the boss."""
    directory = call.world.directory
    if not role.system:
        return [directory.users[userid] for userid in role.members]
    people = list(directory.users.values())
    heads = {userid for one in directory.departments.values() for userid in one.managers}
    holders = {
        "主管理员": [one for one in people if one.admin],
        "主管": [one for one in people if one.userid in heads],
        "负责人": [one for one in people if one.boss],
    }
    return holders.get(role.name, [])


def _slice(call: Call, found: list[Any]) -> tuple[list[Any], bool]:
    """Give one page. Size and offset count only together, as both pages say."""
    together = call["size"] is not None and call["offset"] is not None
    size, start = (call["size"], call["offset"]) if together else (_DEFAULT_SIZE, 0)
    return found[start : start + size], start + size < len(found)


async def _list(call: Call) -> Mapping[str, Any]:
    roles = call.world.roles
    groups, more = _slice(call, list(roles.groups.values()))
    return {
        "result": {
            "hasMore": more,
            "list": [
                {
                    "groupId": group.id,
                    "name": group.name,
                    "roles": [{"id": role.id, "name": role.name} for role in roles.of_group(group.id)],
                }
                for group in groups
            ],
        }
    }


async def _simple_list(call: Call) -> Mapping[str, Any]:
    role, departments = _role(call, call["role_id"]), call.world.directory.departments
    people, more = _slice(call, _members(call, role))
    listed = []
    for one in people:
        scopes = [departments[dept_id] for dept_id in role.scopes.get(one.userid, []) if dept_id in departments]
        listed.append({"userid": one.userid, "name": one.name})
        if scopes:
            listed[-1]["manageScopes"] = [{"dept_id": dept.dept_id, "name": dept.name} for dept in scopes]
    return {"result": {"hasMore": more, "list": listed}}


async def _get(call: Call) -> Mapping[str, Any]:
    role = _role(call, call["roleId"])
    return {"role": {"name": role.name, "groupId": role.group_id}}


async def _get_group(call: Call) -> Mapping[str, Any]:
    group = call.world.roles.groups.get(call["group_id"])
    if group is None:
        raise call.fail(400002, "无效的参数")
    roles = [{"role_id": role.id, "role_name": role.name} for role in call.world.roles.of_group(group.id)]
    return {"role_group": {"group_name": group.name, "roles": roles}}


async def _add_group(call: Call) -> Mapping[str, Any]:
    group = RoleGroup(_new_id(call), call["name"])
    call.world.roles.groups[group.id] = group
    await call.world.company.change_label("add", group.id)
    return {"groupId": group.id}


async def _add(call: Call) -> Mapping[str, Any]:
    roles = call.world.roles
    if call["groupId"] not in roles.groups:
        raise call.fail(34020, "无效的groupId")
    if any(one.name == call["roleName"] for one in roles.roles.values()):
        raise call.fail(34021, "角色名称已存在")
    role = Role(_new_id(call), call["roleName"], call["groupId"])
    roles.roles[role.id] = role
    await call.world.company.change_label("add", role.id)
    return {"roleId": role.id}


async def _rename(call: Call) -> Mapping[str, Any]:
    role = _own_role(call, call["roleId"])
    before, role.name = _label(role), call["roleName"]
    await call.world.company.change_label(
        "modify", role.id, preLabelList=[before], postLabelList=[_label(role, scope=1, parentId=role.group_id)]
    )
    return {}


async def _remove(call: Call) -> Mapping[str, Any]:
    role = _own_role(call, call["role_id"])
    if role.members:
        raise call.fail(400002, "角色下还有员工")
    del call.world.roles.roles[role.id]
    await call.world.company.change_label("del", role.id)
    return {}


async def _give(call: Call) -> Mapping[str, Any]:
    return await _change(call, add=True)


async def _take(call: Call) -> Mapping[str, Any]:
    return await _change(call, add=False)


async def _change(call: Call, *, add: bool) -> Mapping[str, Any]:
    roles = [_own_role(call, role_id) for role_id in call["roleIds"]]
    for userid in call["userIds"]:
        if userid not in call.world.directory.users:
            raise call.fail(33012, f"无效的userId：{userid}")
    for role in roles:
        await call.world.company.change_role(role, call["userIds"], add=add)
    return {}


async def _scope(call: Call) -> Mapping[str, Any]:
    if call["userid"] not in call.world.directory.users:
        raise call.fail(40003, "无效的userId")
    role = _role(call, call["role_id"], 60301)
    for dept_id in call["dept_ids"] or []:
        if dept_id not in call.world.directory.departments:
            raise call.fail(60003, "部门不存在")
    if call["userid"] not in role.members:
        raise call.fail(400002, "员工没有该角色")
    role.scopes[call["userid"]] = call["dept_ids"] or []
    return {}


def _label(role: Role, **more: int) -> str:
    """Give a role as the events spell it: a JSON text."""
    label = {"hidden": False, "name": role.name, "id": role.id, "extraInfo": {}, **more}
    return json.dumps(label, ensure_ascii=False, separators=(",", ":"))


def _new_id(call: Call) -> int:
    return 1_000_000_000 + call.world.ids.pick(900_000_000)


_DEFAULT_SIZE = 20
_ROLE_ID = Field("role_id", "int", required=True)
_ROLES = Field("roleIds", "ints", required=True, most=20, unit="items", bad="33011", over="40035")
_USERS = Field("userIds", "strings", required=True, most=20, unit="items")
_OFFSET = Field("offset", "int", least=0, unit="value", bad="40068")
_SIZE = Field("size", "int", least=1, most=200, unit="value", bad="40069", over="40069")
_PAGING = (Error(40069, "非法的size"), Error(40068, "无效的偏移量"))
_MANAGE, _LIST, _MEMBER = "qyapi_manage_addresslist", "qyapi_get_department_list", "qyapi_get_department_member"


def _operation(
    name: str, path: str, summary: str, page: str, run: Handler, scope: str, *fields: Field,
    errors: tuple[Error, ...] = (), note: str = "",
) -> Operation:  # fmt: skip
    return Operation(
        f"contacts.{name}", "POST", path, Family.OLD, summary, page, run, fields, scope, counted=False, errors=errors,
        note=note,
    )  # fmt: skip


OPERATIONS = (
    _operation(
        "roles", "/topapi/role/list", "角色列表", "A/0089", _list, _LIST, _SIZE, _OFFSET, errors=_PAGING,
        note="a page counts groups (assumed)",
    ),
    _operation(
        "role_members", "/topapi/role/simplelist", "角色的员工列表", "A/0096", _simple_list, _MEMBER,
        replace(_ROLE_ID, bad="33011"),
        replace(_SIZE, most=100), _OFFSET, errors=(_NO_ROLE, *_PAGING),
        note="who holds a role of 默认 is assumed",
    ),
    _operation(
        "role", "/topapi/role/getrole", "角色详情", "A/0090", _get, _MEMBER,
        Field("roleId", "int", required=True, bad="33011"), errors=(_NO_ROLE,),
    ),
    _operation(
        "role_group", "/topapi/role/getrolegroup", "角色组", "A/0092", _get_group, _LIST,
        Field("group_id", "int", required=True, missing="400002", bad="400002"), errors=(Error(400002, "无效的参数"),),
    ),
    _operation(
        "add_role_group", "/role/add_role_group", "创建角色组", "A/0091", _add_group, _MANAGE,
        Field("name", required=True),
    ),
    _operation(
        "add_role", "/role/add_role", "创建角色", "A/0086", _add, _MANAGE,
        Field("roleName", required=True, missing="34018"),
        Field("groupId", "int", required=True, missing="34018", bad="34020"),
        errors=(Error(34018, "角色不能为空"), Error(34020, "无效的groupId"), Error(34021, "角色名称已存在")),
    ),
    _operation(
        "rename_role", "/role/update_role", "更新角色名称", "A/0088", _rename, _MANAGE,
        Field("roleId", "int", required=True, missing="660000", bad="33011"),
        Field("roleName", required=True, missing="660000"),
        errors=(Error(660000, "参数为空"), _NO_ROLE, _SYSTEM), note="23004 is the sister call's",
    ),
    _operation(
        "delete_role", "/topapi/role/deleterole", "删除角色", "A/0087", _remove, _MANAGE,
        replace(_ROLE_ID, bad="33011"), errors=(_NO_ROLE, _SYSTEM, Error(400002, "无效的参数")),
        note="the code while somebody has the role is assumed",
    ),
    _operation(
        "give_roles", "/topapi/role/addrolesforemps", "批量增加员工角色", "A/0093", _give, _MANAGE, _ROLES, _USERS,
        errors=(_NO_ROLE, _NO_USER, _SYSTEM), note="the codes for a role of 默认 and for too many are assumed",
    ),
    _operation(
        "take_roles", "/topapi/role/removerolesforemps", "批量删除员工角色", "A/0094", _take, _MANAGE, _ROLES,
        replace(_USERS, most=100), errors=(_NO_ROLE, _NO_USER, _SYSTEM),
        note="the codes for a role of 默认 and for too many are assumed",
    ),
    _operation(
        "scope_role", "/topapi/role/scope/update", "设定角色成员管理范围", "A/0095", _scope, _MANAGE,
        Field("userid", required=True), replace(_ROLE_ID, missing="34018", bad="60301"),
        Field("dept_ids", "ints", most=50, unit="items", bad="400002", over="400002"),
        errors=(
            Error(34018, "role_id不能为空"), Error(40003, "无效的userId"), Error(60301, "无效的role_id"),
            Error(60003, "部门不存在"), Error(400002, "无效的参数"),
        ),
        note="the code for somebody without the role is assumed",
    ),
)  # fmt: skip
