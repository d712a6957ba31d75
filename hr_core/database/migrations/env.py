"""Alembic's entry: runs on the connection that `hr_core.database.migrate` hands over."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import DateTime, Integer, String
from sqlalchemy.types import TypeDecorator

from hr_core.database.types import Row


def plain_types(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write a column's plain type: a migration must not change when the class it came from does."""
    if kind == "type" and isinstance(item, TypeDecorator):
        plain = item.impl_instance
        if isinstance(plain, DateTime):
            return f"sa.DateTime(timezone={plain.timezone})"
        if isinstance(plain, String):
            return f"sa.String({plain.length or ''})"
        if isinstance(plain, Integer):
            return "sa.Integer()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Row.metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=plain_types,
)
with context.begin_transaction():
    context.run_migrations()
