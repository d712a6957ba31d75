"""Pace, quota, permissions, faults, and calls nobody knows."""

import json
from typing import Any

import pytest

from sandbox.world import World
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


async def test_an_address_that_calls_too_much_is_shut_out_of_every_api(robot: Robot, world: World) -> None:
    now = 0.0
    world.pace.seconds = lambda: now
    world.pace.address_calls = 3
    for _ in range(3):
        assert (await _user(robot)).code == 0
    shut = [await _user(robot), await _card(robot), await robot.call("POST", "/v1.0/unknown", {})]
    assert [(one.status, type(one.body)) for one in shut] == [(200, str)] * 3
    assert world.meter.calls == 0
    now = 299.0
    assert isinstance((await _user(robot)).body, str)
    now = 300.0
    assert (await _user(robot)).code == 0


async def test_the_meter_adds_up_by_feature(robot: Robot, world: World) -> None:
    line = await robot.connect()
    await _card(robot)
    await world.say("lin", world.chats.with_robot("lin").id, "你好")
    await line.ack(await line.frame())
    await world.stream.event("hrm_mdm_user_change", {"staffId": "lin"})
    await world.stream.event("user_active_org", {"userId": ["lin"]})
    assert world.meter.features() == {
        "card": {"calls": 1, "pushes": 0},
        "robot": {"calls": 0, "pushes": 1},
        "hrm": {"calls": 0, "pushes": 1},
    }


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


async def test_a_call_from_an_address_that_is_not_registered_is_refused(robot: Robot, world: World) -> None:
    async def told() -> tuple[int, str, str]:
        new = await robot.new("POST", "/v1.0/robot/plugins/query", {"robotCode": world.app.robot_code})
        old = await robot.old("/topapi/v2/user/get", {"userid": "lin"})
        return new.status, str(new.code), str(old.code)

    async def register(*addresses: str) -> int:
        return (await robot.call("POST", "/sandbox/app", {"addresses": list(addresses)})).status

    assert await told() == (200, "None", "0")
    assert await register("10.0.0.0/8", "192.0.2.1") == 200
    assert await told() == (403, "Forbidden.AccessDenied.IpNotInWhiteList", "60020")
    assert await register("10.0.0.0/8", "127.0.0.1") == 200
    assert await told() == (200, "None", "0")
    assert await register("here") == 400
    await register("192.0.2.1")
    world.reset()
    assert await told() == (200, "None", "0")
