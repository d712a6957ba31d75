"""The wire: every frame, acknowledgement and call, with secrets masked."""

import json
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sandbox.world import bounds
from sandbox.world.clock import Clock
from sandbox.world.feed import Change, Feed
from sandbox.world.traces import Trace, traces

EntryKind = Literal["call", "frame", "ack", "webhook", "note"]

KEPT = bounds.WIRE
_MASK = "***"
_SECRET_KEYS = frozenset(
    {
        "clientsecret", "client_secret", "appsecret", "access_token", "accesstoken", "refreshtoken", "ticket",
        "apisecret",        "session", "x-acs-dingtalk-access-token",
    }
)  # fmt: skip


@dataclass(slots=True)
class Entry:
    """One thing that went over the wire.

    `direction` is seen from the robot: "out" is what it sent. `status` is a call's HTTP status and, for the old
    family, its errcode; an ack's code. `counted`: against the monthly quota.
    """

    number: int
    at: datetime
    kind: EntryKind
    direction: Literal["in", "out", ""]
    title: str
    api: str = ""
    method: str = ""
    path: str = ""
    status: int | None = None
    code: str = ""
    counted: bool = False
    duration_ms: float | None = None
    request: Any = None
    response: Any = None
    connection: str = ""
    message_id: str = ""
    warnings: list[str] = field(default_factory=list)
    traces: tuple[Trace, ...] = ()
    """Whom it names and which ids it shares with others."""


class Wire:
    """The last entries, newest last."""

    def __init__(self, clock: Clock, feed: Feed) -> None:
        self._clock = clock
        self._feed = feed
        self._next = 1
        self.entries: deque[Entry] = deque(maxlen=KEPT)

    def add(
        self,
        kind: EntryKind,
        direction: Literal["in", "out", ""],
        title: str,
        *,
        request: Any = None,
        response: Any = None,
        warnings: Iterable[str] = (),
        **more: Any,
    ) -> Entry:
        """Write an entry; secrets are masked before it is kept."""
        entry = Entry(
            self._next, self._clock.now(), kind, direction, title,
            request=mask(request), response=mask(response), warnings=list(warnings),
            traces=traces(request, response, str(more.get("message_id", ""))), **more,
        )  # fmt: skip
        self._next += 1
        self.entries.append(entry)
        self._feed.tell(Change("wire", str(entry.number)))
        return entry

    def note(self, text: str, **more: Any) -> Entry:
        """Write down what happened on our side, such as a push that nobody took."""
        return self.add("note", "", text, **more)

    def after(self, number: int) -> list[Entry]:
        """Give the entries after this one."""
        return [entry for entry in self.entries if entry.number > number]


def mask(value: Any) -> Any:
    """Give the value with secrets and tokens replaced, a JSON text inside included."""
    if isinstance(value, str):
        return _masked(value)
    if isinstance(value, dict | Mapping):
        return {key: _MASK if _secret(key, one) else mask(one) for key, one in value.items()}
    return [mask(one) for one in value] if isinstance(value, list | tuple) else value


def _masked(text: str) -> str:
    if text[:1] in "{[" and "session" in text:
        try:
            return json.dumps(mask(json.loads(text)), ensure_ascii=False, separators=(",", ":"))
        except ValueError:
            return text
    if "/robot/sendBySession?session=" in text:
        return text.partition("?session=")[0] + "?session=" + _MASK
    return text


def _secret(key: object, value: object) -> bool:
    return isinstance(key, str) and isinstance(value, str) and key.lower() in _SECRET_KEYS and bool(value)


def covered(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give an ack as it may be kept: of pulled data names and lengths, since DingTalk doesn't store it (C1/0004)."""
    text = raw.get("data")
    if not isinstance(text, str) or "dataSourceQueryResponses" not in text:
        return raw
    try:
        return {**raw, "data": json.dumps(_cover(json.loads(text)), ensure_ascii=False, separators=(",", ":"))}
    except ValueError:
        return {**raw, "data": f"({len(text)} characters)"}


def _cover(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _cover(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_cover(one, name) for one in value]
    if name in {"dynamicDataSourceId", "dynamicDataValueType"}:
        return value
    try:
        inner = json.loads(value) if name == "data" else None
    except (ValueError, TypeError):
        inner = None
    if isinstance(inner, dict):
        return {key: f"({len(str(one))} characters)" for key, one in inner.items()}
    return f"({len(str(value))} characters)"
