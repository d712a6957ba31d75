"""What became of a message: read status (A/0720, A/0722), recall (A/0723, A/0725). All within 24 hours."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sandbox.call import Call
from sandbox.operation import Error, Family, Field, Operation
from sandbox.robot.send import NO_ROBOT, ROBOT_CODE, WRONG, check_robot
from sandbox.world import Change, Message, receipts

_WINDOW = timedelta(hours=24)


def _sent(call: Call, key: str, conversation_id: str | None = None) -> list[Message]:
    """Give the messages of a send call, of that conversation if one is named."""
    found = call.world.chats.by_query_key(key)
    return [message for message in found if conversation_id in {None, message.conversation_id}]


def _late(call: Call, messages: list[Message]) -> bool:
    return any(call.world.clock.now() - message.at > _WINDOW for message in messages)


def _asked(call: Call) -> list[Message]:
    """Give the messages that `processQueryKey` names, which must be less than a day old."""
    messages = _sent(call, call["processQueryKey"], call.fields.get("openConversationId"))
    if not messages:
        raise call.fail("invalid.processQueryKey", "无效的processQueryKey")
    if _late(call, messages):
        raise call.fail("processQueryKey.expireTime", "processQueryKey已过期，无法查询消息")
    return messages


def _check_group(call: Call) -> None:
    if call["openConversationId"] not in call.world.chats.conversations:
        raise call.fail("invalid.openConversationId", "无效的openConversationId")


async def _read_status(call: Call) -> Mapping[str, Any]:
    check_robot(call)
    messages = _asked(call)
    infos = []
    for message in messages:
        userid = call.world.chats.conversations[message.conversation_id].owner
        user = call.world.directory.users.get(userid)
        status = "READ" if userid in message.read_by else "UNREAD"
        infos.append({"name": user.name if user else "", "userId": userid, "readStatus": status})
    recalled = all(message.recalled for message in messages)
    return {"sendStatus": "RECALLED" if recalled else "SUCCESS", "messageReadInfoList": infos}


async def _group_status(call: Call) -> Mapping[str, Any]:
    if call["robotCode"]:
        check_robot(call)
    if not call["openConversationId"]:
        raise call.fail("openConversationId.notExisted", "openConversationId不能和token同时为空")
    _check_group(call)
    [message, *_] = _asked(call)
    start = call["nextToken"] or "0"
    if not start.isdecimal():
        raise call.fail("invalidParameter.cursor.invalid", "无效的nextToken")
    readers = list(message.read_by)
    end = int(start) + call["maxResults"]
    more = end < len(readers)
    return {
        "sendStatus": "RECALLED" if message.recalled else "SUCCESS",
        "readUserIds": readers[int(start) : end],
        "hasMore": more,
        "nextToken": str(end) if more else "",
    }


async def _recall_private(call: Call) -> Mapping[str, Any]:
    if call["robotCode"] != call.world.app.robot_code:
        raise call.fail("invalidParameter.robotCode", "无效的robotCode")
    return await _recall(call)


async def _recall_group(call: Call) -> Mapping[str, Any]:
    check_robot(call)
    _check_group(call)
    return await _recall(call)


async def _recall(call: Call) -> Mapping[str, Any]:
    done: list[str] = []
    failed: dict[str, str] = {}
    conversation_id = call.fields.get("openConversationId")
    for key in call["processQueryKeys"]:
        messages = _sent(call, key, conversation_id)
        if not messages or _late(call, messages):
            failed[key] = "processQueryKey已过期" if messages else "无效的processQueryKey"
            continue
        done.append(key)
        for message in messages:
            receipts.recall(call.world, message)
            call.world.feed.tell(Change("message", message.id, message.conversation_id))
    return {"successResult": done, "failedResult": failed}


_UNKNOWN = Error("invalid.processQueryKey", "无效的processQueryKey")
_EXPIRED = Error("processQueryKey.expireTime", "processQueryKey还未生成消息查询数据或已过期")
_KEYS = Field(
    "processQueryKeys", "strings", required=True, most=20, unit="items",
    missing="invalidParameter.processQueryKey.missing", bad=WRONG, over="invalidParameter.processQueryKeys.overMax",
)  # fmt: skip
_KEY = Field("processQueryKey", required=True, missing="invalidParameter.processQueryKey.missing")
_NO_GROUP = Error("invalid.openConversationId", "无效的openConversationId")
_NOT_OURS = Error("invalidParameter.robotCode", "无效的robotCode")
_GROUP = Field("openConversationId", required=True, missing="miss.openConversationId")

OPERATIONS = (
    Operation(
        "robot.read_status", "GET", "/v1.0/robot/oToMessages/readStatus", Family.NEW, "单聊消息已读状态", "A/0720",
        _read_status,
        (
            replace(ROBOT_CODE, where="query", missing="invalidParameter.robotCode.missing"),
            replace(_KEY, where="query"),
        ),
        "qyapi_robot_sendmsg", errors=(NO_ROBOT, _UNKNOWN, _EXPIRED),
    ),
    Operation(
        "robot.group_status", "POST", "/v1.0/robot/groupMessages/query", Family.NEW, "群消息已读状态", "A/0722",
        _group_status,
        (
            Field("openConversationId"),
            Field("robotCode"),
            _KEY,
            Field(
                "maxResults", "int", default=200, least=1, most=200, unit="value",
                bad="invalidParameter.pageSize.invalid",
            ),
            Field("nextToken"),
        ),
        "qyapi_robot_sendmsg",
        errors=(
            NO_ROBOT, _NO_GROUP, _UNKNOWN, _EXPIRED, Error("invalidParameter.cursor.invalid", "无效的nextToken"),
            Error("openConversationId.notExisted", "openConversationId不能和token同时为空"),
        ),
        bad=WRONG, note="200 a page unless told (assumed)",
    ),
    Operation(
        "robot.recall", "POST", "/v1.0/robot/otoMessages/batchRecall", Family.NEW, "撤回单聊消息", "A/0723",
        _recall_private,
        (replace(ROBOT_CODE, missing=WRONG), _KEYS), "qyapi_robot_sendmsg", errors=(_NOT_OURS,),
    ),
    Operation(
        "robot.group_recall", "POST", "/v1.0/robot/groupMessages/recall", Family.NEW, "撤回群消息", "A/0725",
        _recall_group,
        (_GROUP, replace(ROBOT_CODE, missing="miss.chatbotId"), _KEYS), "qyapi_robot_sendmsg",
        errors=(NO_ROBOT, _NO_GROUP), bad=WRONG,
    ),
)  # fmt: skip
