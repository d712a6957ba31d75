"""Statements of the hot path, compiled once: what a message costs there is its values, not its SQL.

SQLAlchemy's executemany compiles and converts for every call, about 14 µs a row; here the text, the order of the
values and their converters are kept per dialect, about 2 µs. A list is one value, whatever its length, where `IN`
would be another text, and on PostgreSQL another prepared statement, for each.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from typing import Any

from sqlalchemy import ARRAY, JSON, BindParameter, ColumnElement, Dialect, any_, bindparam, func, select
from sqlalchemy.sql import Delete, Insert, Select, Update
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.database.upsert import insert_into

Convert = Callable[[Any], Any]
Statement = Insert | Update | Delete | Select[Any]


class Kept:
    """A statement whose every value is a bound parameter, kept as text for each dialect."""

    def __init__(self, make: Callable[[str], Statement]) -> None:
        """Take what makes the statement for a dialect's name."""
        self._make = make
        self._compiled: dict[str, tuple[str, tuple[tuple[str, Convert | None], ...]]] = {}
        self._made: dict[str, list[Convert | None]] = {}

    def _text(self, dialect: Dialect) -> tuple[str, tuple[tuple[str, Convert | None], ...]]:
        if dialect.name not in self._compiled:
            compiled = self._make(dialect.name).compile(dialect=dialect)
            names = compiled.positiontup or list(compiled.binds)
            order = tuple((name, compiled.binds[name].type._cached_bind_processor(dialect)) for name in names)
            self._compiled[dialect.name] = str(compiled), order
            self._made[dialect.name] = [
                column.type._cached_result_processor(dialect, None) for column in compiled._result_columns
            ]
        return self._compiled[dialect.name]


class Batch(Kept):
    """An INSERT or UPDATE that is called with rows of values by name."""

    async def __call__(self, session: AsyncSession, rows: Sequence[Mapping[str, Any]], **same: Any) -> bool:
        """Carry the statement out for each row, in their order; True when it is known to have changed one for each.

        `same` are values that all rows have.
        """
        if not rows:
            return True
        connection = await session.connection()
        text, order = self._text(connection.dialect)
        columns = (
            repeat(same[name] if to is None else to(same[name]), len(rows))
            if name in same
            else [row[name] for row in rows]
            if to is None
            else [to(row[name]) for row in rows]
            for name, to in order
        )
        changed = (await connection.exec_driver_sql(text, list(zip(*columns, strict=True)))).rowcount
        return changed == len(rows)


class Asked(Kept):
    """A statement that gives rows, called with its values by name; rows hold what their columns' types make of them."""

    async def __call__(self, session: AsyncSession, **values: Any) -> list[Any]:
        """Carry it out and give its rows."""
        connection = await session.connection()
        text, order = self._text(connection.dialect)
        given = tuple(values[name] if to is None else to(values[name]) for name, to in order)
        rows = await connection.exec_driver_sql(text, given)
        made = self._made[connection.dialect.name]
        if not any(made):
            return list(rows)
        return [tuple(one if to is None else to(one) for one, to in zip(row, made, strict=True)) for row in rows]


def insert_new(table: type[SQLModel], names: Sequence[str], *, unless: str | None = None) -> Batch:
    """Give the INSERT of these columns; rows that exist already by the unique column `unless` are left alone."""

    def make(dialect: str) -> Insert:
        statement = insert_into(table, dialect).values({name: value(table, name) for name in names})
        made: Insert = statement.on_conflict_do_nothing(index_elements=[unless]) if unless else statement
        return made

    return Batch(make)


def value(table: type[SQLModel], name: str, *, called: str = "") -> BindParameter[Any]:
    """Give a parameter of a column's type; `called` names it otherwise, as an UPDATE's key must be."""
    return bindparam(called or name, type_=table.__table__.c[name].type)  # type: ignore[attr-defined]


def among(column: Any, called: str, dialect: str) -> ColumnElement[bool]:
    """Give the condition that a column is one of a list of values, which is a single parameter."""
    condition: ColumnElement[bool]
    if dialect == "sqlite":
        listed = func.json_each(bindparam(called, type_=JSON())).table_valued("value")
        condition = column.in_(select(listed.c.value))
    else:
        condition = column == any_(bindparam(called, type_=ARRAY(column.type)))
    return condition
