"""People, changed through the API: what it refuses, and the events it pushes. And finding them."""

from datetime import date, timedelta
from typing import Any

import pytest

from sandbox.world import World
from tests.sandbox.client import Robot

CREATE, UPDATE, DELETE = (f"/topapi/v2/user/{one}" for one in ("create", "update", "delete"))
NEWCOMER = {"userid": "new", "name": "新人", "mobile": "13900000001", "dept_id_list": "200,300"}


async def test_a_newcomer_is_added_and_told_of(robot: Robot, world: World) -> None:
    line = await robot.connect()
    world.membership.extension_fields = {"爱好"}
    made = await robot.result(
        CREATE, **NEWCOMER, title="测试", job_number="QH9", telephone="010-1", email="n@x.cn", remark="备注",
        hired_date=1606147200000, manager_userid="wang", extension={"爱好": "旅游", "年龄": "24"}, senior_mode=True,
        dept_order_list=[{"dept_id": 200, "order": 3}], hide_mobile=True, org_email="n@corp.cn", work_place="上海",
    )  # fmt: skip
    assert made == {"userid": "new", "unionId": "union-new"}
    assert await line.event() == ("user_add_org", {"timeStamp": str(world.clock.ms()), "userId": ["new"]})
    record = await robot.result("/topapi/v2/user/get", userid="new")
    assert record["dept_order_list"] == [{"dept_id": 200, "order": 3}, {"dept_id": 300, "order": 0}]
    assert (record["hired_date"], record["manager_userid"]) == (1606147200000, "wang")
    assert (record["extension"], record["hide_mobile"], record["senior"]) == ('{"爱好":"旅游"}', True, True)
    assert (record["telephone"], record["org_email"], record["mobile"]) == ("010-1", "n@corp.cn", "13900000001")
    assert "console has no field 年龄" in str([one.warnings for one in world.wire.entries])
    listed = await robot.result("/topapi/v2/user/list", dept_id=200, cursor=0, size=100)
    assert next(one["dept_order"] for one in listed["list"] if one["userid"] == "new") == 3


async def test_without_a_userid_one_is_made(robot: Robot, world: World) -> None:
    made = await robot.result(CREATE, **{**NEWCOMER, "userid": ""})
    assert made["userid"] in world.directory.users


@pytest.mark.parametrize(
    ("wrong", "errcode"),
    [
        ({"userid": "lin"}, 60102),
        ({"mobile": "123"}, 60103),
        ({"mobile": "13800000001"}, 60104),
        ({"mobile": ""}, 40035),
        ({"name": ""}, 40035),
        ({"name": "x" * 81}, 40035),
        ({"name": 7}, 40035),
        ({"userid": "x" * 65}, 40035),
        ({"dept_id_list": "999"}, 60003),
        ({"dept_id_list": ",".join("1" * 101)}, 40035),
        ({"dept_id_list": "one"}, 40035),
        ({"telephone": "x" * 51}, 40035),
        ({"job_number": "x" * 51}, 40035),
        ({"title": "x" * 201}, 40035),
        ({"email": "x" * 51}, 40035),
        ({"email": "lin@qinghe.example"}, 40101),
        ({"work_place": "x" * 101}, 40035),
        ({"remark": "x" * 2001}, 40035),
        ({"extension": {"k": "x" * 2001}}, 40035),
        ({"extension": "no json"}, 40035),
        ({"org_email_type": "Profession"}, 40035),
        ({"manager_userid": "nobody"}, 60128),
        ({"dept_order_list": [{"dept_id": 200}]}, 40035),
        ({"hired_date": "yesterday"}, 40035),
        ({"hide_mobile": "yes"}, 40035),
    ],
)
async def test_a_newcomer_who_cant_be(robot: Robot, world: World, wrong: dict[str, Any], errcode: int) -> None:
    before = set(world.directory.users)
    assert (await robot.old(CREATE, {**NEWCOMER, **wrong})).code == errcode
    assert set(world.directory.users) == before


async def test_numbers_abroad_have_their_own_form(robot: Robot) -> None:
    assert (await robot.old(CREATE, {**NEWCOMER, "mobile": "+852-51234567"})).code == 0


async def test_nobody_else_may_have_the_extension_number(robot: Robot) -> None:
    assert (await robot.old(UPDATE, {"userid": "lin", "telephone": "8001"})).code == 0
    assert (await robot.old(UPDATE, {"userid": "lin", "telephone": "8001"})).code == 0
    assert (await robot.old(UPDATE, {"userid": "wang", "telephone": "8001"})).code == 40100


async def test_who_is_protected_must_agree_first(robot: Robot, world: World) -> None:
    await robot.call("POST", "/sandbox/membership", {"protected": [NEWCOMER["mobile"]]})
    assert (await robot.old(CREATE, NEWCOMER)).code == 40103
    assert "new" not in world.directory.users
    line = await robot.connect()
    answer = await robot.call("POST", "/sandbox/invitations", {"mobile": NEWCOMER["mobile"]})
    assert (answer.status, answer.body["userid"]) == (200, "new")
    assert (await line.event())[0] == "user_add_org"
    again = await robot.call("POST", "/sandbox/invitations", {"mobile": NEWCOMER["mobile"], "accept": False})
    assert again.status == 400


