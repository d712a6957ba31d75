"""`make soak`: rounds by the hundred, each from a seed, with a table at the end."""

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from hr_core.failpoints import POINTS
from tests.reliability.faults import FAULTS
from tests.reliability.invariants import acks, transactions
from tests.reliability.robots import EndedEarly, nursery
from tests.reliability.rounds import Plan, opened
from tests.reliability.stores import StoreName, Stores


class Tally:
    """What a soak has come to."""

    def __init__(self) -> None:
        self.rounds: Counter[str] = Counter()
        self.failed: list[tuple[Plan, list[str]]] = []
        self.faults: Counter[tuple[str, str]] = Counter()
        self.points: set[str] = set()
        self.requests = self.messages = self.frames = self.unknown = 0
        self.slow: list[float] = []
        self.acks: list[float] = []

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


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


async def soak(
    seed: int, rounds: int, minutes: float, stores: Sequence[StoreName], faults: Sequence[str], keep: Path | None
) -> Tally:
    """Play rounds until there were enough or time is up."""
    tally = Tally()
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="dinghr-soak-"))
    supply = Stores(folder)
    try:
        async with nursery() as births:
            for number in range(rounds):
                if minutes and time.monotonic() - began > minutes * 60:
                    break
                for store in stores:
                    plan = Plan.drawn(seed + number, store, faults=faults)
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
                    _say(f"{'ok  ' if not violations else 'FAIL'} {plan}  {time.monotonic() - at:.1f} s")
                    home = folder / f"round-{store}-{plan.seed}"
                    if violations:
                        tally.failed.append((plan, violations))
                        for one in violations:
                            _say(f"     {one}")
                        if keep is not None:
                            shutil.copytree(home, keep / home.name, dirs_exist_ok=True)
                    shutil.rmtree(home)
    finally:
        supply.close()
        shutil.rmtree(folder, ignore_errors=True)
    _say("")
    _say(tally.table(time.monotonic() - began))
    return tally


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the first round's seed; each further round has the next")
    parser.add_argument("--rounds", type=int, default=1000, help="how many on each store")
    parser.add_argument("--minutes", type=float, default=0, help="stop after so long")
    parser.add_argument("--store", choices=["sqlite", "postgres"], action="append", help="on this store only")
    parser.add_argument("--fault", choices=list(FAULTS), action="append", help="these instead of drawn ones, in order")
    parser.add_argument("--keep", type=Path, help="keep the logs of rounds that failed here")
    given = parser.parse_args()
    _say(f"seed {given.seed}; a round again: python -m tests.reliability --seed SEED --rounds 1 --store STORE")
    stores = given.store or ["sqlite", "postgres"]
    tally = asyncio.run(soak(given.seed, given.rounds, given.minutes, stores, given.fault or [], given.keep))
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
