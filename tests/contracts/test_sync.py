"""People and departments on both stores: differences are written, sameness is not."""

from dataclasses import replace
from datetime import timedelta

from sqlmodel import func, select

from hr_core.database import Database
from hr_core.people.rules import line_manager
from hr_core.people.store import EmployeeRow, MembershipRow, PeopleStore
from hr_core.sync.model import DepartmentRecord, PersonRecord, PlaceRecord
from hr_core.sync.service import SyncResult
from tests.cast import DEPARTMENTS, PEOPLE, TODAY
from tests.contracts.office import syncing

LIN = next(person for person in PEOPLE if person.key == "lin")
NEXT_WEEK = TODAY + timedelta(days=7)


async def apply(database: Database, *people: PersonRecord, day_offset: int = 0) -> SyncResult:
    async with database.transaction() as session:
        sync = syncing(session, TODAY + timedelta(days=day_offset))
        await sync.apply_departments(DEPARTMENTS)
        return await sync.apply_people(people or PEOPLE)


async def test_the_first_reading_takes_everybody_over(database: Database) -> None:
    result = await apply(database)
    assert len(result.people) == len(PEOPLE)
    async with database.read() as session:
        directory = await PeopleStore(session).directory(TODAY)
    lin = directory.with_key("lin")
    assert line_manager(directory, lin.id) == directory.with_key("wang").id
    assert directory.departments[lin.departments[0]].name == "前端组"
    assert directory.with_key("wang").heads == set(directory.with_key("wang").departments)


async def test_unchanged_data_writes_nothing(database: Database) -> None:
    await apply(database)
    async with database.read() as session:
        before = await PeopleStore(session).version()
    assert not (await apply(database)).changed
    async with database.read() as session:
        assert await PeopleStore(session).version() == before


async def test_a_transfer_begins_on_its_day_and_keeps_the_past(database: Database) -> None:
    await apply(database)
    result = await apply(database, replace(LIN, places=(PlaceRecord("4"),)), day_offset=7)
    assert len(result.people) == 1
    async with database.read() as session:
        store = PeopleStore(session)
        then, now = await store.directory(TODAY), await store.directory(NEXT_WEEK)
    assert then.departments[then.with_key("lin").departments[0]].name == "前端组"
    assert now.departments[now.with_key("lin").departments[0]].name == "销售部"


async def test_a_correction_on_the_same_day_leaves_no_trace(database: Database) -> None:
    await apply(database)
    await apply(database, replace(LIN, places=(PlaceRecord("4"),)))
    async with database.read() as session:
        lin = (await session.exec(select(EmployeeRow).where(EmployeeRow.key == "lin"))).one()
        count = select(func.count()).select_from(MembershipRow).where(MembershipRow.employee_id == lin.id)
        assert (await session.exec(count)).one() == 1


async def test_a_list_without_details_keeps_the_line_manager(database: Database) -> None:
    await apply(database)
    assert not (await apply(database, replace(LIN, manager_key=None, has_details=False))).changed
    async with database.read() as session:
        directory = await PeopleStore(session).directory(TODAY)
    assert directory.with_key("lin").manager_id == directory.with_key("wang").id


async def test_who_left_is_gone_and_can_come_back(database: Database) -> None:
    await apply(database)
    async with database.transaction() as session:
        result = await syncing(session).left(["chen"])
    assert result.left == 1
    async with database.read() as session:
        assert not (await PeopleStore(session).directory(TODAY)).knows("chen")
    await apply(database)
    async with database.read() as session:
        assert not (await PeopleStore(session).directory(TODAY)).knows("chen"), "a list may be older than the news"
    async with database.transaction() as session:
        await syncing(session).apply_people(PEOPLE, rehire=True)
    async with database.read() as session:
        assert (await PeopleStore(session).directory(TODAY)).knows("chen")


async def test_a_department_that_is_gone_is_closed(database: Database) -> None:
    await apply(database)
    async with database.transaction() as session:
        await syncing(session, NEXT_WEEK).close_departments(["4"])
    async with database.read() as session:
        names = {d.name for d in (await PeopleStore(session).directory(NEXT_WEEK)).departments.values()}
    assert "销售部" not in names


async def test_a_renamed_department_is_one_department(database: Database) -> None:
    await apply(database)
    async with database.transaction() as session:
        renamed = [DepartmentRecord("4", "渠道部", "1")]
        await syncing(session, NEXT_WEEK).apply_departments(renamed)
    async with database.read() as session:
        names = sorted(d.name for d in (await PeopleStore(session).directory(NEXT_WEEK)).departments.values())
    assert "渠道部" in names
    assert "销售部" not in names


async def test_somebody_read_before_their_manager_is_asked_for_again(database: Database) -> None:
    async with database.transaction() as session:
        sync = syncing(session)
        await sync.apply_departments(DEPARTMENTS)
        await sync.apply_people([LIN])
    async with database.read() as session:
        assert [key for _, key in await PeopleStore(session).at_work(without_details=True)] == ["lin"]
        assert not (await PeopleStore(session).directory(TODAY)).complete
    await apply(database)
    async with database.read() as session:
        directory = await PeopleStore(session).directory(TODAY)
        assert directory.with_key("lin").manager_id == directory.with_key("wang").id
        assert await PeopleStore(session).at_work(without_details=True) == []


async def test_a_department_without_a_known_parent_is_no_second_root(database: Database) -> None:
    await apply(database)
    async with database.transaction() as session:
        await syncing(session).apply_departments([DepartmentRecord("9", "新部门", "8")])
    async with database.read() as session:
        directory = await PeopleStore(session).directory(TODAY)
    assert [d.name for d in directory.departments.values() if d.parent_id is None] == ["公司"]
