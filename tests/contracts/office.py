"""A company in a real store, and one transaction at a time in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.workplace import Workplace
from cards.catalogue import words
from handlers.router import Services
from hr_core.approval.model import load_leave_route
from hr_core.audit.store import AuditLog
from hr_core.database import Database
from hr_core.leave.model import load_leave_types
from hr_core.leave.service import LeaveService
from hr_core.people.store import PeopleStore
from hr_core.permission.matrix import Role
from hr_core.permission.store import RoleGrantRow, RoleStore
from hr_core.sync.service import SyncService
from hr_core.workdays.load import load_calendar
from tests.cast import DEPARTMENTS, PEOPLE, TODAY, VAULT, MovableClock


def syncing(session: AsyncSession, day: date = TODAY) -> SyncService:
    """Give what applies the contacts' records as of a day."""
    return SyncService(PeopleStore(session), day, AuditLog(session, MovableClock()))


class Company:
    """The cast in a database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = MovableClock()
        self.workplace = Workplace(
            clock=self.clock,
            vault=VAULT,
            calendar=load_calendar(),
            leave_types=load_leave_types(),
            leave_route=load_leave_route(),
            words=words(),
        )
        self.ids: dict[str, int] = {}

    async def move_in(self, *hr: str) -> None:
        """Take the cast over, grant annual leave, make people HR."""
        async with self.database.transaction() as session:
            sync = syncing(session)
            await sync.apply_departments(DEPARTMENTS)
            await sync.apply_people(PEOPLE)
        async with self.database.transaction() as session:
            employees = await PeopleStore(session).employees_by_key()
            self.ids = {key: row.id or 0 for key, row in employees.items()}
            for key in hr:
                row = RoleGrantRow(
                    employee_id=self.ids[key], role=Role.HR.value, granted_at=self.clock.now(), granted_by="operator"
                )
                await RoleStore(session).add(row)
        async with self.leave() as leave:
            for employee_id in self.ids.values():
                await leave.grant_annual(employee_id, TODAY.year)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Services]:
        """One transaction's services."""
        async with self.database.transaction() as session:
            yield await self.workplace.services(session, "test")

    @asynccontextmanager
    async def leave(self) -> AsyncIterator[LeaveService]:
        """One transaction's leave service."""
        async with self.transaction() as services:
            service: LeaveService = services[LeaveService]  # type: ignore[assignment]
            yield service
