"""What repeats, drops, stops or dies in the middle: the conversation goes on, nothing is doubled."""

import asyncio
import json
import os
import re
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from bot.app import Robot
from sandbox.company import HR_GROUP, tiny
from sandbox.crowd import crowd
from sandbox.server import Running, serving
from sandbox.world import World
from sandbox.world.faults import Fault
from tests.conversations.office import PATIENCE, TEMPLATES, Office, opened, settings_for

REPLY = "/robot/sendBySession"
OK = {"errcode": 0, "errmsg": "ok"}
MESSAGES = "/v1.0/im/bot/messages/get"


def last_push(office: Office, topic: str = MESSAGES) -> str:
    """The message id of the newest frame of a topic."""
    entries = office.sandbox.world.wire.entries
    return [e.message_id for e in entries if e.kind == "frame" and topic in json.dumps([e.api, e.path, e.request])][-1]


async def test_a_message_delivered_again_is_answered_once(office: Office) -> None:
    await office.lin.asks("年假余额")
    for same_id in (False, True):
        push = await office.sandbox.world.stream.redeliver(last_push(office), same_id=same_id)
        assert push is not None
        ack = await office.sandbox.world.stream.answer(push, 3)
        assert ack is not None
        assert ack.code == 200
    await office.quiet()
    assert sum("可用" in str(message.content) for message in office.lin.messages()) == 1


async def test_a_click_delivered_again_gets_the_same_answer(office: Office) -> None:
    await office.lin.says("我想请明天下午半天年假")
    form = await office.lin.receives("form", about="请假")
    await office.lin.submits(form)
    card = await office.wang.receives("notice", about="林晓")
    first = await office.wang.clicks(card, "同意")
    push = await office.sandbox.world.stream.redeliver(last_push(office, "/v1.0/card/instances/callback"), same_id=True)
    assert push is not None
    ack = await office.sandbox.world.stream.answer(push, 3)
    assert ack is not None
    assert ack.data["response"] == first.response
    await office.quiet()
    assert await office.available("lin") == "4.5"
    assert len(office.group()) == 1


async def test_a_dropped_socket_is_mended_and_the_conversation_goes_on(office: Office) -> None:
    await office.lin.says("我想请明天下午半天年假")
    form = await office.lin.receives("form", about="请假")
    dropped = set(office.sandbox.world.stream.connections)
    for connection in dropped:
        await connection.close(True)
    await office.until(
        lambda: set(office.sandbox.world.stream.connections) - dropped or None, "a new connection stands"
    )
    await office.lin.submits(form)
    await office.lin.sees_status(form, "待审批")


async def test_a_restart_in_the_middle_of_a_dialogue_forgets_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path, "text") as office:
        await office.lin.asks("明天请年假")
        await office.robot.__aexit__(None, None, None)
        async with Robot(settings_for(office.sandbox, tmp_path, "text", dinghr_hr_group=HR_GROUP)) as again:
            office.robot = again
            await office.comes_up()
            assert "待审批" in await office.lin.asks("提交")
            assert "林晓" in await office.wang.reads()


async def ready(web: str) -> None:
    """Ask until the robot says that it is of use."""
    async with aiohttp.ClientSession() as session:
        while True:
            async with session.get(f"{web}/readyz") as answer:
                if answer.status == 200:
                    return
            await asyncio.sleep(0.05)


