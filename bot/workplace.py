"""Wires the HR core for one transaction: who works in it gets its services by type."""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.tasks import TaskQueue
from cards.catalogue import Words
from handlers.links import Links
from handlers.router import Services
from handlers.store import CardStore, Dialogues, Groups
from handlers.surface import Surface
from hr_core.approval.model import Route
from hr_core.approval.service import ApprovalService
from hr_core.approval.store import ApprovalStore
from hr_core.audit.reading import AuditReading
from hr_core.audit.store import AuditLog
from hr_core.clock import Clock, company_day
from hr_core.leave.model import LeaveType
from hr_core.leave.service import KIND, LeaveService
from hr_core.leave.store import LeaveStore
from hr_core.notices import Errand, Group
from hr_core.onboarding.chain import Chain
from hr_core.onboarding.model import KIND as ONBOARDING
from hr_core.onboarding.policy import OnboardingPolicy, load_onboarding_policy
from hr_core.onboarding.service import HireService
from hr_core.onboarding.store import HireStore
from hr_core.onboarding.tasks import TaskList
from hr_core.payslip.drafts import PayrollDrafts
from hr_core.payslip.model import PayslipPolicy, load_payslip_policy
from hr_core.payslip.owner import OwnPayslips
from hr_core.payslip.payroll import PayrollService
from hr_core.payslip.store import PayslipStore
from hr_core.people.store import PeopleStore
from hr_core.permission.access import Access
from hr_core.permission.alarm import RefusalAlarm
from hr_core.permission.checker import PermissionChecker
from hr_core.permission.confirmation import CommandService
from hr_core.permission.service import RoleService
from hr_core.permission.store import AccessCache, RoleStore
from hr_core.permission.table import TableFile
from hr_core.personnel.records import PersonnelRecords
from hr_core.personnel.service import PersonnelService
from hr_core.privacy.consent import Consents
from hr_core.privacy.erasure import ErasureService
from hr_core.privacy.policy import PrivacyPolicy, load_privacy_policy
from hr_core.privacy.service import PrivacyService
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
    table: TableFile = field(default_factory=TableFile)
    surface: Surface = field(default_factory=Surface)
    prepared_groups: Mapping[Group, str] = field(default_factory=dict)
    access: AccessCache = field(default_factory=AccessCache)
    privacy: PrivacyPolicy = field(default_factory=load_privacy_policy)
    payslips: PayslipPolicy = field(default_factory=load_payslip_policy)
    onboarding: OnboardingPolicy = field(default_factory=load_onboarding_policy)
    queue: TaskQueue | None = None
    """Where errands go; a command that has none asks for none."""
    told: set[int] = field(default_factory=set)
    """Who is known to have been told how their data are used: asked for once a person and process."""

    def dialogues(self, session: AsyncSession, said_at: datetime | None = None) -> Dialogues:
        """Give the dialogues of one transaction; `said_at` as in `services`."""
        return Dialogues(session, self.vault, self.clock, said_at)

    async def queue_errands(self, session: AsyncSession, errands: Sequence[Errand]) -> None:
        """Queue the tasks that a change asks for, in its transaction."""
        for errand in errands:
            if self.queue is None:
                msg = f"there is no queue for {errand.task}"
                raise RuntimeError(msg)
            await self.queue.enqueue(session, errand.task, errand.args, lock=errand.lock)

    async def services(
        self,
        session: AsyncSession,
        source: str | None = None,
        *,
        conversation: str | None = None,
        day: date | None = None,
        said_at: datetime | None = None,
    ) -> Services:
        """Give the services of one transaction. `source` names the message or command that caused it.

        `conversation` is where that was said, `said_at` when, by DingTalk's clock. `day` is the day whose directory
        decides: today's unless history is written.
        """
        access = await self.access.current(session, day or company_day(self.clock.now()))
        return Shift(self, session, access, source, conversation, said_at)


class Shift(Mapping[type, object]):
    """The services of one transaction, each made when it is first asked for."""

    def __init__(
        self,
        workplace: Workplace,
        session: AsyncSession,
        access: Access,
        source: str | None,
        conversation: str | None = None,
        said_at: datetime | None = None,
    ) -> None:
        self.workplace = workplace
        self.session = session
        self.access = access
        self.source = source
        self.conversation = conversation
        self.said_at = said_at
        self._made: dict[type, object] = {}

    def __getitem__(self, kind: type) -> Any:
        """Give a service."""
        found = self._made.get(kind)
        if found is None:
            found = self._made[kind] = _MAKERS[kind](self)
        return found

    def __iter__(self) -> Iterator[type]:
        """List what there is."""
        return iter(_MAKERS)

    def __len__(self) -> int:
        """Count what there is."""
        return len(_MAKERS)


