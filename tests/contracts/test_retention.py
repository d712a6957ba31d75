"""Every class of data goes when its time is over, and not before; what is erased is gone from the file's bytes too."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func
from sqlmodel import col, select

import bot.store  # noqa: F401 - every table, part and rule
from bot.inbox import InboxRow
from bot.outbox import OutboxRow
from handlers.store import CardRow, DialogueRow
from hr_core.approval.store import ApprovalStepRow
from hr_core.database import Database, Row
from hr_core.leave.store import LeaveLedgerRow, LeaveRequestRow
from hr_core.people.store import EmployeeRow, PeopleStore
from hr_core.privacy.erase import NAMELESS, RULES, empty_log, erase_due
from hr_core.privacy.export import PARTS
from hr_core.privacy.policy import CLASSES, BadPrivacyPolicy, load_privacy_policy, months_before
from hr_core.privacy.store import CorrectionRow
from tests.cast import TODAY, VAULT
from tests.contracts.office import Company

POLICY = load_privacy_policy()
NOT_EXPORTED = {
    "identity_reading": "for minutes: who looked at what, and why, is in the audit part for good",
    "approval_approver": "whom a step asks: part of the asker's record, who gets it with the request",
    "bound_group": "a group's purpose and who bound it: the binding is in the audit part",
}


@pytest.fixture
async def company(database: Database) -> AsyncIterator[Company]:
    company = Company(database)
    await company.move_in("li")
    yield company


def test_every_table_about_a_person_is_in_the_export() -> None:
    exported = {table for part in PARTS for table in part.tables}
    about = {
        table.name
        for table in Row.metadata.tables.values()
        if table.name == "employee"
        or any(key.column.table.name == "employee" for key in table.foreign_keys)
        or {"actor", "sender", "bound_by"} & set(table.columns.keys())
    }
    assert about - exported == set(NOT_EXPORTED)


def test_every_class_has_a_period_a_source_and_a_rule() -> None:
    assert set(CLASSES) == set(RULES)
    for rule in POLICY.retention:
        assert re.search(r"第.+条|policy", rule.source), rule.data_class
    for law in ("leave_words", "leave_record", "leaver_identity"):
        months = next(rule.months for rule in POLICY.retention if rule.data_class == law)
        assert months >= 24, "工资支付暂行规定第六条: two years and more"


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 11, 24), 24, date(2024, 11, 24)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2024, 3, 31), 1, date(2024, 2, 29)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 1, 15), 0, date(2026, 1, 15)),
    ],
)
def test_months_are_counted_back_to_the_same_day_or_the_months_last(day: date, months: int, before: date) -> None:
    assert months_before(day, months) == before


def test_a_companys_own_policy_must_be_whole(tmp_path: Path) -> None:
    own = tmp_path / "privacy.toml"
    assert load_privacy_policy(own) == POLICY
    own.write_text("notice_version = 1\npurpose = []\nretention = []\n")
    with pytest.raises(BadPrivacyPolicy, match="leave_words"):
        load_privacy_policy(own)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


async def count(database: Database, table: type[Row]) -> int:
    async with database.read() as session:
        return (await session.exec(select(func.count()).select_from(table))).one()


async def request(company: Company, closed: date, reason: str = "发烧") -> int:
    """A closed request of Lin's, with its step and its movement."""
    async with company.database.transaction() as session:
        row = LeaveRequestRow(
            employee_id=company.ids["lin"], leave_type="sick", start=closed, start_half="AM", end=closed, end_half="PM",
            days=Decimal(1), status="approved", submitted_at=at(closed), closed_at=at(closed), route_version=1,
        )  # fmt: skip
        session.add(row)
        await session.flush()
        number = row.id or 0
        row.reason_sealed = VAULT.seal(reason, "leave", "reason", number)
        step = ApprovalStepRow(kind="leave", request_id=number, position=0, role="manager", status="approved")
        step.comment_sealed = b"x"
        session.add(step)
        session.add(
            LeaveLedgerRow(
                employee_id=row.employee_id, leave_type="sick", year=closed.year, kind="take", days=Decimal(1),
                once=f"r{number}", request_id=number, at=at(closed),
            )
        )  # fmt: skip
        return number


