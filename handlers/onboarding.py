"""Hiring in the chat: HR's sentence, form and card; approvals; what is stuck; tasks and the first day."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cards import onboarding as cards
from cards import personnel as personnel_cards
from cards.catalogue import Words
from cards.view import FormView, NoticeView, TextView
from handlers import hires
from handlers.hires import HireDraft, RehireUnsaid, draft_from_form, draft_from_sentence, form_state
from handlers.messages import CardClick, Message, Reply
from handlers.router import Router, Worth
from handlers.sentences.hire import ALONE, hires_somebody
from handlers.store import Dialogues
from handlers.surface import Surface
from hr_core.errors import HRError
from hr_core.notices import Happened
from hr_core.onboarding.model import FirstDayPast, ProbationTooLong
from hr_core.onboarding.service import HireService
from hr_core.onboarding.tasks import TaskList
from hr_core.permission.access import Access
from hr_core.permission.checker import NotAllowed
from hr_core.permission.matrix import Action

router = Router()

DIALOGUE = "onboarding"
_HIRE = r"(?:入职|的入职)\s*#?\s*(?P<number>\d{1,9})"
_SAID = r"(?P<said>[\s，,：:。].*)?"


# --- hiring -----------------------------------------------------------------------------------------------------------


@router.phrase("办理入职", "周敏下周一入职研发部", when=hires_somebody, needs=Action.ONBOARDING_HIRE, in_order=True)
async def hire(message: Message, hiring: HireService, surface: Surface, dialogues: Dialogues) -> Reply:
    """Read the sentence: show the form with what was understood, or go on in words where there are no forms."""
    hiring.may_hire(message.actor)
    await dialogues.end(message.actor)
    directory = hiring.access.directory
    alone = message.text.strip("。！! ") in ALONE
    draft = HireDraft() if alone else draft_from_sentence(message.text, hiring.today, directory)
    if draft.name:
        draft = draft.known_of((await hiring.recognise(message.actor, draft.name, draft.mobile or None)).former)
    if surface.forms:
        return Reply.show("onboarding.form", **draft.state())
    return await _continue(message.actor, draft, hiring, dialogues)


@router.question(DIALOGUE)
async def answer_question(
    message: Message, state: Mapping[str, Any], known: bool, hiring: HireService, dialogues: Dialogues
) -> Reply | None:
    """Take the answer to the field that was asked for, or 提交 once nothing is missing."""
    draft = HireDraft.of(state)
    said = message.text.strip("。！! ")
    if said == "提交":
        if draft.missing is not None:
            return await _continue(message.actor, draft, hiring, dialogues)
        hire_id, happened = await hiring.submit(message.actor, draft.wish(hiring.access.directory))
        await dialogues.done(message.actor)
        return Reply.show("onboarding.submitted", hire_id, happened=happened)
    if known or hires_somebody(message.text):
        return None
    told = draft.answered(message.text, hiring.today, hiring.access.directory)
    if told is None:
        return None if draft.missing is None else Reply.show("onboarding.ask", **draft.state())
    return await _continue(message.actor, told, hiring, dialogues)


async def _continue(actor: int, draft: HireDraft, hiring: HireService, dialogues: Dialogues) -> Reply:
    if draft.name:
        draft = draft.known_of((await hiring.recognise(actor, draft.name, draft.mobile or None)).former)
    missing = draft.missing
    if missing is None:
        try:
            await hiring.preview(actor, draft.wish(hiring.access.directory))
        except NotAllowed:
            raise
        except HRError as error:
            if isinstance(error, ProbationTooLong):  # The rest stays: what is wrong can be said anew.
                await dialogues.keep(actor, DIALOGUE, replace(draft, probation=None).state())
            elif isinstance(error, FirstDayPast):
                await dialogues.keep(actor, DIALOGUE, replace(draft, first_day=None).state())
            else:
                await dialogues.end(actor)
            return Reply.say(error.code, **error.values)
    await dialogues.keep(actor, DIALOGUE, draft.state())
    return Reply.show("onboarding.ask" if missing else "onboarding.confirm", **draft.state())


@router.form("onboarding.form", keeps=form_state)
async def submit_form(click: CardClick, hiring: HireService) -> Reply:
    """Send the hire a form carries; the card then shows how it goes."""
    hiring.may_hire(click.actor)
    draft = draft_from_form(click.form, hiring.access.directory)
    former = (await hiring.recognise(click.actor, draft.name, draft.mobile)).former
    if former and draft.rehire is None:
        raise RehireUnsaid(former=[(one.number or "", one.left_on) for one in former])
    told = replace(draft, former=tuple(one.employee for one in former))
    hire_id, happened = await hiring.submit(click.actor, told.wish(hiring.access.directory))
    return Reply.update("onboarding.application", hire_id, happened=happened)


@router.form("onboarding.application")
async def submit_form_again(click: CardClick) -> Reply:
    """Answer a form that was sent before with the hire it became."""
    return Reply.update("onboarding.application", click.card.subject)


# --- deciding ---------------------------------------------------------------------------------------------------------


@router.click("onboarding.approval", cards.APPROVE)
async def approve(click: CardClick, hiring: HireService) -> Reply:
    """同意 on the card."""
    happened = await hiring.decide(click.actor, click.card.subject, approve=True, comment=click.comment)
    return Reply.update("onboarding.approval", click.card.subject, happened=happened, repeated=happened is None)


@router.click("onboarding.approval", cards.REJECT)
async def reject(click: CardClick, hiring: HireService) -> Reply:
    """拒绝 on the card, with the comment as reason."""
    happened = await hiring.decide(click.actor, click.card.subject, approve=False, comment=click.comment)
    return Reply.update("onboarding.approval", click.card.subject, happened=happened, repeated=happened is None)


@router.phrase(pattern=rf"(?P<verb>同意|拒绝)\s*{_HIRE}{_SAID}", needs=Action.ONBOARDING_DECIDE)
async def decide_by_number(message: Message, verb: str, number: str, said: str | None, hiring: HireService) -> Reply:
    """`同意 入职 3`, `拒绝 入职 3 原因`."""
    happened = await hiring.decide(message.actor, int(number), approve=verb == "同意", comment=_words(said))
    return Reply.show("onboarding.state", int(number), happened=happened)


# --- going on, and back -----------------------------------------------------------------------------------------------


@router.click("onboarding.stuck", cards.RETRY)
async def retry(click: CardClick, hiring: HireService) -> Reply:
    """重试 on the card."""
    return _changed(click, await hiring.retry(click.actor, click.card.subject))


@router.click("onboarding.stuck", cards.SKIP)
async def skip(click: CardClick, hiring: HireService) -> Reply:
    """跳过 on the card, with the comment as reason."""
    return _changed(click, await hiring.skip(click.actor, click.card.subject, click.comment))


@router.click("onboarding.stuck", cards.STOP)
async def stop(click: CardClick, hiring: HireService) -> Reply:
    """停止 on the card."""
    return _changed(click, await hiring.stop(click.actor, click.card.subject))


def _changed(click: CardClick, happened: Happened) -> Reply:
    return Reply.update("onboarding.stuck", click.card.subject, happened=happened)


@router.phrase(pattern=rf"(?P<verb>重试|跳过|停止|取消)\s*{_HIRE}{_SAID}", needs=Action.ONBOARDING_HIRE)
async def deal_with(message: Message, verb: str, number: str, said: str | None, hiring: HireService) -> Reply:
    """`重试入职 3`, `跳过入职 3 原因`, `停止入职 3`, `取消入职 3`."""
    hire_id = int(number)
    happened: Happened | None
    match verb:
        case "重试":
            happened = await hiring.retry(message.actor, hire_id)
        case "跳过":
            happened = await hiring.skip(message.actor, hire_id, _words(said))
        case "停止":
            happened = await hiring.stop(message.actor, hire_id)
        case _:
            happened = await hiring.cancel(message.actor, hire_id)
    return Reply.show("onboarding.state", hire_id, happened=happened)


def _words(said: str | None) -> str:
    return (said or "").strip(" ，,：:。\n\t")


# --- tasks and progress -----------------------------------------------------------------------------------------------


def _finishing(position: int) -> None:
    @router.click("onboarding.tasks", f"{cards.FINISH}{position}")
    async def finish(click: CardClick, tasks: TaskList) -> Reply:
        """完成 on the card: the task of that place."""
        task_id = await tasks.task_at(click.card.recipient, click.card.subject, position)
        _, happened = await tasks.finish(click.actor, task_id)
        return Reply.update("onboarding.tasks", click.card.subject, happened=happened)


for _position in range(1, cards.MOST_TASKS + 1):
    _finishing(_position)


@router.phrase(pattern=r"完成(入职)?任务\s*#?\s*(?P<number>\d{1,9})", needs=Action.ONBOARDING_TASK)
async def finish_by_number(message: Message, number: str, tasks: TaskList) -> Reply:
    """`完成任务 12`."""
    hire_id, happened = await tasks.finish(message.actor, int(number))
    return Reply.show("onboarding.finished", hire_id, happened=happened)


@router.phrase("我的入职", pattern=r"我的入职(任务)?|入职任务|我的任务", needs=Action.ONBOARDING_TASK)
async def show_mine(message: Message) -> Reply:
    """List one's own tasks: a newcomer's, and what others have to do for one."""
    return Reply.show("onboarding.mine")


@router.phrase("入职进度", pattern=r"(查看?)?(新员工)?入职(进度|进展|情况)", needs=Action.ONBOARDING_VIEW)
async def show_progress(message: Message, tasks: TaskList) -> Reply:
    """Say how far each hire is that this person may see."""
    await tasks.progress(message.actor)
    return Reply.show("onboarding.progress")


@router.phrase(pattern=rf"(?:查看)?{_HIRE}", needs=Action.ONBOARDING_VIEW)
async def show_one(message: Message, number: str, hiring: HireService) -> Reply:
    """`入职 3`: one hire with its steps."""
    await hiring.details(message.actor, int(number))
    return Reply.show("onboarding.state", int(number))


# --- views ------------------------------------------------------------------------------------------------------------


@router.view("onboarding.form")
async def view_form(viewer: int, values: Mapping[str, Any], hiring: HireService, words: Words) -> FormView:
    """The form, filled with what was understood or what was sent last."""
    hiring.may_hire(viewer)
    directory = hiring.access.directory
    if "typed" in values:
        return cards.form(words, values["typed"], _departments(hiring), known=None)
    draft = HireDraft.of(values)
    known = await hiring.recognise(viewer, draft.name, draft.mobile or None) if draft.name else None
    manager = directory.people[draft.manager].name if draft.manager in directory.people and draft.manager else ""
    return cards.form(words, _typed(draft, manager, hiring), _departments(hiring), known=known)


def _typed(draft: HireDraft, manager: str, hiring: HireService) -> dict[str, str]:
    departments = hiring.access.directory.departments
    department = departments[draft.department].key if draft.department in departments and draft.department else ""
    contract = f"{draft.contract}:{draft.months}" if draft.months else draft.contract
    return {
        name: str(value)
        for name, value in {
            "name": draft.name,
            "mobile": draft.mobile,
            "department": department,
            "position": draft.position,
            "manager": manager,
            "first_day": draft.first_day.isoformat() if draft.first_day else "",
            "employment": draft.employment.value,
            "contract": contract,
            "probation": draft.probation,
        }.items()
        if value not in (None, "")
    }


def _departments(hiring: HireService) -> list[tuple[str, str]]:
    directory = hiring.access.directory
    found = [(one.key, hires.path_of(directory, one.id)) for one in directory.departments.values() if one.parent_id]
    return sorted(found, key=lambda pair: pair[1])


@router.view("onboarding.ask")
async def view_ask(viewer: int, values: Mapping[str, Any], hiring: HireService, words: Words) -> TextView:
    """The next field, one at a time."""
    draft = HireDraft.of(values)
    known = await hiring.recognise(viewer, draft.name, draft.mobile or None) if draft.name else None
    return cards.ask(words, draft.missing or "name", draft.name, draft.limit, known)


@router.view("onboarding.confirm")
async def view_confirm(viewer: int, values: Mapping[str, Any], hiring: HireService, words: Words) -> TextView:
    """What was understood, and what stands beside it."""
    directory = hiring.access.directory
    wish = HireDraft.of(values).wish(directory)
    manager = directory.people[wish.manager].name if wish.manager in directory.people and wish.manager else ""
    place = hires.path_of(directory, wish.department)
    return cards.confirm(words, wish, place, manager, await hiring.preview(viewer, wish))


@router.view("onboarding.submitted")
async def view_submitted(viewer: int, subject: int, hiring: HireService, words: Words) -> TextView:
    """The receipt of a hire told in words."""
    return cards.submitted(words, await hiring.details(viewer, subject))


@router.view("onboarding.application")
async def view_application(viewer: int, subject: int, hiring: HireService, words: Words) -> FormView:
    """HR's card after sending: how far it is."""
    return cards.application(words, await hiring.details(viewer, subject))


