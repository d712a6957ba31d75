"""The audit log in the chat: an auditor's questions, everybody's own, and that asking is on record too."""

import re

from hr_core.audit.store import Act, AuditLog, AuditRow, Filter
from hr_core.permission.matrix import Role
from hr_core.permission.store import RoleGrantRow, RoleStore
from sandbox.company import TEAM_GROUP
from tests.conversations.office import Office


async def seen(office: Office, count: int = 1) -> None:
    """Let Wang have read the reason of Lin's sick leave, and Zhao her pay."""
    async with office.robot.database.transaction() as session:
        log = AuditLog(session, office.robot.workplace.clock, "test", "private")
        log.record(Act("zhao", "payroll.sheet_read", on="lin", why="month 11"))
        log.record(Act("chen", "payslip.view", on="lin", outcome="refused"))
        for number in range(count):
            log.record(Act("wang", "leave.reason_read", on="lin", record=f"leave:{number}"))


async def auditor(office: Office, userid: str = "chen") -> None:
    """Make somebody an auditor."""
    person, at = await office.employee(userid), office.robot.workplace.clock.now()
    async with office.robot.database.transaction() as session:
        await RoleStore(session).add(
            RoleGrantRow(employee_id=person, role=Role.AUDITOR.value, granted_at=at, granted_by="operator")
        )


async def acts(office: Office, actor: str, action: str) -> list[AuditRow]:
    """What the log has of somebody's own asking."""
    async with office.robot.database.read() as session:
        return await AuditLog(session, office.robot.workplace.clock).entries(asked=Filter(actor=actor, action=action))


async def test_an_auditor_asks_who_has_seen_somebodys_pay_and_the_asking_is_on_record(text_office: Office) -> None:
    office = text_office
    await seen(office)
    await auditor(office)
    told = await office.chen.asks("谁看过林晓的工资")
    assert "赵敏（zhao） 查看工资表 → 林晓（lin）" in told
    assert "被拒绝" in told
    assert "leave.reason_read" not in told
    assert "month 11" in told
    assert "王磊（wang） leave.reason_read → 林晓（lin）［leave:0］" in await office.chen.asks("谁看过林晓的病假原因？")
    assert [(act.on, act.why) for act in await acts(office, "chen", "audit.read")] == [
        ("lin", "on=lin, kind=pay"),
        ("lin", "on=lin, kind=medical"),
    ]
    assert "audit.read" not in await office.chen.asks("谁看过林晓的请假")
    assert "没有这样的记录" in await office.chen.asks("谁看过nobody的工资"), "who has left is asked for by userid"


async def test_an_auditor_turns_pages(text_office: Office) -> None:
    office = text_office
    await seen(office, 25)
    await auditor(office)
    said, listed = "审计 林晓", []
    while said:
        page = await office.chen.asks(said)
        listed += re.findall(r"leave:\d+", page)
        following = re.search(r"审计 林晓 早于 \d+", page)
        said = following.group() if following else ""
    assert listed == [f"leave:{number}" for number in reversed(range(25))]
    refused = await office.chen.asks("审计 拒绝")
    assert "查看工资条" in refused
    assert "leave.reason_read" not in refused


async def test_nobody_else_reads_the_log_and_the_refusal_tells_nothing(text_office: Office) -> None:
    office = text_office
    await seen(office)
    answers = [
        await office.li.asks(said)
        for said in ("审计", "审计 林晓", "谁看过林晓的工资", "谁看过查无此人的工资", "审计 拒绝 早于 9")
    ]
    assert set(answers[1:]) == {answers[1]}, "the same for who is there and who isn't"
    assert "无权查看审计记录" in answers[1]
    assert [act.outcome for act in await acts(office, "li", "audit.read")] == ["refused"] * 5


async def test_everybody_may_ask_who_has_seen_their_data(text_office: Office) -> None:
    office = text_office
    await seen(office)
    told = await office.lin.asks("谁看过我的数据")
    assert "王磊（wang） leave.reason_read［leave:0］" in told
    assert "赵敏（zhao） 查看工资表" in told
    assert "系统" not in told
    assert "month 11" not in told, "whys are for auditors"
    pay = await office.lin.asks("谁看过我的工资？")
    assert "赵敏" in pay
    assert "王磊" not in pay
    assert "没有这样的记录" in await office.wang.asks("谁看过我的数据")
    assert [act.on for act in await acts(office, "lin", "audit.own_read")] == ["lin", "lin"]


async def test_in_a_group_the_answer_comes_in_private(office: Office) -> None:
    await seen(office)
    await auditor(office, "wang")
    await office.wang.says("@机器人 谁看过林晓的工资", TEAM_GROUP)
    assert "赵敏" in await office.wang.reads()
    await office.quiet()
    assert not any("赵敏" in text or "林晓" in text for text in office.group(TEAM_GROUP))
