"""One's own process centre (A/0510 to A/0515): the company's system runs the flow, DingTalk shows it."""

from collections.abc import Mapping
from typing import Any

from sandbox.call import Call
from sandbox.operation import Error, Family, Field, Operation
from sandbox.workflow import values
from sandbox.workflow.components import components_field
from sandbox.workflow.fields import FORM_READ, FORM_WRITE, NO_USER, WRITE, given, iso, person, told
from sandbox.workflow.forms import NAMED, SAVE_ERRORS, save
from sandbox.world import flow
from sandbox.world.workflow import Form, Instance

GONE = Error("process.inst.notExist", "审批单不存在或已删除")
STATE = Error("integrated.state.invalid", "流程实例不存在或已完结")
FOREIGN = Error("integrated.permission.error", "非流程中心集成审批流，无权操作")


def _own_form(call: Call, code: str, refusal: Error) -> Form:
    form = call.world.workflow.forms.get(code)
    if form is None or not form.own:
        raise call.fail(refusal.code, refusal.meaning)
    return form


def own(call: Call, instance_id: str, refusal: Error) -> Instance:
    """Give an instance of the process centre; an official one is nobody's business here."""
    found = call.world.workflow.instances.get(instance_id)
    if found is None:
        raise call.fail(refusal.code, refusal.meaning)
    if not found.own:
        foreign = next((one for one in call.operation.errors if one == FOREIGN), refusal)
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
    own(call, call["processInstanceId"], GONE)
    await _end(call, call.fields)
    return {"success": True}


async def _update_many(call: Call) -> Mapping[str, Any]:
    requests = call["updateProcessInstanceRequests"] or ()
    for one in requests:
        own(call, one["processInstanceId"], Error("internalError", "审批单不存在"))
    for one in requests:
        await _end(call, one)
    return {"success": True}


_CALLBACK = Field("callback", "object", fields=(Field("appUuid"), Field("apiKey"), Field("version")))


def features_field(*names: str) -> tuple[Field, ...]:
    """Give what `featureConfig` and `processFeatureConfig` hold."""
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
BASE = "/v1.0/workflow/processCentres"
UNKNOWN_CODES = "codes for wrong fields are assumed"

OPERATIONS = (
    Operation(
        "workflow.own_save_form", "POST", f"{BASE}/schemas", Family.NEW, "创建或更新审批模板", "A/0510", _save,
        (
            *NAMED, components_field(own=True),
            *given(
                Field(
                    "processFeatureConfig", "object",
                    fields=features_field("TASK_EXECUTE", "SYNC_BOXSTER", "CUSTOM_SHORTCUT", "AFFILIATION_DIR"),
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
        "workflow.own_remove_form", "DELETE", f"{BASE}/schemas", Family.NEW, "删除模板", "A/0512", _remove,
        (Field("processCode", required=True, where="query"), Field("cleanRunningTask", "bool", where="query")),
        FORM_WRITE, errors=(Error("processNotExist", "审批流不存在"),),
    ),
    Operation(
        "workflow.own_form_code", "GET", f"{BASE}/schemaNames/processCodes", Family.NEW, "获取模板code", "A/0511",
        _code, (Field("name", required=True, most=64, where="query"),), FORM_READ,
        errors=(Error("process.error", "模板不存在"),),
    ),
    Operation(
        "workflow.own_create", "POST", f"{BASE}/instances", Family.NEW, "创建实例", "A/0513", _create,
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
            Field("featureConfig", "object", fields=features_field("CUSTOM_SHORTCUT", "AFFILIATION_DIR")),
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
        "workflow.own_update", "PUT", f"{BASE}/instances", Family.NEW, "更新实例状态", "A/0514", _update,
        given(*_ENDS, code="internalError"), WRITE, errors=(GONE,), note=UNKNOWN_CODES,
    ),
    Operation(
        "workflow.own_update_many", "PUT", f"{BASE}/instances/batch", Family.NEW, "批量更新实例状态", "A/0515",
        _update_many,
        given(
            Field(
                "updateProcessInstanceRequests", "objects", most=50, unit="items", over="updateOverSize", fields=_ENDS
            ),
            code="internalError",
        ),
        WRITE, errors=(Error("internalError", "系统内部异常"),), note=UNKNOWN_CODES,
    ),
)  # fmt: skip
