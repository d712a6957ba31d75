"""What a payslip's owner says of it, and what payroll answers: confirmed, disputed, counted, reminded of."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from cards import payslip as cards
from cards.catalogue import Words
from cards.view import FormView, NoticeView, TextView
from handlers.messages import CardClick, Message, Reply
from handlers.payslip import DIFFERENCE, SLIP
from handlers.router import Router, Worth
from handlers.sentences.pay import MONTH, read_month, read_objection
from handlers.store import Dialogues
from handlers.surface import Surface
from hr_core.payslip.owner import DISPUTE, REMIND, OwnPayslips
from hr_core.permission.matrix import Action

router = Router()

DIALOGUE = "payslip_dispute"
_END = r"[吗呢吧啊呀\s?？。.!！]*"

# --- confirming and disputing ---------------------------------------------------------------------------------------


@router.phrase(
    "确认工资条",
    pattern=rf"(确认|核对)(无误)?(?P<when>{MONTH})?的?工资(条|单)?(无误)?|工资(条|单)?(确认|核对)?无误{_END}",
    needs=Action.PAYSLIP_VIEW,
)
async def confirm_in_words(message: Message, when: str | None, slips: OwnPayslips) -> Reply:
    """Say that a payslip is right."""
    number = await slips.find(message.actor, read_month(when, slips.today))
    first = await slips.confirm(message.actor, number)
    month = (await slips.facts(message.actor, number)).month
    return Reply.show("payslip.confirmed", number, month=month.isoformat(), first_time=first)


@router.view("payslip.confirmed")
async def view_confirmed(values: Mapping[str, Any], words: Words) -> TextView:
    """What came of it."""
    month = cards.month_text(words, date.fromisoformat(values["month"]))
    code = "done" if values["first_time"] else "already"
    return TextView(words.say("answer.title"), words.say(f"payslip.confirmed.{code}", month=month))


@router.click("payslip.released", "confirm")
@router.click(SLIP, "confirm")
@router.click(DIFFERENCE, "confirm")
async def confirm(click: CardClick, slips: OwnPayslips) -> Reply:
    """确认无误 on a card."""
    await slips.confirm(click.actor, click.card.subject)
    return Reply.update(click.card.view, click.card.subject)


@router.phrase(
    "工资条有异议",
    pattern=rf"(我对?)?((?P<when>{MONTH})的?)?工资(条|单)?(有(异议|疑问|问题)|不对|不正确|有误)[\s:：,，。]*(?P<text>.*)",
    needs=Action.PAYSLIP_VIEW,
)
async def dispute_in_words(
    message: Message,
    when: str | None,
    text: str,
    slips: OwnPayslips,
    surface: Surface,
    dialogues: Dialogues,
) -> Reply:
    """Object to a payslip; without words the form, or the question, comes."""
    number = await slips.find(message.actor, read_month(when, slips.today))
    if text.strip():
        return await _dispute(message.actor, number, text, slips)
    if message.group is None:
        return await _ask(message.actor, number, slips, surface, dialogues)
    return Reply.show("payslip.dispute_form" if surface.forms else "payslip.released", number)


@router.click("payslip.released", "dispute")
@router.click(SLIP, "dispute")
@router.click(DIFFERENCE, "dispute")
async def dispute(click: CardClick, slips: OwnPayslips, surface: Surface, dialogues: Dialogues) -> Reply:
    """有异议 on a card."""
    return await _ask(click.actor, click.card.subject, slips, surface, dialogues)


async def _ask(actor: int, number: int, slips: OwnPayslips, surface: Surface, dialogues: Dialogues) -> Reply:
    await slips.facts(actor, number)
    if surface.forms:
        return Reply.show("payslip.dispute_form", number)
    await dialogues.keep(actor, DIALOGUE, {"payslip": number})
    return Reply.show("payslip.dispute_ask", number)


@router.view("payslip.dispute_ask")
async def view_dispute_ask(viewer: int, subject: int, slips: OwnPayslips, words: Words) -> TextView:
    """Ask which line and what is wrong."""
    lines = await slips.lines(viewer, subject)
    return TextView(words.say("answer.title"), words.say("payslip.dispute.ask", lines=lines))


@router.question(DIALOGUE)
async def take_objection(
    message: Message, state: Mapping[str, Any], known: bool, slips: OwnPayslips, dialogues: Dialogues
) -> Reply | None:
    """Take the words; a phrase that means something else keeps its meaning."""
    if known:
        return None
    reply = await _dispute(message.actor, int(state["payslip"]), message.text, slips)
    await dialogues.end(message.actor)
    return reply


async def _dispute(actor: int, number: int, text: str, slips: OwnPayslips) -> Reply:
    told = read_objection(text, await slips.lines(actor, number))
    dispute_id, happened = await slips.dispute(actor, number, told.line or "", told.words)
    return Reply.say("payslip.dispute.sent", id=dispute_id, happened=happened)


@router.view("payslip.dispute_form")
async def view_dispute_form(
    viewer: int, subject: int, values: Mapping[str, Any], slips: OwnPayslips, words: Words
) -> FormView:
    """The form, or that it was sent."""
    facts = await slips.facts(viewer, subject)
    sent = words.say("payslip.dispute.sent", id=values["sent"]) if "sent" in values else ""
    return cards.dispute_form(words, facts, [] if sent else await slips.lines(viewer, subject), sent)


@router.form("payslip.dispute_form")
async def submit_dispute(click: CardClick, slips: OwnPayslips) -> Reply:
    """Send what the form carries."""
    line, told = click.form.get("line"), click.form.get("words")
    chosen = str(line.get("value", "")) if isinstance(line, Mapping) else ""
    known = await slips.lines(click.actor, click.card.subject)
    dispute_id, happened = await slips.dispute(
        click.actor,
        click.card.subject,
        chosen if chosen in known else "",
        told.strip() if isinstance(told, str) else "",
    )
    return Reply.update("payslip.dispute_sent", click.card.subject, happened=happened, sent=dispute_id)


@router.view("payslip.dispute_sent")
async def view_dispute_sent(
    viewer: int, subject: int, values: Mapping[str, Any], slips: OwnPayslips, words: Words
) -> FormView:
    """The form once it was sent."""
    facts = await slips.facts(viewer, subject)
    sent = words.say("payslip.dispute.sent", id=values.get("sent") or await slips.newest_dispute(viewer, subject))
    return cards.dispute_form(words, facts, (), sent)


@router.form("payslip.dispute_sent")
async def submit_dispute_again(click: CardClick) -> Reply:
    """Answer a form that was sent before with what it became."""
    return Reply.update("payslip.dispute_sent", click.card.subject)


@router.view(f"{DISPUTE}.card")
async def view_dispute(
    viewer: int, subject: int, values: Mapping[str, Any], slips: OwnPayslips, words: Words
) -> NoticeView | None:
    """An objection, for payroll; there is nothing to send at first when it was answered meanwhile."""
    found = await slips.details(viewer, subject)
    if values.get("first") and found.status != "open":
        return None
    return cards.dispute_card(words, found, may_answer=found.status == "open")


@router.view(f"{DISPUTE}.record")
async def view_dispute_record(viewer: int, subject: int, slips: OwnPayslips, words: Words) -> NoticeView:
    """An objection as it stands, for who has just answered it in words."""
    found = await slips.details(viewer, subject)
    return cards.dispute_card(words, found, may_answer=found.status == "open")


@router.click(f"{DISPUTE}.card", "answer")
async def answer(click: CardClick, slips: OwnPayslips) -> Reply:
    """答复 on the card, with its words."""
    happened = await slips.answer(click.actor, click.card.subject, click.comment)
    return Reply.update(f"{DISPUTE}.card", click.card.subject, happened=happened)


@router.phrase(pattern=r"答复异议\s*#?(?P<number>\d{1,9})[\s:：,，]*(?P<text>.*)", needs=Action.PAYROLL_SHEET_READ)
async def answer_in_words(message: Message, number: str, text: str, slips: OwnPayslips) -> Reply:
    """`答复异议 12 已核对，下月补发`."""
    happened = await slips.answer(message.actor, int(number), text.strip())
    return Reply.show(f"{DISPUTE}.record", int(number), happened=happened)


@router.view(f"{DISPUTE}.answered")
async def view_answered(viewer: int, subject: int, slips: OwnPayslips, words: Words) -> TextView:
    """What payroll answered, for who objected."""
    return cards.answered(words, await slips.details(viewer, subject))


# --- how far it is --------------------------------------------------------------------------------------------------


@router.view(REMIND, Worth.NOTICE)
async def view_reminder(viewer: int, slips: OwnPayslips, words: Words) -> TextView | None:
    """All that somebody hasn't confirmed; nothing when they have meanwhile."""
    months = await slips.unconfirmed_months(viewer)
    return cards.reminder(words, months) if months else None


@router.phrase("工资条进度", pattern=rf"工资(条|单)?(确认)?(进度|情况|统计){_END}", needs=Action.PAYSLIP_PROGRESS)
async def show_progress(message: Message, slips: OwnPayslips) -> Reply:
    """How many have confirmed."""
    await slips.progress(message.actor)
    return Reply.show("pay_progress.shown")


@router.view("pay_progress.shown")
async def view_progress(viewer: int, slips: OwnPayslips, words: Words) -> TextView:
    """Counts without a figure or a name."""
    return cards.progress(words, await slips.progress(viewer))
