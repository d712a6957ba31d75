"""The stream client stays connected: handover, half-open sockets, a full house, a stop, a death at each fail point.

Where it runs in a process of its own, its clock is quickened and its pace the usual one.
"""

import asyncio
import signal
from typing import Any

import aiohttp
import pytest

from bot.stream import ROBOT_TOPIC, Pace
from tests.bot.stream_defects.subject import Robot, Subject
from tests.bot.stream_gateway import Gateway, Link
from tests.bot.stream_robot import QUICK, running

OURS = Subject("ours")


class Pusher:
    """Pushes without a pause, always on the newest connection, until told to end; remembers which frame went where."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.sent: dict[str, Link] = {}
        self._ending = False
        self._task = asyncio.create_task(self._push())

    async def _push(self) -> None:
        while not self._ending:
            name = f"m-{len(self.sent)}"
            self.sent[name] = self.link
            await self.link.push("CALLBACK", ROBOT_TOPIC, name, {})
            await asyncio.sleep(0.001)

    async def end(self) -> None:
        self._ending = True
        await self._task


async def test_nothing_is_lost_over_three_handovers_while_pushes_go_on(edge: Gateway) -> None:
    async def work(data: dict[str, Any]) -> None:
        await asyncio.sleep(0.02)

    async with running(edge, work, in_flight=64) as client:
        pusher = Pusher(await edge.link())
        for _ in range(3):
            leaving = pusher.link
            await leaving.push("SYSTEM", "disconnect", "d", {"reason": "connection is expired"})
            new = await edge.link()
            pusher.link = new
            assert client.connected.is_set()
        await pusher.end()
        acked = [(name, link) for link in edge.links for name in await _acked(link, list(pusher.sent.values()))]
    assert sorted(acked, key=str) == sorted(pusher.sent.items(), key=str)
    assert (client.stats.acks_lost, client.stats.drops, len(edge.links)) == (0, 0, 4)


@pytest.mark.parametrize("deaf", [True, False])
async def test_a_socket_that_only_seems_alive_is_replaced_within_ninety_seconds(edge: Gateway, deaf: bool) -> None:
    """Deaf: the peer is gone without a goodbye. Not deaf: it answers pings, but nothing is pushed here any more."""
    edge.deaf = deaf
    speed = 20.0
    async with OURS.robot(edge.url, speed=speed):
        await edge.link()
        edge.deaf = False
        new = await edge.link(within=90 / speed)
        assert (await new.ask("CALLBACK", ROBOT_TOPIC, "m-1", {}))["code"] == 200


async def test_a_ping_below_the_frames_is_answered(edge: Gateway) -> None:
    async with running(edge):
        link = await edge.link()
        await link.socket.ping(b"are you there")
        assert await asyncio.wait_for(link.pongs.get(), 5) == b"are you there"


async def test_a_full_house_is_no_reason_to_give_the_connection_up(edge: Gateway) -> None:
    """What isn't read can't be answered: pongs lie behind the frames that nobody has a place for."""
    go = asyncio.Event()
    async with running(edge, lambda data: go.wait(), in_flight=1, pace=Pace(heartbeat=0.1, close=0.2)) as client:
        link = await edge.link()
        pushing = asyncio.create_task(_push(link, [f"m-{number}" for number in range(60)], "x" * 200_000))
        await asyncio.sleep(0.6)  # four heartbeats and their patience
        transport = link.request.transport
        assert transport is not None
        assert not pushing.done()
        assert transport.get_write_buffer_size() > 0  # nobody reads, so the kernel takes no more
        go.set()
        await pushing
        assert len({(await link.ack())["headers"]["messageId"] for _ in range(60)}) == 60
        assert (client.stats.drops, client.stats.acks_lost, len(edge.links)) == (0, 0, 1)


async def test_a_stop_under_fire_acks_what_it_took_and_says_goodbye(edge: Gateway) -> None:
    async def work(data: dict[str, Any]) -> None:
        await asyncio.sleep(0.05)

    async with running(edge, work, in_flight=8, pace=QUICK) as client:
        pusher = Pusher(link := await edge.link())
        first = await link.ack()
        await client.stop()
        await asyncio.wait_for(link.closed.wait(), 5)
        await pusher.end()
        acks = [first, *(link.acks.get_nowait() for _ in range(link.acks.qsize()))]
        assert len(acks) == client.stats.pushes == client.stats.acks
        assert all(ack["code"] == 200 for ack in acks)
        assert link.socket.close_code == aiohttp.WSCloseCode.OK


async def test_a_stop_takes_less_than_ten_seconds_whatever_the_handlers_and_the_peer_do(edge: Gateway) -> None:
    """Eight for the handlers, one for a goodbye that nobody answers."""
    edge.deaf = True
    speed = 2.0
    async with OURS.robot(edge.url, speed=speed) as robot:
        link = await edge.link()
        await link.push("CALLBACK", ROBOT_TOPIC, "m-1", {"do": "wait"})
        await robot.told(at_work=1)
        async with asyncio.timeout(10 / speed):
            assert await robot.ask("stop") == {"result": None}


@pytest.mark.parametrize(
    ("point", "acked"), [("stream.frame", False), ("stream.before_ack", False), ("stream.after_ack", True)]
)
async def test_a_death_leaves_exactly_what_its_place_says(edge: Gateway, point: str, acked: bool) -> None:
    async with OURS.robot(edge.url, env={"DINGHR_FAIL_POINT": point}) as robot:
        link = await edge.link()
        await link.push("CALLBACK", ROBOT_TOPIC, "m-1", {})
        assert await robot.exit_code() == -signal.SIGKILL
        await asyncio.wait_for(link.closed.wait(), 5)
        assert (not link.acks.empty()) is acked
        assert _worked(robot) is (point != "stream.frame")


async def test_a_death_between_two_connections_comes_before_the_second_is_asked_for(edge: Gateway) -> None:
    async with OURS.robot(edge.url, env={"DINGHR_FAIL_POINT": "stream.reconnecting"}) as robot:
        await (await edge.link()).drop()
        assert await robot.exit_code() == -signal.SIGKILL
        assert len(edge.opens) == 1


async def _acked(link: Link, carriers: list[Link]) -> list[str]:
    """Give the ids of as many acks of a connection as it carried frames."""
    return [(await link.ack())["headers"]["messageId"] for carrier in carriers if carrier is link]


def _worked(robot: Robot) -> bool:
    return any("at_work" in one for one in robot.news)


async def _push(link: Link, names: list[str], padding: str = "") -> None:
    for name in names:
        await link.push("CALLBACK", ROBOT_TOPIC, name, {"padding": padding})
