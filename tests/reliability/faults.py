"""What goes wrong in a round: each fault is begun beside a conversation, and has undone itself when it returns.

A robot that dies of it has been started again by then. `FAULTS` lists them all with the stores they make sense on.
"""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hr_core.failpoints import POINTS
from sandbox.world.faults import FAULTS as SANDBOX_FAULTS
from sandbox.world.faults import Fault as CallFault
from sandbox.world.faults import FaultKind
from sandbox.world.stream import CARD_TOPIC, ROBOT_TOPIC
from tests.reliability.stores import StoreName

if TYPE_CHECKING:
    from tests.reliability.robots import Process
    from tests.reliability.rounds import Round

Send = Callable[[str], Awaitable[None]]
Begin = Callable[["Round"], Coroutine[Any, Any, None]]

ROOMS = Path(__file__).parents[2]
_REACHED, _NAMED = re.compile(r"\breach\(([^()]*)\)"), re.compile(r'"([a-z_.]+)"')
APART = frozenset({"vault.chunk_resealed", "hire.step_begun", "hire.step_acted", "hire.step_noted"})
"""The fail points that talk of leave doesn't lead to: tests/bot/test_keys.py and test_hiring.py kill at them."""
WIRED = frozenset(
    name
    for room in ("bot", "handlers", "hr_core")
    for file in (ROOMS / room).rglob("*.py")
    for call in _REACHED.findall(file.read_text("utf-8"))
    for name in _NAMED.findall(call)
    if name not in APART
)
"""The fail points that a robot at work reaches."""

SENDS = ("robot.by_session", "robot.to_people", "robot.to_group", "card.create_and_deliver", "card.update")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to go wrong. `seconds` is about how long it takes; `rare` ones take long, and are drawn seldom."""

    name: str
    begin: Begin
    stores: tuple[StoreName, ...] = ("sqlite", "postgres")
    rare: bool = False


FAULTS: dict[str, Fault] = {}


def fault(name: str, *stores: StoreName, rare: bool = False) -> Callable[[Begin], Begin]:
    """Put a function on the list."""

    def put(begin: Begin) -> Begin:
        FAULTS[name] = Fault(name, begin, stores or ("sqlite", "postgres"), rare)
        return begin

    return put


# --- the process ------------------------------------------------------------------------------------------------------


def _at_point(name: str) -> Begin:
    async def begin(round_: "Round") -> None:
        """Start one robot armed, let it die where it was told to, and start another in its place."""
        if name == "inbox.taken_over":  # Something must have been left behind before it can be taken over.
            await round_.replace_robot(armed="inbox.stored:kill")
            await round_.died(8.0)
        provoked = name.startswith(("task.", "schedule.", "audit.", "stream.reconnecting"))
        times = 1 if provoked else round_.rng.choice([1, 1, 2])
        armed = await round_.replace_robot(armed=f"{name}:kill:{times}")
        await _provoke(round_, name, armed)
        if await round_.died(30.0 if provoked else 8.0, armed, by_talk=not provoked):
            round_.reached.add(name)
        await round_.replace_robot()

    return begin


async def _provoke(round_: "Round", name: str, armed: "Process") -> None:
    """Bring about what talk alone doesn't: a job that falls due, a socket that is cut."""
    if name.startswith(("task.", "schedule.", "stream.")):
        # A job that is new isn't made up for what fell due before its robot was there.
        while armed.alive and not armed.logged("robot.started"):  # noqa: ASYNC110 - a log has no event
            await asyncio.sleep(0.05)
    if name.startswith(("task.", "schedule.")):
        round_.world.clock.set(round_.world.clock.now() + timedelta(minutes=10))
    if name == "audit.head_kept":  # A head is made once a day: wherever the clock stands, a day later one is due.
        round_.world.clock.set(round_.world.clock.now() + timedelta(days=1))
    if name == "stream.reconnecting":
        await round_.people.connected()
        await _cut_sockets(round_)


async def _cut_sockets(round_: "Round") -> None:
    for connection in list(round_.world.stream.connections):
        await connection.close(True)


for _name in POINTS:
    FAULTS[f"point:{_name}"] = Fault(f"point:{_name}", _at_point(_name))


@fault("kill")
async def _kill(round_: "Round") -> None:
    """`kill -9` at a random moment, up to three times."""
    for _ in range(round_.rng.randint(1, 3)):
        await asyncio.sleep(round_.rng.uniform(0.0, 1.0))
        await round_.replace_robot()


@fault("end")
async def _end(round_: "Round") -> None:
    """SIGTERM under load, and the next one up."""
    await asyncio.sleep(round_.rng.uniform(0.0, 0.6))
    await round_.replace_robot(gently=True)


@fault("stop")
async def _stop(round_: "Round") -> None:
    """SIGSTOP for a moment, then SIGCONT."""
    await asyncio.sleep(round_.rng.uniform(0.0, 0.6))
    await round_.pause_one(round_.rng.uniform(1.0, 4.0))


