"""The audit log at length: `python -m benchmarks.audit [--rows N]` writes, seals, publishes and verifies a log.

Memory is the highest resident set of a child process that verifies and does nothing else.
"""

import argparse
import asyncio
import resource
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import insert

from bot.clock import SystemClock
from hr_core.audit.heads import read_heads
from hr_core.audit.sealer import Sealer
from hr_core.audit.store import AuditRow
from hr_core.audit.verify import verify
from hr_core.database import Database, open_database
from hr_core.database.migrate import upgrade
from hr_core.vault import Vault, first_keys

MASTER = b"b" * 32
VAULT = Vault(MASTER, first_keys(MASTER))
CHUNK = 10_000


async def fill(database: Database, rows: int) -> None:
    at = SystemClock().now()
    for first in range(0, rows, CHUNK):
        acts = [
            {
                "at": at,
                "actor": f"user{number % 997:05}",
                "action": "leave.view",
                "on": f"user{number % 1009:05}",
                "record": f"leave:{number}",
                "outcome": "allowed",
                "conversation": "private",
                "source": f"msg{number:012}+/abcdefgh==",
            }
            for number in range(first, min(rows, first + CHUNK))
        ]
        async with database.transaction() as session:
            await (await session.connection()).execute(insert(AuditRow), acts)


async def make(folder: Path, rows: int) -> None:
    database = open_database(f"sqlite:///{folder / 'audit.sqlite3'}")
    await upgrade(database)
    await fill(database, rows)
    sealer = Sealer(database, VAULT, SystemClock(), "bench", folder / "heads.jsonl")
    longest, began = 0.0, time.perf_counter()
    whole = sealer._seal_batch

    async def timed(*given: object, **named: object) -> int:
        nonlocal longest
        start = time.perf_counter()
        done = await whole(*given, **named)  # type: ignore[arg-type]
        longest = max(longest, time.perf_counter() - start)
        return done

    sealer._seal_batch = timed  # type: ignore[method-assign]
    await sealer.seal()
    took = time.perf_counter() - began
    print(f"sealing     {rows / took:9,.0f} rows/s   longest transaction before its commit {longest * 1000:.0f} ms")
    began = time.perf_counter()
    heads = await sealer.publish()
    print(f"publishing  {rows / (time.perf_counter() - began):9,.0f} rows/s   {len(heads)} heads")
    await sealer.stop()
    await database.close()


async def check(folder: Path) -> None:
    database = open_database(f"sqlite:///{folder / 'audit.sqlite3'}")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began, cpu = time.perf_counter(), time.process_time()
    verdict = await verify(database, VAULT, read_heads(folder / "heads.jsonl"))
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert verdict.ok, verdict
    print(
        f"verifying   {verdict.rows / took:9,.0f} rows/s   {verdict.rows / cpu:,.0f} per CPU second   "
        f"memory {before:.0f} -> {peak:.0f} MiB"
    )
    await database.close()


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    if given.folder:
        await check(given.folder)
        return
    with tempfile.TemporaryDirectory(prefix="dinghr-audit-") as folder:
        await make(Path(folder), given.rows)
        child = await asyncio.create_subprocess_exec(sys.executable, "-m", "benchmarks.audit", "--folder", folder)
        await child.wait()


if __name__ == "__main__":
    asyncio.run(main())
