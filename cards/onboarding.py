"""What hiring looks like: the form, the approval, what is stuck, the tasks, the first day."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from cards.catalogue import Words, day_text
from cards.view import Button, FormView, NoticeView, TextView, ref
from hr_core.lifecycle.rules import Contract
from hr_core.onboarding.facts import HireDetails, StepShown
from hr_core.onboarding.model import KIND, Employment, HireStatus, HireWish, StepName, StepStatus, Terms
from hr_core.onboarding.service import HirePreview, Recognised
from hr_core.onboarding.tasks import FirstDay, HireProgress, OwnTasks, TaskShown

APPROVE, REJECT = "approve", "reject"
RETRY, SKIP, STOP, FINISH = "retry", "skip", "stop", "task"
MOST_TASKS = 20
NOT_WANTED = "onboarding.step.no_group"
"""The company has none of it: nothing that somebody would have to make up for."""
MOST_LINES = 10
MOST_CHOICES = 60
"""Departments that a form offers; a larger company's are typed by name."""
_CONTRACTS = ("fixed:12", "fixed:24", "fixed:36", "fixed:60", Contract.OPEN_ENDED.value, Contract.TASK.value)


def form(
    words: Words, typed: Mapping[str, str], departments: Sequence[tuple[str, str]], *, known: Recognised | None
) -> FormView:
    """Give the form, filled with what is known or was typed before."""

    def field(name: str, kind: str, options: Sequence[tuple[str, str]] | None = None, **more: Any) -> dict[str, Any]:
        item: dict[str, Any] = {"name": name, "label": words.say(f"onboarding.form.{name}"), "type": kind, **more}
        value = typed.get(name, "")
        if options is not None:
            item["options"] = [{"value": key, "text": text} for key, text in options]
            index = next((i for i, (key, _) in enumerate(options) if key == value), None)
            if index is not None:
                item["defaultValue"] = {"index": index, "value": value}
        elif value:
            item["defaultValue"] = value
        return item

    few = len(departments) <= MOST_CHOICES
    contract = typed.get("contract", "")
    own = (contract,) if contract.startswith(f"{Contract.FIXED.value}:") and contract not in _CONTRACTS else ()
    contracts = [(key, _contract(words, *_terms_of(key))) for key in (*own, *_CONTRACTS)]
    probations = [(str(n), words.say("onboarding.text.probation", months=n)) for n in range(7)]
    return FormView(
        title=words.say("onboarding.form.title"),
        ref=ref(KIND, 0),
        intro="\n\n".join([words.say("onboarding.form.intro"), *_known(words, known)]),
        fields=(
            field("name", "TEXT", required=True),
            field("mobile", "TEXT", required=True, placeholder=words.say("onboarding.form.mobile_hint")),
            field("department", "SELECT" if few else "TEXT", departments if few else None, required=True),
            field("position", "TEXT"),
            field("manager", "TEXT", placeholder=words.say("onboarding.form.manager_hint")),
            field("first_day", "DATE", required=True),
            field("employment", "SELECT", [(e.value, words.say(f"onboarding.employment.{e}")) for e in Employment]),
            field("contract", "SELECT", contracts, required=True),
            field("probation", "SELECT", probations, required=True),
            field("rehire", "SELECT", [(one, words.say(f"onboarding.form.rehire_{one}")) for one in ("new", "rehire")]),
        ),
        text=words.say("onboarding.form.how"),
    )


def _terms_of(key: str) -> tuple[Contract, int | None]:
    kind, _, months = key.partition(":")
    return Contract(kind), int(months) if months.isdigit() else None


def _contract(words: Words, contract: Contract, months: int | None) -> str:
    years = months // 12 if months and months % 12 == 0 else None
    return words.say(f"onboarding.contract.{contract.value}", months=months, years=years)


def _terms(words: Words, terms: Terms) -> dict[str, str]:
    return {
        "employment": words.say(f"onboarding.employment.{terms.employment.value}"),
        "contract": _contract(words, terms.contract, terms.months),
        "probation": words.say("onboarding.text.probation", months=terms.probation_months),
    }


def _known(words: Words, known: Recognised | None) -> list[str]:
    if known is None:
        return []
    told = [words.say("onboarding.text.same_name", total=known.same_name)] if known.same_name else []
    if known.former:
        former = [(one.number or "", day_text(one.left_on), one.left_on.year) for one in known.former]
        told.append(words.say("onboarding.text.former", former=former))
    return told


