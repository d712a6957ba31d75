"""Answering through a message's sessionWebhook (A/0699, A/0717): no token, HTTP 200 with errcode."""

from collections.abc import Mapping
from typing import Any

from sandbox.call import Call
from sandbox.operation import Family, Field, Operation
from sandbox.validate import inner, inners, texts
from sandbox.world import ROBOT
from sandbox.world.chats import Conversation, MessageKind
from sandbox.world.sessions import WEBHOOK_PATH

_MOST_AT = 50


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
    kind, content = _content(call, msgtype)
    mentions = _mentions(call, conversation, str(content.get("text", "")), may=msgtype in {"text", "markdown"})
    raw = {"msgtype": msgtype, msgtype: call[msgtype]}
    world.post(conversation, ROBOT, kind, content, raw=raw, mentions=mentions)
    return {}


def _content(call: Call, msgtype: str) -> tuple[MessageKind, dict[str, Any]]:
    match msgtype:
        case "text":
            return "text", {"text": _text(call, msgtype, "content")}
        case "markdown":
            return "markdown", {"title": _text(call, msgtype, "title"), "text": _text(call, msgtype, "text")}
        case "link":
            return "link", {
                "title": _text(call, msgtype, "title"), "text": _text(call, msgtype, "text"),
                "url": _text(call, msgtype, "messageUrl"), "picture": inner(call["link"]).get("picUrl", ""),
            }  # fmt: skip
        case "actionCard":
            return "actionCard", _action_card(call)
        case "feedCard":
            links = inners(inner(call["feedCard"]).get("links"))
            if not links:
                raise _lacking(call, msgtype, "links")
            names = {"title": "title", "url": "messageURL", "picture": "picURL"}
            return "feedCard", {"links": [{ours: one.get(name, "") for ours, name in names.items()} for one in links]}
        case _:
            raise call.fail(400105, f"不支持的消息类型 {msgtype}")


def _action_card(call: Call) -> dict[str, Any]:
    body = inner(call["actionCard"])
    content = {"title": _text(call, "actionCard", "title"), "text": _text(call, "actionCard", "text")}
    buttons = inners(body.get("btns"))
    if body.get("singleTitle"):
        shown = [{"title": body["singleTitle"], "url": _text(call, "actionCard", "singleURL")}]
    elif buttons:
        shown = [{"title": one.get("title", ""), "url": one.get("actionURL", "")} for one in buttons]
    else:
        raise _lacking(call, "actionCard", "singleTitle")
    return {**content, "buttons": shown, "horizontal": str(body.get("btnOrientation", "0")) == "1"}


def _text(call: Call, msgtype: str, name: str) -> str:
    value = inner(call[msgtype]).get(name)
    if not isinstance(value, str) or not value:
        raise _lacking(call, msgtype, name)
    return value


def _lacking(call: Call, msgtype: str, name: str) -> Exception:
    return call.fail(400402, f"错误描述:参数 {msgtype} --》 {name} 缺失，或者参数格式不正确;")


def _mentions(call: Call, conversation: Conversation, text: str, *, may: bool) -> tuple[str, ...]:
    """Give who is mentioned: named in `at` and, as the page demands, in the text as well."""
    at = inner(call["at"])
    asked = texts(at.get("atUserIds"))
    if len(asked) > _MOST_AT:
        raise call.fail(40035, f"at: {len(asked)} people, {_MOST_AT} at most")
    if at.get("isAtAll"):
        asked = list(conversation.members)
    elif any(f"@{userid}" not in text for userid in asked):
        call.warnings.append("an @ shows only when the text names the id as well")
        asked = [userid for userid in asked if f"@{userid}" in text]
    return tuple(userid for userid in asked if userid in conversation.members) if may else ()


OPERATIONS = (
    Operation(
        "robot.by_session", "POST", WEBHOOK_PATH, Family.OLD, "通过 sessionWebhook 回复", "A/0699", _by_session,
        (
            Field("session", required=True, where="query", missing="300001"),
            Field("msgtype", required=True, missing="400105"),
            *(Field(name, "object") for name in ("text", "markdown", "link", "actionCard", "feedCard", "at")),
            Field("msgUuid"),
        ),
        counted=False, token=False,
        note="metered apart: whether it counts isn't documented; 300001 and 400402 are field reports (2025, 2026)",
    ),
)  # fmt: skip
