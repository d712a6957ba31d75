"""Bad calls and what the documents say of each, written from the pages alone.

A bad call is a good one with something changed. Where the page leaves it open which of its codes is meant, all that
fit are listed; where it names none, any refusal in the family's shape will do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tests.sandbox.clients.good_calls import text

DROP: Final = object()
"""In place of a value: leave the field out."""


@dataclass(frozen=True, slots=True)
class Bad:
    """A good call with fields changed, and the codes that fit; none: any refusal."""

    call: str
    what: str
    change: Mapping[str, Any]
    codes: Sequence[str | int] = ()


def _source(**change: Any) -> Mapping[str, Any]:
    source = {"dynamicDataSourceId": "pay", "pullConfig": {"pullStrategy": "ONCE"}, **change}
    return {"openDynamicDataConfig": {"dynamicDataSourceConfigs": [source]}}


_EMPTY_ROBOT = ("invalidParameter.robotCode.empty", "invalidParameter.robotCode.missing")
_NO_ROBOT = ("invalidParameter.robotCode.notExsit", "invalidParameter.robotCode.invalid")
_EMPTY = "invalidParameter.param.invalid"
_NO_KEY = "invalidParameter.processQueryKey.missing"
_WRONG = (400002, 40035)
"""A/0013: 40035 for what a POST lacks, 400002 for what doesn't fit; the pages of the address book say 400002."""
_NOBODY = (33012, 60121)
_LONG = text("字" * 5000)

