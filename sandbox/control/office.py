"""Control calls about approvals, work notifications, to-dos, calendars and DING."""

import json
from collections.abc import Mapping
from typing import Any, get_args

from sandbox.control.ask import Ask, Control
from sandbox.world import Refused, World, flow
from sandbox.world.calendars import Event
from sandbox.world.subscribed import form_changed
from sandbox.world.todos import Todo
from sandbox.world.workflow import LEAVE, Instance, Method, Step, Task

_VERDICTS: Mapping[str, flow.Verdict] = {"agree": "agree", "refuse": "refuse"}
_METHODS: tuple[Method, ...] = get_args(Method)


async def _approvals(ask: Ask) -> list[Instance]:
    """List approvals, or those a person started or decides."""
    user = ask.text("user", "")
    found = ask.world.workflow.instances.values()
    return [one for one in found if not user or user in {one.originator, *(task.userid for task in one.tasks)}]


async def _start(ask: Ask) -> Instance:
    """Start an approval as a person does in DingTalk, with the native leave form unless `template` names another.

    With `main` it is about a finished one: `MODIFY` changes it, `REVOKE` takes it back.
    """
    world, workflow = ask.world, ask.world.workflow
    user = world.company.user(ask.text("user"))
    form, main = workflow.forms.get(ask.text("template", LEAVE)), ask.text("main", "")
    if form is None or form.own:
        raise Refused("there is no such template")
    action = ask.text("action", "REVOKE" if main else "NONE")
    if action not in {"NONE", "MODIFY", "REVOKE"} or (action != "NONE") is not bool(main):
        raise Refused("action is MODIFY or REVOKE, and main the finished approval it is about")
    if main and (main not in workflow.instances or workflow.instances[main].result != "agree"):
        raise Refused(f"no approval {main} was agreed to")
    values = ask.mapping("values") if ask.has("values") else _leave(ask)
    for userid in ask.texts("approvers"):
        world.company.user(userid)
    kept = [
        {
            "id": one.id, "name": one.label, "value": str(values[one.label]), "componentType": one.kind,
            "bizAlias": one.alias, "extValue": "",
        }
        for one in form.components if one.label in values
    ]  # fmt: skip
    instance = flow.new_instance(world, form, user.userid, user.dept_ids[0], kept, main=main, action=action)  # type: ignore[arg-type]
    steps = [Step(world.ids.hex(8), people=ask.texts("approvers"))] if ask.has("approvers") else form.flow
    await flow.start(world, instance, steps)
    return instance


def _leave(ask: Ask) -> Mapping[str, Any]:
    """Fill in the native leave form: how its value looks is assumed."""
    days = ask.number("days", 1)
    span = [ask.text("start"), ask.text("end", ask.text("start")), days, "day", ask.text("type", "年假"), "请假类型"]
    return {
        '["开始时间","结束时间"]': json.dumps(span, ensure_ascii=False),
        "请假事由": ask.text("reason", "家中有事"),
    }


async def _decide(ask: Ask) -> Instance:
    """Decide a task as its assignee does in DingTalk, or pass it on."""
    instance, task = _task(ask)
    remark, result = ask.text("remark", ""), ask.text("result")
    if result == "redirect":
        await flow.redirect(ask.world, instance, task, ask.world.company.user(ask.text("to")).userid, remark)
    elif result in _VERDICTS:
        await flow.decide(ask.world, instance, task, _VERDICTS[result], remark)
    else:
        raise Refused("result is agree, refuse or redirect")
    return instance


def _task(ask: Ask) -> tuple[Instance, Task]:
    """Give the task named, or the one that waits for that person in the approval named."""
    waiting = [
        (instance, task)
        for instance, task in ask.world.workflow.tasks()
        if instance.status == task.status == "RUNNING" and not instance.own
        and ask.text("instance", instance.id) == instance.id and ask.text("user", task.userid) == task.userid
        and int(ask.number("task", task.id)) == task.id
    ]  # fmt: skip
    if len(waiting) != 1:
        raise Refused(f"{len(waiting)} running tasks fit; name instance, user or task")
    return waiting[0]


async def _withdraw(ask: Ask) -> Instance:
    """Withdraw an approval as its originator does in DingTalk."""
    instance = ask.world.workflow.instances.get(ask.text("instance"))
    if instance is None or instance.status != "RUNNING" or instance.own:
        raise Refused("there is no such running approval")
    await flow.terminate(ask.world, instance, instance.originator, ask.text("remark", ""))
    return instance


