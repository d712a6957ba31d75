"""An approver's part: agree or refuse (A/0506), pass on (A/0507), how many wait (A/0508)."""

from collections.abc import Mapping
from typing import Any

from sandbox.call import Call
from sandbox.operation import Error, Family, Field, Operation
from sandbox.workflow.fields import FILE, NO_USER, READ, WRITE, given, person
from sandbox.workflow.instances import INSTANCE, STATE, attach, official
from sandbox.world import flow

_NOT_NOW = Error("aflowProcessInstCanNotBeExecuted", "审批状态异常，无法执行")
_NOT_THERE = Error("aflowProcessNotExist", "审批流不存在")


async def _execute(call: Call) -> Mapping[str, Any]:
    instance = official(call, call["processInstanceId"], _NOT_THERE)
    person(call, call["actionerUserId"])
    if instance.status != "RUNNING":
        raise call.fail(STATE.code, STATE.meaning)
    task = next((one for one in instance.tasks if one.id == call["taskId"]), None)
    if task is None or task.status != "RUNNING":
        raise call.fail(_NOT_NOW.code, _NOT_NOW.meaning)
    if task.userid != call["actionerUserId"]:
        raise call.fail("needAuth", "没有同意拒绝审批的权限")
    done = await flow.decide(call.world, instance, task, call["result"], call["remark"] or "")
    attach(done, call["file"])
    return {"result": call["result"] == "agree", "success": True}


async def _redirect(call: Call) -> Mapping[str, Any]:
    found = call.world.workflow.task(call["taskId"])
    if found is None or found[0].own:
        raise call.fail("param.illegal", "不合法的参数taskId")
    instance, task = found
    person(call, call["toUserId"], Error("param.illegal", "不合法的参数toUserId"))
    if task.userid != call["operateUserId"]:
        raise call.fail("param.illegal.operator", "不合法的参数operateUserId")
    if instance.status != "RUNNING":
        raise call.fail("instance.status.error", "当前流程实例状态不是运行中不支持转交操作")
    if task.status != "RUNNING":
        raise call.fail("task.status.error", "当前任务状态不是运行中不支持转交操作")
    done = await flow.redirect(call.world, instance, task, call["toUserId"], call["remark"] or "")
    attach(done, call["file"])
    return {"result": True}


async def _numbers(call: Call) -> Mapping[str, Any]:
    userid = person(call, call["userId"]).userid
    tasks = call.world.workflow.tasks()
    return {"result": sum(1 for _, task in tasks if task.userid == userid and task.status == "RUNNING")}


OPERATIONS = (
    Operation(
        "workflow.execute", "POST", "/v1.0/workflow/processInstances/execute", Family.NEW, "同意或拒绝审批任务",
        "A/0506", _execute,
        given(
            INSTANCE, Field("remark", most=1024),
            Field(
                "result", required=True, choices=("agree", "refuse"), missing="invalidInstanceExecuteResult",
                bad="invalidInstanceExecuteResult",
            ),
            Field("actionerUserId", required=True, missing="invalidInstanceExecuteActionerUserId"),
            Field("taskId", "int", required=True, missing="invalidInstanceExecuteTaskId"), FILE,
        ),
        WRITE, errors=(NO_USER, STATE, _NOT_NOW, _NOT_THERE, Error("needAuth", "没有同意拒绝审批的权限")),
        note="`result` is false for a refusal, as the page says",
    ),
    Operation(
        "workflow.redirect", "POST", "/v1.0/workflow/tasks/redirect", Family.NEW, "转交OA审批任务", "A/0507", _redirect,
        given(
            Field("taskId", "int", required=True, missing="param.blank"),
            Field("toUserId", required=True, missing="param.blank"), Field("remark", most=256),
            Field("operateUserId", required=True, missing="param.blank"), Field("actionName", most=128), FILE,
            code="param.illegal",
        ),
        WRITE,
        errors=(
            Error("param.illegal", "不合法的参数"), Error("param.illegal.operator", "不合法的参数operateUserId"),
            Error("task.status.error", "当前任务状态不是运行中不支持转交操作"),
            Error("instance.status.error", "当前流程实例状态不是运行中不支持转交操作"),
        ),
    ),
    Operation(
        "workflow.todo_numbers", "GET", "/v1.0/workflow/processes/todoTasks/numbers", Family.NEW, "获取用户待审批数量",
        "A/0508", _numbers,
        (Field("userId", required=True, where="query", missing="invalidGetTodoTaskSumUserId"),), READ,
        errors=(NO_USER,),
    ),
)  # fmt: skip
