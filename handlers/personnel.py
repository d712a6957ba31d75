"""One's own personnel file in the chat: the next missing step as a form or question by question, consents, pictures.

What is asked next follows from what is kept, so it goes on after days. Numbers come in and never go back: cards,
answers and logs have them masked.
"""

from collections.abc import Mapping
from typing import Any

from cards import personnel as cards
from cards.catalogue import Words
from cards.view import FormView, NoticeView, TextView
from handlers.messages import Attachment, CardClick, Message, Reply, Show
from handlers.router import Router, Worth
from handlers.sentences.text import simplified
from handlers.store import Dialogues
from handlers.surface import Surface
from hr_core.notices import Errand, Happened
from hr_core.permission.checker import PermissionChecker
from hr_core.permission.matrix import Action
from hr_core.personnel.model import FIELDS, PICTURES, STEP_OF, STEPS, Progress, Step, UnknownPart
from hr_core.personnel.service import KIND, PersonnelService, step_named
from hr_core.privacy.policy import Sensitive
from hr_core.privacy.service import PrivacyService

router = Router()

DIALOGUE = KIND
TAKE = "personnel.picture"
MOST_PICTURE = 5 * 1024 * 1024
_PURPOSES = tuple(Sensitive)
_PAUSES = frozenset({"取消", "算了", "退出", "稍后", "稍后再填", "先不填", "以后再说", "暂停"})
_SKIPS = frozenset({"暂时没有", "没有", "跳过", "以后再交"})
_ENDINGS = (".jpg", ".jpeg", ".png")

# --- what comes next ------------------------------------------------------------------------------------------------


async def onwards(
    actor: int, personnel: PersonnelService, dialogues: Dialogues, surface: Surface, *, after: str = "", first: str = ""
) -> Show:
    """Give what to ask next, from what is kept: a consent, a form, one question, a picture, or that all is there.

    `after` names a step to leave for later, `first` one to finish before all others.
    """
    progress = await personnel.progress(actor)
    keys = list(progress.open_steps)
    if after:
        keys = [key for key in keys if _index(key) > _index(after)]
    keys.sort(key=lambda key: key != first)
    if not keys:
        await dialogues.end(actor)
        return Show("personnel.own") if progress.open_steps else Show("personnel.complete")
    return await _ask(actor, step_named(keys[0]), progress, personnel, dialogues, surface)


async def _ask(
    actor: int, step: Step, progress: Progress, personnel: PersonnelService, dialogues: Dialogues, surface: Surface
) -> Show:
    if await personnel.needs_consent(actor, step):
        await dialogues.end(actor)
        return Show("personnel.consent", _PURPOSES.index(step.purpose or Sensitive.IDENTITY))
    part = progress.missing[step.key][0]
    if part in PICTURES:
        await dialogues.keep(actor, DIALOGUE, {"picture": part})
        return Show("personnel.picture", PICTURES.index(part))
    if surface.forms:
        await dialogues.end(actor)
        return Show("personnel.form", _index(step.key))
    return await _question(actor, [part], dialogues)


async def _question(actor: int, fields: list[str], dialogues: Dialogues) -> Show:
    await dialogues.keep(actor, DIALOGUE, {"field": fields[0], "left": fields[1:]})
    return Show("personnel.ask", list(FIELDS).index(fields[0]))


def _index(step_key: str) -> int:
    return next(at for at, step in enumerate(STEPS) if step.key == step_key)


# --- in words -------------------------------------------------------------------------------------------------------


@router.phrase(
    "填写资料",
    pattern=r"(我要|继续|开始|去)*(填写?|完善|补充|提交|补交)(我的)?(入职|个人|人事|员工)?(资料|档案)[吧。！!]*|开始填写|继续填写",
    needs=Action.PERSONNEL_FILL,
)
async def fill_in(message: Message, personnel: PersonnelService, dialogues: Dialogues, surface: Surface) -> Reply:
    """Go on where the file stands."""
    return Reply(await onwards(message.actor, personnel, dialogues, surface))


@router.phrase(
    "我的资料",
    pattern=r"(查看?|看看?)?(一下)?我的(入职|个人|人事|员工)?(资料|档案)(进度|填到哪了)?[吗呢？?。]*|(我的)?(入职)?资料填到哪了[？?]*",
    needs=Action.PERSONNEL_FILL,
)
async def show_own(message: Message) -> Reply:
    """One's own file, masked."""
    return Reply.show("personnel.own")


