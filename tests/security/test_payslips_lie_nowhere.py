"""Figures of pay are shown to their owner and stand nowhere else: no store, log, wire or file."""

import json
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from sandbox.state import dump
from tests.conversations.office import Office, opened
from tests.conversations.payday import FIGURES, release
from tests.conversations.test_papers import ADDRESS, given, heard, password_of
from tests.conversations.test_payslip import looks, pulls

WORDS = "餐补标记甲乙少了"
WANTED = (*FIGURES, "37,530.86", "37,189.21", "37530.86", "37189.21")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files would go."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.fixture
async def reachable(tmp_path: Path) -> AsyncIterator[Office]:
    """Without cards, with an address that phones reach."""
    async with opened(tmp_path, "text", dinghr_public_url=ADDRESS) as office:
        yield office


def bytes_in(folder: Path) -> dict[str, bytes]:
    """Every file's content."""
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def lies_nowhere(office: Office, folder: Path, log: str) -> None:
    """Search every byte that is kept, and what went over the wire."""
    await office.quiet()
    kept = bytes_in(folder)
    assert any(name.endswith("-wal") for name in kept)
    assert "stream.connected" in log
    kept["log"] = log.encode()
    entries = office.sandbox.world.wire.entries
    wire = json.dumps([[one.title, one.path, one.request, one.response] for one in entries], default=str)
    kept |= {"wire": wire.encode(), "saved world": dump(office.sandbox.world).encode()}
    for name, content in kept.items():
        for wanted in WANTED:
            for spelling in (wanted.encode(), wanted.encode("utf-16-le"), json.dumps(wanted)[1:-1].encode()):
                assert spelling not in content, f"{wanted} stands in {name}"


async def test_on_cards(capfd: pytest.CaptureFixture[str], temporary: Path, office: Office, tmp_path: Path) -> None:
    await office.makes_payroll("zhao")
    await release(office)
    for said in ("工资条", "和上月比", "今年一共"):
        await office.lin.says(said)
        card = await office.lin.receives("notice")
        assert "." in (await looks(office.lin, card))["body"]
        await pulls(office, "chen", card.out_track_id)
        await office.lin.clicks(card, "再看")
        await looks(office.lin, await office.lin.receives("notice"))
    await office.lin.clicks(card, "再看")
    await office.lin.asks("确认工资条")
    await lies_nowhere(office, tmp_path, capfd.readouterr().err)


async def test_in_a_locked_file(
    capfd: pytest.CaptureFixture[str], temporary: Path, text_office: Office, tmp_path: Path
) -> None:
    office = text_office
    await office.makes_payroll("zhao")
    await release(office)
    for number, said in enumerate(("工资条", "和上月比", "今年一共"), 1):
        await office.lin.says(said)
        await heard(office, "lin", "file", number)
    password = await password_of(office, "lin")
    await office.quiet()
    assert not bytes_in(temporary)
    assert not any(password.encode() in content for content in bytes_in(tmp_path).values())
    await lies_nowhere(office, tmp_path, capfd.readouterr().err)


async def test_behind_a_link(
    capfd: pytest.CaptureFixture[str], temporary: Path, reachable: Office, tmp_path: Path
) -> None:
    await release(reachable)
    async with aiohttp.ClientSession() as session:
        for said in ("工资条", "和上月比", "今年一共"):
            link = await given(reachable, said)
            async with session.post(link) as answer:
                assert answer.status == 200
            secret = link.rpartition("/")[2]
            assert not any(secret.encode() in content for content in bytes_in(tmp_path).values())
    await lies_nowhere(reachable, tmp_path, capfd.readouterr().err)


async def test_what_is_objected_and_answered_is_sealed(
    capfd: pytest.CaptureFixture[str], temporary: Path, text_office: Office, tmp_path: Path
) -> None:
    office = text_office
    await office.makes_payroll("zhao")
    await release(office)
    await office.lin.asks(f"工资条有异议：{WORDS}")
    await office.zhao.reads()
    await office.zhao.asks(f"答复异议 1 {WORDS}已补")
    await office.lin.reads()
    await office.quiet()
    log = capfd.readouterr().err
    assert "stream.connected" in log
    assert WORDS not in log
    assert not any(WORDS.encode() in content for content in bytes_in(tmp_path).values())
