"""A call of each operation that is answered, written from the pages alone: path and names are theirs.

A `$word` stands for something that was made before.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

TEMPLATE = "dinghr-notice.schema"
GROUP = "cidHouduanzu0qinghe0002=="


@dataclass(frozen=True, slots=True)
class Good:
    """A call that is answered. `old`: of the old family, whose errors come inside a 200; `upload`: as multipart."""

    page: str
    method: str
    path: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    token: bool = True
    upload: bool = False

    @property
    def old(self) -> bool:
        """Whether it's of the old family."""
        return not self.path.startswith("/v1.0/")


def text(words: str) -> str:
    """Give a text message's parameter."""
    return json.dumps({"content": words})


_SPACE = {"supportForward": False}
_CARD = {
    "cardTemplateId": TEMPLATE, "outTrackId": "other", "callbackType": "STREAM",
    "cardData": {"cardParamMap": {"title": "请假"}}, "imRobotOpenSpaceModel": _SPACE, "imGroupOpenSpaceModel": _SPACE,
}  # fmt: skip
_DELIVERY = {"openSpaceId": "dtv1.card//IM_ROBOT.wang", "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT"}}
_PAGE = {"dept_id": 1, "cursor": 0, "size": 10}

GOOD: Mapping[str, Good] = {
    "token": Good(
        "A/0033", "POST", "/v1.0/oauth2/accessToken", {"appKey": "$id", "appSecret": "$secret"}, token=False
    ),
    "token of a company": Good(
        "A/0037", "POST", "/v1.0/oauth2/$corp/token",
        {"client_id": "$id", "client_secret": "$secret", "grant_type": "client_credentials"}, token=False,
    ),
    "token of a person": Good(
        "A/0032", "POST", "/v1.0/oauth2/userAccessToken",
        {"clientId": "$id", "clientSecret": "$secret", "code": "$code", "grantType": "authorization_code"}, token=False,
    ),
    "person by code": Good("A/0024", "POST", "/topapi/v2/user/getuserinfo", {"code": "$in_app"}),
    "old token": Good("A/1444", "GET", "/gettoken", query={"appkey": "$id", "appsecret": "$secret"}, token=False),
    "connection": Good(
        "stream protocol", "POST", "/v1.0/gateway/connections/open",
        {"clientId": "$id", "clientSecret": "$secret", "subscriptions": [{"type": "EVENT", "topic": "*"}]},
        token=False,
    ),
    "to people": Good(
        "A/0714", "POST", "/v1.0/robot/oToMessages/batchSend",
        {"robotCode": "$id", "userIds": ["lin"], "msgKey": "sampleText", "msgParam": text("你好")},
    ),
    "to a group": Good(
        "A/0716", "POST", "/v1.0/robot/groupMessages/send",
        {"robotCode": "$id", "openConversationId": GROUP, "msgKey": "sampleText", "msgParam": text("你好")},
    ),
    "read by people": Good(
        "A/0720", "GET", "/v1.0/robot/oToMessages/readStatus", query={"robotCode": "$id", "processQueryKey": "$people"}
    ),
    "read by a group": Good(
        "A/0722", "POST", "/v1.0/robot/groupMessages/query",
        {"robotCode": "$id", "openConversationId": GROUP, "processQueryKey": "$group"},
    ),
    "recall from people": Good(
        "A/0723", "POST", "/v1.0/robot/otoMessages/batchRecall", {"robotCode": "$id", "processQueryKeys": ["$people"]}
    ),
    "recall from a group": Good(
        "A/0725", "POST", "/v1.0/robot/groupMessages/recall",
        {"robotCode": "$id", "openConversationId": GROUP, "processQueryKeys": ["$group"]},
    ),
    "download": Good(
        "A/0719", "POST", "/v1.0/robot/messageFiles/download", {"robotCode": "$id", "downloadCode": "$file"}
    ),
    "reply": Good(
        "A/0699, A/0717", "POST", "/robot/sendBySession", {"msgtype": "text", "text": {"content": "好"}},
        {"session": "$session"}, token=False,
    ),
    "upload": Good("A/0646", "POST", "/media/upload", {"type": "image", "media": "$png"}, upload=True),
    "say by a custom robot": Good(
        "A/0717", "POST", "/robot/send", {"msgtype": "text", "text": {"content": "好"}}, {"access_token": "$webhook"},
        token=False,
    ),
    "create a card": Good("A/0780", "POST", "/v1.0/card/instances", _CARD),
    "deliver a card": Good("A/0781", "POST", "/v1.0/card/instances/deliver", {"outTrackId": "leave-1", **_DELIVERY}),
    "create and deliver a card": Good(
        "A/0783", "POST", "/v1.0/card/instances/createAndDeliver", {**_CARD, **_DELIVERY}
    ),
    "update a card": Good(
        "A/0782", "PUT", "/v1.0/card/instances",
        {"outTrackId": "leave-1", "cardData": {"cardParamMap": {"status": "已同意"}}},
    ),
    "give a card spaces": Good(
        "A/0787", "PUT", "/v1.0/card/instances/spaces", {"outTrackId": "leave-1", "imRobotOpenSpaceModel": _SPACE}
    ),
    "stream a card": Good(
        "A/0785", "PUT", "/v1.0/card/streaming",
        {"outTrackId": "leave-1", "guid": "1", "key": "body", "content": "好", "isFull": True},
    ),
    "register an address": Good(
        "A/0786", "POST", "/v1.0/card/callbacks/register",
        {"callbackRouteKey": "leave", "callbackUrl": "https://qinghe.example/cards"},
    ),
    "close a top": Good(
        "A/0784", "POST", "/v1.0/card/tops/close", query={"outTrackId": "leave-1", "openConversationId": GROUP}
    ),
    "people by name": Good(
        "A/0060", "POST", "/v1.0/contact/users/search", {"queryWord": "林", "offset": 0, "size": 10}
    ),
    "departments by name": Good(
        "A/0080", "POST", "/v1.0/contact/departments/search", {"queryWord": "研发", "offset": 0, "size": 10}
    ),
    "who left": Good(
        "A/0073", "GET", "/v1.0/contact/empLeaveRecords",
        query={"startTime": "2026-11-01T00:00:00Z", "maxResults": "50", "nextToken": "0"},
    ),
    "sub-departments": Good("A/0082", "POST", "/topapi/v2/department/listsub", {"dept_id": 1}),
    "ids of sub-departments": Good("A/0083", "POST", "/topapi/v2/department/listsubid", {"dept_id": 1}),
    "department": Good("A/0081", "POST", "/topapi/v2/department/get", {"dept_id": 200}),
    "parents of a department": Good("A/0084", "POST", "/topapi/v2/department/listparentbydept", {"dept_id": 200}),
    "parents of a user": Good("A/0085", "POST", "/topapi/v2/department/listparentbyuser", {"userid": "lin"}),
    "data scope": Good("A/0053", "GET", "/auth/scopes"),
    "user": Good("A/0056", "POST", "/topapi/v2/user/get", {"userid": "lin"}),
    "users": Good("A/0062", "POST", "/topapi/v2/user/list", _PAGE),
    "names of users": Good("A/0066", "POST", "/topapi/user/listsimple", _PAGE),
    "ids of users": Good("A/0065", "POST", "/topapi/user/listid", {"dept_id": 200}),
    "user by mobile": Good("A/0063", "POST", "/topapi/v2/user/getbymobile", {"mobile": "$mobile"}),
    "user by unionid": Good("A/0064", "POST", "/topapi/user/getbyunionid", {"unionid": "union-lin"}),
    "number of users": Good("A/0059", "POST", "/topapi/user/count", {"only_active": False}),
    "administrators": Good("A/0068", "POST", "/topapi/user/listadmin"),
}  # fmt: skip
