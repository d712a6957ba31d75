"""Leave in the chat: phrases, forms and taps come in, a service is called, a reply goes out."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from cards import leave as cards
from cards import onboarding as hiring_cards
from cards.catalogue import Words
from cards.view import FormView, NoticeView, TextView
from handlers.drafts import Draft, draft_from_form, draft_from_sentence, form_state
from handlers.messages import CardClick, Message, Reply
from handlers.router import Router, Worth
from handlers.sentences import OTHER_NAMES, read_leave_sentence
from handlers.sentences.text import simplified
from handlers.store import Dialogues
from handlers.surface import Surface
from hr_core.errors import HRError
from hr_core.leave.service import LeaveService
from hr_core.onboarding.service import HireService
from hr_core.permission.checker import NotAllowed
from hr_core.permission.matrix import Action

router = Router()

DIALOGUE, WHICH = "leave", "leave.withdraw"
"""What is asked for field by field, and which request is meant."""

_NUMBER = r"(申请|第|#)?\s*(?P<number>\d{1,9})(\s*[条号])?"
"""A request by its number, however it is written: 12, 第 12 条, 申请 12."""

ALONE = frozenset({"病假", "事假", "请病假", "请事假", "请年假", *OTHER_NAMES})
"""A type's name is enough to ask for it; 年假 alone asks for the balance."""

YES = frozenset({"好", "好的", "对", "对的", "是", "是的", "确认", "确定", "可以", "没问题", "ok", "OK"})
"""What people say to a request that waits for 提交: nothing is sent on a nod, but the way on is said again."""


def asks_for_leave(text: str) -> bool:
    """Tell whether a text asks for leave, whatever the day."""
    return read_leave_sentence(text, today=date(2000, 1, 3)).asks_for_leave


# --- asking ---------------------------------------------------------------------------------------------------------


@router.phrase(
    "请假", "我想请明天下午半天年假", when=lambda text: text in ALONE or asks_for_leave(text), needs=Action.LEAVE_APPLY,
    in_order=True,
)  # fmt: skip
async def ask_for_leave(message: Message, leave: LeaveService, surface: Surface, dialogues: Dialogues) -> Reply:
    """Read the sentence: show the form with what was understood, or go on in words where there are no forms."""
    await dialogues.end(message.actor)  # What was said before is off, whatever comes of this.
    try:
        draft = draft_from_sentence(message.text, leave.today, leave.calendar)
        if draft.complete:
            await leave.preview(message.actor, draft.wish())
    except NotAllowed:
        raise
    except HRError as error:
        return Reply.say(error.code, **error.values)
    if surface.forms:
        return Reply.show("leave.form", **draft.state())
    return await _continue(message.actor, draft, leave, dialogues)


@router.question(DIALOGUE)
async def answer_question(
    message: Message, state: Mapping[str, Any], known: bool, leave: LeaveService, dialogues: Dialogues
) -> Reply | None:
    """Take the answer to the field that was asked for; None when it isn't one.

    A phrase that means something else keeps its meaning, except that a type's name is an answer while one is asked.
    """
    draft = Draft.of(state)
    if (known and draft.missing != "type") or asks_for_leave(message.text):
        return None
    if draft.complete and message.text.strip("。！!~ ") in YES:
        return Reply.show("leave.confirm", **draft.state())
    told = draft.answered(message.text, leave.today, leave.calendar)
    if told is not None:
        return await _continue(message.actor, told, leave, dialogues)
    return None if known or draft.complete else Reply.show("leave.ask", **draft.state())


async def _continue(actor: int, draft: Draft, leave: LeaveService, dialogues: Dialogues) -> Reply:
    missing = draft.missing
    if missing is None:
        try:
            await leave.preview(actor, draft.wish())
        except NotAllowed:
            raise
        except HRError as error:
            await dialogues.end(actor)
            return Reply.say(error.code, **error.values)
    await dialogues.keep(actor, DIALOGUE, draft.state())
    return Reply.show("leave.ask" if missing else "leave.confirm", **draft.state())


@router.phrase("提交", needs=Action.LEAVE_APPLY, in_order=True)
async def submit_dialogue(message: Message, leave: LeaveService, dialogues: Dialogues) -> Reply:
    """Send the request that was just confirmed."""
    current = await dialogues.current(message.actor)
    draft = Draft.of(current[1]) if current and current[0] == DIALOGUE else None
    if draft is None:
        return Reply.say("leave.error.nothing_to_submit")
    if not draft.complete:
        return await _continue(message.actor, draft, leave, dialogues)
    request_id, happened = await leave.submit(message.actor, draft.wish())
    await dialogues.done(message.actor)
    return Reply.show("leave.submitted", request_id, happened=happened)


@router.phrase("取消", "算了", "不请了", pattern="取消|算了|不请了|不要了|不用了|退出")
async def cancel_dialogue(message: Message, dialogues: Dialogues) -> Reply:
    """Drop what was being filled in."""
    if await dialogues.current(message.actor) is None:
        return Reply.say("answer.nothing_to_cancel")
    await dialogues.end(message.actor)
    return Reply.say("answer.cancelled")


