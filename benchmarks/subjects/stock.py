"""The stock bot: dingtalk-stream with its own loop and its own blocking `reply_text`."""

import logging
import os

import dingtalk_stream


class Echo(dingtalk_stream.ChatbotHandler):  # type: ignore[misc]  # the SDK is untyped
    """Answers with the same words."""

    async def process(self, callback: dingtalk_stream.CallbackMessage) -> tuple[int, str]:
        message = dingtalk_stream.ChatbotMessage.from_dict(callback.data)
        self.reply_text(message.text.content, message)
        return dingtalk_stream.AckMessage.STATUS_OK, "OK"


def main() -> None:
    """Run until killed."""
    logging.disable(logging.CRITICAL)
    credential = dingtalk_stream.Credential(os.environ["DINGTALK_CLIENT_ID"], os.environ["DINGTALK_CLIENT_SECRET"])
    client = dingtalk_stream.DingTalkStreamClient(credential)
    client.register_callback_handler(dingtalk_stream.ChatbotMessage.TOPIC, Echo())
    client.start_forever()


if __name__ == "__main__":
    main()
