"""One's own data in the chat: told once, given a copy in private, heard by HR, consents kept."""

import io
import json
import zipfile

from sqlmodel import select

from hr_core.leave.store import LeaveRequestRow
from hr_core.privacy.store import ConsentRow, CorrectionRow
from sandbox.company import HR_GROUP, TEAM_GROUP
from tests.conversations.office import Office

REASON = "去医院复查甲状腺"


async def answers(office: Office, userid: str) -> list[tuple[str, str]]:
    """What somebody was told and agreed to."""
    number = await office.employee(userid)
    async with office.robot.database.read() as session:
        rows = await session.exec(select(ConsentRow).where(ConsentRow.employee_id == number))
        return [(row.purpose, row.answer) for row in rows]


async def test_the_first_answer_tells_how_data_are_used_and_later_ones_dont(either_office: Office) -> None:
    office = either_office
    first = await office.lin.asks("年假余额")
    assert "可用" in first
    assert "首次使用告知" in first
    for _ in range(3):
        assert "首次使用告知" not in await office.lin.asks("年假余额")
    assert await answers(office, "lin") == [("notice", "told")]
    assert "首次使用告知" in await office.wang.asks("帮助")


async def test_the_notice_stands_on_a_form_too_and_holds_nothing_up(office: Office) -> None:
    await office.lin.says("我想请明天下午半天年假")
    form = await office.lin.receives("form", about="请假")
    assert "首次使用告知" in office.lin.sees(form)["intro"]
    await office.lin.submits(form)
    await office.lin.sees_status(form, "待审批")


async def test_a_group_is_told_nothing_and_counts_for_nothing(office: Office) -> None:
    await office.lin.says("@机器人 帮助", TEAM_GROUP)
    await office.quiet()
    assert await answers(office, "lin") == []
    assert not any("首次使用告知" in text for text in office.group(TEAM_GROUP))


async def exported(office: Office, userid: str) -> dict[str, str]:
    """Wait for the file and unpack it."""
    phone = getattr(office, userid)

    def find() -> dict[str, str] | None:
        for message in phone.messages():
            if message.kind == "file":
                assert message.content["type"] == "zip"
                assert userid not in message.content["name"]
                stored = office.sandbox.world.files.stored[message.content["media_id"]]
                with zipfile.ZipFile(io.BytesIO(stored.content)) as archive:
                    return {name: archive.read(name).decode() for name in archive.namelist()}
        return None

    found: dict[str, str] = await office.until(find, f"{userid} gets the file")
    return found


async def test_a_copy_holds_everything_about_its_owner_and_goes_to_nobody_else(text_office: Office) -> None:
    office = text_office
    await office.lin.asks("明天请一天病假，" + REASON)
    await office.lin.asks("提交")
    await office.chen.asks("后天请一天年假，陪陪老人家")
    await office.chen.asks("提交")
    await office.lin.says("导出我的数据")
    files = await exported(office, "lin")
    data = json.loads(files["我的数据.json"])
    assert data["档案"][0]["姓名"] == "林晓"
    assert REASON in data["请假申请"][0]["原因"]
    assert data["假期流水"]
    assert data["告知与授权"]
    assert any(row.get("做了什么") == "data.export" for row in data["操作与查阅记录"])
    assert REASON in files["我的数据.md"]
    for text in files.values():
        assert "陪陪老人家" not in text
        assert "陈" not in text
    assert "data.export" in await office.audited("lin", "allowed")
    assert not any(message.kind == "file" for message in office.chen.messages())


async def test_in_a_group_a_copy_is_only_hinted_at(office: Office) -> None:
    await office.li.says("@机器人 导出我的数据", HR_GROUP)
    assert json.loads((await exported(office, "li"))["我的数据.json"])["档案"][0]["姓名"] == "李静"
    await office.quiet()
    assert office.group() == ["我已经私聊回复您了。"]


async def test_a_correction_is_heard_by_hr_and_answered_once(office: Office) -> None:
    await office.lin.says("更正我的信息：入职日期应为 2020年3月1日")
    card = await office.li.receives("notice", about="更正申请")
    assert "2020年3月1日" in json.dumps(office.li.sees(card), ensure_ascii=False)
    await office.li.clicks(card, "已更正", "已按合同改好")
    await office.until(
        lambda: next((m for m in office.lin.messages() if "已按合同改好" in str(m.content)), None), "Lin hears of it"
    )
    assert office.li.sees(card)["status"] == "已更正"
    assert "无权" in await office.chen.asks("已更正 1")
    assert "无权" in await office.lin.asks("不更正 1 我自己定"), "nobody decides their own"
    async with office.robot.database.read() as session:
        (row,) = await session.exec(select(CorrectionRow))
        assert row.status == "done"
        assert row.text_sealed is not None
        assert b"2020" not in row.text_sealed


async def test_a_correction_that_says_nothing_is_asked_for(text_office: Office) -> None:
    assert "请说明要更正什么" in await text_office.lin.asks("更正我的信息")
    for n in range(5):
        assert "已转给 HR" in await text_office.lin.asks(f"更正我的信息：第{n}条")
    assert "等 HR 处理" in await text_office.lin.asks("更正我的信息：又一条")


async def test_taking_a_consent_back_erases_what_rested_on_it(text_office: Office) -> None:
    office = text_office
    assert "健康信息" in await office.lin.asks("我的授权")
    await office.lin.asks("授权 健康信息")
    await office.lin.asks("明天请一天病假，" + REASON)
    await office.lin.asks("提交")
    await office.quiet()
    await office.lin.asks("撤回")
    assert "已删除" in await office.lin.asks("撤回授权 健康信息")
    assert await answers(office, "lin") == [("notice", "told"), ("medical", "given"), ("medical", "withdrawn")]
    async with office.robot.database.read() as session:
        assert [row.reason_sealed for row in await session.exec(select(LeaveRequestRow))] == [None]
    await office.lin.asks("后天请一天病假，" + REASON)
    await office.lin.asks("提交")
    await office.quiet()
    async with office.robot.database.read() as session:
        kept = [row.reason_sealed for row in await session.exec(select(LeaveRequestRow))]
    assert kept == [None, None], "who said no has no later reason kept either"
    assert "没有这一项" in await office.lin.asks("授权 所有")
