"""Takes people and departments over from DingTalk's contacts, and keeps them current.

The first import reads the lists, so that everybody can work at once; line managers stand only in each person's own
record, one call a person, and are read behind it, those who write first.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import structlog
from sqlmodel import Field
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.openapi import ContactDepartment, Contacts, ContactUser, DingTalkError, NotFound
from bot.workplace import Workplace
from hr_core.clock import company_day
from hr_core.database import Database, Row
from hr_core.leave.service import LeaveService
from hr_core.people.store import PeopleStore
from hr_core.sync.model import DepartmentRecord, PersonRecord, PlaceRecord
from hr_core.sync.service import SyncService

log = structlog.get_logger()

CHUNK = 25
"""People a transaction: clicks wait behind it, so it stays well below 50 ms."""
IMPORTED = "contacts.imported"


class MarkRow(Row, table=True):
    """A thing that was done once and stays done."""

    __tablename__ = "mark"
    name: str = Field(primary_key=True, max_length=64)
    value: str = ""


class ContactsSync:
    """Imports, follows events, and answers for the person who has just written."""

    EVENTS: ClassVar[frozenset[str]] = frozenset(
        {
            "user_add_org",
            "user_modify_org",
            "user_active_org",
            "user_leave_org",
            "org_dept_create",
            "org_dept_modify",
            "org_dept_remove",
        }
    )

    def __init__(self, contacts: Contacts, database: Database, workplace: Workplace) -> None:
        self._contacts = contacts
        self._database = database
        self._workplace = workplace
        self._first: deque[str] = deque(maxlen=1000)
        self._asked: set[str] = set()
        self._managed: dict[str, frozenset[int]] = {}

    # --- the whole company --------------------------------------------------------------------------------------------

    async def imported(self) -> bool:
        """Tell whether the company was ever taken over."""
        async with self._database.read() as session:
            return await session.get(MarkRow, IMPORTED) is not None

    async def everybody(self, *, thorough: bool = True) -> int:
        """Read every list and apply it; people whom the contacts no longer have are noted as left.

        Department heads stand in the lists; `thorough` also asks each department for its managers, one call each.
        """
        departments = [found async for found in self._contacts.departments()]
        if thorough:
            departments = await asyncio.gather(*(self._with_managers(found) for found in departments))
        users: dict[str, ContactUser] = {}
        leads: dict[str, set[int]] = {}
        for found in departments:
            async for user in self._contacts.users_of(found.dept_id):
                users[user.userid] = user
                leads.setdefault(user.userid, set()).update(user.leader_in)
        heads = {key: frozenset(led) | self._managed.get(key, frozenset()) for key, led in leads.items()}
        await self._apply_departments(departments)
        changed: list[int] = []
        everyone = [self._record(user, heads[user.userid], details=False) for user in users.values()]
        for start in range(0, len(everyone), CHUNK):
            changed += await self._apply_people(everyone[start : start + CHUNK])
        await self.grant_annual(changed)
        await self._part_with(users, {str(found.dept_id) for found in departments})
        async with self._database.transaction() as session:
            if await session.get(MarkRow, IMPORTED) is None:
                session.add(MarkRow(name=IMPORTED))
        log.info("contacts.read", people=len(users), departments=len(departments), changed=len(changed))
        return len(users)

    async def _part_with(self, listed: Collection[str], listed_departments: Collection[str]) -> None:
        """Note who has left and what was closed, asking for each one that the lists don't name.

        A list can be short for other reasons: a narrowed data scope answers with fewer rows and no error, and
        people move while the lists are read. Who is listed although they left is asked for as well.
        """
        today = company_day(self._workplace.clock.now())
        async with self._database.read() as session:
            store = PeopleStore(session)
            directory = await store.directory(today)
            everybody = await store.employees_by_key()
        missing = [person.key for person in directory.people.values() if person.key not in listed]
        gone = [key for key in missing if await self._is_gone(self._contacts.user, key)]
        unlisted = [d.key for d in directory.departments.values() if d.key not in listed_departments]
        closed = [key for key in unlisted if await self._is_gone(self._contacts.department, int(key))]
        if len(gone) < len(missing) or len(closed) < len(unlisted):
            kept = len(missing) - len(gone), len(unlisted) - len(closed)
            mend = "set 通讯录接口权限范围 of the app to 全部员工"
            log.warning("contacts.lists_are_short", people=kept[0], departments=kept[1], mend=mend)
        async with self._database.transaction() as session:
            sync = self._sync(session)
            await sync.left(gone)
            await sync.close_departments(closed)
        for key in listed:
            if key in everybody and everybody[key].left_on is not None:
                await self.take_over(key)

    async def _is_gone(self, ask: Callable[[Any], Awaitable[object]], key: str | int) -> bool:
        try:
            await ask(key)
        except NotFound:
            return True
        except DingTalkError as error:
            log.warning("contacts.not_confirmed", code=error.code)
        return False

    async def details(self, *, again: bool = False) -> None:
        """Read the records of people whose line manager isn't known yet, or everybody's; those who write come first."""
        self._asked.clear()
        async with self._database.read() as session:
            store = PeopleStore(session)
            waiting = deque(await store.keys_at_work() if again else await store.keys_without_details())
        while waiting or self._first:
            batch: list[str] = []
            while len(batch) < CHUNK and (waiting or self._first):
                key = self._first.popleft() if self._first else waiting.popleft()
                if key not in self._asked:
                    self._asked.add(key)
                    batch.append(key)
            found = await asyncio.gather(*(self._one_quietly(key) for key in batch))
            records = [self._record(user, self._heads(user), details=True) for user in found if user is not None]
            await self.grant_annual(await self._apply_people(records))

    async def _with_managers(self, known: ContactDepartment) -> ContactDepartment:
        try:
            found = await self._contacts.department(known.dept_id)
        except DingTalkError as error:
            log.warning("contacts.department_not_read", code=error.code)
            return known
        self._note_managers(found)
        return replace(known, manager_userids=found.manager_userids)

    def _note_managers(self, department: ContactDepartment) -> None:
        """Remember who manages a department: a person's own record doesn't always say so."""
        managers = set(department.manager_userids or ())
        for key in managers | self._managed.keys():
            led = self._managed.get(key, frozenset()) - {department.dept_id}
            self._managed[key] = led | {department.dept_id} if key in managers else led

    def _heads(self, user: ContactUser) -> frozenset[int]:
        return user.leader_in | self._managed.get(user.userid, frozenset())

    def needed(self, key: str) -> None:
        """Note that somebody is active, so that their line manager is read next."""
        if key not in self._asked:
            self._first.append(key)

    # --- one by one ---------------------------------------------------------------------------------------------------

    async def take_over(self, key: str) -> bool:
        """Read one person from the contacts now; False when they aren't there or can't be seen."""
        try:
            user = await self._contacts.user(key)
        except DingTalkError as error:
            log.warning("contacts.person_not_read", code=error.code, mend=error.remedy)
            return False
        await self._with_departments(user)
        self._asked.add(key)
        record = self._record(user, self._heads(user), details=True)
        await self.grant_annual(await self._apply_people([record], rehire=True))
        return True

    async def on_event(self, kind: str, data: Mapping[str, Any]) -> None:
        """Follow an event: it only names who changed, so they are read again."""
        if kind.startswith("org_dept"):
            await self._follow_departments(kind, _ids(data.get("deptId")))
            return
        keys = _ids(data.get("userId"))
        if kind == "user_leave_org":
            async with self._database.transaction() as session:
                await self._sync(session).left(keys)
            return
        for key in keys:
            await self.take_over(key)

    async def _follow_departments(self, kind: str, ids: Sequence[str]) -> None:
        if kind == "org_dept_remove":
            await self.everybody()  # Rare, and only the lists tell where the people went.
            return
        for dept_id in filter(str.isdigit, ids):
            try:
                found = await self._contacts.department(int(dept_id))
            except DingTalkError as error:
                log.warning("contacts.department_not_read", code=error.code)
                continue
            self._note_managers(found)
            await self._apply_departments([found])
            for key in found.manager_userids or ():
                await self.take_over(key)

    async def _one_quietly(self, key: str) -> ContactUser | None:
        try:
            return await self._contacts.user(key)
        except NotFound:
            return None
        except DingTalkError as error:
            log.warning("contacts.person_not_read", code=error.code, mend=error.remedy)
            return None

    async def _with_departments(self, user: ContactUser) -> None:
        """Make sure that a person's departments are known before they are placed in them."""
        async with self._database.read() as session:
            known = await PeopleStore(session).departments_by_key()
        missing = [dept_id for dept_id in user.dept_ids if str(dept_id) not in known]
        for dept_id in missing:
            try:
                found = await self._contacts.department(dept_id)
            except DingTalkError as error:
                log.warning("contacts.department_not_read", code=error.code)
                continue  # The next reading of the lists places them.
            await self._apply_departments([found])

    # --- into the HR core ---------------------------------------------------------------------------------------------

    async def _apply_departments(self, departments: Iterable[ContactDepartment]) -> None:
        records = [
            DepartmentRecord(str(d.dept_id), d.name, str(d.parent_id) if d.parent_id is not None else None)
            for d in departments
        ]
        async with self._database.transaction() as session:
            await self._sync(session).apply_departments(records)

    async def _apply_people(self, records: Sequence[PersonRecord], *, rehire: bool = False) -> list[int]:
        async with self._database.transaction() as session:
            return (await self._sync(session).apply_people(records, rehire=rehire)).people

    async def grant_annual(self, people: Sequence[int]) -> None:
        """Book this year's annual leave for people whose facts are new; the same facts book nothing."""
        for start in range(0, len(people), CHUNK):
            async with self._database.transaction() as session:
                services = await self._workplace.services(session, "contacts")
                leave: LeaveService = services[LeaveService]  # type: ignore[assignment]
                for employee_id in people[start : start + CHUNK]:
                    await leave.grant_annual(employee_id, leave.today.year)

    def _sync(self, session: AsyncSession) -> SyncService:
        return SyncService(PeopleStore(session), company_day(self._workplace.clock.now()))

    def _record(self, user: ContactUser, heads: frozenset[int], *, details: bool) -> PersonRecord:
        return PersonRecord(
            key=user.userid,
            name=user.name,
            employee_number=user.job_number,
            hired_on=user.hired_date,
            position=user.title,
            places=tuple(PlaceRecord(str(dept_id), dept_id in heads) for dept_id in user.dept_ids),
            manager_key=user.manager_userid,
            has_details=details,
        )


def _ids(value: object) -> list[str]:
    if isinstance(value, list):
        return [str(one) for one in value]
    return [str(value)] if isinstance(value, str | int) else []
