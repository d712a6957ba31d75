"""The wire in a real browser."""

from typing import Any

import aiohttp
import pytest
from playwright.async_api import expect

from tests.sandbox.page.conftest import PATIENCE, Room
from tests.sandbox.page.stub import robot

expect.set_options(timeout=PATIENCE)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("browser"),
]


def _nothing(topic: str, data: dict[str, Any]) -> dict[str, Any]:
    return {}


async def test_frames_acks_and_calls_appear_as_they_happen_and_are_counted(room: Room) -> None:
    async with room.opened("/wire") as page, robot(room.sandbox, _nothing) as heard:
        await room.world.say("lin", room.chat("lin").id, "帮助")
        await heard.get()
        frame = page.get_by_role("row").filter(has_text="CALLBACK /v1.0/im/bot/messages/get")
        await expect(frame).to_have_count(1)
        await expect(frame).to_contain_text("钉钉 → 机器人")
        await expect(page.get_by_role("row").filter(has_text="ack 200")).to_contain_text("ms")
        await expect(page.locator(".meter div").nth(1)).to_contain_text("1 / 3,000")
        await expect(page.locator(".meter div").nth(0)).to_contain_text("0 / 5,000")

        await frame.get_by_text("正文").click()
        await expect(frame.locator("pre")).to_contain_text('"content": "帮助"')

        await page.get_by_label("只看计费的").check()
        await expect(page.locator("#entries > tr:visible")).to_have_count(1)
        await page.get_by_label("只看计费的").uncheck()
        await page.get_by_role("checkbox", name="推送").uncheck()
        await expect(frame).to_be_hidden()
        await page.get_by_role("searchbox").fill("ack 200")
        await expect(page.locator("#entries > tr:visible")).to_have_count(1)


async def test_secrets_stay_covered(room: Room) -> None:
    async with aiohttp.ClientSession(room.sandbox.url) as session:
        body = {"appKey": room.sandbox.client_id, "appSecret": room.sandbox.client_secret}
        async with session.post("/v1.0/oauth2/accessToken", json=body) as answer:
            token = (await answer.json())["accessToken"]
    async with room.opened("/wire") as page, robot(room.sandbox, _nothing):
        await room.world.say("lin", room.chat("lin").id, "帮助")
        await expect(page.get_by_role("row").filter(has_text="CALLBACK /v1.0/im/bot")).to_have_count(1)
        text = await page.content()
    assert "***" in text
    assert token not in text and room.sandbox.client_secret not in text


async def test_the_wires_clock_moves_the_same_clock(room: Room) -> None:
    async with room.opened("/wire") as page:
        await page.locator("#clock summary").click()
        await page.get_by_role("button", name="到下一个 9:00").click()
        await expect(page.locator("#now")).to_have_text("2026年11月24日 周二 09:00")
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="到下一个 9:00")).to_be_hidden()