_BAD: Mapping[str, tuple[tuple[Any, ...], ...]] = {
    "token": (
        ("no appKey", {"appKey": DROP}),
        ("appKey of a stranger", {"appKey": "dingother"}, "invalidClientIdOrSecret"),
        ("secret in capitals", {"appSecret": "SANDBOX"}, "invalidClientIdOrSecret"),
        ("names of the old family", {"appKey": DROP, "appSecret": DROP, "appkey": "$id", "appsecret": "$secret"}),
    ),
    "token of a company": (
        ("no client_id", {"client_id": DROP}),
        ("a wrong secret", {"client_secret": "x"}, "invalid.client"),
        ("grant_type in capitals", {"grant_type": "CLIENT_CREDENTIALS"}, "unsupported.grant.type"),
        ("grant_type of a login", {"grant_type": "authorization_code"}, "unsupported.grant.type"),
    ),
    "token of a person": (
        ("no clientId", {"clientId": DROP}),
        ("a wrong secret", {"clientSecret": "x"}),
        ("a code that was never given", {"code": "x"}),
        ("the app's own grant", {"grantType": "client_credentials"}),
        ("names with underscores", {"clientId": DROP, "client_id": "$id"}),
    ),
    "person by code": (
        ("no code", {"code": DROP}),
        ("a code that was never given", {"code": "x"}),
        ("a code of the login page", {"code": "$code"}),
    ),
    "old token": (
        ("no appkey", {"appkey": DROP}),
        ("no appsecret", {"appsecret": DROP}, 41004),
        ("a wrong secret", {"appsecret": "x"}, 40089),
    ),
    "connection": (
        ("no clientId", {"clientId": DROP}),
        ("no subscriptions", {"subscriptions": DROP}),
        ("a topic for events", {"subscriptions": [{"type": "EVENT", "topic": "user_add_org"}]}),
        ("a type in small letters", {"subscriptions": [{"type": "event", "topic": "*"}]}),
        ("a wrong secret", {"clientSecret": "x"}),
    ),
    # messages
    "to people": (
        ("no robotCode", {"robotCode": DROP}, *_EMPTY_ROBOT),
        ("robotCode in another case", {"robotCode": DROP, "robotcode": "$id"}, *_EMPTY_ROBOT),
        ("another robot", {"robotCode": "dingother"}, *_NO_ROBOT),
        ("no userIds", {"userIds": DROP}, "invalidParameter.userIds.empty"),
        ("an empty list of users", {"userIds": []}, "invalidParameter.userIds.empty"),
        ("21 users", {"userIds": [f"u{n}" for n in range(21)]}, "invalidParameter.userIds.overMax"),
        ("users as one text", {"userIds": "lin,wang"}, _EMPTY),
        ("nobody who exists", {"userIds": ["nobody"]}, "staffId.notExisted"),
        ("no msgKey", {"msgKey": DROP}, "invalidParameter.msgKey.empty"),
        ("msgKey in another case", {"msgKey": "sampletext"}, "invalidParameter.msgKey.invalid"),
        ("no msgParam", {"msgParam": DROP}, _EMPTY, "invalidParameter.msgParam.invalid"),
        ("msgParam as an object", {"msgParam": {"content": "x"}}, "invalidParameter.msgParam.invalid", _EMPTY),
        ("msgParam not JSON", {"msgParam": "你好"}, "invalidParameter.msgParam.invalid"),
    ),
    "to a group": (
        ("no robotCode", {"robotCode": DROP}, *_EMPTY_ROBOT),
        ("no conversation", {"openConversationId": DROP}, "miss.openConversationId"),
        ("an unknown conversation", {"openConversationId": "cidx=="}, "invalid.openConversationId"),
        ("no msgKey", {"msgKey": DROP}, "invalidParameter.msgKey.empty"),
        ("an unknown msgKey", {"msgKey": "sampleTable"}, "invalidParameter.msgKey.invalid"),
        ("above 15,000 bytes", {"msgParam": _LONG}, "invalidParameter.msgParam.tooLong"),
    ),
    "read by people": (
        ("no robotCode", {"robotCode": DROP}, *_EMPTY_ROBOT),
        ("another robot", {"robotCode": "dingother"}, *_NO_ROBOT),
        ("no key", {"processQueryKey": DROP}, _NO_KEY),
        ("an unknown key", {"processQueryKey": "x"}, "invalid.processQueryKey"),
    ),
    "read by a group": (
        ("no key", {"processQueryKey": DROP}, _NO_KEY),
        ("an unknown key", {"processQueryKey": "x"}, "invalid.processQueryKey"),
        ("another robot", {"robotCode": "dingother"}, *_NO_ROBOT),
        ("an unknown conversation", {"openConversationId": "x"}, "invalid.openConversationId"),
        ("201 a page", {"maxResults": 201}, "invalidParameter.pageSize.invalid"),
        ("a page size in words", {"maxResults": "many"}, "invalidParameter.pageSize.invalid", _EMPTY),
    ),
    "recall from people": (
        ("no robotCode", {"robotCode": DROP}, _EMPTY, "invalidParameter.robotCode"),
        ("another robot", {"robotCode": "dingother"}, "invalidParameter.robotCode"),
        ("no keys", {"processQueryKeys": DROP}, _NO_KEY),
        ("21 keys", {"processQueryKeys": ["x"] * 21}, "invalidParameter.processQueryKeys.overMax"),
        ("keys as a text", {"processQueryKeys": "x"}, _EMPTY),
    ),
    "recall from a group": (
        ("no robotCode", {"robotCode": DROP}, "miss.chatbotId"),
        (
            "another robot",
            {"robotCode": "dingother"}, "invalidParameter.robotCode", "invalidParameter.robotCode.notExsit",
        ),
        ("no conversation", {"openConversationId": DROP}, "miss.openConversationId"),
        ("an unknown one", {"openConversationId": "x"}, "invalid.openConversationId"),
        ("21 keys", {"processQueryKeys": ["x"] * 21}, "invalidParameter.processQueryKeys.overMax"),
    ),
    "download": (
        ("no robotCode", {"robotCode": DROP}, "invalidParameter.robotCode.empty"),
        ("no code", {"downloadCode": DROP}, "invalidParameter.robotCode.empty"),
        ("another robot", {"robotCode": "dingother"}, "invalidParameter.robotCode.auth"),
        ("an unknown code", {"downloadCode": "x"}, "invalidParameter.robotCode.downloadCode"),
    ),
    "reply": (
        ("an unknown session", {"session": "x"}),
        ("no msgtype", {"msgtype": DROP}),
        ("an unknown msgtype", {"msgtype": "card"}, 400105),
        ("msgtype in another case", {"msgtype": "Text"}, 400105),
        ("no text", {"text": DROP}),
    ),
    "upload": (
        ("no type", {"type": DROP}, 40004),
        ("the type in another case", {"type": "Image"}, 40004),
        ("an unknown type", {"type": "picture"}, 40004),
        ("no file", {"media": DROP}, 43008),
        ("a text for a file", {"media": "a.png"}, 43008),
        ("the file under another name", {"media": DROP, "Media": "$png"}, 43008),
        ("a picture of another kind", {"media": "$txt"}, 40005),
        ("a voice above 2 MB", {"type": "voice", "media": "$amr"}, 40006),
    ),
    "say by a custom robot": (
        ("an unknown robot", {"access_token": "x"}, 400101, 400106),
        ("no msgtype", {"msgtype": DROP}),
        ("msgtype in another case", {"msgtype": "TEXT"}, 400105),
        ("an unknown msgtype", {"msgtype": "image"}, 400105),
        ("no text", {"text": DROP}),
        ("text as a text", {"text": "好"}),
        ("markdown without a title", {"msgtype": "markdown", "markdown": {"text": "# 好"}}),
        ("51 people mentioned", {"at": {"atUserIds": ["lin"] * 51}}),
    ),
    # cards
    "create a card": (
        ("no template", {"cardTemplateId": DROP}, "param.cardTemplateIdEmpty"),
        ("an unknown template", {"cardTemplateId": "x.schema"}, "param.templateNotExist"),
        ("no outTrackId", {"outTrackId": DROP}, "param.outTrackIdEmpty"),
        ("65 characters", {"outTrackId": "x" * 65}, "outTrackId.outOfLimit"),
        ("an id that is taken", {"outTrackId": "leave-1"}, "param.cardAlreadyExist"),
        ("no cardData", {"cardData": DROP}, "param.cardPublicDataEmpty"),
        ("a number as a value", {"cardData": {"cardParamMap": {"days": 1.5}}}, "param.invalid"),
        ("callbackType in small letters", {"callbackType": "stream"}, "param.invalid"),
        ("a third kind of id", {"userIdType": 3}, "param.invalid"),
        ("no supportForward", {"imGroupOpenSpaceModel": {}}, "param.openSpaceModelInvalid"),
        ("values for a stranger", {"privateData": {"x": {"cardParamMap": {}}}}, "param.userIdNotExist"),
        (
            "a source without an id",
            _source(dynamicDataSourceId=""), "param.dynamicSourceIdEmpty",
        ),
        (
            "a source without a pullConfig",
            _source(pullConfig={}), "param.dynamicDataPullConfigEmpty",
        ),
        (
            "a strategy left open",
            _source(pullConfig={"interval": 5}), "param.dynamicDataSourcePullStrategyEmpty",
        ),
        (
            "an interval below 3 s",
            _source(pullConfig={"pullStrategy": "INTERVAL", "interval": 2, "timeUnit": "SECONDS"}),
            "param.dynamicDataPullIntervalInvalid",
        ),
        (
            "an interval without a unit",
            _source(pullConfig={"pullStrategy": "INTERVAL", "interval": 30}),
            "param.dynamicDataPullIntervalTimeUnitInvalid",
        ),
    ),
    "deliver a card": (
        ("no outTrackId", {"outTrackId": DROP}, "param.outTrackIdEmpty"),
        ("an unknown card", {"outTrackId": "unknown"}, "param.cardNotExist"),
        ("no space", {"openSpaceId": DROP}, "param.openSpaceIdEmpty"),
        ("a space with a colon", {"openSpaceId": "dtv1.card:IM_ROBOT.wang"}, "param.openSpaceIdInvalid"),
        ("an unknown space type", {"openSpaceId": "dtv1.card//MAIL.wang"}, "param.openSpaceIdInvalid"),
        ("no deliver model", {"imRobotOpenDeliverModel": DROP}, "param.openDeliverModelEmpty"),
    ),
    "create and deliver a card": (
        ("no template", {"cardTemplateId": DROP}, "param.cardTemplateIdEmpty"),
        ("no cardData", {"cardData": DROP}, "param.cardPublicDataEmpty"),
        ("no space", {"openSpaceId": DROP}, "param.openSpaceIdEmpty"),
        ("no deliver model", {"imRobotOpenDeliverModel": DROP}, "param.openDeliverModelEmpty"),
        ("no space model", {"imRobotOpenSpaceModel": DROP}, "param.openSpaceModelInvalid"),
        ("an id that is taken", {"outTrackId": "leave-1"}, "param.cardAlreadyExist"),
        ("cardData as a text", {"cardData": "请假"}, "param.invalid", "param.cardPublicDataEmpty"),
    ),
    "update a card": (
        ("no outTrackId", {"outTrackId": DROP}, "param.outTrackIdEmpty"),
        ("an unknown card", {"outTrackId": "unknown"}, "param.cardNotExist"),
        ("neither kind of data", {"cardData": DROP}, "param.cardDataAndPrivateDataBothEmpty"),
        ("values for a stranger", {"privateData": {"x": {"cardParamMap": {}}}}, "param.userIdNotExist"),
        ("a number as a value", {"cardData": {"cardParamMap": {"days": 2}}}),
    ),
    "give a card spaces": (
        ("no outTrackId", {"outTrackId": DROP}, "param.outTrackIdEmpty"),
        ("an unknown card", {"outTrackId": "unknown"}, "param.cardNotExist"),
        ("no space at all", {"imRobotOpenSpaceModel": DROP}, "param.emptyAppendSpaces"),
        (
            "no supportForward",
            {"imRobotOpenSpaceModel": {}}, "param.openSpaceModelInvalid", "param.emptyAppendSpaces",
        ),
    ),
    "stream a card": (
        ("no guid", {"guid": DROP}, "param.stream.guidEmpty"),
        ("no key", {"key": DROP}, "param.stream.keyEmpty"),
        ("no content", {"content": DROP}, "param.stream.contentEmpty"),
        ("an unknown card", {"outTrackId": "unknown"}, "param.stream.outTrackId"),
        ("a part of markdown", {"isFull": False}, "param.stream.isFull"),
    ),
    "register an address": (
        ("no key", {"callbackRouteKey": DROP}, "param.callbackRouteKeyEmpty"),
        ("no address", {"callbackUrl": DROP}, "param.callbackUrlEmpty"),
        ("the key in another case", {"callbackRouteKey": DROP, "callbackroutekey": "x"}, "param.callbackRouteKeyEmpty"),
    ),
    "close a top": (
        ("no card", {"outTrackId": DROP}, "param.outTrackIdEmpty", "param.empty"),
        ("an unknown card", {"outTrackId": "unknown"}, "param.cardNotExist"),
        ("no conversation", {"openConversationId": DROP}, "param.empty"),
        ("an unknown conversation", {"openConversationId": "x"}, "param.conversationIdInvalid"),
    ),
    # the address book
    "people by name": (
        ("no word", {"queryWord": DROP}, "parameter.error"),
        ("no size", {"size": DROP}, "parameter.error"),
        ("an unknown way to match", {"fullMatchField": 2}, "parameter.error"),
        ("an offset in words", {"offset": "first"}, "parameter.error"),
    ),
    "departments by name": (
        ("no word", {"queryWord": DROP}, "parameter.error"),
        ("no offset", {"offset": DROP}, "parameter.error"),
        ("a word as a list", {"queryWord": ["研发"]}, "parameter.error"),
    ),
    "who left": (
        ("no beginning", {"startTime": DROP}, _EMPTY),
        ("a beginning without its zone", {"startTime": "2026-11-01 00:00:00"}, _EMPTY),
        ("51 a page", {"maxResults": "51"}, _EMPTY),
        ("an end before the beginning", {"endTime": "2026-10-01T00:00:00Z"}, _EMPTY),
    ),
    "sub-departments": (
        ("an unknown department", {"dept_id": 999}, 60003),
        ("a name for an id", {"dept_id": "研发部"}, *_WRONG),
        ("a list of ids", {"dept_id": [1, 200]}, *_WRONG),
    ),
    "ids of sub-departments": (
        ("no dept_id", {"dept_id": DROP}, *_WRONG),
        ("an unknown department", {"dept_id": 999}, 60003),
        ("the name in camel case", {"dept_id": DROP, "deptId": 1}, *_WRONG),
    ),
    "department": (
        ("no dept_id", {"dept_id": DROP}, *_WRONG),
        ("an unknown department", {"dept_id": 999}, 60003),
        ("a fraction", {"dept_id": 1.5}, *_WRONG),
    ),
    "parents of a department": (
        ("no dept_id", {"dept_id": DROP}, *_WRONG),
        ("an unknown department", {"dept_id": 999}, 60003),
        ("an object", {"dept_id": {"id": 1}}, *_WRONG),
    ),
    "parents of a user": (
        ("no userid", {"userid": DROP}, *_WRONG, 33012),
        ("an unknown user", {"userid": "nobody"}, *_NOBODY),
        ("the name in camel case", {"userid": DROP, "userId": "lin"}, *_WRONG, 33012),
    ),
    "user": (
        ("no userid", {"userid": DROP}, *_WRONG, 33012),
        ("an unknown user", {"userid": "nobody"}, *_NOBODY),
        ("a list", {"userid": ["lin"]}, *_WRONG, 33012),
    ),
    "users": (
        ("no cursor", {"cursor": DROP}, *_WRONG),
        ("a size of none", {"size": 0}, *_WRONG),
        ("an unknown order", {"order_field": "name_asc"}, 40035),
        ("an unknown department", {"dept_id": 999}, 60003, 50004, 60019),
    ),
    "names of users": (
        ("101 a page", {"size": 101}, 40069),
        ("a negative cursor", {"cursor": -1}, 40068),
        ("no dept_id", {"dept_id": DROP}, *_WRONG),
        ("an unknown department", {"dept_id": 999}, 60003),
    ),
    "ids of users": (
        ("no dept_id", {"dept_id": DROP}, *_WRONG),
        ("an unknown department", {"dept_id": 999}, 60003),
        ("a word", {"dept_id": "all"}, *_WRONG),
    ),
    "user by mobile": (
        ("no mobile", {"mobile": DROP}, *_WRONG),
        ("nobody's number", {"mobile": "13900000000"}, 60121),
        ("no number at all", {"mobile": "电话"}, 40104, 60121),
    ),
    "user by unionid": (
        ("no unionid", {"unionid": DROP}, *_WRONG),
        ("nobody's", {"unionid": "x"}, 60121),
        ("a userid", {"unionid": "lin"}, 60121),
    ),
    "number of users": (
        ("no only_active", {"only_active": DROP}, *_WRONG),
        ("a word", {"only_active": "maybe"}, *_WRONG),
        ("the name in camel case", {"only_active": DROP, "onlyActive": True}, *_WRONG),
    ),
}  # fmt: skip
BAD = tuple(Bad(call, what, change, codes) for call, rows in _BAD.items() for what, change, *codes in rows)
