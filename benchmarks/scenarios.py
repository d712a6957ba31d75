"""What is measured, of whom. Each scenario runs every subject once a round; rounds are repeated and medians quoted."""

import asyncio
import json
import random
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.load import Figures, closed, opened, percentile
from benchmarks.platform import Platform, Push, SentCard
from benchmarks.process import Subject, module, started

WINDOW = 64
KILLED_SECONDS, KILLED_EVERY, KILLED_RATE, KILLED_TWICE = 60.0, 3.0, 200, 0.05
AGAIN_SECONDS = 3.0
"""After which a frame without an ack is pushed again."""
QUESTION = "年假余额"
CARDS = {"DINGTALK_CARD_FORM": "bench-form.schema", "DINGTALK_CARD_NOTICE": "bench-notice.schema"}


@dataclass(frozen=True, slots=True)
class Measured:
    """One subject in one scenario, once. `values` are named figures; `rate`s are frames a second."""

    scenario: str
    subject: str
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A process to measure. `ready` is an address that answers 200 when it can be measured."""

    name: str
    command: list[str]
    has_web: bool = False
    has_store: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    frames: float = 1.0
    """Share of the frames it gets. CPU time is told in hundredths of a second, so what is quick needs more of them."""


LIMIT = Candidate("limit", module("benchmarks.subjects.limit"), frames=20)
LIMIT_REPLY = Candidate("limit", module("benchmarks.subjects.limit", "reply"), frames=4)
STOCK = Candidate("stock SDK", module("benchmarks.subjects.stock"), frames=0.2)
EDGE = Candidate("our edge", module("benchmarks.subjects.edge"), frames=20)
EDGE_REPLY = Candidate("our edge", module("benchmarks.subjects.edge", "reply"), frames=4)
INBOX = Candidate("our edge + inbox", module("benchmarks.subjects.inbox"), has_store=True)
ROBOT = Candidate("dinghr", [str(Path(sys.executable).with_name("dinghr")), "run"], has_web=True, has_store=True)
ROBOT_CARDS = replace(ROBOT, settings=CARDS)


@asynccontextmanager
async def up(candidate: Candidate, platform: Platform, *, settled: bool = True) -> AsyncIterator[Subject]:
    """Start a candidate and wait until it is connected, ready where it can say so, and done with its first reading."""
    listen = _listen(candidate)
    async with started(candidate.command, platform.url, {**listen, **candidate.settings}) as subject:
        try:
            await platform.connected()
            if candidate.has_web:
                await _ready(f"http://{listen['DINGHR_LISTEN']}/readyz", subject)
                if settled:
                    await platform.quiet()
        except TimeoutError:
            raise RuntimeError(f"{candidate.name} did not become ready\n{subject.tail()}") from None
        yield subject


async def ack(candidate: Candidate, platform: Platform, count: int) -> Measured:
    """Frames in, acks out, 64 in flight."""
    return await _messages("ack", candidate, platform, count, until_answer=False)


async def answer(candidate: Candidate, platform: Platform, count: int) -> Measured:
    """A message in, its ack and an answer by session webhook out, 64 in flight: the echo that is the limit L."""
    return await _messages("answer", candidate, platform, count, until_answer=True)


async def answer_slowly(candidate: Candidate, platform: Platform, count: int) -> Measured:
    """The same while every call to DingTalk takes 50 ms."""
    platform.latency = 0.05
    try:
        return await _messages("answer, API 50 ms", candidate, platform, count, until_answer=True)
    finally:
        platform.latency = 0.0


async def steady(candidate: Candidate, platform: Platform, count: int) -> Measured:
    """100 questions a second while every call to DingTalk takes 50 ms: how long an ack takes then."""
    people = platform.company.everyone()
    async with up(candidate, platform) as subject:
        send = _asking(platform, people)
        await closed(subject, send, len(people), window=WINDOW, until_answer=True)
        platform.latency = 0.05
        try:
            figures = await opened(subject, send, min(count, 1000), rate=100, until_answer=True)
        finally:
            platform.latency = 0.0
    return Measured("100 a second, API 50 ms", candidate.name, _times(figures))


async def decide(candidate: Candidate, platform: Platform, count: int) -> Measured:
    """A card's button, 50 a second: from the click to the ack that carries the new card."""
    people = platform.company.everyone()
    wanted = min(count, len(people))
    async with up(candidate, platform) as subject:
        cards = await _requests(platform, people[:wanted])

        async def agree(number: int) -> Push:
            card = cards[number]
            buttons = json.loads(card.params["buttons"])
            button = next(one["id"] for one in buttons if one["text"] == "同意")
            params = {"action": button, "ref": card.params.get("ref", "")}
            return await platform.click(card.receiver, card.track_id, {"actionIds": ["button"], "params": params})

        figures = await opened(subject, agree, len(cards), rate=50, until_answer=False)
    in_time = sum("status" in _card_params(ack) for ack in figures.received)
    return Measured("click, 50 a second", candidate.name, {**_times(figures), "with_card": in_time / len(cards)})


