"""The audit log on both stores: sealed by one, kept whole, and whatever is done behind its back is found."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from hr_core.audit.heads import Head, read_heads
from hr_core.audit.sealer import Sealer, Tampered
from hr_core.audit.store import Act, AuditLog, AuditRow, ChainRow, acts_of
from hr_core.audit.verify import Bad, verify
from hr_core.database import Database, open_database
from hr_core.database.lease import LeaseRow
from hr_core.vault import Vault
from hr_core.vault.classes import DataClass
from hr_core.vault.keys import new_data_key
from tests.cast import KEYS, MASTER, VAULT, MovableClock

QUICK = 0.001
TABLE_TRIGGERS = ("audit_change", "audit_removal", "audit_replacing", "audit_emptying")


def sealer(database: Database, owner: str = "a", file: Path | None = None, **options: object) -> Sealer:
    """A sealer that doesn't wait between its looks."""
    return Sealer(database, VAULT, MovableClock(), owner, file, **{"lag": QUICK, **options})  # type: ignore[arg-type]


async def write(database: Database, count: int, action: str = "leave.apply") -> None:
    """Record some acts, one transaction."""
    async with database.transaction() as session:
        for number in range(count):
            AuditLog(session, MovableClock(), "test").record(Act("lin", action, on="lin", record=f"leave:{number}"))


async def seal_all(one: Sealer, database: Database) -> None:
    """Seal until nothing waits; PostgreSQL needs two looks."""
    async with asyncio.timeout(20):
        while True:
            await one.seal()
            async with database.read() as session:
                if (await session.exec(select(AuditRow.id).where(col(AuditRow.seq).is_(None)))).first() is None:
                    return
            await asyncio.sleep(QUICK)


async def sealed(database: Database, count: int = 6) -> None:
    """A log of some sealed rows."""
    await write(database, count)
    one = sealer(database)
    await seal_all(one, database)
    await one.stop()


async def until_sealed(database: Database, count: int) -> None:
    """Wait for another process to have sealed so many."""
    while len(await order(database)) < count:  # noqa: ASYNC110 - another process has no event of ours
        await asyncio.sleep(0.02)


async def order(database: Database) -> list[tuple[int, int]]:
    """Sequence and id of every sealed row."""
    async with database.read() as session:
        query = select(AuditRow.seq, AuditRow.id).where(col(AuditRow.seq).is_not(None)).order_by(col(AuditRow.seq))
        return [(int(seq or 0), int(number or 0)) for seq, number in await session.exec(query)]


async def behind_its_back(database: Database, *statements: str) -> None:
    """Do what somebody with the database's password would: drop the triggers, then anything."""
    async with database.engine.begin() as connection:
        for name in TABLE_TRIGGERS:
            on = "" if database.is_sqlite else " on audit"
            await connection.execute(text(f"drop trigger if exists {name}{on}"))
        for statement in statements:
            await connection.execute(text(statement))


async def bad(database: Database, published: Sequence[Head] | None = None) -> Bad:
    """What verification finds first."""
    found = (await verify(database, VAULT, published)).bad
    assert found is not None
    return found


# --- append-only ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "update audit set actor = 'chen' where seq is null",
        "update audit set seq = 900, seal = 'x', actor = 'chen' where seq is null",
        "update audit set seq = null where seq = 1",
        "update audit set seal = 'x' where seq = 1",
        "update audit set why = 'x' where seq = 1",
        "delete from audit where seq is null",
        "delete from audit where seq = 1",
        "update audit_head set first = 7",
        "delete from audit_head",
    ],
)
async def test_the_database_itself_refuses_to_change_or_remove_a_row(database: Database, statement: str) -> None:
    await sealed(database, 2)
    await sealer(database).publish()
    await write(database, 1)
    async with database.engine.connect() as connection:
        with pytest.raises(DBAPIError, match="append-only"):
            await connection.execute(text(statement))


