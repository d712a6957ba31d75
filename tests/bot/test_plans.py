"""What is asked every two seconds reads what is unfinished, not the whole history."""

from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.commits import GroupCommit
from bot.inbox import Inbox
from bot.outbox.table import OutboxStore
from bot.replica import Replica
from hr_core.database import Database
from tests.cast import VAULT, MovableClock


class Plans:
    """Asks SQLite how it carries out each query of a session."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []

    def note(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            self.asked.append((statement, parameters))

    async def scans(self, session: AsyncSession) -> list[str]:
        connection = await session.connection()
        found = []
        for statement, parameters in list(self.asked):
            plan = await connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters)
            steps = [str(row["detail"]) for row in plan.mappings()]
            found += [step for step in steps if step.startswith("SCAN") and "INDEX ix_" not in step]
        return [one for one in found if "inbox" in one or "outbox" in one]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_looking_for_what_is_unfinished_reads_no_history(database: Database) -> None:
    vault, clock, replica = VAULT, MovableClock(), Replica()
    inbox, outbox = Inbox(GroupCommit(database), vault, clock, replica), OutboxStore(vault, clock, replica)
    plans = Plans()
    event.listen(database.engine.sync_engine, "before_cursor_execute", plans.note)
    async with database.transaction() as session:
        await inbox.take_over(session, 100)
        await inbox.mine(session)
        await inbox.firsts(session, ["lin"])
        await outbox.take_over(session, 100)
        await outbox.waiting(session, set(), 100)
        assert len(plans.asked) >= 7
        assert await plans.scans(session) == []
