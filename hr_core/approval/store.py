"""The steps of each request. One table for every kind of request."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.approval.model import StepStatus
from hr_core.database import Row
from hr_core.vault.columns import sealed


class ApprovalStepRow(Row, table=True):
    """One step of one request; the persons asked stand in `approval_approver`."""

    __tablename__ = "approval_step"
    __table_args__ = (UniqueConstraint("kind", "request_id", "position"),)
    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=32)
    request_id: int
    position: int
    role: str = Field(max_length=16)
    status: str = Field(max_length=16)
    decided_by: int | None = Field(default=None, foreign_key="employee.id")
    decided_at: datetime | None = None
    comment_sealed: bytes | None = None


sealed(ApprovalStepRow, "comment_sealed", "id", lambda step_id: ("approval_step", "comment", step_id))


class ApproverRow(Row, table=True):
    """A person asked by a step."""

    __tablename__ = "approval_approver"
    step_id: int = Field(foreign_key="approval_step.id", primary_key=True)
    employee_id: int = Field(foreign_key="employee.id", primary_key=True, index=True)


class ApprovalStore:
    """Reads and changes steps of one kind of request."""

    def __init__(self, session: AsyncSession, kind: str) -> None:
        self._session = session
        self._kind = kind

    async def steps(self, request_id: int) -> list[ApprovalStepRow]:
        """Give a request's steps in order."""
        query = (
            select(ApprovalStepRow)
            .where(ApprovalStepRow.kind == self._kind, ApprovalStepRow.request_id == request_id)
            .order_by(col(ApprovalStepRow.position))
        )
        return list(await self._session.exec(query))

    async def add_step(self, step: ApprovalStepRow, approvers: tuple[int, ...]) -> None:
        """Keep a new step and whom it asks."""
        self._session.add(step)
        await self._session.flush()
        for employee_id in approvers:
            self._session.add(ApproverRow(step_id=step.id or 0, employee_id=employee_id))

    async def ask_instead(self, step: ApprovalStepRow, approvers: tuple[int, ...]) -> None:
        """Let a step ask other people."""
        for row in (await self._session.exec(select(ApproverRow).where(ApproverRow.step_id == step.id))).all():
            await self._session.delete(row)
        await self._session.flush()
        for employee_id in approvers:
            self._session.add(ApproverRow(step_id=step.id or 0, employee_id=employee_id))

    async def approvers(self, step: ApprovalStepRow) -> tuple[int, ...]:
        """Give the people a step asks, in a stable order."""
        query = (
            select(ApproverRow.employee_id).where(ApproverRow.step_id == step.id).order_by(col(ApproverRow.employee_id))
        )
        return tuple(await self._session.exec(query))

    async def waiting_for(self, employee_id: int) -> list[int]:
        """Give the requests whose open step asks this person, oldest first."""
        query = (
            select(ApprovalStepRow.request_id)
            .join(ApproverRow, col(ApproverRow.step_id) == col(ApprovalStepRow.id))
            .where(
                ApprovalStepRow.kind == self._kind,
                ApprovalStepRow.status == StepStatus.OPEN,
                ApproverRow.employee_id == employee_id,
            )
            .order_by(col(ApprovalStepRow.request_id))
        )
        return list(await self._session.exec(query))

    def save(self, step: ApprovalStepRow) -> None:
        """Keep a changed step."""
        self._session.add(step)
