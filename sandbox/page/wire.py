"""The wire as a table: what went between the robot and DingTalk, and what it costs."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sandbox.world import Entry, World
from sandbox.world.sessions import WEBHOOK_PATH

KINDS = {"call": "调用", "frame": "推送", "ack": "应答", "webhook": "会话回复", "note": "备注"}
MOST = 300
"""Rows on the page; older ones are in the control API."""
_FINE = frozenset({None, 200})
_NEAR = 0.8


@dataclass(frozen=True, slots=True)
class EntryView:
    """One row."""

    number: int
    time: str
    iso: str
    direction: str
    kind: str
    kind_words: str
    title: str
    method: str
    path: str
    status: str
    failed: bool
    duration: str
    counted: bool
    warnings: tuple[str, ...]
    bodies: tuple[tuple[str, str], ...]
    search: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """One line of the meter; `most` is 0 where there is no quota."""

    name: str
    used: int
    most: int

    @property
    def tone(self) -> str:
        """Give how near the end of the quota it is."""
        if not self.most or self.used < _NEAR * self.most:
            return "calm"
        return "near" if self.used < self.most else "over"


def readings(world: World) -> list[Reading]:
    """Give this month's totals against the standard edition's quota (A/1431)."""
    meter = world.meter
    return [
        Reading("本月计费调用", meter.calls, meter.max_calls),
        Reading("本月计费推送", meter.pushes, meter.max_pushes),
        Reading("会话回复（另计）", meter.month.webhooks, 0),
        Reading("免费调用", meter.month.free.total(), 0),
    ]


def rows(
    world: World, *, after: int = 0, words: str = "", kinds: Collection[str] = tuple(KINDS), counted: bool = False
) -> list[EntryView]:
    """Give the newest rows first. What the filter leaves out is hidden, so that it can be changed without asking."""
    newest = list(reversed(world.wire.after(after)))[:MOST]
    return [_row(entry, words.lower(), kinds, only_counted=counted) for entry in newest]


def _row(entry: Entry, words: str, kinds: Collection[str], *, only_counted: bool) -> EntryView:
    # A reply by sessionWebhook is metered apart from calls, so it has its own name here.
    kind = "webhook" if entry.path == WEBHOOK_PATH else entry.kind
    code = entry.code if entry.code not in {"", "0"} else ""
    search = " ".join((entry.title, entry.api, entry.path, entry.message_id, code, *entry.warnings)).lower()
    hidden = kind not in kinds or words not in search or (only_counted and not entry.counted)
    bodies = (("请求" if kind in {"call", "webhook"} else "内容", entry.request), ("应答", entry.response))
    return EntryView(
        number=entry.number,
        time=f"{entry.at:%H:%M:%S}",
        iso=entry.at.isoformat(timespec="milliseconds"),
        direction=entry.direction,
        kind=kind,
        kind_words=KINDS[kind],
        title=entry.api if entry.kind == "call" else entry.title,
        method=entry.method,
        path=entry.path,
        status=" ".join(part for part in ("" if entry.status is None else str(entry.status), code) if part),
        failed=entry.status not in _FINE or bool(code),
        duration="" if entry.duration_ms is None else f"{entry.duration_ms:,.0f} ms",
        counted=entry.counted,
        warnings=tuple(entry.warnings),
        bodies=tuple((name, pretty(body)) for name, body in bodies if body not in (None, "", {})),
        search=search,
        hidden=hidden,
    )


def pretty(body: Any) -> str:
    """Give a body to read: JSON inside a JSON text is unfolded, and its key says so."""
    return json.dumps(_unfolded(body), ensure_ascii=False, indent=2)


def _unfolded(value: Any) -> Any:
    if isinstance(value, dict):
        unfolded = {key: _inner(one) for key, one in value.items()}
        return {
            f"{key} ⟨JSON 文本⟩" if inner is not None else key: _unfolded(value[key] if inner is None else inner)
            for key, inner in unfolded.items()
        }
    return [_unfolded(one) for one in value] if isinstance(value, list) else value


def _inner(value: Any) -> Any:
    if not isinstance(value, str) or value[:1] not in {"{", "["}:
        return None
    try:
        return json.loads(value)
    except ValueError:
        return None
