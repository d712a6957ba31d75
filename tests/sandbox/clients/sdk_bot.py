"""A robot on the unmodified `dingtalk_stream` SDK, which reads its endpoint when it is imported: so in its own process.

Run as `python -m tests.sandbox.clients.sdk_bot CLIENT_ID CLIENT_SECRET [threads]`. With `threads` messages go to an
`AsyncChatbotHandler`, which acknowledges first and works in a pool.
"""

import json
import sys
from typing import Any

import dingtalk_stream
from dingtalk_stream import (
    AckMessage,
    AsyncChatbotHandler,
    CallbackHandler,
    CallbackMessage,
    CardReplier,
    ChatbotHandler,
    ChatbotMessage,
    EventHandler,
    EventMessage,
)
from dingtalk_stream.card_callback import CardCallbackMessage

NOTICE = "dinghr-notice.schema"
VALUES = {"title": "SDK", "buttons": json.dumps([{"id": "yes", "text": "好"}])}


class Bot(ChatbotHandler):  # type: ignore[misc]
    """Do with the SDK what the message says."""

    async def process(self, callback: CallbackMessage) -> tuple[int, str]:
        message = ChatbotMessage.from_dict(callback.data)
        if message.message_type == "picture":
            self.reply_text(self.get_image_download_url(message.image_content.download_code), message)
            return AckMessage.STATUS_OK, "OK"
        match message.text.content.strip():
            case "markdown":
                self.reply_markdown("标题", "**你好**", message)
            case "card":
                CardReplier(self.dingtalk_client, message).create_and_deliver_card(NOTICE, VALUES, at_sender=True)
            case "async card":
                await CardReplier(self.dingtalk_client, message).async_create_and_deliver_card(NOTICE, VALUES)
            case "two steps":
                CardReplier(self.dingtalk_client, message).create_and_send_card(NOTICE, VALUES, at_all=True)
            case "two async steps":
                recipients = [message.sender_staff_id]
                card = CardReplier(self.dingtalk_client, message)
                await card.async_create_and_send_card(NOTICE, VALUES, recipients=recipients)
            case "markdown card":
                self.reply_markdown_card("**第一**", message, title="SDK").update("**第二**")
            case "button card":
                self.reply_markdown_button(
                    message, "**选吧**", [{"text": "好", "url": "https://dingtalk.com"}], title="SDK"
                )
            case "closed":
                self.reply_text(f"closed: {self.reply_card({'contents': []}, message)!r}", message)
            case words:
                self.reply_text(words, message)
        return AckMessage.STATUS_OK, "OK"


class ThreadedBot(AsyncChatbotHandler):  # type: ignore[misc]
    """Echo from a pool."""

    def process(self, callback: CallbackMessage) -> None:
        message = ChatbotMessage.from_dict(callback.data)
        self.reply_text(message.text.content, message)


class Cards(CallbackHandler):  # type: ignore[misc]
    """Answer a tap with a card, and show everyone."""

    async def process(self, callback: CallbackMessage) -> tuple[int, dict[str, Any]]:
        tap = CardCallbackMessage.from_dict(callback.data)
        action = tap.content["cardPrivateData"]["params"]["action"]
        by_key = {"updateCardDataByKey": True, "updatePrivateDataByKey": True}
        card = CardReplier(self.dingtalk_client, ChatbotMessage())
        if action == "yes":
            values = {"cardUpdateOptions": by_key, "cardData": {"cardParamMap": {"status": f"{tap.user_id}: {action}"}}}
            return AckMessage.STATUS_OK, values
        await card.async_put_card_data(
            tap.card_instance_id, {"status": f"{tap.user_id}: {action}"}, cardUpdateOptions=by_key
        )
        return AckMessage.STATUS_OK, {}


class Events(EventHandler):  # type: ignore[misc]
    """Take every event."""

    async def process(self, event: EventMessage) -> tuple[int, str]:
        return AckMessage.STATUS_OK, "OK"


client = dingtalk_stream.DingTalkStreamClient(dingtalk_stream.Credential(*sys.argv[1:3]))
client.register_callback_handler(ChatbotMessage.TOPIC, ThreadedBot() if "threads" in sys.argv else Bot())
client.register_callback_handler(CallbackHandler.TOPIC_CARD_CALLBACK, Cards())
client.register_all_event_handler(Events())
client.start_forever()
