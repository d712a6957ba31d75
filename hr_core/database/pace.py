"""How much one transaction takes on, so that it stays below the limit on any machine, however busy."""

from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.database.engine import SLOW_MS, held_ms

LEAST, FIRST = 10, 50


class Pace:
    """A size that shrinks when a transaction took more than half the limit, and grows while it takes little of it."""

    def __init__(self, most: int, *, limit_ms: float = SLOW_MS) -> None:
        self._most = most
        self._limit = limit_ms
        self.size = min(most, FIRST)

    def ended(self, session: AsyncSession, done: int) -> None:
        """Learn from a transaction that has just ended, and of which `done` pieces were the work."""
        self.took(held_ms(session), done)

    def took(self, ms: float, done: int) -> None:
        """Learn from how long `done` pieces took."""
        if ms > self._limit / 2:
            self.size = max(min(LEAST, self._most), self.size // 2)
        elif done >= self.size and ms < self._limit / 4:
            self.size = min(self._most, self.size * 2)
