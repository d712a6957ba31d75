"""The acks of the last minutes, so that a frame pushed twice is answered twice and worked once."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable


class RecentAcks:
    """Bounded memory of acks by `messageId`, including those still being worked on.

    It spans minutes and one process; what must outlive a restart is remembered by the inbox.
    """

    def __init__(self, now: Callable[[], float], *, keep: int = 4096, seconds: float = 600.0) -> None:
        self._now = now
        self._keep = keep
        self._seconds = seconds
        self._known: OrderedDict[str, tuple[float, str | asyncio.Future[str]]] = OrderedDict()

    def find(self, message_id: str) -> str | asyncio.Future[str] | None:
        """Give the ack, or the promise of one; None for a frame not seen before."""
        since, ack = self._known.get(message_id, (0.0, None))
        return ack if ack is not None and (self._now() - since < self._seconds or not isinstance(ack, str)) else None

    def begin(self, message_id: str, promise: "asyncio.Future[str]") -> None:
        """Note that a frame is being worked on."""
        self._known[message_id] = (self._now(), promise)

    def end(self, message_id: str, ack: str | None) -> None:
        """Note the ack; None forgets the frame, so that its next delivery is worked anew."""
        self._known.pop(message_id, None)
        if ack is not None:
            self._known[message_id] = (self._now(), ack)
        while len(self._known) > self._keep:
            self._known.popitem(last=False)
