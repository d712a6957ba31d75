"""The flow a request would take (A/0493): shows the route, and where the originator has to choose who decides."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sandbox.call import Call
from sandbox.operation import Error, Family, Field, Operation
from sandbox.workflow import values
from sandbox.workflow.fields import INVALID, NO_USER, VALUES, WRITE, given, person
from sandbox.world import World
from sandbox.world.flow import department, people
from sandbox.world.workflow import Step


def _rule(world: World, step: Step, before: str, userid: str) -> dict[str, Any]:
    users = world.directory.users
    range_of = [{"workNo": one, "userName": users[one].name} for one in step.people if one in users]
    actor = {
        "actorKey": step.actor_key, "actorType": "approver",
        "actorSelectionType": "approvals" if range_of else "allStaff",
        "actorSelectionRange": {"approvals": range_of if step.select else [], "labels": []},
        "allowedMulti": step.method != "NONE", "approvalType": "MANUAL",
        "approvalMethod": "OR" if step.method == "NONE" else step.method,
        "actorActivateType": "ONE_BY_ONE" if step.method == "ONE_BY_ONE" else "ALL", "required": step.select,
    }  # fmt: skip
    decide = [] if step.select else people(world, step, userid)
    return {
        "activityId": step.id, "prevActivityId": before, "activityName": step.name,
        "activityType": "target_select" if step.select else "target_approval", "isTargetSelect": step.select,
        "workflowActor": actor, "activityActioners": [{"userId": one, "name": users[one].name} for one in decide],
    }  # fmt: skip


async def _forecast(call: Call) -> Mapping[str, Any]:
    world, userid = call.world, call["userId"]
    form = world.workflow.forms.get(call["processCode"])
    if form is None or form.own:
        raise call.fail("processCodeError", "获取审批模板失败或模板已删除")
    person(call, userid)
    if department(world, userid, call["deptId"]) is None:
        raise call.fail("invalidParameter", "发起人不在发起部门中")
    if not form.suite:
        values.check(call, form, call["formComponentValues"], "forecastError")
    before = ["sid-startevent", *(one.id for one in form.flow)]
    result = {
        "isForecastSuccess": True, "processCode": form.code, "userId": userid, "processId": world.ids.number(11),
        "isStaticWorkflow": True,
        "workflowActivityRules": [
            _rule(world, step, earlier, userid) for step, earlier in zip(form.flow, before, strict=False)
        ],
        "workflowForecastNodes": [{"activityId": one, "outId": f"line-{one}"} for one in before],
    }  # fmt: skip
    return {"result": result}


OPERATIONS = (
    Operation(
        "workflow.forecast", "POST", "/v1.0/workflow/processes/forecast", Family.NEW, "获取审批单流程中的节点信息",
        "A/0493", _forecast,
        given(
            Field("processCode", required=True), Field("deptId", "int", required=True),
            Field("userId", required=True, missing="invalidUserId"), replace(VALUES, missing="componentIsNull"),
        ),
        WRITE,
        errors=(
            INVALID, NO_USER, Error("processCodeError", "获取审批模板失败或模板已删除"),
            Error("forecastError", "流程预测失败"),
        ),
        note="the code for a wrong value is assumed",
    ),
)  # fmt: skip
