"""Follows `access.toml` while the robot runs, and puts every change of the table that decides on record.

Whose hand changed a file nobody can know; what it held before and after, by digest, everybody can.
"""

import asyncio

import structlog

from bot.contacts import MarkRow
from bot.workplace import Workplace
from hr_core.audit.store import OPERATOR, Act, AuditLog
from hr_core.database import Database
from hr_core.permission.table import NONE, TableFile

log = structlog.get_logger()
LOOK_SECONDS = 2.0
MARK = "access.table"


async def note_table(database: Database, workplace: Workplace, source: str) -> None:
    """Put on record that another table decides from now on than the one that was last on record, whoever's it was."""
    table = workplace.table
    async with database.read() as session:
        mark = await session.get(MarkRow, MARK)
        if (mark.value if mark is not None else NONE) == table.digest:
            return
    async with database.transaction() as session:
        mark = await session.get(MarkRow, MARK, with_for_update=True)
        before = mark.value if mark is not None else NONE
        if before == table.digest:
            return
        if mark is None:
            mark = MarkRow(name=MARK)
        mark.value = table.digest
        session.add(mark)
        act = Act(OPERATOR, "access.table", record="file:access.toml", why=f"{before} -> {table.digest}")
        AuditLog(session, workplace.clock, source).record(act)


async def keep_table(database: Database, workplace: Workplace) -> None:
    """Look at the file, for ever. A bad one is told loudly, and the table before it goes on deciding."""
    source, noted = "file:access.toml", False
    while True:
        try:
            if look(workplace.table):
                noted = False
            if not noted:
                await note_table(database, workplace, source)
                noted = True
        except Exception as error:  # noqa: BLE001 - the table at hand goes on deciding
            log.warning("access.table_not_noted", error=type(error).__name__)
        await asyncio.sleep(LOOK_SECONDS)


def look(table: TableFile) -> bool:
    """Look at the file, and say in the log what was found."""
    if not table.look():
        return False
    if table.problem:
        log.error(
            "access.table_bad", mend="run: dinghr access matrix, which names the place; the table before it holds"
        )
    else:
        log.info("access.table_changed")
    return True
