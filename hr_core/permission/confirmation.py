"""A command that reads as somebody, or changes something in their name: it waits until that person has said yes in the
chat.

Who may log in on the server isn't who they say they are; a tap on one's own phone is. Each command asks anew, and only
the process that asked can use the answer.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Field
from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.audit.store import Act, AuditLog
from hr_core.clock import Clock
from hr_core.database import Row
from hr_core.notices import Happened, Notice, Outdated
from hr_core.permission.checker import PermissionChecker
from hr_core.permission.matrix import Action

KIND = "command"
ASK = "command.confirm"


class CommandStatus(StrEnum):
    """A command waits for the person, was confirmed or declined, timed out, or was carried out."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    EXPIRED = "expired"
    USED = "used"


class CommandRow(Row, table=True):
    """One command that asks to act as `employee_id`: what, of whom, and the login on the server that typed it.

    `what` says more of it: `grant:hr`.
    """

    __tablename__ = "command"
    id: int | None = Field(default=None, primary_key=True)
    employee_id: int = Field(foreign_key="employee.id")
    action: str = Field(max_length=64)
    on_employee: int | None = Field(default=None, foreign_key="employee.id")
    what: str | None = Field(default=None, max_length=64)
    login: str = Field(max_length=64)
    status: str = Field(default=CommandStatus.PENDING.value, max_length=16)
    asked_at: datetime
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CommandDetails:
    """A command as the person it wants to act as sees it."""

    id: int
    action: Action
    what: str | None
    name: str
    login: str
    asked_at: datetime
    status: CommandStatus


class CommandService:
    """Asks, answers and closes. The caller holds the transaction."""

    def __init__(self, session: AsyncSession, permission: PermissionChecker, audit: AuditLog, clock: Clock) -> None:
        self._session = session
        self._permission = permission
        self._audit = audit
        self._clock = clock

    async def ask(self, person: int, action: Action, on: int | None, login: str) -> tuple[int, Happened]:
        """Ask a person whether a command may read as them; raises `NotAllowed` where they may not read it.

        `on` is whom it reads of; None, for somebody who isn't there, is refused alike.
        """
        if on is None:
            raise self._permission.refuse(person, action)
        self._permission.may(person, action, on=on)
        return await self._ask(
            CommandRow(
                employee_id=person, action=action.value, on_employee=on, login=login[:64], asked_at=self._clock.now()
            )
        )

    async def ask_whose(self, person: int, on: int, what: str, login: str) -> tuple[int, Happened]:
        """Ask a person whether it is they who change a role on the server: any shell may, this says who it was."""
        return await self._ask(
            CommandRow(
                employee_id=person,
                action=Action.ROLE_GRANT.value,
                on_employee=on,
                what=what[:64],
                login=login[:64],
                asked_at=self._clock.now(),
            )
        )

    async def _ask(self, row: CommandRow) -> tuple[int, Happened]:
        self._session.add(row)
        await self._session.flush()
        return row.id or 0, Happened((Notice(row.employee_id, ASK, row.id or 0),))

    async def decide(self, actor: int, command_id: int, *, approve: bool) -> Happened | None:
        """Say yes or no. None instead of what happened: it was answered before, or waits no longer."""
        row = await self._session.get(CommandRow, command_id, with_for_update=True)
        record = f"{KIND}:{command_id}"
        if row is None:
            raise self._permission.refuse(actor, Action.COMMAND_CONFIRM, record=record)
        self._permission.may(actor, Action.COMMAND_CONFIRM, on=row.employee_id, record=record)
        if row.status != CommandStatus.PENDING:
            return None
        row.status = (CommandStatus.CONFIRMED if approve else CommandStatus.DECLINED).value
        row.decided_at = self._clock.now()
        self._session.add(row)
        key = self._permission.access.directory.people[actor].key
        outcome = "approve" if approve else "decline"
        self._audit.record(Act(key, Action.COMMAND_CONFIRM.value, on=self._of(row), record=record, why=outcome))
        return Happened(outdated=Outdated(KIND, command_id, (actor,)))

    async def close(self, command_id: int) -> bool:
        """End the wait; tells whether the command may go on. An answer that comes later changes nothing."""
        row = await self._session.get(CommandRow, command_id, with_for_update=True)
        if row is None or row.status not in {CommandStatus.PENDING, CommandStatus.CONFIRMED}:
            return False
        confirmed = row.status == CommandStatus.CONFIRMED
        row.status = (CommandStatus.USED if confirmed else CommandStatus.EXPIRED).value
        self._session.add(row)
        return confirmed

    async def details(self, viewer: int, command_id: int) -> CommandDetails | None:
        """Show a command to the person it wants to read as, and to nobody else."""
        row = await self._session.get(CommandRow, command_id)
        if row is None or row.employee_id != viewer:
            return None
        person = self._permission.access.directory.people.get(row.on_employee or 0)
        return CommandDetails(
            command_id,
            Action(row.action),
            row.what,
            person.name if person else "",
            row.login,
            row.asked_at,
            CommandStatus(row.status),
        )

    def _of(self, row: CommandRow) -> str | None:
        person = self._permission.access.directory.people.get(row.on_employee or 0)
        return person.key if person else None
