"""Moves a request through its steps. Whoever calls has locked the request and records what the outcome means."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from hr_core.approval.model import Route, StepRole, StepStatus
from hr_core.approval.rules import approvers
from hr_core.approval.store import ApprovalStepRow, ApprovalStore
from hr_core.clock import Clock
from hr_core.permission.access import Access
from hr_core.permission.matrix import Action
from hr_core.vault import Vault


@dataclass(frozen=True, slots=True)
class Decision:
    """What one decision led to: `approved` None while a further step is open, which asks `asked` next.

    `relieved` were asked for the same and need not decide any more.
    """

    approved: bool | None
    asked: tuple[int, ...] = ()
    relieved: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class StepView:
    """A step as people see it."""

    role: StepRole
    status: StepStatus
    approvers: tuple[int, ...]
    decided_by: int | None
    comment: str | None


class ApprovalService:
    """One kind of request's approvals."""

    def __init__(self, store: ApprovalStore, kind: str, access: Access, vault: Vault, clock: Clock) -> None:
        self._store = store
        self._kind = kind
        self._access = access
        self._vault = vault
        self._clock = clock

    async def start(self, request_id: int, applicant: int, route: Route, days: Decimal) -> tuple[int, ...]:
        """Lay the steps out and give the people the first one asks; raises `NoApprover` before anything is kept."""
        roles = route.steps(days)
        return await self.ask(request_id, [(role, approvers(self._access, applicant, role)) for role in roles])

    async def ask(self, request_id: int, steps: Sequence[tuple[StepRole, tuple[int, ...]]]) -> tuple[int, ...]:
        """Lay out steps that ask these people, in their order, and give whom the first one asks."""
        for position, (role, people) in enumerate(steps):
            status = StepStatus.OPEN if position == 0 else StepStatus.WAITING
            step = ApprovalStepRow(
                kind=self._kind, request_id=request_id, position=position, role=role.value, status=status.value
            )
            await self._store.add_step(step, people)
        return steps[0][1]

    async def asks(self, request_id: int, actor: int) -> bool:
        """Tell whether the request's open step asks this person."""
        step = self._open(await self._store.steps(request_id))
        return step is not None and actor in await self._store.approvers(step)

    async def decide(self, request_id: int, actor: int, *, approve: bool, comment: str | None) -> Decision:
        """Close the open step. Further steps that ask the same person are closed with it: nobody is asked twice."""
        steps = await self._store.steps(request_id)
        step = self._open(steps)
        if step is None:
            msg = f"{self._kind} {request_id} has no open step"
            raise LookupError(msg)
        relieved = tuple(person for person in await self._store.approvers(step) if person != actor)
        self._close(step, actor, StepStatus.APPROVED if approve else StepStatus.REJECTED, comment)
        following = steps[steps.index(step) + 1 :]
        if not approve:
            for later in following:
                self._close(later, None, StepStatus.SKIPPED, None)
            return Decision(approved=False, relieved=relieved)
        for later in following:
            asked = await self._store.approvers(later)
            if actor not in asked:
                later.status = StepStatus.OPEN.value
                self._store.save(later)
                return Decision(approved=None, asked=asked, relieved=relieved)
            self._close(later, actor, StepStatus.APPROVED, None)
        return Decision(approved=True, relieved=relieved)

    async def is_orphaned(self, request_id: int, applicant: int, action: Action) -> bool:
        """Tell whether a step that isn't closed asks nobody any more who may decide it."""
        return bool([step async for step, _ in self._orphans(request_id, applicant, action)])

    async def adopt(
        self,
        request_id: int,
        applicant: int,
        action: Action,
        whom: Callable[[StepRole], tuple[int, ...]] | None = None,
    ) -> Decision:
        """Ask those who would be asked today, where those who were asked have left or lost the right to decide.

        Gives whom the open step asks now, and who need not decide any more. `whom` tells whom a step asks where it
        isn't somebody above the applicant. Raises `NoApprover`.
        """
        asked: tuple[int, ...] = ()
        relieved: tuple[int, ...] = ()
        for step, before in [orphan async for orphan in self._orphans(request_id, applicant, action)]:
            role = StepRole(step.role)
            now = whom(role) if whom is not None else approvers(self._access, applicant, role)
            await self._store.ask_instead(step, now)
            if step.status == StepStatus.OPEN:
                asked, relieved = now, before
        return Decision(approved=None, asked=asked, relieved=relieved)

    async def _orphans(
        self, request_id: int, applicant: int, action: Action
    ) -> AsyncIterator[tuple[ApprovalStepRow, tuple[int, ...]]]:
        for step in await self._store.steps(request_id):
            if step.status in {StepStatus.OPEN, StepStatus.WAITING}:
                asked = await self._store.approvers(step)
                if not any(self._access.allows(person, action, applicant) for person in asked):
                    yield step, asked

    async def cancel(self, request_id: int) -> tuple[int, ...]:
        """Close what is still open or waiting, and give the people who had been asked, or had agreed, in vain."""
        asked: tuple[int, ...] = ()
        for step in await self._store.steps(request_id):
            if step.decided_by is not None:
                asked = (*asked, step.decided_by)
            if step.status == StepStatus.OPEN:
                asked = (*asked, *await self._store.approvers(step))
            if step.status in {StepStatus.OPEN, StepStatus.WAITING}:
                self._close(step, None, StepStatus.SKIPPED, None)
        return asked

    async def waiting_for(self, actor: int) -> list[int]:
        """Give the requests that wait for this person."""
        return await self._store.waiting_for(actor)

    async def steps(self, request_id: int) -> tuple[StepView, ...]:
        """Give the steps with who is asked, who decided, and what they said."""
        return tuple(
            [
                StepView(
                    StepRole(step.role),
                    StepStatus(step.status),
                    await self._store.approvers(step),
                    step.decided_by,
                    self._vault.open(step.comment_sealed, *_place(step)) if step.comment_sealed else None,
                )
                for step in await self._store.steps(request_id)
            ]
        )

    def _open(self, steps: list[ApprovalStepRow]) -> ApprovalStepRow | None:
        return next((step for step in steps if step.status == StepStatus.OPEN), None)

    def _close(self, step: ApprovalStepRow, actor: int | None, status: StepStatus, comment: str | None) -> None:
        step.status = status.value
        step.decided_by = actor
        step.decided_at = self._clock.now() if actor is not None else None
        step.comment_sealed = self._vault.seal(comment, *_place(step)) if comment else None
        self._store.save(step)


def _place(step: ApprovalStepRow) -> tuple[object, ...]:
    return ("approval_step", "comment", step.id)
