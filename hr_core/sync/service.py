"""Applies records: what is new is added, what differs is superseded from today on, what is the same writes nothing.

Every change is on record by the names of its fields, never their values. Everybody has a row of their own, but for the
first import, which is one row a chunk: who was there on the first day is seen from the records themselves.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from hr_core.audit.store import SYSTEM, Act, AuditLog
from hr_core.people.store import (
    DepartmentRow,
    DepartmentVersionRow,
    EmployeeRow,
    MembershipRow,
    PeopleStore,
    ReportingLineRow,
)
from hr_core.sync.model import DepartmentRecord, PersonRecord


@dataclass(slots=True)
class SyncResult:
    """What one application changed; `people` are those whose facts are new or different."""

    people: list[int] = field(default_factory=list)
    departments: int = 0
    left: int = 0

    @property
    def changed(self) -> bool:
        """Tell whether anything was written."""
        return bool(self.people or self.departments or self.left)


class SyncService:
    """Writes within the caller's transaction; callers give a few hundred records at a time."""

    def __init__(self, store: PeopleStore, today: date, audit: AuditLog, *, first: bool = False) -> None:
        self._store = store
        self._today = today
        self._audit = audit
        self._first = first

    async def apply_departments(self, records: Sequence[DepartmentRecord]) -> SyncResult:
        """Take departments over. One whose parent isn't known has no place in the tree yet and has to wait."""
        result = SyncResult()
        known = await self._store.departments_by_key()
        told = known.keys() | {record.key for record in records}
        records = [record for record in records if record.parent_key is None or record.parent_key in told]
        changed: dict[str, set[str]] = {}
        for record in records:
            if record.key not in known:
                known[record.key] = DepartmentRow(key=record.key)
                changed[record.key] = {"new"}
                self._store.add(known[record.key])
        await self._store.flush()
        for record in records:
            parent = known.get(record.parent_key) if record.parent_key is not None else None
            version = {"name": record.name, "parent_id": parent.id if parent else None}
            row = {"department_id": known[record.key].id}
            if await self._store.supersede(DepartmentVersionRow, row, [version], self._today):
                changed.setdefault(record.key, {"name or parent"})
        result.departments = len(changed)
        self._record_departments(changed)
        return await self._done(result)

    async def close_departments(self, keys: Iterable[str]) -> SyncResult:
        """Close departments that the source has no longer."""
        result = SyncResult()
        known = await self._store.departments_by_key()
        closed: dict[str, set[str]] = {}
        for key in keys:
            row = {"department_id": known[key].id}
            if await self._store.supersede(DepartmentVersionRow, row, [], self._today):
                closed[key] = {"closed"}
        result.departments = len(closed)
        self._record_departments(closed)
        return await self._done(result)

    async def apply_people(self, records: Sequence[PersonRecord], *, rehire: bool = False) -> SyncResult:
        """Take people over. Somebody whose line manager isn't known yet is left to be asked for again.

        Who has left comes back with `rehire` only: a list may be older than the news that they went.
        """
        result = SyncResult()
        departments = await self._store.departments_by_key()
        managers = {record.manager_key for record in records if record.manager_key}
        known = await self._store.employees_by_key({record.key for record in records} | managers)
        changed: dict[str, set[str]] = {}
        for record in records:
            if record.key not in known:
                known[record.key] = EmployeeRow(key=record.key, name=record.name)
                changed[record.key] = {"new"}
            if differing := self._differing(known[record.key], record, rehire=rehire):
                changed.setdefault(record.key, set()).update(differing)
            complete = record.has_details and (record.manager_key is None or record.manager_key in known)
            if record.key in changed or (complete and not known[record.key].details_read):
                known[record.key].details_read = complete or known[record.key].details_read
                self._store.add(known[record.key])
        await self._store.flush()
        for record in records:
            employee_id = known[record.key].id or 0
            places = [
                {
                    "department_id": departments[place.department_key].id,
                    "rank": rank,
                    "is_head": place.is_head,
                    "position": record.position,
                }
                for rank, place in enumerate(record.places)
                if place.department_key in departments
            ]
            if await self._store.supersede(MembershipRow, {"employee_id": employee_id}, places, self._today):
                changed.setdefault(record.key, set()).add("places")
            if record.has_details and (record.manager_key is None or record.manager_key in known):
                manager = known.get(record.manager_key or "")
                line = [{"manager_id": manager.id}] if manager else []
                if await self._store.supersede(ReportingLineRow, {"employee_id": employee_id}, line, self._today):
                    changed.setdefault(record.key, set()).add("manager")
        self._record_people(changed)
        result.people = [known[key].id or 0 for key in changed]
        return await self._done(result)

    async def apply_facts(self, told: Mapping[str, Mapping[str, str | None]]) -> SyncResult:
        """Take legal entities and regions over, by the people's keys."""
        result = SyncResult()
        changed: dict[str, set[str]] = {}
        for key, row in (await self._store.employees_by_key(told)).items():
            if differing := _changed(row, told[key]):
                self._store.add(row)
                changed[key] = set(differing)
                result.people.append(row.id or 0)
        self._record_people(changed)
        return await self._done(result)

    async def left(self, keys: Iterable[str]) -> SyncResult:
        """Note that people have left. Yesterday was their last day."""
        result = SyncResult()
        for row in (await self._store.employees_by_key(keys)).values():
            if row.left_on is None:
                row.left_on = self._today - timedelta(days=1)
                self._store.add(row)
                self._audit.record(Act(SYSTEM, "contacts.left", on=row.key))
                result.left += 1
        return await self._done(result)

    def _differing(self, row: EmployeeRow, record: PersonRecord, *, rehire: bool) -> list[str]:
        """Take over what differs; gives the names of the fields."""
        told: dict[str, object] = {"name": record.name, "employee_number": record.employee_number, **record.facts}
        if rehire:
            told["left_on"] = None
        if record.hired_on is not None:
            told["hired_on"] = record.hired_on  # A source that stops telling the date doesn't unsay it.
        return _changed(row, told)

    def _record_people(self, changed: Mapping[str, set[str]]) -> None:
        if self._first and len(changed) > 1:
            self._audit.record(Act(SYSTEM, "contacts.import", why=f"{len(changed)} people"))
            return
        for key, fields in changed.items():
            self._audit.record(Act(SYSTEM, "contacts.person", on=key, why=_named(fields)))

    def _record_departments(self, changed: Mapping[str, set[str]]) -> None:
        if self._first and len(changed) > 1:
            self._audit.record(Act(SYSTEM, "contacts.import", why=f"{len(changed)} departments"))
            return
        for key, fields in changed.items():
            self._audit.record(Act(SYSTEM, "contacts.department", record=f"department:{key}", why=_named(fields)))

    async def _done(self, result: SyncResult) -> SyncResult:
        if result.changed:
            await self._store.touch()
        return result


def _changed(row: EmployeeRow, told: Mapping[str, object]) -> list[str]:
    """Write what differs; gives the names of the fields."""
    differing = [name for name, value in told.items() if getattr(row, name) != value]
    for name in differing:
        setattr(row, name, told[name])
    return differing


def _named(fields: Iterable[str]) -> str:
    """Give what changed; of somebody new everything is."""
    return "new" if "new" in fields else ", ".join(sorted(fields))
