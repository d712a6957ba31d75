"""Sending: lanes that keep what is said to one person in order, a pump that renders in groups, retries.

The first try follows the commit at once, from memory. What doesn't fit in memory waits in the table; what another
process took over isn't sent here any more.
"""

import asyncio
from bisect import insort
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.budget import Budget
from bot.commits import GroupCommit, Together
from bot.openapi import DingTalk, DingTalkError, QuotaExhausted
from bot.outbox.delivery import (
    Delivery,
    NotOursAnyMore,
    Rendered,
    TakeBack,
    forget_card,
    keep_cards,
    reason,
    record_acts,
)
from bot.outbox.table import WORDS_ONLY, Letter, OutboxStore, ReplyPath, gather
from bot.replica import Replica
from bot.settings import Settings
from bot.workplace import Workplace
from handlers.dispatch import Dispatcher, Outgoing
from handlers.router import Router, Worth
from handlers.store import CardRow
from hr_core.audit.store import AuditRow
from hr_core.database import Database, DatabaseAway, at_last, once_durable
from hr_core.failpoints import reach

log = structlog.get_logger()

RETRIES = (1, 5, 30, 120, 600, 1800)
"""Seconds before each further try; after the last the row is dead and waits for an operator."""
QUOTA_WAIT = 1800
"""Seconds before a call is tried again that the company's monthly quota refused: it costs nothing, and isn't a try."""
AT_ONCE = 256
GROUP = 64
MOST_IN_MEMORY = 5_000
ANOTHERS_TURN = 0.1


