"""The unmodified `dingtalk_stream` SDK takes this for DingTalk."""

import asyncio
import os
import sys
from pathlib import Path

from sandbox.company import TEAM_GROUP
from sandbox.server import Running
from tests.sandbox.client import Robot

ROOT = Path(__file__).parents[2]


async def test_the_stock_echo_bot_connects_and_answers(sandbox: Running, robot: Robot) -> None:
    world = sandbox.world
    world.stream.timing.push, world.stream.timing.robot_again = 3.0, ()  # the SDK answers before it acknowledges
    environment = {
        **os.environ,
        "DINGTALK_OPENAPI_ENDPOINT": sandbox.url,
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }
    command = ["-m", "tests.sandbox.echo_bot", sandbox.client_id, sandbox.client_secret]
    with world.feed.subscribe() as changes:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command, env=environment, cwd=ROOT, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            async with asyncio.timeout(30):
                while not world.stream.connections:
                    await anext(changes)
                for conversation, text in [(world.chats.with_robot("lin").id, "你好"), (TEAM_GROUP, "@机器人 你好")]:
                    await world.say("lin", conversation, text)
                    messages = world.chats.conversations[conversation].messages
                    while not messages[-1].from_robot:
                        await anext(changes)
                    assert "你好" in messages[-1].content["text"]
                    while world.wire.entries[-1].kind != "ack":
                        await anext(changes)
                    assert world.wire.entries[-1].warnings == []
        finally:
            process.kill()
            await process.wait()
