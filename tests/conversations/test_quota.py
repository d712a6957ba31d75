"""What one leave request costs of the monthly quota, in every variant; `docs/quota.md` repeats these figures."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.budget import QUOTA, UsageRow, month_of
from tests.conversations.office import Mode, Office, opened
from tests.conversations.payday import release
from tests.conversations.test_papers import heard
from tests.conversations.test_payslip import looks

LEAVE, LONG = "我想请明天下午半天年假", "从12月7日起请四天年假"


def spent(office: Office) -> tuple[int, int]:
    """Pushes and counted calls so far."""
    meter = office.sandbox.world.meter
    return meter.pushes, meter.calls


@pytest.mark.parametrize(("said", "pushes", "calls"), [(LEAVE, 3, 5), (LONG, 4, 6)])
async def test_a_request_by_card(tmp_path: Path, said: str, pushes: int, calls: int) -> None:
    async with opened(tmp_path) as office:
        before = spent(office)
        await office.lin.says(said)
        form = await office.lin.receives("form", about="请假")
        await office.lin.submits(form)
        await office.wang.clicks(await office.wang.receives("notice", about="林晓"), "同意")
        if said == LONG:
            await office.li.clicks(await office.li.receives("notice", about="林晓"), "同意")
        await office.lin.sees_status(form, "已同意")
        await office.quiet()
        after = spent(office)
        assert (after[0] - before[0], after[1] - before[1]) == (pushes, calls)


@pytest.mark.parametrize("mode", ["text"])
async def test_a_request_in_words(tmp_path: Path, mode: Mode) -> None:
    async with opened(tmp_path, mode) as office:
        before = spent(office)
        await office.lin.asks(LEAVE)
        await office.lin.asks("提交")
        asked = await office.wang.reads()
        await office.wang.asks("同意 " + asked.split("同意 ")[1].split("」")[0])
        await office.lin.reads()
        await office.quiet()
        after = spent(office)
        assert (after[0] - before[0], after[1] - before[1]) == (3, 3)


async def test_a_payslip_on_a_card(office: Office) -> None:
    await release(office)
    at = spent(office)
    await office.lin.says("工资条")
    card = await office.lin.receives("notice")
    for (pushes, calls), again in (((2, 1), False), ((1, 0), False), ((2, 1), True)):
        if again:
            await office.lin.clicks(card, "再看")
            card = await office.lin.receives("notice")
        await looks(office.lin, card)
        await office.quiet()
        now = spent(office)
        assert (now[0] - at[0], now[1] - at[1]) == (pushes, calls)
        at = now


async def test_a_payslip_in_a_locked_file(text_office: Office) -> None:
    office = text_office
    await release(office)
    before = spent(office)
    await office.lin.says("工资条")
    file = (await heard(office, "lin", "file"))[0]
    await office.quiet()
    await office.moves_clock(office.sandbox.clock.now() + timedelta(minutes=6))
    await office.until(lambda: file.recalled or None, "it is taken back")
    after = spent(office)
    assert (after[0] - before[0], after[1] - before[1]) == (1, 4 + mornings(office))


def mornings(office: Office) -> int:
    """What moving the clock past 9:00 has sent to the group."""
    return len(office.group())


async def test_with_the_quota_nearly_spent_approvals_still_arrive_and_the_group_is_spared(office: Office) -> None:
    async with office.robot.database.transaction() as session:
        month = month_of(office.robot.workplace.clock.now())
        session.add(UsageRow(month=month, kind="call", what="another", used=int(QUOTA["standard"]["call"] * 0.96)))
    async with office.robot.database.transaction() as session:
        await office.robot.outbox._budget.add_up(session)
    await office.lin.says("明天请年假")
    form = await office.lin.receives("form", about="请假")
    await office.lin.submits(form)
    card = await office.wang.receives("notice", about="林晓")
    await office.wang.clicks(card, "同意")
    await office.lin.sees_status(form, "已同意")
    await office.quiet()
    assert office.group() == []
