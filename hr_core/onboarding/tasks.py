"""The list of tasks of a hire: made from the policy's templates, done one by one; and the first day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from hr_core.audit.store import SYSTEM, Act, AuditLog
from hr_core.clock import Clock, company_day
from hr_core.notices import Happened, Notice, Outdated
from hr_core.onboarding import rules
from hr_core.onboarding.facts import name_of, record_of, subject_of
from hr_core.onboarding.model import KIND, HireStatus, StepName, StepStatus
from hr_core.onboarding.policy import OnboardingPolicy, TaskOwner
from hr_core.onboarding.store import HireRow, HireStore, HireTaskRow
from hr_core.people.rules import department_path
from hr_core.permission.access import Access
from hr_core.permission.checker import PermissionChecker
from hr_core.permission.matrix import Action, Role
from hr_core.workdays.model import WorkCalendar

PROGRESS_DAYS = 60
"""How long after their first day people stay in 入职进度."""


@dataclass(frozen=True, slots=True)
class TaskShown:
    """A task as its owner, or HR, sees it."""

    id: int
    position: int
    title: str
    owner: int
    owner_name: str
    due: date
    done: bool
    closed: bool


@dataclass(frozen=True, slots=True)
class OwnTasks:
    """What somebody has to do for one hire."""

    hire: int
    name: str
    department: str
    first_day: date
    tasks: tuple[TaskShown, ...]


@dataclass(frozen=True, slots=True)
class HireProgress:
    """How far a hire is: counts and what is missing, without anybody's data."""

    hire: int
    name: str
    department: str
    first_day: date
    status: HireStatus
    steps_done: int
    steps: int
    at: StepName | None
    tasks_done: int
    tasks: int
    overdue: int


@dataclass(frozen=True, slots=True)
class FirstDay:
    """What a team hears of a newcomer."""

    name: str
    department: str
    department_path: tuple[int, ...]
    position: str
    first_day: date
    manager: int | None
    employee: int | None
    place: str = ""
    bring: tuple[str, ...] = ()


