"""Departments, and the call that tells the data scope."""

from collections.abc import Mapping
from typing import Any

from sandbox.call import Call
from sandbox.contacts.scope import (
    DEPARTMENT_UNSEEN,
    LANGUAGE,
    NO_DEPARTMENT,
    NO_USER,
    WRONG,
    department,
    sees_department,
    user,
)
from sandbox.operation import Error, Family, Field, Handler, Operation


async def _list_sub(call: Call) -> Mapping[str, Any]:
    found = call.world.directory.children(department(call).dept_id)
    return {
        "result": [
            {
                "dept_id": one.dept_id,
                "name": one.name,
                "parent_id": one.parent_id,
                "create_dept_group": one.settings.get("create_dept_group", False),
                "auto_add_user": one.settings.get("auto_add_user", False),
            }
            for one in found
            if sees_department(call, one.dept_id)
        ]
    }


async def _list_sub_id(call: Call) -> Mapping[str, Any]:
    found = call.world.directory.children(department(call, scoped=False).dept_id)
    return {"result": {"dept_id_list": [one.dept_id for one in found]}}


async def _get(call: Call) -> Mapping[str, Any]:
    found = department(call)
    record = {
        "dept_id": found.dept_id,
        "name": found.name,
        "order": found.order,
        "dept_manager_userid_list": list(found.managers),
        "member_count": call.world.directory.headcount(found.dept_id),
        "owning_member_count": len(call.world.directory.members(found.dept_id)),
        "hide_dept": False,
        "outer_dept": False,
        "create_dept_group": False,
        "auto_add_user": False,
        **{name: value for name, value in found.settings.items() if name not in _UNTOLD},
    }
    if found.parent_id is not None:  # the root has no parent_id
        record["parent_id"] = found.parent_id
    return {"result": record}


_UNTOLD = frozenset({"outer_dept_only_self", "group_contain_outer_dept", "group_contain_hidden_dept"})
"""Settings that A/0081 doesn't give back."""


async def _parents_of_department(call: Call) -> Mapping[str, Any]:
    return {"result": {"parent_id_list": call.world.directory.path(department(call, scoped=False).dept_id)}}


async def _parents_of_user(call: Call) -> Mapping[str, Any]:
    found = user(call, call["userid"], scoped=False)
    paths = [{"parent_dept_id_list": call.world.directory.path(one)} for one in found.dept_ids]
    return {"result": {"parent_list": paths}}


async def _scopes(call: Call) -> Mapping[str, Any]:
    app = call.world.app
    named = {"fieldMobile": "mobile", "fieldEmail": "email"}
    fields = ["name", "userid", *(field for scope, field in named.items() if scope in app.scopes)]
    scopes = {"authed_dept": sorted(app.departments), "authed_user": sorted(app.people)}
    return {"auth_user_field": fields, "auth_org_scopes": scopes, "condition_field": []}


_DEPT = Field("dept_id", "int", required=True)
_SCOPE = "qyapi_get_department_list"


_SEEN = (NO_DEPARTMENT, DEPARTMENT_UNSEEN)


def _operation(
    name: str, path: str, summary: str, page: str, run: Handler, *fields: Field, errors: tuple[Error, ...] = _SEEN
) -> Operation:
    return Operation(
        name, "POST", path, Family.OLD, summary, page, run, fields, _SCOPE, counted=False, errors=(*errors, WRONG),
        bad=str(WRONG.code),
    )  # fmt: skip


OPERATIONS = (
    _operation(
        "contacts.list_sub", "/topapi/v2/department/listsub", "下级部门", "A/0082", _list_sub,
        Field("dept_id", "int"), LANGUAGE,
    ),
    _operation(
        "contacts.list_sub_id", "/topapi/v2/department/listsubid", "下级部门ID", "A/0083", _list_sub_id, _DEPT,
        errors=(NO_DEPARTMENT,),
    ),
    _operation("contacts.department", "/topapi/v2/department/get", "部门详情", "A/0081", _get, _DEPT, LANGUAGE),
    _operation(
        "contacts.parents_of_department", "/topapi/v2/department/listparentbydept", "部门的所有父部门", "A/0084",
        _parents_of_department, _DEPT, errors=(NO_DEPARTMENT,),
    ),
    _operation(
        "contacts.parents_of_user", "/topapi/v2/department/listparentbyuser", "用户的所有父部门", "A/0085",
        _parents_of_user, Field("userid", required=True, missing="33012"),
        errors=(NO_USER,),
    ),
    Operation(
        "contacts.scopes", "GET", "/auth/scopes", Family.OLD, "通讯录权限范围", "A/0053", _scopes, (), "qyapi_base",
        counted=False,
    ),
)  # fmt: skip