async def test_a_row_cant_be_replaced_or_the_table_emptied(database: Database) -> None:
    await sealed(database, 2)
    columns = "id, at, actor, action, outcome"
    replace = f"insert or replace into audit ({columns}) select {columns.replace('actor', repr('chen'))} from audit"
    async with database.engine.connect() as connection:
        with pytest.raises(DBAPIError, match="append-only"):
            await connection.execute(text(replace if database.is_sqlite else "truncate audit"))


async def test_sealed_rows_can_be_copied_into_another_database(database: Database) -> None:
    async with database.transaction() as session:
        session.add(AuditRow(id=7, at=datetime.now(UTC), actor="a", action="b", outcome="allowed", seq=1, seal=b"x"))


async def test_an_act_of_a_reading_cant_be_forgotten(database: Database) -> None:
    with pytest.raises(RuntimeError, match="put aside"):
        async with database.read() as session:
            AuditLog(session, MovableClock()).record(Act("wang", "leave.reason_read"))
    async with database.read() as session:
        AuditLog(session, MovableClock()).record(Act("wang", "leave.reason_read"))
        assert [act.action for act in acts_of(session)] == ["leave.reason_read"]


# --- whole ------------------------------------------------------------------------------------------------------------


async def test_what_nobody_touched_is_whole_and_new_rows_are_told_apart(database: Database) -> None:
    await sealed(database, 450)
    await write(database, 3)
    verdict = await verify(database, VAULT)
    assert (verdict.ok, verdict.rows, verdict.last, verdict.unsealed) == (True, 450, 450, 3)


async def test_an_empty_log_is_whole(database: Database) -> None:
    assert (await verify(database, VAULT)).ok
    assert await sealer(database).publish() == []


async def test_a_clock_that_goes_back_changes_nothing(database: Database, tmp_path: Path) -> None:
    one, clock = sealer(database, file=tmp_path / "heads"), MovableClock()
    one._clock = clock
    for hours in (0, -48, 24, 96):
        clock.forward(hours=hours)
        async with database.transaction() as session:
            AuditLog(session, clock).record(Act("lin", "leave.apply"))
        await seal_all(one, database)
        await one.publish()
    verdict = await verify(database, VAULT, read_heads(tmp_path / "heads"))
    assert (verdict.ok, verdict.rows, verdict.heads) == (True, 4, 4)


async def test_rows_from_before_a_key_was_rotated_stay_verifiable(database: Database) -> None:
    await sealed(database, 3)
    older = [replace(key, active=key.active and key.data_class != DataClass.AUDIT) for key in KEYS]
    rotated = Vault(MASTER, [*older, new_data_key(MASTER, DataClass.AUDIT)])
    await write(database, 3)
    await seal_all(Sealer(database, rotated, MovableClock(), "b", lag=QUICK), database)
    assert (await verify(database, rotated)).ok
    found = await bad(database)
    assert (found.seq, found.what) == (4, "unknown key")


# --- tampering --------------------------------------------------------------------------------------------------------

