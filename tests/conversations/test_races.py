"""What the reliability harness found, each with the shortest way to it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from bot.inbox import Inbox, Item
from bot.keys import create_key_file
from bot.replica import Replica, ReplicaRow
from handlers.store import CardRow
from hr_core.database import engine
from sandbox.world.faults import Fault
from tests.conversations.office import Office, opened
from tests.conversations.test_bad_moments import moody


async def asked_for_leave(office: Office) -> None:
    """Have Lin ask for leave with a form."""
    await office.lin.says("明天请年假")
    form = await office.lin.receives("form", about="请假")
    outcome = await office.lin.submits(form)
    assert outcome.ok


async def test_an_answer_that_cannot_be_noted_holds_nobody_up(office: Office) -> None:
    await office.lin.asks("帮助")
    called = Fault("robot.by_session", status=200, body={"errcode": 0}, delay=0.3, after_action=True)
    office.sandbox.world.faults.waiting.append(called)
    await office.lin.says("帮助")
    await office.until(lambda: called.times == 0 or None, "the answer is on its way")
    moody(office).failing = 1
    await office.lin.reads()
    assert "可用" in await office.lin.asks("年假余额")


async def test_a_card_that_is_overtaken_by_its_update_shows_the_outcome(office: Office) -> None:
    slow = Fault("card.create_and_deliver", "timeout", delay=0.8, after_action=True)
    await office.lin.says("明天请年假")
    form = await office.lin.receives("form", about="请假")
    office.sandbox.world.faults.waiting.append(slow)
    await office.lin.submits(form)
    assert "已撤回" in await office.lin.asks("撤回")
    card = await office.wang.receives("notice", about="林晓")
    await office.wang.sees_status(card, "已撤回")
    assert office.wang.sees(card)["buttons"] == []


async def test_a_card_that_changes_while_it_is_rendered_shows_the_outcome(office: Office) -> None:
    keep = office.robot.outbox._delivery._keep_card
    kept: list[CardRow] = []

    async def keep_later(row: CardRow) -> None:
        if row.view == "leave.approval" and not kept:
            kept.append(row)
            await office.lin.says("撤回")
            await office.until(
                lambda: any("已撤回" in str(m.content) for m in office.lin.messages()) or None, "withdrawn"
            )
        await keep(row)

    office.robot.outbox._delivery._keep_card = keep_later
    await asked_for_leave(office)
    try:
        card = await office.wang.receives("notice", about="林晓")
    except AssertionError:
        return  # Not sending it at all is right as well.
    await office.wang.sees_status(card, "已撤回")


async def test_an_answer_whose_commit_is_heard_of_too_late_is_still_sent(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.lin.asks("帮助")
    put, lost = office.robot.outbox.put, []

    def put_and_lose(*arguments: Any, **named: Any) -> None:
        put(*arguments, **named)
        lost.append("the next commit's answer")

    def reach(name: str) -> None:
        if name == "transaction.after_commit" and lost:
            office.robot.outbox.put = put  # type: ignore[method-assign]
            lost.clear()
            raise OperationalError("commit", {}, Exception("the connection was closed in the middle of operation"))

    office.robot.outbox.put = put_and_lose  # type: ignore[method-assign]
    monkeypatch.setattr(engine, "reach", reach)
    assert "可用" in await office.lin.asks("年假余额")


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_frame_that_is_taken_over_goes_before_the_newer_ones(database_url: str, tmp_path: Path) -> None:
    key = tmp_path / "data.key"
    create_key_file(key)
    async with opened(tmp_path, dinghr_database_url=database_url, dinghr_key_file=key) as office:
        desk, other = office.robot.desk, Replica()
        alive = ReplicaRow(name=other.name, machine="elsewhere", pid=1, until=datetime.now(UTC) + timedelta(hours=1))
        async with office.robot.database.transaction() as session:
            session.add(alive)
        body = '{"msgId": "older", "senderStaffId": "lin", "text": {"content": "年假余额"}}'
        theirs = Inbox(desk._commits, office.robot.workplace.vault, office.robot.workplace.clock, other)
        await theirs.store(Item("message:older", "message", "lin", body, other.next_id()))
        await office.lin.says("帮助")
        await office.until(lambda: next(iter(desk._open), None), "the newer one waits")
        async with office.robot.database.transaction() as session:
            await session.delete(alive)
        assert "可用" in await office.lin.reads()
        assert "您好" in await office.lin.reads()
