"""The process centre: the company's own system runs the flow, DingTalk shows it."""

from datetime import timedelta
from typing import Any

import pytest

from sandbox.world import World
from tests.sandbox.client import Answer, Robot

BASE = "/v1.0/workflow/processCentres"
COMPONENTS = [
    {"componentType": "TextField", "props": {"label": "事由"}},
    {"componentType": "InnerContactField", "props": {"label": "同事"}},
]


async def _form(robot: Robot, **more: Any) -> str:
    answer = await robot.new("POST", f"{BASE}/schemas", {"name": "自有请假", "formComponents": COMPONENTS, **more})
    assert answer.status == 200, answer
    code: str = answer.body["result"]["processCode"]
    return code


async def _create(robot: Robot, code: str, **more: Any) -> Answer:
    body = {
        "processCode": code, "originatorUserId": "lin", "url": "https://hr.example/1", "title": "林晓的请假",
        "formComponentValueList": [{"name": "事由", "value": "搬家"}],
    }  # fmt: skip
    return await robot.new("POST", f"{BASE}/instances", {**body, **more})


async def _tasks(robot: Robot, instance: str, *userids: str, **more: Any) -> Answer:
    body = {"processInstanceId": instance, "activityId": "act_1", "tasks": [{"userId": one} for one in userids]}
    return await robot.new("POST", f"{BASE}/tasks", {**body, **more})


async def _todo(robot: Robot, userid: str, **more: Any) -> Any:
    params = {"userId": userid, "pageSize": 40, "pageNumber": 1, **more}
    answer = await robot.new("GET", f"{BASE}/todoTasks", params=params)
    assert answer.status == 200, answer
    return answer.body["taskPage"]


@pytest.fixture
async def instance(robot: Robot) -> str:
    """A request of Lin's."""
    answer = await _create(robot, await _form(robot))
    assert answer.status == 200, answer
    found: str = answer.body["result"]["processInstanceId"]
    return found


async def test_a_template_is_made_found_by_name_and_removed(robot: Robot) -> None:
    code = await _form(robot)
    found = await robot.new("GET", f"{BASE}/schemaNames/processCodes", params={"name": "自有请假"})
    assert found.body["result"] == {"processCode": code, "gmtModified": "2026-11-24T00:55Z"}
    removed = await robot.new("DELETE", f"{BASE}/schemas", params={"processCode": code, "cleanRunningTask": "true"})
    assert removed.body == {"result": {"processCode": code}}
    again = await robot.new("DELETE", f"{BASE}/schemas", params={"processCode": code})
    assert again.code == "processNotExist"
    gone = await robot.new("GET", f"{BASE}/schemaNames/processCodes", params={"name": "自有请假"})
    assert gone.code == "process.error"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"name": "长" * 201}, "formschema.error"),
        ({"formComponents": [{"componentType": "PhoneField", "props": {"label": "电话"}}]}, "formschema.error"),
        ({"processFeatureConfig": {"features": [{"name": "task_execute"}]}}, "parameter.error"),
        ({"processFeatureConfig": {"features": [{"name": "TASK_EXECUTE", "runType": "ORIGIN"}]}}, "parameter.error"),
        ({"templateConfig": {"templateEditUrl": "x" * 1025}}, "parameter.error"),
        ({"name": "请假"}, "formName.error"),
    ],
)
async def test_a_template_that_cannot_be_is_refused(robot: Robot, more: dict[str, Any], code: str) -> None:
    answer = await robot.new("POST", f"{BASE}/schemas", {"name": "自有请假", "formComponents": COMPONENTS, **more})
    assert (answer.status, answer.code) == (400, code)


async def test_a_request_gets_tasks_that_end_one_by_one(robot: Robot, world: World, instance: str) -> None:
    answer = await _tasks(robot, instance, "wang", "li")
    assert answer.body["success"] is True
    wang, li = answer.body["result"]
    assert (wang["userId"], li["userId"]) == ("wang", "li")
    page = await _todo(robot, "wang")
    assert page == {
        "hasMore": False,
        "list": [
            {
                "taskId": wang["taskId"], "activityId": "act_1", "userId": "lin", "status": "RUNNING",
                "createTime": world.clock.ms(), "processInstanceId": instance,
            }
        ],
    }  # fmt: skip
    done = [{"taskId": wang["taskId"], "status": "COMPLETED", "result": "AGREE"}]
    answer = await robot.new("PUT", f"{BASE}/tasks", {"processInstanceId": instance, "tasks": done})
    assert answer.body == {"success": True}
    assert (await _todo(robot, "wang"))["list"] == []
    cancel = {"processInstanceId": instance, "activityId": "act_1"}
    assert (await robot.new("POST", f"{BASE}/tasks/cancel", cancel)).body == {"success": True}
    assert (await _todo(robot, "li"))["list"] == []
    end = {"processInstanceId": instance, "status": "COMPLETED", "result": "agree"}
    assert (await robot.new("PUT", f"{BASE}/instances", end)).body == {"success": True}
    kept = world.workflow.instances[instance]
    assert (kept.status, kept.result) == ("COMPLETED", "agree")
    assert [task.status for task in kept.tasks] == ["COMPLETED", "CANCELED"]
    assert (await _tasks(robot, instance, "gao")).code == "integrated.state.invalid"
    assert world.meter.pushes == 0


