"""Requests: start (A/0497), read (A/0498), list (A/0501), withdraw (A/0499), comment on (A/0500)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sandbox.call import Call
from sandbox.operation import Error, Family, Field, Operation
from sandbox.workflow import values
from sandbox.workflow.fields import FILE, INVALID, NO_USER, READ, VALUES, WRITE, given, iso, person, told
from sandbox.world import flow
from sandbox.world.directory import ROOT
from sandbox.world.workflow import Form, Instance, Method, Record, Step, Task

_TOO_SOON = timedelta(seconds=15)
_SPAN = timedelta(days=120)
_BACK = timedelta(days=365)
_MOST_IDS = 10_000
WRONG = Error("processInstanceInvalidParameter", "审批实例参数错误")
NO_INSTANCE = Error("aflowProcessInstNotExist", "审批实例不存在")
STATE = Error("aflowProcessInstStatusException", "审批单状态异常")


def official(call: Call, instance_id: str, refusal: Error = NO_INSTANCE) -> Instance:
    """Give an official instance."""
    found = call.world.workflow.instances.get(instance_id)
    if found is None or found.own:
        raise call.fail(refusal.code, refusal.meaning)
    return found


async def _start(call: Call) -> Mapping[str, Any]:
    world, originator = call.world, call["originatorUserId"]
    form = world.workflow.forms.get(call["processCode"])
    if form is None or form.own:
        raise call.fail("processCodeError", "获取审批模板失败或者模板已被删除")
    if form.suite:
        raise call.fail("processInstanceStartFailed", "假勤、人事等套件暂不支持通过本接口发起")
    if form.status != "PUBLISHED":
        raise call.fail("processGetFailed", "获取审批流失败或审批单状态为非启用状态")
    if call["microappAgentId"] not in {None, world.app.agent_id}:
        raise call.fail("invalidAgentId", "无效的微应用ID")
    if call["bizDetailPageUrl"]:
        raise call.fail("benefitStatusInvalid", "指定bizDetailPageUrl为OA高级版专享功能")
    person(call, originator, WRONG)
    if call["deptId"] is None and not call["approvers"]:
        raise call.fail("invalidParameter", "approvers未传值时deptId必填")
    dept_id = flow.department(world, originator, call["deptId"])
    if dept_id is None:
        raise call.fail(WRONG.code, "发起人不在发起部门中")
    steps = _given_steps(call) if call["approvers"] else _chosen_steps(call, form)
    instance = flow.new_instance(
        world, form, originator, dept_id, values.check(call, form, call["formComponentValues"])
    )
    if call["approvers"]:
        instance.approvers = [one for step in steps for one in step.people]
        instance.cc, instance.cc_at = list(call["ccList"] or ()), call["ccPosition"] or ""
    await flow.start(world, instance, steps)
    return {"instanceId": instance.id}


def _given_steps(call: Call) -> list[Step]:
    """Read `approvers`: AND and OR take several people, NONE one (A/1516)."""
    steps: list[Step] = []
    for one in call["approvers"]:
        userids: list[str] = one["userIds"]
        method: Method = one["actionType"] or "NONE"
        for userid in [*userids, *(call["ccList"] or ())]:
            person(call, userid, WRONG)
        if (len(userids) == 1) is not (method == "NONE"):
            raise call.fail(WRONG.code, "会签、或签需要多人，单人审批只能一人")
        steps.append(Step(f"{call.world.ids.hex(4)}_{call.world.ids.hex(4)}", "审批人", method, userids))
    return steps


def _chosen_steps(call: Call, form: Form) -> list[Step]:
    """Give the template's own flow, with those whom the originator had to choose."""
    chosen = {one["actionerKey"]: one["actionerUserIds"] or [] for one in call["targetSelectActioners"] or ()}
    steps: list[Step] = []
    for step in form.flow:
        people = step.people
        if step.select:
            people = chosen.get(step.actor_key, [])
            if not people:
                raise call.fail("targetSelectApproverMissing", "自选审批人缺失")
            allowed = step.people or list(call.world.directory.users)
            if not set(people) <= set(allowed):
                raise call.fail("targetSelectApproverScopeError", "自选审批人不在规定范围内")
        steps.append(Step(step.id, step.name, step.method, list(people)))
    return steps


