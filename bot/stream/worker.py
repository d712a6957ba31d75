"""From a frame to its ack: checked, handed to its SDK handler, answered on the connection it came from."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import structlog

from hr_core.failpoints import reach

from . import frames
from .connection import Connection, Over
from .frames import Frame, Malformed
from .recent import RecentAcks
from .sdk import CallbackHandler, EventHandler

_log = structlog.get_logger("bot.stream")
_QUIET_TOPICS = {"ping", "CONNECTED", "REGISTERED", "KEEPALIVE"}


@dataclass(slots=True)
class StreamStats:
    """What happened since the start, for metrics."""

    opens: int = 0
    open_failures: int = 0
    drops: int = 0
    frames: int = 0
    pushes: int = 0
    """EVENT and CALLBACK frames: what the monthly push quota counts (uncounted events included)."""
    repeats: int = 0
    malformed: int = 0
    failures: int = 0
    acks: int = 0
    acks_lost: int = 0
    in_flight: int = 0


class Handlers(Protocol):
    """Where the handlers are registered: the SDK's client."""

    event_handler: EventHandler
    callback_handler_map: Mapping[str, CallbackHandler]

    @property
    def wants_events(self) -> bool:
        """Whether anyone asked for events."""
        ...


class Worker:
    """Works frames, a bounded number at a time; a full house holds up the reading and so the sender."""

    def __init__(self, handlers: Handlers, stats: StreamStats, *, limit: int, handler_seconds: float) -> None:
        self._handlers = handlers
        self._stats = stats
        self._handler_seconds = handler_seconds
        self._places = asyncio.Semaphore(limit)
        self._recent = RecentAcks(lambda: asyncio.get_running_loop().time())
        self._tasks: set[asyncio.Task[None]] = set()
        self.open = True
        """Whether frames are still taken; what comes after that is left for another connection."""

    async def take(self, connection: Connection, content: str | bytes) -> None:
        """Take one WebSocket message from a connection."""
        if not self.open:
            return
        self._stats.frames += 1
        try:
            frame = frames.read(content)
        except Malformed as flaw:
            await self._refuse(connection, flaw)
            return
        match frame.kind:
            case frames.SYSTEM:
                await self._system(connection, frame)
            case frames.EVENT | frames.CALLBACK:
                reach("stream.frame")
                await self._start(connection, frame)
            case _:
                _log.warning("stream.unknown_type", type=frame.kind[:40], topic=frame.topic[:80])
                ack = frames.refusal(frame.message_id, frame.kind, frames.UNKNOWN_TOPIC, "unknown type")
                await self._send(connection, ack)

    async def finish(self, within: float) -> None:
        """Wait for the frames being worked on, at most `within` seconds; then break off what remains."""
        if self._tasks and within > 0:
            await asyncio.wait(self._tasks, timeout=within)
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _system(self, connection: Connection, frame: Frame) -> None:
        if frame.topic == "disconnect":
            connection.finish(Over.DISCONNECT)
            return
        if frame.topic not in _QUIET_TOPICS:
            _log.debug("stream.system_topic", topic=frame.topic[:80])
        if frame.message_id:
            await self._send(connection, frames.plain_ack(frame.message_id, frames.OK, "OK", frame.data or "{}"))

    async def _start(self, connection: Connection, frame: Frame) -> None:
        await self._places.acquire()
        if not self.open:  # it was closed while the frame waited for its place
            self._places.release()
            return
        self._stats.pushes += 1
        self._stats.in_flight += 1
        connection.begin()
        task = asyncio.create_task(self._work(connection, frame))
        self._tasks.add(task)  # the loop itself keeps no reference
        task.add_done_callback(self._tasks.discard)

    async def _work(self, connection: Connection, frame: Frame) -> None:
        try:
            ack = await self._ack(frame)
            reach("stream.before_ack")
            if await self._send(connection, ack):
                reach("stream.after_ack")
        finally:
            self._places.release()
            self._stats.in_flight -= 1
            connection.end()

    async def _ack(self, frame: Frame) -> str:
        """Give the frame's ack; a frame that was seen already gets the one it got, or is about to get."""
        known = self._recent.find(frame.message_id)
        if known is not None:
            self._stats.repeats += 1
            return known if isinstance(known, str) else await asyncio.shield(known)
        promise: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._recent.begin(frame.message_id, promise)
        final = False
        try:
            ack, final = await self._handled(frame)
            promise.set_result(ack)
            return ack
        finally:
            promise.cancel()  # no effect once it is kept
            # A failure, or an event put off, is worked anew when it comes again.
            self._recent.end(frame.message_id, ack if final else None)

    async def _handled(self, frame: Frame) -> tuple[str, bool]:
        """Give the ack and whether it is the last word on this frame."""
        try:
            message = frames.message(frame)
        except Malformed as flaw:
            self._note(flaw)
            return frames.refusal(frame.message_id, frame.kind, frames.BAD_REQUEST, flaw.reason), True
        handler = self._handler(frame)
        if handler is None:
            return self._unwanted(frame), True
        try:
            async with asyncio.timeout(self._handler_seconds):
                answer = await handler.raw_process(message)
            ack = frames.ack(frame, answer)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise  # it is we who are being ended
            return self._failed(frame), False  # the handler awaited something that others had cancelled
        except Exception:  # noqa: BLE001 - the edge: whatever a handler raises, the frame gets an ack and we go on
            return self._failed(frame), False
        kept = getattr(handler, "keeps_acks", True)
        return ack, kept and answer.code == frames.OK and not frames.was_put_off(answer)

    def _failed(self, frame: Frame) -> str:
        self._stats.failures += 1
        _log.exception("stream.handler_failed", topic=frame.topic[:80], message_id=frame.message_id)
        return frames.refusal(frame.message_id, frame.kind, frames.FAILED, "handler failed")

    def _handler(self, frame: Frame) -> EventHandler | CallbackHandler | None:
        if frame.kind == frames.EVENT:
            return self._handlers.event_handler if self._handlers.wants_events else None
        return self._handlers.callback_handler_map.get(frame.topic)

    def _unwanted(self, frame: Frame) -> str:
        _log.warning("stream.unknown_topic", type=frame.kind, topic=frame.topic[:80])
        if frame.kind == frames.EVENT:  # nobody here will ever want it, so it must not come again
            return frames.plain_ack(frame.message_id, frames.OK, "", json.dumps({"status": "SUCCESS", "message": ""}))
        return frames.refusal(frame.message_id, frame.kind, frames.UNKNOWN_TOPIC, "unknown topic")

    async def _refuse(self, connection: Connection, flaw: Malformed) -> None:
        self._note(flaw)
        if flaw.message_id:
            ack = frames.refusal(flaw.message_id, flaw.kind, frames.BAD_REQUEST, flaw.reason)
            await self._send(connection, ack)

    def _note(self, flaw: Malformed) -> None:
        self._stats.malformed += 1
        _log.warning("stream.malformed_frame", reason=flaw.reason, message_id=flaw.message_id[:80])

    async def _send(self, connection: Connection, ack: str) -> bool:
        sent = await connection.send(ack)
        if sent:
            self._stats.acks += 1
        else:
            self._stats.acks_lost += 1
            _log.warning("stream.ack_lost")
        return sent