@router.view("onboarding.state")
async def view_state(viewer: int, subject: int, hiring: HireService, words: Words) -> TextView:
    """A hire with its steps, in words."""
    return cards.state(words, await hiring.details(viewer, subject))


@router.view("onboarding.approval")
async def view_approval(
    viewer: int, subject: int, values: Mapping[str, Any], hiring: HireService, words: Words
) -> NoticeView | None:
    """The approver's card; nothing at first when it was settled meanwhile."""
    details = await hiring.details(viewer, subject)
    awaits = await hiring.awaits(viewer, details)
    if values.get("first") and not awaits:
        return None
    return cards.approval(words, details, may_decide=awaits, repeated=bool(values.get("repeated")))


@router.view("onboarding.stuck")
async def view_stuck(viewer: int, subject: int, hiring: HireService, words: Words) -> NoticeView:
    """The failed step, and what can be done about it."""
    return cards.stuck(words, await hiring.details(viewer, subject))


@router.view("onboarding.decided", Worth.ALERT)
async def view_decided(viewer: int, subject: int, hiring: HireService, words: Words) -> TextView:
    """The decision, for who asked."""
    return cards.decided(words, await hiring.details(viewer, subject))


@router.view("onboarding.waiting", Worth.ALERT)
async def view_waiting(viewer: int, subject: int, hiring: HireService, words: Words) -> TextView:
    """That the newcomer has to accept first."""
    return cards.waiting(words, await hiring.details(viewer, subject))


