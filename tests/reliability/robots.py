"""Robots as processes of their own: started, watched, armed with a fail point, killed, stopped, ended."""

import asyncio
import contextlib
import itertools
import json
import os
import resource
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

START_SECONDS = 60.0
_NAMES = itertools.count(1)


@dataclass(eq=False)
class Process:
    """One robot."""

    name: str
    log: Path
    armed: str = ""
    pid: int = 0
    code: int | None = None
    born: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    stopped: bool = False

    @property
    def alive(self) -> bool:
        """Whether it still runs (or is paused)."""
        return not self.ended.is_set()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal; too late is no error."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def kill(self) -> None:
        """End it without a word, and wait until it is gone."""
        self.signal(signal.SIGKILL)
        await self.ended.wait()

    def pause(self) -> None:
        """Stop it in the middle of whatever it does."""
        self.stopped = True
        self.signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let a paused one run on."""
        self.stopped = False
        self.signal(signal.SIGCONT)

    @property
    def is_paused(self) -> bool:
        """Whether the system has it stopped, as a fail point does."""
        try:
            return Path(f"/proc/{self.pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] == "T"
        except OSError:
            return False

    async def end(self, within: float = 15.0) -> int:
        """Ask it to end as an operator does, and give its exit code."""
        self.signal(signal.SIGTERM)
        async with asyncio.timeout(within):
            await self.ended.wait()
        return self.code if self.code is not None else -1

    def limit_file_size(self, most: int | None) -> None:
        """Let no file of it grow beyond so many bytes: what a full disk looks like from inside."""
        hard = resource.RLIM_INFINITY
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (hard if most is None else most, hard))

    def logged(self, *events: str) -> list[dict[str, Any]]:
        """Give what it has logged, all of it or the events named."""
        found = []
        for line in self.log.read_text("utf-8", "replace").splitlines() if self.log.exists() else []:
            try:
                entry = json.loads(line)
            except ValueError:
                entry = {"event": "plain", "text": line}
            if isinstance(entry, dict) and (not events or entry.get("event") in events):
                found.append(entry)
        return found

    async def ready(self) -> None:
        """Wait until it is connected and has read everybody; raises when it ends before."""
        web = ""
        async with asyncio.timeout(START_SECONDS), aiohttp.ClientSession(trust_env=False) as session:
            while self.alive:
                for entry in [] if web else self.logged("robot.started"):
                    web = entry["web"]
                if web:
                    with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                        async with session.get(f"{web}/readyz", timeout=aiohttp.ClientTimeout(total=1)) as answer:
                            if answer.status == 200:
                                return
                await asyncio.sleep(0.03)
        raise EndedEarly(self)


class EndedEarly(Exception):
    """A robot ended before it was ready."""

    def __init__(self, process: Process) -> None:
        said = process.log.read_text("utf-8", "replace")[-600:] if process.log.exists() else ""
        super().__init__(f"{process.name} (armed {process.armed or 'with nothing'}) ended with {process.code}: {said}")


class Nursery:
    """The process that forks robots; `nursery()` opens one."""

    def __init__(self, running: asyncio.subprocess.Process) -> None:
        self._running = running
        self._by_name: dict[str, Process] = {}
        self._by_pid: dict[int, Process] = {}

    async def start(self, environment: Mapping[str, str], folder: Path, *, armed: str = "") -> Process:
        """Bear a robot; it is not ready yet."""
        name = f"robot-{next(_NAMES)}"
        process = Process(name, folder / f"{name}.log", armed)
        self._by_name[name] = process
        request = {
            "name": name,
            "log": str(process.log),
            "environment": {**environment, "DINGHR_FAIL_POINT": armed},
        }
        assert self._running.stdin is not None
        self._running.stdin.write((json.dumps(request) + "\n").encode())
        await self._running.stdin.drain()
        async with asyncio.timeout(START_SECONDS):
            await process.born.wait()
        return process

    async def listen(self) -> None:
        """Take births and deaths in, for ever."""
        assert self._running.stdout is not None
        while line := await self._running.stdout.readline():
            news = json.loads(line)
            if "born" in news:
                process = self._by_name.pop(news["name"])
                process.pid = news["born"]
                self._by_pid[process.pid] = process
                process.born.set()
            elif "ended" in news:
                gone = self._by_pid.pop(news["ended"])
                gone.code = news["code"]
                gone.ended.set()


@asynccontextmanager
async def nursery() -> AsyncIterator[Nursery]:
    """Load the robot once, for as many as are wanted."""
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.reliability.nursery",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert running.stdout is not None
    assert running.stdin is not None
    async with asyncio.timeout(START_SECONDS):
        await running.stdout.readline()
    opened = Nursery(running)
    listening = asyncio.create_task(opened.listen(), name="nursery")
    try:
        yield opened
    finally:
        running.stdin.close()
        async with asyncio.timeout(20):
            await running.wait()
        await listening
