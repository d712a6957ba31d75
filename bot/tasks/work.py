"""Carries out a task that this process has the lease of: the same on both stores."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.replica import Replica
from bot.tasks.chunk import Chunk, Lease, LeaseLost, holds
from bot.tasks.queue import TaskQueue
from bot.tasks.table import UNFINISHED, TaskRow
from hr_core.database import Database, DatabaseAway
from hr_core.failpoints import reach

log = structlog.get_logger()

MOST_REST = timedelta(minutes=10)
"""The longest wait before a task that failed is tried again."""
ROOMS = Path(__file__).parents[2]


class UnknownTask(Exception):
    """This version has no task of that name; another replica's may."""


class Work:
    """Begins, goes on, ends and gives back."""

    def __init__(self, database: Database, queue: TaskQueue, replica: Replica, *, first_rest: timedelta) -> None:
        self._database = database
        self._queue = queue
        self._replica = replica
        self._first_rest = first_rest
        self.stopping = asyncio.Event()

    async def lease(self, session: AsyncSession, task_id: int) -> Lease | None:
        """Take a task, whoever had it before; None when nothing is left to do."""
        taken = (
            update(TaskRow)
            .where(col(TaskRow.id) == task_id, col(TaskRow.status).in_(UNFINISHED))
            .values(status="running", owner=self._replica.name, turn=col(TaskRow.turn) + 1, rest_until=None)
            .returning(col(TaskRow.id))
        )
        if (await session.exec(taken)).first() is None:
            return None
        row = await session.get(TaskRow, task_id, populate_existing=True)
        return Lease.of_row(row) if row else None

    async def carry_out(self, lease: Lease) -> datetime | None:
        """Do a task's chunks; give when it wants to be taken up again, None when nothing is left to do."""
        memo: dict[str, Any] = {}
        following: Lease | None = lease
        try:
            reach("task.begun")
            while following is not None:
                if self.stopping.is_set():
                    return await self._give_back(lease)
                lease = following
                following = await self._chunk(lease, memo)
        except LeaseLost:
            log.warning("task.lost", task=lease.name, id=lease.task_id)
            return None
        except asyncio.CancelledError:
            await asyncio.shield(self._give_back(lease))
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the task is tried again or given up
            return await self._failed(lease, error)
        return None

    async def _chunk(self, lease: Lease, memo: dict[str, Any]) -> Lease | None:
        if lease.name not in self._queue.tasks:
            raise UnknownTask(lease.name)
        chunk = Chunk(lease, self._database, self._queue.clock, memo)
        await self._queue.tasks[lease.name].function(chunk)
        if not chunk.committed:
            msg = f"the task {lease.name} ended without a transaction"
            raise RuntimeError(msg)
        reach("task.before_done" if chunk.following is None else "task.chunk_done")
        return chunk.following

    async def _failed(self, lease: Lease, error: Exception) -> datetime | None:
        failures = lease.failures + 1
        most = self._queue.tasks[lease.name].attempts if lease.name in self._queue.tasks else 10
        what = {"task": lease.name, "id": lease.task_id, "failures": failures, "mend": getattr(error, "remedy", None)}
        noted: dict[str, Any] = {"failures": failures, "error": described(error), "owner": None}
        if failures >= most:
            log.error("task.dead", **what, replay=f"dinghr tasks replay {lease.task_id}", exc_info=error)
            await self._give_up(lease, status="dead", finished_at=self._queue.clock.now(), **noted)
            return None
        rest = min(MOST_REST, self._first_rest * 2 ** (failures - 1))
        log.warning("task.failed", **what, retry_in=rest.total_seconds(), exc_info=error)
        until = datetime.now(UTC) + rest
        return until if await self._note(lease, status="new", rest_until=until, **noted) else None

    async def _give_back(self, lease: Lease) -> datetime | None:
        return datetime.now(UTC) if await self._note(lease, status="new", owner=None) else None

    async def _give_up(self, lease: Lease, **values: Any) -> None:
        task = self._queue.tasks.get(lease.name)

        async def give_up() -> bool:
            async with self._database.transaction() as session:
                noted = await session.exec(update(TaskRow).where(*holds(lease)).values(**values))
                if not noted.rowcount or task is None or task.given_up is None:
                    return False
                try:
                    async with session.begin_nested():
                        await task.given_up(session, lease)
                except Exception as error:
                    log.error("task.not_told", task=lease.name, id=lease.task_id, exc_info=error)
                return True

        await patiently(give_up)

    async def _note(self, lease: Lease, **values: Any) -> bool:
        async def note() -> bool:
            async with self._database.transaction() as session:
                noted = await session.exec(update(TaskRow).where(*holds(lease)).values(**values))
                return bool(noted.rowcount)

        return await patiently(note)


async def patiently(do: Callable[[], Awaitable[bool]]) -> bool:
    """Do it once the database is there: a lease that can be neither used nor given back would stay."""
    while True:
        try:
            return await do()
        except DatabaseAway as error:
            log.warning("task.waits_for_database", error=type(error).__name__)
            await asyncio.sleep(1)


def described(error: Exception) -> str:
    """Name an error and where it arose, without its text: that may hold people's data."""
    places = [
        frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(ROOMS)
    ]
    at = f" at {Path(places[-1].filename).relative_to(ROOMS)}:{places[-1].lineno}" if places else ""
    code = getattr(error, "code", None)
    return f"{type(error).__name__}{f' {code}' if code else ''}{at}"[:200]
