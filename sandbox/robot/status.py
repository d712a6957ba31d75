"""What became of a message: read status (A/0720, A/0722), recall (A/0723, A/0725). All within 24 hours."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sandbox.call import Call
from sandbox.operation import Error, Family, Field, Operation
from sandbox.robot.send import NO_ROBOT, ROBOT_CODE, check_robot
from sandbox.world import Change, Message

_WINDOW = timedelta(hours=24)


def _sent(call: Call, key: str, conversation_id: str | None = None) -> list[Message]:
    """Give the messages of a send call that is less than a day old."""
    world = call.world
    return [
        message
        for message in world.chats.by_query_key(key)
        if world.clock.now() - message.at <= _WINDOW and conversation_id in {None, message.conversation_id}
    ]


async def _read_status(call: Call) -> Mapping[str, Any]:
    check_robot(call)
    messages = _sent(call, call["processQueryKey"])
    if not messages:
        raise call.fail("processQueryKey.expireTime", "processQueryKey is unknown or older than 24 hours")
    infos = []
    for message in messages:
        userid = call.world.chats.conversations[message.conversation_id].owner
        at = message.read_by.get(userid)
        info: dict[str, Any] = {"name": call.world.directory.users[userid].name, "userId": userid}
        info["readStatus"] = "READ" if at else "UNREAD"
        if at:
            info["readTimestamp"] = int(at.timestamp() * 1000)
        infos.append(info)
    recalled = all(message.recalled for message in messages)
    return {"sendStatus": "RECALLED" if recalled else "SUCCESS", "messageReadInfoList": infos}


async def _group_status(call: Call) -> Mapping[str, Any]:
    messages = _sent(call, call["processQueryKey"], call["openConversationId"])
    if not messages:
        raise call.fail("processQueryKey.expireTime", "processQueryKey is unknown or older than 24 hours")
    status = "RECALLED" if messages[0].recalled else "SUCCESS"
    return {"sendStatus": status, "readUserIds": list(messages[0].read_by), "hasMore": False, "nextToken": ""}


async def _recall(call: Call) -> Mapping[str, Any]:
    check_robot(call)
    done: list[str] = []
    failed: dict[str, str] = {}
    conversation_id = call.fields.get("openConversationId")
    for key in call["processQueryKeys"]:
        messages = _sent(call, key, conversation_id)
        for message in messages:
            message.recalled = True
            call.world.feed.tell(Change("message", message.id, message.conversation_id))
        if messages:
            done.append(key)
        else:
            failed[key] = "消息不存在或已超过24小时"
    return {"successResult": done, "failedResult": failed}


_EXPIRED = Error("processQueryKey.expireTime", "processQueryKey还未生成消息查询数据或已过期")
_KEYS = Field(
    "processQueryKeys", "strings", required=True, most=20, unit="items",
    missing="invalidParameter.processQueryKey.missing", over="invalidParameter.processQueryKeys.overMax",
)  # fmt: skip
_KEY = Field("processQueryKey", required=True, missing="invalidParameter.processQueryKey.missing")
_GROUP = Field("openConversationId", required=True, missing="miss.openConversationId")

OPERATIONS = (
    Operation(
        "robot.read_status", "GET", "/v1.0/robot/oToMessages/readStatus", Family.NEW, "单聊消息已读状态", "A/0720",
        _read_status, (replace(ROBOT_CODE, where="query"), replace(_KEY, where="query")),
        "qyapi_robot_sendmsg", errors=(NO_ROBOT, _EXPIRED),
    ),
    Operation(
        "robot.group_status", "POST", "/v1.0/robot/groupMessages/query", Family.NEW, "群消息已读状态", "A/0722",
        _group_status,
        (
            Field("openConversationId"),
            Field("robotCode"),
            _KEY,
            Field("maxResults", "int", most=200, unit="value", over="invalidParameter.pageSize.invalid"),
            Field("nextToken"),
        ),
        "qyapi_robot_sendmsg", errors=(_EXPIRED,), note="one page",
    ),
    Operation(
        "robot.recall", "POST", "/v1.0/robot/otoMessages/batchRecall", Family.NEW, "撤回单聊消息", "A/0723", _recall,
        (ROBOT_CODE, _KEYS), "qyapi_robot_sendmsg", errors=(NO_ROBOT,),
    ),
    Operation(
        "robot.group_recall", "POST", "/v1.0/robot/groupMessages/recall", Family.NEW, "撤回群消息", "A/0725", _recall,
        (_GROUP, ROBOT_CODE, _KEYS), "qyapi_robot_sendmsg", errors=(NO_ROBOT,),
    ),
)  # fmt: skip
