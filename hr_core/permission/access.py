"""What the checker decides from: the directory of a day, the granted roles and the table, as one frozen value.

Whom an actor reaches with an action is worked out once, as a set: a decision is a look-up, however many rules, grants
and people there are.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from hr_core.people import rules
from hr_core.people.model import Directory
from hr_core.permission.crowd import FACTS, NOBODY, Crowd, fact_of
from hr_core.permission.matrix import Action, Reach, Role
from hr_core.permission.matrix import Field as Protected
from hr_core.permission.policy import BUILT_IN, Policy

Reachable = frozenset[int | None]


@dataclass(frozen=True, slots=True)
class RoleGrant:
    """A role given to a person. What is named beside it narrows whom it reaches: a department's subtree, …

    The last four say where it comes from; a role that the directory implies has none of them.
    """

    employee_id: int
    role: str
    department_id: int | None = None
    legal_entity: str | None = None
    region: str | None = None
    position: str | None = None
    id: int | None = field(default=None, compare=False)
    granted_by: str | None = field(default=None, compare=False)
    since: datetime | None = field(default=None, compare=False)
    until: date | None = field(default=None, compare=False)

    @property
    def is_for_all(self) -> bool:
        """Tell whether nothing narrows it."""
        return (self.department_id, self.legal_entity, self.region, self.position) == (None, None, None, None)


@dataclass(frozen=True, slots=True)
class Reached:
    """Whom an actor reaches: what a list is narrowed to, in its query. `everyone` needs no narrowing."""

    everyone: bool
    people: frozenset[int]

    def __bool__(self) -> bool:
        """Tell whether there is anybody."""
        return self.everyone or bool(self.people)


@dataclass(frozen=True)
class Access:
    """The facts of every decision, as of one day and one version."""

    directory: Directory
    grants: Mapping[int, tuple[RoleGrant, ...]]
    policy: Policy = BUILT_IN
    general_manager: int | None = field(init=False)
    crowd: Crowd = field(init=False, repr=False, compare=False)
    _known: Mapping[Action, dict[int, Reachable]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Find the general manager once."""
        object.__setattr__(self, "general_manager", rules.general_manager(self.directory))
        object.__setattr__(self, "crowd", Crowd(self.directory))
        object.__setattr__(self, "_known", {action: {} for action in Action})

    def roles(self, person_id: int) -> tuple[RoleGrant, ...]:
        """Give the roles a person has: those the directory implies, then those granted; none for who isn't in it."""
        person = self.directory.people.get(person_id)
        if person is None:
            return ()
        held = [RoleGrant(person_id, Role.EMPLOYEE)]
        if self.directory.leads_somebody(person_id):
            held.append(RoleGrant(person_id, Role.MANAGER))
        held += [RoleGrant(person_id, Role.DEPARTMENT_HEAD, department) for department in sorted(person.heads)]
        if person_id == self.general_manager:
            held.append(RoleGrant(person_id, Role.GENERAL_MANAGER))
        return (*held, *self.grants.get(person_id, ()))

    def holds(self, person_id: int, role: str) -> bool:
        """Tell whether a person has a role, wherever it reaches."""
        return any(grant.role == role for grant in self.roles(person_id))

    def holders(self, role: str, *, over: int | None = None) -> tuple[int, ...]:
        """Give everybody who was granted `role`, in a stable order; with `over`, those whose grant reaches them."""
        return tuple(
            sorted(
                person_id
                for person_id, grants in self.grants.items()
                if person_id in self.directory.people
                and any(grant.role == role and (over is None or over in self.scope(grant)) for grant in grants)
            )
        )

    def allows(self, actor: int, action: Action, on: int | None) -> bool:
        """Look the decision up; `on` None is an act upon the company as a whole."""
        found = self._known[action].get(actor)
        return on in (self._work_out(actor, action) if found is None else found)

    def allows_anywhere(self, actor: int, action: Action) -> bool:
        """Tell whether the actor may do this to anybody but themselves: what help shows."""
        return bool(self._reachable(actor, action) - {actor})

    def reachable(self, actor: int, action: Action) -> Reached:
        """Give everyone whom the table lets the actor do this to: what narrows a list."""
        found = self._reachable(actor, action)
        return Reached(None in found, frozenset(one for one in found if one is not None))

    def clear(self, actor: int, action: Action, on: int | None) -> frozenset[Protected]:
        """Give the fields that the actor sees in clear when doing this to somebody."""
        shown = (
            self.policy.clear(action, grant.role) for grant in self.roles(actor) if on in self.people_of(grant, action)
        )
        return frozenset().union(*shown)

    def people_of(self, grant: RoleGrant, action: Action) -> Reachable:
        """Give whom one role of one person reaches with an action; None among them is the company as a whole."""
        reach = self.policy.by_role.get(grant.role, {}).get(action)
        if reach is None:
            return NOBODY
        if reach is Reach.EVERYONE and grant.is_for_all:
            return self.crowd.company
        standing = self._standing(grant, reach)
        return standing if grant.is_for_all else standing & self.scope(grant)

    def scope(self, grant: RoleGrant) -> frozenset[int]:
        """Give everybody within what a grant was narrowed to."""
        found = self.crowd.everyone
        if grant.department_id is not None:
            found &= self.crowd.within(grant.department_id)
        for fact in FACTS:
            if (value := fact_of(grant, fact)) is not None:
                found &= self.crowd.sharing(fact, value)
        return found

    def _standing(self, grant: RoleGrant, reach: Reach) -> frozenset[int]:
        holder = self.directory.people[grant.employee_id]
        match reach:
            case Reach.SELF:
                return self.crowd.alone(holder.id)
            case Reach.REPORTS:
                return self.crowd.below(holder.id)
            case Reach.DEPARTMENT:
                return NOBODY if grant.department_id is None else self.crowd.within(grant.department_id)
            case Reach.EVERYONE:
                return self.crowd.everyone
            case Reach.LEGAL_ENTITY | Reach.REGION | Reach.POSITION as fact:
                return self.crowd.sharing(fact, fact_of(grant, fact) or fact_of(holder, fact))

    def _reachable(self, actor: int, action: Action) -> Reachable:
        found = self._known[action].get(actor)
        return self._work_out(actor, action) if found is None else found

    def _work_out(self, actor: int, action: Action) -> Reachable:
        """Work out whom somebody reaches, and keep it; for who isn't in the directory nothing is kept."""
        found: Reachable = NOBODY
        for grant in self.roles(actor):
            found = _joined(found, self.people_of(grant, action))
        if actor in self.directory.people:
            self._known[action][actor] = found
        return found


def _joined(one: Reachable, two: Reachable) -> Reachable:
    """Join two sets; a set that has the other keeps being the same one, shared by many actors."""
    if two <= one:
        return one
    return two if one <= two else one | two


def with_grants(access: Access, more: Iterable[RoleGrant]) -> Access:
    """Give the same facts as they would be with some more grants."""
    grants = dict(access.grants)
    for grant in more:
        grants[grant.employee_id] = (*grants.get(grant.employee_id, ()), grant)
    return Access(access.directory, grants, access.policy)
