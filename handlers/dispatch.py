"""From what came in to what goes out, within one transaction. The one place where an `HRError` becomes an answer."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from cards.catalogue import Words
from cards.view import PULLED, FormView, NoticeView, TextView, View, card_params, with_tip
from handlers.messages import Card, CardClick, Message, Reply, Say, Show
from handlers.router import Question, Router, Services, answer, takes_services
from handlers.store import CardRow, CardStore, Dialogues
from hr_core.audit.store import AuditLog
from hr_core.errors import HRError
from hr_core.notices import Errand, Group, Happened, Notice, Team
from hr_core.permission.alarm import RefusalAlarm
from hr_core.permission.checker import NotAllowed, PermissionChecker
from hr_core.permission.matrix import Action
from hr_core.privacy.service import PrivacyService

TEXT_LIMIT = 2000


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One thing to send: words of the moment, or a view to render when it is sent.

    `reply` marks the answer to what just came in, which may go the short way back; `in_group` one that belongs into
    the group it was asked in.
    """

    to: int | Group | Team | None
    text: TextView | None = None
    show: Show | None = None
    reply: bool = False
    in_group: bool = False
    notice: bool = False
    """Below it stands, once for each person, how their data are used."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a message or a click led to.

    `card` are the clicked card's new variables, `tip` what they say about the tap; `stale` cards need an update,
    `errands` are to be queued.
    """

    outgoing: tuple[Outgoing, ...] = ()
    card: Mapping[str, str] = field(default_factory=dict)
    stale: tuple[str, ...] = ()
    tip: str = ""
    errands: tuple[Errand, ...] = ()


