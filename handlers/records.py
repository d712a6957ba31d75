"""Others' personnel files in the chat: who lacks what, a person, a number for a purpose, the list as a file."""

from collections.abc import Mapping
from typing import Any

from cards import records as cards
from cards.catalogue import Words
from cards.view import FileView, NoticeView, Paper, PaperView, TextView
from handlers.links import Links
from handlers.messages import Message, Reply
from handlers.router import Router, Worth
from handlers.sentences.text import simplified
from handlers.store import Dialogues
from handlers.surface import Surface
from hr_core.people.model import Directory
from hr_core.permission.access import Access
from hr_core.permission.checker import PermissionChecker
from hr_core.permission.matrix import Action
from hr_core.personnel.model import Unsure
from hr_core.personnel.records import SHOWN_FOR, PersonnelRecords

router = Router()

DIALOGUE = "records"
NUMBER = "records.number"


@router.phrase(
    "资料进度",
    "谁的资料没交",
    pattern=r"(入职|员工|人事)?资料(填写|提交)?(进度|情况)|(还有)?谁的?(入职|个人)?资料(还)?(没|未)(有)?(填|交|提交|填完|交齐|填好)[吗呢了？?。]*|(还有)?谁没(填|交)资料[？?]*",
    needs=Action.PERSONNEL_PROGRESS,
)
async def list_lacking(message: Message, records: PersonnelRecords) -> Reply:
    """Who lacks what; no value of it."""
    records.may_list(message.actor)
    return Reply.show("records.lacking")


@router.phrase(
    "导出员工资料",
    pattern=r"导出(全部|所有)?(员工|人员)?(资料|花名册|名单|名册)",
    needs=Action.EMPLOYEE_EXPORT,
)
async def export_people(message: Message, records: PersonnelRecords) -> Reply:
    """Everybody whom the asker may export, as a file."""
    records.may_export(message.actor)
    return Reply.show("records.export")


_NUMBERS: Mapping[str, str] = {
    "身份证": "id_number", "证件": "id_number", "护照": "id_number",
    "银行卡": "bank_account", "工资卡": "bank_account", "银行账号": "bank_account",
}  # fmt: skip


@router.phrase(
    "林晓的身份证号，用于办理社保",
    pattern=rf"(查看?|看)?(?P<whom>[^的，,]{{1,40}}?)的(?P<thing>{'|'.join(_NUMBERS)})(号码?|账号|卡号)?"
    r"([\s，,。;；]*((用于|用来|为了|因为|办理?|用途是?)[:：]?\s*)(?P<why>.{1,200}))?[吗呢？?。]*",
    needs=Action.IDENTITY_VIEW,
)
async def ask_number(
    message: Message, whom: str, thing: str, why: str | None, records: PersonnelRecords, access: Access,
    permission: PermissionChecker, dialogues: Dialogues, links: Links, surface: Surface,
) -> Reply:  # fmt: skip
    """Look at somebody's number for a purpose; one's own stands, masked, in one's file."""
    field = _NUMBERS[simplified(thing)]
    employee = _one(access.directory, whom, message.actor, permission, Action.IDENTITY_VIEW)
    if employee == message.actor:
        return Reply.show("personnel.own")
    records.may_ask(message.actor, employee, field)
    if not why:
        await dialogues.keep(message.actor, DIALOGUE, {"employee": employee, "field": field})
        return Reply.show("records.why", employee)
    return await _look(message.actor, employee, field, why, records, links, surface)


@router.question(DIALOGUE)
async def answer_why(
    message: Message, state: Mapping[str, Any], known: bool, records: PersonnelRecords, dialogues: Dialogues,
    links: Links, surface: Surface,
) -> Reply | None:  # fmt: skip
    """Take the purpose that was asked for."""
    if known:
        return None
    employee, field = int(state["employee"]), str(state["field"])
    reply = await _look(message.actor, employee, field, message.text, records, links, surface)
    await dialogues.end(message.actor)
    return reply


