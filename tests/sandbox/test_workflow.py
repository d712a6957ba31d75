"""Official OA approval: templates, requests, tasks, and the events that tell of them."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from sandbox.world import World
from sandbox.world.clock import START
from sandbox.world.workflow import LEAVE, Step
from tests.sandbox.client import Answer, Line, Robot

COMPONENTS: list[dict[str, Any]] = [
    {"componentType": "TextField", "props": {"componentId": "TextField-1", "label": "事由", "required": True}},
    {
        "componentType": "DDSelectField",
        "props": {"label": "类型", "bizAlias": "kind", "options": [{"value": "甲"}, {"key": "o2", "value": "乙"}]},
    },
    {"componentType": "DDDateRangeField", "props": {"label": '["开始时间","结束时间"]', "unit": "小时"}},
    {"componentType": "InnerContactField", "props": {"label": "同事"}},
    {
        "componentType": "TableField",
        "props": {"label": "明细"},
        "children": [{"componentType": "NumberField", "props": {"label": "数量"}}],
    },
    {"componentType": "TextNote", "props": {"content": "说明"}},
]
VALUES = [{"name": "事由", "value": "家中有事"}]
BASE = "/v1.0/workflow"


async def _form(robot: Robot, name: str = "用车", **more: Any) -> str:
    answer = await robot.new("POST", f"{BASE}/forms", {"name": name, "formComponents": COMPONENTS, **more})
    assert answer.status == 200, answer
    code: str = answer.body["result"]["processCode"]
    return code


async def _start(robot: Robot, code: str, **more: Any) -> Answer:
    body = {"originatorUserId": "lin", "processCode": code, "deptId": 200, "formComponentValues": VALUES}
    return await robot.new("POST", f"{BASE}/processInstances", {**body, **more})


async def _started(robot: Robot, code: str, **more: Any) -> str:
    answer = await _start(robot, code, **more)
    assert answer.status == 200, answer
    assert set(answer.body) == {"instanceId"}
    instance: str = answer.body["instanceId"]
    return instance


async def _read(robot: Robot, instance: str) -> dict[str, Any]:
    answer = await robot.new("GET", f"{BASE}/processInstances", params={"processInstanceId": instance})
    assert (answer.status, answer.body["success"]) == (200, "true")
    result: dict[str, Any] = answer.body["result"]
    return result


async def _running(robot: Robot, instance: str) -> dict[str, int]:
    read = await _read(robot, instance)
    return {task["userId"]: task["taskId"] for task in read["tasks"] if task["status"] == "RUNNING"}


async def _execute(robot: Robot, instance: str, userid: str, result: str = "agree", **more: Any) -> Answer:
    task = (await _running(robot, instance)).get(userid, 1)
    body = {"processInstanceId": instance, "actionerUserId": userid, "taskId": task, "result": result}
    return await robot.new("POST", f"{BASE}/processInstances/execute", {**body, **more})


async def _event(line: Line) -> tuple[str, dict[str, Any]]:
    frame = await line.frame()
    await line.ack(frame, {"status": "SUCCESS"})
    return frame.headers["eventType"], frame.data


async def test_a_template_is_made_read_changed_and_listed(robot: Robot, world: World) -> None:
    code = await _form(robot, description="公务用车")
    params = {"processCode": code}
    schema = (await robot.new("GET", f"{BASE}/forms/schemas/processCodes", params=params)).body["result"]
    assert (schema["formCode"], schema["name"], schema["memo"], schema["status"]) == (
        code, "用车", "公务用车", "PUBLISHED",
    )  # fmt: skip
    items = schema["schemaContent"]["items"]
    assert items[0] == {
        "componentName": "TextField",
        "props": {"id": "TextField-1", "label": "事由", "required": True},
    }
    assert (items[1]["props"]["options"], items[1]["props"]["bizAlias"]) == (["甲", "乙"], "kind")
    assert items[4]["children"][0]["componentName"] == "NumberField"
    assert await _form(robot, "用车申请", processCode=code) == code
    managed = await robot.new("GET", f"{BASE}/processes/managements/templates", params={"userId": "admin"})
    shown = {one["flowTitle"]: one for one in managed.body["result"]}
    assert shown["用车申请"]["processCode"] == code
    assert (shown["请假"]["attendanceType"], shown["请假"]["processCode"]) == (2, LEAVE)
    assert set(shown["请假"]) == {
        "iconName", "flowTitle", "processCode", "newProcess", "gmtModified", "attendanceType", "iconUrl",
    }  # fmt: skip
    listed, token = [], 0
    while True:
        page = {"maxResults": 2, "nextToken": token, "userId": "lin"}
        result = (await robot.new("GET", f"{BASE}/processes/userVisibilities/templates", params=page)).body["result"]
        listed += [one["name"] for one in result["processList"]]
        if "nextToken" not in result:
            break
        token = result["nextToken"]
    assert listed == ["请假", "补卡", "用车申请"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "请假"}, "formName.error"),
        ({"processCode": "PROC-none"}, "processcode.error"),
        ({"processCode": LEAVE}, "processcode.error"),
        ({"name": "长" * 201}, "formschema.error"),
        ({"description": "长" * 301}, "formschema.error"),
        ({"formComponents": []}, "formschema.error"),
        ({"formComponents": COMPONENTS[:1] * 2}, "formschema.error"),
        ({"formComponents": COMPONENTS[1:2] * 201}, "formschema.error"),
        ({"formComponents": [{"componentType": "textfield", "props": {"label": "x"}}]}, "formschema.error"),
        ({"formComponents": [{"componentType": "TextField", "props": {"label": "长" * 21}}]}, "formschema.error"),
        ({"formComponents": [{"componentType": "TextField", "props": {}}]}, "formschema.error"),
        ({"formComponents": [{"componentType": "DDSelectField", "props": {"label": "x"}}]}, "formschema.error"),
        ({"formComponents": [{"componentType": "DDDateRangeField", "props": {"label": "x"}}]}, "formschema.error"),
    ],
)
async def test_a_template_that_cannot_be_is_refused(robot: Robot, change: dict[str, Any], code: str) -> None:
    answer = await robot.new("POST", f"{BASE}/forms", {"name": "用车", "formComponents": COMPONENTS, **change})
    assert (answer.status, answer.code) == (400, code), answer


async def test_a_company_has_200_templates_at_most(robot: Robot, world: World) -> None:
    code = await _form(robot)
    form = world.workflow.forms[code]
    world.workflow.forms |= {f"PROC-{number}": form for number in range(199)}
    answer = await robot.new("POST", f"{BASE}/forms", {"name": "再一个", "formComponents": COMPONENTS})
    assert answer.code == "internalError"


async def test_a_request_runs_from_its_start_to_its_end_and_each_turn_is_pushed(robot: Robot, world: World) -> None:
    line, now = await robot.connect(), world.clock.ms()
    instance = await _started(robot, code := await _form(robot))
    kind, started = await _event(line)
    assert kind == "bpms_instance_change"
    business_id = started["businessId"]
    about = {
        "processInstanceId": instance, "processCode": code, "bizCategoryId": "", "businessId": business_id,
        "title": "林晓提交的用车",
    }  # fmt: skip
    url = started["url"]
    whole = {**about, "businessType": "", "createTime": now, "staffId": "lin", "url": url}
    assert started == {**whole, "type": "start"}
    kind, waits = await _event(line)
    assert (kind, waits["taskId"]) == ("bpms_task_change", (await _running(robot, instance))["wang"])
    task = {**about, "taskId": waits["taskId"], "createTime": now, "staffId": "wang"}
    assert waits == {**task, "type": "start"}

    world.clock.advance(timedelta(seconds=60))
    answer = await _execute(robot, instance, "wang", remark="好")
    assert answer.body == {"result": True, "success": True}
    done = {"type": "finish", "result": "agree", "finishTime": now + 60_000}
    assert await _event(line) == ("bpms_task_change", {**task, **done, "remark": "好"})
    assert await _event(line) == ("bpms_instance_change", {**whole, **done})
    assert world.meter.pushes == 4  # approval events are counted

    read = await _read(robot, instance)
    assert (read["status"], read["result"], read["originatorDeptId"], read["originatorDeptName"]) == (
        "COMPLETED", "agree", "200", "研发部",
    )  # fmt: skip
    assert (read["createTime"], read["finishTime"]) == ("2026-11-24T00:55Z", "2026-11-24T00:56Z")
    assert [(one["type"], one["userId"], one["result"]) for one in read["operationRecords"]] == [
        ("START_PROCESS_INSTANCE", "lin", "NONE"),
        ("EXECUTE_TASK_NORMAL", "wang", "AGREE"),
        ("FINISH_PROCESS_INSTANCE", "lin", "NONE"),
    ]
    assert read["operationRecords"][1]["remark"] == "好"
    assert read["formComponentValues"] == [
        {"id": "TextField-1", "name": "事由", "value": "家中有事", "componentType": "TextField"}
    ]
    assert (read["bizAction"], read["attachedProcessInstanceIds"], read["approverUserIds"]) == ("NONE", [], [])
    assert (read["tasks"][0]["status"], read["tasks"][0]["result"]) == ("COMPLETED", "AGREE")


async def test_a_refusal_ends_it_and_its_answer_says_false(robot: Robot) -> None:
    instance = await _started(robot, await _form(robot))
    assert (await _execute(robot, instance, "wang", "refuse")).body == {"result": False, "success": True}
    read = await _read(robot, instance)
    assert (read["status"], read["result"]) == ("COMPLETED", "refuse")


async def test_and_waits_for_all_or_for_the_first(robot: Robot, world: World) -> None:
    code = await _form(robot)
    both = [{"actionType": "AND", "userIds": ["wang", "li"]}, {"actionType": "OR", "userIds": ["gao", "zhao"]}]
    more = {"approvers": both, "deptId": None, "ccList": ["chen"], "ccPosition": "START"}
    instance = await _started(robot, code, **more)
    assert set(await _running(robot, instance)) == {"wang", "li"}
    await _execute(robot, instance, "wang")
    assert set(await _running(robot, instance)) == {"li"}
    await _execute(robot, instance, "li")
    assert set(await _running(robot, instance)) == {"gao", "zhao"}
    line = await robot.connect()
    await _execute(robot, instance, "gao")
    told = [await _event(line) for _ in range(3)]
    assert [(data["type"], data["staffId"]) for _, data in told] == [
        ("finish", "gao"), ("cancel", "zhao"), ("finish", "lin"),
    ]  # fmt: skip
    assert "result" not in told[1][1]
    read = await _read(robot, instance)
    assert {one["userId"]: one["status"] for one in read["tasks"]}["zhao"] == "CANCELED"
    assert (read["approverUserIds"], read["ccUserIds"]) == (["wang", "li", "gao", "zhao"], ["chen"])


@pytest.mark.parametrize(("position", "at"), [(None, [1]), ("START", [1]), ("FINISH", [3]), ("START_FINISH", [1, 4])])
async def test_copies_go_out_where_they_should(robot: Robot, position: str | None, at: list[int]) -> None:
    approver = [{"actionType": "NONE", "userIds": ["wang"]}]
    more = {"approvers": approver, "ccList": ["chen"], "ccPosition": position}
    instance = await _started(robot, await _form(robot), **more)
    await _execute(robot, instance, "wang")
    records = (await _read(robot, instance))["operationRecords"]
    assert [number for number, one in enumerate(records) if one["type"] == "PROCESS_CC"] == at
    assert all(records[number]["ccUserIds"] == ["chen"] for number in at)


async def test_one_by_one_opens_the_next_task_only_then(robot: Robot, world: World) -> None:
    code = await _form(robot)
    world.workflow.forms[code].flow = [Step("0001_0002", "两人", "ONE_BY_ONE", ["wang", "li"])]
    instance = await _started(robot, code)
    assert set(await _running(robot, instance)) == {"wang"}
    await _execute(robot, instance, "wang")
    assert set(await _running(robot, instance)) == {"li"}


async def test_a_task_is_passed_on(robot: Robot, world: World) -> None:
    instance = await _started(robot, await _form(robot))
    task, line = (await _running(robot, instance))["wang"], await robot.connect()
    body = {"taskId": task, "toUserId": "li", "operateUserId": "wang", "remark": "请你看"}
    answer = await robot.new("POST", f"{BASE}/tasks/redirect", body)
    assert answer.body == {"result": True}
    _, old = await _event(line)
    _, new = await _event(line)
    assert (old["type"], old["result"], old["staffId"], old["remark"]) == ("finish", "redirect", "wang", "请你看")
    assert (new["type"], new["staffId"], "result" in new) == ("start", "li", False)
    assert set(await _running(robot, instance)) == {"li"}
    assert (await _read(robot, instance))["tasks"][0]["result"] == "REDIRECTED"
    for change, code in (
        ({}, "task.status.error"),
        ({"taskId": 5}, "param.illegal"),
        ({"operateUserId": "li"}, "param.illegal.operator"),
        ({"toUserId": "nobody"}, "param.illegal"),
        ({"toUserId": ""}, "param.blank"),
        ({"remark": "长" * 257}, "param.illegal"),
        ({"actionName": "长" * 129}, "param.illegal"),
    ):
        assert (await robot.new("POST", f"{BASE}/tasks/redirect", body | change)).code == code, change
    await _execute(robot, instance, "li")
    assert (await robot.new("POST", f"{BASE}/tasks/redirect", body)).code == "instance.status.error"


async def test_nothing_is_withdrawn_in_the_first_15_seconds(robot: Robot, world: World) -> None:
    instance = await _started(robot, await _form(robot))
    body = {"processInstanceId": instance, "isSystem": False, "operatingUserId": "lin", "remark": "不去了"}
    path = f"{BASE}/processInstances/terminate"
    assert (await robot.new("POST", path, body)).code == "aflowProcessInstStatusException"
    world.clock.advance(timedelta(seconds=15))
    assert (await robot.new("POST", path, body | {"operatingUserId": "wang"})).code == "internalError"
    line = await robot.connect()
    assert (await robot.new("POST", path, body)).body == {"result": True, "success": True}
    kind, data = await _event(line)
    assert (kind, data["type"], "result" in data, "finishTime" in data) == (
        "bpms_instance_change", "terminate", False, True,
    )  # fmt: skip
    read = await _read(robot, instance)
    assert (read["status"], "result" in read, read["tasks"][0]["status"]) == ("TERMINATED", False, "TERMINATED")
    assert (await robot.new("POST", path, body)).code == "aflowProcessInstStatusException"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"processInstanceId": ""}, "invalidInstanceId"),
        ({"processInstanceId": "none"}, "aflowProcessInstNotExist"),
        ({"operatingUserId": ""}, "invalidInstanceTerminateOperatingUserId"),
        ({"operatingUserId": "nobody"}, "userNotExist"),
        ({"isSystem": None}, "invalidInstanceTerminateIsSystem"),
        ({"isSystem": "yes"}, "invalidParameter"),
        ({"remark": "长" * 1025}, "invalidParameter"),
    ],
)
async def test_a_wrong_withdrawal_is_refused(robot: Robot, world: World, change: dict[str, Any], code: str) -> None:
    instance = await _started(robot, await _form(robot))
    world.clock.advance(timedelta(seconds=20))
    body = {"processInstanceId": instance, "isSystem": False, "operatingUserId": "lin"}
    assert (await robot.new("POST", f"{BASE}/processInstances/terminate", body | change)).code == code


async def test_a_template_that_forbids_it_lets_nobody_withdraw(robot: Robot, world: World) -> None:
    form = await _form(robot)
    instance = await _started(robot, form)
    world.clock.advance(timedelta(seconds=20))
    world.workflow.forms[form].withdrawable = False
    body = {"processInstanceId": instance, "isSystem": False, "operatingUserId": "lin"}
    assert (await robot.new("POST", f"{BASE}/processInstances/terminate", body)).code == "internalError"
    body["isSystem"] = True
    assert (await robot.new("POST", f"{BASE}/processInstances/terminate", body)).status == 200


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"originatorUserId": "nobody"}, "processInstanceInvalidParameter"),
        ({"originatorUserId": ""}, "invalidParameter"),
        ({"processCode": "PROC-none"}, "processCodeError"),
        ({"processCode": LEAVE}, "processInstanceStartFailed"),
        ({"deptId": 300}, "processInstanceInvalidParameter"),
        ({"deptId": None}, "invalidParameter"),
        ({"deptId": "x"}, "invalidParameter"),
        ({"microappAgentId": 1}, "invalidAgentId"),
        ({"bizDetailPageUrl": "https://example.com"}, "benefitStatusInvalid"),
        ({"approvers": [{"actionType": "AND", "userIds": ["wang"]}]}, "processInstanceInvalidParameter"),
        ({"approvers": [{"actionType": "and", "userIds": ["wang", "li"]}]}, "invalidParameter"),
        ({"approvers": [{"userIds": ["nobody"]}]}, "processInstanceInvalidParameter"),
        ({"approvers": [{"userIds": ["wang"]}] * 21}, "invalidParameter"),
        ({"ccList": ["li"] * 51}, "invalidParameter"),
        ({"ccPosition": "start"}, "invalidParameter"),
        ({"formComponentValues": []}, "invalidParameter"),
        ({"formComponentValues": VALUES * 151}, "invalidParameter"),
        ({"formComponentValues": [{"name": "事由", "value": "长" * 65536}]}, "invalidParameter"),
        ({"formComponentValues": [{"name": "事由"}]}, "invalidParameter"),
        ({"formComponentValues": [{"name": "事由", "value": 5}]}, "invalidParameter"),
        ({"formComponentValues": [{"name": "类型", "value": "甲"}]}, "formConverterError"),
        ({"formComponentValues": [*VALUES, {"name": "类型", "value": "丙"}]}, "formConverterError"),
        ({"formComponentValues": [*VALUES, {"name": "没有", "value": "x"}]}, "formConverterError"),
        ({"formComponentValues": [*VALUES, {"name": "同事", "value": '["nobody"]'}]}, "formConverterError"),
        ({"formComponentValues": [*VALUES, {"name": "同事", "value": "wang"}]}, "formConverterError"),
        ({"formComponentValues": [*VALUES, {"name": "明细", "value": '[[{"name":"数量","value":"x"}]]'}]},
         "formConverterError"),
        ({"formComponentValues": [*VALUES, {"name": '["开始时间","结束时间"]', "value": '["2026-11-25"]'}]},
         "formConverterError"),
    ],
)  # fmt: skip
async def test_a_request_that_cannot_be_started_is_refused(robot: Robot, change: dict[str, Any], code: str) -> None:
    answer = await _start(robot, await _form(robot), **change)
    assert (answer.status, answer.code) == (400, code), answer


async def test_every_value_in_its_format_is_taken(robot: Robot) -> None:
    values = [
        *VALUES,
        {"name": "类型", "value": "乙"},
        {"name": '["开始时间","结束时间"]', "value": '["2026-11-25 09:00","2026-11-26 18:00"]'},
        {"name": "同事", "value": '["wang","li"]'},
        {"name": "明细", "value": '[[{"name":"数量","value":"3"}],[{"name":"数量","value":"4.5"}]]'},
    ]
    instance = await _started(robot, await _form(robot), formComponentValues=values)
    assert [one["value"] for one in (await _read(robot, instance))["formComponentValues"]] == [
        one["value"] for one in values
    ]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"processInstanceId": "none"}, "aflowProcessNotExist"),
        ({"actionerUserId": "nobody"}, "userNotExist"),
        ({"actionerUserId": "li"}, "needAuth"),
        ({"actionerUserId": ""}, "invalidInstanceExecuteActionerUserId"),
        ({"taskId": 5}, "aflowProcessInstCanNotBeExecuted"),
        ({"taskId": None}, "invalidInstanceExecuteTaskId"),
        ({"result": "AGREE"}, "invalidInstanceExecuteResult"),
        ({"result": ""}, "invalidInstanceExecuteResult"),
        ({"remark": "长" * 1025}, "invalidParameter"),
        ({"file": {"attachments": [{"fileId": "1"}] * 21}}, "invalidParameter"),
    ],
)
async def test_a_wrong_decision_is_refused(robot: Robot, change: dict[str, Any], code: str) -> None:
    instance = await _started(robot, await _form(robot))
    task = (await _running(robot, instance))["wang"]
    body = {"processInstanceId": instance, "actionerUserId": "wang", "taskId": task, "result": "agree"}
    assert (await robot.new("POST", f"{BASE}/processInstances/execute", body | change)).code == code
    assert (await _read(robot, instance))["status"] == "RUNNING"
    assert (await robot.new("POST", f"{BASE}/processInstances/execute", body)).status == 200
    again = await robot.new("POST", f"{BASE}/processInstances/execute", body)
    assert again.code == "aflowProcessInstStatusException"


async def test_comments_stand_in_the_records_and_tasks_are_counted(robot: Robot) -> None:
    instance = await _started(robot, await _form(robot))
    body = {"processInstanceId": instance, "text": "请补充", "commentUserId": "wang"}
    file = {"photos": ["https://example.com/1.png"], "attachments": [{"spaceId": "1", "fileId": "2"}]}
    answer = await robot.new("POST", f"{BASE}/processInstances/comments", body | {"file": file})
    assert answer.body == {"result": True, "success": True}
    last = (await _read(robot, instance))["operationRecords"][-1]
    assert (last["type"], last["remark"], last["images"]) == ("ADD_REMARK", "请补充", file["photos"])
    assert last["attachments"] == [{"spaceId": "1", "fileId": "2"}]
    numbers = f"{BASE}/processes/todoTasks/numbers"
    assert (await robot.new("GET", numbers, params={"userId": "wang"})).body == {"result": 1}
    await _execute(robot, instance, "wang")
    assert (await robot.new("GET", numbers, params={"userId": "wang"})).body == {"result": 0}
    assert (await robot.new("GET", numbers, params={"userId": "nobody"})).code == "userNotExist"
    for change, code in (
        ({"text": "长" * 1025}, "invalidParameter"),
        ({"text": ""}, "invalidInstanceCommentText"),
        ({"commentUserId": "nobody"}, "userNotExist"),
    ):
        assert (await robot.new("POST", f"{BASE}/processInstances/comments", body | change)).code == code


async def _ids(robot: Robot, body: Mapping[str, Any]) -> tuple[list[str], int]:
    """Read all pages; give the ids and how many pages there were."""
    found: list[str] = []
    pages, token = 0, "0"
    while True:
        page = await robot.new("POST", f"{BASE}/processes/instanceIds/query", {**body, "nextToken": int(token)})
        assert page.status == 200, page
        found, pages = found + page.body["result"]["list"], pages + 1
        if "nextToken" not in page.body["result"]:
            return found, pages
        token = page.body["result"]["nextToken"]


async def test_instances_are_listed_to_the_last_page(robot: Robot, world: World) -> None:
    world.app.calls_per_second = 1000
    code, now = await _form(robot), world.clock.ms()
    made = [await _started(robot, code) for _ in range(21)]
    await _execute(robot, made[3], "wang")
    body = {"processCode": code, "startTime": now - 1000, "maxResults": 20}
    assert await _ids(robot, body) == (made, 2)
    assert await _ids(robot, body | {"statuses": ["COMPLETED"]}) == ([made[3]], 1)
    assert await _ids(robot, body | {"userIds": ["wang"]}) == ([], 1)
    assert await _ids(robot, body | {"startTime": now + 1, "endTime": now + 2}) == ([], 1)


DAY = 24 * 3600 * 1000


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"maxResults": 21}, "invalidMaxResults"),
        ({"maxResults": 0}, "invalidMaxResults"),
        ({"nextToken": None}, "invalidNextToken"),
        ({"nextToken": 10_000}, "invalidNextToken"),
        ({"processCode": ""}, "invalidProcessCode"),
        ({"startTime": None}, "invalidInstanceListIdsStartTime"),
        ({"startTime": 120 * DAY + 1}, "invalidEndTime"),
        ({"startTime": 366 * DAY, "endTime": 300 * DAY}, "invalidInstanceListIdsStartTime"),
        ({"startTime": 0, "endTime": 5 * DAY}, "invalidEndTime"),
        ({"userIds": ["lin"] * 11}, "invalidUserIds"),
        ({"statuses": ["running"]}, "invalidParameter.statuses"),
    ],
)
async def test_a_list_beyond_its_limits_is_refused(
    robot: Robot, world: World, change: dict[str, Any], code: str
) -> None:
    ago = {name: world.clock.ms() - one for name, one in change.items() if name.endswith("Time") and one is not None}
    body = {"processCode": LEAVE, "startTime": world.clock.ms(), "maxResults": 20, "nextToken": 0}
    answer = await robot.new("POST", f"{BASE}/processes/instanceIds/query", body | change | ago)
    assert (answer.status, answer.code) == (400, code)


async def test_the_forecast_shows_the_route_and_where_to_choose(robot: Robot, world: World) -> None:
    code = await _form(robot)
    world.workflow.forms[code].flow = [Step("1111_2222"), Step("3333_4444", "复核", "AND", ["li", "zhao"], select=True)]
    body = {"processCode": code, "deptId": 200, "userId": "lin", "formComponentValues": VALUES}
    result = (await robot.new("POST", f"{BASE}/processes/forecast", body)).body["result"]
    assert (result["isForecastSuccess"], result["userId"]) == (True, "lin")
    manager, chosen = result["workflowActivityRules"]
    assert (manager["activityType"], manager["isTargetSelect"]) == ("target_approval", False)
    assert manager["activityActioners"] == [{"userId": "wang", "name": "王磊"}]
    assert (chosen["activityType"], chosen["isTargetSelect"]) == ("target_select", True)
    actor = chosen["workflowActor"]
    assert actor["actorSelectionRange"]["approvals"] == [
        {"workNo": "li", "userName": "李静"},
        {"workNo": "zhao", "userName": "赵敏"},
    ]
    missing = await _start(robot, code)
    assert missing.code == "targetSelectApproverMissing"
    wrong = [{"actionerKey": actor["actorKey"], "actionerUserIds": ["chen"]}]
    assert (await _start(robot, code, targetSelectActioners=wrong)).code == "targetSelectApproverScopeError"
    right = [{"actionerKey": actor["actorKey"], "actionerUserIds": ["li"]}]
    instance = await _started(robot, code, targetSelectActioners=right)
    await _execute(robot, instance, "wang")
    assert set(await _running(robot, instance)) == {"li"}
    for change, refused in (
        ({"formComponentValues": []}, "componentIsNull"),
        ({"formComponentValues": [{"name": "类型", "value": "丙"}]}, "forecastError"),
        ({"processCode": "PROC-none"}, "processCodeError"),
        ({"userId": "nobody"}, "userNotExist"),
        ({"userId": ""}, "invalidUserId"),
        ({"deptId": 300}, "invalidParameter"),
    ):
        assert (await robot.new("POST", f"{BASE}/processes/forecast", body | change)).code == refused, change


async def test_without_its_permission_a_call_is_refused(robot: Robot, world: World) -> None:
    code = await _form(robot)
    world.app.scopes.remove("Workflow.Instance.Write")
    answer = await _start(robot, code)
    assert (answer.status, answer.body["accessdenieddetail"]) == (403, {"requiredScopes": ["Workflow.Instance.Write"]})


async def test_a_native_leave_is_started_decided_and_revoked_by_people(robot: Robot, world: World) -> None:
    line = await robot.connect()
    leave = {"user": "lin", "type": "年假", "start": "2026-11-26", "days": 1, "reason": "搬家"}
    started = await robot.call("POST", "/sandbox/approvals", leave)
    assert started.status == 200, started
    _, begun = await _event(line)
    assert (begun["type"], begun["bizCategoryId"], begun["processCode"]) == ("start", "attendance.leave", LEAVE)
    await _event(line)
    instance = started.body["id"]
    values = {one["componentType"]: one["value"] for one in (await _read(robot, instance))["formComponentValues"]}
    assert json.loads(values["DDHolidayField"])[:2] == ["2026-11-26", "2026-11-26"]
    assert values["TextareaField"] == "搬家"
    decision = {"instance": instance, "user": "wang", "result": "agree"}
    assert (await robot.call("POST", "/sandbox/approvals/decisions", decision)).status == 200
    assert [(await _event(line))[1]["result"] for _ in range(2)] == ["agree", "agree"]

    back = await robot.call("POST", "/sandbox/approvals", leave | {"main": instance, "action": "REVOKE"})
    later = await _read(robot, back.body["id"])
    assert (later["bizAction"], later["mainProcessInstanceId"]) == ("REVOKE", instance)
    assert (await _read(robot, instance))["attachedProcessInstanceIds"] == [back.body["id"]]
    withdrawn = await robot.call("POST", "/sandbox/approvals/withdrawals", {"instance": back.body["id"]})
    assert withdrawn.body["status"] == "TERMINATED"
    shown = (await robot.call("GET", "/sandbox/approvals", params={"user": "wang"})).body
    assert [one["id"] for one in shown] == [instance, back.body["id"]]


async def test_what_people_cannot_do_the_control_call_refuses(robot: Robot) -> None:
    for path, body in (
        ("/sandbox/approvals", {"user": "nobody", "start": "2026-11-26"}),
        ("/sandbox/approvals", {"user": "lin", "start": "2026-11-26", "main": "none"}),
        ("/sandbox/approvals", {"user": "lin", "start": "2026-11-26", "action": "REVOKE"}),
        ("/sandbox/approvals", {"user": "lin", "template": "none"}),
        ("/sandbox/approvals/decisions", {"user": "wang", "result": "agree"}),
        ("/sandbox/approvals/withdrawals", {"instance": "none"}),
        ("/sandbox/approvals/templates", {"code": "none"}),
        ("/sandbox/approvals/templates", {"flow": [{"method": "and"}]}),
    ):
        assert (await robot.call("POST", path, body)).status == 400, (path, body)


async def test_a_templates_flow_is_set_from_outside(robot: Robot) -> None:
    flow = [{"name": "人事", "method": "OR", "people": ["li", "zhao"]}]
    answer = await robot.call("POST", "/sandbox/approvals/templates", {"flow": flow, "withdrawable": False})
    assert (answer.body["flow"][0]["people"], answer.body["withdrawable"]) == (["li", "zhao"], False)
    await robot.call("POST", "/sandbox/approvals", {"user": "lin", "start": "2026-11-26"})
    passed = await robot.call("POST", "/sandbox/approvals/decisions", {"user": "li", "result": "redirect", "to": "gao"})
    assert [task["userid"] for task in passed.body["tasks"]] == ["li", "zhao", "gao"]


async def test_a_new_beginning_knows_the_native_forms_only(robot: Robot, world: World) -> None:
    await _started(robot, await _form(robot))
    world.clock.advance(timedelta(hours=1))
    world.reset()
    assert world.workflow.instances == {}
    assert {one.name: one.created for one in world.workflow.forms.values()} == dict.fromkeys(("请假", "补卡"), START)


async def test_who_has_nobody_above_needs_nobody(robot: Robot) -> None:
    instance = await _started(robot, await _form(robot), originatorUserId="gao", deptId=-1)
    read = await _read(robot, instance)
    assert (read["status"], read["result"], read["originatorDeptId"], read["tasks"]) == ("COMPLETED", "agree", "-1", [])
