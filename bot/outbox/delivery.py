"""Rendering and carrying: what a row says is looked up and rendered when it is sent, with its receiver as actor.

A card is sent at least once: its track id makes a repeat harmless. Words are said at most once after an ambiguous
answer; only an answer by session webhook is said again under its `msgUuid`, after a crash or when DingTalk has
trouble.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.openapi import DingTalk, DingTalkError, File, Markdown, NotFound, Sent, Throttled, ToPerson, Unavailable
from bot.outbox.table import Letter
from bot.printing import Printer, new_password
from bot.settings import Settings
from bot.workplace import Workplace
from cards.view import (
    FileView,
    FormView,
    NoticeView,
    PaperView,
    TextView,
    View,
    card_params,
    markdown,
    template_of,
    with_note,
)
from handlers.dispatch import Dispatcher
from handlers.messages import Show
from handlers.router import Router, Services
from handlers.store import CardRow, CardStore, Groups
from hr_core.audit.store import AuditLog, AuditRow, acts_of, write_acts
from hr_core.database import Database
from hr_core.database.engine import is_away
from hr_core.errors import HRError
from hr_core.failpoints import reach
from hr_core.notices import read_group
from hr_core.permission.access import Access
from hr_core.permission.checker import NotAllowed

log = structlog.get_logger()


TakeBack = Callable[[Sequence[str], timedelta], Awaitable[None]]
"""Has messages taken back after a while, by DingTalk's keys."""


class NotOursAnyMore(Exception):
    """Another process has taken the row over; whatever there is to do, it does."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A row's content as it is now. Without a `view` and `update` there is nothing to send any more.

    `acts` are what rendering has read of somebody, or was refused: on record before anything leaves.
    """

    view: View | None = None
    update: Mapping[str, str] | None = None
    group: str | None = None
    person: str | None = None
    acts: tuple[AuditRow, ...] = ()


NOTHING = Rendered()


