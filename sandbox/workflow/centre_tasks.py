"""Tasks of the process centre (A/0516 to A/0519): what somebody has to do in the company's own system."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.call import Call
from sandbox.operation import Error, Family, Field, Operation
from sandbox.workflow.centre import BASE, FOREIGN, GONE, STATE, UNKNOWN_CODES, features_field, own
from sandbox.workflow.fields import WRITE, given, person
from sandbox.world import flow
from sandbox.world.workflow import Task

_AFLOW = "qyapi_aflow"
_MOST_TASKS = 1000
_YEAR = timedelta(days=365)
_PARAMS = Error("integrated.params.error", "参数非法")
_INSTANCE = Field("processInstanceId", required=True)


async def _create_tasks(call: Call) -> Mapping[str, Any]:
    world, now = call.world, flow.stamp(call.world.clock.now())
    instance = own(call, call["processInstanceId"], GONE)
    if instance.status != "RUNNING":
        raise call.fail(STATE.code, "流程实例已完结，不能继续创建任务")
    if len(instance.tasks) + len(call["tasks"]) > _MOST_TASKS:
        raise call.fail("integrated.number.exceed", "流程任务的数量到达上限")
    for one in call["tasks"]:
        person(call, one["userId"], Error("internalError", "用户不存在"))
        if one["dueTimestamp"] is not None and one["dueTimestamp"] < now:
            raise call.fail("task.dueTime.error", "截止时间dueTimestamp不能小于当前任务创建时间")
    result = []
    for one in call["tasks"]:
        task = flow.task_for(world, instance, one["userId"], call["activityId"] or "")
        task.url = one["url"] or instance.url
        result.append({"taskId": task.id, "userId": task.userid})
    return {"result": result, "success": True}


async def _update_tasks(call: Call) -> Mapping[str, Any]:
    found: list[tuple[Task, Mapping[str, Any]]] = []
    for one in call["tasks"]:
        pair = call.world.workflow.task(one["taskId"])
        if pair is None or call["processInstanceId"] not in {None, pair[0].id}:
            raise call.fail(STATE.code, STATE.meaning)
        if not pair[0].own:
            raise call.fail(FOREIGN.code, FOREIGN.meaning)
        if one["status"] == "COMPLETED" and not one["result"]:
            raise call.fail(STATE.code, "status为COMPLETED时，必须指定任务结果")
        found.append((pair[1], one))
    for task, one in found:
        task.status, task.result, task.finished = one["status"], one["result"] or "", call.world.clock.now()
    return {"success": True}


async def _cancel_tasks(call: Call) -> Mapping[str, Any]:
    instance = own(call, call["processInstanceId"], STATE)
    groups = {call["activityId"], *(call["activityIds"] or ())}
    for task in instance.tasks:
        if task.activity in groups and task.status == "RUNNING":
            task.status, task.finished = "CANCELED", call.world.clock.now()
    return {"success": True}


async def _todo(call: Call) -> Mapping[str, Any]:
    world = call.world
    since = call["createBefore"]
    if since is not None and world.clock.now() - _at(since) > _YEAR:
        raise call.fail(_PARAMS.code, "起始时间距离当前时间不能超过一年")
    found = [
        {
            "taskId": task.id, "activityId": task.activity, "userId": instance.originator, "status": task.status,
            "createTime": flow.stamp(task.created), "processInstanceId": instance.id,
        }
        for instance, task in world.workflow.tasks()
        if instance.own and task.userid == call["userId"] and task.status == "RUNNING"
        and (since is None or flow.stamp(task.created) >= since)
    ]  # fmt: skip
    begin = (call["pageNumber"] - 1) * call["pageSize"]
    page = {"hasMore": begin + call["pageSize"] < len(found), "list": found[begin : begin + call["pageSize"]]}
    return {"requestId": world.ids.request(), "taskPage": page, "result": page}


def _at(ms: int) -> datetime:
    try:
        return datetime.fromtimestamp(ms / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


OPERATIONS = (
    Operation(
        "workflow.own_create_tasks", "POST", f"{BASE}/tasks", Family.NEW, "创建流程中心待处理任务", "A/0516",
        _create_tasks,
        given(
            _INSTANCE, Field("activityId", most=256),
            Field(
                "tasks", "objects", required=True, most=20, unit="items", missing="tasks.is.null",
                over="integrated.number.exceed",
                fields=(
                    Field("userId", required=True), Field("url", most=1024, over="task.url.error"),
                    Field("customData", most=500), Field("dueTimestamp", "int", bad="task.dueTime.error"),
                ),
            ),
            Field("featureConfig", "object", fields=features_field("CUSTOM_SHORTCUT")),
            code="internalError",
        ),
        _AFLOW,
        errors=(
            GONE, STATE, Error("integrated.number.exceed", "流程任务的数量到达上限"),
            Error("task.dueTime.error", "截止时间不能小于当前任务创建时间"), Error("internalError", "系统内部异常"),
        ),
        note="the number of tasks that is too many isn't documented: 1,000 here",
    ),
    Operation(
        "workflow.own_update_tasks", "PUT", f"{BASE}/tasks", Family.NEW, "更新流程中心任务状态", "A/0518",
        _update_tasks,
        given(
            Field("processInstanceId"),
            Field(
                "tasks", "objects", required=True, most=20, unit="items",
                fields=(
                    Field("taskId", "int", required=True),
                    Field("status", required=True, choices=("CANCELED", "COMPLETED")),
                    Field("result", choices=("AGREE", "REFUSE")),
                ),
            ),
            code="internalError",
        ),
        _AFLOW, errors=(STATE, FOREIGN), note=UNKNOWN_CODES,
    ),
    Operation(
        "workflow.own_cancel_tasks", "POST", f"{BASE}/tasks/cancel", Family.NEW, "批量取消流程中心待处理任务",
        "A/0519", _cancel_tasks,
        given(
            _INSTANCE, Field("activityId", required=True, most=512), Field("activityIds", "strings"),
            code="integrated.state.invalid",
        ),
        WRITE, errors=(STATE, FOREIGN), note=UNKNOWN_CODES,
    ),
    Operation(
        "workflow.own_todo_tasks", "GET", f"{BASE}/todoTasks", Family.NEW, "查询通过流程中心集成的OA审批任务",
        "A/0517", _todo,
        given(
            Field("userId", required=True, where="query"),
            Field("pageSize", "int", required=True, least=1, most=40, unit="value", where="query"),
            Field("pageNumber", "int", required=True, least=1, unit="value", where="query"),
            Field("createBefore", "int", where="query"),
            code="integrated.params.error",
        ),
        _AFLOW, errors=(_PARAMS,),
        note="the page answers in `taskPage`, the official client reads `result`: both are there",
    ),
)  # fmt: skip
