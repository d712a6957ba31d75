"""Our edge with the durable inbox: a frame is stored before its ack and marked done after; nothing is worked."""

import asyncio
import contextlib
import json
import os
from typing import Any

import structlog

from benchmarks.subjects.edge import SystemClock
from bot.commits import GroupCommit
from bot.inbox import Inbox, Item
from bot.settings import Settings
from bot.store import open_store
from bot.stream import ROBOT_TOPIC, CallbackHandler, CallbackMessage, Credential, StreamClient


class Store(CallbackHandler):  # type: ignore[misc]  # the SDK is untyped
    """Acks once stored."""

    def __init__(self, inbox: Inbox, commits: GroupCommit) -> None:
        super().__init__()
        self._inbox = inbox
        self._commits = commits
        self._done: set[asyncio.Task[None]] = set()

    async def process(self, message: CallbackMessage) -> tuple[int, Any]:
        data = message.data
        item = Item(f"message:{data['msgId']}", "message", data["senderStaffId"], json.dumps(data, ensure_ascii=False))
        if await self._inbox.store(item):
            task = asyncio.create_task(self._commits.run(lambda session: self._inbox.done(session, item)))
            self._done.add(task)
            task.add_done_callback(self._done.discard)
        return 200, None


async def main() -> None:
    """Run until killed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    settings = Settings()
    database, vault = await open_store(settings)
    commits = GroupCommit(database)
    commits.start()
    client = StreamClient(
        Credential(settings.dingtalk_client_id, settings.dingtalk_client_secret.get_secret_value()),
        openapi_endpoint=os.environ["DINGTALK_OPENAPI_ENDPOINT"],
    )
    client.register_callback_handler(ROBOT_TOPIC, Store(Inbox(commits, vault, SystemClock()), commits))
    with contextlib.suppress(asyncio.CancelledError):
        await client.start()
    await commits.stop()
    await database.close()


if __name__ == "__main__":
    asyncio.run(main())