async def _look(
    actor: int, employee: int, field: str, why: str, records: PersonnelRecords, links: Links, surface: Surface
) -> Reply:
    number = await records.ask(actor, employee, field, why.strip(" 。"))
    if surface.notices or not surface.address:
        return Reply.show(NUMBER, number)
    return Reply.show("paper.link", number, of=NUMBER, secret=await links.give(NUMBER, number, actor))


@router.phrase(
    "林晓的资料",
    pattern=r"(查看?|看)?(?P<whom>[^的]{1,40}?)的(个人|员工|人事|入职)?(资料|档案)[吗呢？?。]*",
    needs=Action.EMPLOYEE_VIEW,
)
async def show_person(
    message: Message, whom: str, records: PersonnelRecords, access: Access, permission: PermissionChecker
) -> Reply:
    """What may be seen of a person."""
    employee = _one(access.directory, whom, message.actor, permission, Action.EMPLOYEE_VIEW)
    records.may_see(message.actor, Action.EMPLOYEE_VIEW, employee)
    return Reply.show("records.person", employee)


def _one(directory: Directory, name: str, speaker: int, permission: PermissionChecker, action: Action) -> int:
    """Find the one person of a name or userid; who may not ask is refused, whether or not there is one."""
    told = name.strip(" “”\"'")
    if told in {"我", "本人"}:
        return speaker
    found = [person.id for person in directory.people.values() if told in {person.name, person.key}]
    if len(found) != 1:
        permission.may(speaker, action, on=None)
        raise Unsure(name=told, total=len(found))
    return found[0]


# --- views ----------------------------------------------------------------------------------------------------------


@router.view("records.lacking")
async def view_lacking(viewer: int, records: PersonnelRecords, words: Words) -> TextView:
    """Names and steps."""
    return cards.lacking(words, [(one.person, one.progress) for one in await records.lacking(viewer)])


@router.view("records.person")
async def view_person(viewer: int, subject: int, records: PersonnelRecords, words: Words) -> TextView:
    """One person."""
    return cards.person(words, await records.details(viewer, subject))


@router.view("records.export")
async def view_export(viewer: int, records: PersonnelRecords, words: Words) -> FileView:
    """The list, as it is when it is sent."""
    return cards.export(words, await records.export(viewer))


@router.view("records.why")
async def view_why(viewer: int, subject: int, records: PersonnelRecords, words: Words) -> TextView:
    """What for?"""
    return TextView("", words.say("records.why", name=records.may_see(viewer, Action.IDENTITY_VIEW, subject)))


@router.paper(NUMBER)
async def write_number(viewer: int, subject: int, records: PersonnelRecords, words: Words) -> Paper:
    """The number, to the one who asked, on record at every look."""
    reading, shown = await records.look(viewer, subject)
    return cards.number_paper(words, reading, shown)


@router.view(NUMBER)
async def view_number(
    viewer: int, subject: int, records: PersonnelRecords, surface: Surface, words: Words
) -> NoticeView | PaperView | None:
    """A card that holds no number and pulls it for a few minutes; without cards a locked file that is taken back."""
    reading = await records.reading(viewer, subject)
    if reading is None:
        return cards.number_over(words, subject) if surface.notices else None
    if surface.notices:
        return cards.number(words, subject, reading, SHOWN_FOR)
    return cards.number_file(words, await write_number(viewer, subject, records, words), SHOWN_FOR)


@router.view("personnel.duplicate", Worth.ALERT)
async def view_duplicate(viewer: int, subject: int, records: PersonnelRecords, words: Words) -> TextView | None:
    """Two people with one identity number, for HR; the number isn't told."""
    name, others = await records.duplicates(viewer, subject)
    return cards.duplicate(words, name, others) if others else None


@router.view("personnel.account_changed", Worth.NEEDED)
async def view_account_changed(viewer: int, subject: int, records: PersonnelRecords, words: Words) -> TextView:
    """Somebody's wages go elsewhere from now on; payroll asks them before it believes it."""
    return TextView(
        "", words.say("records.account_changed", name=records.may_see(viewer, Action.IDENTITY_VIEW, subject))
    )
