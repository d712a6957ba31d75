"""The master key from file, environment or command; data keys renewed under a running robot, by real processes."""

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from shutil import copy
from typing import Any

import pytest
from sqlalchemy import MetaData
from sqlmodel import Field, SQLModel, col, select, update

import bot.cli.key
import bot.keys
import hr_core.vault.columns
import hr_core.vault.reseal
from bot.clock import SystemClock
from bot.inbox import InboxRow
from bot.keys import create_key_file, keys_from_file, master_keys, open_vault
from bot.settings import Settings, SettingsError, read_settings
from bot.store import open_store
from hr_core.audit.store import AuditRow
from hr_core.database import Database
from hr_core.vault import MasterKeys, Vault, new_key, read_key, read_keys
from hr_core.vault.columns import IndexedColumn, SealedColumn
from hr_core.vault.keys import key_id
from hr_core.vault.reseal import count_under, reseal
from hr_core.vault.store import DataKeyRow, KeyStatus, KeyStore
from sandbox.company import tiny
from sandbox.server import serving
from sandbox.world import World
from tests.conftest import new_database
from tests.conversations.office import Office, Phone, opened
from tests.reliability.robots import nursery
from tests.shell import typed

ROWS = 900
NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)


def settings(home: Path, **more: Any) -> Settings:
    return read_settings(dingtalk_client_id="x", dingtalk_client_secret="y", dinghr_home=home, **more)


def shell(home: Path, **more: str) -> dict[str, str]:
    """What an operator's shell has in its environment."""
    return {"DINGTALK_CLIENT_ID": "x", "DINGTALK_CLIENT_SECRET": "y", "DINGHR_HOME": str(home), **more}


async def dinghr(*words: str, home: Path, **more: str) -> tuple[int, str, str]:
    """Run a command as a process of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DINGTALK_", "DINGHR_"))}
    process = await asyncio.create_subprocess_exec(
        *[sys.executable, "-c", "from bot.cli import main; main()", *words],
        env={**environment, "HOME": str(home), **shell(home, **more)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


@pytest.fixture
def sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a robot of this process look for keys often, and commands wait accordingly."""
    monkeypatch.setattr(bot.keys, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(bot.cli.key, "ANNOUNCED_SECONDS", 0.5)


# --- where the master key comes from ----------------------------------------------------------------------------------


def test_a_key_file_is_made_for_an_empty_database_only(tmp_path: Path) -> None:
    path = tmp_path / "home" / "data.key"
    with pytest.raises(SettingsError, match="backup"):
        keys_from_file(path, may_create=False)
    key = keys_from_file(path, may_create=True)
    assert path.stat().st_mode & 0o077 == 0
    assert keys_from_file(path, may_create=False) == key
    with pytest.raises(FileExistsError):
        create_key_file(path)
    for content in (b"not a key", b"\xff\xfe"):
        path.write_bytes(content)
        with pytest.raises(SettingsError, match="DINGHR_KEY_FILE"):
            keys_from_file(path, may_create=True)


async def test_the_key_may_come_from_the_environment(tmp_path: Path) -> None:
    key = new_key()
    assert await master_keys(settings(tmp_path, dinghr_key=key), may_create=False) == read_keys(key)
    assert not (tmp_path / "data.key").exists()
    with pytest.raises(SettingsError, match="DINGHR_KEY: it is not") as problem:
        await master_keys(settings(tmp_path, dinghr_key="hushhush"), may_create=False)
    assert "hushhush" not in str(problem.value)


async def test_the_key_may_come_from_a_command(tmp_path: Path) -> None:
    key = new_key()
    (tmp_path / "kms").write_text(key)
    command = f"{sys.executable} -c 'print(open(\"{tmp_path}/kms\").read())'"
    database, vault = await open_store(settings(tmp_path, dinghr_key_command=command))
    await database.close()
    assert vault.key_id == Vault(read_key(key), []).key_id
    assert not (tmp_path / "data.key").exists()


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("/no/such/program", "cannot be started: No such file"),
        ("'unclosed", "cannot be started: it isn't a command line"),
        (f"{sys.executable} -c 'print(\"hushhush\"); raise SystemExit(3)'", "exit code 3"),
        (f"{sys.executable} -c 'print(\"hushhush\")'", "its output is not a data key"),
        (f"{sys.executable} -c 'import time; time.sleep(60)'", "gave nothing within 0.5 s"),
    ],
)
async def test_a_command_that_fails_is_named_and_nothing_of_its_output_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, says: str
) -> None:
    if "sleep" in command:
        monkeypatch.setattr(bot.keys, "COMMAND_SECONDS", 0.5)
    with pytest.raises(SettingsError, match=f"^DINGHR_KEY_COMMAND: .*{says}") as problem:
        await master_keys(settings(tmp_path, dinghr_key_command=command), may_create=True)
    assert "hushhush" not in str(problem.value)
    assert problem.value.__cause__ is None


