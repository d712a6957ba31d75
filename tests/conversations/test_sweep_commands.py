"""Every command of the command line: what it leaves on record, that it shows nobody's words, and whom `--as` reaches.

A command that isn't listed here fails the first test: say what it leaves, or why nothing.
"""

import asyncio
import inspect
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from cyclopts import App
from sqlmodel import col, func, select

import bot.cli.key
import bot.cli.office
from bot.cli.main import app
from bot.cli.office import os_user
from hr_core.audit.store import AuditRow
from hr_core.permission.confirmation import CommandRow
from sandbox.company import tiny
from tests.approved import Approved
from tests.conversations.office import Office, opened
from tests.conversations.test_access import dinghr, settings_of
from tests.shell import Done

APPROVED = Approved(tiny(), {"li": "hr", "zhao": "payroll", "admin": "operator", "niuben": "auditor"})
EVERYBODY = APPROVED.everybody
REASON, WRONG = "甲状腺复查标记甲", "户口地址标记丁戊"

READ_AS = {"leave list": "leave.view", "personnel show": "identity.view"}
"""Commands that read of a person as somebody, and the action that takes."""
NAMED = {"role grant": "role.grant", "role revoke": "role.revoke"}
"""Commands that any shell may give and `--as` only signs: test_access."""
ASKED = {
    "privacy erase": "whom --as names is asked, twice: test_privacy",
    **dict.fromkeys(("payslip import", "payslip release", "payslip cancel"), "whom --as names is asked: test_payroll"),
}
READ_ELSEWHERE = {"personnel show": "what a yes opens: test_personnel_cli"}
ON_RECORD = {
    "leave balance lin --json": "leave.view",
    "leave list lin": "leave.view",
    "role grant wang hrbp --department 200": "role.grant",
    "role revoke wang hrbp --department 200": "role.revoke",
    "personnel missing": "personnel.progress",
    "access explain wang leave.view lin": "access.explain",
    "access review --days 1": "access.review",
    "audit list": "audit.read",
    "audit head": "audit.head",
    "audit export {folder}/export.jsonl": "audit.export",
    "key rotate": "key.rotate",
    "key reseal": "key.reseal",
    "key retire --now": "key.retire",
    "key rewrap": "key.rewrap",
    "key forget": "key.forget",
    "sync": "contacts.sync",
    "inbox replay --all": "inbox.replay",
    "inbox drop --all": "inbox.drop",
    "outbox replay --all --yes": "outbox.replay",
    "outbox drop --all": "outbox.drop",
    "tasks replay 1": "task.replay",
    "tasks drop 1": "task.drop",
}
"""Commands and the act that each is recorded as, where it does anything."""
NOTHING_OF_ANYBODY = {
    "role list": "who holds which role",
    "access matrix": "the table",
    "audit verify": "whether the log is whole",
    "audit check {folder}/export.jsonl --heads {home}/audit-heads.jsonl": "a file that was handed out",
    "rules run {folder}/none.json": "the calculators, without a database",
    "budget": "counts of calls",
    "payslip list": "months' sheets: counts, and who has prepared and released them",
    "inbox list": "whose, when, which kind; never what is in it",
    "inbox show 1": "the same",
    "outbox list": "the same",
    "outbox show 1": "the same",
    "tasks list": "the robot's work by name",
    "tasks show 1": "the same",
    "db upgrade": "the schema",
    "key create {folder}/other.key": "a new key",
    "key add": "a new key in the file; using it is on record",
    "key list": "keys by number",
    "doctor": "whether everything is set up",
    "routes": "what the robot answers",
}
NOTHING_THERE = {"tasks replay 1", "tasks drop 1", "inbox show 1", "outbox show 1", "rules run {folder}/none.json"}
"""Those that find nothing to do here; what they leave where they do is in test_put_aside and tests/bot."""
NOT_HERE = {
    "run": "the robot itself",
    "demo": "a company that was made up",
    "sandbox": "DingTalk for a laptop",
    "db copy": "sealed values stay sealed, and it is on record: tests/bot/test_moving.py",
}


def commands(of: App, path: tuple[str, ...] = ()) -> Iterator[tuple[str, App]]:
    """Every command with its words."""
    for name in of:
        if name.startswith("-"):
            continue
        if of[name].default_command is not None:
            yield " ".join((*path, name)), of[name]
        yield from commands(of[name], (*path, name))


def words(typed: str) -> str:
    """The command without its arguments."""
    known = {name for name, _ in commands(app)}
    split = typed.split()
    return next(" ".join(split[:n]) for n in (2, 1) if " ".join(split[:n]) in known)


