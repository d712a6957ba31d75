"""What leave looks like: the form, the approval, the lists."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from cards.catalogue import Words
from cards.view import Button, FormView, NoticeView, TextView, ref
from hr_core.approval.model import StepStatus
from hr_core.leave.model import LeaveStatus
from hr_core.leave.service import Absence, Entitlement, LeaveDetails, LeavePreview, LeaveWish
from hr_core.workdays.model import Half

KIND = "leave"
APPROVE, REJECT = "approve", "reject"
MOST_LINES = 10


def form(words: Words, types: Sequence[str], draft: Mapping[str, Any], available: Decimal | None) -> FormView:
    """Give the leave form, filled with what is known so far."""
    halves = [{"value": half.value, "text": words.say(f"half.{half.value}")} for half in Half]
    kinds = [{"value": code, "text": words.say(f"leave.type.{code}")} for code in types]

    def field(name: str, kind: str, options: list[dict[str, str]] | None = None, **more: Any) -> dict[str, Any]:
        item: dict[str, Any] = {"name": name, "label": words.say(f"leave.form.{name}"), "type": kind, **more}
        value = draft.get(name)
        if options is not None:
            item["options"] = options
            index = next((i for i, option in enumerate(options) if option["value"] == value), None)
            if index is not None:
                item["defaultValue"] = {"index": index, "value": value}
        elif value:
            item["defaultValue"] = value
        return item

    return FormView(
        title=words.say("leave.form.title"),
        ref=ref(KIND, 0),
        intro=words.say("leave.form.intro", available=available),
        fields=(
            field("type", "SELECT", kinds, required=True),
            field("start", "DATE", required=True),
            field("start_half", "SELECT", halves, required=True),
            field("end", "DATE", required=True),
            field("end_half", "SELECT", halves, required=True),
            field("reason", "TEXT_AREA", placeholder=words.say("leave.form.reason_hint"), minRows=2, maxRows=6),
        ),
        text=words.say("leave.form.how"),
    )


def _facts(words: Words, details: LeaveDetails) -> dict[str, Any]:
    return {
        "number": details.id,
        "name": details.employee_name,
        "type": words.say(f"leave.type.{details.leave_type}"),
        "span": words.span(details.span),
        "days": details.days,
        "status": words.say(f"status.{details.status.value}"),
        "reason": details.reason,
        "comment": details.comment,
        "available": details.balance.available if details.balance else None,
    }


def _asked(details: LeaveDetails) -> str:
    people = [person for step in details.steps if step.status is StepStatus.OPEN for person in step.approvers]
    return "、".join(details.names[person] for person in people)


def _decided_by(details: LeaveDetails) -> str:
    return "、".join(details.names[person] for person in details.closed_by)


def _steps(words: Words, details: LeaveDetails) -> list[str]:
    return [
        words.say(
            "leave.text.step",
            role=words.say(f"approval.role.{step.role.value}"),
            name=details.names[step.decided_by],
            status=words.say(f"status.{step.status.value}"),
        )
        for step in details.steps
        if step.decided_by is not None
    ]


def application(words: Words, details: LeaveDetails) -> FormView:
    """Give the applicant's card after sending: the record, its status, and the way back."""
    facts = _facts(words, details)
    lines = [words.say("leave.text.intro", **facts), *_steps(words, details)]
    if details.status is LeaveStatus.PENDING:
        lines.append(words.say("leave.text.asked", names=_asked(details)))
        lines.append(words.say("leave.text.withdraw_link", number=details.id))
    if details.comment:
        lines.append(words.say("leave.text.comment", comment=details.comment))
    return FormView(
        title=words.say("leave.form.title"),
        ref=ref(KIND, details.id),
        intro="\n\n".join(lines),
        status=facts["status"],
    )


def approval(
    words: Words, details: LeaveDetails, viewer: int, *, may_decide: bool, repeated: bool = False
) -> NoticeView:
    """Give the approver's card: what is asked and, while it is theirs to decide, the two buttons.

    Who has decided sees what they decided while others still have to; then the outcome.
    """
    facts = _facts(words, details)
    own = next((step.status for step in details.steps if step.decided_by == viewer), None)
    pending = details.status is LeaveStatus.PENDING
    rows = [
        (words.say("leave.label.applicant"), facts["name"]),
        (words.say("leave.label.type"), facts["type"]),
        (words.say("leave.label.time"), facts["span"]),
        (words.say("leave.label.days"), words.say("leave.text.days", days=details.days)),
    ]
    if details.reason:
        rows.append((words.say("leave.label.reason"), details.reason))
    if details.balance:
        rows.append(
            (words.say("leave.label.balance"), words.say("leave.text.available", available=details.balance.available))
        )
    rows += [
        (
            words.say(f"approval.role.{step.role.value}"),
            words.say(
                "leave.text.decided_by",
                name=details.names[step.decided_by],
                status=words.say(f"status.{step.status.value}"),
            ),
        )
        for step in details.steps
        if step.decided_by is not None
    ]
    if details.comment:
        rows.append((words.say("leave.label.comment"), details.comment))
    if pending and not may_decide:
        rows.append((words.say("leave.label.next"), words.say("leave.text.asked", names=_asked(details))))
    buttons = (
        Button(APPROVE, words.say("leave.button.approve"), f"同意 {details.id}"),
        Button(REJECT, words.say("leave.button.reject"), f"拒绝 {details.id}", color="red"),
    )
    return NoticeView(
        title=words.say("leave.to_decide.title", name=details.employee_name),
        ref=ref(KIND, details.id),
        body=words.say("leave.text.number", number=details.id),
        fields=tuple(rows),
        buttons=buttons if may_decide else (),
        ask_comment=may_decide,
        status=words.say(f"status.{own.value}") if own and pending else facts["status"],
        tip=words.say("leave.outcome.repeated") if repeated else "",
    )


