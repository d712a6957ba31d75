"""Links that show a paper once, to whoever holds them: for a company without cards whose robot phones can reach.

Only a digest of what the link holds is kept. Looking at the address doesn't use it up, since chat programs look at
addresses by themselves; the button on its page does.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.clock import Clock
from hr_core.database import Row

LIFETIME = timedelta(minutes=10)


class LinkRow(Row, table=True):
    """A link that was given to somebody: which paper it shows, and whether it was used."""

    __tablename__ = "paper_link"
    id: int | None = Field(default=None, primary_key=True)
    digest: str = Field(unique=True, max_length=64)
    view: str = Field(max_length=64)
    subject: int
    recipient: int = Field(foreign_key="employee.id", index=True)
    expires_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link that was just used up shows."""

    id: int
    view: str
    subject: int
    recipient: int


class Links:
    """Gives links and uses them up."""

    def __init__(self, session: AsyncSession, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    async def give(self, view: str, subject: int, recipient: int) -> str:
        """Make a link's secret: 256 bits of chance, told once."""
        secret = secrets.token_urlsafe(32)
        until = self._clock.now() + LIFETIME
        self._session.add(
            LinkRow(digest=_digest(secret), view=view, subject=subject, recipient=recipient, expires_at=until)
        )
        return secret

    async def waits(self, secret: str) -> bool:
        """Tell whether a link can still be used."""
        query = select(LinkRow.id).where(
            LinkRow.digest == _digest(secret), col(LinkRow.used_at).is_(None), LinkRow.expires_at > self._clock.now()
        )
        return (await self._session.exec(query)).first() is not None

    async def use(self, secret: str) -> Opened | None:
        """Use a link up; None for one that was used, is too old or was never given. Of two taps one is first."""
        now = self._clock.now()
        used = (
            update(LinkRow)
            .where(
                col(LinkRow.digest) == _digest(secret), col(LinkRow.used_at).is_(None), col(LinkRow.expires_at) > now
            )
            .values(used_at=now)
            .returning(col(LinkRow.id), col(LinkRow.view), col(LinkRow.subject), col(LinkRow.recipient))
        )
        found = (await self._session.exec(used)).first()
        return Opened(*found) if found is not None else None

    async def forget_old(self) -> None:
        """Delete what can't be used any more."""
        await self._session.exec(delete(LinkRow).where(col(LinkRow.expires_at) < self._clock.now() - LIFETIME))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