async def _read(call: Call) -> Mapping[str, Any]:
    world = call.world
    one = world.workflow.instances.get(call["processInstanceId"])
    if one is None:
        raise call.fail("processInstanceNotExist", "审批实例不存在")
    department = world.directory.departments.get(one.dept_id)
    result = {
        "title": one.title, "originatorUserId": one.originator,
        "originatorDeptId": "-1" if one.dept_id == ROOT else str(one.dept_id),
        "originatorDeptName": department.name if department else "", "status": one.status,
        "approverUserIds": one.approvers, "ccUserIds": one.cc, "businessId": one.business_id,
        "operationRecords": [_record(each) for each in one.records],
        "tasks": [_task(one, each, flow.link(world, one)) for each in one.tasks if each.status != "NEW"],
        "bizAction": one.biz_action, "attachedProcessInstanceIds": one.attached,
        "formComponentValues": [told(**each) for each in one.values], "createTime": iso(one.created),
    }  # fmt: skip
    more = told(finishTime=iso(one.finished), result=one.result, bizData=one.biz_data, mainProcessInstanceId=one.main)
    return {"result": {**result, **more}, "success": "true"}


def _record(one: Record) -> dict[str, Any]:
    return {"userId": one.userid, "date": iso(one.at), "type": one.type, "result": one.result} | told(
        remark=one.remark, activityId=one.activity, showName=one.name, images=one.images, attachments=one.attachments,
        ccUserIds=one.cc,
    )  # fmt: skip


def _task(instance: Instance, one: Task, link: str) -> dict[str, Any]:
    shown = {
        "taskId": one.id, "userId": one.userid, "status": one.status, "createTime": iso(one.created),
        "mobileUrl": one.url or link, "pcUrl": one.url or link, "processInstanceId": instance.id,
        "activityId": one.activity, "taskGroupName": one.name,
    }  # fmt: skip
    return shown | told(result=one.result, finishTime=iso(one.finished))


async def _list(call: Call) -> Mapping[str, Any]:
    now = flow.stamp(call.world.clock.now())
    begin, end = call["startTime"], call["endTime"] or now
    if end < begin or end - begin > _SPAN.total_seconds() * 1000:
        raise call.fail("invalidEndTime", "审批实例结束时间不能小于开始时间；且查询时间范围不能超过120天。")
    if now - begin > _BACK.total_seconds() * 1000:
        raise call.fail("invalidInstanceListIdsStartTime", "startTime距当前时间不能超过365天")
    found = [
        one.id
        for one in call.world.workflow.instances.values()
        if one.code == call["processCode"]
        and begin <= flow.stamp(one.created) <= end
        and one.originator in (call["userIds"] or [one.originator])
        and one.status in (call["statuses"] or [one.status])
    ]
    start, size = call["nextToken"], call["maxResults"]
    if start >= _MOST_IDS:
        raise call.fail("invalidNextToken", "批量获取的实例ID个数最多不能超过10000个")
    more = start + size < len(found)
    result = {"list": found[start : start + size], **({"nextToken": str(start + size)} if more else {})}
    return {"result": result, "success": True}


async def _terminate(call: Call) -> Mapping[str, Any]:
    world, userid = call.world, call["operatingUserId"]
    if not call["isSystem"] and not userid:
        raise call.fail("invalidInstanceTerminateOperatingUserId", "当isSystem为false时，操作人的userId不能为空")
    instance = official(call, call["processInstanceId"])
    if userid:
        person(call, userid)
    form = world.workflow.forms.get(instance.code)
    if not call["isSystem"] and (userid != instance.originator or form is None or not form.withdrawable):
        raise call.fail("internalError", "您没有任务处理的权限")
    if instance.status != "RUNNING":
        raise call.fail(STATE.code, "审批单已结束")
    if world.clock.now() - instance.created < _TOO_SOON:
        raise call.fail(STATE.code, "提交审批单后15秒内不能进行撤回")
    await flow.terminate(world, instance, userid or instance.originator, call["remark"] or "")
    return {"result": True, "success": True}


async def _comment(call: Call) -> Mapping[str, Any]:
    instance = official(call, call["processInstanceId"])
    person(call, call["commentUserId"])
    done = flow.record(instance, call["commentUserId"], "ADD_REMARK", call.world.clock.now(), remark=call["text"])
    attach(done, call["file"])
    return {"result": True, "success": True}


def attach(done: Record, file: Mapping[str, Any] | None) -> None:
    """Put pictures and files to what was done."""
    if file:
        done.images = list(file["photos"] or ())
        done.attachments = [told(**one) for one in file["attachments"] or ()]