_CHANGES: Mapping[str, str] = {
    "身份证": "identity", "证件": "identity", "护照": "identity",
    "银行卡": "bank", "工资卡": "bank", "银行账号": "bank", "开户行": "bank",
    "手机": "contact", "电话": "contact", "住址": "contact", "地址": "contact", "联系方式": "contact",
    "紧急联系人": "emergency",
    "学历": "education", "毕业学校": "education", "专业": "education",
    "证件照片": "id_pictures", "身份证照片": "id_pictures", "学历证书": "diploma_picture", "毕业证": "diploma_picture",
}  # fmt: skip
_THINGS = "|".join(sorted(_CHANGES, key=len, reverse=True))


@router.phrase(
    "更正 银行卡",
    pattern=rf"(更正|修改|更改|变更|更换|换|改)(一下)?我?的?(?P<what>{_THINGS})(号码?|信息|卡号)?[吧。！!]*",
    needs=Action.PERSONNEL_FILL,
)
async def change(
    message: Message, what: str, personnel: PersonnelService, dialogues: Dialogues, surface: Surface
) -> Reply:
    """Tell a step anew: what was kept stays until the new answers are good."""
    step = step_named(_CHANGES[simplified(what)])
    if await personnel.needs_consent(message.actor, step):
        return Reply.show("personnel.consent", _PURPOSES.index(step.purpose or Sensitive.IDENTITY))
    if step.pictures:
        await dialogues.keep(message.actor, DIALOGUE, {"picture": step.pictures[0]})
        return Reply.show("personnel.picture", PICTURES.index(step.pictures[0]))
    if surface.forms:
        return Reply.show("personnel.change", _index(step.key))
    return Reply(await _question(message.actor, [one.key for one in step.fields], dialogues))


@router.question(DIALOGUE)
async def answer_question(
    message: Message, state: Mapping[str, Any], known: bool, personnel: PersonnelService, dialogues: Dialogues,
    surface: Surface, words: Words,
) -> Reply | None:  # fmt: skip
    """Take the answer to the one field that was asked for; it is judged at once, and kept."""
    told = message.text.strip("。！!~ ")
    if told in _PAUSES:
        await dialogues.end(message.actor)
        return Reply.show("personnel.paused")
    if (picture := state.get("picture")) is not None:
        if known or told not in _SKIPS:
            return None
        return Reply(await onwards(message.actor, personnel, dialogues, surface, after=STEP_OF[picture].key))
    field = str(state.get("field", ""))
    if known or field not in FIELDS:
        return None
    spec = FIELDS[field]
    happened = await personnel.fill(message.actor, STEP_OF[field].key, {field: cards.chosen(words, spec, message.text)})
    if left := list(state.get("left", ())):
        return Reply(await _question(message.actor, left, dialogues), happened)
    return Reply(await onwards(message.actor, personnel, dialogues, surface), happened)


def looks_like_a_number(text: str) -> bool:
    """Tell whether a text is nothing but a long number, as on a card: it must not be read back."""
    plain = "".join(text.split()).replace("-", "")
    return 11 <= len(plain) <= 20 and plain[:-1].isdigit() and (plain[-1].isdigit() or plain[-1] in "Xx")


@router.phrase("11010519491231002X", when=looks_like_a_number)
async def number_alone(message: Message) -> Reply:
    """A number that nobody asked for isn't kept, and isn't repeated."""
    return Reply.say("personnel.number_alone")


# --- consents -------------------------------------------------------------------------------------------------------


@router.phrase(pattern=r"(?P<verb>同意提供|不提供)\s*(?P<name>\S{1,20})", needs=Action.PERSONNEL_FILL)
async def decide_consent(
    message: Message, verb: str, name: str, privacy: PrivacyService, personnel: PersonnelService,
    dialogues: Dialogues, surface: Surface,
) -> Reply:  # fmt: skip
    """Agree to what a step needs, or not; a no is kept, and isn't asked again."""
    await privacy.consent(message.actor, name, given=verb == "同意提供")
    return Reply(await onwards(message.actor, personnel, dialogues, surface))


@router.click("personnel.consent", cards.AGREE)
async def agree(
    click: CardClick, privacy: PrivacyService, personnel: PersonnelService, dialogues: Dialogues, surface: Surface,
    permission: PermissionChecker,
) -> Reply:  # fmt: skip
    """同意 on the card of a consent."""
    _own(click, permission)
    purpose = _PURPOSES[click.card.subject]
    await privacy.consent(click.actor, purpose.value, given=True)
    following = await onwards(click.actor, personnel, dialogues, surface)
    return Reply(following, card=Show("personnel.consent", click.card.subject))


