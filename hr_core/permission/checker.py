"""The one question between every person and every record: `may(actor, action, on)`. Deny by default."""

from dataclasses import dataclass

from hr_core.audit.store import Act
from hr_core.errors import HRError
from hr_core.permission.access import Access
from hr_core.permission.matrix import Action


class NotAllowed(HRError):
    """Refused. The text depends on the action alone, so it never tells whether the record exists or whose it is."""

    def __init__(self, act: Act) -> None:
        super().__init__()
        self.code = f"refusal.{act.action.replace('.', '_')}"
        self.act = act


_SEAL = object()


@dataclass(frozen=True, slots=True)
class Grant:
    """Proof that the checker allowed this; protected stores take one. Only `PermissionChecker` can make it."""

    actor: int
    action: Action
    on: int | None
    seal: object

    def __post_init__(self) -> None:
        """Refuse a grant that somebody else made."""
        if self.seal is not _SEAL:
            msg = "a Grant comes from PermissionChecker.may"
            raise TypeError(msg)

    def covers(self, action: Action, on: int) -> bool:
        """Tell whether this grant is for this action on this person."""
        return self.action is action and self.on == on


class PermissionChecker:
    """Decides from one `Access` value; every refusal carries the audit row that the caller's edge writes."""

    def __init__(self, access: Access) -> None:
        self.access = access

    def may(self, actor: int, action: Action, *, on: int | None, record: str | None = None) -> Grant:
        """Give the grant, or raise `NotAllowed`.

        `on` is the person the record concerns; a record that doesn't exist is asked for with the actor's own
        `refuse`, so that both refusals are one.
        """
        if not self.access.allows(actor, action, on):
            raise self.refuse(actor, action, on=on, record=record)
        return Grant(actor, action, on, _SEAL)

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
