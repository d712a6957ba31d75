"""The sandbox's clock: it can be moved, stopped and run, and tells who waits for it."""

import asyncio
import time
from datetime import datetime, timedelta, timezone

from sandbox.world.feed import Change, Feed

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
START = datetime(2026, 11, 24, 8, 55, tzinfo=CHINA)


class Clock:
    """What DingTalk's servers take for the time: tokens, tickets, webhooks and stamps go by it.

    Waiting (two seconds for a click, a redelivery, twenty calls a second) goes by real seconds.
    """

    def __init__(self, feed: Feed, start: datetime = START) -> None:
        self._feed = feed
        self._base = start.astimezone(CHINA)
        self._since = time.monotonic()
        self._frozen = False
        self._moved = asyncio.Event()
        self.version = 1

    @property
    def frozen(self) -> bool:
        """Whether it stands still."""
        return self._frozen

    def now(self) -> datetime:
        """Give the instant, in China's time."""
        if self._frozen:
            return self._base
        return self._base + timedelta(seconds=time.monotonic() - self._since)

    def ms(self) -> int:
        """Give the instant as DingTalk writes it: milliseconds since 1970."""
        return int(self.now().timestamp() * 1000)

    def set(self, now: datetime) -> None:
        """Move to an instant."""
        self._move(now.astimezone(CHINA), frozen=self._frozen)

    def advance(self, by: timedelta) -> None:
        """Move on, or back."""
        self._move(self.now() + by, frozen=self._frozen)

    def freeze(self) -> None:
        """Stand still."""
        self._move(self.now(), frozen=True)

    def run(self) -> None:
        """Go on."""
        self._move(self.now(), frozen=False)

    async def changed(self, after: int, wait: float) -> int:
        """Give the version once it is above `after`, or as it is when `wait` seconds have passed."""
        try:
            async with asyncio.timeout(wait):
                while self.version <= after:
                    await self._moved.wait()
        except TimeoutError:
            pass
        return self.version

    def _move(self, now: datetime, *, frozen: bool) -> None:
        self._base, self._since, self._frozen = now, time.monotonic(), frozen
        self.version += 1
        self._moved.set()
        self._moved = asyncio.Event()
        self._feed.tell(Change("clock", str(self.version)))
