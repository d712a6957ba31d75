"""OA approvals and the process centre (A/0491 ff, A/0510 ff)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from tests.sandbox.clients.typed import Row, Typed

_COMPONENTS = [
    {"componentType": "TextField", "props": {"componentId": "TextField-1", "label": "事由", "required": True}},
    {
        "componentType": "TableField",
        "props": {"label": "明细"},
        "children": [{"componentType": "NumberField", "props": {"label": "数量"}}],
    },
]
_FORM = {"name": "用车", "description": "公务用车", "formComponents": _COMPONENTS}
_OWN_FORM = {"name": "自有请假", "formComponents": _COMPONENTS[:1]}
_VALUES = [{"name": "事由", "value": "家中有事"}]
_MADE = {"result": {"processCode": str}}
_TRUE = {"success": True, "result": True}


async def _code(it: Typed, call: str = "workflow.save_form", form: Mapping[str, Any] = _FORM) -> str:
    made = await it.call(call, **form)
    code: str = made.result.process_code
    return code


async def _own_code(it: Typed) -> str:
    return await _code(it, "workflow.own_save_form", _OWN_FORM)


async def _by_code(it: Typed) -> Mapping[str, Any]:
    return {"processCode": await _code(it)}


async def _forecast(it: Typed) -> Mapping[str, Any]:
    return {"processCode": await _code(it), "deptId": 200, "userId": "lin", "formComponentValues": _VALUES}


async def _start(it: Typed) -> Mapping[str, Any]:
    asked = {"originatorUserId": "lin", "deptId": 200, "formComponentValues": _VALUES}
    approvers = [{"actionType": "NONE", "userIds": ["wang"]}]
    return {"processCode": await _code(it), **asked, "approvers": approvers, "ccList": ["li"], "ccPosition": "FINISH"}


async def _started(it: Typed) -> str:
    made = await it.call("workflow.start", **await _start(it))
    instance: str = made.instance_id
    return instance


async def _instance(it: Typed) -> Mapping[str, Any]:
    return {"processInstanceId": await _started(it)}


async def _ids(it: Typed) -> Mapping[str, Any]:
    asked = await _start(it)
    await it.call("workflow.start", **asked)
    span = {"startTime": it.world.clock.ms() - 3_600_000, "endTime": it.world.clock.ms() + 1000}
    page = {"nextToken": 0, "maxResults": 20, "userIds": ["lin"], "statuses": ["RUNNING"]}
    return {"processCode": asked["processCode"], **span, **page}


async def _terminate(it: Typed) -> Mapping[str, Any]:
    instance = await _instance(it)
    it.world.clock.advance(timedelta(seconds=16))
    return {**instance, "isSystem": False, "operatingUserId": "lin", "remark": "不去了"}


async def _comment(it: Typed) -> Mapping[str, Any]:
    return {**await _instance(it), "commentUserId": "wang", "text": "请补充"}


async def _task(it: Typed) -> tuple[str, int]:
    instance = await _started(it)
    read = await it.call("workflow.instance", processInstanceId=instance)
    (task,) = [one for one in read.result.tasks if one.status == "RUNNING"]
    return instance, task.task_id


async def _execute(it: Typed) -> Mapping[str, Any]:
    instance, task = await _task(it)
    return {"processInstanceId": instance, "taskId": task, "actionerUserId": "wang", "result": "agree", "remark": "好"}


async def _redirect(it: Typed) -> Mapping[str, Any]:
    _, task = await _task(it)
    return {"taskId": task, "toUserId": "gao", "operateUserId": "wang", "remark": "请代批"}


async def _waiting(it: Typed) -> Mapping[str, Any]:
    await _started(it)
    return {"userId": "wang"}


async def _own_remove(it: Typed) -> Mapping[str, Any]:
    return {"processCode": await _own_code(it), "cleanRunningTask": True}


async def _own_named(it: Typed) -> Mapping[str, Any]:
    await _own_code(it)
    return {"name": "自有请假"}


async def _own_create(it: Typed) -> Mapping[str, Any]:
    shown = {"title": "林晓的请假", "url": "https://hr.example/1", "formComponentValueList": _VALUES}
    return {"processCode": await _own_code(it), "originatorUserId": "lin", **shown, "bizData": "{}"}


async def _own_instance(it: Typed) -> str:
    made = await it.call("workflow.own_create", **await _own_create(it))
    instance: str = made.result.process_instance_id
    return instance


async def _own_update(it: Typed) -> Mapping[str, Any]:
    return {"processInstanceId": await _own_instance(it), "status": "COMPLETED", "result": "agree"}


async def _own_update_many(it: Typed) -> Mapping[str, Any]:
    return {"updateProcessInstanceRequests": [await _own_update(it)]}


async def _own_tasks(it: Typed) -> Mapping[str, Any]:
    tasks = [{"userId": "wang", "url": "https://hr.example/1"}]
    return {"processInstanceId": await _own_instance(it), "activityId": "act_1", "tasks": tasks}


async def _own_tasks_made(it: Typed) -> tuple[str, int]:
    asked = await _own_tasks(it)
    made = await it.call("workflow.own_create_tasks", **asked)
    return asked["processInstanceId"], made.result[0].task_id


async def _own_done(it: Typed) -> Mapping[str, Any]:
    instance, task = await _own_tasks_made(it)
    return {"processInstanceId": instance, "tasks": [{"taskId": task, "status": "COMPLETED", "result": "AGREE"}]}


async def _own_cancel(it: Typed) -> Mapping[str, Any]:
    instance, _ = await _own_tasks_made(it)
    return {"processInstanceId": instance, "activityId": "act_1"}


async def _own_waiting(it: Typed) -> Mapping[str, Any]:
    await _own_tasks_made(it)
    return {"userId": "wang", "pageSize": 40, "pageNumber": 1}


_PROPS = frozenset(
    f"formComponents.{inside}props.{name}"
    for inside in ("", "children.")
    for name in ("defaultValue", "id", "mask", "notPrint", "payEnable")
)
_PAGE = {"userId": "lin", "maxResults": 1, "nextToken": 0}

ROWS = (
    Row(
        "workflow.save_form", _FORM, _MADE, beyond=frozenset({"formComponents.children.children"}), unsent=_PROPS,
        why="A/0474 lists the properties; the client sends an empty list where there can't be children",
    ),
    Row("workflow.schema", _by_code, {"result": {"name": "用车", "memo": "公务用车", "schemaContent": dict}}),
    Row("workflow.visible_forms", _PAGE, {"result": {"processList": [dict], "nextToken": int}}),
    Row("workflow.managed_forms", {"userId": "admin"}, {"result": list}),
    Row("workflow.forecast", _forecast, {"result": {"isForecastSuccess": bool, "workflowActivityRules": list}}),
    Row("workflow.start", _start, {"instanceId": str}),
    Row("workflow.instance", _instance, {"result": {"title": str, "status": "RUNNING", "originatorUserId": "lin"}}),
    Row("workflow.instance_ids", _ids, {"result": {"list": [str]}}),
    Row("workflow.terminate", _terminate, _TRUE),
    Row("workflow.comment", _comment, _TRUE),
    Row("workflow.execute", _execute, _TRUE),
    Row("workflow.redirect", _redirect, {"result": True}),
    Row("workflow.todo_numbers", _waiting, {"result": 1}),
    Row("workflow.own_save_form", _OWN_FORM, _MADE, unsent=_PROPS, why="A/0474 and A/0510 list the properties"),
    Row("workflow.own_remove_form", _own_remove, _MADE),
    Row("workflow.own_form_code", _own_named, _MADE),
    Row("workflow.own_create", _own_create, {"result": {"processInstanceId": str}}),
    Row("workflow.own_update", _own_update, {"success": True}),
    Row("workflow.own_update_many", _own_update_many, {"success": True}),
    Row("workflow.own_create_tasks", _own_tasks, {"result": [{"taskId": int, "userId": "wang"}]}),
    Row("workflow.own_update_tasks", _own_done, {"success": True}),
    Row("workflow.own_cancel_tasks", _own_cancel, {"success": True}),
    Row(
        "workflow.own_todo_tasks", _own_waiting, {"result": {"list": [dict]}, "taskPage": {"list": [dict]}},
        untyped=frozenset({"requestId", "taskPage", "result.list.createTime"}),
        why="the page answers in taskPage, with createTime as a number",
    ),
)  # fmt: skip
