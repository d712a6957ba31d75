"""`dinghr key`: the data keys: renewed, sealed under anew, retired; and the master key: another one in three steps."""

import asyncio
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from bot.cli.office import Office, office, settings_or_exit
from bot.cli.show import as_json, as_table, fail, line
from bot.keys import (
    ANNOUNCED_SECONDS,
    create_key_file,
    is_in_file,
    key_source,
    keys_from_file,
    write_key_file,
)
from bot.replica import alive
from bot.settings import Settings, SettingsError
from bot.store import mark_key, marked_key
from hr_core.audit.store import OPERATOR, Act, AuditLog
from hr_core.vault import MasterKeys, new_key
from hr_core.vault.keys import WrongMasterKey, key_text
from hr_core.vault.reseal import count_under, reseal
from hr_core.vault.store import KeyStore
from hr_core.vault.vault import header_of

app = App(name="key", help="The master key and the data keys.")

RETIRE_AFTER = timedelta(hours=1)
"""How long a key must have been out of use: a process that slept through the change may come back with it."""
KNOWN_SECONDS = 10.0
"""How long robots get to take up a new master key: they look every two seconds, and tell with their next beat."""


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
        async with place.transaction("key rotate") as (session, _):
            master = place.workplace.vault.masters.named(await marked_key(session))
            if master is None:
                fail("the master key was changed this instant; run the command again")
            await KeyStore(session).announce(master, place.workplace.clock)
        line(f"announced; every running robot learns of them in the next {ANNOUNCED_SECONDS:g} s …")
        await asyncio.sleep(ANNOUNCED_SECONDS)
        async with place.transaction("key rotate") as (session, services):
            count = await KeyStore(session).activate(place.workplace.clock)
            _record(services[AuditLog], "key.rotate", f"{count} classes")
    line(f"{count} new data keys are in use; seal older values anew with: dinghr key reseal")


@app.command(name="reseal")
async def reseal_all() -> None:
    """Seal anew every value that lies under an old key, and its index. It can be interrupted, and begun again."""
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
    """Destroy the old data keys, for good. Refused while anything is under them, or in their first hour.

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
            fail(f"{left} values and indexes are under them still; run: dinghr key reseal")
        async with place.transaction("key retire") as (session, services):
            store = KeyStore(session)
            ids = {row.id for row in old}
            store.retire([row for row in await store.old() if row.id in ids], place.workplace.clock)
            _record(services[AuditLog], "key.retire", f"{len(ids)} keys")
    line(f"{len(old)} old data keys are gone; backups made before hold their own copy, under the master key")


# --- another master key ---------------------------------------------------------------------------------------------


@app.command
def add() -> None:
    """Put a new master key into the key file, before the one in use: the first step of changing it.

    Running robots take it up within seconds; nothing is wrapped by it yet.
    """
    settings = settings_or_exit()
    if not is_in_file(settings):
        fail(
            f"{key_source(settings)} gives the key, which this command can't write to: put a new one before the old "
            "one there, separated by a comma or a line break (dinghr key create FILE makes one), and restart the robots"
        )
    keys = _in_file(settings)
    if len(keys.keys) > 1:
        fail(
            f"{settings.key_file} holds {len(keys.keys)} keys already; go on with: dinghr key rewrap, then: dinghr key "
            "forget"
        )
    try:
        write_key_file(settings.key_file, [new_key(), *map(key_text, keys.keys)])
    except OSError as error:
        fail(f"{settings.key_file}: {error.strerror}")
    line(f"{settings.key_file} holds a new master key and, behind it, the old one: back it up as it is,")
    line("copy it to every machine a robot runs on, then run: dinghr key rewrap")


@app.command
async def rewrap() -> None:
    """Wrap the data keys by the first of the master keys: the second step. No sealed value changes.

    Refused while a running robot doesn't have that key yet, so that none is left without.
    """
    async with office() as place:
        masters = place.workplace.vault.masters
        await _known_to_all(place, masters.ids[0])
        async with place.transaction("key rewrap") as (session, services):
            await marked_key(session)
            try:
                count = await KeyStore(session).rewrap(masters)
            except WrongMasterKey as error:
                fail(f"{error}, which {key_source(place.settings)} doesn't give; nothing was changed")
            await mark_key(session, masters.first)
            if count:
                _record(services[AuditLog], "key.rewrap", f"{count} keys")
    if count:
        line(f"{count} data keys are wrapped by the first master key now; the old one can go: dinghr key forget")
    else:
        line("every data key is wrapped by the first master key already; see: dinghr key add")


@app.command
async def forget() -> None:
    """Take the master keys that wrap nothing out of the key file: the last step, on every machine.

    Backups made before the change open with the old key only: keep its copy as long as you keep them.
    """
    async with office() as place:
        masters = place.workplace.vault.masters
        async with place.database.read() as session:
            wraps = {row.master for row in await KeyStore(session).rows() if row.wrapped is not None}
            wraps.add(await marked_key(session))
        if wraps != {masters.ids[0]}:
            fail("the data keys are wrapped by a key that isn't the first; run: dinghr key rewrap")
        if len(masters.keys) == 1:
            line("there is one master key only")
            return
        if not is_in_file(place.settings):
            fail(f"the others wrap nothing any more: take them out of {key_source(place.settings)}")
        try:
            write_key_file(place.settings.key_file, [key_text(masters.first)])
        except OSError as error:
            fail(f"{place.settings.key_file}: {error.strerror}")
        async with place.transaction("key forget") as (_, services):
            _record(services[AuditLog], "key.forget", f"{len(masters.keys) - 1} keys")
    line(f"{place.settings.key_file} holds the one master key in use; older backups need the old one's copy")


async def _known_to_all(place: Office, name: str) -> None:
    """Wait until every robot has a master key; ends the command when one hasn't, in the time a robot needs for it."""
    until = time.monotonic() + KNOWN_SECONDS
    while True:
        async with place.database.read() as session:
            without = [f"process {row.pid}" for row in await alive(session) if name not in row.masters.split()]
        if not without:
            return
        if time.monotonic() > until:
            fail(
                f"{', '.join(without)}: this robot doesn't have the new master key yet; give it the same "
                f"{key_source(place.settings)} (a robot that gets it by the environment has to be restarted); nothing "
                "was changed"
            )
        await asyncio.sleep(0.2)


def _in_file(settings: Settings) -> MasterKeys:
    try:
        return keys_from_file(settings.key_file, may_create=False)
    except SettingsError as error:
        fail(str(error), 2)


def _record(log: object, action: str, what: str) -> None:
    if isinstance(log, AuditLog):
        log.record(Act(OPERATOR, action, record="data_key", why=what))
