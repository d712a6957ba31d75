"""Hiring, deciding about it, and what HR does with a chain that is stuck. The caller holds the transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from hr_core.approval.model import StepRole, StepStatus
from hr_core.approval.rules import department_approvers
from hr_core.approval.service import ApprovalService
from hr_core.audit.store import SYSTEM, Act, AuditLog
from hr_core.clock import Clock, company_day
from hr_core.errors import HRError
from hr_core.notices import Errand, Happened, Notice, Outdated
from hr_core.onboarding import rules
from hr_core.onboarding.facts import (
    HireDetails,
    StepShown,
    in_charge,
    name_of,
    place_holder,
    record_of,
    subject_of,
    terms_of,
)
from hr_core.onboarding.model import (
    KIND,
    OPEN,
    STEPS,
    UNDER_WAY,
    AlreadyBegun,
    AlreadyHired,
    CannotSkip,
    HireStatus,
    HireWish,
    NotStuck,
    ReasonMissing,
    StepName,
    TextTooLong,
)
from hr_core.onboarding.model import StepStatus as Step
from hr_core.onboarding.policy import OnboardingPolicy
from hr_core.onboarding.store import HireRow, HireStepRow, HireStore
from hr_core.people.store import EmployeeRow
from hr_core.permission.access import Access
from hr_core.permission.checker import PermissionChecker
from hr_core.permission.matrix import Action
from hr_core.vault import Vault

CHAIN = "onboarding.chain"
MOST_TEXT = 500


class NoPlaceHolder(HRError):
    """There is nobody in the department or above it: nobody could decide or be asked."""

    code = "onboarding.error.empty_department"


@dataclass(frozen=True, slots=True)
class Former:
    """Somebody who left and may come back."""

    employee: int
    number: str | None
    left_on: date


@dataclass(frozen=True, slots=True)
class Recognised:
    """Whom a name and a mobile are known of: colleagues with the same name, and those who left."""

    same_name: int
    former: tuple[Former, ...]


@dataclass(frozen=True, slots=True)
class HirePreview:
    """What a wish would lead to."""

    known: Recognised
    probation_limit: int
    asked: tuple[str, ...]


class HireService:
    """Use cases of hiring: permission first, then rules, then records."""

    def __init__(
        self,
        store: HireStore,
        approvals: ApprovalService,
        permission: PermissionChecker,
        audit: AuditLog,
        vault: Vault,
        clock: Clock,
        policy: OnboardingPolicy,
        new_userid: Callable[[], str],
    ) -> None:
        self._store = store
        self._approvals = approvals
        self._permission = permission
        self._audit = audit
        self._vault = vault
        self._clock = clock
        self._new_userid = new_userid
        self.policy = policy

    @property
    def today(self) -> date:
        """The company's day."""
        return company_day(self._clock.now())

    @property
    def access(self) -> Access:
        """Who works here, and the departments: what a draft's names are looked up in."""
        return self._permission.access

    # --- hiring -------------------------------------------------------------------------------------------------------

    def may_hire(self, actor: int, department: int | None = None) -> None:
        """Raise unless somebody may hire, into a department where one is named."""
        if department is None:
            if not self.access.allows_anywhere(actor, Action.ONBOARDING_HIRE):
                raise self._permission.refuse(actor, Action.ONBOARDING_HIRE)
            return
        holder = place_holder(self.access, department)
        self._permission.may(actor, Action.ONBOARDING_HIRE, on=holder)
        if holder is None:
            raise NoPlaceHolder

    async def recognise(self, actor: int, name: str, mobile: str | None) -> Recognised:
        """Tell of whom a name, or a mobile, is known already."""
        self.may_hire(actor)
        named = await self._store.named(name)
        former = [one for row in named if (one := _former(row, self.today)) is not None]
        if mobile is not None:
            hired = await self._store.with_mobile(self._vault.indexes("phone", mobile))
            back = [row.employee_id for row in hired if row.employee_id is not None]
            for row in await self._store.employees(back):
                one = _former(row, self.today)
                if one is not None and one not in former:
                    former.append(one)
        at_work = sum(1 for row in named if row.left_on is None)
        return Recognised(at_work, tuple(former))

    async def preview(self, actor: int, wish: HireWish) -> HirePreview:
        """Say what a wish would lead to; raises what stands against it."""
        self.may_hire(actor, wish.department)
        rehire = wish.former is not None
        rules.check_first_day(wish.first_day, self.today)
        rules.check_probation(wish.terms, rehire=rehire)
        for row in await self._store.with_mobile(self._vault.indexes("phone", wish.mobile)):
            at_work = row.status == HireStatus.DONE and row.employee_id in self.access.directory.people
            if row.status in OPEN or at_work:
                raise AlreadyHired(row.id or 0, row.name or "")
        known = await self.recognise(actor, wish.name, wish.mobile)
        asked = self._route(actor, wish.department)[0][1]
        limit = rules.probation_limit(wish.terms, rehire=rehire)
        return HirePreview(known, limit, tuple(name_of(self.access, one) for one in asked))

    async def submit(self, actor: int, wish: HireWish) -> tuple[int, Happened]:
        """Ask for a hire. Of two that ask for the same person at once, one is told of the other's."""
        await self.preview(actor, wish)
        row = HireRow(
            name=wish.name,
            mobile_index=self._vault.index("phone", wish.mobile),
            department_id=wish.department,
            position=wish.position or None,
            manager_id=wish.manager,
            first_day=wish.first_day,
            employment=wish.terms.employment.value,
            contract=wish.terms.contract.value,
            contract_months=wish.terms.months,
            probation_months=wish.terms.probation_months,
            former_id=wish.former,
            userid=self._new_userid(),
            status=HireStatus.PENDING.value,
            created_by=actor,
            created_at=self._clock.now(),
            policy_version=self.policy.version,
        )
        hire_id = await self._store.add(row)
        if hire_id is None:
            known = await self._store.with_mobile(self._vault.indexes("phone", wish.mobile))
            other = next(one for one in known if one.status in OPEN)
            raise AlreadyHired(other.id or 0, other.name or "")
        kept = await self._store.locked(hire_id)
        assert kept is not None
        kept.mobile_sealed = self._vault.seal(wish.mobile, "hire", "mobile", hire_id)
        steps = [HireStepRow(hire_id=hire_id, name=name.value, position=at) for at, name in enumerate(STEPS)]
        self._store.save(kept, *steps)
        asked = await self._approvals.ask(hire_id, self._route(actor, wish.department))
        self._did(actor, Action.ONBOARDING_HIRE, kept)
        return hire_id, Happened(tuple(Notice(person, f"{KIND}.approval", hire_id) for person in asked))

    async def decide(self, actor: int, hire_id: int, *, approve: bool, comment: str = "") -> Happened | None:
        """Approve or reject; None: it was decided before, and nothing has changed."""
        row = await self._store.locked(hire_id)
        if row is None or row.created_by == actor:  # Nobody decides what they asked for.
            raise self._permission.refuse(actor, Action.ONBOARDING_DECIDE, record=record_of(hire_id))
        subject = subject_of(self.access, row)
        self._permission.may(actor, Action.ONBOARDING_DECIDE, on=subject, record=record_of(hire_id))
        if not await self._approvals.asks(hire_id, actor):
            if any(step.decided_by == actor for step in await self._approvals.steps(hire_id)):
                return None
            raise self._permission.refuse(actor, Action.ONBOARDING_DECIDE, on=subject, record=record_of(hire_id))
        _bounded(comment)
        decision = await self._approvals.decide(hire_id, actor, approve=approve, comment=comment or None)
        self._did(actor, Action.ONBOARDING_DECIDE, row, why="approve" if approve else "reject")
        notices = [Notice(person, f"{KIND}.approval", hire_id) for person in decision.asked]
        if decision.approved is None:
            return Happened(tuple(notices), Outdated(KIND, hire_id, (actor, *decision.relieved)))
        self._move(row, HireStatus.RUNNING if decision.approved else HireStatus.REJECTED)
        told = in_charge(self.access, row)
        notices += [Notice(person, f"{KIND}.decided", hire_id) for person in told]
        outdated = Outdated(KIND, hire_id, (actor, *decision.relieved, *told))
        return Happened(tuple(notices), outdated, self._chain(row) if decision.approved else ())

    async def orphaned(self) -> list[int]:
        """Give the hires that nobody who was asked may decide any more."""
        found = []
        for row in await self._store.in_status(HireStatus.PENDING):
            subject = subject_of(self.access, row)
            asks = self._approvals.is_orphaned
            if subject is not None and await asks(row.id or 0, subject, Action.ONBOARDING_DECIDE):
                found.append(row.id or 0)
        return found

    async def adopt(self, hire_id: int) -> Happened:
        """Ask those who would be asked today, after a transfer or a departure. Raises `NoApprover`."""
        row = await self._store.locked(hire_id)
        subject = subject_of(self.access, row) if row is not None else None
        if row is None or subject is None or row.status != HireStatus.PENDING:
            return Happened()

        def whom(role: StepRole) -> tuple[int, ...]:
            return department_approvers(self.access, row.department_id, role, but=row.created_by)

        change = await self._approvals.adopt(hire_id, subject, Action.ONBOARDING_DECIDE, whom)
        self._audit.record(Act(SYSTEM, "onboarding.reassign", record=record_of(hire_id)))
        notices = tuple(Notice(person, f"{KIND}.approval", hire_id) for person in change.asked)
        return Happened(notices, Outdated(KIND, hire_id, (*in_charge(self.access, row), *change.relieved)))

    # --- going on, and back -------------------------------------------------------------------------------------------

    async def cancel(self, actor: int, hire_id: int) -> Happened | None:
        """Give a hire up: what its steps made is taken back, last first. None: it was given up before."""
        row = await self._mine(actor, hire_id)
        status = HireStatus(row.status)
        if status in {HireStatus.CANCELLING, HireStatus.CANCELLED, HireStatus.REJECTED}:
            return None
        if status is HireStatus.DONE and row.first_day <= self.today:
            raise AlreadyBegun(name=row.name)
        self._did(actor, Action.ONBOARDING_HIRE, row, why="cancel")
        told = (actor, *in_charge(self.access, row))
        if status is HireStatus.PENDING:
            asked = await self._approvals.cancel(hire_id)
            self._move(row, HireStatus.CANCELLED)
            return Happened(outdated=Outdated(KIND, hire_id, (*told, *asked)))
        self._move(row, HireStatus.CANCELLING)
        await self._clear(row)
        return Happened(outdated=Outdated(KIND, hire_id, told), errands=self._chain(row))

    async def retry(self, actor: int, hire_id: int) -> Happened:
        """Try the failed step again, go on after a stop, or look now whether an invitation was accepted."""
        row = await self._mine(actor, hire_id)
        failed = await self._failed(row)
        if failed is None and row.status not in {HireStatus.WAITING, HireStatus.STOPPED}:
            raise NotStuck(hire=hire_id)
        self._did(actor, Action.ONBOARDING_HIRE, row, why="retry")
        await self._clear(row)
        if row.status != HireStatus.CANCELLING:
            self._move(row, HireStatus.RUNNING)
        return Happened(outdated=self._outdated(actor, row), errands=self._chain(row))

    async def skip(self, actor: int, hire_id: int, reason: str) -> Happened:
        """Leave the failed step out, and say why. Going back, it counts as taken back by hand."""
        row = await self._mine(actor, hire_id)
        failed = await self._failed(row)
        if failed is None:
            raise NotStuck(hire=hire_id)
        if failed.name == StepName.NUMBER:
            raise CannotSkip(StepName.NUMBER)
        if not reason:
            raise ReasonMissing(hire_id)
        _bounded(reason)
        back = row.status == HireStatus.CANCELLING
        failed.status = (Step.UNDONE if back else Step.SKIPPED).value
        failed.reason_sealed = self._vault.seal(reason, "hire_step", "reason", failed.id)
        failed.changed_at = self._clock.now()
        self._store.save(failed)
        self._did(actor, Action.ONBOARDING_HIRE, row, why=f"skip {failed.name}")
        if not back:
            self._move(row, HireStatus.RUNNING)
        return Happened(outdated=self._outdated(actor, row), errands=self._chain(row))

    async def stop(self, actor: int, hire_id: int) -> Happened:
        """Let a stuck chain rest as it is: nothing more is done, and nothing is taken back."""
        row = await self._mine(actor, hire_id)
        if row.status == HireStatus.STOPPED:
            return Happened()
        if row.status != HireStatus.STUCK:
            raise NotStuck(hire=hire_id)
        self._did(actor, Action.ONBOARDING_HIRE, row, why="stop")
        self._move(row, HireStatus.STOPPED)
        return Happened(outdated=self._outdated(actor, row))

    # --- showing ------------------------------------------------------------------------------------------------------

    async def details(self, viewer: int, hire_id: int) -> HireDetails:
        """Show a hire to those who may see it."""
        row = await self._store.find(hire_id)
        if row is None:
            raise self._permission.refuse(viewer, Action.ONBOARDING_VIEW, record=record_of(hire_id))
        subject = subject_of(self.access, row)
        self._permission.may(viewer, Action.ONBOARDING_VIEW, on=subject, record=record_of(hire_id))
        views = await self._approvals.steps(hire_id)
        asked = [one for step in views if step.status is StepStatus.OPEN for one in step.approvers]
        steps = [self._shown(step) for step in await self._store.steps(hire_id)]
        department = self.access.directory.departments.get(row.department_id)
        named = await self._store.named(row.name) if row.name else []
        return HireDetails(
            id=hire_id,
            name=row.name or "",
            department=department.name if department else "",
            position=row.position or "",
            manager=name_of(self.access, row.manager_id),
            first_day=row.first_day,
            terms=terms_of(row),
            rehire=row.former_id is not None,
            same_name=sum(1 for one in named if one.left_on is None and one.id != row.employee_id),
            status=HireStatus(row.status),
            number=await self._store.number_of(hire_id),
            created_by=row.created_by,
            created_by_name=name_of(self.access, row.created_by),
            asked=tuple(name_of(self.access, one) for one in asked),
            decisions=tuple((name_of(self.access, s.decided_by), s) for s in views if s.decided_by is not None),
            steps=tuple(steps),
        )

    async def awaits(self, viewer: int, details: HireDetails) -> bool:
        """Tell whether a hire waits for this person's decision."""
        return details.status is HireStatus.PENDING and await self._approvals.asks(details.id, viewer)

    async def to_decide(self, viewer: int) -> list[HireDetails]:
        """Give the hires that wait for this person."""
        found = []
        for hire_id in await self._approvals.waiting_for(viewer):
            row = await self._store.find(hire_id)
            subject = subject_of(self.access, row) if row is not None else None
            if row is not None and self.access.allows(viewer, Action.ONBOARDING_VIEW, subject):
                found.append(await self.details(viewer, hire_id))
        return found

    # --- beneath ------------------------------------------------------------------------------------------------------

    async def _mine(self, actor: int, hire_id: int) -> HireRow:
        """Find a hire that the actor may deal with, and hold it."""
        row = await self._store.locked(hire_id)
        if row is None:
            raise self._permission.refuse(actor, Action.ONBOARDING_HIRE, record=record_of(hire_id))
        self._permission.may(actor, Action.ONBOARDING_HIRE, on=subject_of(self.access, row), record=record_of(hire_id))
        return row

    async def _failed(self, row: HireRow) -> HireStepRow | None:
        steps = await self._store.steps(row.id or 0)
        return next((step for step in steps if step.status == Step.FAILED), None)

    async def _clear(self, row: HireRow) -> None:
        """Let what failed be tried again."""
        failed = await self._failed(row)
        if failed is not None:
            failed.status, failed.error = Step.WAITING.value, None
            self._store.save(failed)

    def _route(self, actor: int, department: int) -> list[tuple[StepRole, tuple[int, ...]]]:
        steps: list[tuple[StepRole, tuple[int, ...]]] = []
        for role in self.policy.approval:
            asked = department_approvers(self.access, department, role, but=actor)
            if all(asked != before for _, before in steps):  # Nobody is asked twice.
                steps.append((role, asked))
        return steps

    def _shown(self, step: HireStepRow) -> StepShown:
        sealed = step.reason_sealed
        reason = self._vault.open(sealed, "hire_step", "reason", step.id) if sealed else ""
        return StepShown(StepName(step.name), Step(step.status), step.error, reason, step.external_id)

    def _chain(self, row: HireRow) -> tuple[Errand, ...]:
        return (Errand(CHAIN, {"hire": row.id}, lock=record_of(row.id or 0)),)

    def _outdated(self, actor: int, row: HireRow) -> Outdated:
        return Outdated(KIND, row.id or 0, (actor, *in_charge(self.access, row)))

    def _move(self, row: HireRow, status: HireStatus) -> None:
        row.status = status.value
        row.version += 1
        if status not in {HireStatus.PENDING, HireStatus.CANCELLING, *UNDER_WAY}:
            row.closed_at = self._clock.now()
        self._store.save(row)

    def _did(self, actor: int, action: Action, row: HireRow, why: str | None = None) -> None:
        people = self.access.directory.people
        on = people[row.employee_id].key if row.employee_id in people and row.employee_id is not None else None
        self._audit.record(Act(people[actor].key, action.value, on=on, record=record_of(row.id or 0), why=why))


def _former(row: EmployeeRow, today: date) -> Former | None:
    """Read somebody who left; whoever never began isn't one of them."""
    if row.left_on is None or row.left_on >= today or (row.hired_on is not None and row.left_on < row.hired_on):
        return None
    return Former(row.id or 0, row.employee_number, row.left_on)


def _bounded(text: str) -> None:
    if len(text) > MOST_TEXT:
        raise TextTooLong(MOST_TEXT)
