"""The stream client against a real gateway: answers, repeats, drops, handovers, stops."""

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.stream import (
    CARD_TOPIC,
    ROBOT_TOPIC,
    Backoff,
    Credential,
    EventMessage,
    Pace,
    StreamClient,
)
from tests.bot.stream_gateway import Gateway
from tests.bot.stream_robot import QUICK, Events, Robot, running


async def test_a_message_is_handled_and_acked_in_dingtalks_form(edge: Gateway) -> None:
    async with running(edge, events=Events()) as client:
        link = await edge.link()
        ack = await link.ask("CALLBACK", ROBOT_TOPIC, "m-1", {"msgId": "a"})
        assert ack["code"] == 200
        assert ack["headers"] == {"messageId": "m-1", "contentType": "application/json"}
        assert json.loads(ack["data"]) == {"response": {"echo": {"msgId": "a"}}}
        assert client.connected.is_set()
        asked = edge.opens[0]
        assert (asked["clientId"], asked["clientSecret"]) == ("ding-id", "top-secret")
        assert {"type": "EVENT", "topic": "*"} in asked["subscriptions"]
        assert {"type": "CALLBACK", "topic": ROBOT_TOPIC} in asked["subscriptions"]
        assert edge.open_headers[0]["Accept"] == "application/json"


async def test_an_event_ack_always_carries_a_status(edge: Gateway) -> None:
    events = Events(200, 500)
    async with running(edge, events=events):
        link = await edge.link()
        first = await link.ask("EVENT", "*", "e-1", {"userId": ["lin"]}, eventType="user_add_org", eventId="1")
        second = await link.ask("EVENT", "*", "e-2", {"userId": ["lin"]}, eventType="user_add_org", eventId="2")
        assert json.loads(first["data"])["status"] == "SUCCESS"
        assert json.loads(second["data"])["status"] == "LATER"
        assert events.seen == ["user_add_org", "user_add_org"]


async def test_an_event_put_off_is_worked_when_it_comes_again_under_the_same_id(edge: Gateway) -> None:
    async with running(edge, events=Events(500, 200)):
        link = await edge.link()
        acks = [await link.ask("EVENT", "*", "e-1", {}, eventType="user_add_org") for _ in range(3)]
        assert [json.loads(ack["data"])["status"] for ack in acks] == ["LATER", "SUCCESS", "SUCCESS"]


async def test_an_event_that_nobody_asked_for_is_not_pushed_again(edge: Gateway) -> None:
    async with running(edge):
        link = await edge.link()
        ack = await link.ask("EVENT", "*", "e-1", {}, eventType="user_add_org")
        assert (ack["code"], json.loads(ack["data"])["status"]) == (200, "SUCCESS")


async def test_a_ping_is_answered_with_its_own_opaque(edge: Gateway) -> None:
    async with running(edge):
        link = await edge.link()
        ack = await link.ask("SYSTEM", "ping", "p-1", '{"opaque": "0a1b"}')
        assert (ack["code"], ack["data"], ack["headers"]["messageId"]) == (200, '{"opaque": "0a1b"}', "p-1")


