"""`msgKey` and `msgParam` (A/0699): what each needs, and the message a phone shows of it."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.call import Call
from sandbox.world.chats import MessageKind

_NEEDED: Mapping[str, tuple[str, ...]] = {
    "sampleText": ("content",),
    "sampleMarkdown": ("title", "text"),
    "sampleImageMsg": ("photoURL",),
    "sampleLink": ("text", "title", "picUrl", "messageUrl"),
    "sampleActionCard": ("title", "text", "singleTitle", "singleURL"),
    **{
        f"sampleActionCard{n}": (
            "title", "text", *(f"actionTitle{i}" for i in range(1, n + 1)), *(f"actionURL{i}" for i in range(1, n + 1)),
        )
        for n in range(2, 6)
    },
    "sampleActionCard6": ("title", "text", "buttonTitle1", "buttonUrl1", "buttonTitle2", "buttonUrl2"),
    "sampleAudio": ("mediaId", "duration"),
    "sampleFile": ("mediaId", "fileName", "fileType"),
    "sampleVideo": ("duration", "videoMediaId", "videoType", "picMediaId"),
}  # fmt: skip
_PLAIN: Mapping[str, tuple[MessageKind, Mapping[str, str]]] = {
    "sampleText": ("text", {"text": "content"}),
    "sampleMarkdown": ("markdown", {"title": "title", "text": "text"}),
    "sampleLink": ("link", {"title": "title", "text": "text", "url": "messageUrl", "picture": "picUrl"}),
    "sampleAudio": ("audio", {"media_id": "mediaId", "duration": "duration"}),
    "sampleFile": ("file", {"media_id": "mediaId", "name": "fileName", "type": "fileType"}),
    "sampleVideo": ("video", {"media_id": "videoMediaId", "duration": "duration"}),
}
_FILE_TYPES = frozenset({"xlsx", "pdf", "zip", "rar", "doc", "docx"})


def shown(call: Call) -> tuple[MessageKind, dict[str, Any], Mapping[str, Any]]:
    """Give kind, content and the parameters as sent; refuses what A/0699 doesn't list."""
    key = call["msgKey"]
    needed = _NEEDED.get(key)
    if needed is None:
        raise call.fail("invalidParameter.msgKey.invalid", f"msgKey {key} doesn't exist")
    try:
        param = json.loads(call["msgParam"])
    except ValueError:
        param = None
    if not isinstance(param, dict):
        raise call.fail("invalidParameter.msgParam.invalid", "msgParam is not a JSON object")
    missing = [name for name in needed if not isinstance(param.get(name), str) or not param[name]]
    if missing:
        raise call.fail("invalidParameter.msgParam.invalid", f"{key} needs texts for {', '.join(missing)}")
    for name in ("mediaId", "videoMediaId", "picMediaId"):
        if name in needed and param[name] not in call.world.files.stored:
            raise call.fail("invalidParameter.msgParam.invalid", f"{name} is unknown")
    if key == "sampleFile" and param["fileType"] not in _FILE_TYPES:
        raise call.fail("invalidParameter.msgParam.invalid", f"fileType {param['fileType']} can't be sent")
    kind, content = _content(key, param)
    return kind, content, param


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
