"""The demo company through the checker and the services, against the approved table in plain words."""

import statistics
import time
from collections.abc import AsyncIterator
from datetime import date

import pytest

from hr_core.database import open_database
from hr_core.database.migrate import upgrade
from hr_core.leave.service import LeaveService, LeaveWish
from hr_core.people.store import PeopleStore
from hr_core.permission.access import Access
from hr_core.permission.checker import NotAllowed, PermissionChecker
from hr_core.permission.matrix import Action
from hr_core.permission.store import RoleGrantRow, RoleStore
from hr_core.sync.model import DepartmentRecord, PersonRecord, PlaceRecord
from hr_core.workdays.model import Span
from sandbox.company import demo
from tests.approved import Approved
from tests.contracts.office import Company, syncing

WORLD = demo()
ROLES = {"li": "hr", "zhao": "payroll", "admin": "operator", "tianhe": "auditor"}
APPROVED = Approved(WORLD, ROLES)
EVERYBODY, expected, boss = APPROVED.everybody, APPROVED.may, APPROVED.boss


@pytest.fixture
async def company(tmp_path: object) -> AsyncIterator[Company]:
    """The demo company in an SQLite store: the sweep is of rules, which don't differ by store."""
    database = open_database(f"sqlite:///{tmp_path}/sweep.sqlite3")
    await upgrade(database)
    company = Company(database)
    async with database.transaction() as session:
        sync = syncing(session)
        await sync.apply_departments(
            [
                DepartmentRecord(str(one.dept_id), one.name, str(one.parent_id) if one.parent_id else None)
                for one in WORLD.departments
            ]
        )
        await sync.apply_people([_record(userid) for userid in EVERYBODY])
    async with database.transaction() as session:
        employees = await PeopleStore(session).employees_by_key()
        company.ids = {key: row.id or 0 for key, row in employees.items()}
        for key, role in ROLES.items():
            row = RoleGrantRow(
                employee_id=company.ids[key], role=role, granted_at=company.clock.now(), granted_by="operator"
            )
            await RoleStore(session).add(row)
    yield company
    await database.close()


def _record(userid: str) -> PersonRecord:
    department = APPROVED.department[userid]
    place = PlaceRecord(str(department), is_head=APPROVED.head.get(department) == userid)
    return PersonRecord(userid, userid, None, date(2020, 1, 6), None, (place,), APPROVED.manager[userid] or None, True)


async def test_everybody_may_do_to_everybody_what_the_table_says(company: Company) -> None:
    async with company.transaction() as services:
        access, checker = services[Access], services[PermissionChecker]
        assert isinstance(access, Access)
        assert isinstance(checker, PermissionChecker)
    asked = 0
    for actor in EVERYBODY:
        lists = {action: access.reachable(company.ids[actor], action) for action in Action}
        for on in EVERYBODY:
            may = expected(actor, on)
            for action in Action:
                asked += 1
                try:
                    checker.may(company.ids[actor], action, on=company.ids[on])
                except NotAllowed:
                    allowed = False
                else:
                    allowed = True
                assert allowed == (action.value in may), (actor, action, on)
                assert (company.ids[on] in lists[action].people) == allowed, "a list shows whom one may see"
    assert asked == len(EVERYBODY) ** 2 * len(Action)


CAST = ("lin", "wang", "li", "zhao", "chen", "gao", "admin", "zhouning", "hanbing", "tianhe", "cuiyang")


async def test_the_services_do_what_the_table_says(company: Company) -> None:
    async with company.leave() as leave:
        for actor in CAST:
            for on in EVERYBODY:
                allowed = await _does(leave.entitlement(company.ids[actor], company.ids[on]))
                assert allowed == ("leave.view" in expected(actor, on)), (actor, on)


async def test_nobody_decides_or_withdraws_but_who_may(company: Company) -> None:
    """Of requests by a few, everybody tries; the right ones are let through last, so that each try is a real one."""
    applicants = ("lin", "wang", "chen", "li", "gao", "zhao", "huolan")
    requests = {}
    for applicant in applicants:
        async with company.leave() as leave:
            day = date(2026, 12, 7)
            wish = LeaveWish("sick", Span.whole_days(day, day))
            requests[applicant], _ = await leave.submit(company.ids[applicant], wish)
    for applicant, request_id in requests.items():
        approver = {"gao": "li"}.get(applicant, boss(applicant))
        for actor in EVERYBODY:
            async with company.leave() as leave:
                seen = await _does(leave.details(company.ids[actor], request_id))
                assert seen == ("leave.view" in expected(actor, applicant)), (actor, applicant)
                if actor != applicant:
                    assert not await _does(leave.withdraw(company.ids[actor], request_id)), (actor, applicant)
                if actor != approver:
                    refused = not await _does(leave.decide(company.ids[actor], request_id, approve=True))
                    assert refused, (actor, applicant)
                listed = [one.id for one in await leave.to_decide(company.ids[actor])]
                assert (request_id in listed) == (actor == approver)
        async with company.leave() as leave:
            assert await _does(leave.decide(company.ids[approver or ""], request_id, approve=True)), applicant
    for actor in EVERYBODY:
        async with company.leave() as leave:
            try:
                away = {one.employee_name for one in await leave.away(date(2026, 12, 7), company.ids[actor])}
            except NotAllowed:
                away = set()
        assert away == {one for one in applicants if "absence.view" in expected(actor, one)}, actor


async def _does(call: object) -> bool:
    try:
        await call  # type: ignore[misc]
    except NotAllowed:
        return False
    return True


async def refusal_seconds(leave: LeaveService, actor: int, request_id: int) -> float:
    """How long one refusal takes."""
    began = time.perf_counter()
    with pytest.raises(NotAllowed):
        await leave.decide(actor, request_id, approve=True)
    return time.perf_counter() - began


async def test_a_refusal_takes_as_long_whether_or_not_the_record_exists(company: Company) -> None:
    """Coarse, so that a busy machine doesn't decide it: the medians of interleaved tries, once of three times."""
    async with company.leave() as leave:
        day = date(2026, 12, 7)
        there, _ = await leave.submit(company.ids["lin"], LeaveWish("sick", Span.whole_days(day, day)))
    ratios = []
    for _ in range(3):
        taken: dict[int, list[float]] = {there: [], 99_999: []}
        for _ in range(60):
            for number, found in taken.items():
                async with company.leave() as leave:
                    found.append(await refusal_seconds(leave, company.ids["chen"], number))
        one, two = (statistics.median(found) for found in taken.values())
        ratios.append(max(one, two) / min(one, two))
        if ratios[-1] < 2:
            return
    pytest.fail(f"one refusal takes {min(ratios):.1f} times as long as the other")
