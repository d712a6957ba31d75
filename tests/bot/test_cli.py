"""The command line as a shell meets it: standard output, standard error, exit codes."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

import hr_core

EXAMPLES = Path(hr_core.__file__).parents[1] / "tests/hr_core/data/payroll_examples.json"


def dinghr(*words: str, home: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command in an environment of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DINGTALK_", "DINGHR_"))}
    command = [sys.executable, "-c", "from bot.cli import main; main()", *words]
    return subprocess.run(
        command,
        env={**environment, "HOME": str(home), **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_calculators_need_no_settings(tmp_path: Path) -> None:
    done = dinghr("rules", "run", str(EXAMPLES), home=tmp_path)
    assert done.returncode == 0
    results = {row["id"]: row for row in json.loads(done.stdout)["results"]}
    assert results["pub-leave-national-day"]["outputs"]["working_days"] == "3.5"
    assert not any(tmp_path.iterdir()), "nothing is written without a database"


def test_a_bad_row_is_an_error_object_and_the_exit_code_stays_zero(tmp_path: Path) -> None:
    file, out = tmp_path / "rows.json", tmp_path / "out.json"
    rows = [
        {"id": "a", "kind": "nonsense", "inputs": {}},
        {"id": "b", "kind": "bank_card", "inputs": {"card_number": "1"}},
    ]
    file.write_text(json.dumps({"vectors": rows}))
    done = dinghr("rules", "run", str(file), "--out", str(out), home=tmp_path)
    assert done.returncode == 0
    first, second = json.loads(out.read_text())["results"]
    assert first["error"]["code"] == "unknown_kind"
    assert second["outputs"] == {"valid": False}


def test_what_json_has_no_word_for_is_a_bad_row_too(tmp_path: Path) -> None:
    file = tmp_path / "rows.json"
    good = '{"id":"ok","kind":"bank_card","inputs":{"card_number":"1"}}'
    bad = '{"id":NaN,"kind":"x"},{"id":"\\ud800","kind":"x"}'
    file.write_text(f'{{"vectors":[{bad},{good}]}}', "utf-8-sig")  # as a Windows editor saves it
    done = dinghr("rules", "run", str(file), home=tmp_path)
    assert done.returncode == 0

    def never(word: str) -> None:
        pytest.fail(f"{word} is not JSON")

    first, second, third = json.loads(done.stdout, parse_constant=never)["results"]
    assert (first["error"]["code"], second["error"]["code"]) == ("unknown_kind", "unknown_kind")
    assert third["outputs"] == {"valid": False}


def test_an_answer_that_cant_be_written_is_named(tmp_path: Path) -> None:
    done = dinghr("rules", "run", str(EXAMPLES), "--out", str(tmp_path / "none/out.json"), home=tmp_path)
    assert done.returncode == 2
    assert done.stderr == f"--out {tmp_path}/none/out.json: No such file or directory\n"


@pytest.mark.parametrize("content", [None, "not json", "[]", "{}", "[" * 100_000])
def test_a_file_that_isnt_one_is_named(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "rows.json"
    if content is not None:
        file.write_text(content)
    done = dinghr("rules", "run", str(file), home=tmp_path)
    assert done.returncode == 2
    assert "rows.json" in done.stderr
    assert done.stdout == ""


def test_missing_settings_are_named_before_anything_happens(tmp_path: Path) -> None:
    done = dinghr("role", "list", home=tmp_path)
    assert done.returncode == 2
    assert "DINGTALK_CLIENT_ID" in done.stderr
    assert "DINGTALK_CLIENT_SECRET" in done.stderr
    assert not any(tmp_path.iterdir())


def test_an_empty_installation_has_empty_lists(tmp_path: Path) -> None:
    settings = {"DINGTALK_CLIENT_ID": "x", "DINGTALK_CLIENT_SECRET": "y"}
    assert json.loads(dinghr("role", "list", "--json", home=tmp_path, **settings).stdout) == []
    assert json.loads(dinghr("audit", "list", "--json", home=tmp_path, **settings).stdout) == []
    assert (tmp_path / ".dinghr/data.key").stat().st_mode & 0o077 == 0


def test_a_table_that_goes_to_a_file_is_whole(tmp_path: Path) -> None:
    table = dinghr("routes", home=tmp_path).stdout
    for route in json.loads(dinghr("routes", "--json", home=tmp_path).stdout):
        assert route["answers"] in table
        assert route["function"] in table


def test_a_reader_that_stops_early_ends_the_command_in_silence(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from bot.cli import main; main()", "rules", "run", str(EXAMPLES)]
    environment = {**os.environ, "HOME": str(tmp_path)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(60) == 141


def keep(home: Path, status: str) -> None:
    """Put a task into a store that a command has made."""
    with closing(sqlite3.connect(home / ".dinghr/dinghr.sqlite3")) as connection, connection:
        connection.execute(
            "insert into task"
            " (name, args, created_at, due_at, ready_at, status, turn, failures, done, of, state, error)"
            " values ('leave.grant', '{}', ?, ?, ?, ?, 3, 9, 25, 60, '{\"after\": 25}', 'OSError at bot/x.py:1')",
            (*["2026-11-24 01:00:00.000000"] * 3, status),
        )


def test_an_operator_sees_what_was_given_up_and_replays_it(tmp_path: Path) -> None:
    settings = {"DINGTALK_CLIENT_ID": "x", "DINGTALK_CLIENT_SECRET": "y"}

    def tasks(*words: str) -> subprocess.CompletedProcess[str]:
        return dinghr("tasks", *words, home=tmp_path, **settings)

    assert json.loads(tasks("list", "--json").stdout) == []
    keep(tmp_path, "dead")
    (row,) = json.loads(tasks("list", "--status", "dead", "--json").stdout)
    assert (row["name"], row["done"], row["of"], row["state"]) == ("leave.grant", 25, 60, {"after": 25})
    assert row["error"] == "OSError at bot/x.py:1"
    assert tasks("replay", "1").returncode == 0
    again = json.loads(tasks("show", "1", "--json").stdout)
    assert (again["status"], again["failures"], again["done"]) == ("new", 0, 25)
    refused = tasks("replay", "1")
    told = refused.stderr.splitlines()[-1]  # Before it a busy machine may log that a transaction was slow.
    assert (refused.returncode, told) == (
        1,
        "1: this task is neither dead nor dropped; only such a task can be replayed",
    )
    assert tasks("drop", "1").returncode == 0
    assert "no task with this number" in tasks("show", "7").stderr
    audited = json.loads(dinghr("audit", "list", "--json", home=tmp_path, **settings).stdout)
    assert [(entry["action"], entry["record"]) for entry in audited] == [
        ("task.replay", "task:1"),
        ("task.drop", "task:1"),
    ]


NOWHERE = {
    "DINGTALK_CLIENT_ID": "x",
    "DINGTALK_CLIENT_SECRET": "y",
    "DINGTALK_OPENAPI_ENDPOINT": "http://127.0.0.1:9",
}


def test_somebody_who_cant_be_asked_for_isnt_said_to_be_unknown(tmp_path: Path) -> None:
    done = dinghr("role", "grant", "somebody", "hr", home=tmp_path, **NOWHERE)
    assert done.returncode == 1
    assert "can't be asked" in done.stderr
    assert "DINGTALK_OPENAPI_ENDPOINT" in done.stderr


def test_every_route_lists_itself(tmp_path: Path) -> None:
    routes = json.loads(dinghr("routes", "--json", home=tmp_path).stdout)
    assert {"phrase", "click", "question", "attachment", "paper", "view"} == {route["kind"] for route in routes}
    assert all(route["answers"] and route["function"] for route in routes)


def test_a_robot_holds_nothing_that_only_others_need() -> None:
    script = "import sys, bot.app, bot.cli.main; print([one for one in sys.argv[1:] if one in sys.modules])"
    children = ["openpyxl", "PIL", "lxml", "reportlab", "pikepdf"]
    commands = ["alembic", "mako", "rich.progress", "hr_core.vectors", "sandbox"]
    servers = ["asyncpg", "procrastinate", "psycopg"]
    heavy = [*children, *commands, *servers]
    asked = subprocess.run([sys.executable, "-c", script, *heavy], capture_output=True, text=True, check=True)
    assert asked.stdout.strip() == "[]"


def test_a_robot_that_finds_its_schema_loads_no_migrations(tmp_path: Path) -> None:
    script = """
import asyncio, sys
from hr_core.database import open_database
from hr_core.database.migrate import upgrade

async def main():
    database = open_database(sys.argv[1])
    await upgrade(database)
    await database.close()

asyncio.run(main())
print("alembic" in sys.modules)
"""
    command = [sys.executable, "-c", script, f"sqlite:///{tmp_path / 'dinghr.sqlite3'}"]
    loaded = [subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() for _ in range(2)]
    assert loaded == ["True", "False"]
