"""One's own data in the chat: the notice, consents, a copy, corrections.

个人信息保护法第十七、二十九、四十五、四十六条.
"""

from cards import privacy as cards
from cards.catalogue import Words
from cards.view import FileView, NoticeView, TextView
from handlers.messages import CardClick, Message, Reply
from handlers.router import Router
from hr_core.permission.matrix import Action
from hr_core.privacy.erasure import ErasureService, Step
from hr_core.privacy.service import PrivacyService

router = Router()


@router.phrase("隐私说明", pattern=r"(个人信息|隐私)(保护|处理)*(说明|政策|规则|声明|告知)[吗呢？?。]*")
async def show_notice(message: Message) -> Reply:
    """How personal data are used."""
    return Reply.show("privacy.notice")


@router.phrase(
    "导出我的数据",
    pattern=r"(请|帮我)?(导出|下载)(我的|本人的?)(全部|所有)?(个人)?(数据|信息|资料)[吧。！!]*",
    needs=Action.DATA_EXPORT,
)
async def export_own(message: Message, privacy: PrivacyService) -> Reply:
    """A copy of everything that is held about the one who asks, as a file."""
    await privacy.request_copy(message.actor)
    return Reply.show("privacy.copy")


@router.phrase("我的授权")
async def show_consents(message: Message) -> Reply:
    """What needs a consent of its own, and what was said to it."""
    return Reply.show("privacy.consents")


@router.phrase("授权 健康信息", pattern=r"(同意)?授权\s*(?P<name>\S{1,20})")
async def give_consent(message: Message, name: str, privacy: PrivacyService) -> Reply:
    """Give a separate consent."""
    return Reply.say("privacy.consent_given", name=await privacy.consent(message.actor, name, given=True))


@router.phrase("撤回授权 健康信息", pattern=r"(撤回|取消)授权\s*(?P<name>\S{1,20})")
async def withdraw_consent(message: Message, name: str, privacy: PrivacyService) -> Reply:
    """Take a consent back; what rested on it is erased."""
    return Reply.say("privacy.consent_withdrawn", name=await privacy.consent(message.actor, name, given=False))


@router.phrase(
    "更正我的信息：入职日期应为 2020年3月1日",
    pattern=r"(更正|纠正|修改)(我的|个人|本人)+(信息|资料|数据|档案)[\s:：,，]*(?P<text>.*)",
    needs=Action.DATA_CORRECT,
)
async def ask_correction(message: Message, text: str, privacy: PrivacyService) -> Reply:
    """Bring to HR what somebody wants put right."""
    happened = await privacy.ask_correction(message.actor, text.strip())
    return Reply.say("privacy.correction.asked", happened=happened)


@router.phrase(
    "已更正 12",
    pattern=r"(?P<verb>已更正|不更正)\s*#?(?P<number>\d{1,9})[\s,，]*(?P<comment>.*)",
    needs=Action.DATA_CORRECT_DECIDE,
)
async def decide_by_words(message: Message, verb: str, number: str, comment: str, privacy: PrivacyService) -> Reply:
    """Answer a correction in words."""
    happened = await privacy.decide_correction(
        message.actor, int(number), done=verb == "已更正", answer=comment.strip()
    )
    return Reply.show("privacy.correction", int(number), happened=happened)


@router.click("privacy.correction", "done")
async def mark_done(click: CardClick, privacy: PrivacyService) -> Reply:
    """Say that it is put right."""
    return await _decide(click, privacy, done=True)


@router.click("privacy.correction", "decline")
async def decline(click: CardClick, privacy: PrivacyService) -> Reply:
    """Say that it stays as it is, and why."""
    return await _decide(click, privacy, done=False)


async def _decide(click: CardClick, privacy: PrivacyService, *, done: bool) -> Reply:
    happened = await privacy.decide_correction(click.actor, click.card.subject, done=done, answer=click.comment)
    return Reply.update("privacy.correction", click.card.subject, happened=happened)


@router.view("privacy.notice")
async def view_notice(privacy: PrivacyService, words: Words) -> TextView:
    """The notice in full."""
    return cards.notice(words, [(one.name, one.what) for one in privacy.policy.purposes])


@router.view("privacy.consents")
async def view_consents(viewer: int, privacy: PrivacyService, words: Words) -> TextView:
    """One's consents."""
    return cards.consents(words, await privacy.consents(viewer))


@router.view("privacy.copy")
async def view_copy(viewer: int, privacy: PrivacyService, words: Words) -> FileView:
    """Everything about the receiver, as it is when it is sent."""
    return cards.copy(words, await privacy.copy(viewer), privacy.today)


@router.view("privacy.correction")
async def view_correction(viewer: int, subject: int, privacy: PrivacyService, words: Words) -> NoticeView:
    """A correction, for HR."""
    return cards.correction(words, await privacy.correction(viewer, subject))


@router.view("privacy.corrected")
async def view_corrected(viewer: int, subject: int, privacy: PrivacyService, words: Words) -> TextView:
    """What became of it, for the one who asked."""
    return cards.corrected(words, await privacy.correction(viewer, subject))


# --- one person's erasure ---------------------------------------------------------------------------------------------


@router.click("privacy.erasure", Step.ERASE.value)
async def erase_first(click: CardClick, erasures: ErasureService) -> Reply:
    """The first yes: the second question stands on the same card."""
    return await _tapped(click, erasures, Step.ERASE)


@router.click("privacy.erasure", Step.SURE.value)
async def erase_second(click: CardClick, erasures: ErasureService) -> Reply:
    """The second yes: it begins, and can't be taken back."""
    return await _tapped(click, erasures, Step.SURE)


@router.click("privacy.erasure", Step.DECLINE.value)
async def erase_not(click: CardClick, erasures: ErasureService) -> Reply:
    """Leave everything as it is."""
    return await _tapped(click, erasures, Step.DECLINE)


async def _tapped(click: CardClick, erasures: ErasureService, step: Step) -> Reply:
    happened = await erasures.decide(click.actor, click.card.subject, step)
    return Reply.update("privacy.erasure", click.card.subject, happened=happened)


@router.phrase(pattern=r"(?P<verb>同意|确定|拒绝)\s*清除\s*(?P<number>\d{1,9})", needs=Action.DATA_ERASE)
async def erase_by_words(message: Message, verb: str, number: str, erasures: ErasureService) -> Reply:
    """`同意 清除 3`, then `确定 清除 3`."""
    step = {"同意": Step.ERASE, "确定": Step.SURE}.get(verb, Step.DECLINE)
    happened = await erasures.decide(message.actor, int(number), step)
    return Reply.show("privacy.erasure", int(number), happened=happened)


@router.view("privacy.erasure")
async def view_erasure(viewer: int, subject: int, erasures: ErasureService, words: Words) -> NoticeView:
    """What goes, what stays by which law and until when; then the question, then the second."""
    return cards.erasure(words, await erasures.details(viewer, subject))


@router.view("privacy.erasure.done")
async def view_erased(viewer: int, subject: int, erasures: ErasureService, words: Words) -> TextView:
    """That it is done."""
    return cards.erased(words, await erasures.details(viewer, subject))
