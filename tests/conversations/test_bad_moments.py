"""The database goes away for a moment, a commit is slow, half an emoji comes in: nobody is left waiting."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.inbox import Inbox, Item
from hr_core.database import Database, DatabaseAway
from tests.conversations.office import Office


class Moody(Database):
    """The same database with bad moments on order: so many failing transactions, or a slow end."""

    failing = 0
    slow = 0.0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Fail, or end late, as ordered."""
        if self.failing > 0:
            self.failing -= 1
            raise DatabaseAway("disk I/O error")
        async with super().transaction() as session:
            yield session
            delay, self.slow = self.slow, 0.0
            await asyncio.sleep(delay)


def moody(office: Office) -> Moody:
    """Give the office's database bad moments."""
    database = office.robot.database
    database.__class__ = Moody
    assert isinstance(database, Moody)
    return database


async def test_a_database_that_comes_back_is_waited_for(office: Office) -> None:
    await office.lin.asks("帮助")
    inbox: Inbox = office.robot.desk._inbox
    stored = Item(
        "message:waiting",
        "message",
        "lin",
        '{"msgId": "waiting", "senderStaffId": "lin", "text": {"content": "年假余额"}}',
        seq=1,
    )
    await inbox.store(stored)
    moody(office).failing = 5
    assert await office.robot.desk.sweep() == 1
    assert "可用" in await office.lin.reads()


async def test_a_frame_that_was_left_behind_is_swept_up(office: Office) -> None:
    inbox: Inbox = office.robot.desk._inbox
    await inbox.store(
        Item(
            "message:lost",
            "message",
            "lin",
            '{"msgId": "lost", "senderStaffId": "lin", "text": {"content": "年假余额"}}',
            seq=1,
        )
    )
    assert await office.robot.desk.sweep() == 1
    assert "可用" in await office.lin.reads()
    await office.quiet()
    assert await office.robot.desk.sweep() == 0


def something_before(office: Office, userid: str) -> asyncio.Future[None]:
    """Let a person have a message that is still being worked on; what comes next waits behind it.

    The phone is given time: a busy machine may need more than DingTalk's two seconds to answer after one and a half.
    """
    office.sandbox.world.stream.timing.card = 8.0
    work: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    office.robot.desk._tails[userid] = work
    return work


async def test_a_click_that_turns_late_gets_its_result_by_update(office: Office) -> None:
    await office.lin.says("明天请年假")
    form = await office.lin.receives("form", about="请假")
    before = something_before(office, "lin")
    outcome = await office.lin.submits(form)
    assert "处理中" in str(outcome.response)
    before.set_result(None)
    await office.lin.sees_status(form, "待审批")


async def test_a_click_that_turns_late_in_its_commit_gets_its_result(office: Office) -> None:
    await office.lin.says("明天请年假")
    form = await office.lin.receives("form", about="请假")
    before = something_before(office, "lin")
    submitting = asyncio.create_task(office.lin.submits(form))
    await office.until(lambda: len(office.robot.desk._open) or None, "the click is here")
    await asyncio.sleep(1.2)
    moody(office).slow = 0.6
    before.set_result(None)
    assert "处理中" in str((await submitting).response)
    await office.lin.sees_status(form, "待审批")


async def test_a_click_whose_ack_nobody_hears_gets_its_result_by_update(office: Office) -> None:
    await office.lin.says("明天请年假")
    form = await office.lin.receives("form", about="请假")
    await office.quiet()
    moody(office).slow = 2.3
    outcome = await office.lin.submits(form)
    assert not outcome.ok
    await office.lin.sees_status(form, "待审批")


async def test_a_late_refusal_comes_in_words_and_the_form_keeps_what_was_typed(office: Office) -> None:
    await office.lin.says("请假")
    form = await office.lin.receives("form", about="请假")
    before = something_before(office, "lin")
    office.lin.seen = len(office.lin.messages())
    await office.lin.submits(form, type="annual", start="2026-11-28", end="2026-11-29")
    before.set_result(None)
    assert "休息日" in await office.lin.reads()


async def test_a_decision_in_words_shows_on_ones_own_card(office: Office) -> None:
    await office.lin.says("明天请年假")
    form = await office.lin.receives("form", about="请假")
    await office.lin.submits(form)
    card = await office.wang.receives("notice", about="林晓")
    await office.wang.says("同意 " + card.data["ref"].rsplit(".", 1)[1])
    await office.wang.sees_status(card, "已同意")
    assert office.wang.sees(card)["buttons"] == []


async def test_what_comes_while_the_database_is_away_waits_for_it(office: Office) -> None:
    moody(office).failing = 4
    assert "可用" in await office.lin.asks("年假余额")
    assert office.robot.desk.lost == 0
    assert office.robot.ready["database"]
