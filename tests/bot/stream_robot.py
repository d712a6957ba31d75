"""Our client with handlers that do as a test says, in the test's own loop and at a quick pace."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from bot.stream import (
    ROBOT_TOPIC,
    AckMessage,
    Backoff,
    CallbackHandler,
    CallbackMessage,
    Credential,
    EventHandler,
    EventMessage,
    Pace,
    StreamClient,
)
from tests.bot.stream_gateway import Gateway

QUICK = Pace(open=2, heartbeat=5, drain=2, close=0.2)


class Robot(CallbackHandler):  # type: ignore[misc]
    """Answers with what `work` makes of a message."""

    def __init__(self, work: Callable[[dict[str, Any]], Any]) -> None:
        super().__init__()
        self.work = work
        self.seen: list[dict[str, Any]] = []

    async def process(self, message: CallbackMessage) -> tuple[int, Any]:
        self.seen.append(message.data)
        result = self.work(message.data)
        return AckMessage.STATUS_OK, await result if asyncio.iscoroutine(result) else result


class Events(EventHandler):  # type: ignore[misc]
    """Plain SDK style: returns code and text."""

    def __init__(self, *codes: int) -> None:
        super().__init__()
        self.codes = list(codes)
        self.seen: list[str] = []

    async def process(self, event: EventMessage) -> tuple[int, str]:
        self.seen.append(event.headers.event_type)
        return (self.codes.pop(0) if self.codes else AckMessage.STATUS_OK), "noted"


@asynccontextmanager
async def running(
    edge: Gateway, work: Callable[[dict[str, Any]], Any] = lambda data: {"echo": data}, *, events: Events | None = None,
    pace: Pace = QUICK, in_flight: int = 16, on_state: Callable[[bool], None] | None = None,
) -> AsyncIterator[StreamClient]:  # fmt: skip
    client = StreamClient(
        Credential("ding-id", "top-secret"),
        openapi_endpoint=edge.url,
        pace=pace,
        backoff=Backoff(first=0.02, longest=0.1, slow_first=0.3, slow_longest=0.6),
        in_flight=in_flight,
        on_state=on_state,
    )
    client.register_callback_handler(ROBOT_TOPIC, Robot(work))
    if events is not None:
        client.register_all_event_handler(events)
    task = asyncio.create_task(client.start())
    try:
        yield client
    finally:
        task.cancel()
        await asyncio.wait([task])
