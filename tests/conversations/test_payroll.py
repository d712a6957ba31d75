"""Payday through the wire: payroll brings the sheet, somebody else releases it, everybody is told once."""

import asyncio
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import select

from bot.outbox.table import OutboxRow
from bot.tasks import TaskRow
from hr_core import failpoints
from hr_core.payslip.payroll import PARTS, RELEASE_TASK
from hr_core.payslip.store import PayslipBatchRow, PayslipRow
from hr_core.people.store import EmployeeRow
from tests.conversations.office import Office
from tests.conversations.test_access import dinghr
from tests.shell import Done

HEADING = "工号,姓名,基本工资,餐补,个税,实发工资"
NET = {"lin": ("18765.43", "387.00", "343.08", "18809.35"), "chen": ("9000.17", "0", "120.09", "8880.08")}


async def sheet(office: Office, file: Path, **figures: Sequence[str]) -> Path:
    """Write the accountant's file."""
    lines = ["2026年11月工资表", HEADING]
    async with office.robot.database.read() as session:
        people = {row.key: row for row in await session.exec(select(EmployeeRow))}
    for userid, amounts in (figures or NET).items():
        lines.append(",".join([people[userid].employee_number or "", people[userid].name, *amounts]))
    await asyncio.to_thread(file.write_text, "\n".join(lines), "gb18030")
    return file


async def imports(office: Office, file: Path, *more: str, says: str = "同意", who: str = "zhao") -> Done:
    """Type the command and answer it on the phone."""
    typed = asyncio.create_task(
        dinghr(office, "payslip", "import", str(file), "--as", who, "--yes", "--wait", "20", *more)
    )
    phone = getattr(office, who)
    told = await phone.reads()
    found = re.search(r"同意 命令 (\d+)", told)
    assert found is not None, told
    number = found[1]
    await phone.asks(f"{says} 命令 {number}")
    return await typed


@pytest.fixture
async def payroll(text_office: Office) -> Office:
    """Zhao is in payroll; Gao, the general manager, may release."""
    assert (await dinghr(text_office, "role", "grant", "zhao", "payroll")).code == 0
    await text_office.zhao.reads()
    return text_office


async def slips(office: Office) -> dict[str, list[tuple[int, bool, bool]]]:
    """What is kept: by person, version, whether it is released and superseded."""
    async with office.robot.database.read() as session:
        rows = (
            await session.exec(
                select(EmployeeRow.key, PayslipRow)
                .where(EmployeeRow.id == PayslipRow.employee_id)
                .order_by(PayslipRow.id)  # type: ignore[arg-type]
            )
        ).all()
    found: dict[str, list[tuple[int, bool, bool]]] = {}
    for key, row in rows:
        found.setdefault(key, []).append((row.version, row.released_at is not None, row.superseded_at is not None))
    return found


async def status(office: Office, number: int = 1) -> str:
    async with office.robot.database.read() as session:
        row = await session.get(PayslipBatchRow, number)
        return row.status if row else ""


async def is_released(office: Office, number: int = 1) -> None:
    for _ in range(400):
        if await status(office, number) == "released":
            return await office.quiet()
        await asyncio.sleep(0.02)
    raise AssertionError(await status(office, number))


