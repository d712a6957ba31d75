"""Hiring through the wire: a sentence or a form, an approval, the chain, what is stuck, the way back, the first day."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

import bot.cli.key
import bot.keys
from hr_core.clock import COMPANY_ZONE
from hr_core.onboarding.store import EmployeeNumberRow, HireRow, HireStepRow, HireTaskRow
from hr_core.people.store import EmployeeRow
from sandbox.company import EVERYONE_GROUP
from sandbox.shifts import TURNS
from sandbox.world import User
from sandbox.world.careers import enter
from sandbox.world.faults import Fault
from tests.conversations.office import PATIENCE, Office, opened
from tests.conversations.test_access import dinghr

MOBILE = "13900000001"
CREATE = "contacts.create_user"
POLICY = f"""
version = 1
effective_from = 2026-01-01
source = "test"
approval = ["department_head"]
[[number]]
prefix = "QH"
digits = 4
[[attendance_group]]
group = {TURNS}
[[task]]
title = "准备电脑"
owner = "it"
due = -1
[[task]]
title = "安排带教人"
owner = "manager"
due = 0
[[task]]
title = "填写入职信息"
owner = "newcomer"
due = 0
[[task]]
title = "签订劳动合同"
owner = "hr"
due = 1
"""


def with_policy(home: Path) -> Path:
    (home / "onboarding.toml").write_text(POLICY, "utf-8")
    return home


@pytest.fixture
async def hr_office(tmp_path: Path) -> AsyncIterator[Office]:
    """A company with card templates and an attendance group for newcomers."""
    async with opened(with_policy(tmp_path), dingtalk_op_user_id="admin") as office:
        yield office


@pytest.fixture
async def hr_text_office(tmp_path: Path) -> AsyncIterator[Office]:
    """The same without templates."""
    async with opened(with_policy(tmp_path), "text", dingtalk_op_user_id="admin") as office:
        yield office


def found(office: Office, name: str = "周敏") -> list[Any]:
    """Who is called so in DingTalk's contacts."""
    return [user for user in office.sandbox.world.directory.users.values() if user.name == name]


def in_group(office: Office, userid: str) -> bool:
    """Whether somebody is in the attendance group by name, as it stands last."""
    memberships = [one for one in office.sandbox.world.attendance.memberships if one.member == userid]
    return bool(memberships) and not memberships[-1].ended


async def rows(office: Office, table: Any) -> list[Any]:
    async with office.robot.database.read() as session:
        return list(await session.exec(select(table).order_by(table.id)))


async def people(office: Office, name: str = "周敏") -> list[EmployeeRow]:
    """Who is called so here."""
    return [one for one in await rows(office, EmployeeRow) if one.name == name]


async def hire_of(office: Office, number: int = 1) -> HireRow:
    async with office.robot.database.read() as session:
        row = await session.get(HireRow, number)
    assert row is not None
    return row


async def becomes(office: Office, status: str, number: int = 1) -> HireRow:
    """Wait until a hire stands so."""
    for _ in range(800):
        row = await hire_of(office, number)
        if row.status == status:
            await office.quiet()
            return row
        await asyncio.sleep(0.02)
    raise AssertionError(f"the hire is {row.status}, not {status}")


async def asked(office: Office, *, mobile: str = MOBILE, name: str = "周敏") -> None:
    """Li asks for a hire in words, in one go."""
    told = f"{name}下周一入职研发部后端工程师，手机{mobile}，合同3年，试用期3个月"
    assert "请核对" in await office.li.asks(told)
    assert "已提交" in await office.li.asks("提交")


async def agreed(office: Office) -> None:
    await asked(office)
    assert "入职 1" in await office.wang.reads()
    assert "办理中" in await office.wang.asks("同意 入职 1")


