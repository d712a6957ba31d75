"""procrastinate's own tables and functions, brought to the version that is installed.

How far they are is a comment on one of its tables, so that it goes where they go.
"""

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.settings import SettingsError
from hr_core.database import Database

ENGINE_TABLES = "procrastinate_"
"""How its tables' names begin."""
_LOCK = 0x64696E67687402
_OURS = "dinghr: "


async def prepare_engine(database: Database) -> None:
    """Make or upgrade procrastinate's schema on PostgreSQL: the migrations it ships, in their order, each once."""
    if database.is_sqlite:
        return
    from procrastinate.schema import SchemaManager, migrations_path  # noqa: PLC0415 - only PostgreSQL needs it

    files = sorted(migrations_path.glob("*.sql"))
    if await _version(database) is None:
        await _apply(database, files[-1].stem, SchemaManager.get_schema())
    for file in files:  # One transaction each: a new value of an enum can be used after its commit only.
        await _apply(database, file.stem, file.read_text("utf-8"))


async def _apply(database: Database, version: str, script: str) -> None:
    async with database.transaction() as session:
        await (await session.connection()).execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        if version > (await engine_version(session) or ""):
            await _execute(session, script)
            await _execute(session, f"COMMENT ON TABLE procrastinate_jobs IS '{_OURS}{version}'")


async def _version(database: Database) -> str | None:
    async with database.read() as session:
        return await engine_version(session)


async def engine_version(session: AsyncSession) -> str | None:
    """Give the last of procrastinate's migrations that was applied here; None before there is any."""
    found = text(
        "SELECT to_regclass('procrastinate_jobs') IS NOT NULL, obj_description(to_regclass('procrastinate_jobs'))"
    )
    exists, comment = (await (await session.connection()).execute(found)).one()
    if not exists:
        return None
    if not str(comment).startswith(_OURS):
        msg = (
            "DINGHR_DATABASE_URL: this database has another program's procrastinate tables; give dinghr one of its own"
        )
        raise SettingsError(msg)
    return str(comment).removeprefix(_OURS)


async def _execute(session: AsyncSession, script: str) -> None:
    """Carry out many statements; only the driver itself takes them as one text."""
    connection = await (await session.connection()).get_raw_connection()
    await connection.driver_connection.execute(script)  # type: ignore[union-attr]
