"""The stream gateway's mind: tickets, connections, pushes and their acknowledgements, redelivery.

Protocol page of the stream SDKs (2025-05), A/1435, E/0001. It knows nothing of sockets: a connection is given a way
to send text and to close.
"""

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal

from sandbox.world import bounds
from sandbox.world.app import App
from sandbox.world.clock import Clock
from sandbox.world.faults import Fault, Faults
from sandbox.world.feed import Change, Feed
from sandbox.world.ids import Ids
from sandbox.world.meter import Meter
from sandbox.world.mischief import LARGEST_FRAME, spoiled
from sandbox.world.wire import Wire, covered

FrameType = Literal["SYSTEM", "EVENT", "CALLBACK"]

ROBOT_TOPIC = "/v1.0/im/bot/messages/get"
CARD_TOPIC = "/v1.0/card/instances/callback"
DYNAMIC_TOPIC = "/v1.0/card/dynamicData/get"
CALLBACK_TOPICS = frozenset(
    {ROBOT_TOPIC, CARD_TOPIC, DYNAMIC_TOPIC, "/v1.0/im/bot/messages/delegate", "/v1.0/graph/api/invoke"}
)
TICKET_SECONDS = 90
_LATE_SECONDS = 5.0
_FREE_EVENTS = (  # A/1434
    "user_add_org", "user_modify_org", "user_leave_org", "user_active_org", "org_change",
    "org_annual_certification_submission",
)  # fmt: skip
_FREE_KINDS = ("org_dept_", "label_", "org_admin_", "industry_medical_")


@dataclass(slots=True)
class Timing:
    """How long DingTalk waits, in real seconds.

    `robot_again` and `event_again` count from the first delivery; the figures for robot messages are field reports,
    those for events the HTTP mode's (A/1435). `lenient_events`: take an EVENT's ack without a status for SUCCESS.
    """

    push: float = 3.0
    card: float = 2.0
    robot_again: tuple[float, ...] = (16.0, 60.0)
    event_again: tuple[float, ...] = (10.0, 30.0)
    ping: float = 20.0
    drain: float = 10.0
    lenient_events: bool = False


@dataclass(frozen=True, slots=True)
class Ack:
    """What came back for a frame."""

    code: int
    data: Mapping[str, Any]
    raw: Mapping[str, Any]


@dataclass(slots=True, eq=False)
class Connection:
    """One WebSocket of the robot's. `leaving`: told to disconnect. On request it falls silent: `stalled` sends no more
    frames, `half_open` answers no WebSocket pings either.
    """

    id: str
    subscriptions: frozenset[tuple[str, str]]
    send: Callable[[str], Awaitable[None]]
    close: Callable[[bool], Awaitable[None]]
    opened_at: datetime
    leaving: bool = False
    stalled: bool = False
    half_open: bool = False

    def wants(self, kind: FrameType, topic: str) -> bool:
        """Whether pushes of this kind come to it."""
        wanted = ("EVENT", "*") if kind == "EVENT" else (kind, topic)
        return not self.leaving and wanted in self.subscriptions


@dataclass(slots=True, eq=False)
class Push:
    """One frame sent, and the future of its ack."""

    message_id: str
    kind: FrameType
    topic: str
    headers: Mapping[str, str]
    data: str
    connection: Connection
    sent: float
    ack: "asyncio.Future[Ack]" = field(repr=False)


