"""How a stored frame is done: those of many people in one transaction, each whole or not at all.

What a frame changes, the mark that it is done, and what it causes to be sent are one commit. Frames that come while a
commit is under way share the next one.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.commits import GroupCommit, Together
from bot.compact import dumps, loads
from bot.inbox import Inbox, Item
from bot.incoming import IncomingClick, IncomingMessage, read_click, read_message
from bot.outbox import Outbox, ReplyPath
from bot.workplace import Workplace
from cards.view import TextView
from handlers.dispatch import Dispatcher, Outcome, Outgoing, card_of
from handlers.messages import Attachment, CardClick, Message
from handlers.router import Services
from handlers.store import CardRow
from hr_core.audit.store import Act, AuditLog
from hr_core.clock import company_day
from hr_core.permission.matrix import Action

log = structlog.get_logger()

Ack = Mapping[str, Any]
State = Literal["done", "not_yet", "repeat", "anothers"]


@dataclass(slots=True, eq=False)
class Work:
    """A stored frame on its way. `late` says that its ack has gone out without the result, `told` that this was kept
    to be sent another way.
    """

    item: Item
    read: IncomingMessage | IncomingClick | None = None
    late: bool = False
    told: bool = False
    actor: int | None = None
    done: asyncio.Future[Ack] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a frame: done; not yet its turn (another replica has an older one of the same sender); a repeat of
    one that was stored before; or not ours any more.
    """

    state: State
    ack: Ack = field(default_factory=dict)
    outcome: Outcome = field(default_factory=Outcome)


PRIVATE = "private"
"""The conversation of words that a person says to the robot alone."""
NOT_YET = Done("not_yet")
REPEAT = Done("repeat")
ANOTHERS = Done("anothers")


