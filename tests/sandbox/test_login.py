"""People who log in: the page, the codes, their tokens, and whose they are."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from sandbox.server import Running
from sandbox.world import World
from tests.sandbox.client import Answer, Robot

BACK = "http://localhost:5173"


def _asked(sandbox: Running, **other: str) -> dict[str, str]:
    asked = {
        "client_id": sandbox.client_id, "redirect_uri": BACK, "response_type": "code", "scope": "openid",
        "prompt": "consent", "state": "s 1",
    }  # fmt: skip
    return {name: value for name, value in {**asked, **other}.items() if value}


async def _log_in(robot: Robot, asked: dict[str, str], user: str = "lin", decision: str = "agree") -> dict[str, str]:
    """Go through the page; give what came back in the address."""
    form = {**asked, "user": user, "decision": decision}
    async with robot.http.post("/oauth2/auth", data=form, allow_redirects=False) as response:
        assert response.status == 302, await response.text()
        address = urlsplit(response.headers["Location"])
    assert f"{address.scheme}://{address.netloc}" == BACK
    return {name: values[0] for name, values in parse_qs(address.query).items()}


async def _token(robot: Robot, code: str = "", **other: str) -> Answer:
    body = {
        "clientId": robot.sandbox.client_id, "clientSecret": robot.sandbox.client_secret,
        "grantType": "authorization_code", "code": code,
    }  # fmt: skip
    return await robot.call("POST", "/v1.0/oauth2/userAccessToken", {**body, **other})


async def _person(robot: Robot, token: str, union_id: str = "me") -> Answer:
    headers = {"x-acs-dingtalk-access-token": token}
    return await robot.call("GET", f"/v1.0/contact/users/{union_id}", headers=headers)


async def test_a_browser_login_tells_who_came(robot: Robot, sandbox: Running) -> None:
    back = await _log_in(robot, _asked(sandbox))
    assert (set(back), back["state"]) == ({"code", "authCode", "state"}, "s 1")
    assert back["code"] == back["authCode"]
    token = await _token(robot, back["code"])
    assert (token.status, set(token.body)) == (200, {"accessToken", "refreshToken", "expireIn"})
    assert token.body["expireIn"] == 7200
    lin = sandbox.world.directory.users["lin"]
    person = await _person(robot, token.body["accessToken"])
    assert person.body == {
        "nick": "林晓", "openId": "open-lin", "unionId": lin.unionid, "email": lin.email, "mobile": lin.mobile,
        "stateCode": "86",
    }  # fmt: skip
    assert await _person(robot, token.body["accessToken"], lin.unionid) == person


async def test_with_corpid_the_company_is_told_as_well(robot: Robot, sandbox: Running) -> None:
    for scope in ("openid corpid", "openid+corpid"):
        back = await _log_in(robot, _asked(sandbox, scope=scope))
        assert (await _token(robot, back["code"])).body["corpId"] == sandbox.world.app.corp_id


async def test_without_the_permission_the_mobile_is_missing(robot: Robot, sandbox: Running) -> None:
    sandbox.world.app.scopes.remove("Contact.User.mobile")
    back = await _log_in(robot, _asked(sandbox))
    person = await _person(robot, (await _token(robot, back["code"])).body["accessToken"])
    assert not {"mobile", "stateCode"} & set(person.body)


async def test_a_refusal_leads_back_without_a_code(robot: Robot, sandbox: Running) -> None:
    back = await _log_in(robot, _asked(sandbox), decision="refuse")
    assert back == {"error": "access_denied", "state": "s 1"}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"client_id": "other"}, "client_id"),
        ({"redirect_uri": "http://localhost:5173/elsewhere"}, "redirect_uri"),
        ({"redirect_uri": "https://evil.example"}, "redirect_uri"),
        ({"response_type": "token"}, "response_type"),
        ({"scope": "corpid"}, "scope"),
        ({"prompt": ""}, "prompt"),
        ({"scope": "openid corpid", "corpId": "other"}, "corpId"),
    ],
)
async def test_what_was_asked_wrongly_leads_nowhere(
    robot: Robot, sandbox: Running, wrong: dict[str, str], words: str
) -> None:
    asked = {**_asked(sandbox), **wrong}
    shown = await robot.call("GET", "/oauth2/auth", params=asked)
    sent = await robot.call("POST", "/oauth2/auth", params={}, data={**asked, "user": "lin", "decision": "agree"})
    assert (shown.status, sent.status) == (400, 400)
    assert words in shown.body
    assert not sandbox.world.login_codes.codes


async def test_only_who_manages_may_choose_the_company_for_management(robot: Robot, sandbox: Running) -> None:
    asked = _asked(sandbox, scope="openid corpid", org_type="management")
    page = (await robot.call("GET", "/oauth2/auth", params=asked)).body
    assert ("马骁" in page, "林晓" in page) == (True, False)
    form = {**asked, "user": "lin", "decision": "agree"}
    assert (await robot.call("POST", "/oauth2/auth", data=form)).status == 400


async def test_another_site_cant_agree_for_somebody(robot: Robot, sandbox: Running) -> None:
    form = {**_asked(sandbox), "user": "lin", "decision": "agree"}
    sent = await robot.call("POST", "/oauth2/auth", data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert (sent.status, sandbox.world.login_codes.codes) == (403, {})


async def test_a_code_is_good_once_and_for_five_minutes(robot: Robot, sandbox: Running) -> None:
    code = (await _log_in(robot, _asked(sandbox)))["code"]
    assert (await _token(robot, code)).status == 200
    again = await _token(robot, code)
    assert (again.status, again.code) == (400, "invalidParameter.authCode.notFound")
    late = (await _log_in(robot, _asked(sandbox)))["code"]
    sandbox.world.clock.advance(timedelta(minutes=5))
    assert (await _token(robot, late)).code == "invalidParameter.authCode.notFound"


async def test_a_persons_token_is_given_again_and_renewed_by_its_refresh_token(robot: Robot, sandbox: Running) -> None:
    world = sandbox.world
    first = (await _token(robot, (await _log_in(robot, _asked(sandbox)))["code"])).body
    world.clock.advance(timedelta(seconds=7000))
    refresh = {"grantType": "refresh_token", "refreshToken": first["refreshToken"]}
    assert (await _token(robot, **refresh)).body["accessToken"] == first["accessToken"]
    world.clock.advance(timedelta(seconds=7200))
    assert (await _person(robot, first["accessToken"])).code == "InvalidAuthentication"
    renewed = (await _token(robot, **refresh)).body
    assert renewed["accessToken"] != first["accessToken"]
    assert (await _person(robot, renewed["accessToken"])).body["nick"] == "林晓"
    world.clock.advance(timedelta(days=30))
    assert (await _token(robot, **refresh)).status == 400


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"clientSecret": "wrong"}, "invalidClientIdOrSecret"),
        ({"grantType": "password"}, "invalidParameter.grantType"),
        ({"code": "unknown"}, "invalidParameter.authCode.notFound"),
        ({"grantType": "refresh_token"}, "invalidParameter.authCode.notFound"),
        ({"clientId": ""}, "MissingclientId"),
    ],
)
async def test_a_bad_request_for_a_persons_token(robot: Robot, other: dict[str, str], code: str) -> None:
    answer = await _token(robot, **other)
    assert (answer.status, answer.code) == (400, code)


async def test_the_apps_own_token_is_not_a_persons(robot: Robot, world: World) -> None:
    answer = await _person(robot, world.tokens.issue())
    assert (answer.status, answer.code) == (403, "Forbidden.AccessDenied.AccessTokenPermissionDenied")
    assert answer.body["accessdenieddetail"] == {"requiredScopes": ["Contact.User.Read"]}
    mine = world.user_tokens.issue("lin").token
    assert (await robot.call("PUT", "/v1.0/card/instances", headers={"x-acs-dingtalk-access-token": mine})).code == (
        "InvalidAuthentication"
    )


async def test_who_left_and_who_one_is_not_arent_found(robot: Robot, world: World) -> None:
    token = world.user_tokens.issue("lin").token
    other = await _person(robot, token, world.directory.users["wang"].unionid)
    assert (other.status, other.code) == (404, "invalidParameter.user.notFound")
    await world.company.remove_user("lin")
    assert (await _person(robot, token)).status == 404


async def _in_app(robot: Robot, user: str) -> str:
    answer = await robot.call("POST", "/sandbox/login_codes", {"user": user})
    code: str = answer.body["code"]
    return code


async def test_inside_dingtalk_a_code_tells_who_it_is(robot: Robot, world: World) -> None:
    async def told(user: str) -> Any:
        return (await robot.old("/topapi/v2/user/getuserinfo", {"code": await _in_app(robot, user)})).body["result"]

    lin = await told("lin")
    assert set(lin) == {"userid", "unionid", "associated_unionid", "name", "device_id", "sys", "sys_level"}
    assert (lin["userid"], lin["unionid"], lin["name"]) == ("lin", world.directory.users["lin"].unionid, "林晓")
    assert (lin["sys"], lin["sys_level"]) == (False, 0)
    assert [(one["sys"], one["sys_level"]) for one in [await told("admin"), await told("gao")]] == [
        (True, 1),
        (False, 100),
    ]


async def test_an_in_app_code_is_good_once_for_five_minutes_and_for_nothing_else(robot: Robot, world: World) -> None:
    info, code = "/topapi/v2/user/getuserinfo", await _in_app(robot, "lin")
    assert (await _token(robot, code)).status == 400
    assert (await robot.old(info, {"code": code})).code == 0
    assert (await robot.old(info, {"code": code})).code == 40078
    late = await _in_app(robot, "lin")
    world.clock.advance(timedelta(minutes=5))
    assert (await robot.old(info, {"code": late})).code == 40078
    assert (await robot.old(info, {})).code == 40078
    assert (await robot.call("POST", "/sandbox/login_codes", {"user": "nobody"})).status == 400


async def test_secrets_of_a_login_are_masked_on_the_wire(robot: Robot, sandbox: Running) -> None:
    token = (await _token(robot, (await _log_in(robot, _asked(sandbox)))["code"])).body
    text = str([(entry.request, entry.response) for entry in sandbox.world.wire.entries])
    assert not any(secret in text for secret in (token["accessToken"], token["refreshToken"], sandbox.client_secret))
