"""Whom a hire concerns, before and after they are an employee, and what is told of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from hr_core.approval.service import StepView
from hr_core.lifecycle.rules import Contract
from hr_core.onboarding.model import Employment, HireStatus, StepName, StepStatus, Terms
from hr_core.onboarding.store import HireRow
from hr_core.people.rules import department_path
from hr_core.permission.access import Access
from hr_core.permission.matrix import Role


@dataclass(frozen=True, slots=True)
class StepShown:
    """A step as HR sees it."""

    name: StepName
    status: StepStatus
    error: str | None
    reason: str
    external_id: str | None


@dataclass(frozen=True, slots=True)
class HireDetails:
    """A hire as somebody who may see it sees it; the mobile isn't in it."""

    id: int
    name: str
    department: str
    position: str
    manager: str
    first_day: date
    terms: Terms
    rehire: bool
    same_name: int
    """How many at work have the same name."""
    status: HireStatus
    number: str | None
    created_by: int
    created_by_name: str
    asked: tuple[str, ...]
    decisions: tuple[tuple[str, StepView], ...]
    """Who decided a step, and the step."""
    steps: tuple[StepShown, ...]

    @property
    def failed(self) -> StepShown | None:
        """The step that HR has to decide about."""
        return next((step for step in self.steps if step.status is StepStatus.FAILED), None)

    @property
    def comment(self) -> str:
        """What the person who decided last said."""
        said = [step.comment for _, step in self.decisions if step.comment]
        return said[-1] if said else ""


def record_of(hire_id: int) -> str:
    """Name a hire in the audit log."""
    return f"hire:{hire_id}"


def place_holder(access: Access, department: int) -> int | None:
    """Give a person who stands for somebody who isn't there yet: the department's head, else anybody in it, else above.

    Whoever reaches them reaches the newcomer.
    """
    directory = access.directory
    for own in department_path(directory, department):
        heads = directory.heads_of(own)
        members = heads or tuple(p.id for p in directory.people.values() if own in p.departments)
        if members:
            return min(members) if not heads else heads[0]
    return None


def subject_of(access: Access, row: HireRow) -> int | None:
    """Give the person whose record a hire is: the employee once there is one, else who stands for them."""
    if row.employee_id is not None and row.employee_id in access.directory.people:
        return row.employee_id
    return place_holder(access, row.department_id)


def department_keys(access: Access, department: int) -> Sequence[str]:
    """Give a department's key and those above it."""
    directory = access.directory
    return [directory.departments[one].key for one in department_path(directory, department)]


def name_of(access: Access, person: int | None) -> str:
    """Give somebody's name; nothing for who isn't there."""
    found = access.directory.people.get(person) if person is not None else None
    return found.name if found else ""


def terms_of(row: HireRow) -> Terms:
    """Give what the contract says."""
    return Terms(Employment(row.employment), Contract(row.contract), row.contract_months, row.probation_months)


def in_charge(access: Access, row: HireRow) -> tuple[int, ...]:
    """Give who hears of a hire: who made it, or everybody in HR once they are gone."""
    if row.created_by in access.directory.people:
        return (row.created_by,)
    return access.holders(Role.HR, over=subject_of(access, row))
