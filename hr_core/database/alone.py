"""Who works on a database: several robots on PostgreSQL, one on SQLite, and nobody beside whoever copies it.

On PostgreSQL an advisory lock of a connection that stays open, shared among robots; on SQLite a lock on a file beside
the database. Both end with the process, however it ends.
"""

import fcntl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import text

from hr_core.database.engine import Database, is_away

_LOCK = 0x64696E676872  # "dinghr"
_TURN = 0x64696E67687201


class NotAlone(Exception):
    """Somebody else works on this database."""


@asynccontextmanager
async def alone(database: Database, *, among_robots: bool = False) -> AsyncIterator[None]:
    """Hold the database, for oneself or `among_robots`, which PostgreSQL lets work together; raises `NotAlone`."""
    if database.is_sqlite:
        with Path(f"{database.url.database}.lock").open("w") as file:  # noqa: ASYNC230 - once, at start
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise NotAlone from error
            yield
        return
    async with database.engine.connect() as connection:
        how = "pg_try_advisory_lock_shared" if among_robots else "pg_try_advisory_lock"
        locked = await connection.scalar(text(f"select {how}(:key)"), {"key": _LOCK})
        await connection.commit()
        if not locked:
            raise NotAlone
        try:
            yield
        finally:  # The pool may keep the connection, and with it the lock.
            try:
                await connection.execute(text("select pg_advisory_unlock_all()"))
                await connection.commit()
            except Exception as error:
                if not is_away(error):  # A connection that was cut meanwhile has taken its lock along.
                    raise


@asynccontextmanager
async def in_turn(database: Database) -> AsyncIterator[None]:
    """Prepare a database one process after another: replicas that start at once would each make its schema.

    SQLite needs none of this, the robot's file lock and the write lock of a migration are enough.
    """
    if database.is_sqlite:
        yield
        return
    async with database.engine.connect() as connection:
        await connection.execute(text("select pg_advisory_lock(:key)"), {"key": _TURN})
        await connection.commit()
        try:
            yield
        finally:
            await connection.execute(text("select pg_advisory_unlock(:key)"), {"key": _TURN})
            await connection.commit()
