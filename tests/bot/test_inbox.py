"""The inbox and the shared commit, on both stores."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from itertools import count

import pytest
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.commits import GroupCommit
from bot.inbox import Inbox, InboxRow, Item, Kind
from bot.replica import Replica
from hr_core.database import Database
from tests.cast import VAULT, MovableClock

_seq = count(1)


def frame(id: str, sender: str = "lin", body: str = "{}", kind: Kind = "message", *, held: bool = True) -> Item:
    return Item(id, kind, sender, body, next(_seq), held)


@pytest.fixture
async def commits(database: Database) -> AsyncIterator[GroupCommit]:
    commits = GroupCommit(database)
    commits.start()
    yield commits
    await commits.stop()


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


def inbox_of(commits: GroupCommit, clock: MovableClock, replica: Replica | None = None) -> Inbox:
    return Inbox(commits, VAULT, clock, replica or Replica())


@pytest.fixture
def inbox(commits: GroupCommit, clock: MovableClock) -> Inbox:
    return inbox_of(commits, clock)


async def stored(database: Database, id: str) -> InboxRow | None:
    async with database.read() as session:
        return (await session.exec(select(InboxRow).where(InboxRow.id == id))).first()


async def test_the_same_frame_is_stored_once(inbox: Inbox) -> None:
    item = frame("message:m1")
    assert await inbox.store(item)
    assert not await inbox.store(frame("message:m1"))
    told = await asyncio.gather(*(inbox.store(frame(f"message:{n % 3}")) for n in range(9)))
    assert sorted(told) == [False] * 6 + [True] * 3


async def test_two_replicas_that_get_the_same_frame_store_it_once(
    database: Database, commits: GroupCommit, clock: MovableClock
) -> None:
    other = GroupCommit(database)
    other.start()
    boxes = [inbox_of(commits, clock), inbox_of(other, clock)]
    told = await asyncio.gather(*(box.store(frame(f"message:{n}")) for n in range(50) for box in boxes))
    await other.stop()
    assert sum(told) == 50


async def test_the_body_is_sealed_and_goes_when_the_work_is_done(
    database: Database, commits: GroupCommit, inbox: Inbox
) -> None:
    item = frame("message:m1", body='{"text": "身体不舒服"}')
    await inbox.store(item)
    row = await stored(database, item.id)
    assert row is not None
    assert row.body_sealed is not None
    assert "身体".encode() not in row.body_sealed
    async with database.read() as session:
        assert await inbox.mine(session) == [item]
    assert await commits.run(partial(inbox.claim, ids=[item.id])) == {item.id}
    assert await commits.run(partial(inbox.claim, ids=[item.id])) == set()
    row = await stored(database, item.id)
    assert row is not None
    assert (row.status, row.body_sealed) == ("done", None)
    async with database.read() as session:
        assert await inbox.mine(session) == []
    assert not await inbox.store(item)


async def test_a_clicks_ack_is_kept_for_ten_minutes(
    database: Database, commits: GroupCommit, inbox: Inbox, clock: MovableClock
) -> None:
    click = frame("click:1", "wang", kind="click")
    await inbox.store(click)
    await commits.run(partial(inbox.claim, ids=[click.id]))
    await commits.run(partial(inbox.keep_acks, acks=[(click.id, '{"card": 1}')]))
    async with database.read() as session:
        assert await inbox.kept_ack(session, click.id) == '{"card": 1}'
    clock.at += timedelta(minutes=11)
    async with database.read() as session:
        assert await inbox.kept_ack(session, click.id) is None
    await commits.run(inbox.empty_old)
    row = await stored(database, click.id)
    assert row is not None
    assert row.ack_sealed is None


async def test_what_a_dead_process_had_is_taken_over_and_its_own_claim_comes_too_late(
    database: Database, commits: GroupCommit, clock: MovableClock
) -> None:
    dead, alive = Replica(), Replica()
    await commits.run(alive.beat)
    before, after = inbox_of(commits, clock, dead), inbox_of(commits, clock, alive)
    items = [frame(f"message:{n}") for n in range(3)]
    for item in items:
        await before.store(item)
    assert await commits.run(partial(after.take_over, most=2)) == items[:2]
    assert await commits.run(partial(after.take_over, most=9)) == items[2:]
    assert await commits.run(partial(before.claim, ids=[items[0].id])) == set()
    assert await commits.run(partial(after.claim, ids=[items[0].id])) == {items[0].id}


async def test_what_a_living_process_works_on_is_left_to_it(
    database: Database, commits: GroupCommit, clock: MovableClock
) -> None:
    one, two = Replica(), Replica()
    one.machine = two.machine = ""  # as on two machines: only the lease tells
    await commits.run(one.beat)
    await commits.run(two.beat)
    assert (one.others, two.others) == (0, 1)
    await inbox_of(commits, clock, one).store(frame("message:m1"))
    assert await commits.run(partial(inbox_of(commits, clock, two).take_over, most=9)) == []
    await commits.run(one.leave)
    assert len(await commits.run(partial(inbox_of(commits, clock, two).take_over, most=9))) == 1


async def test_a_dead_process_of_this_machine_is_known_at_once(commits: GroupCommit) -> None:
    dead, alive = Replica(), Replica()
    await commits.run(dead.beat)
    await commits.run(alive.beat)
    assert alive.others == 0, "a row with our own process number is of who had it before"


async def test_a_frame_without_room_waits_for_whoever_has_some(commits: GroupCommit, inbox: Inbox) -> None:
    waiting = frame("message:m1", held=False)
    assert await inbox.store(waiting)
    assert await commits.run(partial(inbox.claim, ids=[waiting.id])) == set()
    assert await commits.run(partial(inbox.take_over, most=1)) == [waiting]
    assert await commits.run(partial(inbox.claim, ids=[waiting.id])) == {waiting.id}


async def test_one_piece_of_a_shared_commit_fails_alone(database: Database, commits: GroupCommit, inbox: Inbox) -> None:
    async def broken(session: AsyncSession) -> None:
        session.add(InboxRow(seq=0, id="message:lost", kind="message", sender="x", received_at=MovableClock().now()))
        await session.flush()
        raise LookupError("ours")

    good, bad, also_good = await asyncio.gather(
        inbox.store(frame("message:m1")), commits.run(broken), inbox.store(frame("message:m2")), return_exceptions=True
    )
    assert (good, also_good) == (True, True)
    assert isinstance(bad, LookupError)
    assert await stored(database, "message:lost") is None


async def test_stopping_finishes_what_was_asked_for(database: Database) -> None:
    commits = GroupCommit(database)
    commits.start()
    inbox = inbox_of(commits, MovableClock())
    told = [asyncio.create_task(inbox.store(frame(f"message:{n}"))) for n in range(100)]
    await asyncio.sleep(0)
    await commits.stop()
    assert all(await asyncio.gather(*told))
