"""DING: an urgent message inside the app, by text message or by telephone (A/0712), and its recall (A/0713)."""

from collections.abc import Mapping
from typing import Any

from sandbox.call import Call
from sandbox.operation import Error, Family, Field, Limit, Operation
from sandbox.world.extras import Ding

_SCOPE = "Premium.Ding.Write"
_IN_APP = 1
_MOST_IN_APP, _MOST_ELSEWHERE = 200, 20
_PARAM = "invalidParameter.param.invalid"
_NO_ROBOT = Error("invalid.chatbotId", "无效的机器人id")
_LIMIT = Error("ding.receivercount.limit", "钉消息接收人超出限制")


async def _send(call: Call) -> Mapping[str, Any]:
    world, kind = call.world, call["remindType"]
    if call["robotCode"] != world.app.robot_code:
        raise call.fail(_NO_ROBOT.code, _NO_ROBOT.meaning)
    asked = list(dict.fromkeys(call["receiverUserIdList"]))
    if len(asked) > (_MOST_IN_APP if kind == _IN_APP else _MOST_ELSEWHERE):
        raise call.fail(_LIMIT.code, _LIMIT.meaning)
    people = [one for one in asked if one in world.directory.users]
    if not people:
        raise call.fail("miss.staffId", "无效的接收者id")
    if world.extras.allowance[kind] < len(people):
        raise call.fail("ding.serverquota.insufficient", "发送钉消息权益不足，需充值")
    world.extras.allowance[kind] -= len(people)
    ding = Ding(world.ids.hex(16), world.clock.now(), kind, people, call["content"])
    world.extras.dings[ding.id] = ding
    failed = [one for one in asked if one not in people]
    return {"openDingId": ding.id, **({"failedList": {"无效的接收者id": failed}} if failed else {})}


async def _recall(call: Call) -> Mapping[str, Any]:
    ding = call.world.extras.dings.get(call["openDingId"])
    if ding is None or call["robotCode"] != call.world.app.robot_code:
        raise call.fail("recall.ding.exception", "撤回DING消息异常")
    ding.recalled = True
    return {"openDingId": ding.id}


OPERATIONS = (
    Operation(
        "robot.ding", "POST", "/v1.0/robot/ding/send", Family.NEW, "发送DING消息", "A/0712", _send,
        (
            Field("robotCode", required=True, missing=_PARAM, bad=_PARAM),
            Field("remindType", "int", required=True, choices=(1, 2, 3), missing=_PARAM, bad=_PARAM),
            Field("receiverUserIdList", "strings", required=True, missing="miss.staffId", bad=_PARAM),
            Field("content", required=True, missing=_PARAM, bad=_PARAM), Field("callVoice", bad=_PARAM),
        ),
        _SCOPE,
        errors=(
            _NO_ROBOT, _LIMIT, Error("miss.staffId", "无效的接收者id"),
            Error("ding.serverquota.insufficient", "发送钉消息权益不足，需充值"),
        ),
        limits=(Limit(6000, 60, Error("toomuch.msg", "消息发送太快")),),
        note="the allowance of 1,000 inside the app is assumed; text messages and calls have to be bought; phones "
        "don't show it",
    ),
    Operation(
        "robot.recall_ding", "POST", "/v1.0/robot/ding/recall", Family.NEW, "撤回已经发送的DING消息", "A/0713", _recall,
        (
            Field("robotCode", required=True, missing=_PARAM, bad=_PARAM),
            Field("openDingId", required=True, missing=_PARAM, bad=_PARAM),
        ),
        _SCOPE, errors=(Error("recall.ding.exception", "撤回DING消息异常"),),
    ),
)  # fmt: skip
