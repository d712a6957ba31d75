"""The faults' panel in a real browser, and asked without one."""

import re
from typing import Any

import aiohttp
import pytest
from playwright.async_api import expect

from sandbox.page import faults
from sandbox.server import Running
from sandbox.world.faults import FAULTS
from sandbox.world.meter import STANDARD_CALLS, STANDARD_PUSHES
from tests.sandbox.page.conftest import PATIENCE, PHONE, Room
from tests.sandbox.page.stub import robot

expect.set_options(timeout=PATIENCE)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("browser"),
]
JSON = {"Accept": "application/json"}


def _nothing(topic: str, data: dict[str, Any]) -> dict[str, Any]:
    return {}


async def _contacts(room: Room) -> int:
    token = room.world.tokens.issue()
    async with (
        aiohttp.ClientSession(room.sandbox.url) as session,
        session.get(f"/auth/scopes?access_token={token}") as answer,
    ):
        told = await answer.json(content_type=None)
    return int(told["errcode"])


async def test_every_fault_there_is_has_a_button_and_a_sentence(room: Room) -> None:
    async with room.opened("/faults") as page:
        shown = await page.locator("button[name=kind]").evaluate_all(
            "all => all.map(one => [one.value, one.textContent, document.getElementById(`k-${one.value}`).textContent])"
        )
    assert sorted(one[:2] for one in shown) == sorted([one.key, one.label] for one in FAULTS)
    assert all(re.search(r"\S[.。]$", sentence) for *_, sentence in shown)
    assert all(one.sentence.endswith("。") for one in faults.ACTIONS)


async def test_a_fault_is_ordered_waits_and_is_used_up(room: Room) -> None:
    async with room.opened("/faults") as page:
        await expect(page.locator("#waiting")).to_contain_text("没有")
        await page.get_by_label("哪个接口").select_option("contacts.scopes")
        await page.get_by_label("接下来几次").first.fill("2")
        await page.get_by_role("button", name="系统繁忙").click()
        await expect(page.locator("#waiting")).to_contain_text(
            "系统繁忙 通讯录权限范围（contacts.scopes），接下来 2 次"
        )
        await expect(page.get_by_role("alert")).to_contain_text("已排上")
        assert await _contacts(room) == -1
        await expect(page.locator("#waiting")).to_contain_text("下一次")
        assert await _contacts(room) == -1
        await expect(page.locator("#waiting")).to_contain_text("没有")
        assert await _contacts(room) == 0


async def test_a_push_comes_twice_by_order(room: Room) -> None:
    async with room.opened("/faults") as page, robot(room.sandbox, _nothing) as heard:
        await page.get_by_label("哪种推送").select_option(label="机器人收到消息")
        await page.get_by_role("button", name="重复推送").click()
        await expect(page.locator("#waiting")).to_contain_text("重复推送 机器人收到消息，下一次")
        await room.world.say("lin", room.chat("lin").id, "帮助")
        assert (await heard.get())["msgId"] == (await heard.get())["msgId"]
        await expect(page.locator("#waiting")).to_contain_text("没有")


async def test_by_keyboard_one_order_is_taken_back_or_all(room: Room) -> None:
    async with room.opened("/faults", size=PHONE) as page:
        for name in ("应用每秒限流", "令牌过期", "连接中断"):
            button = page.get_by_role("button", name=name, exact=True)
            await button.focus()
            await page.keyboard.press("Enter")
            await expect(page.locator("#waiting")).to_contain_text(name)
            await expect(button).to_be_focused()
        await page.get_by_role("button", name="撤下：令牌过期，任何接口").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("#waiting li")).to_have_count(2)
        assert [one.kind for one in room.world.faults.waiting] == ["qps", "drop"]
        await page.get_by_role("button", name="全部撤下").click()
        await expect(page.locator("#waiting li")).to_have_count(0)
        assert room.world.faults.waiting == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


async def test_enter_in_a_field_orders_nothing(room: Room) -> None:
    async with room.opened("/faults") as page:
        await page.get_by_label("接下来几次").first.press("Enter")
        await page.get_by_role("button", name="让访问凭证提前失效").click()
        await expect(page.get_by_role("alert")).to_contain_text("访问凭证已失效")
    assert room.world.faults.waiting == []


async def test_an_answer_of_ones_own_is_given_as_written(room: Room) -> None:
    async with room.opened("/faults") as page:
        await page.get_by_text("指定应答的内容").click()
        await page.get_by_label("状态码").fill("200")
        await page.get_by_label("正文").fill('{"errcode": 43, "errmsg": "<b>"}')
        await page.get_by_role("button", name="指定应答", exact=True).click()
        await expect(page.locator("#waiting")).to_contain_text("指定应答 任何接口，下一次，状态 200")
        assert await _contacts(room) == 43


async def test_a_connection_stalls_resumes_and_is_dropped(room: Room) -> None:
    async with room.opened("/faults") as page, robot(room.sandbox, _nothing):
        for name, state in (("停发", "停发"), ("半开", "半开"), ("恢复", "正常"), ("预告断开", "即将断开")):
            await page.get_by_role("button", name=name, exact=True).click()
            await expect(page.locator("#lines li b").first).to_have_text(state)
        await page.get_by_role("button", name="掐断").click()
        await expect(page.locator("#lines")).to_have_text("机器人没有连接。")


async def test_the_token_ends_early_and_the_quota_is_used_up_and_given_back(room: Room) -> None:
    meter, token = room.world.meter, room.world.tokens.issue()
    async with room.opened("/faults") as page:
        await page.get_by_role("button", name="让访问凭证提前失效").click()
        await expect(page.get_by_role("alert")).to_contain_text("访问凭证已失效")
        assert not room.world.tokens.valid(token)
        await page.get_by_label("每月调用").fill("7")
        await page.get_by_role("button", name="设定", exact=True).last.click()
        await expect(page.locator("#quota .meter div").first).to_contain_text("0 / 7")
        await page.get_by_role("button", name="调用用完", exact=True).click()
        await expect(page.locator("#quota .meter div").first).to_have_class("over")
        assert meter.max_calls == meter.calls
        await page.get_by_role("button", name="恢复标准版").click()
        await expect(page.locator("#quota .meter div").first).to_contain_text("5,000")
    assert (meter.max_calls, meter.max_pushes) == (STANDARD_CALLS, STANDARD_PUSHES)


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/page/faults", {"kind": "bomb"}),
        ("/page/faults", {"kind": "busy", "times": "0"}),
        ("/page/faults", {"kind": "busy", "times": "many"}),
        ("/page/faults", {"kind": "busy", "times": "1", "delay": "nan"}),
        ("/page/connections", {"action": "drop"}),
        ("/page/quota", {"what": "more"}),
        ("/page/quota", {"what": "set", "max_calls": "-1", "max_pushes": "1"}),
        ("/page/redeliver", {"frame": "none"}),
    ],
)
async def test_what_makes_no_sense_is_refused(sandbox: Running, path: str, form: dict[str, str]) -> None:
    async with (
        aiohttp.ClientSession(sandbox.url) as session,
        session.post(path, data=form, headers=JSON) as answer,
    ):
        assert answer.status == 409
    assert sandbox.world.faults.waiting == []
