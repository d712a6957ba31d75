"""The test's side of a robot in a process of its own."""

import asyncio
import itertools
import json
import os
import sys
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")
PATIENCE = 20.0
"""Seconds for anything that certainly comes."""
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "ws_proxy", "wss_proxy")


class Robot:
    """What the process tells, and what it can be asked."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._ids = itertools.count()
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._heard = asyncio.Condition()
        self.news: list[dict[str, Any]] = []
        self.errors = ""

    @property
    def log(self) -> list[dict[str, Any]]:
        """What was logged so far."""
        return [one for one in self.news if "log" in one]

    async def ask(self, what: str, **arguments: Any) -> Any:
        """Have something done and give what came of it."""
        return await asyncio.wait_for(self._ask(what, **arguments), PATIENCE)

    async def answers(self, within: float) -> bool:
        """Tell whether the robot's event loop gets round to answering."""
        with suppress(TimeoutError):
            return bool(await asyncio.wait_for(self._ask("alive"), within))
        return False

    async def told(self, **wanted: Any) -> dict[str, Any]:
        """Wait for a line with these values."""
        async with asyncio.timeout(PATIENCE), self._heard:
            while True:
                for one in self.news:
                    if wanted.items() <= one.items():
                        return one
                await self._heard.wait()

    async def complains(self) -> dict[str, Any]:
        """Wait for a line of the log that is a warning or worse."""
        async with asyncio.timeout(PATIENCE), self._heard:
            while True:
                for one in self.log:
                    if one["log"] in {"WARNING", "ERROR", "CRITICAL"}:
                        return one
                await self._heard.wait()

    async def fate(self, of: Coroutine[Any, Any, object]) -> str:
        """Give the name of what ended the client, or `connected` if that comes first."""
        connecting, ending = asyncio.ensure_future(of), asyncio.ensure_future(self._ended())
        await asyncio.wait({connecting, ending}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        for task in (connecting, ending):
            task.cancel()
        await asyncio.wait({connecting, ending})
        return "connected" if not connecting.cancelled() else ending.result()

    async def exit_code(self) -> int:
        """Wait for the process to end."""
        return await asyncio.wait_for(self._process.wait(), PATIENCE)

    async def _ended(self) -> str:
        async with self._heard:
            while not (ends := [one["ended"] for one in self.news if "ended" in one]):
                await self._heard.wait()
            return str(ends[0])

    async def _ask(self, what: str, **arguments: Any) -> Any:
        assert self._process.stdin is not None
        number = next(self._ids)
        self._answers[number] = asyncio.get_running_loop().create_future()
        ask = {"id": number, "do": {"what": what, **arguments}}
        self._process.stdin.write(json.dumps(ask).encode() + b"\n")
        await self._process.stdin.drain()
        return await self._answers[number]

    async def listen(self) -> None:
        """Hear everything until the process ends."""
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        errors = asyncio.create_task(self._process.stderr.read())
        async for line in self._process.stdout:
            one = json.loads(line)
            if "answer" in one:
                if not (asked := self._answers.pop(one["to"])).done():
                    asked.set_result(one["answer"])
                continue
            async with self._heard:
                self.news.append(one)
                self._heard.notify_all()
        self.errors = (await errors).decode()


@dataclass(frozen=True)
class Subject:
    """Which of the two is tried."""

    name: str

    def either(self, *, stock: T, ours: T) -> T:
        """Give what is expected of this one. When the SDK is repaired, its half fails and our class can go."""
        return stock if self.name == "stock" else ours

    @asynccontextmanager
    async def robot(self, url: str, *, env: Mapping[str, str] | None = None, **options: Any) -> AsyncIterator[Robot]:
        """Run a robot against a server. Options: `speed`, `in_flight`, `listen`, `no_network`."""
        own = {name: value for name, value in os.environ.items() if name.lower() not in _PROXIES}
        own |= {"DINGTALK_OPENAPI_ENDPOINT": url, "NO_PROXY": "127.0.0.1", **(env or {})}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.bot.stream_defects.robot", self.name, json.dumps(options),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env=own, limit=2**20,
        )  # fmt: skip
        robot = Robot(process)
        listening = asyncio.create_task(robot.listen())
        try:
            yield robot
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            await listening
