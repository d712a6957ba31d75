"""Custom robots of a group: their address, what guards it, and their pace."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from sandbox.company import TEAM_GROUP
from sandbox.world import World
from sandbox.world.webhooks import signature
from tests.sandbox.client import Answer, Robot

TEXT = {"msgtype": "text", "text": {"content": "构建失败"}}


async def _set(robot: Robot, **settings: Any) -> str:
    """Put one into the team's group; give its token."""
    answer = await robot.call("POST", "/sandbox/webhooks", {"conversation": TEAM_GROUP, "name": "监控", **settings})
    assert answer.status == 200, answer
    token: str = answer.body["token"]
    assert answer.body["url"].endswith(f"/robot/send?access_token={token}")
    return token


async def _send(robot: Robot, token: str, body: Mapping[str, Any] = TEXT, **query: str) -> Answer:
    return await robot.call("POST", "/robot/send", body, params={"access_token": token, **query})


async def test_it_says_things_in_its_group_under_its_own_name(robot: Robot, world: World) -> None:
    token, lin = await _set(robot), world.directory.users["lin"]
    text = {"content": f"看一下 @wang @{lin.mobile} @chen"}
    at = {"atUserIds": ["wang", "chen"], "atMobiles": [lin.mobile]}
    answer = await _send(robot, token, {"msgtype": "text", "text": text, "at": at})
    assert (answer.status, answer.body["errcode"], answer.body["errmsg"]) == (200, 0, "ok")
    [message] = world.chats.conversations[TEAM_GROUP].messages
    assert (message.sender, message.kind, message.from_robot) == ("监控", "text", False)
    assert set(message.mentions) == {"wang", "lin"}  # chen isn't in the group
    assert world.meter.month.pushes == {"/robot/send": 1}
    assert world.meter.calls == 0
    assert token not in str(world.wire.entries[-1])
    listed = (await robot.call("GET", "/sandbox/webhooks")).body
    assert [one["name"] for one in listed] == ["监控"]


@pytest.mark.parametrize(
    "body",
    [
        {"msgtype": "link", "link": {"title": "t", "text": "x", "messageUrl": "https://x.cn"}},
        {"msgtype": "markdown", "markdown": {"title": "t", "text": "# x"}},
        {"msgtype": "actionCard", "actionCard": {"title": "t", "text": "x", "singleTitle": "看", "singleURL": "u"}},
        {
            "msgtype": "actionCard",
            "actionCard": {"title": "t", "text": "x", "btns": [{"title": "a", "actionURL": "u"}]},
        },
        {"msgtype": "feedCard", "feedCard": {"links": [{"title": "t", "messageURL": "u", "picURL": "p"}]}},
    ],
)
async def test_every_type_is_shown(robot: Robot, world: World, body: dict[str, Any]) -> None:
    assert (await _send(robot, await _set(robot), body)).code == 0
    assert world.chats.conversations[TEAM_GROUP].messages[-1].kind == body["msgtype"]


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({}, 400105),
        ({"msgtype": "Text", "text": {"content": "x"}}, 400105),
        ({"msgtype": "empty"}, 400105),
        ({"msgtype": "text"}, 400402),
        ({"msgtype": "text", "text": "x"}, 400402),
        ({"msgtype": "text", "text": {"content": ""}}, 400402),
        ({**TEXT, "at": {"atUserIds": ["x"] * 51}}, 40035),
    ],
)
async def test_what_it_cant_say(robot: Robot, body: dict[str, Any], errcode: int) -> None:
    assert (await _send(robot, await _set(robot), body)).code == errcode


async def test_keywords_guard_it(robot: Robot) -> None:
    token = await _set(robot, keywords=["失败", "恢复"])
    assert (await _send(robot, token)).code == 0
    refused = await _send(robot, token, {"msgtype": "text", "text": {"content": "你好"}})
    assert (refused.code, refused.body["errmsg"]) == (310000, "keywords not in content")
    assert (await robot.call("POST", "/sandbox/webhooks", {"token": token, "keywords": ["x"] * 11})).status == 400


async def test_a_signature_guards_it_for_an_hour(robot: Robot, world: World) -> None:
    secret, now = "SEC123", world.clock.ms()
    token = await _set(robot, secret=secret)

    async def send(timestamp: int, key: str = secret) -> str:
        answer = await _send(robot, token, timestamp=str(timestamp), sign=signature(key, str(timestamp)))
        told: str = answer.body["errmsg"]
        return told

    assert [await send(now), await send(now - 3_600_000), await send(now + 3_600_000)] == ["ok", "ok", "ok"]
    assert await send(now - 3_600_001) == "invalid timestamp"
    assert await send(now, "other") == "sign not match"
    assert (await _send(robot, token)).body["errmsg"] == "invalid timestamp"


def test_the_signature_is_the_documents_one() -> None:
    """Computed once with the sample of G/0082 (Python)."""
    assert signature("this is secret", "1700000000000") == "sSFWELbV2YwjdDQhWZwTcWlX5BWUx5J6TPpsZmuPii0="


async def test_addresses_guard_it(robot: Robot) -> None:
    token = await _set(robot, addresses=["1.1.1.0/24"])
    assert (await _send(robot, token)).body["errmsg"] == "ip 127.0.0.1 not in whitelist"
    await robot.call("POST", "/sandbox/webhooks", {"token": token, "addresses": ["127.0.0.0/8"]})
    assert (await _send(robot, token)).code == 0
    assert (await robot.call("POST", "/sandbox/webhooks", {"token": token, "addresses": ["office"]})).status == 400


async def test_the_twenty_first_message_in_a_minute_blocks_it_for_ten(robot: Robot, world: World) -> None:
    world.app.calls_per_second = 1000
    token, other = await _set(robot), await _set(robot)
    assert {(await _send(robot, token)).code for _ in range(20)} == {0}
    assert (await _send(robot, token)).code == 410100
    assert (await _send(robot, other)).code == 0
    world.clock.advance(timedelta(minutes=9))
    assert (await _send(robot, token)).code == 410100
    world.clock.advance(timedelta(minutes=1))
    assert (await _send(robot, token)).code == 0


async def test_the_same_msg_uuid_is_said_once(robot: Robot, world: World) -> None:
    token = await _set(robot)
    for uuid in ("a", "a", "b"):
        assert (await _send(robot, token, {**TEXT, "msgUuid": uuid})).code == 0
    assert len(world.chats.conversations[TEAM_GROUP].messages) == 2


async def test_one_that_is_stopped_removed_or_unknown_says_nothing(robot: Robot, world: World) -> None:
    token = await _set(robot, stopped=True)
    assert (await _send(robot, token)).code == 400102
    await robot.call("POST", "/sandbox/webhooks", {"token": token, "stopped": False, "removed": True})
    assert (await _send(robot, token)).code == 400106
    await robot.call("POST", "/sandbox/webhooks", {"token": token, "removed": False})
    await robot.call("POST", "/sandbox/groups", {"id": TEAM_GROUP, "disbanded": True})
    assert (await _send(robot, token)).code == 400013
    assert (await _send(robot, "unknown")).code == 400101
    assert (await robot.call("POST", "/robot/send", TEXT)).code == 400101
    assert (await robot.call("POST", "/sandbox/webhooks", {"conversation": "cidOther"})).status == 400
    assert world.chats.conversations[TEAM_GROUP].messages == []
