"""From SQLite to PostgreSQL: the same rows, whatever kills the copy on its way; and what it refuses."""

import asyncio
import base64
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, text
from sqlmodel import select

from bot.moving import Moved, MoveRefused, move
from bot.replica import Replica
from bot.settings import Settings, SettingsError, read_settings
from bot.store import open_store
from hr_core.audit.store import AuditRow
from hr_core.database import Row, open_database
from hr_core.database.alone import alone
from hr_core.database.copying import half_copied_from
from tests.bot.old_house import AT, build, everything
from tests.bot.test_cli import dinghr
from tests.conftest import new_database

DINGTALK = {"DINGTALK_CLIENT_ID": "x", "DINGTALK_CLIENT_SECRET": "y"}
Said = list[tuple[str, str, int, int]]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation that tests copy for themselves."""
    home = tmp_path_factory.mktemp("old") / "home"
    asyncio.run(build(home, frames=1_200))
    return home


@pytest.fixture
def house(built: Path, tmp_path: Path) -> Path:
    """The test's own."""
    return Path(shutil.copytree(built, tmp_path / "home"))


@pytest.fixture
def empty(postgres: str) -> str:
    """An empty PostgreSQL database."""
    return new_database(postgres, template="template0")


@pytest.fixture
def migrated(postgres: str) -> str:
    """One that has our schema already."""
    return new_database(postgres)


def settings(home: Path, **more: str) -> Settings:
    return read_settings(dingtalk_client_id="x", dingtalk_client_secret="y", dinghr_home=home, **more)


def silent(*_: object) -> None:
    """Hear nothing."""


async def moved(home: Path, to: str) -> Moved:
    return await move(settings(home), to, silent)


def sqlite_url(home: Path) -> str:
    return f"sqlite:///{home / 'dinghr.sqlite3'}"


async def the_same(home: Path, to: str) -> None:
    """Compare by reading both whole, apart from how the copy compares."""
    assert await everything(sqlite_url(home)) == await everything(to)


async def change(url: str, statement: str) -> None:
    database = open_database(url)
    async with database.engine.begin() as connection:
        await connection.execute(text(statement))
    await database.close()


# --- the copy ---------------------------------------------------------------------------------------------------------


async def test_every_row_arrives_as_it_was(house: Path, empty: str) -> None:
    said: Said = []
    result = await move(settings(house), empty, lambda *heard: said.append(heard))
    assert result.difference is None
    assert not result.resumed
    assert result.rows["inbox"] == 1_200
    assert result.rows["leave_request"] > 100
    await the_same(house, empty)
    assert [heard for heard in said if heard[1] == "inbox"][:3] == [
        ("copy", "inbox", 0, 1200),
        ("copy", "inbox", 500, 1200),
        ("copy", "inbox", 1000, 1200),
    ]
    assert ("compare", "inbox", 1200, 1200) in said
    assert {heard[1] for heard in said} == {table.name for table in Row.metadata.sorted_tables}


async def test_an_inbox_of_twenty_thousand(tmp_path: Path, empty: str) -> None:
    await build(tmp_path / "home", frames=20_000)
    assert (await moved(tmp_path / "home", empty)).rows["inbox"] == 20_000
    await the_same(tmp_path / "home", empty)


async def test_new_rows_are_numbered_behind_those_that_came_along(house: Path, empty: str) -> None:
    await moved(house, empty)
    database, _ = await open_store(settings(house, dinghr_database_url=empty, dinghr_key_file=str(house / "data.key")))
    async with database.transaction() as session:
        newest = (await session.exec(select(AuditRow).order_by(AuditRow.id.desc()).limit(1))).one()  # type: ignore[union-attr]
        assert newest.action == "db.copy"
        last = (await session.exec(select(func.max(AuditRow.id)))).one() or 0
        row = AuditRow(at=AT, actor="lin", action="x", outcome="allowed")
        session.add(row)
        await session.flush()
        assert row.id == last + 1
    await database.close()


async def test_a_second_copy_finds_everything_there(house: Path, empty: str) -> None:
    first = await moved(house, empty)
    assert await moved(house, empty) == replace(first, resumed=True)


@pytest.mark.parametrize("marked", [False, True])
async def test_a_database_with_our_schema_and_key_and_nothing_else_will_do(
    house: Path, migrated: str, marked: bool
) -> None:
    if marked:
        opened = settings(house, dinghr_database_url=migrated, dinghr_key_file=str(house / "data.key"))
        database, _ = await open_store(opened)
        await database.close()
    assert (await moved(house, migrated)).difference is None
    await the_same(house, migrated)


