"""Two at once, on both stores: one hire of a person, one number for a hire; and the rules beneath."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlmodel import select

from hr_core.database import Database
from hr_core.lifecycle.rules import Contract
from hr_core.onboarding.chain import Chain
from hr_core.onboarding.model import AlreadyHired, HireStatus, HireWish, StepName, StepOutcome, StepStatus, Terms
from hr_core.onboarding.service import HireService
from hr_core.onboarding.store import EmployeeNumberRow, HireRow, HireStepRow
from hr_core.people.store import EmployeeRow, PeopleStore
from hr_core.privacy.erase import erase_due
from hr_core.sync.model import PersonRecord, PlaceRecord
from hr_core.vault import Vault
from hr_core.vault.classes import DataClass
from hr_core.vault.keys import wrap
from tests.cast import KEYS, TODAY
from tests.contracts.office import Company, syncing


@pytest.fixture
async def company(database: Database) -> AsyncIterator[Company]:
    company = Company(database)
    await company.move_in("li", "zhao")
    yield company


async def department(company: Company, key: str = "2") -> int:
    async with company.database.read() as session:
        return (await PeopleStore(session).departments_by_key())[key].id or 0


def wish(place: int, number: int = 1) -> HireWish:
    terms = Terms(contract=Contract.FIXED, months=36, probation_months=3)
    return HireWish(f"新人{number}", f"139{number:08d}", place, date(2026, 11, 30), terms, "工程师")


async def submit(company: Company, who: str, asked: HireWish) -> int | None:
    """Ask for a hire; None when somebody else has."""
    async with company.transaction() as services:
        hiring: HireService = services[HireService]  # type: ignore[assignment]
        try:
            return (await hiring.submit(company.ids[who], asked))[0]
        except AlreadyHired:
            return None


async def settle(company: Company, hire_id: int, outcome: StepOutcome | None = None) -> None:
    """Do a hire's next step as the task does."""
    async with company.transaction() as services:
        chain: Chain = services[Chain]  # type: ignore[assignment]
        plan = await chain.plan(hire_id)
        assert plan is not None
        await chain.settle(plan, outcome)


async def begin(company: Company, *hires: int) -> None:
    """Let hires be agreed to."""
    async with company.database.transaction() as session:
        for hire_id in hires:
            row = await session.get(HireRow, hire_id)
            assert row is not None
            row.status = HireStatus.RUNNING.value


async def test_two_clerks_who_hire_the_same_person_at_once_make_one_hire(company: Company) -> None:
    place = await department(company)
    tries = [submit(company, who, wish(place, number)) for number in range(8) for who in ("li", "zhao")]
    made = await asyncio.gather(*tries)
    assert len([one for one in made if one is not None]) == 8
    async with company.database.read() as session:
        hires = (await session.exec(select(HireRow))).all()
        assert sorted(row.name or "" for row in hires) == [f"新人{number}" for number in range(8)]
        assert len((await session.exec(select(HireStepRow))).all()) == 8 * len(StepName)


async def test_numbers_taken_at_once_are_all_different_and_leave_no_gap(company: Company) -> None:
    place = await department(company)
    hires = [await submit(company, "li", wish(place, number)) or 0 for number in range(10)]
    await begin(company, *hires)
    await asyncio.gather(*(settle(company, hire_id) for hire_id in hires))
    async with company.database.read() as session:
        given = (await session.exec(select(EmployeeNumberRow))).all()
    assert sorted(row.number for row in given) == [f"E{number:04d}" for number in range(1, 11)]
    assert sorted(row.hire_id for row in given) == hires


async def test_a_step_noted_twice_changes_nothing(company: Company) -> None:
    hire_id = await submit(company, "li", wish(await department(company))) or 0
    await begin(company, hire_id)
    async with company.transaction() as services:
        chain: Chain = services[Chain]  # type: ignore[assignment]
        plan = await chain.plan(hire_id)
    assert plan is not None
    for _ in range(2):
        async with company.transaction() as services:
            again: Chain = services[Chain]  # type: ignore[assignment]
            await again.settle(plan, None)
    async with company.database.read() as session:
        assert len((await session.exec(select(EmployeeNumberRow))).all()) == 1
        [step] = (await session.exec(select(HireStepRow).where(HireStepRow.name == "number"))).all()
    assert (step.status, step.attempts) == ("done", 1)


