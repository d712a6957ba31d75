"""The sandbox's clock: it can be moved, stopped and run, and tells who waits for it."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from sandbox.world.errors import Refused
from sandbox.world.feed import Change, Feed

if TYPE_CHECKING:
    from sandbox.world.recorder import Recorder

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
START = datetime(2026, 11, 24, 8, 55, tzinfo=CHINA)
EARLIEST, LATEST = datetime(1990, 1, 1), datetime(2200, 1, 1)  # noqa: DTZ001 - a bound for the clock, of whatever zone
_TOO_FAR = f"the clock goes from {EARLIEST.year} to {LATEST.year - 1}"


def _possible(at: datetime) -> None:
    if not EARLIEST <= at < LATEST:
        raise Refused(_TOO_FAR)


class Clock:
    """What DingTalk's servers take for the time: tokens, tickets, webhooks and stamps go by it.

    Waiting (two seconds for a click, a redelivery, twenty calls a second) goes by real seconds.
    """

    def __init__(self, feed: Feed, start: datetime = START, recorder: "Recorder | None" = None) -> None:
        self._feed = feed
        self._recorder = recorder
        self._base = start.astimezone(CHINA)
        self._since = time.monotonic()
        self._frozen = False
        self._moved = asyncio.Event()
        self.version = 1

    def kept(self) -> dict[str, Any]:
        """What is kept over a restart."""
        return {"now": self.now(), "frozen": self._frozen}

    def resume(self, kept: Mapping[str, Any]) -> None:
        """Go on from what was kept."""
        self._move(kept["now"], frozen=kept["frozen"])

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
        _possible(now.replace(tzinfo=None))
        with self._noted(set=now.isoformat()):
            self._move(now.astimezone(CHINA), frozen=self._frozen)

    def advance(self, by: timedelta) -> None:
        """Move on, or back."""
        if abs(by) > LATEST - EARLIEST:
            raise Refused(_TOO_FAR)
        _possible(self.now().replace(tzinfo=None) + by)
        with self._noted(advance=by.total_seconds()):
            self._move(self.now() + by, frozen=self._frozen)

    def freeze(self) -> None:
        """Stand still."""
        with self._noted(freeze=True):
            self._move(self.now(), frozen=True)

    def run(self) -> None:
        """Go on."""
        with self._noted(run=True):
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

    def _noted(self, **told: Any) -> AbstractContextManager[None]:
        return self._recorder.step("POST /sandbox/clock", **told) if self._recorder else nullcontext()

    def _move(self, now: datetime, *, frozen: bool) -> None:
        self._base, self._since, self._frozen = now, time.monotonic(), frozen
        self.version += 1
        self._moved.set()
        self._moved = asyncio.Event()
        self._feed.tell(Change("clock", str(self.version)))
