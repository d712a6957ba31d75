"""The robot's ear: a stream client that stays connected, on the SDK's handlers and frames."""

from .backoff import Backoff
from .client import Pace, StreamClient
from .sdk import (
    CARD_TOPIC,
    DYNAMIC_DATA_TOPIC,
    ROBOT_TOPIC,
    AckMessage,
    CallbackHandler,
    CallbackMessage,
    Credential,
    EventHandler,
    EventMessage,
)
from .worker import StreamStats

__all__ = [
    "CARD_TOPIC",
    "DYNAMIC_DATA_TOPIC",
    "ROBOT_TOPIC",
    "AckMessage",
    "Backoff",
    "CallbackHandler",
    "CallbackMessage",
    "Credential",
    "EventHandler",
    "EventMessage",
    "Pace",
    "StreamClient",
    "StreamStats",
]