async def test_other_system_topics_pass_without_a_warning(edge: Gateway) -> None:
    async with running(edge) as client:
        link = await edge.link()
        await client.connected.wait()  # its own line in the log comes before
        with capture_logs() as logs:
            for topic in ("CONNECTED", "REGISTERED", "KEEPALIVE", "brand-new", "ping"):
                await link.ask("SYSTEM", topic, f"s-{topic}", "not json at all")
        assert [entry for entry in logs if entry["log_level"] not in {"debug"}] == []
        assert client.connected.is_set()


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{nonsense", None),
        ("[]", None),
        ("[" * 100_000, None),
        ('"text"', None),
        ({"type": "CALLBACK"}, None),
        ({"type": "CALLBACK", "headers": []}, None),
        ({"type": "CALLBACK", "headers": {"topic": ROBOT_TOPIC}, "data": "{}"}, None),
        ({"type": "CALLBACK", "headers": {"topic": ROBOT_TOPIC, "messageId": ["x"]}, "data": "{}"}, None),
        ({"headers": {"topic": ROBOT_TOPIC, "messageId": "x"}, "data": "{}"}, 400),
        ({"type": 1, "headers": {"topic": ROBOT_TOPIC, "messageId": "x"}, "data": "{}"}, 400),
        ({"type": "CALLBACK", "headers": {"topic": 3, "messageId": "x"}, "data": "{}"}, 400),
        ({"type": "CALLBACK", "headers": {"topic": ROBOT_TOPIC, "messageId": "x"}, "data": "no json"}, 400),
        ({"type": "CALLBACK", "headers": {"topic": ROBOT_TOPIC, "messageId": "x"}, "data": "[1]"}, 400),
        ({"type": "CALLBACK", "headers": {"topic": ROBOT_TOPIC, "messageId": "x"}, "data": 1}, 400),
        ({"type": "EVENT", "headers": {"topic": "*", "messageId": "x"}, "data": "no json"}, 400),
        ({"type": "NEWS", "headers": {"topic": "x", "messageId": "x"}, "data": "{}"}, 404),
        ({"type": "CALLBACK", "headers": {"topic": ROBOT_TOPIC, "messageId": "x"}, "data": "a" * 300_000}, 400),
    ],
)  # fmt: skip
async def test_a_malformed_frame_is_one_line_in_the_log_and_harms_nothing(
    edge: Gateway, frame: object, code: int | None
) -> None:
    async with running(edge, events=Events()) as client:
        link = await edge.link()
        await client.connected.wait()
        with capture_logs() as logs:
            await link.raw(frame)
            if code is not None:
                ack = await link.ack()
                assert (ack["code"], ack["headers"]["messageId"]) == (code, "x")
                if isinstance(frame, dict) and frame.get("type") == "EVENT":
                    assert json.loads(ack["data"])["status"] == "LATER"
            assert (await link.ask("CALLBACK", ROBOT_TOPIC, "after", {}))["headers"]["messageId"] == "after"
        assert len(logs) == 1
        assert "exc_info" not in logs[0]


async def test_a_binary_frame_is_refused(edge: Gateway) -> None:
    async with running(edge):
        link = await edge.link()
        frame = {"type": "CALLBACK", "headers": {"topic": ROBOT_TOPIC, "messageId": "b"}, "data": "{}"}
        await link.socket.send_bytes(json.dumps(frame).encode())
        await link.socket.send_bytes(b"\xff\xfe\x00")
        assert (await link.ack())["code"] == 400
        assert (await link.ask("CALLBACK", ROBOT_TOPIC, "after", {}))["code"] == 200


async def test_a_frame_beyond_all_size_costs_the_connection_not_the_robot(edge: Gateway) -> None:
    async with running(edge):
        link = await edge.link()
        with contextlib.suppress(ConnectionError):  # the client hangs up in the middle of it
            await link.raw("a" * 5_000_000)
        assert (await (await edge.link()).ask("CALLBACK", ROBOT_TOPIC, "after", {}))["code"] == 200


async def test_odd_times_in_the_headers_are_no_reason_to_refuse(edge: Gateway) -> None:
    async with running(edge, events=Events()):
        link = await edge.link()
        ack = await link.ask("EVENT", "*", "e-1", {}, time="soon", eventBornTime=None, eventType="user_add_org")
        assert ack["code"] == 200


async def test_a_message_id_may_come_as_a_number(edge: Gateway) -> None:
    async with running(edge, events=Events()):
        link = await edge.link()
        await link.raw({"type": "CALLBACK", "headers": {"topic": ROBOT_TOPIC, "messageId": 7}, "data": "{}"})
        ack = await link.ack()
        assert (ack["code"], ack["headers"]["messageId"]) == (200, "7")


async def test_an_unknown_topic_is_answered_with_404(edge: Gateway) -> None:
    async with running(edge):
        ack = await (await edge.link()).ask("CALLBACK", CARD_TOPIC, "c-1", {})
        assert (ack["code"], json.loads(ack["data"])) == (404, {"response": None})


