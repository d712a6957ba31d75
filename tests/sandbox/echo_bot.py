"""The stock SDK's echo bot, unmodified, in a process of its own: the SDK reads its endpoint when it is imported."""

import sys

import dingtalk_stream
from dingtalk_stream import AckMessage, CallbackMessage, ChatbotHandler, ChatbotMessage, EventHandler, EventMessage


class Echo(ChatbotHandler):  # type: ignore[misc]
    """Say again what was said."""

    async def process(self, callback: CallbackMessage) -> tuple[int, str]:
        message = ChatbotMessage.from_dict(callback.data)
        self.reply_text(message.text.content, message)
        return AckMessage.STATUS_OK, "OK"


class Events(EventHandler):  # type: ignore[misc]
    """Take every event."""

    async def process(self, event: EventMessage) -> tuple[int, str]:
        return AckMessage.STATUS_OK, "OK"


client = dingtalk_stream.DingTalkStreamClient(dingtalk_stream.Credential(*sys.argv[1:3]))
client.register_callback_handler(ChatbotMessage.TOPIC, Echo())
client.register_all_event_handler(Events())
client.start_forever()
