"""To-dos: made once per source id, ticked off by the app alone."""

from datetime import timedelta
from typing import Any

import pytest

from sandbox.world import World
from tests.sandbox.client import Answer, Line, Robot

LIN, WANG, LI = "union-lin", "union-wang", "union-li"
URL = {"appUrl": "https://hr.example/app", "pcUrl": "https://hr.example/pc"}
TASKS = f"/v1.0/todo/users/{LIN}/tasks"


async def _create(robot: Robot, **more: Any) -> Answer:
    body = {"subject": "补交病假证明", "detailUrl": URL, "executorIds": [LIN, WANG], **more}
    return await robot.new("POST", TASKS, body, params={"operatorId": LIN})


async def _created(robot: Robot, **more: Any) -> str:
    answer = await _create(robot, **more)
    assert answer.status == 200, answer
    task: str = answer.body["id"]
    return task


async def _cards(robot: Robot, unionid: str = LIN, **body: Any) -> list[dict[str, Any]]:
    """Read to the last page."""
    found: list[dict[str, Any]] = []
    while True:
        answer = await robot.new("POST", f"/v1.0/todo/users/{unionid}/org/tasks/query", body)
        assert answer.status == 200, answer
        found += answer.body["todoCards"]
        if "nextToken" not in answer.body:
            return found
        body["nextToken"] = answer.body["nextToken"]


async def _event(line: Line) -> tuple[str, Any]:
    frame = await line.frame()
    await line.ack(frame, {"status": "SUCCESS"})
    return frame.headers["eventType"], frame.data


async def test_it_is_made_and_found_with_all_it_was_given(robot: Robot, world: World) -> None:
    now = world.clock.ms()
    more = {
        "sourceId": "leave-7", "dueTime": now + 1000, "priority": 30, "participantIds": [LI], "description": "说明",
        "isOnlyShowExecutor": True, "notifyConfigs": {"dingNotify": "1"},
        "contentFieldList": [{"fieldKey": "假种", "fieldValue": "病假"}],
    }  # fmt: skip
    answer = await _create(robot, **more)
    task, tag = answer.body["id"], world.app.client_id
    assert answer.body == {
        **more, "id": task, "subject": "补交病假证明", "detailUrl": URL, "executorIds": [LIN, WANG], "done": False,
        "source": tag, "bizTag": tag, "creatorId": LIN, "modifierId": LIN, "createdTime": now, "modifiedTime": now,
        "startTime": now, "requestId": answer.body["requestId"],
    }  # fmt: skip
    assert await _cards(robot, WANG) == [
        {
            "taskId": task, "subject": "补交病假证明", "detailUrl": URL, "priority": 30, "createdTime": now,
            "modifiedTime": now, "creatorId": LIN, "bizTag": tag, "isDone": False, "todoType": "TODO",
            "dueTime": now + 1000, "sourceId": "leave-7",
        }
    ]  # fmt: skip


async def test_a_source_id_makes_one_to_do_only(robot: Robot, world: World) -> None:
    await _created(robot, sourceId="leave-7")
    again = await _create(robot, sourceId="leave-7")
    assert (again.status, again.code, again.body["message"]) == (400, "todo.taskCreate.paramError", "task exist")
    world.todos.locked.add("leave-8")
    assert (await _create(robot, sourceId="leave-8")).code == "todo.taskCreate.lockError"
    await _created(robot)
    await _created(robot)
    assert len(world.todos.tasks) == 3
    assert world.todos.locked == {"leave-8"}


@pytest.mark.parametrize(
    "more",
    [
        {"subject": ""},
        {"subject": "长" * 1025},
        {"subject": 5},
        {"description": "长" * 4097},
        {"detailUrl": None},
        {"detailUrl": {}},
        {"detailUrl": {"appUrl": ""}},
        {"detailUrl": {"appUrl": "长" * 342}},
        {"detailUrl": {"pcUrl": "x" * 1025}},
        {"executorIds": ["lin"]},
        {"executorIds": [LIN] * 1001},
        {"participantIds": [LI] * 1001},
        {"priority": 15},
        {"todoType": "todo"},
        {"dueTime": -1},
        {"dueTime": "tomorrow"},
        {"creatorId": WANG},
        {"notifyConfigs": {"dingNotify": "2"}},
        {"contentFieldList": [{"fieldKey": "x" * 1025}]},
    ],
)
async def test_a_to_do_that_cannot_be_is_refused(robot: Robot, world: World, more: dict[str, Any]) -> None:
    answer = await _create(robot, **more)
    assert (answer.status, answer.code) == (400, "todo.taskCreate.paramError"), answer
    assert world.todos.tasks == {}


