"""`msgKey` and `msgParam` (A/0699): what each needs, and the message a phone shows of it."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.call import Call
from sandbox.operation import Error, Field
from sandbox.world.chats import MessageKind

PARAM_BYTES = 15_000
_INVALID = "invalidParameter.msgParam.invalid"
_FILE_TYPES = ("xlsx", "pdf", "zip", "rar", "doc", "docx")


def _text(name: str, *, choices: tuple[str, ...] = ()) -> Field:
    return Field(name, required=True, missing=_INVALID, bad=_INVALID, choices=choices)


def _texts(*names: str) -> tuple[Field, ...]:
    return tuple(_text(name) for name in names)


_NEEDED: Mapping[str, tuple[Field, ...]] = {
    "sampleText": _texts("content"),
    "sampleMarkdown": _texts("title", "text"),
    "sampleImageMsg": _texts("photoURL"),
    "sampleLink": _texts("text", "title", "picUrl", "messageUrl"),
    "sampleActionCard": _texts("title", "text", "singleTitle", "singleURL"),
    **{
        f"sampleActionCard{n}": _texts(
            "title", "text", *(f"action{what}{i}" for i in range(1, n + 1) for what in ("Title", "URL"))
        )
        for n in range(2, 6)
    },
    "sampleActionCard6": _texts("title", "text", "buttonTitle1", "buttonUrl1", "buttonTitle2", "buttonUrl2"),
    "sampleAudio": _texts("mediaId", "duration"),
    "sampleFile": (*_texts("mediaId", "fileName"), _text("fileType", choices=_FILE_TYPES)),
    "sampleVideo": (
        *_texts("duration", "videoMediaId", "picMediaId"),
        _text("videoType", choices=("mp4",)),
        Field("height", bad=_INVALID),
        Field("width", bad=_INVALID),
    ),
}  # fmt: skip
FIELDS: tuple[Field, ...] = (
    Field(
        "msgKey", required=True, missing="invalidParameter.msgKey.empty", bad="invalidParameter.msgKey.invalid",
        choices=tuple(_NEEDED),
    ),
    *(
        Field(
            "msgParam", required=True, most=PARAM_BYTES, unit="bytes", missing=_INVALID, bad=_INVALID,
            over="invalidParameter.msgParam.tooLong", shape="json", fields=fields, when=("msgKey", (key,)),
        )
        for key, fields in _NEEDED.items()
    ),
)  # fmt: skip
ERRORS = (Error(_INVALID, "msgParam格式非法"),)
_MEDIA = ("mediaId", "videoMediaId", "picMediaId")
_PLAIN: Mapping[str, tuple[MessageKind, Mapping[str, str]]] = {
    "sampleText": ("text", {"text": "content"}),
    "sampleMarkdown": ("markdown", {"title": "title", "text": "text"}),
    "sampleLink": ("link", {"title": "title", "text": "text", "url": "messageUrl", "picture": "picUrl"}),
    "sampleAudio": ("audio", {"media_id": "mediaId", "duration": "duration"}),
    "sampleFile": ("file", {"media_id": "mediaId", "name": "fileName", "type": "fileType"}),
    "sampleVideo": ("video", {"media_id": "videoMediaId", "duration": "duration"}),
}


def shown(call: Call) -> tuple[MessageKind, dict[str, Any], Mapping[str, Any]]:
    """Give kind, content and the parameters as sent; refuses media that nobody uploaded."""
    key, param = call["msgKey"], call["msgParam"]
    for name in _MEDIA:
        if param.get(name) and param[name] not in call.world.files.stored:
            raise call.fail(_INVALID, f"{name} is unknown")
    kind, content = _content(key, param)
    return kind, content, json.loads(call.given["msgParam"])


def _content(key: str, param: Mapping[str, Any]) -> tuple[MessageKind, dict[str, Any]]:
    if key == "sampleImageMsg":
        return "image", {"media_id" if param["photoURL"].startswith("@") else "url": param["photoURL"]}
    if key in _PLAIN:
        kind, plain = _PLAIN[key]
        return kind, {ours: param[theirs] for ours, theirs in plain.items()}
    names = {"singleTitle": "singleURL"}
    if key == "sampleActionCard6":
        names = {"buttonTitle1": "buttonUrl1", "buttonTitle2": "buttonUrl2"}
    elif key != "sampleActionCard":
        names = {f"actionTitle{i}": f"actionURL{i}" for i in range(1, int(key[-1]) + 1)}
    buttons = [{"title": param[title], "url": param[url]} for title, url in names.items()]
    content = {"title": param["title"], "text": param["text"]}
    return "actionCard", content | {"buttons": buttons, "horizontal": key == "sampleActionCard6"}