def test_two_sources_of_one_key_are_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="set only one"):
        settings(tmp_path, dinghr_key=new_key(), dinghr_key_file=tmp_path / "key")


def test_a_shared_database_takes_any_source(tmp_path: Path) -> None:
    told = settings(tmp_path, dinghr_database_url="postgresql://db/x", dinghr_key_command="kms")
    assert told.dinghr_key_command == "kms"


# --- data keys --------------------------------------------------------------------------------------------------------


async def test_replicas_that_start_at_once_share_one_set_of_keys(database: Database, tmp_path: Path) -> None:
    told, masters = settings(tmp_path), MasterKeys((b"m" * 32,))
    vaults = await asyncio.gather(*(open_vault(told, database, masters, masters.first) for _ in range(4)))
    for one in vaults:
        assert all(other.open(one.seal("x", "inbox", 1), "inbox", 1) == "x" for other in vaults)
    async with database.read() as session:
        rows = list(await session.exec(select(DataKeyRow)))
    assert len(rows) == len({row.data_class for row in rows})


@pytest.mark.usefixtures("sooner")
async def test_a_running_robot_uses_a_new_key_within_seconds_and_reads_what_is_under_the_old(tmp_path: Path) -> None:
    async with opened(tmp_path, "text") as office:
        await office.lin.asks("明天请年假")
        before = office.robot.workplace.vault.current_header("dialogue")
        done = await typed(shell(tmp_path), "key", "rotate")
        assert done.code == 0, done.err
        await office.until(lambda: _header(office) != before or None, "the robot seals with the new key")
        assert "待审批" in await office.lin.asks("提交"), "what lay under the old key was read"
        assert "林晓" in await office.wang.reads()
        assert (await typed(shell(tmp_path), "key", "reseal")).code == 0
        done = await typed(shell(tmp_path), "key", "retire")
        assert (done.code, "too early" in done.err) == (1, True)
        done = await typed(shell(tmp_path), "key", "retire", "--now")
        assert done.code == 0, done.err
        assert "待审批" in await office.lin.asks("我的申请")


def _header(office: Office) -> bytes:
    return office.robot.workplace.vault.current_header("dialogue")


async def full_store(home: Path) -> tuple[Database, Vault]:
    """A database with many sealed values."""
    database, vault = await open_store(settings(home))
    async with database.transaction() as session:
        for n in range(ROWS):
            row = InboxRow(seq=n + 1, id=f"message:{n}", kind="message", sender="x", received_at=NOW)
            row.body_sealed = vault.seal(f"body {n}", "inbox", row.id)
            session.add(row)
    return database, vault


async def _rows(database: Database) -> list[InboxRow]:
    async with database.read() as session:
        return list(await session.exec(select(InboxRow).order_by(col(InboxRow.seq))))