async def test_a_sentence_a_form_and_an_approval_make_one_of_everything(hr_office: Office) -> None:
    office = hr_office
    await office.li.says("周敏下周一入职研发部")
    form = await office.li.receives("form", about="办理入职")
    fields = {item["name"]: item.get("defaultValue") for item in office.li.sees(form)["form"]["fields"]}
    assert fields["name"] == "周敏"
    assert fields["first_day"] == "2026-11-30"
    assert fields["department"]["value"] == "200"
    told = await office.li.submits(form, mobile=MOBILE, position="后端工程师", contract="fixed:12", probation="3")
    assert "最多 2 个月" in json.dumps(told.response, ensure_ascii=False), "劳动合同法第十九条"
    await office.li.submits(form, mobile=MOBILE, position="后端工程师", contract="fixed:36", probation="3")
    await office.li.sees_status(form, "待审批")

    card = await office.wang.receives("notice", about="周敏")
    assert MOBILE not in json.dumps(card.data, ensure_ascii=False), "who decides needs no number"
    await office.wang.clicks(card, "同意")
    assert "已经处理过了" in await office.wang.forges(card, "approve", ref=card.data["ref"]), "a second tap"
    row = await becomes(office, "done")

    [user] = found(office)
    assert (user.userid, user.job_number, user.title, user.manager) == (row.userid, "QH0010", "后端工程师", "wang")
    assert user.mobile == MOBILE
    assert in_group(office, user.userid)
    [employee] = [one for one in await rows(office, EmployeeRow) if one.name == "周敏"]
    assert (employee.id, employee.key, employee.employee_number) == (row.employee_id, row.userid, "QH0010")
    assert [one.status for one in await rows(office, HireStepRow)] == ["done"] * 6
    tasks = {one.title: (one.owner_id, one.due.isoformat()) for one in await rows(office, HireTaskRow)}
    assert tasks == {
        "准备电脑": (await office.employee("li"), "2026-11-27"),  # Nobody is the operator here; Friday, not Sunday.
        "安排带教人": (await office.employee("wang"), "2026-11-30"),
        "填写入职信息": (row.employee_id, "2026-11-30"),
        "签订劳动合同": (await office.employee("li"), "2026-12-01"),
    }
    await office.li.sees_status(form, "已办妥")
    newcomer = office.phones.setdefault(user.userid, type(office.li)(office, user.userid))
    card = await newcomer.receives("notice", about="欢迎加入研发部")
    assert {row["label"]: row["text"] for row in newcomer.sees(card)["fields"]}["主管"] == "王磊"
    await newcomer.clicks(card, "开始填写")
    await newcomer.receives("notice", about="是否同意提供证件号码")


async def test_what_is_missing_is_asked_for_one_field_at_a_time(hr_text_office: Office) -> None:
    li = hr_text_office.li
    assert "手机号" in await li.asks("周敏下周一入职研发部")
    assert "手机号不对" in await li.asks("1390000")
    assert "职位" in await li.asks("139 0000 0001")
    assert "合同" in await li.asks("后端工程师")
    assert "最多 2 个月" in await li.asks("1年")
    told = await li.asks("3")
    assert "最多 2 个月" in told
    assert "第十九条" in told
    assert "最多 2 个月" in await li.asks("试用期")
    told = await li.asks("2")
    for part in ("周敏", "尾号 0001", "11月30日(周一)", "王磊", "1 年固定期限", "2 个月"):
        assert part in told
    told = await li.asks("合同 3年，试用期6个月，主管林晓")
    assert "林晓" in told
    assert "6 个月" in told
    assert "没有找到部门" in await li.asks("部门改成火星部，入职火星部")
    assert "已提交" in await li.asks("提交")
    row = await hire_of(hr_text_office)
    assert (row.contract_months, row.probation_months) == (36, 6)


