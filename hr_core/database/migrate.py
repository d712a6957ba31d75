"""Brings a database to this version's schema; an empty one gets all of it.

Alembic is loaded where there is something to migrate: a robot that finds its schema doesn't carry it.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, column, inspect, select, table

from hr_core.database.engine import Database

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
_VERSION = table("alembic_version", column("version_num"))


class NewerSchema(Exception):
    """The database has a revision that this version doesn't know."""


def alembic_config(connection: Connection | None = None) -> "Config":
    """Give Alembic's configuration for one open connection."""
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


async def upgrade(database: Database, revision: str = "head") -> tuple[str | None, str | None]:
    """Upgrade to `revision` and give the revisions before and after; the same one twice means nothing was due.

    Raises `NewerSchema`.
    """

    def _upgrade(connection: Connection) -> tuple[str | None, str | None]:
        before = current(connection)
        if before != head():
            _migrate(connection, revision)
        return before, current(connection)

    async with database.engine.begin() as connection:
        return await connection.run_sync(_upgrade)


def _migrate(connection: Connection, revision: str) -> None:
    from alembic import command  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    try:
        command.upgrade(alembic_config(connection), revision)
    except CommandError as error:
        raise NewerSchema from error


def current(connection: Connection) -> str | None:
    """Give the revision a database has; None where it has none yet."""
    if not inspect(connection).has_table(_VERSION.name):
        return None
    found: str | None = connection.execute(select(_VERSION.c.version_num)).scalar()
    return found


def head() -> str:
    """Give the newest revision this version knows: their files are numbered."""
    return max(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


async def is_empty(database: Database) -> bool:
    """Tell whether the database has no table at all: only then may a new key be made for it."""
    async with database.engine.connect() as connection:
        return not await connection.run_sync(lambda c: inspect(c).get_table_names())
