"""Frames as text and back: what came in, checked; what goes out, with the fields DingTalk insists on.

The protocol is described by the stream SDKs and their developer page (2025-05). A frame holds a second JSON text in its
`data`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.compact import dumps, loads

from .sdk import AckMessage, CallbackMessage, EventMessage, SystemMessage

SYSTEM: str = SystemMessage.TYPE
EVENT: str = EventMessage.TYPE
CALLBACK: str = CallbackMessage.TYPE
OK, BAD_REQUEST, UNKNOWN_TOPIC, FAILED = 200, 400, 404, 500

LARGEST = 256 * 1024
"""Bytes of a frame that is still handed on; the Java SDK stops at the same size."""
_LONGEST_ID = 256


class Malformed(ValueError):
    """Not a frame. `message_id` and `kind` are what could be read of it, else empty."""

    def __init__(self, reason: str, message_id: str = "", kind: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.message_id = message_id
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame whose envelope is sound. `data` is still the text as it came."""

    kind: str
    topic: str
    message_id: str
    headers: Mapping[str, Any]
    data: str
    spec_version: str


def read(content: str | bytes) -> Frame:
    """Give the frame in a WebSocket message; raises `Malformed`."""
    envelope = _envelope(content)
    headers = envelope.get("headers")
    kind = envelope.get("type")
    kind = kind if isinstance(kind, str) else ""
    if not isinstance(headers, dict):
        raise Malformed("no headers", kind=kind)
    message_id = headers.get("messageId")
    if type(message_id) is int:  # The protocol has text; an id is one as a number too.
        message_id = str(message_id)
        headers = {**headers, "messageId": message_id}
    message_id = message_id if isinstance(message_id, str) and len(message_id) <= _LONGEST_ID else ""
    if isinstance(content, bytes):
        raise Malformed("binary", message_id, kind)
    if len(content) * 4 > LARGEST and len(content.encode()) > LARGEST:
        raise Malformed("too large", message_id, kind)
    topic, data = headers.get("topic", ""), envelope.get("data", "")
    if not kind:
        raise Malformed("no type", message_id)
    if not message_id and kind != SYSTEM:
        raise Malformed("no messageId", kind=kind)
    if not isinstance(topic, str):
        raise Malformed("topic is no text", message_id, kind)
    if isinstance(data, dict):  # Text by the protocol, an object in many a sample.
        data = dumps(data)
    if not isinstance(data, str):
        raise Malformed("data is no text", message_id, kind)
    return Frame(kind, topic, message_id, headers, data, str(envelope.get("specVersion", "")))


def message(frame: Frame) -> EventMessage | CallbackMessage:
    """Give the SDK's message of an EVENT or CALLBACK frame; raises `Malformed`."""
    model = EventMessage if frame.kind == EVENT else CallbackMessage
    headers = frame.headers
    try:
        data = loads(frame.data) if frame.data else {}
        if frame.kind == EVENT and not headers.get("eventType"):
            headers, data = _taken_apart(headers, data)
        built = model.from_dict({"specVersion": frame.spec_version, "headers": _numeric_times(headers)})
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise Malformed("data is no JSON object", frame.message_id, frame.kind)
    built.data = data
    return built


def plain_ack(message_id: str, code: int, text: str, data: str) -> str:
    """Give an ack; `data` is JSON text already."""
    headers = {"messageId": message_id, "contentType": "application/json"}
    return dumps({"code": code, "message": text, "headers": headers, "data": data})


def refusal(message_id: str, kind: str, code: int, reason: str) -> str:
    """Give the ack of a frame that wasn't taken. An EVENT is asked for again: it was not processed."""
    data = {"status": "LATER", "message": reason} if kind == EVENT else {"response": None}
    return plain_ack(message_id, code, reason, dumps(data))


def ack(frame: Frame, answer: AckMessage) -> str:
    """Give a handler's ack as text; an EVENT's gets the `status` that the SDK leaves out."""
    if not isinstance(answer, AckMessage):
        raise TypeError(f"a handler has to return an AckMessage, not {type(answer).__name__}")
    said = str(answer.message or "")
    if frame.kind == EVENT and not was_put_off(answer):
        data: Any = {"status": "SUCCESS" if answer.code == OK else "LATER", "message": said}
    else:
        data = answer.data
    return plain_ack(frame.message_id, answer.code, said, dumps(data))


def was_put_off(answer: AckMessage) -> bool:
    """Tell whether a handler asked to get the event again later."""
    return isinstance(answer.data, dict) and answer.data.get("status") == "LATER"


def _envelope(content: str | bytes) -> dict[str, Any]:
    try:
        envelope = loads(content)
    except (ValueError, RecursionError):
        raise Malformed("no JSON") from None
    if not isinstance(envelope, dict):
        raise Malformed("no JSON object")
    return envelope


def _taken_apart(headers: Mapping[str, Any], data: Any) -> tuple[Mapping[str, Any], Any]:
    """Give headers and data of an event that came as the event pages print it: all in one object."""
    if not (isinstance(data, dict) and isinstance(data.get("data"), dict) and data.get("eventType")):
        return headers, data
    told = {name: str(value) for name, value in data.items() if name.startswith("event")}
    return {**headers, **told}, data["data"]


def _numeric_times(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out times that the SDK would stumble over: nothing is decided by them."""

    def sound(name: str, value: Any) -> bool:
        return name not in {"time", "eventBornTime"} or (isinstance(value, str | int) and str(value).isdigit())

    return {name: value for name, value in headers.items() if sound(name, value)}
