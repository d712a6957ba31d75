"""Opens the database with its key: brings the schema up to date, and makes a key only where there is no data yet."""

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel.ext.asyncio.session import AsyncSession

import bot.budget
import bot.contacts
import bot.inbox
import bot.outbox
import bot.personal
import bot.replica
import bot.tasks  # noqa: F401 - the tables of this room, for whoever compares the schema
from bot.contacts import MarkRow
from bot.keys import key_source, master_keys, open_vault
from bot.settings import Settings, SettingsError
from bot.tasks.schema import prepare_engine
from hr_core.database import Database, DatabaseAway, open_database
from hr_core.database.alone import in_turn
from hr_core.database.copying import half_copied_from
from hr_core.database.migrate import NewerSchema, is_empty, upgrade
from hr_core.vault import MasterKeys, Vault, key_id

KEY_MARK = "vault.key"
DATABASE = "DINGHR_DATABASE_URL"


async def open_store(settings: Settings) -> tuple[Database, Vault]:
    """Open what the settings name; raises `SettingsError` for a key that isn't this database's."""
    try:
        database = open_database(settings.database_url)
    except ValueError as error:
        raise SettingsError(str(error)) from error
    except OSError as error:
        msg = f"DINGHR_HOME: {settings.dinghr_home}: {error.strerror}; name a folder that this user can write to"
        raise SettingsError(msg) from error
    try:
        await reachable(database)  # Named before anybody waits for a turn.
        async with in_turn(database):
            empty = await reachable(database)
            await _refuse_half(database)
            _need_key(settings, empty=empty)
            masters = await master_keys(settings, may_create=empty)
            await upgrade_or_refuse(database)
            await prepare_engine(database)
            current = await _match(database, masters, settings)
            vault = await open_vault(settings, database, masters, current)
    except BaseException:
        await database.close()
        raise
    return database, vault


def _need_key(settings: Settings, *, empty: bool) -> None:
    """Refuse to make one replica's own key for a database that others share."""
    elsewhere = settings.dinghr_key is not None or settings.dinghr_key_command
    if empty and not settings.is_sqlite and not elsewhere and not settings.key_file.expanduser().exists():
        msg = f"DINGHR_KEY_FILE: there is no key at {settings.key_file}; make one with: dinghr key create FILE"
        raise SettingsError(msg)


def shown(database: Database) -> str:
    """Give a database's address without its password."""
    return database.url.render_as_string(hide_password=True)


async def reachable(database: Database, setting: str = DATABASE) -> bool:
    """Make sure that the database answers, and tell whether it is empty."""
    try:
        return await is_empty(database)
    except (DatabaseAway, SQLAlchemyError, OSError) as error:
        cause = error.__cause__ if isinstance(error, DatabaseAway) else error
        reason = getattr(cause, "orig", None) or cause
        msg = f"{setting}: cannot open {shown(database)}: {type(reason).__name__}: {reason}"
        raise SettingsError(f"{msg}; check that the server runs, or put the file back from its backup") from error


async def upgrade_or_refuse(database: Database, setting: str = DATABASE) -> None:
    """Bring the schema up to date; a newer one is left alone."""
    try:
        await upgrade(database)
    except NewerSchema as error:
        msg = f"{setting}: {shown(database)} was made by a newer dinghr; install that version again"
        raise SettingsError(msg) from error


async def _refuse_half(database: Database) -> None:
    """Refuse what a copy was begun into and not ended: it would answer from half of the data."""
    if not database.is_sqlite and (source := await half_copied_from(database)) is not None:
        msg = (
            f"DINGHR_DATABASE_URL: {shown(database)} is half a copy of {source}; end it with `dinghr db copy --to …`, "
            "or name another database"
        )
        raise SettingsError(msg)


async def _match(database: Database, masters: MasterKeys, settings: Settings) -> bytes:
    """Give the master key the database goes by, before anything is sealed with another."""
    async with database.transaction() as session:
        mark = await session.get(MarkRow, KEY_MARK)
        if mark is None:
            session.add(MarkRow(name=KEY_MARK, value=masters.ids[0]))
            return masters.first
        current = masters.named(mark.value)
        if current is None:
            msg = (
                f"{key_source(settings)} is not the key of this database (it goes by key {mark.value}); "
                "put the right key back from its backup"
            )
            raise SettingsError(msg)
        return current


async def marked_key(session: AsyncSession) -> str:
    """Give the name of the master key that wraps the database's data keys, and hold it until the transaction ends."""
    mark = await session.get(MarkRow, KEY_MARK, with_for_update=True)
    return mark.value if mark is not None else ""


async def mark_key(session: AsyncSession, master: bytes) -> None:
    """Note that the data keys are wrapped by another master key from now on."""
    mark = await session.get(MarkRow, KEY_MARK, with_for_update=True)
    if mark is not None:
        mark.value = key_id(master)
        session.add(mark)
