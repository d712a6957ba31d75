"""`INSERT … ON CONFLICT`: both databases know it, SQLAlchemy has one of its own for each."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession


def insert_into(table: type[SQLModel], where: AsyncSession | str) -> Any:
    """Give the INSERT into a table for a session's database, or for a dialect's name."""
    dialect = where if isinstance(where, str) else where.get_bind().dialect.name
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
