"""Several pieces of work, one commit: the piece is the unit of atomicity, the group is the unit of fsync.

A group is first tried as a whole. When anything in it fails, nothing of it was kept, and each piece is done again in a
transaction of its own, where it fails alone: so a piece must be able to run twice.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.database import Database, DatabaseAway

A = TypeVar("A")
T = TypeVar("T")
Work = Callable[[AsyncSession], Awaitable[T]]
GROUP, FEW = 64, 16


@dataclass(frozen=True, slots=True)
class Calls:
    """Like calls that are done at once, each with whoever waits for its result."""

    work: Callable[[AsyncSession, list[Any]], Awaitable[list[Any]]]
    waiting: list[tuple[Any, asyncio.Future[Any]]]

    async def do(self, session: AsyncSession) -> list[Any]:
        """Give the results, in order."""
        results = await self.work(session, [argument for argument, _ in self.waiting])
        if len(results) != len(self.waiting):  # Found here, nothing was kept; later, the writer would end over it.
            raise RuntimeError(f"{len(results)} results for {len(self.waiting)} calls")
        return results

    def settle(self, results: list[Any]) -> None:
        """Tell everybody their result."""
        for (_, future), result in zip(self.waiting, results, strict=True):
            if not future.done():
                future.set_result(result)

    def fail(self, error: BaseException) -> None:
        """Tell everybody that it failed."""
        for _, future in self.waiting:
            if not future.done():
                if isinstance(error, asyncio.CancelledError):
                    future.cancel()
                else:
                    future.set_exception(error)


class GroupCommit:
    """The one writer of this process. Whatever is asked for while a commit runs shares the next one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queue: deque[Callable[[], Calls]] = deque()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._open = True

    def start(self) -> None:
        """Begin working."""
        self._task = asyncio.create_task(self._work(), name="commits")

    async def stop(self) -> None:
        """Finish what was asked for, then stop."""
        self._open = False
        self._wake.set()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    async def run(self, work: Work[T]) -> T:
        """Run `work` in a transaction and give its result once that is durable."""

        async def alone(session: AsyncSession, _: list[None]) -> list[T]:
            return [await work(session)]

        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self.join(lambda: Calls(alone, [(None, future)]))
        return await future

    def join(self, calls: Callable[[], Calls]) -> None:
        """Have part in the next commit; what the part consists of is asked for when that begins."""
        self._queue.append(calls)
        self._wake.set()

    async def _work(self) -> None:
        while self._open:
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                await self._commit([self._queue.popleft()() for _ in range(min(GROUP, len(self._queue)))])

    async def _commit(self, group: list[Calls]) -> None:
        try:
            async with self._database.transaction() as session:
                results = [await calls.do(session) for calls in group]
        except Exception as error:  # noqa: BLE001 - handed to whoever asked
            smaller = [] if isinstance(error, DatabaseAway) else _apart(group)
            for calls in smaller:
                await self._commit([calls])
            if not smaller:
                for calls in group:
                    calls.fail(error)
        except BaseException as error:
            for calls in group:
                calls.fail(error)
            raise
        else:
            for calls, result in zip(group, results, strict=True):
                calls.settle(result)


class Together(Generic[A, T]):
    """Like calls, one piece: what is asked for until the next commit begins goes into it as a list.

    A list that fails is done again one by one, so that one bad argument fails alone.
    """

    def __init__(self, commits: GroupCommit, work: Callable[[AsyncSession, list[A]], Awaitable[list[T]]]) -> None:
        self._commits = commits
        self._work = work
        self._most = FEW
        self._waiting: deque[tuple[A, asyncio.Future[T]]] = deque()

    def __call__(self, argument: A) -> "asyncio.Future[T]":
        """Give this argument's result once it is durable."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        if not self._waiting:
            self._commits.join(self._take)
        self._waiting.append((argument, future))
        return future

    def _take(self) -> Calls:
        taken = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
        if self._waiting:
            self._most = min(GROUP, 2 * self._most)
            self._commits.join(self._take)
        elif 2 * len(taken) < self._most:
            self._most = max(FEW, self._most // 2)
        return Calls(self._work, taken)


def _apart(group: list[Calls]) -> list[Calls]:
    """Give what a group that failed is tried in next: its pieces, or the only piece's calls one by one."""
    if len(group) > 1:
        return group
    (calls,) = group
    return [Calls(calls.work, [one]) for one in calls.waiting] if len(calls.waiting) > 1 else []
