"""What the robot counts. Labels name operations and outcomes, never people."""

from functools import cache

from prometheus_client import CollectorRegistry, Counter, Histogram

from bot.logs import VALUES_WITHHELD
from bot.openapi import Operation


class Metrics:
    """One registry for one robot."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(VALUES_WITHHELD)
        self._calls = Counter(
            "dinghr_dingtalk_calls", "Calls to DingTalk", ["operation", "outcome", "counted"], registry=self.registry
        )
        self._seconds = Histogram(
            "dinghr_dingtalk_call_seconds", "Duration of calls to DingTalk", ["operation"], registry=self.registry
        )
        self._of = cache(self._labelled)  # Finding a label's counter costs more than counting.

    def called(self, operation: Operation, outcome: str, seconds: float) -> None:
        """Count a call."""
        calls, duration = self._of(operation.name, outcome, operation.counted)
        calls.inc()
        duration.observe(seconds)

    def _labelled(self, name: str, outcome: str, counted: bool) -> tuple[Counter, Histogram]:
        return self._calls.labels(name, outcome, "yes" if counted else "no"), self._seconds.labels(name)
