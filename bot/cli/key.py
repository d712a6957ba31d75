"""`dinghr key`: the master key's file, and the data keys: renewed, sealed under anew, retired."""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from bot.cli.office import Office, office
from bot.cli.show import as_json, as_table, fail, line
from bot.keys import ANNOUNCED_SECONDS, create_key_file, key_from_file, master_key
from bot.settings import SettingsError
from bot.store import mark_key
from hr_core.audit.store import OPERATOR, Act, AuditLog
from hr_core.vault.reseal import count_under, reseal
from hr_core.vault.store import KeyStore
from hr_core.vault.vault import header_of

app = App(name="key", help="The master key and the data keys.")

RETIRE_AFTER = timedelta(hours=1)
"""How long a key must have been out of use: a process that slept through the change may come back with it."""


@app.command
def create(file: Path) -> None:
    """Make a master key: for a PostgreSQL installation, one for all replicas, backed up apart from the database."""
    try:
        create_key_file(file)
    except FileExistsError:
        fail(f"{file}: there is a file already; a key is never replaced")
    except OSError as error:
        fail(f"{file}: {error.strerror}")
    line(f"{file}: keep a copy apart from the database; without it nothing that is sealed can be read")


@app.command(name="list")
async def list_keys(*, as_json_: Annotated[bool, Parameter(name="--json")] = False) -> None:
    """Print the data keys: their class, where they are in their life, and which master key wraps them."""
    async with office() as place, place.database.read() as session:
        rows = [
            {
                "id": row.id,
                "class": row.data_class,
                "status": row.status,
                "master": row.master,
                "since": row.since.isoformat(),
            }
            for row in await KeyStore(session).rows()
        ]
    if as_json_:
        as_json(rows)
    else:
        as_table(rows, ["id", "class", "status", "master", "since"])


@app.command
async def rotate() -> None:
    """Make a new data key for every class; running robots use it within seconds. Old values stay readable."""
    async with office() as place:
        master = await _master(place)
        async with place.transaction("key rotate") as (session, _):
            await KeyStore(session).announce(master, place.workplace.clock)
        line(f"announced; every running robot learns of them in the next {ANNOUNCED_SECONDS:g} s …")
        await asyncio.sleep(ANNOUNCED_SECONDS)
        async with place.transaction("key rotate") as (session, services):
            count = await KeyStore(session).activate(place.workplace.clock)
            _record(services[AuditLog], "key.rotate", f"{count} classes")
    line(f"{count} new data keys are in use; seal older values anew with: dinghr key reseal")


@app.command(name="reseal")
async def reseal_all() -> None:
    """Seal every value anew that lies under an old key. It can be interrupted, and begun again, at any time."""
    async with office() as place:
        broken: dict[str, int] = {}
        total: dict[str, int] = {}
        async for step in reseal(place.database, place.workplace.vault):
            total[step.column], broken[step.column] = step.done, step.broken
            sys.stderr.write(f"{step.column}: {step.done} values sealed anew\n")
            sys.stderr.flush()
        async with place.transaction("key reseal") as (_, services):
            _record(services[AuditLog], "key.reseal", f"{sum(total.values())} values")
    line(f"{sum(total.values())} values sealed anew")
    if bad := {name: count for name, count in broken.items() if count}:
        told = ", ".join(f"{count} of {name}" for name, count in bad.items())
        fail(f"{told} don't open and were left as they are: they were altered, or their key is retired")


@app.command
async def retire(*, now: bool = False) -> None:
    """Destroy the old data keys, for good. Refused while anything is sealed with them, or in their first hour.

    --now skips the hour: for when every robot was restarted since `dinghr key rotate`.
    """
    async with office() as place:
        async with place.database.read() as session:
            old = await KeyStore(session).old()
        if not old:
            line("no old data keys")
            return
        until = max(row.since for row in old) + RETIRE_AFTER
        if not now and place.workplace.clock.now() < until:
            fail(f"too early: a robot that slept may still use them; try again after {until.isoformat()}")
        left = await count_under(place.database, [header_of(row.id) for row in old])
        if left:
            fail(f"{left} values are sealed with them still; run: dinghr key reseal")
        async with place.transaction("key retire") as (session, services):
            store = KeyStore(session)
            ids = {row.id for row in old}
            store.retire([row for row in await store.old() if row.id in ids], place.workplace.clock)
            _record(services[AuditLog], "key.retire", f"{len(ids)} keys")
    line(f"{len(old)} old data keys are gone; backups made before hold their own copy, under the master key")


@app.command
async def rewrap(file: Path) -> None:
    """Wrap the data keys by the master key in FILE instead (`dinghr key create FILE`). No sealed value changes.

    Running robots go on; name the new key in the settings before any of them is started again.
    """
    async with office() as place:
        old = await _master(place)
        try:
            new = key_from_file(file, may_create=False)
        except SettingsError as error:
            fail(str(error).replace("DINGHR_KEY_FILE: ", ""))
        async with place.transaction("key rewrap") as (session, services):
            count = await KeyStore(session).rewrap(old, new)
            await mark_key(session, new)
            _record(services[AuditLog], "key.rewrap", f"{count} keys")
    line(f"{count} data keys are wrapped by {file} now: set DINGHR_KEY_FILE={file}, then restart the robots in turn")


async def _master(place: Office) -> bytes:
    try:
        return await master_key(place.settings, may_create=False)
    except SettingsError as error:
        fail(str(error), 2)


def _record(log: object, action: str, what: str) -> None:
    if isinstance(log, AuditLog):
        log.record(Act(OPERATOR, action, record="data_key", why=what))
