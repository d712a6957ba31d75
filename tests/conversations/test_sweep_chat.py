"""Everybody says and taps everything about everybody's records, against the approved table in plain words.

A phrase or a button that isn't listed here fails the first test: say what it is about, or why it is about nobody.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, func, select

from handlers.routes import all_routes
from hr_core.audit.store import AuditRow
from hr_core.leave.store import LeaveRequestRow
from hr_core.onboarding.store import HireRow
from hr_core.payslip.store import PayslipDisputeRow
from hr_core.permission.confirmation import CommandRow
from hr_core.permission.store import RoleGrantRow
from hr_core.privacy.store import CorrectionRow
from sandbox.company import tiny
from sandbox.world import Card
from tests.approved import Approved
from tests.conversations.office import Office, opened
from tests.conversations.payday import FIGURES, release
from tests.conversations.test_access import dinghr
from tests.conversations.test_hiring import MOBILE, with_policy

COMPANY = tiny()
APPROVED = Approved(COMPANY, {"li": "hr", "zhao": "payroll", "admin": "operator", "niuben": "auditor"})
EVERYBODY = APPROVED.everybody
NAMES = {user.userid: user.name for user in COMPANY.users}
NONE, NEWCOMER = 9999, "周敏"
FORMS = {
    "form": {"type": "sick", "start": "2026-11-24", "end": "2026-11-24"},
    "dispute form": {"words": "不对"},
    "hire form": {"name": "张三"},
}


@dataclass(frozen=True)
class About:
    """A phrase about a record: how it is said, the action it takes, and the kind of record its number is of."""

    said: str
    action: str
    kind: str


WORDS = {
    "leave.decide_by_number": About("拒绝 {}", "leave.decide", "leave"),
    "leave.withdraw_by_number": About("撤回 {}", "leave.withdraw", "own leave"),
    "access.decide_grant": About("拒绝 授权 {}", "role.confirm", "grant"),
    "access.decide_command": About("拒绝 命令 {}", "command.confirm", "command"),
    "privacy.decide_by_words": About("不更正 {} 不对", "data.correct_decide", "correction"),
    "payslip_answers.answer_in_words": About("答复异议 {} 好", "payroll.sheet_read", "dispute"),
    "onboarding.decide_by_number": About("拒绝 入职 {}", "onboarding.decide", "hire"),
    "onboarding.deal_with": About("停止 入职 {} 不来了", "onboarding.hire", "hire of HR's"),
    "onboarding.show_one": About("入职 {}", "onboarding.view", "hire to see"),
    "privacy.erase_by_words": About("拒绝 清除 {}", "data.erase", "erasure"),
    "payroll.decide": About("退回 工资 {}", "payroll.release", "payroll"),
    "payroll_sheet.decide": About("取消工资表 {}", "payroll.prepare", "upload"),
    "onboarding.finish_by_number": About("完成任务 {}", "onboarding.task", "task"),
}
TAPS = {
    ("leave.approval", "approve"): "leave",
    ("leave.approval", "reject"): "leave",
    ("leave.form", ""): "form",
    ("leave.application", ""): "form",
    ("role.confirm", "approve"): "grant",
    ("role.confirm", "decline"): "grant",
    ("command.confirm", "approve"): "command",
    ("command.confirm", "decline"): "command",
    ("privacy.correction", "done"): "correction",
    ("privacy.correction", "decline"): "correction",
    ("payslip.slip", "again"): "slip",
    ("payslip.slip", "hide"): "slip",
    ("payslip.slip", "compare"): "slip",
    ("payslip.slip", "confirm"): "slip",
    ("payslip.slip", "dispute"): "slip",
    ("payslip.difference", "again"): "difference",
    ("payslip.difference", "confirm"): "difference",
    ("payslip.difference", "dispute"): "difference",
    ("pay_year.shown", "again"): "year",
    ("payslip.dispute_form", ""): "dispute form",
    ("payslip_dispute.card", "answer"): "dispute",
    ("onboarding.form", ""): "hire form",
    ("onboarding.application", ""): "hire form",
    ("onboarding.approval", "approve"): "hire",
    ("onboarding.approval", "reject"): "hire",
}
TAPS_ELSEWHERE = {
    **{("privacy.erasure", step): "test_erasure" for step in ("erase", "sure", "decline")},
    **{("payroll.release", action): "test_payroll" for action in ("release", "give_back")},
    **{("payroll_draft.checked", action): "one's own upload: test_payroll_sheet" for action in ("confirm", "cancel")},
    **dict.fromkeys(
        [("payroll_draft.column", meaning) for meaning in ("earning", "deduction", "employer", "ignored")],
        "the same",
    ),
    ("payslip.released", "again"): "the same functions as on payslip.slip",
    ("payslip.released", "confirm"): "the same",
    ("payslip.released", "dispute"): "the same",
    ("payslip.dispute_sent", ""): "what payslip.dispute_form becomes; test_payslip",
    **{("onboarding.stuck", action): "test_hiring" for action in ("retry", "skip", "stop")},
    **dict.fromkeys(
        (
            ("onboarding.welcome", "go"),
            ("personnel.change", ""),
            ("personnel.consent", "agree"),
            ("personnel.consent", "refuse"),
            ("personnel.filled", ""),
            ("personnel.form", ""),
            ("personnel.own", "go"),
            ("personnel.picture", "later"),
            ("personnel.reminder", "go"),
            ("personnel.which_picture", "diploma"),
            ("personnel.which_picture", "id_back"),
            ("personnel.which_picture", "id_front"),
        ),
        "one's own file, named by nobody: test_personnel",
    ),
    **{("onboarding.tasks", f"task{number}"): "test_hiring" for number in range(1, 21)},
}
NAMED = {
    "access.ask_why": "of people by name: everybody of everybody, below",
    "payslip.ask_for_another": "the same",
    "audit.ask_of": "the same",
    "records.ask_number": "the same",
    "records.show_person": "the same",
    "audit.ask_newest": "the log, of everybody: below",
}
NARROWED = {
    "leave.who_is_away": "everybody's list, below",
    "leave.list_to_decide": "everybody's list, below",
    "leave.decide_without_number": "the same list",
    "payslip_answers.show_progress": "counts of those within reach: test_payslip, and who may ask: below",
    "payroll.how": "says how, to who may: test_payroll_sheet",
    "onboarding.show_progress": "hires within reach: below",
    "records.list_lacking": "files within reach: test_personnel",
    "records.export_people": "people within reach: test_personnel",
}
NOBODYS_BUT_ONES_OWN = {
    "leave.ask_for_leave",
    "payroll_sheet.name_column",
    "leave.submit_dialogue",
    "leave.cancel_dialogue",
    "leave.show_balance",
    "leave.list_mine",
    "leave.withdraw",
    "audit.ask_own",
    "personnel.fill_in",
    "personnel.show_own",
    "personnel.change",
    "personnel.number_alone",
    "personnel.decide_consent",
    "personnel.name_picture_in_words",
    "privacy.show_notice",
    "privacy.export_own",
    "privacy.show_consents",
    "privacy.give_consent",
    "privacy.withdraw_consent",
    "privacy.ask_correction",
    "payslip.show_slip",
    "payslip.show_year",
    "payslip.show_difference",
    "payslip_answers.confirm_in_words",
    "payslip_answers.dispute_in_words",
    "onboarding.hire",
    "onboarding.show_mine",
    "groups.bind_hr_group",
    "groups.bind_team_group",
    "help.show_help",
    "help.answer_thanks",
}
"""They take nobody's name and no number: there is no saying them about somebody else."""


