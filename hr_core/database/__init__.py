"""The store: engines, the transaction, column types, and one schema history for SQLite and PostgreSQL."""

from hr_core.database.engine import Database, DatabaseAway, at_last, once_durable, open_database
from hr_core.database.types import Row, Thousandths

__all__ = ["Database", "DatabaseAway", "Row", "Thousandths", "at_last", "once_durable", "open_database"]
