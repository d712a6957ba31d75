"""What a frame or call says, in a few words for a list."""

from collections.abc import Mapping
from typing import Any

from sandbox.page.bodies import inner
from sandbox.page.values import shown
from sandbox.world import Entry
from sandbox.world.stream import CARD_TOPIC, ROBOT_TOPIC

_LONGEST = 60
_KINDS = {"picture": "[图片]", "file": "[文件]", "audio": "[语音]", "video": "[视频]", "richText": "[图文]"}


def gist(entry: Entry) -> str:
    """Give what an entry says, in a few words: the text, the button, the card's title."""
    body = entry.request if isinstance(entry.request, dict) else {}
    match entry.kind:
        case "frame":
            words = _pushed(entry.api, inner(body.get("data")) or {})
        case "call" | "webhook":
            words = _called(body)
        case _:
            words = ""
    words = " ".join(words.split())
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"


def _pushed(topic: str, data: Any) -> str:
    if not isinstance(data, dict):
        return ""
    if topic == ROBOT_TOPIC:
        text = data.get("text")
        content = text.get("content") if isinstance(text, dict) else None
        return f"“{content.strip()}”" if isinstance(content, str) else _KINDS.get(str(data.get("msgtype")), "")
    if topic == CARD_TOPIC:
        content = inner(data.get("content"))
        private = content.get("cardPrivateData") if isinstance(content, dict) else None
        params = private.get("params") if isinstance(private, dict) else None
        if not isinstance(params, dict):
            return ""
        return "提交表单" if "form" in params else f"按钮 {shown(params.get('action'))}"
    return "，".join(str(one) for key in ("userId", "deptId") for one in (data.get(key) or []) if key in data)[:80]


def _called(body: Mapping[str, Any]) -> str:
    card = body.get("cardData")
    params = card.get("cardParamMap") if isinstance(card, dict) else inner(body.get("msgParam"))
    for holder in (params, body.get("text"), body.get("markdown"), body.get("actionCard"), body.get("link")):
        if isinstance(holder, dict):
            words = holder.get("title") or holder.get("content") or holder.get("text") or holder.get("status")
            return f"“{shown(words)}”" if words else "，".join(list(holder)[:5])
    named = body.get("userid") or body.get("userIds") or body.get("dept_id")
    return "" if named is None else (", ".join(map(str, named)) if isinstance(named, list) else str(named))
