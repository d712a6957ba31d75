"""Rounds for tests: the nursery and the stores are made once."""

import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from tests.reliability.robots import Nursery, nursery
from tests.reliability.rounds import Plan, Round, opened
from tests.reliability.stores import Stores

Open = Callable[..., AbstractAsyncContextManager[Round]]


@pytest.fixture(scope="session")
def stores() -> Iterator[Stores]:
    """Fresh stores, and a PostgreSQL server of our own: it is stopped and started here.

    They live outside pytest's own folder, which a second run beside this one tidies away.
    """
    with tempfile.TemporaryDirectory(prefix="dinghr-stores-", ignore_cleanup_errors=True) as folder:
        made = Stores(Path(folder))
        yield made
        made.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def births() -> AsyncIterator[Nursery]:
    """The process that robots come from."""
    async with nursery() as opened_nursery:
        yield opened_nursery


@pytest.fixture
def open_round(births: Nursery, stores: Stores, tmp_path: Path) -> Open:
    """Give what opens a round."""

    @asynccontextmanager
    async def open_(plan: Plan, *, template: bool = True) -> AsyncIterator[Round]:
        async with opened(plan, tmp_path, births, stores, template=template) as round_:
            yield round_

    return open_
