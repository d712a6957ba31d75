"""Opens the database with its key: brings the schema up to date, and makes a key only where there is no data yet."""

import bot.contacts
import bot.inbox
import bot.jobs
import bot.outbox  # noqa: F401 - the tables of this room, for whoever compares the schema
from bot.contacts import MarkRow
from bot.keys import open_vault
from bot.settings import Settings, SettingsError
from hr_core.database import Database, open_database
from hr_core.database.migrate import is_empty, upgrade
from hr_core.vault import Vault

KEY_MARK = "vault.key"


async def open_store(settings: Settings) -> tuple[Database, Vault]:
    """Open what the settings name; raises `SettingsError` for a key that isn't this database's."""
    try:
        database = open_database(settings.database_url)
    except ValueError as error:
        raise SettingsError(str(error)) from error
    try:
        vault = open_vault(settings.key_file, may_create=settings.is_sqlite and await is_empty(database))
        await upgrade(database)
        await _match(database, vault, settings)
    except BaseException:
        await database.close()
        raise
    return database, vault


async def _match(database: Database, vault: Vault, settings: Settings) -> None:
    """Make sure that this is the key the database was made with, before anything is sealed with another."""
    async with database.transaction() as session:
        mark = await session.get(MarkRow, KEY_MARK)
        if mark is None:
            session.add(MarkRow(name=KEY_MARK, value=vault.key_id.hex()))
        elif mark.value != vault.key_id.hex():
            msg = (
                f"DINGHR_KEY_FILE: {settings.key_file} is not the key of this database (it was made with key "
                f"{mark.value}); put the right key file back from its backup"
            )
            raise SettingsError(msg)
