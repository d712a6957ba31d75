"""Roles through the API: who has them, what it refuses, and the events it pushes."""

from collections.abc import Iterable
from typing import Any

import pytest

from sandbox.world import World
from tests.sandbox.client import Robot


async def _roles(robot: Robot) -> dict[str, int]:
    groups: Iterable[Any] = (await robot.result("/topapi/role/list"))["list"]
    return {role["name"]: role["id"] for group in groups for role in group["roles"]}


async def test_a_role_is_made_given_taken_and_deleted(robot: Robot, world: World) -> None:
    line = await robot.connect()
    group = (await robot.old("/role/add_role_group", {"name": "岗位"})).body["groupId"]
    assert await line.event() == ("label_conf_add", {"scope": "1", "labelIdList": [group]})
    role = (await robot.old("/role/add_role", {"roleName": "人事", "groupId": group})).body["roleId"]
    assert await line.event() == ("label_conf_add", {"scope": "1", "labelIdList": [role]})
    await robot.result("/role/update_role", roleId=role, roleName="HR")
    kind, data = await line.event()
    assert (kind, data["labelIdList"]) == ("label_conf_modify", [role])
    assert '"name":"人事"' in data["preLabelList"][0]
    assert '"name":"HR"' in data["postLabelList"][0]
    await robot.result("/topapi/role/addrolesforemps", roleIds=str(role), userIds="li,zhao")
    assert await line.event() == (
        "label_user_change",
        {"userIdList": ["li", "zhao"], "labelIdList": [role], "action": "add"},
    )
    assert (await robot.old("/topapi/role/getrole", {"roleId": role})).body["role"] == {"name": "HR", "groupId": group}
    assert (await robot.old("/topapi/role/getrolegroup", {"group_id": group})).body["role_group"] == {
        "group_name": "岗位",
        "roles": [{"role_id": role, "role_name": "HR"}],
    }
    await robot.result("/topapi/role/scope/update", userid="li", role_id=role, dept_ids="200,300")
    assert await robot.result("/topapi/role/simplelist", role_id=role) == {
        "hasMore": False,
        "list": [
            {
                "userid": "li",
                "name": "李静",
                "manageScopes": [{"dept_id": 200, "name": "研发部"}, {"dept_id": 300, "name": "销售部"}],
            },
            {"userid": "zhao", "name": "赵敏"},
        ],
    }
    page = await robot.result("/topapi/role/simplelist", role_id=role, size=1, offset=1)
    assert page == {"hasMore": False, "list": [{"userid": "zhao", "name": "赵敏"}]}
    record = await robot.result("/topapi/v2/user/get", userid="li")
    assert record["role_list"] == [{"id": role, "name": "HR", "group_name": "岗位"}]
    assert (await robot.old("/topapi/role/deleterole", {"role_id": role})).code == 400002
    await robot.result("/topapi/v2/user/delete", userid="zhao")
    await line.event()
    await robot.result("/topapi/role/removerolesforemps", roleIds=str(role), userIds="li")
    assert (await line.event())[1]["action"] == "remove"
    await robot.result("/topapi/role/deleterole", role_id=role)
    assert await line.event() == ("label_conf_del", {"labelIdList": [role]})
    assert role not in world.roles.roles


async def test_the_systems_roles_follow_from_who_is_what(robot: Robot) -> None:
    roles = await _roles(robot)
    assert set(roles) == {"负责人", "主管", "主管理员", "子管理员"}

    async def members(name: str) -> list[str]:
        found = (await robot.result("/topapi/role/simplelist", role_id=roles[name]))["list"]
        return [one["userid"] for one in found]

    assert [await members(one) for one in ("负责人", "主管理员", "子管理员")] == [["gao"], ["admin"], []]
    assert set(await members("主管")) == {"gao", "wang", "qinfeng", "li", "niuben"}
    head = roles["主管"]
    for path, body in (
        ("/topapi/role/deleterole", {"role_id": head}),
        ("/role/update_role", {"roleId": head, "roleName": "x"}),
        ("/topapi/role/addrolesforemps", {"roleIds": str(head), "userIds": "lin"}),
    ):
        assert (await robot.old(path, body)).code == 23004


@pytest.mark.parametrize(
    ("path", "body", "errcode"),
    [
        ("/topapi/role/list", {"size": 201, "offset": 0}, 40069),
        ("/topapi/role/list", {"size": 1, "offset": -1}, 40068),
        ("/topapi/role/simplelist", {"role_id": 7}, 33011),
        ("/topapi/role/simplelist", {"role_id": 1507113578, "size": 101, "offset": 0}, 40069),
        ("/topapi/role/getrole", {"roleId": 7}, 33011),
        ("/topapi/role/getrolegroup", {"group_id": 7}, 400002),
        ("/role/add_role", {"roleName": "x"}, 34018),
        ("/role/add_role", {"roleName": "x", "groupId": 7}, 34020),
        ("/role/add_role", {"roleName": "主管", "groupId": 1507113577}, 34021),
        ("/role/update_role", {"roleName": "x"}, 660000),
        ("/role/update_role", {"roleId": 7, "roleName": "x"}, 33011),
        ("/topapi/role/deleterole", {"role_id": 7}, 33011),
        ("/topapi/role/addrolesforemps", {"roleIds": "7", "userIds": "lin"}, 33011),
        ("/topapi/role/addrolesforemps", {"roleIds": "7", "userIds": ",".join(["lin"] * 21)}, 40035),
        ("/topapi/role/addrolesforemps", {"roleIds": ",".join("7" * 21), "userIds": "lin"}, 40035),
        ("/topapi/role/removerolesforemps", {"roleIds": "7", "userIds": ",".join(["lin"] * 101)}, 40035),
        ("/topapi/role/scope/update", {"userid": "lin"}, 34018),
        ("/topapi/role/scope/update", {"userid": "nobody", "role_id": 7}, 40003),
        ("/topapi/role/scope/update", {"userid": "lin", "role_id": 7}, 60301),
        ("/topapi/role/scope/update", {"userid": "lin", "role_id": 1507113578, "dept_ids": "999"}, 60003),
        (
            "/topapi/role/scope/update",
            {"userid": "lin", "role_id": 1507113578, "dept_ids": ",".join(["300"] * 51)},
            400002,
        ),
    ],
)
async def test_roles_that_cant_be(robot: Robot, path: str, body: dict[str, Any], errcode: int) -> None:
    assert (await robot.old(path, body)).code == errcode


async def test_roles_come_in_pages_to_the_end(robot: Robot) -> None:
    for number in range(3):
        await robot.old("/role/add_role_group", {"name": f"组{number}"})
    names: list[str] = []
    for offset in range(0, 10, 2):
        page = await robot.result("/topapi/role/list", size=2, offset=offset)
        names += [group["name"] for group in page["list"]]
        if not page["hasMore"]:
            break
    assert names == ["默认", "组0", "组1", "组2"]
    assert len((await robot.result("/topapi/role/list", size=2))["list"]) == 4  # size counts only with offset
