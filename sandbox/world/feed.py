"""The change feed: small notes on what happened, for whoever shows the world."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self

from sandbox.world import bounds

Kind = Literal["message", "card", "wire", "clock", "company", "connection", "reset", "lagging"]


@dataclass(frozen=True, slots=True)
class Change:
    """What changed; read the rest from the world.

    `key` is a message's id, a card's outTrackId, a wire entry's number, the clock's version, a userid or a department.
    `lagging`: notes were lost because the reader was slow, so everything should be read anew.
    """

    kind: Kind
    key: str
    conversation_id: str = ""


class Subscription(AsyncIterator[Change]):
    """Changes from the moment it is entered: `with feed.subscribe() as changes: async for change in changes`."""

    def __init__(self, feed: "Feed") -> None:
        self._feed = feed
        self._queue: asyncio.Queue[Change] = asyncio.Queue(bounds.CHANGES)

    def __enter__(self) -> Self:
        """Begin to listen."""
        self._feed.add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening."""
        self._feed.remove(self)

    async def __anext__(self) -> Change:
        """Give the next change."""
        return await self._queue.get()

    def put(self, change: Change) -> None:
        """Take a change in; a reader who lags a thousand behind loses them and is told so."""
        if self._queue.full():
            while not self._queue.empty():
                self._queue.get_nowait()
            self._queue.put_nowait(Change("lagging", ""))
        self._queue.put_nowait(change)


class Feed:
    """Who listens."""

    def __init__(self) -> None:
        self._subscriptions: list[Subscription] = []

    def subscribe(self) -> Subscription:
        """Give a subscription, to be used as a context manager."""
        return Subscription(self)

    def add(self, subscription: Subscription) -> None:
        """Begin to tell a subscription."""
        self._subscriptions.append(subscription)

    def remove(self, subscription: Subscription) -> None:
        """Stop telling a subscription."""
        self._subscriptions.remove(subscription)

    def tell(self, change: Change) -> None:
        """Tell everyone."""
        for subscription in self._subscriptions:
            subscription.put(change)
