"""Leave on both stores: requests, decisions, and a ledger that adds up."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.approval.store import ApprovalStepRow
from hr_core.audit.store import AuditLog
from hr_core.database import Database
from hr_core.leave.model import HireDateUnknown, InThePast, LeaveStatus, NotEnoughLeave, OnlyRestDays, OverlapsLeave
from hr_core.leave.service import LeaveWish
from hr_core.leave.store import LeaveLedgerRow, LeaveRequestRow, LeaveStore
from hr_core.notices import Group, Notice
from hr_core.permission.checker import NotAllowed, PermissionChecker
from hr_core.permission.matrix import Action
from hr_core.workdays.model import CalendarMissing, Half, Span
from tests.cast import PEOPLE
from tests.contracts.office import Company, syncing

WEDNESDAY = date(2026, 11, 25)
HALF_DAY = LeaveWish("annual", Span(WEDNESDAY, Half.PM, WEDNESDAY, Half.PM), "去医院看牙")


@pytest.fixture
async def company(database: Database) -> Company:
    company = Company(database)
    await company.move_in("li")
    return company


async def available(company: Company, key: str) -> Decimal:
    async with company.leave() as leave:
        return (await leave.entitlement(company.ids[key], company.ids[key])).balance.available


async def submitted(company: Company, key: str, wish: LeaveWish) -> int:
    async with company.leave() as leave:
        return (await leave.submit(company.ids[key], wish))[0]


async def test_a_request_reserves_its_days_at_once(company: Company) -> None:
    async with company.leave() as leave:
        request_id, happened = await leave.submit(company.ids["lin"], HALF_DAY)
    assert happened.notices == (Notice(company.ids["wang"], "leave.approval", request_id),)
    async with company.leave() as leave:
        balance = (await leave.entitlement(company.ids["lin"], company.ids["lin"])).balance
    assert (balance.granted, balance.reserved, balance.taken) == (Decimal(5), Decimal("0.5"), Decimal(0))


async def test_an_approved_request_is_taken_once(company: Company) -> None:
    request_id = await submitted(company, "lin", HALF_DAY)
    async with company.leave() as leave:
        details, happened = await leave.decide(company.ids["wang"], request_id, approve=True)
    assert details.status is LeaveStatus.APPROVED
    assert happened is not None
    assert [(n.to, n.kind) for n in happened.notices] == [
        (company.ids["lin"], "leave.decided"),
        (Group.HR, "leave.absence"),
    ]
    async with company.leave() as leave:
        again, nothing = await leave.decide(company.ids["wang"], request_id, approve=True)
    assert (again.status, nothing) == (LeaveStatus.APPROVED, None)
    assert await available(company, "lin") == Decimal("4.5")


async def test_a_rejection_gives_the_days_back_with_its_reason(company: Company) -> None:
    request_id = await submitted(company, "lin", HALF_DAY)
    async with company.leave() as leave:
        details, _ = await leave.decide(company.ids["wang"], request_id, approve=False, comment="那天有评审")
    assert (details.status, details.comment) == (LeaveStatus.REJECTED, "那天有评审")
    assert await available(company, "lin") == Decimal(5)


async def test_a_withdrawal_gives_the_days_back(company: Company) -> None:
    request_id = await submitted(company, "lin", HALF_DAY)
    async with company.leave() as leave:
        details, happened = await leave.withdraw(company.ids["lin"], request_id)
    assert details.status is LeaveStatus.WITHDRAWN
    assert happened is not None
    assert await available(company, "lin") == Decimal(5)
    async with company.leave() as leave:
        late, _ = await leave.decide(company.ids["wang"], request_id, approve=True)
    assert late.status is LeaveStatus.WITHDRAWN


async def test_above_three_days_hr_decides_after_the_manager(company: Company) -> None:
    wish = LeaveWish("annual", Span.whole_days(date(2026, 12, 7), date(2026, 12, 10)))
    request_id = await submitted(company, "lin", wish)
    async with company.leave() as leave:
        details, happened = await leave.decide(company.ids["wang"], request_id, approve=True)
    assert details.status is LeaveStatus.PENDING
    assert happened is not None
    assert happened.notices == (Notice(company.ids["li"], "leave.approval", request_id),)
    async with company.leave() as leave:
        assert (await leave.decide(company.ids["wang"], request_id, approve=True))[1] is None
    async with company.leave() as leave:
        details, _ = await leave.decide(company.ids["li"], request_id, approve=True)
    assert details.status is LeaveStatus.APPROVED
    assert await available(company, "lin") == Decimal(1)


async def test_nobody_is_asked_twice(company: Company) -> None:
    wish = LeaveWish("personal", Span.whole_days(date(2026, 12, 7), date(2026, 12, 10)))
    request_id = await submitted(company, "zhao", wish)
    async with company.leave() as leave:
        details, _ = await leave.decide(company.ids["li"], request_id, approve=True)
    assert details.status is LeaveStatus.APPROVED


@pytest.mark.parametrize("who", ["lin", "chen", "zhao", "admin", "gao", "li"])
async def test_only_who_is_asked_decides(company: Company, who: str) -> None:
    request_id = await submitted(company, "lin", HALF_DAY)
    async with company.leave() as leave:
        with pytest.raises(NotAllowed) as refusal:
            await leave.decide(company.ids[who], request_id, approve=True)
    assert refusal.value.act.outcome == "refused"
    async with company.leave() as leave:
        assert (await leave.details(company.ids["lin"], request_id)).status is LeaveStatus.PENDING


async def test_a_missing_request_is_refused_like_somebody_elses(company: Company) -> None:
    request_id = await submitted(company, "lin", HALF_DAY)
    codes = []
    for number in (request_id, 999):
        async with company.leave() as leave:
            with pytest.raises(NotAllowed) as refusal:
                await leave.decide(company.ids["chen"], number, approve=True)
            codes.append((refusal.value.code, refusal.value.values))
    assert codes[0] == codes[1]


async def test_what_stands_against_a_request(company: Company) -> None:
    await submitted(company, "lin", HALF_DAY)
    wednesday = LeaveWish("sick", Span.whole_days(WEDNESDAY, WEDNESDAY))
    weekend = LeaveWish("annual", Span.whole_days(date(2026, 11, 28), date(2026, 11, 29)))
    yesterday = LeaveWish("annual", Span.whole_days(date(2026, 11, 23), date(2026, 11, 23)))
    long = LeaveWish("annual", Span.whole_days(date(2026, 12, 1), date(2026, 12, 7)))
    next_year = LeaveWish("annual", Span.whole_days(date(2027, 1, 5), date(2027, 1, 5)))
    for wish, error in (
        (wednesday, OverlapsLeave),
        (weekend, OnlyRestDays),
        (yesterday, InThePast),
        (long, NotEnoughLeave),
        (next_year, CalendarMissing),
    ):
        async with company.leave() as leave:
            with pytest.raises(error):
                await leave.submit(company.ids["lin"], wish)
    assert await available(company, "lin") == Decimal("4.5")


async def test_the_reason_is_sealed_in_the_store(company: Company) -> None:
    request_id = await submitted(company, "lin", HALF_DAY)
    async with company.database.read() as session:
        row = await session.get(LeaveRequestRow, request_id)
    assert row is not None
    assert row.reason_sealed is not None
    assert "看牙".encode() not in row.reason_sealed
    async with company.leave() as leave:
        assert (await leave.details(company.ids["wang"], request_id)).reason == "去医院看牙"


async def test_the_same_facts_grant_nothing_twice(company: Company) -> None:
    async with company.leave() as leave:
        assert await leave.grant_annual(company.ids["lin"], 2026) == 0
    async with company.database.read() as session:
        rows = await session.exec(select(LeaveLedgerRow).where(LeaveLedgerRow.employee_id == company.ids["lin"]))
        assert [row.days for row in rows] == [Decimal(5)]


async def test_an_unknown_hire_date_grants_nothing_and_says_so(company: Company) -> None:
    async with company.leave() as leave:
        found = await leave.entitlement(company.ids["admin"], company.ids["admin"])
    assert (found.rule, found.balance.granted) == ("unknown_hire_date", Decimal(0))


async def test_every_change_is_on_record(company: Company) -> None:
    request_id = await submitted(company, "lin", HALF_DAY)
    async with company.leave() as leave:
        await leave.decide(company.ids["wang"], request_id, approve=True)
    async with company.transaction() as services:
        log: AuditLog = services[AuditLog]  # type: ignore[assignment]
        entries = [(e.actor, e.action, e.on, e.why) for e in await log.entries() if e.record == f"leave:{request_id}"]
    assert entries == [("lin", "leave.apply", "lin", None), ("wang", "leave.decide", "lin", "approve")]


async def test_the_days_away_are_told_without_the_reason(company: Company) -> None:
    request_id = await submitted(company, "lin", HALF_DAY)
    async with company.leave() as leave:
        await leave.decide(company.ids["wang"], request_id, approve=True)
        seen = await leave.away(WEDNESDAY, company.ids["wang"])
    assert [(a.employee_name, a.span) for a in seen] == [("林晓", HALF_DAY.span)]
    async with company.leave() as leave:
        assert await leave.away(WEDNESDAY, company.ids["li"]) == seen
        with pytest.raises(NotAllowed):
            await leave.away(WEDNESDAY, company.ids["chen"])


async def test_steps_of_a_settled_request_are_closed(company: Company) -> None:
    wish = LeaveWish("annual", Span.whole_days(date(2026, 12, 7), date(2026, 12, 10)))
    request_id = await submitted(company, "lin", wish)
    async with company.leave() as leave:
        await leave.decide(company.ids["wang"], request_id, approve=False)
    async with company.database.read() as session:
        steps = await session.exec(select(ApprovalStepRow).where(ApprovalStepRow.request_id == request_id))
        assert sorted(step.status for step in steps) == ["rejected", "skipped"]


async def usable(company: Company, day: date) -> Decimal:
    """Lin's days that may be used on a day."""
    company.clock.at = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    return await available(company, "lin")


