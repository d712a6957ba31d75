"""What a conversation leaves in the audit log, and how the robot looks after that."""

import json
from datetime import timedelta
from pathlib import Path

from sqlmodel import col, select

from handlers.dispatch import Outgoing
from handlers.messages import Show
from hr_core.audit.heads import read_heads
from hr_core.audit.store import AuditRow
from hr_core.audit.verify import verify
from tests.conversations.office import Office, opened


async def rows(office: Office, action: str) -> list[AuditRow]:
    """What the log has on an action."""
    async with office.robot.database.read() as session:
        return list(await session.exec(select(AuditRow).where(AuditRow.action == action).order_by(col(AuditRow.id))))


async def test_who_is_shown_the_reason_of_a_sick_leave_is_on_record_before_the_card_leaves(office: Office) -> None:
    await office.lin.says("我想请明天下午半天病假")
    form = await office.lin.receives("form", about="请假")
    await office.lin.submits(form, reason="发烧")
    card = await office.wang.receives("notice", about="发烧")
    read = await rows(office, "leave.reason_read")
    assert [(row.actor, row.on, row.outcome) for row in read] == [("wang", "lin", "allowed")]
    assert "发烧" not in str(read[0].model_dump())
    applied = (await rows(office, "leave.apply"))[0]
    assert (applied.conversation, read[0].source) == (f"card:{form.out_track_id}", applied.source)
    await office.wang.clicks(card, "同意")
    await office.quiet()
    assert {row.actor for row in await rows(office, "leave.reason_read")} == {"wang"}, "one's own reason is no reading"


async def test_other_reasons_cost_no_row(office: Office) -> None:
    await office.lin.says("我想请明天下午半天年假")
    await office.lin.submits(await office.lin.receives("form", about="请假"), reason="旅行")
    await office.wang.receives("notice", about="旅行")
    assert await rows(office, "leave.reason_read") == []


async def test_a_refusal_while_something_is_rendered_is_on_record_too(office: Office) -> None:
    await office.lin.says("我想请明天下午半天年假")
    await office.lin.submits(await office.lin.receives("form", about="请假"))
    await office.wang.receives("notice", about="林晓")
    chen = await office.employee("chen")
    async with office.robot.database.transaction() as session:
        office.robot.outbox.put(session, Outgoing(chen, show=Show("leave.outcome", 1)), cause="test")
    assert "无权" in await office.chen.reads()
    assert await office.audited("chen") == ["leave.view"]


async def test_a_refusal_says_where_it_was_asked(office: Office) -> None:
    await office.lin.asks("今天谁不在")
    refused = (await rows(office, "absence.view"))[0]
    assert (refused.actor, refused.outcome, refused.conversation) == ("lin", "refused", "private")


async def test_the_robot_seals_and_tells_the_group_a_head_a_day(tmp_path: Path) -> None:
    async with opened(tmp_path, dinghr_audit_head_group=True) as office:
        await office.lin.asks("今天谁不在")
        first = await office.until(lambda: next(iter(office.group()), None), "the group hears of the first head")
        await office.quiet()
        heads = read_heads(tmp_path / "audit-heads.jsonl")
        assert heads[0].digest.hex()[:16] in first
        assert str(heads[0].digest.hex()) not in json.dumps(office.group()), "the whole hash stands in the file"
        verdict = await verify(office.robot.database, office.robot.workplace.vault, heads)
        assert verdict.ok
        assert verdict.heads == 1
        await office.moves_clock(office.robot.workplace.clock.now() + timedelta(hours=10))
        await office.lin.asks("今天谁不在")
        await office.until(lambda: office.group()[1:] or None, "the group hears of the second")
    assert len(read_heads(tmp_path / "audit-heads.jsonl")) == 2
