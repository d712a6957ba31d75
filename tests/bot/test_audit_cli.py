"""`dinghr audit` as an auditor meets it: filters, a head, an export that proves itself, and what is done to it."""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

import hr_core
from bot.settings import read_settings
from bot.store import open_store
from hr_core.audit.chain import ChainKeys
from hr_core.audit.heads import BadHead, Head, append_heads, last_in_file, read_heads
from hr_core.audit.merkle import Paths, Tree, root_by
from hr_core.audit.proof import Exported, check, export
from hr_core.audit.sealer import Sealer
from hr_core.audit.store import Act, AuditLog, Filter
from tests.bot.test_cli import dinghr
from tests.cast import MovableClock

SETTINGS = {"DINGTALK_CLIENT_ID": "x", "DINGTALK_CLIENT_SECRET": "y"}
DOCS = Path(hr_core.__file__).parents[1] / "docs/audit.md"
ACTS = [
    Act("lin", "leave.apply", on="lin", record="leave:1"),
    Act("wang", "leave.decide", on="lin", record="leave:1", why="approve"),
    Act("chen", "leave.view", on="lin", record="leave:1", outcome="refused"),
    Act("li", "role.grant", on="zhao", behalf="gao", why="病假“代办”\n=1+1"),
]


@pytest.fixture
async def home(tmp_path: Path) -> Path:
    """An installation with a sealed log of two heads, and an export of it."""
    settings = read_settings(dingtalk_client_id="x", dingtalk_client_secret="y", dinghr_home=tmp_path / ".dinghr")
    database, vault = await open_store(settings)
    clock = MovableClock()
    sealer = Sealer(database, vault, clock, "test", settings.head_file)
    for _ in range(2):
        for act in ACTS:
            async with database.transaction() as session:
                AuditLog(session, clock, "m1", "private").record(act)
            clock.forward(hours=1)
        await sealer.seal()
        await sealer.publish(now=True)
    async with database.read() as session:
        lines = [line async for line in export(session, ChainKeys(vault), Filter(), Exported())]
    (tmp_path / "whole.jsonl").write_text("".join(f"{line}\n" for line in lines), "utf-8")
    await sealer.stop()
    await database.close()
    return tmp_path


def listed(home: Path, *words: str) -> list[tuple[str, str]]:
    """Actor and action of what a search gives."""
    done = dinghr("audit", "list", "--json", *words, home=home, **SETTINGS)
    assert done.returncode == 0, done.stderr
    return [(row["actor"], row["action"]) for row in json.loads(done.stdout)]


def test_a_search_finds_what_was_asked_for_and_is_on_record(home: Path) -> None:
    assert listed(home, "--outcome", "refused", "--limit", "1") == [("chen", "leave.view")]
    assert listed(home, "--action", "leave.*", "--since", "2026-11-24T14:00") == [
        ("wang", "leave.decide"),
        ("chen", "leave.view"),
    ]
    assert listed(home, "--record", "leave:1", "--until", "2026-11-24T09:30", "--on", "lin") == [("lin", "leave.apply")]
    assert listed(home, "--actor", "nobody") == []
    assert listed(home, "--actor", "operator") == [("operator", "audit.read")] * 4
    assert dinghr("audit", "list", "--since", "soon", home=home, **SETTINGS).returncode == 2


def test_an_export_is_proven_without_database_key_or_settings(home: Path, tmp_path: Path) -> None:
    file = home / "lin.jsonl"
    done = dinghr("audit", "export", str(file), "--on", "lin", home=home, **SETTINGS)
    assert done.returncode == 0, done.stderr
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert digest in done.stdout
    heads = str((home / ".dinghr/audit-heads.jsonl").rename(tmp_path / "heads"))
    told = dinghr(
        "audit", "check", str(file), "--heads", heads, "--json", "--sha256", digest, home=tmp_path / "elsewhere"
    )
    found = json.loads(told.stdout)
    assert (told.returncode, found["ok"], found["rows"], found["gaps"]) == (0, True, 6, 1)
    assert dinghr("audit", "check", str(file), "--heads", heads, "--sha256", "0" * 64, home=tmp_path).returncode == 1
    assert ("operator", "audit.export") in listed(home, "--record", f"sha256:{digest}")
    again = dinghr("audit", "export", str(file), home=home, **SETTINGS)
    assert again.returncode == 2, "a file that is there isn't overwritten"


def test_the_newest_rows_are_left_out_until_a_head_stands_over_them(home: Path) -> None:
    listed(home)
    done = dinghr("audit", "export", str(home / "a"), "--actor", "operator", home=home, **SETTINGS)
    assert done.stdout.startswith("0 rows")
    assert "dinghr audit head" in done.stdout
    assert "head 3: sequences 9 to 11" in dinghr("audit", "head", home=home, **SETTINGS).stdout
    done = dinghr("audit", "export", str(home / "b"), "--actor", "operator", home=home, **SETTINGS)
    assert done.stdout.startswith("3 rows")
    verdict = dinghr("audit", "verify", "--json", home=home, **SETTINGS)
    assert json.loads(verdict.stdout)["heads"] == 3


