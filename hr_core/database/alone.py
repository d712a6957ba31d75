"""One robot at a time on one database: two would send each message twice, until rows are leased.

On PostgreSQL an advisory lock of a connection that stays open, on SQLite a lock on a file beside the database: both end
with the process, however it ends.
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
    """Another robot works on this database."""


@asynccontextmanager
async def alone(database: Database) -> AsyncIterator[None]:
    """Hold the database for this robot; raises `NotAlone`."""
    if database.is_sqlite:
        with Path(f"{database.url.database}.lock").open("w") as file:  # noqa: ASYNC230 - once, at start
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise NotAlone from error
            yield
        return
    async with database.engine.connect() as connection:
        locked = await connection.scalar(text("select pg_try_advisory_lock(:key)"), {"key": _LOCK})
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
