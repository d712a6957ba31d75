"""Runs tasks through procrastinate: for PostgreSQL, where several processes share them.

procrastinate decides who works on what: it leases, keeps locks, wakes workers, and knows a dead one by its heartbeat.
A job there carries only a task's number; what was asked for and how far it came stands in our table. Three things are
added, each for a case it leaves open: what a stalled worker left is put back, a worker that lost its job doesn't end it
for the one that has it now, and a worker whose own heart stopped is replaced.
"""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import structlog
from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from procrastinate.jobs import Status as JobStatus
from procrastinate.manager import JobManager
from procrastinate.worker import Worker
from sqlalchemy import text
from sqlalchemy.engine import URL

from bot.tasks.queue import ENGINE_QUEUE, ENGINE_TASK, TaskQueue
from bot.tasks.work import Work
from hr_core.database import Database, DatabaseAway

log = structlog.get_logger()

BEATS = 5
"""Heartbeats a worker has in its lease."""
AGAIN_AFTER = timedelta(seconds=5)
"""When a task comes back whose failure could not even be noted."""
_SWEEP = 0x64696E67687403
# Ours still: else another worker's job would be ended.
_finish = """
WITH mine AS (
    SELECT id FROM procrastinate_jobs
    WHERE id = %(job_id)s AND worker_id = %(worker_id)s AND status = 'doing' FOR UPDATE
)
SELECT procrastinate_finish_job_v1(id, %(status)s, %(delete_job)s) FROM mine
"""
_retry = """
WITH mine AS (
    SELECT id FROM procrastinate_jobs
    WHERE id = %(job_id)s AND worker_id = %(worker_id)s AND status = 'doing' FOR UPDATE
)
SELECT procrastinate_retry_job_v2(id, %(retry_at)s, %(priority)s, %(queue)s, %(lock)s) FROM mine
"""


