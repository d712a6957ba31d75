"""A sandbox with the tiny company, hasty where waiting is concerned, and a plain robot."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from sandbox.company import tiny
from sandbox.server import Running, serving
from sandbox.world import Timing, World
from sandbox.world.clock import START
from tests.sandbox.client import Robot


@pytest.fixture
async def sandbox() -> AsyncIterator[Running]:
    """A sandbox of its own for each test; the clock stands still."""
    world = World(tiny(), seed=1)
    world.clock.freeze()
    world.clock.set(START)
    world.stream.timing = Timing(push=0.05, card=0.3, robot_again=(0.1, 0.2), event_again=(0.1, 0.2), drain=0.05)
    async with serving(world) as running:
        yield running


@pytest.fixture
async def world(sandbox: Running) -> World:
    """The sandbox's state."""
    return sandbox.world


@pytest.fixture
async def robot(sandbox: Running) -> AsyncIterator[Robot]:
    """A robot that has not connected yet."""
    async with aiohttp.ClientSession(sandbox.url) as http:
        yield Robot(sandbox, http)