@router.view("onboarding.done", Worth.ALERT)
async def view_done(viewer: int, subject: int, hiring: HireService, words: Words) -> TextView:
    """That everything is done."""
    return cards.done(words, await hiring.details(viewer, subject))


@router.view("onboarding.cancelled", Worth.ALERT)
async def view_cancelled(viewer: int, subject: int, hiring: HireService, words: Words) -> TextView:
    """That everything was taken back."""
    return cards.cancelled(words, await hiring.details(viewer, subject))


@router.view("onboarding.tasks")
async def view_tasks(viewer: int, subject: int, tasks: TaskList, words: Words) -> NoticeView | None:
    """What the reader has to do for a hire."""
    own = await tasks.own(viewer, subject)
    return cards.tasks(words, own, tasks.today) if own else None


@router.view("onboarding.finished")
async def view_finished(viewer: int, subject: int, tasks: TaskList, words: Words) -> TextView:
    """What is left after a task was finished in words."""
    return cards.finished(words, await tasks.own(viewer, subject), tasks.today)


@router.view("onboarding.mine")
async def view_mine(viewer: int, tasks: TaskList, words: Words) -> TextView:
    """One's own tasks."""
    return cards.mine(words, await tasks.mine(viewer), tasks.today)


@router.view("onboarding.progress")
async def view_progress(viewer: int, tasks: TaskList, words: Words) -> TextView:
    """How far each hire is."""
    return cards.progress(words, await tasks.progress(viewer))


@router.view("onboarding.first_day", Worth.NOTICE)
async def view_first_day(viewer: int, subject: int, tasks: TaskList, words: Words) -> TextView | None:
    """Whose first day it is: for the team's group (viewer 0), and for the manager."""
    first = await tasks.first_day(subject)
    return cards.first_day(words, first, to_manager=viewer != 0) if first else None


@router.view("onboarding.welcome")
async def view_welcome(viewer: int, subject: int, tasks: TaskList, access: Access, words: Words) -> NoticeView | None:
    """The newcomer's welcome, with the way to fill in their file."""
    first = await tasks.first_day(subject)
    if first is None or first.employee != viewer:
        return None
    manager = access.directory.people.get(first.manager or 0)
    own = await tasks.own(viewer, subject)
    return personnel_cards.welcome(
        words, subject, first, manager.name if manager else "", [one.title for one in own.tasks] if own else []
    )
