"""The engines: what a store that is away raises, and what a transaction that takes long leaves in the log."""

import time

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from hr_core.database import Database, DatabaseAway, engine

SLOW_MS = 50.0


@pytest.fixture(autouse=True)
def usual_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit as an installation has it."""
    monkeypatch.setattr(engine, "SLOW_MS", SLOW_MS)


on_postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_a_transaction_that_takes_long_is_logged_without_what_it_wrote(database: Database) -> None:
    with capture_logs() as logs:
        async with database.transaction() as session:
            await session.connection()
            async with session.begin_nested():
                time.sleep((SLOW_MS + 10) / 1000)  # noqa: ASYNC251 - that is what must not happen
        async with database.transaction() as session:
            await session.connection()
    assert [sorted(entry) for entry in logs] == [["cpu_ms", "event", "limit", "log_level", "ms"]]
    assert logs[0]["event"] == "transaction.slow"
    assert logs[0]["ms"] > SLOW_MS


async def test_a_transaction_that_writes_nothing_takes_no_time(database: Database) -> None:
    with capture_logs() as logs:
        async with database.transaction():
            time.sleep((SLOW_MS + 10) / 1000)  # noqa: ASYNC251 - it holds no lock
    assert logs == []


@on_postgres
async def test_a_database_that_takes_no_writes_is_away(database: Database) -> None:
    with pytest.raises(DatabaseAway):
        async with database.transaction() as session:
            connection = await session.connection()
            await connection.execute(text("set transaction read only"))
            await connection.execute(text("create table nothing (id int)"))


@on_postgres
async def test_a_connection_that_the_server_cuts_is_away(database: Database) -> None:
    with pytest.raises(DatabaseAway):
        async with database.transaction() as session:
            connection = await session.connection()
            await connection.execute(text("select pg_terminate_backend(pg_backend_pid())"))
    async with database.transaction() as session:
        assert await (await session.connection()).scalar(text("select 1")) == 1


@on_postgres
async def test_a_server_without_room_for_another_is_away(database: Database) -> None:
    name = database.url.database
    async with database.transaction() as session:
        await (await session.connection()).execute(text(f"alter database {name} connection limit 0"))
    await database.close()
    other = Database(str(database.url.set(username="nobody").render_as_string(hide_password=False)))
    async with database.transaction() as session:
        await (await session.connection()).execute(text("create role nobody login"))
    try:
        with pytest.raises(DatabaseAway):
            async with other.transaction() as session:
                await session.connection()
    finally:
        await other.close()
        async with database.transaction() as session:
            await (await session.connection()).execute(text("drop role nobody"))


@on_postgres
async def test_a_statement_that_is_wrong_is_no_absence(database: Database) -> None:
    with pytest.raises(Exception, match="nowhere") as raised:
        async with database.transaction() as session:
            await (await session.connection()).execute(text("select * from nowhere"))
    assert not isinstance(raised.value, DatabaseAway)
