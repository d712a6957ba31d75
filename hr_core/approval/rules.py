"""Who is asked: the manager, else the department's head, else the parent's, else HR; never the applicant."""

from hr_core.approval.model import NoApprover, StepRole
from hr_core.people import rules as people
from hr_core.permission.access import Access
from hr_core.permission.matrix import Role


def approvers(access: Access, applicant: int, role: StepRole) -> tuple[int, ...]:
    """Give the people who may decide one step; any one of them does. Raises `NoApprover`."""
    if role is StepRole.MANAGER:
        # In a reporting cycle nobody is above anybody: A would decide for B and B for A.
        cycle = people.in_reporting_cycle(access.directory, applicant)
        above = None if cycle else people.next_above(access.directory, applicant)
        if above is not None:
            return (above,)
    return hr_approvers(access, applicant)


def department_approvers(access: Access, department: int, role: StepRole, but: int) -> tuple[int, ...]:
    """Give who decides for a department about somebody who isn't there yet; never the one who asks.

    A head, else the parent department's; else, and where nobody else is above it, HR.
    """
    if role is StepRole.DEPARTMENT_HEAD:
        for own in people.department_path(access.directory, department):
            heads = [head for head in access.directory.heads_of(own) if head != but]
            if heads:
                return (heads[0],)
    top = access.general_manager
    if role is not StepRole.HR and top is not None and top != but:
        return (top,)
    return hr_approvers(access, but)


def hr_approvers(access: Access, applicant: int) -> tuple[int, ...]:
    """Give every HR holder in reach; the only HR person's own request goes to the general manager."""
    others = tuple(holder for holder in access.holders(Role.HR, over=applicant) if holder != applicant)
    if others:
        return others
    if access.general_manager is not None and access.general_manager != applicant:
        return (access.general_manager,)
    raise NoApprover
