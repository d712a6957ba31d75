"""What the robot sends, and what became of it (A/0714 ff)."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.company import TEAM_GROUP
from sandbox.world import StoredFile
from tests.sandbox.clients.typed import Row, Typed

_TOKEN = "`token` is the group webhook's: the page doesn't list it"


def _text(text: str) -> Mapping[str, Any]:
    return {"msgKey": "sampleText", "msgParam": json.dumps({"content": text})}


async def _people(it: Typed) -> Mapping[str, Any]:
    return {"robotCode": it.robot_code, "userIds": ["lin", "nobody"], **_text("你好")}


async def _group(it: Typed) -> Mapping[str, Any]:
    group = {"openConversationId": TEAM_GROUP, "coolAppCode": "COOLAPP-1-1"}
    return {"robotCode": it.robot_code, **group, **_text("大家好")}


async def _sent_to_people(it: Typed) -> str:
    sent = await it.call("robot.to_people", **await _people(it))
    key: str = sent.process_query_key
    return key


async def _sent_to_group(it: Typed) -> str:
    sent = await it.call("robot.to_group", **await _group(it))
    it.world.read("wang", TEAM_GROUP)
    key: str = sent.process_query_key
    return key


async def _read_status(it: Typed) -> Mapping[str, Any]:
    return {"robotCode": it.robot_code, "processQueryKey": await _sent_to_people(it)}


async def _group_status(it: Typed) -> Mapping[str, Any]:
    page = {"maxResults": 200, "nextToken": "0"}
    key = await _sent_to_group(it)
    return {"robotCode": it.robot_code, "openConversationId": TEAM_GROUP, "processQueryKey": key, **page}


async def _recall(it: Typed) -> Mapping[str, Any]:
    return {"robotCode": it.robot_code, "processQueryKeys": [await _sent_to_people(it), "unknown"]}


async def _group_recall(it: Typed) -> Mapping[str, Any]:
    keys = [await _sent_to_group(it)]
    return {"robotCode": it.robot_code, "openConversationId": TEAM_GROUP, "processQueryKeys": keys}


async def _file(it: Typed) -> Mapping[str, Any]:
    files = it.world.files
    media_id = files.keep(StoredFile("病假条.pdf", "application/pdf", b"%PDF"))
    return {"robotCode": it.robot_code, "downloadCode": files.code(media_id)}


async def _quick(it: Typed) -> Mapping[str, Any]:
    it.world.app.scopes.add("Robot.SingleChat.ReadWrite")
    return {"robotCode": it.robot_code}


async def _entrances(it: Typed) -> Mapping[str, Any]:
    icon = it.world.files.keep(StoredFile("leave.png", "image/png", b"png"))
    name = json.dumps({"zh_CN": "请假"}, ensure_ascii=False)
    entrance = {"name": name, "mobileUrl": "https://hr.example/m", "pcUrl": "https://hr.example/pc", "icon": icon}
    return {**await _quick(it), "pluginInfoList": [entrance]}


async def _some_entrances(it: Typed) -> Mapping[str, Any]:
    await it.call("robot.set_entrances", **await _entrances(it))
    return await _quick(it)


async def _ding(it: Typed) -> Mapping[str, Any]:
    it.world.app.scopes.add("Premium.Ding.Write")
    return {"robotCode": it.robot_code, "remindType": 1, "receiverUserIdList": ["lin"], "content": "开会"}


async def _dinged(it: Typed) -> Mapping[str, Any]:
    sent = await it.call("robot.ding", **await _ding(it))
    return {"robotCode": it.robot_code, "openDingId": sent.open_ding_id}


ROWS = (
    Row(
        "robot.to_people", _people,
        {"processQueryKey": str, "invalidStaffIdList": ["nobody"], "flowControlledStaffIdList": []},
    ),
    Row("robot.to_group", _group, {"processQueryKey": str}, beyond=frozenset({"token"}), why=_TOKEN),
    Row(
        "robot.read_status", _read_status,
        {"sendStatus": "SUCCESS", "messageReadInfoList": [{"name": "林晓", "userId": "lin", "readStatus": "UNREAD"}]},
    ),
    Row(
        "robot.group_status", _group_status, {"sendStatus": "SUCCESS", "readUserIds": ["wang"], "hasMore": False},
        beyond=frozenset({"token"}), why=_TOKEN,
    ),
    Row("robot.recall", _recall, {"successResult": [str], "failedResult": {"unknown": str}}),
    Row("robot.group_recall", _group_recall, {"successResult": [str], "failedResult": {}}),
    Row("robot.download", _file, {"downloadUrl": str}),
    Row("robot.set_entrances", _entrances, {"result": True}),
    Row("robot.entrances", _some_entrances, {"pluginInfoList": [{"name": str, "icon": str}]}),
    Row("robot.clear_entrances", _some_entrances, {"result": True}),
    Row("robot.ding", _ding, {"openDingId": str}),
    Row("robot.recall_ding", _dinged, {"openDingId": str}),
)  # fmt: skip
