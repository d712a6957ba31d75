"""Tasks keep their promises on both stores: once, whole, resumed, and nobody's but their owner's."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.tasks import Chunk, Lease, Task
from bot.tasks.queue import KEPT
from hr_core.database import open_database
from tests.cast import MovableClock
from tests.contracts.workshop import Child, Workshop, count, leave_trace, opened


@pytest.fixture
async def workshop(database_url: str) -> AsyncIterator[Workshop]:
    async with opened(database_url) as found:
        yield found


@pytest.fixture
def children() -> Iterator[list[Child]]:
    found: list[Child] = []
    yield found
    for child in found:
        child.end()


class Oops(Exception):
    """What a test's own task raises."""


async def test_a_task_is_done_chunk_by_chunk(workshop: Workshop) -> None:
    async with workshop.working():
        task = await workshop.enqueue("count", {"to": 5})
        row = await workshop.until(task, "done")
    assert (row.done, row.of, row.failures, row.error, row.owner) == (5, 5, 0, None, None)
    assert await workshop.traces() == {("count", number): 1 for number in range(5)}


async def test_progress_can_be_read_between_chunks(workshop: Workshop) -> None:
    go_on = asyncio.Event()

    async def halting(chunk: Chunk) -> None:
        if chunk.done == 2:
            await go_on.wait()
        async with chunk.transaction():
            if chunk.done < 2:
                chunk.next(done=chunk.done + 1, of=3, state={"after": chunk.done})

    workshop.queue.register(Task("halting", halting))
    async with workshop.working():
        task = await workshop.enqueue("halting")
        row = await workshop.until(task, lambda row: row.done == 2)
        assert (row.status, row.of, row.state, row.owner) == ("running", 3, {"after": 1}, workshop.replica.name)
        go_on.set()
        assert (await workshop.until(task, "done")).done == 3


async def test_what_is_rolled_back_was_never_asked_for(workshop: Workshop) -> None:
    async with workshop.working():
        with pytest.raises(Oops):
            async with workshop.database.transaction() as session:
                await leave_trace(session, "business", 0)
                await workshop.queue.enqueue(session, "count", {"to": 1, "as": "ghost"})
                raise Oops
        async with workshop.database.transaction() as session:
            await leave_trace(session, "business", 1)
            task = await workshop.queue.enqueue(session, "count", {"to": 1, "as": "kept"})
        assert task is not None
        await workshop.until(task, "done")
        after = await workshop.enqueue("count", {"to": 1, "as": "after"})
        await workshop.until(after, "done")
    assert await workshop.traces() == {("business", 1): 1, ("kept", 0): 1, ("after", 0): 1}


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_task_isnt_begun_before_its_transaction_is_durable(workshop: Workshop) -> None:
    async with workshop.working(), workshop.database.transaction() as session:
        await workshop.queue.enqueue(session, "count", {"to": 1, "as": "held"})
        other = await workshop.enqueue("count", {"to": 1, "as": "other"})
        await workshop.until(other, "done")
        assert await workshop.traces() == {("other", 0): 1}


async def test_a_key_is_asked_for_once(workshop: Workshop) -> None:
    async def ask() -> int | None:
        async with workshop.database.transaction() as session:
            return await workshop.queue.enqueue(session, "count", {"to": 1}, key="month:2026-11")

    asked = await asyncio.gather(*(ask() for _ in range(5)))
    assert len([task for task in asked if task is not None]) == 1


async def test_a_name_that_isnt_in_the_table_cant_be_asked_for(workshop: Workshop) -> None:
    with pytest.raises(LookupError, match="bot/chores"):
        await workshop.enqueue("payrol")


async def test_a_task_waits_for_its_time_by_our_clock(workshop: Workshop) -> None:
    assert isinstance(workshop.clock, MovableClock)
    async with workshop.working():
        tomorrow = workshop.clock.now() + timedelta(days=1)
        later = await workshop.enqueue("count", {"to": 1, "as": "later"}, due=tomorrow)
        at_once = await workshop.enqueue("count", {"to": 1, "as": "at once"})
        await workshop.until(at_once, "done")
        assert (await workshop.row(later)).status == "new"
        workshop.clock.forward(days=1)
        await workshop.until(later, "done")


