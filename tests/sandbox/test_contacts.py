"""The address book through its API."""

from datetime import datetime
from typing import Any

import pytest

from sandbox.company import demo
from sandbox.server import serving
from sandbox.world import CHINA, World
from tests.sandbox.client import Robot


async def test_departments_are_walked_from_the_root(robot: Robot) -> None:
    children = await robot.result("/topapi/v2/department/listsub")
    assert [(one["dept_id"], one["name"], one["parent_id"]) for one in children] == [
        (200, "研发部", 1),
        (300, "销售部", 1),
        (400, "人力资源部", 1),
        (600, "IT部", 1),
    ]
    assert await robot.result("/topapi/v2/department/listsubid", dept_id=1) == {"dept_id_list": [200, 300, 400, 600]}
    assert await robot.result("/topapi/v2/department/listsub", dept_id=200) == []
    parents = await robot.result("/topapi/v2/department/listparentbydept", dept_id=200)
    assert parents == {"parent_id_list": [200, 1]}
    parents = await robot.result("/topapi/v2/department/listparentbyuser", userid="lin")
    assert parents == {"parent_list": [{"parent_dept_id_list": [200, 1]}]}


async def test_a_department_names_its_managers_and_the_root_has_no_parent(robot: Robot) -> None:
    research = await robot.result("/topapi/v2/department/get", dept_id=200)
    assert (research["dept_manager_userid_list"], research["member_count"]) == (["wang"], 2)
    root = await robot.result("/topapi/v2/department/get", dept_id=1)
    assert "parent_id" not in root
    assert (root["dept_manager_userid_list"], root["member_count"], root["owning_member_count"]) == (["gao"], 9, 1)


async def test_a_persons_record_leaves_out_what_is_empty(robot: Robot) -> None:
    lin = await robot.result("/topapi/v2/user/get", userid="lin")
    assert (lin["name"], lin["manager_userid"], lin["dept_id_list"]) == ("林晓", "wang", [200])
    assert datetime.fromtimestamp(lin["hired_date"] / 1000, CHINA) == datetime(2022, 3, 14, tzinfo=CHINA)
    assert lin["leader_in_dept"] == [{"dept_id": 200, "leader": False}]
    assert "remark" not in lin
    gao = await robot.result("/topapi/v2/user/get", userid="gao")
    assert "manager_userid" not in gao
    assert (gao["boss"], gao["leader_in_dept"]) == (True, [{"dept_id": 1, "leader": True}])


async def test_mobile_and_email_are_silently_missing_without_their_permission(robot: Robot, world: World) -> None:
    assert {"mobile", "email"} <= set(await robot.result("/topapi/v2/user/get", userid="lin"))
    world.app.scopes -= {"fieldMobile", "fieldEmail"}
    assert not {"mobile", "email", "state_code"} & set(await robot.result("/topapi/v2/user/get", userid="lin"))


async def test_a_departments_people_come_in_pages_without_their_managers(robot: Robot) -> None:
    first = await robot.result("/topapi/v2/user/list", dept_id=200, cursor=0, size=1)
    assert (first["has_more"], first["next_cursor"]) == (True, 1)
    second = await robot.result("/topapi/v2/user/list", dept_id=200, cursor=1, size=1)
    assert (second["has_more"], "next_cursor" in second) == (False, False)
    assert [(one["userid"], one["leader"]) for one in first["list"] + second["list"]] == [
        ("wang", True),
        ("lin", False),
    ]
    assert "manager_userid" not in second["list"][0]
    simple = await robot.result("/topapi/user/listsimple", dept_id=200, cursor=0, size=100)
    assert simple["list"][1] == {"userid": "lin", "name": "林晓"}
    assert await robot.result("/topapi/user/listid", dept_id=200) == {"userid_list": ["wang", "lin"]}


async def test_a_person_is_found_by_mobile_and_by_unionid(robot: Robot, world: World) -> None:
    lin = world.directory.users["lin"]
    assert await robot.result("/topapi/v2/user/getbymobile", mobile=lin.mobile) == {"userid": "lin"}
    found = await robot.result("/topapi/user/getbyunionid", unionid=lin.unionid)
    assert found == {"userid": "lin", "contact_type": 0}
    assert await robot.result("/topapi/user/count", only_active=True) == {"count": 9}
    assert await robot.result("/topapi/user/listadmin") == [{"userid": "admin", "sys_level": 1}]


