"""Access over the wire: grants made on the command line while the robot runs, confirmations, and why."""

import asyncio
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import structlog
from sqlmodel import col, select

import bot.table
from bot.cli.office import os_user
from handlers.routes import all_routes
from hr_core.audit.store import AuditRow
from hr_core.permission.alarm import MANY
from hr_core.permission.matrix import Action
from sandbox.company import TEAM_GROUP
from tests.conversations.office import Office
from tests.conversations.test_people import eventually
from tests.shell import Done, typed

SHOWN_LOGIN = os_user().replace("@", "\N{FULLWIDTH COMMERCIAL AT}")
"""A mention is none in a text."""


async def dinghr(office: Office, *words: str) -> Done:
    """A `dinghr` command on the store of the robot that runs."""
    return await typed(settings_of(office), *words)


def settings_of(office: Office) -> dict[str, str]:
    """What a shell on the robot's machine has in its environment."""
    settings = office.robot.settings
    return {
        "DINGTALK_CLIENT_ID": settings.dingtalk_client_id,
        "DINGTALK_CLIENT_SECRET": settings.dingtalk_client_secret.get_secret_value(),
        "DINGTALK_OPENAPI_ENDPOINT": settings.dingtalk_openapi_endpoint,
        "DINGHR_HOME": str(settings.dinghr_home),
        "DINGHR_CLOCK_URL": settings.dinghr_clock_url,
    }


