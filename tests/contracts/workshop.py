"""A table of tasks that leave traces, and a replica that runs them: in the test itself or as a process of its own."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.replica import Replica
from bot.tasks import Chunk, Task, TaskQueue, TaskRow, runner_for
from hr_core.clock import Clock
from hr_core.database import Database, open_database
from tests.cast import MovableClock

PATIENCE = 20.0
REST, LEASE = timedelta(milliseconds=20), timedelta(seconds=1)


async def leave_trace(session: AsyncSession, task: str, number: int) -> None:
    """Do something that shows when it is done twice."""
    connection = await session.connection()
    values = {"task": task, "number": number}
    await connection.execute(text("insert into trace (task, number) values (:task, :number)"), values)


async def count(chunk: Chunk) -> None:
    """Leave one trace a chunk, as many as asked for."""
    async with chunk.transaction() as session:
        await leave_trace(session, chunk.args.get("as", "count"), chunk.done)
        if chunk.done + 1 < chunk.args["to"]:
            chunk.next(done=chunk.done + 1, of=chunk.args["to"], state={"last": chunk.done})


@dataclass
class Workshop:
    """One replica, with tasks of the test's own beside `count`."""

    database: Database
    clock: Clock = field(default_factory=MovableClock)
    replica: Replica = field(default_factory=Replica)
    queue: TaskQueue = field(init=False)

    def __post_init__(self) -> None:
        """Know how to count."""
        self.queue = TaskQueue(self.clock, [Task("count", count, attempts=3)])

    async def enqueue(self, name: str, args: Mapping[str, Any] | None = None, **more: Any) -> int:
        """Ask for a task in a transaction of its own."""
        async with self.database.transaction() as session:
            task_id = await self.queue.enqueue(session, name, args, **more)
        assert task_id is not None
        return task_id

    @asynccontextmanager
    async def working(self, grace: float = 2.0) -> AsyncIterator[None]:
        """Run tasks."""
        async with self.database.transaction() as session:
            await self.replica.beat(session)
        runner = runner_for(self.database, self.queue, self.replica, first_rest=REST, lease=LEASE)
        runner.start()
        try:
            yield
        finally:
            await runner.stop(grace)
            async with self.database.transaction() as session:
                await self.replica.leave(session)

    async def row(self, task_id: int) -> TaskRow:
        """A task as it stands."""
        async with self.database.read() as session:
            row = await session.get(TaskRow, task_id)
        assert row is not None
        return row

    async def until(self, task_id: int, such: Callable[[TaskRow], bool] | str) -> TaskRow:
        """Wait until a task has a status, or is as described."""
        async with asyncio.timeout(PATIENCE):
            while True:
                row = await self.row(task_id)
                if row.status == such if isinstance(such, str) else such(row):
                    return row
                await asyncio.sleep(0.01)

    async def traces(self) -> Counter[tuple[str, int]]:
        """How often each trace was left."""
        async with self.database.read() as session:
            rows = await (await session.connection()).execute(text("select task, number from trace"))
            return Counter((task, number) for task, number in rows)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Workshop]:
    """A workshop on a database of its own."""
    database = open_database(url)
    try:
        async with database.engine.begin() as connection:
            await connection.execute(text("create table if not exists trace (task varchar(64), number integer)"))
        yield Workshop(database)
    finally:
        await database.close()


class Child:
    """A replica in a process of its own, made to die or stop at a place."""

    def __init__(self, url: str, task_id: int, fail_point: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.contracts.workshop", url, str(task_id)],
            env={**os.environ, "DINGHR_FAIL_POINT": fail_point},
            stdout=subprocess.PIPE,
        )

    async def died(self) -> int:
        """Wait for its end."""
        return await asyncio.to_thread(self.process.wait, PATIENCE)

    async def stopped(self) -> None:
        """Wait until it stands still."""
        await asyncio.to_thread(os.waitid, os.P_PID, self.process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def goes_on(self) -> None:
        """Wake it up."""
        self.process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        """Leave nothing running."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    async def tells(self, event: str) -> None:
        """Wait until it logs something."""

        def listen() -> bool:
            assert self.process.stdout is not None
            return any(json.loads(line)["event"] == event for line in self.process.stdout)

        async with asyncio.timeout(PATIENCE):
            assert await asyncio.to_thread(listen), f"it ended without {event}"


async def _main(url: str, task_id: int) -> None:
    import structlog

    structlog.configure(processors=[structlog.processors.JSONRenderer()])
    async with opened(url) as workshop, workshop.working():
        await workshop.until(task_id, lambda row: row.status in {"done", "dead"})


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], int(sys.argv[2])))
