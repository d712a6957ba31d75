"""Tables of people and departments, effective-dated, and the one way to change them."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.database import Row
from hr_core.database.batch import Asked
from hr_core.people.model import Department, Directory, Person


class EmployeeRow(Row, table=True):
    """A person who works or worked here; `key` is the directory of record's own id and never changes."""

    __tablename__ = "employee"
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=64)
    name: str
    employee_number: str | None = None
    hired_on: date | None = None
    left_on: date | None = None
    legal_entity: str | None = Field(default=None, max_length=128)
    region: str | None = Field(default=None, max_length=128)
    details_read: bool = False  # Whether the line manager has been asked for; the department's head decides until then.


class DepartmentRow(Row, table=True):
    """A department's identity; its name and place are versions."""

    __tablename__ = "department"
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=64)


class DepartmentVersionRow(Row, table=True):
    """A department's name and parent from one day until another."""

    __tablename__ = "department_version"
    id: int | None = Field(default=None, primary_key=True)
    department_id: int = Field(foreign_key="department.id", index=True)
    name: str
    parent_id: int | None = Field(default=None, foreign_key="department.id")
    valid_from: date
    valid_to: date | None = None


class MembershipRow(Row, table=True):
    """A person's place in a department from one day until another; `rank` 0 is the main department."""

    __tablename__ = "membership"
    id: int | None = Field(default=None, primary_key=True)
    employee_id: int = Field(foreign_key="employee.id", index=True)
    department_id: int = Field(foreign_key="department.id", index=True)
    rank: int = 0
    is_head: bool = False
    position: str | None = None
    valid_from: date
    valid_to: date | None = None


class ReportingLineRow(Row, table=True):
    """A person's line manager from one day until another."""

    __tablename__ = "reporting_line"
    id: int | None = Field(default=None, primary_key=True)
    employee_id: int = Field(foreign_key="employee.id", index=True)
    manager_id: int = Field(foreign_key="employee.id", index=True)
    valid_from: date
    valid_to: date | None = None


class DirectoryVersionRow(Row, table=True):
    """One row: counts the changes of people, departments and role grants, so that a cached directory knows its age."""

    __tablename__ = "directory_version"
    id: int = Field(default=1, primary_key=True)
    version: int = 0


READ = "dinghr.access"
"""Where a transaction keeps the facts of permission that it has read: they hold until it changes them itself."""

_version = Asked(lambda _dialect: select(col(DirectoryVersionRow.version)))

Dated = type[DepartmentVersionRow] | type[MembershipRow] | type[ReportingLineRow]


def valid_on(table: Dated, day: date) -> ColumnElement[bool]:
    """Give the condition that a dated row holds on `day`; `valid_to` is the last day it holds."""
    return and_(col(table.valid_from) <= day, or_(col(table.valid_to).is_(None), col(table.valid_to) >= day))


