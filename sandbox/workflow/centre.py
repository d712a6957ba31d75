"""One's own process centre (A/0510 to A/0519): the company's system runs the flow, DingTalk shows it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.call import Call
from sandbox.operation import Error, Family, Field, Operation
from sandbox.workflow import values
from sandbox.workflow.components import components_field
from sandbox.workflow.fields import FORM_READ, FORM_WRITE, NO_USER, WRITE, given, iso, person, told
from sandbox.workflow.forms import NAMED, SAVE_ERRORS, save
from sandbox.world import flow
from sandbox.world.workflow import Form, Instance, Task

_AFLOW = "qyapi_aflow"
_MOST_TASKS = 1000
_YEAR = timedelta(days=365)
_GONE = Error("process.inst.notExist", "审批单不存在或已删除")
_STATE = Error("integrated.state.invalid", "流程实例不存在或已完结")
_FOREIGN = Error("integrated.permission.error", "非流程中心集成审批流，无权操作")
_PARAMS = Error("integrated.params.error", "参数非法")


def _own_form(call: Call, code: str, refusal: Error) -> Form:
    form = call.world.workflow.forms.get(code)
    if form is None or not form.own:
        raise call.fail(refusal.code, refusal.meaning)
    return form


def _own(call: Call, instance_id: str, refusal: Error) -> Instance:
    found = call.world.workflow.instances.get(instance_id)
    if found is None:
        raise call.fail(refusal.code, refusal.meaning)
    if not found.own:
        foreign = next((one for one in call.operation.errors if one == _FOREIGN), refusal)
        raise call.fail(foreign.code, foreign.meaning)
    return found


async def _save(call: Call) -> Mapping[str, Any]:
    form = save(call, own=True, too_many="processes.error")
    features = (call["processFeatureConfig"] or {}).get("features") or ()
    for one in features:
        if one["runType"] == "ORIGIN" and not one["callback"]:
            raise call.fail("parameter.error", "流程中心配置参数错误：callback")
    form.features = [told(**one) for one in features] or form.features
    return {"result": {"processCode": form.code}}


async def _remove(call: Call) -> Mapping[str, Any]:
    form = _own_form(call, call["processCode"], Error("processNotExist", "审批流不存在"))
    del call.world.workflow.forms[form.code]
    for instance, task in call.world.workflow.tasks():
        if call["cleanRunningTask"] and instance.code == form.code and task.status == "RUNNING":
            task.status, task.finished = "CANCELED", call.world.clock.now()
    return {"result": {"processCode": form.code}}


async def _code(call: Call) -> Mapping[str, Any]:
    forms = call.world.workflow.forms.values()
    form = next((one for one in forms if one.own and one.name == call["name"]), None)
    if form is None:
        raise call.fail("process.error", "模板不存在")
    return {"result": {"processCode": form.code, "gmtModified": iso(form.modified)}}


async def _create(call: Call) -> Mapping[str, Any]:
    world = call.world
    form = _own_form(call, call["processCode"], Error("process.error", "审批流不存在"))
    originator = person(call, call["originatorUserId"]).userid
    kept = values.check(call, form, call["formComponentValueList"] or ())
    for one in kept:
        if one["componentType"] in {"InnerContactField", "RelateField"} and not one["extValue"]:
            raise call.fail("required.error", f"{one['name']} needs an extValue")
    instance = flow.new_instance(
        world, form, originator, flow.department(world, originator, None) or 1, kept, title=call["title"] or ""
    )
    instance.url, instance.biz_data = call["url"], call["bizData"] or ""
    instance.cc = [one["userid"] for one in call["notifiers"] or () if one["userid"]]
    return {"result": {"processInstanceId": instance.id}}


async def _end(call: Call, one: Mapping[str, Any]) -> None:
    """End an instance; what is still to do stays as it is, as the page's table shows."""
    instance = call.world.workflow.instances[one["processInstanceId"]]
    await flow.finish(call.world, instance, one["status"], one["result"] if one["status"] == "COMPLETED" else "")
    instance.cc += [each["userId"] for each in one["notifiers"] or ()]


