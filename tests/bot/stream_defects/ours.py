"""Our client and our calls, under the names of `stock`."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import structlog

from bot.clock import SystemClock
from bot.openapi import BadRequest, DingTalk, Limits, Text, ToPerson
from bot.stream import AckMessage, CallbackHandler, CallbackMessage, Credential, StreamClient

structlog.configure(
    processors=[
        structlog.stdlib.add_log_level,
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(),
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
)
_ENDPOINT = os.environ["DINGTALK_OPENAPI_ENDPOINT"]
_ID, _SECRET = os.environ.get("CLIENT_ID", "ding-id"), os.environ.get("CLIENT_SECRET", "top-secret")


def client(options: dict[str, Any]) -> StreamClient:
    return StreamClient(Credential(_ID, _SECRET), logging.getLogger("dingtalk_stream.client"),
                        openapi_endpoint=_ENDPOINT, in_flight=options.get("in_flight", 256))  # fmt: skip


def pool_handler(tell: Callable[..., None]) -> CallbackHandler:
    """Give a plain handler: long work is waited for like any other."""

    class Plain(CallbackHandler):  # type: ignore[misc]
        async def process(self, message: CallbackMessage) -> tuple[int, Any]:
            if message.data.get("do") == "fail":
                raise RuntimeError("the work failed")
            await asyncio.Event().wait()
            return AckMessage.STATUS_OK, None

    return Plain()


class Calls:
    """The same errands as the SDK's helpers."""

    def __init__(self, client: StreamClient) -> None:
        pass

    @asynccontextmanager
    async def _dingtalk(self) -> AsyncIterator[DingTalk]:
        async with DingTalk(
            openapi_endpoint=_ENDPOINT, oapi_endpoint=_ENDPOINT, client_id=_ID, client_secret=_SECRET,
            clock=SystemClock(), limits=Limits(calls_per_second=1000, first_wait=0.01),
        ) as dingtalk:  # fmt: skip
            yield dingtalk

    async def send_card(self, template: str = "t.schema", params: dict[str, str] | None = None) -> Any:
        async with self._dingtalk() as dingtalk:
            await dingtalk.cards.create_and_deliver("t-1", template, params or {}, ToPerson("lin"), title="t")
            return "t-1"

    send_card_in_two_steps = send_card

    async def change_card(self, track_id: str, params: dict[str, str]) -> Any:
        async with self._dingtalk() as dingtalk:
            return await dingtalk.cards.update(track_id, params)

    async def change_cards(self, count: int) -> Any:
        async with self._dingtalk() as dingtalk:
            return await asyncio.gather(*(dingtalk.cards.update("t-1", {}) for _ in range(count)))

    async def reply(self, webhook: str, staff_id: str | None) -> Any:
        async with self._dingtalk() as dingtalk:
            if not dingtalk.is_our_host(webhook):
                raise BadRequest("a webhook that leads elsewhere")
            return await dingtalk.robot.reply(webhook, Text("你好"))

    async def call_the_old_family(self) -> Any:
        async with self._dingtalk() as dingtalk:
            await dingtalk.contacts.user("lin")