@pytest.mark.parametrize(
    ("path", "body", "errcode"),
    [
        ("/topapi/v2/user/get", {"userid": "nobody"}, 60121),
        ("/topapi/v2/user/get", {}, 33012),
        ("/topapi/v2/department/get", {"dept_id": 999}, 60003),
        ("/topapi/v2/department/get", {"dept_id": "one"}, 400002),
        ("/topapi/v2/department/get", {"dept_id": 1, "language": "zh_cn"}, 400002),
        ("/topapi/v2/department/get", {}, 40035),
        ("/topapi/v2/user/get", {"userid": 7}, 400002),
        ("/topapi/user/count", {}, 400002),
        ("/topapi/user/count", {"only_active": "some"}, 40035),
        ("/topapi/role/getrole", {"roleId": "人事"}, 33011),
        ("/topapi/v2/user/list", {"dept_id": 1, "cursor": 0, "size": 101}, 40035),
        ("/topapi/v2/user/list", {"dept_id": 1, "size": 10}, 40035),
        ("/topapi/v2/user/getbymobile", {"mobile": "1"}, 40104),
        ("/topapi/v2/user/getbymobile", {"mobile": "13900000000"}, 60121),
    ],
)
async def test_errors_are_errcodes_inside_a_200(robot: Robot, path: str, body: dict[str, Any], errcode: int) -> None:
    answer = await robot.old(path, body)
    assert (answer.status, answer.code) == (200, errcode)
    assert answer.body["request_id"]


async def test_the_old_family_takes_forms_as_well(robot: Robot, world: World) -> None:
    params = {"access_token": world.tokens.issue()}
    form = {"dept_id": "200", "cursor": "0", "size": "10"}
    async with robot.http.post("/topapi/v2/user/list", params=params, data=form) as response:
        assert len((await response.json())["result"]["list"]) == 2


async def test_outside_the_data_scope_nobody_is_shown(robot: Robot, world: World) -> None:
    world.app.departments = {200}
    world.app.people = {"li"}
    assert (await robot.old("/topapi/v2/user/get", {"userid": "chen"})).code == 50002
    assert (await robot.old("/topapi/v2/department/get", {"dept_id": 1})).code == 50004
    assert (await robot.result("/topapi/v2/user/get", userid="li"))["name"] == "李静"
    assert (await robot.result("/topapi/v2/department/listsubid", dept_id=1))["dept_id_list"] == [200, 300, 400, 600]
    parents = await robot.result("/topapi/v2/department/listparentbydept", dept_id=1)
    assert parents["parent_id_list"] == [1]
    assert (await robot.result("/topapi/v2/department/listparentbyuser", userid="chen"))["parent_list"]
    scopes = (await robot.old("/auth/scopes", method="GET")).body["auth_org_scopes"]
    assert scopes == {"authed_dept": [200], "authed_user": ["li"]}


async def test_none_of_it_is_counted(robot: Robot, world: World) -> None:
    await robot.old("/topapi/v2/user/get", {"userid": "lin"})
    await robot.old("/auth/scopes", method="GET")
    assert world.meter.calls == 0
    assert world.meter.month.free.total() == 2


async def test_the_demos_company_looks_real() -> None:
    async with serving(World(demo())) as sandbox:
        directory, clock = sandbox.world.directory, sandbox.clock
        assert 55 <= len(directory.users) <= 65
        assert max(len(directory.path(one)) for one in directory.departments) == 3
        years = {clock.now().year - user.hired.year for user in directory.users.values() if user.hired}
        assert {0, 20} <= years
        assert any(1 <= one < 10 for one in years)
        assert any(10 <= one < 20 for one in years)
        cast = {
            "lin": "林晓",
            "wang": "王磊",
            "li": "李静",
            "zhao": "赵敏",
            "chen": "陈浩",
            "gao": "高远",
            "admin": "马骁",
        }
        assert {userid: directory.users[userid].name for userid in cast} == cast
        assert directory.users["lin"].manager == "wang"
        assert "wang" in directory.departments[201].managers
        assert directory.departments[1].managers == ["gao"]
        assert directory.users["gao"].manager == ""
        heads = {one for department in directory.departments.values() for one in department.managers}
        assert {user.manager for user in directory.users.values()} - {""} <= heads
        assert len({user.mobile for user in directory.users.values()}) == len(directory.users)
        for conversation in sandbox.world.chats.conversations.values():
            assert set(conversation.members) <= set(directory.users)
