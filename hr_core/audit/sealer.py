"""Sealing: rows that are committed get their place in the chain, one batch a transaction, by one process at a time.

**Why after the commit.** A chain inside the writers' transactions would make each wait for the one before it, on all
replicas. So a row is unsealed for some seconds; `verify` reports such rows, and doesn't vouch for them.

**Which rows.** On SQLite there is one writer, so whatever is visible is complete. On PostgreSQL rows commit out of the
order of their ids: a row is sealed when no transaction is open any more that could still commit one with a smaller id.
An id is drawn a moment before its transaction has a number of its own, so that takes two looks. The first notes the
highest id there is. At the second, `LAG` later, whoever drew a smaller id has a number below the snapshot's end, which
is noted. Once the oldest running transaction isn't older than that end, every such row is there or never will be. A
transaction that stays open longer than `PATIENCE` isn't waited for; its row gets a later place. The chain has numbers
of its own, so ids may have holes and be late; nothing is left out and no number is missing.

**Who.** A lease (`lease.py`), held in the transaction that writes: a process that slept holding it writes nothing when
it wakes. On PostgreSQL the server ends its transaction, if it slept in one.

**Heads.** Once a day the newest seal and the Merkle root of the rows since the last head become a head (`heads.py`).
Every row is verified while its root is made, so that no altered row gets under a head.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import bindparam, func, insert, text, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.audit import chain
from hr_core.audit.chain import ChainKeys, body, content
from hr_core.audit.heads import (
    MOST,
    NOTHING,
    Head,
    HeadRow,
    append_heads,
    heads_after,
    last_head,
    last_in_file,
)
from hr_core.audit.merkle import Tree
from hr_core.audit.store import AuditRow, ChainRow
from hr_core.clock import Clock, company_day
from hr_core.database import Database
from hr_core.database.batch import Batch, value
from hr_core.database.lease import Lease
from hr_core.database.pace import Pace
from hr_core.failpoints import reach
from hr_core.vault import Vault

log = structlog.get_logger()

BATCH = 200
"""Rows a transaction at most; `Pace` takes as many as stay well below the limit of a write transaction."""
LOCK_NOT_AVAILABLE = "55P03"
"""PostgreSQL's SQLSTATE for a lock that wasn't given in time."""
LEASE = timedelta(seconds=10)
LAG = 1.0
"""Seconds between the two looks: much longer than a process takes between an id and its row."""
PATIENCE = 60.0
"""Seconds after which an open transaction isn't waited for any more."""
CUT = timedelta(hours=18, minutes=30)
"""When the day's head is made, on the company's clock: at the end of the working day."""
CONTENT = [AuditRow.__table__.c["on_whom" if name == "on" else name].label(name) for name in chain.FIELDS]  # type: ignore[attr-defined]
_TABLE: Any = AuditRow.__table__  # type: ignore[attr-defined]


def _sealing(_dialect: str) -> Any:
    """Give the statement that seals one row, once."""
    values = {name: value(AuditRow, name) for name in ("seq", "seal", "seal_key")}
    return update(AuditRow).where(_TABLE.c.id == bindparam("key"), _TABLE.c.seq.is_(None)).values(values)


_seal_rows = Batch(_sealing)


class Tampered(Exception):
    """The chain isn't what was sealed: no head is made over it. `dinghr audit verify` says more."""


@dataclass(slots=True)
class _Look:
    """Ids up to here were there at this moment; `end` is the snapshot's at the second look."""

    highest: int
    at: float
    end: int = 0