def test_every_command_is_swept() -> None:
    known = dict(commands(app))
    assert {
        words(one) for one in (*ON_RECORD, *NOTHING_OF_ANYBODY)
    } | NOT_HERE.keys() | READ_AS.keys() | ASKED.keys() == (known.keys())
    by_as = {name for name, one in known.items() if "as_" in inspect.signature(one.default_command or len).parameters}
    assert by_as == READ_AS.keys() | NAMED.keys() | ASKED.keys()


@pytest.fixture
async def swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    """A company with something to hide, and commands that don't wait longer than they have to."""
    monkeypatch.setattr(bot.cli.office, "ASK_AGAIN", 0.02)
    monkeypatch.setattr(bot.cli.key, "ANNOUNCED_SECONDS", 0.1)
    async with opened(tmp_path / "home", "text") as office:
        await office.lin.asks(f"明天请一天病假，{REASON}")
        await office.lin.asks("提交")
        await office.lin.asks(f"更正我的信息：{WRONG}")
        for who, role in (("zhao", "payroll"), ("admin", "operator"), ("niuben", "auditor")):
            assert (await dinghr(office, "role", "grant", who, role)).code == 0
        await office.quiet()
        yield office


async def acts(office: Office, after: int = 0) -> list[AuditRow]:
    """What was put on record since."""
    async with office.robot.database.read() as session:
        rows = select(AuditRow).where(col(AuditRow.id) > after, col(AuditRow.source).startswith("command"))
        return list(await session.exec(rows.order_by(col(AuditRow.id))))


async def last(office: Office, table: type[AuditRow] | type[CommandRow] = AuditRow) -> int:
    """The newest number."""
    async with office.robot.database.read() as session:
        return (await session.exec(select(func.max(table.id)))).one() or 0


async def test_a_command_shows_nobodys_words_and_leaves_its_act_with_who_typed_it(
    swept: Office, tmp_path: Path
) -> None:
    for typed, action in (ON_RECORD | dict.fromkeys(NOTHING_OF_ANYBODY, "")).items():
        before = await last(swept)
        home = settings_of(swept)["DINGHR_HOME"]
        done = await dinghr(swept, *typed.format(folder=tmp_path, home=home).split())
        for secret in (REASON, WRONG):
            assert secret not in done.out + done.err, typed
        assert "Traceback" not in done.err
        recorded = await acts(swept, before)
        assert all(row.actor == "operator" and os_user() in (row.source or "") for row in recorded), typed
        did = {row.action for row in recorded}
        assert (done.code == 0) == (typed not in NOTHING_THERE), (typed, done)
        nothing = done.code != 0 or any(no in done.out for no in ("nothing was put aside", "already", "one master key"))
        assert did == (set() if nothing or not action else {action}), (typed, done)


async def test_reading_as_somebody_reaches_whom_the_table_says(swept: Office) -> None:
    for name, action in READ_AS.items():
        for actor in EVERYBODY:
            nobody = await _as(swept, name, actor, "nobody")
            assert (nobody.code, nobody.out) == (1, "")
            for on in EVERYBODY:
                if action in APPROVED.may(actor, on):
                    continue
                before = await last(swept)
                done = await _as(swept, name, actor, on)
                assert (done.code, done.out, done.said) == (1, "", nobody.said), (actor, on)
                rows = await acts(swept, before)
                assert [(row.actor, row.action, row.on, row.outcome) for row in rows] == [
                    (actor, action, on, "refused")
                ]
            await swept.quiet()
        asked = await last(swept, CommandRow)
        assert asked == 0 or name in READ_ELSEWHERE, "nobody was asked who may not"
        if name in READ_ELSEWHERE:
            continue
        for actor in EVERYBODY:
            for on in EVERYBODY:
                if action in APPROVED.may(actor, on):
                    await _with_a_yes(swept, name, action, actor, on)


async def _as(office: Office, name: str, actor: str, on: str) -> Done:
    return await dinghr(office, *name.split(), on, "--as", actor)


async def _with_a_yes(office: Office, name: str, action: str, actor: str, on: str) -> None:
    number = await last(office, CommandRow) + 1
    before = await last(office)
    command = asyncio.create_task(_as(office, name, actor, on))
    async with asyncio.timeout(20):
        while await last(office, CommandRow) < number:  # noqa: ASYNC110 - a row in a database
            await asyncio.sleep(0.01)
    await getattr(office, actor).says(f"同意 命令 {number}")
    done = await command
    assert done.code == 0, (actor, on, done.err)
    rows = [(row.actor, row.action, row.on) for row in await acts(office, before)]
    assert rows == [(actor, action, on)], "in the name of who said yes"
