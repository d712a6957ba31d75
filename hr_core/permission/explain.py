"""Why somebody may or may not do something: which role, from where, and how it reaches the other person."""

from collections.abc import Mapping
from dataclasses import dataclass

from hr_core.people import rules
from hr_core.permission.access import Access, RoleGrant, with_grants
from hr_core.permission.matrix import Action, Reach


@dataclass(frozen=True, slots=True)
class Reason:
    """One role that allows it. `line` leads from the other person up to the actor where the reach is reports."""

    grant: RoleGrant
    reach: Reach
    line: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision and what it comes from; `row` is the table's, with what would have been needed."""

    actor: int
    action: Action
    on: int
    held: tuple[RoleGrant, ...]
    reasons: tuple[Reason, ...]
    row: Mapping[str, Reach]

    @property
    def allowed(self) -> bool:
        """Tell the decision."""
        return bool(self.reasons)


def explain(access: Access, actor: int, action: Action, on: int) -> Explanation:
    """Give the decision with every role that allows it."""
    held = access.roles(actor)
    row = access.policy.rows[action]
    reasons = tuple(
        Reason(grant, row[grant.role], _line(access, actor, on) if row[grant.role] is Reach.REPORTS else ())
        for grant in held
        if on in access.people_of(grant, action)
    )
    return Explanation(actor, action, on, held, reasons, row)


def explain_with(access: Access, actor: int, action: Action, on: int, more: RoleGrant) -> Explanation:
    """Give what the decision would be with one more grant."""
    return explain(with_grants(access, [more]), actor, action, on)


def _line(access: Access, actor: int, on: int) -> tuple[int, ...]:
    above = rules.superiors(access.directory, on)
    return (on, *above[: above.index(actor) + 1])