class TaskList:
    """Tasks, within the caller's transaction."""

    def __init__(
        self,
        store: HireStore,
        permission: PermissionChecker,
        audit: AuditLog,
        clock: Clock,
        calendar: WorkCalendar,
        policy: OnboardingPolicy,
    ) -> None:
        self._store = store
        self._permission = permission
        self._audit = audit
        self._clock = clock
        self._calendar = calendar
        self._policy = policy

    @property
    def today(self) -> date:
        """The company's day."""
        return company_day(self._clock.now())

    @property
    def _access(self) -> Access:
        return self._permission.access

    # --- the chain's --------------------------------------------------------------------------------------------------

    async def make(self, row: HireRow, access: Access) -> Sequence[int]:
        """Make a hire's tasks, once, and give those owners who hear of them now: a newcomer does on the first day."""
        hire_id = row.id or 0
        if not await self._store.tasks(hire_id):
            owners = {owner: self._owner(owner, row, access) for owner in TaskOwner}
            self._store.save(
                *(
                    HireTaskRow(
                        hire_id=hire_id,
                        position=position,
                        title=task.title,
                        owner_id=owners[task.owner],
                        due=rules.due_day(self._calendar, row.first_day, task.due, self.today),
                    )
                    for position, task in enumerate(self._policy.tasks, 1)
                )
            )
            await self._store.flush()
        return sorted({task.owner_id for task in await self._store.tasks(hire_id)} - {row.employee_id})

    async def close(self, hire_id: int) -> None:
        """Close what isn't done, and what is: nobody comes."""
        tasks = await self._store.tasks(hire_id)
        for task in tasks:
            task.closed = True
        self._store.save(*tasks)

    def _owner(self, owner: TaskOwner, row: HireRow, access: Access) -> int:
        if owner is TaskOwner.NEWCOMER and row.employee_id is not None:
            return row.employee_id
        if owner is TaskOwner.MANAGER and row.manager_id in access.directory.people and row.manager_id is not None:
            return row.manager_id
        if owner is TaskOwner.IT:
            operators = access.holders(Role.OPERATOR)
            return operators[0] if operators else row.created_by
        return row.created_by

    # --- people's -----------------------------------------------------------------------------------------------------

    async def finish(self, actor: int, task_id: int) -> tuple[int, Happened]:
        """Mark a task as done; a second time changes nothing. Gives the hire it belongs to."""
        task = await self._store.task(task_id)
        if task is None or (task.owner_id != actor and task.owner_id not in self._access.directory.people):
            raise self._permission.refuse(actor, Action.ONBOARDING_TASK, record=f"hire_task:{task_id}")
        self._permission.may(actor, Action.ONBOARDING_TASK, on=task.owner_id, record=f"hire_task:{task_id}")
        if task.done_at is None and not task.closed:
            task.done_at, task.done_by = self._clock.now(), actor
            self._store.save(task)
            key = self._access.directory.people[actor].key
            self._audit.record(Act(key, Action.ONBOARDING_TASK.value, record=f"hire_task:{task_id}"))
            return task.hire_id, Happened(outdated=Outdated(f"{KIND}.tasks", task.hire_id, (actor, task.owner_id)))
        return task.hire_id, Happened()

    async def task_at(self, owner: int, hire_id: int, position: int) -> int:
        """Give the number of an owner's task by its place on the card; 0 when it isn't theirs."""
        tasks = [task for task in await self._store.tasks(hire_id) if task.owner_id == owner]
        return next((task.id or 0 for task in tasks if task.position == position), 0)

    async def own(self, viewer: int, hire_id: int) -> OwnTasks | None:
        """Give what somebody has to do for a hire; None when there is nothing of theirs."""
        self._permission.may(viewer, Action.ONBOARDING_TASK, on=viewer)
        row = await self._store.find(hire_id)
        tasks = [task for task in await self._store.tasks(hire_id) if task.owner_id == viewer]
        if row is None or not tasks:
            return None
        return self._own(row, tasks)

    async def mine(self, viewer: int) -> list[OwnTasks]:
        """Give what somebody has to do for whom; for a newcomer what they have done as well."""
        self._permission.may(viewer, Action.ONBOARDING_TASK, on=viewer)
        hires = {task.hire_id: True for task in await self._store.open_tasks(viewer)}
        own = [row.id or 0 for row in await self._store.of_employee(viewer) if row.status != HireStatus.CANCELLED]
        found = []
        for hire_id in dict.fromkeys([*own, *hires]):
            row = await self._store.find(hire_id)
            if row is not None:
                tasks = [task for task in await self._store.tasks(hire_id) if task.owner_id == viewer]
                found.append(self._own(row, tasks))
        return found

    async def progress(self, viewer: int) -> list[HireProgress]:
        """Give how far the hires are that somebody may see, those that need something first."""
        since = date.fromordinal(self.today.toordinal() - PROGRESS_DAYS)
        rows = [
            row
            for row in await self._store.recent(since)
            if self._access.allows(viewer, Action.ONBOARDING_VIEW, subject_of(self._access, row))
            and row.employee_id != viewer
        ]
        if not rows and not self._access.allows_anywhere(viewer, Action.ONBOARDING_VIEW):
            raise self._permission.refuse(viewer, Action.ONBOARDING_VIEW)
        ids = [row.id or 0 for row in rows]
        steps, tasks = await self._store.steps_of(ids), await self._store.tasks_of(ids)
        found = []
        for row in rows:
            own = [step for step in steps if step.hire_id == row.id]
            todo = [task for task in tasks if task.hire_id == row.id and not task.closed]
            settled = [step for step in own if step.status in {StepStatus.DONE, StepStatus.SKIPPED}]
            at = next((StepName(step.name) for step in own if step not in settled), None)
            late = [task for task in todo if task.done_at is None and task.due < self.today]
            found.append(
                HireProgress(
                    row.id or 0, row.name or "", self._department(row), row.first_day, HireStatus(row.status),
                    len(settled), len(own), at, sum(task.done_at is not None for task in todo), len(todo), len(late),
                )
            )  # fmt: skip
        return found

    # --- the first day ------------------------------------------------------------------------------------------------

    async def greet(self, day: date) -> list[tuple[FirstDay, int, tuple[Notice, ...]]]:
        """Give whose first day has come, once, with the hire and whom its notices go to."""
        found = []
        for row in await self._store.beginning(day):
            row.greeted_at = self._clock.now()
            self._store.save(row)
            hire_id, people = row.id or 0, self._access.directory.people
            self._audit.record(Act(SYSTEM, "onboarding.first_day", on=row.userid, record=record_of(hire_id)))
            notices = []
            if row.manager_id in people and row.manager_id is not None:
                notices.append(Notice(row.manager_id, f"{KIND}.first_day", hire_id))
            if row.employee_id in people and row.employee_id is not None:
                notices.append(Notice(row.employee_id, f"{KIND}.tasks", hire_id))
            found.append((self._first_day(row), hire_id, tuple(notices)))
        return found

    async def first_day(self, hire_id: int) -> FirstDay | None:
        """Give what a team hears; nothing of a hire that was given up meanwhile."""
        row = await self._store.find(hire_id)
        return self._first_day(row) if row is not None and row.status == HireStatus.DONE else None

    def _first_day(self, row: HireRow) -> FirstDay:
        path = department_path(self._access.directory, row.department_id)
        return FirstDay(
            row.name or "", self._department(row), path, row.position or "", row.first_day, row.manager_id,
            row.employee_id, self._policy.place, self._policy.bring,
        )  # fmt: skip

    # --- beneath ------------------------------------------------------------------------------------------------------

    def _own(self, row: HireRow, tasks: Sequence[HireTaskRow]) -> OwnTasks:
        return OwnTasks(
            row.id or 0, row.name or "", self._department(row), row.first_day, tuple(self._shown(t) for t in tasks)
        )

    def _shown(self, task: HireTaskRow) -> TaskShown:
        return TaskShown(
            task.id or 0, task.position, task.title, task.owner_id, name_of(self._access, task.owner_id), task.due,
            task.done_at is not None, task.closed,
        )  # fmt: skip

    def _department(self, row: HireRow) -> str:
        department = self._access.directory.departments.get(row.department_id)
        return department.name if department else ""
