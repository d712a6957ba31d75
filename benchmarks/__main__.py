"""`python -m benchmarks`: run the scenarios, print a table, write JSON."""

import argparse
import asyncio
import json
import os
import platform as machine
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from benchmarks.goals import judged
from benchmarks.platform import serving
from benchmarks.scenarios import SCENARIOS, Measured
from benchmarks.stores import Store, StoreName, opened

OTHER = (
    "connected_seconds", "ready_seconds", "mended_seconds", "memory_mib", "with_card", "kills", "messages",
    "unanswered", "doubled", "same_uuid_again",
)  # fmt: skip


async def measure(
    names: Sequence[str], *, frames: int, rounds: int, only: str, store: StoreName, say: Console
) -> list[Measured]:
    """Run every scenario `rounds` times, the subjects in turn, so that a noisy moment hits them alike."""
    async with opened(store) as there:
        return await _measure(names, frames=frames, rounds=rounds, only=only, store=there, say=say)


async def _measure(
    names: Sequence[str], *, frames: int, rounds: int, only: str, store: Store, say: Console
) -> list[Measured]:
    found: list[Measured] = []
    for name in names:
        scenario, candidates = SCENARIOS[name]
        for number in range(rounds):
            for candidate in candidates:
                if only and only not in candidate.name:
                    continue
                say.print(f"[dim]{name} {number + 1}/{rounds}: {candidate.name}[/dim]")
                settings = {**candidate.settings, **(await store.fresh() if candidate.has_store else {})}
                async with serving() as dingtalk:
                    try:
                        found.append(await scenario(replace(candidate, settings=settings), dingtalk, frames))
                    except RuntimeError as error:
                        say.print(f"[red]{name}: {candidate.name}: {error}[/red]", markup=True)
                    if dingtalk.unknown:
                        say.print(
                            f"[yellow]calls we have no answer for: {', '.join(sorted(dingtalk.unknown))}[/yellow]"
                        )
    return found


def medians(found: Iterable[Measured]) -> list[Measured]:
    """Give one row per scenario and subject."""
    groups: dict[tuple[str, str], list[Measured]] = {}
    for one in found:
        groups.setdefault((one.scenario, one.subject), []).append(one)
    return [
        Measured(scenario, subject, {key: median(run.values[key] for run in runs) for key in runs[0].values})
        for (scenario, subject), runs in groups.items()
    ]


def shown(rows: Sequence[Measured]) -> Table:
    """Give the table, with each rate beside the limit's of the same scenario."""
    table = Table(
        "scenario", "subject", "a second", "per CPU second", "of the limit", "ack p50", "ack p99", "answer p99", "else"
    )
    for row in rows:
        limit = next((one for one in rows if one.scenario == row.scenario and one.subject == "limit"), None)
        per_cpu = row.values.get("per_cpu_second")
        share = f"{per_cpu / limit.values['per_cpu_second']:.0%}" if per_cpu and limit else ""
        other = {key: value for key, value in row.values.items() if key in OTHER}
        table.add_row(
            row.scenario,
            row.subject,
            _number(row.values.get("rate")),
            _number(per_cpu),
            share,
            *(_time(row.values.get(key)) for key in ("ack_p50_ms", "ack_p99_ms", "answer_p99_ms")),
            ", ".join(f"{key} {value:.2f}" for key, value in other.items()),
        )
    return table


def main() -> int:
    """Parse, run, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("scenarios", nargs="*", choices=[*SCENARIOS, []], help=f"default: all ({', '.join(SCENARIOS)})")
    parser.add_argument("--frames", type=int, default=4000, help="frames per measurement (default 4000)")
    parser.add_argument("--rounds", type=int, default=3, help="repetitions whose median is quoted (default 3)")
    parser.add_argument("--only", default="", help="measure only subjects whose name contains this")
    parser.add_argument("--store", choices=["sqlite", "postgres"], default="sqlite", help="what the robot works on")
    parser.add_argument("--json", type=Path, help="write figures and goals to this file")
    options = parser.parse_args()
    console = Console()
    console.width = max(console.width, 150)
    names = options.scenarios or list(SCENARIOS)
    found = asyncio.run(
        measure(
            names,
            frames=options.frames,
            rounds=options.rounds,
            only=options.only,
            store=options.store,
            say=Console(stderr=True),
        )
    )
    rows = medians(found)
    console.print(shown(rows))
    verdicts = judged(rows, options.store)
    goals = Table("goal", "at least", "measured", "")
    for one in verdicts:
        goals.add_row(one.what, one.wanted, one.measured, "met" if one.met else "missed")
    if verdicts:
        console.print(goals)
    if options.json:
        options.json.write_text(
            json.dumps(
                {
                    "at": datetime.now(UTC).isoformat(timespec="seconds"),
                    "store": options.store,
                    "command": " ".join(sys.argv),
                    "python": machine.python_version(),
                    "cpus": os.cpu_count(),
                    "figures": [{"scenario": r.scenario, "subject": r.subject, **r.values} for r in rows],
                    "goals": [
                        {"what": v.what, "wanted": v.wanted, "measured": v.measured, "met": v.met} for v in verdicts
                    ],
                },
                ensure_ascii=False,
                indent=2,
            )
        )
    return 0


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _time(value: float | None) -> str:
    return "" if value is None else f"{value:.1f} ms"


if __name__ == "__main__":
    raise SystemExit(main())