SWAP = (
    "update audit set seq = -1 where seq = {0}",
    "update audit set seq = {0} where seq = {1}",
    "update audit set seq = {1} where seq = -1",
)
MOVE_UP = ("update audit set seq = -seq where seq > {0}", "update audit set seq = -seq - {1} where seq < 0")
FORGED = (
    "insert into audit (at, actor, action, outcome, seq, seal, seal_key) "
    "select at, actor, action, outcome, {0}, seal, seal_key from audit where seq = {1}"
)
DONE = [
    ("changed", 3, ["update audit set actor = 'chen' where seq = 3"]),
    ("changed", 3, ["update audit set why = '' where seq = 3"]),
    ("changed", 3, ["update audit set on_whom = null where seq = 3"]),
    ("changed", 3, ["update audit set actor = 'linleave', action = '.apply' where seq = 3"]),
    ("changed", 3, ["update audit set id = 99 where seq = 3"]),
    ("changed", 3, ["update audit set seal = (select seal from audit where seq = 2) where seq = 3"]),
    ("changed", 3, ["update audit set outcome = 'refused' where seq = 3"]),
    ("changed", 3, ["update audit set at = (select at from audit where seq = 1), why = 'x' where seq = 3"]),
    ("unknown key", 3, ["update audit set seal_key = '00000000' where seq = 3"]),
    ("changed or inserted", 6, ["update audit set outcome = 'refused' where seq = 6"]),
    ("removed", 3, ["delete from audit where seq = 3"]),
    ("removed", 1, ["delete from audit where seq = 1"]),
    ("removed", 3, ["delete from audit where seq in (3, 4)", *(s.format(4, 2) for s in MOVE_UP)]),
    ("removed", 4, ["update audit set seq = null, seal = null where seq = 4"]),
    ("re-ordered", 3, [s.format(3, 4) for s in SWAP]),
    ("re-ordered", 2, [s.format(2, 5) for s in SWAP]),
    ("inserted", 3, [*(s.format(2, -1) for s in MOVE_UP), FORGED.format(3, 4)]),
    ("changed or inserted", 7, [FORGED.format(7, 6)]),
    ("tail cut", 5, ["delete from audit where seq > 4"]),
    ("tail cut", 1, ["delete from audit"]),
    ("tail cut", 5, ["delete from audit where seq > 4", "delete from audit_chain"]),
    (
        "tail cut",
        4,
        [
            "delete from audit where seq > 4",
            "update audit_chain set seq = 4, seal = (select seal from audit where seq = 4)",
        ],
    ),
]


@pytest.mark.parametrize(("what", "seq", "statements"), DONE)
async def test_what_was_done_behind_its_back_is_found_and_named(
    database: Database, what: str, seq: int, statements: list[str]
) -> None:
    await sealed(database)
    await behind_its_back(database, *statements)
    found = await bad(database)
    assert (found.what, found.seq) == (what, seq), found.detail


async def test_a_log_that_goes_on_after_a_cut_keeps_the_hole(database: Database) -> None:
    await sealed(database)
    await behind_its_back(database, "delete from audit where seq > 4")
    await write(database, 2)
    await seal_all(sealer(database, "b"), database)
    found = await bad(database)
    assert (found.what, found.seq) == ("removed", 5)


