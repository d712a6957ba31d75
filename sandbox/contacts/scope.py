"""What the address book's calls share, most of all the app's data scope: whom and which departments it may see."""

from sandbox.call import Call
from sandbox.operation import Error, Field
from sandbox.world import Department, User
from sandbox.world.directory import ROOT

NO_DEPARTMENT = Error(60003, "未找到对应部门")
DEPARTMENT_UNSEEN = Error(50004, "部门不在权限范围内")
NO_USER = Error(60121, "找不到该用户")
USER_UNSEEN = Error(50002, "用户不在权限范围内")
WRONG = Error(400002, "无效的参数")
"""What most of the address book's pages name for a field that doesn't fit."""
LANGUAGE = Field("language", choices=("zh_CN", "en_US"))


def sees_department(call: Call, dept_id: int) -> bool:
    """Whether a department is at or under one of the scope's."""
    return bool(call.world.app.departments.intersection(call.world.directory.path(dept_id)))


def sees_user(call: Call, user: User) -> bool:
    """Whether a person is named by the scope or works in one of its departments."""
    return user.userid in call.world.app.people or any(sees_department(call, one) for one in user.dept_ids)


def department(call: Call, *, scoped: bool = True) -> Department:
    """Give the department that `dept_id` names, the root if it names none."""
    dept_id = call["dept_id"] or ROOT
    found = call.world.directory.departments.get(dept_id)
    if found is None:
        raise call.fail(60003, "部门不存在")
    if scoped and not sees_department(call, dept_id):
        raise call.fail(50004, "无权限访问该部门，请检查通讯录接口权限范围")
    return found


def user(call: Call, userid: str, *, scoped: bool = True) -> User:
    """Give a person; unless told, one whom the app may see."""
    found = call.world.directory.users.get(userid)
    if found is None:
        raise call.fail(60121, "找不到该用户")
    if scoped and not sees_user(call, found):
        raise call.fail(50002, "无权限访问该用户，请检查通讯录接口权限范围")
    return found
