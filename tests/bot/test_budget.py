"""The month's quota is counted by every process and cut in the stated order, approvals last."""

import pytest

from bot.budget import QUOTA, Budget, UsageRow, usage
from bot.openapi.cards import CREATE_AND_DELIVER, UPDATE
from bot.openapi.contacts import GET_USER
from handlers.router import Worth
from hr_core.database import Database
from tests.cast import MovableClock

STANDARD = QUOTA["standard"]


async def add_up(database: Database, *budgets: Budget) -> None:
    for budget in budgets:
        async with database.transaction() as session:
            await budget.add_up(session)


async def spend(database: Database, calls: int, month: str = "2026-11") -> None:
    async with database.transaction() as session:
        session.add(UsageRow(month=month, kind="call", what="cards.update", used=calls))


async def test_every_process_adds_to_the_same_month(database: Database) -> None:
    clock = MovableClock()
    one, two = Budget("standard", 1.0, clock), Budget("standard", 1.0, clock)
    for budget in (one, two):
        budget.called(CREATE_AND_DELIVER, "ok")
        budget.called(UPDATE, "outcome_unknown")
        budget.pushed("/v1.0/im/bot/messages/get")
    await add_up(database, one, two, one)
    async with database.read() as session:
        found = await usage(session, "2026-11", "standard", 1.0)
    assert found["call"].by == {CREATE_AND_DELIVER.name: 2, UPDATE.name: 2}
    assert (found["push"].used, found["push"].limit) == (2, 3_000)


async def test_what_dingtalk_doesnt_bill_isnt_counted(database: Database) -> None:
    budget = Budget("standard", 1.0, MovableClock())
    budget.called(GET_USER, "ok")
    budget.called(CREATE_AND_DELIVER, "throttled")
    for event in ("user_add_org", "org_dept_modify", "label_user_change", "org_admin_add"):
        budget.pushed(event)
    budget.pushed("bpms_task_change")
    await add_up(database, budget)
    async with database.read() as session:
        found = await usage(session, "2026-11", "standard", 1.0)
    assert found["call"].used == 0
    assert found["push"].by == {"bpms_task_change": 1}


@pytest.mark.parametrize(
    ("used", "cut"),
    [
        (0.89, []),
        (0.90, [Worth.REPORT]),
        (0.95, [Worth.REPORT, Worth.NOTICE]),
        (0.98, [Worth.REPORT, Worth.NOTICE, Worth.ALERT]),
        (1.50, [Worth.REPORT, Worth.NOTICE, Worth.ALERT]),
    ],
)
async def test_the_least_needed_is_cut_first_and_what_is_needed_never(
    database: Database, used: float, cut: list[Worth]
) -> None:
    await spend(database, int(STANDARD["call"] * 0.5 * used))
    budget = Budget("standard", 0.5, MovableClock())
    await add_up(database, budget)
    assert [worth for worth in Worth if budget.cuts(worth)] == cut


async def test_calls_since_the_last_adding_up_count_as_well(database: Database) -> None:
    await spend(database, int(STANDARD["call"] * 0.9) - 1)
    budget = Budget("standard", 1.0, MovableClock())
    await add_up(database, budget)
    assert not budget.cuts(Worth.REPORT)
    budget.called(CREATE_AND_DELIVER, "ok")
    assert budget.cuts(Worth.REPORT)


async def test_a_new_month_begins_anew(database: Database) -> None:
    clock = MovableClock()
    await spend(database, STANDARD["call"])
    budget = Budget("standard", 1.0, clock)
    await add_up(database, budget)
    assert budget.cuts(Worth.ALERT)
    clock.forward(days=10)
    await add_up(database, budget)
    assert not budget.cuts(Worth.REPORT)