async def test_over_a_hundred_executors_pass_with_a_warning(robot: Robot, world: World) -> None:
    users = world.directory.users
    for number in range(101):
        users[f"u{number}"] = type(users["lin"])(f"u{number}", "员工", [200], unionid=f"union-u{number}")
    await _created(robot, executorIds=[f"union-u{number}" for number in range(101)])
    assert "101 executors" in world.wire.entries[-1].warnings[0]


async def test_it_is_done_when_each_executor_is(robot: Robot, world: World) -> None:
    task = await _created(robot)
    path = f"{TASKS}/{task}"
    half = {"executorStatusList": [{"id": LIN, "isDone": True}]}
    assert (await robot.new("PUT", f"{path}/executorStatus", half)).body == {"result": True}
    assert [one["isDone"] for one in await _cards(robot)] == [True]
    assert [one["isDone"] for one in await _cards(robot, WANG)] == [False]
    assert world.todos.tasks[task].done_at is None
    rest = {"executorStatusList": [{"id": WANG, "isDone": True}]}
    await robot.new("PUT", f"{path}/executorStatus", rest)
    assert world.todos.tasks[task].done_at == world.clock.now()
    back = {"executorStatusList": [{"id": WANG, "isDone": False}]}
    await robot.new("PUT", f"{path}/executorStatus", back)
    assert world.todos.tasks[task].done_at is None
    assert (await robot.new("PUT", path, {"done": True})).body == {"result": True}
    assert await _cards(robot, isDone=False) == []
    for body in (
        {"executorStatusList": [{"id": LI, "isDone": True}]},
        {"executorStatusList": [{"id": LIN, "isDone": True}] * 1001},
        {"executorStatusList": [{"id": LIN, "isDone": "yes"}]},
    ):
        answer = await robot.new("PUT", f"{path}/executorStatus", body)
        assert answer.code == "todo.taskExecutorStatusUpdate.paramError"


async def test_each_change_is_pushed_to_those_it_concerns(robot: Robot, world: World) -> None:
    line, tag = await robot.connect(), world.app.client_id
    task = await _created(robot)
    assert await _event(line) == ("todo_task_create", {"unionIdList": [LIN, WANG], "bizTag": tag, "taskId": task})
    path = f"{TASKS}/{task}"
    change = {"subject": "改了", "executorIds": [LI], "participantIds": [WANG], "dueTime": 5}
    assert (await robot.new("PUT", path, change, params={"operatorId": LIN})).body == {"result": True}
    assert await _event(line) == ("todo_task_update", {"unionIdList": [LIN, WANG, LI], "bizTag": tag, "taskId": task})
    assert (world.todos.tasks[task].subject, world.todos.tasks[task].due) == ("改了", 5)
    answer = await robot.new("DELETE", path, params={"operatorId": LIN})
    assert (answer.body["result"], set(answer.body)) == (True, {"result", "requestId"})
    assert await _event(line) == ("todo_task_delete", {"unionIdList": [LIN, LI, WANG], "taskId": task})
    assert world.meter.pushes == 3
    for method, code in (("DELETE", "todo.taskDelete.paramError"), ("PUT", "todo.taskUpdate.paramError")):
        gone = await robot.new(method, path, {} if method == "PUT" else None)
        assert (gone.code, gone.body["message"]) == (code, "task not exist")
    task = await _created(robot)
    for method, path in (
        ("PUT", f"{TASKS}/{task}"),
        ("PUT", f"{TASKS}/{task}/executorStatus"),
        ("DELETE", f"{TASKS}/{task}"),
    ):
        answer = await robot.new(method, path, {}, params={"operatorId": "union-nobody"})
        assert answer.code.endswith(".paramError")
    for wrong in ({"subject": "长" * 1025}, {"executorIds": [LI] * 1001}, {"done": "yes"}):
        assert (await robot.new("PUT", path, wrong)).code == "todo.taskUpdate.paramError"


