"""Use cases of others' files: who lacks what, what may be seen of a person, and reading a number for a purpose.

Each reading of somebody's number is on record with what it is for; what the reader's role doesn't show stays masked.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.audit.store import Act, AuditLog
from hr_core.clock import Clock, company_day
from hr_core.people.model import Directory, Person
from hr_core.permission.checker import Grant, PermissionChecker
from hr_core.permission.fields import Protected, Shown
from hr_core.permission.matrix import Action
from hr_core.personnel.model import FIELDS, FieldSpec, Progress, PurposeNeeded, progress_of
from hr_core.personnel.service import is_new
from hr_core.personnel.store import IdentityReadingRow, PersonnelStore
from hr_core.vault import Vault

SHOWN_FOR = timedelta(minutes=5)
"""How long a number stays on a card."""
ASK = "identity.ask"
"""The act of being allowed to look; each look is one of its own."""
LEAST_WHY, MOST_WHY = 2, 60
_LONG_NUMBER = re.compile(r"\d[\d\s-]{5,}\d")
"""What is on record for good must not hold anybody's number."""


@dataclass(frozen=True, slots=True)
class PersonDetails:
    """A person as somebody else may see them: the directory's facts, the phone as the reader's grant shows it."""

    person: Person
    departments: tuple[str, ...]
    manager: str
    phone: Shown | None
    progress: Progress | None


@dataclass(frozen=True, slots=True)
class Reading:
    """A number that somebody may look at: whose, which, and what for."""

    name: str
    field: str
    why: str


@dataclass(frozen=True, slots=True)
class Lacking:
    """Somebody whose file isn't complete."""

    person: Person
    progress: Progress


