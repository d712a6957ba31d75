"""The wrapped data keys in the database, and their lives: announced, active, old, retired.

A new key is announced before it is used, so that every replica knows it by the time the first value sealed with it
arrives; a retired one is gone for good, and a value under it with it.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, LargeBinary, text
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.clock import Clock
from hr_core.database import Row
from hr_core.vault.classes import DataClass
from hr_core.vault.keys import MasterKeys, WrappedKey, first_keys, new_data_key, wrap


class KeyStatus(StrEnum):
    """Where a data key is in its life."""

    ANNOUNCED = "announced"
    ACTIVE = "active"
    OLD = "old"
    RETIRED = "retired"


_ACTIVE = text("status = 'active'")


class DataKeyRow(Row, table=True):
    """A data key, wrapped by the master key that `master` names; a retired one is empty. One a class is active."""

    __tablename__ = "data_key"
    __table_args__ = (
        Index("uq_data_key_active", "data_class", unique=True, sqlite_where=_ACTIVE, postgresql_where=_ACTIVE),
    )
    id: int = Field(primary_key=True)
    data_class: str = Field(max_length=16)
    status: str = Field(max_length=16)
    master: str = Field(max_length=8)
    wrapped: bytes | None = Field(default=None, sa_type=LargeBinary)
    created_at: datetime
    since: datetime
    """Since when it has its status."""


class KeyStore:
    """Reads and changes the wrapped keys."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def rows(self) -> list[DataKeyRow]:
        """Give every key, oldest first."""
        query = select(DataKeyRow).order_by(col(DataKeyRow.created_at), col(DataKeyRow.id))
        return list(await self._session.exec(query))

    async def keys(self) -> list[WrappedKey]:
        """Give the keys that open something, as the vault takes them."""
        return [_key(row, row.wrapped) for row in await self.rows() if row.wrapped is not None]

    async def complete(self, master: bytes, clock: Clock) -> list[WrappedKey]:
        """Give the keys, making one for each class that has none yet: at the first start, or after an upgrade."""
        rows = await self.rows()
        missing = {one.value for one in DataClass} - {row.data_class for row in rows}
        for key in first_keys(master) if missing else ():
            if key.data_class in missing:
                self._add(key, KeyStatus.ACTIVE, clock)
        await self._session.flush()
        return await self.keys()

    async def announce(self, master: bytes, clock: Clock) -> int:
        """Make a new key for every class, not used yet; gives how many. Those announced before are kept."""
        rows = await self.rows()
        waiting = {row.data_class for row in rows if row.status == KeyStatus.ANNOUNCED}
        classes = [one for one in DataClass if one.value not in waiting]
        for one in classes:
            self._add(new_data_key(master, one, active=False), KeyStatus.ANNOUNCED, clock)
        return len(classes) + len(waiting)

    async def activate(self, clock: Clock) -> int:
        """Let new values be sealed with what was announced; what was used until now is old."""
        rows = await self.rows()
        announced = [row for row in rows if row.status == KeyStatus.ANNOUNCED]
        classes = {row.data_class for row in announced}
        for row in rows:
            if row.status == KeyStatus.ACTIVE and row.data_class in classes:
                self._move(row, KeyStatus.OLD, clock)
        await self._session.flush()
        for row in announced:
            self._move(row, KeyStatus.ACTIVE, clock)
        return len(announced)

    async def old(self) -> list[DataKeyRow]:
        """Give the keys that nothing new is sealed with and that may go: the audit chain's stay."""
        rows = await self.rows()
        return [row for row in rows if row.status == KeyStatus.OLD and row.data_class != DataClass.AUDIT]

    def retire(self, rows: Iterable[DataKeyRow], clock: Clock) -> None:
        """Destroy keys. Whoever calls this has made sure that nothing is sealed with them."""
        for row in rows:
            row.wrapped = None
            self._move(row, KeyStatus.RETIRED, clock)

    async def rewrap(self, masters: MasterKeys) -> int:
        """Wrap by the first master key every data key that isn't yet; raises `WrongMasterKey`.

        No sealed value changes.
        """
        count = 0
        for row in await self.rows():
            if row.wrapped is None or row.master == masters.ids[0]:
                continue
            clear = masters.unwrap(_key(row, row.wrapped))
            row.wrapped = wrap(masters.first, row.id, row.data_class, clear, active=True).wrapped
            row.master = masters.ids[0]
            self._session.add(row)
            count += 1
        return count

    def _add(self, key: WrappedKey, status: KeyStatus, clock: Clock) -> None:
        now = clock.now()
        self._session.add(
            DataKeyRow(
                id=key.id,
                data_class=key.data_class,
                status=status.value,
                master=key.master,
                wrapped=key.wrapped,
                created_at=now,
                since=now,
            )
        )

    def _move(self, row: DataKeyRow, status: KeyStatus, clock: Clock) -> None:
        row.status, row.since = status.value, clock.now()
        self._session.add(row)


def _key(row: DataKeyRow, wrapped: bytes) -> WrappedKey:
    return WrappedKey(row.id, row.data_class, wrapped, row.master, row.status == KeyStatus.ACTIVE)
