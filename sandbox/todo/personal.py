"""A to-do of one's own, as one makes it in DingTalk itself (A/0794)."""

from collections.abc import Mapping
from typing import Any

from sandbox.call import Call
from sandbox.operation import Error, Family, Field, Operation
from sandbox.todo.routes import known, tell, with_code, wrong
from sandbox.world.flow import stamp
from sandbox.world.todos import Todo


async def _create(call: Call) -> Mapping[str, Any]:
    world, now = call.world, call.world.clock.now()
    remind = call["reminderTimeStamp"]
    if remind is not None and remind <= world.clock.ms():
        raise wrong(call, "reminderTimeStamp must be later than now")
    me = world.directory.users.get(world.user_tokens.userid(call.token) or "")
    if me is None:
        raise wrong(call, "the token's owner has left the company")
    todo = Todo(
        f"task{world.ids.hex(32)}", call["subject"], me.unionid, me.unionid, "", now, now,
        description=call["description"] or "", due=call["dueTime"], executors=known(call, call["executorIds"]),
        participants=known(call, call["participantIds"] or ()), notify=dict(call["notifyConfigs"] or {}), personal=True,
    )  # fmt: skip
    world.todos.tasks[todo.id] = todo
    await tell(call, "create", todo, todo.people)
    return {"taskId": todo.id, "createdTime": stamp(now)}


_PARAM = "todo.taskCreate.paramError"

OPERATIONS = (
    Operation(
        "todo.create_personal", "POST", "/v1.0/todo/users/me/personalTasks", Family.NEW, "创建钉钉个人待办任务",
        "A/0794", _create,
        with_code(
            _PARAM,
            Field("subject", required=True, most=1024, unit="bytes"), Field("description", most=4096, unit="bytes"),
            Field("dueTime", "int", least=0, unit="value"),
            Field("executorIds", "strings", required=True, most=100, unit="items"),
            Field("participantIds", "strings", most=100, unit="items"),
            Field("notifyConfigs", "object", fields=(Field("dingNotify", choices=("1",)),)),
            Field("reminderTimeStamp", "int"),
        ),
        "Todo.PersonalTodo.Write", errors=(Error(_PARAM, "创建待办参数异常"),), by_person=True,
        app_token=Error("todo.taskCreate.tokenTypeError", "token type is not match"),
        note="the calls for the company's to-dos don't find it, and it pushes todo_task_create (both assumed)",
    ),
)  # fmt: skip
