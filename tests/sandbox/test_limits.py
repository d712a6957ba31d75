"""Pace, quota, permissions, faults, and calls nobody knows."""

import json
from typing import Any

import aiohttp
import pytest

from sandbox.world import World
from sandbox.world.faults import Fault
from sandbox.world.wire import Entry
from tests.sandbox.client import Answer, Robot

UPDATE = "/v1.0/card/instances"


async def _user(robot: Robot) -> Answer:
    return await robot.old("/topapi/v2/user/get", {"userid": "lin"})


async def _card(robot: Robot) -> Answer:
    return await robot.new("PUT", UPDATE, {"outTrackId": "x", "cardData": {"cardParamMap": {}}})


async def test_the_twenty_first_call_in_a_second_is_refused(robot: Robot, world: World) -> None:
    assert [(await _user(robot)).code for _ in range(21)] == [0] * 20 + [90018]
    codes = [(await _card(robot)).code for _ in range(21)]
    assert codes[-1] == "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"
    assert codes[0] != codes[-1]
    assert world.meter.month.counted["card.update"] == 20  # a refusal for its pace isn't counted
    too_long = {"outTrackId": "x" * 65, "cardData": {"cardParamMap": {}}}
    assert (await robot.new("POST", "/v1.0/card/instances", too_long)).status == 400
    assert world.meter.month.counted["card.create"] == 1  # any other is


async def test_once_the_months_calls_are_used_up_counted_calls_are_refused(robot: Robot, world: World) -> None:
    world.meter.max_calls = 0
    refused = await _card(robot)
    assert (refused.status, refused.code) == (403, "Forbidden.AccessDenied.ApiCountLimitForOrg")
    assert (await _user(robot)).code == 0  # contacts aren't counted


async def test_a_new_month_begins_at_nought(robot: Robot, world: World) -> None:
    await _card(robot)
    assert world.meter.calls == 1
    world.clock.set(world.clock.now().replace(month=12))
    assert world.meter.calls == 0


async def test_a_missing_scope_is_named(robot: Robot, world: World) -> None:
    world.app.scopes -= {"Card.Instance.Write", "qyapi_get_member"}
    new, old = await _card(robot), await _user(robot)
    assert (new.status, new.code) == (403, "Forbidden.AccessDenied.AccessTokenPermissionDenied")
    assert new.body["accessdenieddetail"] == {"requiredScopes": ["Card.Instance.Write"]}
    assert (old.status, old.code, old.body["sub_code"]) == (200, 88, "60011")


@pytest.mark.parametrize(("method", "path"), [("POST", "/v1.0/attendance/nothing"), ("POST", "/topapi/v3/user/get")])
async def test_an_unknown_call_is_a_loud_404_naming_it(
    robot: Robot, world: World, method: str, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await robot.call(method, path, {})
    assert answer.status == 404
    assert f"{method} {path}" in answer.body["message"]
    assert f"{method} {path}" in caplog.text
    assert world.wire.entries[-1].warnings == ["unknown call"]


async def test_a_known_path_with_another_method_is_unknown(robot: Robot) -> None:
    assert (await robot.call("DELETE", UPDATE)).status == 404


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (Fault("card.update", "qps"), 403, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"),
        (Fault("card.update", "qpm"), 403, "Forbidden.AccessDenied.QpmLimitForAppkeyAndApi"),
        (Fault("card.update", "monthly"), 403, "Forbidden.AccessDenied.ApiCountLimitForOrg"),
        (Fault(UPDATE, "token"), 400, "InvalidAuthentication"),
        (Fault("*", "busy"), 500, "system.busy"),
        (Fault("*", status=418, body={"code": "teapot"}), 418, "teapot"),
    ],
)
async def test_the_next_call_goes_wrong_as_told_and_only_that(
    robot: Robot, world: World, fault: Fault, status: int, code: str
) -> None:
    world.faults.waiting.append(fault)
    answer = await _card(robot)
    assert (answer.status, answer.code) == (status, code)
    assert (await _card(robot)).code == "param.cardNotExist"


async def test_a_fault_for_another_call_waits(robot: Robot, world: World) -> None:
    world.faults.waiting.append(Fault("card.update", "busy"))
    assert (await _user(robot)).code == 0
    assert (await _card(robot)).code == "system.busy"


@pytest.mark.parametrize(("kind", "status"), [("ip_ban", 200), ("timeout", 504)])
async def test_some_faults_are_no_json(robot: Robot, world: World, kind: Any, status: int) -> None:
    world.faults.waiting.append(Fault("*", kind, times=2))
    for _ in range(2):
        answer = await _card(robot)
        assert (answer.status, type(answer.body)) == (status, str)


async def test_a_dropped_call_has_no_answer(robot: Robot, world: World) -> None:
    world.faults.waiting.append(Fault("*", "drop"))
    with pytest.raises(aiohttp.ClientConnectionError):
        await _user(robot)


async def test_a_fault_after_the_action_hides_that_it_was_done(robot: Robot, world: World) -> None:
    world.faults.waiting.append(Fault("robot.to_people", "timeout", after_action=True))
    body = {
        "robotCode": world.app.robot_code,
        "userIds": ["lin"],
        "msgKey": "sampleText",
        "msgParam": '{"content":"x"}',
    }
    assert (await robot.new("POST", "/v1.0/robot/oToMessages/batchSend", body)).status == 504
    assert len(world.chats.with_robot("lin").messages) == 1


async def test_no_secret_stands_on_the_wire(robot: Robot, world: World) -> None:
    line = await robot.connect()
    secret, client_id = world.app.client_secret, world.app.client_id
    await robot.call("POST", "/v1.0/oauth2/accessToken", {"appKey": client_id, "appSecret": secret})
    await robot.call("GET", "/gettoken", params={"appkey": client_id, "appsecret": secret})
    await _user(robot)
    await world.say("lin", world.chats.with_robot("lin").id, "你好")
    frame = await line.frame()
    await robot.call("POST", frame.data["sessionWebhook"], {"msgtype": "empty"})
    written = json.dumps([_written(entry) for entry in world.wire.entries])
    session = frame.data["sessionWebhook"].partition("session=")[2]
    assert len(world.wire.entries) > 5
    for hidden in (secret, robot.token, world.tokens.issue(), session):
        assert hidden not in written


def _written(entry: Entry) -> list[Any]:
    return [entry.title, entry.path, entry.request, entry.response, entry.warnings]


async def test_the_wire_tells_what_each_call_cost(robot: Robot, world: World) -> None:
    await _card(robot)
    entry = world.wire.entries[-1]
    assert (entry.kind, entry.api, entry.status, entry.code) == ("call", "card.update", 400, "param.cardNotExist")
    assert entry.counted
    assert entry.duration_ms is not None