@pytest.mark.parametrize(
    ("first", "then", "in_march", "in_december"),
    [
        (date(2022, 3, 14), date(2025, 6, 1), 0, 2),
        (date(2025, 6, 1), date(2022, 3, 14), 5, 5),
        (date(2025, 6, 1), date(2025, 6, 20), 0, 2),
    ],
)
async def test_a_corrected_hire_date_moves_the_days_to_where_they_belong(
    database: Database, first: date, then: date, in_march: int, in_december: int
) -> None:
    company = Company(database)
    lin = next(person for person in PEOPLE if person.key == "lin")
    await company.move_in("li")
    for hired_on in (first, then, first, then):
        async with database.transaction() as session:
            await syncing(session).apply_people([replace(lin, hired_on=hired_on)])
        async with company.leave() as leave:
            await leave.grant_annual(company.ids["lin"], 2026)
    assert await usable(company, date(2026, 12, 1)) == in_december
    async with company.transaction() as services:  # The directory begins today; only the ledger looks back.
        permission: PermissionChecker = services[PermissionChecker]  # type: ignore[assignment]
        lin_id = company.ids["lin"]
        grant = permission.may(lin_id, Action.LEAVE_VIEW, on=lin_id)
        balance = await LeaveStore(services[AsyncSession]).balance(  # type: ignore[arg-type]
            lin_id, "annual", date(2026, 3, 2), grant
        )
    assert balance.available == in_march


async def test_annual_leave_without_a_hire_date_says_why(company: Company) -> None:
    async with company.leave() as leave:
        with pytest.raises(HireDateUnknown):
            await leave.submit(company.ids["admin"], HALF_DAY)
