"""DingTalk's frames into plain values. Tolerant: the documents spell some fields in two ways (§4.6, A/0699, E/0004)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

NO_CONTENT = 20001
"""The monthly push quota is used up: the frame comes without content (A/0699)."""


ID_LENGTH = 128
CODE_LENGTH = 1024
"""A download code's length isn't told; the samples have some forty characters (A/0719)."""
MOST_SOURCES = 8


class Malformed(ValueError):
    """The frame lacks what makes it one; the text names the field."""


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A picture or a file that was sent: `code` gets it (A/0719)."""

    kind: Literal["picture", "file"]
    code: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """A robot message. `text` is None for a kind that carries no words; `group` is set in groups only."""

    message_id: str
    staff_id: str
    text: str | None
    group: str | None = None
    group_title: str = ""
    webhook: str = ""
    webhook_until: datetime | None = None
    quota_exhausted: bool = False
    file: IncomingFile | None = None
    said_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class IncomingClick:
    """A card callback. `form` is None for a button."""

    track_id: str
    staff_id: str
    action: str = ""
    ref: str = ""
    comment: str = ""
    form: Mapping[str, Any] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IncomingPull:
    """A card on somebody's screen asks for its data. Which sources it names and with what parameters is only told."""

    track_id: str
    staff_id: str
    sources: tuple[str, ...]


def read_message(data: Mapping[str, Any]) -> IncomingMessage:
    """Read the data of `/v1.0/im/bot/messages/get`; raises `Malformed`."""
    message_id = read_id("msgId", data.get("msgId"))
    # Only a group has a title. Taken for a private chat, it would read what is one person's.
    in_group = _text(data.get("conversationType")) == "2" or bool(_text(data.get("conversationTitle")))
    until = data.get("sessionWebhookExpiredTime")
    error = data.get("errorCode", data.get("errCode"))
    return IncomingMessage(
        message_id=message_id,
        staff_id=_text(data.get("senderStaffId"))[:ID_LENGTH],
        text=_words(data),
        group=_text(data.get("conversationId")) if in_group else None,
        group_title=_text(data.get("conversationTitle")),
        webhook=_text(data.get("sessionWebhook")),
        webhook_until=_instant(until),
        quota_exhausted=_text(error) == str(NO_CONTENT),
        file=None if in_group else _file(data),
        said_at=_instant(data.get("createAt", data.get("timestamp"))),
    )


def read_click(data: Mapping[str, Any]) -> IncomingClick:
    """Read the data of `/v1.0/card/instances/callback`: `content` or `value`, parameters nested or not (§4.6)."""
    track_id = read_id("outTrackId", data.get("outTrackId"))
    content = _object(data.get("content")) or _object(data.get("value"))
    private = _object(content.get("cardPrivateData"))
    params = {**_object(content.get("params")), **_object(private.get("params"))}
    form = params.get("form")
    is_form = form is not None or _first(private.get("actionIds")) == "form"
    return IncomingClick(
        track_id=track_id,
        staff_id=_text(data.get("userId"))[:ID_LENGTH],
        action=_text(params.get("action")),
        ref=_text(params.get("ref")),
        comment=_text(params.get("comment")).strip(),
        form=_cleaned(_object(form)) if is_form else None,
    )


def read_pull(data: Mapping[str, Any]) -> IncomingPull:
    """Read the data of `/v1.0/card/dynamicData/get` (C1/0008); raises `Malformed`."""
    track_id = read_id("outTrackId", data.get("outTrackId"))
    asked = _object(data.get("content")).get("dynamicDataSourceQueryRequests")
    named = (
        [_text(_object(one).get("dynamicDataSourceId"))[:ID_LENGTH] for one in asked[:MOST_SOURCES]]
        if isinstance(asked, list)
        else []
    )
    return IncomingPull(track_id, _text(data.get("userId"))[:ID_LENGTH], tuple(name for name in named if name))


def read_id(name: str, value: object) -> str:
    """Read an id we store something under; raises `Malformed` without one, or when no id of DingTalk's is that long."""
    found = _text(value)
    if not 0 < len(found) <= ID_LENGTH:
        raise Malformed(name)
    return found


def _file(data: Mapping[str, Any]) -> IncomingFile | None:
    """Give the picture or the file of a message; of rich text its first picture."""
    content = _object(data.get("content"))
    kind = _text(data.get("msgtype"))
    rich = content.get("richText")
    if kind == "richText" and isinstance(rich, list):
        parts = (_object(part) for part in rich)
        content, kind = next((part for part in parts if part.get("type") == "picture"), {}), "picture"
    code = _text(content.get("downloadCode"))
    if kind not in {"picture", "file"} or not 0 < len(code) <= CODE_LENGTH:
        return None
    return IncomingFile("picture" if kind == "picture" else "file", code, _text(content.get("fileName"))[:ID_LENGTH])


def _words(data: Mapping[str, Any]) -> str | None:
    """Give the words of a text, of rich text, or what speech recognition heard; None where there are none."""
    content = _object(data.get("content"))
    kind = _text(data.get("msgtype"))
    text = _object(data.get("text")).get("content")
    if isinstance(text, str):
        return _said(text)
    if kind == "text" and isinstance(content.get("content"), str):
        return _said(content["content"])
    rich = content.get("richText")
    if isinstance(rich, list):
        parts = [_text(part.get("text")) for part in rich if isinstance(part, Mapping)]
        return _said("".join(parts)) or None
    heard = content.get("recognition")
    return _said(heard).rstrip("。") or None if isinstance(heard, str) else None


_INVISIBLE = str.maketrans("", "", "\u200b\u2060\ufeff")
_MENTIONS = 5


def _said(text: str) -> str:
    """Give what was said to the robot: without invisible characters and without the @ that addressed it.

    The samples leave the mention of the robot out (A/0699); a name at either end is no part of what was said.
    """
    said = _clean(text).translate(_INVISIBLE).strip()
    for _ in range(_MENTIONS):
        first, *rest = said.split(maxsplit=1)[:2] or [""]
        if first.startswith("@") and rest:
            said = rest[0]
            continue
        *rest, last = said.rsplit(maxsplit=1)[-2:] or [""]
        if not (last.startswith("@") and rest):
            break
        said = rest[0]
    return said


def _object(value: object) -> Mapping[str, Any]:
    """Give an object that may have come as JSON text; anything else is an empty one."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    return _clean(value) if isinstance(value, str) else str(value) if isinstance(value, int) else ""


def _clean(text: str) -> str:
    """Give text that every store takes: half an emoji (a lone surrogate) and NUL are no characters."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, Mapping):
        return {_text(key): _cleaned(one) for key, one in value.items()}
    return [_cleaned(one) for one in value] if isinstance(value, list) else value


def _first(value: object) -> str:
    return _text(value[0]) if isinstance(value, list) and value else ""


def _instant(value: object) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(value) / 1000, UTC)  # type: ignore[call-overload]
    except (TypeError, ValueError, OverflowError, OSError):
        return None
