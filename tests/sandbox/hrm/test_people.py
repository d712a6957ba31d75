"""Who works here and who is about to."""

import json
from typing import Any

from sandbox.world import World
from tests.sandbox.client import Robot
from tests.sandbox.hrm.shared import END, OLD, TERMINATE, TRANSFER, next_event, roster_of
from tests.sandbox.times import ms


async def test_the_on_job_list_ends_where_no_cursor_is_given(robot: Robot, world: World) -> None:
    body: dict[str, Any] = {"status_list": "2,3,5,-1", "offset": 0, "size": 5}
    first = (await robot.old(f"{OLD}/queryonjob", body)).body["result"]
    second = (await robot.old(f"{OLD}/queryonjob", {**body, "offset": first["next_cursor"]})).body["result"]
    assert first["data_list"] + second["data_list"] == list(world.directory.users)
    assert "next_cursor" not in second
    assert (await robot.old(f"{OLD}/queryonjob", {**body, "status_list": "2"})).body["result"] == {"data_list": []}
    for wrong in ({"size": 51}, {"size": 0}, {"offset": -1}, {"status_list": "4"}, {"status_list": None}):
        assert (await robot.old(f"{OLD}/queryonjob", {**body, **wrong})).code == 40035


async def test_a_newcomer_has_a_userid_for_the_time_being(robot: Robot, world: World) -> None:
    body = {
        "name": "新人",
        "mobile": "13700000001",
        "preEntryTime": ms("2026-12-01"),
        "agentId": world.app.agent_id,
        "groups": [
            {
                "groupId": "sys02",
                "sections": [{"empFieldVOList": [{"fieldCode": "sys02-birthTime", "value": "2000-10-10"}]}],
            }
        ],
    }
    userid = (await robot.new("POST", "/v1.0/hrm/preentries", body)).body["tmpUserId"]
    assert userid not in world.directory.users
    listed = (await robot.old(f"{OLD}/querypreentry", {"offset": 0, "size": 50})).body["result"]
    assert listed == {"data_list": [userid]}
    fields = await roster_of(robot, userid, "sys00-confirmJoinTime", "sys02-birthTime")
    assert [one[0]["value"] for one in fields.values()] == ["2026-12-01", "2000-10-10"]


async def test_a_newcomer_begins_under_another_userid(robot: Robot, world: World) -> None:
    line = await robot.connect()
    info = json.dumps({"depts": "200", "position": "工程师"})
    param = {"name": "新人", "mobile": "13700000003", "extend_info": info}
    tmp = (await robot.old(f"{OLD}/addpreentry", {"param": param})).body["userid"]
    assert await next_event(line) == (
        "hrm_solution_manage",
        {"corpId": world.app.corp_id, "staffIds": [tmp], "solutionType": "onboarding", "solutionStatus": "init"},
    )
    assert (await robot.call("POST", "/sandbox/hrm/entries", {"newcomer": "x", "userid": "xin"})).status == 400
    assert (await robot.call("POST", "/sandbox/hrm/entries", {"newcomer": tmp, "userid": "xin"})).status == 200
    told = [await next_event(line) for _ in range(3)]
    assert [kind for kind, _ in told] == ["user_add_org", "hrm_solution_manage", "hrm_mdm_user_change"]
    assert (told[1][1]["solutionStatus"], told[2][1]["changeType"]) == ("start", 1)
    assert world.hrm.newcomers == {}
    fields = await roster_of(robot, "xin", "sys01-employeeStatus", "sys00-position", "sys00-deptIds")
    assert [one[0]["value"] for one in fields.values()] == ["2", "工程师", "200"]
    assert world.meter.pushes == 3


async def test_a_colleague_is_no_newcomer(robot: Robot, world: World) -> None:
    mobile = world.directory.users["lin"].mobile
    answer = await robot.new("POST", "/v1.0/hrm/preentries", {"name": "林晓", "mobile": mobile})
    assert (answer.status, answer.code) == (400, "invalidParameter")
    answer = await robot.old(f"{OLD}/addpreentry", {"param": {"name": "林晓", "mobile": mobile}})
    assert (answer.code, answer.body["errmsg"]) == (-1, "系统繁忙")


async def test_the_old_way_to_announce_a_newcomer_takes_json_within_json(robot: Robot) -> None:
    info = json.dumps({"depts": "200", "mainDeptId": 200, "mainDeptName": "研发部", "position": "工程师", "x": 1})
    param = {"name": "新人", "mobile": "13700000002", "pre_entry_time": "2026-12-01 00:00:00", "extend_info": info}
    answer = await robot.old(f"{OLD}/addpreentry", {"param": json.dumps(param)})
    assert (answer.code, answer.body["success"]) == (0, True)
    fields = await roster_of(robot, answer.body["userid"], "sys00-position", "sys00-mainDept")
    assert [one[0]["value"] for one in fields.values()] == ["工程师", "研发部"]
    for wrong in ({"pre_entry_time": "2026-12-01"}, {"extend_info": "{"}, {"name": ""}):
        assert (await robot.old(f"{OLD}/addpreentry", {"param": {**param, **wrong}})).code == 40035


async def test_somebody_new_in_the_contacts_has_no_status_yet(robot: Robot) -> None:
    await robot.call("POST", "/sandbox/users", {"userid": "new", "name": "新人", "dept_ids": [300]})
    answer = await robot.old(f"{OLD}/queryonjob", {"status_list": "-1", "offset": 0, "size": 50})
    assert answer.body["result"]["data_list"] == ["new"]
    assert (await roster_of(robot, "new", "sys01-employeeStatus"))["sys01-employeeStatus"][0]["label"] == "无状态"


async def test_a_company_without_the_app_is_refused(robot: Robot, world: World) -> None:
    assert (await robot.call("POST", "/sandbox/hrm", {"enabled": False})).body["enabled"] is False
    infos = await robot.new("GET", "/v1.0/hrm/employees/dimissionInfos", params={"userIdList": '["lin"]'})
    assert (infos.status, infos.code) == (400, "corpNotOpenHrm")
    assert (await robot.new("POST", TRANSFER, {"userId": "lin"})).code == "suiteCallInvalid"
    assert (await robot.new("POST", TERMINATE, END)).code == "suiteCallInvalid"
    on_job = {"status_list": "3", "offset": 0, "size": 50}
    assert (await robot.old(f"{OLD}/queryonjob", on_job)).code == 400020
    await robot.call("POST", "/sandbox/hrm", {"enabled": True})
    assert (await robot.old(f"{OLD}/queryonjob", on_job)).code == 0