async def test_who_was_deleted_must_agree_for_a_day(robot: Robot, world: World) -> None:
    mobile = world.directory.users["lin"].mobile
    await robot.result(DELETE, userid="lin")
    assert (await robot.old(CREATE, {**NEWCOMER, "mobile": mobile})).code == 40103
    world.clock.advance(timedelta(hours=24))
    robot.token = ""
    assert (await robot.old(CREATE, {**NEWCOMER, "mobile": mobile})).code == 0


async def test_only_so_many_may_join_in_a_week(robot: Robot, world: World) -> None:
    await robot.call("POST", "/sandbox/membership", {"most_a_week": 1})
    assert (await robot.old(CREATE, NEWCOMER)).code == 0
    next_one = {**NEWCOMER, "userid": "next", "mobile": "13900000002"}
    assert (await robot.old(CREATE, next_one)).code == -1
    world.clock.advance(timedelta(days=7))
    robot.token = ""
    assert (await robot.old(CREATE, next_one)).code == 0


async def test_a_change_is_told_with_what_was_before(robot: Robot, world: World) -> None:
    world.hrm.upgraded = False
    line = await robot.connect()
    await robot.result(UPDATE, userid="lin", title="架构师", telephone="8001", dept_id_list="200,400")
    kind, data = await line.event()
    assert kind == "user_modify_org"
    assert data["diffInfo"] == {"userid": "lin", "prev": {"telephone": ""}, "curr": {"telephone": "8001"}}
    lin = world.directory.users["lin"]
    assert (lin.title, lin.dept_ids, lin.mobile) == ("架构师", [200, 400], "13800000003")
    await robot.result(UPDATE, userid="lin", name="林小", hired_date=1577808000000)
    _, data = await line.event()
    assert data["diffInfo"]["prev"] == {"name": "林晓", "hiredDate": "2022-03-14"}
    assert data["diffInfo"]["curr"] == {"name": "林小", "hiredDate": "2020-01-01"}
    assert lin.hired == date(2020, 1, 1)


async def test_the_manager_is_cleared_only_by_force(robot: Robot, world: World) -> None:
    await robot.result(UPDATE, userid="lin", manager_userid="")
    assert world.directory.users["lin"].manager == "wang"
    assert (await robot.old(UPDATE, {"userid": "lin", "force_update_fields": "title"})).code == 40035
    await robot.result(UPDATE, userid="lin", force_update_fields="manager_userid")
    assert world.directory.users["lin"].manager == ""


async def test_custom_fields_are_overwritten_unless_told_to_append(robot: Robot, world: World) -> None:
    world.membership.extension_fields = {"a", "b"}
    await robot.result(UPDATE, userid="lin", extension='{"a":"1","b":"2"}')
    await robot.result(UPDATE, userid="lin", extension='{"a":"3"}', ext_attrs_update_mode=1)
    assert world.directory.users["lin"].extension == {"a": "3", "b": "2"}
    await robot.result(UPDATE, userid="lin", extension='{"a":"3"}')
    assert world.directory.users["lin"].extension == {"a": "3"}
    assert (await robot.old(UPDATE, {"userid": "lin", "extension": "{}", "ext_attrs_update_mode": 2})).code == 40035
    world.app.scopes.remove("fieldEmail")
    assert "extension" not in await robot.result("/topapi/v2/user/get", userid="lin")


async def test_managed_positions_are_changed_in_the_hr_app(robot: Robot, world: World) -> None:
    world.hrm.upgraded = True
    for change in ({"title": "架构师"}, {"dept_id_list": "400"}):
        assert (await robot.old(UPDATE, {"userid": "lin", **change})).code == 12150
    assert (await robot.old(UPDATE, {"userid": "lin", "title": "后端工程师", "remark": "x"})).code == 0


async def test_who_is_deleted_leaves_everything_and_is_told_of(robot: Robot, world: World) -> None:
    line = await robot.connect()
    await robot.result(DELETE, userid="wang")
    assert await line.event() == ("user_leave_org", {"timeStamp": str(world.clock.ms()), "userId": ["wang"]})
    assert world.directory.departments[200].managers == []
    assert not any("wang" in chat.members for chat in world.chats.conversations.values() if chat.kind == "group")
    assert (await robot.old(DELETE, {"userid": "wang"})).code == 60121
    assert (await robot.old(UPDATE, {"userid": "wang"})).code == 60121
    assert (await robot.old(DELETE, {})).code == 33012


async def test_writing_keeps_to_the_data_scope_and_needs_its_permission(robot: Robot, world: World) -> None:
    world.app.departments = {300}
    assert (await robot.old(CREATE, NEWCOMER)).code == 50004
    assert (await robot.old(UPDATE, {"userid": "lin"})).code == 50002
    assert (await robot.old(DELETE, {"userid": "lin"})).code == 50002
    assert (await robot.old("/topapi/v2/department/delete", {"dept_id": 200})).code == 50004
    world.app.scopes.remove("qyapi_manage_addresslist")
    answer = await robot.old(DELETE, {"userid": "chen"})
    assert (answer.code, answer.body["sub_code"]) == (88, "60011")


