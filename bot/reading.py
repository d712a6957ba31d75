"""Reads the whole company from DingTalk's contacts, in steps that a task can resume.

The lists tell who is where, so that everybody can work at once; line managers stand only in each person's own record,
one call a person. DingTalk is asked between transactions; each transaction applies one chunk and says where the
reading stands after it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.contacts import CHUNK, IMPORTED, SETTLED, ContactsSync, MarkRow, department_records
from bot.openapi import ContactDepartment, Contacts, ContactUser
from bot.openapi.roster import MOST
from bot.tasks import Chunk
from bot.workplace import Workplace
from hr_core.clock import company_day
from hr_core.database import Database
from hr_core.people.store import PeopleStore
from hr_core.sync.model import PersonRecord

log = structlog.get_logger()

State = Mapping[str, Any]
"""`stages` left, the first under way; `after`, the last done in it; `done`, `of`; `grant`, whose leave is due."""
Step = Callable[[AsyncSession], Awaitable[State | None]]


@dataclass(frozen=True, slots=True)
class Lists:
    """What the lists say."""

    departments: Sequence[ContactDepartment]
    people: Sequence[PersonRecord]


class CompanyReading:
    """`details` reads people's own records, all `again` or those unread; `lists` says who is there and who isn't.

    `facts` reads what the roster tells of them.
    """

    def __init__(self, contacts: Contacts, database: Database, workplace: Workplace, sync: ContactsSync) -> None:
        self._contacts = contacts
        self._database = database
        self._workplace = workplace
        self._sync = sync

    async def chunk(self, chunk: Chunk) -> None:
        """Do one step as the chunk of a task."""
        state: State | None = chunk.state or {"stages": self.stages, **chunk.args}
        step = await self._step(state or {}, chunk.memo, chunk.cause)
        async with chunk.transaction() as session:
            state = await step(session)
            if state is not None:
                chunk.next(done=state.get("done", 0), of=state.get("of", 0), state=state)

    @property
    def stages(self) -> list[str]:
        """The whole reading, in order."""
        return ["details", "lists", *(["facts"] if self._sync.facts.uses_roster else [])]

    async def now(self, state: State) -> None:
        """Do all steps here and now."""
        memo: dict[str, Any] = {}
        following: State | None = state
        while following is not None:
            step = await self._step(following, memo, "contacts")
            async with self._database.transaction() as session:
                following = await step(session)

    async def settled(self) -> None:
        """Wait until everybody's line manager was asked for, by whichever replica."""
        while True:
            async with self._database.read() as session:
                if await session.get(MarkRow, SETTLED) is not None:
                    return
            await asyncio.sleep(0.05)

    async def _step(self, state: State, memo: dict[str, Any], cause: str) -> Step:
        """Ask DingTalk what the next transaction needs."""
        if state.get("grant"):
            return self._granting(state, cause)
        if state["stages"][0] == "details":
            return await self._details(state)
        if state["stages"][0] == "facts":
            return await self._facts(state)
        lists: Lists | None = memo.get("lists")
        if lists is None:
            lists = memo["lists"] = await self._lists(thorough=state.get("thorough", True))
        people = [record for record in lists.people if record.key > state.get("after", "")]
        return self._listed(state, lists, people[:CHUNK]) if people else await self._parting(state, lists)

    def _granting(self, state: State, cause: str) -> Step:
        async def grant(session: AsyncSession) -> State:
            await self._sync.grant_annual(session, state["grant"][:CHUNK], cause)
            return {**state, "grant": state["grant"][CHUNK:]}

        return grant

    async def _details(self, state: State) -> Step:
        unread = not state.get("again", False)
        async with self._database.read() as session:
            store = PeopleStore(session)
            people = await store.at_work(after=state.get("after", 0), limit=CHUNK, without_details=unread)
            of = state.get("of") or await store.count_at_work(without_details=unread)
        found = await asyncio.gather(*(self._sync.one_quietly(key) for _, key in people))
        records = [self._sync.record(user, self._sync.heads(user), details=True) for user in found if user is not None]

        async def apply(session: AsyncSession) -> State | None:
            if not people:
                await _mark(session, SETTLED)
                return _next_stage(state)
            sync = await self._sync.sync(session)
            changed = (await sync.apply_people(records)).people
            done = state.get("done", 0) + len(people)
            return {**state, "after": people[-1][0], "done": done, "of": of, "grant": changed}

        return apply

    async def _facts(self, state: State) -> Step:
        """Ask the roster for everybody's facts: no event tells that they have changed."""
        async with self._database.read() as session:
            store = PeopleStore(session)
            people = await store.at_work(after=state.get("after", 0), limit=MOST)
            of = state.get("of") or await store.count_at_work()
        told = await self._sync.facts.of_roster([key for _, key in people])

        async def apply(session: AsyncSession) -> State | None:
            if not people:
                return _next_stage(state)
            await (await self._sync.sync(session)).apply_facts(told)
            return {**state, "after": people[-1][0], "done": state.get("done", 0) + len(people), "of": of}

        return apply

    async def _lists(self, *, thorough: bool) -> Lists:
        """Read every list. Heads stand in them; `thorough` asks each department for its managers too, one call each."""
        departments = [found async for found in self._contacts.departments()]
        if thorough:
            departments = await asyncio.gather(*(self._sync.with_managers(found) for found in departments))
        users: dict[str, ContactUser] = {}
        leads: dict[str, frozenset[int]] = {}
        for found in departments:
            async for user in self._contacts.users_of(found.dept_id):
                users[user.userid] = user
                leads[user.userid] = leads.get(user.userid, frozenset()) | self._sync.heads(user)
        people = [self._sync.record(users[key], leads[key], details=False) for key in sorted(users)]
        return Lists(departments, people)

    def _listed(self, state: State, lists: Lists, people: Sequence[PersonRecord]) -> Step:
        async def apply(session: AsyncSession) -> State:
            sync = await self._sync.sync(session)
            if "after" not in state:
                await sync.apply_departments(department_records(lists.departments))
            changed = (await sync.apply_people(people)).people
            done = state.get("done", 0) + len(people)
            return {**state, "after": people[-1].key, "done": done, "of": len(lists.people), "grant": changed}

        return apply

    async def _parting(self, state: State, lists: Lists) -> Step:
        """Note who has left and what was closed, asking for each one that the lists don't name.

        A list can be short for other reasons: a narrowed data scope answers with fewer rows and no error, and
        people move while the lists are read. Who is listed although they left is asked for as well.
        """
        async with self._database.read() as session:
            store = PeopleStore(session)
            directory = await store.directory(company_day(self._workplace.clock.now()))
            everybody = await store.employees_by_key()
        listed = {record.key for record in lists.people}
        listed_departments = {str(found.dept_id) for found in lists.departments}
        missing = [person.key for person in directory.people.values() if person.key not in listed]
        gone = [key for key in missing if await self._sync.is_gone(self._contacts.user, key)]
        unlisted = [d.key for d in directory.departments.values() if d.key not in listed_departments]
        closed = [key for key in unlisted if await self._sync.is_gone(self._contacts.department, int(key))]
        if len(gone) < len(missing) or len(closed) < len(unlisted):
            kept = len(missing) - len(gone), len(unlisted) - len(closed)
            mend = "set 通讯录接口权限范围 of the app to 全部员工"
            log.warning("contacts.lists_are_short", people=kept[0], departments=kept[1], mend=mend)
        for key in sorted(listed & everybody.keys()):
            if everybody[key].left_on is not None:
                await self._sync.take_over(key)

        async def apply(session: AsyncSession) -> State | None:
            sync = await self._sync.sync(session)
            await sync.left(gone)
            await sync.close_departments(closed)
            await _mark(session, IMPORTED)
            log.info("contacts.read", people=len(lists.people), departments=len(lists.departments))
            return _next_stage(state)

        return apply


async def _mark(session: AsyncSession, name: str) -> None:
    if await session.get(MarkRow, name) is None:
        session.add(MarkRow(name=name))


def _next_stage(state: State) -> State | None:
    stages = state["stages"][1:]
    kept = {name: state[name] for name in ("again", "thorough") if name in state}
    return {"stages": stages, **kept} if stages else None
