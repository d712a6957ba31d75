"""One database's rows into another: how an installation on SQLite moves to PostgreSQL.

Tables go in the order of their foreign keys, rows in the order of their primary keys, each chunk in a transaction of
its own. So what the target has of a table is the beginning of it, and a copy that was killed goes on behind its last
row. From before its schema is made until every row is compared, the target says that it is half a copy.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from sqlalchemy import Column, MetaData, String, Table, delete, func, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from hr_core.database.engine import Database
from hr_core.database.types import Row

CHUNK = 500
"""Rows a transaction."""

Told = Callable[[str, str, int, int], None]
"""Hears how far it is: what is done ("copy" or "compare"), the table, rows so far, rows in all."""

_half = Table("half_copied", MetaData(), Column("source", String, primary_key=True))


class SourceChanged(Exception):
    """The target holds more rows than the source: it was copied from an earlier state of it."""


class NotTaken(Exception):
    """The target doesn't take a row; says which, never what is in it."""

    def __init__(self, table: str, key: str, reason: str) -> None:
        super().__init__(f"table {table}, row {key}: {reason}")


@dataclass(frozen=True, slots=True)
class Difference:
    """The first row that isn't the same on both sides, by its primary key; values are nobody's business."""

    table: str
    key: str
    columns: tuple[str, ...] = ()
    """Which columns differ; none where the row stands on one side only."""
    missing: bool = False
    """Whether it stands in the source only."""

    def __str__(self) -> str:
        if self.columns:
            return f"table {self.table}, row {self.key}: {', '.join(self.columns)} differs"
        return f"table {self.table}, row {self.key}: {'is missing' if self.missing else 'is not in the source'}"


def tables() -> Sequence[Table]:
    """Give every table, those that others refer to first."""
    return Row.metadata.sorted_tables


# --- the mark of a half copy ------------------------------------------------------------------------------------------


async def half_copied_from(database: Database) -> str | None:
    """Give the source of a copy that hasn't come to its end."""
    async with database.engine.connect() as connection:
        if not await connection.run_sync(lambda c: inspect(c).has_table(_half.name)):
            return None
        found: str | None = (await connection.execute(select(_half.c.source))).scalar()
        return found


async def begin(target: Database, source: str) -> None:
    """Mark the target as half a copy and empty its tables: nothing in it may be worth keeping."""
    async with target.engine.begin() as connection:
        await connection.run_sync(_half.create)
        await connection.execute(_half.insert().values(source=source))
        there = set(await connection.run_sync(lambda c: inspect(c).get_table_names()))
        await _clear(connection, [table for table in tables() if table.name in there])


async def start_over(target: Database) -> None:
    """Forget the rows of a half copy."""
    async with target.engine.begin() as connection:
        await _clear(connection, tables())


async def end(target: Database) -> None:
    """Let new rows be numbered behind those that were copied, and the target be a database like any other."""
    async with target.engine.begin() as connection:
        if not target.is_sqlite:
            for table in tables():
                await _follow(connection, table)
        await connection.run_sync(_half.drop)


async def _clear(connection: AsyncConnection, which: Sequence[Table]) -> None:
    """Empty tables, also those whose triggers let nothing be removed: a half copy is nobody's log."""
    own = connection.dialect.name == "postgresql"
    for table in reversed(which):
        name = connection.dialect.identifier_preparer.format_table(table)
        if own:
            await connection.execute(text(f"ALTER TABLE {name} DISABLE TRIGGER USER"))
        await connection.execute(delete(table))
        if own:
            await connection.execute(text(f"ALTER TABLE {name} ENABLE TRIGGER USER"))


async def _follow(connection: AsyncConnection, table: Table) -> None:
    column = table.autoincrement_column
    if column is None:
        return
    name = connection.dialect.identifier_preparer.format_table(table)
    sequence = await connection.scalar(select(func.pg_get_serial_sequence(name, column.name)))
    if sequence is not None:
        highest = select(func.coalesce(func.max(column), 0) + 1).scalar_subquery()
        await connection.execute(select(func.setval(sequence, highest, False)))


async def contents(database: Database) -> dict[str, int]:
    """Count the rows of every table that is there, ours or not."""
    async with database.engine.connect() as connection:
        names = await connection.run_sync(lambda c: inspect(c).get_table_names())
        counted = {}
        for name in names:
            counted[name] = await _count(connection, Table(name, MetaData()))
        return counted


