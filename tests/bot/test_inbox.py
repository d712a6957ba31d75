"""The inbox and the shared commit, on both stores."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.commits import GroupCommit
from bot.inbox import Inbox, InboxRow, Item
from hr_core.database import Database
from hr_core.vault import Vault
from tests.cast import MovableClock

ITEM = Item("message:m1", "message", "lin", '{"text": "身体不舒服"}')


@pytest.fixture
async def commits(database: Database) -> AsyncIterator[GroupCommit]:
    commits = GroupCommit(database)
    commits.start()
    yield commits
    await commits.stop()


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def inbox(commits: GroupCommit, clock: MovableClock) -> Inbox:
    return Inbox(commits, Vault(b"k" * 32), clock)


async def test_the_same_frame_is_stored_once(inbox: Inbox) -> None:
    assert await inbox.store(ITEM)
    assert not await inbox.store(ITEM)
    assert sorted(
        await asyncio.gather(*(inbox.store(Item(f"message:{n % 3}", "message", "x", "{}")) for n in range(9)))
    ) == ([False] * 6 + [True] * 3)


async def test_the_body_is_sealed_and_goes_when_the_work_is_done(
    database: Database, commits: GroupCommit, inbox: Inbox
) -> None:
    await inbox.store(ITEM)
    async with database.read() as session:
        row = await session.get(InboxRow, ITEM.id)
        assert row is not None
        assert row.body_sealed is not None
        assert "身体".encode() not in row.body_sealed
        assert await inbox.undone(session) == [ITEM]
    assert await commits.run(lambda session: inbox.claim(session, ITEM))
    assert not await commits.run(lambda session: inbox.claim(session, ITEM))
    async with database.read() as session:
        row = await session.get(InboxRow, ITEM.id)
        assert row is not None
        assert (row.status, row.body_sealed) == ("done", None)
        assert await inbox.undone(session) == []
    assert not await inbox.store(ITEM)


async def test_a_clicks_ack_is_kept_for_ten_minutes(
    database: Database, commits: GroupCommit, inbox: Inbox, clock: MovableClock
) -> None:
    click = Item("click:1", "click", "wang", "{}")
    await inbox.store(click)
    await commits.run(lambda session: inbox.claim(session, click))
    await commits.run(lambda session: inbox.keep_ack(session, click, '{"card": 1}'))
    async with database.read() as session:
        assert await inbox.kept_ack(session, click.id) == '{"card": 1}'
    clock.at += timedelta(minutes=11)
    async with database.read() as session:
        assert await inbox.kept_ack(session, click.id) is None
    await commits.run(inbox.empty_old)
    async with database.read() as session:
        row = await session.get(InboxRow, click.id)
        assert row is not None
        assert row.ack_sealed is None


async def test_one_piece_of_a_shared_commit_fails_alone(database: Database, commits: GroupCommit, inbox: Inbox) -> None:
    async def broken(session: AsyncSession) -> None:
        session.add(InboxRow(id="message:lost", kind="message", sender="x", received_at=MovableClock().now()))
        await session.flush()
        raise LookupError("ours")

    good, bad, also_good = await asyncio.gather(
        inbox.store(ITEM), commits.run(broken), inbox.store(Item("message:m2", "message", "x", "{}")),
        return_exceptions=True,
    )  # fmt: skip
    assert (good, also_good) == (True, True)
    assert isinstance(bad, LookupError)
    async with database.read() as session:
        assert await session.get(InboxRow, "message:lost") is None


async def test_stopping_finishes_what_was_asked_for(database: Database) -> None:
    commits = GroupCommit(database)
    commits.start()
    inbox = Inbox(commits, Vault(b"k" * 32), MovableClock())
    stored = [asyncio.create_task(inbox.store(Item(f"message:{n}", "message", "x", "{}"))) for n in range(100)]
    await asyncio.sleep(0)
    await commits.stop()
    assert all(await asyncio.gather(*stored))
