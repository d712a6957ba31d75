"""What goes wrong on order, seen on the wire."""

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import pytest

from sandbox.world import World
from sandbox.world.faults import FAULTS
from sandbox.world.stream import CARD_TOPIC
from tests.sandbox.client import Answer, Line, Robot
from tests.sandbox.test_cards import send, to_person

UPDATE = "/v1.0/card/instances"
SEND = "/v1.0/robot/oToMessages/batchSend"


async def _order(robot: Robot, kind: str, **more: Any) -> None:
    """Order a fault as a tester does."""
    answer = await robot.call("POST", "/sandbox/faults", {"kind": kind, **more})
    assert answer.status == 200, answer


async def _user(robot: Robot) -> Answer:
    return await robot.old("/topapi/v2/user/get", {"userid": "lin"})


async def _card(robot: Robot) -> Answer:
    return await robot.new("PUT", UPDATE, {"outTrackId": "x", "cardData": {"cardParamMap": {}}})


async def _send(robot: Robot, *users: str) -> Answer:
    body = {"robotCode": robot.sandbox.world.app.robot_code, "userIds": users, "msgKey": "sampleText"}
    return await robot.new("POST", SEND, {**body, "msgParam": '{"content":"x"}'})


async def _say(world: World, text: str) -> None:
    await world.say("lin", world.chats.with_robot("lin").id, text)


async def test_the_kinds_are_listed_with_what_a_button_needs(robot: Robot) -> None:
    kinds = (await robot.call("GET", "/sandbox/faults/kinds")).body
    assert {one["key"] for one in kinds} == {one.key for one in FAULTS}
    assert all(one["label"] and one["sentence"] for one in kinds)


