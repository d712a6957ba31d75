"""Applies records: what is new is added, what differs is superseded from today on, what is the same writes nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

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

    def __init__(self, store: PeopleStore, today: date) -> None:
        self._store = store
        self._today = today

    async def apply_departments(self, records: Sequence[DepartmentRecord]) -> SyncResult:
        """Take departments over. One whose parent isn't known has no place in the tree yet and has to wait."""
        result = SyncResult()
        known = await self._store.departments_by_key()
        told = known.keys() | {record.key for record in records}
        records = [record for record in records if record.parent_key is None or record.parent_key in told]
        for record in records:
            if record.key not in known:
                known[record.key] = DepartmentRow(key=record.key)
                self._store.add(known[record.key])
        await self._store.flush()
        for record in records:
            parent = known.get(record.parent_key) if record.parent_key is not None else None
            version = {"name": record.name, "parent_id": parent.id if parent else None}
            result.departments += await self._store.supersede(
                DepartmentVersionRow, {"department_id": known[record.key].id}, [version], self._today
            )
        return await self._done(result)

    async def close_departments(self, keys: Iterable[str]) -> SyncResult:
        """Close departments that the source has no longer."""
        result = SyncResult()
        known = await self._store.departments_by_key()
        for key in keys:
            row = {"department_id": known[key].id}
            result.departments += await self._store.supersede(DepartmentVersionRow, row, [], self._today)
        return await self._done(result)

    async def apply_people(self, records: Sequence[PersonRecord], *, rehire: bool = False) -> SyncResult:
        """Take people over. Somebody whose line manager isn't known yet is left to be asked for again.

        Who has left comes back with `rehire` only: a list may be older than the news that they went.
        """
        result = SyncResult()
        departments = await self._store.departments_by_key()
        managers = {record.manager_key for record in records if record.manager_key}
        known = await self._store.employees_by_key({record.key for record in records} | managers)
        changed: set[str] = set()
        for record in records:
            if record.key not in known:
                known[record.key] = EmployeeRow(key=record.key, name=record.name)
                changed.add(record.key)
            if self._differs(known[record.key], record, rehire=rehire):
                changed.add(record.key)
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
                changed.add(record.key)
            if record.has_details and (record.manager_key is None or record.manager_key in known):
                manager = known.get(record.manager_key or "")
                line = [{"manager_id": manager.id}] if manager else []
                if await self._store.supersede(ReportingLineRow, {"employee_id": employee_id}, line, self._today):
                    changed.add(record.key)
        result.people = [known[key].id or 0 for key in changed]
        return await self._done(result)

    async def apply_facts(self, told: Mapping[str, Mapping[str, str | None]]) -> SyncResult:
        """Take legal entities and regions over, by the people's keys."""
        result = SyncResult()
        for key, row in (await self._store.employees_by_key(told)).items():
            if _changed(row, told[key]):
                self._store.add(row)
                result.people.append(row.id or 0)
        return await self._done(result)

    async def left(self, keys: Iterable[str]) -> SyncResult:
        """Note that people have left. Yesterday was their last day."""
        result = SyncResult()
        for row in (await self._store.employees_by_key(keys)).values():
            if row.left_on is None:
                row.left_on = self._today - timedelta(days=1)
                self._store.add(row)
                result.left += 1
        return await self._done(result)

    def _differs(self, row: EmployeeRow, record: PersonRecord, *, rehire: bool) -> bool:
        told: dict[str, object] = {"name": record.name, "employee_number": record.employee_number, **record.facts}
        if rehire:
            told["left_on"] = None
        if record.hired_on is not None:
            told["hired_on"] = record.hired_on  # A source that stops telling the date doesn't unsay it.
        return _changed(row, told)

    async def _done(self, result: SyncResult) -> SyncResult:
        if result.changed:
            await self._store.touch()
        return result


def _changed(row: EmployeeRow, told: Mapping[str, object]) -> bool:
    """Write what differs; tells whether anything did."""
    differing = {name: value for name, value in told.items() if getattr(row, name) != value}
    for name, value in differing.items():
        setattr(row, name, value)
    return bool(differing)