class Delivery:
    """Knows what to say and which way. `claim` marks a row before a call that can't be repeated."""

    def __init__(
        self,
        database: Database,
        workplace: Workplace,
        router: Router,
        dispatcher: Dispatcher,
        dingtalk: DingTalk,
        settings: Settings,
        *,
        claim: Callable[[Letter], Awaitable[bool]],
        keep_card: Callable[[CardRow], Awaitable[None]],
        refused: Callable[[Letter], Awaitable[None]],
        record: Callable[[tuple[AuditRow, ...]], Awaitable[None]],
        take_back: TakeBack,
    ) -> None:
        self._database = database
        self._workplace = workplace
        self._router = router
        self._dispatcher = dispatcher
        self._dingtalk = dingtalk
        self._settings = settings
        self._claim = claim
        self._keep_card = keep_card
        self._refused = refused
        self._record = record
        self._take_back = take_back
        self._printer = Printer()
        self._warned_no_group = False

    async def render(self, session: AsyncSession, letters: Sequence[Letter]) -> list[Rendered | Exception]:
        """Render rows in one reading of the store; an error of ours is that row's alone."""
        await self._prepare(session, letters)
        results: list[Rendered | Exception] = []
        for letter in letters:
            try:
                ready = await self._rendered(session, letter)
                acts = acts_of(session)
                results.append(replace(ready, acts=acts) if acts else ready)
            except Exception as error:
                acts_of(session)  # Nobody will see what was read.
                if is_away(error):
                    raise
                results.append(error)
        return results

    async def _prepare(self, session: AsyncSession, letters: Sequence[Letter]) -> None:
        """Let views that are often asked for read what they need for all their viewers at once."""
        wanted: dict[str, list[int]] = {}
        for letter in letters:
            if letter.view in self._router.prepared:
                wanted.setdefault(letter.view, []).append(letter.subject)
        for view, subjects in wanted.items():
            if len(subjects) > 1:
                await self._router.prepare(view, subjects, await self._workplace.services(session))

    async def _rendered(self, session: AsyncSession, letter: Letter) -> Rendered:
        if letter.update_card is not None:
            return await self._changed(session, letter.update_card, letter.cause)
        services = await self._workplace.services(session, letter.cause)
        access: Access = services[Access]  # type: ignore[assignment]
        person = access.directory.people.get(letter.to_employee or 0)
        if person is None and letter.to_employee is not None and "text" not in letter.content:
            return NOTHING  # Who has left asks for nothing, so nothing is refused.
        view = await self._view(letter, services)
        if view is None:
            return NOTHING
        if letter.content.get("notice"):
            view = with_note(view, self._workplace.words.say("privacy.note"))
        group = await self._group(letter, services)
        return Rendered(view, None, group, person.key if person else None)

    async def _changed(self, session: AsyncSession, track_id: str, cause: str) -> Rendered:
        row = await session.get(CardRow, track_id)
        if row is None:
            return NOTHING
        services = await self._workplace.services(session, cause, conversation=f"card:{track_id}"[:128])
        access: Access = services[Access]  # type: ignore[assignment]
        if row.recipient not in access.directory.people:
            return NOTHING
        try:
            view = await self._router.render(row.view, row.recipient, row.subject, {}, services)
        except NotAllowed as refusal:
            services[AuditLog].record(refusal.act)  # type: ignore[attr-defined]
            return NOTHING
        except HRError:
            return NOTHING
        return Rendered(update=self._dispatcher.changed_params(view))

    async def _view(self, letter: Letter, services: Services) -> View | None:
        if "text" in letter.content:
            return TextView(*letter.content["text"])
        show = Show(letter.view, letter.subject, {**letter.content.get("values", {}), "first": letter.attempts == 0})
        viewer = letter.to_employee if letter.to_employee is not None else 0
        try:
            return await self._router.render(show.view, viewer, show.subject, show.values, services)
        except NotAllowed as refusal:
            services[AuditLog].record(refusal.act)  # type: ignore[attr-defined]
            return TextView("", self._workplace.words.say(refusal.code))
        except HRError as error:
            return TextView("", self._workplace.words.say(error.code, **error.values))

    async def _group(self, letter: Letter, services: Services) -> str | None:
        if letter.conversation is not None:
            return letter.conversation
        if letter.to_group is None:
            return None
        groups: Groups = services[Groups]  # type: ignore[assignment]
        conversation = await groups.conversation(read_group(letter.to_group))
        if conversation is None and not self._warned_no_group:
            self._warned_no_group = True
            mend = "say 绑定本群 HR通知 in the group, or set DINGHR_HR_GROUP"
            log.warning("outbox.no_group", purpose=letter.to_group, mend=mend)
        return conversation

    # --- carrying -----------------------------------------------------------------------------------------------------

    async def send(self, letter: Letter, ready: Rendered) -> str | None:
        """Give DingTalk's key of the message; None when there was nothing to send any more."""
        if ready.acts:
            await self._record(ready.acts)
        if letter.update_card is not None:
            return await self._send_update(letter.update_card, ready.update)
        view = ready.view
        if view is None:
            return None
        if isinstance(view, FileView) and ready.group is None and ready.person:
            return await self._send_file(letter, view, ready.person)
        if isinstance(view, PaperView) and ready.group is None and ready.person:
            return await self._send_paper(letter, view, ready.person)
        template = template_of(view)
        if isinstance(view, NoticeView | FormView) and template is not None and ready.group is None and ready.person:
            template_id = self._settings.template(template)
            if template_id and not letter.words_only:
                try:
                    return await self._send_card(letter, ready, view, template, ready.person)
                except DingTalkError as error:
                    if error.transient or not error.not_executed:
                        raise
                    # Words still get through. A card that exists and reached nobody would count as sent next time.
                    log.error("outbox.no_card", template=template, reason=reason(error), mend=error.remedy)
                    letter.words_only = True
                    await self._refused(letter)
        return await self._send_words(letter, markdown(view), ready)

    async def _send_update(self, card: str, update: Mapping[str, str] | None) -> str | None:
        if update is None:
            return None
        try:
            if update:
                await self._dingtalk.cards.update(card, update)
        except NotFound:
            return None  # It was kept, and never went out.
        return "update"

    async def _send_card(
        self, letter: Letter, ready: Rendered, view: NoticeView | FormView, template: str, key: str
    ) -> str | None:
        now = self._workplace.clock.now()
        pulled_for = view.pulled_for if isinstance(view, NoticeView) else None
        card = CardRow(
            track_id=letter.track_id,
            template=template,
            view=letter.view,
            subject=letter.subject,
            recipient=letter.to_employee or 0,
            ref=view.ref,
            sent_at=now,
            shown_until=now + pulled_for if pulled_for else None,
        )
        await self._keep_card(card)  # Before the card is out: a tap may come before our call has its answer.
        reach("outbox.card_kept")
        # Whatever changed until now didn't know of this card; what changes from now on brings it up to date.
        async with self._database.read() as session:
            await CardStore(session).looked_for(letter.view, letter.subject)
            fresh = (await self._rendered(session, letter)).view
            acts = acts_of(session)
        if any(act.outcome == "refused" for act in acts) or (acts and not ready.acts):
            await self._record(acts)  # Else they are the first rendering's, which are on record.
        if not isinstance(fresh, NoticeView | FormView) or template_of(fresh) != template:
            return (
                None if fresh is None else await self._send_words(letter, markdown(fresh), Rendered(fresh, person=key))
            )
        summary = fresh.summary if isinstance(fresh, NoticeView) else ""
        sent = await self._dingtalk.cards.create_and_deliver(
            letter.track_id, self._settings.template(template), card_params(fresh), ToPerson(key),
            title=summary or fresh.title, alert=summary, pulls=pulled_for is not None,
        )  # fmt: skip
        return sent.carrier_id

    async def _send_file(self, letter: Letter, view: FileView, key: str) -> str:
        """Upload and send to one person: a file never goes the way back a message came from, nor into a group."""
        media_id = await self._dingtalk.media.upload(view.name, view.content, view.content_type)
        return _key_of(
            await self._dingtalk.robot.send_private([key], File(media_id, view.name), before=self._before(letter))
        )

    async def _send_paper(self, letter: Letter, view: PaperView, key: str) -> str:
        """Send a locked file and, by itself, what opens it; both are taken back. The password is known here alone."""
        password = new_password()
        media_id = await self._dingtalk.media.upload(
            view.name, await self._printer.print(view.paper, password), "application/pdf"
        )
        file = _key_of(
            await self._dingtalk.robot.send_private([key], File(media_id, view.name), before=self._before(letter))
        )
        words, minutes = self._workplace.words, int(view.kept_for.total_seconds()) // 60
        text = words.say("paper.password", password=password, minutes=minutes)
        opens = Markdown(view.text.title, f"{text}\n\n{view.note}".strip())
        told = _key_of(await self._dingtalk.robot.send_private([key], opens))
        await self._take_back([file, told], view.kept_for)
        return file

    def _before(self, letter: Letter) -> Callable[[], Awaitable[None]]:
        """Give what marks a row when its call is next: what only waits for its turn is sent after a crash."""

        async def claim() -> None:
            if not await self._claim(letter):
                raise NotOursAnyMore
            letter.in_doubt = True
            reach("outbox.sending")

        return claim

    async def _send_words(self, letter: Letter, words: TextView, ready: Rendered) -> str | None:
        message = Markdown(words.title or self._workplace.words.say("answer.title"), words.text)
        webhook, until = letter.content.get("webhook", ("", ""))
        now = self._workplace.clock.now()
        if webhook and datetime.fromisoformat(until) > now and self._dingtalk.is_our_host(webhook):
            letter.in_doubt = True
            try:
                await self._dingtalk.robot.reply(webhook, message, uuid=letter.track_id)
            except DingTalkError as error:
                if isinstance(error, Unavailable):  # Said again under its `msgUuid`, as after a crash.
                    letter.in_doubt = False
                if error.transient or not error.not_executed:
                    raise
                log.info("outbox.webhook_refused", id=letter.id, error=error.code)
            else:
                return "webhook"
            letter.in_doubt = False
        if ready.group is None and ready.person is None:
            return None  # The way back is gone, and we know no other to this person.
        before = self._before(letter)
        if ready.group is not None:
            return (await self._dingtalk.robot.send_group(ready.group, message, before=before)).key
        return _key_of(await self._dingtalk.robot.send_private([ready.person or ""], message, before=before))