@router.click("personnel.consent", cards.REFUSE)
async def refuse(
    click: CardClick, privacy: PrivacyService, personnel: PersonnelService, dialogues: Dialogues, surface: Surface,
    permission: PermissionChecker,
) -> Reply:  # fmt: skip
    """不同意 on the card of a consent."""
    _own(click, permission)
    await privacy.consent(click.actor, _PURPOSES[click.card.subject].value, given=False)
    following = await onwards(click.actor, personnel, dialogues, surface)
    return Reply(following, card=Show("personnel.consent", click.card.subject))


def _own(click: CardClick, permission: PermissionChecker) -> None:
    """Let nobody else act on a person's card."""
    permission.may(click.actor, Action.CARD_USE, on=click.card.recipient)


# --- on cards -------------------------------------------------------------------------------------------------------


@router.form("personnel.form")
@router.form("personnel.change")
async def submit_form(click: CardClick, personnel: PersonnelService, dialogues: Dialogues, surface: Surface) -> Reply:
    """Keep a step's answers; the card then shows them masked, and the next step follows."""
    step = STEPS[click.card.subject]
    happened = await personnel.fill(click.actor, step.key, cards.answers(step, click.form))
    changed = click.card.view == "personnel.change"
    following = None if changed else await onwards(click.actor, personnel, dialogues, surface)
    return Reply(following, happened, card=Show("personnel.filled", click.card.subject))


@router.form("personnel.filled")
async def submit_form_again(click: CardClick) -> Reply:
    """Answer a form that was sent before with what was kept."""
    return Reply.update("personnel.filled", click.card.subject)


@router.click("personnel.own", cards.GO)
@router.click("personnel.reminder", cards.GO)
@router.click("onboarding.welcome", cards.GO)
async def go_on(
    click: CardClick, personnel: PersonnelService, dialogues: Dialogues, surface: Surface,
    permission: PermissionChecker,
) -> Reply:  # fmt: skip
    """开始填写, 继续填写."""
    _own(click, permission)
    return Reply(await onwards(click.actor, personnel, dialogues, surface))


@router.click("personnel.picture", cards.LATER)
async def leave_picture(
    click: CardClick, personnel: PersonnelService, dialogues: Dialogues, surface: Surface,
    permission: PermissionChecker,
) -> Reply:  # fmt: skip
    """暂时没有: the next step, and this one stays missing."""
    _own(click, permission)
    step = STEP_OF[PICTURES[click.card.subject]]
    return Reply(await onwards(click.actor, personnel, dialogues, surface, after=step.key))


# --- pictures -------------------------------------------------------------------------------------------------------


@router.attachment()
async def take_picture(
    message: Message, personnel: PersonnelService, dialogues: Dialogues, surface: Surface
) -> Reply | None:
    """Take a picture for what was asked for; when nothing was and some are missing, ask what it is."""
    attachment, current = message.attachment, await dialogues.current(message.actor)
    if attachment is None:
        return None
    asked = current[1].get("picture") if current and current[0] == DIALOGUE else None
    if asked is None:
        missing = _missing_pictures(await personnel.progress(message.actor))
        if not missing or not await personnel.begun(message.actor) or not _may_be_picture(attachment):
            return None
        await dialogues.keep(message.actor, DIALOGUE, {"code": attachment.code})
        return Reply.show("personnel.which_picture")
    if not _may_be_picture(attachment):
        return Reply.say("personnel.error.no_picture")
    return await _fetch(message.actor, asked, attachment.code, personnel)


@router.click("personnel.which_picture", "id_front")
@router.click("personnel.which_picture", "id_back")
@router.click("personnel.which_picture", "diploma")
async def name_picture(
    click: CardClick, personnel: PersonnelService, dialogues: Dialogues, permission: PermissionChecker
) -> Reply:
    """Say on the card what a picture is of."""
    _own(click, permission)
    return await _name(click.actor, click.action, personnel, dialogues)


@router.phrase(pattern=r"照片是\s*(?P<name>\S{2,20})", needs=Action.PERSONNEL_FILL)
async def name_picture_in_words(
    message: Message, name: str, personnel: PersonnelService, dialogues: Dialogues, words: Words
) -> Reply:
    """Say in words what a picture is of."""
    part = next((one for one in PICTURES if words.say(f"personnel.part.{one}") == name), None)
    if part is None:
        raise UnknownPart(name=name)
    return await _name(message.actor, part, personnel, dialogues)


