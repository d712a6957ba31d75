"""The month's sheet sent in the chat by who prepares it: read, asked about, confirmed. Each sees their own only."""

import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from cards import payroll_draft as cards
from cards.catalogue import Words
from cards.view import FileView, NoticeView, TextView
from handlers.messages import CardClick, Message, Reply, Show
from handlers.router import Router
from handlers.store import Dialogues
from hr_core.notices import Happened
from hr_core.payslip.drafts import COLUMN, MONTH, READING, REASON, Draft, PayrollDrafts
from hr_core.payslip.payroll import PayrollService, read_month
from hr_core.payslip.sheet import Meaning, SheetUnreadable
from hr_core.permission.checker import NotAllowed, PermissionChecker
from hr_core.permission.matrix import Action

router = Router()

DIALOGUE = "payroll_draft"
CHECKED, ASKED = "payroll_draft.checked", "payroll_draft.column"
_ENDINGS = frozenset({".xlsx", ".csv", ".xlsm"})
_MEANINGS = {
    "收入": Meaning.EARNING, "应发": Meaning.EARNING,
    "扣款": Meaning.DEDUCTION, "扣除": Meaning.DEDUCTION,
    "单位承担": Meaning.EMPLOYER, "单位": Meaning.EMPLOYER, "公司承担": Meaning.EMPLOYER,
    "忽略": Meaning.IGNORED, "不要": Meaning.IGNORED,
}  # fmt: skip
_SAID = "|".join(sorted(_MEANINGS, key=len, reverse=True))
_MONTH = re.compile(r"(20\d\d)\s*[-年./]?\s*(1[0-2]|0?[1-9])\s*月?(份)?(的?工资表?)?")
_STOPS = frozenset({"取消", "算了", "退出", "不发了"})
_WIDTH = 256
"""More than the columns that are read: a card of a column is named by upload and column."""


async def onwards(actor: int, draft: Draft, dialogues: Dialogues) -> Show:
    """Give what to ask or to show next of an upload."""
    if draft.status not in {COLUMN, MONTH, REASON}:
        if (current := await dialogues.current(actor)) and current[0] == DIALOGUE:
            await dialogues.end(actor)
        return Show(CHECKED, draft.number)
    index = draft.unclear[0][0] if draft.status == COLUMN else 0
    await dialogues.keep(actor, DIALOGUE, {"number": draft.number, "asked": draft.status, "column": index})
    if draft.status == COLUMN:
        return Show(ASKED, draft.number * _WIDTH + index)
    return Show(f"payroll_draft.{draft.status}", draft.number)


@router.attachment()
async def take_sheet(
    message: Message, payroll: PayrollService, drafts: PayrollDrafts, dialogues: Dialogues
) -> Reply | None:
    """Take a sheet from who may prepare one; anybody else's file isn't for this."""
    attachment = message.attachment
    ending = PurePath(attachment.name).suffix.lower() if attachment is not None else ""
    if attachment is None or attachment.kind != "file" or ending not in {*_ENDINGS, ".xls"}:
        return None
    try:
        payroll.may_prepare(message.actor)
    except NotAllowed:
        return None
    if ending == ".xls":
        raise SheetUnreadable("old_workbook")
    happened = await drafts.begin(message.actor, attachment.name, attachment.code)
    if (current := await dialogues.current(message.actor)) and current[0] == DIALOGUE:
        await dialogues.end(message.actor)
    return Reply.say("payroll_draft.reading", happened=happened)


# --- what isn't clear -----------------------------------------------------------------------------------------------


@router.question(DIALOGUE)
async def answer_question(
    message: Message, state: Mapping[str, Any], known: bool, drafts: PayrollDrafts, dialogues: Dialogues
) -> Reply | None:
    """Take the answer to what was asked of the sheet."""
    said, number = message.text.strip(" 。！!"), int(state["number"])
    if said in _STOPS:
        await dialogues.end(message.actor)
        return Reply.show(CHECKED, (await drafts.cancel(message.actor, number)).number)
    if state["asked"] == COLUMN and said in _MEANINGS:
        return await _column(message.actor, number, int(state["column"]), _MEANINGS[said], drafts, dialogues)
    if state["asked"] == MONTH and (month := _MONTH.fullmatch(said)) is not None:
        of = read_month(f"{month[1]}-{int(month[2]):02}")
        return await _told(message.actor, *await drafts.tell_month(message.actor, number, of), dialogues)
    if state["asked"] == REASON and not known and said:
        return await _told(message.actor, *await drafts.tell_reason(message.actor, number, said), dialogues)
    return None


