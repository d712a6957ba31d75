"""An SQLite installation with a year behind it, to be moved: the demo's company, and what a database finds hard."""

import base64
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Row as Found

from bot.contacts import IMPORTED, MarkRow
from bot.demo import seed
from bot.inbox import InboxRow
from bot.outbox import OutboxRow
from bot.store import KEY_MARK
from bot.tasks import TaskRow
from handlers.store import CardRow, DialogueRow, GroupRow
from hr_core.audit.store import AuditRow
from hr_core.database import Database, Row, open_database
from hr_core.database.batch import insert_new
from hr_core.database.migrate import upgrade
from hr_core.leave.store import LeaveLedgerRow
from hr_core.sync.model import DepartmentRecord, PersonRecord, PlaceRecord
from hr_core.vault.store import DataKeyRow
from sandbox.company import demo
from tests.cast import KEYS, VAULT
from tests.contracts.office import Company, syncing

ODD = (
    "😀👩‍👩‍👧‍👦🏳️‍🌈 𠮷野家",
    "tab\tnewline\r\nquote\"'; drop table employee;-- \\ %s :name ${x}",
    "é e\u0301 \u202eabc\u202c \ufeff\x01\x7f",
    "长" * 50_000,
    "",
)
AT = datetime(2026, 11, 24, 1, 2, 3, 456789, tzinfo=UTC)


async def build(home: Path, frames: int) -> None:
    """Make it in a folder, with its key."""
    home.mkdir(parents=True)  # noqa: ASYNC240 - before anything else runs
    (home / "data.key").write_text(base64.urlsafe_b64encode(b"k" * 32).decode())
    database = open_database(f"sqlite:///{home / 'dinghr.sqlite3'}")
    try:
        await upgrade(database)
        await _people(database)
        await seed(database, Company(database).workplace)
        await _hard_things(database)
        await _inbox(database, frames)
    finally:
        await database.close()


async def _people(database: Database) -> None:
    company = demo()
    departments = [
        DepartmentRecord(str(one.dept_id), one.name, str(one.parent_id) if one.parent_id else None)
        for one in company.departments
    ]
    heads = {one.dept_id: one.managers for one in company.departments}
    people = [
        PersonRecord(
            one.userid,
            one.name,
            one.job_number,
            one.hired,
            one.title,
            tuple(PlaceRecord(str(dept), one.userid in heads[dept]) for dept in one.dept_ids),
            one.manager or None,
            True,
        )
        for one in company.users
    ]
    async with database.transaction() as session:
        sync = syncing(session)
        await sync.apply_departments(departments)
        await sync.apply_people(people)


async def _hard_things(database: Database) -> None:
    async with database.transaction() as session:
        session.add(MarkRow(name=KEY_MARK, value=VAULT.key_id))
        session.add(MarkRow(name=IMPORTED, value="yes"))
        session.add_all(
            DataKeyRow(
                id=one.id, data_class=one.data_class, status="active", master=one.master, wrapped=one.wrapped,
                created_at=AT, since=AT,
            )
            for one in KEYS
        )  # fmt: skip
        session.add_all(
            MarkRow(name=name, value=name) for name in ("Z", "a", "Ä", "é", "中", "😀", "\uffee", "_", "B-1")
        )
        session.add(GroupRow(purpose="hr", conversation_id="cid", title=ODD[0], bound_by="li", bound_at=AT))
        session.add(
            TaskRow(
                name="morning",
                job="morning",
                key="morning@1",
                args={"text": ODD[0]},
                created_at=AT,
                due_at=AT.replace(microsecond=0),
                ready_at=AT,
                state={"after": 25, "deep": [1, None, ODD[1]]},
            )
        )
        for number, text in enumerate(ODD):
            session.add(
                AuditRow(at=AT + timedelta(microseconds=number), actor="lin", action="x", outcome="allowed", why=text)
            )
            session.add(
                DialogueRow(
                    employee_id=number + 1,
                    kind="leave",
                    state_sealed=VAULT.seal(text, "dialogue", number + 1),
                    expires_at=AT,
                )
            )
            track = f"hr-{'Zz_-9'[number]}{number}"
            session.add(
                CardRow(
                    track_id=track,
                    template="notice",
                    view="leave.status",
                    subject=number,
                    recipient=1,
                    ref="1.x.1",
                    sent_at=AT,
                )
            )
            session.add(
                OutboxRow(
                    id=(1 << 60) + number, created_at=AT, status=("new", "dead", "unknown", "sent", "dropped")[number],
                    lane="person:1", to_employee=1, track_id=track, next_at=AT, view="leave.status",
                    content_sealed=VAULT.seal(text, "outbox", track),
                    sent_at=AT if number == 3 else None, owner="gone-1",
                )
            )  # fmt: skip
        for number, days in enumerate(("0.001", "-0.5", "12.125", "2000000")):
            session.add(
                LeaveLedgerRow(
                    employee_id=1, leave_type="annual", year=2026, kind="grant", days=Decimal(days),
                    usable_from=date(2026, 2, 28) if number else None, once=f"odd:{number}", at=AT,
                )
            )  # fmt: skip


_insert = insert_new(
    InboxRow, ("seq", "id", "kind", "sender", "received_at", "status", "body_sealed", "done_at", "attempts", "owner")
)


async def _inbox(database: Database, frames: int) -> None:
    for start in range(0, frames, 5000):
        rows = [
            {
                "seq": (1 << 60) + number,
                "id": f"message:m{number}",
                "kind": "message",
                "sender": f"user{number % 60}",
                "received_at": AT + timedelta(milliseconds=number),
                "status": "new" if number % 10 == 0 else "done",
                "body_sealed": b"\x00\x01" + number.to_bytes(8, "big") * 30 if number % 10 == 0 else None,
                "done_at": None if number % 10 == 0 else AT,
                "attempts": number % 3,
                "owner": "gone-1",
            }
            for number in range(start, min(start + 5000, frames))
        ]
        async with database.transaction() as session:
            await _insert(session, rows)


async def everything(url: str) -> dict[str, Sequence[Found[Any]]]:
    """Read every table whole, in an order that no store has a say in."""
    database = open_database(url)
    try:
        async with database.read() as session:
            connection = await session.connection()
            return {
                table.name: sorted((await connection.execute(select(table))).all(), key=repr)
                for table in Row.metadata.sorted_tables
            }
    finally:
        await database.close()
