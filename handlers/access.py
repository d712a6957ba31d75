"""Access in the chat: a second person agrees to a grant, a person to a command; and why somebody may see something."""

from collections.abc import Mapping
from typing import Any

from cards import access as cards
from cards.catalogue import Words
from cards.view import NoticeView, TextView
from handlers.messages import CardClick, Message, Reply
from handlers.router import Router, Worth
from hr_core.people.model import Directory
from hr_core.permission.access import Access
from hr_core.permission.alarm import MANY, TELL, WITHIN
from hr_core.permission.checker import PermissionChecker
from hr_core.permission.confirmation import CommandService
from hr_core.permission.explain import explain
from hr_core.permission.matrix import Action, Role
from hr_core.permission.service import RoleService

router = Router()

# --- a grant of a sensitive role ------------------------------------------------------------------------------------


@router.click("role.confirm", cards.APPROVE)
async def confirm_grant(click: CardClick, roles: RoleService) -> Reply:
    """同意 on the card of a grant."""
    happened = await roles.decide(click.actor, click.card.subject, approve=True)
    return Reply.update("role.confirm", click.card.subject, happened=happened)


@router.click("role.confirm", cards.DECLINE)
async def decline_grant(click: CardClick, roles: RoleService) -> Reply:
    """拒绝 on the card of a grant."""
    happened = await roles.decide(click.actor, click.card.subject, approve=False)
    return Reply.update("role.confirm", click.card.subject, happened=happened)


@router.phrase(pattern=r"(?P<verb>同意|拒绝)\s*授权\s*(?P<number>\d{1,9})", needs=Action.ROLE_CONFIRM)
async def decide_grant(message: Message, verb: str, number: str, roles: RoleService) -> Reply:
    """`同意 授权 3`."""
    happened = await roles.decide(message.actor, int(number), approve=verb == "同意")
    return Reply.show("role.told", int(number), happened=happened)


@router.view("role.confirm")
async def view_grant(
    viewer: int, subject: int, values: Mapping[str, Any], roles: RoleService, access: Access, words: Words
) -> NoticeView | None:
    """The card; there is nothing to send at first when it was settled meanwhile."""
    details = await roles.details(viewer, subject)
    if details is None or (values.get("first") and not details.awaits):
        return None
    return cards.grant(words, access, details)


@router.view("role.told")
async def view_told(viewer: int, subject: int, roles: RoleService, access: Access, words: Words) -> TextView | None:
    """What became of a grant, for HR, the role's holders and whom it is about."""
    details = await roles.details(viewer, subject)
    return cards.told(words, access, details) if details else None


# --- a command on the server that reads as somebody -----------------------------------------------------------------


@router.click("command.confirm", cards.APPROVE)
async def confirm_command(click: CardClick, commands: CommandService) -> Reply:
    """同意 on the card of a command."""
    happened = await commands.decide(click.actor, click.card.subject, approve=True)
    return Reply.update("command.confirm", click.card.subject, happened=happened)


@router.click("command.confirm", cards.DECLINE)
async def decline_command(click: CardClick, commands: CommandService) -> Reply:
    """拒绝 on the card of a command."""
    happened = await commands.decide(click.actor, click.card.subject, approve=False)
    return Reply.update("command.confirm", click.card.subject, happened=happened)


@router.phrase(pattern=r"(?P<verb>同意|拒绝)\s*命令\s*(?P<number>\d{1,9})", needs=Action.COMMAND_CONFIRM)
async def decide_command(message: Message, verb: str, number: str, commands: CommandService) -> Reply:
    """`同意 命令 3`."""
    happened = await commands.decide(message.actor, int(number), approve=verb == "同意")
    return Reply.show("command.confirm", int(number), happened=happened)


@router.view("command.confirm")
async def view_command(
    viewer: int, subject: int, commands: CommandService, access: Access, words: Words
) -> NoticeView | None:
    """The card, for the person the command wants to act as."""
    details = await commands.details(viewer, subject)
    return cards.command(words, access, details) if details else None


# --- why ------------------------------------------------------------------------------------------------------------

_THINGS: Mapping[str, Action] = {
    "请假": Action.LEAVE_VIEW,
    "假期": Action.LEAVE_VIEW,
    "年假": Action.LEAVE_VIEW,
    "考勤": Action.ABSENCE_VIEW,
    "休假": Action.ABSENCE_VIEW,
    "资料": Action.EMPLOYEE_VIEW,
    "档案": Action.EMPLOYEE_VIEW,
    "电话": Action.EMPLOYEE_VIEW,
    "身份证": Action.IDENTITY_VIEW,
    "证件": Action.IDENTITY_VIEW,
    "银行卡": Action.IDENTITY_VIEW,
    "工资条": Action.PAYSLIP_VIEW,
    "工资": Action.PAYROLL_SHEET_READ,
}
_SEE, _DECIDE = "看(不?到|见)?|查看|知道|查到?", "审批|批准?|同意|拒绝"


@router.phrase(
    "为什么王磊能看林晓的请假",
    pattern=rf"(为什么|为何|凭什么)(?P<who>.{{1,40}}?)(能够?|可以|不能|不可以|有权|无权)?"
    rf"((?P<decides>{_DECIDE})|{_SEE})(?P<whom>[^的]{{1,40}}?)的(?P<thing>{'|'.join(_THINGS)})(申请|信息|记录|号码?)?[吗呢了啊？?。!！]*",
    needs=Action.ACCESS_EXPLAIN,
)
async def ask_why(
    message: Message,
    who: str,
    whom: str,
    thing: str,
    decides: str | None,
    permission: PermissionChecker,
    access: Access,
) -> Reply:
    """Say why one person may see what is another's. Somebody who isn't known is refused as somebody else's is."""
    one, two = named(access.directory, who, message.actor), named(access.directory, whom, message.actor)
    if len(two) != 1:
        permission.may(message.actor, Action.ACCESS_EXPLAIN, on=None)
        return Reply.say("access.which", name=whom, total=len(two))
    permission.may(message.actor, Action.ACCESS_EXPLAIN, on=two[0])
    if len(one) != 1:
        return Reply.say("access.which", name=who, total=len(one))
    action = Action.LEAVE_DECIDE if decides and _THINGS[thing] is Action.LEAVE_VIEW else _THINGS[thing]
    return Reply.show("access.explained", two[0], who=one[0], action=action.value)


@router.view("access.explained")
async def view_explained(
    viewer: int, subject: int, values: Mapping[str, Any], permission: PermissionChecker, access: Access, words: Words
) -> TextView:
    """The answer, from the facts as they are when it is sent."""
    permission.may(viewer, Action.ACCESS_EXPLAIN, on=subject)
    return cards.explained(words, access, explain(access, int(values["who"]), Action(values["action"]), subject))


def named(directory: Directory, name: str, speaker: int) -> tuple[int, ...]:
    """Find people by name or userid; 我 is who speaks."""
    told = name.strip(" “”\"'")
    if told in {"我", "本人"}:
        return (speaker,)
    return tuple(person.id for person in directory.people.values() if told in {person.name, person.key})


# --- too many refusals ----------------------------------------------------------------------------------------------


@router.view(TELL, Worth.ALERT)
async def view_refusals(viewer: int, subject: int, access: Access, words: Words) -> TextView | None:
    """Who is refused again and again, for the operators."""
    person = access.directory.people.get(subject)
    if person is None or not access.holds(viewer, Role.OPERATOR):
        return None
    return cards.refusals(words, person.name, person.key, MANY, int(WITHIN.total_seconds()) // 60)