# --- killed on the way ------------------------------------------------------------------------------------------------


def copy(home: Path, to: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    key = str(home / "data.key")
    return dinghr(
        "db",
        "copy",
        "--to",
        to,
        *words,
        home=home,
        DINGHR_HOME=str(home),
        DINGHR_KEY_FILE=key,
        **DINGTALK,
        **environment,
    )


async def stopped(home: Path, to: str, after: str = "mark") -> None:
    """Copy until a table is there, and no further."""

    def told(_step: str, table: str, done: int, total: int) -> None:
        if table == after and done == total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await move(settings(home), to, told)


async def test_killed_between_and_within_chunks_it_goes_on_and_ends_with_the_same_rows(house: Path, empty: str) -> None:
    for point in ("before_commit:kill:2", "after_commit:kill:9", "before_commit:kill:3"):
        assert copy(house, empty, DINGHR_FAIL_POINT=f"transaction.{point}").returncode == -signal.SIGKILL
    database = open_database(empty)
    assert await half_copied_from(database) == str(house / "dinghr.sqlite3")
    await database.close()
    done = copy(house, empty, "--json")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert (summary["resumed"], summary["started_over"], summary["difference"]) == (True, False, None)
    assert summary["tables"]["inbox"] == 1_200
    await the_same(house, empty)


@pytest.mark.parametrize("moment", ["copy inbox", "compare audit"])
async def test_killed_at_any_moment_it_goes_on(house: Path, empty: str, moment: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DINGTALK_", "DINGHR_"))}
    command = [sys.executable, "-c", "from bot.cli import main; main()", "db", "copy", "--to", empty]
    running = await asyncio.create_subprocess_exec(
        *command, env={**environment, **DINGTALK, "DINGHR_HOME": str(house)}, stderr=asyncio.subprocess.PIPE
    )
    assert running.stderr is not None
    async for line in running.stderr:
        if line.startswith(moment.encode()):
            break
    running.kill()
    await running.communicate()
    result = await moved(house, empty)
    assert (result.difference, result.started_over) == (None, False)
    await the_same(house, empty)


@pytest.mark.parametrize(
    "statement",
    [
        "update employee set name = '换了' where id = 1",
        "delete from mark where name = 'contacts.imported'",
        "insert into mark values ('!first', 'comes before all others')",
    ],
)
async def test_what_changed_since_a_copy_was_killed_is_copied_again(house: Path, empty: str, statement: str) -> None:
    await stopped(house, empty)
    await change(sqlite_url(house), statement)
    result = await moved(house, empty)
    assert (result.difference, result.resumed, result.started_over) == (None, True, True)
    await the_same(house, empty)


async def test_nothing_runs_on_half_a_copy(house: Path, empty: str) -> None:
    await stopped(house, empty)
    with pytest.raises(SettingsError, match=r"DINGHR_DATABASE_URL.*half a copy.*dinghr db copy"):
        await open_store(settings(house, dinghr_database_url=empty, dinghr_key_file=str(house / "data.key")))
    other = Path(shutil.copytree(house, house.parent / "other"))
    with pytest.raises(MoveRefused, match="half a copy of"):
        await moved(other, empty)


# --- differences ------------------------------------------------------------------------------------------------------


def before_comparing(home: Path, statement: str) -> Callable[..., None]:
    """Change the source when the last table is copied."""
    last = Row.metadata.sorted_tables[-1].name

    def told(step: str, table: str, done: int, total: int) -> None:
        if (step, table) == ("copy", last) and done == total:
            with sqlite3.connect(home / "dinghr.sqlite3") as connection:
                connection.execute(statement)
            connection.close()

    return told


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "update employee set name = '王五', left_on = '2026-11-01' where id = 3",
            "table employee, row id=3: name, left_on differs",
        ),
        ("update leave_ledger set days = days + 1 where id = 7", "table leave_ledger, row id=7: days differs"),
        ("insert into mark values ('secret', 'x')", "table mark, row name=secret: is missing"),
        ("delete from mark where name = '😀'", "table mark, row name=😀: is not in the source"),
    ],
)  # fmt: skip
async def test_the_first_difference_is_named_by_its_key_and_not_by_its_values(
    house: Path, empty: str, statement: str, said: str
) -> None:
    result = await move(settings(house), empty, before_comparing(house, statement))
    assert str(result.difference) == said
    again = await moved(house, empty)
    assert (again.difference, again.started_over) == (None, True)
    await the_same(house, empty)