class Horizon:
    """Tells up to which id no row can come late."""

    def __init__(self, lag: float) -> None:
        self._lag = lag
        self._noted: _Look | None = None
        self._armed: _Look | None = None
        self._safe = 0

    async def safe(self, session: AsyncSession) -> int:
        """Give the highest id that may be sealed now; 0 when there is nothing to seal."""
        unsealed = col(AuditRow.seq).is_(None)
        lowest, highest = (
            await session.exec(select(func.min(AuditRow.id), func.max(AuditRow.id)).where(unsealed))
        ).one()
        if highest is None:
            return 0
        if session.get_bind().dialect.name == "sqlite":
            return int(highest)
        ends = "pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint"
        oldest, end = (await _execute(session, text(f"SELECT {ends} FROM pg_current_snapshot() s"))).one()  # noqa: S608
        self._look(int(highest), int(oldest), int(end), time.monotonic())
        return self._safe if int(lowest or 0) <= self._safe else 0

    def _look(self, highest: int, oldest: int, end: int, now: float) -> None:
        if self._armed and (oldest >= self._armed.end or now - self._armed.at > PATIENCE):
            if oldest < self._armed.end:
                log.warning(
                    "audit.long_transaction", mend="a transaction has been open for a minute; see pg_stat_activity"
                )
            self._safe, self._armed = max(self._safe, self._armed.highest), None
        if self._noted and not self._armed and now - self._noted.at >= self._lag:
            self._armed, self._noted = _Look(self._noted.highest, now, end), None
        if self._noted is None:
            self._noted = _Look(highest, now)


