"""Driving the load: closed (so many in flight) or open (so many a second), and what it gave."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any

from benchmarks.platform import Push
from benchmarks.process import Subject

Send = Callable[[int], Awaitable[Push]]


@dataclass(slots=True)
class Figures:
    """One measurement: `seconds` of wall time and `cpu` seconds of the subject, for `count` frames."""

    count: int
    seconds: float
    cpu: float
    acks: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    received: list[Mapping[str, Any]] = field(default_factory=list)
    """The acks themselves."""

    @property
    def rate(self) -> float:
        """Frames a second."""
        return self.count / self.seconds

    @property
    def per_cpu_second(self) -> float:
        """Frames per CPU second of the subject."""
        return self.count / self.cpu if self.cpu else 0.0


def percentile(values: Sequence[float], percent: int) -> float:
    """Give a percentile; 0 without values."""
    if len(values) < 2:
        return values[0] if values else 0.0
    return quantiles(values, n=100, method="inclusive")[percent - 1]


async def closed(subject: Subject, send: Send, count: int, *, window: int, until_answer: bool) -> Figures:
    """Keep `window` frames in flight until `count` are through; through means acked, or answered as well."""
    numbers = iter(range(count))
    pushes: list[Push] = []

    async def lane() -> None:
        for number in numbers:
            push = await send(number)
            pushes.append(push)
            await push.acked
            if until_answer:
                await push.answered

    return await _measured(subject, asyncio.gather(*(lane() for _ in range(window))), pushes, count)


async def opened(subject: Subject, send: Send, count: int, *, rate: float, until_answer: bool) -> Figures:
    """Send `rate` frames a second whatever comes back, then wait for the last."""
    pushes: list[Push] = []

    async def all_of_them() -> None:
        began = time.perf_counter()
        for number in range(count):
            await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
            pushes.append(await send(number))
        for push in pushes:
            await push.acked
            if until_answer:
                await push.answered

    return await _measured(subject, all_of_them(), pushes, count)


async def _measured(subject: Subject, load: Awaitable[object], pushes: list[Push], count: int) -> Figures:
    cpu, began = subject.cpu_seconds(), time.perf_counter()
    try:
        await asyncio.wait_for(load, 60 + count / 10)
    except TimeoutError:
        through = sum(push.acked.done() for push in pushes)
        raise RuntimeError(f"only {through} of {count} frames were acked\n{subject.tail()}") from None
    seconds, used = time.perf_counter() - began, subject.cpu_seconds() - cpu
    answers = [push.answer_seconds for push in pushes if push.answered.done()]
    received = [push.acked.result() for push in pushes]
    return Figures(count, seconds, used, [push.ack_seconds for push in pushes], answers, received)