async def _name(actor: int, part: str, personnel: PersonnelService, dialogues: Dialogues) -> Reply:
    current = await dialogues.current(actor)
    code = current[1].get("code") if current and current[0] == DIALOGUE else None
    if code is None:
        return Reply.say("personnel.error.picture_lost")
    return await _fetch(actor, part, str(code), personnel)


async def _fetch(actor: int, part: str, code: str, personnel: PersonnelService) -> Reply:
    """Have a picture fetched behind the answer; without its person's consent nothing is fetched."""
    step = STEP_OF[part]
    if await personnel.needs_consent(actor, step):
        return Reply.show("personnel.consent", _PURPOSES.index(step.purpose or Sensitive.DOCUMENTS))
    errand = Errand(TAKE, {"employee": actor, "part": part, "code": code}, lock=f"{TAKE}:{actor}")
    return Reply.say("personnel.picture_received", happened=Happened(errands=(errand,)))


def _may_be_picture(attachment: Attachment) -> bool:
    return attachment.kind == "picture" or attachment.name.lower().endswith(_ENDINGS)


def _missing_pictures(progress: Progress) -> list[str]:
    return [part for parts in progress.missing.values() for part in parts if part in PICTURES]


# --- views ----------------------------------------------------------------------------------------------------------


@router.view("personnel.own")
async def view_own(viewer: int, personnel: PersonnelService, words: Words) -> NoticeView:
    """How far one's own file is, with what was told, masked."""
    return cards.own(words, await personnel.own(viewer))


@router.view("personnel.paused")
async def view_paused(viewer: int, personnel: PersonnelService, words: Words) -> TextView:
    """What is kept stays; how to go on."""
    return cards.paused(words, await personnel.progress(viewer))


@router.view("personnel.complete")
async def view_complete(viewer: int, personnel: PersonnelService, words: Words) -> TextView:
    """All is there, or comes on paper."""
    return cards.complete(words, await personnel.progress(viewer))


@router.view("personnel.form")
async def view_form(viewer: int, subject: int, personnel: PersonnelService, words: Words) -> FormView:
    """A step to fill in; once it is, what was told."""
    file, step = await personnel.own(viewer), STEPS[subject]
    if step.key not in file.progress.missing:
        return cards.filled(words, subject, file)
    return cards.form(words, subject, file)


@router.view("personnel.change")
async def view_change(viewer: int, subject: int, personnel: PersonnelService, words: Words) -> FormView:
    """A step to tell anew."""
    return cards.form(words, subject, await personnel.own(viewer))


@router.view("personnel.filled")
async def view_filled(viewer: int, subject: int, personnel: PersonnelService, words: Words) -> FormView:
    """What was told, masked."""
    return cards.filled(words, subject, await personnel.own(viewer))


@router.view("personnel.ask")
async def view_ask(viewer: int, subject: int, personnel: PersonnelService, words: Words) -> TextView:
    """One question."""
    return cards.ask(words, list(FIELDS.values())[subject], await personnel.progress(viewer))


@router.view("personnel.consent")
async def view_consent(viewer: int, subject: int, privacy: PrivacyService, words: Words) -> NoticeView:
    """What is asked for, what for, and by which law; then what was said to it."""
    purpose = privacy.policy.purpose(_PURPOSES[subject].value)
    answers = {name: answer for name, _, answer in await privacy.consents(viewer)}
    return cards.consent(words, subject, purpose, answers.get(purpose.name))


@router.view("personnel.picture")
async def view_picture(viewer: int, subject: int, personnel: PersonnelService, words: Words) -> NoticeView:
    """A picture that is asked for; once it is there, so."""
    return cards.picture(words, subject, await personnel.progress(viewer), MOST_PICTURE)


@router.view("personnel.which_picture")
async def view_which_picture(viewer: int, personnel: PersonnelService, words: Words) -> NoticeView:
    """What is a picture of?"""
    return cards.which_picture(words, _missing_pictures(await personnel.progress(viewer)))


@router.view("personnel.reminder", Worth.REPORT)
async def view_reminder(viewer: int, personnel: PersonnelService, words: Words) -> NoticeView | None:
    """What is still missing; nothing when it came meanwhile."""
    progress = await personnel.progress(viewer)
    return cards.reminder(words, progress) if progress.open_steps else None