async def test_in_words_as_on_cards_one_of_everything(hr_text_office: Office) -> None:
    office = hr_text_office
    await agreed(office)
    row = await becomes(office, "done")
    assert len(found(office)) == 1
    said = [str(message.content["text"]) for message in office.li.messages()]
    assert any("已办妥" in one and "QH0010" in one for one in said)
    assert "入职进度" in await office.li.asks("入职进度")
    told = office.li.messages()[-1].content["text"]
    assert "步骤 6/6" in told
    assert "任务 0/4" in told
    assert MOBILE not in told
    mine = await office.wang.asks("我的入职")
    assert "安排带教人" in mine
    assert "准备电脑" not in mine
    number = next(one.id for one in await rows(office, HireTaskRow) if one.title == "安排带教人")
    assert "无权" in await office.lin.asks(f"完成任务 {number}")
    assert "已完成" in await office.wang.asks(f"完成任务 {number}")
    assert "任务 1/4" in await office.li.asks("入职进度")
    assert "已经在办入职或已经入职" in await office.li.asks(
        f"周敏下周一入职研发部后端工程师，手机{MOBILE}，合同3年，试用期3个月"
    )
    assert "无权" in await office.chen.asks("入职进度")
    assert row.employee_id


async def test_a_no_ends_it_and_frees_the_mobile(hr_text_office: Office) -> None:
    office = hr_text_office
    await asked(office)
    await office.wang.reads()
    assert "已拒绝" in await office.wang.asks("拒绝 入职 1 编制满了")
    assert "编制满了" in await office.li.reads()
    assert not found(office)
    await asked(office)
    assert (await hire_of(office, 2)).status == "pending"
    assert "无权" in await office.li.asks("同意 入职 2"), "who asks doesn't decide"


async def test_of_two_clerks_one_is_told_of_the_others(hr_text_office: Office) -> None:
    office = hr_text_office
    await office.makes_hr("zhao")
    told = f"周敏下周一入职研发部后端工程师，手机{MOBILE}，合同3年，试用期3个月"
    for clerk in (office.li, office.zhao):
        assert "请核对" in await clerk.asks(told)
    await office.li.says("提交")
    await office.zhao.says("提交")
    answers = [await office.li.reads(), await office.zhao.reads()]
    assert sorted("已提交" in one for one in answers) == [False, True]
    assert any("编号 1" in one and "没有再办一次" in one for one in answers)
    assert len(await rows(office, HireRow)) == 1


async def failing(office: Office, *faults: Fault) -> None:
    office.sandbox.world.faults.waiting += faults


def refusing(api: str, code: int = 60011) -> Fault:
    """A call that DingTalk refuses until the fault is taken away."""
    return Fault(api, "answer", 200, json.dumps({"errcode": code, "errmsg": "x"}), 99)


async def test_a_failed_step_stands_on_one_card_until_it_is_retried(hr_office: Office) -> None:
    office = hr_office
    await failing(office, refusing(CREATE))
    await office.li.says("周敏下周一入职研发部")
    form = await office.li.receives("form", about="办理入职")
    await office.li.submits(form, mobile=MOBILE, contract="fixed:36", probation="0")
    await office.wang.clicks(await office.wang.receives("notice", about="周敏"), "同意")
    await becomes(office, "stuck")
    card = await office.li.receives("notice", about="没办成")
    assert "缺少权限" in card.data["body"]
    for action in ("retry", "skip", "stop"):
        assert "无权" in await office.lin.forges(card, action, ref=card.data["ref"])
    await office.li.clicks(card, "重试")
    await becomes(office, "stuck")
    assert not found(office)
    told = await office.li.clicks(card, "跳过")
    assert "写明原因" in json.dumps(told.response, ensure_ascii=False)
    await office.li.clicks(card, "停止")
    await office.li.sees_status(card, "已停止")
    office.sandbox.world.faults.waiting.clear()
    await office.li.clicks(card, "重试")
    await becomes(office, "done")
    await office.li.sees_status(card, "已办妥")
    assert len(found(office)) == 1
    cards = [
        office.sandbox.world.cards.cards[m.content["out_track_id"]] for m in office.li.messages() if m.kind == "card"
    ]
    assert sum("没办成" in one.data.get("title", "") for one in cards) == 1
    assert [one.number for one in await rows_by(office)] == ["QH0010"]


