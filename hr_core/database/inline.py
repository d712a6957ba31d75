"""SQLite under asyncio without a thread change for every statement.

aiosqlite hands each call to a thread of its own and back, which costs more than most statements do: they find their
pages in memory and take microseconds. Here statements run where they are asked for; what can wait for the disk or for
another writer (BEGIN IMMEDIATE, COMMIT, the first look at the file) still goes to the thread.
"""

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import aiosqlite

T = TypeVar("T")
_MAY_WAIT = ("BEGIN IMMEDIATE", "PRAGMA", "COMMIT", "VACUUM")


class InlineConnection(aiosqlite.Connection):
    """An aiosqlite connection whose quick calls stay on the event loop's thread."""

    async def _execute(self, fn: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        if not self._running or not self._connection:
            raise ValueError("Connection closed")
        statement = args[0] if args and isinstance(args[0], str) else ""
        if fn.__name__ == "commit" or statement.startswith(_MAY_WAIT):
            result: T = await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
            return result
        return fn(*args, **kwargs)


def connect(database: str, **options: Any) -> InlineConnection:
    """Open a file as `aiosqlite.connect` does."""
    return InlineConnection(partial(sqlite3.connect, database, **{**options, "check_same_thread": False}), 64)
