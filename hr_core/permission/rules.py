"""Rules of granting: who has to agree, and which roles one person can't have together."""

from collections.abc import Iterable

from hr_core.permission.access import Access, RoleGrant
from hr_core.permission.matrix import Action, Role
from hr_core.permission.policy import Policy


def needs_second_person(access: Access, role: str, *, granted_ever: bool, held_before: bool) -> bool:
    """Tell whether a grant waits for a second person: every further one of a sensitive role.

    The first counts at once. Where nobody holds a role any more that was granted before, only who held it gets it back
    at once: taking it from everybody is no way round the second person. A role of the company's own has no first.
    """
    if role not in access.policy.sensitive:
        return False
    if role not in set(Role):
        return True
    return bool(access.holders(role)) or (granted_ever and not held_before)


def confirmers(access: Access, grantee: int, role: str, asked_by: int | None) -> tuple[int, ...]:
    """Give who may confirm a grant: holders of the role and HR who reach the grantee, else the general manager.

    Neither the grantee nor who asked for it is one of them; nobody is an answer, too.
    """
    apart = {grantee, asked_by}
    holders = {*access.holders(role), *access.holders(Role.HR)} - apart
    able = sorted(one for one in holders if access.allows(one, Action.ROLE_CONFIRM, grantee))
    if able:
        return tuple(able)
    manager = access.general_manager
    return (manager,) if manager is not None and manager not in apart else ()


def audience(access: Access, role: str, grantee: int) -> tuple[int, ...]:
    """Give who is told of a grant or a revocation: HR, the role's holders, and whom it is about."""
    told = {*access.holders(Role.HR), *access.holders(role)}
    if grantee in access.directory.people:
        told.add(grantee)
    return tuple(sorted(told))


def role_apart(policy: Policy, role: str, held: Iterable[RoleGrant]) -> str | None:
    """Give a role the person has already and that can't stand beside `role`."""
    return next((grant.role for grant in held if policy.apart(role, grant.role)), None)
