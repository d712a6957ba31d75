"""Offices to talk in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conversations.office import Mode, Office, opened


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """A company with card templates."""
    async with opened(tmp_path) as office:
        yield office


@pytest.fixture
async def text_office(tmp_path: Path) -> AsyncIterator[Office]:
    """A company without."""
    async with opened(tmp_path, "text") as office:
        yield office


@pytest.fixture(params=["cards", "text"])
async def either_office(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Office]:
    """Both kinds."""
    mode: Mode = request.param
    async with opened(tmp_path, mode) as office:
        yield office
