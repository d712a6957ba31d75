"""Brings a database to this version's schema; an empty one gets all of it."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from hr_core.database.engine import Database

MIGRATIONS = Path(__file__).parent / "migrations"


def alembic_config(connection: Connection | None = None) -> Config:
    """Give Alembic's configuration for one open connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


async def upgrade(database: Database, revision: str = "head") -> tuple[str | None, str | None]:
    """Upgrade to `revision` and give the revisions before and after; the same one twice means nothing was due."""

    def _upgrade(connection: Connection) -> tuple[str | None, str | None]:
        before = MigrationContext.configure(connection).get_current_revision()
        if before != head():
            command.upgrade(alembic_config(connection), revision)
        return before, MigrationContext.configure(connection).get_current_revision()

    async with database.engine.begin() as connection:
        return await connection.run_sync(_upgrade)


def head() -> str | None:
    """Give the newest revision this version knows."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


async def is_empty(database: Database) -> bool:
    """Tell whether the database has no table at all: only then may a new key be made for it."""
    async with database.engine.connect() as connection:
        return not await connection.run_sync(lambda c: inspect(c).get_table_names())
