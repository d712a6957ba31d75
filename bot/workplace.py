"""Wires the HR core for one transaction: who works in it gets its services by type."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlmodel.ext.asyncio.session import AsyncSession

from cards.catalogue import Words
from handlers.router import Services
from handlers.store import CardStore, Dialogues, Groups
from handlers.surface import Surface
from hr_core.approval.model import Route
from hr_core.approval.service import ApprovalService
from hr_core.approval.store import ApprovalStore
from hr_core.audit.store import AuditLog
from hr_core.clock import Clock, company_day
from hr_core.leave.model import LeaveType
from hr_core.leave.service import KIND, LeaveService
from hr_core.leave.store import LeaveStore
from hr_core.notices import Group
from hr_core.permission.access import Access
from hr_core.permission.checker import PermissionChecker
from hr_core.permission.store import AccessCache
from hr_core.vault import Vault
from hr_core.workdays.model import WorkCalendar


@dataclass(frozen=True)
class Workplace:
    """What stays the same from message to message: the clock, the policies, the words."""

    clock: Clock
    vault: Vault
    calendar: WorkCalendar
    leave_types: Mapping[str, LeaveType]
    leave_route: Route
    words: Words
    surface: Surface = field(default_factory=Surface)
    prepared_groups: Mapping[Group, str] = field(default_factory=dict)
    access: AccessCache = field(default_factory=AccessCache)

    async def services(self, session: AsyncSession, source: str | None = None, *, day: date | None = None) -> Services:
        """Give the services of one transaction. `source` names the message or command that caused it.

        `day` is the day whose directory decides; today's unless history is written.
        """
        access = await self.access.current(session, day or company_day(self.clock.now()))
        permission = PermissionChecker(access)
        audit = AuditLog(session, self.clock, source)
        approvals = ApprovalService(ApprovalStore(session, KIND), KIND, access, self.vault, self.clock)
        leave = LeaveService(
            LeaveStore(session),
            approvals,
            permission,
            audit,
            self.vault,
            self.clock,
            self.calendar,
            self.leave_types,
            self.leave_route,
        )
        return {
            AsyncSession: session,
            Access: access,
            PermissionChecker: permission,
            AuditLog: audit,
            LeaveService: leave,
            CardStore: CardStore(session),
            Dialogues: Dialogues(session, self.vault, self.clock),
            Groups: Groups(session, self.clock, self.prepared_groups),
            Surface: self.surface,
            Words: self.words,
        }
