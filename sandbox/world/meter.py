"""What DingTalk would bill: counted calls and pushes of the month, session webhooks apart (A/1431, A/1432, A/1434)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sandbox.world.clock import Clock

STANDARD_CALLS, STANDARD_PUSHES = 5_000, 3_000
_FEATURES: Mapping[str, str] = {
    "/v1.0/im/bot/": "robot", "/v1.0/card/": "card", "user_": "contacts", "org_": "contacts", "label_": "contacts",
    "hrm_": "hrm", "attendance_": "attendance", "check_in": "attendance", "bpms_": "workflow", "todo_": "todo",
    "calendar_": "calendar",
}  # fmt: skip
"""The feature a push belongs to, by how its topic or event type begins."""


def feature_of(topic: str) -> str:
    """Give the feature of a topic or an event type."""
    return next((feature for start, feature in _FEATURES.items() if topic.startswith(start)), "other")


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
        self.spelling: Literal["error", "err"] = "error"
        """How a frame without content says so: errorCode, errorMessage (A/0699) or errCode, errMsg (E/0004)."""

    @property
    def month(self) -> Month:
        """The running month."""
        now = self._clock.now()
        name = f"{now.year}-{now.month:02}"
        if name not in self._months:
            self._months[name] = Month()
        return self._months[name]

    @property
    def calls(self) -> int:
        """Counted calls of the month."""
        return self.month.counted.total()

    @property
    def pushes(self) -> int:
        """Counted pushes of the month."""
        return self.month.pushes.total()

    def features(self) -> dict[str, dict[str, int]]:
        """Give the month's counted calls and pushes by feature: an API's is the first part of its name."""
        found: dict[str, dict[str, int]] = {}
        for api, number in self.month.counted.items():
            of = found.setdefault(api.partition(".")[0], {"calls": 0, "pushes": 0})
            of["calls"] += number
        for topic, number in self.month.pushes.items():
            of = found.setdefault(feature_of(topic), {"calls": 0, "pushes": 0})
            of["pushes"] += number
        return found

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