def test_every_phrase_and_every_button_is_swept() -> None:
    routes = all_routes()
    said = {phrase.name.removeprefix("handlers.") for phrase in routes.phrases}
    assert said == WORDS.keys() | NAMED.keys() | NARROWED.keys() | NOBODYS_BUT_ONES_OWN
    assert routes.clicks.keys() == TAPS.keys() | TAPS_ELSEWHERE.keys()


# --- a company with something of each kind open -----------------------------------------------------------------------

APPROVER = {"lin": "wang", "chen": "qinfeng", "zhao": "li", "gao": "li"}


Records = dict[str, list[tuple[int, str, set[str]]]]
Cards = dict[str, list[tuple[Card, set[str]]]]


@dataclass
class Open:
    """What is open: by kind, the records as number, whom they are about, and who may act on them; and their cards."""

    office: Office
    records: Records
    cards: Cards


async def everything_open(office: Office) -> Open:
    records: Records = {"leave": [], "own leave": []}
    cards: Cards = {"leave": [], "form": []}
    for number, (who, approver) in enumerate(APPROVER.items(), 1):
        phone = getattr(office, who)
        await phone.says("今天请一天事假")
        form = await phone.receives("form", about="请假")
        cards["form"].append((form, {who}))
        assert (await phone.submits(form)).ok
        await phone.sees_status(form, "待审批")
        card = await getattr(office, approver).receives("notice", about=NAMES[who])
        records["leave"].append((number, who, {approver}))
        records["own leave"].append((number, who, {who}))
        cards["leave"].append((card, {approver}))
    for who, role in (("zhao", "payroll"), ("admin", "operator"), ("niuben", "auditor")):
        assert (await dinghr(office, "role", "grant", who, role)).code == 0
    assert (await dinghr(office, "role", "grant", "chen", "hr")).code == 0
    records["grant"] = [(5, "chen", {"li"})]
    cards["grant"] = [(await office.li.receives("notice", about="授权确认"), {"li"})]
    card = await office.wang.receives("notice", about="您的身份")
    records["command"] = [(1, "wang", {"wang"})]
    cards["command"] = [(card, {"wang"})]
    await office.lin.says("更正我的信息：入职日期不对")
    records["correction"] = [(1, "lin", {"li"})]
    cards["correction"] = [(await office.li.receives("notice", about="更正申请"), {"li"})]
    await payslip_open(office, records, cards)
    await office.li.says("周敏下周一入职研发部")
    form = await office.li.receives("form", about="办理入职")
    await office.li.submits(form, mobile=MOBILE, position="后端工程师", contract="fixed:36", probation="3")
    await office.li.sees_status(form, "待审批")
    cards["hire form"] = [(form, {"li"})]
    cards["hire"] = [(await office.wang.receives("notice", about=NEWCOMER), {"wang"})]
    records["hire"], records["hire of HR's"] = [(1, NEWCOMER, {"wang"})], [(1, NEWCOMER, {"li"})]
    records["hire to see"] = [(1, NEWCOMER, {"li", "wang", "gao"})]
    records["task"], records["erasure"], records["payroll"], records["upload"] = [], [], [], []
    await office.quiet()
    return Open(office, records, cards)