async def test_trouble_of_dingtalks_own_is_tried_again_before_hr_is_asked(hr_text_office: Office) -> None:
    office = hr_text_office
    await failing(office, Fault(CREATE, "answer", 500, "", 99))
    await agreed(office)
    await becomes(office, "stuck")
    assert len(await rows(office, HireStepRow)) == 6
    told = await office.li.asks("入职 1")
    assert "钉钉账号：**没办成**" in told
    assert "重试入职" in told
    office.sandbox.world.faults.waiting.clear()
    await office.li.asks("重试入职 1")
    await becomes(office, "done")
    assert len(found(office)) == 1


async def test_what_cant_be_taken_back_is_left_to_hr(hr_text_office: Office) -> None:
    office = hr_text_office
    await agreed(office)
    await becomes(office, "done")
    await failing(office, refusing("contacts.delete_user"))
    await office.li.asks("取消入职 1")
    await office.until(lambda: "撤回到这一步没有办成" in str(office.li.messages()[-1].content) or None, "li is asked")
    assert (await hire_of(office)).status == "cancelling"
    assert "没有停在" in await office.li.asks("停止入职 1"), "on its way back it can't rest"
    await office.li.asks("跳过入职 1 请IT手工删除")
    await becomes(office, "cancelled")
    assert "请IT手工删除" in await office.li.asks("入职 1")


async def rows_by(office: Office) -> list[EmployeeNumberRow]:
    async with office.robot.database.read() as session:
        return list(await session.exec(select(EmployeeNumberRow)))


@pytest.mark.parametrize(
    "fault",
    [
        Fault(CREATE, "drop", times=1, after_action=True),
        Fault(CREATE, "answer", 504, "gateway time-out", 1, after_action=True),
        Fault(CREATE, "answer", 200, '{"errcode":90018,"errmsg":"x"}', 1),
    ],
    ids=["no answer", "504 after it was done", "throttled"],
)
async def test_an_answer_that_never_came_makes_no_second_account(hr_text_office: Office, fault: Fault) -> None:
    office = hr_text_office
    await failing(office, fault)
    await agreed(office)
    await becomes(office, "done")
    assert len(found(office)) == 1
    assert len([one for one in await rows(office, EmployeeRow) if one.name == "周敏"]) == 1


async def test_a_step_can_be_left_out_with_a_reason(hr_text_office: Office) -> None:
    office = hr_text_office
    await failing(office, Fault("attendance.update_members", "answer", 200, '{"errcode":400020,"errmsg":"x"}', 99))
    await agreed(office)
    await becomes(office, "stuck")
    assert "写明原因" in await office.li.asks("跳过入职 1")
    assert "无权" in await office.chen.asks("跳过入职 1 不想做")
    await office.li.asks("跳过入职 1 考勤组由行政手工加")
    await becomes(office, "done")
    assert "考勤组由行政手工加" in await office.li.asks("入职 1")
    assert not in_group(office, found(office)[0].userid)


async def test_who_has_to_accept_is_waited_for(hr_text_office: Office) -> None:
    office = hr_text_office
    world = office.sandbox.world
    world.membership.protected.add(MOBILE)
    await agreed(office)
    await becomes(office, "waiting")
    assert not found(office)
    assert any("接受后会自动接着办" in str(message.content) for message in office.li.messages())
    await office.li.asks("重试入职 1")
    await becomes(office, "waiting")
    person = world.membership.invited.pop(MOBILE)
    await world.company.add_user(person)
    row = await becomes(office, "done")
    assert [user.userid for user in found(office)] == [row.userid]
    assert len([one for one in await rows(office, EmployeeRow) if one.name == "周敏"]) == 1


