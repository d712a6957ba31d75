"""A message that can't be answered is put aside; the operator mends what was wrong, and the person gets the answer."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import text

from bot.cli.main import app
from tests.conversations.office import Office


@pytest.fixture
async def shell(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """The settings of the running robot, as an operator's shell has them."""
    monkeypatch.setenv("DINGTALK_CLIENT_ID", office.sandbox.client_id)
    monkeypatch.setenv("DINGTALK_CLIENT_SECRET", office.sandbox.client_secret)
    monkeypatch.setenv("DINGHR_HOME", str(tmp_path))
    yield


async def types(*words: str) -> None:
    await app.run_async(words, exit_on_error=False, result_action="return_value")


async def change(office: Office, statement: str) -> None:
    async with office.robot.database.transaction() as session:
        await (await session.connection()).execute(text(statement))


async def metrics(office: Office) -> list[str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{office.robot.web.port}/metrics") as answer,
    ):
        return (await answer.text()).splitlines()


@pytest.mark.usefixtures("shell")
async def test_a_failed_message_is_answered_once_the_operator_replays_it(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    await office.lin.says("明天请年假")
    await office.lin.submits(await office.lin.receives("form", about="请假"))
    await office.quiet()
    await change(office, "update leave_request set closed_at = start, start = 'spoilt'")
    sorry = await office.lin.asks("撤回")
    found = re.search(r"编号 (\S{8})）", sorry)
    assert found is not None, sorry
    assert 'dinghr_inbox_rows{status="failed"} 1.0' in await metrics(office)

    await change(office, "update leave_request set start = closed_at, closed_at = null")
    capsys.readouterr()
    await types("inbox", "show", found[1])
    shown = capsys.readouterr().out
    assert "lin" in shown
    assert "ValueError" in shown
    assert "撤回" not in shown
    await types("inbox", "replay", found[1])
    assert "已撤回" in await office.lin.reads()
    assert 'dinghr_inbox_rows{status="failed"} 0.0' in await metrics(office)
    assert await office.audited("operator", "allowed") == ["inbox.replay"]


@pytest.mark.usefixtures("shell")
async def test_a_message_that_didnt_get_out_is_sent_once_the_operator_replays_it(office: Office) -> None:
    await office.lin.says("明天请年假")
    form = await office.lin.receives("form", about="请假")
    await office.lin.submits(form)
    card = await office.wang.receives("notice", about="林晓")
    await office.quiet()
    await change(office, "update outbox set status = 'dead', owner = 'gone-1' where view = 'leave.approval'")
    await office.wang.clicks(card, "同意")
    await office.quiet()
    assert 'dinghr_outbox_rows{status="dead"} 1.0' in await metrics(office)
    await types("outbox", "replay", "--all")
    await office.quiet()
    assert 'dinghr_outbox_rows{status="dead"} 0.0' in await metrics(office)
    assert sum(m.kind == "card" for m in office.wang.messages()) == 1, "its track id makes a repeat harmless"
