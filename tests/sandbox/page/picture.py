"""Make the documents' pictures from a running demo: `python -m tests.sandbox.page.picture URL docs/images`.

Lin asks for leave, and her phone and her manager's are shown side by side (`chat.png`); he agrees, and the wire shows
the whole story (`wire.png`). Needs a fresh `dinghr demo` in card mode.
"""

import argparse
import asyncio
import base64
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from tests.sandbox.page.conftest import ARGUMENTS, CHROMIUM

SAYS = ("年假余额", "我想请明天下午半天年假")
_SHEET = """<!doctype html><style>
body {{ margin: 0; padding: 34px 44px 22px; display: flex; gap: 44px; background: #e9edf3; width: max-content; }}
figure {{ margin: 0; font: 16px/1 "Noto Sans CJK SC", sans-serif; color: #4a5260; text-align: center; }}
img {{ display: block; width: 430px; border-radius: 34px; margin-bottom: 20px; }}
img {{ filter: drop-shadow(0 10px 24px rgb(20 30 50 / 18%)); }}
</style>
<figure><img src="data:image/png;base64,{}">林晓（员工）</figure>
<figure><img src="data:image/png;base64,{}">王磊（主管）</figure>"""


async def main(url: str, folder: Path) -> None:
    """Play the scene and write the PNGs."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        lin, wang = await _phone(browser, url, "lin"), await _phone(browser, url, "wang")
        for number, text in enumerate(SAYS, 1):
            await lin.locator("#text").fill(text)
            await lin.keyboard.press("Enter")
            await lin.locator(".message.theirs").nth(number - 1).wait_for()
        await lin.get_by_role("button", name="提交").click()
        await lin.locator(".status.wait").wait_for()
        await wang.get_by_role("button", name="同意").wait_for()
        shots = [base64.b64encode(await _shot(page)).decode() for page in (lin, wang)]
        sheet = await browser.new_page(device_scale_factor=2)
        await sheet.set_content(_SHEET.format(*shots))
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        await sheet.locator("body").screenshot(path=folder / "chat.png")
        await wang.get_by_role("button", name="同意").click()
        await wang.locator(".status.yes").wait_for()
        await lin.locator(".status.yes").wait_for()
        await _wire(browser, url, folder / "wire.png")
        await browser.close()


async def _phone(browser: Browser, url: str, userid: str) -> Page:
    context = await browser.new_context(
        viewport={"width": 1200, "height": 800},
        device_scale_factor=2,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
    )
    page = await context.new_page()
    await page.goto(f"{url.rstrip('/')}/?as={userid}")
    return page


async def _wire(browser: Browser, url: str, out: Path) -> None:
    page = await browser.new_page(viewport={"width": 1280, "height": 700}, locale="zh-CN", reduced_motion="reduce")
    await page.goto(f"{url.rstrip('/')}/wire?who=lin")
    await page.locator(".entry.frame").filter(has_text=SAYS[-1]).locator(".number").click()
    await page.locator(".story").wait_for()
    await page.locator(".entry").filter(has_text="机器人发群消息").wait_for()
    await page.evaluate("document.activeElement.blur()")
    await page.locator(".sequence").screenshot(path=out)


async def _shot(page: Page) -> bytes:
    await page.locator("#chat-title").click()  # away from the writing line, so that nothing has the focus
    await page.evaluate("document.activeElement.blur()")
    return await page.locator(".phone").screenshot(omit_background=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="where the demo's chat page is, such as http://127.0.0.1:8700")
    parser.add_argument("folder", type=Path, help="where to write the PNGs, such as docs/images")
    told = parser.parse_args()
    asyncio.run(main(told.url, told.folder))
