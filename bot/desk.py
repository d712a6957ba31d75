"""The desk: frames are taken in, and each person's messages are worked one after another.

A frame is acknowledged once it is stored. A click is answered with the new card when that is ready in time; when it
isn't, with 处理中, and the card is updated afterwards.
"""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.commits import GroupCommit
from bot.contacts import ContactsSync
from bot.inbox import Inbox, Item
from bot.incoming import IncomingClick, IncomingMessage, Malformed, read_click, read_message
from bot.outbox import Outbox, ReplyPath
from bot.workplace import Workplace
from cards.view import TextView
from handlers.dispatch import Dispatcher, Outcome, Outgoing, card_of
from handlers.messages import CardClick, Message
from handlers.router import Services
from handlers.store import CardRow
from hr_core.approval.model import NoApprover
from hr_core.audit.store import Act, AuditLog
from hr_core.clock import company_day
from hr_core.database import Database
from hr_core.leave.service import LeaveService
from hr_core.permission.access import Access
from hr_core.permission.matrix import Action

log = structlog.get_logger()

CLICK_PATIENCE = 1.5
"""Seconds after which a click is answered 处理中; DingTalk shows a failure after two (C1/0007)."""
EVENT_PATIENCE = 2.5
"""Seconds an event may take to be stored; DingTalk stops listening after three (A/1435)."""
STORE_PATIENCE = 45.0
"""Seconds a frame waits for the database before it is given up, counted and logged."""
TRIES = 3
WAITS = 60
"""How often a database that is away is asked again, at most every five seconds."""
SWEEP_AFTER = timedelta(seconds=60)
_DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeout, OSError)
AT_ONCE = 64

Ack = Mapping[str, Any]