class Frames:
    """Does messages and clicks. Awaiting it gives what became of one frame."""

    def __init__(
        self, commits: GroupCommit, inbox: Inbox, outbox: Outbox, dispatcher: Dispatcher, workplace: Workplace,
        *, shared: bool,
    ) -> None:  # fmt: skip
        self._inbox = inbox
        self._outbox = outbox
        self._dispatcher = dispatcher
        self._workplace = workplace
        self._shared = shared
        self.take = Together(commits, self._take)
        """Store a frame and do it, in one commit. One that can't be done yet is stored all the same."""
        self.do = Together(commits, self._do)
        """Do a frame that was stored before."""

    async def _take(self, session: AsyncSession, works: list[Work]) -> list[Done]:
        wait = await self._unknown(session, works)
        if self._shared:
            wait |= await self._not_yet(session, works)
        now = [work for work in works if work.item.id not in wait]
        fresh = await self._inbox.insert(session, [work.item for work in works], {work.item.id for work in now})
        stored = {id(work) for work, new in zip(works, fresh, strict=True) if new}
        done = await self._each(session, [work for work in now if id(work) in stored])
        return [
            REPEAT if id(work) not in stored else NOT_YET if work.item.id in wait else done[work.item.id]
            for work in works
        ]

    async def _do(self, session: AsyncSession, works: list[Work]) -> list[Done]:
        wait = await self._not_yet(session, works) if self._shared else ()
        await self._unknown(session, works)
        now = [work for work in works if work.item.id not in wait]
        claimed = await self._inbox.claim(session, [work.item.id for work in now])
        done = await self._each(session, [work for work in now if work.item.id in claimed])
        for work in now:
            if work.item.id not in claimed:
                done[work.item.id] = await self._done_before(session, work)
        return [NOT_YET if work.item.id in wait else done[work.item.id] for work in works]

    async def _each(self, session: AsyncSession, works: list[Work]) -> dict[str, Done]:
        """Do frames in the order given. A failure takes all of them back; they are then done one by one."""
        writers = {work.actor for work in works if work.item.kind == "message" and work.actor is not None}
        if len(writers) > 1:
            await self._workplace.dialogues(session).read_ahead(writers)
        done: dict[str, Done] = {}
        for work in works:
            if isinstance(work.read, IncomingClick):
                done[work.item.id] = await self._click(session, work, work.read)
            else:
                await self._message(session, work, work.read or read_message(loads(work.item.body)))
                done[work.item.id] = Done("done")
        acks = [(work.item.id, dumps(done[work.item.id].ack)) for work in works if work.item.kind == "click"]
        await self._inbox.keep_acks(session, acks)
        return done

    async def _unknown(self, session: AsyncSession, works: list[Work]) -> frozenset[str]:
        """Give the frames of those who aren't in the directory: who sent them was looked up before they left."""
        access = await self._workplace.access.current(session, company_day(self._workplace.clock.now()))
        for work in works:
            if work.actor not in access.directory.people:
                work.actor = None
        return frozenset(work.item.id for work in works if work.actor is None)

    async def _not_yet(self, session: AsyncSession, works: list[Work]) -> frozenset[str]:
        """Give the frames whose sender has an older one that isn't done, here or with another replica."""
        firsts = await self._inbox.firsts(session, {work.item.sender for work in works})
        return frozenset(work.item.id for work in works if firsts.get(work.item.sender, work.item.seq) < work.item.seq)

    async def _done_before(self, session: AsyncSession, work: Work) -> Done:
        """Answer for a frame that was done in a commit whose result got lost; or was taken over."""
        if work.item.kind != "click":
            return ANOTHERS
        kept = await self._inbox.kept_ack(session, work.item.id)
        return Done("done", loads(kept)) if kept is not None else ANOTHERS

    async def _message(self, session: AsyncSession, work: Work, message: IncomingMessage) -> None:
        path = ReplyPath(message.webhook, message.webhook_until, message.group or None)
        refusal = self._refusal(session, message, work)
        if refusal or work.actor is None:
            text = TextView("", self._workplace.words.say(refusal))
            told = Outgoing(work.actor, text, reply=True, in_group=message.group is not None)
            await self._keep(session, Outcome((told,)), work.item.id, path)
            return
        conversation = _place(message)
        services = await self._workplace.services(
            session, work.item.id, conversation=conversation, said_at=message.said_at
        )
        file = message.file
        sent = Attachment(file.kind, file.code, file.name) if file is not None else None
        said = Message(work.actor, message.text or "", message.group, message.group_title, sent)
        await self._keep(session, await self._dispatcher.message(said, services), work.item.id, path)

    def _refusal(self, session: AsyncSession, message: IncomingMessage, work: Work) -> str:
        if message.quota_exhausted:
            log.error("desk.push_quota_exhausted", mend="the monthly push quota is used up: extend the plan")
            return "answer.quota"
        if work.actor is None:
            self._refuse_stranger(session, message.staff_id, work.item.id, _place(message))
            return "people.unknown" if message.staff_id else "answer.no_identity"
        return "answer.text_only" if message.text is None and message.file is None else ""

    async def _click(self, session: AsyncSession, work: Work, click: IncomingClick) -> Done:
        conversation = f"card:{click.track_id}"[:128]
        services = await self._workplace.services(session, work.item.id, conversation=conversation)
        outcome = await self._clicked(session, work, click, services)
        await self._keep(session, outcome, work.item.id, None)
        if work.late:
            await self.tell_late(session, work, click, outcome)
        return Done("done", card_ack(outcome.card), outcome)

    async def _clicked(self, session: AsyncSession, work: Work, click: IncomingClick, services: Services) -> Outcome:
        if work.actor is None:
            self._refuse_stranger(session, click.staff_id, work.item.id, f"card:{click.track_id}"[:128])
            return Outcome(card=shown(click, self._workplace.words.say("people.unknown")))
        row = await session.get(CardRow, click.track_id, with_for_update=True)
        if row is None or (click.ref != row.ref and not (click.form is not None and not click.ref)):
            recipient = row.recipient if row else None
            refused = await self._dispatcher.refuse_card(work.actor, click.track_id, recipient, services)
            return replace(refused, card=shown(click, refused.tip))
        action = "" if click.form is not None else click.action
        tapped = CardClick(work.actor, card_of(row), action, click.form or {}, click.comment)
        return await self._dispatcher.click(tapped, row, services)

    async def tell_late(self, session: AsyncSession, work: Work, click: IncomingClick, outcome: Outcome) -> None:
        """Bring the result of a click whose ack went out without it: by update, and what went wrong in words.

        A form that was refused isn't updated: what was typed into it stands there still.
        """
        work.told = True
        if outcome.tip and work.actor is not None:
            self._outbox.put(session, Outgoing(work.actor, TextView("", outcome.tip)), cause=work.item.id)
        if outcome.card and not (outcome.tip and click.form is not None) and click.track_id not in outcome.stale:
            self._outbox.put_update(session, click.track_id, cause=work.item.id)

    async def give_up(self, session: AsyncSession, work: Work, error: str) -> str:
        """Put a frame aside for the operator and tell its sender with a reference; gives what they are told."""
        sorry = self._workplace.words.say("answer.failed", reference=work.item.id[-8:])
        if await self._inbox.failed(session, work.item, error) and work.item.kind == "message":
            message = read_message(loads(work.item.body))
            told = Outgoing(None, TextView("", sorry), reply=True, in_group=message.group is not None)
            path = ReplyPath(message.webhook, message.webhook_until, message.group or None)
            self._outbox.put(session, told, cause=work.item.id, path=path)
        return sorry

    def _refuse_stranger(self, session: AsyncSession, staff_id: str, source: str, conversation: str) -> None:
        """Put on record that somebody who isn't in the directory was sent away."""
        act = Act(staff_id[:64] or "unknown", Action.CARD_USE.value, outcome="refused", why="not in the directory")
        AuditLog(session, self._workplace.clock, source, conversation).record(act)

    async def _keep(self, session: AsyncSession, outcome: Outcome, cause: str, path: ReplyPath | None) -> None:
        for outgoing in outcome.outgoing:
            self._outbox.put(session, outgoing, cause=cause, path=path)
        for track_id in outcome.stale:
            self._outbox.put_update(session, track_id, cause=cause)
        await self._workplace.queue_errands(session, outcome.errands)


def _place(message: IncomingMessage) -> str:
    return PRIVATE if message.group is None else message.group or "group"


def read_work(item: Item, *, late: bool = False) -> Work:
    """Give the work of a frame out of the store; raises `Malformed`."""
    if item.kind == "event":
        return Work(item, late=late)
    read = read_click if item.kind == "click" else read_message
    return Work(item, read(loads(item.body)), late=late)


def shown(click: IncomingClick, text: str) -> Mapping[str, str]:
    """Give the variable that shows a word about a tap: a form has no other place than its introduction."""
    return {"intro" if click.form is not None else "tip": text}


def card_ack(params: Mapping[str, str]) -> Ack:
    """Give what a click's ack carries: the variables that change for the one who tapped (§4.6)."""
    return {
        "cardUpdateOptions": {"updateCardDataByKey": True, "updatePrivateDataByKey": True},
        "cardData": {"cardParamMap": dict(params)},
        "userPrivateData": {"cardParamMap": {}},
    }