@pytest.mark.usefixtures("sooner")
async def test_sealing_anew_survives_kill_9_and_loses_nothing_that_is_written_meanwhile(tmp_path: Path) -> None:
    database, vault = await full_store(tmp_path)
    old = vault.current_header("inbox")
    assert (await typed(shell(tmp_path), "key", "rotate")).code == 0
    assert (await dinghr("key", "reseal", home=tmp_path, DINGHR_FAIL_POINT="vault.chunk_resealed:kill:2"))[0] == -9
    under_old = [row for row in await _rows(database) if (row.body_sealed or b"")[:5] == old]
    assert 0 < len(under_old) < ROWS, "some chunks are done, some aren't"
    done = await typed(shell(tmp_path), "key", "retire", "--now")
    assert (done.code, "under them still" in done.err) == (1, True)

    written: dict[str, str] = {}

    async def write() -> None:
        """A robot that hasn't noticed yet writes over values, under the old key, while they are sealed anew."""
        for n in range(0, ROWS, 3):
            name = f"message:{n}"
            async with database.transaction() as session:
                sealed = vault.seal(f"changed {n}", "inbox", name)
                await session.exec(update(InboxRow).where(col(InboxRow.id) == name).values(body_sealed=sealed))
            written[name] = f"changed {n}"

    results = await asyncio.gather(typed(shell(tmp_path), "key", "reseal"), write())
    assert results[0].code == 0
    assert (await typed(shell(tmp_path), "key", "reseal")).code == 0
    assert (await typed(shell(tmp_path), "key", "retire", "--now")).code == 0
    again, fresh = await open_store(settings(tmp_path))
    for row in await _rows(database):
        assert row.body_sealed is not None
        assert row.body_sealed[:5] != old
        assert fresh.open(row.body_sealed, "inbox", row.id) == written.get(row.id, f"body {row.seq - 1}")
    async with again.read() as session:
        retired = [row for row in await session.exec(select(DataKeyRow)) if row.status == KeyStatus.RETIRED]
    assert retired
    assert all(row.wrapped is None for row in retired)
    await again.close()
    await database.close()


# --- another master key -----------------------------------------------------------------------------------------------


async def test_another_master_key_rewraps_the_data_keys_and_changes_no_value(tmp_path: Path) -> None:
    database, _vault = await full_store(tmp_path)
    before = [row.body_sealed for row in await _rows(database)]
    await database.close()
    file = tmp_path / "data.key"
    old = file.read_text("ascii")
    done = await typed(shell(tmp_path), "key", "forget")
    assert (done.code, "one master key only" in done.out) == (0, True)
    for _ in range(2):  # Wherever somebody stops, or comes twice, the database opens.
        done = await typed(shell(tmp_path), "key", "add")
    assert (done.code, "go on with: dinghr key rewrap" in done.err) == (1, True)
    assert file.read_text("ascii").splitlines()[1:] == [old.strip()]
    assert file.stat().st_mode & 0o077 == 0
    done = await typed(shell(tmp_path), "key", "forget")
    assert (done.code, "run: dinghr key rewrap" in done.err) == (1, True)
    assert (await typed(shell(tmp_path), "key", "rotate")).code == 0, "new data keys are wrapped by the old one still"
    for said in ("wrapped by the first master key now", "by the first master key already"):
        done = await typed(shell(tmp_path), "key", "rewrap")
        assert said in done.out, done.err
    done = await typed(shell(tmp_path), "key", "forget")
    assert done.code == 0, done.err
    assert len(file.read_text("ascii").split()) == 1
    assert [one.name for one in (await asyncio.to_thread(tmp_path.glob, "*key*"))] == ["data.key"]
    again, fresh = await open_store(settings(tmp_path))
    assert [row.body_sealed for row in await _rows(again)] == before
    assert fresh.open(before[0] or b"", "inbox", "message:0") == "body 0"
    async with again.read() as session:
        acts = [row.action for row in await session.exec(select(AuditRow)) if row.action.startswith("key.")]
    assert acts == ["key.rotate", "key.rewrap", "key.forget"]
    await again.close()
    file.write_text(old, "ascii")
    with pytest.raises(SettingsError, match="not the key of this database"):
        await open_store(settings(tmp_path))


