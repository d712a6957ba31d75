"""Answers in DingTalk's two families: success, and the exact shapes of failure (A/0013)."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from aiohttp import web

from sandbox.operation import Family


class Failure(Exception):
    """A refusal, in whichever family the call belongs to. `status` is for the new family only.

    `throttled`: for the call's pace or the month's quota, and then it isn't counted (A/1432).
    """

    def __init__(
        self, code: str | int, message: str, *, status: int = 400, scopes: Sequence[str] = (), sub_code: str = "",
        throttled: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.scopes = tuple(scopes)
        self.sub_code = sub_code
        self.throttled = throttled


def success(family: Family, result: Mapping[str, Any], request_id: str) -> web.Response:
    """Give the answer of a call that went well."""
    if family is Family.NEW:
        return web.json_response(result)
    return web.json_response({"errcode": 0, "errmsg": "ok", **result, "request_id": request_id})


def failure(family: Family, error: Failure, request_id: str) -> web.Response:
    """Give the answer of a call that was refused."""
    if family is Family.OLD:
        body: dict[str, Any] = {"errcode": error.code, "errmsg": error.message, "request_id": request_id}
        if error.sub_code:
            body |= {"sub_code": error.sub_code, "sub_msg": error.message}
        return web.json_response(body)
    body = {"code": str(error.code), "requestid": request_id, "message": error.message}
    if error.scopes:
        body["accessdenieddetail"] = {"requiredScopes": list(error.scopes)}
    return web.json_response(body, status=error.status)


def no_token(family: Family) -> Failure:
    """No token came."""
    if family is Family.OLD:
        return Failure(41001, "缺少access_token参数")
    return Failure("InvalidAuthentication", "不合法的access_token")


def bad_token(family: Family, *, expired: bool) -> Failure:
    """The token isn't ours, or isn't any more."""
    if family is Family.NEW:
        return Failure("InvalidAuthentication", "不合法的access_token")
    return Failure(42001, "access_token超时") if expired else Failure(40014, "不合法的access_token")


def no_scope(family: Family, scopes: Sequence[str]) -> Failure:
    """The app was not granted what the call needs."""
    if family is Family.NEW:
        return Failure(
            "Forbidden.AccessDenied.AccessTokenPermissionDenied",
            f"应用尚未开通所需的权限：{scopes}",
            status=403,
            scopes=scopes,
        )
    return Failure(88, f"应用尚未开通所需的权限：{list(scopes)}", sub_code="60011")


def wrong_method(method: str) -> Failure:
    """Another method than the one of the old family's call."""
    return Failure(43001, "需要GET请求") if method == "GET" else Failure(43002, "需要POST请求")


def not_whitelisted(family: Family, address: str) -> Failure:
    """The call comes from an address that the app didn't register."""
    words = f"访问ip不在白名单之中：{address}"
    if family is Family.OLD:
        return Failure(60020, words)
    return Failure("Forbidden.AccessDenied.IpNotInWhiteList", words, status=403)


def too_fast(family: Family, whose: Literal["app", "minute", "everyone"] = "app") -> Failure:
    """More calls than one app may make of one API in a second or a minute, or than everyone together may (A/1433)."""
    if family is Family.OLD:
        if whose == "everyone":
            return Failure(90002, "您的服务器调用钉钉开放平台当前接口的所有请求都被暂时禁用了", throttled=True)
        return Failure(90018, "您的服务器调用钉钉开放平台当前接口的所有请求都被暂时禁用了", throttled=True)
    name = {"app": "QpsLimitForAppkeyAndApi", "minute": "QpmLimitForAppkeyAndApi", "everyone": "QpsLimitForApi"}[whose]
    return Failure(f"Forbidden.AccessDenied.{name}", "请求被限流，请稍后重试", status=403, throttled=True)


def used_up(family: Family) -> Failure:
    """The month's calls are used up."""
    if family is Family.OLD:
        return Failure(90020, "企业本月API调用次数已用完", throttled=True)
    code = "Forbidden.AccessDenied.ApiCountLimitForOrg"
    return Failure(code, "企业本月API调用次数已用完", status=403, throttled=True)


def busy(family: Family) -> Failure:
    """DingTalk is busy."""
    return Failure(-1, "系统繁忙") if family is Family.OLD else Failure("system.busy", "系统繁忙", status=500)
