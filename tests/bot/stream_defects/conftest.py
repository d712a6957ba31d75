"""The two subjects and the server of the calls they are tried with."""

from collections.abc import AsyncIterator

import pytest

from tests.bot.openapi_server import Platform, platform
from tests.bot.stream_defects.subject import Subject


@pytest.fixture(params=["stock", "ours"])
def subject(request: pytest.FixtureRequest) -> Subject:
    return Subject(request.param)


@pytest.fixture
async def ding() -> AsyncIterator[Platform]:
    async with platform() as served:
        yield served
