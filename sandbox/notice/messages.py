"""The kinds of work notifications (A/0775): what each needs, and the message a phone shows of it."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.call import Call
from sandbox.operation import Field
from sandbox.world.chats import MessageKind

_LONGEST_VOICE = 60
_LARGEST_FILE = 10 * 1024 * 1024
_MOST_BUTTONS = 1000
SHOWN_ROWS = 6

_MEDIA = Field("media_id", required=True, missing="41006")
_OA = Field(
    "oa", "object",
    fields=(
        Field("message_url", required=True), Field("pc_message_url"),
        Field(
            "head", "object", required=True,
            fields=(Field("bgcolor", required=True, most=8), Field("text", required=True)),
        ),
        Field("status_bar", "object", fields=(Field("status_value"), Field("status_bg"))),
        Field(
            "body", "object", required=True,
            fields=(
                Field("title"), Field("form", "objects", fields=(Field("key"), Field("value"))),
                Field("rich", "object", fields=(Field("num"), Field("unit"))), Field("content"), Field("image"),
                Field("file_count"), Field("author"),
            ),
        ),
    ),
)  # fmt: skip
_ACTION_CARD = Field(
    "action_card", "object",
    fields=(
        Field("title"), Field("markdown", required=True), Field("single_title", most=20),
        Field("single_url", most=500), Field("btn_orientation", choices=("0", "1")),
        Field(
            "btn_json_list", "objects",
            fields=(Field("title", required=True, most=20), Field("action_url", required=True, most=700)),
        ),
    ),
)  # fmt: skip
KINDS = (
    Field("text", "object", fields=(Field("content", required=True),)),
    Field("image", "object", fields=(_MEDIA,)),
    Field("voice", "object", fields=(_MEDIA, Field("duration", required=True))),
    Field("file", "object", fields=(_MEDIA,)),
    Field(
        "link", "object",
        fields=tuple(Field(name, required=True) for name in ("messageUrl", "picUrl", "title", "text")),
    ),
    _OA,
    Field("markdown", "object", fields=(Field("title", required=True), Field("text", required=True, most=5000))),
    _ACTION_CARD,
)  # fmt: skip
MESSAGE = Field(
    "msg", "object", required=True, most=2048, unit="bytes", over="34016",
    fields=(Field("msgtype", required=True, choices=tuple(one.name for one in KINDS)), *KINDS),
)  # fmt: skip


def shown(call: Call) -> tuple[MessageKind, dict[str, Any]]:
    """Give kind and content of the one message in `msg`."""
    message = call["msg"]
    kind, body = message["msgtype"], message[message["msgtype"]]
    if body is None:
        raise call.fail(40035, f"缺少参数 msg.{kind}")
    match kind:
        case "text":
            return "text", {"text": body["content"]}
        case "markdown":
            return "markdown", {"title": body["title"], "text": body["text"]}
        case "link":
            return "link", {
                "title": body["title"], "text": body["text"], "url": body["messageUrl"], "picture": body["picUrl"],
            }  # fmt: skip
        case "action_card":
            return "actionCard", _action_card(call, body)
        case "oa":
            return "oa", _oa(call, body)
        case _:
            return _media(call, kind, body)


def _media(call: Call, kind: str, body: Mapping[str, Any]) -> tuple[MessageKind, dict[str, Any]]:
    media_id = body["media_id"]
    stored = call.world.files.stored.get(media_id)
    if stored is None:
        raise call.fail(40007, "不合法的媒体文件id")
    if kind == "image":
        return "image", {"media_id": media_id}
    if kind == "file":
        if len(stored.content) > _LARGEST_FILE:
            raise call.fail(45001, "多媒体文件大小超过限制")
        return "file", {"media_id": media_id, "name": stored.name, "type": stored.name.rpartition(".")[2]}
    if not body["duration"].isdigit() or not 0 < int(body["duration"]) < _LONGEST_VOICE:
        raise call.fail(40035, "duration is a positive integer below 60")
    return "audio", {"media_id": media_id, "duration": int(body["duration"]) * 1000, "recognition": ""}


def _action_card(call: Call, body: Mapping[str, Any]) -> dict[str, Any]:
    """One button for the whole card, or a list of buttons and how they lie."""
    content = {"title": body["title"] or body["markdown"][:20], "text": body["markdown"]}
    if body["single_title"] and body["single_url"]:
        buttons = [{"title": body["single_title"], "url": body["single_url"]}]
    elif body["btn_json_list"] and body["btn_orientation"]:
        buttons = [{"title": one["title"], "url": one["action_url"]} for one in body["btn_json_list"]]
        if len(json.dumps(body["btn_json_list"], ensure_ascii=False, separators=(",", ":"))) > _MOST_BUTTONS:
            raise call.fail(40035, "btn_json_list: 1000 characters at most")
    else:
        raise call.fail(40035, "single_title and single_url, or btn_json_list and btn_orientation")
    return {**content, "buttons": buttons, "horizontal": body["btn_orientation"] == "1"}


def _oa(call: Call, body: Mapping[str, Any]) -> dict[str, Any]:
    """The head's text is replaced by the app's name; six rows are shown and the rest hidden."""
    inner, bar = body["body"], body["status_bar"] or {}
    rich = inner["rich"] or {}
    rows = [{"key": one["key"] or "", "value": one["value"] or ""} for one in inner["form"] or ()]
    if len(rows) > SHOWN_ROWS:
        call.warnings.append(f"{len(rows)} rows: {SHOWN_ROWS} are shown")
    return {
        "head": call.world.app.robot_name, "title": inner["title"] or "", "rows": rows[:SHOWN_ROWS],
        "rich": f"{rich.get('num') or ''}{rich.get('unit') or ''}", "text": inner["content"] or "",
        "picture": inner["image"] or "", "files": inner["file_count"] or "", "author": inner["author"] or "",
        "url": body["message_url"], "status": bar.get("status_value") or "",
        "status_color": colour(bar.get("status_bg")),
    }  # fmt: skip


def colour(text: str | None) -> str:
    """Read `0xFF78C06E` as a colour of the page; empty for anything else."""
    digits = (text or "").lower().removeprefix("0x")[-6:]
    return f"#{digits}" if len(digits) == 6 and all(one in "0123456789abcdef" for one in digits) else ""
