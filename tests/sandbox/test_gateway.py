"""Opening a connection, and what goes over it."""

import asyncio
import json
from datetime import timedelta

import aiohttp
import pytest

from sandbox.world import Timing, World
from sandbox.world.stream import ROBOT_TOPIC
from tests.sandbox.client import Robot


async def test_wrong_credentials_get_no_ticket(robot: Robot) -> None:
    body = {"clientId": "x", "clientSecret": "y", "subscriptions": [{"type": "EVENT", "topic": "*"}]}
    answer = await robot.call("POST", "/v1.0/gateway/connections/open", body)
    assert (answer.status, answer.code) == (401, "authFailed")


async def test_subscriptions_are_mandatory(robot: Robot) -> None:
    answer = await robot.ticket(())
    assert (answer.status, answer.code) == (400, "Missingsubscriptions")


async def test_an_events_topic_can_only_be_a_star(robot: Robot) -> None:
    assert (await robot.ticket([("EVENT", "user_add_org")])).status == 400


async def test_a_ticket_opens_one_connection(robot: Robot) -> None:
    told = (await robot.ticket()).body
    async with robot.http.ws_connect(told["endpoint"], params={"ticket": told["ticket"]}):
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await robot.http.ws_connect(told["endpoint"], params={"ticket": told["ticket"]})


async def test_a_ticket_lasts_ninety_seconds(robot: Robot, world: World) -> None:
    told = (await robot.ticket()).body
    world.clock.advance(timedelta(seconds=90))
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await robot.http.ws_connect(told["endpoint"], params={"ticket": told["ticket"]})


async def test_a_frames_headers_are_texts_and_its_data_is_json_in_a_text(robot: Robot, world: World) -> None:
    line = await robot.connect()
    await world.say("lin", world.chats.with_robot("lin").id, "你好")
    frame = await line.frame()
    assert frame.raw["specVersion"] == "1.0"
    assert frame.raw["type"] == "CALLBACK"
    assert frame.headers["topic"] == ROBOT_TOPIC
    assert frame.headers["contentType"] == "application/json"
    assert all(isinstance(value, str) for value in frame.headers.values())
    assert frame.data["text"] == {"content": "你好"}


async def test_only_who_subscribes_is_pushed_to(robot: Robot, world: World) -> None:
    events = await robot.connect([("EVENT", "*")])
    await robot.connect([("CALLBACK", ROBOT_TOPIC)])
    for _ in range(8):
        await world.stream.event("user_active_org", {"userId": ["lin"]})
    for _ in range(8):
        assert (await events.frame()).raw["type"] == "EVENT"


async def test_pushes_go_to_any_connection(robot: Robot, world: World) -> None:
    lines = [await robot.connect() for _ in range(2)]
    for number in range(30):
        await world.say("lin", world.chats.with_robot("lin").id, str(number))
    used = {entry.connection for entry in world.wire.entries if entry.kind == "frame"}
    assert len(used) == len(lines)


async def test_a_push_nobody_subscribes_to_is_lost_and_noted(robot: Robot, world: World) -> None:
    await robot.connect([("EVENT", "*")])
    await world.say("lin", world.chats.with_robot("lin").id, "你好")
    assert world.wire.entries[-1].title == f"lost: no connection subscribes to CALLBACK {ROBOT_TOPIC}"
    assert world.meter.pushes == 0


async def test_a_ping_wants_its_data_back(robot: Robot, world: World) -> None:
    line = await robot.connect()
    for echo, complaint in [(True, None), (False, "ping answered without its data")]:
        ping = asyncio.create_task(world.stream.ping(world.stream.connections[0]))
        frame = await line.frame()
        assert (frame.raw["type"], frame.headers["topic"]) == ("SYSTEM", "ping")
        await line.ack(frame, frame.data if echo else {"opaque": "other"})
        await ping
        titles = [entry.title for entry in world.wire.entries if entry.kind == "note"]
        assert (complaint in titles) is (complaint is not None)