async def start(candidate: Candidate, platform: Platform, count: int) -> Measured:
    """From the start of the process to the stream, to readiness, and from a dropped socket to a working one."""
    async with up(candidate, platform, settled=False):
        pass  # the byte code is there now
    await platform.gone()
    began = time.perf_counter()
    async with up(candidate, platform, settled=False) as subject:
        connected, ready = platform.linked_at - began, time.perf_counter() - began
        await platform.quiet()
        began = time.perf_counter()
        await platform.drop()
        await platform.connected()
        again = await platform.say(platform.company.everyone()[0], QUESTION)
        await again.acked
        mended = time.perf_counter() - began
        values = {
            "connected_seconds": connected,
            "ready_seconds": ready,
            "mended_seconds": mended,
            "memory_mib": subject.memory_mib(),
        }
    return Measured("start and drop", candidate.name, values)


async def killed(candidate: Candidate, platform: Platform, count: int) -> Measured:
    """`kill -9` three seconds after each start while 200 questions a second come, one in twenty of them twice.

    What isn't acked is pushed again, for a minute and then until everything is acked; what is acked must be answered
    once. An answer may be sent again under the `msgUuid` it had: DingTalk shows it once.
    """
    people = platform.company.everyone()
    pushes: list[Push] = []
    kills = 0
    with tempfile.TemporaryDirectory(prefix="dinghr-bench-") as home:
        kept = replace(candidate, settings={**candidate.settings, "DINGHR_HOME": home})
        async with up(kept, platform):
            pass  # the company is read now
        talk = asyncio.create_task(_talk(platform, people, pushes, int(KILLED_SECONDS * KILLED_RATE)))
        while not talk.done():
            async with started(kept.command, platform.url, {**kept.settings, **_listen(kept)}) as subject:
                await platform.connected()
                await asyncio.wait([talk], timeout=KILLED_EVERY)
                await subject.kill()
                kills += 1
            await platform.gone()
            if kills > 10 * KILLED_SECONDS / KILLED_EVERY:
                raise RuntimeError(f"still unacked: {sum(not push.acked.done() for push in pushes)}\n{subject.tail()}")
        await talk
        async with up(kept, platform):
            await asyncio.wait([push.answered for push in pushes], timeout=60)
    return Measured("kill -9 every 3 s, 200 a second", candidate.name, {"kills": kills, **_kept(pushes)})


async def dropped(candidate: Candidate, platform: Platform, count: int) -> Measured:
    """The same while the socket is cut every three seconds, without a word, and every call to DingTalk takes 50 ms."""
    pushes: list[Push] = []
    drops = 0
    async with up(candidate, platform):
        platform.latency = 0.05
        try:
            people = platform.company.everyone()
            talk = asyncio.create_task(_talk(platform, people, pushes, int(KILLED_SECONDS * KILLED_RATE)))
            while not talk.done():
                await asyncio.wait([talk], timeout=KILLED_EVERY)
                await platform.drop()
                await platform.connected()
                drops += 1
            await talk
            await asyncio.wait([push.answered for push in pushes], timeout=60)
        finally:
            platform.latency = 0.0
    return Measured("a drop every 3 s, 200 a second", candidate.name, {"drops": drops, **_kept(pushes)})


def _kept(pushes: Sequence[Push]) -> Mapping[str, float]:
    return {
        "messages": len(pushes),
        "unanswered": sum(not push.answered.done() for push in pushes),
        "doubled": sum(len(set(push.said)) > 1 for push in pushes),
        "same_uuid_again": sum(len(push.said) > 1 for push in pushes),
    }


async def _talk(platform: Platform, people: list[str], pushes: list[Push], count: int) -> None:
    """Say so much, and see it acked."""
    dice = random.Random(7)
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(count):
            await asyncio.sleep(max(0.0, began + number / KILLED_RATE - time.perf_counter()))
            push = platform.message(people[number % len(people)], QUESTION)
            pushes.append(push)
            group.create_task(_until_acked(platform, push, twice=dice.random() < KILLED_TWICE))


