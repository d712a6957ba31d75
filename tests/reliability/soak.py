"""Rounds by the hundred, each from a seed, with a table at the end."""

import asyncio
import multiprocessing
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hr_core.failpoints import POINTS
from tests.reliability.faults import FAULTS
from tests.reliability.invariants import acks, transactions
from tests.reliability.robots import EndedEarly, nursery
from tests.reliability.rounds import Plan, opened
from tests.reliability.stores import StoreName, Stores


@dataclass
class Tally:
    """What a soak has come to; those of several processes add up."""

    rounds: Counter[str] = field(default_factory=Counter)
    failed: list[tuple[Plan, list[str]]] = field(default_factory=list)
    faults: Counter[tuple[str, str]] = field(default_factory=Counter)
    points: set[str] = field(default_factory=set)
    requests: int = 0
    messages: int = 0
    frames: int = 0
    unknown: int = 0
    slow: list[float] = field(default_factory=list)
    acks: list[float] = field(default_factory=list)

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.rounds + other.rounds, self.failed + other.failed, self.faults + other.faults,
            self.points | other.points, self.requests + other.requests, self.messages + other.messages,
            self.frames + other.frames, self.unknown + other.unknown, self.slow + other.slow, self.acks + other.acks,
        )  # fmt: skip

    def table(self, seconds: float) -> str:
        """Give it as a table of markdown."""
        per_store = ", ".join(f"{count} on {store}" for store, count in sorted(self.rounds.items()))
        acks_sorted = sorted(self.acks) or [0.0]
        rows = [
            ("rounds", f"{sum(self.rounds.values())} ({per_store})"),
            ("rounds with a violation", str(len(self.failed))),
            ("leave requests asked for", str(self.requests)),
            ("frames taken in", str(self.frames)),
            ("messages and cards sent", str(self.messages)),
            ("left as unknown after an ambiguous send", str(self.unknown)),
            ("fail points reached", f"{len(self.points)} of {len(POINTS)}"),
            ("ack, median / 99th percentile", f"{_at(acks_sorted, 0.5):.0f} / {_at(acks_sorted, 0.99):.0f} ms"),
            ("transactions above the limit", f"{len(self.slow)}, longest {max(self.slow, default=0):.0f} ms"),
            ("time", f"{seconds / 60:.1f} min"),
        ]
        lines = ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows), ""]
        lines += ["| fault | sqlite | postgres |", "|---|---|---|"]
        for name in FAULTS:
            if any(self.faults[name, store] for store in ("sqlite", "postgres")):
                lines.append(f"| {name} | {self.faults[name, 'sqlite']} | {self.faults[name, 'postgres']} |")
        return "\n".join(lines)


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


async def soak(
    seeds: Sequence[int], minutes: float, stores: Sequence[StoreName], faults: Sequence[str], keep: Path | None
) -> Tally:
    """Play a round from each seed on each store, or until time is up."""
    tally = Tally()
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="dinghr-soak-"))
    supply = Stores(folder)
    try:
        async with nursery() as births:
            for seed in seeds:
                if minutes and time.monotonic() - began > minutes * 60:
                    break
                for store in stores:
                    plan = Plan.drawn(seed, store, faults=faults)
                    at = time.monotonic()
                    violations: list[str] = []
                    async with opened(plan, folder, births, supply) as round_:
                        try:
                            violations = await round_.goes()
                            violations += [f"in quiet, a transaction: {one}" for one in round_.busy]
                        except (EndedEarly, TimeoutError) as error:
                            violations = [*round_.violations, f"{type(error).__name__}: {error}"]
                        robots = [*round_.gone, *round_.robots]
                        evidence = round_.evidence()
                        facts = await evidence.read()
                        tally.rounds[store] += 1
                        tally.requests += len(facts.requests)
                        tally.frames += len(facts.inbox)
                        tally.messages += sum(row.status == "sent" for row in facts.outbox)
                        tally.unknown += sum(row.status == "unknown" for row in facts.outbox)
                        tally.slow += transactions(robots)
                        tally.acks += acks(round_.world)
                        tally.points |= round_.reached
                        for name in plan.faults:
                            tally.faults[name, store] += 1
                    say(f"{'ok  ' if not violations else 'FAIL'} {plan}  {time.monotonic() - at:.1f} s")
                    home = folder / f"round-{store}-{plan.seed}"
                    if violations:
                        tally.failed.append((plan, violations))
                        for one in violations:
                            say(f"     {one}")
                        if keep is not None:
                            shutil.copytree(home, keep / home.name, dirs_exist_ok=True)
                    shutil.rmtree(home)
    finally:
        supply.close()
        shutil.rmtree(folder, ignore_errors=True)
    return tally


def side_by_side(
    seeds: Sequence[int],
    jobs: int,
    minutes: float,
    stores: Sequence[StoreName],
    faults: Sequence[str],
    keep: Path | None,
) -> Tally:
    """Deal the seeds out to processes, each with stores of its own: most of a round is waiting."""
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        parts = [pool.submit(_part, seeds[job::jobs], minutes, stores, faults, keep) for job in range(jobs)]
        return sum((part.result() for part in parts), Tally())


def _part(*given: Any) -> Tally:
    return asyncio.run(soak(*given))