@router.phrase(pattern=rf"列\s*(?P<column>\d{{1,3}})\s*[是为:：]?\s*(?P<meaning>{_SAID})", needs=Action.PAYROLL_PREPARE)
async def name_column(
    message: Message, column: str, meaning: str, drafts: PayrollDrafts, dialogues: Dialogues
) -> Reply:
    """`列 7 收入`: counted as Excel counts, from 1."""
    draft = await drafts.current(message.actor)
    return await _column(message.actor, draft.number, int(column) - 1, _MEANINGS[meaning], drafts, dialogues)


@router.click(ASKED, Meaning.EARNING.value)
@router.click(ASKED, Meaning.DEDUCTION.value)
@router.click(ASKED, Meaning.EMPLOYER.value)
@router.click(ASKED, Meaning.IGNORED.value)
async def tap_column(
    click: CardClick, drafts: PayrollDrafts, dialogues: Dialogues, permission: PermissionChecker
) -> Reply:
    """The same on the card."""
    permission.may(click.actor, Action.CARD_USE, on=click.card.recipient)
    number, index = divmod(click.card.subject, _WIDTH)
    reply = await _column(click.actor, number, index, Meaning(click.action), drafts, dialogues)
    return Reply(reply.answer, reply.happened, card=Show(ASKED, click.card.subject))


async def _column(
    actor: int, number: int, index: int, meaning: Meaning, drafts: PayrollDrafts, dialogues: Dialogues
) -> Reply:
    return await _told(actor, *await drafts.tell_column(actor, number, index, meaning), dialogues)


async def _told(actor: int, draft: Draft, happened: Happened, dialogues: Dialogues) -> Reply:
    following = await onwards(actor, draft, dialogues)
    if draft.status == READING:
        return Reply.say("payroll_draft.reading", happened=happened)
    return Reply(following, happened)


# --- yes or no ------------------------------------------------------------------------------------------------------


@router.phrase(pattern=r"(?P<verb>确认|取消)\s*工资表\s*(?P<number>\d{1,6})", needs=Action.PAYROLL_PREPARE)
async def decide(message: Message, verb: str, number: str, drafts: PayrollDrafts, dialogues: Dialogues) -> Reply:
    """`确认工资表 3`, `取消工资表 3`."""
    draft, happened = await _decided(message.actor, int(number), verb == "确认", drafts)
    return Reply(await onwards(message.actor, draft, dialogues), happened)


@router.click(CHECKED, cards.CONFIRM)
@router.click(CHECKED, cards.CANCEL)
async def tap(click: CardClick, drafts: PayrollDrafts, permission: PermissionChecker) -> Reply:
    """确认, 取消 on the card."""
    permission.may(click.actor, Action.CARD_USE, on=click.card.recipient)
    _, happened = await _decided(click.actor, click.card.subject, click.action == cards.CONFIRM, drafts)
    return Reply.update(CHECKED, click.card.subject, happened=happened)


async def _decided(actor: int, number: int, yes: bool, drafts: PayrollDrafts) -> tuple[Draft, Happened]:
    if yes:
        return await drafts.confirm(actor, number)
    return await drafts.cancel(actor, number), Happened()


# --- views ----------------------------------------------------------------------------------------------------------


@router.view(CHECKED)
async def view_checked(viewer: int, subject: int, drafts: PayrollDrafts, words: Words) -> NoticeView:
    """How the upload stands."""
    return cards.checked(words, await drafts.find(viewer, subject))


@router.view(ASKED)
async def view_column(viewer: int, subject: int, drafts: PayrollDrafts, words: Words) -> NoticeView:
    """What is a column? Once it was said, so."""
    number, index = divmod(subject, _WIDTH)
    return cards.column(words, await drafts.find(viewer, number), index, subject)


@router.view("payroll_draft.month")
@router.view("payroll_draft.reason")
async def view_question(viewer: int, subject: int, drafts: PayrollDrafts, words: Words) -> TextView:
    """Of which month is it, or why is it corrected?"""
    return cards.question(words, await drafts.find(viewer, subject))


@router.view("payroll_draft.marked")
async def view_marked(viewer: int, subject: int, drafts: PayrollDrafts, words: Words) -> FileView | None:
    """The workbook with what is wrong marked in it."""
    found = await drafts.marked(viewer, subject)
    return cards.marked(words, *found) if found is not None else None