@asynccontextmanager
async def process(
    sandbox: Running, home: Path, *, until: str = "ready", patience: float = 40.0
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The robot as an operator runs it, ready for work unless only its start is waited for."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("DINGTALK_", "DINGHR_"))},
        **{name.upper(): value for name, value in TEMPLATES.items()},
        "DINGTALK_CLIENT_ID": sandbox.client_id,
        "DINGTALK_CLIENT_SECRET": sandbox.client_secret,
        "DINGTALK_OPENAPI_ENDPOINT": sandbox.url,
        "DINGHR_HOME": str(home),
        "DINGHR_LISTEN": "127.0.0.1:0",
        "DINGHR_CLOCK_URL": f"{sandbox.url}/sandbox/clock",
    }
    command = [sys.executable, "-c", "from bot.cli import main; main()", "run"]
    running = await asyncio.create_subprocess_exec(
        *command, env=environment, stderr=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert running.stderr is not None
    try:
        async with asyncio.timeout(patience):
            while True:
                line = json.loads(await running.stderr.readline())
                if line.get("event") == "robot.started":
                    web = line["web"]
                    break
            if until == "ready":
                await ready(web)
        drain = asyncio.create_task(running.stderr.read())
        yield running
        if running.returncode is None:
            running.kill()
        await running.wait()
        await drain
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()


async def test_sigterm_ends_it_cleanly(tmp_path: Path) -> None:
    async with serving(World(tiny(), seed=7)) as sandbox, process(sandbox, tmp_path) as running:
        running.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            assert await running.wait() == 0


async def test_sigterm_lets_a_slow_answer_end_instead_of_giving_it_twice(tmp_path: Path) -> None:
    async with serving(World(tiny(), seed=7)) as sandbox:
        world = sandbox.world
        chat = world.chats.with_robot("lin").id
        async with process(sandbox, tmp_path) as running:
            world.faults.waiting.append(Fault(REPLY, status=200, body=OK, delay=4, after_action=True))
            await world.say("lin", chat, "年假余额")
            for _ in range(400):
                if not world.faults.waiting:
                    break
                await asyncio.sleep(0.05)
            running.send_signal(signal.SIGTERM)
            async with asyncio.timeout(10):
                assert await running.wait() == 0
        async with process(sandbox, tmp_path):
            with world.feed.subscribe() as changes:
                await world.say("lin", chat, "帮助")
                async with asyncio.timeout(PATIENCE):
                    while not any("您好，" in str(m.content) for m in world.chats.conversations[chat].messages):
                        await anext(changes)
        said = [m for m in world.chats.conversations[chat].messages if m.from_robot and "可用" in str(m.content)]
        assert len(said) == 1


async def test_killed_between_messages_it_answers_the_rest_after_a_restart(tmp_path: Path) -> None:
    async with serving(World(tiny(), seed=7)) as sandbox:
        world = sandbox.world
        chat = world.chats.with_robot("lin").id
        for round_ in range(3):
            async with process(sandbox, tmp_path) as running:
                before = len(world.chats.conversations[chat].messages)
                for _ in range(5):
                    await world.say("lin", chat, "年假余额")
                await asyncio.sleep(0.02 * round_)
                running.kill()
                await running.wait()
        async with process(sandbox, tmp_path):
            with world.feed.subscribe() as changes:
                await world.say("lin", chat, "帮助")
                async with asyncio.timeout(PATIENCE):
                    while not any("您好，" in str(m.content) for m in world.chats.conversations[chat].messages):
                        await anext(changes)
            messages = world.chats.conversations[chat].messages
            asked = sum(not m.from_robot and "年假余额" in str(m.content) for m in messages)
            answered = sum(m.from_robot and "可用" in str(m.content) for m in messages)
            assert before < len(messages)
            assert answered <= asked


async def test_what_is_said_while_it_ends_is_left_to_the_next_and_answered_once(tmp_path: Path) -> None:
    async with serving(World(tiny(), seed=7)) as sandbox:
        world = sandbox.world
        world.stream.timing.robot_again = (2.0, 5.0, 10.0, 20.0, 30.0)
        chat = world.chats.with_robot("lin").id
        async with process(sandbox, tmp_path) as running:
            writing = sqlite3.connect(store_in(tmp_path), isolation_level=None)
            writing.execute("BEGIN IMMEDIATE")  # What it has begun can't end until we let it.
            await world.say("lin", chat, "年假余额")
            running.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.5)
            await world.say("lin", chat, "帮助")
            said = list(world.stream.pushes.values())[-1]
            writing.execute("ROLLBACK")
            writing.close()
            async with asyncio.timeout(15):
                assert await running.wait() == 0
            assert not said.ack.done() or said.ack.cancelled()
        async with process(sandbox, tmp_path):
            with world.feed.subscribe() as changes:
                async with asyncio.timeout(60):
                    while sum(m.from_robot for m in world.chats.conversations[chat].messages) < 2:
                        await anext(changes)
        told = [str(m.content) for m in world.chats.conversations[chat].messages if m.from_robot]
        assert sorted("可用" in one for one in told) == [False, True]


