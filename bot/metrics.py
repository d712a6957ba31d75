"""What the robot counts. Labels name operations and outcomes, never people."""

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

    def called(self, operation: Operation, outcome: str, seconds: float) -> None:
        """Count a call."""
        self._calls.labels(operation.name, outcome, "yes" if operation.counted else "no").inc()
        self._seconds.labels(operation.name).observe(seconds)
