"""Chooses who runs the tasks of this process, by the store."""

from datetime import timedelta
from typing import Protocol

from bot.replica import LEASE, Replica
from bot.tasks.embedded import EmbeddedRunner
from bot.tasks.queue import TaskQueue
from bot.tasks.work import Work
from hr_core.database import Database

HANDS = 4
"""Tasks a process works on at a time."""


class Runner(Protocol):
    """Takes tasks that are due and carries them out."""

    def start(self) -> None:
        """Begin."""

    async def stop(self, grace: float) -> None:
        """Take no more, let chunks under way end for so many seconds, and give the rest back."""


def runner_for(
    database: Database,
    queue: TaskQueue,
    replica: Replica,
    *,
    first_rest: timedelta = timedelta(seconds=2),
    lease: timedelta = LEASE,
) -> Runner:
    """Give this store's runner. A task that failed rests, longer each time; a silent owner loses it after `lease`."""
    work = Work(database, queue, replica, first_rest=first_rest)
    if database.is_sqlite:
        return EmbeddedRunner(database, queue, replica, work, hands=HANDS)
    from bot.tasks.engine import ProcrastinateRunner  # noqa: PLC0415 - half a second that SQLite doesn't need

    return ProcrastinateRunner(database, queue, work, hands=HANDS, lease=lease.total_seconds())
