"""SQLite under asyncio without a thread change for every statement.

aiosqlite hands each call to a thread of its own and back, which costs more than most statements do: they find their
pages in memory and take microseconds. Here statements run where they are asked for; what can wait for the disk or for
another process' writing (COMMIT, the first look at the file, a BEGIN IMMEDIATE that finds the lock taken) still goes
to the thread.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, TypeVar

import aiosqlite

T = TypeVar("T")
_BEGIN = "BEGIN IMMEDIATE"
_MAY_WAIT = (_BEGIN, "PRAGMA", "COMMIT", "VACUUM")


class InlineConnection(aiosqlite.Connection):
    """An aiosqlite connection whose quick calls stay on the event loop's thread."""

    async def _execute(self, fn: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        if not self._running or not self._connection:
            raise ValueError("Connection closed")
        statement = args[0] if args and isinstance(args[0], str) else ""
        if statement == _BEGIN:
            with suppress(sqlite3.OperationalError), self._impatient(self._connection):
                return fn(*args, **kwargs)
        if fn.__name__ == "commit" or statement.startswith(_MAY_WAIT):
            result: T = await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
            return result
        return fn(*args, **kwargs)

    @staticmethod
    @contextmanager
    def _impatient(connection: sqlite3.Connection) -> Iterator[None]:
        """Let a lock that is taken be an error at once rather than a wait of the whole loop."""
        patience = connection.execute("PRAGMA busy_timeout").fetchone()[0]
        connection.execute("PRAGMA busy_timeout = 0")
        try:
            yield
        finally:
            connection.execute(f"PRAGMA busy_timeout = {patience}")


def connect(database: str, **options: Any) -> InlineConnection:
    """Open a file as `aiosqlite.connect` does."""
    return InlineConnection(partial(sqlite3.connect, database, **{**options, "check_same_thread": False}), 64)
