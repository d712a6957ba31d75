"""This process among those that work on one database: its name, its numbers, its lease.

Rows that are being worked carry the name of the process that works them. A process that beats no more has lost them:
another takes them over, and because every write asks for the name, one that wakes up from a long sleep changes
nothing any more. On one machine a dead process is known by its number at once, elsewhere by its lease.
"""

import os
import secrets
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, delete, func, update
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.database import Row

BEAT_SECONDS = 2.0
LEASE = timedelta(seconds=10)
"""How long a process that says nothing keeps its rows. Real time: the demo's clock can be moved."""


class ReplicaRow(Row, table=True):
    """A process at work and until when it is known to be."""

    __tablename__ = "replica"
    name: str = Field(primary_key=True, max_length=64)
    machine: str = Field(max_length=128)
    pid: int
    until: datetime
    masters: str = Field(default="", max_length=200)
    """The names of the master keys it has: before one is used, everybody has to have it."""


def this_machine() -> str:
    """Name what a process number is unique in: the running system and, in a container, its own numbering."""
    parts = [socket.gethostname()[:40]]
    try:
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip())
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    except OSError:
        return ""  # Nobody can be told from another here; the lease alone counts.
    return " ".join(parts)[:128]


class Replica:
    """One run of one process."""

    def __init__(self, masters: Callable[[], str] = str) -> None:
        """Take what tells the names of the master keys this process has."""
        self._masters = masters
        self.name = f"{os.getpid()}-{secrets.token_hex(6)}"
        self.machine = this_machine()
        self._tag = secrets.randbelow(1 << 10)
        self._last = 0
        self.others = 0
        """How many beside this one were alive at the last beat: what a limit for all is divided by."""

    def next_id(self) -> int:
        """Give a number that is unique over replicas and grows with time, as microseconds and ten bits of this one."""
        self._last = max(self._last + 1, time.time_ns() // 1000)
        return self._last << 10 | self._tag

    def id_before(self, seconds: float) -> int:
        """Give a number below which every row is older than so many seconds."""
        return int(time.time_ns() // 1000 - seconds * 1_000_000) << 10

    async def beat(self, session: AsyncSession) -> None:
        """Say that this one lives, and forget those that don't."""
        now = _now(session)
        beaten = await session.exec(
            update(ReplicaRow)
            .where(col(ReplicaRow.name) == self.name)
            .values(until=now + LEASE, masters=self._masters())
        )
        if not beaten.rowcount:
            session.add(
                ReplicaRow(
                    name=self.name,
                    machine=self.machine,
                    pid=os.getpid(),
                    until=datetime.now(UTC) + LEASE,
                    masters=self._masters(),
                )
            )
            await session.flush()
        for row in await session.exec(select(ReplicaRow).where(ReplicaRow.machine == self.machine)):
            if self.machine and row.name != self.name and not _runs(row.pid):
                await session.delete(row)
        await session.exec(delete(ReplicaRow).where(col(ReplicaRow.until) < now - 10 * LEASE))
        alive = select(func.count()).select_from(ReplicaRow).where(col(ReplicaRow.until) > now)
        self.others = max(0, (await session.exec(alive)).one() - 1)

    async def leave(self, session: AsyncSession) -> None:
        """Give up the lease, so that what is left undone can be taken at once."""
        await session.exec(delete(ReplicaRow).where(col(ReplicaRow.name) == self.name))

    async def alone(self, session: AsyncSession) -> None:
        """Be the only one: an embedded database has no other, whatever the table says."""
        await session.exec(delete(ReplicaRow))

    def ownerless(self, owner: Any, session: AsyncSession) -> ColumnElement[bool]:
        """Give the condition that nobody alive works on a row, by its column `owner`."""
        alive = select(ReplicaRow.name).where(col(ReplicaRow.until) > _now(session))
        unowned: ColumnElement[bool] = col(owner).is_(None) | (col(owner) != self.name) & col(owner).not_in(alive)
        return unowned


async def alive(session: AsyncSession) -> list[ReplicaRow]:
    """Give the processes at work, as far as their leases and this machine's process numbers tell."""
    rows = await session.exec(select(ReplicaRow).where(col(ReplicaRow.until) > _now(session)))
    here = this_machine()
    return [row for row in rows if not here or row.machine != here or row.pid == os.getpid() or _runs(row.pid)]


def _now(session: AsyncSession) -> Any:
    """Give the instant leases go by: the server's where several machines share it, else this one's."""
    return func.clock_timestamp() if session.get_bind().dialect.name == "postgresql" else datetime.now(UTC)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid != os.getpid()  # Our own number in an older row is that of who had it before.
