"""The robot's quick entrances and its DINGs."""

from typing import Any

import pytest

from sandbox.world import StoredFile, World
from tests.sandbox.client import Robot

PLUGINS = "/v1.0/robot/plugins"
DING = "/v1.0/robot/ding"


@pytest.fixture
def entrance(world: World) -> dict[str, Any]:
    """A link that can be set."""
    icon = world.files.keep(StoredFile("a.png", "image/png", b"x"))
    return {"name": '{"zh_CN":"请假","en_US":"Leave"}', "icon": icon, "pcUrl": "https://hr.example/leave"}


async def test_entrances_are_set_seen_and_cleared(robot: Robot, world: World, entrance: dict[str, Any]) -> None:
    code = {"robotCode": world.app.robot_code}
    plain = {"name": "规章", "icon": entrance["icon"], "mobileUrl": "https://hr.example/rules"}
    answer = await robot.new("POST", f"{PLUGINS}/set", {**code, "pluginInfoList": [entrance, plain]})
    assert answer.body == {"result": True}
    assert (await robot.new("POST", f"{PLUGINS}/query", code)).body == {"pluginInfoList": [entrance, plain]}
    async with robot.http.get("/", params={"as": "lin"}) as response:
        page = await response.text()
    assert all(words in page for words in ("快捷入口", "请假", "https://hr.example/leave", "规章"))
    assert (await robot.new("POST", f"{PLUGINS}/clear", code)).body == {"result": True}
    assert (await robot.new("POST", f"{PLUGINS}/query", code)).body == {"pluginInfoList": []}
    async with robot.http.get("/", params={"as": "lin"}) as response:
        assert "快捷入口" not in await response.text()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": ""}, "param.illegal"),
        ({"name": 5}, "param.illegal"),
        ({"icon": "@unknown"}, "param.illegal"),
        ({"name": '{"zh_CN":'}, "invalidRequest.jsonFormatErroj"),
        ({"name": '{"zh_CN":5}'}, "invalidRequest.jsonFormatErroj"),
    ],
)
async def test_a_wrong_entrance_is_refused(
    robot: Robot, world: World, entrance: dict[str, Any], change: dict[str, Any], code: str
) -> None:
    body = {"robotCode": world.app.robot_code, "pluginInfoList": [entrance | change]}
    assert (await robot.new("POST", f"{PLUGINS}/set", body)).code == code
    assert world.extras.entrances == []


async def test_too_many_entrances_and_foreign_robots_are_refused(
    robot: Robot, world: World, entrance: dict[str, Any]
) -> None:
    answer = await robot.new("POST", f"{PLUGINS}/set", {"pluginInfoList": [entrance] * 11})
    assert answer.code == "invalidRequest.exceededMaximumLimit"
    for call in ("set", "query", "clear"):
        answer = await robot.new("POST", f"{PLUGINS}/{call}", {"robotCode": "dingother"})
        assert (answer.status, answer.code) == (400, "invalidRequest.robotCodeNotMatch")
    assert (await robot.new("POST", f"{PLUGINS}/query", {})).code == "param.illegal"
    world.app.scopes.remove("Robot.SingleChat.ReadWrite")
    assert (await robot.new("POST", f"{PLUGINS}/query", {"robotCode": "x"})).status == 403


def _ding(world: World, **more: Any) -> dict[str, Any]:
    whole = {"robotCode": world.app.robot_code, "remindType": 1, "receiverUserIdList": ["lin"], "content": "请打卡"}
    return {**whole, **more}


async def test_a_ding_reaches_those_there_are_and_is_recalled(robot: Robot, world: World) -> None:
    sent = await robot.new("POST", f"{DING}/send", _ding(world, receiverUserIdList=["lin", "nobody"]))
    assert sent.body["failedList"] == {"无效的接收者id": ["nobody"]}
    shown = (await robot.call("GET", "/sandbox/dings", params={"user": "lin"})).body
    assert [one["content"] for one in shown["dings"]] == ["请打卡"]
    body = {"robotCode": world.app.robot_code, "openDingId": sent.body["openDingId"]}
    assert (await robot.new("POST", f"{DING}/recall", body)).body == {"openDingId": sent.body["openDingId"]}
    assert world.extras.dings[sent.body["openDingId"]].recalled
    assert (await robot.new("POST", f"{DING}/recall", body | {"openDingId": "x"})).code == "recall.ding.exception"


async def test_text_messages_and_calls_have_to_be_bought(robot: Robot, world: World) -> None:
    refused = await robot.new("POST", f"{DING}/send", _ding(world, remindType=2))
    assert (refused.status, refused.code) == (400, "ding.serverquota.insufficient")
    told = await robot.call("POST", "/sandbox/dings", {"sms": 1})
    assert told.body["allowance"] == {"1": 1000, "2": 1, "3": 0}
    assert (await robot.new("POST", f"{DING}/send", _ding(world, remindType=2))).status == 200
    assert (await robot.new("POST", f"{DING}/send", _ding(world, remindType=2))).status == 400


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"robotCode": "other"}, "invalid.chatbotId"),
        ({"remindType": 4}, "invalidParameter.param.invalid"),
        ({"remindType": "app"}, "invalidParameter.param.invalid"),
        ({"content": ""}, "invalidParameter.param.invalid"),
        ({"receiverUserIdList": []}, "miss.staffId"),
        ({"receiverUserIdList": ["nobody"]}, "miss.staffId"),
        ({"receiverUserIdList": [f"u{number}" for number in range(201)]}, "ding.receivercount.limit"),
        ({"remindType": 3, "receiverUserIdList": [f"u{number}" for number in range(21)]}, "ding.receivercount.limit"),
    ],
)
async def test_a_wrong_ding_is_refused(robot: Robot, world: World, more: dict[str, Any], code: str) -> None:
    assert (await robot.new("POST", f"{DING}/send", _ding(world, **more))).code == code
    assert world.extras.dings == {}