async def test_a_failing_handler_is_answered_with_500_and_asked_again(edge: Gateway) -> None:
    answers: list[Any] = [RuntimeError("boom"), {"ok": True}]

    def work(data: dict[str, Any]) -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async with running(edge, work) as client:
        link = await edge.link()
        await client.connected.wait()
        with capture_logs() as logs:
            assert (await link.ask("CALLBACK", ROBOT_TOPIC, "m-1", {}))["code"] == 500
        assert [entry["event"] for entry in logs] == ["stream.handler_failed"]
        assert (await link.ask("CALLBACK", ROBOT_TOPIC, "m-1", {}))["code"] == 200
        assert client.stats.failures == 1


async def test_a_failing_event_handler_puts_the_event_off(edge: Gateway) -> None:
    class Broken(Events):
        async def process(self, event: EventMessage) -> tuple[int, str]:
            raise RuntimeError("no database")

    async with running(edge, events=Broken()):
        ack = await (await edge.link()).ask("EVENT", "*", "e-1", {}, eventType="user_add_org")
        assert (ack["code"], json.loads(ack["data"])["status"]) == (500, "LATER")


async def test_an_answer_that_is_no_ack_is_a_failure(edge: Gateway) -> None:
    async with running(edge, lambda data: {1, 2}):
        assert (await (await edge.link()).ask("CALLBACK", ROBOT_TOPIC, "m-1", {}))["code"] == 500


async def test_a_handler_whose_own_work_was_cancelled_counts_as_failed(edge: Gateway) -> None:
    async def work(data: dict[str, Any]) -> None:
        raise asyncio.CancelledError

    async with running(edge, lambda data: work(data)):
        link = await edge.link()
        assert (await link.ask("CALLBACK", ROBOT_TOPIC, "m-1", {}))["code"] == 500


async def test_a_handler_that_never_ends_is_broken_off(edge: Gateway) -> None:
    async with running(edge, lambda data: asyncio.Event().wait(), pace=Pace(handler=0.05)):
        assert (await (await edge.link()).ask("CALLBACK", ROBOT_TOPIC, "m-1", {}))["code"] == 500


async def test_the_same_message_id_gets_the_same_ack_and_is_worked_once(edge: Gateway) -> None:
    count = iter(range(100))
    async with running(edge, lambda data: next(count)) as client:
        link = await edge.link()
        first = await link.ask("CALLBACK", ROBOT_TOPIC, "m-1", {})
        await link.drop()
        again = await (await edge.link()).ask("CALLBACK", ROBOT_TOPIC, "m-1", {})
        assert first == again
        assert client.stats.repeats == 1


async def test_a_repeat_during_the_work_waits_for_the_same_ack(edge: Gateway) -> None:
    go, count = asyncio.Event(), iter(range(100))

    async def work(data: dict[str, Any]) -> int:
        await go.wait()
        return next(count)

    async with running(edge, work) as client:
        link = await edge.link()
        await link.push("CALLBACK", ROBOT_TOPIC, "m-1", {})
        await link.push("CALLBACK", ROBOT_TOPIC, "m-1", {})
        await link.ask("SYSTEM", "ping", "p", "{}")  # both are in by now
        go.set()
        assert await link.ack() == await link.ack()
        assert client.stats.repeats == 1


async def test_an_ack_goes_out_on_the_connection_its_frame_came_from(edge: Gateway) -> None:
    go = asyncio.Event()

    async def work(data: dict[str, Any]) -> str:
        await go.wait()
        return "done"

    async with running(edge, work) as client:
        old = await edge.link()
        await old.push("CALLBACK", ROBOT_TOPIC, "slow", {})
        await old.push("SYSTEM", "disconnect", "d", {"reason": "connection is expired"})
        new = await edge.link()  # the new one stands ...
        assert not old.closed.is_set()  # ... before the old one goes
        assert client.connected.is_set()
        go.set()
        assert (await old.ack())["headers"]["messageId"] == "slow"
        await asyncio.wait_for(old.closed.wait(), 5)
        assert new.acks.empty()
        assert (await new.ask("CALLBACK", ROBOT_TOPIC, "next", {}))["code"] == 200


