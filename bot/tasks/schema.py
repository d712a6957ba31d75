"""procrastinate's own tables and functions, brought to the version that is installed."""

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.contacts import MarkRow
from hr_core.database import Database

MARK = "procrastinate.schema"


async def prepare_engine(database: Database) -> None:
    """Make or upgrade procrastinate's schema on PostgreSQL; the last of its migrations that was applied is noted."""
    if database.is_sqlite:
        return
    from procrastinate.schema import SchemaManager, migrations_path  # noqa: PLC0415 - only PostgreSQL needs it

    files = sorted(migrations_path.glob("*.sql"))
    async with database.transaction() as session:
        connection = await session.connection()
        await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:mark))"), {"mark": MARK})
        mark = await session.get(MarkRow, MARK)
        if mark is None:
            await _execute(session, SchemaManager.get_schema())
            session.add(MarkRow(name=MARK, value=files[-1].stem))
            return
        for file in files:
            if file.stem > mark.value:
                await _execute(session, file.read_text("utf-8"))
                mark.value = file.stem
        session.add(mark)


async def _execute(session: AsyncSession, script: str) -> None:
    """Carry out many statements; only the driver itself takes them as one text."""
    connection = await (await session.connection()).get_raw_connection()
    await connection.driver_connection.execute(script)  # type: ignore[union-attr]