async def test_a_first_reading_that_is_killed_is_done_by_the_next_and_nothing_is_booked_twice(tmp_path: Path) -> None:
    company = crowd(400)
    async with serving(World(company, seed=7)) as sandbox:
        async with process(sandbox, tmp_path, until="robot.started") as running:
            people = await counted(tmp_path, "employee", at_least=50)
            running.kill()
            await running.wait()
        assert people < len(company.users)
        assert await counted(tmp_path, "mark where name = 'contacts.imported'") == 0
        async with process(sandbox, tmp_path, patience=90.0):
            assert await counted(tmp_path, "mark where name = 'contacts.imported'") == 1
        assert await counted(tmp_path, "employee") == len(company.users)
        twice = "(select 1 from leave_ledger where kind = 'grant' group by employee_id, leave_type having count(*) > 1)"
        assert await counted(tmp_path, twice) == 0


async def counted(home: Path, what: str, *, at_least: int = 0) -> int:
    """Count rows beside the robot, once there are so many."""
    async with asyncio.timeout(60):
        while True:
            reading = sqlite3.connect(store_in(home), timeout=10)
            found = int(reading.execute(f"select count(*) from {what}").fetchone()[0])
            reading.close()
            if found >= at_least:
                return found
            await asyncio.sleep(0.01)


def store_in(home: Path) -> Path:
    """Give the robot's database."""
    return next(home.glob("*.sqlite3"))


LATE = 3.0


async def later(office: Office, *said: str) -> None:
    """Have Lin say words that are delivered after what she says next."""
    office.sandbox.world.faults.waiting.append(Fault(MESSAGES, "late", times=len(said), delay=LATE))
    for one in said:
        await office.lin.says(one)
        await asyncio.sleep(0.01)  # `createAt` tells no less than a millisecond; people take longer.


async def submitted(office: Office) -> str:
    """Have Lin ask for tomorrow; gives the request's number."""
    await office.lin.asks("明天请年假")
    found = re.search(r"已提交申请 (\d+)", await office.lin.asks("提交"))
    assert found is not None
    return found[1]


async def answers(office: Office, count: int, since: int) -> list[str]:
    """Wait for so many more answers to Lin."""
    found = await office.until(
        lambda: office.lin.messages()[since:] if len(office.lin.messages()) >= since + count else None, "the answers"
    )
    return [str(message.content["text"]) for message in found]


async def test_words_that_come_after_the_withdrawal_ask_for_nothing_again(text_office: Office) -> None:
    office = text_office
    number = await submitted(office)
    since = len(office.lin.messages())
    await later(office, "明天请年假", "提交")
    await office.lin.says(f"撤回 {number}")
    withdrawn, *late = await answers(office, 3, since)
    assert "已撤回" in withdrawn
    assert all("到得晚了" in one for one in late)
    assert "可用 5 天" in await office.lin.asks("年假余额")
    assert int(await submitted(office)) > int(number)


async def test_words_that_come_after_the_rejection_ask_for_nothing_again(text_office: Office) -> None:
    office = text_office
    number = await submitted(office)
    before = len(office.lin.messages())
    await later(office, "明天请年假", "提交")
    await office.wang.says(f"拒绝 {number} 人手不够")
    told = await answers(office, 3, before)
    assert any("已拒绝" in one for one in told)
    assert sum("到得晚了" in one for one in told) == 2
    assert "可用 5 天" in await office.lin.asks("年假余额")


async def test_a_late_word_neither_sends_what_was_told_since_nor_withdraws_it(text_office: Office) -> None:
    office = text_office
    await later(office, "提交", "撤回")
    since = len(office.lin.messages())
    assert "回复" in await office.lin.asks("明天上午请年假")
    told = await answers(office, 3, since)
    assert "没有等待提交" in told[1] or "到得晚了" in told[1]
    assert "可用 5 天" in await office.lin.asks("年假余额")
    assert "已提交申请" in await office.lin.asks("提交")
    await later(office, "撤回")
    since = len(office.lin.messages())
    await office.lin.asks("明天下午请年假")
    await office.lin.asks("提交")
    await answers(office, 3, since)
    assert "可用 4 天" in await office.lin.asks("年假余额")


async def test_words_that_all_come_late_are_done_in_their_order(text_office: Office) -> None:
    office = text_office
    since = len(office.lin.messages())
    await later(office, "明天请年假", "提交")
    told = await answers(office, 2, since)
    assert "已提交申请" in told[1]
