"""Use cases of one's own file: answers and pictures, told in small steps and kept over days.

Permission first, then the consent, then the rules, then the record. What a chat shows is masked, also of one's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.attachments import Picture
from hr_core.audit.store import Act, AuditLog
from hr_core.clock import Clock, company_day
from hr_core.notices import Happened, Notice
from hr_core.people.model import Directory, Person
from hr_core.permission.checker import PermissionChecker
from hr_core.permission.fields import HIDDEN, masked
from hr_core.permission.matrix import Action, Role
from hr_core.personnel import personal  # noqa: F401 - registers what this room exports and erases
from hr_core.personnel.model import (
    BY_STEP,
    FIELDS,
    STEP_OF,
    AnswersWrong,
    Fault,
    FieldSpec,
    Progress,
    Step,
    UnknownPart,
    progress_of,
)
from hr_core.personnel.rules import Facts, read_answer
from hr_core.personnel.store import PersonnelStore
from hr_core.privacy.consent import ConsentMissing, Consents
from hr_core.vault import Vault

KIND = "personnel"
NEWCOMER = timedelta(days=60)
"""How long somebody who was hired, or whose file was opened, counts among those who still have to tell."""


@dataclass(frozen=True, slots=True)
class OwnFile:
    """One's own file: how far it is, and each answer masked as a chat may show it."""

    progress: Progress
    shown: Mapping[str, str]


