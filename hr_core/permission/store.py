"""Granted roles, and the cached facts of a decision."""

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.database import Row
from hr_core.people.store import READ, PeopleStore
from hr_core.permission.access import Access, RoleGrant
from hr_core.permission.matrix import Role


class RoleGrantRow(Row, table=True):
    """A granted role; a revoked one keeps its row."""

    __tablename__ = "role_grant"
    __table_args__ = (UniqueConstraint("employee_id", "role", "department_id", "granted_at"),)
    id: int | None = Field(default=None, primary_key=True)
    employee_id: int = Field(foreign_key="employee.id", index=True)
    role: str = Field(max_length=32)
    department_id: int | None = Field(default=None, foreign_key="department.id")
    granted_at: datetime
    granted_by: str = Field(max_length=64)
    revoked_at: datetime | None = None


class RoleStore:
    """Reads and changes granted roles."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def current(self) -> list[RoleGrantRow]:
        """Give every grant in force."""
        query = select(RoleGrantRow).where(col(RoleGrantRow.revoked_at).is_(None)).order_by(col(RoleGrantRow.id))
        return list(await self._session.exec(query))

    async def add(self, row: RoleGrantRow) -> None:
        """Keep a new or changed grant; it counts from this transaction's commit on."""
        self._session.add(row)
        await PeopleStore(self._session).touch()


class AccessCache:
    """Keeps the last `Access`; a message costs one small read to know that it still holds."""

    def __init__(self) -> None:
        self._key: tuple[int, date] | None = None
        self._access: Access | None = None

    def latest(self, day: date) -> Access | None:
        """Give the facts as they were last loaded for `day`, however old; they decide nothing."""
        return self._access if self._key is not None and self._key[1] == day else None

    async def current(self, session: AsyncSession, day: date) -> Access:
        """Give the facts as of `day`, loaded anew when anybody changed a person, a department or a grant."""
        held: tuple[date, Access] | None = session.info.get(READ)
        if held is not None and held[0] == day:
            return held[1]
        access = session.info[READ] = (day, await self._current(session, day))
        return access[1]

    async def _current(self, session: AsyncSession, day: date) -> Access:
        people = PeopleStore(session)
        key = (await people.version(), day)
        if self._access is None or key != self._key:
            directory = await people.directory(day)
            grants: dict[int, tuple[RoleGrant, ...]] = {}
            for row in await RoleStore(session).current():
                grant = RoleGrant(row.employee_id, Role(row.role), row.department_id)
                grants[row.employee_id] = (*grants.get(row.employee_id, ()), grant)
            self._access, self._key = Access(directory, grants), key
        return self._access
