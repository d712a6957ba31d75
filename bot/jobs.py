"""What happens by itself: a table of jobs, each with a trigger; a job enqueues its task once for each due time.

APScheduler gives the triggers and the tick; what is due is computed from our clock, so that the demo can move it.
Every replica ticks. A task's key names job and due time and is unique, so the first of them has asked for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from sqlalchemy import func
from sqlmodel import select

from bot.tasks import TaskQueue, TaskRow
from hr_core.clock import COMPANY_ZONE, Clock
from hr_core.database import Database, DatabaseAway
from hr_core.failpoints import reach

log = structlog.get_logger()

LOOKS_BACK = (timedelta(hours=1), timedelta(days=2), timedelta(days=62))
"""How far the newest due time is looked for at first: after a year away a job of every minute has half a million."""
LATE = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Job:
    """A task and when it is due. A run that was missed for longer than `late` is noted and not made up for."""

    name: str
    trigger: BaseTrigger
    task: str = ""
    args: Mapping[str, Any] = field(default_factory=dict)
    late: timedelta = LATE
    lock: str | None = None


class Jobs:
    """The tick of this process."""

    def __init__(self, database: Database, clock: Clock, queue: TaskQueue, jobs: Sequence[Job]) -> None:
        self._database = database
        self._clock = clock
        self._queue = queue
        self.jobs = jobs
        self._since = clock.now()
        self._last: dict[str, datetime] = {}
        self._scheduler = AsyncIOScheduler(timezone=COMPANY_ZONE)

    def start(self) -> None:
        """Tick every second."""
        self._scheduler.add_job(
            self.tick, "interval", seconds=1, misfire_grace_time=None, coalesce=True, max_instances=1
        )
        self._scheduler.start()

    def stop(self) -> None:
        """Tick no more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def tick(self) -> None:
        """Enqueue what is due; after downtime or a leap of the clock only the newest due time of each job."""
        for job in self.jobs:
            try:
                await self._enqueue_if_due(job)
            except DatabaseAway as error:
                log.warning("jobs.not_asked", job=job.name, error=type(error).__name__)
            except Exception:
                log.exception("jobs.not_asked", job=job.name)

    async def _enqueue_if_due(self, job: Job) -> None:
        now = self._clock.now()
        if job.name not in self._last:
            self._last[job.name] = await self._asked_last(job)
        due = newest_due(job.trigger, self._last[job.name], now)
        if due is None:
            return
        reach("schedule.due")
        too_late = now - due > job.late
        async with self._database.transaction() as session:
            asked = await self._queue.enqueue(
                session,
                job.task or job.name,
                job.args,
                key=f"{job.name}@{due.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
                due=due,
                lock=job.lock,
                job=job.name,
                too_late=too_late,
            )
        self._last[job.name] = due
        if asked is not None:
            log.info("jobs.too_late" if too_late else "jobs.asked", job=job.name, due=due.isoformat())

    async def _asked_last(self, job: Job) -> datetime:
        """Give the due time of the newest run. A job that is new here isn't asked for times before it."""
        async with self._database.read() as session:
            last = (await session.exec(select(func.max(TaskRow.due_at)).where(TaskRow.job == job.name))).one()
        return last or self._since


def newest_due(trigger: BaseTrigger, since: datetime, now: datetime) -> datetime | None:
    """Give the last due time after `since` that isn't after `now`."""
    for look in LOOKS_BACK:
        if now - look <= since:
            break
        if (newest := _newest(trigger, now - look, now)) is not None:
            return newest
    return _newest(trigger, since, now)


def _newest(trigger: BaseTrigger, since: datetime, now: datetime) -> datetime | None:
    newest: datetime | None = None
    following = trigger.get_next_fire_time(since, since + timedelta(microseconds=1))
    while following is not None and following <= now:
        newest = following
        following = trigger.get_next_fire_time(newest, newest + timedelta(microseconds=1))
    return newest