async def test_whom_the_contacts_told_of_first_becomes_no_second_employee(company: Company) -> None:
    hire_id = await submit(company, "li", wish(await department(company))) or 0
    await begin(company, hire_id)
    await settle(company, hire_id)
    await settle(company, hire_id, StepOutcome(StepStatus.DONE))
    async with company.database.read() as session:
        row = await session.get(HireRow, hire_id)
    assert row is not None
    told = PersonRecord(row.userid, "新人1", "E0001", None, "工程师", (PlaceRecord("2"),), None, True)
    async with company.database.transaction() as session:
        await syncing(session).apply_people([told])
    await settle(company, hire_id)
    async with company.database.read() as session:
        [employee] = (await session.exec(select(EmployeeRow).where(EmployeeRow.name == "新人1"))).all()
        row = await session.get(HireRow, hire_id)
    assert row is not None
    assert row.employee_id == employee.id
    assert (employee.hired_on, employee.employee_number) == (date(2026, 11, 30), "E0001")


async def test_a_step_done_while_the_hire_was_given_up_is_noted_and_taken_back(company: Company) -> None:
    hire_id = await submit(company, "li", wish(await department(company))) or 0
    await begin(company, hire_id)
    await settle(company, hire_id)
    async with company.transaction() as services:
        chain: Chain = services[Chain]  # type: ignore[assignment]
        plan = await chain.plan(hire_id)
        hiring: HireService = services[HireService]  # type: ignore[assignment]
        await hiring.cancel(company.ids["li"], hire_id)
    assert plan is not None
    assert plan.step is StepName.ACCOUNT
    async with company.transaction() as services:
        later: Chain = services[Chain]  # type: ignore[assignment]
        _, goes_on = await later.settle(plan, StepOutcome(StepStatus.DONE))
        back = [(await later.plan(hire_id))]
        assert goes_on
    undone = []
    while back[0] is not None:
        assert back[0].undo
        undone.append(back[0].step)
        async with company.transaction() as services:
            chain_back: Chain = services[Chain]  # type: ignore[assignment]
            outside = back[0].step in {StepName.ACCOUNT, StepName.ATTENDANCE}
            await chain_back.settle(back[0], StepOutcome(StepStatus.UNDONE) if outside else None)
            back[0] = await chain_back.plan(hire_id)
    assert undone == list(reversed(StepName))
    async with company.database.read() as session:
        row = await session.get(HireRow, hire_id)
    assert row is not None
    assert row.status == HireStatus.CANCELLED


async def test_who_wasnt_hired_is_forgotten_after_half_a_year_and_their_number_isnt(company: Company) -> None:
    place = await department(company)
    hires = [await submit(company, "li", wish(place, number)) or 0 for number in range(2)]
    await begin(company, hires[0])
    await settle(company, hires[0])
    async with company.database.transaction() as session:
        row = await session.get(HireRow, hires[0])
        assert row is not None
        row.status, row.closed_at = HireStatus.CANCELLED.value, company.clock.now() - timedelta(days=200)
    done = await erase_due(company.database, company.workplace.privacy, TODAY)
    assert done["hire_refused"] == 1
    async with company.database.read() as session:
        gone, kept = [await session.get(HireRow, hire_id) for hire_id in hires]
        assert gone is not None
        assert kept is not None
        assert (gone.name, gone.mobile_sealed, gone.mobile_index) == (None, None, None)
        assert kept.name == "新人1"
        assert [one.number for one in (await session.exec(select(EmployeeNumberRow))).all()] == ["E0001"]


async def test_when_who_was_asked_has_left_somebody_else_is(company: Company) -> None:
    hire_id = await submit(company, "li", wish(await department(company))) or 0
    async with company.database.transaction() as session:
        await syncing(session).left(["wang"])
    async with company.transaction() as services:
        hiring: HireService = services[HireService]  # type: ignore[assignment]
        assert await hiring.orphaned() == [hire_id]
        happened = await hiring.adopt(hire_id)
        assert [notice.to for notice in happened.notices] == [company.ids["gao"]]
        assert await hiring.decide(company.ids["gao"], hire_id, approve=False) is not None


async def test_the_same_person_is_known_under_a_renewed_index_key(company: Company) -> None:
    place = await department(company)
    assert await submit(company, "li", wish(place)) == 1
    master = b"k" * 32
    renewed = wrap(master, 99, DataClass.INDEX, b"n" * 32, active=True)
    old = tuple(replace(key, active=False) if key.data_class == DataClass.INDEX else key for key in KEYS)
    company.workplace = replace(company.workplace, vault=Vault(master, (*old, renewed)))
    assert await submit(company, "zhao", wish(place)) is None
