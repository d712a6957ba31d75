"""A month's sheet in the chat: who may release it does so, or gives it back."""

from cards import payroll as cards
from cards.catalogue import Words
from cards.view import NoticeView, TextView
from handlers.messages import CardClick, Message, Reply
from handlers.router import Router
from hr_core.payslip.payroll import PayrollService
from hr_core.permission.matrix import Action

router = Router()
VIEW = "payroll.release"


@router.click(VIEW, cards.RELEASE)
async def release(click: CardClick, payroll: PayrollService) -> Reply:
    """发布 on the card."""
    happened = await payroll.release(click.actor, click.card.subject)
    return Reply.update(VIEW, click.card.subject, happened=happened)


@router.click(VIEW, cards.GIVE_BACK)
async def give_back(click: CardClick, payroll: PayrollService) -> Reply:
    """退回 on the card."""
    happened = await payroll.give_back(click.actor, click.card.subject)
    return Reply.update(VIEW, click.card.subject, happened=happened)


@router.phrase(pattern=r"(?P<verb>发布|发放|退回|撤销)\s*工资表?\s*(?P<number>\d{1,9})", needs=Action.PAYROLL_RELEASE)
async def decide(message: Message, verb: str, number: str, payroll: PayrollService) -> Reply:
    """`发布 工资 3`, `退回 工资 3`."""
    decided = payroll.release if verb in {"发布", "发放"} else payroll.give_back
    happened = await decided(message.actor, int(number))
    return Reply.show("payroll.told", int(number), happened=happened)


@router.phrase("编制工资表", pattern="(编制|上传|导入|发)工资表|工资表", needs=Action.PAYROLL_PREPARE)
async def how(message: Message, payroll: PayrollService) -> Reply:
    """How a sheet is brought, and which wait."""
    payroll.may_prepare(message.actor)
    return Reply.say("payroll.how")


@router.view(VIEW)
async def view_release(viewer: int, subject: int, payroll: PayrollService, words: Words) -> NoticeView:
    """The card."""
    return cards.release(words, await payroll.details(viewer, subject))


@router.view("payroll.stopped")
async def view_stopped(viewer: int, subject: int, payroll: PayrollService, words: Words) -> TextView:
    """A release that has stopped on the way, and how it goes on."""
    return cards.stopped(words, await payroll.details(viewer, subject))


@router.view("payroll.told")
@router.view("payroll.done")
@router.view("payroll.given_back")
async def view_told(viewer: int, subject: int, payroll: PayrollService, words: Words) -> TextView:
    """What became of a sheet."""
    return cards.told(words, await payroll.details(viewer, subject))
