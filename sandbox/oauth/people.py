"""Who logged in: a person's token (A/0032), whose it is (A/0054), and the code of the in-app login (A/0024)."""

from collections.abc import Mapping
from typing import Any

from sandbox.call import Call
from sandbox.operation import Error, Family, Field, Operation
from sandbox.world.logins import TOKEN_SECONDS

_BAD_CODE = "invalidParameter.authCode.notFound"
_NOT_FOUND = "invalidParameter.user.notFound"


async def _user_token(call: Call) -> Mapping[str, Any]:
    tokens, grant = call.world.user_tokens, call["grantType"]
    if not call.world.app.accepts(call["clientId"], call["clientSecret"]):
        raise call.fail("invalidClientIdOrSecret", "无效的clientId或者clientSecret")
    if grant == "refresh_token":
        held = tokens.refresh(call["refreshToken"] or "")
        if held is None:
            raise call.fail(_BAD_CODE, "不合法的refreshToken")
    else:
        code = call.world.login_codes.redeem(call["code"] or "", "browser")
        if code is None:
            raise call.fail(_BAD_CODE, "不合法的临时授权码")
        held = tokens.issue(code.userid, corp=code.corp)
    answer = {"accessToken": held.token, "refreshToken": held.refresh_token, "expireIn": TOKEN_SECONDS}
    return {**answer, "corpId": call.world.app.corp_id} if held.corp else answer


async def _person(call: Call) -> Mapping[str, Any]:
    world = call.world
    me = world.directory.users.get(world.user_tokens.userid(call.token) or "")
    wanted = me if call["unionId"] == "me" else world.directory.by_unionid(call["unionId"])
    if wanted is None or wanted is not me:
        raise call.fail(_NOT_FOUND, "找不到该用户")
    answer = {"nick": wanted.name, "openId": f"open-{wanted.userid}", "unionId": wanted.unionid, "email": wanted.email}
    if "Contact.User.mobile" in world.app.scopes and wanted.mobile:
        answer |= {"mobile": wanted.mobile, "stateCode": "86"}
    return {name: value for name, value in answer.items() if value}


async def _by_code(call: Call) -> Mapping[str, Any]:
    found = call.world.login_codes.redeem(call["code"], "in_app")
    user = call.world.directory.users.get(found.userid) if found else None
    if user is None:
        raise call.fail(40078, "不存在的临时授权码")
    level = 1 if user.admin else 100 if user.boss else 0
    return {
        "result": {
            "userid": user.userid, "unionid": user.unionid, "associated_unionid": f"associated-{user.userid}",
            "name": user.name, "device_id": f"device-{user.userid}", "sys": user.admin, "sys_level": level,
        }
    }  # fmt: skip


OPERATIONS = (
    Operation(
        "oauth.user_token", "POST", "/v1.0/oauth2/userAccessToken", Family.NEW, "获取用户token", "A/0032", _user_token,
        (
            Field("clientId", required=True),
            Field("clientSecret", required=True),
            Field("code"),
            Field("refreshToken"),
            Field("grantType", required=True, choices=("authorization_code", "refresh_token")),
        ),
        "open_app_api_base", counted=False, token=False,
        errors=(
            Error("invalidClientIdOrSecret", "无效的clientId或者clientSecret"),
            Error(_BAD_CODE, "不合法的临时授权码"),
        ),
        note="the code for a bad code is a field report, for a bad refresh token assumed; a refresh token stays the "
        "same for its 30 days (assumed)",
    ),
    Operation(
        "contacts.person", "GET", "/v1.0/contact/users/{unionId}", Family.NEW, "用户通讯录个人信息", "A/0054", _person,
        (Field("unionId", required=True, where="path"),), "Contact.User.Read", counted=False, by_person=True,
        errors=(Error(_NOT_FOUND, "找不到该用户", status=404),),
        note="a person's token; another person than its own isn't found (assumed)",
    ),
    Operation(
        "oauth.by_code", "POST", "/topapi/v2/user/getuserinfo", Family.OLD, "通过免登码获取用户信息", "A/0024",
        _by_code,
        (Field("code", required=True, missing="40078"),), "qyapi_base", counted=False,
        errors=(Error(40078, "不存在的临时授权码"),),
    ),
)  # fmt: skip
