"""The three token calls, and what each family answers to a token it doesn't take."""

from datetime import timedelta

import pytest

from sandbox.server import Running
from sandbox.world import World
from tests.sandbox.client import Answer, Robot


async def _three(robot: Robot, secret: str) -> tuple[Answer, Answer, Answer]:
    app = robot.sandbox.world.app
    new = await robot.call("POST", "/v1.0/oauth2/accessToken", {"appKey": app.client_id, "appSecret": secret})
    old = await robot.call("GET", "/gettoken", params={"appkey": app.client_id, "appsecret": secret})
    body = {"client_id": app.client_id, "client_secret": secret, "grant_type": "client_credentials"}
    return new, old, await robot.call("POST", f"/v1.0/oauth2/{app.corp_id}/token", body)


async def test_all_three_forms_give_the_same_token(robot: Robot, sandbox: Running) -> None:
    new, old, unified = await _three(robot, sandbox.client_secret)
    assert new.body["expireIn"] == old.body["expires_in"] == unified.body["expires_in"] == 7200
    assert new.body["accessToken"] == old.body["access_token"] == unified.body["access_token"]
    assert old.body["errcode"] == 0


async def test_a_wrong_secret_is_refused_in_each_familys_words(robot: Robot) -> None:
    new, old, unified = await _three(robot, "wrong")
    assert (new.status, new.code) == (400, "invalidClientIdOrSecret")
    assert (old.status, old.code) == (200, 40089)
    assert (unified.status, unified.code) == (400, "invalid.client")
    assert set(new.body) == {"code", "requestid", "message"}
    assert set(old.body) == {"errcode", "errmsg", "request_id"}


async def test_asking_again_extends_the_same_token(robot: Robot, world: World) -> None:
    first = world.tokens.issue()
    world.clock.advance(timedelta(seconds=7000))
    assert world.tokens.issue() == first
    world.clock.advance(timedelta(seconds=7000))
    assert world.tokens.valid(first)


async def test_after_two_hours_a_token_is_refused_and_a_new_one_given(robot: Robot, world: World) -> None:
    robot.token = world.tokens.issue()
    world.clock.advance(timedelta(seconds=7200))
    new = await robot.new("POST", "/v1.0/robot/oToMessages/batchSend", {})
    old = await robot.old("/topapi/v2/user/get", {"userid": "lin"})
    assert (new.status, new.code) == (400, "InvalidAuthentication")
    assert (old.status, old.code) == (200, 42001)
    assert world.tokens.issue() != robot.token


@pytest.mark.parametrize(("token", "errcode"), [("", 41001), ("nonsense", 40014)])
async def test_a_missing_or_foreign_token_is_refused(robot: Robot, token: str, errcode: int) -> None:
    params = {"access_token": token} if token else {}
    old = await robot.call("POST", "/topapi/v2/user/get", {"userid": "lin"}, params=params)
    headers = {"x-acs-dingtalk-access-token": token} if token else {}
    new = await robot.call("PUT", "/v1.0/card/instances", {"outTrackId": "x"}, headers=headers)
    assert (old.status, old.code) == (200, errcode)
    assert (new.status, new.code) == (400, "InvalidAuthentication")


async def test_a_body_that_is_no_json_object_is_refused(robot: Robot) -> None:
    answer = await robot.call("POST", "/v1.0/oauth2/accessToken", ["appKey"])
    assert (answer.status, answer.code) == (400, "Missingbody")


async def test_a_missing_field_is_named(robot: Robot) -> None:
    answer = await robot.call("POST", "/v1.0/oauth2/accessToken", {"appKey": "x"})
    assert (answer.status, answer.code) == (400, "MissingappSecret")
    assert answer.body["message"] == "appSecret is mandatory for this action."
