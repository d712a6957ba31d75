"""Granted roles, and the cached facts of a decision."""

from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, UniqueConstraint, and_, bindparam, or_, true
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.database import Row
from hr_core.people.store import READ, PeopleStore
from hr_core.permission.access import Access, Reached, RoleGrant
from hr_core.permission.policy import BUILT_IN, Policy


class GrantStatus(StrEnum):
    """A grant counts, waits for a second person, or was declined by one. A revoked one counted until then."""

    GRANTED = "granted"
    PENDING = "pending"
    DECLINED = "declined"


class RoleGrantRow(Row, table=True):
    """A granted role; a revoked one keeps its row. `valid_from` and `valid_to` are its first and last day, if any."""

    __tablename__ = "role_grant"
    __table_args__ = (UniqueConstraint("employee_id", "role", "department_id", "granted_at"),)
    id: int | None = Field(default=None, primary_key=True)
    employee_id: int = Field(foreign_key="employee.id", index=True)
    role: str = Field(max_length=32)
    department_id: int | None = Field(default=None, foreign_key="department.id")
    legal_entity: str | None = Field(default=None, max_length=128)
    region: str | None = Field(default=None, max_length=128)
    position: str | None = Field(default=None, max_length=128)
    valid_from: date | None = None
    valid_to: date | None = None
    status: str = Field(default=GrantStatus.GRANTED.value, max_length=16)
    granted_at: datetime
    granted_by: str = Field(max_length=64)
    login: str | None = Field(default=None, max_length=64)
    """Who typed the last command on it, as the server knows them."""
    decided_at: datetime | None = None
    decided_by: int | None = Field(default=None, foreign_key="employee.id")
    revoked_at: datetime | None = None
    revoked_by: str | None = Field(default=None, max_length=64)

    @property
    def place(self) -> tuple[int, str, int | None, str | None, str | None, str | None]:
        """Give what tells one grant from another."""
        return self.employee_id, self.role, self.department_id, self.legal_entity, self.region, self.position

    @property
    def grant(self) -> RoleGrant:
        """Give the value that decisions are made from."""
        return RoleGrant(*self.place, self.id, self.granted_by, self.granted_at, self.valid_to)


def _in_force(day: date) -> ColumnElement[bool]:
    begun, ended = col(RoleGrantRow.valid_from), col(RoleGrantRow.valid_to)
    return and_(or_(begun.is_(None), begun <= day), or_(ended.is_(None), ended >= day))


class RoleStore:
    """Reads and changes granted roles."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def in_force(self, day: date) -> list[RoleGrantRow]:
        """Give every grant that counts on a day."""
        return await self._open(GrantStatus.GRANTED, _in_force(day))

    async def granted(self) -> list[RoleGrantRow]:
        """Give every grant that isn't revoked, those that have ended or haven't begun included."""
        return await self._open(GrantStatus.GRANTED, true())

    async def pending(self) -> list[RoleGrantRow]:
        """Give every grant that waits for a second person."""
        return await self._open(GrantStatus.PENDING, true())

    async def ever(self, role: str) -> set[int]:
        """Give everybody who was ever granted a role, so that it counted."""
        query = select(RoleGrantRow.employee_id).where(
            col(RoleGrantRow.role) == role, col(RoleGrantRow.status) == GrantStatus.GRANTED
        )
        return set(await self._session.exec(query))

    async def find(self, grant_id: int) -> RoleGrantRow | None:
        """Find a grant."""
        return await self._session.get(RoleGrantRow, grant_id)

    async def locked(self, grant_id: int) -> RoleGrantRow | None:
        """Find a grant and hold it until the transaction ends."""
        return await self._session.get(RoleGrantRow, grant_id, with_for_update=True)

    async def add(self, row: RoleGrantRow) -> None:
        """Keep a new or changed grant; it counts from this transaction's commit on."""
        self._session.add(row)
        await PeopleStore(self._session).touch()

    async def flush(self) -> None:
        """Let new rows have their ids."""
        await self._session.flush()

    async def _open(self, status: GrantStatus, which: ColumnElement[bool]) -> list[RoleGrantRow]:
        query = (
            select(RoleGrantRow)
            .where(col(RoleGrantRow.revoked_at).is_(None), col(RoleGrantRow.status) == status.value, which)
            .order_by(col(RoleGrantRow.id))
        )
        return list(await self._session.exec(query))


def only(column: object, reached: Reached) -> ColumnElement[bool]:
    """Give the condition that a row is about somebody who is reached: what narrows a list in its query.

    The numbers are our own and stand in the statement itself: a database takes so many parameters and no more.
    """
    if reached.everyone:
        return true()
    people: BindParameter[Any] = bindparam(
        "reached", sorted(reached.people), expanding=True, literal_execute=True, unique=True
    )
    narrowed: ColumnElement[bool] = col(column).in_(people)
    return narrowed


class AccessCache:
    """Keeps the last `Access`; a message costs one small read to know that it still holds."""

    def __init__(self, policy: Callable[[date], Policy] = lambda _day: BUILT_IN) -> None:
        """Take what gives the table of a day."""
        self._policy = policy
        self._key: tuple[int, date, Policy] | None = None
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
        key = (await people.version(), day, self._policy(day))
        if self._access is None or key != self._key:
            directory = await people.directory(day)
            grants: dict[int, tuple[RoleGrant, ...]] = {}
            for row in await RoleStore(session).in_force(day):
                grants[row.employee_id] = (*grants.get(row.employee_id, ()), row.grant)
            self._access, self._key = Access(directory, grants, key[2]), key
        return self._access
