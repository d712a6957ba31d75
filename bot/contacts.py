"""Takes people and departments over from DingTalk's contacts one by one: by event, and when somebody writes.

The whole company is read by `bot/reading.py`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import structlog
from sqlmodel import Field
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.facts import Facts, FactSource
from bot.openapi import ContactDepartment, Contacts, ContactUser, DingTalkError, NotFound
from bot.tasks import TaskQueue
from bot.workplace import Workplace
from hr_core.audit.store import AuditLog
from hr_core.clock import company_day
from hr_core.database import Database, DatabaseAway, Row
from hr_core.leave.service import LeaveService
from hr_core.people.store import PeopleStore
from hr_core.sync.model import DepartmentRecord, PersonRecord, PlaceRecord
from hr_core.sync.service import SyncService

log = structlog.get_logger()

CHUNK = 25
"""People a transaction: clicks wait behind it, so it stays well below 50 ms."""
IMPORTED, SETTLED, READ = "contacts.imported", "contacts.settled", "contacts.read"


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

    def __init__(
        self,
        contacts: Contacts,
        database: Database,
        workplace: Workplace,
        facts: FactSource,
        queue: TaskQueue | None = None,
    ) -> None:
        self.facts = facts
        self._contacts = contacts
        self._database = database
        self._workplace = workplace
        self._queue = queue
        self._first: asyncio.Queue[str] = asyncio.Queue()
        self._asked: set[str] = set()
        self._managed: dict[str, frozenset[int]] = {}
        self.on_joined: Callable[[Sequence[str]], Awaitable[None]] | None = None
        """Told who has come into the contacts, once they are read."""

    async def imported(self) -> bool:
        """Tell whether the company was ever taken over."""
        async with self._database.read() as session:
            return await session.get(MarkRow, IMPORTED) is not None

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
        in_roster = (await self.facts.of_roster([key])).get(key, {})
        await self._apply_person(self.record(user, self.heads(user), details=True, facts=in_roster))
        return True

    async def on_event(self, kind: str, data: Mapping[str, Any]) -> None:
        """Follow an event: it only names who changed, so they are read again."""
        if kind.startswith("org_dept"):
            await self._follow_departments(kind, _ids(data.get("deptId")))
            return
        keys = _ids(data.get("userId"))
        if kind == "user_leave_org":
            async with self._database.transaction() as session:
                await (await self.sync(session)).left(keys)
            return
        for key in keys:
            await self.take_over(key)
        if kind in {"user_add_org", "user_active_org"} and self.on_joined is not None:
            await self.on_joined(keys)

    async def _follow_departments(self, kind: str, ids: Sequence[str]) -> None:
        if kind == "org_dept_remove":
            await self._read_lists()  # Rare, and only they tell where the people went.
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

    async def _read_lists(self) -> None:
        async with self._database.transaction() as session:
            if self._queue is not None:
                await self._queue.enqueue(session, READ, {"stages": ["lists"]}, lock=READ)

    async def one_quietly(self, key: str) -> ContactUser | None:
        """Read one person; None when that can't be done."""
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

    # --- those who write ----------------------------------------------------------------------------------------------

    def needed(self, key: str) -> None:
        """Note that somebody is active, so that their line manager is read before everybody else's."""
        if key not in self._asked:
            self._asked.add(key)
            self._first.put_nowait(key)

    async def read_active(self) -> None:
        """Read, for ever, people who have just written and whose own record wasn't read yet."""
        while True:
            key = await self._first.get()
            try:
                async with self._database.read() as session:
                    row = (await PeopleStore(session).employees_by_key([key])).get(key)
                if row is not None and not row.details_read:
                    await self.take_over(key)
            except DatabaseAway as error:
                log.warning("contacts.active_not_read", error=type(error).__name__)
                self._first.put_nowait(key)
                await asyncio.sleep(1.0)

    # --- for who reads everybody --------------------------------------------------------------------------------------

    async def is_gone(self, ask: Callable[[Any], Awaitable[object]], key: str | int) -> bool:
        """Ask whether somebody or something that no list names is really gone."""
        try:
            await ask(key)
        except NotFound:
            return True
        except DingTalkError as error:
            log.warning("contacts.not_confirmed", code=error.code)
        return False

    async def with_managers(self, known: ContactDepartment) -> ContactDepartment:
        """Ask a department who manages it."""
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

    def heads(self, user: ContactUser) -> frozenset[int]:
        """Give the departments somebody leads, by their own record and by the departments'."""
        return user.leader_in | self._managed.get(user.userid, frozenset())

    # --- into the HR core ---------------------------------------------------------------------------------------------

    async def _apply_departments(self, departments: Iterable[ContactDepartment]) -> None:
        async with self._database.transaction() as session:
            await (await self.sync(session)).apply_departments(department_records(departments))

    async def _apply_person(self, record: PersonRecord) -> None:
        async with self._database.transaction() as session:
            changed = (await (await self.sync(session)).apply_people([record], rehire=True)).people
        async with self._database.transaction() as session:
            await self.grant_annual(session, changed, "contacts")

    async def grant_annual(
        self, session: AsyncSession, people: Iterable[int], cause: str, year: int | None = None
    ) -> None:
        """Book a year's annual leave for people, this year's unless told; the same facts book nothing."""
        services = await self._workplace.services(session, cause)
        leave: LeaveService = services[LeaveService]  # type: ignore[assignment]
        for employee_id in people:
            await leave.grant_annual(employee_id, year or leave.today.year)

    async def sync(self, session: AsyncSession) -> SyncService:
        """Give what applies records, as of today. Until everybody was read once, what it does is the first import."""
        clock = self._workplace.clock
        first = await session.get(MarkRow, SETTLED) is None
        return SyncService(PeopleStore(session), company_day(clock.now()), AuditLog(session, clock, READ), first=first)

    def record(
        self, user: ContactUser, heads: frozenset[int], *, details: bool, facts: Facts | None = None
    ) -> PersonRecord:
        """Write a person as the HR core takes them; `details` says that the line manager is told.

        `facts` are what else was read of them than stands in the contacts.
        """
        return PersonRecord(
            key=user.userid,
            name=user.name,
            employee_number=user.job_number,
            hired_on=user.hired_date,
            position=user.title,
            places=tuple(PlaceRecord(str(dept_id), dept_id in heads) for dept_id in user.dept_ids),
            manager_key=user.manager_userid,
            has_details=details,
            facts={**self.facts.of_contact(user), **(facts or {})},
        )


def department_records(departments: Iterable[ContactDepartment]) -> list[DepartmentRecord]:
    """Write departments as the HR core takes them."""
    return [
        DepartmentRecord(str(d.dept_id), d.name, str(d.parent_id) if d.parent_id is not None else None)
        for d in departments
    ]


def _ids(value: object) -> list[str]:
    if isinstance(value, list):
        return [str(one) for one in value]
    return [str(value)] if isinstance(value, str | int) else []
