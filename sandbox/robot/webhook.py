"""Answering through a message's sessionWebhook (A/0699, A/0717): no token, HTTP 200 with errcode."""

from collections.abc import Mapping
from typing import Any

from sandbox.call import Call
from sandbox.operation import Error, Family, Field, Operation
from sandbox.validate import texts
from sandbox.world import ROBOT
from sandbox.world.chats import Conversation, MessageKind
from sandbox.world.sessions import WEBHOOK_PATH

_MOST_AT = 50
_BAD = "400402"


def _text(name: str) -> Field:
    return Field(name, required=True, missing=_BAD, bad=_BAD)


TYPES: Mapping[str, tuple[Field, ...]] = {
    "text": (_text("content"),),
    "markdown": (_text("title"), _text("text")),
    "link": (_text("title"), _text("text"), _text("messageUrl"), Field("picUrl")),
    "actionCard": (
        _text("title"),
        _text("text"),
        Field("singleTitle"),
        Field("singleURL"),
        Field("btns", "objects", bad=_BAD, unit="items", fields=(Field("title"), Field("actionURL"))),
        Field("btnOrientation"),
    ),
    "feedCard": (
        Field(
            "links", "objects", required=True, missing=_BAD, bad=_BAD, unit="items",
            fields=(Field("title"), Field("messageURL"), Field("picURL")),
        ),
    ),
}  # fmt: skip
BODIES = tuple(
    Field(name, "object", required=True, missing=_BAD, bad=_BAD, fields=fields, when=("msgtype", (name,)))
    for name, fields in TYPES.items()
)
AT = Field(
    "at", "object",
    fields=(
        Field("atUserIds", "any", most=_MOST_AT, unit="items"),
        Field("atMobiles", "any", most=_MOST_AT, unit="items"),
        Field("isAtAll", "bool"),
    ),
)  # fmt: skip


async def _by_session(call: Call) -> Mapping[str, Any]:
    world = call.world
    found = world.sessions.find(call["session"])
    if found is None or world.clock.now() >= found[1]:
        raise call.fail(300001, "session 不存在")
    conversation = world.chats.conversations[found[0]]
    msgtype = call["msgtype"]
    world.meter.webhook()
    if msgtype == "empty":
        return {}
    kind, shown = content(call, msgtype)
    mentioned = mentions(call, conversation, str(shown.get("text", "")), may=msgtype in {"text", "markdown"})
    raw = {"msgtype": msgtype, msgtype: call.given[msgtype]}
    world.post(conversation, ROBOT, kind, shown, raw=raw, mentions=mentioned)
    return {}


def content(call: Call, msgtype: str) -> tuple[MessageKind, dict[str, Any]]:
    """Give kind and content of the message a phone shows."""
    body = call[msgtype]
    match msgtype:
        case "text":
            return "text", {"text": body["content"]}
        case "markdown":
            return "markdown", {"title": body["title"], "text": body["text"]}
        case "link":
            words = {"title": body["title"], "text": body["text"]}
            return "link", words | {"url": body["messageUrl"], "picture": body["picUrl"] or ""}
        case "actionCard":
            return "actionCard", _action_card(call)
        case _:
            names = {"title": "title", "url": "messageURL", "picture": "picURL"}
            links = [{ours: one[name] or "" for ours, name in names.items()} for one in body["links"]]
            return "feedCard", {"links": links}


def _action_card(call: Call) -> dict[str, Any]:
    """Give the content: one button by singleTitle and singleURL, or those of btns."""
    body = call["actionCard"]
    words = {"title": body["title"], "text": body["text"]}
    if body["singleTitle"] and body["singleURL"]:
        shown = [{"title": body["singleTitle"], "url": body["singleURL"]}]
    elif body["btns"] and not body["singleTitle"]:
        shown = [{"title": one["title"] or "", "url": one["actionURL"] or ""} for one in body["btns"]]
    else:
        raise call.fail(400402, "actionCard needs singleTitle and singleURL, or btns")
    return {**words, "buttons": shown, "horizontal": body["btnOrientation"] == "1"}


def mentions(call: Call, conversation: Conversation, text: str, *, may: bool) -> tuple[str, ...]:
    """Give who is mentioned: named in `at` and, as the page demands, in the text as well."""
    at = call["at"] or {}
    named = {userid: userid for userid in texts(at.get("atUserIds"))}
    mobiles = set(texts(at.get("atMobiles")))
    named |= {one.userid: one.mobile for one in call.world.directory.users.values() if one.mobile in mobiles}
    asked = [userid for userid, how in named.items() if f"@{how}" in text]
    if at.get("isAtAll"):
        asked = list(conversation.members)
    elif len(asked) < len(named):
        call.warnings.append("an @ shows only when the text names the id as well")
    return tuple(userid for userid in asked if userid in conversation.members) if may else ()


OPERATIONS = (
    Operation(
        "robot.by_session", "POST", WEBHOOK_PATH, Family.OLD, "通过 sessionWebhook 回复", "A/0699", _by_session,
        (
            Field("session", required=True, where="query", missing="300001"),
            Field("msgtype", required=True, missing="400105", bad="400105", choices=(*TYPES, "empty")),
            *BODIES,
            AT,
            Field("msgUuid"),
        ),
        counted=False, token=False,
        errors=(
            Error(300001, "session 不存在"),
            Error(400105, "不支持的消息类型"),
            Error(400402, "参数缺失，或者参数格式不正确"),
        ),
        note="metered apart: whether it counts isn't documented; 300001 and 400402 are field reports (2025, 2026)",
    ),
)  # fmt: skip
