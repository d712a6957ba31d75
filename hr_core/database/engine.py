"""Two engines over one database: readers beside one writer.

SQLite has a single writer; taking the write lock at BEGIN keeps a transaction from failing halfway (SQLITE_BUSY on
upgrade) and from losing an update. PostgreSQL uses the same two doors; rows are locked where they are changed.
"""

import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import event, make_url
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlmodel import Session
from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.database import inline
from hr_core.failpoints import reach

Hook = Callable[[AsyncSession], Awaitable[None]]

log = structlog.get_logger()

_LAST, _THEN, _BEGAN, _BUSY = "dinghr.at_last", "dinghr.once_durable", "dinghr.began", "dinghr.busy"
_READING, _ASIDE = "dinghr.reading", "dinghr.put_aside"
BUSY_SECONDS = 10
SLOW_MS = float(os.environ.get("DINGHR_SLOW_TRANSACTION_MS") or 50)
"""A write transaction that holds its locks for longer is logged: behind it, clicks wait."""
_SERVER_SETTINGS = {"idle_in_transaction_session_timeout": "10000"}
"""A process that is stopped in the middle of a transaction loses it: its locks would hold everybody up for ever."""
_SQLITE_PRAGMAS = (
    "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_SECONDS * 1000}",
    "temp_store=MEMORY",  # What is sorted is in no file of its own.
)  # fmt: skip


def async_url(url: str) -> URL:
    """Take a database address as people write it (`postgresql://…`, `sqlite:///…`) and name the async driver."""
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend in {"postgres", "postgresql"}:
        return parsed.set(drivername="postgresql+asyncpg")
    if backend == "sqlite":
        return parsed.set(drivername="sqlite+aiosqlite")
    msg = f"DINGHR_DATABASE_URL: {backend!r} is not supported; use sqlite:///FILE or postgresql://…"
    raise ValueError(msg)


class DatabaseAway(Exception):
    """The database can't be reached, is too busy, or doesn't take writes: waiting helps."""


_AWAY = (OperationalError, InterfaceError, PoolTimeout, OSError)
_AWAY_STATES = ("08", "53", "57", "25006")
"""PostgreSQL: connection lost, out of resources, being shut down or started, read-only (how SQLSTATEs begin)."""


_CUT = "InternalClientError"
"""What asyncpg says of a connection that was cut while it waited for an answer."""


def is_away(error: BaseException) -> bool:
    """Tell whether a failure is the database's own and may pass, rather than what was asked of it."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    cause = getattr(error, "orig", None) or error  # At connecting, asyncpg's errors come as they are.
    state = str(getattr(cause, "sqlstate", "") or "")
    return state.startswith(_AWAY_STATES) or type(cause).__name__ == _CUT or isinstance(error, _AWAY)


@contextmanager
def _named() -> Iterator[None]:
    """Give a database that is away one name, whatever the driver calls it."""
    try:
        yield
    except Exception as error:
        if is_away(error):
            raise DatabaseAway(type(error).__name__) from error
        raise


class _Timed(Session):
    """A session that knows since when its transaction holds locks: waiting for the one before isn't its own time."""


@event.listens_for(_Timed, "after_begin")
def _note_begin(session: Session, _transaction: Any, _connection: Any) -> None:
    session.info.setdefault(_BEGAN, time.perf_counter())  # A savepoint is no new beginning.
    session.info.setdefault(_BUSY, time.process_time())


class _TimedSession(AsyncSession):
    """The same for asyncio."""

    sync_session_class = _Timed