async def _until_acked(platform: Platform, push: Push, *, twice: bool) -> None:
    while not push.acked.done():
        await platform.connected()
        with suppress(RuntimeError, ConnectionError):  # Gone in between: it is pushed to the next connection.
            await platform.deliver(push)
            if twice:
                await platform.deliver(push)
        await platform.gone_or(push.acked, AGAIN_SECONDS)


Scenario = Callable[[Candidate, Platform, int], Awaitable[Measured]]

SCENARIOS: Mapping[str, tuple[Scenario, tuple[Candidate, ...]]] = {
    "ack": (ack, (LIMIT, EDGE, ROBOT)),
    "answer": (answer, (LIMIT_REPLY, STOCK, EDGE_REPLY, INBOX, ROBOT)),
    "slow": (answer_slowly, (LIMIT_REPLY, STOCK, EDGE_REPLY, ROBOT)),
    "steady": (steady, (ROBOT,)),
    "click": (decide, (ROBOT_CARDS,)),
    "start": (start, (EDGE, ROBOT)),
    "kill9": (killed, (ROBOT,)),
    "drops": (dropped, (ROBOT,)),
}


async def _messages(
    scenario: str, candidate: Candidate, platform: Platform, count: int, *, until_answer: bool
) -> Measured:
    people = platform.company.everyone()
    async with up(candidate, platform) as subject:
        send = _asking(platform, people)
        count = max(
            WINDOW, int(count * candidate.frames * (0.3 if platform.latency and candidate.name == STOCK.name else 1))
        )
        await closed(subject, send, min(count, len(people)), window=WINDOW, until_answer=until_answer)  # warm
        figures = await closed(subject, send, count, window=WINDOW, until_answer=until_answer)
    return Measured(
        scenario, candidate.name, {"rate": figures.rate, "per_cpu_second": figures.per_cpu_second, **_times(figures)}
    )


def _asking(platform: Platform, people: list[str]) -> Callable[[int], Awaitable[Push]]:
    return lambda number: platform.say(people[number % len(people)], QUESTION)


def _times(figures: Figures) -> dict[str, float]:
    return {
        "ack_p50_ms": 1000 * percentile(figures.acks, 50),
        "ack_p99_ms": 1000 * percentile(figures.acks, 99),
        **({"answer_p99_ms": 1000 * percentile(figures.answers, 99)} if figures.answers else {}),
    }


async def _requests(platform: Platform, people: list[str]) -> list[SentCard]:
    """Let people ask for a day of leave by form, and give the cards that their managers got."""
    for person in people:
        await (await platform.say(person, "请假")).acked
    forms: dict[str, SentCard] = {}
    while len(forms) < len(people):
        card = await asyncio.wait_for(platform.cards.get(), 30)
        if card.params.get("form"):
            forms[card.receiver] = card
    day = {"start": _DAY, "end": _DAY, "start_half": _choice("AM"), "end_half": _choice("PM")}
    form = {"type": _choice("annual"), "reason": "", **day}
    approvals: list[SentCard] = []
    for person in people:
        submit = {"actionIds": ["form"], "params": {"form": form}}
        await (await platform.click(person, forms[person].track_id, submit)).acked
    while len(approvals) < len(people):
        card = await asyncio.wait_for(platform.cards.get(), 30)
        if "同意" in card.params.get("buttons", ""):
            approvals.append(card)
    return approvals


_DAY = "2026-12-22"


def _choice(value: str) -> Mapping[str, object]:
    return {"index": 0, "value": value}


def _card_params(ack: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give what the ack of a click puts on the card: only 处理中 when the decision came too late for it."""
    response = json.loads(ack["data"]).get("response") or {}
    params: Mapping[str, Any] = response.get("cardData", {}).get("cardParamMap", {})
    return params


async def _ready(url: str, subject: Subject) -> None:
    async with asyncio.timeout(60), aiohttp.ClientSession() as session:
        while subject.running:
            try:
                async with session.get(url) as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientConnectorError:
                pass  # not listening yet
            await asyncio.sleep(0.02)
    raise RuntimeError(f"the subject ended\n{subject.tail()}")


def _listen(candidate: Candidate) -> Mapping[str, str]:
    return {"DINGHR_LISTEN": f"127.0.0.1:{_free_port()}"} if candidate.has_web else {}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
