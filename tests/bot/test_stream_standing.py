"""The stream client stays connected: handover, half-open sockets, a full house, a stop. At the usual pace, clock quickened."""

import asyncio
import itertools
from typing import Any

import aiohttp
import pytest

from bot.stream import ROBOT_TOPIC, Pace
from tests.bot.stream_defects.subject import Subject
from tests.bot.stream_gateway import Gateway, Link
from tests.bot.stream_robot import running

OURS = Subject("ours")


async def test_a_full_house_is_no_reason_to_give_the_connection_up(edge: Gateway) -> None:
    """What isn't read can't be answered: pongs lie behind the frames that nobody has a place for."""
    go = asyncio.Event()
    async with running(edge, lambda data: go.wait(), in_flight=1, pace=Pace(heartbeat=0.1, close=0.2)) as client:
        link = await edge.link()
        pushing = asyncio.create_task(_push(link, [f"m-{number}" for number in range(60)], "x" * 200_000))
        await asyncio.sleep(0.6)  # four heartbeats and their patience
        assert not pushing.done()
        go.set()
        await pushing
        assert len({(await link.ack())["headers"]["messageId"] for _ in range(60)}) == 60
        assert (client.stats.drops, client.stats.acks_lost, len(edge.links)) == (0, 0, 1)


async def _push(link: Link, names: list[str], padding: str = "") -> None:
    for name in names:
        await link.push("CALLBACK", ROBOT_TOPIC, name, {"padding": padding})