async def _update(call: Call) -> Mapping[str, Any]:
    _own(call, call["processInstanceId"], _GONE)
    await _end(call, call.fields)
    return {"success": True}


async def _update_many(call: Call) -> Mapping[str, Any]:
    requests = call["updateProcessInstanceRequests"] or ()
    for one in requests:
        _own(call, one["processInstanceId"], Error("internalError", "审批单不存在"))
    for one in requests:
        await _end(call, one)
    return {"success": True}


async def _create_tasks(call: Call) -> Mapping[str, Any]:
    world, now = call.world, flow.stamp(call.world.clock.now())
    instance = _own(call, call["processInstanceId"], _GONE)
    if instance.status != "RUNNING":
        raise call.fail(_STATE.code, "流程实例已完结，不能继续创建任务")
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
            raise call.fail(_STATE.code, _STATE.meaning)
        if not pair[0].own:
            raise call.fail(_FOREIGN.code, _FOREIGN.meaning)
        if one["status"] == "COMPLETED" and not one["result"]:
            raise call.fail(_STATE.code, "status为COMPLETED时，必须指定任务结果")
        found.append((pair[1], one))
    for task, one in found:
        task.status, task.result, task.finished = one["status"], one["result"] or "", call.world.clock.now()
    return {"success": True}


async def _cancel_tasks(call: Call) -> Mapping[str, Any]:
    instance = _own(call, call["processInstanceId"], _STATE)
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


_CALLBACK = Field("callback", "object", fields=(Field("appUuid"), Field("apiKey"), Field("version")))


def _features(*names: str) -> tuple[Field, ...]:
    return (
        Field(
            "features", "objects",
            fields=(
                Field("name", choices=names), Field("pcUrl", most=1024), Field("mobileUrl", most=1024),
                Field("runType", choices=("ORIGIN", "REDIRECT", "DEFAULT", "OUTBIZ_CUSTOM")), _CALLBACK,
                Field("config", most=1024),
            ),
        ),
    )  # fmt: skip


_ENDS = (
    Field("processInstanceId", required=True),
    Field("status", required=True, choices=("COMPLETED", "TERMINATED")),
    Field("result", required=True, choices=("agree", "refuse")),
    Field(
        "notifiers", "objects", most=30, unit="items", over="noticerOverLimit", fields=(Field("userId", required=True),)
    ),
)
_INSTANCE = Field("processInstanceId", required=True)
_BASE = "/v1.0/workflow/processCentres"
_UNKNOWN_CODES = "codes for wrong fields are assumed"