@fault("stop.long", rare=True)
async def _stop_long(round_: "Round") -> None:
    """SIGSTOP for longer than the lease."""
    await asyncio.sleep(round_.rng.uniform(0.0, 0.6))
    await round_.pause_one(13.0)


# --- DingTalk ---------------------------------------------------------------------------------------------------------


@fault("api.ambiguous")
async def _ambiguous(round_: "Round") -> None:
    """Calls end without an answer one can go by, some carried out and some not."""
    faults, rng = round_.world.faults.waiting, round_.rng
    for _ in range(rng.randint(1, 4)):
        kind, after = rng.choice(("timeout", "drop", "answer")), rng.random() < 0.5
        body = "<html>502 Bad Gateway</html>" if kind == "answer" else None
        faults.append(CallFault(rng.choice(SENDS), kind, 502, body, rng.randint(1, 2), rng.uniform(0, 0.3), after))
        await asyncio.sleep(rng.uniform(0, 0.5))
    await asyncio.sleep(1.0)
    faults.clear()


@fault("api.slow")
async def _slow(round_: "Round") -> None:
    """Every call takes its time."""
    round_.world.faults.waiting.append(
        CallFault("robot.by_session", "timeout", times=3, delay=round_.rng.uniform(0.5, 2.5), after_action=True)
    )
    await asyncio.sleep(3.0)
    round_.world.faults.waiting.clear()


def _of_sandbox(kind: FaultKind) -> Begin:
    async def begin(round_: "Round") -> None:
        """Let a few calls, frames or handshakes go as the sandbox knows how."""
        faults, rng = round_.world.faults.waiting, round_.rng
        for _ in range(rng.randint(1, 3)):
            meant = rng.choice((ROBOT_TOPIC, CARD_TOPIC) if kind.moment == "frame" else SENDS)
            faults.append(CallFault(kind.api if kind.api != "*" else meant, kind.key, delay=rng.uniform(0.1, 1.0)))
            if kind.moment == "handshake" or kind.api == "gateway.open":
                await _cut_sockets(round_)
            await asyncio.sleep(rng.uniform(0, 0.5))
        await asyncio.sleep(1.0)
        faults.clear()

    return begin


OTHERWISE = {
    "answer": "api.ambiguous gives it something to say",
    "half_open": "stream.half_open waits until it is noticed",
    "stall": "stream.stall ends it",
    "invalid_staff": "who isn't there any more is rightly given up on",
}
"""The sandbox's faults that aren't played as they are, and why."""
LONG = {"qpm": "a minute", "undelivered": "people wait for the card before they do without"}
for _kind in SANDBOX_FAULTS:
    if _kind.key not in OTHERWISE:
        FAULTS[f"sandbox.{_kind.key}"] = Fault(f"sandbox.{_kind.key}", _of_sandbox(_kind), rare=_kind.key in LONG)


# --- the stream -------------------------------------------------------------------------------------------------------


@fault("stream.drop")
async def _drop(round_: "Round") -> None:
    """The socket is cut, several times."""
    for _ in range(round_.rng.randint(1, 4)):
        await asyncio.sleep(round_.rng.uniform(0, 0.7))
        await _cut_sockets(round_)


@fault("stream.disconnect")
async def _disconnect(round_: "Round") -> None:
    """The gateway asks to leave."""
    await asyncio.sleep(round_.rng.uniform(0, 0.5))
    for connection in list(round_.world.stream.connections):
        if not connection.leaving:
            await round_.world.stream.disconnect(connection)
    await asyncio.sleep(1.0)


@fault("stream.stall")
async def _stall(round_: "Round") -> None:
    """The socket says nothing for a while, then is cut."""
    await asyncio.sleep(round_.rng.uniform(0, 0.5))
    stalled = list(round_.world.stream.connections)
    for connection in stalled:
        connection.stalled = True
    await asyncio.sleep(round_.rng.uniform(1, 3))
    for connection in stalled:
        if connection in round_.world.stream.connections:
            await connection.close(True)


@fault("stream.half_open", rare=True)
async def _half_open(round_: "Round") -> None:
    """The other end is gone, and nobody says so: the robot has to notice by itself."""
    await asyncio.sleep(round_.rng.uniform(0, 0.5))
    dead = list(round_.world.stream.connections)
    for connection in dead:
        connection.stalled = connection.half_open = True
    for _ in range(900):
        if not any(one in round_.world.stream.connections for one in dead):
            return
        await asyncio.sleep(0.1)
    round_.violations.append("a half-open socket wasn't noticed within 90 s")


