"""Asks for tasks, lists them, and lets an operator replay or drop them; needs no runner in this process."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, text, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.tasks.chunk import Task
from bot.tasks.table import UNFINISHED, TaskRow
from hr_core.clock import Clock
from hr_core.database import once_durable
from hr_core.database.upsert import insert_into

ENGINE_QUEUE, ENGINE_TASK = "dinghr", "dinghr.task"
KEPT = timedelta(days=30)
"""How long a finished task can be looked up."""
AT_ONCE = 100

_defer = text(
    "SELECT unnest(procrastinate_defer_jobs_v1(ARRAY[ROW(CAST(:queue AS varchar), CAST(:task AS varchar), 0, "
    "CAST(:lock AS text), NULL, jsonb_build_object('task_id', CAST(:id AS bigint)), NULL)"
    "::procrastinate_job_to_defer_v1]))"
)


class TaskQueue:
    """The tasks of this installation."""

    def __init__(self, clock: Clock, tasks: Iterable[Task] = ()) -> None:
        self.clock = clock
        self.tasks: dict[str, Task] = {}
        self.register(*tasks)
        self.wake: Callable[[], None] = lambda: None
        """Called after a commit that brought a task; the runner of this process sets it."""

    def register(self, *tasks: Task) -> None:
        """Add tasks to the table; only what stands there can be asked for."""
        self.tasks |= {task.name: task for task in tasks}

    async def enqueue(
        self,
        session: AsyncSession,
        name: str,
        args: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
        due: datetime | None = None,
        lock: str | None = None,
        job: str | None = None,
        too_late: bool = False,
    ) -> int | None:
        """Ask for a task in the transaction that needs it, and give its number; None when its key was used before.

        It runs when that transaction is durable and `due` has come. Of tasks with one `lock` one runs at a time.
        A job's run that is `too_late` is noted as such and never runs.
        """
        if name not in self.tasks:
            msg = f"there is no task {name!r}; add it to bot/chores.py"
            raise LookupError(msg)
        now = self.clock.now()
        statement = insert_into(TaskRow, session).values(
            name=name,
            args=dict(args or {}),
            key=key,
            job=job,
            lock=lock,
            created_at=now,
            due_at=due or now,
            ready_at=max(due or now, now),
            status="late" if too_late else "new",
            turn=0,
            failures=0,
            done=0,
            of=0,
            state={},
            finished_at=now if too_late else None,
        )
        connection = await session.connection()
        found = await connection.execute(
            statement.on_conflict_do_nothing(index_elements=["key"]).returning(col(TaskRow.id))
        )
        task_id: int | None = found.scalar()
        if task_id is not None and not too_late and (due is None or due <= now):
            await self._hand_over(session, [(task_id, lock)])
        return task_id

    async def waits(self, session: AsyncSession, name: str) -> bool:
        """Tell whether a task of this name is asked for and not begun."""
        row = select(TaskRow.id).where(TaskRow.name == name, TaskRow.status == "new", TaskRow.turn == 0)
        return (await session.exec(row)).first() is not None

    async def hand_over_due(self, session: AsyncSession) -> None:
        """Give procrastinate the tasks whose time has come, and those whose job was lost there."""
        lost = text(
            "NOT EXISTS (SELECT 1 FROM procrastinate_jobs j"
            " WHERE j.id = task.engine_id AND j.status IN ('todo', 'doing'))"
        )
        rows = await session.exec(
            select(TaskRow.id, TaskRow.lock)
            .where(col(TaskRow.status).in_(UNFINISHED), col(TaskRow.ready_at) <= self.clock.now(), lost)
            .order_by(col(TaskRow.ready_at), col(TaskRow.id))
            .limit(AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        await self._hand_over(session, [(task_id or 0, lock) for task_id, lock in rows])

    async def _hand_over(self, session: AsyncSession, rows: Collection[tuple[int, str | None]]) -> None:
        if not _on_postgresql(session):
            once_durable(session, self.wake)
            return
        connection = await session.connection()
        for task_id, lock in rows:
            values = {"queue": ENGINE_QUEUE, "task": ENGINE_TASK, "lock": lock, "id": task_id}
            job = (await connection.execute(_defer, values)).scalar_one()
            await session.exec(update(TaskRow).where(col(TaskRow.id) == task_id).values(engine_id=job))

    # --- for an operator ----------------------------------------------------------------------------------------------

    async def newest(self, session: AsyncSession, status: str | None = None, limit: int = 50) -> Sequence[TaskRow]:
        """Give tasks, newest first; dead and unfinished ones before all others."""
        settled = col(TaskRow.status).not_in((*UNFINISHED, "dead"))
        query = select(TaskRow).order_by(settled, col(TaskRow.id).desc()).limit(limit)
        if status is not None:
            query = query.where(TaskRow.status == status)
        return list(await session.exec(query))

    async def replay(self, session: AsyncSession, task_id: int) -> bool:
        """Let a dead or dropped task go on behind its last durable chunk; False when it is neither."""
        again = (
            update(TaskRow)
            .where(col(TaskRow.id) == task_id, col(TaskRow.status).in_(("dead", "dropped")))
            .values(status="new", failures=0, rest_until=None, finished_at=None, owner=None)
            .returning(col(TaskRow.lock))
        )
        found = (await session.exec(again)).all()
        for (lock,) in found:
            await self._hand_over(session, [(task_id, lock)])
        return bool(found)

    async def drop(self, session: AsyncSession, task_id: int) -> bool:
        """End a task that isn't finished; a chunk under way is taken back. False when it has ended."""
        dropped = await session.exec(
            update(TaskRow)
            .where(col(TaskRow.id) == task_id, col(TaskRow.status).in_((*UNFINISHED, "dead")))
            .values(status="dropped", owner=None, rest_until=None, finished_at=self.clock.now())
        )
        return bool(dropped.rowcount)

    async def forget_old(self, session: AsyncSession) -> None:
        """Delete what ended long ago. Each job's newest run stays, since it says what was run, and dead ones do."""
        newest = select(func.max(TaskRow.id)).where(col(TaskRow.job).is_not(None)).group_by(col(TaskRow.job))
        await session.exec(
            delete(TaskRow).where(
                col(TaskRow.status).in_(("done", "late", "dropped")),
                col(TaskRow.finished_at) < self.clock.now() - KEPT,
                col(TaskRow.id).not_in(newest),
            )
        )


def _on_postgresql(session: AsyncSession) -> bool:
    return session.get_bind().dialect.name == "postgresql"
