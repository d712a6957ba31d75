"""The SDK as it is: its client, and its helpers as its samples call them."""

import asyncio
import logging
import os
import threading
from collections.abc import Callable
from typing import Any

from dingtalk_stream import (
    AsyncChatbotHandler,
    CallbackMessage,
    CardReplier,
    ChatbotHandler,
    ChatbotMessage,
    Credential,
    DingTalkStreamClient,
)


def client(options: dict[str, Any]) -> DingTalkStreamClient:
    return DingTalkStreamClient(
        Credential(os.environ.get("CLIENT_ID", "ding-id"), os.environ.get("CLIENT_SECRET", "top-secret")),
        logging.getLogger("dingtalk_stream.client"),
    )


def pool_handler(tell: Callable[..., None]) -> AsyncChatbotHandler:
    """Give the SDK's handler for long work."""

    class Pool(AsyncChatbotHandler):  # type: ignore[misc]
        def process(self, message: CallbackMessage) -> None:
            if message.data.get("do") == "fail":
                raise RuntimeError("the work failed")
            threading.Event().wait()

    return Pool(max_workers=2)


class Calls:
    """The SDK's helpers."""

    def __init__(self, client: DingTalkStreamClient) -> None:
        self._client = client
        self._incoming = ChatbotMessage.from_dict(
            {"msgId": "m-1", "conversationType": "1", "senderStaffId": "lin", "senderNick": "林晓"}
        )
        self._cards = CardReplier(client, self._incoming)

    async def send_card(self, template: str = "t.schema", params: dict[str, str] | None = None) -> Any:
        return self._cards.create_and_deliver_card(template, params or {})

    async def send_card_in_two_steps(self) -> Any:
        return await self._cards.async_create_and_send_card("t.schema", {})

    async def change_card(self, track_id: str, params: dict[str, str]) -> Any:
        return self._cards.put_card_data(track_id, params)

    async def change_cards(self, count: int) -> Any:
        """Change many at once: in threads, because nothing else lets two of these calls overlap."""
        changes = (asyncio.to_thread(self._cards.put_card_data, "t-1", {}) for _ in range(count))
        return await asyncio.gather(*changes)

    async def reply(self, webhook: str, staff_id: str | None) -> Any:
        message = ChatbotMessage.from_dict({"sessionWebhook": webhook})
        message.sender_staff_id = staff_id
        return ChatbotHandler().reply_text("你好", message)

    async def call_the_old_family(self) -> Any:
        return self._client.upload_to_dingtalk(b"png")
