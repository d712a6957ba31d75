"""One's own payslip: asked for in words, shown where no chat keeps it, confirmed or disputed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cards import payslip as cards
from cards.catalogue import Words
from cards.view import NoticeView, Paper, PaperView, TextView
from handlers.links import LIFETIME, Links
from handlers.messages import CardClick, Message, Reply, Show
from handlers.router import Router
from handlers.sentences.pay import MONTH, YEAR, read_month, read_year
from handlers.store import CardStore
from handlers.surface import Surface
from hr_core.clock import Clock
from hr_core.payslip.owner import OwnPayslips
from hr_core.permission.access import Access
from hr_core.permission.checker import PermissionChecker
from hr_core.permission.matrix import Action

router = Router()

SLIP, DIFFERENCE, PAY_YEAR = "payslip.slip", "payslip.difference", "pay_year.shown"

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
async def show_slip(message: Message, when: str | None, slips: OwnPayslips, links: Links, surface: Surface) -> Reply:
    """The payslip of a month, the newest without one."""
    month = read_month(when, slips.today)
    return await _give(SLIP, await slips.find(message.actor, month), message.actor, links, surface)


@router.phrase(
    "今年一共",
    pattern=rf"{_ASK}(我的?|本人的?)?(?P<year>{YEAR}|全年)"
    r"((一共|总共|累计|合计|总计)(发|拿|领|挣|收入)?了?(多少)?(钱|工资|收入)?|的?(工资|收入)(条|单)?(汇总|合计|总额|一共|总共|累计)?)"
    rf"{_END}",
    needs=Action.PAYSLIP_VIEW,
)
async def show_year(message: Message, year: str, slips: OwnPayslips, links: Links, surface: Surface) -> Reply:
    """What the payslips of a year add up to, by component."""
    today = slips.today
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
) -> Reply:
    """The lines that changed since the month before; a figure that was named and isn't the true one is put right."""
    found = await slips.find(message.actor, read_month(when or when2, slips.today))
    await slips.find_before(message.actor, found)
    return await _give(DIFFERENCE, found, message.actor, links, surface)


async def _give(view: str, subject: int, actor: int, links: Links, surface: Surface) -> Reply:
    """Show a paper the best way there is: by a card, by a link where phones reach us, as a locked file."""
    if surface.notices or not surface.address:
        return Reply.show(view, subject)
    secret = await links.give(view, subject, actor)
    return Reply.show("paper.link", subject, of=view, secret=secret)


def _noted(click: CardClick, reply: Reply) -> Reply:
    """Say on the tapped card that a new one has come."""
    return replace(reply, card=Show(click.card.view, click.card.subject, {"tip": "shown_again"}))


def _tipped(view: NoticeView, values: Mapping[str, Any], words: Words) -> NoticeView:
    return replace(view, tip=words.say(f"payslip.{values['tip']}")) if "tip" in values else view


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
    viewer: int, subject: int, values: Mapping[str, Any], slips: OwnPayslips, surface: Surface, words: Words
) -> NoticeView | PaperView:
    """A card that pulls, or the locked file."""
    if surface.notices:
        return _tipped(
            cards.slip_card(words, await slips.facts(viewer, subject), slips.policy.shown_for), values, words
        )
    return cards.locked(words, await write_slip(viewer, subject, slips, words), slips.policy.shown_for)


@router.view(DIFFERENCE)
async def view_difference(
    viewer: int, subject: int, values: Mapping[str, Any], slips: OwnPayslips, surface: Surface, words: Words
) -> NoticeView | PaperView:
    """The same of what changed."""
    if surface.notices:
        return _tipped(
            cards.difference_card(words, await slips.facts(viewer, subject), slips.policy.shown_for), values, words
        )
    return cards.locked(words, await write_difference(viewer, subject, slips, words), slips.policy.shown_for)


@router.view(PAY_YEAR)
async def view_year(
    viewer: int, subject: int, values: Mapping[str, Any], slips: OwnPayslips, surface: Surface, words: Words
) -> NoticeView | PaperView:
    """The same of a year."""
    await slips.find_year(viewer, subject)
    if surface.notices:
        return _tipped(cards.year_card(words, subject, slips.policy.shown_for), values, words)
    return cards.locked(words, await write_year(viewer, subject, slips, words), slips.policy.shown_for)


@router.view("paper.link")
async def view_link(values: Mapping[str, Any], surface: Surface, words: Words) -> TextView:
    """An address that works once; it names neither person nor month."""
    address = f"{surface.address}/s/{values['secret']}"
    minutes = int(LIFETIME.total_seconds()) // 60
    return TextView(words.say("answer.title"), words.say("paper.link", address=address, minutes=minutes))


@router.view("payslip.released")
async def view_released(
    viewer: int, subject: int, values: Mapping[str, Any], slips: OwnPayslips, words: Words
) -> NoticeView:
    """A payslip has come."""
    return _tipped(cards.released(words, await slips.facts(viewer, subject)), values, words)


@router.click("payslip.released", "again")
@router.click(SLIP, "again")
async def show_again(click: CardClick, slips: OwnPayslips, links: Links, surface: Surface) -> Reply:
    """A fresh card: only that is sure to be pulled (decision 13)."""
    await slips.facts(click.actor, click.card.subject)
    return _noted(click, await _give(SLIP, click.card.subject, click.actor, links, surface))


@router.click(SLIP, "compare")
async def compare(click: CardClick, slips: OwnPayslips, links: Links, surface: Surface) -> Reply:
    """和上月比 on the card."""
    await slips.find_before(click.actor, click.card.subject)
    return _noted(click, await _give(DIFFERENCE, click.card.subject, click.actor, links, surface))


@router.click(DIFFERENCE, "again")
async def compare_again(click: CardClick, slips: OwnPayslips, links: Links, surface: Surface) -> Reply:
    """The same of what changed."""
    await slips.facts(click.actor, click.card.subject)
    return _noted(click, await _give(DIFFERENCE, click.card.subject, click.actor, links, surface))


@router.click(PAY_YEAR, "again")
async def show_year_again(click: CardClick, permission: PermissionChecker, links: Links, surface: Surface) -> Reply:
    """The same of a year."""
    permission.may(click.actor, Action.PAYSLIP_VIEW, on=click.card.recipient)
    return _noted(click, await _give(PAY_YEAR, click.card.subject, click.actor, links, surface))


@router.click(SLIP, "hide")
async def hide(click: CardClick, slips: OwnPayslips, store: CardStore, clock: Clock) -> Reply:
    """Answer no pull of this card any more."""
    await slips.facts(click.actor, click.card.subject)
    row = await store.find(click.card.track_id)
    if row is not None:
        row.shown_until = clock.now()
        store.save(row)
    return Reply.update(SLIP, click.card.subject, tip="hidden")


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
    permission: PermissionChecker,
    access: Access,
) -> Reply:
    """Somebody else's: refused in the same words whether there is such a person or not."""
    named = [one.id for one in access.directory.people.values() if who in {one.name, one.key}]
    if named == [message.actor]:
        return await show_slip(message, when or when2, slips, links, surface)
    raise permission.refuse(message.actor, Action.PAYSLIP_VIEW, on=named[0] if len(named) == 1 else None)