async def test_after_disconnect_nothing_is_pushed_and_the_socket_closes(robot: Robot, world: World) -> None:
    line = await robot.connect()
    await world.stream.disconnect(world.stream.connections[0])
    frame = await line.frame()
    assert (frame.raw["type"], frame.headers["topic"]) == ("SYSTEM", "disconnect")
    assert "reason" in frame.data
    await world.say("lin", world.chats.with_robot("lin").id, "你好")
    assert await line.closed() == aiohttp.WSCloseCode.GOING_AWAY
    assert not world.stream.connections


async def test_what_was_pushed_before_a_disconnect_can_be_acknowledged_until_the_socket_closes(
    robot: Robot, world: World
) -> None:
    line = await robot.connect()
    world.stream.timing.push = 3.0
    await world.say("lin", world.chats.with_robot("lin").id, "你好")
    frame = await line.frame()
    await world.stream.disconnect(world.stream.connections[0])
    await line.frame()
    other = await robot.connect()
    await line.ack(frame)
    await robot.until(lambda: world.wire.entries[-1].kind == "ack")
    assert world.wire.entries[-1].warnings == []
    await world.say("lin", world.chats.with_robot("lin").id, "还在吗")
    assert (await other.frame()).data["text"]["content"] == "还在吗"


def test_dingtalk_waits_as_long_as_its_pages_say() -> None:
    timing = Timing()
    assert (timing.push, timing.card, timing.drain) == (3.0, 2.0, 10.0)  # A/1435, C1/0007, the protocol page
    assert (timing.event_again, timing.robot_again) == ((10.0, 30.0), (16.0, 60.0))


async def test_a_dropped_socket_ends_without_a_word(robot: Robot, world: World) -> None:
    line = await robot.connect()
    await world.stream.connections[0].close(True)
    assert await line.closed() == aiohttp.WSCloseCode.ABNORMAL_CLOSURE


async def test_an_ack_on_another_connection_is_lost(robot: Robot, world: World) -> None:
    lines = [await robot.connect(), await robot.connect()]
    await world.say("lin", world.chats.with_robot("lin").id, "你好")
    push = next(iter(world.stream.pushes.values()))
    got, other = lines if push.connection is world.stream.connections[0] else reversed(lines)
    await other.ack(await got.frame())
    await robot.until(lambda: world.wire.entries[-1].kind == "ack")
    assert world.wire.entries[-1].warnings == ["came on another connection than the frame: lost"]


@pytest.mark.parametrize("text", ["", "nonsense", "[]", '{"code":"200"}', '{"code":200,"headers":{},"data":7}'])
async def test_an_ack_of_no_use_is_noted_and_hurts_nobody(robot: Robot, world: World, text: str) -> None:
    line = await robot.connect()
    before = len(world.wire.entries)
    await line.socket.send_str(text)
    await robot.until(lambda: len(world.wire.entries) > before)
    await world.say("lin", world.chats.with_robot("lin").id, "还在吗")
    assert (await line.frame()).data["text"]["content"] == "还在吗"


async def test_a_raw_frame_goes_out_as_it_is(robot: Robot, world: World) -> None:
    line = await robot.connect()
    await world.stream.send_raw(world.stream.connections[0], "{not json")
    assert (await line.socket.receive()).data == "{not json"


async def test_a_half_open_connection_answers_no_pings(robot: Robot, world: World) -> None:
    line = await robot.connect()
    world.stream.connections[0].half_open = world.stream.connections[0].stalled = True
    await line.socket.ping(b"are you there")
    await world.say("lin", world.chats.with_robot("lin").id, "你好")
    world.stream.connections[0].stalled = False
    await world.stream.send_raw(world.stream.connections[0], json.dumps({"type": "SYSTEM"}))
    assert json.loads((await line.socket.receive()).data) == {"type": "SYSTEM"}  # neither a pong nor the message