async def payslip_open(office: Office, records: Records, cards: Cards) -> None:
    await release(office)
    for kind, said in (("slip", "工资条"), ("difference", "和上月比"), ("year", "今年一共")):
        await office.lin.says(said)
        cards[kind] = [(await office.lin.receives("notice"), {"lin"})]
    await office.lin.clicks(cards["slip"][0][0], "有异议")
    form = await office.lin.receives("form", about="异议")
    cards["dispute form"] = [(form, {"lin"})]
    await office.lin.says("10月工资条有异议：个税多了")
    records["dispute"] = [(1, "lin", {"zhao"})]
    cards["dispute"] = [(await office.zhao.receives("notice", about="异议"), {"zhao"})]


async def state(office: Office) -> list[Any]:
    """How everything stands."""
    async with office.robot.database.read() as session:
        return [
            list(await session.exec(select(table.id, table.status).order_by(col(table.id))))
            for table in (LeaveRequestRow, RoleGrantRow, CommandRow, CorrectionRow, PayslipDisputeRow, HireRow)
        ]


async def refusals(office: Office, actor: str, action: str) -> int:
    """How often somebody was refused something, on record."""
    async with office.robot.database.read() as session:
        rows = select(func.count()).where(
            AuditRow.actor == actor, AuditRow.action == action, AuditRow.outcome == "refused"
        )
        return (await session.exec(rows)).one()


