"""What we want to reach, as ratios to the limit measured in the same run, or as times."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.scenarios import Measured
from benchmarks.stores import StoreName


@dataclass(frozen=True, slots=True)
class Verdict:
    """A goal beside what was measured."""

    what: str
    wanted: str
    measured: str
    met: bool


@dataclass(frozen=True, slots=True)
class Share:
    """Frames per CPU second, as a share of the limit's, which has no store."""

    what: str
    scenario: str
    subject: str
    sqlite: float
    postgres: float

    def judge(self, find: "Find", store: StoreName) -> Verdict | None:
        least = self.sqlite if store == "sqlite" else self.postgres
        limit, own = find(self.scenario, "limit"), find(self.scenario, self.subject)
        if limit is None or own is None:
            return None
        share = own.values["per_cpu_second"] / limit.values["per_cpu_second"]
        return Verdict(self.what, f"{least:.0%} of the limit", f"{share:.0%}", share >= least)


@dataclass(frozen=True, slots=True)
class Rate:
    """Frames a second of wall time, as a share of the limit's: for runs that mostly wait."""

    what: str
    scenario: str
    subject: str
    least: float

    def judge(self, find: "Find", _store: StoreName) -> Verdict | None:
        limit, own = find(self.scenario, "limit"), find(self.scenario, self.subject)
        if limit is None or own is None:
            return None
        share = own.values["rate"] / limit.values["rate"]
        return Verdict(self.what, f"{self.least:.0%} of the limit", f"{share:.0%}", share >= self.least)


@dataclass(frozen=True, slots=True)
class AtMost:
    """A figure that must stay below a bound."""

    what: str
    scenario: str
    subject: str
    key: str
    most: float
    unit: str

    def judge(self, find: "Find", _store: StoreName) -> Verdict | None:
        own = find(self.scenario, self.subject)
        if own is None:
            return None
        value = own.values[self.key]
        return Verdict(self.what, f"≤ {self.most:g} {self.unit}", f"{value:.2f} {self.unit}", value <= self.most)


Find = Callable[[str, str], Measured | None]

GOALS: tuple[Share | Rate | AtMost, ...] = (
    Share("the echo, stored durably before its ack", "answer", "our edge + inbox", sqlite=0.75, postgres=0.65),
    Share("full answer to 年假余额", "answer", "dinghr", sqlite=0.40, postgres=0.25),
    Rate("the same with 50 ms API latency", "answer, API 50 ms", "dinghr", 0.90),
    AtMost("ack at 100 a second", "100 a second, API 50 ms", "dinghr", "ack_p99_ms", 10, "ms"),
    AtMost("click to the new card", "click, 50 a second", "dinghr", "ack_p99_ms", 50, "ms"),
    AtMost("dropped socket to working stream", "start and drop", "dinghr", "mended_seconds", 1, "s"),
    AtMost("start to connected", "start and drop", "dinghr", "connected_seconds", 2, "s"),
    AtMost(
        "acked and unanswered under kill -9", "kill -9 every 3 s, 200 a second", "dinghr", "unanswered", 0, "messages"
    ),
    AtMost("answered twice under kill -9", "kill -9 every 3 s, 200 a second", "dinghr", "doubled", 0, "messages"),
    AtMost("acked and unanswered under drops", "a drop every 3 s, 200 a second", "dinghr", "unanswered", 0, "messages"),
    AtMost("answered twice under drops", "a drop every 3 s, 200 a second", "dinghr", "same_uuid_again", 0, "messages"),
    AtMost("memory after the start", "start and drop", "dinghr", "memory_mib", 150, "MiB"),
)


def judged(rows: Sequence[Measured], store: StoreName) -> list[Verdict]:
    """Judge every goal whose figures were measured."""

    def find(scenario: str, subject: str) -> Measured | None:
        return next((row for row in rows if (row.scenario, row.subject) == (scenario, subject)), None)

    return [verdict for goal in GOALS if (verdict := goal.judge(find, store)) is not None]
