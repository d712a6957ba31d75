"""Notice given, taken back, and the end."""

import json
from typing import Any

import pytest

from sandbox.world import World
from tests.sandbox.client import Robot
from tests.sandbox.hrm.shared import END, LEAVE, TERMINATE, next_event, roster_of
from tests.sandbox.times import ms


async def _infos(robot: Robot, *userids: str) -> Any:
    path = "/v1.0/hrm/employees/dimissionInfos"
    answer = await robot.new("GET", path, params={"userIdList": json.dumps(userids)})
    assert answer.status == 200, answer
    return answer.body["result"]


async def test_notice_is_given_changed_and_taken_back(robot: Robot, world: World) -> None:
    answer = await robot.new("POST", "/v1.0/hrm/pendingDismission/start", LEAVE)
    assert (answer.status, set(answer.body)) == (200, {"requestId", "success", "result"})
    assert (await roster_of(robot, "lin", "sys01-employeeStatus"))["sys01-employeeStatus"][0]["label"] == "待离职"
    edit = {"userId": "lin", "lastWorkDate": ms("2027-01-31"), "dismissionMemo": "改期"}
    assert (await robot.new("PUT", "/v1.0/hrm/pendingDismission/infos", edit)).body["result"] is True
    assert await _infos(robot, "lin", "wang") == [
        {
            "userId": "lin",
            "lastWorkDay": ms("2027-01-31"),
            "deptList": [{"dept_id": 200, "dept_path": "研发部"}],
            "reasonMemo": "改期",
            "status": 1,
            "preStatus": 3,
            "mainDeptId": 200,
            "mainDeptName": "研发部",
            "voluntaryReason": ["个人原因"],
            "passiveReason": [],
        },
        {"userId": "wang", "status": 3},
    ]
    await robot.new("POST", "/v1.0/hrm/pendingDismission/revoke", {"userId": "lin"})
    assert await _infos(robot, "lin") == [{"userId": "lin", "status": 3}]
    assert world.hrm.employee("lin").status == "3"


async def test_business_errors_of_a_notice_are_401_without_being_about_the_token(robot: Robot) -> None:
    start, revoke = "/v1.0/hrm/pendingDismission/start", "/v1.0/hrm/pendingDismission/revoke"
    calls = [
        await robot.new("POST", revoke, {"userId": "lin"}),
        await robot.new("POST", start, {**LEAVE, "terminationReasonVoluntary": ["99"]}),
        await robot.new("PUT", "/v1.0/hrm/pendingDismission/infos", {"userId": "lin", "lastWorkDate": 1}),
        await robot.new("POST", start, {**LEAVE, "userId": "nobody"}),
    ]
    assert {(one.status, one.code) for one in calls} == {(401, "businessError")}
    await robot.new("POST", start, LEAVE)
    assert (await robot.new("POST", start, LEAVE)).status == 401
    answer = await robot.new("POST", start, {**LEAVE, "lastWorkDate": None})
    assert (answer.status, answer.code) == (400, "invalidParameter")


async def test_the_end_takes_a_person_out_of_the_contacts_but_not_of_the_roster(robot: Robot) -> None:
    line = await robot.connect()
    assert (await robot.new("POST", TERMINATE, END)).body == {"result": True}
    assert (await next_event(line))[0] == "user_leave_org"
    kind, data = await next_event(line)
    assert (kind, data["staffId"], data["changeType"]) == ("hrm_mdm_user_change", "lin", 4)
    assert (await robot.old("/topapi/v2/user/get", {"userid": "lin"})).code == 60121
    left = (await robot.new("GET", "/v1.0/hrm/employees/dismissions")).body
    assert left == {"hasMore": False, "userIdList": ["lin"]}
    info = (await _infos(robot, "lin"))[0]
    assert (info["status"], info["handoverUserId"], info["reasonMemo"]) == (2, "wang", "读书")
    assert (await roster_of(robot, "lin", "sys00-name"))["sys00-name"][0]["value"] == "林晓"


async def test_whoever_is_removed_by_another_way_leaves_without_reasons(robot: Robot, world: World) -> None:
    await robot.new("POST", "/v1.0/hrm/pendingDismission/start", LEAVE)
    await world.company.remove_user("lin")
    info = (await _infos(robot, "lin"))[0]
    assert (info["status"], info["voluntaryReason"], info["reasonMemo"]) == (2, [], "")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"userId": "nobody"}, "empNotExists"),
        ({"optUserId": "lin"}, "invalidRequest"),
        ({"optUserId": "nobody"}, "invalidRequest"),
        ({"userId": "admin"}, "businessError"),
        ({"terminationReasonVoluntary": ["99"]}, "businessError"),
        ({"terminationReasonVoluntary": []}, "invalidParameter"),
        ({"permissionHandoverUserId": "lin"}, "invalidParameter"),
        ({"dismissionMemo": ""}, "invalidParameter"),
        ({"lastWorkDate": "2026-11-30"}, "invalidParameter"),
        ({"dismissionReason": 10}, "invalidParameter"),
    ],
)
async def test_an_end_that_cannot_be_is_refused(robot: Robot, world: World, wrong: dict[str, Any], code: str) -> None:
    answer = await robot.new("POST", TERMINATE, END | wrong)
    assert (answer.status, answer.code) == (400, code)
    assert len(world.directory.users) == 9


async def test_reports_are_handed_over(robot: Robot, world: World) -> None:
    body = END | {"userId": "wang", "permissionHandoverUserId": None, "directSubordinatesHandoverUserId": "gao"}
    assert (await robot.new("POST", TERMINATE, body)).status == 200
    assert world.directory.users["lin"].manager == "gao"


async def test_the_dismissed_come_in_pages(robot: Robot, world: World) -> None:
    for userid in ("lin", "chen", "zhao"):
        await world.company.remove_user(userid)
    path = "/v1.0/hrm/employees/dismissions"
    first = (await robot.new("GET", path, params={"maxResults": "2"})).body
    second = (await robot.new("GET", path, params={"maxResults": "2", "nextToken": str(first["nextToken"])})).body
    assert first["userIdList"] + second["userIdList"] == ["lin", "chen", "zhao"]
    assert (first["hasMore"], second["hasMore"], "nextToken" in second) == (True, False, False)
    assert (await robot.new("GET", path, params={"maxResults": "51"})).code == "invalidParameter"


async def test_the_reasons_have_ids_and_names(robot: Robot) -> None:
    answer = (await robot.new("GET", "/v1.0/hrm/dismission/reasons")).body
    assert answer["result"]["voluntaryList"][0] == {"id": "1", "name": "家庭原因"}
    assert set(answer["result"]) == {"voluntaryList", "passiveList"}


async def test_userids_in_a_query_are_a_json_list(robot: Robot) -> None:
    path = "/v1.0/hrm/employees/dimissionInfos"
    for wrong in ("lin", "lin,wang", '{"a":1}', "[1]"):
        answer = await robot.new("GET", path, params={"userIdList": wrong})
        assert (answer.status, answer.code) == (400, "invalidParameter"), wrong
    many = json.dumps(["lin"] * 51)
    assert (await robot.new("GET", path, params={"userIdList": many})).code == "invalidParameter"
