"""帮助: what this person may say."""

from cards.catalogue import Words
from cards.view import TextView
from handlers.messages import Message, Reply
from handlers.router import Router
from hr_core.permission.access import Access
from hr_core.permission.matrix import Action

router = Router()

_LINES: tuple[tuple[Action, tuple[str, ...]], ...] = (
    (Action.LEAVE_APPLY, ("leave", "balance", "mine", "withdraw")),
    (Action.PAYSLIP_VIEW, ("payslip",)),
    (Action.PAYSLIP_PROGRESS, ("payslip_progress",)),
    (Action.PERSONNEL_FILL, ("personnel",)),
    (Action.LEAVE_DECIDE, ("to_decide", "decide")),
    (Action.ABSENCE_VIEW, ("away",)),
    (Action.ACCESS_EXPLAIN, ("explain",)),
    (Action.ONBOARDING_HIRE, ("hire", "hire_progress")),
    (Action.AUDIT_READ, ("audit",)),
    (Action.DATA_EXPORT, ("own_audit",)),
    (Action.PERSONNEL_PROGRESS, ("lacking",)),
    (Action.GROUP_BIND, ("bind",)),
)


@router.phrase(
    "帮助",
    pattern=r"(?i:帮助|help|[你您]好|hi|hello|[你您]?能做什么|[你您](会什么|是谁)|(怎么|如何)(用|请假)|菜单|功能)?[吗呢啊？?。!！~]*",
)
async def show_help(message: Message) -> Reply:
    """Show what this person may do."""
    return Reply.show("help")


@router.phrase(pattern=r"(?i:多?谢谢?|感谢|辛苦了|thanks?)[你您啦了啊哦~。！!]*")
async def answer_thanks(message: Message) -> Reply:
    """Be polite; there is nothing to do."""
    return Reply.say("answer.welcome")


@router.view("help")
async def view_help(viewer: int, access: Access, words: Words) -> TextView:
    """The phrases of this person's roles."""
    own = {Action.LEAVE_APPLY, Action.LEAVE_VIEW, Action.PAYSLIP_VIEW, Action.DATA_EXPORT, Action.PERSONNEL_FILL}
    lines = [
        words.say(
            "help.greeting", name=access.directory.people[viewer].name if viewer in access.directory.people else ""
        ),
        "",
    ]
    for action, codes in _LINES:
        if action in own or _may(access, viewer, action):
            lines += [f"- {words.say(f'help.{code}')}" for code in codes]
    return TextView(words.say("help.title"), "\n".join(lines))


def _may(access: Access, viewer: int, action: Action) -> bool:
    if action in {Action.GROUP_BIND, Action.AUDIT_READ}:
        return access.allows(viewer, action, None)
    return access.allows_anywhere(viewer, action)
