"""What became of what the robot sent: read, recalled, too old, page by page."""

from datetime import timedelta
from typing import Any

import pytest

from sandbox.company import EVERYONE_GROUP, TEAM_GROUP
from sandbox.world import World
from tests.sandbox.client import Answer, Robot

SEND, QUERY, RECALL = (f"/v1.0/robot/groupMessages/{one}" for one in ("send", "query", "recall"))


async def _said(robot: Robot, group: str) -> str:
    """Say something in a group; give the key."""
    code = robot.sandbox.world.app.robot_code
    body = {"robotCode": code, "openConversationId": group, "msgKey": "sampleText", "msgParam": '{"content":"x"}'}
    key: str = (await robot.new("POST", SEND, body)).body["processQueryKey"]
    return key


async def _query(robot: Robot, key: str, **more: Any) -> Answer:
    body = {"openConversationId": EVERYONE_GROUP, "processQueryKey": key, **more}
    return await robot.new("POST", QUERY, body)


async def test_who_read_it_in_a_group_comes_page_by_page(robot: Robot, world: World) -> None:
    key = await _said(robot, EVERYONE_GROUP)
    for userid in ("lin", "wang", "chen"):
        world.read(userid, EVERYONE_GROUP)
    assert (await _query(robot, key)).body == {
        "sendStatus": "SUCCESS", "readUserIds": ["lin", "wang", "chen"], "hasMore": False, "nextToken": "",
    }  # fmt: skip
    first = (await _query(robot, key, maxResults=2, robotCode=world.app.robot_code)).body
    assert (first["readUserIds"], first["hasMore"]) == (["lin", "wang"], True)
    last = (await _query(robot, key, maxResults=2, nextToken=first["nextToken"])).body
    assert (last["readUserIds"], last["hasMore"]) == (["chen"], False)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"maxResults": 201}, "invalidParameter.pageSize.invalid"),
        ({"nextToken": "x"}, "invalidParameter.cursor.invalid"),
        ({"processQueryKey": ""}, "invalidParameter.processQueryKey.missing"),
        ({"processQueryKey": "unknown"}, "invalid.processQueryKey"),
        ({"openConversationId": ""}, "openConversationId.notExisted"),
        ({"openConversationId": TEAM_GROUP}, "invalid.processQueryKey"),
        ({"robotCode": "other"}, "invalidParameter.robotCode.notExsit"),
    ],
)
async def test_a_group_query_that_cant_be(robot: Robot, wrong: dict[str, Any], code: str) -> None:
    answer = await _query(robot, await _said(robot, EVERYONE_GROUP), **wrong)
    assert (answer.status, answer.code) == (400, code)


async def test_after_a_day_nothing_is_told(robot: Robot, world: World) -> None:
    key = await _said(robot, EVERYONE_GROUP)
    world.clock.advance(timedelta(hours=24))
    robot.token = ""
    assert (await _query(robot, key)).status == 200
    world.clock.advance(timedelta(seconds=1))
    assert (await _query(robot, key)).code == "processQueryKey.expireTime"
    body = {"robotCode": world.app.robot_code, "openConversationId": EVERYONE_GROUP, "processQueryKeys": [key, "other"]}
    failed = (await robot.new("POST", RECALL, body)).body["failedResult"]
    assert failed == {key: "processQueryKey已过期", "other": "无效的processQueryKey"}


async def test_what_is_recalled_in_a_group_is_told_as_recalled(robot: Robot, world: World) -> None:
    key = await _said(robot, EVERYONE_GROUP)
    body = {"robotCode": world.app.robot_code, "openConversationId": EVERYONE_GROUP, "processQueryKeys": [key]}
    assert (await robot.new("POST", RECALL, body)).body == {"successResult": [key], "failedResult": {}}
    assert (await _query(robot, key)).body["sendStatus"] == "RECALLED"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"processQueryKeys": ["x"] * 21}, "invalidParameter.processQueryKeys.overMax"),
        ({"processQueryKeys": []}, "invalidParameter.processQueryKey.missing"),
        ({"openConversationId": ""}, "miss.openConversationId"),
        ({"openConversationId": "cidOther"}, "invalid.openConversationId"),
        ({"robotCode": ""}, "miss.chatbotId"),
        ({"robotCode": "other"}, "invalidParameter.robotCode.notExsit"),
    ],
)
async def test_a_group_recall_that_cant_be(robot: Robot, world: World, wrong: dict[str, Any], code: str) -> None:
    whole = {
        "robotCode": world.app.robot_code, "openConversationId": EVERYONE_GROUP, "processQueryKeys": ["x"], **wrong,
    }  # fmt: skip
    answer = await robot.new("POST", RECALL, whole)
    assert (answer.status, answer.code) == (400, code)


