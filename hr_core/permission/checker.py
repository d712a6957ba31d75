"""The one question between every person and every record: `may(actor, action, on)`. Deny by default."""

from collections.abc import Collection
from dataclasses import InitVar, dataclass

from hr_core.audit.store import Act
from hr_core.errors import HRError
from hr_core.permission.access import Access, Reached
from hr_core.permission.matrix import APART_ON_ONE_RECORD, CLEAR, HR_GROUP, Action, Field


class NotAllowed(HRError):
    """Refused. The text depends on the action alone, so it never tells whether the record exists or whose it is."""

    def __init__(self, act: Act) -> None:
        super().__init__()
        self.code = f"refusal.{act.action.replace('.', '_')}"
        self.act = act


_SEAL = object()
_MASKED: frozenset[Field] = frozenset()


def _sealed(seal: object) -> None:
    if seal is not _SEAL:
        msg = "a Grant comes from PermissionChecker.may"
        raise TypeError(msg)


@dataclass(frozen=True, slots=True)
class Grant:
    """Proof that the checker allowed this; protected stores take one. Only `PermissionChecker` can make it.

    The seal isn't kept, so that a grant can't be copied into one for somebody else. `clear` are the protected fields
    that the actor may see as they are.
    """

    actor: int
    action: Action
    on: int | None
    clear: frozenset[Field]
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        """Refuse a grant that somebody else made."""
        _sealed(seal)

    def covers(self, action: Action, on: int) -> bool:
        """Tell whether this grant is for this action on this person."""
        return self.action is action and self.on == on


@dataclass(frozen=True, slots=True)
class ListGrant:
    """Proof of whom a list may be about; `actor` None is what is told to HR's group. Made as `Grant` is."""

    actor: int | None
    action: Action
    reached: Reached
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        """Refuse one that somebody else made."""
        _sealed(seal)


class PermissionChecker:
    """Decides from one `Access` value; every refusal carries the audit row that the caller's edge writes."""

    def __init__(self, access: Access) -> None:
        self.access = access

    def may(
        self,
        actor: int,
        action: Action,
        *,
        on: int | None,
        record: str | None = None,
        did: Collection[Action] = (),
    ) -> Grant:
        """Give the grant, or raise `NotAllowed`.

        `on` is the person the record concerns; a record that doesn't exist is asked for with the actor's own
        `refuse`, so that both refusals are one. `did` is what the actor has done to this record before: of two
        actions that the table keeps apart, they can't do both.
        """
        if not self.access.allows(actor, action, on) or (did and _kept_apart(action, did)):
            raise self.refuse(actor, action, on=on, record=record)
        clear = self.access.clear(actor, action, on) if action in CLEAR else _MASKED
        return Grant(actor, action, on, clear, _SEAL)

    def over(self, actor: int, action: Action) -> ListGrant:
        """Give whom the actor's list may be about; perhaps nobody."""
        return ListGrant(actor, action, self.access.reachable(actor, action), _SEAL)

    def for_hr_group(self, action: Action) -> ListGrant:
        """Give the grant of what HR's group is told by itself; the table says what that may be."""
        if action not in HR_GROUP:
            msg = f"{action} is nothing for the group"
            raise PermissionError(msg)
        return ListGrant(None, action, Reached(everyone=True, people=self.access.crowd.everyone), _SEAL)

    def refuse(self, actor: int, action: Action, *, on: int | None = None, record: str | None = None) -> NotAllowed:
        """Make the refusal: for a record that isn't there, or a rule beside the table."""
        return NotAllowed(
            Act(
                actor=self._key(actor) or str(actor),
                action=action.value,
                on=self._key(on),
                record=record,
                outcome="refused",
            )
        )

    def _key(self, person_id: int | None) -> str | None:
        person = self.access.directory.people.get(person_id) if person_id is not None else None
        return person.key if person else None


def _kept_apart(action: Action, did: Collection[Action]) -> bool:
    return any(action in pair and any(one in did for one in pair - {action}) for pair in APART_ON_ONE_RECORD)
