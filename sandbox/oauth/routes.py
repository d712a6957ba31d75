"""Token calls. All three give the same token."""

from collections.abc import Mapping
from typing import Any

from sandbox.call import Call
from sandbox.operation import Error, Family, Field, Operation
from sandbox.world.app import TOKEN_SECONDS


async def _token(call: Call) -> Mapping[str, Any]:
    if not call.world.app.accepts(call["appKey"], call["appSecret"]):
        raise call.fail("invalidClientIdOrSecret", "无效的clientId或者clientSecret")
    return {"accessToken": call.world.tokens.issue(), "expireIn": TOKEN_SECONDS}


async def _old_token(call: Call) -> Mapping[str, Any]:
    if not call.world.app.accepts(call["appkey"], call["appsecret"]):
        raise call.fail(40089, "不合法的corpid或corpsecret")
    return {"access_token": call.world.tokens.issue(), "expires_in": TOKEN_SECONDS}


async def _unified_token(call: Call) -> Mapping[str, Any]:
    app = call.world.app
    if call["corpId"] != app.corp_id:
        raise call.fail("unauthorized.client", "corpId is not valid")
    if not app.accepts(call["client_id"], call["client_secret"]):
        raise call.fail("invalid.client", "client_id or client_secret is not valid")
    return {"access_token": call.world.tokens.issue(), "expires_in": TOKEN_SECONDS}


OPERATIONS = (
    Operation(
        "oauth.token", "POST", "/v1.0/oauth2/accessToken", Family.NEW, "应用的访问凭证", "A/0033", _token,
        (Field("appKey", required=True), Field("appSecret", required=True)), "qyapi_base", counted=False, token=False,
        errors=(Error("invalidClientIdOrSecret", "无效的clientId或者clientSecret"),),
    ),
    Operation(
        "oauth.old_token", "GET", "/gettoken", Family.OLD, "应用的访问凭证（旧）", "A/1444", _old_token,
        (
            Field("appkey", required=True, where="query", missing="41002"),
            Field("appsecret", required=True, where="query", missing="41004"),
        ),
        counted=False, token=False, errors=(Error(40089, "不合法的corpid或corpsecret"),),
    ),
    Operation(
        "oauth.unified_token", "POST", "/v1.0/oauth2/{corpId}/token", Family.NEW, "应用的访问凭证（统一）", "A/0037",
        _unified_token,
        (
            Field("corpId", required=True, where="path"),
            Field("client_id", required=True),
            Field("client_secret", required=True),
            Field("grant_type", required=True, bad="unsupported.grant.type", choices=("client_credentials",)),
        ),
        "qyapi_base", counted=False, token=False,
        errors=(
            Error("invalid.client", "无效的ClientID或ClientSecret"),
            Error("unauthorized.client", "应用未被授权", 401),
        ),
        note="that a wrong corpId is unauthorized.client is assumed",
    ),
)  # fmt: skip
