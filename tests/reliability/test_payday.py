"""`kill -9` while a month's payslips go out: everybody has theirs, and nobody is told twice.

Words have no idempotency key, so whoever's were under way at a death is left in doubt: told at most once.
"""

import asyncio
import os
import time
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlmodel import select

from bot.outbox import OutboxRow
from bot.settings import Settings
from bot.store import open_store
from hr_core.audit.store import OPERATOR
from hr_core.payslip.model import Component, Kind, Line
from hr_core.payslip.store import PayslipBatchRow, PayslipRow, sealed_lines
from hr_core.people.store import EmployeeRow
from hr_core.permission.matrix import Role
from hr_core.permission.store import RoleGrantRow, RoleStore
from sandbox.world import User
from tests.reliability.conftest import Open
from tests.reliability.people import Mode
from tests.reliability.rounds import Plan, Round
from tests.reliability.stores import StoreName

pytestmark = [
    pytest.mark.xdist_group("reliability"),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(600),
]
PEOPLE = int(os.environ.get("DINGHR_PAYDAY_PEOPLE", "150"))
"""How many are paid beside the cast. A thousand takes some minutes."""
POINTS: dict[Mode, tuple[str, ...]] = {
    "cards": (
        "task.chunk_done:kill:1",
        "outbox.card_kept:kill:9",
        "outbox.sent:kill:25",
        "transaction.after_commit:kill:20",
    ),
    "text": ("task.chunk_done:kill:1", "outbox.sent:kill:25", "transaction.after_commit:kill:20"),
}
IN_DOUBT = 10
"""How many people a death may leave in doubt: whose words were under way or next, not who was still waiting."""
BASE = Component("base", "基本工资", Kind.EARNING)


async def prepared(round_: Round) -> dict[str, int]:
    """Put a sheet of everybody where it waits for its release; gives people's numbers by userid."""
    settings = Settings(
        dingtalk_client_id="x", dingtalk_client_secret="y", dinghr_home=round_.folder,
        dinghr_database_url=round_.store.url, dinghr_key_file=round_.store.environment["DINGHR_KEY_FILE"],
    )  # fmt: skip
    database, vault = await open_store(settings)
    now = datetime.now(UTC)
    async with database.transaction() as session:
        people = {row.key: row.id or 0 for row in await session.exec(select(EmployeeRow))}
        grant = RoleGrantRow(
            employee_id=people["zhao"], role=Role.PAYROLL.value, granted_at=now, granted_by=OPERATOR
        )  # fmt: skip
        await RoleStore(session).add(grant)
        batch = PayslipBatchRow(
            month=date(2026, 10, 1), version=1, status="prepared", digest="0", people=len(people),
            prepared_by=people["zhao"], prepared_at=now,
        )  # fmt: skip
        session.add(batch)
        await session.flush()
        rows = [PayslipRow(employee_id=one, batch_id=batch.id, month=batch.month) for one in people.values()]
        session.add_all(rows)
        await session.flush()
        for row in rows:
            row.lines_sealed = sealed_lines(vault, row.id or 0, [Line(BASE, Decimal("9000.17"))])
    await database.close()
    return people


def told(round_: Round, userid: str) -> int:
    """How many cards or words somebody has of a released payslip."""
    cards = round_.world.cards.cards
    said = [
        cards[one.content["out_track_id"]].data if one.kind == "card" else one.content
        for one in round_.world.chats.with_robot(userid).messages
    ]
    return sum("工资条已发放" in str(one) for one in said)


async def is_released(round_: Round) -> bool:
    """Whether the release has come to its end."""
    async with round_.store.open() as database, database.read() as session:
        return (await session.exec(select(PayslipBatchRow.status))).one() == "released"


@pytest.mark.parametrize(("mode", "store"), [("cards", "sqlite"), ("cards", "postgres"), ("text", "sqlite")])
async def test_killed_while_payslips_go_out_everybody_is_told_exactly_once(
    open_round: Open, mode: Mode, store: StoreName
) -> None:
    async with open_round(Plan(41, store, (), mode)) as round_:
        for number in range(PEOPLE):
            await round_.world.company.add_user(User(f"paid{number}", f"员工{number}", [200]))
        await round_.start_robot()
        people = await prepared(round_)
        assert len(people) >= PEOPLE
        calls, pushes = round_.world.meter.calls, round_.world.meter.pushes
        await round_.world.say("gao", round_.world.chats.with_robot("gao").id, "发布 工资 1")
        deaths = 0
        for point in POINTS[mode]:
            robot = await round_.replace_robot(armed=point)
            deaths += await round_.died(30.0, robot, by_talk=False)
        await round_.replace_robot()
        end = time.monotonic() + 120 + PEOPLE
        while not await is_released(round_) and time.monotonic() < end:  # noqa: ASYNC110 - a table has no event
            await asyncio.sleep(0.1)
        await round_.until_settled(end - time.monotonic(), restart=False)
        assert round_.violations == []
        assert deaths == len(POINTS[mode])
        async with round_.store.open() as database, database.read() as session:
            [batch] = await session.exec(select(PayslipBatchRow))
            slips = list(await session.exec(select(PayslipRow)))
            rows = list(await session.exec(select(OutboxRow).where(OutboxRow.view == "payslip.released")))
        in_doubt = {row.to_employee for row in rows if row.status == "unknown"}
        assert len(in_doubt) <= (IN_DOUBT * deaths if mode == "text" else 0)
        times = {one: told(round_, one) for one in people}
        assert {one: many for one, many in times.items() if many != 1 and people[one] not in in_doubt} == {}
        assert max(times.values()) == 1
        assert batch.status == "released"
        assert len(slips) == len(people)
        assert all(slip.released_at is not None for slip in slips)
        calls, pushes = round_.world.meter.calls - calls, round_.world.meter.pushes - pushes
        assert pushes <= 2, "the word of who releases, brought again where its ack was killed"
        assert calls <= len(people) * 1.05 + 25, "one each, what four deaths repeat, and a handful"
