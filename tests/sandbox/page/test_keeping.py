"""Recording what people do and going back to what was, by button."""

import pytest
from playwright.async_api import expect

from tests.sandbox.page.conftest import PATIENCE, PHONE, Room

expect.set_options(timeout=PATIENCE)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("browser"),
]


def _said(room: Room) -> list[str]:
    return [one.content["text"] for one in room.chat("lin").messages]


async def test_what_a_person_says_is_recorded_and_said_again(room: Room) -> None:
    async with room.opened("/faults", size=PHONE) as page, room.phone("lin") as phone:
        await page.get_by_label("录制名称").fill("leave")
        await page.get_by_role("button", name="开始录制").press("Enter")
        await expect(page.locator("#kept")).to_contain_text("正在录制 leave")
        await phone.get_by_role("textbox", name="发给").fill("年假")
        await phone.keyboard.press("Enter")
        await expect(phone.locator(".mine .bubble")).to_have_text("年假")
        await page.get_by_role("button", name="停止录制").click()
        await expect(page.get_by_role("alert")).to_contain_text("已录下 leave：1 步")
        room.world.reset()
        assert _said(room) == []
        await page.get_by_role("button", name="重放 leave").click()
        await expect(page.get_by_role("alert")).to_contain_text("重放了 1 步，0 步与录制时不同")
        assert _said(room) == ["年假"]
        await page.get_by_role("button", name="删除 leave").click()
        await expect(page.get_by_role("button", name="重放 leave")).to_have_count(0)
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


async def test_the_company_goes_back_to_what_was_saved(room: Room) -> None:
    async with room.opened("/faults") as page:
        await room.world.say("lin", room.chat("lin").id, "以前")
        await page.get_by_label("存档名称").fill("before")
        await page.get_by_role("button", name="存下现在").click()
        await expect(page.get_by_role("button", name="恢复 before")).to_be_visible()
        await room.world.say("lin", room.chat("lin").id, "以后")
        await page.get_by_role("button", name="恢复 before").click()
        await expect(page.get_by_role("alert")).to_contain_text("已回到 before")
        assert _said(room) == ["以前"]


async def test_a_name_that_is_none_is_refused(room: Room) -> None:
    async with room.opened("/faults") as page:
        await page.get_by_label("存档名称").fill("../etc")
        await page.get_by_role("button", name="存下现在").click()
        await expect(page.get_by_role("alert")).to_contain_text("现在不能这样做")
    assert room.world.states.names() == []
    room.complaints.clear()