INSTANCE = Field("processInstanceId", required=True, missing="invalidInstanceId")
_PEOPLE = (
    Field(
        "approvers", "objects", most=20, unit="items",
        fields=(
            Field("actionType", choices=("AND", "OR", "NONE")),
            Field("userIds", "strings", required=True, most=20, unit="items"),
        ),
    ),
    Field("ccList", "strings", most=50, unit="items"),
    Field("ccPosition", choices=("START", "FINISH", "START_FINISH")),
    Field(
        "targetSelectActioners", "objects", most=20, unit="items",
        fields=(Field("actionerKey"), Field("actionerUserIds", "strings")),
    ),
)  # fmt: skip

OPERATIONS = (
    Operation(
        "workflow.start", "POST", "/v1.0/workflow/processInstances", Family.NEW, "发起审批实例", "A/0497", _start,
        given(
            Field("originatorUserId", required=True), Field("processCode", required=True), Field("deptId", "int"),
            Field("microappAgentId", "int"), Field("bizDetailPageUrl", most=1024), *_PEOPLE, VALUES,
        ),
        WRITE,
        errors=(
            INVALID, WRONG, Error("processCodeError", "获取审批模板失败或者模板已被删除"),
            Error("processInstanceStartFailed", "创建审批实例失败"),
            Error("processGetFailed", "审批单状态为非启用状态"),
            Error("invalidAgentId", "无效的微应用ID"), Error("benefitStatusInvalid", "权益校验失败"),
            Error("targetSelectApproverMissing", "自选审批人缺失"),
            Error("targetSelectApproverScopeError", "自选审批人不在规定范围内"),
            Error("formConverterError", "表单数据校验失败"),
        ),
        note="the code for a native suite is assumed; values that the page only warns about are refused already",
    ),
    Operation(
        "workflow.instance", "GET", "/v1.0/workflow/processInstances", Family.NEW, "获取单个审批实例详情", "A/0498",
        _read, (Field("processInstanceId", required=True, where="query", missing="processInstanceIdError"),), READ,
        errors=(Error("processInstanceNotExist", "审批实例不存在"),),
        note="times are written in UTC, as their Z says",
    ),
    Operation(
        "workflow.instance_ids", "POST", "/v1.0/workflow/processes/instanceIds/query", Family.NEW,
        "获取审批实例ID列表", "A/0501", _list,
        (
            Field("processCode", required=True, missing="invalidProcessCode", bad="invalidProcessCode"),
            Field(
                "startTime", "int", required=True, missing="invalidInstanceListIdsStartTime",
                bad="invalidInstanceListIdsStartTime",
            ),
            Field("endTime", "int", bad="invalidEndTime"),
            Field(
                "nextToken", "int", required=True, least=0, unit="value", missing="invalidNextToken",
                bad="invalidNextToken",
            ),
            Field(
                "maxResults", "int", required=True, least=1, most=20, unit="value", missing="invalidMaxResults",
                bad="invalidMaxResults",
            ),
            Field("userIds", "strings", most=10, unit="items", bad="invalidUserIds"),
            Field("statuses", "strings", choices=("RUNNING", "TERMINATED", "COMPLETED")),
        ),
        READ,
        errors=(
            Error("invalidEndTime", "查询时间范围不能超过120天"), Error("invalidNextToken", "分页查询的游标非法"),
            Error("invalidInstanceListIdsStartTime", "审批实例开始时间非法"),
        ),
        note="the codes for 365 days and for 10,000 ids are assumed, and so is the order, oldest first",
    ),
    Operation(
        "workflow.terminate", "POST", "/v1.0/workflow/processInstances/terminate", Family.NEW, "撤销审批实例", "A/0499",
        _terminate,
        given(
            INSTANCE, Field("isSystem", "bool", required=True, missing="invalidInstanceTerminateIsSystem"),
            Field("remark", most=1024), Field("operatingUserId"),
        ),
        WRITE, errors=(
            NO_USER, NO_INSTANCE, STATE, Error("internalError", "您没有任务处理的权限"),
            Error("invalidInstanceTerminateOperatingUserId", "操作人的userId不能为空"),
        ),
        note="the page's table calls isSystem optional, its list of errors mandatory: mandatory here",
    ),
    Operation(
        "workflow.comment", "POST", "/v1.0/workflow/processInstances/comments", Family.NEW, "添加审批评论", "A/0500",
        _comment,
        given(
            INSTANCE, Field("text", required=True, most=1024, missing="invalidInstanceCommentText"),
            Field("commentUserId", required=True, missing="invalidInstanceCommentUserId"), FILE,
        ),
        WRITE, errors=(NO_USER, NO_INSTANCE),
    ),
)  # fmt: skip