class PeopleStore:
    """Reads the directory of one day; writes only differences."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def version(self) -> int:
        """Give the directory's version: one cheap read a message."""
        for (version,) in await _version(self._session):
            return int(version)
        return 0

    async def touch(self) -> None:
        """Count a change, so that every replica loads the directory anew, and this transaction too."""
        self._session.info.pop(READ, None)
        row = await self._session.get(DirectoryVersionRow, 1, with_for_update=True)
        if row is None:
            row = DirectoryVersionRow()
        row.version += 1
        self._session.add(row)
        await self._session.flush()

    async def directory(self, day: date) -> Directory:
        """Load everyone who works here on `day`."""
        departments = {
            version.department_id: Department(version.department_id, department.key, version.name, version.parent_id)
            for version, department in (
                await self._session.exec(
                    select(DepartmentVersionRow, DepartmentRow)
                    .join(DepartmentRow, col(DepartmentRow.id) == col(DepartmentVersionRow.department_id))
                    .where(valid_on(DepartmentVersionRow, day))
                )
            ).all()
        }
        places: dict[int, list[MembershipRow]] = {}
        memberships = select(MembershipRow).where(valid_on(MembershipRow, day)).order_by(col(MembershipRow.rank))
        for place in await self._session.exec(memberships):
            places.setdefault(place.employee_id, []).append(place)
        lines = select(ReportingLineRow).where(valid_on(ReportingLineRow, day))
        managers = {line.employee_id: line.manager_id for line in await self._session.exec(lines)}
        working = or_(col(EmployeeRow.left_on).is_(None), col(EmployeeRow.left_on) >= day)
        people = {}
        complete = True
        for row in await self._session.exec(select(EmployeeRow).where(working)):
            own = places.get(row.id or 0, [])
            complete = complete and row.details_read
            people[row.id or 0] = Person(
                id=row.id or 0,
                key=row.key,
                name=row.name,
                employee_number=row.employee_number,
                hired_on=row.hired_on,
                position=own[0].position if own else None,
                departments=tuple(place.department_id for place in own),
                heads=frozenset(place.department_id for place in own if place.is_head),
                manager_id=managers.get(row.id or 0),
                legal_entity=row.legal_entity,
                region=row.region,
            )
        return Directory(day, people, departments, complete)

    async def employees_by_key(self, keys: Iterable[str] | None = None) -> dict[str, EmployeeRow]:
        """Find employees by key, those who left included; all of them without `keys`."""
        query = select(EmployeeRow)
        if keys is not None:
            query = query.where(col(EmployeeRow.key).in_(list(keys)))
        return {row.key: row for row in await self._session.exec(query)}

    async def departments_by_key(self) -> dict[str, DepartmentRow]:
        """Find every department ever known, by key."""
        return {row.key: row for row in await self._session.exec(select(DepartmentRow))}

    async def at_work(
        self, *, after: int = 0, limit: int | None = None, without_details: bool = False
    ) -> list[tuple[int, str]]:
        """Give ids and keys of those who haven't left, by id; or only of those whose line manager wasn't asked for."""
        query = select(EmployeeRow.id, EmployeeRow.key).where(*_at_work(without_details), col(EmployeeRow.id) > after)
        rows = await self._session.exec(query.order_by(col(EmployeeRow.id)).limit(limit))
        return [(employee_id or 0, key) for employee_id, key in rows]

    async def count_at_work(self, *, without_details: bool = False) -> int:
        """Count the same."""
        query = select(func.count()).select_from(EmployeeRow).where(*_at_work(without_details))
        return (await self._session.exec(query)).one()

    async def supersede(self, table: Dated, match: dict[str, Any], wanted: list[dict[str, Any]], day: date) -> bool:
        """Make `wanted` what holds from `day` on for the rows that `match`; tells whether anything changed.

        A row that no longer holds ends the day before; one that began the same day is replaced, since it never held.
        """
        conditions = [getattr(table, name) == value for name, value in match.items()]
        rows: Sequence[Any] = (
            await self._session.exec(select(table).where(*conditions, col(table.valid_to).is_(None)))
        ).all()
        missing = [{**match, **values} for values in wanted]
        changed = False
        for row in rows:
            full = next((values for values in missing if all(getattr(row, k) == v for k, v in values.items())), None)
            if full is not None:
                missing.remove(full)
                continue
            changed = True
            if row.valid_from >= day:
                await self._session.delete(row)
            else:
                row.valid_to = day - timedelta(days=1)
                self._session.add(row)
        for values in missing:
            self._session.add(table(**values, valid_from=day))
            changed = True
        return changed

    def add(self, row: SQLModel) -> None:
        """Keep a new or changed row."""
        self._session.add(row)

    async def flush(self) -> None:
        """Let new rows have their ids."""
        await self._session.flush()


def _at_work(without_details: bool) -> list[ColumnElement[bool]]:
    unread = [col(EmployeeRow.details_read).is_(False)] if without_details else []
    return [col(EmployeeRow.left_on).is_(None), *unread]