async def test_who_left_is_listed_page_by_page(robot: Robot, world: World) -> None:
    path, start = "/v1.0/contact/empLeaveRecords", "2026-11-01T00:00:00Z"
    await robot.result(DELETE, userid="lin")
    for reason in ("leave", "delete"):
        userid = {"leave": "chen", "delete": "zhao"}[reason]
        await robot.call("DELETE", "/sandbox/users", {"userid": userid, "reason": reason})
    first = (await robot.new("GET", path, params={"startTime": start, "maxResults": "2", "nextToken": "0"})).body
    assert [one["leaveReason"] for one in first["records"]] == ["oapi", "leave"]
    assert first["records"][0] == {
        "userId": "lin", "name": "林晓", "stateCode": "86", "mobile": "13800000003",
        "leaveTime": "2026-11-24T00:55:00Z", "leaveReason": "oapi",
    }  # fmt: skip
    query = {"startTime": start, "maxResults": "2", "nextToken": first["nextToken"]}
    last = (await robot.new("GET", path, params=query)).body
    assert ([one["userId"] for one in last["records"]], "nextToken" in last) == (["zhao"], False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"maxResults": "51"},
        {"maxResults": "0"},
        {"maxResults": ""},
        {"startTime": ""},
        {"startTime": "2026-11-01"},
        {"startTime": "2025-11-01T00:00:00Z"},
        {"endTime": "2026-10-01T00:00:00Z"},
        {"startTime": "2024-01-01T00:00:00Z", "endTime": "2025-01-02T00:00:00Z"},
        {"nextToken": "x"},
    ],
)
async def test_leave_records_that_cant_be_asked_for(robot: Robot, wrong: dict[str, str]) -> None:
    query = {"startTime": "2026-11-01T00:00:00Z", "maxResults": "50", **wrong}
    answer = await robot.new("GET", "/v1.0/contact/empLeaveRecords", params=query)
    assert (answer.status, answer.code) == (400, "invalidParameter.param.invalid")


async def test_people_and_departments_are_found_by_name(robot: Robot, world: World) -> None:
    async def found(what: str, **body: Any) -> Any:
        return (await robot.new("POST", f"/v1.0/contact/{what}/search", {"offset": 0, "size": 10, **body})).body

    assert await found("users", queryWord="林") == {"hasMore": False, "totalCount": 1, "list": ["lin"]}
    assert (await found("users", queryWord="林", fullMatchField=1))["list"] == []
    assert (await found("users", queryWord="林晓", fullMatchField=1))["list"] == ["lin"]
    assert await found("departments", queryWord="部", size=3) == {
        "hasMore": True, "totalCount": 4, "list": [200, 300, 400],
    }  # fmt: skip
    assert (await found("departments", queryWord="部", size=3, offset=1))["list"] == [600]
    world.app.departments = {300}
    assert (await found("users", queryWord="林"))["totalCount"] == 0
    for wrong in ({"queryWord": ""}, {"size": 0}, {"offset": -1}, {"size": "many"}, {"fullMatchField": 2}):
        body = {"queryWord": "林", "offset": 0, "size": 1, **wrong}
        assert (await robot.new("POST", "/v1.0/contact/users/search", body)).code == "parameter.error"


async def test_an_administrators_reach_is_told(robot: Robot) -> None:
    path = "/topapi/user/get_admin_scope"
    assert (await robot.old(path, {"userid": "admin"})).body["dept_ids"] == [1]
    assert (await robot.old(path, {"userid": "lin"})).body["dept_ids"] == []
    assert (await robot.old(path, {"userid": "nobody"})).code == 60121
    assert (await robot.old(path, {})).code == 40036


async def test_activation_and_administrators_are_told_of(robot: Robot, world: World) -> None:
    line = await robot.connect()
    await world.company.modify_user("lin", {"active": False})
    await world.company.modify_user("lin", {"active": True})
    await world.company.modify_user("lin", {"admin": True})
    await world.company.modify_user("lin", {"admin": False})
    told = [await line.event() for _ in range(7)]
    assert [kind for kind, _ in told if kind != "user_modify_org"] == [
        "user_active_org",
        "org_admin_add",
        "org_admin_remove",
    ]


async def test_a_departments_people_come_in_the_order_asked_for(robot: Robot, world: World) -> None:
    world.directory.users["lin"].dept_orders = {200: 5}

    async def listed(**order: str) -> list[str]:
        page = await robot.result("/topapi/v2/user/list", dept_id=200, cursor=0, size=100, **order)
        return [one["userid"] for one in page["list"]]

    assert await listed() == await listed(order_field="custom") == ["lin", "wang"]
    assert await listed(order_field="entry_asc") == ["wang", "lin"]
    assert await listed(order_field="entry_desc") == ["lin", "wang"]