async def _template(ask: Ask) -> Any:
    """Set a template's flow, whether it is in use, and whether a request can be withdrawn."""
    form = ask.world.workflow.forms.get(ask.text("code", LEAVE))
    if form is None:
        raise Refused("there is no such template")
    if ask.has("flow"):
        form.flow = [_step(ask, one) for one in ask.several("flow")]
    if ask.has("status"):
        if ask.text("status") not in {"PUBLISHED", "INVALID", "SAVED"}:
            raise Refused("status is PUBLISHED, INVALID or SAVED")
        form.status = ask.text("status")  # type: ignore[assignment]
        await form_changed(ask.world, form, "invalid" if form.status == "INVALID" else "published", _admin(ask.world))
    form.withdrawable = ask.flag("withdrawable", form.withdrawable)
    if ask.has("flow") or ask.has("withdrawable"):
        await form_changed(ask.world, form, "update", _admin(ask.world))
    return form


def _admin(world: World) -> str:
    return next((one.userid for one in world.directory.users.values() if one.admin), "")


def _step(ask: Ask, read: Any) -> Step:
    one = Ask(ask.world, read if isinstance(read, dict) else {})
    method = next((known for known in _METHODS if known == one.text("method", "OR")), None)
    if method is None:
        raise Refused(f"method must be one of {', '.join(_METHODS)}")
    people = [ask.world.company.user(userid).userid for userid in one.texts("people")]
    return Step(ask.world.ids.hex(8), one.text("name", "审批人"), method, people, one.flag("select"))


async def _notices(ask: Ask) -> Mapping[str, Any]:
    """Tell which work notifications were sent, and their limits."""
    notices = ask.world.notices
    return {
        "sent": list(notices.sent.values()), "limits": notices.limits, "protected": sorted(notices.protected),
        "forbidden_words": notices.forbidden_words,
    }  # fmt: skip


async def _set_notices(ask: Ask) -> Mapping[str, Any]:
    """Change the limits; protect executives from notifications; forbid words."""
    notices = ask.world.notices
    for name in ("per_minute", "corp_per_minute", "per_person", "to_all"):
        setattr(notices.limits, name, int(ask.number(name, getattr(notices.limits, name))))
    if ask.has("protected"):
        notices.protected = {ask.world.company.user(userid).userid for userid in ask.texts("protected")}
    if ask.has("forbidden_words"):
        notices.forbidden_words = ask.texts("forbidden_words")
    return await _notices(ask)


async def _todos(ask: Ask) -> list[Todo]:
    """List to-dos, or those that concern a person."""
    todos = ask.world.todos
    if not ask.has("user"):
        return list(todos.tasks.values())
    return list(todos.of(ask.world.company.user(ask.text("user")).unionid))


async def _events(ask: Ask) -> list[Event]:
    """List calendar events, or those in a person's calendar."""
    events = ask.world.calendars.events.values()
    if not ask.has("user"):
        return list(events)
    unionid = ask.world.company.user(ask.text("user")).unionid
    return [one for one in events if one.concerns(unionid) and not one.cancelled]


async def _dings(ask: Ask) -> Mapping[str, Any]:
    """List the DINGs, or a person's, and what may still be sent."""
    extras = ask.world.extras
    found = [one for one in extras.dings.values() if not ask.has("user") or ask.text("user") in one.people]
    return {"dings": found, "allowance": extras.allowance}


async def _set_dings(ask: Ask) -> Mapping[str, Any]:
    """Set how many DINGs inside the app, by text message and by telephone may still be sent."""
    allowance = ask.world.extras.allowance
    for kind, name in ((1, "app"), (2, "sms"), (3, "phone")):
        allowance[kind] = int(ask.number(name, allowance[kind]))
    return await _dings(Ask(ask.world, {}))


CONTROLS = (
    Control("GET", "/sandbox/dings", "`user`?", _dings),
    Control("POST", "/sandbox/dings", "`app`?, `sms`?, `phone`?", _set_dings),
    Control("GET", "/sandbox/calendar", "`user`?", _events),
    Control("GET", "/sandbox/todos", "`user`?", _todos),
    Control("GET", "/sandbox/notices", "", _notices),
    Control(
        "POST",
        "/sandbox/notices",
        "`per_minute`?, `corp_per_minute`?, `per_person`?, `to_all`?, `protected`? userids, `forbidden_words`?",
        _set_notices,
    ),
    Control("GET", "/sandbox/approvals", "`user`?", _approvals),
    Control(
        "POST",
        "/sandbox/approvals",
        "`user`; `type`?, `start`, `end`?, `days`?, `reason`?, or `template` + `values` {label: value}; "
        "`approvers`?, `main`?, `action`? MODIFY/REVOKE",
        _start,
    ),
    Control(
        "POST",
        "/sandbox/approvals/decisions",
        "`result` agree/refuse/redirect, `instance`?, `user`?, `task`?, `to`?, `remark`?",
        _decide,
    ),
    Control("POST", "/sandbox/approvals/withdrawals", "`instance`, `remark`?", _withdraw),
    Control(
        "POST",
        "/sandbox/approvals/templates",
        "`code`?, `flow`? [{name, method AND/OR/NONE/ONE_BY_ONE, people, select}], `status`?, `withdrawable`?",
        _template,
    ),
)