async def answer(office: Office, actor: str, said: str) -> str:
    """What somebody hears, whatever else they are told meanwhile."""
    await office.quiet()
    return str(await getattr(office, actor).asks(said))


def gives_nobody_away(told: str, actor: str) -> bool:
    return not any(name in told for userid, name in NAMES.items() if userid != actor) and NEWCOMER not in told


@pytest.mark.timeout(180)
async def test_everybody_on_everything_in_the_chat(tmp_path: Path) -> None:
    async with opened(with_policy(tmp_path), dingtalk_op_user_id="admin") as office:
        asking = asyncio.create_task(dinghr(office, "leave", "list", "lin", "--as", "wang", "--wait", "170"))
        there = await everything_open(office)
        before = await state(office)
        for about in WORDS.values():
            for actor in EVERYBODY:
                nothing = await answer(office, actor, about.said.format(NONE))
                assert "无权" in nothing, (about, actor)
                count = await refusals(office, actor, about.action)
                for number, whose, let in there.records[about.kind]:
                    if actor in let:
                        continue
                    told = await answer(office, actor, about.said.format(number))
                    assert told == nothing, (about, actor, whose)
                    assert gives_nobody_away(told, actor)
                    count += 1
                    assert await refusals(office, actor, about.action) == count, (about, actor, whose)
        for (view, action), kind in TAPS.items():
            for card, let in there.cards[kind]:
                for actor in EVERYBODY:
                    if actor in let:
                        continue
                    form = FORMS.get(kind)
                    told = await getattr(office, actor).forges(card, action, ref=card.data.get("ref", ""), form=form)
                    assert "无权" in told, (view, action, actor)
                    assert gives_nobody_away(told, actor)
                    assert not any(figure in told for figure in FIGURES)
        assert await state(office) == before, "nobody has changed anything"

        for actor in EVERYBODY:
            for on in EVERYBODY:
                told = await answer(office, actor, f"为什么王磊能看{NAMES[on]}的请假")
                assert ("无权" not in told) == ("access.explain" in APPROVED.may(actor, on)), (actor, on)
                if on in {"lin", "chen"} - {actor}:
                    assert "无权" in await answer(office, actor, f"看看{NAMES[on]}10月的工资条"), (actor, on)
            for said in ("谁看过林晓的工资", "谁看过张三的工资", "审计"):
                told = await answer(office, actor, said)
                assert ("无权" not in told) == ("audit.read" in APPROVED.may(actor, "lin")), (actor, said)
            for said, action in (("林晓的资料", "employee.view"), ("林晓的身份证号，用于办理社保", "identity.view")):
                told = await answer(office, actor, said)
                assert ("无权" not in told) == (action in APPROVED.may(actor, "lin")), (actor, said)
            progress = await answer(office, actor, "工资条进度")
            assert ("无权" not in progress) == ("payslip.progress" in APPROVED.may(actor, "lin")), actor
            hires = await answer(office, actor, "入职进度")
            assert (NEWCOMER in hires) == (actor in {"li", "wang", "gao"}), actor
            listed = await answer(office, actor, "待我审批")
            for number, whose, let in there.records["leave"]:
                assert (NAMES[whose] in listed) == (actor in let and actor != whose), (actor, number)

        for kind, said in (("leave", "同意 {}"), ("grant", "拒绝 授权 {}"), ("correction", "不更正 {} 不对")):
            for number, _, let in there.records[kind]:
                for actor in let:
                    assert "无权" not in await answer(office, actor, said.format(number)), "who may is let through"
        assert "无权" not in await answer(office, "wang", "拒绝 命令 1")
        assert (await asking).code == 1
        for actor in EVERYBODY:
            told = await answer(office, actor, "今天谁不在")
            away = {who for who in APPROVER if "absence.view" in APPROVED.may(actor, who)}
            assert {who for who in APPROVER if NAMES[who] in told} == away, actor
