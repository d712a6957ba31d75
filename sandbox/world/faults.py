"""What goes wrong on request: the next calls of an API answer as told."""

from dataclasses import dataclass
from typing import Any, Literal

FaultKind = Literal["answer", "qps", "qpm", "monthly", "ip_ban", "token", "busy", "timeout", "drop"]


@dataclass(slots=True)
class Fault:
    """How the next `times` calls of `api` (its name, its path, or `*`) go.

    `answer` gives `status` and `body`. The others give DingTalk's own: throttled in the second (`qps`) or the minute
    (`qpm`), quota of the month used up, address banned (HTML), token refused, busy, gateway timeout (504), or the
    connection dropped without an answer. `after_action`: the call is carried out first. `delay`: seconds before.
    """

    api: str
    kind: FaultKind = "answer"
    status: int = 500
    body: Any = None
    times: int = 1
    delay: float = 0.0
    after_action: bool = False


class Faults:
    """The queue, first come first served."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def take(self, api: str, path: str) -> Fault | None:
        """Give the fault meant for this call, using it up."""
        for fault in self.waiting:
            if fault.api in {api, path, "*"}:
                fault.times -= 1
                if fault.times <= 0:
                    self.waiting.remove(fault)
                return fault
        return None
