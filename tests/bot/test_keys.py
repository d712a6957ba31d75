"""The master key from file, environment or command; data keys renewed under a running robot, by real processes."""

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select, update

import bot.keys
from bot.inbox import InboxRow
from bot.keys import create_key_file, key_from_file, master_key, open_vault
from bot.settings import Settings, SettingsError, read_settings
from bot.store import open_store
from hr_core.database import Database
from hr_core.vault import Vault, new_key, read_key
from hr_core.vault.store import DataKeyRow, KeyStatus
from tests.conversations.office import Office, opened

ROWS = 900
NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)


def settings(home: Path, **more: Any) -> Settings:
    return read_settings(dingtalk_client_id="x", dingtalk_client_secret="y", dinghr_home=home, **more)


async def dinghr(*words: str, home: Path, **more: str) -> tuple[int, str, str]:
    """Run a command as a process of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DINGTALK_", "DINGHR_"))}
    told = {"DINGTALK_CLIENT_ID": "x", "DINGTALK_CLIENT_SECRET": "y", "DINGHR_HOME": str(home), "HOME": str(home)}
    process = await asyncio.create_subprocess_exec(
        *[sys.executable, "-c", "from bot.cli import main; main()", *words],
        env={**environment, **told, **more},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


# --- where the master key comes from ----------------------------------------------------------------------------------


def test_a_key_file_is_made_for_an_empty_database_only(tmp_path: Path) -> None:
    path = tmp_path / "home" / "data.key"
    with pytest.raises(SettingsError, match="backup"):
        key_from_file(path, may_create=False)
    key = key_from_file(path, may_create=True)
    assert path.stat().st_mode & 0o077 == 0
    assert key_from_file(path, may_create=False) == key
    with pytest.raises(FileExistsError):
        create_key_file(path)
    for content in (b"not a key", b"\xff\xfe"):
        path.write_bytes(content)
        with pytest.raises(SettingsError, match="DINGHR_KEY_FILE"):
            key_from_file(path, may_create=True)


async def test_the_key_may_come_from_the_environment(tmp_path: Path) -> None:
    key = new_key()
    assert await master_key(settings(tmp_path, dinghr_key=key), may_create=False) == read_key(key)
    assert not (tmp_path / "data.key").exists()
    with pytest.raises(SettingsError, match="DINGHR_KEY: it is not") as problem:
        await master_key(settings(tmp_path, dinghr_key="hushhush"), may_create=False)
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
        await master_key(settings(tmp_path, dinghr_key_command=command), may_create=True)
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
    told = settings(tmp_path)
    vaults = await asyncio.gather(*(open_vault(told, database, b"m" * 32) for _ in range(4)))
    for one in vaults:
        assert all(other.open(one.seal("x", "inbox", 1), "inbox", 1) == "x" for other in vaults)
    async with database.read() as session:
        rows = list(await session.exec(select(DataKeyRow)))
    assert len(rows) == len({row.data_class for row in rows})


async def test_a_running_robot_uses_a_new_key_within_seconds_and_reads_what_is_under_the_old(tmp_path: Path) -> None:
    async with opened(tmp_path, "text") as office:
        await office.lin.asks("明天请年假")
        before = office.robot.workplace.vault.current_header("dialogue")
        code, _, err = await dinghr("key", "rotate", home=tmp_path)
        assert code == 0, err
        await office.until(lambda: _header(office) != before or None, "the robot seals with the new key")
        assert "待审批" in await office.lin.asks("提交"), "what lay under the old key was read"
        assert "林晓" in await office.wang.reads()
        assert (await dinghr("key", "reseal", home=tmp_path))[0] == 0
        code, _, err = await dinghr("key", "retire", home=tmp_path)
        assert (code, "too early" in err) == (1, True)
        code, _, err = await dinghr("key", "retire", "--now", home=tmp_path)
        assert code == 0, err
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


@pytest.mark.timeout(300)
async def test_sealing_anew_survives_kill_9_and_loses_nothing_that_is_written_meanwhile(tmp_path: Path) -> None:
    database, vault = await full_store(tmp_path)
    old = vault.current_header("inbox")
    assert (await dinghr("key", "rotate", home=tmp_path))[0] == 0
    assert (await dinghr("key", "reseal", home=tmp_path, DINGHR_FAIL_POINT="vault.chunk_resealed:kill:2"))[0] == -9
    under_old = [row for row in await _rows(database) if (row.body_sealed or b"")[:5] == old]
    assert 0 < len(under_old) < ROWS, "some chunks are done, some aren't"
    code, _, err = await dinghr("key", "retire", "--now", home=tmp_path)
    assert (code, "sealed with them still" in err) == (1, True)

    written: dict[str, str] = {}

    async def write() -> None:
        """A robot that hasn't noticed yet writes over values, under the old key, while they are sealed anew."""
        for n in range(0, ROWS, 3):
            name = f"message:{n}"
            async with database.transaction() as session:
                sealed = vault.seal(f"changed {n}", "inbox", name)
                await session.exec(update(InboxRow).where(col(InboxRow.id) == name).values(body_sealed=sealed))
            written[name] = f"changed {n}"

    results = await asyncio.gather(dinghr("key", "reseal", home=tmp_path), write())
    assert results[0][0] == 0
    assert (await dinghr("key", "reseal", home=tmp_path))[0] == 0
    assert (await dinghr("key", "retire", "--now", home=tmp_path))[0] == 0
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


async def test_another_master_key_rewraps_the_data_keys_and_changes_no_value(tmp_path: Path) -> None:
    database, _vault = await full_store(tmp_path)
    before = [row.body_sealed for row in await _rows(database)]
    assert (await dinghr("key", "create", str(tmp_path / "new.key"), home=tmp_path))[0] == 0
    code, out, err = await dinghr("key", "rewrap", str(tmp_path / "new.key"), home=tmp_path)
    assert code == 0, err
    assert "DINGHR_KEY_FILE=" in out
    assert [row.body_sealed for row in await _rows(database)] == before
    await database.close()
    with pytest.raises(SettingsError, match="not the key of this database"):
        await open_store(settings(tmp_path))
    again, fresh = await open_store(settings(tmp_path, dinghr_key_file=tmp_path / "new.key"))
    assert fresh.open(before[0] or b"", "inbox", "message:0") == "body 0"
    await again.close()
