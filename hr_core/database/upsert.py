"""`INSERT … ON CONFLICT`: both databases know it, SQLAlchemy has one of its own for each."""

from typing import Any

from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession


def insert_into(table: type[SQLModel], where: AsyncSession | str) -> Any:
    """Give the INSERT into a table for a session's database, or for a dialect's name.

    An installation works on one database: the other dialect, 2 to 5 MB, isn't loaded.
    """
    dialect = where if isinstance(where, str) else where.get_bind().dialect.name
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite  # noqa: PLC0415

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415

    return postgresql.insert(table)