def decided(words: Words, details: LeaveDetails) -> TextView:
    """Tell the applicant the outcome."""
    facts = _facts(words, details)
    text = words.say("leave.decided.text", by=_decided_by(details), **facts)
    return TextView(words.say("leave.decided.title", status=facts["status"]), text)


def outcome(words: Words, details: LeaveDetails, *, repeated: bool) -> TextView:
    """Tell who decided in words what came of it."""
    facts = _facts(words, details)
    text = words.say("leave.outcome.text", next=_asked(details), **facts)
    if repeated:
        text = f"{words.say('leave.outcome.repeated')}\n\n{text}"
    return TextView(facts["status"], text)


def submitted(words: Words, details: LeaveDetails) -> TextView:
    """Tell the applicant that the request is on its way."""
    facts = _facts(words, details)
    lines = [
        words.say("leave.submitted.text", names=_asked(details), **facts),
        words.say("leave.text.withdraw_link", number=details.id),
    ]
    return TextView(words.say("leave.submitted.title"), "\n\n".join(lines))


def confirm(words: Words, wish: LeaveWish, preview: LeavePreview) -> TextView:
    """Say what was understood and what it would cost, and ask for the word."""
    text = words.say(
        "leave.confirm.text",
        type=words.say(f"leave.type.{wish.leave_type}"),
        span=wish.span,
        days=preview.days,
        reason=wish.reason,
        available=preview.balance.available if preview.balance else None,
    )
    return TextView(words.say("leave.confirm.title"), text)


def balance(words: Words, entitlement: Entitlement, year: int) -> TextView:
    """Give what is left of the year's annual leave, and the rule it comes from."""
    held = entitlement.balance
    rule = words.say(
        f"leave.rule.{entitlement.rule}",
        hired=entitlement.hired_on.isoformat() if entitlement.hired_on else "",
        full=entitlement.full_year_days,
        usable_from=entitlement.usable_from,
    )
    text = words.say(
        "leave.balance.text",
        year=year,
        available=max(held.available, Decimal(0)),
        granted=held.granted,
        taken=held.taken,
        reserved=held.reserved if held.reserved else None,
        rule=rule,
    )
    return TextView(words.say("leave.balance.title"), text)


def mine(words: Words, requests: Sequence[LeaveDetails]) -> TextView:
    """List one's own requests, newest first."""
    if not requests:
        return TextView(words.say("leave.list.mine"), words.say("leave.list.mine_empty"))
    lines = [f"#### {words.say('leave.list.mine')}"]
    lines += [
        words.say("leave.list.mine_line", waiting=_asked(request), **_facts(words, request))
        for request in requests[:MOST_LINES]
    ]
    return TextView(words.say("leave.list.mine"), "\n".join(lines + _more(words, requests)))


def to_decide(words: Words, requests: Sequence[LeaveDetails]) -> TextView:
    """List what waits for the reader, each with both links."""
    title = words.say("leave.list.to_decide")
    if not requests:
        return TextView(title, words.say("leave.list.to_decide_empty"))
    lines = [f"#### {title}"]
    lines += [words.say("leave.list.to_decide_line", **_facts(words, request)) for request in requests[:MOST_LINES]]
    return TextView(title, "\n".join(lines + _more(words, requests)))


def withdrawn(words: Words, details: LeaveDetails) -> TextView:
    """Tell what became of a withdrawal."""
    closed = details.status is not LeaveStatus.WITHDRAWN
    code = "leave.withdraw.closed" if closed else "leave.withdraw.done"
    text = words.say(code, approved=details.status is LeaveStatus.APPROVED, **_facts(words, details))
    return TextView(words.say("leave.button.withdraw"), text)


def ask(words: Words, missing: str, types: Sequence[str], leave_type: str | None, day: date | None) -> TextView:
    """Ask for one field."""
    names = [words.say(f"leave.type.{code}") for code in types]
    text = words.say(
        f"leave.ask.{missing}", types=names, type=words.say(f"leave.type.{leave_type}") if leave_type else "", day=day
    )
    return TextView(words.say("leave.form.title"), text)


def which_withdraw(words: Words, requests: Sequence[LeaveDetails]) -> TextView:
    """Ask which of several pending requests is meant."""
    lines = [words.say("leave.list.which_withdraw", total=len(requests))]
    lines += [words.say("leave.list.which_line", **_facts(words, request)) for request in requests[:MOST_LINES]]
    return TextView(words.say("leave.button.withdraw"), "\n".join(lines + _more(words, requests)))


def absence(words: Words, away: Absence) -> TextView:
    """Tell the HR group who will be away; never why."""
    text = words.say("leave.absence.text", name=away.employee_name, span=away.span)
    return TextView(words.say("leave.absence.title"), text)


def away_today(words: Words, day: date, absences: Sequence[Absence]) -> TextView:
    """Tell who is away today; never why."""
    title = words.say("absence.title")
    if not absences:
        return TextView(title, words.say("absence.none", day=day))
    lines = [words.say("absence.text", day=day, total=len({a.employee_id for a in absences}))]
    lines += [words.say("absence.line", name=a.employee_name, span=a.span) for a in absences]
    return TextView(title, "\n".join(lines))


def _more(words: Words, requests: Sequence[LeaveDetails]) -> list[str]:
    if len(requests) <= MOST_LINES:
        return []
    return [words.say("leave.list.more", total=len(requests), shown=MOST_LINES)]
