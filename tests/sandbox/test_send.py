"""What the robot says on its own account, and by a message's webhook."""

import json
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from sandbox.company import HR_GROUP, TEAM_GROUP
from sandbox.world import World
from tests.sandbox.client import Answer, Robot

PEOPLE = "/v1.0/robot/oToMessages/batchSend"
GROUP = "/v1.0/robot/groupMessages/send"


async def _to_people(robot: Robot, *users: str, key: str = "sampleText", **param: str) -> Answer:
    body = {"robotCode": robot.sandbox.world.app.robot_code, "userIds": list(users), "msgKey": key}
    return await robot.new("POST", PEOPLE, {**body, "msgParam": json.dumps(param or {"content": "你好"})})


async def _to_group(robot: Robot, group: str, content: str) -> Answer:
    body = {"robotCode": robot.sandbox.world.app.robot_code, "openConversationId": group, "msgKey": "sampleText"}
    return await robot.new("POST", GROUP, {**body, "msgParam": json.dumps({"content": content}, ensure_ascii=False)})


async def _webhook(robot: Robot, world: World, conversation: str, body: Any) -> Answer:
    line = await robot.connect()
    await world.say("wang", conversation, "@机器人 你好")
    frame = await line.frame()
    await line.ack(frame)
    return await robot.call("POST", frame.data["sessionWebhook"], body)


async def test_a_message_reaches_those_who_exist(robot: Robot, world: World) -> None:
    world.flow_controlled.add("chen")
    answer = await _to_people(robot, "lin", "nobody", "chen")
    assert answer.body["invalidStaffIdList"] == ["nobody"]
    assert answer.body["flowControlledStaffIdList"] == ["chen"]
    [message] = world.chats.with_robot("lin").messages
    assert (message.kind, message.content, message.query_key) == (
        "text",
        {"text": "你好"},
        answer.body["processQueryKey"],
    )
    assert not world.chats.with_robot("chen").messages
    assert world.meter.calls == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"userIds": [f"u{n}" for n in range(21)]}, "invalidParameter.userIds.overMax"),
        ({"userIds": []}, "invalidParameter.userIds.empty"),
        ({"userIds": ["nobody"]}, "staffId.notExisted"),
        ({"robotCode": "other"}, "invalidParameter.robotCode.notExsit"),
        ({"msgKey": "sampleTable"}, "invalidParameter.msgKey.invalid"),
        ({"msgParam": "{"}, "invalidParameter.msgParam.invalid"),
        ({"msgParam": {"content": "an object, not a text"}}, "invalidParameter.msgParam.invalid"),
        ({"msgParam": '{"text":"content is missing"}'}, "invalidParameter.msgParam.invalid"),
        ({"msgParam": json.dumps({"content": "x" * 15_000})}, "invalidParameter.msgParam.tooLong"),
    ],
)
async def test_what_the_page_forbids_is_refused(robot: Robot, world: World, change: dict[str, Any], code: str) -> None:
    body = {
        "robotCode": world.app.robot_code,
        "userIds": ["lin"],
        "msgKey": "sampleText",
        "msgParam": '{"content":"a"}',
    }
    answer = await robot.new("POST", PEOPLE, {**body, **change})
    assert (answer.status, answer.code) == (400, code)
    assert not world.chats.with_robot("lin").messages


@pytest.mark.parametrize(
    ("key", "param", "kind"),
    [
        ("sampleMarkdown", {"title": "t", "text": "#### x"}, "markdown"),
        ("sampleImageMsg", {"photoURL": "https://x/y.png"}, "image"),
        ("sampleLink", {"text": "x", "title": "t", "picUrl": "p", "messageUrl": "m"}, "link"),
        ("sampleActionCard", {"title": "t", "text": "x", "singleTitle": "b", "singleURL": "u"}, "actionCard"),
        (
            "sampleActionCard2",
            {"title": "t", "text": "x", "actionTitle1": "a", "actionURL1": "u", "actionTitle2": "b", "actionURL2": "v"},
            "actionCard",
        ),
    ],
)
async def test_each_kind_of_message_is_shown_as_such(
    robot: Robot, world: World, key: str, param: dict[str, str], kind: str
) -> None:
    assert (await _to_people(robot, "lin", key=key, **param)).status == 200
    assert world.chats.with_robot("lin").messages[0].kind == kind


async def test_a_group_message_needs_the_robot_in_the_group(robot: Robot, world: World) -> None:
    assert (await _to_group(robot, HR_GROUP, "早上好")).status == 200
    assert world.chats.conversations[HR_GROUP].messages[0].content == {"text": "早上好"}
    world.chats.conversations[HR_GROUP].has_robot = False
    assert (await _to_group(robot, HR_GROUP, "x")).code == "resource.unavailable"
    assert (await _to_group(robot, world.chats.with_robot("lin").id, "x")).code == "invalid.openConversationId"
    assert (await _to_group(robot, TEAM_GROUP, "字" * 5000)).code == "invalidParameter.msgParam.tooLong"


