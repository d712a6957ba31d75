"""What there is to a card beside its instance: streaming, callbacks in HTTP mode, the top of a group, old calls."""

from collections.abc import Mapping
from typing import Any

from sandbox.call import Call
from sandbox.card import values
from sandbox.operation import Error, Family, Field, Operation
from sandbox.world import Change
from sandbox.world.cards import Callback

_ONCE_BYTES, _ALL_BYTES = 1024, 3 * 1024
_CLOSED = "Forbidden.AccessDenied.AccessTokenPermissionDenied"


async def _stream(call: Call) -> Mapping[str, Any]:
    card = call.world.cards.cards.get(call["outTrackId"])
    if card is None:
        raise call.fail("param.stream.outTrackId", "card is not exist")
    done = {"success": True, "result": True}
    if call["guid"] in card.streamed:
        return done
    key, kind = call["key"], card.template.variables.get(call["key"])
    if kind == "markdown" and not call["isFull"]:
        raise call.fail("param.stream.isFull", "isFull must be true for a markdown variable")
    if kind is None:
        call.warnings.append(f"{key}: the template {card.template.name} has no such variable")
    if card.flow in {"done", "failed"}:
        call.warnings.append(f"the card is {card.flow} already")
    text = call["content"] if call["isFull"] else card.data.get(key, "") + call["content"]
    if (size := len(text.encode())) > _ALL_BYTES:
        call.warnings.append(f"{key}: {size} bytes in all, {_ALL_BYTES} advised")
    card.streamed.add(call["guid"])
    card.flow = "failed" if call["isError"] else "done" if call["isFinalize"] else "writing"
    card.update({key: text}, by_key=True)
    call.world.feed.tell(Change("card", card.out_track_id))
    return done


async def _register(call: Call) -> Mapping[str, Any]:
    callbacks, key = call.world.cards.callbacks, call["callbackRouteKey"]
    if key in callbacks and not call["forceUpdate"]:
        raise call.fail("param.callbackRouteKeyExist", f"callbackRouteKey {key} exists already")
    callbacks[key] = Callback(call["callbackUrl"], call["apiSecret"] or "")
    call.warnings.append("callbacks in HTTP mode aren't called here")
    secret = {"apiSecret": call["apiSecret"]} if call["apiSecret"] else {}
    return {"success": True, "result": {"callbackUrl": call["callbackUrl"], **secret}}


async def _close_top(call: Call) -> Mapping[str, Any]:
    card, conversation_id = values.existing(call), call["openConversationId"]
    if conversation_id not in call.world.chats.conversations:
        raise call.fail("param.conversationIdInvalid", "openConversationId is not valid")
    closed = card.tops.pop(conversation_id, None) is not None
    call.world.feed.tell(Change("card", card.out_track_id, conversation_id))
    return {"success": True, "result": closed}


async def _copy(call: Call) -> Mapping[str, Any]:
    if call["templateId"] not in call.world.cards.templates:
        raise call.fail("template.not.exist", "Target template don't exist")
    raise call.fail("copy.template.error", "Template copy error: only for apps of third parties")


async def _closed(call: Call) -> Mapping[str, Any]:
    raise call.fail(_CLOSED, "没有调用该接口的权限：不再支持新应用接入")


def _old(name: str, method: str, path: str, summary: str, page: str) -> Operation:
    """Describe a call that takes no new apps since 2024-12-31."""
    return Operation(
        f"card.{name}", method, path, Family.NEW, summary, page, _closed, counted=False,
        errors=(Error(_CLOSED, "没有调用该接口的权限", status=403),),
        note="takes no new apps since 2024-12-31, so every call is refused; the code is assumed",
    )  # fmt: skip


OPERATIONS = (
    Operation(
        "card.stream", "PUT", "/v1.0/card/streaming", Family.NEW, "AI卡片流式更新", "A/0785", _stream,
        (
            Field("outTrackId", required=True, missing="param.stream.outTrackId"),
            Field("guid", required=True, missing="param.stream.guidEmpty"),
            Field("key", required=True, missing="param.stream.keyEmpty"),
            Field(
                "content", required=True, most=_ONCE_BYTES, unit="bytes", missing="param.stream.contentEmpty",
                over="param.stream.content",
            ),
            Field("isFull", "bool", default=False, bad="param.stream.isFull"),
            Field("isFinalize", "bool", default=False),
            Field("isError", "bool", default=False),
        ),
        "Card.Streaming.Write",
        errors=(
            Error("param.stream.outTrackId", "card is not exist"),
            Error("param.stream.isFull", "streaming update the parameter isFull is null"),
            Error("param.stream.content", "content is too large"),
        ),
        note="that 1 KB a call is what refuses is assumed; the templates here aren't of AI cards, and may be streamed",
    ),
    Operation(
        "card.register", "POST", "/v1.0/card/callbacks/register", Family.NEW, "注册卡片回调地址", "A/0786", _register,
        (
            Field("callbackRouteKey", required=True, missing="param.callbackRouteKeyEmpty"),
            Field("callbackUrl", required=True, missing="param.callbackUrlEmpty"),
            Field("apiSecret"),
            Field("forceUpdate", "bool", default=False),
        ),
        "Card.Instance.Write", errors=(Error("param.callbackRouteKeyExist", "回调RouteKey已存在", status=500),),
        note="kept, and not called",
    ),
    Operation(
        "card.close_top", "POST", "/v1.0/card/tops/close", Family.NEW, "关闭吊顶卡片", "A/0784", _close_top,
        (
            Field("outTrackId", required=True, where="query", missing="param.outTrackIdEmpty"),
            Field("openConversationId", required=True, where="query", missing="param.empty"),
        ),
        "Card.Instance.Write",
        errors=(values.NO_CARD, Error("param.conversationIdInvalid", "openConversationId不符合规范")),
        note="result is false when it wasn't there (assumed)",
    ),
    Operation(
        "card.copy_template", "POST", "/v1.0/card/templates/copy", Family.NEW, "卡片平台模板复制", "A/0788", _copy,
        (Field("templateId", required=True), Field("name")), "Card.Template.ReadWrite.All",
        errors=(
            Error("copy.template.error", "复制模板失败"),
            Error("template.not.exist", "模板不存在"),
        ),
        note="third parties' apps only: a company's own app isn't granted the scope; `name` is of the typed client",
    ),
    _old("old_robot_send", "POST", "/v1.0/im/v1.0/robot/interactiveCards/send", "机器人发送普通版互动卡片", "A/1474"),
    _old("old_robot_update", "PUT", "/v1.0/im/robots/interactiveCards", "更新机器人互动卡片（普通版）", "A/1475"),
    _old("old_send", "POST", "/v1.0/im/interactiveCards/send", "发送互动卡片（旧高级版）", "A/1476"),
    _old("old_update", "PUT", "/v1.0/im/interactiveCards", "更新互动卡片（旧高级版）", "A/1477"),
    _old("old_light", "POST", "/v1.0/im/interactiveCards/templates/send", "发送轻量互动卡片", "A/1480"),
)  # fmt: skip