class Later(Exception):
    """The task wants to be taken up again."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self.at = at


class _Again(BaseRetryStrategy):
    """Every job is retried until the task behind it is done or dead: the counting is ours."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        """Give the instant the task asked for."""
        if isinstance(exception, Later):
            return RetryDecision(retry_at=exception.at)
        if isinstance(exception, asyncio.CancelledError):
            return RetryDecision(retry_at=datetime.now(UTC))
        return RetryDecision(retry_at=datetime.now(UTC) + AGAIN_AFTER)


class _OwnJobs(JobManager):
    """Ends a job only while this worker has it; procrastinate's own would end it for its new owner as well."""

    async def finish_job(self, job: Job, status: JobStatus, delete_job: bool) -> None:
        """End a job."""
        await self._patiently(
            _finish,
            job_id=job.id,
            worker_id=job.worker_id,
            status=status.value,
            delete_job=delete_job,
        )

    async def retry_job(
        self,
        job: Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        """Put a job back."""
        await self._patiently(
            _retry,
            job_id=job.id,
            worker_id=job.worker_id,
            retry_at=retry_at or datetime.now(UTC),
            priority=priority,
            queue=queue,
            lock=lock,
        )

    async def _patiently(self, query: str, **values: object) -> None:
        """Come back while the database is away: a job that isn't ended would be ours for ever."""
        while True:
            try:
                await self.connector.execute_query_async(query, **values)
            except ConnectorException as error:
                log.warning("tasks.waits_for_database", error=type(error).__name__)
                await asyncio.sleep(1)
            else:
                return


class ProcrastinateRunner:
    """A procrastinate worker inside this process."""

    def __init__(
        self,
        database: Database,
        queue: TaskQueue,
        work: Work,
        *,
        hands: int,
        lease: float,
    ) -> None:
        self._database = database
        self._queue = queue
        self._work = work
        self._hands = hands
        self._beat = lease / BEATS
        self._lease = lease
        self._working: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._worker: Worker | None = None

    def start(self) -> None:
        """Begin."""
        self._working = asyncio.create_task(self._work_on(), name="tasks")
        self._watching = asyncio.create_task(self._watch(), name="tasks watched")

    async def stop(self, grace: float) -> None:
        """Take no more, let chunks under way end for so many seconds, and give the rest back."""
        self._work.stopping.set()
        if self._worker is not None:
            self._worker.shutdown_graceful_timeout = grace
        started = [task for task in (self._working, self._watching) if task is not None]
        if self._working is not None:
            self._working.cancel()
        if started:  # A look under way ends by itself: one that is cancelled leaves its connection half closed.
            await asyncio.wait(started, timeout=grace + 1)
        for task in started:
            task.cancel()
        await asyncio.gather(*started, return_exceptions=True)

    def _app(self) -> App:
        connector = PsycopgConnector(conninfo=conninfo(self._database.url), min_size=1, max_size=3)
        app = App(connector=connector)
        app.job_manager = _OwnJobs(connector)

        @app.task(name=ENGINE_TASK, queue=ENGINE_QUEUE, pass_context=True, retry=_Again())
        async def carry_out(_context: JobContext, *, task_id: int) -> None:
            async with self._database.transaction() as session:
                lease = await self._work.lease(session, task_id)
            again = await self._work.carry_out(lease) if lease is not None else None
            if again is not None:
                raise Later(again)

        return app

    async def _work_on(self) -> None:
        """Have a worker, for ever: one that ends by itself lost its database or its heartbeat."""
        while True:
            try:
                app = self._app()
                async with app.open_async():
                    self._worker = Worker(
                        app,
                        queues=[ENGINE_QUEUE],
                        concurrency=self._hands,
                        install_signal_handlers=False,
                        fetch_job_polling_interval=1.0,
                        abort_job_polling_interval=3600.0,  # Nobody aborts a job; a task is dropped in our table.
                        update_heartbeat_interval=self._beat,
                        stalled_worker_timeout=self._lease,
                        shutdown_graceful_timeout=self._lease,
                        delete_jobs="always",
                    )
                    await self._worker.run()  # type: ignore[no-untyped-call]
            except Exception as error:  # noqa: BLE001 - a database that is away shows itself in many classes
                log.warning("tasks.no_worker", error=type(error).__name__)
            await asyncio.sleep(1)

    async def _watch(self) -> None:
        """Look after what the worker doesn't."""
        while not self._work.stopping.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(min(1.0, self._beat)):
                    await self._work.stopping.wait()
                    return
            try:
                async with self._database.transaction() as session:
                    await self._queue.hand_over_due(session)
                await self._put_back_stalled()
                await self._hear_own_heart()
            except (DatabaseAway, ConnectorException) as error:
                log.warning("tasks.not_watched", error=type(error).__name__)
            except Exception:
                log.exception("tasks.not_watched")

    async def _put_back_stalled(self) -> None:
        """Put back what dead workers left; one replica at a time, else it could be taken from who has just got it."""
        if self._worker is None or self._worker.worker_id is None:
            return
        jobs = self._worker.app.job_manager
        async with self._database.transaction() as session:
            connection = await session.connection()
            alone = text("SELECT pg_try_advisory_xact_lock(:key)")
            if not (await connection.execute(alone, {"key": _SWEEP})).scalar_one():
                return
            for job in await jobs.get_stalled_jobs(queue=ENGINE_QUEUE, seconds_since_heartbeat=self._lease):
                log.info("tasks.taken_over", task_id=job.task_kwargs.get("task_id"))
                await jobs.retry_job_by_id_async(job_id=job.id or 0, retry_at=datetime.now(UTC))

    async def _hear_own_heart(self) -> None:
        """Replace a worker that others hold for dead: procrastinate's doesn't notice that its heartbeat has ended."""
        worker = self._worker
        if worker is None or worker.worker_id is None:
            return
        beats = text(
            "SELECT 1 FROM procrastinate_workers WHERE id = :id"
            " AND last_heartbeat > now() - make_interval(secs => CAST(:lease AS double precision))"
        )
        async with self._database.read() as session:
            connection = await session.connection()
            found = await connection.execute(beats, {"id": worker.worker_id, "lease": self._lease})
            alive = found.first() is not None
        if not alive and worker is self._worker:
            log.warning("tasks.worker_replaced")
            worker.shutdown_graceful_timeout = 0.1
            worker.stop()  # type: ignore[no-untyped-call]


def conninfo(url: URL) -> str:
    """Write the database's address for libpq, which calls the choice of TLS `sslmode`."""
    query = dict(url.query)
    mode = query.pop("ssl", query.pop("sslmode", None))
    kept = {name: value for name, value in query.items() if name in {"host", "port"}}
    if mode:
        kept["sslmode"] = "require" if mode == "true" else mode
    return url.set(drivername="postgresql", query=kept).render_as_string(hide_password=False)
