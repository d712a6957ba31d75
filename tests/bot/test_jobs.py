"""Jobs run once for each due time, whatever the clock does."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from apscheduler.triggers.cron import CronTrigger
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.jobs import Job, Jobs
from hr_core.clock import COMPANY_ZONE
from hr_core.database import Database
from tests.cast import MovableClock

NINE = CronTrigger(hour=9, minute=0, timezone=COMPANY_ZONE)
MORNING = datetime(2026, 11, 24, 0, 55, tzinfo=UTC)


class Recorder:
    def __init__(self) -> None:
        self.due: list[datetime] = []

    async def record(self, _session: AsyncSession, due: datetime) -> None:
        self.due.append(due.astimezone(UTC))


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(MORNING)


async def test_a_job_runs_once_when_its_time_comes(database: Database, clock: MovableClock) -> None:
    recorder = Recorder()
    jobs = Jobs(database, clock, [Job("nine", NINE, recorder.record)])
    await jobs.tick()
    assert recorder.due == []
    clock.forward(minutes=6)
    await jobs.tick()
    await jobs.tick()
    assert recorder.due == [datetime(2026, 11, 24, 1, 0, tzinfo=UTC)]


async def test_two_replicas_run_it_once(database: Database, clock: MovableClock) -> None:
    recorder = Recorder()
    replicas = [Jobs(database, clock, [Job("nine", NINE, recorder.record)]) for _ in range(3)]
    clock.forward(minutes=6)
    await asyncio.gather(*(replica.tick() for replica in replicas))
    assert len(recorder.due) == 1


async def test_after_a_leap_only_the_newest_run_is_made_up(database: Database, clock: MovableClock) -> None:
    recorder = Recorder()
    jobs = Jobs(database, clock, [Job("nine", NINE, recorder.record)])
    clock.forward(days=3, minutes=10)
    await jobs.tick()
    assert recorder.due == [datetime(2026, 11, 27, 1, 0, tzinfo=UTC)]


async def test_a_run_missed_while_down_is_made_up_once(database: Database, clock: MovableClock) -> None:
    recorder = Recorder()
    clock.forward(minutes=6)
    await Jobs(database, MovableClock(MORNING), [Job("nine", NINE, recorder.record)]).tick()
    first = Jobs(database, clock, [Job("nine", NINE, recorder.record)])
    await first.tick()
    clock.forward(minutes=1)
    first._since = MORNING
    await first.tick()
    assert len(recorder.due) == 1
    clock.forward(days=1)
    later = Jobs(database, clock, [Job("nine", NINE, recorder.record)])
    await later.tick()
    assert recorder.due[-1] == datetime(2026, 11, 25, 1, 0, tzinfo=UTC)


async def test_a_run_that_is_too_late_is_noted_and_not_made_up(database: Database, clock: MovableClock) -> None:
    recorder = Recorder()
    jobs = Jobs(database, clock, [Job("nine", NINE, recorder.record, late=timedelta(hours=2))])
    clock.forward(hours=5)
    await jobs.tick()
    await jobs.tick()
    assert recorder.due == []


async def test_what_fails_leaves_no_run_behind(database: Database, clock: MovableClock, tmp_path: Path) -> None:
    recorder = Recorder()

    async def fails(session: AsyncSession, due: datetime) -> None:
        await recorder.record(session, due)
        if len(recorder.due) == 1:
            raise RuntimeError("the first time")

    jobs = Jobs(database, clock, [Job("nine", NINE, fails)])
    clock.forward(minutes=6)
    await jobs.tick()
    await jobs.tick()
    assert len(recorder.due) == 1, "it rests before the next try"
    clock.forward(seconds=3)
    await jobs.tick()
    assert len(recorder.due) == 2
