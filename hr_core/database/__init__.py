"""The store: engines, the transaction, column types, and one schema history for SQLite and PostgreSQL."""

from hr_core.database.engine import Database, open_database
from hr_core.database.types import NAMING, Thousandths

__all__ = ["NAMING", "Database", "Thousandths", "open_database"]
