"""Sealing anew what lies under old keys: in chunks, each its own short transaction, resumable without a note of where
it was, since a value's first bytes tell its key.

A chunk is read and sealed outside the transaction and written only where nobody has changed the value in between.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import LargeBinary, Table, func, select, update

from hr_core.database import Database
from hr_core.failpoints import reach
from hr_core.vault.columns import SEALED, SealedColumn
from hr_core.vault.vault import HEADER, SealBroken, Vault

CHUNK = 200


@dataclass(frozen=True, slots=True)
class Progress:
    """What a chunk did: `done` values of one column so far, `broken` ones that don't open and were left alone."""

    column: str
    done: int
    broken: int


async def reseal(database: Database, vault: Vault, chunk: int = CHUNK) -> AsyncIterator[Progress]:
    """Seal every value anew that isn't under its class's active key."""
    for column in SEALED:
        done = broken = 0
        last: Any = None
        while True:
            rows = await _stale(database, vault, column, last, chunk)
            if not rows:
                break
            last = rows[-1][0]
            changes = []
            for key, old in rows:
                place = column.place(key)
                try:
                    changes.append((key, old, vault.seal(vault.open(old, *place), *place)))
                except SealBroken:
                    broken += 1
            done += await _write(database, column, changes)
            reach("vault.chunk_resealed")
            yield Progress(column.name, done, broken)


async def count_under(database: Database, headers: list[bytes]) -> int:
    """Count the values sealed under these keys, in every column."""
    total = 0
    async with database.read() as session:
        connection = await session.connection()
        for column in SEALED:
            table, value, _ = _columns(column)
            head = func.substr(value, 1, HEADER, type_=LargeBinary)
            query = select(func.count()).select_from(table).where(value.is_not(None), head.in_(headers))
            total += (await connection.execute(query)).scalar() or 0
    return total


async def _stale(database: Database, vault: Vault, column: SealedColumn, last: Any, chunk: int) -> list[Any]:
    _, value, key = _columns(column)
    current = vault.current_header(column.place(None)[0])
    query = select(key, value).where(value.is_not(None), func.substr(value, 1, HEADER, type_=LargeBinary) != current)
    if last is not None:
        query = query.where(key > last)
    async with database.read() as session:
        connection = await session.connection()
        return list((await connection.execute(query.order_by(key).limit(chunk))).all())


async def _write(database: Database, column: SealedColumn, changes: list[tuple[Any, bytes, bytes]]) -> int:
    table, value, key = _columns(column)
    done = 0
    async with database.transaction() as session:
        connection = await session.connection()
        for row, old, new in changes:
            written = await connection.execute(update(table).where(key == row, value == old).values({value: new}))
            done += written.rowcount
    return done


def _columns(column: SealedColumn) -> tuple[Table, Any, Any]:
    table: Table = column.table.__table__  # type: ignore[attr-defined]
    return table, table.c[column.column], table.c[column.key]