async def test_reasons_go_after_two_years_and_records_after_three_whole_years(company: Company) -> None:
    before = await count(company.database, LeaveLedgerRow)
    fresh = await request(company, TODAY - timedelta(days=700))
    old = await request(company, months_before(TODAY, 24) - timedelta(days=1))
    ancient = await request(company, date(TODAY.year - 4, 12, 31))
    done = await erase_due(company.database, POLICY, TODAY)
    assert (done["leave_words"], done["leave_record"]) == (4, 2)
    async with company.database.read() as session:
        left = {row.id: row.reason_sealed for row in await session.exec(select(LeaveRequestRow))}
    assert set(left) == {fresh, old}
    assert ancient not in left
    assert left[fresh] is not None
    assert left[old] is None
    assert await count(company.database, LeaveLedgerRow) == before + 2
    assert not any((await erase_due(company.database, POLICY, TODAY)).values()), "a second run finds nothing"


async def test_chat_rows_go_in_their_time_and_what_is_open_stays(company: Company) -> None:
    database, lin = company.database, company.ids["lin"]
    old, new = at(months_before(TODAY, 6) - timedelta(days=1)), at(TODAY)
    async with database.transaction() as session:
        for n, (when, status) in enumerate([(old, "done"), (new, "done"), (old, "new"), (old, "failed")]):
            session.add(
                InboxRow(
                    seq=n + 1, id=f"m{n}", kind="message", sender="lin", received_at=when, status=status, done_at=when
                )
            )
        for n, (when, status) in enumerate([(old, "sent"), (new, "sent"), (old, "new"), (old, "dead")]):
            session.add(OutboxRow(id=n + 1, created_at=when, status=status, lane="x", track_id=f"t{n}", next_at=when))
        session.add(DialogueRow(employee_id=lin, kind="leave", state_sealed=b"x", expires_at=at(TODAY - timedelta(1))))
        for name, when in (("old", at(months_before(TODAY, 37))), ("new", new)):
            session.add(
                CardRow(track_id=name, template="notice", view="x", subject=1, recipient=lin, ref="x", sent_at=when)
            )
        gone = at(months_before(TODAY, 37))
        session.add(CorrectionRow(employee_id=lin, asked_at=gone, decided_at=gone, status="done"))
        session.add(CorrectionRow(employee_id=lin, asked_at=gone))
    done = await erase_due(database, POLICY, TODAY)
    assert {name: number for name, number in done.items() if number} == {
        "chat_frames": 1, "chat_failed": 1, "chat_sent": 2, "dialogue": 1, "card": 1, "correction": 1
    }  # fmt: skip
    async with database.read() as session:
        assert set(await session.exec(select(InboxRow.id))) == {"m1", "m2"}
        assert set(await session.exec(select(OutboxRow.track_id))) == {"t1", "t2"}
        assert [row.status for row in await session.exec(select(CorrectionRow))] == ["pending"]


def bytes_in(folder: Path) -> list[bytes]:
    """The database, and its log of changes."""
    return [path.read_bytes() for path in folder.iterdir() if path.is_file()]


async def test_a_leaver_loses_their_name_when_the_law_lets_go_and_the_file_forgets_it(
    company: Company, tmp_path: Path
) -> None:
    database = company.database
    names = {"chen": ("张三丰独名", "NUM-4711-X"), "lin": ("李四光独名", "NUM-4712-X")}
    async with database.transaction() as session:
        people = await PeopleStore(session).employees_by_key(names)
        for key, (name, number) in names.items():
            people[key].name, people[key].employee_number = name, number
            session.add(people[key])
    async with database.transaction() as session:
        people = await PeopleStore(session).employees_by_key(names)
        people["chen"].left_on = months_before(TODAY, 36) - timedelta(days=1)
        people["lin"].left_on = months_before(TODAY, 36) + timedelta(days=1)
        for row in people.values():
            session.add(row)
    done = await erase_due(database, POLICY, TODAY)
    assert done["leaver_identity"] == 1
    async with database.read() as session:
        rows = {
            row.id: row for row in await session.exec(select(EmployeeRow).where(col(EmployeeRow.left_on).is_not(None)))
        }
    assert rows[company.ids["chen"]].name == NAMELESS
    assert rows[company.ids["chen"]].key == f"gone:{company.ids['chen']}"
    assert rows[company.ids["lin"]].name == "李四光独名", "in the third year the records still need a name"
    async with database.transaction() as session:  # The writer works on as before.
        await PeopleStore(session).touch()
    async with database.read() as reader:
        await reader.exec(select(EmployeeRow.id))
        assert await empty_log(database) is not database.is_sqlite, "a reader isn't waited for"
    if database.is_sqlite:
        files = bytes_in(tmp_path)
        assert any("李四光独名".encode() in content for content in files)
        assert not any("张三丰独名".encode() in content or b"NUM-4711-X" in content for content in files)
