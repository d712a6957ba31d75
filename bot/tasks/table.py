"""The table of tasks: the same on both stores, so that progress, dead letters and resumption are."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, BigInteger, Index, text
from sqlmodel import Field

from hr_core.database import Row

Status = Literal["new", "running", "done", "dead", "late", "dropped"]
UNFINISHED = ("new", "running")
_OPEN = text("status IN ('new', 'running')")


class TaskRow(Row, table=True):
    """A task from when it is asked for until it is done, dead, too late or dropped.

    `turn` counts the leases: a write asks for the turn it was given, so whoever lost the lease writes nothing.
    `ready_at` goes by our clock, which the demo moves; `rest_until`, the wait after a failure, by real time.
    """

    __tablename__ = "task"
    __table_args__ = (
        Index("ix_task_open", "ready_at", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_task_job_due_at", "job", "due_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=64)
    args: dict[str, Any] = Field(sa_type=JSON)
    key: str | None = Field(default=None, unique=True, max_length=200)
    job: str | None = Field(default=None, max_length=64)
    lock: str | None = Field(default=None, max_length=200)
    created_at: datetime
    due_at: datetime
    ready_at: datetime
    status: str = Field(default="new", max_length=8)
    owner: str | None = Field(default=None, max_length=64)
    turn: int = 0
    failures: int = 0
    rest_until: datetime | None = None
    done: int = 0
    of: int = 0
    state: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    error: str | None = Field(default=None, max_length=200)
    finished_at: datetime | None = None
    engine_id: int | None = Field(default=None, sa_type=BigInteger)
