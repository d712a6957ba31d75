"""The parts of dingtalk-stream that we build on: handlers, frames, topics.

Import them from here: with websockets 14 and later, `websockets.exceptions` has to be loaded before the SDK, which
looks it up lazily in the middle of handling its first network failure and dies of an AttributeError.
"""

import websockets.exceptions  # isort: split

from dingtalk_stream import (
    AckMessage,
    CallbackHandler,
    CallbackMessage,
    ChatbotMessage,
    Credential,
    DingTalkStreamClient,
    EventHandler,
    EventMessage,
    SystemMessage,
)

__all__ = [
    "CARD_TOPIC",
    "DYNAMIC_DATA_TOPIC",
    "ROBOT_TOPIC",
    "AckMessage",
    "CallbackHandler",
    "CallbackMessage",
    "Credential",
    "DingTalkStreamClient",
    "EventHandler",
    "EventMessage",
    "SystemMessage",
    "websockets",
]

ROBOT_TOPIC: str = ChatbotMessage.TOPIC
CARD_TOPIC: str = CallbackHandler.TOPIC_CARD_CALLBACK
DYNAMIC_DATA_TOPIC = "/v1.0/card/dynamicData/get"