async def test_a_sheet_is_kept_released_by_another_and_told_once(payroll: Office, tmp_path: Path) -> None:
    office = payroll
    done = await imports(office, await sheet(office, tmp_path / "a.csv"), "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["stored"] is True
    assert await slips(office) == {"lin": [(1, False, False)], "chen": [(1, False, False)]}
    assert "还没有发放" in await office.lin.asks("工资条")
    assert "「发布 工资 1」" in await office.gao.reads()

    assert "无权" in await office.zhao.asks("发布 工资 1"), "who has prepared it doesn't release it"
    refused = await office.chen.asks("发布 工资 1")
    assert "无权" in refused
    assert await office.chen.asks("发布 工资 999") == refused
    assert await status(office) == "prepared"

    assert "发布中" in await office.gao.asks("发布 工资 1")
    await is_released(office)
    assert "已发" in await office.lin.reads()
    assert "已发布" in await office.zhao.reads()
    await office.gao.asks("发布 工资 1")
    await office.quiet()
    heard = [str(m.content) for m in office.lin.messages()]
    assert sum("11月工资条已发放" in one for one in heard) == 1, "a second word tells nobody again"
    for figure in ("18809.35", "18,809.35", "18765.43", "343.08"):
        assert figure not in json.dumps(heard)
    assert (await office.audited("gao", "allowed")).count("payroll.release") == 1
    rows = json.loads((await dinghr(office, "payslip", "list", "--json")).out)
    assert [(row["month"], row["status"], row["people"], row["told"]) for row in rows] == [
        ("2026-11", "released", 2, 2)
    ]


async def given_up(office: Office, monkeypatch: pytest.MonkeyPatch, after: int = 1) -> None:
    """Let the next release end for good behind so many people, each in a chunk of their own."""
    monkeypatch.setattr("bot.payday.AT_ONCE", 1)
    queue = office.robot.workplace.queue
    assert queue is not None
    queue.register(replace(queue.tasks[RELEASE_TASK], attempts=1))
    monkeypatch.setattr(failpoints, "_armed", failpoints._read(f"task.chunk_done:raise:{after}"))


async def test_a_release_that_was_given_up_goes_on_when_it_is_said_again(
    payroll: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = payroll
    await imports(office, await sheet(office, tmp_path / "a.csv"))
    await office.gao.reads()
    await given_up(office, monkeypatch)
    assert "发布中" in await office.gao.asks("发布 工资 1")
    assert "已通知 1/2 人。请回复「发布 工资 1」继续" in await office.gao.reads()
    assert await status(office) == "releasing"
    assert "发布中" in await office.gao.asks("退回 工资 1"), "who was told was told"
    assert "无权" in await office.zhao.asks("发布 工资 1")

    assert "发布中" in await office.gao.asks("发布 工资 1")
    await is_released(office)
    for phone in (office.lin, office.chen):
        assert sum("工资条已发放" in str(m.content) for m in phone.messages()) == 1
    assert "已通知 2/2 人" in str(office.zhao.messages()[-1].content["text"])
    assert (await office.audited("gao", "allowed")).count("payroll.release") == 2


async def test_on_a_card_and_on_the_command_line_a_given_up_release_goes_on_too(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.makes_payroll("zhao")
    typed = asyncio.create_task(
        dinghr(office, "payslip", "import", str(await sheet(office, tmp_path / "a.csv")), "--as", "zhao", "--yes")
    )
    await office.zhao.clicks(await office.zhao.receives("notice", about="您的身份"), "同意")
    assert (await typed).code == 0
    card = await office.gao.receives("notice", about="工资表")
    await given_up(office, monkeypatch)
    await office.gao.clicks(card, "发布")
    await gao_hears(office, "发布中断了，已通知 1/2 人")
    await given_up(office, monkeypatch)
    await office.gao.forges(card, "release", ref=card.data["ref"])
    await gao_hears(office, "发布中断了，已通知 2/2 人")
    again = asyncio.create_task(dinghr(office, "payslip", "release", "1", "--as", "gao", "--wait", "20"))
    await office.gao.clicks(await office.gao.receives("notice", about="您的身份"), "同意")
    assert (await again).code == 0
    await is_released(office)
    for phone in (office.lin, office.chen):
        cards = [
            office.sandbox.world.cards.cards[m.content["out_track_id"]] for m in phone.messages() if m.kind == "card"
        ]
        assert sum("工资条已发放" in str(card.data) for card in cards) == 1


async def test_who_has_left_before_the_release_is_not_counted_as_told(payroll: Office, tmp_path: Path) -> None:
    office = payroll
    await imports(office, await sheet(office, tmp_path / "a.csv"))
    await office.gao.reads()
    await office.sandbox.world.company.remove_user("lin")
    await office.left("lin")
    await office.gao.asks("发布 工资 1")
    await is_released(office)
    assert "已通知 1/2 人；1 人已离职，没有通知" in str(office.zhao.messages()[-1].content["text"])
    rows = json.loads((await dinghr(office, "payslip", "list", "--json")).out)
    assert (rows[0]["people"], rows[0]["told"]) == (2, 1)


async def test_the_releasers_card_shows_how_far_it_is_at_few_calls(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.payday.AT_ONCE", 1)
    await office.makes_payroll("zhao")
    async with office.robot.database.read() as session:
        people = [row.key for row in await session.exec(select(EmployeeRow))]
    assert len(people) > 2 * PARTS
    file = await sheet(office, tmp_path / "a.csv", **dict.fromkeys(people, NET["chen"]))
    typed = asyncio.create_task(dinghr(office, "payslip", "import", str(file), "--as", "zhao", "--yes"))
    await office.zhao.clicks(await office.zhao.receives("notice", about="您的身份"), "同意")
    assert (await typed).code == 0
    card = await office.gao.receives("notice", about="工资表")
    await office.gao.clicks(card, "发布")
    await is_released(office)
    await office.gao.sees_status(card, "已发布")
    async with office.robot.database.read() as session:
        updates = await session.exec(select(OutboxRow.id).where(OutboxRow.update_card == card.out_track_id))
        assert len(updates.all()) == PARTS
        [task] = await session.exec(select(TaskRow).where(TaskRow.name == RELEASE_TASK))
    assert (task.done, task.of) == (len(people), len(people))
    assert f"{len(people)}/{len(people)}" in json.dumps(office.gao.sees(card))


async def gao_hears(office: Office, part: str) -> None:
    """Wait until Gao has read this."""

    def heard() -> bool | None:
        return any(part in str(m.content.get("text", "")) for m in office.gao.messages()) or None

    await office.until(heard, f"gao hears {part}")


async def test_on_a_card_too(office: Office, tmp_path: Path) -> None:
    await dinghr(office, "role", "grant", "zhao", "payroll")
    await office.zhao.reads()
    typed = asyncio.create_task(
        dinghr(office, "payslip", "import", str(await sheet(office, tmp_path / "a.csv")), "--as", "zhao", "--yes")
    )
    await office.zhao.clicks(await office.zhao.receives("notice", about="您的身份"), "同意")
    assert (await typed).code == 0
    card = await office.gao.receives("notice", about="工资表")
    assert office.gao.sees(card)["status"] == "待发布"
    assert "无权" in await office.chen.forges(card, "release", ref=card.data["ref"])
    assert "无权" in await office.zhao.forges(card, "release", ref=card.data["ref"])
    assert await status(office) == "prepared"
    await office.gao.clicks(card, "发布")
    await is_released(office)
    await office.gao.sees_status(card, "已发布")
    assert not office.gao.sees(card)["buttons"]
    await office.lin.receives("notice", about="工资条已发放")


async def test_nothing_is_kept_of_a_sheet_with_errors_or_without_a_yes(payroll: Office, tmp_path: Path) -> None:
    office = payroll
    bad = await sheet(office, tmp_path / "bad.csv", lin=("18765.43", "387.00", "343.08", "18809.36"))
    marked = tmp_path / "marked.xlsx"
    done = await imports(office, bad, "--marked", str(marked))
    assert done.code == 1
    assert "实发不等于应发减扣款" in done.err
    assert "18809" not in done.err
    assert marked.stat().st_mode & 0o777 == 0o600
    done = await imports(office, await sheet(office, tmp_path / "a.csv"), says="拒绝")
    assert done.code == 1
    assert await slips(office) == {}
    done = await dinghr(office, "payslip", "import", str(bad), "--as", "chen")
    assert done.code == 1
    assert (await office.audited("chen"))[-1] == "payroll.prepare"


async def test_a_correction_takes_a_reason_and_tells_whom_it_changes(payroll: Office, tmp_path: Path) -> None:
    office = payroll
    await imports(office, await sheet(office, tmp_path / "a.csv"))
    await office.gao.reads()
    await office.gao.asks("发布 工资 1")
    await is_released(office)
    await office.zhao.reads()
    file = await sheet(office, tmp_path / "b.csv", **{**NET, "lin": ("18765.43", "411.00", "343.08", "18833.35")})
    done = await imports(office, file)
    assert done.code == 1
    assert "原因" in done.err
    assert (await imports(office, file, "--reason", "餐补少算两天")).code == 0
    assert "餐补少算两天" in await office.gao.reads()
    await office.gao.asks("发布 工资 2")
    await is_released(office, 2)
    assert await slips(office) == {"lin": [(1, True, True), (2, True, False)], "chen": [(1, True, False)]}
    assert sum("工资条已发放" in str(m.content) for m in office.lin.messages()) == 2
    assert sum("工资条已发放" in str(m.content) for m in office.chen.messages()) == 1


async def test_given_back_it_is_forgotten_and_another_can_come(payroll: Office, tmp_path: Path) -> None:
    office = payroll
    file = await sheet(office, tmp_path / "a.csv")
    await imports(office, file)
    await office.gao.reads()
    done = await imports(office, file)
    assert done.code == 1
    assert "等发布" in done.err
    assert "已退回" in await office.gao.asks("退回 工资 1")
    assert "已退回" in await office.zhao.reads()
    assert await slips(office) == {}
    assert "已退回" in await office.gao.asks("发布 工资 1"), "what was given back can't be released"
    assert (await imports(office, file)).code == 0


async def test_a_swing_against_last_month_is_a_warning(payroll: Office, tmp_path: Path) -> None:
    office = payroll
    await imports(office, await sheet(office, tmp_path / "a.csv"), "--month", "2026-10")
    await office.gao.reads()
    await office.gao.asks("发布 工资 1")
    await is_released(office)
    await office.zhao.reads()
    file = await sheet(office, tmp_path / "b.csv", **{**NET, "chen": ("12000", "0", "0", "12000")})
    done = await imports(office, file, "--month", "2026-11")
    assert done.code == 0
    assert "相差超过 20%" in done.err
    assert "payroll.sheet_read" in await office.audited("zhao", "allowed")


async def answers(office: Office, who: str, *words: str) -> Done:
    """Type a command as somebody, who agrees on their phone."""
    typed = asyncio.create_task(dinghr(office, *words, "--as", who, "--wait", "20"))
    phone = getattr(office, who)
    found = re.search(r"同意 命令 (\d+)", await phone.reads())
    assert found is not None
    await phone.asks(f"同意 命令 {found[1]}")
    return await typed


async def test_released_and_called_off_on_the_command_line(payroll: Office, tmp_path: Path) -> None:
    office = payroll
    await imports(office, await sheet(office, tmp_path / "a.csv"))
    await office.gao.reads()
    own = await answers(office, "zhao", "payslip", "release", "1")
    assert own.code == 1, "who has prepared it doesn't release it"
    assert await status(office) == "prepared"
    called_off = await answers(office, "zhao", "payslip", "cancel", "1")
    assert called_off.code == 0, called_off.err
    assert await status(office) == "cancelled"
    await imports(office, await sheet(office, tmp_path / "b.csv"))
    await office.gao.reads()
    released = await answers(office, "gao", "payslip", "release", "2")
    assert (released.code, released.out) == (0, "payroll 2: released\n")
    await is_released(office, 2)
    assert "已发" in await office.lin.reads()