async def test_who_accepts_after_the_hire_was_given_up_is_taken_out_again(hr_text_office: Office) -> None:
    office = hr_text_office
    world = office.sandbox.world
    world.membership.protected.add(MOBILE)
    await agreed(office)
    await becomes(office, "waiting")
    await office.li.asks("取消入职 1")
    await becomes(office, "cancelled")
    await world.company.add_user(world.membership.invited.pop(MOBILE))
    await office.until(lambda: not found(office) or None, "the account is gone")
    await becomes(office, "cancelled")
    assert all(one.left_on is not None for one in await rows(office, EmployeeRow) if one.name == "周敏")


async def test_whose_mobile_is_in_dingtalk_already_is_taken_over_once_hr_says_so(hr_text_office: Office) -> None:
    office = hr_text_office
    world = office.sandbox.world
    await world.company.add_user(User("byhand", "周敏", [300], mobile=MOBILE))
    await agreed(office)
    await becomes(office, "stuck")
    assert "已经是别人的账号" in await office.li.asks("入职 1")
    await office.li.asks("跳过入职 1 IT已经手工开通")
    row = await becomes(office, "done")
    assert row.userid == "byhand"
    assert [user.userid for user in found(office)] == ["byhand"]
    assert found(office)[0].job_number == "QH0010"
    async with asyncio.timeout(PATIENCE):  # The contacts may have been read just before the number was written.
        while [(one.key, one.employee_number) for one in await people(office)] != [("byhand", "QH0010")]:  # noqa: ASYNC110 - a row
            await asyncio.sleep(0.02)


async def test_a_pre_entry_is_made_once_and_waited_for(tmp_path: Path) -> None:
    (with_policy(tmp_path) / "onboarding.toml").write_text(f'account = "preentry"\n{POLICY}', "utf-8")
    async with opened(tmp_path, "text", dingtalk_op_user_id="admin", dingtalk_agent_id="3900000001") as office:
        world = office.sandbox.world
        await failing(office, Fault("hrm.add_pre_entry", "drop", times=1, after_action=True))
        await agreed(office)
        await becomes(office, "waiting")
        [newcomer] = world.hrm.newcomers.values()
        assert (newcomer.name, newcomer.mobile) == ("周敏", MOBILE)
        await enter(world, newcomer.userid, "0123456789")
        row = await becomes(office, "done")
        assert row.userid == "0123456789"
        assert in_group(office, row.userid)
        assert len([one for one in await rows(office, EmployeeRow) if one.name == "周敏"]) == 1


async def test_what_waits_for_a_decision_is_in_one_list(hr_text_office: Office) -> None:
    office = hr_text_office
    await office.lin.asks("明天请病假")
    await office.lin.asks("提交")
    await asked(office)
    await office.quiet()
    told = await office.wang.asks("待我审批")
    for part in ("林晓", "周敏", "入职 1"):
        assert part in str(office.wang.messages()[-1].content["text"]), told


async def test_a_hire_given_up_leaves_nothing_but_a_number(hr_text_office: Office) -> None:
    office = hr_text_office
    await agreed(office)
    row = await becomes(office, "done")
    assert in_group(office, row.userid)
    assert "无权" in await office.lin.asks("取消入职 1")
    await office.li.asks("取消入职 1")
    await becomes(office, "cancelled")
    assert not found(office)
    assert not in_group(office, row.userid)
    async with office.robot.database.read() as session:
        employee = await session.get(EmployeeRow, row.employee_id)
    assert employee is not None
    assert employee.left_on is not None
    assert employee.left_on < row.first_day
    assert all(task.closed for task in await rows(office, HireTaskRow))
    assert "已取消" in await office.li.asks("取消入职 1"), "a second time changes nothing"
    office.sandbox.world.clock.advance(timedelta(hours=25))  # DingTalk asks who was deleted for a day.
    await asked(office)
    await office.wang.asks("同意 入职 2")
    await becomes(office, "done", 2)
    assert [one.number for one in await rows_by(office)] == ["QH0010", "QH0011"], "a number is never given twice"


