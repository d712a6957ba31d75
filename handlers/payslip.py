"""One's own payslip: asked for in words, shown where no chat keeps it, confirmed or disputed."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from cards import payslip as cards
from cards.catalogue import Words
from cards.view import FormView, NoticeView, Paper, PaperView, TextView
from handlers.links import LIFETIME, Links
from handlers.messages import CardClick, Message, Reply
from handlers.router import Router, Worth
from handlers.sentences.pay import MONTH, YEAR, read_month, read_objection, read_year
from handlers.store import CardStore, Dialogues
from handlers.surface import Surface
from hr_core.clock import Clock, company_day
from hr_core.payslip.owner import DISPUTE, REMIND, OwnPayslips
from hr_core.permission.access import Access
from hr_core.permission.checker import PermissionChecker
from hr_core.permission.matrix import Action

router = Router()

SLIP, DIFFERENCE, PAY_YEAR = "payslip.slip", "payslip.difference", "pay_year.shown"
DIALOGUE = "payslip_dispute"

_ASK = r"(我要|我想|想|请|帮我)?(看看|看一下|看|查一下|查查|查|发一下|发)?(一下)?"
_END = r"[吗呢吧啊呀\s?？。.!！]*"
_SLIP = r"工资(条|单|明细)?"

# --- asking ---------------------------------------------------------------------------------------------------------


@router.phrase(
    "工资条",
    "10月工资",
    pattern=rf"{_ASK}(我的?|本人的?)?((?P<when>{MONTH})的?(工资(条|单|明细)?)|(最新|最近)?的?工资(条|单|明细)|工资多少){_END}",
    needs=Action.PAYSLIP_VIEW,
)
async def show_slip(
    message: Message, when: str | None, slips: OwnPayslips, links: Links, surface: Surface, clock: Clock
) -> Reply:
    """The payslip of a month, the newest without one."""
    month = read_month(when, company_day(clock.now()))
    return await _give(SLIP, await slips.find(message.actor, month), message.actor, links, surface)


@router.phrase(
    "今年一共",
    pattern=rf"{_ASK}(我的?|本人的?)?(?P<year>{YEAR}|全年)"
    r"((一共|总共|累计|合计|总计)(发|拿|领|挣|收入)?了?(多少)?(钱|工资|收入)?|的?(工资|收入)(条|单)?(汇总|合计|总额|一共|总共|累计)?)"
    rf"{_END}",
    needs=Action.PAYSLIP_VIEW,
)
async def show_year(
    message: Message, year: str, slips: OwnPayslips, links: Links, surface: Surface, clock: Clock
) -> Reply:
    """What the payslips of a year add up to, by component."""
    today = company_day(clock.now())
    wanted = read_year(year, today) or today.year
    await slips.find_year(message.actor, wanted)
    return await _give(PAY_YEAR, wanted, message.actor, links, surface)


_WHY = "(为什么|为何|为啥|怎么|咋)"
_THAN = rf"(比|和|跟|与|同|较)((?P<than>{MONTH})|之前|以前)的?(工资)?"


@router.phrase(
    "为什么比上月少了433",
    "和上月比",
    pattern=rf"({_WHY}(我的?)?((?P<when>{MONTH})的?)?(工资(条|单)?)?(的)?({_THAN})?(会)?(少|多|变|不一样|不同)"
    rf"(发)?了?(?P<amount>[\d,，]{{1,9}}(\.\d{{1,2}})?)?(块钱?|元)?(钱)?"
    rf"|(我的?)?((?P<when2>{MONTH})的?)?(工资(条|单)?)?(和|跟|与|同)(?P<than2>{MONTH})的?(工资)?(相比|对比|比较?)(变了什么|差多少|怎么样|如何)?"
    rf"|工资(条|单)?(的)?(变化|变动|差异|差额)(说明|明细)?){_END}",
    needs=Action.PAYSLIP_VIEW,
)
async def show_difference(
    message: Message,
    when: str | None,
    when2: str | None,
    slips: OwnPayslips,
    links: Links,
    surface: Surface,
    clock: Clock,
) -> Reply:
    """The lines that changed since the month before; a figure that was named and isn't the true one is put right."""
    found = await slips.find(message.actor, read_month(when or when2, company_day(clock.now())))
    await slips.find_before(message.actor, found)
    return await _give(DIFFERENCE, found, message.actor, links, surface)


async def _give(view: str, subject: int, actor: int, links: Links, surface: Surface) -> Reply:
    """Show a paper the best way there is: by a card, by a link where phones reach us, as a locked file."""
    if surface.notices or not surface.address:
        return Reply.show(view, subject)
    secret = await links.give(view, subject, actor)
    return Reply.show("paper.link", subject, of=view, secret=secret)


# --- showing --------------------------------------------------------------------------------------------------------


@router.paper(SLIP)
async def write_slip(viewer: int, subject: int, slips: OwnPayslips, words: Words) -> Paper:
    """One month."""
    return cards.slip_paper(words, await slips.slip(viewer, subject))


@router.paper(DIFFERENCE)
async def write_difference(viewer: int, subject: int, slips: OwnPayslips, words: Words) -> Paper:
    """What changed since the month before."""
    return cards.difference_paper(words, *await slips.pair(viewer, subject))


@router.paper(PAY_YEAR)
async def write_year(viewer: int, subject: int, slips: OwnPayslips, words: Words) -> Paper:
    """A year."""
    return cards.year_paper(words, subject, await slips.year(viewer, subject))


