"""A client of somebody else's in a process of its own, and what its words and frames do in the sandbox."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sandbox.server import Running
from sandbox.world import Message

ROOT = Path(__file__).parents[3]
PATIENCE = 30.0


@asynccontextmanager
async def process(
    sandbox: Running, command: Sequence[str], environment: dict[str, str] | None = None
) -> AsyncIterator["Client"]:
    """Run a client until the block ends; it is connected when the block begins."""
    sandbox.world.stream.timing.push = sandbox.world.stream.timing.card = PATIENCE
    sandbox.world.stream.timing.robot_again = ()
    told = {"DINGTALK_OPENAPI_ENDPOINT": sandbox.url, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    running = await asyncio.create_subprocess_exec(
        *command, env={**os.environ, **told, **(environment or {})}, cwd=ROOT, stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert running.stderr is not None
    errors = asyncio.create_task(running.stderr.read())
    try:
        client = Client(sandbox, running)
        await client.until(lambda: sandbox.world.stream.connections)
        yield client
    except TimeoutError as error:
        running.kill()
        raise AssertionError((await errors).decode()) from error
    finally:
        if running.returncode is None:
            running.kill()
        await running.wait()
        await errors


class Client:
    """What the test sees of it: the sandbox, and that it lives."""

    def __init__(self, sandbox: Running, running: asyncio.subprocess.Process) -> None:
        self.sandbox, self.world = sandbox, sandbox.world
        self._running = running

    async def until(self, true: Callable[[], Any]) -> Any:
        """Wait until something holds, looking again at every change; give it."""
        with self.world.feed.subscribe() as changes:
            async with asyncio.timeout(PATIENCE):
                while not (found := true()):
                    next_change = asyncio.ensure_future(anext(changes))
                    ended = asyncio.ensure_future(self._running.wait())
                    done, waiting = await asyncio.wait({next_change, ended}, return_when=asyncio.FIRST_COMPLETED)
                    for one in waiting:
                        one.cancel()
                    if ended in done:
                        raise TimeoutError(f"the client ended with {self._running.returncode}")
                return found

    async def asks(self, userid: str, text: str, conversation: str = "") -> Message:
        """Say something as a person; give the robot's next message in that conversation."""
        conversation = conversation or self.world.chats.with_robot(userid).id
        messages = self.world.chats.conversations[conversation].messages
        before = len(messages)
        await self.world.say(userid, conversation, text)
        (answer,) = await self.until(lambda: [one for one in messages[before:] if one.from_robot][:1])
        assert isinstance(answer, Message)
        return answer

    def complaints(self) -> list[str]:
        """List what was odd or refused on the wire."""
        entries = self.world.wire.entries
        return [f"{one.title}: {one.code} {'; '.join(one.warnings)}" for one in entries if one.warnings or one.code]