@router.form("leave.form", keeps=form_state)
async def submit_form(click: CardClick, leave: LeaveService) -> Reply:
    """Send the request a form carries; the card then shows the request."""
    draft = draft_from_form(click.form, leave.types)
    request_id, happened = await leave.submit(click.actor, draft.wish())
    return Reply.update("leave.application", request_id, happened=happened)


@router.form("leave.application")
async def submit_form_again(click: CardClick) -> Reply:
    """Answer a form that was sent before with the request it became."""
    return Reply.update("leave.application", click.card.subject)


# --- deciding -------------------------------------------------------------------------------------------------------


@router.click("leave.approval", cards.APPROVE)
async def approve(click: CardClick, leave: LeaveService) -> Reply:
    """同意 on the card."""
    _, happened = await leave.decide(click.actor, click.card.subject, approve=True, comment=click.comment)
    return Reply.update("leave.approval", click.card.subject, happened=happened, repeated=happened is None)


@router.click("leave.approval", cards.REJECT)
async def reject(click: CardClick, leave: LeaveService, dialogues: Dialogues) -> Reply:
    """拒绝 on the card, with the comment as reason."""
    request, happened = await leave.decide(click.actor, click.card.subject, approve=False, comment=click.comment)
    if happened is not None:
        await dialogues.settled(request.employee_id)
    return Reply.update("leave.approval", click.card.subject, happened=happened, repeated=happened is None)


_APPROVE, _REJECT = "同意|批准|通过", "拒绝|驳回|不同意|不批准|不通过"


@router.phrase(
    pattern=rf"((?P<approved>{_APPROVE})|{_REJECT})[\s，,：:]*{_NUMBER}(?P<comment>\s.*|[，,：:。].*)?",
    needs=Action.LEAVE_DECIDE,
)
async def decide_by_number(
    message: Message, approved: str | None, number: str, comment: str | None, leave: LeaveService, dialogues: Dialogues
) -> Reply:
    """`同意 12`, `同意第 12 条` and `拒绝 12 原因`."""
    said = (comment or "").strip(" ，,：:。\n\t")
    request, happened = await leave.decide(message.actor, int(number), approve=approved is not None, comment=said)
    if approved is None and happened is not None:
        await dialogues.settled(request.employee_id)
    return Reply.show("leave.outcome", int(number), happened=happened, repeated=happened is None)


@router.phrase(pattern=f"{_APPROVE}|{_REJECT}", needs=Action.LEAVE_DECIDE)
async def decide_without_number(message: Message) -> Reply:
    """A decision without a number decides nothing: the list says which numbers there are."""
    return Reply.show("leave.to_decide_list")


@router.phrase("待我审批", "待审批", needs=Action.LEAVE_DECIDE)
async def list_to_decide(message: Message) -> Reply:
    """List what waits for this person."""
    return Reply.show("leave.to_decide_list")


# --- one's own ------------------------------------------------------------------------------------------------------


@router.phrase(
    "年假余额",
    pattern=r"(我?的?(年假|假期|休假)(余额)?|余额|(我?的?(年假|假期)?(还有|还剩|剩)(下|余)?(几天|多少天?|几日)(年假|假期?|假)?)"
    r"|年假(还有|还剩|剩余|剩下|有)?(几天|多少天?)|有?(几天|多少天?)年假|查(一下)?(年假|余额|年假余额|假期余额))[吗呢了啊？?。!！]*",
    needs=Action.LEAVE_VIEW,
)
async def show_balance(message: Message) -> Reply:
    """Say what is left of this year's annual leave."""
    return Reply.show("leave.balance", message.actor)


@router.phrase("我的申请", "我的请假", needs=Action.LEAVE_VIEW)
async def list_mine(message: Message) -> Reply:
    """List one's own requests."""
    return Reply.show("leave.mine")


@router.phrase("撤回", pattern=r"撤[回销消](我的)?(申请)?", needs=Action.LEAVE_WITHDRAW, in_order=True)
async def withdraw(message: Message, leave: LeaveService, dialogues: Dialogues) -> Reply:
    """Take back the only pending request at once; with several, ask which."""
    pending = await leave.mine(message.actor, pending=True)
    if not pending:
        return Reply.say("leave.list.nothing_to_withdraw")
    if len(pending) == 1:
        return await withdraw_by_number(message, str(pending[0].id), leave, dialogues)
    if message.group is None and await dialogues.current(message.actor) is None:
        await dialogues.keep(message.actor, WHICH, {})
    return Reply.show("leave.which_withdraw")


@router.question(WHICH)
async def withdraw_chosen(message: Message, leave: LeaveService, dialogues: Dialogues) -> Reply | None:
    """Take the number of one of those that were listed."""
    chosen = re.fullmatch(_NUMBER, simplified(message.text).strip(" 。"))
    if chosen is None:
        return None
    await dialogues.end(message.actor)
    return await withdraw_by_number(message, chosen["number"], leave, dialogues)


