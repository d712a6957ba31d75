"""One round: a fresh company, store and robot, a conversation of many people, faults beside it, and then the truth."""

import asyncio
import random
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from sandbox.company import HR_GROUP, tiny
from sandbox.server import Running, serving
from sandbox.world import World
from tests.reliability.faults import FAULTS, drawn
from tests.reliability.invariants import Evidence, broken, busy_transactions, unsettled
from tests.reliability.people import APPROVERS, Mode, People, Wishes, balances
from tests.reliability.robots import Nursery, Process
from tests.reliability.stores import Store, StoreName, Stores

TEMPLATES = {
    "DINGTALK_CARD_FORM": "dinghr-form.schema",
    "DINGTALK_CARD_NOTICE": "dinghr-notice.schema",
    "DINGTALK_CARD_REPORT": "dinghr-report.schema",
}
SETTLE_SECONDS = 90.0
AGAIN = (1.0, 2.5, 5.0, 9.0, 15.0, 25.0, 40.0)
"""When DingTalk's redeliveries come here: sooner and oftener than there, so that a round needn't wait for a minute."""
WIRE_KEPT = 200_000
RESTART_SECONDS = 4.0
"""How long retries are waited for before a restart brings them forward."""
ACK_MS = 2000
"""DingTalk waits two seconds for a click's ack and three for others'."""


@dataclass(frozen=True)
class Plan:
    """What a round is made of; the seed alone gives all of it."""

    seed: int
    store: StoreName
    faults: tuple[str, ...]
    mode: Mode
    leaves: int = 3
    questions: int = 3
    replicas: int = 1

    @classmethod
    def drawn(cls, seed: int, store: StoreName, *, faults: Sequence[str] = (), mode: Mode | None = None) -> "Plan":
        """Draw a round's plan."""
        rng = random.Random(f"{store}:{seed}")
        chosen = tuple(drawn(rng, store) for _ in range(rng.randint(1, 3)))
        mode_drawn: Mode = rng.choice(["cards", "cards", "text"])
        replicas = rng.choice([1, 1, 2, 3]) if store == "postgres" else 1
        return cls(
            seed, store, tuple(faults) or chosen, mode or mode_drawn, rng.randint(2, 5), rng.randint(1, 5), replicas
        )

    def __str__(self) -> str:
        again = f" x{self.replicas}" if self.replicas > 1 else ""
        return f"seed {self.seed} {self.store}{again} {self.mode} [{', '.join(self.faults)}]"


