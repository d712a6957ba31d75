"""The two subjects and the servers they are tried against."""

from collections.abc import AsyncIterator

import pytest

from tests.bot.openapi_server import Platform, platform
from tests.bot.stream_defects.subject import Subject
from tests.bot.stream_gateway import Gateway, gateway


@pytest.fixture(params=["stock", "ours"])
def subject(request: pytest.FixtureRequest) -> Subject:
    return Subject(request.param)


@pytest.fixture
async def edge() -> AsyncIterator[Gateway]:
    async with gateway() as served:
        yield served


@pytest.fixture
async def ding() -> AsyncIterator[Platform]:
    async with platform() as served:
        yield served
