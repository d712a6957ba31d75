"""How an approval runs: who gets a task when, and the events that tell of it (E/0038, E/0039)."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from sandbox.world.directory import ROOT
from sandbox.world.subscribed import leave_moved
from sandbox.world.workflow import BizAction, Form, Instance, Record, Status, Step, Task

if TYPE_CHECKING:
    from sandbox.world.world import World

Verdict = Literal["agree", "refuse"]


def manager(world: "World", userid: str) -> str:
    """Give who decides where a flow names nobody: the line manager, else the next head above; empty at the top."""
    directory = world.directory
    user = directory.users[userid]
    if user.manager in directory.users:
        return user.manager
    for dept_id in (one for dept in user.dept_ids for one in directory.path(dept)):
        for head in directory.departments[dept_id].managers:
            if head != userid:
                return head
    return ""


def people(world: "World", step: Step, originator: str) -> list[str]:
    """Give who decides a step."""
    found = step.people or [manager(world, originator)]
    return [one for one in found if one in world.directory.users]


def new_instance(
    world: "World", form: Form, originator: str, dept_id: int, values: list[dict[str, Any]], *,
    title: str = "", main: str = "", action: BizAction = "NONE",
) -> Instance:  # fmt: skip
    """Make an instance and keep it; a change or a revocation hangs on the one it is about."""
    now, ids = world.clock.now(), world.ids
    instance = Instance(
        ids.uuid(), form.code, f"{now:%Y%m%d%H%M}{ids.number(9)}",
        title or f"{world.directory.users[originator].name}提交的{form.name}", originator, dept_id, now, values,
        main=main, biz_action=action, own=form.own,
    )  # fmt: skip
    world.workflow.instances[instance.id] = instance
    if main:
        world.workflow.instances[main].attached.append(instance.id)
    record(instance, originator, "START_PROCESS_INSTANCE", now)
    return instance


async def start(world: "World", instance: Instance, steps: Sequence[Step]) -> None:
    """Let an instance run through its steps."""
    instance.steps = list(steps)
    await _tell_instance(world, instance, "start")
    if instance.cc and instance.cc_at in {"", "START", "START_FINISH"}:
        record(instance, instance.originator, "PROCESS_CC", world.clock.now(), cc=list(instance.cc))
    await _open(world, instance)


async def decide(world: "World", instance: Instance, task: Task, verdict: Verdict, remark: str = "") -> Record:
    """Agree or refuse: a refusal ends the instance, an or-signer's word cancels the others' tasks."""
    now = world.clock.now()
    done = record(
        instance, task.userid, "EXECUTE_TASK_NORMAL", now, result=verdict.upper(), remark=remark,
        activity=task.activity, name=task.name,
    )  # fmt: skip
    task.result = "AGREE" if verdict == "agree" else "REFUSE"
    await _close(world, instance, task, "finish", {"result": verdict, **({"remark": remark} if remark else {})})
    step = instance.steps[instance.at]
    others = [one for one in instance.tasks if one.activity == step.id and one.status in {"RUNNING", "NEW"}]
    if verdict == "refuse" or step.method == "OR":
        for other in others:
            other.status = "CANCELED"
            await _close(world, instance, other, "cancel", {})
        others = []
    if verdict == "refuse":
        await finish(world, instance, "COMPLETED", "refuse")
    elif waiting := next((one for one in others if one.status == "NEW"), None):
        await _begin(world, instance, waiting)
    elif not others:
        instance.at += 1
        await _open(world, instance)
    return done


async def redirect(world: "World", instance: Instance, task: Task, to: str, remark: str = "") -> Record:
    """Pass a task on: it ends as redirected, and the new assignee gets one of their own."""
    now = world.clock.now()
    done = record(instance, task.userid, "REDIRECT_TASK", now, remark=remark, activity=task.activity, name=task.name)
    task.result = "REDIRECTED"
    await _close(world, instance, task, "finish", {"result": "redirect", **({"remark": remark} if remark else {})})
    await _begin(world, instance, _task(world, instance, to, task.activity, task.name))
    return done


async def terminate(world: "World", instance: Instance, userid: str, remark: str = "") -> None:
    """Withdraw an instance."""
    now = world.clock.now()
    record(instance, userid, "TERMINATE_PROCESS_INSTANCE", now, remark=remark)
    for task in instance.tasks:
        if task.status in {"RUNNING", "NEW"}:
            task.status, task.finished = "TERMINATED", now
    await finish(world, instance, "TERMINATED")


async def finish(
    world: "World", instance: Instance, status: Status, result: Literal["", "agree", "refuse"] = ""
) -> None:
    """End an instance."""
    instance.status, instance.result, instance.finished = status, result, world.clock.now()
    if status == "COMPLETED" and not instance.own:
        record(instance, instance.originator, "FINISH_PROCESS_INSTANCE", instance.finished)
        if instance.cc and instance.cc_at in {"FINISH", "START_FINISH"}:
            record(instance, instance.originator, "PROCESS_CC", instance.finished, cc=list(instance.cc))
    await _tell_instance(world, instance, "finish" if status == "COMPLETED" else "terminate")


def record(instance: Instance, userid: str, kind: str, at: datetime, **more: Any) -> Record:
    """Write down what was done."""
    instance.records.append(Record(userid, at, kind, **more))
    return instance.records[-1]


def task_for(world: "World", instance: Instance, userid: str, activity: str, name: str = "审批人") -> Task:
    """Give somebody a running task; the process centre's own need no event."""
    task = _task(world, instance, userid, activity, name)
    task.status = "RUNNING"
    return task


