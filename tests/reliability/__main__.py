"""`make soak`: rounds by the hundred, each from a seed, with a table at the end."""

import argparse
import sys
import time
from pathlib import Path

from tests.reliability.faults import FAULTS
from tests.reliability.soak import say, side_by_side


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the first round's seed; each further round has the next")
    parser.add_argument("--rounds", type=int, default=1000, help="how many on each store")
    parser.add_argument("--minutes", type=float, default=0, help="stop after so long")
    parser.add_argument("--store", choices=["sqlite", "postgres"], action="append", help="on this store only")
    parser.add_argument("--fault", choices=list(FAULTS), action="append", help="these instead of drawn ones, in order")
    parser.add_argument("--keep", type=Path, help="keep the logs of rounds that failed here")
    parser.add_argument("--jobs", type=int, default=1, help="how many rounds to play side by side")
    given = parser.parse_args()
    say(f"seed {given.seed}; a round again: python -m tests.reliability --seed SEED --rounds 1 --store STORE")
    stores = given.store or ["sqlite", "postgres"]
    seeds, began = range(given.seed, given.seed + given.rounds), time.monotonic()
    tally = side_by_side(seeds, given.jobs, given.minutes, stores, given.fault or [], given.keep)
    say("")
    say(tally.table(time.monotonic() - began))
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