async def test_a_key_that_is_given_elsewhere_is_changed_there_and_old_and_new_open(tmp_path: Path) -> None:
    old, new = new_key(), new_key()
    database, _ = await open_store(settings(tmp_path, dinghr_key=old))
    await database.close()
    done = await typed(shell(tmp_path, DINGHR_KEY=old), "key", "add")
    assert (done.code, "put a new one before the old one there" in done.err) == (1, True)
    with pytest.raises(SettingsError, match="not the key of this database"):
        await open_store(settings(tmp_path, dinghr_key=new))
    (tmp_path / "kms").write_text(f"# since 2026\n{new}\n{old}\n")
    command = {"DINGHR_KEY_COMMAND": f"cat {tmp_path}/kms"}
    for both in ({"DINGHR_KEY": f"{new},{old}"}, command):
        done = await typed(shell(tmp_path, **both), "key", "rewrap")
        assert done.code == 0, done.err
    done = await typed(shell(tmp_path, **command), "key", "forget")
    assert (done.code, "take them out of DINGHR_KEY_COMMAND" in done.err) == (1, True)
    assert old not in done.err + done.out
    database, vault = await open_store(settings(tmp_path, dinghr_key=new))
    assert vault.key_id == key_id(read_key(new))
    await database.close()


@pytest.mark.usefixtures("sooner")
async def test_a_running_robot_takes_a_new_master_key_up_and_a_bad_file_takes_none_away(tmp_path: Path) -> None:
    async with opened(tmp_path, "text") as office:
        vault, file = office.robot.workplace.vault, tmp_path / "data.key"
        old = vault.masters
        good = file.read_text("ascii")
        file.write_text("not a key\n", "ascii")
        await bot.keys._look_at_masters(vault, office.robot.settings)
        assert vault.masters == old
        file.write_text(good, "ascii")
        assert (await typed(shell(tmp_path), "key", "add")).code == 0
        await office.until(lambda: len(vault.masters.keys) == 2 or None, "the robot has both")
        for words in (("key", "rewrap"), ("key", "forget"), ("key", "rotate")):
            done = await typed(shell(tmp_path), *words)
            assert done.code == 0, done.err
        await office.until(lambda: old.first not in vault.masters.keys or None, "the robot has the new one only")
        assert "可用" in await office.lin.asks("年假余额")


@pytest.mark.timeout(240)
async def test_robots_on_one_postgresql_change_the_master_key_without_a_pause(tmp_path: Path, postgres: str) -> None:
    """Two real robots, each with a key file of its own as on two machines, asked all the time."""
    url = await asyncio.to_thread(new_database, postgres)
    files = [tmp_path / "one" / "data.key", tmp_path / "two" / "data.key"]
    for file in files:
        file.parent.mkdir()
    create_key_file(files[0])
    copy(files[0], files[1])
    async with serving(World(tiny(), seed=7)) as sandbox, nursery() as births:
        shells = [
            shell(
                file.parent,
                DINGTALK_CLIENT_ID=sandbox.client_id,
                DINGTALK_CLIENT_SECRET=sandbox.client_secret,
                DINGTALK_OPENAPI_ENDPOINT=sandbox.url,
                DINGHR_DATABASE_URL=url,
                DINGHR_KEY_FILE=str(file),
                DINGHR_LISTEN="127.0.0.1:0",
                DINGHR_CLOCK_URL=f"{sandbox.url}/sandbox/clock",
            )
            for file in files
        ]
        robots = [await births.start(one, tmp_path) for one in shells]
        await asyncio.gather(*(robot.ready() for robot in robots))
        lin = Phone(Office(sandbox, None), "lin")  # type: ignore[arg-type]  # The robots are elsewhere.

        async def answers() -> None:
            for _ in range(4):  # DingTalk pushes to any of them; what one took and died with, another takes over.
                await lin.says("年假余额")
                async with asyncio.timeout(60):
                    while len(lin.messages()) == lin.seen:  # noqa: ASYNC110 - words from another process
                        await asyncio.sleep(0.05)
                assert "可用" in await lin.reads()

        await answers()
        assert (await typed(shells[0], "key", "add")).code == 0
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(bot.cli.key, "KNOWN_SECONDS", 0.0)
            done = await typed(shells[0], "key", "rewrap")
        assert (done.code, f"process {robots[1].pid}" in done.err) == (1, True), "one of them hasn't the key yet"
        copy(files[0], files[1])
        done = await typed(shells[0], "key", "rewrap")
        assert done.code == 0, done.err
        done = await typed(shells[1], "key", "rotate")
        assert done.code == 0, done.err
        for one in shells:
            assert (await typed(one, "key", "forget")).code == 0
        assert files[0].read_text("ascii") == files[1].read_text("ascii")
        await answers()
        await robots[0].kill()
        again = await births.start(shells[0], tmp_path)
        await again.ready()
        await answers()
        for robot in (again, robots[1]):
            assert not robot.logged("vault.other_master")
            assert await robot.end() == 0


