"""Our edge alone: the stream client with a handler that does nothing, with `reply` also answers through our client."""

import asyncio
import os
import sys
from datetime import UTC, datetime
from typing import Any

import structlog

from bot import loop
from bot.openapi import DingTalk, Text
from bot.stream import ROBOT_TOPIC, CallbackHandler, CallbackMessage, Credential, StreamClient


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class Echo(CallbackHandler):  # type: ignore[misc]  # the SDK is untyped
    """Acks at once; answers beside it."""

    def __init__(self, dingtalk: DingTalk | None) -> None:
        super().__init__()
        self._dingtalk = dingtalk
        self._answers: set[asyncio.Task[None]] = set()

    async def process(self, message: CallbackMessage) -> tuple[int, Any]:
        if self._dingtalk is not None:
            answer = self._dingtalk.robot.reply(message.data["sessionWebhook"], Text(message.data["text"]["content"]))
            task = asyncio.create_task(answer)
            self._answers.add(task)
            task.add_done_callback(self._answers.discard)
        return 200, None


async def main(reply: bool) -> None:
    """Run until killed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    endpoint, app, secret = (
        os.environ[name] for name in ("DINGTALK_OPENAPI_ENDPOINT", "DINGTALK_CLIENT_ID", "DINGTALK_CLIENT_SECRET")
    )
    async with DingTalk(
        openapi_endpoint=endpoint, oapi_endpoint=endpoint, client_id=app, client_secret=secret, clock=SystemClock()
    ) as dingtalk:
        client = StreamClient(Credential(app, secret), openapi_endpoint=endpoint)
        client.register_callback_handler(ROBOT_TOPIC, Echo(dingtalk if reply else None))
        await client.start()


if __name__ == "__main__":
    loop.run(main("reply" in sys.argv))
