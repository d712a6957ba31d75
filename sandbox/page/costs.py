"""What the wire cost: the month against its quota, and the shown part by API and feature."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.operations import ALL
from sandbox.world import Entry, World
from sandbox.world.meter import feature_of
from sandbox.world.sessions import WEBHOOK_PATH

_NEAR = 0.8
_FEATURES = {one.name: one.feature for one in ALL}


@dataclass(frozen=True, slots=True)
class Reading:
    """One line of the meter; `most` is None where there is no quota."""

    name: str
    used: int
    most: int | None

    @property
    def tone(self) -> str:
        """Give how near the end of the quota it is."""
        if self.most is None or self.used < _NEAR * self.most:
            return "calm"
        return "near" if self.used < self.most else "over"


@dataclass(frozen=True, slots=True)
class Line:
    """One API or topic: how often in the shown part and in the month, counted or free."""

    feature: str
    name: str
    shown: int
    month: int
    free: int


def readings(world: World) -> list[Reading]:
    """Give this month's totals against the standard edition's quota (A/1431)."""
    meter = world.meter
    return [
        Reading("本月计费调用", meter.calls, meter.max_calls),
        Reading("本月计费推送", meter.pushes, meter.max_pushes),
        Reading("会话回复（另计）", meter.month.webhooks, None),
        Reading("免费调用", meter.month.free.total(), None),
    ]


def kind_of(entry: Entry) -> str:
    """Give what an entry costs: a counted call or push, a session's reply, nothing, or nothing to ask about."""
    if entry.path == WEBHOOK_PATH:
        return "会话回复，另计"
    if entry.counted:
        return "计费推送" if entry.kind == "frame" else "计费调用"
    return "免费" if entry.kind in {"call", "frame"} else ""


def total(entries: Iterable[Entry]) -> str:
    """Give the cost of these entries in a sentence."""
    kinds = Counter(kind_of(entry) for entry in entries)
    return "，".join(
        f"{name} {kinds[kind]}"
        for name, kind in (
            ("计费调用", "计费调用"),
            ("计费推送", "计费推送"),
            ("会话回复", "会话回复，另计"),
            ("免费", "免费"),
        )
    )


def lines(world: World, entries: Iterable[Entry]) -> list[Line]:
    """Give the figures by feature and API, what costs most first."""
    month = world.meter.month
    shown = Counter(entry.api for entry in entries if entry.counted)
    counted = month.counted + month.pushes
    free = month.free + month.free_pushes
    found = [Line(_feature(name), name, shown[name], counted[name], free[name]) for name in {*counted, *free, *shown}]
    return sorted(found, key=lambda one: (-one.month, -one.free, one.name))


def features(found: Iterable[Line]) -> list[Line]:
    """Add lines up by feature."""
    sums: dict[str, Line] = {}
    for one in found:
        old = sums.get(one.feature, Line(one.feature, "", 0, 0, 0))
        sums[one.feature] = Line(one.feature, "", old.shown + one.shown, old.month + one.month, old.free + one.free)
    return sorted(sums.values(), key=lambda one: (-one.month, -one.free, one.feature))


def _feature(api: str) -> str:
    """Give an API's feature; what isn't an operation was pushed."""
    return _FEATURES.get(api) or feature_of(api)
