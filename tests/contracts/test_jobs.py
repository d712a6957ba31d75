"""Jobs ask for their task once for each due time, whatever the clock does and however many tick."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.triggers.cron import CronTrigger

from bot.jobs import Job, Jobs, newest_due
from bot.tasks import Chunk, Task
from hr_core.clock import COMPANY_ZONE
from tests.cast import MovableClock
from tests.contracts.workshop import Workshop, leave_trace, opened

NINE = Job("nine", CronTrigger(hour=9, minute=0, timezone=COMPANY_ZONE), task="note")
MORNING = datetime(2026, 11, 24, 0, 55, tzinfo=UTC)
FIRST_NINE = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


async def note(chunk: Chunk) -> None:
    """Say what time it was meant for."""
    async with chunk.transaction() as session:
        await leave_trace(session, "due", int(chunk.due.timestamp()))


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(MORNING)


@pytest.fixture
async def workshop(database_url: str, clock: MovableClock) -> AsyncIterator[Workshop]:
    async with opened(database_url) as found:
        found.clock = found.queue.clock = clock
        found.queue.register(Task("note", note))
        yield found


def jobs_of(workshop: Workshop, job: Job = NINE) -> Jobs:
    """One replica's tick, as if it started now."""
    return Jobs(workshop.database, workshop.clock, workshop.queue, [job])


async def asked(workshop: Workshop) -> list[tuple[datetime, str]]:
    """What was asked for, oldest first."""
    async with workshop.database.read() as session:
        rows = await workshop.queue.newest(session)
    return sorted((row.due_at, row.status) for row in rows)


async def test_a_job_asks_once_when_its_time_comes(workshop: Workshop, clock: MovableClock) -> None:
    jobs = jobs_of(workshop)
    await jobs.tick()
    assert await asked(workshop) == []
    clock.forward(minutes=6)
    await jobs.tick()
    await jobs.tick()
    assert await asked(workshop) == [(FIRST_NINE, "new")]


async def test_three_replicas_that_tick_at_once_run_it_once(workshop: Workshop, clock: MovableClock) -> None:
    replicas = [jobs_of(workshop) for _ in range(3)]
    clock.forward(minutes=6)
    async with workshop.working():
        for _ in range(4):
            await asyncio.gather(*(replica.tick() for replica in replicas))
            clock.forward(days=1)
        async with workshop.database.read() as session:
            rows = await workshop.queue.newest(session)
        for row in rows:
            await workshop.until(row.id or 0, "done")
    days = [FIRST_NINE + timedelta(days=days) for days in range(4)]
    assert await workshop.traces() == {("due", int(day.timestamp())): 1 for day in days}


async def test_after_a_leap_only_the_newest_run_is_made_up(workshop: Workshop, clock: MovableClock) -> None:
    jobs = jobs_of(workshop)
    clock.forward(days=3, minutes=10)
    await jobs.tick()
    assert await asked(workshop) == [(FIRST_NINE + timedelta(days=3), "new")]


async def test_a_run_missed_while_down_is_made_up_once(workshop: Workshop, clock: MovableClock) -> None:
    first = jobs_of(workshop)
    clock.forward(minutes=6)
    await first.tick()
    clock.forward(days=2)
    later = [jobs_of(workshop) for _ in range(2)]
    await asyncio.gather(*(jobs.tick() for jobs in later))
    assert await asked(workshop) == [(FIRST_NINE, "new"), (FIRST_NINE + timedelta(days=2), "new")]


async def test_a_job_that_is_new_here_isnt_made_up_for(workshop: Workshop, clock: MovableClock) -> None:
    clock.forward(minutes=6)
    await jobs_of(workshop).tick()
    assert await asked(workshop) == []


async def test_a_run_that_is_too_late_is_noted_and_not_made_up(workshop: Workshop, clock: MovableClock) -> None:
    jobs = jobs_of(workshop, Job("nine", NINE.trigger, task="note", late=timedelta(hours=2)))
    clock.forward(hours=5)
    await jobs.tick()
    await jobs.tick()
    assert await asked(workshop) == [(FIRST_NINE, "late")]
    async with workshop.working():
        await workshop.until(await workshop.enqueue("count", {"to": 1}), "done")
    assert await workshop.traces() == {("count", 0): 1}


async def test_a_tick_that_fails_asks_again_and_holds_up_no_other(workshop: Workshop, clock: MovableClock) -> None:
    queue = workshop.queue
    jobs = Jobs(workshop.database, clock, queue, [Job("broken", NINE.trigger, task="nobody's"), NINE])
    clock.forward(minutes=6)
    await jobs.tick()
    assert await asked(workshop) == [(FIRST_NINE, "new")]
    queue.register(Task("nobody's", note))
    await jobs.tick()
    assert await asked(workshop) == [(FIRST_NINE, "new"), (FIRST_NINE, "new")]


def test_a_year_away_is_looked_over_in_a_moment() -> None:
    every_minute = CronTrigger(minute="*", timezone=COMPANY_ZONE)
    began = time.process_time()
    assert newest_due(every_minute, MORNING - timedelta(days=365), MORNING) == MORNING
    assert time.process_time() - began < 0.5
    yearly = CronTrigger(month=1, day=1, hour=0, timezone=COMPANY_ZONE)
    assert newest_due(yearly, MORNING - timedelta(days=700), MORNING) == datetime(2025, 12, 31, 16, tzinfo=UTC)
    assert newest_due(yearly, datetime(2025, 12, 31, 16, tzinfo=UTC), MORNING) is None
