"""The clocks a robot can run on: the system's, and in the demo the sandbox's."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import structlog

log = structlog.get_logger()


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Give the current instant in UTC."""
        return datetime.now(UTC)


class FollowedClock:
    """A clock that somebody else moves: kept in step by `follow`, running on between two answers."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._base = datetime.now(UTC)
        self._since = time.monotonic()
        self._running = True
        self._version = -1

    def now(self) -> datetime:
        """Give the followed instant in UTC."""
        passed = time.monotonic() - self._since if self._running else 0.0
        return self._base + timedelta(seconds=passed)

    async def start(self, session: aiohttp.ClientSession) -> None:
        """Take the first reading; without one the demo would begin on the wrong day."""
        async with session.get(self._url) as response:
            response.raise_for_status()
            self._read(await response.json())

    async def follow(self, session: aiohttp.ClientSession) -> None:
        """Take every change over, for ever."""
        while True:
            try:
                async with session.get(self._url, params={"after": self._version, "wait": 25}) as response:
                    self._read(await response.json())
            except (aiohttp.ClientError, TimeoutError, ValueError, KeyError) as error:
                log.warning("clock.not_followed", error=type(error).__name__)
                await asyncio.sleep(1)

    def _read(self, told: dict[str, Any]) -> None:
        self._base = datetime.fromisoformat(told["now"]).astimezone(UTC)
        self._since = time.monotonic()
        self._running = not told.get("frozen", False)
        self._version = int(told["version"])