async def test_the_to_do_list_is_read_to_its_last_page(robot: Robot, instance: str) -> None:
    await _tasks(robot, instance, *["wang"] * 20)
    await _tasks(robot, instance, *["wang"] * 20)
    await _tasks(robot, instance, "wang")
    first = await _todo(robot, "wang")
    second = await _todo(robot, "wang", pageNumber=2)
    assert (len(first["list"]), first["hasMore"], len(second["list"]), second["hasMore"]) == (40, True, 1, False)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"pageSize": 41}, "integrated.params.error"),
        ({"pageNumber": 0}, "integrated.params.error"),
        ({"userId": ""}, "integrated.params.error"),
        ({"createBefore": 1_700_000_000_000}, "integrated.params.error"),
    ],
)
async def test_a_to_do_list_beyond_its_limits_is_refused(robot: Robot, more: dict[str, Any], code: str) -> None:
    params = {"userId": "wang", "pageSize": 40, "pageNumber": 1, **more}
    assert (await robot.new("GET", f"{BASE}/todoTasks", params=params)).code == code


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"processCode": "PROC-none"}, "process.error"),
        ({"originatorUserId": "nobody"}, "userNotExist"),
        ({"url": ""}, "required.error"),
        ({"url": "x" * 1025}, "parameter.invalid"),
        ({"title": "长" * 65}, "parameter.invalid"),
        ({"bizData": "{"}, "parameter.invalid"),
        ({"notifiers": [{"userid": "li", "position": "START"}]}, "parameter.invalid"),
        ({"notifiers": [{"userid": "li"}] * 21}, "parameter.invalid"),
        ({"formComponentValueList": [{"name": "事由", "value": "x"}] * 101}, "parameter.invalid"),
        ({"formComponentValueList": [{"name": "没有", "value": "x"}]}, "formConverterError"),
        ({"formComponentValueList": [{"name": "同事", "value": '["wang"]'}]}, "required.error"),
    ],
)
async def test_a_request_that_cannot_be_is_refused(robot: Robot, more: dict[str, Any], code: str) -> None:
    answer = await _create(robot, await _form(robot), **more)
    assert (answer.status, answer.code) == (400, code)


async def test_tasks_beyond_their_limits_are_refused(robot: Robot, world: World, instance: str) -> None:
    past = int((world.clock.now() - timedelta(seconds=1)).timestamp() * 1000)
    for more, code in (
        ({"tasks": []}, "tasks.is.null"),
        ({"tasks": [{"userId": "wang"}] * 21}, "integrated.number.exceed"),
        ({"tasks": [{"userId": "wang", "url": "x" * 1025}]}, "task.url.error"),
        ({"tasks": [{"userId": "wang", "dueTimestamp": past}]}, "task.dueTime.error"),
        ({"tasks": [{"userId": "wang", "customData": "x" * 501}]}, "internalError"),
        ({"processInstanceId": "none"}, "process.inst.notExist"),
        ({"activityId": "x" * 257}, "internalError"),
    ):
        assert (await _tasks(robot, instance, "wang", **more)).code == code, more
    assert world.workflow.instances[instance].tasks == []


async def test_many_requests_end_at_once_or_none(robot: Robot, world: World, instance: str) -> None:
    end = {"processInstanceId": instance, "status": "TERMINATED", "result": "refuse"}
    path, field = f"{BASE}/instances/batch", "updateProcessInstanceRequests"
    assert (await robot.new("PUT", path, {field: [end] * 51})).code == "updateOverSize"
    assert (await robot.new("PUT", path, {field: [end, end | {"processInstanceId": "none"}]})).code == "internalError"
    assert world.workflow.instances[instance].status == "RUNNING"
    assert (await robot.new("PUT", path, {field: [end]})).body == {"success": True}
    kept = world.workflow.instances[instance]
    assert (kept.status, kept.result) == ("TERMINATED", "")
    too_many = {**end, "notifiers": [{"userId": "li"}] * 31}
    assert (await robot.new("PUT", f"{BASE}/instances", too_many)).code == "noticerOverLimit"


async def test_official_requests_are_not_its_business(robot: Robot) -> None:
    leave = await robot.call("POST", "/sandbox/approvals", {"user": "lin", "start": "2026-11-26"})
    cancel = {"processInstanceId": leave.body["id"], "activityId": "x"}
    assert (await robot.new("POST", f"{BASE}/tasks/cancel", cancel)).code == "integrated.permission.error"
    done = [{"taskId": leave.body["tasks"][0]["id"], "status": "CANCELED"}]
    assert (await robot.new("PUT", f"{BASE}/tasks", {"tasks": done})).code == "integrated.permission.error"