@pytest.mark.parametrize(
    "place", ["task.begun", "task.chunk_done:2", "task.before_done", "transaction.before_commit:5"]
)
async def test_killed_anywhere_every_chunk_takes_effect_once(
    workshop: Workshop, database_url: str, children: list[Child], place: str
) -> None:
    task = await workshop.enqueue("count", {"to": 6})
    children.append(Child(database_url, task, f"{place}:kill"))
    assert await children[0].died() == -9
    before = await workshop.traces()
    assert before == {("count", number): 1 for number in range(len(before))}
    assert len(before) < 6 or place == "task.before_done"
    async with workshop.working():
        await workshop.until(task, "done")
    assert await workshop.traces() == {("count", number): 1 for number in range(6)}


async def test_who_slept_through_its_lease_writes_nothing_any_more(
    workshop: Workshop, database_url: str, children: list[Child]
) -> None:
    task = await workshop.enqueue("count", {"to": 6})
    child = Child(database_url, task, "task.chunk_done:2:stop")
    children.append(child)
    await child.stopped()
    assert len(await workshop.traces()) == 2
    if workshop.database.is_sqlite:
        async with workshop.database.transaction() as session:
            await workshop.replica.alone(session)  # As a robot that starts on the file does.
    async with workshop.working():
        await workshop.until(task, "done")
        child.goes_on()
        await child.tells("task.lost")
        assert await child.died() == 0
    assert await workshop.traces() == {("count", number): 1 for number in range(6)}


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_who_slept_through_its_lease_doesnt_end_the_job_for_its_new_owner(
    workshop: Workshop, database_url: str, children: list[Child]
) -> None:
    task = await workshop.enqueue("count", {"to": 6}, lock="one")
    children.append(Child(database_url, task, "task.chunk_done:2:stop"))
    await children[0].stopped()
    taken_over, go_on = asyncio.Event(), asyncio.Event()

    async def held(chunk: Chunk) -> None:
        if chunk.args.get("as") is None:
            taken_over.set()
            await go_on.wait()
        await count(chunk)

    workshop.queue.register(Task("count", held))
    async with workshop.working():
        await taken_over.wait()
        children[0].goes_on()
        await children[0].tells("task.lost")
        behind = await workshop.enqueue("count", {"to": 1, "as": "behind"}, lock="one")
        for number in range(3):
            await workshop.until(await workshop.enqueue("count", {"to": 1, "as": f"beside {number}"}), "done")
        assert (await workshop.row(behind)).turn == 0, "its lock is still held"
        go_on.set()
        await workshop.until(behind, "done")
    assert {("count", number): 1 for number in range(6)}.items() <= (await workshop.traces()).items()


async def test_who_lost_the_lease_in_the_middle_of_a_chunk_is_refused_there(workshop: Workshop) -> None:
    begun, taken = asyncio.Event(), asyncio.Event()
    calls = 0

    async def slow(chunk: Chunk) -> None:
        nonlocal calls
        calls += 1
        mine = calls
        if mine == 1:
            begun.set()
            await taken.wait()
        async with chunk.transaction() as session:
            await leave_trace(session, "slow", mine)

    workshop.queue.register(Task("slow", slow))
    async with workshop.working():
        task = await workshop.enqueue("slow")
        await begun.wait()
        async with workshop.database.transaction() as session:
            await (await session.connection()).execute(text("update task set turn = turn + 1"))
        taken.set()
        other = await workshop.enqueue("count", {"to": 1})
        await workshop.until(other, "done")
        assert ("slow", 1) not in await workshop.traces()
        assert (await workshop.row(task)).status == "running"


async def test_what_fails_is_tried_again_then_given_up_then_replayed(workshop: Workshop) -> None:
    broken = True

    async def halfway(chunk: Chunk) -> None:
        async with chunk.transaction() as session:
            await leave_trace(session, "halfway", chunk.done)
            if broken and chunk.done == 1:
                raise Oops("a name that must not be kept")
            if chunk.done < 2:
                chunk.next(done=chunk.done + 1, of=3)

    workshop.queue.register(Task("halfway", halfway, attempts=3))
    async with workshop.working():
        task = await workshop.enqueue("halfway")
        row = await workshop.until(task, "dead")
        assert (row.failures, row.done) == (3, 1)
        assert row.error is not None
        assert "Oops" in row.error
        assert "name" not in row.error
        assert await workshop.traces() == {("halfway", 0): 1}
        async with workshop.database.read() as session:
            assert [found.id for found in await workshop.queue.newest(session, "dead")] == [task]
        broken = False
        async with workshop.database.transaction() as session:
            assert await workshop.queue.replay(session, task)
            assert not await workshop.queue.replay(session, task)
        await workshop.until(task, "done")
    assert await workshop.traces() == {("halfway", number): 1 for number in range(3)}


