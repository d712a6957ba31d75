"""Moves an installation from SQLite to PostgreSQL: what has to hold before, the copy, and the comparison after it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url, select
from sqlalchemy.exc import ArgumentError

from bot.clock import SystemClock
from bot.contacts import MarkRow
from bot.replica import alive
from bot.settings import Settings, SettingsError
from bot.store import KEY_MARK, open_store, reachable, shown, upgrade_or_refuse
from bot.tasks.schema import ENGINE_TABLES
from hr_core.audit.store import OPERATOR, Act, AuditLog
from hr_core.database import Database, open_database
from hr_core.database.alone import NotAlone, alone
from hr_core.database.copying import (
    Difference,
    NotTaken,
    SourceChanged,
    Told,
    begin,
    contents,
    copy_rows,
    end,
    first_difference,
    half_copied_from,
    start_over,
    tables,
)
from hr_core.database.migrate import current, head
from hr_core.vault import Vault

ALEMBIC = "alembic_version"


class MoveRefused(Exception):
    """Things aren't as they have to be for a copy; says what, and the step that mends it."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What a copy came to. `difference` is None when every row of every table is the same on both sides."""

    rows: Mapping[str, int]
    resumed: bool
    started_over: bool
    difference: Difference | None


async def move(settings: Settings, to: str, told: Told, by: str = "") -> Moved:
    """Copy the SQLite database of the settings to `to` and compare every row; a copy that was killed goes on.

    `by` is who asks for it, for the audit log: its row is the last that the source gets, and comes along.
    Raises `MoveRefused`, or `SettingsError` for a setting that can't be used.
    """
    source_file = _source_file(settings)
    target = _open_target(to)
    quiet = open_database(settings.database_url)
    try:
        async with _alone(quiet, "DINGHR_DATABASE_URL"):
            source, vault = await open_store(settings)
            try:
                await _nobody_works(source, "DINGHR_DATABASE_URL")
                await reachable(target, "--to")
                async with _alone(target, "--to"):
                    return await _move(source, str(source_file), target, vault, told, by)
            finally:
                await source.close()
    finally:
        await quiet.close()
        await target.close()


async def _move(source: Database, name: str, target: Database, vault: Vault, told: Told, by: str) -> Moved:
    came_from = await half_copied_from(target)
    if came_from is not None and came_from != name:
        raise MoveRefused(
            f"--to: {shown(target)} is half a copy of {came_from}, not of {name}; go on with that file "
            "(DINGHR_HOME or DINGHR_DATABASE_URL), or name an empty database"
        )
    there = {name: rows for name, rows in (await contents(target)).items() if not name.startswith(ENGINE_TABLES)}
    if came_from is None:
        if await _copied_before(source, target, there, told):
            return Moved({name: n for name, n in there.items() if name != ALEMBIC}, True, False, None)
        await _nothing_else(target, there, vault)
        async with source.transaction() as session:
            AuditLog(session, SystemClock(), f"command:db copy by {by}"[:200]).record(Act(OPERATOR, "db.copy"))
        await begin(target, name)
    elif "replica" in there:
        await _nobody_works(target, "--to")
    await upgrade_or_refuse(target, "--to")
    return await _copied(source, target, told, resumed=came_from is not None)


async def _copied(source: Database, target: Database, told: Told, *, resumed: bool) -> Moved:
    """Copy and compare. Where an interrupted copy doesn't fit any more, the source has changed since: once more."""
    if resumed:
        try:
            rows = await copy_rows(source, target, told)
            difference = await first_difference(source, target, told)
        except (SourceChanged, NotTaken):
            difference = Difference("", "")
        if difference is None:
            await end(target)
            return Moved(rows, True, False, None)
        await start_over(target)
    try:
        rows = await copy_rows(source, target, told)
    except NotTaken as error:
        raise MoveRefused(
            f"--to: {shown(target)} doesn't take {error}; nothing is lost in {shown(source)}, which stays in use; "
            "report this with the line above"
        ) from error
    difference = await first_difference(source, target, told)
    if difference is None:
        await end(target)
    return Moved(rows, resumed, resumed, difference)


# --- what has to hold -------------------------------------------------------------------------------------------------


def _source_file(settings: Settings) -> Path:
    if not settings.is_sqlite:
        raise SettingsError(
            "DINGHR_DATABASE_URL: names PostgreSQL already; to copy into it, give that address with --to, and leave "
            "DINGHR_DATABASE_URL unset (SQLite in DINGHR_HOME) or name the SQLite file"
        )
    file = Path(make_url(settings.database_url).database or "").absolute()
    if not file.is_file():
        raise SettingsError(
            f"DINGHR_HOME: there is no database at {file}; name the folder (or DINGHR_DATABASE_URL) it is in"
        )
    return file


def _open_target(to: str) -> Database:
    try:
        target = open_database(to)
    except (ValueError, ArgumentError) as error:  # Its text may hold a password.
        raise SettingsError("--to: must be postgresql://USER@HOST/NAME") from error
    if target.is_sqlite:
        raise SettingsError(
            "--to: must be postgresql://USER@HOST/NAME; an SQLite file is copied as docs/operations.md says"
        )
    return target


@asynccontextmanager
async def _alone(database: Database, setting: str) -> AsyncIterator[None]:
    try:
        async with alone(database):
            yield
    except NotAlone as error:
        raise MoveRefused(
            f"{setting}: a robot or another copy works on {shown(database)}; stop it first, then run this again"
        ) from error


async def _nobody_works(database: Database, setting: str) -> None:
    async with database.read() as session:
        working = await alive(session)
    if working:
        raise MoveRefused(
            f"{setting}: a robot (process {working[0].pid}) works on {shown(database)}; stop it first, wait ten "
            "seconds, then run this again"
        )


async def _copied_before(source: Database, target: Database, there: Mapping[str, int], told: Told) -> bool:
    """Tell whether the copy came to its end before, and whoever started it didn't hear so."""
    if not _holds_anything(there) or await _revision(target) != head():
        return False
    return await first_difference(source, target, told) is None


async def _nothing_else(target: Database, there: Mapping[str, int], vault: Vault) -> None:
    """Refuse a target with anything of worth: it may have our schema, the mark of our key, and data keys under it."""
    ours = {table.name for table in tables()} | {ALEMBIC}
    mend = "name an empty database (CREATE DATABASE dinghr), or drop this one if it isn't needed"
    if strange := sorted(set(there) - ours):
        raise MoveRefused(f"--to: {shown(target)} has a table {strange[0]!r} that isn't dinghr's; {mend}")
    if there.get("replica"):
        await _nobody_works(target, "--to")
    if there.get("mark") == 1 and not _holds_anything({**there, "mark": 0, "data_key": 0}):
        async with target.read() as session:
            value = await session.scalar(select(MarkRow.__table__.c.value).where(MarkRow.__table__.c.name == KEY_MARK))  # type: ignore[attr-defined]
        if value in vault.masters.ids:
            return
        if value is not None:
            raise MoveRefused(
                f"DINGHR_KEY_FILE: {shown(target)} was made with another key than the SQLite database; {mend}"
            )
    if _holds_anything(there):
        held = next(name for name, rows in sorted(there.items()) if rows and name != ALEMBIC)
        raise MoveRefused(f"--to: {shown(target)} has data of its own (table {held!r}); {mend}")


def _holds_anything(there: Mapping[str, int]) -> bool:
    return any(rows for name, rows in there.items() if name != ALEMBIC)


async def _revision(database: Database) -> str | None:
    async with database.engine.connect() as connection:
        return await connection.run_sync(current)
