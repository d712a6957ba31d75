"""Runs tasks from the table: for SQLite, where one process has them all."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

import structlog
from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.replica import Replica
from bot.tasks.chunk import Lease
from bot.tasks.queue import TaskQueue
from bot.tasks.table import TaskRow
from bot.tasks.work import Work
from hr_core.database import Database, DatabaseAway

log = structlog.get_logger()

LOOK_SECONDS = 1.0
"""How often the table is looked at unasked: for tasks that become due, and those another process asked for."""


class EmbeddedRunner:
    """Looks when it is woken and once a second, and takes as many as it has hands."""

    def __init__(self, database: Database, queue: TaskQueue, replica: Replica, work: Work, *, hands: int) -> None:
        self._database = database
        self._queue = queue
        self._replica = replica
        self._work = work
        self._hands = hands
        self._wake = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._loop: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._queue.wake = self._wake.set
        self._loop = asyncio.create_task(self._run(), name="tasks")

    async def stop(self, grace: float) -> None:
        """Take no more, let chunks under way end for so many seconds, and give the rest back."""
        self._work.stopping.set()
        self._wake.set()
        if (
            self._loop is not None
        ):  # Cancelled only if it must be: between a lease and its work that leaves a row behind.
            await asyncio.wait({self._loop}, timeout=grace)
            self._loop.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=grace)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _run(self) -> None:
        while not self._work.stopping.is_set():
            self._wake.clear()
            try:
                await self._take()
            except DatabaseAway as error:
                log.warning("tasks.not_looked", error=type(error).__name__)
            except Exception:
                log.exception("tasks.not_looked")
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._wake.wait()

    async def _take(self) -> None:
        while len(self._running) < self._hands and not self._work.stopping.is_set() and await self._any():
            async with self._database.transaction() as session:
                task_id = await self._first(session)
                lease = await self._work.lease(session, task_id) if task_id is not None else None
            if lease is None:
                return
            task = asyncio.create_task(self._carry_out(lease), name=f"task {lease.name}")
            self._running.add(task)
            task.add_done_callback(self._ended)

    async def _carry_out(self, lease: Lease) -> None:
        await self._work.carry_out(lease)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._wake.set()
        if not task.cancelled() and task.exception() is not None:
            log.error("tasks.not_noted", exc_info=task.exception())

    async def _any(self) -> bool:
        """Look without the write lock first: mostly there is nothing."""
        async with self._database.read() as session:
            return await self._first(session) is not None

    async def _first(self, session: AsyncSession) -> int | None:
        """Find the task that is next: due, rested, its lock free; or one that a dead process had."""
        other = aliased(TaskRow)
        now = self._queue.clock.now()
        earlier = or_(
            col(other.ready_at) < col(TaskRow.ready_at),
            and_(col(other.ready_at) == col(TaskRow.ready_at), col(other.id) < col(TaskRow.id)),
        )
        before: ColumnElement[bool] = exists().where(
            col(other.lock) == col(TaskRow.lock),
            or_(col(other.status) == "running", and_(col(other.status) == "new", col(other.ready_at) <= now, earlier)),
        )
        rested = or_(col(TaskRow.rest_until).is_(None), col(TaskRow.rest_until) <= datetime.now(UTC))
        fresh = and_(col(TaskRow.status) == "new", col(TaskRow.ready_at) <= now, rested, ~before)
        left = and_(col(TaskRow.status) == "running", self._replica.ownerless(TaskRow.owner, session))
        query = select(TaskRow.id).where(or_(fresh, left)).order_by(col(TaskRow.ready_at), col(TaskRow.id)).limit(1)
        return (await session.exec(query)).first()
