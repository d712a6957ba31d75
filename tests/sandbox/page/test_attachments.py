"""Files from one's own disk, and what a phone saves of files."""

from typing import Any

import pytest
from playwright.async_api import FilePayload, Page, expect

from sandbox.page.stubs import picture
from sandbox.world import ROBOT, StoredFile
from tests.sandbox.page.conftest import PATIENCE, PHONE, Room
from tests.sandbox.page.stub import robot

expect.set_options(timeout=PATIENCE)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("browser"),
]


def _nothing(topic: str, data: dict[str, Any]) -> dict[str, Any]:
    return {}


async def _attach(page: Page, name: str, kind: str, content: bytes, *, as_: str, words: str = "") -> None:
    await page.get_by_label("发送其他类型的消息").click()
    await page.get_by_label("从本机选一个文件").set_input_files(FilePayload(name=name, mimeType=kind, buffer=content))
    await page.get_by_label("作为").select_option(label=as_)
    await page.get_by_label("语音转出的文字").fill(words)
    await page.get_by_role("button", name="发送文件").click()


async def test_a_picture_a_file_and_speech_are_sent_from_a_narrow_phone(room: Room) -> None:
    async with robot(room.sandbox, _nothing) as heard, room.phone("lin", size=PHONE) as page:
        await _attach(page, "照片.png", "image/png", picture(), as_="图片")
        assert (await heard.get())["msgtype"] == "picture"
        await expect(page.locator(".mine img.shot")).to_have_js_property("naturalWidth", 48)

        await _attach(page, "病假证明.pdf", "application/pdf", b"%PDF-1.4 lin", as_="文件")
        assert (await heard.get())["content"]["fileName"] == "病假证明.pdf"
        await _attach(page, "留言.amr", "audio/amr", b"#!AMR", as_="语音", words="明天请假")
        assert (await heard.get())["content"]["recognition"] == "明天请假"
        await expect(page.locator(".mine").last).to_contain_text("转文字：明天请假")
        await expect(page.get_by_label("语音转出的文字")).to_have_value("")

        async with page.expect_download() as saving:
            await page.get_by_role("link", name="下载 病假证明.pdf").click()
        saved = await saving.value
        assert saved.suggested_filename == "病假证明.pdf"
        assert (await saved.path()).read_bytes() == b"%PDF-1.4 lin"
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


async def test_what_a_browser_cannot_show_is_no_picture(room: Room) -> None:
    async with robot(room.sandbox, _nothing) as heard, room.phone("lin") as page:
        room.complaints.clear()
        await _attach(page, "page.html", "text/html", b"<script>alert(1)</script>", as_="图片")
        await expect(page.get_by_role("alert")).to_contain_text("现在不能这样做")
        assert heard.empty() and room.chat("lin").messages == []
        assert all("409" in one for one in room.complaints)
        room.complaints.clear()


async def test_a_file_of_the_robots_is_saved_under_its_name(room: Room) -> None:
    media_id = room.world.files.keep(StoredFile("证明.pdf", "application/pdf", b"%PDF-1.4 robot"))
    room.world.post(room.chat("lin"), ROBOT, "file", {"name": "在职证明.pdf", "type": "pdf", "media_id": media_id})
    async with room.phone("lin") as page, page.expect_download() as saving:
        await page.get_by_role("link", name="下载 在职证明.pdf").click()
    assert (await saving.value).suggested_filename == "在职证明.pdf"
