"""Somebody who is refused again and again: the operators hear of it, once an hour at most."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Field
from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.audit.store import Act, AuditLog
from hr_core.clock import Clock
from hr_core.database import Row
from hr_core.notices import Notice
from hr_core.permission.access import Access
from hr_core.permission.matrix import Role

MANY = 5
WITHIN = timedelta(minutes=10)
QUIET = timedelta(hours=1)
TELL = "refusals.told"


class RefusalRow(Row, table=True):
    """The last refusals of one person, as instants, and when the operators were last told. Empty rows mean nothing."""

    __tablename__ = "refusal"
    actor: str = Field(primary_key=True, max_length=64)
    at: str
    told_at: datetime | None = None


def is_too_often(instants: Sequence[datetime], told_at: datetime | None) -> bool:
    """Tell whether the last `MANY` refusals fell within the time, and nobody was told of it lately."""
    if len(instants) < MANY or instants[-1] - instants[-MANY] > WITHIN:
        return False
    return told_at is None or instants[-1] - told_at >= QUIET


class RefusalAlarm:
    """Puts refusals on record, and says whom to tell."""

    def __init__(self, session: AsyncSession, access: Access, audit: AuditLog, clock: Clock) -> None:
        self._session = session
        self._access = access
        self._audit = audit
        self._clock = clock

    async def refused(self, act: Act) -> tuple[Notice, ...]:
        """Record one refusal; gives the notices to the operators when it is one too many."""
        self._audit.record(act)
        if not self._access.directory.knows(act.actor):
            return ()  # Who isn't in the directory is sent away before anything is looked up.
        row = await self._session.get(RefusalRow, act.actor, with_for_update=True)
        if row is None:
            row = RefusalRow(actor=act.actor, at="[]")
        instants = [*(datetime.fromisoformat(one) for one in json.loads(row.at)), self._clock.now()][-MANY:]
        row.at = json.dumps([one.isoformat() for one in instants])
        often = is_too_often(instants, row.told_at)
        if often:
            row.told_at = instants[-1]
        self._session.add(row)
        if not often:
            return ()
        person = self._access.directory.with_key(act.actor).id
        return tuple(Notice(one, TELL, person) for one in self._access.holders(Role.OPERATOR) if one != person)
