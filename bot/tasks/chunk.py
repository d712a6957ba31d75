"""What a task is, and what its function is given each time it is called."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.tasks.table import TaskRow
from hr_core.clock import Clock
from hr_core.database import Database


class LeaseLost(Exception):
    """Another process has the task now, or an operator dropped it: nothing of this chunk is kept."""


@dataclass(frozen=True, slots=True)
class Task:
    """A named function, called chunk after chunk until a chunk asks for no other.

    After `attempts` failures with no durable chunk between them it is given up into the dead letters; `given_up` is
    called in the transaction that notes it, to tell whoever waits.
    """

    name: str
    function: "Callable[[Chunk], Awaitable[None]]"
    attempts: int = 10
    given_up: "Callable[[AsyncSession, Lease], Awaitable[None]] | None" = None


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a task, until somebody else is given a later turn."""

    task_id: int
    turn: int
    name: str
    args: Mapping[str, Any]
    due: datetime
    failures: int = 0
    done: int = 0
    of: int = 0
    state: Mapping[str, Any] = field(default_factory=dict)

    @property
    def cause(self) -> str:
        """What audit rows and messages name as their source."""
        return f"task:{self.name}:{self.task_id}"

    @classmethod
    def of_row(cls, row: TaskRow) -> "Lease":
        """Read what was asked for and how far it came."""
        return cls(row.id or 0, row.turn, row.name, row.args, row.due_at, row.failures, row.done, row.of, row.state)


class Chunk:
    """One piece of a task: first whatever takes time, then one short transaction with the effects and the progress."""

    def __init__(self, lease: Lease, database: Database, clock: Clock, memo: dict[str, Any]) -> None:
        self._lease = lease
        self._database = database
        self._clock = clock
        self._next: Lease | None = None
        self.committed = False
        self.memo = memo
        """Kept from chunk to chunk in memory; empty again after a crash."""

    @property
    def args(self) -> Mapping[str, Any]:
        """What it was enqueued with."""
        return self._lease.args

    @property
    def due(self) -> datetime:
        """When it was wanted: a job's own time, however late it runs."""
        return self._lease.due

    @property
    def done(self) -> int:
        """How much was done before."""
        return self._lease.done

    @property
    def of(self) -> int:
        """How much there is, as far as is known."""
        return self._lease.of

    @property
    def failures(self) -> int:
        """How often this chunk has failed so far."""
        return self._lease.failures

    @property
    def state(self) -> Mapping[str, Any]:
        """What the chunk before left for this one."""
        return self._lease.state

    @property
    def cause(self) -> str:
        """What audit rows and messages name as their source."""
        return self._lease.cause

    def next(self, *, done: int, of: int, state: Mapping[str, Any] | None = None) -> None:
        """Ask for another chunk after this one; without, the task is done when this one is durable."""
        self._next = replace(self._lease, failures=0, done=done, of=of, state=dict(state or {}))

    @property
    def following(self) -> Lease | None:
        """The lease as the next chunk finds it; None when there is none."""
        return self._next

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Give the chunk's one session. What is written, and the progress, are kept together or not at all."""
        if self.committed:
            msg = f"the task {self._lease.name} opened a second transaction in one chunk"
            raise RuntimeError(msg)
        async with self._database.transaction() as session:
            held = select(TaskRow.id).where(*holds(self._lease)).with_for_update()
            if (await session.exec(held)).first() is None:
                raise LeaseLost
            yield session
            await session.exec(update(TaskRow).where(*holds(self._lease)).values(**self._progress()))
        self.committed = True

    def _progress(self) -> dict[str, Any]:
        after = self._next
        if after is None:
            most = max(self._lease.done, self._lease.of)
            ended = {"status": "done", "owner": None, "finished_at": self._clock.now(), "done": most}
            return {**ended, "failures": 0, "rest_until": None, "error": None, "state": {}}
        return {"done": after.done, "of": after.of, "state": after.state, "failures": 0, "error": None}


def holds(lease: Lease) -> tuple[Any, ...]:
    """Give the conditions under which a lease still counts."""
    return col(TaskRow.id) == lease.task_id, col(TaskRow.turn) == lease.turn, col(TaskRow.status) == "running"