class PersonnelRecords:
    """What others may know of people's files."""

    def __init__(
        self, session: AsyncSession, permission: PermissionChecker, audit: AuditLog, vault: Vault, clock: Clock
    ) -> None:
        self._store = PersonnelStore(session, vault)
        self._permission = permission
        self._audit = audit
        self._clock = clock

    @property
    def _directory(self) -> Directory:
        return self._permission.access.directory

    # --- who lacks what -----------------------------------------------------------------------------------------------

    def may_list(self, actor: int) -> None:
        """Raise `NotAllowed` for whoever has nobody's progress to see."""
        if not self._permission.over(actor, Action.PERSONNEL_PROGRESS).reached:
            raise self._permission.refuse(actor, Action.PERSONNEL_PROGRESS)

    async def lacking(self, actor: int) -> list[Lacking]:
        """Give those whose file isn't complete among whom the actor may know of, newest first."""
        self.may_list(actor)
        granted = self._permission.over(actor, Action.PERSONNEL_PROGRESS)
        files = await self._store.files(granted)
        today = company_day(self._clock.now())
        people = [
            one
            for one in self._directory.people.values()
            if (granted.reached.everyone or one.id in granted.reached.people)
            and (one.id in files or is_new(one, today))
        ]
        found = await self._progress(people, await self._store.parts(granted))
        return sorted(
            (one for one in found if one.progress.open_steps or one.progress.declined),
            key=lambda one: (one.person.hired_on or date.min, one.person.id),
            reverse=True,
        )

    async def _progress(self, people: Iterable[Person], parts: Mapping[int, frozenset[str]]) -> list[Lacking]:
        those = list(people)
        ids = [one.id for one in those]
        withdrawn, chosen = await self._store.withdrawn(ids), await self._store.chosen(ids)
        none: frozenset[str] = frozenset()
        return [
            Lacking(
                one,
                progress_of(one.id, parts.get(one.id, none), withdrawn.get(one.id, none), chosen.get(one.id, {})),
            )
            for one in those
        ]

    async def duplicates(self, viewer: int, employee_id: int) -> tuple[str, list[str]]:
        """Name those whose identity number is the same as a person's, to whoever may know of both; none is shown."""
        grant = self._permission.may(viewer, Action.IDENTITY_VIEW, on=employee_id)
        person = self._directory.people[employee_id]
        same = await self._store.same_number_as(employee_id, grant)
        known = [one for one in same if self._permission.access.allows(viewer, Action.IDENTITY_VIEW, one)]
        self._did(viewer, Action.IDENTITY_VIEW, employee_id, "personnel:id_number", "duplicate")
        return person.name, [self._directory.people[one].name for one in known]

    # --- a person -----------------------------------------------------------------------------------------------------

    def may_see(self, viewer: int, action: Action, employee_id: int | None) -> str:
        """Give a person's name to whoever may do something to them; raises `NotAllowed`."""
        self._permission.may(viewer, action, on=employee_id)
        person = self._directory.people.get(employee_id or 0)
        return person.name if person else ""

    async def details(self, viewer: int, employee_id: int) -> PersonDetails:
        """Give what may be seen of a person."""
        grant = self._permission.may(viewer, Action.EMPLOYEE_VIEW, on=employee_id)
        person = self._directory.people[employee_id]
        values = await self._store.values(employee_id, grant, ("mobile",))
        progress = None
        if self._permission.access.allows(viewer, Action.PERSONNEL_PROGRESS, employee_id):
            parts = await self._store.parts(self._permission.over(viewer, Action.PERSONNEL_PROGRESS))
            progress = (await self._progress([person], parts))[0].progress
        if viewer != employee_id:
            self._did(viewer, Action.EMPLOYEE_VIEW, employee_id)
        return self._details(person, grant, values.get("mobile"), progress)

    def may_export(self, actor: int) -> None:
        """Raise `NotAllowed` for whoever may export nobody."""
        if not self._permission.over(actor, Action.EMPLOYEE_EXPORT).reached:
            raise self._permission.refuse(actor, Action.EMPLOYEE_EXPORT)

    async def export(self, actor: int) -> list[PersonDetails]:
        """Give everybody whom the actor may export, with phones as the grant shows them; on record once."""
        self.may_export(actor)
        granted = self._permission.over(actor, Action.EMPLOYEE_EXPORT)
        phones = await self._store.phones(granted)
        people = sorted(
            (
                one
                for one in self._directory.people.values()
                if granted.reached.everyone or one.id in granted.reached.people
            ),
            key=lambda one: one.id,
        )
        self._did(actor, Action.EMPLOYEE_EXPORT, None, f"employees:{len(people)}")
        return [
            self._details(one, self._permission.may(actor, Action.EMPLOYEE_EXPORT, on=one.id), phones.get(one.id), None)
            for one in people
        ]

    def _details(self, person: Person, grant: Grant, mobile: str | None, progress: Progress | None) -> PersonDetails:
        directory = self._directory
        phone = _protected(FIELDS["mobile"], person.id, mobile).seen_with(grant) if mobile is not None else None
        departments = tuple(directory.departments[one].name for one in person.departments)
        manager = directory.people.get(person.manager_id or 0)
        return PersonDetails(person, departments, manager.name if manager else "", phone, progress)

    # --- a number -----------------------------------------------------------------------------------------------------

    def may_ask(self, actor: int, employee_id: int | None, field: str) -> None:
        """Raise `NotAllowed` for whoever may not read a number, before they are asked what for."""
        self._permission.may(actor, Action.IDENTITY_VIEW, on=employee_id, record=f"personnel:{field}")

    async def ask(self, actor: int, employee_id: int, field: str, why: str) -> int:
        """Let the actor look at a number for a few minutes; gives the reading's number.

        Raises `PurposeNeeded` where it isn't said what for, or where that holds a number itself.
        """
        grant = self._permission.may(actor, Action.IDENTITY_VIEW, on=employee_id, record=f"personnel:{field}")
        if not LEAST_WHY <= len(why) <= MOST_WHY or _LONG_NUMBER.search(why):
            raise PurposeNeeded(most=MOST_WHY)
        now = self._clock.now()
        row = IdentityReadingRow(viewer_id=actor, employee_id=employee_id, field=field, why=why, until=now + SHOWN_FOR)
        self._did(actor, ASK, employee_id, f"personnel:{field}", why)
        return await self._store.show(row, grant, now)

    async def reading(self, viewer: int, number: int) -> Reading | None:
        """Give what may be looked at, without looking; nothing once its time is over, or to anybody else."""
        row = await self._store.reading(number)
        if row is None or row.viewer_id != viewer or row.until <= self._clock.now():
            return None
        name = self.may_see(viewer, Action.IDENTITY_VIEW, row.employee_id)
        return Reading(name, row.field, row.why)

    async def look(self, viewer: int, number: int) -> tuple[Reading, Shown | None]:
        """Give a number as its reader's role shows it, on record with what for."""
        row = await self._store.reading(number)
        if row is None or row.viewer_id != viewer or row.until <= self._clock.now():
            raise self._permission.refuse(viewer, Action.IDENTITY_VIEW, record=f"reading:{number}")
        grant = self._permission.may(viewer, Action.IDENTITY_VIEW, on=row.employee_id, record=f"personnel:{row.field}")
        value = (await self._store.values(row.employee_id, grant, (row.field,))).get(row.field)
        self._did(viewer, Action.IDENTITY_VIEW, row.employee_id, f"personnel:{row.field}", row.why)
        reading = Reading(self._directory.people[row.employee_id].name, row.field, row.why)
        if value is None:
            return reading, None
        return reading, _protected(FIELDS[row.field], row.employee_id, value).seen_with(grant)

    async def numbers_as(self, reader: int, employee_id: int, why: str) -> dict[str, Shown]:
        """Give a person's numbers as the reader's grant shows them, to a command that the reader agreed to."""
        grant = self._permission.may(reader, Action.IDENTITY_VIEW, on=employee_id)
        values = await self._store.values(employee_id, grant)
        self._did(reader, Action.IDENTITY_VIEW, employee_id, "personnel:all", why)
        return {
            key: _protected(FIELDS[key], employee_id, value).seen_with(grant)
            for key, value in values.items()
            if FIELDS[key].shown is not None
        }

    def _did(self, actor: int, action: str, on: int | None, record: str | None = None, why: str | None = None) -> None:
        people = self._directory.people
        key = people[on].key if on is not None and on in people else None
        self._audit.record(Act(people[actor].key, str(action), on=key, record=record, why=why))


def _protected(spec: FieldSpec, employee_id: int, value: str) -> Protected:
    if spec.shown is None:
        msg = f"{spec.key} isn't a protected field"
        raise ValueError(msg)
    return Protected(spec.shown, employee_id, value)
