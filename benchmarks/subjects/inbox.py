"""The limit's work on our edge with the durable inbox: stored, acked, answered with the same words, marked done."""

import asyncio
import json
from typing import Any

import structlog

from benchmarks.subjects.edge import SystemClock
from bot.commits import GroupCommit
from bot.inbox import Inbox, Item
from bot.openapi import DingTalk, Text
from bot.settings import Settings
from bot.store import open_store
from bot.stream import ROBOT_TOPIC, CallbackHandler, CallbackMessage, Credential, StreamClient


class Store(CallbackHandler):  # type: ignore[misc]  # the SDK is untyped
    """Acks once stored; answers and marks it done after that."""

    def __init__(self, inbox: Inbox, commits: GroupCommit, dingtalk: DingTalk) -> None:
        super().__init__()
        self._dingtalk = dingtalk
        self._inbox = inbox
        self._commits = commits
        self._done: set[asyncio.Task[None]] = set()

    async def process(self, message: CallbackMessage) -> tuple[int, Any]:
        data = message.data
        item = Item(f"message:{data['msgId']}", "message", data["senderStaffId"], json.dumps(data, ensure_ascii=False))
        if await self._inbox.store(item):
            task = asyncio.create_task(self._finish(item, data))
            self._done.add(task)
            task.add_done_callback(self._done.discard)
        return 200, None

    async def _finish(self, item: Item, data: dict[str, Any]) -> None:
        await self._dingtalk.robot.reply(data["sessionWebhook"], Text(data["text"]["content"]))
        await self._commits.run(lambda session: self._inbox.claim(session, item))


async def main() -> None:
    """Run until killed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    settings = Settings()
    database, vault = await open_store(settings)
    commits = GroupCommit(database)
    commits.start()
    endpoint, app = settings.dingtalk_openapi_endpoint, settings.dingtalk_client_id
    secret, clock = settings.dingtalk_client_secret.get_secret_value(), SystemClock()
    async with DingTalk(
        openapi_endpoint=endpoint, oapi_endpoint=endpoint, client_id=app, client_secret=secret, clock=clock
    ) as dingtalk:
        client = StreamClient(Credential(app, secret), openapi_endpoint=endpoint)
        client.register_callback_handler(ROBOT_TOPIC, Store(Inbox(commits, vault, clock), commits, dingtalk))
        await client.start()


if __name__ == "__main__":
    asyncio.run(main())
