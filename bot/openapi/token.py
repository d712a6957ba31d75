"""The app's access token: fetched once for all who ask at the same time, kept until shortly before it ends (A/0033)."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hr_core.clock import Clock

from .errors import DingTalkError

_EARLY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token and how long it lives, as DingTalk answered. Its text shows in no log."""

    value: str = field(repr=False)
    lifetime: timedelta


class TokenCache:
    """Keeps the token; `fetch` gets one from DingTalk.

    Asking again within the lifetime gives the same token, extended, so several processes don't disturb one another.
    """

    def __init__(self, fetch: Callable[[], Awaitable[AccessToken]], clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._kept: AccessToken | None = None
        self._since = datetime.min.replace(tzinfo=UTC)
        self._renewal: asyncio.Task[str] | None = None

    async def token(self) -> str:
        """Give a valid token. Near its end it is renewed; if that fails, the old one serves as long as it lives."""
        kept, age = self._kept, self._clock.now() - self._since
        if kept is None or not timedelta(0) <= age < kept.lifetime:
            return await self.renew()
        if age < kept.lifetime - min(_EARLY, kept.lifetime / 4):
            return kept.value
        try:
            return await self.renew()
        except DingTalkError as failure:
            if failure.transient:
                return kept.value
            raise

    async def renew(self) -> str:
        """Fetch a token now; callers that come meanwhile share the one fetch and its outcome."""
        if self._renewal is None:
            self._renewal = asyncio.create_task(self._renew(), name="dingtalk token")
        # Shielded: one caller that gives up must not fail the others that wait for the same token.
        return await asyncio.shield(self._renewal)

    def drop(self, rejected: str) -> None:
        """Forget a token that DingTalk refused, unless it has been replaced already."""
        if self._kept is not None and self._kept.value == rejected:
            self._kept = None

    async def aclose(self) -> None:
        """End a fetch that is under way."""
        if self._renewal is not None:
            self._renewal.cancel()
            await asyncio.wait([self._renewal])

    async def _renew(self) -> str:
        try:
            fresh = await self._fetch()
        finally:
            self._renewal = None
        self._kept, self._since = fresh, self._clock.now()
        return fresh.value