async def test_a_replaced_connection_does_not_wait_for_ever(edge: Gateway) -> None:
    async with running(edge, lambda data: asyncio.Event().wait(), pace=Pace(drain=0.1, close=0.1)):
        old = await edge.link()
        await old.push("CALLBACK", ROBOT_TOPIC, "stuck", {})
        await old.push("SYSTEM", "disconnect", "d", {})
        await edge.link()
        await asyncio.wait_for(old.closed.wait(), 5)


async def test_a_drop_is_mended_and_work_under_way_goes_on(edge: Gateway) -> None:
    go, count = asyncio.Event(), iter(range(100))

    async def work(data: dict[str, Any]) -> int:
        await go.wait()
        return next(count)

    async with running(edge, work) as client:
        first = await edge.link()
        await first.push("CALLBACK", ROBOT_TOPIC, "m-1", {})
        await first.ask("SYSTEM", "ping", "p", "{}")
        await first.drop()
        second = await edge.link()
        await second.push("CALLBACK", ROBOT_TOPIC, "m-1", {})
        await second.ask("SYSTEM", "ping", "p", "{}")
        go.set()
        assert json.loads((await second.ack())["data"]) == {"response": 0}
        assert client.stats.acks_lost == 1


async def test_a_drop_is_mended_within_a_second_at_the_usual_pace(edge: Gateway) -> None:
    client = StreamClient(Credential("id", "s"), openapi_endpoint=edge.url)
    task = asyncio.create_task(client.start())
    link = await edge.link()
    loop = asyncio.get_running_loop()
    before = loop.time()
    await link.drop()
    await edge.link()
    assert loop.time() - before < 1
    await client.stop()
    await task


async def test_instant_closes_are_met_with_patience(edge: Gateway) -> None:
    edge.close_at_once = True
    async with running(edge):
        await asyncio.sleep(0.5)
    assert 2 <= len(edge.opens) <= 20


async def test_at_the_usual_pace_ten_seconds_of_instant_closes_cost_few_opens() -> None:
    backoff, now, opens = Backoff(spread=lambda low, high: low), 0.0, 0
    while now < 10:
        now += backoff.delay()
        opens += 1
        backoff.stands()
        backoff.lost(stood=0.01)
    assert opens <= 10


async def test_an_old_connection_that_drops_now_and_then_is_always_mended_at_once() -> None:
    backoff = Backoff(spread=lambda low, high: high)
    for _ in range(50):
        backoff.stands()
        backoff.lost(stood=5)
        assert backoff.delay() <= 0.5


async def test_wrong_credentials_are_tried_ever_more_rarely_and_named(edge: Gateway) -> None:
    edge.on_open = lambda: web.json_response({"code": "invalidClientIdOrSecret", "message": "no"}, status=400)
    with capture_logs() as logs:
        async with running(edge) as client:
            await asyncio.sleep(0.4)
            assert not client.connected.is_set()
    assert len(edge.opens) <= 3
    assert "DINGTALK_CLIENT_SECRET" in next(e for e in logs if e["event"] == "stream.open_refused")["remedy"]


@pytest.mark.parametrize(
    "answer",
    [
        lambda: web.Response(status=500),
        lambda: web.Response(status=504, text="<html>"),
        lambda: web.Response(text="<xml/>", content_type="text/xml"),
        lambda: web.json_response({"ticket": "t"}),
        lambda: web.json_response({"endpoint": "ftp://x", "ticket": "t"}),
        lambda: web.json_response({"endpoint": "ws://[", "ticket": "t"}),
        lambda: web.json_response({"endpoint": "ws://", "ticket": "t"}),
        lambda: web.json_response({"endpoint": "ws://127.0.0.1:1/connect", "ticket": "t"}),
        lambda: web.json_response(["endpoint"]),
    ],
)
async def test_any_failure_to_open_is_survived(edge: Gateway, answer: Callable[[], web.Response]) -> None:
    answers = [answer]
    edge.on_open = lambda: answers.pop()() if answers else None
    async with running(edge):
        assert (await (await edge.link()).ask("CALLBACK", ROBOT_TOPIC, "m-1", {}))["code"] == 200


