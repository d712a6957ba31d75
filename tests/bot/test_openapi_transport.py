"""The way out to DingTalk: tokens, pace, repeats, and what each failure becomes."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.openapi import (
    BadRequest,
    CredentialsRejected,
    DingTalk,
    DingTalkError,
    Family,
    Forbidden,
    Limits,
    NotFound,
    Operation,
    OutcomeUnknown,
    QuotaExhausted,
    ScopeMissing,
    TemplateMissing,
    Throttled,
    TokenRejected,
    Unavailable,
    UnexpectedAnswer,
)
from bot.openapi.exchange import may_need_proxy
from bot.openapi.transport import Transport
from tests.bot.openapi_server import TOKEN_PATH, MovableClock, Platform, answer, hang_up, ok, platform, refused

SEND = Operation("t.send", "POST", "/v1.0/send", Family.NEW, "-")
PUT = Operation("t.put", "PUT", "/v1.0/put", Family.NEW, "-", idempotent=True)
OLD = Operation("t.old", "POST", "/topapi/old", Family.OLD, "-", idempotent=True, counted=False)
QUICK = Limits(calls_per_second=10_000, connect=1, total=0.5, first_wait=0.01)


@pytest.fixture
async def ding() -> AsyncIterator[Platform]:
    async with platform() as served:
        yield served


@asynccontextmanager
async def calling(ding: Platform, limits: Limits = QUICK, **more: Any) -> AsyncIterator[Transport]:
    settings: dict[str, Any] = {
        "openapi_endpoint": ding.url, "oapi_endpoint": ding.url, "client_id": "ding-id", "client_secret": "top-secret",
        "clock": MovableClock(), "limits": limits,
    }  # fmt: skip
    async with Transport(**{**settings, **more}) as transport:
        yield transport


async def failure(ding: Platform, operation: Operation, **more: Any) -> DingTalkError:
    async with calling(ding, **more) as transport:
        with pytest.raises(DingTalkError) as caught:
            await transport.call(operation, {})
    return caught.value


async def test_the_new_family_takes_the_token_in_a_header_and_the_old_in_the_query(ding: Platform) -> None:
    async with calling(ding) as transport:
        await transport.call(SEND, {"a": "年假"})
        await transport.call(OLD, {"b": 1})
    new, old = ding.to(SEND.path)[0], ding.to(OLD.path)[0]
    assert (new.headers["x-acs-dingtalk-access-token"], dict(new.query), new.body) == ("token-1", {}, {"a": "年假"})
    assert (dict(old.query), old.body) == ({"access_token": "token-1"}, {"b": 1})
    assert new.headers["Accept"] == "application/json"
    assert ding.to(TOKEN_PATH)[0].body == {"appKey": "ding-id", "appSecret": "top-secret"}


async def test_all_callers_share_one_token_fetch(ding: Platform) -> None:
    async with calling(ding) as transport:
        await asyncio.gather(*(transport.call(SEND, {}) for _ in range(20)))
    assert (ding.tokens, len(ding.to(SEND.path))) == (1, 20)


async def test_a_caller_who_gives_up_does_not_spoil_the_fetch_for_the_others(ding: Platform) -> None:
    go = asyncio.Event()

    async def slowly(request: web.Request) -> web.Response:
        await go.wait()
        return answer(accessToken="t", expireIn=7200)

    ding.on(TOKEN_PATH, slowly)
    async with calling(ding, Limits(first_wait=0.01)) as transport:
        first, second = (asyncio.create_task(transport.call(SEND, {})) for _ in range(2))
        while not ding.calls:  # noqa: ASYNC110
            await asyncio.sleep(0)
        first.cancel()
        go.set()
        await second
    assert len(ding.to(TOKEN_PATH)) == 1


async def test_a_token_is_renewed_ten_minutes_before_its_end(ding: Platform) -> None:
    clock = MovableClock()
    async with calling(ding, clock=clock) as transport:
        await transport.call(SEND, {})
        clock.advance(minutes=109)
        await transport.call(SEND, {})
        assert ding.tokens == 1
        clock.advance(minutes=2)
        await transport.call(SEND, {})
        assert ding.tokens == 2


async def test_a_clock_set_back_fetches_a_token_rather_than_trusting_it_for_ever(ding: Platform) -> None:
    clock = MovableClock()
    async with calling(ding, clock=clock) as transport:
        await transport.call(SEND, {})
        clock.advance(days=-1)
        await transport.call(SEND, {})
    assert ding.tokens == 2


async def test_while_renewing_fails_the_old_token_serves_until_its_end(ding: Platform) -> None:
    clock = MovableClock()
    async with calling(ding, clock=clock) as transport:
        await transport.call(SEND, {})
        ding.on(TOKEN_PATH, refused("system.busy", 500))
        clock.advance(minutes=115)
        await transport.call(SEND, {})
        clock.advance(minutes=10)
        with pytest.raises(Unavailable):
            await transport.call(SEND, {})


@pytest.mark.parametrize(
    ("operation", "rejection"),
    [
        (SEND, refused("InvalidAuthentication")),
        (SEND, refused("InvalidAuthentication", 401)),
        *((OLD, answer(errcode=code, errmsg="x")) for code in (40001, 40014, 41001, 42001, "42001")),
        (OLD, answer(errcode=88, errmsg="x", sub_code="40014", sub_msg="x")),
        (OLD, answer(errcode=88, errmsg="x", sub_code="isv.token-unknown", sub_msg="x")),
    ],
)
async def test_a_rejected_token_is_replaced_and_the_call_made_once_more(
    ding: Platform, operation: Operation, rejection: web.Response
) -> None:
    ding.on(operation.path, rejection, ok(x=1))
    async with calling(ding) as transport:
        assert (await transport.call(operation, {}))["x"] == 1
    assert (ding.tokens, len(ding.to(operation.path))) == (2, 2)


async def test_a_token_rejected_twice_is_an_error_not_a_loop(ding: Platform) -> None:
    ding.on(SEND.path, refused("InvalidAuthentication"))
    assert isinstance(await failure(ding, SEND), TokenRejected)
    assert len(ding.to(SEND.path)) == 2


async def test_many_callers_with_one_stale_token_fetch_one_new_one(ding: Platform) -> None:
    async def only_the_second(request: web.Request) -> web.Response:
        good = request.headers["x-acs-dingtalk-access-token"] == "token-2"
        return ok() if good else refused("InvalidAuthentication")

    ding.on(SEND.path, only_the_second)
    async with calling(ding) as transport:
        await asyncio.gather(*(transport.call(SEND, {}) for _ in range(10)))
    assert ding.tokens == 2


@pytest.mark.parametrize(
    ("reply", "kind", "not_executed"),
    [
        (refused("invalidClientIdOrSecret"), CredentialsRejected, True),
        (refused("Forbidden.AccessDenied.IpNotInWhiteList", 403), Forbidden, True),
        (refused("Forbidden.AccessDenied.ApiCountLimitForOrg", 403), QuotaExhausted, True),
        (refused("Forbidden.AccessDenied.QpmLimitForAppkeyAndApi", 403), Throttled, True),
        (refused("param.templateNotExist"), TemplateMissing, True),
        (refused("param.templateUnpublished"), TemplateMissing, True),
        (refused("param.cardNotExist"), NotFound, True),
        (refused("invalidParameter.msgParam.invalid"), BadRequest, True),
        (refused("businessError", 401), BadRequest, True),
        (refused("something.new", 404), NotFound, True),
        (refused("system.error", 500), Unavailable, False),
        (refused("whatever", 503), Unavailable, False),
        (web.Response(status=502, text="<html>bad gateway</html>"), Unavailable, False),
        (web.Response(status=504, text="<html>"), OutcomeUnknown, False),
        (web.Response(text="<html>blocked</html>"), UnexpectedAnswer, True),
        (web.Response(text="\n<!DOCTYPE html><title>blocked</title>", status=405), UnexpectedAnswer, True),
        (web.Response(text="<xml/>", status=403), UnexpectedAnswer, False),
        (web.Response(text="[1]"), UnexpectedAnswer, False),
        (web.Response(status=302, headers={"Location": "http://127.0.0.1:1/"}), UnexpectedAnswer, False),
        (answer(success="false", code="param.contentUnsafe"), BadRequest, True),
        (answer(success=False), BadRequest, True),
        (hang_up, OutcomeUnknown, False),
    ],
)  # fmt: skip
async def test_what_a_failed_send_becomes(
    ding: Platform, reply: Any, kind: type[DingTalkError], not_executed: bool
) -> None:
    ding.on(SEND.path, reply)
    error = await failure(ding, SEND)
    assert type(error) is kind
    assert error.not_executed is not_executed
    assert len(ding.to(SEND.path)) == 1  # a send is never blindly repeated
    assert error.api == "t.send"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (60011, ScopeMissing), ("60011", ScopeMissing), (60020, Forbidden), (50002, Forbidden), (50004, Forbidden),
        (60121, NotFound), (60003, NotFound), (33012, NotFound), (90020, QuotaExhausted), (-1, Unavailable),
        (88, Unavailable), (15, OutcomeUnknown), (40035, BadRequest), (400002, BadRequest), (34016, BadRequest),
    ],
)  # fmt: skip
async def test_what_an_old_errcode_becomes(ding: Platform, code: object, kind: type[DingTalkError]) -> None:
    ding.on(OLD.path, answer(errcode=code, errmsg="words", request_id="R-2"))
    error = await failure(ding, OLD)
    assert type(error) is kind
    assert (error.code, error.request_id, error.message) == (str(code), "R-2", "words")


async def test_an_old_call_without_errcode_is_not_taken_for_success(ding: Platform) -> None:
    ding.on(OLD.path, answer(hello="world"))
    assert isinstance(await failure(ding, OLD), UnexpectedAnswer)


@pytest.mark.parametrize(
    "body", [{"errcode": "0"}, {"ErrCode": 0}, {"success": "true"}, {"errcode": 0, "success": True}]
)
async def test_success_is_read_leniently(ding: Platform, body: dict[str, Any]) -> None:
    ding.on(OLD.path, answer(**body, result=1))
    async with calling(ding) as transport:
        assert (await transport.call(OLD, {}))["result"] == 1


@pytest.mark.parametrize("key", ["accessdenieddetail", "AccessDeniedDetail", "accessDeniedDetail"])
async def test_a_missing_scope_tells_the_operator_what_to_apply_for(ding: Platform, key: str) -> None:
    detail = {key: {"requiredScopes": ["Contact.Org.Read"]}}
    ding.on(SEND.path, refused("Forbidden.AccessDenied.AccessTokenPermissionDenied", 403, **detail))
    error = await failure(ding, SEND)
    assert isinstance(error, ScopeMissing)
    assert error.scopes == ("Contact.Org.Read",)
    assert "apply for Contact.Org.Read in 权限管理" in str(error)
    assert "R-1" in str(error)


async def test_a_missing_scope_that_isnt_named_is_the_operations_own(ding: Platform) -> None:
    ding.on(OLD.path, answer(errcode=60011, errmsg="x"))
    scoped = Operation("t.scoped", "POST", OLD.path, Family.OLD, "-", scope="qyapi_get_member")
    assert "qyapi_get_member" in str(await failure(ding, scoped))


async def test_a_throttled_send_is_repeated_because_nothing_was_sent(ding: Platform) -> None:
    ding.on(SEND.path, refused("Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", 403), ok(key="k"))
    async with calling(ding) as transport:
        assert (await transport.call(SEND, {}))["key"] == "k"
    first, second = ding.to(SEND.path)
    assert second.at - first.at >= 0.95


async def test_a_throttled_old_call_is_repeated(ding: Platform) -> None:
    ding.on(OLD.path, answer(errcode="90018", errmsg="x"), ok())
    async with calling(ding) as transport:
        await transport.call(OLD, {})


async def test_a_failure_on_their_side_is_repeated_only_if_harmless(ding: Platform) -> None:
    ding.on(PUT.path, refused("system.busy", 500), web.Response(status=504), ok())
    async with calling(ding) as transport:
        await transport.call(PUT, {})
    assert len(ding.to(PUT.path)) == 3


async def test_patience_has_an_end(ding: Platform) -> None:
    ding.on(PUT.path, refused("system.busy", 500))
    assert isinstance(await failure(ding, PUT), Unavailable)
    assert len(ding.to(PUT.path)) == 3


async def test_a_time_out_after_sending_leaves_the_outcome_unknown(ding: Platform) -> None:
    async def slowly(request: web.Request) -> web.Response:
        await asyncio.sleep(0.5)
        return ok()

    ding.on(SEND.path, slowly)
    error = await failure(ding, SEND, limits=Limits(total=0.1, first_wait=0.01))
    assert type(error) is OutcomeUnknown


async def test_an_unreachable_host_did_certainly_nothing(ding: Platform) -> None:
    error = await failure(ding, OLD, oapi_endpoint="http://127.0.0.1:1")
    assert type(error) is Unavailable
    assert error.not_executed


async def test_a_token_that_did_not_come_leaves_no_doubt_about_the_send(ding: Platform) -> None:
    ding.on(TOKEN_PATH, hang_up)
    error = await failure(ding, SEND)
    assert type(error) is Unavailable
    assert error.not_executed
    assert not ding.to(SEND.path)


async def test_a_blocked_address_says_how_long_and_is_not_repeated(ding: Platform) -> None:
    ding.on(PUT.path, web.json_response({"status": 1111, "wait": 5, "source": "x5", "punish": "deny", "uuid": "u"}))
    error = await failure(ding, PUT)
    assert isinstance(error, UnexpectedAnswer)
    assert error.retry_after == 300
    assert error.not_executed
    assert len(ding.to(PUT.path)) == 1


async def test_a_send_that_was_turned_away_as_too_frequent_is_made_again(ding: Platform) -> None:
    ding.on(SEND.path, refused("system.busy", 500), ok())
    async with calling(ding) as transport:
        await transport.call(SEND, {})
    assert len(ding.to(SEND.path)) == 2


async def test_calls_of_one_api_are_spaced_and_those_of_another_are_not_held_up(ding: Platform) -> None:
    async with calling(ding, Limits(calls_per_second=20)) as transport:
        await transport.call(OLD, {})
        await asyncio.gather(*(transport.call(SEND, {}) for _ in range(6)), transport.call(PUT, {}))
    times = sorted(call.at for call in ding.to(SEND.path))
    assert times[-1] - times[0] >= 5 / 20 * 0.95
    assert ding.to(PUT.path)[0].at <= times[1]


async def test_what_comes_before_a_call_is_done_when_it_is_next_not_while_it_waits(ding: Platform) -> None:
    begun = 0

    async def before() -> None:
        nonlocal begun
        begun += 1

    async with calling(ding, Limits(calls_per_second=20)) as transport:
        waiting = [asyncio.create_task(transport.call(SEND, {}, before=before)) for _ in range(12)]
        await waiting[0]
        for task in waiting[1:]:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    assert len(ding.to(SEND.path)) <= begun < len(waiting)


async def test_what_fails_before_a_call_keeps_it_from_being_made_and_holds_nobody_up(ding: Platform) -> None:
    async def before() -> None:
        raise KeyError

    async with calling(ding, Limits(calls_per_second=20)) as transport:
        results = await asyncio.gather(
            *(transport.call(SEND, {}, before=before) for _ in range(5)), return_exceptions=True
        )
        assert [type(one) for one in results] == [KeyError] * 5
        assert ding.to(SEND.path) == []
        await transport.call(SEND, {}, before=lambda: asyncio.sleep(0))
    assert len(ding.to(SEND.path)) == 1


async def test_the_hook_hears_of_every_attempt(ding: Platform) -> None:
    heard: list[tuple[str, str]] = []
    ding.on(PUT.path, refused("system.busy", 500), ok())
    async with calling(ding, on_call=lambda op, outcome, seconds: heard.append((op.name, outcome))) as transport:
        await transport.call(PUT, {})
    assert heard == [("oauth2.access_token", "ok"), ("t.put", "unavailable"), ("t.put", "ok")]


async def test_neither_secret_nor_token_nor_words_reach_log_or_error(
    ding: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    ding.on(OLD.path, hang_up)
    ding.on(SEND.path, refused("param.x", message="words about 林"))
    seen = []
    with capture_logs() as logs:
        for operation in (OLD, SEND):
            error = await failure(ding, operation)
            seen.append(repr(error) + repr(error.__cause__))
    text = repr(logs) + caplog.text + "".join(seen)
    for secret in ("top-secret", "token-1", "words about"):
        assert secret not in text


async def test_proxy_variables_do_not_stand_between_us_and_this_machine(
    ding: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with calling(ding) as transport:
        await transport.call(SEND, {})


async def test_a_proxy_that_the_environment_names_is_taken(ding: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", ding.url)
    async with calling(ding, openapi_endpoint="http://api.dingtalk.invalid") as transport:
        await transport.call(SEND, {})
    assert ding.to(SEND.path)[0].headers["Host"] == "api.dingtalk.invalid"


async def test_without_a_proxy_no_call_looks_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    assert not may_need_proxy("https://api.dingtalk.com")
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    assert may_need_proxy("https://api.dingtalk.com")
    assert not may_need_proxy("http://127.0.0.1:8700")


async def test_only_our_own_hosts_are_ours() -> None:
    ding = DingTalk(
        openapi_endpoint="https://api.dingtalk.com", oapi_endpoint="https://oapi.dingtalk.com/", client_id="i",
        client_secret="s", clock=MovableClock(),
    )  # fmt: skip
    assert ding.is_our_host("https://oapi.dingtalk.com/robot/sendBySession?session=x")
    assert ding.is_our_host("https://OAPI.dingtalk.com:443/x")
    for foreign in (
        "http://oapi.dingtalk.com/robot", "https://oapi.dingtalk.com.evil.example/", "https://evil.example/?oapi.dingtalk.com",
        "https://oapi.dingtalk.com@evil.example/", "https://oapi.dingtalk.com:8443/", "//oapi.dingtalk.com/", "", "https://[",
        "https://oapi.dingtalk.com:port/",
    ):  # fmt: skip
        assert not ding.is_our_host(foreign), foreign
