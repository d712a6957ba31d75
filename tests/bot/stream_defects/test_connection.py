"""The SDK's loop (dingtalk-stream 0.24.3) and ours under the same gateway: how a connection is opened, kept and left.

Each test is a claim that ours keeps; the stock half says what the SDK does instead. docs/stream.md numbers them.
"""

import ast
import asyncio
import contextlib
import inspect
import itertools
import sys
import warnings
from pathlib import Path

import dingtalk_stream.stream
import pytest
from aiohttp import web

import bot
from bot.stream import ROBOT_TOPIC
from tests.bot.stream_defects.subject import Subject
from tests.bot.stream_gateway import Gateway

REFUSED = {"endpoint": "ws://127.0.0.1:1/connect", "ticket": "t"}


async def test_the_event_loop_runs_on_while_the_gateway_thinks(subject: Subject, edge: Gateway) -> None:
    edge.gate.clear()
    async with subject.robot(edge.url) as robot:
        await edge.asked(1)
        assert await robot.answers(within=1.0) is subject.either(stock=False, ours=True)
        edge.gate.set()
        await edge.link()
        assert await robot.answers(within=5.0)


async def test_work_is_bounded_and_the_sender_is_held_up(subject: Subject, edge: Gateway) -> None:
    """40 MB in 200 frames: more than the kernel's buffers take, so only a reader lets the last of them be written."""
    async with subject.robot(edge.url, in_flight=4) as robot:
        link = await edge.link()
        frames = [f"m-{number}" for number in range(200)]

        async def push() -> None:
            for name in frames:
                await link.push("CALLBACK", ROBOT_TOPIC, name, {"do": "wait", "padding": "x" * 200_000})

        pushing = asyncio.create_task(push())
        await robot.told(at_work=subject.either(stock=200, ours=4))
        await asyncio.wait({pushing}, timeout=subject.either(stock=5.0, ours=0.5))
        assert pushing.done() is subject.either(stock=True, ours=False)
        await robot.ask("open gate")
        await pushing
        assert {(await link.ack())["headers"]["messageId"] for _ in frames} == set(frames)
        assert await robot.ask("most at work") == subject.either(stock=200, ours=4)


async def test_work_under_way_is_never_collected_as_garbage(subject: Subject, edge: Gateway) -> None:
    """A handler may wait for what only weak references lead to; the loop keeps none but weak ones to a task either."""
    async with subject.robot(edge.url) as robot:
        link = await edge.link()
        await link.push("CALLBACK", ROBOT_TOPIC, "m-1", {"do": "wait unheld"})
        await robot.told(at_work=1)
        await robot.ask("collect garbage")
        assert await robot.ask("keep promise") is subject.either(stock=False, ours=True)
        assert await link.acked_by_a_ping() == subject.either(stock=[], ours=[("m-1", 200)])


async def test_an_ack_never_goes_out_on_another_connection(subject: Subject, edge: Gateway) -> None:
    async with subject.robot(edge.url) as robot:
        old = await edge.link()
        await old.push("CALLBACK", ROBOT_TOPIC, "m-1", {"do": "wait"})
        await robot.told(at_work=1)
        await old.socket.close()
        new = await edge.link()
        await new.ask("SYSTEM", "ping", "p", {})  # the robot knows the new one by now
        await robot.ask("open gate")
        assert await new.acked_by_a_ping() == subject.either(stock=[("m-1", 200)], ours=[])
        if subject.name == "ours":  # pushed again, it gets the ack it had, where it came
            await new.push("CALLBACK", ROBOT_TOPIC, "m-1", {"do": "wait"})
            assert await new.acked_until("m-1") == [("m-1", 200)]
            assert await robot.ask("most at work") == 1


async def test_the_new_connection_stands_before_the_old_one_goes(subject: Subject, edge: Gateway) -> None:
    """Whatever DingTalk has to push while no connection stands is lost, robot messages for good."""
    async with subject.robot(edge.url):
        old = await edge.link()
        await old.push("SYSTEM", "disconnect", "d", {"reason": "connection is expired"})
        new = await edge.link()
        assert new.beside == subject.either(stock=0, ours=1)


async def test_a_frame_in_flight_is_acked_on_the_connection_that_was_asked_to_leave(
    subject: Subject, edge: Gateway
) -> None:
    async with subject.robot(edge.url) as robot:
        old = await edge.link()
        await old.push("CALLBACK", ROBOT_TOPIC, "m-1", {"do": "wait"})
        await robot.told(at_work=1)
        await old.push("SYSTEM", "disconnect", "d", {"reason": "connection is expired"})
        new = await edge.link()
        await new.ask("SYSTEM", "ping", "p", {})
        await robot.ask("open gate")
        carrier = subject.either(stock=new, ours=old)
        assert ("m-1", 200) in await carrier.acked_until("m-1")


