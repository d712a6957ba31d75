"""Several pieces of work, one commit: the piece is the unit of atomicity, the group is the unit of fsync.

A piece that fails is taken back to its savepoint and fails alone; when the commit fails, every piece in it does.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.database import Database

A = TypeVar("A")
T = TypeVar("T")
Work = Callable[[AsyncSession], Awaitable[T]]
GROUP = 64


class GroupCommit:
    """The one writer of this process. Whatever is asked for while a commit runs shares the next one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queue: deque[tuple[Work[Any], asyncio.Future[Any]]] = deque()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin working."""
        self._task = asyncio.create_task(self._work(), name="commits")

    async def stop(self) -> None:
        """Finish what was asked for, then stop."""
        if self._task is not None:
            if not self._task.done():
                await self.run(_nothing)  # Behind everything that was asked for before.
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def run(self, work: Work[T]) -> T:
        """Run `work` in a transaction and give its result once that is durable."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.append((work, future))
        self._wake.set()
        return await future

    async def _work(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                group = [self._queue.popleft() for _ in range(min(GROUP, len(self._queue)))]
                try:
                    await self._commit(group)
                except BaseException as error:
                    for _, future in group:
                        _settle(future, error=error)
                    if not isinstance(error, Exception):
                        raise

    async def _commit(self, group: list[tuple[Work[Any], asyncio.Future[Any]]]) -> None:
        results: list[tuple[asyncio.Future[Any], Any, Exception | None]] = []
        async with self._database.transaction() as session:
            for work, future in group:
                try:
                    async with session.begin_nested():
                        results.append((future, await work(session), None))
                except Exception as error:  # noqa: BLE001 - handed to whoever asked for this piece
                    results.append((future, None, error))
        for future, value, failure in results:
            _settle(future, value, failure)


class Together(Generic[A, T]):
    """Like calls, one statement: what is asked for while a call is under way goes into the next one as a list."""

    def __init__(self, commits: GroupCommit, work: Callable[[AsyncSession, list[A]], Awaitable[list[T]]]) -> None:
        self._commits = commits
        self._work = work
        self._waiting: list[tuple[A, asyncio.Future[T]]] = []
        self._running: asyncio.Task[None] | None = None

    async def __call__(self, argument: A) -> T:
        """Give this argument's result once it is durable."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((argument, future))
        if self._running is None:
            self._running = asyncio.create_task(self._run(), name="together")
        return await future

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                arguments = [argument for argument, _ in batch]
                try:
                    results = await self._commits.run(lambda session, a=arguments: self._work(session, a))  # type: ignore[misc]
                except BaseException as error:
                    for _, future in batch:
                        _settle(future, error=error)
                    if not isinstance(error, Exception):
                        raise
                else:
                    for (_, future), result in zip(batch, results, strict=True):
                        _settle(future, result)
        finally:
            self._running = None


async def _nothing(_session: AsyncSession) -> None:
    """Do nothing, in turn."""


def _settle(future: asyncio.Future[Any], value: object = None, error: BaseException | None = None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(value)
    elif isinstance(error, asyncio.CancelledError):
        future.cancel()
    else:
        future.set_exception(error)
