"""The limit's work on our edge with the durable inbox: stored, acked, answered with the same words, marked done."""

import asyncio
from typing import Any

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from benchmarks.subjects.edge import SystemClock
from bot import loop
from bot.commits import GroupCommit, Together
from bot.compact import dumps
from bot.inbox import Inbox, Item
from bot.openapi import DingTalk, Text
from bot.replica import Replica
from bot.settings import Settings
from bot.store import open_store
from bot.stream import ROBOT_TOPIC, CallbackHandler, CallbackMessage, Credential, StreamClient


class Store(CallbackHandler):  # type: ignore[misc]  # the SDK is untyped
    """Acks once stored; answers and marks it done after that."""

    def __init__(self, inbox: Inbox, commits: GroupCommit, dingtalk: DingTalk, replica: Replica) -> None:
        super().__init__()
        self._replica = replica
        self._dingtalk = dingtalk
        self._inbox = inbox
        self._claim = Together(commits, self._claim_all)
        self._tasks: set[asyncio.Task[None]] = set()

    async def process(self, message: CallbackMessage) -> tuple[int, Any]:
        data = message.data
        item = Item(f"message:{data['msgId']}", "message", data["senderStaffId"], dumps(data), self._replica.next_id())
        if await self._inbox.store(item):
            task = asyncio.create_task(self._finish(item, data))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return 200, None

    async def _finish(self, item: Item, data: dict[str, Any]) -> None:
        await self._dingtalk.robot.reply(data["sessionWebhook"], Text(data["text"]["content"]))
        await self._claim(item.id)

    async def _claim_all(self, session: AsyncSession, ids: list[str]) -> list[None]:
        await self._inbox.claim(session, ids)
        return [None] * len(ids)


async def main() -> None:
    """Run until killed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    settings = Settings()
    database, vault = await open_store(settings)
    commits = GroupCommit(database)
    commits.start()
    replica = Replica()
    endpoint, app = settings.dingtalk_openapi_endpoint, settings.dingtalk_client_id
    secret, clock = settings.dingtalk_client_secret.get_secret_value(), SystemClock()
    async with DingTalk(
        openapi_endpoint=endpoint, oapi_endpoint=endpoint, client_id=app, client_secret=secret, clock=clock
    ) as dingtalk:
        client = StreamClient(Credential(app, secret), openapi_endpoint=endpoint)
        client.register_callback_handler(
            ROBOT_TOPIC, Store(Inbox(commits, vault, clock, replica), commits, dingtalk, replica)
        )
        await client.start()


if __name__ == "__main__":
    loop.run(main())