class Sealer:
    """Seals and publishes, for one process. `owner` names it; `head_file` gets every head of the database."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        clock: Clock,
        owner: str,
        head_file: Path | None = None,
        *,
        lag: float = LAG,
        lease: timedelta = LEASE,
        batch: int = BATCH,
    ) -> None:
        self._database = database
        self._keys = ChainKeys(vault)
        self._clock = clock
        self._head_file = head_file
        self._horizon = Horizon(lag)
        self._pace = Pace(batch)
        self.lease = Lease("audit", owner, lease)

    # --- sealing ------------------------------------------------------------------------------------------------------

    async def seal(self, *, steal: bool = False) -> int:
        """Seal what can be sealed now and give how many rows; 0 also when another process leads."""
        async with self._database.read() as session:
            safe = await self._horizon.safe(session)
        sealed = 0
        while safe:
            try:
                async with self._database.transaction() as session:
                    rows = await self._seal_batch(session, safe, steal=steal)
                self._pace.ended(session, rows)
            except DBAPIError as error:
                if _lost(error):
                    log.warning("audit.not_sealed", reason="another process is sealing")
                    self.lease.token = None
                    return sealed
                raise
            if not rows:
                break
            reach("audit.sealed")
            sealed += rows
        return sealed

    async def _held(self, session: AsyncSession, *, steal: bool = False) -> bool:
        if not self._database.is_sqlite:
            # Whoever sleeps in here is ended by the server, or nobody could ever take over.
            await _execute(session, text("SET LOCAL lock_timeout = '2s'"))
            patience = int(self.lease.lasting.total_seconds() * 500)
            await _execute(session, text(f"SET LOCAL idle_in_transaction_session_timeout = {patience}"))
        return await self.lease.hold(session, steal=steal)

    async def _seal_batch(self, session: AsyncSession, safe: int, *, steal: bool) -> int:
        if not await self._held(session, steal=steal):
            return 0
        state = await self._state(session)
        seq, last = (state.seq, state.seal) if state else (0, chain.START)
        unsealed = select(*CONTENT).where(_TABLE.c.seq.is_(None), _TABLE.c.id <= safe)
        found = (await _execute(session, unsealed.order_by(_TABLE.c.id).limit(self._pace.size))).mappings().all()
        key = self._keys.current
        sealed = []
        for row in found:
            seq += 1
            last = chain.seal(key, last, body(seq, tuple(content(row).values())))
            sealed.append({"key": row["id"], "seq": seq, "seal": last, "seal_key": key.id})
        if not sealed:
            return 0
        await _seal_rows(session, sealed)
        now = {"seq": seq, "seal": last, "tail": chain.tail(key, seq, last), "seal_key": key.id}
        if state is None:
            await _execute(session, insert(ChainRow).values(id=1, **now))
        else:
            await _execute(session, update(ChainRow).where(col(ChainRow.id) == 1).values(now))
        reach("audit.sealing")
        return len(sealed)

    async def _state(self, session: AsyncSession) -> ChainRow | None:
        """Give where the chain ends: by its own row, so that rows cut off leave a hole that shows."""
        state = await session.get(ChainRow, 1)
        if state is None:
            newest = select(AuditRow).where(col(AuditRow.seq).is_not(None)).order_by(col(AuditRow.seq).desc()).limit(1)
            row = (await session.exec(newest)).first()
            if row is not None:
                log.error("audit.chain_state_missing", mend="run: dinghr audit verify")
                made = ChainRow(id=1, seq=row.seq or 0, seal=row.seal or b"", tail=b"", seal_key=row.seal_key or "")
                session.add(made)
                await session.flush()
                return made
        return state

    # --- heads --------------------------------------------------------------------------------------------------------

    async def publish(self, *, now: bool = False, steal: bool = False) -> list[Head]:
        """Make the heads that are due, and write to the file whatever it lacks; gives the new heads.

        A head is due once a day, when many rows have come since the last, and `now`. Raises `Tampered`.
        """
        made: list[Head] = []
        while (head := await self._next_head(now=now)) is not None:
            async with self._database.transaction() as session:
                if not await self._held(session, steal=steal):
                    break
                newest = await last_head(session)
                if (newest.number if newest else 0) + 1 != head.number:
                    break
                session.add(
                    HeadRow(
                        number=head.number,
                        day=head.day,
                        at=datetime.fromisoformat(head.at),
                        first=head.first,
                        last=head.last,
                        root=head.root,
                        seal=head.seal,
                        previous=head.previous,
                        digest=head.digest,
                    )
                )
            reach("audit.head_kept")
            made.append(head)
        await self._write_file()
        return made

    async def _next_head(self, *, now: bool) -> Head | None:
        async with self._database.read() as session:
            before = await last_head(session)
            state = await session.get(ChainRow, 1)
            first = before.last + 1 if before else 1
            if state is None or state.seq < first:
                return None
            at = self._clock.now()
            due = before is None or _period(before.at) != _period(at)
            if not (now or due or state.seq - first + 1 >= MOST):
                return None
            last = min(state.seq, first + MOST - 1)
            tree, seal = Tree(), before.seal if before else chain.START
            while tree.size < last - first + 1:
                seal = await self._grow(session, tree, seal, first + tree.size, last)
        number, previous = (before.number + 1, before.digest) if before else (1, NOTHING)
        return Head(number, company_day(at), chain.instant(at), first, last, tree.root(), seal, previous)

    async def _grow(self, session: AsyncSession, tree: Tree, seal: bytes, first: int, last: int) -> bytes:
        """Put the next rows under a head, verified; gives the last one's seal."""
        rows = await sealed_rows(session, first, min(last, first + 999))
        for offset, row in enumerate(rows):
            key, written = self._keys.of(row["seal_key"]), body(first + offset, tuple(content(row).values()))
            seal = chain.seal(key, seal, written)
            if (row["seq"], row["seal"]) != (first + offset, seal):
                raise Tampered(f"sequence {first + offset}")
            tree.add(chain.leaf(chain.salt(key, row["seq"]), written))
        if not rows:
            raise Tampered(f"sequence {first}")
        return seal

    async def _write_file(self) -> None:
        if self._head_file is None:
            return
        number = last_in_file(self._head_file)
        async with self._database.read() as session:
            missing = [Head.of_row(row) for row in await heads_after(session, number)]
        if missing:
            append_heads(self._head_file, missing)

    async def stop(self) -> None:
        """Let another process lead."""
        if self.lease.token is not None:
            async with self._database.transaction() as session:
                await self.lease.release(session)


async def _execute(session: AsyncSession, statement: Any) -> Any:
    """Carry a Core statement out in a session's transaction."""
    return await (await session.connection()).execute(statement)


async def sealed_rows(session: AsyncSession, first: int, last: int) -> Sequence[Any]:
    """Give the rows of a range of the chain, in order."""
    columns = (*CONTENT, _TABLE.c.seq, _TABLE.c.seal, _TABLE.c.seal_key)
    wanted = select(*columns).where(_TABLE.c.seq.between(first, last)).order_by(_TABLE.c.seq)
    rows: Sequence[Any] = (await _execute(session, wanted)).mappings().all()
    return rows


def _period(at: datetime) -> Any:
    """Give the day that an instant's head belongs to: one lasts from cut to cut."""
    return company_day(at - CUT)


def _lost(error: DBAPIError) -> bool:
    """Tell whether another process is writing under the lease at this moment."""
    return str(getattr(error.orig, "sqlstate", "") or "") == LOCK_NOT_AVAILABLE
