"""Adding, changing and deleting people (A/0055, A/0057, A/0058)."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sandbox.call import Call
from sandbox.contacts.scope import DEPARTMENT_UNSEEN, NO_DEPARTMENT, NO_USER, USER_UNSEEN, WRONG, sees_department, user
from sandbox.operation import Error, Family, Field, Handler, Operation
from sandbox.world import CHINA, User

MOBILE = re.compile(r"1\d{10}|\+\d{1,4}-\d{4,14}")
_SAME_NAME = (
    "name", "telephone", "job_number", "title", "email", "org_email", "work_place", "remark", "hide_mobile",
)  # fmt: skip
_UNIQUE = {"telephone": 40100, "email": 40101}


def _departments(call: Call) -> list[int]:
    """Give the departments named, all of which must exist and be in the data scope."""
    for dept_id in call["dept_id_list"]:
        if dept_id not in call.world.directory.departments:
            raise call.fail(60003, f"部门不存在：{dept_id}")
        if not sees_department(call, dept_id):
            raise call.fail(50004, f"部门不在权限范围内：{dept_id}")
    return list(dict.fromkeys(call["dept_id_list"]))


def _own(call: Call, userid: str) -> None:
    """Refuse what somebody else has already, and a manager who isn't there."""
    others = [one for one in call.world.directory.users.values() if one.userid != userid]
    for name, code in _UNIQUE.items():
        if call[name] and any(getattr(one, name) == call[name] for one in others):
            raise call.fail(code, f"{name}已经存在")
    if call["manager_userid"] and call["manager_userid"] not in call.world.directory.users:
        raise call.fail(60128, "无效的主管id")


def _changed(call: Call) -> Iterator[tuple[str, Any]]:
    """Give the fields that were given, by the names of our record."""
    for name in _SAME_NAME:
        if call[name] is not None:
            yield name, call[name]
    for ours, theirs in (("manager", "manager_userid"), ("senior", "senior_mode")):
        if call[theirs] is not None:
            yield ours, call[theirs]
    if call["dept_id_list"] is not None:
        yield "dept_ids", _departments(call)
    if call["hired_date"] is not None:
        yield "hired", datetime.fromtimestamp(call["hired_date"] / 1000, CHINA).date()
    if call["dept_order_list"] is not None:
        yield "dept_orders", {one["dept_id"]: one["order"] for one in call["dept_order_list"]}
    if call.fields.get("dept_title_list"):
        yield "dept_titles", {one["dept_id"]: one["title"] for one in call["dept_title_list"]}


def _extension(call: Call) -> dict[str, Any]:
    """Give the custom values; a field that the console doesn't have takes none."""
    known = call.world.membership.extension_fields
    given: Mapping[str, Any] = call["extension"] or {}
    if unknown := sorted(set(given) - known):
        call.warnings.append(f"extension: the console has no field {', '.join(unknown)}")
    return {name: value for name, value in given.items() if name in known}


async def _create(call: Call) -> Mapping[str, Any]:
    world, mobile = call.world, call["mobile"]
    membership, now = world.membership, world.clock.now()
    userid = call["userid"] or f"{world.ids.pick(10**18):018d}"
    if userid in world.directory.users:
        raise call.fail(60102, "UserID在公司中已存在")
    if not MOBILE.fullmatch(mobile):
        raise call.fail(60103, "手机号码不合法，如果是国际号码，请使用+xx-xxxxxx的格式")
    if world.directory.users.find("mobile", mobile):
        raise call.fail(60104, "手机号码在公司中已存在")
    _own(call, userid)
    person = User(**{"userid": userid, "mobile": mobile, "extension": _extension(call), **dict(_changed(call))})
    if membership.full(now):
        raise call.fail(-1, "系统繁忙")
    if membership.must_agree(mobile, now):
        membership.invited[mobile] = person
        raise call.fail(40103, "已发出邀请，对方同意后即可加入组织")
    membership.joined.append(now)
    await world.company.add_user(person)
    return {"result": {"userid": person.userid, "unionId": person.unionid}}