# --- blind indexes ----------------------------------------------------------------------------------------------------


class LookedUpRow(SQLModel, table=True):
    """A number that is looked up by its index; known to this test only."""

    __tablename__ = "looked_up_in_a_test"
    metadata = MetaData()
    id: int = Field(primary_key=True)
    number: bytes | None
    by: bytes | None


async def test_the_index_key_is_renewed_under_look_ups(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    column = SealedColumn(LookedUpRow, "number", "id", lambda row: ("identity", "phone", row))
    monkeypatch.setattr(hr_core.vault.columns, "SEALED", [column])
    monkeypatch.setattr(hr_core.vault.reseal, "SEALED", [column])
    monkeypatch.setattr(hr_core.vault.reseal, "INDEXED", [IndexedColumn(column, "by", "phone")])
    async with database.engine.begin() as connection:
        await connection.run_sync(LookedUpRow.metadata.create_all)
    masters = MasterKeys((b"m" * 32,))
    clock = SystemClock()
    async with database.transaction() as session:
        vault = Vault(masters, await KeyStore(session).complete(masters.first, clock))

    def row(number: int) -> LookedUpRow:
        phone = f"1380013{number:04}"
        sealed = vault.seal(phone, "identity", "phone", number)
        return LookedUpRow(id=number, number=sealed, by=vault.index("phone", phone))

    async def found(phone: str) -> list[int]:
        async with database.read() as session:
            query = select(LookedUpRow.id).where(col(LookedUpRow.by).in_(vault.indexes("phone", phone)))
            return list(await session.exec(query))

    async def look() -> None:
        async with database.read() as session:
            vault.learn(await KeyStore(session).keys())

    async with database.transaction() as session:
        session.add_all([row(number) for number in range(450)])
        session.add(LookedUpRow(id=999, number=None, by=vault.index("phone", "13999999999")))
    first = vault.indexing
    async with database.transaction() as session:
        await KeyStore(session).announce(masters.first, clock)
    await look()
    assert vault.indexing == first, "an announced key isn't used"
    async with database.transaction() as session:
        await KeyStore(session).activate(clock)
    await look()
    assert vault.indexing != first
    async with database.transaction() as session:
        session.add(row(450))
    for number in (7, 450):  # One indexed before, one since.
        assert await found(f"+86 138 0013 {number:04}") == [number]
    assert await count_under(database, [first]) == 452 - 1
    assert sum([step.broken async for step in reseal(database, vault)]) == 0
    assert await count_under(database, [first]) == 0
    async with database.read() as session:
        assert (await session.exec(select(LookedUpRow.by).where(LookedUpRow.id == 999))).one() is None
    async with database.transaction() as session:
        store = KeyStore(session)
        store.retire(await store.old(), clock)
    await look()
    assert len(vault.indexes("phone", "13800130007")) == 1
    assert await found("13800130007") == [7]
