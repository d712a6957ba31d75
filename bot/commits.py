"""Several pieces of work, one commit: the piece is the unit of atomicity, the group is the unit of fsync.

A group is first tried as a whole. When anything in it fails, nothing of it was kept, and each piece is done again in a
transaction of its own, where it fails alone: so a piece must be able to run twice.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Generic, TypeVar

from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.database import Database, DatabaseAway

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
        self.feeding: set[asyncio.Task[None]] = set()
        """Lists under way: whoever gathers calls lets them be waited for."""

    def start(self) -> None:
        """Begin working."""
        self._task = asyncio.create_task(self._work(), name="commits")

    async def stop(self) -> None:
        """Finish what was asked for, then stop."""
        if self._task is not None:
            if not self._task.done():
                while self.feeding:
                    await asyncio.wait(self.feeding)
                with suppress(DatabaseAway):
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
        try:
            async with self._database.transaction() as session:
                values = [await work(session) for work, _ in group]
        except Exception as error:
            if len(group) == 1 or isinstance(error, DatabaseAway):
                raise
            for piece in group:
                try:
                    await self._commit([piece])
                except Exception as error:  # noqa: BLE001 - handed to whoever asked for this piece
                    _settle(piece[1], error=error)
            return
        for (_, future), value in zip(group, values, strict=True):
            _settle(future, value)


class Together(Generic[A, T]):
    """Like calls, one piece: what is asked for while a call is under way goes into the next one as a list.

    A list that fails is done again one by one, so that one bad argument fails alone.
    """

    def __init__(
        self, commits: GroupCommit, work: Callable[[AsyncSession, list[A]], Awaitable[list[T]]], most: int = GROUP
    ) -> None:
        self._commits = commits
        self._work = work
        self._most = most
        self._waiting: deque[tuple[A, asyncio.Future[T]]] = deque()
        self._running: asyncio.Task[None] | None = None

    def __call__(self, argument: A) -> "asyncio.Future[T]":
        """Give this argument's result once it is durable."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((argument, future))
        if self._running is None:
            self._running = asyncio.create_task(self._run(), name="together")
            self._commits.feeding.add(self._running)
            self._running.add_done_callback(self._commits.feeding.discard)
        return future

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
                await self._do(batch)
        finally:
            self._running = None

    async def _do(self, batch: list[tuple[A, asyncio.Future[T]]]) -> None:
        arguments = [argument for argument, _ in batch]
        try:
            results = await self._commits.run(lambda session: self._work(session, arguments))
        except Exception as error:  # noqa: BLE001 - handed to whoever asked
            if len(batch) == 1 or isinstance(error, DatabaseAway):
                for _, future in batch:
                    _settle(future, error=error)
                return
            for one in batch:
                await self._do([one])
        except BaseException as error:
            for _, future in batch:
                _settle(future, error=error)
            raise
        else:
            for (_, future), result in zip(batch, results, strict=True):
                _settle(future, result)


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