@pytest.mark.parametrize(
    ("kind", "new", "old"),
    [
        ("token", (400, "InvalidAuthentication"), 42001),
        ("qps", (403, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"), 90018),
        ("qpm", (403, "Forbidden.AccessDenied.QpmLimitForAppkeyAndApi"), 90018),
        ("qps_everyone", (403, "Forbidden.AccessDenied.QpsLimitForApi"), 90002),
        ("monthly", (403, "Forbidden.AccessDenied.ApiCountLimitForOrg"), 90020),
        ("busy", (500, "system.busy"), -1),
    ],
)
async def test_the_next_call_is_refused_as_told_and_only_that(
    robot: Robot, kind: str, new: tuple[int, str], old: int
) -> None:
    await _order(robot, kind, times=2)
    answer = await _card(robot)
    assert (answer.status, answer.code) == new
    assert (await _user(robot)).code == old
    assert (await _card(robot)).code == "param.cardNotExist"
    assert (await _user(robot)).code == 0


async def test_a_token_that_ended_early_is_good_for_no_call(robot: Robot, world: World) -> None:
    await _order(robot, "token_early", api="contacts.user")
    assert (await _user(robot)).code == 40014
    assert (await _card(robot)).code == "InvalidAuthentication"
    assert world.tokens.issue() != robot.token


async def test_a_fault_is_for_its_api_and_others_wait(robot: Robot) -> None:
    await _order(robot, "busy", api=UPDATE)
    await _order(robot, "answer", api="card.update", status=418, body={"code": "teapot"})
    assert (await _user(robot)).code == 0
    assert (await _card(robot)).code == "system.busy"
    teapot = await _card(robot)
    assert (teapot.status, teapot.code) == (418, "teapot")


@pytest.mark.parametrize(("kind", "status"), [("ip_ban", 200), ("timeout", 504), ("unavailable", 503), ("html", 502)])
async def test_some_answers_are_no_json(robot: Robot, kind: str, status: int) -> None:
    await _order(robot, kind)
    answer = await _user(robot)
    assert (answer.status, type(answer.body)) == (status, str)


async def test_a_banned_address_may_get_json_of_another_kind(robot: Robot) -> None:
    await _order(robot, "ip_ban_json")
    assert (await _user(robot)).body | {"uuid": ""} == {
        "status": 1111, "wait": 5, "source": "x5", "punish": "deny", "uuid": "",
    }  # fmt: skip


async def test_json_ends_in_the_middle(robot: Robot) -> None:
    await _order(robot, "truncated")
    with pytest.raises(json.JSONDecodeError):
        await _user(robot)


async def test_errcode_comes_as_a_text(robot: Robot) -> None:
    await _order(robot, "errcode_text", times=2)
    assert (await _user(robot)).body["errcode"] == "0"
    assert (await robot.old("/topapi/v2/user/get", {"userid": "x"})).body["errcode"] == "60121"


async def test_a_dropped_call_has_no_answer(robot: Robot) -> None:
    await _order(robot, "drop")
    with pytest.raises(aiohttp.ClientConnectionError):
        await _user(robot)


@pytest.mark.parametrize(
    ("kind", "more", "sent"),
    [("timeout", {}, 0), ("timeout", {"after_action": True}, 1), ("timeout_after", {}, 1), ("html", {}, 1)],
)
async def test_a_failure_may_hide_what_was_done(
    robot: Robot, world: World, kind: str, more: dict[str, Any], sent: int
) -> None:
    await _order(robot, kind, **more)
    assert isinstance((await _send(robot, "lin")).body, str)
    assert len(world.chats.with_robot("lin").messages) == sent


async def test_a_slow_answer_comes_in_the_end(robot: Robot) -> None:
    await _order(robot, "slow", delay=0.2)
    begun = time.monotonic()
    assert (await _user(robot)).code == 0
    assert time.monotonic() - begun >= 0.2


@pytest.mark.parametrize(
    ("kind", "told"),
    [("flow_controlled", "flowControlledStaffIdList"), ("invalid_staff", "invalidStaffIdList")],
)
async def test_a_send_fails_for_some(robot: Robot, world: World, kind: str, told: str) -> None:
    await _order(robot, kind, body=["wang"])
    answer = await _send(robot, "lin", "wang")
    assert (answer.status, answer.body[told]) == (200, ["wang"])
    assert len(world.chats.with_robot("lin").messages) == 1
    assert not world.chats.with_robot("wang").messages


async def test_a_card_is_not_delivered_inside_a_200(robot: Robot, world: World) -> None:
    await _order(robot, "undelivered")
    [result] = (await send(robot, to_person("wang"))).body["result"]["deliverResults"]
    assert (result["success"], result["carrierId"]) == (False, "")
    assert not world.chats.with_robot("wang").messages


async def test_the_date_header_is_an_hour_ahead(robot: Robot, world: World) -> None:
    await _order(robot, "skew")
    params = {"access_token": world.tokens.issue()}
    async with robot.http.get("/auth/scopes", params=params) as response:
        ahead = parsedate_to_datetime(response.headers["Date"]) - datetime.now(UTC)
    assert timedelta(minutes=59) < ahead <= timedelta(hours=1)


async def test_the_gateway_forgets_its_endpoint_or_speaks_xml(robot: Robot) -> None:
    await _order(robot, "no_endpoint")
    told = await robot.ticket()
    assert (told.status, set(told.body)) == (200, {"ticket"})
    await _order(robot, "xml")
    told = await robot.ticket()
    assert told.status == 200
    assert "<endpoint>ws://" in told.body


async def test_a_good_ticket_is_refused_once(robot: Robot) -> None:
    await _order(robot, "ticket_refused")
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await robot.connect()
    await robot.connect()


async def test_the_socket_drops_in_place_of_a_frame(robot: Robot, world: World) -> None:
    line = await robot.connect()
    await _order(robot, "socket_dropped")
    await _say(world, "你好")
    assert await line.closed() == aiohttp.WSCloseCode.ABNORMAL_CLOSURE


@pytest.mark.parametrize(("kind", "silent"), [("stall", False), ("half_open", True)])
async def test_the_socket_stays_but_nothing_comes(robot: Robot, world: World, kind: str, silent: bool) -> None:
    line = await robot.connect()
    await _order(robot, kind)
    await _say(world, "你好")
    [connection] = world.stream.connections
    assert (connection.stalled, connection.half_open) == (True, silent)
    connection.stalled = False
    await world.stream.send_raw(connection, "later")
    assert (await line.socket.receive()).data == "later"  # the message was lost


async def test_a_frame_comes_twice(robot: Robot, world: World) -> None:
    line = await robot.connect()
    await _order(robot, "duplicate")
    await _say(world, "你好")
    first, second = await line.frame(), await line.frame()
    assert first.raw == second.raw
    assert world.meter.pushes == 1


async def _heard(line: Line) -> str:
    frame = await line.frame()
    await line.ack(frame)
    return str(frame.data["text"]["content"])


async def test_a_frame_comes_late(robot: Robot, world: World) -> None:
    line = await robot.connect()
    world.stream.timing.robot_again = ()
    await _order(robot, "late", delay=0.1)
    begun = time.monotonic()
    await _say(world, "一")
    await _say(world, "二")
    assert [await _heard(line), await _heard(line)] == ["二", "一"]
    assert time.monotonic() - begun >= 0.1


async def test_frames_come_out_of_order(robot: Robot, world: World) -> None:
    line = await robot.connect()
    world.stream.timing.robot_again = ()
    await _order(robot, "out_of_order")
    await _say(world, "一")
    await _say(world, "二")
    assert [await _heard(line), await _heard(line)] == ["二", "一"]
    await _order(robot, "out_of_order", delay=0.05)
    await _say(world, "三")
    assert await _heard(line) == "三"  # nothing followed it


async def test_a_frame_ends_in_the_middle(robot: Robot, world: World) -> None:
    line = await robot.connect()
    await _order(robot, "malformed")
    await _say(world, "你好")
    with pytest.raises(json.JSONDecodeError):
        await line.frame()


async def test_a_frame_is_too_large_for_some_clients(robot: Robot, world: World) -> None:
    line = await robot.connect()
    await _order(robot, "oversized")
    await _say(world, "你好")
    message = await line.socket.receive()
    assert len(message.data.encode()) > 256 * 1024
    assert "above 256 KiB" in next(one for one in world.wire.entries if one.kind == "frame").warnings[0]


@pytest.mark.parametrize(
    ("kind", "names"), [("no_sender", {"senderStaffId"}), ("no_msg_id", {"msgId"}), ("no_text", {"text"})]
)
async def test_a_message_lacks_what_it_should_have(robot: Robot, world: World, kind: str, names: set[str]) -> None:
    line = await robot.connect()
    await _order(robot, kind)
    await world.stream.event("user_active_org", {"userId": ["lin"]})  # none of its business
    await line.ack(await line.frame(), {"status": "SUCCESS"})
    await _say(world, "你好")
    spoiled = (await line.frame()).data
    whole = (await line.frame()).data  # the message comes again
    assert set(whole) - set(spoiled) == names


async def test_headers_are_called_header(robot: Robot, world: World) -> None:
    line = await robot.connect()
    await _order(robot, "header_spelling")
    await _say(world, "你好")
    frame = await line.frame()
    assert "headers" not in frame.raw
    assert frame.raw["header"]["messageId"]


async def test_times_are_spelt_otherwise_and_texts(robot: Robot, world: World) -> None:
    line = await robot.connect()
    await _order(robot, "time_spelling", times=2)
    await _say(world, "你好")
    frame = await line.frame()
    await line.ack(frame)
    assert frame.data["timestamp"] == str(world.clock.ms())
    await world.stream.event("user_active_org", {"timeStamp": "7", "userId": ["lin"]})
    assert (await line.frame()).data == {"timestamp": "7", "userId": ["lin"]}


async def test_a_frames_time_is_ahead(robot: Robot, world: World) -> None:
    line = await robot.connect()
    await _order(robot, "time_skew", by=-60)
    await _say(world, "你好")
    assert int((await line.frame()).headers["time"]) == world.clock.ms() - 60_000


@pytest.mark.parametrize("kind", ["only_value", "params_beside"])
async def test_a_taps_callback_is_spelt_otherwise(robot: Robot, world: World, kind: str) -> None:
    line = await robot.connect()
    await send(robot, to_person("wang"))
    await _order(robot, kind)
    pressing = asyncio.create_task(world.press("wang", "leave-1", "approve"))
    frame = await line.frame()
    await line.ack(frame)
    assert (await pressing).ok
    assert frame.headers["topic"] == CARD_TOPIC
    told = json.loads(frame.data["value"])
    if kind == "only_value":
        assert "content" not in frame.data
        assert told["cardPrivateData"]["params"]["action"] == "approve"
    else:
        assert told["params"]["action"] == "approve"
        assert "params" not in told["cardPrivateData"]


async def test_a_used_up_frame_can_spell_its_error_the_other_way(robot: Robot, world: World) -> None:
    line = await robot.connect()
    body = {"max_pushes": 0, "spelling": "err"}
    assert (await robot.call("POST", "/sandbox/meter", body)).body["spelling"] == "err"
    await _say(world, "你好")
    data = (await line.frame()).data
    assert data["errCode"] == 20001
    assert data["errMsg"]
    assert not {"text", "errorCode", "errorMessage"} & set(data)
