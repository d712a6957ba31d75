"""The schema and the key belong together with the code and the database."""

import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

import bot.store
from bot.settings import Settings, SettingsError, read_settings
from bot.store import open_store
from hr_core.database import Database, Row
from hr_core.database.migrate import head, upgrade

ROOT = Path(bot.store.__file__).parents[1]


async def test_the_tables_are_what_the_migrations_make(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), Row.metadata))

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
