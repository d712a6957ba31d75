"""What the robot hears: complete, only what it should, again when it doesn't acknowledge."""

from datetime import timedelta

import pytest

from sandbox.company import EVERYONE_GROUP, HR_GROUP, TEAM_GROUP
from sandbox.world import Refused, StoredFile, World
from sandbox.world.files import FileKind
from tests.sandbox.client import Robot

PHOTO = StoredFile("病假条.png", "image/png", b"png")


async def test_a_private_message_is_complete(robot: Robot, world: World) -> None:
    line = await robot.connect()
    chat = world.chats.with_robot("lin")
    message = await world.say("lin", chat.id, "我想请假")
    data = (await line.frame()).data
    assert data["msgId"] == message.id
    assert data["conversationId"] == chat.id
    assert (data["conversationType"], data["msgtype"], data["text"]) == ("1", "text", {"content": "我想请假"})
    assert (data["senderStaffId"], data["senderNick"], data["isAdmin"]) == ("lin", "林晓", False)
    assert data["createAt"] == world.clock.ms()
    assert data["sessionWebhookExpiredTime"] == world.clock.ms() + 90 * 60 * 1000
    assert data["sessionWebhook"].startswith(f"{robot.sandbox.url}/robot/sendBySession?session=")
    assert data["senderCorpId"] == data["chatbotCorpId"] == world.app.corp_id
    assert data["robotCode"] == world.app.client_id
    assert "conversationTitle" not in data
    assert "isInAtList" not in data


async def test_in_a_group_only_a_mention_is_heard_without_it_and_with_a_space(robot: Robot, world: World) -> None:
    line = await robot.connect()
    await world.say("wang", HR_GROUP, "大家早")
    await world.say("wang", HR_GROUP, f"@{world.app.robot_name} 今天谁不在")
    data = (await line.frame()).data
    assert data["text"]["content"] == " 今天谁不在"
    assert (data["conversationType"], data["conversationTitle"], data["isInAtList"]) == ("2", "HR通知", True)
    assert data["atUsers"][0]["dingtalkId"] == data["chatbotUserId"]


async def test_a_group_without_the_robot_is_silent(robot: Robot, world: World) -> None:
    await robot.connect()
    world.chats.conversations[TEAM_GROUP].has_robot = False
    await world.say("lin", TEAM_GROUP, "@机器人 年假")
    assert world.meter.pushes == 0


async def test_a_stranger_to_a_group_can_say_nothing_in_it(world: World) -> None:
    with pytest.raises(Refused):
        await world.say("chen", HR_GROUP, "@机器人 年假")


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("picture", {"downloadCode", "pictureDownloadCode"}),
        ("audio", {"downloadCode", "duration", "recognition"}),
        ("video", {"downloadCode", "duration", "videoType"}),
        ("file", {"downloadCode", "fileName"}),
    ],
)
async def test_files_of_every_kind_arrive(robot: Robot, world: World, kind: FileKind, fields: set[str]) -> None:
    line = await robot.connect()
    await world.send_file("lin", world.chats.with_robot("lin").id, kind, PHOTO, recognition="明天请假")
    data = (await line.frame()).data
    assert data["msgtype"] == kind
    assert set(data["content"]) == fields


async def test_a_file_can_be_downloaded_by_its_code(robot: Robot, world: World) -> None:
    line = await robot.connect()
    await world.send_file("lin", world.chats.with_robot("lin").id, "picture", PHOTO)
    code = (await line.frame()).data["content"]["downloadCode"]
    path, robot_code = "/v1.0/robot/messageFiles/download", world.app.robot_code
    answer = await robot.new("POST", path, {"downloadCode": code, "robotCode": robot_code})
    async with robot.http.get(answer.body["downloadUrl"]) as response:
        assert await response.read() == b"png"
    wrong = await robot.new("POST", path, {"downloadCode": "no", "robotCode": robot_code})
    assert (wrong.status, wrong.code) == (400, "invalidParameter.robotCode.downloadCode")


async def test_files_in_a_group_stay_there(robot: Robot, world: World) -> None:
    await robot.connect()
    await world.send_file("lin", TEAM_GROUP, "audio", PHOTO)
    assert world.meter.pushes == 0


async def test_rich_text_carries_its_parts(robot: Robot, world: World) -> None:
    line = await robot.connect()
    await world.send_rich("lin", TEAM_GROUP, ["@机器人 病假条", PHOTO])
    data = (await line.frame()).data
    first, second = data["content"]["richText"]
    assert (data["msgtype"], first) == ("richText", {"text": " 病假条"})
    assert (second["type"], set(second)) == ("picture", {"type", "downloadCode", "pictureDownloadCode"})


async def test_without_an_ack_a_message_comes_again_twice_with_a_new_message_id(robot: Robot, world: World) -> None:
    line = await robot.connect()
    await world.say("lin", world.chats.with_robot("lin").id, "你好")
    frames = [await line.frame() for _ in range(3)]
    assert len({frame.message_id for frame in frames}) == 3
    assert len({frame.data["msgId"] for frame in frames}) == 1
    assert world.meter.pushes == 3


@pytest.mark.parametrize(("code", "times"), [(200, 1), (500, 3)])
async def test_an_ack_ends_it_and_a_failure_does_not(robot: Robot, world: World, code: int, times: int) -> None:
    line = await robot.connect()
    await world.say("lin", world.chats.with_robot("lin").id, "你好")
    for _ in range(times):
        await line.ack(await line.frame(), code=code)
    await world.say("lin", world.chats.with_robot("lin").id, "再见")
    assert [(await line.frame()).data["text"]["content"] for _ in range(3)] == ["再见"] * 3


async def test_once_the_pushes_are_used_up_the_frame_has_no_content(robot: Robot, world: World) -> None:
    line = await robot.connect()
    world.meter.max_pushes = 1
    for text in ("一", "二"):
        await world.say("lin", world.chats.with_robot("lin").id, text)
    first, second = (await line.frame()).data, (await line.frame()).data
    assert "text" in first
    assert second["errorCode"] == 20001
    assert second["errorMessage"]
    assert "text" not in second
    assert "msgtype" not in second


async def test_a_redelivered_frame_has_a_new_message_id_unless_the_same_is_wanted(robot: Robot, world: World) -> None:
    line = await robot.connect()
    await world.say("lin", world.chats.with_robot("lin").id, "你好")
    first = await line.frame()
    await line.ack(first)
    await world.stream.redeliver(first.message_id)
    await world.stream.redeliver(first.message_id, same_id=True)
    again, same = await line.frame(), await line.frame()
    assert again.message_id != first.message_id
    assert same.message_id == first.message_id
    assert again.data == same.data == first.data


async def test_the_webhook_speaks_for_ninety_minutes(robot: Robot, world: World) -> None:
    line = await robot.connect()
    await world.say("lin", EVERYONE_GROUP, "@机器人 你好")
    webhook = (await line.frame()).data["sessionWebhook"]
    body = {"msgtype": "text", "text": {"content": "好"}}
    assert (await robot.call("POST", webhook, body)).code == 0
    world.clock.advance(timedelta(minutes=90))
    assert (await robot.call("POST", webhook, body)).code == 300001
    assert [m.content for m in world.chats.conversations[EVERYONE_GROUP].messages if m.from_robot] == [{"text": "好"}]
    assert world.meter.month.webhooks == 1
    assert world.meter.calls == 0