async def test_published_heads_find_what_somebody_with_the_key_has_rewritten(
    database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "heads"
    await sealed(database)
    await sealer(database, file=file).publish()
    heads = read_heads(file)
    assert (await verify(database, VAULT, heads)).heads == 1
    await behind_its_back(
        database,
        *([] if database.is_sqlite else ["drop trigger audit_head_removal on audit_head"]),
        *(["drop trigger audit_head_removal"] if database.is_sqlite else []),
        "update audit set actor = 'chen', seq = null, seal = null where seq = 3",
        "delete from audit where seq > 3",
        "update audit set seq = null, seal = null",
        "delete from audit_chain",
        "delete from audit_head",
    )
    await seal_all(sealer(database, "forger"), database)
    assert (await verify(database, VAULT)).ok, "with database and key the forged log is perfect in itself"
    assert (await bad(database, heads)).what == "tail cut"
    await write(database, 3)
    await seal_all(sealer(database, "forger"), database)
    found = await bad(database, heads)
    assert (found.what, found.seq) == ("rewritten", 1)


async def test_an_old_copy_of_rows_state_and_heads_is_found_by_the_heads_kept_outside(
    database: Database, tmp_path: Path
) -> None:
    file, one = tmp_path / "heads", sealer(database, file=tmp_path / "heads")
    await write(database, 4)
    await seal_all(one, database)
    await one.publish(now=True)
    async with database.read() as session:
        old = await session.get_one(ChainRow, 1)
    await write(database, 4)
    await seal_all(one, database)
    await one.publish(now=True)
    trigger = "audit_head_removal" + ("" if database.is_sqlite else " on audit_head")
    await behind_its_back(
        database,
        f"drop trigger {trigger}",
        "delete from audit where seq > 4",
        "delete from audit_head where number > 1",
    )
    async with database.engine.begin() as connection:
        await connection.execute(update(ChainRow).values(seq=old.seq, seal=old.seal, tail=old.tail))
    assert (await verify(database, VAULT)).ok, "nothing in an old copy is wrong in itself"
    found = await bad(database, read_heads(file))
    assert (found.what, found.seq) == ("tail cut", 5)
    assert "head 2" in found.detail
    assert (await verify(database, VAULT, read_heads(file)[:1])).ok, "older heads can't tell: keep the newest"


async def test_altered_rows_that_wait_for_their_seal_are_counted_and_not_vouched_for(database: Database) -> None:
    await sealed(database, 2)
    await write(database, 1)
    await behind_its_back(database, "update audit set actor = 'chen' where seq is null")
    verdict = await verify(database, VAULT)
    assert (verdict.ok, verdict.rows, verdict.unsealed) == (True, 2, 1)


async def test_no_head_is_made_over_what_was_altered(database: Database, tmp_path: Path) -> None:
    await sealed(database)
    await behind_its_back(database, "update audit set actor = 'chen' where seq = 3")
    with pytest.raises(Tampered, match="3"):
        await sealer(database, file=tmp_path / "heads").publish()
    assert not (tmp_path / "heads").exists()


# --- heads ------------------------------------------------------------------------------------------------------------


async def test_a_head_a_day_each_with_the_one_before_it(database: Database, tmp_path: Path) -> None:
    one, clock = sealer(database, file=tmp_path / "heads"), MovableClock()
    one._clock = clock
    made = []
    for hours in (0, 1, 24, 24):
        clock.forward(hours=hours)
        await write(database, 5)
        await seal_all(one, database)
        made.append([head.count for head in await one.publish()])
    assert made == [[5], [], [10], [5]]
    heads = read_heads(tmp_path / "heads")
    assert [head.number for head in heads] == [1, 2, 3]
    assert heads[2].previous == heads[1].digest


async def test_a_file_that_lacks_heads_or_was_left_half_is_mended(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "heads"
    one = sealer(database, file=file)
    for _ in range(3):
        await write(database, 2)
        await seal_all(one, database)
        await one.publish(now=True)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    await one.publish()
    assert file.read_bytes() == whole


# --- one sealer -------------------------------------------------------------------------------------------------------


async def test_two_sealers_never_seal_twice(database: Database) -> None:
    await write(database, 600)
    one, other = sealer(database, "a", batch=20), sealer(database, "b", batch=20)
    await asyncio.gather(*(seal_all(s, database) for s in (one, other)))
    assert [seq for seq, _ in await order(database)] == list(range(1, 601))
    assert (await verify(database, VAULT)).ok


async def test_one_that_slept_writes_nothing_under_its_old_lease(database: Database) -> None:
    old = sealer(database, "old")
    await write(database, 2)
    await seal_all(old, database)
    token = old.lease.token
    async with database.engine.begin() as connection:  # As if it had slept for long.
        await connection.execute(update(LeaseRow).values(until=datetime.now(UTC) - timedelta(hours=1)))
    new = sealer(database, "new", lease=timedelta(minutes=5))
    await write(database, 2)
    await seal_all(new, database)
    await write(database, 2)
    for _ in range(4):
        assert await old.seal() == 0
        await asyncio.sleep(QUICK)
    assert await old.publish(now=True) == []
    assert token == 1
    assert new.lease.token == 2
    assert len(await order(database)) == 4
    await seal_all(new, database)
    assert (await verify(database, VAULT)).rows == 6


# --- transactions that end in another order ---------------------------------------------------------------------------


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_rows_that_commit_out_of_order_are_sealed_in_order(database: Database) -> None:
    one, written = sealer(database), [asyncio.Event() for _ in range(3)]
    ends = [asyncio.Event() for _ in range(3)]

    async def writer(number: int) -> None:
        async with database.transaction() as session:
            AuditLog(session, MovableClock()).record(Act(f"writer {number}", "leave.apply"))
            await session.flush()
            written[number].set()
            await ends[number].wait()

    tasks = []
    for number in range(3):
        tasks.append(asyncio.create_task(writer(number)))
        await written[number].wait()
    for number in (2, 1):  # The last id is durable first; the first is still open.
        ends[number].set()
        await tasks[number]
        for _ in range(5):
            assert await one.seal() == 0
            await asyncio.sleep(QUICK)
    ends[0].set()
    await tasks[0]
    await seal_all(one, database)
    sequence = await order(database)
    assert [seq for seq, _ in sequence] == [1, 2, 3]
    assert [number for _, number in sequence] == sorted(number for _, number in sequence)
    assert (await verify(database, VAULT)).ok


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_many_writers_and_a_sealer_at_work_make_one_chain(database: Database) -> None:
    one, busy = sealer(database), True

    async def writer(number: int) -> None:
        for _ in range(25):
            async with database.transaction() as session:
                AuditLog(session, MovableClock()).record(Act(f"writer {number}", "leave.apply"))
                await session.flush()
                await asyncio.sleep(0)
                if number == 0:
                    await session.rollback()  # leaves a hole in the ids

    async def seal() -> None:
        while busy:
            await one.seal()
            await asyncio.sleep(QUICK)

    sealing = asyncio.create_task(seal())
    await asyncio.gather(*(writer(number) for number in range(4)))
    busy = False
    await sealing
    await seal_all(one, database)
    verdict = await verify(database, VAULT)
    assert (verdict.ok, verdict.rows, verdict.unsealed) == (True, 75, 0)


# --- processes that die -----------------------------------------------------------------------------------------------

SEAL = """
import asyncio, sys
from tests.contracts.test_audit import seal_all, sealer
from hr_core.database import open_database
from datetime import timedelta

async def main():
    database = open_database(sys.argv[1])
    try:
        await seal_all(sealer(database, "child", batch=10, lease=timedelta(seconds=1)), database)
    finally:
        await database.close()

asyncio.run(main())
"""


@asynccontextmanager
async def child(url: str, fail_point: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A real process that seals and dies, or stops, at a named place."""
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore", "-c", SEAL, url,
        env={**os.environ, "DINGHR_FAIL_POINT": fail_point}, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield running
    finally:
        if running.returncode is None:
            running.kill()
        await running.wait()


@pytest.mark.parametrize(("place", "durable"), [("audit.sealing:kill:3", 20), ("audit.sealed:kill:3", 30)])
async def test_one_killed_while_sealing_leaves_no_hole(database_url: str, place: str, durable: int) -> None:
    database = open_database(database_url)
    try:
        await write(database, 50)
        async with child(database_url, place) as running, asyncio.timeout(30):
            assert await running.wait() == -signal.SIGKILL
        assert len(await order(database)) == durable
        await seal_all(sealer(database, "next"), database)
        verdict = await verify(database, VAULT)
        assert (verdict.ok, verdict.rows) == (True, 50)
    finally:
        await database.close()


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_one_that_sleeps_inside_its_transaction_is_overtaken_and_wakes_for_nothing(database_url: str) -> None:
    database = open_database(database_url)
    try:
        await write(database, 50)
        async with child(database_url, "audit.sealing:stop:2") as running, asyncio.timeout(40):
            await until_sealed(database, 10)
            await seal_all(sealer(database, "next", lease=timedelta(minutes=5)), database)
            assert len(await order(database)) == 50
            running.send_signal(signal.SIGCONT)
            await running.wait()
        verdict = await verify(database, VAULT)
        assert (verdict.ok, verdict.rows) == (True, 50)
    finally:
        await database.close()
