"""The schema and the key belong together with the code and the database."""

import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

import bot.store
from bot.settings import Settings, SettingsError, read_settings
from bot.store import open_store
from hr_core.database import Database, Row, open_database
from hr_core.database.alone import NotAlone, alone
from hr_core.database.migrate import head, upgrade

ROOT = Path(bot.store.__file__).parents[1]


async def test_the_tables_are_what_the_migrations_make(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        ours = {"include_name": lambda name, kind, _parents: kind != "table" or not name.startswith("procrastinate_")}
        return list(compare_metadata(MigrationContext.configure(connection, opts=ours), Row.metadata))

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


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


async def test_one_robot_at_a_time(database: Database) -> None:
    other = open_database(database.url.render_as_string(hide_password=False))
    async with alone(database):
        with pytest.raises(NotAlone):
            await other_robot(other)
    await other_robot(other)
    await other.close()


async def other_robot(database: Database) -> None:
    """A second process' start."""
    async with alone(database):
        pass
