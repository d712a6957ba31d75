"""`python -m sandbox` as its users start it."""

import asyncio
import json
import re
import signal
import sys
import time
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from sandbox.__main__ import main
from sandbox.operations import ALL

DOCS = Path(__file__).parents[2] / "docs"


@asynccontextmanager
async def started(*arguments: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, dict[str, str]]]:
    """Start it; give the process and what it says."""
    pipe = asyncio.subprocess.PIPE
    command = ["-m", "sandbox", "--listen", "127.0.0.1:0", *arguments]
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=pipe, stderr=pipe)
    try:
        assert process.stdout is not None
        yield process, json.loads(await asyncio.wait_for(process.stdout.readline(), 20))
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_it_tells_its_address_once_it_listens_and_ends_when_told() -> None:
    start = ("--start", "2026-12-01T09:00:00+08:00", "--client-id", "dingx", "--client-secret", "s")
    async with started(*start, "--template", "mine.schema=notice") as (process, told), aiohttp.ClientSession() as http:
        async with http.get(f"{told['url']}/sandbox/clock") as response:
            assert (await response.json())["now"].startswith("2026-12-01T09:00:0")
        token = {"appKey": "dingx", "appSecret": "s"}
        async with http.post(f"{told['url']}/v1.0/oauth2/accessToken", json=token) as response:
            assert response.status == 200
        async with http.get(f"{told['url']}/sandbox/templates") as response:
            assert "mine.schema" in {one["id"] for one in await response.json()}
        waiting = asyncio.create_task(http.get(f"{told['url']}/sandbox/clock?after=999&wait=60"))
        await asyncio.sleep(0)
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
        assert time.monotonic() - begun < 2
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


async def test_a_port_in_use_is_named() -> None:
    async with started() as (_, told):
        address = told["url"].removeprefix("http://")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "sandbox", "--listen", address, stderr=asyncio.subprocess.PIPE
        )
        _, errors = await process.communicate()
        assert process.returncode == 1
        assert address in errors.decode()


@pytest.mark.parametrize("text", ["{", "[]", '{"world": 1}', '{"world": {"chats": 1}}', ""])
def test_a_world_that_cannot_be_read_is_named(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    kept = tmp_path / "states" / "last.json"
    kept.parent.mkdir()
    kept.write_text(text, "utf-8")
    assert main(["--listen", "127.0.0.1:0", "--company", "tiny", "--state", str(tmp_path)]) == 1
    assert str(kept) in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("x", "utf-8")
    assert main(["--listen", "127.0.0.1:0", "--company", "tiny", "--state", str(tmp_path / "file")]) == 1
    assert "cannot write to" in capsys.readouterr().err


def test_by_itself_it_needs_no_more_than_it_says() -> None:
    root = DOCS.parent
    alone = tomllib.loads((root / "sandbox" / "pyproject.toml").read_text("utf-8"))["project"]
    robot = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    assert set(alone["dependencies"]) <= set(robot["dependencies"])
    assert (alone["version"], alone["requires-python"]) == (robot["version"], robot["requires-python"])
    sources = [one.read_text("utf-8") for one in (root / "sandbox").rglob("*.py")]
    imported = {name for text in sources for name in re.findall(r"^(?:from|import) (\w+)", text, re.MULTILINE)}
    needed = {re.split(r"\W", one)[0] for one in alone["dependencies"]}
    assert imported - sys.stdlib_module_names - {"sandbox"} <= needed


@pytest.mark.parametrize(
    "arguments", [["--listen", "here"], ["--start", "noon"], ["--template", "x=poem"], ["--people", "0"]]
)
def test_what_cannot_be_read_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refusal:
        main(arguments)
    assert refusal.value.code == 2
    assert arguments[1] in capsys.readouterr().err


@pytest.mark.parametrize("what", ["families", "faults", "controls"])
def test_the_documented_tables_are_the_described_ones(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--describe", what]) == 0
    begin, end = f"<!-- python -m sandbox --describe {what} -->", "<!-- end -->"
    inside = (DOCS / "sandbox.md").read_text("utf-8").partition(begin)[2].partition(end)[0]
    assert inside.strip() == capsys.readouterr().out.strip(), f"run `python -m sandbox --describe {what}` into it"


def test_the_page_of_operations_is_the_described_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--describe"]) == 0
    told = (DOCS / "sandbox-operations.md").read_text("utf-8")
    assert told == capsys.readouterr().out, "run `python -m sandbox --describe > docs/sandbox-operations.md`"
    anchors = {re.sub(r"[^\w -]", "", one).lower() for one in re.findall(r"^#+ (.+)$", told, re.MULTILINE)}
    assert {one.lower() for one in re.findall(r"\(#([^)]+)\)", told)} <= anchors


def test_every_operation_has_its_own_name_and_call() -> None:
    assert len({one.name for one in ALL}) == len(ALL)
    assert len({(one.method, one.path) for one in ALL}) == len(ALL)
    assert all(one.page and one.date for one in ALL)
