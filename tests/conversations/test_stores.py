"""The same conversation on PostgreSQL, where several replicas can work."""

from pathlib import Path

import pytest

from bot.keys import create_key_file
from tests.conversations.office import opened


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_leave_request_on_postgresql(database_url: str, tmp_path: Path) -> None:
    key = tmp_path / "data.key"
    create_key_file(key)
    async with opened(tmp_path, dinghr_database_url=database_url, dinghr_key_file=key) as office:
        await office.lin.says("我想请明天下午半天年假")
        form = await office.lin.receives("form", about="请假")
        await office.lin.submits(form)
        card = await office.wang.receives("notice", about="林晓")
        await office.wang.clicks(card, "同意")
        await office.lin.sees_status(form, "已同意")
        assert await office.available("lin") == "4.5"
