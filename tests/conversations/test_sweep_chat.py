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
from hr_core.permission.confirmation import CommandRow
from hr_core.permission.store import RoleGrantRow
from hr_core.privacy.store import CorrectionRow
from sandbox.company import tiny
from sandbox.world import Card
from tests.approved import Approved
from tests.conversations.office import Office, opened
from tests.conversations.test_access import dinghr

COMPANY = tiny()
APPROVED = Approved(COMPANY, {"li": "hr", "zhao": "payroll", "admin": "operator", "niuben": "auditor"})
EVERYBODY = APPROVED.everybody
NAMES = {user.userid: user.name for user in COMPANY.users}
NONE = 9999


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
}
NAMED = {
    "access.ask_why": "of people by name: everybody of everybody, below",
    "audit.ask_of": "an auditor's: test_audit_in_chat",
    "audit.ask_newest": "an auditor's: test_audit_in_chat",
    "privacy.erase_by_words": "one of HR's, whoever was asked: test_erasure",
}
ELSEWHERE = {("privacy.erasure", step) for step in ("erase", "sure", "decline")}
"""Taps that `test_erasure` tries."""
NARROWED = {
    "leave.who_is_away": "everybody's list, below",
    "leave.list_to_decide": "everybody's list, below",
    "leave.decide_without_number": "the same list",
}
NOBODYS_BUT_ONES_OWN = {
    "leave.ask_for_leave",
    "leave.submit_dialogue",
    "leave.cancel_dialogue",
    "leave.show_balance",
    "leave.list_mine",
    "leave.withdraw",
    "audit.ask_own",
    "privacy.show_notice",
    "privacy.export_own",
    "privacy.show_consents",
    "privacy.give_consent",
    "privacy.withdraw_consent",
    "privacy.ask_correction",
    "groups.bind_hr_group",
    "help.show_help",
    "help.answer_thanks",
}
"""They take nobody's name and no number: there is no saying them about somebody else."""


def test_every_phrase_and_every_button_is_swept() -> None:
    routes = all_routes()
    said = {phrase.name.removeprefix("handlers.") for phrase in routes.phrases}
    assert said == WORDS.keys() | NAMED.keys() | NARROWED.keys() | NOBODYS_BUT_ONES_OWN
    assert routes.clicks.keys() == TAPS.keys() | ELSEWHERE


# --- a company with something of each kind open -----------------------------------------------------------------------

APPROVER = {"lin": "wang", "chen": "qinfeng", "zhao": "li", "gao": "li"}


@dataclass
class Open:
    """What is open: by kind, the records as number, whom they are about, and who may act on them; and their cards."""

    office: Office
    records: dict[str, list[tuple[int, str, set[str]]]]
    cards: dict[str, list[tuple[Card, set[str]]]]


async def everything_open(office: Office) -> Open:
    records: dict[str, list[tuple[int, str, set[str]]]] = {"leave": [], "own leave": []}
    cards: dict[str, list[tuple[Card, set[str]]]] = {"leave": [], "form": []}
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
    await office.quiet()
    return Open(office, records, cards)


async def state(office: Office) -> list[Any]:
    """How everything stands."""
    async with office.robot.database.read() as session:
        return [
            list(await session.exec(select(table.id, table.status).order_by(col(table.id))))
            for table in (LeaveRequestRow, RoleGrantRow, CommandRow, CorrectionRow)
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
    return not any(name in told for userid, name in NAMES.items() if userid != actor)


@pytest.mark.timeout(180)
async def test_everybody_on_everything_in_the_chat(tmp_path: Path) -> None:
    async with opened(tmp_path) as office:
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
                    form = {"type": "sick", "start": "2026-11-24", "end": "2026-11-24"} if kind == "form" else None
                    told = await getattr(office, actor).forges(card, action, ref=card.data.get("ref", ""), form=form)
                    assert "无权" in told, (view, action, actor)
                    assert gives_nobody_away(told, actor)
        assert await state(office) == before, "nobody has changed anything"

        for actor in EVERYBODY:
            for on in EVERYBODY:
                told = await answer(office, actor, f"为什么王磊能看{NAMES[on]}的请假")
                assert ("无权" not in told) == ("access.explain" in APPROVED.may(actor, on)), (actor, on)
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
