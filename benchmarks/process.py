"""A measured process: started with the settings of a robot, its CPU time and memory read, ended by its own id."""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


class Subject:
    """A running process and those it started."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path | None) -> None:
        self._process = process
        self._log = log

    @property
    def running(self) -> bool:
        return self._process.returncode is None

    def cpu_seconds(self) -> float:
        """Give the CPU time used so far, user and system, of the process and its children."""
        total = 0.0
        for pid in self._family():
            fields = _stat(pid)
            if fields:
                total += sum(int(fields[place]) for place in (11, 12, 13, 14)) / _TICKS
        return total

    def memory_mib(self) -> float:
        """Give the resident memory in MiB."""
        try:
            pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        except FileNotFoundError:
            return 0.0
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    async def kill(self) -> None:
        """End it without a word."""
        self._process.kill()
        await self._process.wait()

    def tail(self) -> str:
        """Give the last lines it printed."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-15:]) if self._log else ""

    def _family(self) -> list[int]:
        found, queue = [], [self._process.pid]
        while queue:
            pid = queue.pop()
            found.append(pid)
            try:
                children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
            except FileNotFoundError:
                continue
            queue += [int(child) for child in children.split()]
        return found


def _stat(pid: int) -> Sequence[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return ()


@asynccontextmanager
async def started(command: Sequence[str], endpoint: str, extra: Mapping[str, str]) -> AsyncIterator[Subject]:
    """Start a process that talks to `endpoint`; end it at the end."""
    with tempfile.TemporaryDirectory(prefix="dinghr-bench-") as home:
        log = Path(home) / "subject.log"
        environment = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
            # An installation has its byte code; a start that compiles everything would measure the compiler.
            "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "dinghr-bench-bytecode"),
            "DINGTALK_OPENAPI_ENDPOINT": endpoint,
            "DINGTALK_CLIENT_ID": "ding-bench",
            "DINGTALK_CLIENT_SECRET": "secret",
            "DINGHR_HOME": home,
            "PYTHONUNBUFFERED": "1",
            **extra,
        }
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=output, stderr=output)
            try:
                yield Subject(process, log)
            finally:
                if process.returncode is None:
                    process.terminate()
                    try:
                        await asyncio.wait_for(process.wait(), 15)
                    except TimeoutError:
                        process.kill()
                        await process.wait()


def module(name: str, *arguments: str) -> list[str]:
    """Give the command that runs one of our modules."""
    return [sys.executable, "-m", name, *arguments]