@router.view(SLIP)
async def view_slip(
    viewer: int, subject: int, slips: OwnPayslips, surface: Surface, words: Words
) -> NoticeView | PaperView:
    """A card that pulls, or the locked file."""
    if surface.notices:
        return cards.slip_card(words, await slips.facts(viewer, subject), slips.policy.shown_for)
    return cards.locked(words, await write_slip(viewer, subject, slips, words), slips.policy.shown_for)


@router.view(DIFFERENCE)
async def view_difference(
    viewer: int, subject: int, slips: OwnPayslips, surface: Surface, words: Words
) -> NoticeView | PaperView:
    """The same of what changed."""
    if surface.notices:
        return cards.difference_card(words, await slips.facts(viewer, subject), slips.policy.shown_for)
    return cards.locked(words, await write_difference(viewer, subject, slips, words), slips.policy.shown_for)


@router.view(PAY_YEAR)
async def view_year(
    viewer: int, subject: int, slips: OwnPayslips, surface: Surface, words: Words
) -> NoticeView | PaperView:
    """The same of a year."""
    await slips.find_year(viewer, subject)
    if surface.notices:
        return cards.year_card(words, subject, slips.policy.shown_for)
    return cards.locked(words, await write_year(viewer, subject, slips, words), slips.policy.shown_for)


@router.view("paper.link")
async def view_link(values: Mapping[str, Any], surface: Surface, words: Words) -> TextView:
    """An address that works once; it names neither person nor month."""
    address = f"{surface.address}/s/{values['secret']}"
    minutes = int(LIFETIME.total_seconds()) // 60
    return TextView(words.say("answer.title"), words.say("paper.link", address=address, minutes=minutes))


@router.view("payslip.released")
async def view_released(viewer: int, subject: int, slips: OwnPayslips, words: Words) -> NoticeView:
    """A payslip has come."""
    return cards.released(words, await slips.facts(viewer, subject))


@router.click("payslip.released", "again")
@router.click(SLIP, "again")
async def show_again(click: CardClick, slips: OwnPayslips, links: Links, surface: Surface) -> Reply:
    """A fresh card: only that is sure to be pulled (decision 13)."""
    await slips.facts(click.actor, click.card.subject)
    return await _give(SLIP, click.card.subject, click.actor, links, surface)


@router.click(SLIP, "compare")
async def compare(click: CardClick, slips: OwnPayslips, links: Links, surface: Surface) -> Reply:
    """和上月比 on the card."""
    await slips.find_before(click.actor, click.card.subject)
    return await _give(DIFFERENCE, click.card.subject, click.actor, links, surface)


@router.click(DIFFERENCE, "again")
async def compare_again(click: CardClick, slips: OwnPayslips, links: Links, surface: Surface) -> Reply:
    """The same of what changed."""
    await slips.facts(click.actor, click.card.subject)
    return await _give(DIFFERENCE, click.card.subject, click.actor, links, surface)


@router.click(PAY_YEAR, "again")
async def show_year_again(click: CardClick, permission: PermissionChecker, links: Links, surface: Surface) -> Reply:
    """The same of a year."""
    permission.may(click.actor, Action.PAYSLIP_VIEW, on=click.card.recipient)
    return await _give(PAY_YEAR, click.card.subject, click.actor, links, surface)


@router.click(SLIP, "hide")
async def hide(click: CardClick, slips: OwnPayslips, store: CardStore, clock: Clock) -> Reply:
    """Answer no pull of this card any more."""
    await slips.facts(click.actor, click.card.subject)
    row = await store.find(click.card.track_id)
    if row is not None:
        row.shown_until = clock.now()
        store.save(row)
    return Reply.update(SLIP, click.card.subject)


# --- confirming and disputing ---------------------------------------------------------------------------------------


@router.phrase(
    "确认工资条",
    pattern=rf"(确认|核对)(无误)?(?P<when>{MONTH})?的?工资(条|单)?(无误)?|工资(条|单)?(确认|核对)?无误{_END}",
    needs=Action.PAYSLIP_VIEW,
)
async def confirm_in_words(message: Message, when: str | None, slips: OwnPayslips, clock: Clock) -> Reply:
    """Say that a payslip is right."""
    number = await slips.find(message.actor, read_month(when, company_day(clock.now())))
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
    clock: Clock,
) -> Reply:
    """Object to a payslip; without words the form, or the question, comes."""
    number = await slips.find(message.actor, read_month(when, company_day(clock.now())))
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


# --- somebody else's: the last to be tried --------------------------------------------------------------------------


@router.phrase(
    pattern=rf"{_ASK}(?P<who>[^的\s]{{1,20}}?)((的|\s)(?P<when>{MONTH})?|(?P<when2>{MONTH})|(的|\s){YEAR})的?{_SLIP}{_END}",
    needs=Action.PAYSLIP_VIEW,
)
async def ask_for_another(
    message: Message,
    who: str,
    when: str | None,
    when2: str | None,
    slips: OwnPayslips,
    links: Links,
    surface: Surface,
    clock: Clock,
    permission: PermissionChecker,
    access: Access,
) -> Reply:
    """Somebody else's: refused in the same words whether there is such a person or not."""
    named = [one.id for one in access.directory.people.values() if who in {one.name, one.key}]
    if named == [message.actor]:
        return await show_slip(message, when or when2, slips, links, surface, clock)
    raise permission.refuse(message.actor, Action.PAYSLIP_VIEW, on=named[0] if len(named) == 1 else None)