@fault("frames.again")
async def _again(round_: "Round") -> None:
    """Frames come again, under the same messageId and, as redeliveries do, under a new one."""
    stream, rng = round_.world.stream, round_.rng
    for _ in range(30):
        await asyncio.sleep(rng.uniform(0.02, 0.1))
        pushed = [one for one in stream.pushes.values() if one.topic in {ROBOT_TOPIC, CARD_TOPIC}]
        if pushed and stream.connections:
            old = rng.choice(pushed[-20:])
            # A tap under a new messageId would be another tap.
            await stream.redeliver(old.message_id, same_id=old.topic == CARD_TOPIC or rng.random() < 0.5)


async def _keep(kept: list[tuple[Send, str]], send: Send, text: str) -> None:
    kept.append((send, text))


@fault("frames.disorder")
async def _disorder(round_: "Round") -> None:
    """Frames are held back and come late, the newest first."""
    stream, rng = round_.world.stream, round_.rng
    for _ in range(3):
        held = list(stream.connections)
        kept: list[tuple[Send, str]] = []
        sends = [one.send for one in held]
        for connection, send in zip(held, sends, strict=True):
            connection.send = partial(_keep, kept, send)
        await asyncio.sleep(rng.uniform(0.2, 1.2))
        for connection, send in zip(held, sends, strict=True):
            connection.send = send
        for send, text in reversed(kept):
            await send(text)
        await asyncio.sleep(rng.uniform(0.1, 0.5))


# --- the clock --------------------------------------------------------------------------------------------------------


@fault("clock.forward")
async def _clock(round_: "Round") -> None:
    """Two hours pass at once: session webhooks and dialogues lapse, the morning's job falls due."""
    await asyncio.sleep(round_.rng.uniform(0, 0.5))
    clock = round_.world.clock
    clock.set(clock.now() + timedelta(hours=2))


@fault("clock.back")
async def _clock_back(round_: "Round") -> None:
    """The clock is set back by ten minutes, as when a wrong one is put right."""
    await asyncio.sleep(round_.rng.uniform(0, 0.5))
    clock = round_.world.clock
    clock.set(clock.now() - timedelta(minutes=10))


# --- the store --------------------------------------------------------------------------------------------------------


@fault("sqlite.locked", "sqlite")
async def _locked(round_: "Round") -> None:
    """Another connection holds the write lock."""
    await asyncio.sleep(round_.rng.uniform(0, 0.5))
    await round_.store.hold_write_lock(round_.rng.uniform(0.5, 4.0))


@fault("sqlite.locked.long", "sqlite", rare=True)
async def _locked_long(round_: "Round") -> None:
    """For longer than the robot waits for it."""
    await asyncio.sleep(round_.rng.uniform(0, 0.5))
    await round_.store.hold_write_lock(14.0)


@fault("sqlite.full", "sqlite")
async def _full(round_: "Round") -> None:
    """The disk is full for a while."""
    await asyncio.sleep(round_.rng.uniform(0, 0.5))
    robot = round_.robots[0]
    robot.limit_file_size(round_.store.largest_file)
    await asyncio.sleep(round_.rng.uniform(0.5, 3.0))
    robot.limit_file_size(None)


@fault("postgres.restart", "postgres")
async def _restart(round_: "Round") -> None:
    """The server is stopped at once and comes back."""
    await asyncio.sleep(round_.rng.uniform(0, 0.5))
    assert round_.store.server is not None
    await round_.store.server.stop()
    await asyncio.sleep(round_.rng.uniform(0, 2.0))
    await round_.store.server.start()


@fault("postgres.cut", "postgres")
async def _cut(round_: "Round") -> None:
    """Connections are cut by the server, again and again."""
    for _ in range(round_.rng.randint(1, 4)):
        await asyncio.sleep(round_.rng.uniform(0, 0.5))
        await round_.store.kill_backends()


@fault("postgres.read_only", "postgres")
async def _read_only(round_: "Round") -> None:
    """The database takes no writes for a while, as after a failover to a standby."""
    await asyncio.sleep(round_.rng.uniform(0, 0.5))
    await round_.store.read_only(True)
    await asyncio.sleep(round_.rng.uniform(0.5, 2.5))
    await round_.store.read_only(False)


@fault("postgres.paused", "postgres")
async def _paused(round_: "Round") -> None:
    """The server answers nobody for a while."""
    await asyncio.sleep(round_.rng.uniform(0, 0.5))
    await round_.store.pause_backends(round_.rng.uniform(0.5, 3.0))


def drawn(rng: random.Random, store: StoreName) -> str:
    """Draw one fault for a store; rare ones one time in twelve, fail points that nothing reaches not at all."""
    usable: Mapping[str, Fault] = {name: one for name, one in FAULTS.items() if store in one.stores}
    rare = rng.random() < 1 / 12
    names = [
        name
        for name, one in usable.items()
        if one.rare is rare and (not name.startswith("point:") or name.removeprefix("point:") in WIRED)
    ]
    return rng.choice(names)


__all__ = ["FAULTS", "WIRED", "Fault", "drawn"]