async def test_a_reply_by_webhook_mentions_only_whom_the_text_names(robot: Robot, world: World) -> None:
    body = {
        "msgtype": "markdown",
        "markdown": {"title": "t", "text": "好的 @wang"},
        "at": {"atUserIds": ["wang", "lin"]},
    }
    assert (await _webhook(robot, world, TEAM_GROUP, body)).body == {
        "errcode": 0,
        "errmsg": "ok",
        "request_id": "x",
    } | {"request_id": world.wire.entries[-1].response["request_id"]}
    message = world.chats.conversations[TEAM_GROUP].messages[-1]
    assert (message.kind, message.mentions) == ("markdown", ("wang",))
    assert world.wire.entries[-1].warnings == ["an @ shows only when the text names the id as well"]


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"msgtype": "text", "text": {"content": ""}}, 400402),
        ({"msgtype": "markdown", "markdown": {"text": "no title"}}, 400402),
        ({"msgtype": "image", "image": {}}, 400105),
        ({"text": {"content": "no type"}}, 400105),
        ({"msgtype": "actionCard", "actionCard": {"title": "t", "text": "x"}}, 400402),
        ({"msgtype": "feedCard", "feedCard": {"links": []}}, 400402),
        ({"msgtype": "feedCard", "feedCard": {"links": ["x"]}}, 400402),
        ({"msgtype": "actionCard", "actionCard": {"title": "t", "text": "x", "btns": "no"}}, 400402),
        ({"msgtype": "text", "text": {"content": "x"}, "at": {"atUserIds": [None, 1]}}, 0),
        ({"msgtype": "empty"}, 0),
        ({"msgtype": "actionCard", "actionCard": {"title": "t", "text": "x", "btns": [{"title": "a"}]}}, 0),
        ({"msgtype": "feedCard", "feedCard": {"links": [{"title": "t", "messageURL": "u", "picURL": "p"}]}}, 0),
    ],
)
async def test_webhooks_answer_200_and_an_errcode(robot: Robot, world: World, body: Any, errcode: int) -> None:
    answer = await _webhook(robot, world, TEAM_GROUP, body)
    assert (answer.status, answer.code) == (200, errcode)


async def test_an_unknown_session_is_refused(robot: Robot) -> None:
    answer = await robot.call("POST", "/robot/sendBySession?session=x", {"msgtype": "empty"})
    assert (answer.status, answer.code) == (200, 300001)


async def test_a_message_is_read_once_its_reader_answers_and_leaves_no_trace_when_recalled(
    robot: Robot, world: World
) -> None:
    key = (await _to_people(robot, "lin")).body["processQueryKey"]
    asked = {"robotCode": world.app.robot_code, "processQueryKey": key}

    async def status() -> Any:
        return (await robot.new("GET", "/v1.0/robot/oToMessages/readStatus", params=asked)).body

    assert (await status())["messageReadInfoList"][0]["readStatus"] == "UNREAD"
    await world.say("lin", world.chats.with_robot("lin").id, "好")
    assert (await status())["messageReadInfoList"][0]["readStatus"] == "READ"
    recall = {"robotCode": world.app.robot_code, "processQueryKeys": [key, "other"]}
    answer = await robot.new("POST", "/v1.0/robot/otoMessages/batchRecall", recall)
    assert answer.body["successResult"] == [key]
    assert set(answer.body["failedResult"]) == {"other"}
    assert (await status())["sendStatus"] == "RECALLED"
    assert not [m for m in world.chats.with_robot("lin").messages if m.from_robot and m.visible_to("lin")]


async def test_after_a_day_nothing_can_be_recalled(robot: Robot, world: World) -> None:
    key = (await _to_people(robot, "lin")).body["processQueryKey"]
    world.clock.advance(timedelta(hours=24, seconds=1))
    robot.token = ""
    body = {"robotCode": world.app.robot_code, "processQueryKeys": [key]}
    assert (await robot.new("POST", "/v1.0/robot/otoMessages/batchRecall", body)).body["successResult"] == []


async def test_an_uploaded_picture_can_be_sent(robot: Robot, world: World) -> None:
    form = aiohttp.FormData({"type": "image"})
    form.add_field("media", b"png", filename="chart.png", content_type="image/png")
    token = world.tokens.issue()
    async with robot.http.post("/media/upload", params={"access_token": token}, data=form) as response:
        told = await response.json()
    assert (told["errcode"], told["type"]) == (0, "image")
    assert (await _to_people(robot, "lin", key="sampleImageMsg", photoURL=told["media_id"])).status == 200
    assert world.chats.with_robot("lin").messages[0].content == {"media_id": told["media_id"]}
    async with robot.http.get(f"/sandbox/media/{told['media_id']}") as response:
        assert await response.read() == b"png"


@pytest.mark.parametrize(("kind", "name", "errcode"), [("image", "x.exe", 40005), ("other", "x.png", 40004)])
async def test_an_upload_of_another_kind_is_refused(
    robot: Robot, world: World, kind: str, name: str, errcode: int
) -> None:
    form = aiohttp.FormData({"type": kind})
    form.add_field("media", b"x", filename=name)
    async with robot.http.post("/media/upload", params={"access_token": world.tokens.issue()}, data=form) as response:
        assert (await response.json())["errcode"] == errcode