class PersonnelService:
    """What people do with their own file."""

    def __init__(
        self,
        session: AsyncSession,
        permission: PermissionChecker,
        audit: AuditLog,
        consents: Consents,
        vault: Vault,
        clock: Clock,
    ) -> None:
        self._store = PersonnelStore(session, vault)
        self._permission = permission
        self._audit = audit
        self._consents = consents
        self._clock = clock

    @property
    def _directory(self) -> Directory:
        return self._permission.access.directory

    @property
    def today(self) -> date:
        """The company's day."""
        return company_day(self._clock.now())

    async def fill(self, actor: int, step_key: str, told: Mapping[str, str]) -> Happened:
        """Keep the answers of one step, or of some of its fields; all of them or, with a fault in one, none.

        Raises `ConsentMissing` before anything is judged, and `AnswersWrong` with every fault.
        """
        step = step_named(step_key)
        grant = self._permission.may(actor, Action.PERSONNEL_FILL, on=actor)
        consent = await self._consents.consented(actor, step.purpose) if step.purpose is not None else None
        known = await self._store.values(actor, grant, ("id_kind", "mobile"))
        have = await self._store.own_parts(actor, grant)
        facts = Facts(self.today, told.get("id_kind") or known.get("id_kind", ""), known.get("mobile", ""))
        read = _read(step, told, facts, have)
        now = self._clock.now()
        await self._store.open_file(actor, now)
        notices: list[Notice] = []
        for spec, value in read:
            changed, row = await self._store.keep(spec, value, now, grant, consent)
            if spec.key == "id_number" and await self._store.with_the_same_number(row):
                notices += self._to(Role.HR, actor, f"{KIND}.duplicate")
            if spec.key == "bank_account" and changed:
                notices += self._to(Role.PAYROLL, actor, f"{KIND}.account_changed")
        self._did(actor, step)
        return Happened(tuple(notices))

    async def keep_picture(self, actor: int, kind: str, picture: Picture) -> None:
        """Keep the picture of a paper, which was looked at before; raises `ConsentMissing`."""
        step = STEP_OF.get(kind)
        if step is None or kind not in step.pictures or step.purpose is None:
            raise UnknownPart(name=kind)
        grant = self._permission.may(actor, Action.PERSONNEL_FILL, on=actor)
        consent = await self._consents.consented(actor, step.purpose)
        now = self._clock.now()
        await self._store.open_file(actor, now)
        await self._store.keep_picture(kind, picture.content, picture.content_type, now, grant, consent)
        self._did(actor, step)

    async def own(self, actor: int) -> OwnFile:
        """Give one's own file, masked: what stands in a chat stays there."""
        grant = self._permission.may(actor, Action.PERSONNEL_FILL, on=actor)
        values = await self._store.values(actor, grant)
        return OwnFile(await self.progress(actor), {key: _shown(FIELDS[key], value) for key, value in values.items()})

    async def progress(self, actor: int) -> Progress:
        """Give how far one's own file is."""
        grant = self._permission.may(actor, Action.PERSONNEL_FILL, on=actor)
        have = await self._store.own_parts(actor, grant)
        withdrawn = (await self._store.withdrawn([actor])).get(actor, frozenset())
        chosen = (await self._store.chosen([actor])).get(actor, {})
        return progress_of(actor, have, withdrawn, chosen)

    async def needs_consent(self, actor: int, step: Step) -> bool:
        """Tell whether a step waits for its person's consent. Asked in a transaction that writes."""
        if step.purpose is None:
            return False
        try:
            await self._consents.consented(actor, step.purpose)
        except ConsentMissing:
            return True
        return False

    async def begun(self, actor: int) -> bool:
        """Tell whether a person's file was opened."""
        return actor in await self._store.expected([actor])

    async def expect(self, employee_id: int) -> None:
        """Expect a newcomer to fill their file in."""
        await self._store.open_file(employee_id, self._clock.now())

    async def to_remind(self, after: int, most: int) -> tuple[list[int], int | None]:
        """Give those to remind among the next people by number, and after whom to go on; None at the end."""
        opened = await self._store.opened_since(self._clock.now() - NEWCOMER)
        people = sorted(
            one.id for one in self._directory.people.values() if one.id in opened or is_new(one, self.today)
        )
        those = [one for one in people if one > after][:most]
        found = [one for one in those if (await self.progress(one)).open_steps]
        return found, those[-1] if len(those) == most else None

    async def lacking_for_operator(self, operator: str) -> list[tuple[Person, Progress]]:
        """Tell a command on the server whose file isn't complete, on record; no value is shown."""
        expected = await self._store.expected()
        self._audit.record(Act(operator, Action.PERSONNEL_PROGRESS.value))
        people = [one for one in self._directory.people.values() if one.id in expected or is_new(one, self.today)]
        found = [(one, await self.progress(one.id)) for one in sorted(people, key=lambda one: one.id)]
        return [(person, progress) for person, progress in found if progress.open_steps or progress.declined]

    def _to(self, role: Role, employee_id: int, kind: str) -> list[Notice]:
        holders = self._permission.access.holders(role, over=employee_id)
        return [Notice(one, kind, employee_id) for one in holders if one != employee_id]

    def _did(self, actor: int, step: Step) -> None:
        key = self._directory.people[actor].key
        self._audit.record(Act(key, Action.PERSONNEL_FILL.value, on=key, record=f"step:{step.key}"))


def step_named(key: str) -> Step:
    """Find a step; raises `UnknownPart`."""
    if key not in BY_STEP:
        raise UnknownPart(name=key)
    return BY_STEP[key]


def is_new(person: Person, today: date) -> bool:
    """Tell whether somebody begins soon, or began so lately that their file is expected without anybody saying so."""
    return person.hired_on is not None and today - NEWCOMER <= person.hired_on


def _shown(spec: FieldSpec, value: str) -> str:
    if spec.shown is not None:
        return masked(spec.shown, value)
    return value if spec.lead is None else f"{value[: spec.lead]}{HIDDEN}"


def _read(step: Step, told: Mapping[str, str], facts: Facts, have: frozenset[str]) -> list[tuple[FieldSpec, str]]:
    """Read a form's answers; an empty one is a fault unless it was told before. Raises with every fault."""
    read: list[tuple[FieldSpec, str]] = []
    faults: list[tuple[str, Fault]] = []
    for spec in step.fields:
        if spec.key not in told or (not told[spec.key].strip() and spec.key in have):
            continue
        answer = read_answer(spec, told[spec.key], facts)
        if isinstance(answer, Fault):
            faults.append((spec.key, answer))
        else:
            read.append((spec, answer))
    if faults:
        raise AnswersWrong(faults)
    return read