async def test_the_list_goes_by_role_kind_and_page(robot: Robot, world: World) -> None:
    world.app.calls_per_second = 1000
    for number in range(41):
        await _created(robot, subject=str(number), todoType="READ" if number == 3 else "TODO")
    assert [one["subject"] for one in await _cards(robot)] == [str(number) for number in range(41)]
    assert len(await _cards(robot, todoType="READ")) == 1
    assert len(await _cards(robot, roleTypes=[["executor", "creator"]])) == 41
    assert await _cards(robot, WANG, roleTypes=[["creator"], ["participant"]]) == []
    assert await _cards(robot, LI) == []
    for body in ({"nextToken": "x"}, {"roleTypes": ["executor"]}, {"roleTypes": [["boss"]]}, {"isDone": "yes"}):
        answer = await robot.new("POST", f"/v1.0/todo/users/{LIN}/org/tasks/query", body)
        assert answer.code == "todo.orgTaskQuery.paramError", body


async def test_what_was_done_half_a_year_ago_is_listed_no_more(robot: Robot, world: World) -> None:
    task = await _created(robot)
    await robot.new("PUT", f"{TASKS}/{task}", {"done": True})
    world.clock.advance(timedelta(days=180))
    robot.token = ""
    assert len(await _cards(robot, isDone=True)) == 1
    world.clock.advance(timedelta(seconds=1))
    assert await _cards(robot) == []


async def test_changing_takes_the_permission_to_read_as_well(robot: Robot, world: World) -> None:
    task = await _created(robot)
    world.app.scopes.remove("Todo.Todo.Read")
    answer = await robot.new("PUT", f"{TASKS}/{task}", {"done": True})
    assert (answer.status, answer.body["accessdenieddetail"]) == (403, {"requiredScopes": ["Todo.Todo.Read"]})
    assert (await robot.new("DELETE", f"{TASKS}/{task}")).status == 200


async def test_a_tester_sees_a_persons_to_dos(robot: Robot) -> None:
    task = await _created(robot)
    assert [one["id"] for one in (await robot.call("GET", "/sandbox/todos", params={"user": "wang"})).body] == [task]
    assert (await robot.call("GET", "/sandbox/todos", params={"user": "li"})).body == []
    assert len((await robot.call("GET", "/sandbox/todos")).body) == 1


async def test_a_personal_one_is_made_with_a_persons_token_alone(robot: Robot, world: World) -> None:
    path, now = "/v1.0/todo/users/me/personalTasks", world.clock.ms()
    body = {"subject": "交材料", "executorIds": [WANG], "participantIds": [LI], "reminderTimeStamp": now + 1}
    line = await robot.connect()
    app = await robot.new("POST", path, body)
    assert (app.status, app.code) == (400, "todo.taskCreate.tokenTypeError")
    headers = {"x-acs-dingtalk-access-token": world.user_tokens.issue("lin").token}
    made = await robot.call("POST", path, body, headers=headers)
    assert (made.status, made.body) == (200, {"taskId": made.body["taskId"], "createdTime": now})
    kind, told = await _event(line)
    assert (kind, told["taskId"], told["unionIdList"]) == ("todo_task_create", made.body["taskId"], [LIN, WANG, LI])
    assert await _cards(robot, WANG) == []
    update = await robot.new("PUT", f"{TASKS}/{made.body['taskId']}", {"subject": "别的"})
    assert update.code == "todo.taskUpdate.paramError"
    wrongs: tuple[dict[str, Any], ...] = (
        {"executorIds": []}, {"executorIds": [LIN] * 101}, {"subject": "长" * 342}, {"reminderTimeStamp": now},
    )  # fmt: skip
    for wrong in wrongs:
        refused = await robot.call("POST", path, {**body, **wrong}, headers=headers)
        assert (refused.status, refused.code) == (400, "todo.taskCreate.paramError"), wrong
