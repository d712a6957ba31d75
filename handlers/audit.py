"""The audit log in the chat: for auditors all of it, for everybody who did what with their own data."""

from collections.abc import Mapping
from typing import Any

from cards import audit as cards
from cards.catalogue import Words
from cards.view import TextView
from handlers.access import named
from handlers.messages import Message, Reply
from handlers.router import Router
from hr_core.audit.reading import AuditReading
from hr_core.permission.access import Access
from hr_core.permission.matrix import Action

router = Router()

_KINDS: Mapping[str, str] = {
    "工资条": "pay",
    "工资": "pay",
    "薪资": "pay",
    "薪酬": "pay",
    "请假": "leave",
    "假期": "leave",
    "病假原因": "medical",
    "健康信息": "medical",
    "身份证": "identity",
    "证件": "identity",
    "银行卡": "identity",
    "档案": "profile",
    "资料": "profile",
    "审计记录": "audit",
}
_ANY = ("全部数据", "所有数据", "个人信息", "数据", "信息", "记录")
_THING = "|".join([*sorted(_KINDS, key=len, reverse=True), *_ANY])
_DID = "看过|查过|读过|查看过|看了|改过|动过|导出过|碰过"
_PAGE = r"[\s,，]*(早于\s*(?P<before>\d{1,12}))?"
_END = r"[吗呢了啊？?。!！]*"


@router.phrase(
    "谁看过我的数据",
    pattern=rf"(都?有)?(谁|哪些人|什么人)({_DID})(我|本人)的?(?P<thing>{_THING})号?码?{_END}{_PAGE}{_END}",
)
async def ask_own(message: Message, thing: str, before: str | None) -> Reply:
    """What others did with one's own data."""
    return Reply.show("audit.own", thing=thing, before=int(before or 0))


@router.phrase(
    "谁看过林晓的工资",
    pattern=rf"(都?有)?(谁|哪些人|什么人)({_DID})(?P<whom>[^的]{{1,40}}?)的(?P<thing>{_THING})号?码?{_END}{_PAGE}{_END}",
    needs=Action.AUDIT_READ,
)
async def ask_of(
    message: Message, whom: str, thing: str, before: str | None, reading: AuditReading, access: Access
) -> Reply:
    """What was done with somebody's data, for auditors. Who isn't known is refused alike to who may not ask."""
    reading.allow(message.actor)
    found = named(access.directory, whom, message.actor)
    if len(found) > 1:
        return Reply.say("access.which", name=whom, total=len(found))
    on = access.directory.people[found[0]].key if found else whom  # Who has left is asked for by userid.
    return Reply.show("audit.page", on=on, whom=whom, thing=thing, before=int(before or 0))


@router.phrase(
    "审计",
    pattern=r"审计(日志|记录)?(?:[\s:：]+(?P<refused>被?拒绝的?))?"
    r"(?:[\s:：]+(?P<whom>(?!早于)[^,，]{1,40}?))?" + _PAGE,
    needs=Action.AUDIT_READ,
)
async def ask_newest(
    message: Message, refused: str | None, whom: str | None, before: str | None, reading: AuditReading, access: Access
) -> Reply:
    """The newest rows, or those about somebody, or what was refused."""
    reading.allow(message.actor)
    found = named(access.directory, whom, message.actor) if whom else ()
    if len(found) > 1:
        return Reply.say("access.which", name=whom, total=len(found))
    about = access.directory.people[found[0]].key if found else whom
    return Reply.show("audit.page", about=about, whom=whom, refused=bool(refused), before=int(before or 0))


@router.view("audit.page")
async def view_page(
    viewer: int, values: Mapping[str, Any], reading: AuditReading, access: Access, words: Words
) -> TextView:
    """A page for an auditor, on record before it leaves."""
    thing, whom = values.get("thing"), values.get("whom") or ""
    page = await reading.search(
        viewer,
        about=values.get("about"),
        on=values.get("on"),
        kind=_KINDS.get(thing or ""),
        outcome="refused" if values.get("refused") else None,
        before=values["before"],
    )
    heading = (
        f"谁看过{whom}的{thing}"
        if thing
        else " ".join(filter(None, ("审计", "拒绝" if values.get("refused") else "", whom)))
    )
    return cards.page(words, access.directory, page, heading, private=False)


@router.view("audit.own")
async def view_own(
    viewer: int, values: Mapping[str, Any], reading: AuditReading, access: Access, words: Words
) -> TextView:
    """A page of what others did with the receiver's data."""
    page = await reading.own(viewer, kind=_KINDS.get(values["thing"]), before=values["before"])
    return cards.page(words, access.directory, page, f"谁看过我的{values['thing']}", private=True)