def _leave(shift: Shift) -> LeaveService:
    place = shift.workplace
    return LeaveService(
        LeaveStore(shift.session),
        ApprovalService(ApprovalStore(shift.session, KIND), KIND, shift.access, place.vault, place.clock),
        shift[PermissionChecker],
        shift[AuditLog],
        place.vault,
        place.clock,
        place.calendar,
        place.leave_types,
        place.leave_route,
        shift[Consents],
    )


def _privacy(shift: Shift) -> PrivacyService:
    place = shift.workplace
    return PrivacyService(
        shift.session,
        shift[PermissionChecker],
        shift[AuditLog],
        place.vault,
        place.clock,
        place.privacy,
        shift.source,
        place.told,
    )


def _payslips(shift: Shift) -> OwnPayslips:
    place = shift.workplace
    store = PayslipStore(shift.session, place.vault)
    return OwnPayslips(store, shift[PermissionChecker], shift[AuditLog], place.clock, place.payslips)


def new_userid() -> str:
    """Make the id that a newcomer's account is asked for under: ours can be told from others', and from each other."""
    return f"dhr{secrets.token_hex(8)}"


def _hiring(shift: Shift) -> HireService:
    place = shift.workplace
    return HireService(
        HireStore(shift.session),
        ApprovalService(ApprovalStore(shift.session, ONBOARDING), ONBOARDING, shift.access, place.vault, place.clock),
        shift[PermissionChecker],
        shift[AuditLog],
        place.vault,
        place.clock,
        place.onboarding,
        new_userid,
    )


def _tasks(shift: Shift) -> TaskList:
    place = shift.workplace
    return TaskList(
        HireStore(shift.session), shift[PermissionChecker], shift[AuditLog], place.clock, place.calendar,
        place.onboarding,
    )  # fmt: skip


def _chain(shift: Shift) -> Chain:
    place = shift.workplace
    return Chain(
        HireStore(shift.session),
        PeopleStore(shift.session),
        shift[TaskList],
        shift.access,
        shift[AuditLog],
        place.vault,
        place.clock,
        place.onboarding,
        shift.session.begin_nested,
    )


def _personnel(shift: Shift) -> PersonnelService:
    place = shift.workplace
    return PersonnelService(
        shift.session, shift[PermissionChecker], shift[AuditLog], shift[Consents], place.vault, place.clock
    )


def _records(shift: Shift) -> PersonnelRecords:
    place = shift.workplace
    return PersonnelRecords(shift.session, shift[PermissionChecker], shift[AuditLog], place.vault, place.clock)


_MAKERS: Mapping[type, Callable[[Shift], object]] = {
    AsyncSession: lambda shift: shift.session,
    Access: lambda shift: shift.access,
    PermissionChecker: lambda shift: PermissionChecker(shift.access),
    AuditLog: lambda shift: AuditLog(shift.session, shift.workplace.clock, shift.source, shift.conversation),
    AuditReading: lambda shift: AuditReading(shift[PermissionChecker], shift[AuditLog]),
    RefusalAlarm: lambda shift: RefusalAlarm(shift.session, shift.access, shift[AuditLog], shift.workplace.clock),
    RoleService: lambda shift: RoleService(
        RoleStore(shift.session), shift[PermissionChecker], shift[AuditLog], shift.workplace.clock
    ),
    CommandService: lambda shift: CommandService(
        shift.session, shift[PermissionChecker], shift[AuditLog], shift.workplace.clock
    ),
    LeaveService: _leave,
    Consents: lambda shift: Consents(shift.session, shift.workplace.privacy),
    ErasureService: lambda shift: ErasureService(
        shift.session, shift[PermissionChecker], shift[AuditLog], shift.workplace.clock, shift.workplace.privacy
    ),
    PrivacyService: _privacy,
    Clock: lambda shift: shift.workplace.clock,
    OwnPayslips: _payslips,
    PayrollService: lambda shift: PayrollService(
        shift.session, shift[PermissionChecker], shift[AuditLog], shift.workplace.vault, shift.workplace.clock
    ),
    PayrollDrafts: lambda shift: PayrollDrafts(
        shift.session, shift[PayrollService], shift.workplace.vault, shift.workplace.clock
    ),
    HireService: _hiring,
    TaskList: _tasks,
    Chain: _chain,
    PersonnelService: _personnel,
    PersonnelRecords: _records,
    CardStore: lambda shift: CardStore(shift.session),
    Dialogues: lambda shift: shift.workplace.dialogues(shift.session, shift.said_at),
    Groups: lambda shift: Groups(shift.session, shift.workplace.clock, shift.workplace.prepared_groups),
    Links: lambda shift: Links(shift.session, shift.workplace.clock),
    Surface: lambda shift: shift.workplace.surface,
    Words: lambda shift: shift.workplace.words,
}
"""Who works in a transaction, and how each is made."""
