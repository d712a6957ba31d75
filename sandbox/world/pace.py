"""How often something may be done, by real seconds: calls per API, and whatever an operation limits by itself."""

import time
from collections import deque
from collections.abc import Callable, Iterable

_SWEEP = 1000  # look for windows that ran out once in so many questions


class Pace:
    """Sliding windows by name. `seconds` can be replaced, so that a test need not wait.

    An address that makes more than `address_calls` in `address_seconds` is shut out for `address_block` (A/0012).
    """

    TRANSIENT = frozenset({"seconds", "_windows", "_blocked", "_asked"})

    def __init__(self) -> None:
        self.seconds: Callable[[], float] = time.monotonic
        self.address_calls = 10_000
        self.address_seconds = 20.0
        self.address_block = 300.0
        self._blocked: dict[str, float] = {}
        self._windows: dict[str, tuple[deque[float], float]] = {}
        self._asked = 0

    def admit(self, name: str, most: int, within: float) -> bool:
        """Whether one more is within `most` in so many seconds; one that isn't leaves no trace."""
        return self.admit_all([name], most, within)

    def admit_all(self, names: Iterable[str], most: int, within: float) -> bool:
        """Whether one more of each is; if one of them isn't, none leaves a trace."""
        now = self.seconds()
        self._sweep(now)
        windows = [self._windows.setdefault(name, (deque(), within))[0] for name in names]
        for times in windows:
            while times and now - times[0] >= within:
                times.popleft()
        if any(len(times) >= most for times in windows):
            return False
        for times in windows:
            times.append(now)
        return True

    def shuts_out(self, address: str) -> bool:
        """Whether a call from this address gets no answer of the API's."""
        now = self.seconds()
        if now < self._blocked.get(address, now):
            return True
        if self.admit(f"address {address}", self.address_calls, self.address_seconds):
            return False
        self._blocked[address] = now + self.address_block
        return True

    def clear(self) -> None:
        """Forget what was done."""
        self._windows.clear()
        self._blocked.clear()

    def _sweep(self, now: float) -> None:
        self._asked += 1
        if self._asked % _SWEEP == 0:
            ended = [name for name, (times, within) in self._windows.items() if not times or now - times[-1] >= within]
            for name in ended:
                del self._windows[name]
