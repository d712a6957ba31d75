"""The month's sheet sent in the chat: read behind the answer, asked about, given back marked, kept after a yes."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlmodel import select

from hr_core import failpoints
from hr_core.payslip.drafts import KEEP_TASK, KEEPING, KEEPING_FOR, READ_TASK, PayslipDraftRow, forget_drafts
from hr_core.payslip.store import PayslipRow
from hr_core.people.store import EmployeeRow
from sandbox.world import StoredFile
from sandbox.world.faults import Fault
from tests.conversations.office import Office, Phone
from tests.conversations.test_payroll import HEADING, NET, is_released, slips

WRONG = {**NET, "lin": ("18765.43", "387.00", "343.08", "18809.36")}


async def content(
    office: Office,
    figures: Mapping[str, Sequence[str]] | None = None,
    heading: str = HEADING,
    title: str = "2026年11月",
) -> bytes:
    """The accountant's file."""
    async with office.robot.database.read() as session:
        people = {row.key: row for row in await session.exec(select(EmployeeRow))}
    lines = [f"{title}工资表", heading]
    for userid, amounts in (figures or NET).items():
        lines.append(",".join([people[userid].employee_number or "", people[userid].name, *amounts]))
    return "\n".join(lines).encode("gb18030")


async def sends(phone: Phone, file: bytes, name: str = "工资.csv") -> None:
    """Send a file to the robot."""
    phone.seen = len(phone.messages())
    await phone.world.send_file(phone.userid, phone.chat, "file", StoredFile(name, "text/csv", file))


async def hears(phone: Phone, what: str) -> str:
    """Read on until something is said, past files."""

    def find() -> int | None:
        said = phone.messages()
        return next((at for at in range(phone.seen, len(said)) if what in said[at].content.get("text", "")), None)

    at: int = await phone.office.until(find, f"{phone.userid} hears {what!r}")
    phone.seen = at + 1
    return str(phone.messages()[at].content["text"])


async def asks(phone: Phone, text: str, what: str) -> str:
    """Say something, and read on until that is said."""
    await phone.says(text)
    return await hears(phone, what)


async def marked(office: Office, userid: str) -> bytes:
    """Wait for the workbook that comes back."""
    phone = getattr(office, userid)

    def find() -> bytes | None:
        for message in phone.messages():
            if message.kind == "file":
                return bytes(office.sandbox.world.files.stored[message.content["media_id"]].content)
        return None

    found: bytes = await office.until(find, f"{userid} gets the workbook")
    return found


def kept_bytes(home: Path) -> bytes:
    """Everything on the disk."""
    return b"".join(file.read_bytes() for file in home.rglob("*") if file.is_file())


@pytest.fixture
async def payroll(text_office: Office) -> Office:
    await text_office.makes_payroll("zhao")
    return text_office


async def test_in_words_from_a_wrong_sheet_to_everybodys_payslip(payroll: Office) -> None:
    office = payroll
    assert "直接发在这里" in await office.zhao.asks("编制工资表")
    await sends(office.zhao, await content(office, WRONG))
    assert "逐行核对" in await office.zhao.reads()
    told = await hears(office.zhao, "一条都没有保存")
    assert "第 3 行的实发不等于应发减扣款" in told
    assert "18809" not in told
    assert "确认工资表" not in told
    page = load_workbook(io.BytesIO(await marked(office, "zhao"))).worksheets[0]
    assert page["F3"].comment is not None
    assert "实发" in page["F3"].comment.text
    await asks(office.zhao, "确认工资表 1", "未保存")
    assert await slips(office) == {}

    await sends(office.zhao, await content(office))
    told = await hears(office.zhao, "「确认工资表 2」")
    assert "还没有保存" in told
    assert await slips(office) == {}, "nothing is kept before the yes"
    assert "无权" in await office.lin.asks("确认工资表 2")
    await asks(office.zhao, "确认工资表 1", "已作废")
    await office.zhao.says("确认工资表 2")
    await hears(office.zhao, "已保存为工资表 1")
    assert "「发布 工资 1」" in await office.gao.reads()
    await asks(office.zhao, "确认工资表 2", "已保存")
    assert await slips(office) == {"lin": [(1, False, False)], "chen": [(1, False, False)]}
    await office.gao.asks("发布 工资 1")
    await is_released(office)
    assert "已发" in await office.lin.reads()
    async with office.robot.database.read() as session:
        row = await session.get(PayslipDraftRow, await office.employee("zhao"))
        assert row is not None
        assert row.file_sealed is None
        assert row.marked_sealed is None


