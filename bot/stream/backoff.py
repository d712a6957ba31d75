"""How long to wait before the next connection."""

from collections.abc import Callable
from dataclasses import dataclass
from random import uniform


@dataclass(slots=True)
class Backoff:
    """Doubling waits with jitter, in seconds.

    Each failure doubles the wait; each second that a connection stood forgives one. So a lone drop is mended at once,
    while a gateway that takes connections only to drop them is asked ever more rarely.
    """

    first: float = 0.4
    longest: float = 30.0
    slow_first: float = 10.0
    slow_longest: float = 120.0
    spread: Callable[[float, float], float] = uniform
    _failures: float = 0.0
    _refusals: int = 0
    _at_least: float = 0.0

    def delay(self) -> float:
        """Give the seconds to wait now."""
        wait = 0.0
        if self._refusals:
            wait = min(self.slow_longest, self.slow_first * 2 ** min(self._refusals - 1, 8))
        elif self._failures:
            wait = min(self.longest, self.first * 2 ** min(self._failures - 1, 16))
        return max(self._at_least, self.spread(wait / 2, wait))

    def lost(self, stood: float) -> None:
        """Note that a connection ended after it stood for some seconds."""
        self._failures = max(0.0, self._failures - stood) + 1

    def failed(self, at_least: float = 0.0) -> None:
        """Note that no connection came about; `at_least` is a wait that the other side asked for."""
        self._failures += 1
        self._at_least = at_least

    def refused(self) -> None:
        """Note that the gateway turned us away for a reason that waiting doesn't mend, such as wrong credentials."""
        self._refusals += 1
        self._at_least = 0.0

    def stands(self) -> None:
        """Note that a connection stands."""
        self._refusals, self._at_least = 0, 0.0