async def test_a_chunk_that_succeeds_forgives_the_failures_before_it(workshop: Workshop) -> None:
    tries = 0

    async def stumbling(chunk: Chunk) -> None:
        nonlocal tries
        tries += 1
        async with chunk.transaction() as session:
            await leave_trace(session, "stumbling", chunk.done)
            if tries % 2:
                raise Oops
            if chunk.done < 2:
                chunk.next(done=chunk.done + 1, of=3)

    workshop.queue.register(Task("stumbling", stumbling, attempts=2))
    async with workshop.working():
        await workshop.until(await workshop.enqueue("stumbling"), "done")
    assert await workshop.traces() == {("stumbling", number): 1 for number in range(3)}


async def test_a_function_that_keeps_nothing_is_a_failure(workshop: Workshop) -> None:
    async def forgets(_chunk: Chunk) -> None:
        """Open no transaction."""

    workshop.queue.register(Task("forgets", forgets, attempts=1))
    async with workshop.working():
        row = await workshop.until(await workshop.enqueue("forgets"), "dead")
    assert row.error is not None
    assert row.error.startswith("RuntimeError at bot/tasks/work.py")


@pytest.mark.parametrize("fails", [False, True])
async def test_who_waits_is_told_once_that_a_task_is_given_up(workshop: Workshop, fails: bool) -> None:
    async def stumbles(chunk: Chunk) -> None:
        async with chunk.transaction():
            raise Oops

    async def tell(session: AsyncSession, lease: Lease) -> None:
        await leave_trace(session, lease.name, lease.args["of"])
        if fails:
            raise Oops

    workshop.queue.register(Task("stumbles", stumbles, attempts=2, given_up=tell))
    async with workshop.working():
        await workshop.until(await workshop.enqueue("stumbles", {"of": 7}), "dead")
    assert await workshop.traces() == ({} if fails else {("stumbles", 7): 1}), "it is dead even if nobody can be told"


async def test_a_task_of_another_version_is_left_to_who_knows_it(workshop: Workshop) -> None:
    task = await workshop.enqueue("count", {"to": 1})
    known = workshop.queue.tasks.pop("count")
    async with workshop.working():
        await workshop.until(task, lambda row: row.failures > 0)
        workshop.queue.register(known)
        await workshop.until(task, "done")


async def test_one_lock_one_at_a_time_in_order(workshop: Workshop) -> None:
    inside: list[str] = []
    order: list[str] = []
    together = asyncio.Barrier(2)

    async def locked(chunk: Chunk) -> None:
        inside.append(chunk.args["as"])
        assert len([name for name in inside if name.startswith("a")]) == 1
        if chunk.args["as"] in {"a1", "b1"}:
            await together.wait()  # Only a free lock lets these two meet.
        await asyncio.sleep(0)
        async with chunk.transaction() as session:
            await leave_trace(session, chunk.args["as"], 0)
        order.append(chunk.args["as"])
        inside.remove(chunk.args["as"])

    workshop.queue.register(Task("locked", locked, attempts=1))
    tasks = [await workshop.enqueue("locked", {"as": name}, lock=name[0]) for name in ("a1", "a2", "a3", "b1")]
    async with workshop.working():
        for task in tasks:
            await workshop.until(task, "done")
    assert [name for name in order if name.startswith("a")] == ["a1", "a2", "a3"]


async def test_a_stop_in_the_middle_takes_moments_and_loses_nothing(workshop: Workshop) -> None:
    async with workshop.working():
        task = await workshop.enqueue("count", {"to": 100_000})
        await workshop.until(task, lambda row: row.done > 3)
        began = time.monotonic()
    assert time.monotonic() - began < 3
    row = await workshop.row(task)
    assert (row.status, row.owner) == ("new", None)
    assert await workshop.traces() == {("count", number): 1 for number in range(row.done)}


