"""The schema and the key belong together with the code and the database."""

import asyncio
import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from procrastinate.schema import migrations_path
from sqlalchemy import Connection, text

import bot.store
from bot.keys import create_key_file
from bot.settings import Settings, SettingsError, read_settings
from bot.store import open_store
from bot.tasks import Chunk, Task, TaskQueue
from bot.tasks.engine import conninfo
from bot.tasks.schema import engine_version, prepare_engine
from hr_core.database import Database, Row, open_database
from hr_core.database.alone import NotAlone, alone
from hr_core.database.engine import async_url
from hr_core.database.migrate import alembic_config, head, upgrade
from tests.cast import MovableClock

ROOT = Path(bot.store.__file__).parents[1]


async def test_the_tables_are_what_the_migrations_make(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        ours = {"include_name": lambda name, kind, _parents: kind != "table" or not name.startswith("procrastinate_")}
        return list(compare_metadata(MigrationContext.configure(connection, opts=ours), Row.metadata))

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


def test_the_newest_numbered_file_is_the_newest_revision() -> None:
    assert head() == ScriptDirectory.from_config(alembic_config()).get_current_head()


async def test_upgrading_twice_does_nothing_the_second_time(database: Database) -> None:
    assert await upgrade(database) == (head(), head())


def settings(home: Path) -> Settings:
    return read_settings(dingtalk_client_id="x", dingtalk_client_secret="y", dinghr_home=home)


async def test_a_database_opens_with_its_own_key_only(tmp_path: Path) -> None:
    database, _ = await open_store(settings(tmp_path))
    await database.close()
    (tmp_path / "data.key").rename(tmp_path / "kept.key")
    with pytest.raises(SettingsError, match="backup"):
        await open_store(settings(tmp_path))
    other = tmp_path / "other"
    database, _ = await open_store(settings(other))
    await database.close()
    (other / "data.key").rename(tmp_path / "data.key")
    with pytest.raises(SettingsError, match="not the key of this database"):
        await open_store(settings(tmp_path))


def test_every_setting_stands_in_the_example() -> None:
    example = (ROOT / ".env.example").read_text("utf-8")
    told = set(re.findall(r"^#?\s?([A-Z_]+)=", example, re.MULTILINE))
    internal = {"DINGHR_CLOCK_URL"}  # the demo's own
    assert {name.upper() for name in Settings.model_fields} - internal <= told


async def test_what_is_no_database_is_named_with_its_setting(tmp_path: Path) -> None:
    (tmp_path / "dinghr.sqlite3").write_bytes(b"this is no database at all" * 100)
    with pytest.raises(SettingsError, match=r"DINGHR_DATABASE_URL.*backup"):
        await open_store(settings(tmp_path))
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="DINGHR_HOME"):
        await open_store(settings(tmp_path / "file"))


async def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    database, _ = await open_store(settings(tmp_path))
    async with database.engine.begin() as connection:
        await connection.execute(text("update alembic_version set version_num = '9999'"))
    await database.close()
    with pytest.raises(SettingsError, match="newer"):
        await open_store(settings(tmp_path))


async def test_robots_share_a_server_and_nothing_else(database: Database) -> None:
    other = open_database(database.url.render_as_string(hide_password=False))
    async with alone(database, among_robots=True):
        if database.is_sqlite:
            with pytest.raises(NotAlone):
                await starts(other)
        else:
            await starts(other)
        with pytest.raises(NotAlone):
            await copies(other)
    await copies(other)
    async with alone(database):
        with pytest.raises(NotAlone):
            await starts(other)
    await other.close()


async def starts(database: Database) -> None:
    """A second robot's start."""
    async with alone(database, among_robots=True):
        pass


async def copies(database: Database) -> None:
    """A copy of the database, which wants nobody beside it."""
    async with alone(database):
        pass


async def empty_database(host: str, name: str) -> str:
    """A database without a table."""
    admin = open_database(f"postgresql://postgres@/postgres?host={host}")
    async with admin.engine.connect() as connection:
        await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(
            text(f"create database {name}")
        )
    await admin.close()
    return f"postgresql://postgres@/{name}?host={host}"


async def test_replicas_that_start_at_once_on_an_empty_database_all_come_up(postgres: str, tmp_path: Path) -> None:
    url = await empty_database(postgres, "empty")
    create_key_file(tmp_path / "data.key")
    one = read_settings(
        dingtalk_client_id="x",
        dingtalk_client_secret="y",
        dinghr_home=tmp_path,
        dinghr_key_file=tmp_path / "data.key",
        dinghr_database_url=url,
    )
    stores = await asyncio.gather(*(open_store(one) for _ in range(4)))
    async with stores[0][0].read() as session:
        connection = await session.connection()
        assert (await connection.execute(text("select to_regclass('procrastinate_jobs')"))).scalar() is not None
    for database, _ in stores:
        await database.close()


async def test_every_later_migration_of_procrastinate_is_applied_in_its_order(postgres: str) -> None:
    database = open_database(await empty_database(postgres, "old_engine"))
    await upgrade(database)
    async with database.engine.begin() as connection:  # As if only its first one were applied.
        first = migrations_path / "00.00.00_01_initial.sql"
        raw = await connection.get_raw_connection()
        await connection.execute(text("select 1"))
        await raw.driver_connection.execute(first.read_text("utf-8"))  # type: ignore[union-attr]
        await connection.execute(text(f"comment on table procrastinate_jobs is 'dinghr: {first.stem}'"))
    for _ in range(2):
        await prepare_engine(database)
    async with database.transaction() as session:
        assert await TaskQueue(MovableClock(), [Task("any", any_task)]).enqueue(session, "any") == 1
        assert (await engine_version(session) or "") >= "03.04.00_50"
    await database.close()


async def test_another_programs_procrastinate_is_left_alone(postgres: str) -> None:
    database = open_database(await empty_database(postgres, "others"))
    async with database.engine.begin() as connection:
        await connection.execute(text("create table procrastinate_jobs (id integer)"))
    with pytest.raises(SettingsError, match="of its own"):
        await prepare_engine(database)
    await database.close()


async def any_task(chunk: Chunk) -> None:
    """Do nothing."""


def test_an_address_says_the_same_to_both_drivers() -> None:
    url = async_url("postgresql://hr:secret@db.example:5433/hr?ssl=require&prepared_statement_cache_size=0")
    assert conninfo(url) == "postgresql://hr:secret@db.example:5433/hr?sslmode=require"
    assert conninfo(async_url("postgres://u@/d?host=/run/pg")) == "postgresql://u@/d?host=%2Frun%2Fpg"