def ask(words: Words, missing: str, name: str, limit: int, known: Recognised | None) -> TextView:
    """Ask for one field."""
    former = [(f.number or "", day_text(f.left_on), f.left_on.year) for f in known.former] if known else []
    text = words.say(f"onboarding.ask.{missing}", name=name, limit=limit, former=former)
    return TextView(words.say("onboarding.form.title"), text)


def confirm(words: Words, wish: HireWish, place: str, manager: str, preview: HirePreview) -> TextView:
    """Say what was understood, and ask for the word."""
    text = words.say(
        "onboarding.confirm.text",
        name=wish.name,
        mobile=wish.mobile[-4:],
        department=place,
        position=wish.position,
        manager=manager,
        first_day=wish.first_day,
        rehire=wish.former is not None,
        same_name=preview.known.same_name,
        asked="、".join(preview.asked),
        **_terms(words, wish.terms),
    )
    return TextView(words.say("onboarding.form.title"), text)


def submitted(words: Words, details: HireDetails) -> TextView:
    """Tell HR that the hire is on its way."""
    text = words.say("onboarding.submitted.text", number=details.id, name=details.name, names="、".join(details.asked))
    return TextView(words.say("onboarding.submitted.title"), text)


def _facts(words: Words, details: HireDetails) -> list[tuple[str, str]]:
    terms = _terms(words, details.terms)
    rows = [
        ("name", details.name),
        ("department", details.department),
        ("position", details.position),
        ("manager", details.manager),
        ("first_day", day_text(details.first_day)),
        ("employment", terms["employment"]),
        ("contract", terms["contract"]),
        ("probation", terms["probation"]),
    ]
    return [(words.say(f"onboarding.label.{label}"), text) for label, text in rows if text]


def _notes(words: Words, details: HireDetails) -> list[str]:
    told = [words.say("onboarding.text.rehire")] if details.rehire else []
    return told + ([words.say("onboarding.text.same_name", total=details.same_name)] if details.same_name else [])


def approval(words: Words, details: HireDetails, *, may_decide: bool, repeated: bool = False) -> NoticeView:
    """Give the approver's card: who is to come on which terms; then the outcome."""
    rows = _facts(words, details)
    rows.append((words.say("onboarding.label.by"), details.created_by_name))
    for name, step in details.decisions:
        status = words.say(f"status.{step.status.value}")
        rows.append((words.say(f"approval.role.{step.role.value}"), f"{name} {status}"))
    if details.comment:
        rows.append((words.say("onboarding.label.comment"), details.comment))
    buttons = (
        Button(APPROVE, words.say("onboarding.button.approve"), f"同意 入职 {details.id}"),
        Button(REJECT, words.say("onboarding.button.reject"), f"拒绝 入职 {details.id}", color="red"),
    )
    return NoticeView(
        title=words.say("onboarding.approval.title", name=details.name),
        ref=ref(KIND, details.id),
        body="\n\n".join([words.say("onboarding.text.number", number=details.id), *_notes(words, details)]),
        fields=tuple(rows),
        buttons=buttons if may_decide else (),
        ask_comment=may_decide,
        status=_status(words, details.status),
        tip=words.say("onboarding.text.repeated") if repeated else "",
    )


def _status(words: Words, status: HireStatus) -> str:
    return words.say(f"onboarding.status.{status.value}")


def _step(words: Words, step: StepShown) -> str:
    told = step.reason or (_trouble(words, step.error) if step.error else "")
    name = words.say(f"onboarding.step_name.{step.name.value}")
    return words.say("onboarding.text.step", name=name, status=step.status.value, told=told)


def _trouble(words: Words, error: str) -> str:
    """Say in words what a step's error code means."""
    if error.startswith("dingtalk."):
        kind, _, code = error.removeprefix("dingtalk.").partition(":")
        said = f"onboarding.dingtalk.{kind}"
        return words.say(said if said in words else "onboarding.dingtalk.refused", answer=code)
    return (
        words.say(error)
        if error.startswith("onboarding.step.") and error in words
        else words.say("onboarding.step.rule", rule=error)
    )


def _steps(words: Words, details: HireDetails) -> list[str]:
    begun = details.status not in {HireStatus.PENDING, HireStatus.REJECTED}
    begun = begun and any(step.status is not StepStatus.WAITING for step in details.steps)
    return [_step(words, step) for step in details.steps] if begun else []


