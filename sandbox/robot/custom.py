"""Custom robots of a group, which only send (A/0717): no app, no app's token, the address is the secret."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.call import Call
from sandbox.operation import Error, Family, Field, Operation
from sandbox.robot import webhook
from sandbox.world.webhooks import PATH


async def _send(call: Call) -> Mapping[str, Any]:
    world, msgtype = call.world, call["msgtype"]
    robot = world.group_robots.robots.get(call.token)
    if robot is None:
        raise call.fail(400101, "access_token不存在")
    group = world.chats.conversations.get(robot.conversation_id)
    if group is None or robot.removed:
        raise call.fail(400106, "机器人不存在")
    if group.disbanded:
        raise call.fail(400013, "群已被解散")
    if robot.stopped:
        raise call.fail(400102, "机器人已停用")
    said = json.dumps(call[msgtype], ensure_ascii=False)
    now = world.clock.now()
    if refusal := robot.refuses(said, call["timestamp"] or "", call["sign"] or "", call.remote, world.clock.ms()):
        raise call.fail(310000, refusal)
    if call["msgUuid"] in robot.uuids:
        return {}
    if not robot.admits(now):
        raise call.fail(410100, "发送速度太快而限流")
    if call["msgUuid"]:
        robot.uuids = [*robot.uuids[-999:], call["msgUuid"]]
    kind, content = webhook.content(call, msgtype)
    mentions = webhook.mentions(call, group, str(content.get("text", "")), may=msgtype in {"text", "markdown"})
    world.meter.push(PATH, counted=True)
    world.post(group, robot.name, kind, content, raw={"msgtype": msgtype, msgtype: call.given[msgtype]},
               mentions=mentions)  # fmt: skip
    return {}


OPERATIONS = (
    Operation(
        "robot.by_webhook", "POST", PATH, Family.OLD, "自定义机器人发送群消息", "A/0717", _send,
        (
            Field("timestamp", where="query"),
            Field("sign", where="query"),
            Field("msgtype", required=True, missing="400105", bad="400105", choices=tuple(webhook.TYPES)),
            *webhook.BODIES,
            webhook.AT,
            Field("msgUuid"),
        ),
        counted=False, token=False,
        errors=(
            Error(400013, "群已被解散"),
            Error(400101, "access_token不存在"),
            Error(400102, "机器人已停用"),
            Error(400105, "不支持的消息类型"),
            Error(400106, "机器人不存在"),
            Error(400402, "参数缺失，或者参数格式不正确"),
            Error(310000, "消息校验未通过"),
            Error(410100, "发送速度太快而限流"),
        ),
        note="access_token in the query is the permission; 20 a minute by the sandbox's clock, then 10 minutes none; a "
        "counted push; 400402 is a field report; unsafe contents (430101 to 430104) are not looked for",
    ),
)  # fmt: skip
