"""What happens by itself: a table of jobs, each with a trigger, run exactly once for each due time.

APScheduler gives the triggers and the tick; what is due is computed from our clock, so that the demo can move it.
A run is a row, unique per job and due time, written in the same transaction as what the job does.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from sqlalchemy import UniqueConstraint, func
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.clock import COMPANY_ZONE, Clock
from hr_core.database import Database, Row

log = structlog.get_logger()


MOST_REST = timedelta(minutes=10)
"""The longest wait before a job that failed is tried again."""


class TaskRow(Row, table=True):
    """One run of one job."""

    __tablename__ = "task"
    __table_args__ = (UniqueConstraint("job", "due_at"),)
    id: int | None = Field(default=None, primary_key=True)
    job: str = Field(max_length=64)
    due_at: datetime
    ran_at: datetime


@dataclass(frozen=True, slots=True)
class Job:
    """A named job. `record` does its work in the transaction that notes the run; `after` follows the commit.

    A run that was missed for longer than `late` is noted and not made up for.
    """

    name: str
    trigger: BaseTrigger
    record: Callable[[AsyncSession, datetime], Awaitable[None]] | None = None
    after: Callable[[], Awaitable[None]] | None = None
    late: timedelta = timedelta(hours=12)


class Jobs:
    """The tick of this process; every replica ticks, and the row decides who runs."""

    def __init__(self, database: Database, clock: Clock, jobs: Sequence[Job]) -> None:
        self._database = database
        self._clock = clock
        self.jobs = jobs
        self._since = clock.now()
        self._failures: dict[str, int] = {}
        self._rest: dict[str, datetime] = {}
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
        """Run what is due; after downtime or a leap of the clock only the newest due time of each job."""
        for job in self.jobs:
            if self._rest.get(job.name, self._clock.now()) > self._clock.now():
                continue
            try:
                await self._run_if_due(job)
                self._failures.pop(job.name, None)
            except Exception:
                failures = self._failures[job.name] = self._failures.get(job.name, 0) + 1
                wait = min(MOST_REST, timedelta(seconds=2**failures))
                self._rest[job.name] = self._clock.now() + wait
                log.exception("jobs.failed", job=job.name, failures=failures, retry_in=wait.total_seconds())

    async def _run_if_due(self, job: Job) -> None:
        now = self._clock.now()
        async with self._database.read() as session:
            last = (await session.exec(select(func.max(TaskRow.due_at)).where(TaskRow.job == job.name))).one()
        due = self._newest_due(job, max(last, self._since - job.late) if last else self._since, now)
        if due is None:
            return
        async with self._database.transaction() as session:
            taken = select(TaskRow).where(TaskRow.job == job.name, col(TaskRow.due_at) == due)
            if (await session.exec(taken)).first() is not None:
                return
            session.add(TaskRow(job=job.name, due_at=due, ran_at=now))
            await session.flush()  # Another replica's row of the same run ends this one here.
            if job.record is not None and now - due <= job.late:
                await job.record(session, due)
        log.info("jobs.ran", job=job.name, due=due.isoformat())
        if job.after is not None:
            await job.after()

    def _newest_due(self, job: Job, since: datetime, now: datetime) -> datetime | None:
        newest: datetime | None = None
        following = job.trigger.get_next_fire_time(since, since + timedelta(microseconds=1))
        while following is not None and following <= now:
            newest = following
            following = job.trigger.get_next_fire_time(newest, newest + timedelta(microseconds=1))
        return newest
