"""Templates of official approvals: make or change one (A/0491), read it (A/0492), list them (A/0494, A/0495)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sandbox.call import Call
from sandbox.operation import Error, Family, Field, Operation
from sandbox.workflow.components import components, components_field, schema
from sandbox.workflow.fields import FORM_READ, FORM_WRITE, INVALID, NO_USER, given, iso, person, told
from sandbox.world.flow import stamp
from sandbox.world.workflow import Form, Step

MOST_FORMS = 200
_ICON = "https://gw.alicdn.com/tfs/TB1common-102-102.png"


def save(call: Call, *, own: bool, too_many: str) -> Form:
    """Make a template or change the one named; names are unique, and so many templates are the most."""
    workflow, now = call.world.workflow, call.world.clock.now()
    code, name = call["processCode"], call["name"]
    mine = [one for one in workflow.forms.values() if one.own is own]
    known = next((one for one in mine if one.code == code and not one.suite), None)
    if code and known is None:
        raise call.fail("processcode.error", "processCode对应的审批流程不存在")
    if any(one.name == name and one is not known for one in workflow.forms.values()):
        raise call.fail("formName.error", "已有相同名称表单")
    if known is None and sum(1 for one in mine if not one.suite) >= MOST_FORMS:
        raise call.fail(too_many, "审批流已超过最大数量")
    read = components(call, call["formComponents"])
    ids = call.world.ids
    form = known or Form(
        f"PROC-{ids.request()}", f"FORM-{ids.request()}", name, read, now, now, own=own,
        flow=[] if own else [Step(f"{ids.hex(4)}_{ids.hex(4)}")],
    )  # fmt: skip
    form.name, form.components, form.modified = name, read, now
    form.description = call["description"] or form.description
    form.config = call["templateConfig"] or form.config
    workflow.forms[form.code] = form
    return form


async def _save(call: Call) -> Mapping[str, Any]:
    return {"result": {"processCode": save(call, own=False, too_many="internalError").code}}


async def _schema(call: Call) -> Mapping[str, Any]:
    form = call.world.workflow.forms.get(call["processCode"])
    if form is None:
        raise call.fail("formNotExist", "审批表单模板不存在")
    content = {"title": form.name, "icon": "common", "items": [schema(one) for one in form.components]}
    shown = told(
        appUuid=call.world.app.corp_id, formCode=form.code, formUuid=form.uuid, name=form.name, memo=form.description,
        bizType=form.suite,
    )  # fmt: skip
    return {
        "result": {
            **shown, "ownerIdType": "orgId", "schemaContent": content, "icon": "common", "appType": 0, "engineType": 0,
            "status": form.status, "listOrder": 1, "procType": "inner", "visibleRange": "PUBLIC",
            "gmtCreate": str(stamp(form.created)), "gmtModified": str(stamp(form.modified)),
        }
    }  # fmt: skip


def _official(call: Call) -> list[Form]:
    return [one for one in call.world.workflow.forms.values() if not one.own and one.status == "PUBLISHED"]


async def _visible(call: Call) -> Mapping[str, Any]:
    if call["userId"]:
        person(call, call["userId"], Error("aflowProcessGetFailed", "获取用户可见的审批模板失败"))
    found = [one for one in _official(call) if not one.config.get("hidden")]
    start, size = call["nextToken"], call["maxResults"]
    page = f"https://aflow.dingtalk.com/dingtalk/mobile/homepage.htm?corpid={call.world.app.corp_id}"
    shown = [
        {"name": one.name, "url": f"{page}#/custom?processCode={one.code}", "iconUrl": _ICON, "processCode": one.code}
        | told(dirId=one.config.get("dirId"))
        for one in found[start : start + size]
    ]
    more = start + size < len(found)
    return {"result": {"processList": shown, **({"nextToken": start + size} if more else {})}}


async def _managed(call: Call) -> Mapping[str, Any]:
    if not person(call, call["userId"]).admin:
        raise call.fail("noPermission", "无访问权限")
    result = [
        {
            "iconName": "common", "flowTitle": one.name, "processCode": one.code, "newProcess": True,
            "gmtModified": iso(one.modified), "attendanceType": one.attendance, "iconUrl": _ICON,
        }
        for one in _official(call)
    ]  # fmt: skip
    return {"result": result, "success": True}


NAMED = given(
    Field("processCode"), Field("name", required=True, most=200), Field("description", most=300),
    code="formschema.error",
)  # fmt: skip
_CONFIG = Field(
    "templateConfig", "object",
    fields=(
        *(
            Field(name, "bool")
            for name in (
                "disableStopProcessButton", "hidden", "disableDeleteProcess", "disableFormEdit", "disableResubmit",
                "disableHomepage",
            )
        ),
        Field("dirId"), Field("originDirId"),
    ),
)  # fmt: skip
SAVE_ERRORS = (
    Error("formschema.error", "表单schema不合法"),
    Error("processcode.error", "processCode对应的审批流程不存在"),
    Error("formName.error", "已有相同名称表单"),
)
_USER = Field("userId", required=True, where="query", missing="invalidUserId")

OPERATIONS = (
    Operation(
        "workflow.save_form", "POST", "/v1.0/workflow/forms", Family.NEW, "创建或更新审批表单模板", "A/0491", _save,
        (*NAMED, components_field(own=False), *given(_CONFIG, code="formschema.error")), FORM_WRITE,
        note="codes for a wrong field and for the 201st template are assumed; its default flow asks the manager",
        errors=(*SAVE_ERRORS, Error("internalError", "系统内部异常")),
    ),
    Operation(
        "workflow.schema", "GET", "/v1.0/workflow/forms/schemas/processCodes", Family.NEW, "获取表单 schema", "A/0492",
        _schema, given(Field("processCode", required=True, where="query"), Field("appUuid", where="query")), FORM_READ,
        errors=(INVALID, Error("formNotExist", "审批表单模板不存在")),
    ),
    Operation(
        "workflow.visible_forms", "GET", "/v1.0/workflow/processes/userVisibilities/templates", Family.NEW,
        "获取指定用户可见的审批表单列表", "A/0494", _visible,
        (
            replace(_USER, required=False),
            Field(
                "maxResults", "int", required=True, least=1, most=100, unit="value", where="query",
                missing="invalidMaxResults", bad="invalidMaxResults",
            ),
            Field(
                "nextToken", "int", required=True, least=0, unit="value", where="query", missing="invalidNextToken",
                bad="invalidNextToken",
            ),
        ),
        FORM_READ, errors=(Error("aflowProcessGetFailed", "获取用户可见的审批模板失败"),),
        note="everybody sees every template; a stranger's code is assumed",
    ),
    Operation(
        "workflow.managed_forms", "GET", "/v1.0/workflow/processes/managements/templates", Family.NEW,
        "获取当前企业所有可管理的表单", "A/0495", _managed, (_USER,), FORM_READ,
        errors=(NO_USER, Error("noPermission", "无访问权限")), note="who may manage approvals: the administrators",
    ),
)  # fmt: skip
