"""The newcomer's first conversation as a phone shows it: the real page, the real robot, in a narrow window."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from sandbox.page.people import address
from tests.conversations.office import Office, opened
from tests.conversations.test_hiring import becomes, with_policy
from tests.conversations.test_personnel import MOBILE, NUMBER, kept
from tests.sandbox.page.conftest import PATIENCE, PHONE, browser

__all__ = ["browser"]

expect.set_options(timeout=PATIENCE)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("browser"),
]
SHOTS = os.environ.get("DINGHR_SHOTS", "")
"""A folder to leave pictures in, for whoever wants to look."""


async def shot(page: Page, name: str) -> None:
    """Leave a picture where one is wanted; nothing may be wider than the phone."""
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    if SHOTS:
        await page.screenshot(path=f"{SHOTS}/{name}.png")


async def say(page: Page, text: str) -> None:
    """Type and send."""
    await page.get_by_role("textbox", name="发给").fill(text)
    await page.keyboard.press("Enter")


@asynccontextmanager
async def phone_of(browser: Browser, office: Office, userid: str) -> AsyncIterator[Page]:
    """Hold somebody's phone."""
    context = await browser.new_context(
        viewport={"width": PHONE[0], "height": PHONE[1]}, locale="zh-CN", timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
    )  # fmt: skip
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    await page.goto(office.sandbox.url + address(userid, getattr(office, userid).chat))
    yield page
    await context.close()


async def test_the_welcome_leads_into_the_file(tmp_path: Path, browser: Browser) -> None:
    async with opened(with_policy(tmp_path), dingtalk_op_user_id="admin") as office:
        await office.li.says("周敏下周一入职研发部")
        form = await office.li.receives("form", about="办理入职")
        await office.li.submits(form, mobile="13900000001", position="工程师", contract="fixed:36", probation="0")
        await office.wang.clicks(await office.wang.receives("notice", about="周敏"), "同意")
        hired = await becomes(office, "done")
        async with phone_of(browser, office, hired.userid) as page:
            welcome = page.locator(".card").last
            await expect(welcome).to_contain_text("欢迎加入研发部")
            await expect(welcome).to_contain_text("王磊")
            await shot(page, "0-welcome")
            await welcome.get_by_role("button", name="开始填写").click()
            await expect(page.locator(".card").last).to_contain_text("是否同意提供证件号码")


async def test_a_newcomer_on_a_phone_is_told_what_is_wrong_beside_what_was_typed(
    tmp_path: Path, browser: Browser
) -> None:
    async with opened(tmp_path) as office, phone_of(browser, office, "lin") as page:
        await say(page, "填写资料")
        card = page.locator(".card").last
        await expect(card).to_contain_text("是否同意提供证件号码")
        await shot(page, "1-consent")
        await card.get_by_role("button", name="同意", exact=True).click()

        form = page.locator(".card").last
        await expect(form).to_contain_text("身份证件（1/7）")
        await shot(page, "2-form")
        await form.get_by_label("证件号码").fill("110105194912310021")
        await form.get_by_role("button", name="提交").click()
        await expect(form).to_contain_text("校验码不对")
        await expect(form.get_by_label("证件号码")).to_have_value("110105194912310021")
        await shot(page, "3-error")
        await form.get_by_label("证件号码").fill(NUMBER)
        await form.get_by_role("button", name="提交").click()

        following = page.locator(".card").last
        await expect(following).to_contain_text("联系方式（2/7）")
        assert await kept(office, "lin") == {"id_kind", "id_number"}
        await following.get_by_label("手机号").fill("1391118")
        await following.get_by_label("现住址").fill("上海")
        await following.get_by_label("户籍地址").fill("上海市浦东新区张江路1号")
        await following.get_by_role("button", name="提交").click()
        await expect(following).to_contain_text("11 位手机号")
        await shot(page, "4-errors")
        await following.get_by_label("手机号").fill(MOBILE)
        await following.get_by_label("现住址").fill("上海市浦东新区张江路1号")
        await following.get_by_role("button", name="提交").click()
        await expect(page.locator(".card").last).to_contain_text("银行账号")
        await say(page, "我的资料")
        own = page.locator(".card").last
        await expect(own).to_contain_text("已完成 2/7")
        await expect(own).to_contain_text("****002X")
        await shot(page, "5-own")
        assert NUMBER not in (await page.content()).replace(" ", "")