class Database:
    """One database: `read()` for queries, `transaction()` for the one short write a message makes."""

    def __init__(self, url: str) -> None:
        self.url = async_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._reader = self._engine(write=False)
        self._writer = self._engine(write=True) if self.is_sqlite else self._reader
        self._read_session = async_sessionmaker(
            self._reader, class_=AsyncSession, expire_on_commit=False, info={_READING: True}
        )
        self._write_session = async_sessionmaker(self._writer, class_=_TimedSession, expire_on_commit=False)

    def _engine(self, *, write: bool) -> AsyncEngine:
        if not self.is_sqlite:
            server = create_async_engine(
                self.url, pool_size=10, max_overflow=10, pool_pre_ping=True, hide_parameters=True,
                connect_args={"server_settings": _SERVER_SETTINGS},
            )  # fmt: skip

            @event.listens_for(server.sync_engine, "handle_error")
            def _broken(context: ExceptionContext) -> None:
                context.is_disconnect = context.is_disconnect or type(context.original_exception).__name__ == _CUT

            return server
        engine = create_async_engine(
            self.url,
            pool_size=1 if write else 5,
            max_overflow=0 if write else 5,
            pool_timeout=60,
            hide_parameters=True,  # An error's text reaches logs; names and numbers mustn't.
            connect_args={"timeout": BUSY_SECONDS, "async_creator_fn": inline.connect},
        )

        @event.listens_for(engine.sync_engine, "connect")
        def _connect(connection: Any, _record: Any) -> None:
            connection.isolation_level = None  # SQLAlchemy says when to begin, not the driver.
            cursor = connection.cursor()
            for pragma in _SQLITE_PRAGMAS:
                cursor.execute("PRAGMA " + pragma)
            cursor.close()

        @event.listens_for(engine.sync_engine, "begin")
        def _begin(connection: Any) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

        return engine

    @property
    def engine(self) -> AsyncEngine:
        """The writing engine, for migrations."""
        return self._writer

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Give a session for queries; nothing done in it is kept, and what was put aside in it has to be taken.

        Raises `DatabaseAway`.
        """
        with _named():
            async with self._read_session() as session:
                yield session
                if session.info.get(_ASIDE):
                    raise RuntimeError("rows that a reading has put aside weren't taken, and would be lost")

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Give a session whose work is kept whole or not at all; keep it short and talk to nobody inside.

        Raises `DatabaseAway`. Then nothing was kept, unless it went away during the commit itself.
        """
        with _named():
            async with self._write_session() as session:
                async with session.begin():
                    yield session
                    for hook in session.info.get(_LAST, {}).values():
                        await hook(session)
                    reach("transaction.before_commit")
                _tell_slow(session)
                reach("transaction.after_commit")
        for call in session.info.get(_THEN, ()):
            call()

    async def close(self) -> None:
        """Give every connection back."""
        await self._reader.dispose()
        if self._writer is not self._reader:
            await self._writer.dispose()


def held_ms(session: AsyncSession) -> float:
    """Give for how long a session's transaction has held its locks, in milliseconds; 0 when it has none."""
    began = session.info.get(_BEGAN)
    return 0.0 if began is None else (time.perf_counter() - began) * 1000


def _tell_slow(session: AsyncSession) -> None:
    """Log a commit that took long, by its length alone: what it wrote is nobody's to read."""
    if (took := held_ms(session)) > SLOW_MS:
        busy = (time.process_time() - session.info[_BUSY]) * 1000  # A busy machine lengthens what it doesn't work on.
        log.warning("transaction.slow", ms=round(took, 1), cpu_ms=round(busy, 1), limit=SLOW_MS)


def is_reading(session: AsyncSession) -> bool:
    """Tell whether a session is for queries, so that nothing written in it is kept."""
    return bool(session.info.get(_READING))


def put_aside(session: AsyncSession, row: object) -> None:
    """Keep a row that a reading can't write, for whoever uses what was read."""
    session.info.setdefault(_ASIDE, []).append(row)


def taken_aside(session: AsyncSession) -> list[Any]:
    """Take the rows that were put aside."""
    rows: list[Any] = session.info.pop(_ASIDE, [])
    return rows


def at_last(session: AsyncSession, name: str, hook: Hook) -> None:
    """Have something done as the last of a transaction, once by its name: rows gathered in it, written as one."""
    session.info.setdefault(_LAST, {}).setdefault(name, hook)


def once_durable(session: AsyncSession, call: Callable[[], None]) -> None:
    """Have something called after the commit, not at all without one."""
    session.info.setdefault(_THEN, []).append(call)


def open_database(url: str) -> Database:
    """Open a database, making the folder of an SQLite file."""
    parsed = async_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    return Database(url)
