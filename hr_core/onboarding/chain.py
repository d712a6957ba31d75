"""The chain of a hire: what is next, and what an outcome means. Each step is one transaction.

Steps outside (account, attendance) are done before it by `bot/hiring.py`: looked for first, so that a step that was
done before a crash isn't done again. Steps inside are done here. Going back takes every step that isn't taken back
yet, also one whose outcome was never noted.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import date, timedelta

from hr_core.audit.store import SYSTEM, Act, AuditLog
from hr_core.clock import Clock, company_day
from hr_core.errors import HRError
from hr_core.notices import Errand, Happened, Notice, Outdated
from hr_core.onboarding import rules
from hr_core.onboarding.facts import department_keys, in_charge, record_of
from hr_core.onboarding.model import (
    KIND,
    HireStatus,
    Newcomer,
    StepName,
    StepOutcome,
    StepPlan,
    StepStatus,
)
from hr_core.onboarding.policy import OnboardingPolicy
from hr_core.onboarding.service import CHAIN
from hr_core.onboarding.store import HireRow, HireStepRow, HireStore, step_named
from hr_core.onboarding.tasks import TaskList
from hr_core.people.store import EmployeeRow, PeopleStore
from hr_core.permission.access import Access
from hr_core.sync.model import PersonRecord, PlaceRecord
from hr_core.sync.service import SyncService
from hr_core.vault import Vault

NOTHING = Happened()
_GONE_BACK = {StepStatus.UNDONE, StepStatus.SKIPPED}
_AHEAD = {StepStatus.WAITING, StepStatus.INVITED}


class Chain:
    """The steps of hires, within the caller's transaction."""

    def __init__(
        self,
        store: HireStore,
        people: PeopleStore,
        tasks: TaskList,
        access: Access,
        audit: AuditLog,
        vault: Vault,
        clock: Clock,
        policy: OnboardingPolicy,
        savepoint: Callable[[], AbstractAsyncContextManager[object]],
    ) -> None:
        self._store = store
        self._people = people
        self._tasks = tasks
        self._access = access
        self._audit = audit
        self._vault = vault
        self._clock = clock
        self._policy = policy
        self._savepoint = savepoint

    @property
    def _today(self) -> date:
        return company_day(self._clock.now())

    # --- what is next -------------------------------------------------------------------------------------------------

    async def plan(self, hire_id: int) -> StepPlan | None:
        """Give the next step; None when there is nothing to do, or nobody but HR can say what."""
        row = await self._store.find(hire_id)
        if row is None:
            return None
        steps = await self._store.steps(hire_id)
        step = self._next(row, steps)
        if step is None:
            return None
        keys = department_keys(self._access, row.department_id)
        manager = self._access.directory.people.get(row.manager_id) if row.manager_id is not None else None
        sealed = row.mobile_sealed
        newcomer = Newcomer(
            hire=hire_id,
            userid=row.userid,
            name=row.name or "",
            mobile=self._vault.open(sealed, "hire", "mobile", hire_id) if sealed else "",
            department_key=keys[0] if keys else "",
            position=row.position or "",
            number=await self._store.number_of(hire_id) or "",
            first_day=row.first_day,
            manager_key=manager.key if manager else None,
        )
        return StepPlan(
            step=StepName(step.name),
            undo=row.status == HireStatus.CANCELLING,
            newcomer=newcomer,
            external_id=step.external_id,
            invited=step.status == StepStatus.INVITED,
            by_hand=step_named(steps, StepName.ACCOUNT).status == StepStatus.SKIPPED,
            recorded=row.employee_id is not None,
            attendance_group=rules.group_for(self._policy.attendance_groups, keys),
        )

    def _next(self, row: HireRow, steps: list[HireStepRow]) -> HireStepRow | None:
        if any(step.status == StepStatus.FAILED for step in steps):
            return None
        if row.status == HireStatus.CANCELLING:
            return next((step for step in reversed(steps) if step.status not in _GONE_BACK), None)
        if row.status not in {HireStatus.RUNNING, HireStatus.WAITING}:
            return None
        return next((step for step in steps if step.status in _AHEAD), None)

    # --- what came of it ----------------------------------------------------------------------------------------------

    async def settle(
        self, plan: StepPlan, outcome: StepOutcome | None, *, userid: str | None = None
    ) -> tuple[Happened, bool]:
        """Note what came of a step, doing it where it is one of ours; tells whether the chain goes on at once.

        A hire that was cancelled meanwhile has its step noted all the same, and then goes back. `userid` is the
        account's, where it isn't the one we chose.
        """
        row = await self._store.locked(plan.newcomer.hire)
        if row is None:
            return NOTHING, False
        step = step_named(await self._store.steps(plan.newcomer.hire), plan.step)
        stale = row.status != HireStatus.CANCELLING if plan.undo else step.status not in _AHEAD
        if stale:
            return NOTHING, False
        row.userid = userid or row.userid
        if outcome is None:
            outcome, notices = await self._inside(plan, row)
        else:
            notices = ()
        first_time = step.status != outcome.status
        step.status, step.error = outcome.status.value, outcome.error
        step.external_id = outcome.external_id or step.external_id
        step.attempts += 1
        step.changed_at = self._clock.now()
        self._store.save(step, row)
        self._audit.record(
            Act(SYSTEM, f"onboarding.{plan.step.value}", record=record_of(plan.newcomer.hire), why=outcome.status.value)
        )
        await self._store.flush()
        return await self._after(row, outcome, notices, first_time=first_time)

    async def _after(
        self, row: HireRow, outcome: StepOutcome, notices: tuple[Notice, ...], *, first_time: bool
    ) -> tuple[Happened, bool]:
        hire_id = row.id or 0
        told = in_charge(self._access, row)
        outdated = Outdated(KIND, hire_id, told)
        back = row.status == HireStatus.CANCELLING
        if outcome.status is StepStatus.FAILED:
            if not back:
                self._move(row, HireStatus.STUCK)
            asked = tuple(Notice(person, f"{KIND}.stuck", hire_id, once=True) for person in told)
            return Happened((*notices, *asked), outdated), False
        if outcome.status is StepStatus.INVITED and not back:
            self._move(row, HireStatus.WAITING)
            said = tuple(Notice(person, f"{KIND}.waiting", hire_id) for person in told) if first_time else ()
            return Happened((*notices, *said), outdated if first_time else None), False
        steps = await self._store.steps(hire_id)
        if self._next(row, steps) is not None:
            if row.status == HireStatus.WAITING:
                self._move(row, HireStatus.RUNNING)
            return Happened(notices), True
        if row.status == HireStatus.STOPPED:
            return Happened(notices, outdated), False
        self._move(row, HireStatus.CANCELLED if back else HireStatus.DONE)
        said = tuple(Notice(person, f"{KIND}.{'cancelled' if back else 'done'}", hire_id) for person in told)
        return Happened((*notices, *said), outdated), False

    def _move(self, row: HireRow, status: HireStatus) -> None:
        row.status = status.value
        row.version += 1
        if status in {HireStatus.DONE, HireStatus.CANCELLED}:
            row.closed_at = self._clock.now()
        self._store.save(row)

    # --- steps of our own ---------------------------------------------------------------------------------------------

    async def _inside(self, plan: StepPlan, row: HireRow) -> tuple[StepOutcome, tuple[Notice, ...]]:
        """Do a step of ours, or take it back; what the rules refuse is a failure with the rule's code."""
        try:
            async with self._savepoint():
                if plan.undo:
                    return await self._take_back(plan.step, row)
                return await self._do(plan.step, row)
        except HRError as error:
            return StepOutcome(StepStatus.FAILED, error=error.code), ()

    async def _do(self, name: StepName, row: HireRow) -> tuple[StepOutcome, tuple[Notice, ...]]:
        hire_id = row.id or 0
        if name is StepName.NUMBER:
            return StepOutcome(StepStatus.DONE, external_id=await self._number(row)), ()
        if name is StepName.RECORD:
            row.employee_id = await self._record(row)
            return StepOutcome(StepStatus.DONE, external_id=str(row.employee_id)), ()
        if name is StepName.TASKS:
            owners = await self._tasks.make(row, self._access)
            return StepOutcome(StepStatus.DONE), tuple(Notice(one, f"{KIND}.tasks", hire_id) for one in owners)
        if row.employee_id is None:
            return StepOutcome(StepStatus.SKIPPED, error="onboarding.step.no_record"), ()
        return StepOutcome(StepStatus.DONE), (Notice(row.employee_id, f"{KIND}.welcome", hire_id),)

    async def _take_back(self, name: StepName, row: HireRow) -> tuple[StepOutcome, tuple[Notice, ...]]:
        if name is StepName.TASKS:
            await self._tasks.close(row.id or 0)
        if name is StepName.RECORD and row.employee_id is not None:
            await self._leave(row)
        return StepOutcome(StepStatus.UNDONE), ()  # A number stays given out; a greeting can't be unsaid.

    async def _number(self, row: HireRow) -> str:
        """Give the hire its number: once, whoever else takes one at the same instant."""
        hire_id = row.id or 0
        given = await self._store.number_of(hire_id)
        keys = department_keys(self._access, row.department_id)
        manager = self._access.directory.people.get(row.manager_id) if row.manager_id is not None else None
        scheme = rules.scheme_for(self._policy.numbers, keys, manager.legal_entity if manager else None)
        while given is None:
            value = rules.next_value(scheme, await self._store.known_numbers(scheme.prefix))
            wanted = rules.number_text(scheme, value)
            if await self._store.take_number(wanted, hire_id, self._clock.now()):
                given = wanted
        return given

    async def _record(self, row: HireRow) -> int:
        """Make the employee, or take over whom the contacts have told of meanwhile: both by the account's id."""
        directory = self._access.directory
        manager = directory.people.get(row.manager_id) if row.manager_id is not None else None
        record = PersonRecord(
            key=row.userid,
            name=row.name or "",
            employee_number=await self._store.number_of(row.id or 0),
            hired_on=row.first_day,
            position=row.position,
            places=(PlaceRecord(directory.departments[row.department_id].key),),
            manager_key=manager.key if manager else None,
            has_details=True,
        )
        await SyncService(self._people, self._today, self._audit).apply_people([record], rehire=True)
        return (await self._people.employees_by_key([row.userid]))[row.userid].id or 0

    async def _leave(self, row: HireRow) -> None:
        """Let the employee have left before they began, so that they don't count as somebody who was here."""
        found: list[EmployeeRow] = await self._store.employees([row.employee_id or 0])
        for employee in found:
            employee.left_on = min(self._today, row.first_day) - timedelta(days=1)
            self._people.add(employee)
        await self._people.touch()

    # --- from outside -------------------------------------------------------------------------------------------------

    async def joined(self, userid: str, mobile: str | None) -> tuple[Errand, ...]:
        """Take up a hire whose account has come to life; one that was given up meanwhile goes back once more."""
        row = await self._store.of_userid(userid)
        if row is None and mobile:
            found = await self._store.with_mobile(self._vault.indexes("phone", mobile))
            row = next((one for one in found if one.status == HireStatus.WAITING), None)
        if row is None:
            return ()
        if row.status == HireStatus.CANCELLED and row.employee_id is None:
            step = step_named(await self._store.steps(row.id or 0), StepName.ACCOUNT)
            if step.status == StepStatus.UNDONE:
                step.status = StepStatus.DONE.value
                self._store.save(step)
                self._move(row, HireStatus.CANCELLING)
        if row.status not in {HireStatus.WAITING, HireStatus.CANCELLING}:
            return ()
        self._audit.record(Act(SYSTEM, "onboarding.joined", on=userid, record=record_of(row.id or 0)))
        return (Errand(CHAIN, {"hire": row.id}, lock=record_of(row.id or 0)),)

    async def waiting(self) -> tuple[Errand, ...]:
        """Look again at every hire that waits for somebody to accept, and at those that nobody works on any more."""
        rows = await self._store.in_status(HireStatus.WAITING, HireStatus.RUNNING, HireStatus.CANCELLING)
        return tuple(Errand(CHAIN, {"hire": row.id}, lock=record_of(row.id or 0)) for row in rows)