async def test_on_cards(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.sheets.AT_ONCE", 1)  # One person a transaction.
    await office.makes_payroll("zhao")
    await sends(office.zhao, await content(office))
    card = await office.zhao.receives("notice", about="上传的工资表")
    assert office.zhao.sees(card)["status"] == "待确认"
    assert "无权" in await office.chen.forges(card, "confirm", ref=card.data["ref"])
    monkeypatch.setattr(failpoints, "_armed", failpoints._read("task.chunk_done:raise:2"))
    await office.zhao.clicks(card, "确认")
    release = await office.gao.receives("notice", about="工资表（编号")
    assert failpoints._armed is None or failpoints._armed.count <= 0, "it was taken up again after one person"
    assert await slips(office) == {"lin": [(1, False, False)], "chen": [(1, False, False)]}
    await office.zhao.sees_status(card, "已保存")
    await office.gao.clicks(release, "发布")
    await is_released(office)
    await office.lin.receives("notice", about="工资条已发放")


async def test_a_column_nobody_knows_is_asked_once_and_remembered(office: Office) -> None:
    await office.makes_payroll("zhao")
    heading = "工号,姓名,基本工资,神秘项目,个税,实发工资"
    await sends(office.zhao, await content(office, heading=heading))
    card = await office.zhao.receives("notice", about="神秘项目")
    assert "无权" in await office.chen.forges(card, "earning", ref=card.data["ref"])
    await office.zhao.clicks(card, "收入")
    await office.zhao.sees_status(card, "已说明")
    ready = await office.zhao.receives("notice", about="上传的工资表")
    await office.zhao.clicks(ready, "确认")
    await office.gao.receives("notice", about="工资表（编号")
    await sends(office.zhao, await content(office, heading=heading, title="2026年12月"))
    again = await office.zhao.receives("notice", about="上传的工资表")
    assert office.zhao.sees(again)["status"] == "待确认"


async def test_column_and_month_in_words_and_taken_back(payroll: Office) -> None:
    office = payroll
    heading = "工号,姓名,基本工资,神秘项目,个税,实发工资"
    await sends(office.zhao, await content(office, heading=heading, title=""))
    assert "「列 4 收入」" in await hears(office.zhao, "神秘项目")
    assert "逐行核对" in await office.zhao.asks("列 4 收入")
    assert "哪个月" in await office.zhao.reads()
    await office.zhao.says("2026年11月")
    await hears(office.zhao, "待确认")
    await asks(office.zhao, "取消工资表 1", "已作废")
    await asks(office.zhao, "确认工资表 1", "已作废")
    assert await slips(office) == {}


async def test_a_month_that_is_released_takes_a_reason(payroll: Office) -> None:
    office = payroll
    await sends(office.zhao, await content(office))
    await hears(office.zhao, "「确认工资表 1」")
    await office.zhao.says("确认工资表 1")
    await office.gao.reads()
    await office.gao.asks("发布 工资 1")
    await is_released(office)
    await sends(office.zhao, await content(office))
    await hears(office.zhao, "完全一样")
    await sends(office.zhao, await content(office, {**NET, "lin": ("18765.43", "411.00", "343.08", "18833.35")}))
    await hears(office.zhao, "更正原因")
    await office.zhao.says("餐补少算两天")
    await hears(office.zhao, "「确认工资表 3」")
    await office.zhao.says("确认工资表 3")
    assert "餐补少算两天" in await hears(office.gao, "更正原因")


async def test_others_files_and_unreadable_ones(payroll: Office) -> None:
    office = payroll
    await sends(office.chen, await content(office))
    assert "工资表" not in await office.chen.reads()
    await sends(office.zhao, b"\xd0\xcf\x11\xe0", "工资.xls")
    assert "另存为 .xlsx" in await office.zhao.reads()
    await sends(office.zhao, b"PK not a workbook", "工资.xlsx")
    await hears(office.zhao, "未保存")
    async with office.robot.database.read() as session:
        assert [row.employee_id for row in await session.exec(select(PayslipDraftRow))] == [
            await office.employee("zhao")
        ]


async def test_an_upload_is_nowhere_in_the_clear_and_gone_after_a_day(payroll: Office) -> None:
    office = payroll
    await sends(office.zhao, await content(office, WRONG))
    await marked(office, "zhao")
    await office.quiet()
    on_disk = kept_bytes(office.robot.settings.dinghr_home.expanduser())
    for secret in ("18765.43", "18809.36", "9000.17", "工资.csv"):
        assert secret.encode() not in on_disk
        assert secret.encode("gb18030") not in on_disk
    async with office.robot.database.transaction() as session:
        assert list(await session.exec(select(PayslipRow))) == []
        now = office.robot.workplace.clock.now()
        assert await forget_drafts(session, now + timedelta(hours=23)) == 0
        assert await forget_drafts(session, now + timedelta(hours=25)) == 1
    await asks(office.zhao, "确认工资表 1", "已作废")
    async with office.robot.database.read() as session:
        (row,) = await session.exec(select(PayslipDraftRow))
        assert (row.number, row.state_sealed, row.file_sealed, row.marked_sealed) == (1, None, None, None)


def gives_up_at_once(office: Office, name: str) -> None:
    """Let a task be given up at its first failure."""
    queue = office.robot.workplace.queue
    assert queue is not None
    queue.register(replace(queue.tasks[name], attempts=1))


async def test_who_has_sent_a_sheet_that_cant_be_fetched_is_told(payroll: Office) -> None:
    office = payroll
    gives_up_at_once(office, READ_TASK)
    fault = Fault("robot.download", "unavailable", times=100)
    office.sandbox.world.faults.waiting.append(fault)
    await sends(office.zhao, await content(office))
    assert "请再发一次" in await hears(office.zhao, "没能取到或核对完")
    office.sandbox.world.faults.waiting.remove(fault)
    await sends(office.zhao, await content(office))
    await hears(office.zhao, "「确认工资表 2」")


async def test_a_sheet_that_could_not_be_kept_is_confirmed_again(
    payroll: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = payroll
    gives_up_at_once(office, KEEP_TASK)
    monkeypatch.setattr("bot.sheets.AT_ONCE", 1)
    await sends(office.zhao, await content(office))
    await hears(office.zhao, "「确认工资表 1」")
    monkeypatch.setattr(failpoints, "_armed", failpoints._read("task.chunk_done:raise:2"))
    await office.zhao.says("确认工资表 1")
    assert "「确认工资表 1」" in await hears(office.zhao, "没能保存，一条都没有留下")
    assert await slips(office) == {}
    await office.zhao.says("确认工资表 1")
    await hears(office.zhao, "已保存为工资表")
    assert await slips(office) == {"lin": [(1, False, False)], "chen": [(1, False, False)]}


async def test_an_upload_whose_task_was_dropped_stands_in_the_way_for_an_hour_only(payroll: Office) -> None:
    office = payroll
    zhao, clock = await office.employee("zhao"), office.robot.workplace.clock
    await sends(office.zhao, await content(office))
    await hears(office.zhao, "「确认工资表 1」")
    for since, heard in ((KEEPING_FOR / 2, "正在保存"), (KEEPING_FOR, "逐行核对")):
        async with office.robot.database.transaction() as session:
            row = await session.get(PayslipDraftRow, zhao)
            assert row is not None
            row.status, row.at = KEEPING, clock.now() - since
            session.add(row)
        await sends(office.zhao, await content(office))
        await hears(office.zhao, heard)
    await hears(office.zhao, "「确认工资表 2」")