def test_verify_names_what_is_wrong_and_exits_with_one(home: Path) -> None:
    heads = home / ".dinghr/audit-heads.jsonl"
    assert "whole: 8 rows" in dinghr("audit", "verify", home=home, **SETTINGS).stdout
    heads.write_text(heads.read_text().replace('"last": 8', '"last": 7'))
    done = dinghr("audit", "verify", "--heads", str(heads), home=home, **SETTINGS)
    assert done.returncode == 1
    assert "altered" in done.stderr
    assert dinghr("audit", "verify", "--heads", str(home / "none"), home=home, **SETTINGS).returncode == 2


def test_the_program_of_the_page_proves_the_same(home: Path) -> None:
    file, heads = home / "all.jsonl", home / ".dinghr/audit-heads.jsonl"
    assert dinghr("audit", "export", str(file), home=home, **SETTINGS).returncode == 0
    (code,) = re.findall(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    program = home / "check.py"
    program.write_text(code)

    def run() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(program), str(file), str(heads)]
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)

    assert run().stdout == "8 rows are proven\n"
    file.write_text(file.read_text("utf-8").replace('"wang"', '"chen"', 1), "utf-8")
    assert "sequence 2" in run().stderr


# --- what is done to an export ----------------------------------------------------------------------------------------


def swapped(lines: list[str]) -> list[str]:
    """Two rows in each other's place."""
    return [lines[0], lines[2], lines[1], *lines[3:]]


ALTERED: list[Callable[[list[str]], list[str]]] = [
    lambda lines: [line.replace('"lin"', '"gao"', 1) for line in lines],
    lambda lines: [line.replace('"behalf": "gao"', '"behalf": null', 1) for line in lines],
    lambda lines: [line.replace('"seq": 2', '"seq": 3', 1) for line in lines],
    lambda lines: [line.replace('"head": 2', '"head": 1', 1) for line in lines],
    lambda lines: [line.replace('"head": 2', '"head": 9', 1) for line in lines],
    lambda lines: [line.replace('"salt": "', '"salt": "00', 1) for line in lines],
    lambda lines: [line.replace('"path": [', f'"path": ["{"0" * 64}", ', 1) for line in lines],
    lambda lines: [line.replace('"why": ', '"because": ', 1) for line in lines],
    lambda lines: lines[:-1],
    lambda lines: [*lines[:3], *lines[4:]],
    lambda lines: [*lines, lines[1]],
    lambda lines: [*lines[:2], lines[1], *lines[2:]],
    lambda lines: lines[1:],
    lambda lines: [*lines[:2], "[]", *lines[2:]],
    lambda lines: [*lines[:2], "{", *lines[2:]],
    swapped,
]


@pytest.mark.parametrize("alter", ALTERED)
def test_an_altered_export_is_found(home: Path, alter: Callable[[list[str]], list[str]]) -> None:
    heads = read_heads(home / ".dinghr/audit-heads.jsonl")
    lines = (home / "whole.jsonl").read_text("utf-8").splitlines()
    changed = alter(lines)
    assert changed != lines
    assert check([f"{line}\n".encode() for line in lines], heads).ok
    found = check([f"{line}\n".encode() for line in changed], heads)
    assert not found.ok
    assert found.bad


# --- trees and heads --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [*range(1, 20), 33, 64, 100])
def test_every_leaf_of_every_tree_is_proven_and_no_other(size: int) -> None:
    leaves = [hashlib.sha256(b"%d" % number).digest() for number in range(size)]
    tree, paths = Tree(), Paths(leaves)
    for leaf in leaves:
        tree.add(leaf)
    assert tree.root() == recursive(leaves)
    for index, leaf in enumerate(leaves):
        path = paths.path(index)
        assert root_by(leaf, index, size, path) == tree.root()
        assert root_by(leaf, index, size, [*path, leaf]) is None
        assert root_by(hashlib.sha256(leaf).digest(), index, size, path) != tree.root()


def recursive(leaves: list[bytes]) -> bytes:
    """RFC 6962 §2.1 as it is written there; leaves are hashed already."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + recursive(leaves[:split]) + recursive(leaves[split:])).digest()


def test_a_file_of_heads_that_doesnt_follow_is_refused(tmp_path: Path) -> None:
    def head(number: int, previous: bytes) -> Head:
        return Head(number, date(2026, 11, 24), "x", number, number, b"r" * 32, b"s" * 32, previous)

    file, first = tmp_path / "heads", head(1, bytes(32))
    append_heads(file, [first, head(2, first.digest)])
    assert last_in_file(file) == 2
    assert len(read_heads(file)) == 2
    append_heads(file, [head(3, first.digest)])
    with pytest.raises(BadHead, match="doesn't follow"):
        read_heads(file)