@pytest.fixture(autouse=True)
def logs_elsewhere() -> Iterator[None]:
    """Keep the robot's log out of what a command prints."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(io.StringIO()))
    yield
    structlog.reset_defaults()


def held(done: Done) -> list[tuple[str, str]]:
    """The list of roles."""
    rows = json.loads(done.out)
    assert all(set(row) == {"userid", "role", "department"} for row in rows)
    return [(row["userid"], row["role"]) for row in rows]


async def test_a_second_holder_counts_once_somebody_has_agreed_on_the_card(office: Office) -> None:
    done = await dinghr(office, "role", "grant", "chen", "hr")
    assert done.code == 0
    assert "waits until one of li agrees" in done.out
    card = await office.li.receives("notice", about="授权确认")
    assert office.li.sees(card)["status"] == "待确认"
    assert "陈浩" in card.data["fields"]
    assert "待确认" in await office.chen.reads()
    assert held(await dinghr(office, "role", "list", "--json")) == [("li", "hr")]
    assert held(await dinghr(office, "role", "list", "--pending", "--json")) == [("chen", "hr")]

    assert "无权" in await office.chen.forges(card, "approve", ref=card.data["ref"])
    assert held(await dinghr(office, "role", "list", "--json")) == [("li", "hr")]
    assert (await office.li.clicks(card, "同意")).ok
    await office.li.sees_status(card, "已生效")
    assert not office.li.sees(card)["buttons"]
    assert "已生效" in await office.chen.reads()
    assert "绑定" in await office.chen.asks("帮助")
    assert held(await dinghr(office, "role", "list", "--json")) == [("li", "hr"), ("chen", "hr")]


async def test_a_second_holder_counts_once_somebody_has_agreed_in_words(text_office: Office) -> None:
    office = text_office
    await dinghr(office, "role", "grant", "chen", "hr")
    assert "「同意 授权 2」" in await office.li.reads()
    told = await office.wang.asks("同意 授权 2")
    assert "无权" in told
    assert "陈浩" not in told
    assert await office.wang.asks("同意 授权 999") == told
    assert "已生效" in await office.li.asks("同意授权 2")
    await office.quiet()
    assert "绑定" in await office.chen.asks("帮助")


async def test_the_command_of_a_shell_tells_the_same(text_office: Office) -> None:
    command = [sys.executable, "-c", "from bot.cli import main; main()", "role", "grant", "chen", "hr"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DINGTALK_", "DINGHR_"))}
    process = await asyncio.create_subprocess_exec(
        *command, env=environment | settings_of(text_office), stdout=subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    assert "waits until one of li agrees" in out.decode()
    assert "陈浩" in await text_office.li.reads()


async def test_a_no_keeps_a_grant_from_counting(text_office: Office) -> None:
    office = text_office
    await dinghr(office, "role", "grant", "chen", "hr")
    await office.li.reads()
    assert "已拒绝" in await office.li.asks("拒绝 授权 2")
    assert "已拒绝" in await office.li.asks("同意 授权 2"), "a second word changes nothing"
    await office.quiet()
    assert "绑定" not in await office.chen.asks("帮助")


async def test_hr_and_the_roles_holders_hear_of_every_grant_and_revocation(text_office: Office) -> None:
    office = text_office
    assert "zhao has the role payroll now" in (await dinghr(office, "role", "grant", "zhao", "payroll")).out
    for phone in (office.li, office.zhao):
        told = await phone.reads()
        assert "赵敏" in told
        assert "薪酬" in told
        assert "服务器上的命令" in told
    await dinghr(office, "role", "revoke", "zhao", "payroll")
    for phone in (office.li, office.zhao):
        assert "已收回" in await phone.reads()


async def test_the_one_who_grants_is_named_once_they_have_said_so_and_cant_confirm_it(text_office: Office) -> None:
    office = text_office
    await dinghr(office, "role", "grant", "wang", "hr")
    await office.li.reads()
    await office.li.asks("同意 授权 2")
    await office.quiet()
    process = asyncio.create_task(dinghr(office, "role", "grant", "chen", "hr", "--as", "wang"))
    asked = await until_heard(office, "wang", "以您的名义改动角色")
    for part in ("授予 HR", "陈浩", SHOWN_LOGIN, "「同意 命令 1」"):
        assert part in asked
    assert held(await dinghr(office, "role", "list", "--pending", "--json")) == [], "nothing before the yes"
    await office.wang.says("同意 命令 1")
    assert "waits until one of li agrees" in (await process).out
    told = await until_heard(office, "li", "「同意 授权 3」")
    assert "王磊" in told
    assert SHOWN_LOGIN in told
    await office.wang.says("同意 授权 3")
    assert await until_heard(office, "wang", "无权"), "who asked for it isn't the second person"
    await office.li.asks("同意 授权 3")
    rows = await audit_rows(office, "role.grant")
    assert [(row.actor, row.on) for row in rows] == [("operator", "wang"), ("wang", "chen")]
    assert all(os_user() in (row.source or "") for row in rows), "who typed it is on record in any case"

    process = asyncio.create_task(dinghr(office, "role", "revoke", "chen", "hr", "--as", "wang"))
    await until_heard(office, "wang", "收回 HR")
    await office.wang.says("拒绝 命令 2")
    done = await process
    assert (done.code, "has not agreed" in done.err) == (1, True)
    assert ("chen", "hr") in held(await dinghr(office, "role", "list", "--json"))
    assert await audit_rows(office, "role.revoke") == []


async def until_heard(office: Office, userid: str, words: str) -> str:
    """Wait until somebody has heard some words, and give the message."""

    def find() -> str | None:
        texts = [str(message.content.get("text", "")) for message in getattr(office, userid).messages()]
        return next((text for text in reversed(texts) if words in text), None)

    return str(await office.until(find, f"{userid} hears {words}"))


async def audit_rows(office: Office, action: str) -> list[AuditRow]:
    """What the audit log has on an action."""
    async with office.robot.database.read() as session:
        return list(await session.exec(select(AuditRow).where(AuditRow.action == action).order_by(col(AuditRow.id))))


async def test_a_number_alone_is_a_request_and_no_grant(text_office: Office) -> None:
    office = text_office
    await dinghr(office, "role", "grant", "chen", "hr")
    await office.li.reads()
    assert "无权审批" in await office.li.asks("同意 2")
    assert held(await dinghr(office, "role", "list", "--json")) == [("li", "hr")]


async def test_a_forbidden_pair_and_an_unknown_role_are_named(office: Office) -> None:
    await dinghr(office, "role", "grant", "admin", "operator")
    done = await dinghr(office, "role", "grant", "admin", "hr")
    assert done.code == 1
    assert "dinghr role revoke admin operator" in done.err
    done = await dinghr(office, "role", "grant", "admin", "boss")
    assert done.code == 2
    assert "choose one of" in done.err


async def test_a_read_in_somebodys_name_waits_for_their_yes(text_office: Office) -> None:
    office = text_office
    await office.lin.asks("明天请病假")
    await office.lin.asks("提交")
    await office.wang.reads()
    process = asyncio.create_task(dinghr(office, "leave", "list", "lin", "--as", "wang", "--json"))
    asked = await office.wang.reads()
    assert "林晓" in asked
    assert "查看请假" in asked
    assert "「同意 命令 1」" in asked
    assert "无权" in await office.chen.asks("同意 命令 1")
    await office.wang.asks("同意 命令 1")
    done = await process
    assert [row["type"] for row in json.loads(done.out)] == ["sick"]
    assert "leave.view" in await office.audited("wang", "allowed")
    assert (await dinghr(office, "leave", "list", "lin", "--json")).code == 0


async def test_a_no_on_the_card_reads_nothing(office: Office) -> None:
    process = asyncio.create_task(dinghr(office, "leave", "list", "lin", "--as", "wang", "--json"))
    card = await office.wang.receives("notice", about="您的身份")
    await office.wang.clicks(card, "拒绝")
    await office.wang.sees_status(card, "已拒绝")
    done = await process
    assert (done.code, done.out) == (1, "")
    assert "has not agreed" in done.err


async def test_a_silence_reads_nothing(office: Office) -> None:
    done = await dinghr(office, "leave", "list", "lin", "--as", "wang", "--wait", "1")
    assert (done.code, done.out) == (1, "")


async def test_who_may_not_read_isnt_asked_and_the_try_is_on_record(office: Office) -> None:
    done = await dinghr(office, "leave", "list", "lin", "--as", "chen")
    assert done.code == 1
    assert await office.audited("chen") == ["leave.view"]
    await office.quiet()
    assert office.chen.messages() == []


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        ("为什么王磊能看林晓的请假", ("王磊", "可以", "主管", "林晓 → 王磊")),
        ("为什么李静可以审批陈浩的请假？", ("李静", "可以", "HR", "授权 1", "没有期限", "当前这一步")),
        ("为什么陈浩不能看林晓的请假呢", ("不能", "主管", "HR")),
        ("为什么我能看到林晓的身份证号", ("李静", "可以", "证件")),
        ("为什么王磊看不到林晓的工资条", ("不能", "本人")),
        ("为什么这个人能看到那个人的考勤？", ("没有找到叫", "那个人")),
        ("為什麼王磊能看林曉的請假", ("没有找到叫", "林曉")),
    ],
)
async def test_hr_asks_why(text_office: Office, said: str, parts: Sequence[str]) -> None:
    told = await text_office.li.asks(said)
    for part in parts:
        assert part in told


async def test_everybody_asks_who_sees_theirs_and_nobody_elses(text_office: Office) -> None:
    office = text_office
    assert "可以" in await office.lin.asks("为什么王磊能看我的请假")
    told = await office.chen.asks("为什么王磊能看林晓的请假")
    assert "无权" in told
    assert await office.chen.asks("为什么王磊能看张三的请假") == told, "who isn't there is refused alike"
    assert await office.audited("chen") == ["access.explain", "access.explain"]


async def test_the_operators_hear_of_somebody_who_is_refused_again_and_again(text_office: Office) -> None:
    office = text_office
    await dinghr(office, "role", "grant", "admin", "operator")
    await office.admin.reads()
    for number in range(2 * MANY):
        await office.chen.asks(f"同意 {number + 100}")
    told = await office.admin.reads()
    assert "陈浩" in told
    assert "林晓" not in told
    await office.quiet()
    assert sum("连续" in str(m.content) or "被拒绝" in str(m.content) for m in office.admin.messages()) == 1


REFUSED = {
    Action.LEAVE_DECIDE: ("chen", "同意 9999"),
    Action.LEAVE_WITHDRAW: ("chen", "撤回 9999"),
    Action.ABSENCE_VIEW: ("chen", "今天谁不在"),
    Action.ACCESS_EXPLAIN: ("chen", "为什么王磊能看林晓的请假"),
    Action.ROLE_CONFIRM: ("chen", "同意 授权 9999"),
    Action.COMMAND_CONFIRM: ("chen", "拒绝 命令 9999"),
    Action.EMPLOYEE_VIEW: ("chen", "林晓的资料"),
    Action.EMPLOYEE_EXPORT: ("chen", "导出员工资料"),
    Action.IDENTITY_VIEW: ("chen", "林晓的身份证号，用于好奇"),
    Action.PERSONNEL_PROGRESS: ("chen", "资料进度"),
    Action.DATA_CORRECT_DECIDE: ("chen", "已更正 9999"),
    Action.DATA_ERASE: ("chen", "同意 清除 9999"),
    Action.PAYSLIP_VIEW: ("chen", "林晓的工资条"),
    Action.PAYSLIP_PROGRESS: ("chen", "工资条进度"),
    Action.PAYROLL_PREPARE: ("chen", "编制工资表"),
    Action.PAYROLL_RELEASE: ("chen", "发布 工资 9999"),
    Action.PAYROLL_SHEET_READ: ("chen", "答复异议 9999 好"),
    Action.ONBOARDING_HIRE: ("chen", "取消入职 9999"),
    Action.ONBOARDING_DECIDE: ("chen", "同意 入职 9999"),
    Action.ONBOARDING_VIEW: ("chen", "入职进度"),
    Action.ONBOARDING_TASK: ("chen", "完成任务 9999"),
    Action.AUDIT_READ: ("chen", "谁看过林晓的工资"),
}
ELSEWHERE = {
    Action.LEAVE_APPLY: "everybody may ask for their own, and there is no other's to ask for",
    Action.LEAVE_VIEW: "a card shows it: test_leave_by_card",
    Action.CARD_USE: "a forged card: test_leave_by_card",
    Action.GROUP_BIND: "in a group: below",
    Action.ROLE_GRANT: "on the command line only",
    Action.PERSONNEL_FILL: "everybody fills in their own, and there is no other's to ask for",
    Action.DATA_EXPORT: "everybody gets a copy of their own, and nobody can name somebody else's",
    Action.DATA_CORRECT: "everybody asks for their own",
}
TO_COME: set[Action] = set()
"""No conversation asks for these yet; the one that does moves its action up."""


async def test_every_action_is_refused_in_the_chat_in_its_own_words_and_on_record(text_office: Office) -> None:
    office = text_office
    assert set(Action) == set(REFUSED) | set(ELSEWHERE) | TO_COME
    spoken = {phrase.needs for phrase in all_routes().phrases}
    assert not spoken & TO_COME
    for action, (who, said) in REFUSED.items():
        told = await getattr(office, who).asks(said)
        assert "无权" in told, action
        assert (await office.audited(who))[-1] == action.value
    await office.wang.says("@机器人 绑定本群 HR通知", TEAM_GROUP)
    assert "无权" in await office.wang.reads()


FRONT_DESK = (
    'version = 1\neffective_from = 2026-01-01\nsource = "x"\n[[role]]\nname = "front_desk"\ntitle = "前台"\n'
    '[[role.may]]\naction = "absence.view"\nreach = "department"\n'
)


async def test_an_own_role_counts_and_a_bad_file_is_named(office: Office) -> None:
    file = Path(office.robot.settings.dinghr_home) / "access.toml"
    file.write_text(FRONT_DESK, "utf-8")
    assert "front_desk" in (await dinghr(office, "access", "matrix")).out
    assert (await dinghr(office, "role", "grant", "chen", "front_desk", "--department", "200")).code == 0
    told = json.loads((await dinghr(office, "access", "explain", "chen", "absence.view", "lin", "--json")).out)
    assert told["allowed"]
    assert told["reasons"][0]["role"] == "front_desk"
    file.write_text("version = 1\n", "utf-8")
    done = await dinghr(office, "role", "list")
    assert done.code == 2
    assert "access.toml: effective_from" in done.err


async def test_another_table_counts_without_a_restart_and_is_on_record(
    text_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.table, "LOOK_SECONDS", 0.05)
    office, file = text_office, Path(text_office.robot.settings.dinghr_home) / "access.toml"
    table = office.robot.workplace.table
    assert "无权" in await office.chen.asks("今天谁不在")
    file.write_text(FRONT_DESK, "utf-8")
    await office.until(lambda: table.digest != "none" or None, "the robot has seen it")
    assert (await dinghr(office, "role", "grant", "chen", "front_desk", "--department", "200")).code == 0
    await office.quiet()
    assert "无权" not in await office.chen.asks("今天谁不在")
    good = table.digest
    file.write_text(FRONT_DESK.replace("absence.view", "payslip.view"), "utf-8")  # Nobody may see another's.
    await office.until(lambda: "its reach is self" in table.problem or None, "the robot has seen it")
    assert table.digest == good
    assert "无权" not in await office.chen.asks("今天谁不在"), "the table before it goes on deciding"
    file.unlink()
    await office.until(lambda: table.digest == "none" or None, "the robot has seen it")
    assert "无权" in await office.chen.asks("今天谁不在")

    async def recorded() -> list[str]:
        return [row.why or "" for row in await audit_rows(office, "access.table")]

    await eventually(recorded, [f"none -> {good}", f"{good} -> none"])
    elsewhere = settings_of(office) | {
        "DINGHR_HOME": str(file.parent / "elsewhere"),
        "DINGHR_DATABASE_URL": office.robot.settings.database_url,
        "DINGHR_KEY_FILE": str(office.robot.settings.key_file),
    }
    (file.parent / "elsewhere").mkdir()
    (file.parent / "elsewhere" / "access.toml").write_text(FRONT_DESK, "utf-8")
    assert (await typed(elsewhere, "role", "list")).code == 0

    assert await recorded() == [f"none -> {good}", f"{good} -> none", f"none -> {good}"]
    assert os_user() in ((await audit_rows(office, "access.table"))[-1].source or "")