@dataclass
class Round:
    """A round under way."""

    plan: Plan
    folder: Path
    nursery: Nursery
    store: Store
    sandbox: Running
    rng: random.Random
    robots: list[Process] = field(default_factory=list)
    gone: list[Process] = field(default_factory=list)
    reached: set[str] = field(default_factory=set)
    violations: list[str] = field(default_factory=list)
    grants: dict[str, Decimal] = field(default_factory=dict)
    environment_more: dict[str, str] = field(default_factory=dict)
    busy: list[str] = field(default_factory=list)
    """Transactions that worked for too long, although all was quiet."""
    talking: int = 0
    """How many conversations are under way."""
    wishes: Wishes = field(init=False)
    people: People = field(init=False)

    def __post_init__(self) -> None:
        self.wishes = Wishes(self.rng, self.plan.mode)
        self.people = People(self.world, self.plan.mode)

    @property
    def world(self) -> World:
        """The sandbox's state."""
        return self.sandbox.world

    @property
    def environment(self) -> dict[str, str]:
        """A robot's settings."""
        return {
            "DINGTALK_CLIENT_ID": self.sandbox.client_id,
            "DINGTALK_CLIENT_SECRET": self.sandbox.client_secret,
            "DINGTALK_OPENAPI_ENDPOINT": self.sandbox.url,
            "DINGHR_HOME": str(self.folder),
            "DINGHR_LISTEN": "127.0.0.1:0",
            "DINGHR_CLOCK_URL": f"{self.sandbox.url}/sandbox/clock",
            "DINGHR_HR_GROUP": HR_GROUP,
            "PATH": "/usr/bin:/bin",
            **(TEMPLATES if self.plan.mode == "cards" else {}),
            **self.store.environment,
            **self.environment_more,
        }

    # --- robots -------------------------------------------------------------------------------------------------------

    async def start_robot(self, *, armed: str = "", ready: bool = True) -> Process:
        """Start one more."""
        robot = await self.nursery.start(self.environment, self.folder, armed=armed)
        self.robots.append(robot)
        if ready:
            await robot.ready()
        return robot

    async def replace_robot(self, *, armed: str = "", gently: bool = False) -> Process:
        """End one, and start one in its place, again if the store isn't there for it yet."""
        old = self.robots.pop(self.rng.randrange(len(self.robots))) if self.robots else None
        if old is not None:
            self.gone.append(old)
            if gently and old.alive:
                code = await old.end()
                if code != 0:
                    self.violations.append(f"{old.name} ended with {code} on SIGTERM")
            await old.kill()
        return await self.start_robot(armed=armed, ready=not armed)

    async def died(self, within: float, robot: Process | None = None, *, by_talk: bool = True) -> bool:
        """Wait for an armed robot to die where it should; False when it never got there.

        What is reached only by talk isn't waited for much longer than people talk.
        """
        end = time.monotonic() + within
        robot = robot or self.robots[-1]
        while robot.alive and time.monotonic() < end:
            if by_talk and not self.talking:
                end = min(end, time.monotonic() + 1.0)
            await asyncio.sleep(0.02)
        return not robot.alive

    async def pause_one(self, seconds: float) -> None:
        """Stop one robot for a while."""
        robot = self.rng.choice(self.robots)
        robot.pause()
        await asyncio.sleep(seconds)
        robot.go_on()

    # --- the course of it ---------------------------------------------------------------------------------------------

    async def goes(self) -> list[str]:
        """Play it, let it settle, and give what was violated."""
        for _ in range(self.plan.replicas):
            await self.start_robot()
        self.grants = await self.evidence().grants_now()
        for name in self.plan.faults:
            await self.stage(name)
        await self.settles()
        return await self.verdict()

    async def verdict(self) -> list[str]:
        """Hold everything to be true; gives what isn't."""
        await self.last_word()
        self.violations += await broken(self.evidence())
        return self.violations

    async def last_word(self) -> None:
        """Ask everybody's balance in quiet, and hold the robot to our own account and to DingTalk's times."""
        before, busy = self.world.wire.entries[-1].number, len(busy_transactions(self.robots))
        statuses = {row.id: row.status for row in (await self.evidence().read()).requests}
        await asyncio.gather(
            *(self._asks_balance(who, balances(self.wishes.drawn, statuses)[who]) for who in APPROVERS)
        )
        await self.until_settled(SETTLE_SECONDS)
        self.busy = busy_transactions(self.robots)[busy:]
        said = self.world.wire.after(before)
        pushed = {entry.message_id for entry in said if entry.kind == "frame"}  # One that was stopped acks older ones.
        for entry in said:
            if entry.kind == "ack" and entry.message_id in pushed and (entry.duration_ms or 0) > ACK_MS:
                self.violations.append(f"in quiet, an ack took {entry.duration_ms:.0f} ms")

    async def _asks_balance(self, who: str, used: Decimal) -> None:
        left = (self.grants.get(who, Decimal(0)) - used).normalize()
        before = len(self.people.words(who))

        def told() -> bool | None:
            return any(f"可用 {left:f} 天" in one for one in self.people.words(who)[before:]) or None

        await self.people.says(who, "年假余额")
        if await self.people.until(told, SETTLE_SECONDS / 3) is None:
            self.violations.append(f"{who} should have {left:f} days left, was told {self.people.words(who)[before:]}")

    async def stage(self, name: str) -> None:
        """Have people talk while something goes wrong."""
        rng = self.rng
        wanted = [self.wishes.leave(end=None if number else "approve") for number in range(self.plan.leaves)]
        asked = [self.wishes.question() for _ in range(self.plan.questions)]
        talk = [asyncio.create_task(self.people.wants(one), name=str(one)) for one in wanted]
        talk += [asyncio.create_task(self._later(one, rng.uniform(0, 1.0)), name=str(one)) for one in asked]
        self.talking = len(talk)
        for task in talk:
            task.add_done_callback(self._talked)
        fault = asyncio.create_task(FAULTS[name].begin(self), name=name)
        done, _ = await asyncio.wait([fault, *talk])
        for task in done:
            error = task.exception()
            if error is not None:
                self.violations.append(f"{name}: {task.get_name()}: {type(error).__name__}: {error}")

    def _talked(self, _task: "asyncio.Task[None]") -> None:
        self.talking -= 1

    async def _later(self, ask: Any, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self.people.asks(ask)

    async def settles(self) -> None:
        """Undo every fault, and wait until nothing is left to do."""
        self.world.faults.waiting.clear()
        for connection in self.world.stream.connections:
            connection.stalled = connection.half_open = False
        for robot in self.robots:
            robot.go_on()
        await self.until_settled(SETTLE_SECONDS)

    async def until_settled(self, seconds: float, *, restart: bool = True) -> None:
        """Wait until nothing is left to do; a restart brings forward what waits for a retry."""
        end = time.monotonic() + seconds
        restart_at = time.monotonic() + RESTART_SECONDS
        left = await self.left_to_do()
        while left and time.monotonic() < end:
            await asyncio.sleep(0.1)
            left = await self.left_to_do()
            if left and restart and time.monotonic() > restart_at:
                restart_at = time.monotonic() + 20.0
                for _ in range(len(self.robots)):
                    await self.replace_robot(gently=True)
        self.violations += [f"not settled after {seconds:.0f} s: {one}" for one in left]

    async def left_to_do(self) -> list[str]:
        """Give what is still to be done, and what DingTalk will say again: that comes at once, to whoever listens."""
        stream = self.world.stream
        if any(not one.leaving for one in stream.connections):
            stream.redeliver_now()
        left = await unsettled(self.evidence())
        return [*left, f"{stream.repeating} frames wait for their ack"] if stream.repeating else left

    def evidence(self) -> Evidence:
        """What the verdict is given from."""
        return Evidence(self.store, self.world, self.wishes.drawn, self.grants, [*self.gone, *self.robots])


@asynccontextmanager
async def opened(
    plan: Plan, folder: Path, nursery: Nursery, stores: Stores, *, template: bool = True
) -> AsyncIterator[Round]:
    """Set a round up; its robots end with it."""
    store = await stores.fresh(plan.store, template=template)
    world = World(tiny(), seed=plan.seed)
    world.wire.entries = deque(maxlen=WIRE_KEPT)
    world.stream.timing.robot_again = AGAIN
    world.stream.timing.event_again = AGAIN
    home = folder / f"round-{plan.store}-{plan.seed}"
    home.mkdir(exist_ok=True)
    async with serving(world) as sandbox:
        round_ = Round(plan, home, nursery, store, sandbox, random.Random(plan.seed))
        try:
            yield round_
        finally:
            for robot in round_.robots:
                await robot.kill()
    await stores.drop(store)
