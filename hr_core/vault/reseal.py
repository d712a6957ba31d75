"""Sealing anew what lies under old keys, and computing anew the blind indexes under them: in chunks, each its own short
transaction, resumable without a note of where it was, since a value's first bytes tell its key.

A chunk is read and sealed outside the transaction and written only where nobody has changed the value in between.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import LargeBinary, Table, func, select, update

from hr_core.database import Database
from hr_core.failpoints import reach
from hr_core.vault.columns import INDEXED, SEALED, IndexedColumn, SealedColumn
from hr_core.vault.vault import HEADER, SealBroken, Vault

CHUNK = 200


@dataclass(frozen=True, slots=True)
class Progress:
    """What a chunk did: `done` values of one column so far, `broken` ones that don't open and were left alone."""

    column: str
    done: int
    broken: int


async def reseal(database: Database, vault: Vault, chunk: int = CHUNK) -> AsyncIterator[Progress]:
    """Seal every value anew that isn't under its class's active key, then compute the indexes that aren't."""
    for column in SEALED:
        async for progress in _anew(database, vault, _Sealed(vault, column), chunk):
            yield progress
    for index in INDEXED:
        async for progress in _anew(database, vault, _Indexed(vault, index), chunk):
            yield progress


async def _anew(database: Database, vault: Vault, work: "_Sealed | _Indexed", chunk: int) -> AsyncIterator[Progress]:
    done = broken = 0
    last: Any = None
    while rows := await _stale(database, work, last, chunk):
        last = rows[-1][0]
        changes = []
        for key, old, beside in rows:
            try:
                changes.append((key, old, work.new(key, old, beside)))
            except SealBroken:
                broken += 1
        done += await _write(database, work, changes)
        reach("vault.chunk_resealed")
        yield Progress(work.name, done, broken)


class _Sealed:
    """A sealed column: a new value is the old one opened and sealed."""

    def __init__(self, vault: Vault, column: SealedColumn) -> None:
        self._vault, self._place = vault, column.place
        self.name = column.name
        self.current = vault.current_header(column.place(None)[0])
        self.table, self.value, self.key = _columns(column)
        self.beside = self.value

    def new(self, key: Any, old: bytes, _beside: bytes) -> bytes:
        place = self._place(key)
        return self._vault.seal(self._vault.open(old, *place), *place)


class _Indexed:
    """A column of blind indexes: a new one is computed of the sealed value beside it."""

    def __init__(self, vault: Vault, index: IndexedColumn) -> None:
        self._vault, self._place, self._kind = vault, index.sealed.place, index.kind
        self.name = index.name
        self.current = vault.indexing
        self.table, self.beside, self.key = _columns(index.sealed)
        self.value = self.table.c[index.column]

    def new(self, key: Any, _old: bytes, beside: bytes | None) -> bytes | None:
        if beside is None:  # What it was of is erased.
            return None
        return self._vault.index(self._kind, self._vault.open(beside, *self._place(key)))


async def count_under(database: Database, headers: list[bytes]) -> int:
    """Count the values sealed under these keys, in every column."""
    total = 0
    async with database.read() as session:
        connection = await session.connection()
        columns = [_columns(column)[:2] for column in SEALED]
        columns += [(_table(index.sealed), _table(index.sealed).c[index.column]) for index in INDEXED]
        for table, value in columns:
            head = func.substr(value, 1, HEADER, type_=LargeBinary)
            query = select(func.count()).select_from(table).where(value.is_not(None), head.in_(headers))
            total += (await connection.execute(query)).scalar() or 0
    return total


async def _stale(database: Database, work: _Sealed | _Indexed, last: Any, chunk: int) -> list[Any]:
    key, value = work.key, work.value
    query = select(key, value, work.beside.label("beside")).where(
        value.is_not(None), func.substr(value, 1, HEADER, type_=LargeBinary) != work.current
    )
    if last is not None:
        query = query.where(key > last)
    async with database.read() as session:
        connection = await session.connection()
        return list((await connection.execute(query.order_by(key).limit(chunk))).all())


async def _write(database: Database, work: _Sealed | _Indexed, changes: list[tuple[Any, bytes, bytes | None]]) -> int:
    done = 0
    async with database.transaction() as session:
        connection = await session.connection()
        for row, old, new in changes:
            mine = update(work.table).where(work.key == row, work.value == old)
            done += (await connection.execute(mine.values({work.value: new}))).rowcount
    return done


def _table(column: SealedColumn) -> Table:
    return column.table.__table__  # type: ignore[attr-defined, no-any-return]


def _columns(column: SealedColumn) -> tuple[Table, Any, Any]:
    table = _table(column)
    return table, table.c[column.column], table.c[column.key]