@pytest.mark.parametrize(
    ("statement", "row", "reason"),
    [
        (
            "insert into audit (id, at, actor, action, outcome, why) "
            "select 9999999, at, actor, action, outcome, 'a' || char(0) || 'b' from audit limit 1",
            "id=9999999",
            "CharacterNotInRepertoire",
        ),
        (f"update employee set key = '{'x' * 65}' where id = 6", "id=6", "StringDataRightTruncation"),
        ("update card set subject = 3000000000 where track_id = 'hr-Z0'", "track_id=hr-Z0", "DataError"),
    ],
)
async def test_a_row_that_postgresql_doesnt_take_is_named(
    house: Path, empty: str, statement: str, row: str, reason: str
) -> None:
    await change(sqlite_url(house), statement)
    with pytest.raises(MoveRefused, match=f"row {row}: {reason}"):
        await moved(house, empty)


# --- refusals ---------------------------------------------------------------------------------------------------------


async def test_it_waits_for_no_robot(house: Path, empty: str) -> None:
    for url in (sqlite_url(house), empty):
        database = open_database(url)
        async with alone(database):
            with pytest.raises(MoveRefused, match=r"works on .*; stop it first"):
                await moved(house, empty)
        await database.close()


async def test_a_replica_at_work_is_seen_by_its_lease(house: Path, migrated: str) -> None:
    for url in (sqlite_url(house), migrated):
        database = open_database(url)
        replica = Replica()
        async with database.transaction() as session:
            await replica.beat(session)
        with pytest.raises(MoveRefused, match=rf"process {os.getpid()}.*stop it first"):
            await moved(house, migrated)
        async with database.transaction() as session:
            await replica.leave(session)
        await database.close()
    assert (await moved(house, migrated)).difference is None


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("insert into mark values ('contacts.imported', 'yes')", "data of its own .*'mark'.*CREATE DATABASE"),
        ("insert into department values (1, '1')", "data of its own .*'department'.*CREATE DATABASE"),
        ("create table payroll (id int)", "'payroll' that isn't dinghr's; name an empty database"),
        ("insert into mark values ('vault.key', '00000000')", "DINGHR_KEY_FILE.*another key"),
    ],
)
async def test_a_target_with_other_data_is_left_alone(house: Path, migrated: str, statement: str, said: str) -> None:
    await change(migrated, statement)
    before = await everything(migrated)
    with pytest.raises(MoveRefused, match=said):
        await moved(house, migrated)
    assert await everything(migrated) == before


async def test_the_key_has_to_be_the_databases_own(house: Path, empty: str) -> None:
    (house / "data.key").write_text(base64.urlsafe_b64encode(b"o" * 32).decode())
    with pytest.raises(SettingsError, match=r"DINGHR_KEY_FILE.*not the key of this database"):
        await moved(house, empty)


async def test_an_installation_that_isnt_there_isnt_made(tmp_path: Path, empty: str) -> None:
    with pytest.raises(SettingsError, match="DINGHR_HOME: there is no database"):
        await moved(tmp_path, empty)
    assert not any(tmp_path.iterdir())  # noqa: ASYNC240


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("sqlite:///x", "--to: must be postgresql://"),
        ("mysql://u:hidden@h/n", "--to: must be postgresql://"),
        ("nonsense", "--to: must be postgresql://"),
        ("postgresql://u:hidden@127.0.0.1:9/n", "--to: cannot open .*check that the server runs"),
    ],
)
async def test_an_address_that_is_none_is_named_without_its_password(house: Path, to: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as refused:
        await moved(house, to)
    assert "hidden" not in str(refused.value)


async def test_a_source_that_is_postgresql_is_named(house: Path, empty: str) -> None:
    there = settings(house, dinghr_database_url=empty, dinghr_key_file=str(house / "data.key"))
    with pytest.raises(SettingsError, match="DINGHR_DATABASE_URL: names PostgreSQL already"):
        await move(there, empty, silent)


async def test_a_refusal_and_a_done_copy_have_their_exit_codes(house: Path, empty: str) -> None:
    done = copy(house, empty)
    assert done.returncode == 0
    assert "every one compared and the same" in done.stdout
    assert "copy inbox: 1200\n" in done.stderr
    assert str(house / "data.key") in done.stdout
    await change(empty, "update employee set name = 'x'")
    refused = copy(house, empty)
    assert refused.returncode == 1
    assert "has data of its own" in refused.stderr


def test_tables_come_behind_those_they_refer_to() -> None:
    seen: set[str] = set()
    for table in Row.metadata.sorted_tables:
        assert {key.column.table.name for key in table.foreign_keys} <= seen, "a copy has to fill it in two steps"
        seen.add(table.name)