class Stream:
    """Who is connected, what was pushed, who answered."""

    TRANSIENT = frozenset({"_tasks", "_held", "_repeated", "_sooner", "_watchers", "connections", "pushes"})

    def __init__(self, app: App, clock: Clock, ids: Ids, wire: Wire, meter: Meter, feed: Feed, faults: Faults) -> None:
        self._faults = faults
        self._held: list[tuple[Connection, Mapping[str, Any], bool]] = []
        self._app, self._clock, self._ids, self._wire, self._meter, self._feed = app, clock, ids, wire, meter, feed
        self._tickets: dict[str, tuple[datetime, frozenset[tuple[str, str]]]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self.timing = Timing()
        self.connections: list[Connection] = []
        self.pushes: OrderedDict[str, Push] = OrderedDict()
        self._repeated = 0
        self._sooner = asyncio.Event()
        self._watchers: list[Callable[[Push], None]] = []

    @contextmanager
    def watching(self, watcher: Callable[[Push], None]) -> Iterator[None]:
        """Show every push to somebody, before it goes out."""
        self._watchers.append(watcher)
        try:
            yield
        finally:
            self._watchers.remove(watcher)

    def ticket(self, subscriptions: frozenset[tuple[str, str]]) -> str:
        """Give a ticket for one connection, good for 90 seconds."""
        ticket = self._ids.secret()
        self._tickets[ticket] = (self._clock.now() + timedelta(seconds=TICKET_SECONDS), subscriptions)
        return ticket

    def redeem(self, ticket: str) -> frozenset[tuple[str, str]] | None:
        """Give the subscriptions a ticket stands for; None if it was used, is too old or was never given."""
        ends, subscriptions = self._tickets.pop(ticket, (None, frozenset()))
        return subscriptions if ends is not None and self._clock.now() < ends else None

    def attach(
        self,
        subscriptions: frozenset[tuple[str, str]],
        send: Callable[[str], Awaitable[None]],
        close: Callable[[bool], Awaitable[None]],
    ) -> Connection:
        """Take a connection in. `close(True)` drops the socket without a word."""
        connection = Connection(self._ids.hex(16), subscriptions, send, close, self._clock.now())
        self.connections.append(connection)
        self._wire.note(
            f"connected: {', '.join(sorted(topic for _, topic in subscriptions))}", connection=connection.id
        )
        self._feed.tell(Change("connection", connection.id))
        return connection

    def detach(self, connection: Connection) -> None:
        """Let a connection go: acks that were waited for on it will not come."""
        self.connections.remove(connection)
        for push in self.pushes.values():
            if push.connection is connection and not push.ack.done():
                push.ack.cancel()
        self._wire.note("connection closed", connection=connection.id)
        self._feed.tell(Change("connection", connection.id))

    async def push(
        self, kind: FrameType, topic: str, data: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> Push | None:
        """Send a frame to one connection, picked at random; None, and a note, when nobody is there for it."""
        ready = [one for one in self.connections if one.wants(kind, topic)]
        if not ready:
            self._wire.note(f"lost: no connection subscribes to {kind} {topic}", api=topic)
            return None
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        return await self.send(ready[self._ids.pick(len(ready))], kind, topic, text, headers or {})

    async def send(
        self, connection: Connection, kind: FrameType, topic: str, data: str, headers: Mapping[str, str],
        *, message_id: str = "",
    ) -> Push:  # fmt: skip
        """Send a frame to this connection."""
        message_id = message_id or self._ids.push()
        frame = {
            "specVersion": "1.0",
            "type": kind,
            "headers": {
                "appId": self._app.unified_app_id,
                "connectionId": connection.id,
                "contentType": "application/json",
                "messageId": message_id,
                "time": str(self._clock.ms()),
                "topic": topic,
                **headers,
            },
            "data": data,
        }
        push = Push(
            message_id, kind, topic, dict(headers), data, connection, time.monotonic(),
            asyncio.get_running_loop().create_future(),
        )  # fmt: skip
        self.pushes[message_id] = push
        for watcher in self._watchers:
            watcher(push)
        if len(self.pushes) > bounds.PUSHES:
            self.pushes.popitem(last=False)
        counted = self._counted(kind, headers.get("eventType", ""))
        if kind != "SYSTEM":
            self._meter.push(headers.get("eventType") or topic, counted=counted)
        fault = self._faults.take_frame(topic, headers.get("eventType", "")) if kind != "SYSTEM" else None
        if fault is None:
            await self.send_raw(connection, frame, counted=counted)
        else:
            await self._spoil(fault, connection, frame, counted=counted)
        if fault is None or fault.kind != "out_of_order":
            await self._let_go()
        return push

    async def _spoil(self, fault: Fault, connection: Connection, frame: Mapping[str, Any], *, counted: bool) -> None:
        """Send a frame as a fault will have it."""
        self._wire.note(f"fault: {fault.kind}", connection=connection.id)
        match fault.kind:
            case "socket_dropped":
                await connection.close(True)
            case "half_open" | "stall":
                connection.stalled, connection.half_open = True, fault.kind == "half_open"
                await self.send_raw(connection, frame, counted=counted)
            case "duplicate":
                await self.send_raw(connection, frame, counted=counted)
                await self.send_raw(connection, frame)
            case "late":
                self.background(self._send_late(fault.delay or _LATE_SECONDS, connection, frame, counted=counted))
            case "out_of_order":
                self._held.append((connection, frame, counted))
                self.background(self._let_go_later(fault.delay or _LATE_SECONDS))
            case kind:
                await self.send_raw(connection, spoiled(kind, frame, fault.by), counted=counted)

    async def _send_late(
        self, seconds: float, connection: Connection, frame: Mapping[str, Any], *, counted: bool
    ) -> None:
        await asyncio.sleep(seconds)
        await self.send_raw(connection, frame, counted=counted)

    async def _let_go_later(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._let_go()

    async def _let_go(self) -> None:
        """Send what was held back, now that another frame went out."""
        held, self._held = self._held, []
        for connection, frame, counted in held:
            await self.send_raw(connection, frame, counted=counted)

    async def send_raw(self, connection: Connection, frame: Mapping[str, Any] | str, *, counted: bool = False) -> None:
        """Put a frame on the socket as it is, well-formed or not."""
        text = frame if isinstance(frame, str) else json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
        size = len(text.encode())
        shape: Mapping[str, Any] = frame if isinstance(frame, Mapping) else {}
        headers = shape.get("headers")
        headers = headers if isinstance(headers, Mapping) else {}
        topic = str(headers.get("eventType") or headers.get("topic") or "")
        self._wire.add(
            "frame", "in", f"{shape.get('type', '?')} {topic}", request=frame, api=topic, counted=counted,
            connection=connection.id, message_id=str(headers.get("messageId") or ""),
            warnings=[f"{size} bytes: above 256 KiB"] if size > LARGEST_FRAME else [],
        )  # fmt: skip
        if not connection.stalled:
            await connection.send(text)

    def received(self, connection: Connection, text: str) -> None:
        """Take what the robot sent: an ack, held against the push that went out on this very connection."""
        try:
            raw = json.loads(text)
        except ValueError:
            raw = None
        if not isinstance(raw, dict):
            self._wire.note("the robot sent what is no JSON object", request=text[:2000], connection=connection.id)
            return
        headers = raw.get("headers")
        message_id = str(headers.get("messageId", "")) if isinstance(headers, dict) else ""
        push = self.pushes.get(message_id)
        data, complaints = _ack_data(raw)
        if push is None:
            complaints.append("messageId unknown")
        elif push.connection is not connection:
            complaints.append("came on another connection than the frame: lost")
        elif push.ack.done():
            complaints.append("came too late or twice: ignored")
        took = (time.monotonic() - push.sent) * 1000 if push else None
        code = raw.get("code")
        self._wire.add(
            "ack", "out", f"ack {code}", status=code if isinstance(code, int) else None,
            request=covered(raw),
            api=push.topic if push else "", connection=connection.id, message_id=message_id, duration_ms=took,
            warnings=complaints,
        )  # fmt: skip
        if push is not None and push.connection is connection and not push.ack.done():
            push.ack.set_result(Ack(code if isinstance(code, int) else 0, data, raw))

    async def answer(self, push: Push, seconds: float) -> Ack | None:
        """Wait for a push's ack; None when it didn't come in time, and then it comes too late."""
        done, _ = await asyncio.wait([push.ack], timeout=seconds)
        if done and not push.ack.cancelled():
            return push.ack.result()
        push.ack.cancel()
        return None

    async def callback(self, topic: str, data: Mapping[str, Any], again: tuple[float, ...] = ()) -> Push | None:
        """Push a robot message, and again after so many seconds as long as no ack came: same data, new messageId."""
        push = await self.push("CALLBACK", topic, data)
        if push is not None:
            once_more = partial(self.push, "CALLBACK", topic, data)
            self.background(self._repeat(push, again, once_more, lambda ack: ack.code == 200))
        return push

    async def event(self, event_type: str, data: Mapping[str, Any]) -> str:
        """Push an event until SUCCESS comes back or the tries are used up; give its eventId."""
        event_id = self._ids.hex(32)
        headers = {
            "eventBornTime": str(self._clock.ms()),
            "eventCorpId": self._app.corp_id,
            "eventId": event_id,
            "eventType": event_type,
            "eventUnifiedAppId": self._app.unified_app_id,
        }
        push = await self.push("EVENT", "*", data, headers)
        self.background(self._repeat_event(push, data, headers))
        return event_id

    async def redeliver(self, message_id: str, *, same_id: bool = False) -> Push | None:
        """Send a frame again: with a new messageId, as a redelivery has, or the very same."""
        old = self.pushes[message_id]
        ready = [one for one in self.connections if one.wants(old.kind, old.topic)]
        if not ready:
            return None
        connection = ready[self._ids.pick(len(ready))]
        return await self.send(
            connection, old.kind, old.topic, old.data, old.headers, message_id=message_id if same_id else ""
        )

    @property
    def repeating(self) -> int:
        """How many frames wait for their ack and will be sent again."""
        return self._repeated

    def redeliver_now(self) -> None:
        """Send these again at once instead of when their time has come."""
        self._sooner.set()
        self._sooner = asyncio.Event()

    async def ping(self, connection: Connection) -> None:
        """Send a SYSTEM ping and hold the robot to its echo."""
        opaque = self._ids.hex(16)
        push = await self.send(connection, "SYSTEM", "ping", json.dumps({"opaque": opaque}), {})
        ack = await self.answer(push, self.timing.push)
        if ack is None:
            self._wire.note("ping not answered", connection=connection.id)
        elif ack.data.get("opaque") != opaque:
            self._wire.note("ping answered without its data", connection=connection.id)

    async def keep_alive(self, connection: Connection) -> None:
        """Ping for ever."""
        while True:
            await asyncio.sleep(self.timing.ping)
            await self.ping(connection)

    async def disconnect(self, connection: Connection, reason: str = "connection is expired") -> None:
        """Announce the end: from now on no pushes; the socket is closed some seconds later."""
        await self.send(connection, "SYSTEM", "disconnect", json.dumps({"reason": reason}), {})
        connection.leaving = True
        self.background(self._close_later(connection))

    def background(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run something beside, until `aclose`."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def aclose(self) -> None:
        """End what runs beside and close the connections."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(connection.close(False) for connection in list(self.connections)))

    async def _close_later(self, connection: Connection) -> None:
        await asyncio.sleep(self.timing.drain)
        if connection in self.connections:
            await connection.close(False)

    async def _repeat(
        self, push: Push | None, again: tuple[float, ...], once_more: Callable[[], Awaitable[Push | None]],
        done: Callable[[Ack], bool],
    ) -> bool:  # fmt: skip
        if self._repeated >= bounds.REPEATED:
            self._wire.note("too many frames wait for their ack: this one isn't sent again")
            return False
        self._repeated += 1
        try:
            return await self._until_done(push, again, once_more, done)
        finally:
            self._repeated -= 1

    async def _until_done(
        self, push: Push | None, again: tuple[float, ...], once_more: Callable[[], Awaitable[Push | None]],
        done: Callable[[Ack], bool],
    ) -> bool:  # fmt: skip
        loop = asyncio.get_running_loop()
        begun = loop.time()
        for due in (*again, None):
            ack = await self.answer(push, self.timing.push) if push else None
            if ack is not None and done(ack):
                return True
            if due is None:
                break
            with suppress(TimeoutError):
                await asyncio.wait_for(self._sooner.wait(), max(0.0, begun + due - loop.time()))
            push = await once_more()
        return False

    async def _repeat_event(self, push: Push | None, data: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        again = self.timing.event_again
        if not await self._repeat(push, again, partial(self.push, "EVENT", "*", data, headers), self._event_done):
            self._wire.note(f"event given up: {headers['eventType']}", api=headers["eventType"])

    def _event_done(self, ack: Ack) -> bool:
        status = ack.data.get("status")
        return ack.code == 200 and (status == "SUCCESS" or (status is None and self.timing.lenient_events))

    @staticmethod
    def _counted(kind: FrameType, event_type: str) -> bool:
        """A/1434: contact events are free, everything else but SYSTEM counts, dynamic data by assumption."""
        if kind == "EVENT":
            return event_type not in _FREE_EVENTS and not event_type.startswith(_FREE_KINDS)
        return kind == "CALLBACK"


def _ack_data(raw: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[str]]:
    """Read an ack's data (a JSON text) and list what is wrong with the ack's form."""
    complaints = [] if isinstance(raw.get("code"), int) else ["code isn't a number"]
    text = raw.get("data", "{}")
    if not isinstance(text, str):
        return {}, [*complaints, "data isn't a text"]
    try:
        data = json.loads(text) if text else {}
    except ValueError:
        return {}, [*complaints, "data isn't JSON"]
    return (data, complaints) if isinstance(data, dict) else ({}, complaints)