async def test_a_private_message_is_read_without_a_time(robot: Robot, world: World) -> None:
    body = {"robotCode": world.app.robot_code, "userIds": ["lin", "wang"], "msgKey": "sampleText"}
    sent = await robot.new("POST", "/v1.0/robot/oToMessages/batchSend", {**body, "msgParam": '{"content":"x"}'})
    world.read("lin", world.chats.with_robot("lin").id)
    asked = {"robotCode": world.app.robot_code, "processQueryKey": sent.body["processQueryKey"]}
    path = "/v1.0/robot/oToMessages/readStatus"
    assert (await robot.new("GET", path, params=asked)).body == {
        "sendStatus": "SUCCESS",
        "messageReadInfoList": [
            {"name": "林晓", "userId": "lin", "readStatus": "READ"},
            {"name": "王磊", "userId": "wang", "readStatus": "UNREAD"},
        ],
    }
    answer = await robot.new("GET", path, params={**asked, "processQueryKey": "other"})
    assert (answer.status, answer.code) == (400, "invalid.processQueryKey")


async def test_a_disbanded_group_hears_nothing(robot: Robot, world: World) -> None:
    await robot.call("POST", "/sandbox/groups", {"id": TEAM_GROUP, "disbanded": True})
    body = {"robotCode": world.app.robot_code, "openConversationId": TEAM_GROUP, "msgKey": "sampleText"}
    answer = await robot.new("POST", SEND, {**body, "msgParam": '{"content":"x"}'})
    assert (answer.status, answer.code) == (400, "group.disbanded")


async def test_what_the_robot_cant_read_says_so(robot: Robot) -> None:
    line = await robot.connect()
    await robot.call("POST", "/sandbox/messages", {"user": "lin", "kind": "unknown"})
    data = (await line.frame()).data
    assert (data["msgtype"], set(data["content"])) == ("unknownMsgType", {"unknownMsgType"})


async def test_text_and_pictures_are_said_in_one_message(robot: Robot, world: World) -> None:
    line = await robot.connect()
    parts = ["看这里", {"name": "a.png", "base64": "iVBORw0K"}]
    await robot.call("POST", "/sandbox/messages", {"user": "lin", "kind": "rich", "parts": parts})
    data = (await line.frame()).data
    assert data["msgtype"] == "richText"
    text, picture = data["content"]["richText"]
    assert (text, set(picture)) == ({"text": "看这里"}, {"type", "downloadCode", "pictureDownloadCode"})
    body = {"downloadCode": picture["downloadCode"], "robotCode": world.app.robot_code}
    url = (await robot.new("POST", "/v1.0/robot/messageFiles/download", body)).body["downloadUrl"]
    async with robot.http.get(url) as response:
        assert (await response.read())[:4] == b"\x89PNG"


async def test_reading_and_recalling_are_told_to_an_app_that_ticked_them(robot: Robot, world: World) -> None:
    line = await robot.connect()
    await robot.call("POST", "/sandbox/app", {"events": ["robot_msg_read", "robot_msg_recall"]})
    body = {"robotCode": world.app.robot_code, "userIds": ["lin"], "msgKey": "sampleText"}
    sent = await robot.new("POST", "/v1.0/robot/oToMessages/batchSend", {**body, "msgParam": '{"content":"x"}'})
    chat, key = world.chats.with_robot("lin").id, sent.body["processQueryKey"]
    told = {
        "unionId": world.directory.users["lin"].unionid, "userId": "lin", "robotCode": world.app.robot_code,
        "openConversationId": chat, "processQueryKey": key,
    }  # fmt: skip
    for _ in range(2):
        world.read("lin", chat)
    assert await line.event() == ("robot_msg_read", {**told, "operatTime": str(world.clock.ms())})
    recall = {"robotCode": world.app.robot_code, "processQueryKeys": [key]}
    await robot.new("POST", "/v1.0/robot/otoMessages/batchRecall", recall)
    assert await line.event() == ("robot_msg_recall", {**told, "operatTime": world.clock.ms()})
    assert world.meter.month.pushes == {"robot_msg_read": 1, "robot_msg_recall": 1}