def _key_of(sent: Sent) -> str:
    """Give DingTalk's key of a private message; raises when it didn't reach its one receiver."""
    if sent.flow_controlled:
        raise Throttled("flowControlledStaffIdList", api="robot.send_private")
    if sent.invalid:
        raise NotFound("invalidStaffIdList", api="robot.send_private")
    return sent.key


async def keep_cards(session: AsyncSession, cards: list[CardRow]) -> list[None]:
    """Keep cards that are about to be sent; one that was kept before a retry stays as it is."""
    await CardStore(session).keep_new(cards)
    return [None] * len(cards)


async def forget_card(session: AsyncSession, track_id: str) -> None:
    """Forget a card that reached nobody."""
    row = await session.get(CardRow, track_id)
    if row is not None:
        await session.delete(row)


async def record_acts(session: AsyncSession, acts: list[tuple[AuditRow, ...]]) -> list[None]:
    """Put on record what renderings have read; what is sent again is on record again."""
    await write_acts(session, [row for some in acts for row in some])
    return [None] * len(acts)


def reason(error: Exception) -> str:
    """Give what may be logged and kept: DingTalk's own sentences can name people."""
    if isinstance(error, DingTalkError):
        return f"{error.kind}: {error.api} {error.code}"[:200]
    return type(error).__name__
