"""What DingTalk would bill: counted calls and pushes of the month, session webhooks apart (A/1431, A/1432, A/1434)."""

from collections import Counter
from dataclasses import dataclass, field

from sandbox.world.clock import Clock

STANDARD_CALLS, STANDARD_PUSHES = 5_000, 3_000


@dataclass(slots=True)
class Month:
    """One month's figures by API or topic."""

    counted: Counter[str] = field(default_factory=Counter)
    free: Counter[str] = field(default_factory=Counter)
    pushes: Counter[str] = field(default_factory=Counter)
    free_pushes: Counter[str] = field(default_factory=Counter)
    webhooks: int = 0


class Meter:
    """Figures per month of the sandbox's clock, and the quota they are held against."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._months: dict[str, Month] = {}
        self.max_calls = STANDARD_CALLS
        self.max_pushes = STANDARD_PUSHES

    @property
    def month(self) -> Month:
        """The running month."""
        return self._months.setdefault(f"{self._clock.now():%Y-%m}", Month())

    @property
    def calls(self) -> int:
        """Counted calls of the month."""
        return self.month.counted.total()

    @property
    def pushes(self) -> int:
        """Counted pushes of the month."""
        return self.month.pushes.total()

    def clear(self) -> None:
        """Forget all months."""
        self._months.clear()

    def call(self, api: str, *, counted: bool) -> None:
        """Count a call."""
        (self.month.counted if counted else self.month.free)[api] += 1

    def push(self, topic: str, *, counted: bool) -> None:
        """Count a push."""
        (self.month.pushes if counted else self.month.free_pushes)[topic] += 1

    def webhook(self) -> None:
        """Count a session webhook: whether it counts as a push isn't documented."""
        self.month.webhooks += 1