class Outbox:
    """Takes rows in transactions, sends them after the commit."""

    def __init__(
        self,
        database: Database,
        commits: GroupCommit,
        workplace: Workplace,
        router: Router,
        dispatcher: Dispatcher,
        dingtalk: DingTalk,
        settings: Settings,
        replica: Replica,
        budget: Budget,
        new_id: Callable[[], str],
        take_back: TakeBack,
    ) -> None:
        self._database = database
        self._commits = commits
        self._clock = workplace.clock
        self._new_id = new_id
        self._worth = router.worth
        self._budget = budget
        self._store = OutboxStore(workplace.vault, workplace.clock, replica)
        self._noted = Together(commits, self._store.note_all)
        self._delivery = Delivery(
            database, workplace, router, dispatcher, dingtalk, settings,
            claim=Together(commits, self._store.mark_sending),
            keep_card=Together[CardRow, None](commits, keep_cards),
            refused=self._card_refused,
            record=Together[tuple[AuditRow, ...], None](commits, record_acts),
            take_back=take_back,
        )  # fmt: skip
        self._letters: dict[int, Letter] = {}
        self._lanes: dict[str, list[tuple[int, Letter]]] = {}
        self._busy: set[str] = set()
        self._ready: deque[str] = deque()
        self._more = False
        self._wake = asyncio.Event()
        self._sending: set[asyncio.Task[None]] = set()
        self._pump: asyncio.Task[None] | None = None
        self._open = True

    # --- taking -------------------------------------------------------------------------------------------------------

    def put(self, session: AsyncSession, out: Outgoing, *, cause: str, path: ReplyPath | None = None) -> None:
        """Keep one thing to send, in the transaction that causes it."""
        self._gather(session, self._store.letter(out, self._new_id(), cause, path))

    def put_update(self, session: AsyncSession, track_id: str, *, cause: str) -> None:
        """Keep a card's update to send."""
        self._gather(session, self._store.update_letter(track_id, self._new_id(), cause))

    def _gather(self, session: AsyncSession, letter: Letter) -> None:
        letters = gather(session, letter)
        if letters is not None:
            at_last(session, "outbox", lambda session: self._store.insert(session, letters))
            once_durable(session, lambda: self._take(letters))

    def _take(self, letters: list[Letter]) -> None:
        """Put rows of a commit into their lanes; what memory doesn't hold stays in the table."""
        for letter in letters:
            if letter.id in self._letters:
                continue
            if self._more or len(self._letters) >= MOST_IN_MEMORY:
                self._more = True
                continue
            self._letters[letter.id] = letter
            lane = self._lanes.setdefault(letter.lane, [])
            insort(lane, (letter.id, letter), key=lambda one: one[0])
            if letter.lane not in self._busy and len(lane) == 1:
                self._ready.append(letter.lane)
        self._wake.set()

    # --- running ------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to send."""
        self._pump = asyncio.create_task(self._run(), name="outbox")

    async def stop(self, patience: float = 5.0) -> None:
        """Stop taking rows up; let what is being sent end."""
        self._open = False
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)
        if self._sending:
            await asyncio.wait(self._sending, timeout=patience)
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)

    async def take_over(self) -> int:
        """Take rows that nobody alive is sending, and our own that had no room or whose commit we never heard of; gives
        how many.
        """
        room = MOST_IN_MEMORY - len(self._letters)
        if room <= 0:
            return 0
        letters = await self._commits.run(lambda session: self._store.take_over(session, room))
        async with self._database.read() as session:
            waiting = await self._store.waiting(session, set(self._letters), room)
        self._more = self._more and len(waiting) == room
        letters += waiting
        if letters:
            more, self._more = self._more, False
            self._take(letters)
            self._more = self._more or more
        return len(letters)

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._ready and len(self._sending) < AT_ONCE:
                count = min(GROUP, AT_ONCE - len(self._sending), len(self._ready))
                lanes = [self._ready.popleft() for _ in range(count)]
                self._busy.update(lanes)
                await self._begin([self._lanes[lane][0][1] for lane in lanes])

    async def _begin(self, letters: list[Letter]) -> None:
        """Render the heads of lanes and send each on its own."""
        try:
            async with self._database.read() as session:
                letters = await self._whose_turn(session, letters)
                rendered = await self._delivery.render(session, letters)
        except Exception as error:  # noqa: BLE001 - whatever it is, the rows must not be forgotten
            log.warning("outbox.not_readable", error=type(error).__name__)
            for letter in letters:
                self._again(letter.lane, 1.0)
            return
        reach("outbox.rendered")
        for letter, ready in zip(letters, rendered, strict=True):
            task = asyncio.create_task(self._send(letter, ready), name=f"outbox {letter.id}")
            self._sending.add(task)
            task.add_done_callback(partial(self._sent, letter))

    async def _whose_turn(self, session: AsyncSession, letters: list[Letter]) -> list[Letter]:
        """Leave out what another replica has taken, and what has to wait: for another's older message to the same
        person, or for the card that it changes.
        """
        if cards := [letter.update_card for letter in letters if letter.update_card is not None]:
            unborn = await self._store.unborn(session, cards)
            for letter in letters:
                if letter.update_card in unborn:
                    self._again(letter.lane, ANOTHERS_TURN)
            letters = [letter for letter in letters if letter.update_card not in unborn]
        if self._database.is_sqlite:
            return letters
        turns = await self._store.turns(session, letters)
        for letter in letters:
            if letter.id not in turns:
                self._drop(letter)
            elif not turns[letter.id]:
                self._again(letter.lane, ANOTHERS_TURN)
        return [letter for letter in letters if turns.get(letter.id)]

    def _sent(self, letter: Letter, task: "asyncio.Task[None]") -> None:
        self._sending.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("outbox.lane_failed", exc_info=task.exception())
            self._again(letter.lane, RETRIES[1])
        self._wake.set()

    async def _send(self, letter: Letter, ready: Rendered | Exception) -> None:
        """Send one row and note what became of it."""
        if self._is_cut(letter):
            log.warning("outbox.cut", id=letter.id, view=letter.view or "update", mend="see budget.low")
            await self._done(letter, status="cut")
            return
        try:
            carrier = await self._carried(letter, ready)
        except NotOursAnyMore:
            self._drop(letter)
        except DatabaseAway as error:
            log.warning("outbox.database_away", id=letter.id, error=type(error.__cause__ or error).__name__)
            self._again(letter.lane, RETRIES[0])
        except QuotaExhausted as error:
            await self._put_off(letter, error, QUOTA_WAIT)
            self._step_aside(letter, QUOTA_WAIT)
        except DingTalkError as error:
            if letter.in_doubt and not error.not_executed:
                log.warning("outbox.unknown", id=letter.id, kind=error.kind, error=error.code)
                await self._done(letter, status="unknown", error=reason(error))
            elif error.transient or not error.not_executed:
                await self._retry(letter, error)
            else:
                await self._dead(letter, error)
        except Exception as error:
            # Ours to mend; meanwhile it must neither spin nor stop what else this person is to hear.
            log.exception("outbox.not_rendered", id=letter.id, view=letter.view)
            await self._retry(letter, error)
        else:
            if carrier is None:
                await self._done(letter, status="dropped")
            else:
                await self._done(letter, status="sent", sent_at=self._clock.now(), carrier=carrier[:256])

    def _is_cut(self, letter: Letter) -> bool:
        """Tell whether the month's quota is too low for this; what goes by session webhook costs nothing of it."""
        if "webhook" in letter.content:
            return False
        worth = Worth.ALERT if letter.update_card is not None else self._worth.get(letter.view, Worth.NEEDED)
        return self._budget.cuts(worth)

    async def _carried(self, letter: Letter, ready: Rendered | Exception) -> str | None:
        if isinstance(ready, Exception):
            raise ready
        carrier = await self._delivery.send(letter, ready)
        reach("outbox.sent")
        return carrier

    async def _retry(self, letter: Letter, error: Exception) -> None:
        letter.attempts += 1
        if letter.attempts > len(RETRIES):
            await self._dead(letter, error)
            return
        wait = RETRIES[letter.attempts - 1]
        await self._put_off(letter, error, wait)
        self._again(letter.lane, wait)

    async def _put_off(self, letter: Letter, error: Exception, wait: float) -> None:
        letter.in_doubt = False
        log.info("outbox.retry", id=letter.id, reason=reason(error), attempts=letter.attempts)
        carrier = WORDS_ONLY if letter.words_only else None
        next_at = self._clock.now() + timedelta(seconds=wait)
        await self._note(letter, status="new", next_at=next_at, carrier=carrier, error=reason(error))

    def _step_aside(self, letter: Letter, wait: float) -> None:
        """Let what follows in its lane go first: an answer by session webhook needs nothing of the quota."""
        self._leave_lane(letter)
        if self._open:
            asyncio.get_running_loop().call_later(wait, self._step_back, letter)

    def _step_back(self, letter: Letter) -> None:
        self._letters.pop(letter.id, None)
        self._take([letter])

    async def _dead(self, letter: Letter, error: Exception) -> None:
        log.error("outbox.dead", id=letter.id, reason=reason(error), mend=getattr(error, "remedy", ""))
        await self._done(letter, status="dead", error=reason(error))

    async def _card_refused(self, letter: Letter) -> None:
        await self._commits.run(lambda session: forget_card(session, letter.track_id))
        await self._note(letter, status="new", carrier=WORDS_ONLY)

    async def _done(self, letter: Letter, **noted: Any) -> None:
        await self._note(letter, **noted)
        reach("outbox.noted")
        self._drop(letter)

    async def _note(self, letter: Letter, *, next_at: datetime | None = None, **noted: Any) -> None:
        """Note what became of a row. What was said must not be forgotten: a database that is away is waited for."""
        note = {"key": letter.id, "attempts": letter.attempts, "next_at": next_at or self._clock.now(), **noted}
        while True:
            try:
                await self._noted(note)
            except DatabaseAway as error:
                log.warning("outbox.not_noted", id=letter.id, error=type(error.__cause__ or error).__name__)
                await asyncio.sleep(RETRIES[0])
            else:
                return

    def _drop(self, letter: Letter) -> None:
        """Be done with a row: the next of its lane is up."""
        self._letters.pop(letter.id, None)
        self._leave_lane(letter)

    def _leave_lane(self, letter: Letter) -> None:
        lane = self._lanes[letter.lane]
        lane[:] = [one for one in lane if one[0] != letter.id]
        self._again(letter.lane, 0)

    def _again(self, lane: str, wait: float) -> None:
        """Let a lane's head be sent once `wait` seconds have passed."""
        if wait > 0 and self._open:
            asyncio.get_running_loop().call_later(wait, self._again, lane, 0)
            return
        self._busy.discard(lane)
        if self._lanes.get(lane):
            self._ready.append(lane)
            self._wake.set()
        else:
            self._lanes.pop(lane, None)