OPERATIONS = (
    Operation(
        "workflow.own_save_form", "POST", f"{_BASE}/schemas", Family.NEW, "创建或更新审批模板", "A/0510", _save,
        (
            *NAMED, components_field(own=True),
            *given(
                Field(
                    "processFeatureConfig", "object",
                    fields=_features("TASK_EXECUTE", "SYNC_BOXSTER", "CUSTOM_SHORTCUT", "AFFILIATION_DIR"),
                ),
                Field(
                    "templateConfig", "object",
                    fields=(
                        Field("hidden", "bool"), Field("createInstanceMobileUrl", most=1024),
                        Field("createInstancePcUrl", most=1024), Field("templateEditUrl", most=1024),
                        Field("disableSendCard", "bool"),
                    ),
                ),
                code="parameter.error",
            ),
        ),
        FORM_WRITE,
        errors=(
            *SAVE_ERRORS, Error("processes.error", "审批流已超过最大数量"),
            Error("parameter.error", "流程中心配置参数错误"),
        ),
        note="in-page buttons (ORIGIN) are never called back",
    ),
    Operation(
        "workflow.own_remove_form", "DELETE", f"{_BASE}/schemas", Family.NEW, "删除模板", "A/0512", _remove,
        (Field("processCode", required=True, where="query"), Field("cleanRunningTask", "bool", where="query")),
        FORM_WRITE, errors=(Error("processNotExist", "审批流不存在"),),
    ),
    Operation(
        "workflow.own_form_code", "GET", f"{_BASE}/schemaNames/processCodes", Family.NEW, "获取模板code", "A/0511",
        _code, (Field("name", required=True, most=64, where="query"),), FORM_READ,
        errors=(Error("process.error", "模板不存在"),),
    ),
    Operation(
        "workflow.own_create", "POST", f"{_BASE}/instances", Family.NEW, "创建实例", "A/0513", _create,
        given(
            Field("processCode", required=True, missing="required.error"),
            Field("originatorUserId", required=True, missing="required.error"),
            Field(
                "formComponentValueList", "objects", most=100, unit="items",
                fields=(
                    Field("name", most=64), Field("value", most=65535), Field("extValue", most=8192),
                    Field("id", most=64), Field("bizAlias", most=64), Field("componentType", most=64),
                ),
            ),
            Field("title", most=64), Field("url", required=True, most=1024, missing="required.error"),
            Field(
                "notifiers", "objects", most=20, unit="items",
                fields=(Field("userid"), Field("position", choices=("start", "finish", "start_finish"))),
            ),
            Field("featureConfig", "object", fields=_features("CUSTOM_SHORTCUT", "AFFILIATION_DIR")),
            Field("bizData", most=1024, shape="json"),
            code="parameter.invalid",
        ),
        WRITE,
        errors=(
            NO_USER, Error("process.error", "审批流不存在"), Error("required.error", "必填项校验错误"),
            Error("formConverterError", "表单数据反向转换出错"),
        ),
        note="no events: the pages name none for the process centre",
    ),
    Operation(
        "workflow.own_update", "PUT", f"{_BASE}/instances", Family.NEW, "更新实例状态", "A/0514", _update,
        given(*_ENDS, code="internalError"), WRITE, errors=(_GONE,), note=_UNKNOWN_CODES,
    ),
    Operation(
        "workflow.own_update_many", "PUT", f"{_BASE}/instances/batch", Family.NEW, "批量更新实例状态", "A/0515",
        _update_many,
        given(
            Field(
                "updateProcessInstanceRequests", "objects", most=50, unit="items", over="updateOverSize", fields=_ENDS
            ),
            code="internalError",
        ),
        WRITE, errors=(Error("internalError", "系统内部异常"),), note=_UNKNOWN_CODES,
    ),
    Operation(
        "workflow.own_create_tasks", "POST", f"{_BASE}/tasks", Family.NEW, "创建流程中心待处理任务", "A/0516",
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
            Field("featureConfig", "object", fields=_features("CUSTOM_SHORTCUT")),
            code="internalError",
        ),
        _AFLOW,
        errors=(
            _GONE, _STATE, Error("integrated.number.exceed", "流程任务的数量到达上限"),
            Error("task.dueTime.error", "截止时间不能小于当前任务创建时间"), Error("internalError", "系统内部异常"),
        ),
        note="the number of tasks that is too many isn't documented: 1,000 here",
    ),
    Operation(
        "workflow.own_update_tasks", "PUT", f"{_BASE}/tasks", Family.NEW, "更新流程中心任务状态", "A/0518",
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
        _AFLOW, errors=(_STATE, _FOREIGN), note=_UNKNOWN_CODES,
    ),
    Operation(
        "workflow.own_cancel_tasks", "POST", f"{_BASE}/tasks/cancel", Family.NEW, "批量取消流程中心待处理任务",
        "A/0519", _cancel_tasks,
        given(
            _INSTANCE, Field("activityId", required=True, most=512), Field("activityIds", "strings"),
            code="integrated.state.invalid",
        ),
        WRITE, errors=(_STATE, _FOREIGN), note=_UNKNOWN_CODES,
    ),
    Operation(
        "workflow.own_todo_tasks", "GET", f"{_BASE}/todoTasks", Family.NEW, "查询通过流程中心集成的OA审批任务",
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
