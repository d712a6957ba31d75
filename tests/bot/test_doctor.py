"""`dinghr doctor` where nothing is right: each line names the thing and the step that mends it."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import stamina

from bot.doctor import Finding, examine
from bot.settings import read_settings
from bot.store import open_store
from bot.tasks import TaskRow
from hr_core.audit.store import AuditRow, write_acts

BACKUP = "put the key file back from its backup"


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An installation whose DingTalk can't be reached."""
    for name in [name for name in os.environ if name.startswith(("DINGTALK_", "DINGHR_"))]:
        monkeypatch.delenv(name)
    for name, value in {
        "DINGTALK_CLIENT_ID": "x",
        "DINGTALK_CLIENT_SECRET": "y",
        "DINGTALK_OPENAPI_ENDPOINT": "http://127.0.0.1:9",
        "DINGHR_HOME": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)
    return tmp_path


async def findings() -> dict[str, Finding]:
    """Look at everything, without asking again and again."""
    with stamina.set_testing(True, attempts=1):
        return {finding.name: finding for finding in await examine(read_settings())}


async def test_a_network_that_is_down_is_named_with_its_setting(home: Path) -> None:
    found = await findings()
    assert found["database"].ok
    assert found["data key"].ok
    assert not found["clock"].ok
    assert not found["credentials"].ok
    assert "DINGTALK_OPENAPI_ENDPOINT" in found["credentials"].mend


async def test_a_new_key_is_never_advised_for_a_database_that_has_one(home: Path) -> None:
    key = home / "data.key"
    database, _ = await open_store(read_settings())
    await database.close()
    kept = key.read_text()

    key.write_text("not a key\n")
    found = await findings()
    assert (found["database"].ok, found["database"].mend) == (False, BACKUP)
    assert (found["data key"].ok, found["data key"].mend) == (False, BACKUP)

    key.unlink()
    found = await findings()
    assert (found["database"].ok, found["database"].mend) == (False, BACKUP)
    assert found["data key"].mend.startswith("put it back from its backup")
    assert not key.exists()

    key.mkdir()
    assert "name a file" in (await findings())["data key"].mend
    key.rmdir()

    key.write_text(kept)
    key.chmod(0o644)
    found = await findings()
    assert found["database"].ok
    assert found["data key"].mend == f"chmod 600 {key}"


async def test_what_was_given_up_is_named_with_the_command_that_mends_it(home: Path) -> None:
    assert all(found.ok for found in [(await findings())["dead tasks"], (await findings())["audit log"]])
    database, _ = await open_store(read_settings())
    at = datetime.now(UTC) - timedelta(hours=1)
    async with database.transaction() as session:
        session.add(TaskRow(name="leave.grant", args={}, status="dead", created_at=at, due_at=at, ready_at=at))
        await write_acts(session, [AuditRow(at=at, actor="robot", action="leave.apply", outcome="allowed")])
    await database.close()
    found = await findings()
    assert found["dead tasks"].text == "1 dead"
    assert found["dead tasks"].mend.startswith("dinghr tasks list --status dead, then dinghr tasks replay ID")
    assert found["audit log"].mend == "dinghr audit head"
    assert (found["dead letters"].ok, found["put-aside messages"].ok) == (True, True)