def department(world: "World", userid: str, dept_id: int | None) -> int | None:
    """Give the department an instance is started from; None if the person isn't in it. -1, like 1, is the root."""
    wanted = ROOT if dept_id in {-1, None} else dept_id
    dept_ids = world.directory.users[userid].dept_ids
    if dept_id is None:
        return dept_ids[0]
    return wanted if wanted in dept_ids or wanted == ROOT else None


async def _open(world: "World", instance: Instance) -> None:
    """Open the next step that has people; past the last the instance is agreed to."""
    while instance.at < len(instance.steps):
        step = instance.steps[instance.at]
        found = [_task(world, instance, one, step.id, step.name) for one in people(world, step, instance.originator)]
        for task in found[:1] if step.method == "ONE_BY_ONE" else found:
            await _begin(world, instance, task)
        if found:
            return
        instance.at += 1
    await finish(world, instance, "COMPLETED", "agree")


def _task(world: "World", instance: Instance, userid: str, activity: str, name: str) -> Task:
    task = Task(world.ids.number(11), userid, activity, name, world.clock.now(), "NEW")
    instance.tasks.append(task)
    return task


async def _begin(world: "World", instance: Instance, task: Task) -> None:
    task.status, task.created = "RUNNING", world.clock.now()
    await _tell_task(world, instance, task, "start", {})


async def _close(world: "World", instance: Instance, task: Task, kind: str, more: dict[str, Any]) -> None:
    if kind == "finish":
        task.status = "COMPLETED"
    task.finished = world.clock.now()
    await _tell_task(world, instance, task, kind, {**more, "finishTime": stamp(task.finished)})


async def _tell_task(world: "World", instance: Instance, task: Task, kind: str, more: dict[str, Any]) -> None:
    data = {
        "processInstanceId": instance.id, "processCode": instance.code, "bizCategoryId": _suite(world, instance),
        "businessId": instance.business_id, "taskId": task.id, "title": instance.title, "type": kind,
        "createTime": stamp(task.created), "staffId": task.userid, **more,
    }  # fmt: skip
    await world.stream.event("bpms_task_change", data)


async def _tell_instance(world: "World", instance: Instance, kind: str) -> None:
    """Push an instance's event; those of the process centre aren't documented to have any."""
    if instance.own:
        return
    data: dict[str, Any] = {
        "processInstanceId": instance.id, "processCode": instance.code, "bizCategoryId": _suite(world, instance),
        "businessId": instance.business_id, "businessType": _suite(world, instance), "title": instance.title,
        "type": kind, "createTime": stamp(instance.created), "staffId": instance.originator,
        "url": link(world, instance),
    }  # fmt: skip
    if instance.finished is not None:
        data["finishTime"] = stamp(instance.finished)
    if instance.result:
        data["result"] = instance.result
    await world.stream.event("bpms_instance_change", data)
    await leave_moved(world, instance, _suite(world, instance), kind)


def link(world: "World", instance: Instance) -> str:
    """Give the address of an instance inside DingTalk."""
    page = "https://aflow.dingtalk.com/dingtalk/mobile/homepage.htm"
    return f"{page}?corpid={world.app.corp_id}&dd_share=false#/approval?procInstId={instance.id}"


def stamp(at: datetime) -> int:
    """Give milliseconds since 1970."""
    return int(at.timestamp() * 1000)


def _suite(world: "World", instance: Instance) -> str:
    form = world.workflow.forms.get(instance.code)
    return form.suite if form else ""
