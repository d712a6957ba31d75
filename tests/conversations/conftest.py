"""Offices to talk in."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.conversations.office import Mode, Office, opened
from tests.record import every_change_on_record


@pytest.fixture(autouse=True)
def on_record() -> Iterator[None]:
    """Whatever is said: what the robot changes for it is on record in the same commit."""
    with every_change_on_record() as unrecorded:
        yield
    assert unrecorded == [], "changed without a row of the audit log; see tests/record.py"


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