async def test_closes_without_a_reason_are_met_with_patience(subject: Subject, edge: Gateway) -> None:
    """Ten seconds by our robot's clock, one by this one; the SDK gets as long as a busy machine needs for sixty opens.

    DingTalk shuts an address out for 10,000 calls in 20 s.
    """
    edge.close_at_once = True
    async with subject.robot(edge.url, speed=10):
        await edge.asked(1)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(edge.asked(60), subject.either(stock=20.0, ours=1.0))
        assert len(edge.opens) in subject.either(stock=range(60, 10_000), ours=range(2, 21))


async def test_cancellation_ends_the_client(subject: Subject, edge: Gateway) -> None:
    async with subject.robot(edge.url, speed=10) as robot:
        await edge.link()
        await robot.ask("cancel")
        assert await robot.fate(edge.link()) == subject.either(stock="connected", ours="CancelledError")


async def test_the_client_can_be_asked_to_stop(subject: Subject, edge: Gateway) -> None:
    async with subject.robot(edge.url) as robot:
        await edge.link()
        assert await robot.ask("stop") == subject.either(stock={"raised": "AttributeError"}, ours={"result": None})
        assert await robot.answers(within=5.0)


async def test_an_answer_without_an_address_is_survived(subject: Subject, edge: Gateway) -> None:
    """The SDK names `websockets.exceptions` before anything has loaded it, in the clause that should mend this."""
    answers = [{"ticket": "t"}]
    edge.on_open = lambda: web.json_response(answers.pop()) if answers else None
    async with subject.robot(edge.url) as robot:
        assert await robot.fate(edge.link()) == subject.either(stock="AttributeError", ours="connected")


async def test_the_cause_of_a_failure_can_be_read_in_the_log(subject: Subject, edge: Gateway) -> None:
    edge.on_open = lambda: web.json_response(REFUSED)
    async with subject.robot(edge.url, speed=10) as robot:
        complaint = await robot.complains()
        assert complaint["readable"] is subject.either(stock=False, ours=True)
        assert ("ClientConnectorError" in complaint["text"]) is subject.either(stock=False, ours=True)


async def test_a_gateway_in_trouble_is_asked_ever_more_rarely(subject: Subject, edge: Gateway) -> None:
    edge.on_open = lambda: web.Response(status=500)
    speed = subject.either(stock=20.0, ours=10.0)
    async with subject.robot(edge.url, speed=speed):
        await edge.asked(5)
    times = [time * speed for time in edge.open_times]
    waits = [later - earlier for earlier, later in itertools.pairwise(times[:5])]
    assert (waits[0] < 5.0) is subject.either(stock=False, ours=True)
    assert (waits[-1] > waits[0] * 1.5) is subject.either(stock=False, ours=True), waits


async def test_a_reconnection_leaves_nothing_running(subject: Subject, edge: Gateway) -> None:
    """The SDK pings each connection once a minute and never looks for the pong: websockets' own pings do that."""
    async with subject.robot(edge.url, speed=20) as robot:
        link = await edge.link()
        await link.ask("SYSTEM", "ping", "p", {})
        before = await robot.ask("tasks")
        for _ in range(5):
            await link.socket.close()
            link = await edge.link()
        await link.ask("SYSTEM", "ping", "p", {})
        after = await robot.ask("tasks")
        assert len(after) - len(before) == subject.either(stock=5, ours=0), after


async def test_an_interrupt_is_never_swallowed(subject: Subject, edge: Gateway) -> None:
    """`return` in a `finally` drops whatever was raised, here an interrupt on the way to this machine's own address."""
    async with subject.robot(edge.url, no_network=True) as robot:
        await edge.link()
        looked = [one for one in robot.news if "looked_for_the_way_out" in one]
        assert (len(looked), edge.opens[0].get("localIp")) == subject.either(stock=(1, ""), ours=(0, None))


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_no_finally_returns(subject: Subject) -> None:
    """From Python 3.14 on the compiler warns of it; before, the syntax tree shows it."""
    stock, ours = [Path(inspect.getfile(dingtalk_stream.stream))], list(Path(bot.__path__[0]).rglob("*.py"))
    sources = [path.read_text() for path in subject.either(stock=stock, ours=ours)]
    returns = [
        node
        for source in sources
        for attempt in ast.walk(ast.parse(source))
        if isinstance(attempt, ast.Try)
        for step in attempt.finalbody
        for node in ast.walk(step)
        if isinstance(node, ast.Return)
    ]
    assert len(returns) == subject.either(stock=1, ours=0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for source in sources:
            compile(source, "source", "exec")
    said = [one for one in caught if "finally" in str(one.message)]
    assert len(said) == subject.either(stock=int(sys.version_info >= (3, 14)), ours=0)
