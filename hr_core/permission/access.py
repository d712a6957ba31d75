"""What the checker decides from: the directory of a day and the granted roles, as one frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hr_core.people import rules
from hr_core.people.model import Directory
from hr_core.permission.matrix import MATRIX, Action, Reach, Role


@dataclass(frozen=True, slots=True)
class RoleGrant:
    """A role given to a person; with a department, it reaches that department's subtree only."""

    employee_id: int
    role: Role
    department_id: int | None = None


@dataclass(frozen=True)
class Access:
    """The facts of every decision, as of one day and one version."""

    directory: Directory
    grants: Mapping[int, tuple[RoleGrant, ...]]
    general_manager: int | None = field(init=False)

    def __post_init__(self) -> None:
        """Find the general manager once."""
        object.__setattr__(self, "general_manager", rules.general_manager(self.directory))

    def roles(self, person_id: int) -> tuple[RoleGrant, ...]:
        """Give the roles a person has: those the directory implies, then those granted; none for who isn't in it."""
        if person_id not in self.directory.people:
            return ()
        held = [RoleGrant(person_id, Role.EMPLOYEE)]
        if self.directory.leads_somebody(person_id):
            held.append(RoleGrant(person_id, Role.MANAGER))
        if person_id == self.general_manager:
            held.append(RoleGrant(person_id, Role.GENERAL_MANAGER))
        return (*held, *self.grants.get(person_id, ()))

    def holds(self, person_id: int, role: Role) -> bool:
        """Tell whether a person has a role, wherever it reaches."""
        return any(grant.role == role for grant in self.roles(person_id))

    def holders(self, role: Role, *, over: int) -> tuple[int, ...]:
        """Give everybody whose granted `role` reaches the person `over`, in a stable order."""
        return tuple(
            sorted(
                person_id
                for person_id, grants in self.grants.items()
                if person_id in self.directory.people
                and any(grant.role == role and self._in_scope(grant, over) for grant in grants)
            )
        )

    def allows_anywhere(self, actor: int, action: Action) -> bool:
        """Tell whether the actor may do this to anybody but themselves: what help shows."""
        row = MATRIX[action]
        return any(grant.role in row and row[grant.role] is not Reach.SELF for grant in self.roles(actor))

    def allows(self, actor: int, action: Action, on: int | None) -> bool:
        """Look the decision up in the matrix; `on` None is an act upon the company as a whole."""
        row = MATRIX[action]
        return any(grant.role in row and self._reaches(grant, row[grant.role], on) for grant in self.roles(actor))

    def reachable(self, actor: int, action: Action) -> tuple[int, ...]:
        """Give everyone whom the matrix lets the actor do this to: what narrows a list."""
        return tuple(person for person in self.directory.people if self.allows(actor, action, person))

    def _reaches(self, grant: RoleGrant, reach: Reach, on: int | None) -> bool:
        if on is None:  # It concerns the whole company, so a role for one department doesn't reach that far.
            return reach is Reach.EVERYONE and grant.department_id is None
        if on not in self.directory.people or not self._in_scope(grant, on):
            return False
        if reach is Reach.SELF:
            return grant.employee_id == on
        if reach is Reach.REPORTS:
            return grant.employee_id in rules.superiors(self.directory, on)
        return True

    def _in_scope(self, grant: RoleGrant, on: int) -> bool:
        return grant.department_id is None or (
            on in self.directory.people and rules.is_within(self.directory, on, grant.department_id)
        )
