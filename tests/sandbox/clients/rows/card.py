"""Interactive cards (A/0780 ff)."""

from collections.abc import Mapping
from typing import Any

from sandbox.company import TEAM_GROUP
from tests.sandbox.clients.typed import Row, Typed

_LAST = {"lastMessageI18n": {"ZH_CN": "请假申请"}}
_SEARCH = {"searchSupport": {"searchIcon": "@x", "searchTypeName": '{"ZH_CN":"请假"}', "searchDesc": "年假"}}
_QUIET = {"notification": {"alertContent": "一张卡片", "notificationOff": True}}
_SPACE = {"supportForward": False, **_LAST, **_SEARCH, **_QUIET}
_SPACES = {"imGroupOpenSpaceModel": _SPACE, "imRobotOpenSpaceModel": _SPACE}
_SOURCE = {
    "dynamicDataSourceConfigs": [
        {
            "dynamicDataSourceId": "pay",
            "constParams": {"month": "2026-10"},
            "pullConfig": {"pullStrategy": "ONCE", "interval": 30, "timeUnit": "SECONDS"},
        }
    ]
}
_CREATE = {
    "cardTemplateId": "dinghr-notice.schema", "userId": "lin", "userIdType": 1, "callbackType": "STREAM",
    "cardData": {"cardParamMap": {"title": "请假申请"}}, "privateData": {"wang": {"cardParamMap": {"tip": "待你审批"}}},
    "openDynamicDataConfig": _SOURCE, "cardAtUserIds": ["wang"], **_SPACES,
}  # fmt: skip
_TO = f"dtv1.card//IM_GROUP.{TEAM_GROUP};im_robot.wang"
_DEPRECATED = "the page marks them as deprecated"
_FEED, _DOCUMENT = "coFeedOpen{}Model", "docOpenDeliverModel"


def _delivery(it: Typed) -> Mapping[str, Any]:
    group = {"robotCode": it.robot_code, "atUserIds": {"wang": "王磊"}, "recipients": ["wang"], "extension": {"x": "y"}}
    private = {"spaceType": "IM_ROBOT", "robotCode": it.robot_code, "extension": {"x": "y"}}
    return {"openSpaceId": _TO, "imGroupOpenDeliverModel": group, "imRobotOpenDeliverModel": private}


async def _new(it: Typed) -> Mapping[str, Any]:
    return {**_CREATE, "outTrackId": "leave-1"}


async def _made(it: Typed) -> Mapping[str, Any]:
    await it.call("card.create", **await _new(it))
    return {"outTrackId": "leave-1"}


async def _deliver(it: Typed) -> Mapping[str, Any]:
    return {**await _made(it), "userIdType": 1, **_delivery(it)}


async def _both(it: Typed) -> Mapping[str, Any]:
    return {**await _new(it), **_delivery(it)}


async def _update(it: Typed) -> Mapping[str, Any]:
    options = {"updateCardDataByKey": True, "updatePrivateDataByKey": False}
    data = {"cardData": {"cardParamMap": {"status": "已同意"}}, "privateData": {"wang": {"cardParamMap": {"tip": ""}}}}
    return {**await _made(it), **data, "cardUpdateOptions": options, "userIdType": 1}


async def _spaces(it: Typed) -> Mapping[str, Any]:
    return {**await _made(it), **_SPACES, "topOpenSpaceModel": {"spaceType": "ONE_BOX"}}


async def _stream(it: Typed) -> Mapping[str, Any]:
    it.world.app.scopes.add("Card.Streaming.Write")
    said = {"guid": "g-1", "key": "body", "content": "**你好**"}
    return {**await _made(it), **said, "isFull": True, "isFinalize": True, "isError": False}


async def _top(it: Typed) -> Mapping[str, Any]:
    ends = it.world.clock.ms() + 3_600_000
    top = {"topOpenSpaceModel": {"spaceType": "ONE_BOX"}, "topOpenDeliverModel": {"expiredTimeMillis": ends}}
    space = {"openSpaceId": f"dtv1.card//ONE_BOX.{TEAM_GROUP}"}
    await it.call("card.create_and_deliver", **{**await _new(it), **top, **space})
    return {"outTrackId": "leave-1", "openConversationId": TEAM_GROUP}


async def _copy(it: Typed) -> Mapping[str, Any]:
    it.world.app.scopes.add("Card.Template.ReadWrite.All")
    return {"templateId": "dinghr-notice.schema"}


_ROUTE = {
    "callbackRouteKey": "leave", "callbackUrl": "https://qinghe.example/cards", "apiSecret": "s", "forceUpdate": True,
}  # fmt: skip
_ROUTED = {"success": True, "result": {"callbackUrl": _ROUTE["callbackUrl"], "apiSecret": str}}
_CLOSED = "Forbidden.AccessDenied.AccessTokenPermissionDenied"
_SINCE = "closed to new apps since 2024-12-31 (A/1474 ff)"
_DELIVERED = [
    {"spaceType": "IM_GROUP", "spaceId": TEAM_GROUP, "success": True, "carrierId": str},
    {"spaceType": "IM_ROBOT", "spaceId": "wang", "success": True, "carrierId": str},
]

ROWS = (
    Row(
        "card.create", _new, {"success": True, "result": "leave-1"},
        beyond=frozenset({_FEED.format("Space")}), why=_DEPRECATED,
    ),
    Row(
        "card.deliver", _deliver, {"success": True, "result": _DELIVERED},
        beyond=frozenset({_FEED.format("Deliver"), _DOCUMENT}), why=_DEPRECATED,
    ),
    Row(
        "card.create_and_deliver", _both,
        {"success": True, "result": {"outTrackId": "leave-1", "deliverResults": _DELIVERED}},
        beyond=frozenset({_FEED.format("Space"), _FEED.format("Deliver"), _DOCUMENT}), why=_DEPRECATED,
    ),
    Row("card.update", _update, {"success": True, "result": True}),
    Row(
        "card.add_spaces", _spaces, {"success": True, "result": True},
        beyond=frozenset({_FEED.format("Space")}), why=_DEPRECATED,
    ),
    Row("card.stream", _stream, {"success": True, "result": True}),
    Row("card.register", _ROUTE, _ROUTED),
    Row("card.close_top", _top, {"success": True, "result": True}),
    Row("card.copy_template", _copy, refused="copy.template.error", why="for apps of third parties only (A/0788)"),
    *(
        Row(f"card.old_{name}", {}, refused=_CLOSED, why=_SINCE)
        for name in ("robot_send", "robot_update", "send", "update", "light")
    ),
)  # fmt: skip
