"""What was put aside, through the commands as an operator types them, on both stores."""

import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from sqlalchemy import text
from sqlalchemy.dialects import sqlite
from sqlmodel import select

from bot.backlog import INBOX, OUTBOX, OUTBOX_ASIDE, Backlog
from bot.cli.main import app
from bot.inbox import InboxRow
from bot.outbox import OutboxRow
from bot.outbox.table import OutboxStore
from bot.replica import Replica
from bot.tasks import TaskRow
from hr_core.audit.store import AuditRow, write_acts
from hr_core.database import Database
from hr_core.people.store import EmployeeRow
from tests.cast import VAULT, MovableClock

AT = datetime(2026, 11, 24, 1, tzinfo=UTC)
SECRET = "身体不舒服，想请两天假"


@dataclass
class Answer:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        return json.loads(self.out)


Operator = Callable[..., Awaitable[Answer]]


@pytest.fixture
def operator(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Operator:
    """Types `dinghr …` on the server."""
    (tmp_path / "data.key").write_text(base64.urlsafe_b64encode(b"k" * 32).decode())
    monkeypatch.setenv("DINGTALK_CLIENT_ID", "x")
    monkeypatch.setenv("DINGTALK_CLIENT_SECRET", "y")
    monkeypatch.setenv(
        "DINGHR_DATABASE_URL", database.url.render_as_string(hide_password=False).replace("+aiosqlite", "")
    )
    monkeypatch.setenv("DINGHR_KEY_FILE", str(tmp_path / "data.key"))

    async def types(*words: str) -> Answer:
        capsys.readouterr()
        code = 0
        try:
            await app.run_async(words, exit_on_error=False, result_action="return_value")
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capsys.readouterr()
        return Answer(code, said.out, said.err)

    return types


def frame(number: int, status: str = "failed", *, kind: str = "message", id: str = "") -> InboxRow:
    name = id or f"{kind}:msg{number:06d}"
    return InboxRow(
        seq=number, id=name, kind=kind, sender="contacts" if kind == "event" else "lin", status=status,
        received_at=AT + timedelta(minutes=number), attempts=1, owner="gone-1",
        error="ValueError" if status == "failed" else None,
        body_sealed=None if status == "done" else VAULT.seal(SECRET, "inbox", name),
    )  # fmt: skip


def message(number: int, status: str = "dead", *, words: str | None = SECRET, view: str = "") -> OutboxRow:
    track = f"hr-{number}"
    return OutboxRow(
        id=number, created_at=AT, status=status, lane="person:1", to_employee=1, view=view, track_id=track,
        cause="message:msg1", attempts=7, next_at=AT, error="refused: robot.send_private x", owner="gone-1",
        content_sealed=VAULT.seal(json.dumps({"text": ["", words]}), "outbox", track) if words else None,
    )  # fmt: skip


async def keep(database: Database, *rows: InboxRow | OutboxRow) -> None:
    async with database.transaction() as session:
        if await session.get(EmployeeRow, 1) is None:
            session.add(EmployeeRow(id=1, key="lin", name="林晓"))
            await session.flush()
        session.add_all(rows)


async def statuses(database: Database, table: type[InboxRow] | type[OutboxRow]) -> dict[str, str]:
    async with database.read() as session:
        columns = table.__table__.c  # type: ignore[union-attr]
        found = await session.exec(select(columns.id, columns.status))
        return {str(name): status for name, status in found}


async def audited(operator: Operator) -> list[tuple[str, str, str]]:
    rows = (await operator("audit", "list", "--json")).value
    return [(row["action"], row["on"], row["record"]) for row in rows if row["action"] != "audit.read"]


# --- looking ----------------------------------------------------------------------------------------------------------


async def test_a_list_shows_what_needs_an_operator_and_nothing_that_was_written(
    database: Database, operator: Operator
) -> None:
    rows = [
        frame(1),
        frame(2, "new"),
        frame(3, "done"),
        frame(4, kind="event"),
        frame(5, id="click:abcdefgh", kind="click"),
    ]
    await keep(
        database, *rows, *(message(n, s) for n, s in enumerate(("new", "sending", "sent", "dead", "unknown", "cut")))
    )
    told = await operator("inbox", "list", "--json")
    assert told.value[0] == {
        "id": "message:msg000001", "reference": "sg000001", "kind": "message", "userid": "lin", "status": "failed",
        "at": "2026-11-24T01:01:00+00:00", "attempts": 1, "error": "ValueError", "done_at": None,
    }  # fmt: skip
    assert [(row["kind"], row["userid"]) for row in told.value[1:]] == [("event", None), ("click", "lin")]
    assert [row["id"] for row in (await operator("inbox", "list", "--status", "new", "--json")).value] == [rows[1].id]
    told = await operator("outbox", "list", "--json")
    assert [(row["id"], row["status"]) for row in told.value] == [("3", "dead"), ("4", "unknown")]
    shown = await operator("outbox", "show", "3")
    assert "message:msg1" in shown.out
    assert "person:1" in shown.out
    for answer in (told, shown, await operator("inbox", "show", "sg000001"), await operator("inbox", "list")):
        assert SECRET not in answer.out
        assert "sealed" not in answer.out


async def test_a_frame_is_found_by_the_reference_its_sender_was_told(database: Database, operator: Operator) -> None:
    await keep(database, frame(1, id="message:aaaa12345678"), frame(2, id="message:bbbb12345678"), frame(3))
    assert (await operator("inbox", "show", "sg000003", "--json")).value["id"] == "message:msg000003"
    told = await operator("inbox", "show", "12345678")
    assert (told.code, told.out) == (1, "")
    assert "message:aaaa12345678, message:bbbb12345678" in told.err


@pytest.mark.parametrize("verb", ["show", "replay", "drop"])
async def test_an_unknown_id_changes_nothing(database: Database, operator: Operator, verb: str) -> None:
    await keep(database, frame(1), message(2))
    others = {"show": ()}
    for words in (
        ("inbox", verb, *others.get(verb, ("message:msg000001",)), "message:nothing"),
        ("inbox", verb, *others.get(verb, ("message:msg000001",)), "1"),
        ("outbox", verb, *others.get(verb, ("2",)), "3"),
        ("outbox", verb, *others.get(verb, ("2",)), "9" * 5000),
        ("outbox", verb, *others.get(verb, ("2",)), "hr-2"),
    ):
        told = await operator(*words)
        assert (told.code, told.out) == (1, "")
        assert words[-1] in told.err
        assert f"dinghr {words[0]} list" in told.err
    assert set((await statuses(database, InboxRow)).values()) == {"failed"}
    assert set((await statuses(database, OutboxRow)).values()) == {"dead"}


@pytest.mark.parametrize("words", [("replay",), ("drop",), ("replay", "1", "--all"), ("list", "--status", "lost")])
async def test_a_misused_command_says_so(operator: Operator, words: tuple[str, ...]) -> None:
    told = await operator("outbox", *words)
    assert told.code == 2
    assert told.err


# --- replaying --------------------------------------------------------------------------------------------------------


async def test_a_replayed_frame_belongs_to_nobody_and_is_on_record(database: Database, operator: Operator) -> None:
    await keep(database, frame(1), frame(2), frame(3, "done"))
    told = await operator("inbox", "replay", "message:msg000001", "message:msg000003", "--json")
    assert told.value == [
        {"id": "message:msg000001", "result": "replayed"},
        {"id": "message:msg000003", "result": "done already"},
    ]
    async with database.read() as session:
        row = await session.get(InboxRow, 1)
    assert row is not None
    assert (row.status, row.owner, row.error, row.attempts) == ("new", None, None, 1)
    assert row.body_sealed is not None
    again = await operator("inbox", "replay", "message:msg000001")
    assert (again.code, again.out) == (0, "message:msg000001: waiting already\n")
    assert await audited(operator) == [("inbox.replay", "lin", "inbox:1")]
    assert (await statuses(database, InboxRow))["message:msg000002"] == "failed"


async def test_a_replayed_message_is_tried_as_often_as_a_new_one(database: Database, operator: Operator) -> None:
    await keep(database, message(1), message(2, view="leave.outcome", words=None))
    assert (await operator("outbox", "replay", "--all")).out == "1: replayed\n2: replayed\n"
    store = OutboxStore(VAULT, MovableClock(), Replica())
    async with database.transaction() as session:
        letters = await store.take_over(session, 9)
    assert [(one.id, one.attempts, one.words_only) for one in letters] == [(1, 0, False), (2, 0, False)]
    assert letters[0].content == {"text": ["", SECRET]}
    assert await audited(operator) == [("outbox.replay", "lin", "outbox:1"), ("outbox.replay", "lin", "outbox:2")]
    assert (await operator("outbox", "replay", "--all")).out == "nothing was put aside\n"


@pytest.mark.parametrize("status", ["dead", "unknown"])
async def test_what_was_given_up_keeps_its_words_for_a_replay(database: Database, status: str) -> None:
    replica = Replica()
    store = OutboxStore(VAULT, MovableClock(), replica)
    row = message(1, "sending")
    row.owner = replica.name
    await keep(database, row)
    async with database.transaction() as session:
        await store.note_all(session, [{"key": 1, "status": status, "attempts": 7, "next_at": AT, "error": "x"}])
    async with database.read() as session:
        noted = await session.get(OutboxRow, 1)
    assert noted is not None
    assert noted.status == status
    assert noted.content_sealed is not None


async def test_what_may_have_arrived_is_said_again_only_if_one_means_it(database: Database, operator: Operator) -> None:
    await keep(database, message(1), message(2, "unknown"))
    for words in (("1", "2"), ("--all",)):
        refused = await operator("outbox", "replay", *words)
        assert (refused.code, refused.out) == (1, "")
        assert "2: may have arrived" in refused.err
        assert "--yes" in refused.err
    assert await statuses(database, OutboxRow) == {"1": "dead", "2": "unknown"}
    assert (await operator("outbox", "replay", "2", "--yes")).out == "2: replayed\n"
    assert await statuses(database, OutboxRow) == {"1": "dead", "2": "new"}


async def test_what_has_no_content_any_more_isnt_replayed(database: Database, operator: Operator) -> None:
    await keep(database, message(1, words=None), message(2, "dropped", words=None), message(3))
    for number in ("1", "2"):
        told = await operator("outbox", "replay", "3", number)
        assert told.code == 1
        assert "content is gone" in told.err
    assert (await statuses(database, OutboxRow))["3"] == "dead"


# --- dropping ---------------------------------------------------------------------------------------------------------


async def test_what_is_dropped_stays_without_its_content(database: Database, operator: Operator) -> None:
    await keep(database, frame(1), message(2), message(3, "unknown"))
    assert (await operator("inbox", "drop", "--all")).out == "message:msg000001: dropped\n"
    assert (await operator("outbox", "drop", "2", "3")).out == "2: dropped\n3: dropped\n"
    async with database.read() as session:
        put, sent = await session.get(InboxRow, 1), await session.get(OutboxRow, 2)
    assert put is not None
    assert sent is not None
    assert (put.status, put.body_sealed, put.error) == ("dropped", None, "ValueError")
    assert (sent.status, sent.content_sealed) == ("dropped", None)
    assert (await operator("outbox", "drop", "2", "--json")).value == [{"id": "2", "result": "dropped already"}]
    assert (await operator("inbox", "replay", "message:msg000001")).code == 1
    assert {action for action, _, _ in await audited(operator)} == {"inbox.drop", "outbox.drop"}
    assert len(await audited(operator)) == 3


@pytest.mark.parametrize("status", ["new", "sending", "sent"])
async def test_what_is_on_its_way_cant_be_dropped(database: Database, operator: Operator, status: str) -> None:
    await keep(database, message(1, status))
    told = await operator("outbox", "drop", "1")
    assert told.code == 1
    assert status in told.err
    assert await statuses(database, OutboxRow) == {"1": status}


# --- counting ---------------------------------------------------------------------------------------------------------


async def test_the_metrics_page_counts_what_waits_and_what_was_put_aside(database: Database) -> None:
    await keep(database, frame(1), frame(2), frame(3, "new"), frame(4, "done"), *(message(n) for n in range(3)))
    await keep(database, message(3, "unknown"), message(4, "sent"))
    async with database.transaction() as session:
        await Replica().beat(session)
        await write_acts(session, [AuditRow(at=AT, actor="robot", action="leave.apply", outcome="allowed")])
        session.add(TaskRow(name="leave.grant", args={}, status="dead", created_at=AT, due_at=AT, ready_at=AT))
    registry = CollectorRegistry()
    backlog = Backlog(database, MovableClock(AT + timedelta(minutes=11)), registry, lambda: 2)
    await backlog.measure()
    page = generate_latest(registry).decode()
    for line in (
        'dinghr_inbox_rows{status="failed"} 2.0',
        'dinghr_inbox_rows{status="new"} 1.0',
        'dinghr_inbox_oldest_seconds{status="failed"} 600.0',
        'dinghr_inbox_oldest_seconds{status="new"} 480.0',
        'dinghr_outbox_rows{status="dead"} 3.0',
        'dinghr_outbox_rows{status="unknown"} 1.0',
        'dinghr_outbox_rows{status="sending"} 0.0',
        'dinghr_outbox_oldest_seconds{status="dead"} 660.0',
        'dinghr_outbox_oldest_seconds{status="new"} 0.0',
        'dinghr_task_rows{status="dead"} 1.0',
        'dinghr_task_oldest_seconds{status="dead"} 660.0',
        'dinghr_task_rows{status="new"} 0.0',
        'dinghr_audit_rows{status="unsealed"} 1.0',
        'dinghr_audit_oldest_seconds{status="unsealed"} 660.0',
        "dinghr_frames_lost 2.0",
        "dinghr_replicas 1.0",
        "dinghr_database_up 1.0",
    ):
        assert line in page.splitlines()
    assert "lin" not in page.replace("line", "")


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (INBOX, "ix_inbox_open"),
        (OUTBOX, "ix_outbox_open"),
        (OUTBOX_ASIDE, "ix_outbox_aside"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_counting_reads_a_partial_index_alone(database: Database, query: Any, index: str) -> None:
    statement = f"explain query plan {query.compile(dialect=sqlite.dialect())}"
    async with database.engine.connect() as connection:
        plan = " ".join(str(row) for row in await connection.execute(text(statement)))
    assert index in plan


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_database_that_is_away_is_said_to_be(database: Database) -> None:
    registry = CollectorRegistry()
    backlog = Backlog(database, MovableClock(), registry, lambda: 0)
    await backlog.measure()
    assert "dinghr_inbox_rows{" in generate_latest(registry).decode()
    backlog._database = Database("postgresql://nobody@127.0.0.1:9/none")
    await backlog.measure()
    await backlog._database.close()
    page = generate_latest(registry).decode()
    assert "dinghr_database_up 0.0" in page
    assert "dinghr_inbox_rows{" not in page