async def _update(call: Call) -> Mapping[str, Any]:
    one = user(call, call["userid"])
    _own(call, one.userid)
    fields = {name: value for name, value in _changed(call) if value != getattr(one, name)}
    if call.world.hrm.positions_managed and {"title", "dept_ids"} & set(fields):
        raise call.fail(12150, "修改失败，已开启智能人事职位管理，请前往「智能人事」中修改或使用「智能人事员工调岗」")
    if call["extension"] is not None:
        kept = one.extension if call["ext_attrs_update_mode"] == 1 else {}
        fields["extension"] = {**kept, **_extension(call)}
    if "manager_userid" in (call["force_update_fields"] or []) and not call["manager_userid"]:
        fields["manager"] = ""
    if fields:
        await call.world.company.modify_user(one.userid, fields)
    return {}


async def _delete(call: Call) -> Mapping[str, Any]:
    await call.world.company.remove_user(user(call, call["userid"]).userid, "oapi")
    return {}


_DEPT_ID = Field("dept_id", "int", required=True)
_PROFILE = (
    Field("hide_mobile", "bool"),
    Field("telephone", most=50),
    Field("job_number", most=50),
    Field("title", most=200),
    Field("email", most=50),
    Field("org_email", most=100),
    Field("work_place", most=100),
    Field("remark", most=2000),
    Field("dept_order_list", "objects", fields=(_DEPT_ID, Field("order", "int", required=True))),
    Field("extension", "object", most=2000),
    Field("senior_mode", "bool"),
    Field("hired_date", "int"),
    Field("manager_userid"),
    Field("dept_position_list", "objects"),
    Field("extension_i18n", "object"),
)
_USERID = Field("userid", required=True, missing="33012")
_ERRORS = (
    NO_DEPARTMENT,
    DEPARTMENT_UNSEEN,
    Error(40100, "分机号已经存在"),
    Error(40101, "邮箱已经存在"),
    Error(60128, "无效的主管id"),
)


_NOTE = "codes are of A/0013 and A/0161: the page names none; custom fields the console lacks are left out (assumed)"


def _operation(
    name: str, path: str, summary: str, page: str, run: Handler, *fields: Field, errors: tuple[Error, ...], note: str,
    bad: str = "",
) -> Operation:  # fmt: skip
    return Operation(
        f"contacts.{name}", "POST", path, Family.OLD, summary, page, run, fields, "qyapi_manage_addresslist",
        counted=False, errors=errors, note=note, bad=bad,
    )  # fmt: skip


OPERATIONS = (
    _operation(
        "create_user", "/topapi/v2/user/create", "创建用户", "A/0055", _create,
        Field("userid", most=64),
        Field("name", required=True, most=80),
        Field("mobile", required=True),
        Field("dept_id_list", "ints", required=True, most=100, unit="items"),
        Field("dept_title_list", "objects", fields=(_DEPT_ID, Field("title", required=True))),
        Field("org_email_type", choices=("profession", "base")),
        Field("login_email"),
        *_PROFILE,
        errors=(
            *_ERRORS,
            Error(60102, "UserID在公司中已存在"),
            Error(60103, "手机号码不合法"),
            Error(60104, "手机号码在公司中已存在"),
            Error(40103, "该用户需要其同意才可添加，已向对方发送邀请"),
            Error(-1, "系统繁忙"),
        ),
        note=_NOTE,
    ),
    _operation(
        "update_user", "/topapi/v2/user/update", "更新用户信息", "A/0057", _update,
        _USERID,
        Field("name", most=80),
        Field("dept_id_list", "ints", unit="items"),
        Field("ext_attrs_update_mode", "int", default=0, choices=(0, 1)),
        Field("language", choices=("zh_CN", "en_US")),
        Field("force_update_fields", "strings", unit="items", choices=("manager_userid",)),
        *_PROFILE,
        errors=(*_ERRORS, NO_USER, USER_UNSEEN, Error(12150, "修改失败，已开启智能人事职位管理")),
        note=_NOTE,
    ),
    _operation(
        "delete_user", "/topapi/v2/user/delete", "删除用户", "A/0058", _delete, _USERID,
        errors=(NO_USER, USER_UNSEEN, WRONG), bad=str(WRONG.code),
        note="60121 for a stranger is of A/0161",
    ),
)  # fmt: skip