# --- copying ----------------------------------------------------------------------------------------------------------


async def copy_rows(source: Database, target: Database, told: Told) -> Mapping[str, int]:
    """Copy what the target doesn't have yet and give the number of rows by table.

    Raises `NotTaken` for a row that the target refuses: one too long for it, or one that stands in the way of an older
    copy.
    """
    counted: dict[str, int] = {}
    async with source.read() as reading:
        connection = await reading.connection()
        for table in tables():
            counted[table.name] = total = await _count(connection, table)
            async with target.read() as session:
                done = await _count(await session.connection(), table)
            if done > total:
                raise SourceChanged
            told("copy", table.name, done, total)
            async for chunk in _chunks(connection, table, after=done):
                await _insert(target, table, chunk)
                done += len(chunk)
                told("copy", table.name, done, total)
    return counted


async def _insert(target: Database, table: Table, chunk: Sequence[Any]) -> None:
    values = [{column.key: row._mapping[column] for column in table.c} for row in chunk]
    try:
        async with target.transaction() as session:
            await (await session.connection()).execute(table.insert(), values)
    except DBAPIError as error:
        raise await _refused(target, table, values) or error from None


async def _refused(target: Database, table: Table, values: list[dict[str, Any]]) -> NotTaken | None:
    """Find the row of a chunk that the target doesn't take, and why; nothing of it is kept."""
    async with target.engine.connect() as connection:
        for row in values:
            try:
                async with connection.begin_nested():
                    await connection.execute(table.insert(), row)
            except DBAPIError as refusal:
                reason = getattr(refusal.orig, "__cause__", None) or refusal
                return NotTaken(table.name, _key_text(table, row), type(reason).__name__)
    return None


# --- comparing --------------------------------------------------------------------------------------------------------


async def first_difference(source: Database, target: Database, told: Told) -> Difference | None:
    """Compare every row of every table, value by value; None when all are the same."""
    async with source.read() as one, target.read() as other:
        left, right = await one.connection(), await other.connection()
        for table in tables():
            total, done = await _count(left, table), 0
            copied = _chunks(right, table)
            async for chunk in _chunks(left, table):
                same = await anext(copied, None)
                if difference := _compared(table, chunk, same or ()):
                    return difference
                done += len(chunk)
                told("compare", table.name, done, total)
            async for extra in copied:
                return _compared(table, (), extra)
    return None


def _compared(table: Table, ours: Sequence[Any], theirs: Sequence[Any]) -> Difference | None:
    if [tuple(row) for row in ours] == [tuple(row) for row in theirs]:
        return None
    for one, other in zip_longest(ours, theirs):
        if one is not None and other is not None and tuple(one) == tuple(other):
            continue
        here, there = _key(table, one), _key(table, other)
        if here is not None and here == there:
            differing = tuple(column.name for column in table.c if one._mapping[column] != other._mapping[column])
            return Difference(table.name, _key_text(table, one._mapping), differing)
        missing = there is None or (here is not None and here < there)
        return Difference(table.name, _key_text(table, (one if missing else other)._mapping), missing=missing)
    return None


def _key(table: Table, row: Any) -> tuple[Any, ...] | None:
    return None if row is None else tuple(row._mapping[column] for column in table.primary_key)


def _key_text(table: Table, row: Mapping[Any, Any]) -> str:
    return ", ".join(f"{column.name}={row[column.key]}" for column in table.primary_key)


# --- reading ----------------------------------------------------------------------------------------------------------


async def _count(connection: AsyncConnection, table: Table) -> int:
    return await connection.scalar(select(func.count()).select_from(table)) or 0


async def _chunks(connection: AsyncConnection, table: Table, after: int = 0) -> AsyncIterator[Sequence[Any]]:
    """Give a table's rows by primary key, the same order on both stores: text by its bytes."""
    by_bytes = connection.dialect.name == "postgresql"
    order = [
        column.collate("C") if by_bytes and isinstance(column.type, String) else column for column in table.primary_key
    ]
    result = await connection.stream(select(table).order_by(*order).offset(after or None))
    try:
        async for chunk in result.partitions(CHUNK):
            yield chunk
    finally:
        await result.close()
