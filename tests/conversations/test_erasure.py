"""One person's data erased on request: shown first, asked twice, done by a task, kept where a law keeps, on record."""

import json
from typing import Any

from sqlmodel import col, select

from bot.inbox import InboxRow
from handlers.store import CardRow
from hr_core.audit.store import AuditRow
from hr_core.leave.store import LeaveRequestRow
from hr_core.privacy.erasure import TASK, ErasureRow
from hr_core.privacy.store import CorrectionRow
from tests.conversations.office import Office
from tests.conversations.test_access import dinghr, logs_elsewhere  # noqa: F401 - keeps the log out of what is printed


async def lived_here(office: Office) -> None:
    """Let Lin have left something of each kind behind."""
    await office.lin.asks("授权 健康信息")
    await office.lin.says("明天请一天病假，去医院")
    if office.robot.workplace.surface.forms:
        assert (await office.lin.submits(await office.lin.receives("form", about="请假"))).ok
    else:
        await office.lin.reads()
        await office.lin.asks("提交")
    await office.quiet()
    await office.lin.asks("撤回")
    await office.lin.asks("更正我的信息：工号不对")
    await office.li.asks("已更正 1 好了")
    await office.quiet()


async def held(office: Office) -> dict[str, int]:
    """What is there of Lin now."""
    lin = await office.employee("lin")
    told = col(LeaveRequestRow.reason_sealed).is_not(None)
    asked: dict[str, Any] = {
        "frames": select(InboxRow.seq).where(InboxRow.sender == "lin"),
        "cards": select(CardRow.track_id).where(CardRow.recipient == lin),
        "corrections": select(CorrectionRow.id).where(CorrectionRow.employee_id == lin),
        "leave": select(LeaveRequestRow.id).where(LeaveRequestRow.employee_id == lin),
        "reasons": select(LeaveRequestRow.id).where(LeaveRequestRow.employee_id == lin, told),
    }
    async with office.robot.database.read() as session:
        connection = await session.connection()
        return {name: len((await connection.execute(query)).all()) for name, query in asked.items()}


async def on_record(office: Office) -> list[tuple[str, str, str | None]]:
    """Who did what to Lin's data."""
    async with office.robot.database.read() as session:
        rows = select(AuditRow).where(col(AuditRow.action).startswith("data.eras"), AuditRow.on == "lin")
        return [(row.actor, row.action, row.why) for row in await session.exec(rows.order_by(col(AuditRow.id)))]


async def test_a_preview_changes_nothing_and_says_what_which_law_keeps_until_when(text_office: Office) -> None:
    office = text_office
    await lived_here(office)
    before = await held(office)
    done = await dinghr(office, "privacy", "erase", "lin", "--as", "li", "--preview", "--json")
    told = {one["class"]: one for one in json.loads(done.out)["classes"]}
    assert json.loads(done.out)["erasure"] is None
    assert told["correction"]["goes"] == 1
    assert told["chat_frames"]["goes"] >= 5
    assert (told["leave_record"]["goes"], told["leave_record"]["kept"]) == (0, 1)
    assert told["leave_record"]["until"] == "2029-11-25"
    assert "第十五条" in told["leave_record"]["source"]
    assert (told["leaver_identity"]["kept"], told["leaver_identity"]["until"]) == (1, "")
    assert await held(office) == before
    assert await on_record(office) == [("operator", "data.erase_preview", None)]


async def test_two_yeses_erase_what_may_go_and_keep_what_a_law_keeps(office: Office) -> None:
    await lived_here(office)
    done = await dinghr(office, "privacy", "erase", "lin", "--as", "li")
    assert done.code == 0
    assert "asked in the chat, twice" in done.out
    card = await office.li.receives("notice", about="删除个人信息")
    seen = office.li.sees(card)
    assert "2029-11-25" in seen["body"]
    assert "第十五条" in seen["body"]
    assert (await office.li.clicks(card, "删除")).ok
    await office.li.sees_status(card, "待再次确认")
    assert "无法恢复" in office.li.sees(card)["body"]
    await office.li.forges(card, "erase", ref=card.data["ref"])  # The first tap again, as a redelivery brings it.
    assert office.li.sees(card)["status"] == "待再次确认"
    assert (await held(office))["corrections"] == 1, "nothing goes before the second yes"
    assert (await office.li.clicks(card, "确定删除，不能恢复")).ok
    await office.until(
        lambda: next((m for m in office.li.messages() if "已办完" in str(m.content)), None), "Li hears that it is done"
    )
    now = await held(office)
    assert (now["corrections"], now["cards"], now["reasons"]) == (0, 0, 0)
    assert now["leave"] == 1, "the record of leave is the law's"
    acts = await on_record(office)
    assert ("li", "data.erase", "confirmed") in acts
    assert ("system", "data.erased", "correction: 1 values") in acts
    assert acts[-1] == ("system", "data.erased", "done")
    async with office.robot.database.transaction() as session:  # The task again, as after a crash.
        await office.robot.queue.enqueue(session, TASK, {"erasure": 1})
    await office.quiet()
    assert (await on_record(office))[-1] == ("system", "data.erased", "done")


async def test_a_no_erases_nothing_and_later_taps_change_nothing(text_office: Office) -> None:
    office = text_office
    await lived_here(office)
    before = await held(office)
    assert (await dinghr(office, "privacy", "erase", "lin", "--as", "li")).code == 0
    await office.li.reads()
    assert "待再次确认" in await office.li.asks("同意 清除 1")
    assert "未删除" in await office.li.asks("拒绝 清除 1")
    assert "未删除" in await office.li.asks("确定 清除 1")
    after = await held(office)
    assert (after["corrections"], after["reasons"]) == (before["corrections"], before["reasons"])
    async with office.robot.database.read() as session:
        assert [row.status for row in await session.exec(select(ErasureRow))] == ["declined"]


async def test_only_hr_of_the_whole_company_is_asked_and_nobody_else_can_answer(text_office: Office) -> None:
    office = text_office
    done = await dinghr(office, "privacy", "erase", "lin", "--as", "wang")
    assert done.code != 0
    assert await office.audited("wang") == ["data.erase"]
    assert (await dinghr(office, "privacy", "erase", "li", "--as", "li")).code != 0, "nobody erases themselves"
    assert (await dinghr(office, "privacy", "erase", "lin", "--as", "li")).code == 0
    await office.li.reads()
    for who in ("lin", "wang", "admin"):
        for said in ("同意 清除 1", "确定 清除 1", "同意 清除 999"):
            assert "无权删除" in await getattr(office, who).asks(said)
    async with office.robot.database.read() as session:
        assert [row.status for row in await session.exec(select(ErasureRow))] == ["pending"]