@router.phrase(pattern=rf"撤[回销消](我的)?\s*{_NUMBER}", needs=Action.LEAVE_WITHDRAW)
async def withdraw_by_number(message: Message, number: str, leave: LeaveService, dialogues: Dialogues) -> Reply:
    """`撤回 12`."""
    _, happened = await leave.withdraw(message.actor, int(number))
    if happened is not None:
        await dialogues.settled(message.actor)
    return Reply.show("leave.withdrawn", int(number), happened=happened)


@router.phrase("今天谁不在", pattern="今天谁(不在|请假|休假)[了吗啊？?]*", needs=Action.ABSENCE_VIEW)
async def who_is_away(message: Message, leave: LeaveService) -> Reply:
    """List who is away today among those this person may see."""
    await leave.away(leave.today, message.actor)
    return Reply.show("absence.today", leave.today.toordinal())


# --- views: rendered when they are sent, with the receiver as actor --------------------------------------------------


@router.view("leave.form")
async def view_form(viewer: int, values: Mapping[str, Any], leave: LeaveService, words: Words) -> FormView:
    """The form, filled with what was understood or what was sent last."""
    entitlement = await leave.entitlement(viewer, viewer)
    return cards.form(words, list(leave.types), Draft.of(values).fields(), entitlement.balance.available)


@router.view("leave.application")
async def view_application(viewer: int, subject: int, leave: LeaveService, words: Words) -> FormView:
    """The applicant's card after sending."""
    return cards.application(words, await leave.details(viewer, subject))


@router.view("leave.approval")
async def view_approval(
    viewer: int, subject: int, values: Mapping[str, Any], leave: LeaveService, words: Words
) -> NoticeView | None:
    """The approver's card; there is nothing to send at first when it was settled meanwhile."""
    details = await leave.details(viewer, subject)
    awaits = await leave.awaits(viewer, details)
    if values.get("first") and not awaits:
        return None
    return cards.approval(words, details, viewer, may_decide=awaits, repeated=bool(values.get("repeated")))


@router.view("leave.decided", Worth.ALERT)
async def view_decided(viewer: int, subject: int, leave: LeaveService, words: Words) -> TextView:
    """The outcome, for the applicant."""
    return cards.decided(words, await leave.details(viewer, subject))


@router.view("leave.outcome")
async def view_outcome(
    viewer: int, subject: int, values: Mapping[str, Any], leave: LeaveService, words: Words
) -> TextView:
    """The outcome, for who decided in words."""
    return cards.outcome(words, await leave.details(viewer, subject), repeated=bool(values.get("repeated")))


@router.view("leave.submitted")
async def view_submitted(viewer: int, subject: int, leave: LeaveService, words: Words) -> TextView:
    """The receipt of a request made in words."""
    return cards.submitted(words, await leave.details(viewer, subject))


@router.view("leave.withdrawn")
async def view_withdrawn(viewer: int, subject: int, leave: LeaveService, words: Words) -> TextView:
    """What became of a withdrawal."""
    return cards.withdrawn(words, await leave.details(viewer, subject))


@router.view("leave.confirm")
async def view_confirm(viewer: int, values: Mapping[str, Any], leave: LeaveService, words: Words) -> TextView:
    """What was understood, with the days counted."""
    wish = Draft.of(values).wish()
    return cards.confirm(words, wish, await leave.preview(viewer, wish))


@router.view("leave.ask")
async def view_ask(values: Mapping[str, Any], leave: LeaveService, words: Words) -> TextView:
    """The next field, one at a time."""
    draft = Draft.of(values)
    return cards.ask(words, draft.missing or "type", list(leave.types), draft.leave_type, draft.start)


@router.view("leave.balance")
async def view_balance(viewer: int, subject: int, leave: LeaveService, words: Words) -> TextView:
    """This year's annual leave."""
    return cards.balance(words, await leave.entitlement(viewer, subject), leave.today.year)


@router.prepares("leave.balance")
async def prepare_balances(subjects: Sequence[int], leave: LeaveService) -> None:
    """Read the ledgers of everybody who asks at the same time."""
    await leave.read_entitlements_ahead(subjects)


@router.view("leave.mine")
async def view_mine(viewer: int, leave: LeaveService, words: Words) -> TextView:
    """One's own requests."""
    return cards.mine(words, await leave.mine(viewer))


@router.view("leave.to_decide_list")
async def view_to_decide_list(viewer: int, leave: LeaveService, hiring: HireService, words: Words) -> TextView:
    """What waits for the reader: leave, and hires."""
    asked, hires = await leave.to_decide(viewer), await hiring.to_decide(viewer)
    told = cards.to_decide(words, asked) if asked or not hires else None
    return hiring_cards.to_decide(words, hires, told) if hires or told is None else told


@router.view("leave.which_withdraw")
async def view_which_withdraw(viewer: int, leave: LeaveService, words: Words) -> TextView:
    """The pending requests to choose from."""
    return cards.which_withdraw(words, await leave.mine(viewer, pending=True))


@router.view("absence.today")
async def view_away(viewer: int, subject: int, leave: LeaveService, words: Words) -> TextView:
    """Who is away on a day, among those the reader may see."""
    day = date.fromordinal(subject)
    return cards.away_today(words, day, await leave.away(day, viewer))