def _ways(words: Words, details: HireDetails) -> list[str]:
    """Give what HR can say next."""
    number = details.id
    if details.failed is not None:
        return [words.say("onboarding.way.failed", number=number)]
    if details.status is HireStatus.STOPPED:
        return [words.say("onboarding.way.stopped", number=number)]
    if details.status in {HireStatus.PENDING, HireStatus.RUNNING, HireStatus.WAITING, HireStatus.DONE}:
        return [words.say("onboarding.way.cancel", number=number)]
    return []


def _told(words: Words, details: HireDetails) -> str:
    lines = [
        words.say(
            "onboarding.text.intro",
            number=details.id,
            name=details.name,
            department=details.department,
            position=details.position,
            first_day=details.first_day,
            employee_number=details.number,
        ),
        *_notes(words, details),
    ]
    if details.status is HireStatus.PENDING:
        lines.append(words.say("onboarding.text.asked", names="、".join(details.asked)))
    if details.comment:
        lines.append(words.say("onboarding.text.comment", comment=details.comment))
    steps = "\n".join(_steps(words, details))
    return "\n\n".join([*lines, *([steps] if steps else []), *_ways(words, details)])


def application(words: Words, details: HireDetails) -> FormView:
    """Give HR's card after sending: how far it is, and the way back."""
    return FormView(
        title=words.say("onboarding.form.title"),
        ref=ref(KIND, details.id),
        intro=_told(words, details),
        status=_status(words, details.status),
    )


def state(words: Words, details: HireDetails) -> TextView:
    """Tell the same in words."""
    status = _status(words, details.status)
    return TextView(status, f"**{status}**\n\n{_told(words, details)}")


def stuck(words: Words, details: HireDetails) -> NoticeView:
    """Give the card of a chain that stands: the step, why, and the three ways on."""
    failed = details.failed
    number = details.id
    typed = {RETRY: f"重试入职 {number}", SKIP: f"跳过入职 {number} 原因", STOP: f"停止入职 {number}"}
    back = details.status is HireStatus.CANCELLING
    offered = [RETRY, SKIP] if back else [RETRY, SKIP, STOP]
    if failed is not None and failed.name is StepName.NUMBER:
        offered.remove(SKIP)
    if details.status is HireStatus.STOPPED:
        offered = [RETRY]
    color = {RETRY: "blue", SKIP: "gray", STOP: "red"}
    buttons = tuple(Button(one, words.say(f"onboarding.button.{one}"), typed[one], color[one]) for one in offered)
    body = [words.say("onboarding.stuck.text", name=details.name, number=number, back=back)]
    if failed is not None and failed.error:
        body.append(_trouble(words, failed.error))
    body.append("\n".join(_steps(words, details)))
    if not back and failed is not None:
        body.append(words.say("onboarding.way.cancel", number=number))
    return NoticeView(
        title=words.say("onboarding.stuck.title", name=details.name),
        ref=ref(KIND, number),
        body="\n\n".join(part for part in body if part),
        buttons=buttons if failed is not None or details.status is HireStatus.STOPPED else (),
        ask_comment=failed is not None and SKIP in offered,
        status=_status(words, details.status),
    )


def to_decide(words: Words, found: Sequence[HireDetails], above: TextView | None) -> TextView:
    """List the hires that wait for the reader, below what else does."""
    title = words.say("onboarding.to_decide.title")
    lines = [above.text, ""] if above else []
    lines.append(f"#### {title}")
    lines += [
        words.say(
            "onboarding.to_decide.line",
            number=one.id,
            name=one.name,
            department=one.department,
            first_day=one.first_day,
        )
        for one in found[:MOST_LINES]
    ]
    return TextView(above.title if above else title, "\n".join(lines))


def decided(words: Words, details: HireDetails) -> TextView:
    """Tell HR what was decided."""
    by = "、".join(name for name, _ in details.decisions)
    approved = details.status is not HireStatus.REJECTED
    text = words.say(
        "onboarding.decided.text", name=details.name, by=by, approved=approved, comment=details.comment,
        number=details.id,
    )  # fmt: skip
    return TextView(words.say("status.approved" if approved else "status.rejected"), text)


def waiting(words: Words, details: HireDetails) -> TextView:
    """Tell HR whom the chain waits for."""
    return TextView(_status(words, details.status), words.say("onboarding.waiting.text", **_short(details)))


def done(words: Words, details: HireDetails) -> TextView:
    """Tell HR that everything is done."""
    left_out = (step for step in details.steps if step.status is StepStatus.SKIPPED)
    skipped = [_step(words, step) for step in left_out if step.error != NOT_WANTED]
    text = words.say("onboarding.done.text", skipped=bool(skipped), **_short(details))
    return TextView(_status(words, details.status), "\n".join([text, *skipped]))