async def test_a_gateway_that_does_not_answer_is_given_up(edge: Gateway) -> None:
    silent = asyncio.Event()
    opens: asyncio.Queue[None] = asyncio.Queue()

    async def hang(request: web.Request) -> web.Response:
        opens.put_nowait(None)
        await silent.wait()
        return web.Response()

    app = web.Application()
    app.router.add_post("/v1.0/gateway/connections/open", hang)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    stuck = Gateway()
    stuck.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with running(stuck, pace=Pace(open=0.05)) as client:
        for _ in range(2):
            await asyncio.wait_for(opens.get(), 5)
        assert client.stats.open_failures >= 1
    silent.set()
    await runner.cleanup()


async def test_neither_ticket_nor_secret_is_ever_logged(edge: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    with capture_logs() as logs:
        async with running(edge):
            await (await edge.link()).drop()
            await edge.link()
        edge.tickets.clear()
    text = repr(logs) + caplog.text
    assert "secret+ticket" not in text
    assert "secret%2Bticket" not in text
    assert "top-secret" not in text


async def test_a_ticket_that_is_refused_is_replaced_and_not_logged(edge: Gateway) -> None:
    stale = web.json_response({"endpoint": edge.url.replace("http", "ws") + "/connect", "ticket": "stale-ticket"})
    answers = [stale]
    edge.on_open = lambda: answers.pop() if answers else None
    with capture_logs() as logs:
        async with running(edge):
            await edge.link()
    assert "stale-ticket" not in repr(logs)
    assert [e["http_status"] for e in logs if e["event"] == "stream.handshake_failed"] == [401]


async def test_a_half_open_socket_is_noticed_by_its_missing_pong(edge: Gateway) -> None:
    edge.deaf = True
    async with running(edge, pace=Pace(heartbeat=0.1, close=0.1)):
        await edge.link()
        edge.deaf = False
        link = await edge.link()
        assert (await link.ask("CALLBACK", ROBOT_TOPIC, "m-1", {}))["code"] == 200


async def test_a_connection_that_falls_silent_is_replaced_before_it_is_closed(edge: Gateway) -> None:
    async with running(edge, pace=Pace(silence=0.2, close=0.1)) as client:
        old = await edge.link()
        states: list[bool] = []
        await edge.link()
        states.append(client.connected.is_set())
        await asyncio.wait_for(old.closed.wait(), 5)
        assert states == [True]


async def test_a_gateway_that_never_speaks_is_replaced_ever_more_rarely(edge: Gateway) -> None:
    async with running(edge, pace=Pace(silence=0.1, close=0.1)):
        for _ in range(3):
            await edge.link()
    gaps = [later - earlier for earlier, later in zip(edge.open_times, edge.open_times[1:], strict=False)]
    assert gaps[1] > gaps[0] * 1.5


async def test_no_more_frames_are_worked_at_once_than_allowed(edge: Gateway) -> None:
    go, full, running_now, most = asyncio.Event(), asyncio.Event(), 0, 0

    async def work(data: dict[str, Any]) -> None:
        nonlocal running_now, most
        running_now += 1
        most = max(most, running_now)
        if most == 3:
            full.set()
        await go.wait()
        running_now -= 1

    async with running(edge, work, in_flight=3):
        link = await edge.link()
        for number in range(20):
            await link.push("CALLBACK", ROBOT_TOPIC, f"m-{number}", {})
        await asyncio.wait_for(full.wait(), 5)
        go.set()
        acked = {(await link.ack())["headers"]["messageId"] for _ in range(20)}
        assert len(acked) == 20
        assert most == 3


async def test_a_slow_handler_does_not_hold_up_the_others_or_a_ping(edge: Gateway) -> None:
    go = asyncio.Event()

    async def work(data: dict[str, Any]) -> None:
        if data.get("slow"):
            await go.wait()

    async with running(edge, work):
        link = await edge.link()
        await link.push("CALLBACK", ROBOT_TOPIC, "slow", {"slow": True})
        assert (await link.ask("CALLBACK", ROBOT_TOPIC, "quick", {}))["headers"]["messageId"] == "quick"
        assert (await link.ask("SYSTEM", "ping", "p", "{}"))["headers"]["messageId"] == "p"
        go.set()
        assert (await link.ack())["headers"]["messageId"] == "slow"


async def test_stop_finishes_what_was_begun_and_takes_nothing_new(edge: Gateway) -> None:
    started, go = asyncio.Event(), asyncio.Event()

    async def work(data: dict[str, Any]) -> str:
        started.set()
        await go.wait()
        return "done"

    client = StreamClient(Credential("id", "s"), openapi_endpoint=edge.url, pace=QUICK)
    client.register_callback_handler(ROBOT_TOPIC, robot := Robot(work))
    task = asyncio.create_task(client.start())
    link = await edge.link()
    await link.push("CALLBACK", ROBOT_TOPIC, "m-1", {})
    await started.wait()
    stopping = asyncio.create_task(client.stop())
    await asyncio.sleep(0)
    await link.push("CALLBACK", ROBOT_TOPIC, "m-2", {})
    go.set()
    await asyncio.wait_for(stopping, 5)
    assert (await link.ack())["headers"]["messageId"] == "m-1"
    await asyncio.wait_for(link.closed.wait(), 5)
    assert task.done()
    assert len(robot.seen) == 1
    assert not client.connected.is_set()
    assert len(edge.opens) == 1


async def test_stop_breaks_off_what_will_not_end(edge: Gateway) -> None:
    async with running(edge, lambda data: asyncio.Event().wait()) as client:
        link = await edge.link()
        await link.push("CALLBACK", ROBOT_TOPIC, "m-1", {})
        await link.ask("SYSTEM", "ping", "p", "{}")
        await asyncio.wait_for(client.stop(within=0.05), 5)
        assert client.stats.in_flight == 0


async def test_cancelling_start_is_never_swallowed(edge: Gateway) -> None:
    client = StreamClient(Credential("id", "s"), openapi_endpoint=edge.url, pace=QUICK)
    task = asyncio.create_task(client.start())
    link = await edge.link()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(link.closed.wait(), 5)


async def test_stop_works_while_the_gateway_is_away() -> None:
    client = StreamClient(Credential("id", "s"), openapi_endpoint="http://127.0.0.1:1")
    task = asyncio.create_task(client.start())
    await asyncio.sleep(0)
    await asyncio.wait_for(client.stop(), 5)
    await task


async def test_a_connection_outlives_the_time_allowed_for_opening_it(edge: Gateway) -> None:
    async with running(edge, pace=Pace(open=0.1)):
        link = await edge.link()
        await asyncio.sleep(0.3)
        assert (await link.ask("CALLBACK", ROBOT_TOPIC, "m-1", {}))["code"] == 200
        assert len(edge.opens) == 1


async def test_the_listener_hears_of_each_change_once(edge: Gateway) -> None:
    states: list[bool] = []
    async with running(edge, on_state=states.append):
        link = await edge.link()
        await link.ask("SYSTEM", "ping", "p", "{}")
        await link.drop()
        await (await edge.link()).ask("SYSTEM", "ping", "p", "{}")
    assert states == [True, False, True, False]


async def test_proxy_variables_do_not_stand_between_us_and_this_machine(
    edge: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "WS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with running(edge):
        assert (await (await edge.link()).ask("CALLBACK", ROBOT_TOPIC, "m-1", {}))["code"] == 200


async def test_the_sdks_blocking_calls_are_out_of_reach(edge: Gateway) -> None:
    client = StreamClient(Credential("id", "s"), openapi_endpoint=edge.url)
    for blocking in (client.open_connection, client.get_access_token, client.upload_to_dingtalk):
        with pytest.raises(NotImplementedError):
            blocking()


async def test_a_plain_aiohttp_server_sees_a_clean_goodbye(edge: Gateway) -> None:
    async with running(edge) as client:
        link = await edge.link()
        await client.stop()
        await asyncio.wait_for(link.closed.wait(), 5)
        assert link.socket.close_code in {aiohttp.WSCloseCode.OK, aiohttp.WSCloseCode.ABNORMAL_CLOSURE}
