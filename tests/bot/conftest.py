"""The stream gateway that the tests of the client and of the SDK's defects share."""

from collections.abc import AsyncIterator

import pytest

from tests.bot.stream_gateway import Gateway, gateway


@pytest.fixture
async def edge() -> AsyncIterator[Gateway]:
    async with gateway() as served:
        yield served