def cancelled(words: Words, details: HireDetails) -> TextView:
    """Tell HR that everything was taken back, and what was not."""
    by_hand = [_step(words, step) for step in details.steps if step.error or step.reason]
    text = words.say("onboarding.cancelled.text", by_hand=bool(by_hand), **_short(details))
    return TextView(_status(words, details.status), "\n".join([text, *by_hand]))


def _short(details: HireDetails) -> dict[str, Any]:
    return {
        "number": details.id,
        "name": details.name,
        "employee_number": details.number,
        "first_day": details.first_day,
    }


def _task(words: Words, task: TaskShown, today: date, place: int | None = None) -> str:
    state = "closed" if task.closed else "done" if task.done else "late" if task.due < today else "open"
    return words.say("onboarding.task.line", title=task.title, due=task.due, state=state, place=place)


def tasks(words: Words, own: OwnTasks, today: date) -> NoticeView:
    """Give a card with the reader's tasks for one hire, each with its button until it is done."""
    left = [(place, task) for place, task in enumerate(own.tasks, 1) if not task.done and not task.closed]
    buttons = tuple(
        Button(
            f"{FINISH}{task.position}",
            words.say("onboarding.button.finish", place=place),
            f"完成任务 {task.id}",
        )
        for place, task in left
    )
    closed = any(task.closed for task in own.tasks)
    status = "onboarding.task.closed" if closed else "onboarding.task.open" if left else "onboarding.task.all_done"
    return NoticeView(
        title=words.say("onboarding.task.title", name=own.name),
        ref=ref(KIND, own.hire),
        body=words.say("onboarding.task.body", name=own.name, department=own.department, first_day=own.first_day)
        + "\n\n"
        + "\n".join(_task(words, task, today, place) for place, task in enumerate(own.tasks, 1)),
        buttons=buttons,
        status=words.say(status, left=len(left), total=len(own.tasks)),
    )


def finished(words: Words, own: OwnTasks | None, today: date) -> TextView:
    """Tell who finished a task in words what is left of theirs."""
    title = words.say("onboarding.task.finished")
    lines = [title, *(_task(words, task, today) for task in own.tasks)] if own else [title]
    return TextView(title, "\n".join(lines))


def mine(words: Words, found: Sequence[OwnTasks], today: date) -> TextView:
    """List the reader's tasks, hire by hire, each open one with its link."""
    title = words.say("onboarding.mine.title")
    if not found:
        return TextView(title, words.say("onboarding.mine.empty"))
    lines = [f"#### {title}"]
    for own in found[:MOST_LINES]:
        lines.append(words.say("onboarding.mine.hire", name=own.name, department=own.department, day=own.first_day))
        for task in own.tasks:
            link = words.say("onboarding.mine.link", number=task.id) if not task.done and not task.closed else ""
            lines.append(f"{_task(words, task, today)}{link}")
    return TextView(title, "\n".join(lines))


def progress(words: Words, found: Sequence[HireProgress]) -> TextView:
    """Say how far each hire is: counts and what is missing, nothing of anybody's data."""
    title = words.say("onboarding.progress.title")
    if not found:
        return TextView(title, words.say("onboarding.progress.empty"))
    lines = [f"#### {title}", words.say("onboarding.progress.total", total=len(found))]
    for one in found[:MOST_LINES]:
        at = words.say(f"onboarding.step_name.{one.at.value}") if one.at else ""
        lines.append(
            words.say(
                "onboarding.progress.line", number=one.hire, name=one.name, department=one.department,
                first_day=one.first_day, status=_status(words, one.status), steps_done=one.steps_done, steps=one.steps,
                at=at, tasks_done=one.tasks_done, tasks=one.tasks, overdue=one.overdue,
            )
        )  # fmt: skip
    if len(found) > MOST_LINES:
        lines.append(words.say("leave.list.more", total=len(found), shown=MOST_LINES))
    return TextView(title, "\n".join(lines))


def first_day(words: Words, first: FirstDay, *, to_manager: bool) -> TextView:
    """Tell the team, or the manager, who begins today: name, department, position, nothing else."""
    code = "onboarding.first_day.manager" if to_manager else "onboarding.first_day.team"
    text = words.say(code, name=first.name, department=first.department, position=first.position)
    return TextView(words.say("onboarding.first_day.title"), text)