@dataclass(slots=True)
class Work:
    """A stored frame on its way. `late` says that its ack has gone out without the result, `told` that this was kept
    to be sent another way.
    """

    item: Item
    late: bool = False
    told: bool = False
    done: asyncio.Future[Ack] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Desk:
    """Takes frames, works them in order per person, and finds again what a crash left undone."""

    def __init__(
        self,
        database: Database,
        commits: GroupCommit,
        inbox: Inbox,
        outbox: Outbox,
        dispatcher: Dispatcher,
        workplace: Workplace,
        contacts: ContactsSync,
    ) -> None:
        self._database = database
        self._commits = commits
        self._inbox = inbox
        self._outbox = outbox
        self._dispatcher = dispatcher
        self._workplace = workplace
        self._contacts = contacts
        self._tails: dict[str, asyncio.Task[None]] = {}
        self._open: dict[str, Work] = {}
        self._room = asyncio.Semaphore(AT_ONCE)
        self.lost = 0
        self.database_there = True

    # --- taking in ----------------------------------------------------------------------------------------------------

    async def take_message(self, data: Mapping[str, Any]) -> None:
        """Store a robot message and let it be worked; a second delivery is a no-op."""
        message = read_message(data)
        sender = message.staff_id or f"webhook:{message.message_id}"
        item = Item(f"message:{message.message_id}", "message", sender, json.dumps(data))
        if await self._stored(item):
            self._begin(Work(item))

    async def take_event(self, event_id: str, event_type: str, data: Mapping[str, Any]) -> None:
        """Store an event that changes people or departments; others are none of ours and are only acknowledged."""
        if event_type not in ContactsSync.EVENTS:
            return
        body = json.dumps({"type": event_type, "data": dict(data)})
        item = Item(f"event:{event_id}", "event", "contacts", body)
        async with asyncio.timeout(EVENT_PATIENCE):  # Later it wouldn't be heard; LATER brings it back.
            if await self._stored(item):
                self._begin(Work(item))

    async def take_click(self, frame_id: str, data: Mapping[str, Any]) -> Ack:
        """Store a click and give its ack: the new card, or 处理中; the same frame again gets the same ack."""
        began = time.monotonic()
        click = read_click(data)
        item = Item(f"click:{frame_id}", "click", click.staff_id, json.dumps(data))
        work = self._open.get(item.id)
        if work is None:
            work = Work(item)
            self._open[item.id] = work
            try:
                fresh = await self._stored(item)
            except BaseException:
                self._open.pop(item.id, None)
                raise
            if fresh:
                work.late = time.monotonic() - began > CLICK_PATIENCE
                self._begin(work)
            else:
                self._open.pop(item.id, None)
                return await self._ack_again(item, click)
        patience = CLICK_PATIENCE - (time.monotonic() - began)
        if work.late:
            return card_ack(shown(click, self._workplace.words.say("answer.processing")))
        try:
            async with asyncio.timeout(max(0.05, patience)):
                return await asyncio.shield(work.done)
        except TimeoutError:
            if work.done.done():
                return work.done.result()
            work.late = True
            log.info("desk.click_late", id=item.id)
            return card_ack(shown(click, self._workplace.words.say("answer.processing")))

    async def _stored(self, item: Item) -> bool:
        """Store a frame, waiting for a database that is away: what isn't stored isn't acknowledged.

        The stream hands over so many frames at a time and no more, so what waits here is bounded.
        """
        until = time.monotonic() + STORE_PATIENCE
        wait = 0.1
        while True:
            try:
                fresh = await self._inbox.store(item)
            except _DATABASE_AWAY as error:
                if self.database_there:
                    log.error("desk.database_away", error=type(error).__name__, mend="see DINGHR_DATABASE_URL")
                self.database_there = False
                if time.monotonic() > until:
                    self.lost += 1
                    log.error("desk.frame_lost", id=item.id, lost=self.lost)
                    raise
                await asyncio.sleep(wait)
                wait = min(2.0, wait * 2)
            else:
                self.database_there = True
                return fresh

    async def _ack_again(self, item: Item, click: IncomingClick) -> Ack:
        async with self._database.read() as session:
            kept = await self._inbox.kept_ack(session, item.id)
            if kept is not None:
                again: Ack = json.loads(kept)
                return again
            row = await session.get(CardRow, click.track_id)
            if row is None:
                return card_ack({})
            services = await self._workplace.services(session)
            return card_ack(await self._dispatcher.current_params(row, services))

    # --- working ------------------------------------------------------------------------------------------------------

    async def recover(self) -> int:
        """Work what was stored and never finished, in the order it came; clicks get their result by update."""
        async with self._database.read() as session:
            items = await self._inbox.undone(session)
        for item in items:
            self._begin(Work(item, late=True))
        return len(items)

    async def stop(self, patience: float = 6.0) -> None:
        """Let what has begun end; what doesn't stays in the inbox for the next start."""
        tasks = list(self._tails.values())
        if tasks:
            await asyncio.wait(tasks, timeout=patience)
        for task in tasks:
            task.cancel()

    def _begin(self, work: Work) -> None:
        sender = work.item.sender
        self._open[work.item.id] = work
        task = asyncio.create_task(self._after(self._tails.get(sender), work), name=work.item.id)
        self._tails[sender] = task
        task.add_done_callback(lambda done: self._forget(sender, work, done))

    def _forget(self, sender: str, work: Work, task: asyncio.Task[None]) -> None:
        self._open.pop(work.item.id, None)
        if self._tails.get(sender) is task:
            del self._tails[sender]

    async def _after(self, before: asyncio.Task[None] | None, work: Work) -> None:
        if before is not None:
            await asyncio.wait([before])
        async with self._room:
            await self._work(work)

    async def _work(self, work: Work) -> None:
        """Work until it is done. A database that is away is waited for; what fails otherwise is given up on."""
        failures = waits = 0
        while True:
            try:
                ack = await self._worked(work)
            except Malformed as error:
                await self._set_aside(work, f"malformed: {error}")
                return
            except _DATABASE_AWAY as error:
                waits += 1
                log.warning("desk.database_away", id=work.item.id, error=type(error).__name__, waits=waits)
                if waits > WAITS:
                    return  # It stays in the inbox; the sweep comes back to it.
                await asyncio.sleep(min(5.0, 0.1 * 2**waits))
            except Exception as error:
                failures += 1
                if failures >= TRIES:
                    log.exception("desk.failed", id=work.item.id)
                    await self._set_aside(work, type(error).__name__)
                    return
                log.warning("desk.retry", id=work.item.id, error=type(error).__name__, attempt=failures)
                await asyncio.sleep(0.2 * failures)
            else:
                if not work.done.done():
                    work.done.set_result(ack)
                self._outbox.wake()
                return

    async def mend(self) -> int:
        """Find somebody to decide the requests whose approvers have left or moved; gives how many."""
        async with self._database.read() as session:
            services = await self._workplace.services(session, "reorganisation")
            orphaned = await _leave(services).orphaned()
        for request_id in orphaned:
            try:
                await self._commits.run(partial(self._adopt, request_id=request_id))
            except NoApprover:
                log.error("leave.no_approver", request=request_id, mend="dinghr role grant USERID hr")
        if orphaned:
            self._outbox.wake()
        return len(orphaned)

    async def _adopt(self, session: AsyncSession, request_id: int) -> None:
        services = await self._workplace.services(session, "reorganisation")
        happened = await _leave(services).adopt(request_id)
        outcome = await self._dispatcher.happened(happened, services)
        for outgoing in outcome.outgoing:
            self._outbox.put(session, outgoing, cause="reorganisation")
        for track_id in outcome.stale:
            self._outbox.put_update(session, track_id, cause="reorganisation")

    async def sweep(self) -> int:
        """Take up again what lies unfinished and nobody is working on: a stored frame must never wait for a restart."""
        async with self._database.read() as session:
            items = [
                item for item in await self._inbox.undone(session, older_than=SWEEP_AFTER) if item.id not in self._open
            ]
        for item in items:
            self._begin(Work(item, late=True))
        return len(items)

    async def _worked(self, work: Work) -> Ack:
        data = json.loads(work.item.body)
        if work.item.kind == "event":
            await self._contacts.on_event(data["type"], data["data"])
            await self._commits.run(lambda session: self._inbox.claim(session, work.item))
            return {}
        if work.item.kind == "click":
            click = read_click(data)
            actor = await self._person(click.staff_id)
            ack, outcome = await self._commits.run(lambda session: self._click(session, work, click, actor))
            if work.late and not work.told:  # It turned late while the commit was under way.
                await self._commits.run(lambda session: self._tell_late(session, work, click, actor, outcome))
            return ack
        message = read_message(data)
        actor = await self._person(message.staff_id)
        await self._commits.run(lambda session: self._message(session, work.item, message, actor))
        return {}

    async def _message(self, session: AsyncSession, item: Item, message: IncomingMessage, actor: int | None) -> None:
        if not await self._inbox.claim(session, item):
            return
        path = ReplyPath(message.webhook, message.webhook_until, message.group)
        words = self._workplace.words
        refusal = ""
        if message.quota_exhausted:
            log.error("desk.push_quota_exhausted", mend="the monthly push quota is used up: extend the plan")
            refusal = "answer.quota"
        elif actor is None:
            refusal = "people.unknown" if message.staff_id else "answer.no_identity"
            self._refuse_stranger(session, message.staff_id, item)
        elif message.text is None:
            refusal = "answer.text_only"
        if refusal or actor is None or message.text is None:
            told = Outgoing(actor, TextView("", words.say(refusal)), reply=True, in_group=message.group is not None)
            outcome = Outcome((told,))
        else:
            services = await self._workplace.services(session, item.id)
            said = Message(actor, message.text, message.group, message.group_title)
            outcome = await self._dispatcher.message(said, services)
        self._keep(session, outcome, item, path)

    async def _click(
        self, session: AsyncSession, work: Work, click: IncomingClick, actor: int | None
    ) -> tuple[Ack, Outcome]:
        if not await self._inbox.claim(session, work.item):
            kept = await self._inbox.kept_ack(session, work.item.id)
            return json.loads(kept) if kept is not None else card_ack({}), Outcome()
        services = await self._workplace.services(session, work.item.id)
        outcome = await self._clicked(session, work.item, click, actor, services)
        self._keep(session, outcome, work.item, None)
        if work.late:
            await self._tell_late(session, work, click, actor, outcome)
        ack = card_ack(outcome.card)
        await self._inbox.keep_ack(session, work.item, json.dumps(ack))
        return ack, outcome

    async def _tell_late(
        self, session: AsyncSession, work: Work, click: IncomingClick, actor: int | None, outcome: Outcome
    ) -> None:
        """Bring the result of a click whose ack went out without it: by update, and what went wrong in words.

        A form that was refused isn't updated: what was typed into it stands there still.
        """
        work.told = True
        if outcome.tip and actor is not None:
            self._outbox.put(session, Outgoing(actor, TextView("", outcome.tip)), cause=work.item.id)
        if outcome.card and not (outcome.tip and click.form is not None) and click.track_id not in outcome.stale:
            self._outbox.put_update(session, click.track_id, cause=work.item.id)

    async def _clicked(
        self, session: AsyncSession, item: Item, click: IncomingClick, actor: int | None, services: Services
    ) -> Outcome:
        if actor is None:
            self._refuse_stranger(session, click.staff_id, item)
            return Outcome(card=shown(click, self._workplace.words.say("people.unknown")))
        row = await session.get(CardRow, click.track_id, with_for_update=True)
        if row is None or (click.ref != row.ref and not (click.form is not None and not click.ref)):
            recipient = row.recipient if row else None
            refusal = self._dispatcher.refuse_card(actor, click.track_id, recipient, services)
            return Outcome(card=shown(click, refusal), tip=refusal)
        tapped = CardClick(
            actor, card_of(row), "" if click.form is not None else click.action, click.form or {}, click.comment
        )
        return await self._dispatcher.click(tapped, row, services)

    def _refuse_stranger(self, session: AsyncSession, staff_id: str, item: Item) -> None:
        """Put on record that somebody who isn't in the directory was sent away."""
        act = Act(staff_id[:64] or "unknown", Action.CARD_USE.value, outcome="refused", why="not in the directory")
        AuditLog(session, self._workplace.clock, item.id).record(act)

    def _keep(self, session: AsyncSession, outcome: Outcome, item: Item, path: ReplyPath | None) -> None:
        for outgoing in outcome.outgoing:
            self._outbox.put(session, outgoing, cause=item.id, path=path)
        for track_id in outcome.stale:
            self._outbox.put_update(session, track_id, cause=item.id)

    async def _person(self, staff_id: str) -> int | None:
        """Find who this is; somebody new is read from the company's contacts at once, outside any transaction."""
        if not staff_id:
            return None
        today = company_day(self._workplace.clock.now())
        access = self._workplace.access.latest(today)  # Enough to know who writes; what they may is asked again.
        person = _known(access, staff_id) if access is not None else None
        if person is None:
            async with self._database.read() as session:
                access = await self._workplace.access.current(session, today)
            person = _known(access, staff_id)
        if person is None and await self._contacts.take_over(staff_id):
            async with self._database.read() as session:
                access = await self._workplace.access.current(session, today)
            person = _known(access, staff_id)
        if person is not None:
            self._contacts.needed(staff_id)
        return person

    async def _set_aside(self, work: Work, error: str) -> None:
        """Give up on a frame: it stays, sealed, for the operator, and the person is told with a reference."""
        sorry = self._workplace.words.say("answer.failed", reference=work.item.id[-8:])

        async def give_up(session: AsyncSession) -> None:
            await self._inbox.failed(session, work.item, error)
            if work.item.kind == "message":
                message = read_message(json.loads(work.item.body))
                told = Outgoing(None, TextView("", sorry), reply=True, in_group=message.group is not None)
                path = ReplyPath(message.webhook, message.webhook_until, message.group)
                self._outbox.put(session, told, cause=work.item.id, path=path)

        await self._commits.run(give_up)
        if work.item.kind == "click" and not work.done.done():
            work.done.set_result(card_ack(shown(read_click(json.loads(work.item.body)), sorry)))
        self._outbox.wake()


def _leave(services: Services) -> LeaveService:
    leave: LeaveService = services[LeaveService]  # type: ignore[assignment]
    return leave


def _known(access: Access, staff_id: str) -> int | None:
    people = access.directory
    return people.with_key(staff_id).id if people.knows(staff_id) else None


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
