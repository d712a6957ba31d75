"""Sending on the robot's own account: to people one by one (A/0714), to a group (A/0716)."""

from collections.abc import Mapping
from typing import Any

from sandbox.call import Call
from sandbox.operation import Error, Family, Field, Operation
from sandbox.robot import templates
from sandbox.world import ROBOT

NO_ROBOT = Error("invalidParameter.robotCode.notExsit", "机器人不存在")
ROBOT_CODE = Field(
    "robotCode", required=True, missing="invalidParameter.robotCode.empty", bad="invalidParameter.robotCode.notExsit"
)
WRONG = "invalidParameter.param.invalid"


def check_robot(call: Call) -> None:
    """Refuse a robotCode that isn't ours."""
    if call["robotCode"] != call.world.app.robot_code:
        raise call.fail("invalidParameter.robotCode.notExsit", "robotCode doesn't exist")


async def _to_people(call: Call) -> Mapping[str, Any]:
    check_robot(call)
    world = call.world
    kind, content, param = templates.shown(call)
    users = list(dict.fromkeys(call["userIds"]))
    wrong = call.wrong("invalid_staff", users)
    invalid = [userid for userid in users if userid not in world.directory.users or userid in wrong]
    if len(invalid) == len(users) and not wrong:
        raise call.fail("staffId.notExisted", "none of the users exists")
    slowed = call.wrong("flow_controlled", users)
    flow_controlled = [userid for userid in users if userid in world.flow_controlled or userid in slowed]
    key = world.ids.key()
    for userid in users:
        if userid not in invalid and userid not in flow_controlled:
            world.post(world.chats.with_robot(userid), ROBOT, kind, dict(content), raw=param, query_key=key)
    return {"processQueryKey": key, "invalidStaffIdList": invalid, "flowControlledStaffIdList": flow_controlled}


async def _to_group(call: Call) -> Mapping[str, Any]:
    check_robot(call)
    world = call.world
    kind, content, param = templates.shown(call)
    conversation = world.chats.conversations.get(call["openConversationId"])
    if conversation is None or conversation.kind != "group":
        raise call.fail("invalid.openConversationId", "openConversationId is not valid")
    if conversation.disbanded:
        raise call.fail("group.disbanded", "the group was disbanded")
    if not conversation.has_robot:
        raise call.fail("resource.unavailable", "the robot isn't in the group")
    key = world.ids.key()
    world.post(conversation, ROBOT, kind, content, raw=param, query_key=key)
    return {"processQueryKey": key}


OPERATIONS = (
    Operation(
        "robot.to_people", "POST", "/v1.0/robot/oToMessages/batchSend", Family.NEW, "机器人批量发单聊消息", "A/0714",
        _to_people,
        (
            ROBOT_CODE,
            Field(
                "userIds", "strings", required=True, most=20, unit="items", missing="invalidParameter.userIds.empty",
                bad=WRONG, over="invalidParameter.userIds.overMax",
            ),
            *templates.FIELDS,
        ),
        "qyapi_robot_sendmsg", errors=(NO_ROBOT, *templates.ERRORS, Error("staffId.notExisted", "staffId不存在")),
        note="the size limit is the group call's: none is stated for private messages",
    ),
    Operation(
        "robot.to_group", "POST", "/v1.0/robot/groupMessages/send", Family.NEW, "机器人发群消息", "A/0716", _to_group,
        (
            ROBOT_CODE,
            Field("openConversationId", required=True, missing="miss.openConversationId"),
            *templates.FIELDS,
            Field("coolAppCode"),
        ),
        "qyapi_robot_sendmsg",
        errors=(
            NO_ROBOT,
            *templates.ERRORS,
            Error("invalid.openConversationId", "无效的openConversationId"),
            Error("group.disbanded", "群已经解散"),
            Error("resource.unavailable", "机器人不在群内"),
        ),
        bad=WRONG,
    ),
)  # fmt: skip
