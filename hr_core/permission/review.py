"""Grants worth asking about: unused, wide, ended or about to, left behind."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from hr_core.permission.access import Access, RoleGrant
from hr_core.permission.matrix import Reach, Role

SOON = timedelta(days=30)
PENDING_LONG = timedelta(days=7)


class Finding(StrEnum):
    """What a review finds in a grant."""

    HOLDER_LEFT = "holder_left"
    NO_SUCH_ROLE = "no_such_role"
    WAITS_LONG = "waits_long"
    ENDED = "ended"
    ENDS_SOON = "ends_soon"
    FOR_EVERYONE = "for_everyone"
    UNUSED = "unused"
    AUDITOR_AND_HR = "auditor_and_hr"


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One grant as a review looks at it: what it is, since when, and when its holder last used it on somebody else."""

    grant: RoleGrant
    pending: bool
    last_used: datetime | None


def review(access: Access, one: Reviewed, now: datetime, today: date, unused_after: timedelta) -> tuple[Finding, ...]:
    """Give what is worth asking about a grant."""
    grant = one.grant
    since = grant.since or now
    rights = access.policy.by_role.get(grant.role, {})
    other_hats = {held.role for held in access.grants.get(grant.employee_id, ())}
    ends = grant.until
    claims = {
        Finding.HOLDER_LEFT: grant.employee_id not in access.directory.people,
        Finding.NO_SUCH_ROLE: grant.role not in access.policy.grantable,
        Finding.WAITS_LONG: one.pending and now - since > PENDING_LONG,
        Finding.ENDED: ends is not None and ends < today,
        Finding.ENDS_SOON: ends is not None and today <= ends <= today + SOON,
        Finding.FOR_EVERYONE: not one.pending and grant.is_for_all and Reach.EVERYONE in rights.values(),
        Finding.UNUSED: not one.pending and bool(rights) and now - max(since, one.last_used or since) > unused_after,
        Finding.AUDITOR_AND_HR: grant.role == Role.AUDITOR and Role.HR in other_hats,
    }
    return tuple(finding for finding, holds in claims.items() if holds)
