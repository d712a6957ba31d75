"""What waits and what was put aside, for whoever watches: counted when `/metrics` is asked for, never with a person."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, Gauge
from sqlalchemy import func, literal_column
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.inbox import InboxRow
from bot.outbox import OutboxRow
from bot.replica import alive
from bot.tasks import TaskRow
from hr_core.audit.store import AuditRow
from hr_core.clock import Clock
from hr_core.database import Database, DatabaseAway

PATIENCE = 5.0
"""Seconds a database may take to be counted; a scrape gives up after ten by default."""

_inbox = InboxRow.__table__.c  # type: ignore[attr-defined]
_outbox = OutboxRow.__table__.c  # type: ignore[attr-defined]
_task = TaskRow.__table__.c  # type: ignore[attr-defined]
_audit = AuditRow.__table__.c  # type: ignore[attr-defined]

# The conditions stand as the partial indexes have them, or SQLite doesn't use them.
INBOX = (
    select(_inbox.status, func.count(), func.min(_inbox.received_at))
    .where(literal_column("inbox.status <> 'done'"), literal_column("inbox.status IN ('new', 'failed')"))
    .group_by(_inbox.status)
)
OUTBOX = (
    select(_outbox.status, func.count(), func.min(_outbox.created_at))
    .where(literal_column("outbox.status IN ('new', 'sending')"))
    .group_by(_outbox.status)
)
OUTBOX_ASIDE = (
    select(_outbox.status, func.count(), func.min(_outbox.created_at))
    .where(literal_column("outbox.status IN ('dead', 'unknown')"))
    .group_by(_outbox.status)
)
TASKS = (
    select(_task.status, func.count(), func.min(_task.created_at))
    .where(_task.status.in_(["new", "running", "dead"]))
    .group_by(_task.status)
)
AUDIT: Any = select(literal_column("'unsealed'"), func.count(), func.min(_audit.at)).where(
    literal_column("audit.seq IS NULL")
)
STATUSES = {
    "inbox": ("new", "failed"),
    "outbox": ("new", "sending", "unknown", "dead"),
    "task": ("new", "running", "dead"),
    "audit": ("unsealed",),
}


async def counted(session: AsyncSession) -> dict[str, dict[str, tuple[int, datetime]]]:
    """Count by table and status what waits or was put aside, and since when the oldest does."""
    connection = await session.connection()
    found: dict[str, dict[str, tuple[int, datetime]]] = {}
    for name, queries in {
        "inbox": (INBOX,),
        "outbox": (OUTBOX, OUTBOX_ASIDE),
        "task": (TASKS,),
        "audit": (AUDIT,),
    }.items():
        rows = [row for query in queries for row in (await connection.execute(query)).all()]
        found[name] = {status: (count, oldest) for status, count, oldest in rows if count}
    return found


class Backlog:
    """The gauges of one robot."""

    def __init__(
        self, database: Database, clock: Clock, registry: CollectorRegistry, lost: Callable[[], float]
    ) -> None:
        self._database = database
        self._clock = clock
        self._rows = {
            name: Gauge(f"dinghr_{name}_rows", f"Rows of the {name} by status", ["status"], registry=registry)
            for name in STATUSES
        }
        self._oldest = {
            name: Gauge(f"dinghr_{name}_oldest_seconds", f"Age of the oldest row of the {name} by status", ["status"],
                        registry=registry)
            for name in STATUSES
        }  # fmt: skip
        self._up = Gauge("dinghr_database_up", "Whether the database could be counted", registry=registry)
        self._replicas = Gauge("dinghr_replicas", "Robots at work on this database", registry=registry)
        Gauge(
            "dinghr_frames_lost", "Frames given up because the database was away, since the start", registry=registry
        ).set_function(lost)

    async def measure(self) -> None:
        """Count anew; what can't be counted is left out rather than shown as it was."""
        try:
            async with asyncio.timeout(PATIENCE), self._database.read() as session:
                await self._count(session)
        except (DatabaseAway, TimeoutError):
            self._up.set(0)
            self._replicas.set(float("nan"))
            for gauge in (*self._rows.values(), *self._oldest.values()):
                gauge.clear()
        else:
            self._up.set(1)

    async def _count(self, session: AsyncSession) -> None:
        for name, found in (await counted(session)).items():
            self._show(name, found)
        self._replicas.set(len(await alive(session)))

    def _show(self, name: str, found: Mapping[str, tuple[int, datetime]]) -> None:
        now = self._clock.now()
        for status in STATUSES[name]:
            rows, oldest = found.get(status, (0, now))
            self._rows[name].labels(status).set(rows)
            self._oldest[name].labels(status).set(max(0.0, (now - oldest).total_seconds()))