async def test_a_chunk_that_doesnt_end_is_cut_off_and_done_again(workshop: Workshop) -> None:
    begun = asyncio.Event()
    stuck = True

    async def long(chunk: Chunk) -> None:
        begun.set()
        if stuck:
            await asyncio.Event().wait()
        async with chunk.transaction() as session:
            await leave_trace(session, "long", 0)

    workshop.queue.register(Task("long", long))
    async with workshop.working(grace=0.1):
        task = await workshop.enqueue("long")
        await begun.wait()
    assert (await workshop.row(task)).status == "new"
    stuck = False
    async with workshop.working():
        await workshop.until(task, "done")
    assert await workshop.traces() == {("long", 0): 1}


async def test_what_an_operator_drops_ends_where_it_is(workshop: Workshop) -> None:
    async with workshop.working():
        task = await workshop.enqueue("count", {"to": 100_000})
        await workshop.until(task, lambda row: row.done > 3)
        async with workshop.database.transaction() as session:
            assert await workshop.queue.drop(session, task)
        row = await workshop.row(task)
        other = await workshop.enqueue("count", {"to": 1, "as": "other"})
        await workshop.until(other, "done")
        assert (await workshop.row(task)).done == row.done
        async with workshop.database.transaction() as session:
            assert not await workshop.queue.drop(session, other)


async def test_old_tasks_are_forgotten_but_for_each_jobs_newest_and_the_dead(workshop: Workshop) -> None:
    assert isinstance(workshop.clock, MovableClock)
    kept = []
    for number in range(3):
        task = await workshop.enqueue("count", {"to": 1}, job="nightly", key=f"nightly@{number}", too_late=True)
        kept = [task]
    await workshop.enqueue("count", {"to": 1}, too_late=True)
    dead = await workshop.enqueue("count", {"to": 1})
    async with workshop.database.transaction() as session:
        await (await session.connection()).execute(
            text("update task set status = 'dead' where id = :id").bindparams(id=dead)
        )
    workshop.clock.forward(days=KEPT.days + 1)
    async with workshop.database.transaction() as session:
        await workshop.queue.forget_old(session)
    async with workshop.database.read() as session:
        assert {row.id for row in await workshop.queue.newest(session)} == {*kept, dead}


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_job_that_procrastinate_lost_is_handed_over_again(workshop: Workshop) -> None:
    task = await workshop.enqueue("count", {"to": 1})
    async with workshop.database.transaction() as session:
        connection = await session.connection()
        assert (await connection.execute(text("delete from procrastinate_jobs"))).rowcount == 1
    async with workshop.working():
        await workshop.until(task, "done")


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_nothing_is_left_behind_in_procrastinate(workshop: Workshop) -> None:
    async with workshop.working():
        await workshop.until(await workshop.enqueue("count", {"to": 2}), "done")
    async with workshop.database.read() as session:
        connection = await session.connection()
        for table in ("procrastinate_jobs", "procrastinate_events", "procrastinate_workers"):
            assert (await connection.execute(text(f"select count(*) from {table}"))).scalar_one() == 0


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_three_replicas_share_the_work(workshop: Workshop, database_url: str) -> None:
    others = [Workshop(open_database(database_url)) for _ in range(2)]
    arrived: set[str] = set()
    everybody = asyncio.Event()

    def waiting(replica: str) -> Task:
        async def meet(chunk: Chunk) -> None:
            arrived.add(replica)
            if len(arrived) == 3:
                everybody.set()
            await everybody.wait()
            async with chunk.transaction() as session:
                await leave_trace(session, "meet", chunk.args["number"])

        return Task("meet", meet)

    for one in (workshop, *others):
        one.queue.register(waiting(one.replica.name))
    async with workshop.working(), others[0].working(), others[1].working():
        tasks = [await workshop.enqueue("meet", {"number": number}) for number in range(12)]
        for task in tasks:
            await workshop.until(task, "done")
    for one in others:
        await one.database.close()
    assert await workshop.traces() == {("meet", number): 1 for number in range(12)}
