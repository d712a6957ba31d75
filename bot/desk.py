"""The desk: frames are taken in, and each person's messages are worked one after another.

A frame is acknowledged once it is stored. A click is answered with the new card when that is ready in time; when it
isn't, with 处理中, and the card is updated afterwards.
"""

import asyncio
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.commits import GroupCommit
from bot.compact import dumps, loads
from bot.contacts import ContactsSync
from bot.frames import Ack, Done, Frames, Work, card_ack, read_work, shown
from bot.inbox import Inbox, Item
from bot.incoming import IncomingClick, Malformed, read_click, read_message
from bot.outbox import Outbox
from bot.replica import Replica
from bot.workplace import Workplace
from handlers.dispatch import Dispatcher
from handlers.store import CardRow
from hr_core.approval.model import NoApprover
from hr_core.audit.store import acts_of, write_acts
from hr_core.clock import company_day
from hr_core.database import Database, DatabaseAway
from hr_core.failpoints import reach
from hr_core.leave.service import LeaveService
from hr_core.onboarding.service import HireService
from hr_core.permission.access import Access

log = structlog.get_logger()

CLICK_PATIENCE = 1.5
"""Seconds after which a click is answered 处理中; DingTalk shows a failure after two (C1/0007)."""
EVENT_PATIENCE = 2.5
"""Seconds an event may take to be stored; DingTalk stops listening after three (A/1435)."""
ACK_LIMIT = 2.0
"""Seconds within which DingTalk takes a click's ack (C1/0007)."""
STORE_PATIENCE = 45.0
"""Seconds a frame waits for the database before it is given up, counted and logged."""
TRIES = 3
WAITS = 60
"""How often a database that is away is asked again, at most every five seconds."""
MOST_OPEN = 2_000
"""Frames in memory; what comes beyond them is stored and acknowledged as well, and taken up when there is room."""
ANOTHERS_TURN = 0.05
_Decided = LeaveService | HireService
_DECIDED: tuple[type[_Decided], ...] = (LeaveService, HireService)
"""Whose requests wait for somebody's decision."""


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
        replica: Replica,
    ) -> None:
        self._database = database
        self._commits = commits
        self._inbox = inbox
        self._outbox = outbox
        self._dispatcher = dispatcher
        self._workplace = workplace
        self._contacts = contacts
        self._replica = replica
        self._frames = Frames(commits, inbox, outbox, dispatcher, workplace, shared=not database.is_sqlite)
        self._tails: dict[str, asyncio.Future[None]] = {}
        self._newest: dict[str, int] = {}
        self._working: set[asyncio.Future[None]] = set()
        self._open: dict[str, Work] = {}
        self._more = False
        self.lost = 0
        self.database_there = True

    # --- taking in ----------------------------------------------------------------------------------------------------

    async def take_message(self, data: Mapping[str, Any]) -> None:
        """Store a robot message and let it be worked; a second delivery is a no-op."""
        message = read_message(data)
        sender = message.staff_id or f"webhook:{message.message_id}"
        item = Item(
            f"message:{message.message_id}", "message", sender, dumps(data), self._replica.next_id(), self._has_room()
        )
        await self._take(Work(item, message))

    async def take_event(self, event_id: str, event_type: str, data: Mapping[str, Any]) -> None:
        """Store an event that changes people or departments; others are none of ours and are only acknowledged."""
        if event_type not in ContactsSync.EVENTS:
            return
        body = dumps({"type": event_type, "data": dict(data)})
        item = Item(f"event:{event_id}", "event", "contacts", body, self._replica.next_id(), self._has_room())
        async with asyncio.timeout(EVENT_PATIENCE):  # Later it wouldn't be heard; LATER brings it back.
            if await self._stored(item) and item.held:
                self._begin(Work(item))

    async def take_click(self, frame_id: str, data: Mapping[str, Any]) -> Ack:
        """Store a click and give its ack: the new card, or 处理中; the same frame again gets the same ack."""
        began = time.monotonic()
        click = read_click(data)
        item = Item(f"click:{frame_id}", "click", click.staff_id, dumps(data), self._replica.next_id())
        work = self._open.get(item.id)
        if work is None:
            work = Work(item, click)
            if not await self._take(work):
                return await self._ack_again(item, click)
            work.late = work.late or time.monotonic() - began > CLICK_PATIENCE
        patience = CLICK_PATIENCE - (time.monotonic() - began)
        if work.late and not work.done.done():
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

    async def _take(self, work: Work) -> bool:
        """Store a frame, and do it in the same commit where nothing stands before it; False for a repeat.

        What can't be done at once, or fails, is stored by itself and worked behind its acknowledgement.
        """
        if self._open.setdefault(work.item.id, work) is not work:
            return await self._stored(work.item)  # A repeat while the first is under way: never fresh.
        try:
            work.actor = self._at_hand(work)
            done = await self._at_once(work) if self._is_free(work) else None
            fresh = done.state != "repeat" if done is not None else await self._stored(work.item)
        except BaseException:
            self._open.pop(work.item.id, None)
            raise
        if fresh and work.item.held and (done is None or done.state == "not_yet"):
            self._begin(work)
        else:
            self._open.pop(work.item.id, None)
        return fresh

    def _is_free(self, work: Work) -> bool:
        """Tell whether a frame can be done at once: its sender is known, and nothing stands before it."""
        return work.actor is not None and work.item.held and work.item.sender not in self._tails

    async def _at_once(self, work: Work) -> Done | None:
        """Do a frame while it is stored; None when that failed and nothing was kept. Its sender's next one waits."""
        turn = asyncio.get_running_loop().create_future()
        sender, began = work.item.sender, time.monotonic()
        self._tails[sender] = turn
        try:
            done = await self._frames.take(work)
        except Exception as error:  # noqa: BLE001 - the way that stores first knows what to do with each
            log.warning("desk.not_at_once", id=work.item.id, error=type(error).__name__)
            return None
        finally:
            if not turn.done():
                turn.set_result(None)
            if self._tails.get(sender) is turn:
                del self._tails[sender]
        if done.state == "done":
            reach("inbox.worked")
            if time.monotonic() - began > ACK_LIMIT and isinstance(work.read, IncomingClick):
                # Nobody listens to this ack any more: what it says has to come another way.
                await self._commits.run(partial(self._tell_late, work=work, click=work.read, done=done))
            work.done.set_result(done.ack or card_ack({}))
        return done

    def _at_hand(self, work: Work) -> int | None:
        """Give who this is if that is known without asking anybody."""
        staff_id = work.read.staff_id if work.read is not None else ""
        access = self._workplace.access.latest(company_day(self._workplace.clock.now()))
        person = _known(access, staff_id) if access is not None and staff_id else None
        if person is not None:
            self._contacts.needed(staff_id)
        return person

    def _has_room(self) -> bool:
        """Tell whether a frame is worked at once; behind one that had to wait, all wait, or the order would be lost."""
        self._more = self._more or len(self._open) >= MOST_OPEN
        return not self._more

    async def _stored(self, item: Item) -> bool:
        """Store a frame, waiting for a database that is away: what isn't stored isn't acknowledged.

        The stream hands over so many frames at a time and no more, so what waits here is bounded.
        """
        until = time.monotonic() + STORE_PATIENCE
        wait = 0.1
        while True:
            try:
                fresh = await self._inbox.store(item)
            except DatabaseAway as error:
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
                again: Ack = loads(kept)
                return again
            row = await session.get(CardRow, click.track_id)
            if row is None:
                return card_ack({})
            services = await self._workplace.services(session, item.id)
            ack = card_ack(await self._dispatcher.current_params(row, services))
            acts = acts_of(session)
        if acts:
            await self._commits.run(lambda session: write_acts(session, acts))
        return ack

    # --- working ------------------------------------------------------------------------------------------------------

    async def take_over(self) -> int:
        """Take what nobody alive works on: after a crash, of another replica that is gone, or for which no room was.

        Clicks get their result by update: whoever tapped has long been answered.
        """
        room = MOST_OPEN - len(self._open)
        if room <= 0:
            return 0
        items = await self._commits.run(lambda session: self._inbox.take_over(session, room))
        self._more = self._more and len(items) == room
        return await self._take_up(items)

    async def sweep(self) -> int:
        """Take up again what is ours and unfinished, and nobody works on: a failure left it behind."""
        async with self._database.read() as session:
            items = await self._inbox.mine(session)
        return await self._take_up([item for item in items if item.id not in self._open])

    async def _take_up(self, items: list[Item]) -> int:
        for item in items:
            try:
                self._begin(read_work(item, late=True))
            except Malformed as error:
                await self._set_aside(Work(item, late=True), f"malformed: {error}")
        return len(items)

    async def stop(self, patience: float = 6.0) -> None:
        """Let what has begun end; what doesn't stays in the inbox for the next start."""
        tasks = list({*self._tails.values(), *self._working})
        if tasks:
            await asyncio.wait(tasks, timeout=patience)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, work: Work) -> None:
        sender = work.item.sender
        self._open[work.item.id] = work
        before = self._tails.get(sender)
        if before is not None and self._newest.get(sender, 0) > work.item.seq:
            # Taken over from another process: the newer one that is here waits for it, not the other way round.
            task = asyncio.create_task(self._work(work), name=work.item.id)
        else:
            task = asyncio.create_task(self._after(before, work), name=work.item.id)
            self._tails[sender], self._newest[sender] = task, work.item.seq
        self._working.add(task)
        task.add_done_callback(partial(self._forget, sender, work))

    def _forget(self, sender: str, work: Work, task: "asyncio.Future[None]") -> None:
        self._open.pop(work.item.id, None)
        self._working.discard(task)
        if self._tails.get(sender) is task:
            del self._tails[sender]
            self._newest.pop(sender, None)

    async def _after(self, before: "asyncio.Future[None] | None", work: Work) -> None:
        if before is not None:
            await asyncio.wait([before])
        await self._work(work)

    async def _work(self, work: Work) -> None:
        """Work until it is done. A database that is away is waited for; what fails otherwise is given up on."""
        failures = waits = 0
        while True:
            try:
                done = await self._worked(work)
            except Malformed as error:
                await self._set_aside(work, f"malformed: {error}")
                return
            except DatabaseAway as error:
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
                if done.state == "not_yet":
                    await asyncio.sleep(ANOTHERS_TURN)
                    continue
                reach("inbox.worked")
                if not work.done.done():
                    work.done.set_result(done.ack or card_ack({}))
                return

    async def _worked(self, work: Work) -> Done:
        if work.item.kind == "event":
            data = loads(work.item.body)
            await self._contacts.on_event(data["type"], data["data"])
            await self._commits.run(lambda session: self._inbox.claim(session, [work.item.id]))
            return Done("done")
        if work.actor is None and work.read is not None:
            work.actor = await self._person(work.read.staff_id)
        done = await self._frames.do(work)
        if work.late and not work.told and isinstance(work.read, IncomingClick):
            # It turned late while the commit was under way.
            await self._commits.run(partial(self._tell_late, work=work, click=work.read, done=done))
        return done

    async def _tell_late(self, session: AsyncSession, work: Work, click: IncomingClick, done: Done) -> None:
        await self._frames.tell_late(session, work, click, done.outcome)

    async def _person(self, staff_id: str) -> int | None:
        """Find who this is; somebody new is read from the company's contacts at once, outside any transaction."""
        if not staff_id:
            return None
        today = company_day(self._workplace.clock.now())
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
        sorry = await self._commits.run(lambda session: self._frames.give_up(session, work, error))
        if isinstance(work.read, IncomingClick) and not work.done.done():
            work.done.set_result(card_ack(shown(work.read, sorry)))

    # --- looking after ------------------------------------------------------------------------------------------------

    async def mend(self) -> int:
        """Find somebody to decide the requests whose approvers have left or moved; gives how many."""
        async with self._database.read() as session:
            services = await self._workplace.services(session, "reorganisation")
            orphaned = [(kind, request) for kind in _DECIDED for request in await _of(services, kind).orphaned()]
        for kind, request_id in orphaned:
            try:
                await self._commits.run(partial(self._adopt, kind=kind, request_id=request_id))
            except NoApprover:
                log.error("leave.no_approver", request=request_id, mend="dinghr role grant USERID hr")
        return len(orphaned)

    async def _adopt(self, session: AsyncSession, kind: type[_Decided], request_id: int) -> None:
        services = await self._workplace.services(session, "reorganisation")
        happened = await _of(services, kind).adopt(request_id)
        outcome = await self._dispatcher.happened(happened, services)
        for outgoing in outcome.outgoing:
            self._outbox.put(session, outgoing, cause="reorganisation")
        for track_id in outcome.stale:
            self._outbox.put_update(session, track_id, cause="reorganisation")
        await self._workplace.queue_errands(session, outcome.errands)


def _of(services: Mapping[type, object], kind: type[_Decided]) -> _Decided:
    found: _Decided = services[kind]  # type: ignore[assignment]
    return found


def _known(access: Access, staff_id: str) -> int | None:
    people = access.directory
    return people.with_key(staff_id).id if people.knows(staff_id) else None