async def test_who_left_is_recognised_and_has_no_second_probation(hr_text_office: Office) -> None:
    office = hr_text_office
    await office.sandbox.world.company.remove_user("chen", "oapi")
    await office.until(lambda: "chen" not in office.sandbox.world.directory.users or None, "chen left")
    for _ in range(400):
        if next(one for one in await rows(office, EmployeeRow) if one.key == "chen").left_on is not None:
            break
        await asyncio.sleep(0.02)
    told = await office.li.asks("陈浩下周一入职销售部，手机13900000002，合同3年，试用期3个月")
    assert "是同一个人再次入职吗" in told
    told = await office.li.asks("是")
    assert "职位" in told
    told = await office.li.asks("客户经理")
    assert "只能约定一次试用期" in told
    told = await office.li.asks("没有试用期")
    assert "离职后再次入职" in told
    assert "已提交" in await office.li.asks("提交")
    assert (await hire_of(office)).former_id == next(
        one.id for one in await rows(office, EmployeeRow) if one.key == "chen"
    )


async def test_on_the_first_day_team_manager_and_newcomer_hear_of_it_once(hr_office: Office) -> None:
    office = hr_office
    await office.li.says("@机器人 绑定本群 研发部", EVERYONE_GROUP)
    await office.until(lambda: next(iter(office.group(EVERYONE_GROUP)), None), "the group is bound")
    await office.li.says("周敏下周一入职研发部")
    form = await office.li.receives("form", about="办理入职")
    await office.li.submits(form, mobile=MOBILE, position="测试工程师", contract="fixed:36", probation="0")
    await office.wang.clicks(await office.wang.receives("notice", about="周敏"), "同意")
    row = await becomes(office, "done")
    await office.moves_clock(datetime(2026, 11, 30, 9, 0, 5, tzinfo=COMPANY_ZONE))
    await office.until(
        lambda: next((text for text in office.group(EVERYONE_GROUP) if "周敏" in text), None), "the team is told"
    )
    await office.quiet()
    [said] = [text for text in office.group(EVERYONE_GROUP) if "周敏" in text]
    assert "研发部" in said
    assert MOBILE not in said
    newcomer = office.phones.setdefault(row.userid, type(office.li)(office, row.userid))
    card = await newcomer.receives("notice", about="的入职任务")
    assert "准备电脑" not in card.data["body"], "others' tasks are others'"
    for place in range(1, 21):
        assert "无权" in await office.lin.forges(card, f"task{place}", ref=card.data["ref"])
    await newcomer.clicks(card, "完成 1")
    await newcomer.sees_status(card, "全部完成")
    assert any("第一天" in str(message.content) for message in office.wang.messages())
    assert "没有停在" in await office.li.asks("重试入职 1")
    assert "不能取消" in await office.li.asks("取消入职 1")


async def test_an_employee_hires_nobody_and_learns_of_nobody(hr_text_office: Office) -> None:
    office = hr_text_office
    told = await office.lin.asks("周敏下周一入职研发部")
    assert "无权" in told
    assert await office.audited("lin") == ["onboarding.hire"]
    assert "没听懂" in await office.lin.asks("周敏什么时候入职？")


async def test_while_keys_are_renewed_a_mobile_is_still_in_one_hire_only(
    hr_text_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.keys, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(bot.cli.key, "ANNOUNCED_SECONDS", 0.5)
    office = hr_text_office
    await asked(office)
    before = (await hire_of(office)).mobile_index
    assert before is not None
    again = f"周小敏下周一入职研发部后端工程师，手机{MOBILE}，合同3年，试用期3个月"

    def renewed() -> bool | None:
        return before[:5] != office.robot.workplace.vault.indexing or None

    for words in (("key", "rotate"), ("key", "reseal")):
        assert "编号 1" in await office.li.asks(again), "before the key is another, and once it is"
        done = await dinghr(office, *words)
        assert done.code == 0, done.err
        await office.until(renewed, "the robot has the new key")
    assert (await hire_of(office)).mobile_index != before
    assert "编号 1" in await office.li.asks(again)