class Dispatcher:
    """Finds the handler, calls it in a savepoint, and turns its reply into rows to send."""

    def __init__(self, router: Router, words: Words) -> None:
        self._router = router
        self._words = words

    async def message(self, message: Message, services: Services) -> Outcome:
        """Answer words."""
        if len(message.text) > TEXT_LIMIT:
            reply: Reply | HRError = Reply.say(
                "answer.too_long", length=len(message.text), most=TEXT_LIMIT, public=True
            )
        elif message.attachment is not None:
            reply = await self._attached(message, services)
        elif not message.text:
            reply = Reply.say("answer.empty")
        else:
            reply = await self._answered(message, services)
        refused = isinstance(reply, HRError)  # A refusal is the same every time, so nothing stands below it.
        if isinstance(reply, HRError):
            reply = Reply.say(reply.code, happened=await self._alarmed(reply, services), **reply.values)
        outgoing = self._answer(message, reply)
        if (
            message.group is None
            and outgoing
            and not refused
            and await _of(services, PrivacyService).tell(message.actor)
        ):
            outgoing = [replace(outgoing[0], notice=True), *outgoing[1:]]
        return await self._outcome(outgoing, reply.happened, services)

    async def click(self, click: CardClick, row: CardRow, services: Services) -> Outcome:
        """Answer a tap: the card's new variables go back in the acknowledgement."""
        handler = self._router.clicks.get((row.view, click.action))
        tip = ""
        reply: Reply | HRError
        if handler is None:
            reply, tip = Reply(), self._words.say("answer.card_unknown")
        else:
            owner_only = row.template == "form"
            reply = await self._guarded(handler, {"click": click}, services, owner_only=owner_only) or Reply()
        if isinstance(reply, HRError):
            tip = self._words.say(reply.code, **reply.values)
            if isinstance(reply, NotAllowed):
                # Whoever may not act learns nothing from the card either.
                card = {"intro" if row.template == "form" else "tip": tip}
                alarmed = await self.refused(reply, services)
                return Outcome(alarmed.outgoing, card, tip=tip)
            reply = Reply()
        show = reply.card or Show(row.view, row.subject, self._router.kept(row.view, click.form))
        view = await self._render(show, click.actor, services)
        if reply.card is not None:
            row.view, row.subject, row.version = show.view, show.subject, row.version + 1
            _of(services, CardStore).save(row)
        if tip:
            view = with_tip(view, tip) if view is not None else None
        own = row.track_id if click.actor == row.recipient else None
        outgoing = self._answer_click(click, reply)
        outcome = await self._outcome(outgoing, reply.happened, services, without=own)
        changed = self.changed_params(view)
        if tip and row.template == "form" and not show.values:
            # What was typed stands on the phone; a form that isn't shown again can't wipe it out, nor carry it back.
            changed = {name: value for name, value in changed.items() if name != "form"}
        return replace(outcome, card=changed, tip=tip)

    async def current_params(self, row: CardRow, services: Services) -> Mapping[str, str]:
        """Give a card's variables as they are now, for whom it was sent to."""
        return self.changed_params(await self._render(Show(row.view, row.subject), row.recipient, services))

    def changed_params(self, view: View | None) -> Mapping[str, str]:
        """Give a card's variables for an update; `ref` stays what the card was made with."""
        if not isinstance(view, NoticeView | FormView):
            return {}
        # What was pulled stands on the phone: a change of the rest must not cover it.
        left = {"ref", *(PULLED if isinstance(view, NoticeView) and view.pulled_for else ())}
        return {name: value for name, value in card_params(view).items() if name not in left}

    async def happened(self, happened: Happened, services: Services) -> Outcome:
        """Give what to send of something that nobody said or tapped."""
        return await self._outcome([], happened, services)

    async def refused(self, refusal: NotAllowed, services: Services) -> Outcome:
        """Put on record a refusal that nobody is told in words."""
        return await self.happened(await self._alarmed(refusal, services), services)

    async def refuse_card(self, actor: int, track_id: str, recipient: int | None, services: Services) -> Outcome:
        """Refuse a tap whose card is unknown or whose `ref` isn't the card's: on record, and nothing changes.

        The outcome's tip is what the person is told.
        """
        checker = _of(services, PermissionChecker)
        refusal = checker.refuse(actor, Action.CARD_USE, on=recipient, record=f"card:{track_id[:64]}")
        alarmed = await self.refused(refusal, services)
        return Outcome(alarmed.outgoing, tip=self._words.say(refusal.code))

    async def _attached(self, message: Message, services: Services) -> Reply | HRError:
        """Ask each who takes pictures and files; what nobody takes isn't fetched."""
        for handler in self._router.attachments:
            taken = await self._guarded(handler, {"message": message}, services)
            if taken is not None:
                return taken
        return await self._answered(message, services) if message.text else Reply.say("answer.text_only")

    async def _answered(self, message: Message, services: Services) -> Reply | HRError:
        dialogues = _of(services, Dialogues)
        current = await dialogues.current(message.actor) if message.group is None else None
        found = self._router.find(message.text)
        if current is not None:
            known = found is not None and found[0].pattern is not None
            named = {"message": message, "state": current[1], "known": known}
            taken = await self._guarded(self._router.questions[current[0]], named, services)
            if taken is not None:
                return taken
        if found is None:
            nearest = self._router.nearest(message.text)
            return Reply.say("answer.unknown", text=message.text[:40], nearest=nearest)
        phrase, groups = found
        if phrase.in_order and await dialogues.overtaken(message.actor):
            return Reply.say("answer.overtaken")
        return await self._guarded(phrase.handler, {"message": message, **groups}, services) or Reply()

    async def _guarded(
        self, handler: Question, named: Mapping[str, Any], services: Services, *, owner_only: bool = False
    ) -> Reply | HRError | None:
        """Call a handler in a savepoint: an error takes back what it wrote. Whoever calls puts a refusal on record."""
        session: AsyncSession = _of(services, AsyncSession)
        try:
            async with session.begin_nested() if takes_services(handler, named) else nullcontext():
                if owner_only:
                    click: CardClick = named["click"]
                    _of(services, PermissionChecker).may(click.actor, Action.CARD_USE, on=click.card.recipient)
                return await answer(handler, named, services)
        except HRError as error:
            return error

    async def _alarmed(self, error: HRError, services: Services) -> Happened:
        """Put a refusal on record; one too many is told to the operators."""
        if not isinstance(error, NotAllowed):
            return Happened()
        return Happened(await _of(services, RefusalAlarm).refused(error.act))

    async def _render(self, show: Show, viewer: int, services: Services) -> View | None:
        try:
            return await self._router.render(show.view, viewer, show.subject, show.values, services)
        except NotAllowed as refusal:
            _of(services, AuditLog).record(refusal.act)
            return TextView("", self._words.say(refusal.code))
        except HRError as error:
            return TextView("", self._words.say(error.code, **error.values))

    def _answer(self, message: Message, reply: Reply) -> list[Outgoing]:
        if reply.answer is None:
            return []
        private = message.group is not None and not reply.public
        text, show = self._content(reply.answer)
        answer = Outgoing(
            message.actor, text, show, reply=not private, in_group=message.group is not None and not private
        )
        if not private:
            return [answer]
        hint = TextView("", self._words.say("answer.group_hint"))
        return [Outgoing(message.actor, hint, reply=True, in_group=True), answer]

    def _answer_click(self, click: CardClick, reply: Reply) -> list[Outgoing]:
        if reply.answer is None:
            return []
        text, show = self._content(reply.answer)
        return [Outgoing(click.actor, text, show)]

    def _content(self, said: Say | Show) -> tuple[TextView | None, Show | None]:
        if isinstance(said, Show):
            return None, said
        return TextView("", self._words.say(said.code, **said.values)), None

    async def _outcome(
        self, outgoing: list[Outgoing], happened: Happened, services: Services, *, without: str | None = None
    ) -> Outcome:
        notices, stale = [], []
        for notice in happened.notices:
            shown = await self._shown(notice, services) if notice.once else []
            stale += shown
            if not shown:
                notices.append(Outgoing(notice.to, show=Show(notice.kind, notice.subject)))
        if (old := happened.outdated) is not None:
            showing = await _of(services, CardStore).showing(old.kind, old.subject)
            stale += [c.track_id for c in showing if c.recipient in old.people]
        unique = tuple(track_id for track_id in dict.fromkeys(stale) if track_id != without)
        return Outcome((*outgoing, *notices), {}, unique, errands=happened.errands)

    async def _shown(self, notice: Notice, services: Services) -> list[str]:
        """Give the cards that show a notice to its receiver already."""
        showing = await _of(services, CardStore).showing(notice.kind.partition(".")[0], notice.subject)
        return [card.track_id for card in showing if card.recipient == notice.to and card.view == notice.kind]


def card_of(row: CardRow) -> Card:
    """Give a stored card as a handler sees it."""
    return Card(row.track_id, row.view, row.subject, row.recipient)


def _of(services: Services, kind: type[Any]) -> Any:
    return services[kind]
