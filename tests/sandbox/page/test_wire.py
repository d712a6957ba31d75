"""The wire in a real browser."""

import re
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Locator, Page, expect

from sandbox.world import ROBOT
from sandbox.world.stream import CARD_TOPIC
from tests.sandbox.page.conftest import PATIENCE, PHONE, Room
from tests.sandbox.page.examples import APPROVAL
from tests.sandbox.page.stub import robot, send_card, shows

expect.set_options(timeout=PATIENCE)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("browser"),
]


def _nothing(topic: str, data: dict[str, Any]) -> dict[str, Any]:
    return {}


def _rows(page: Page, **which: Any) -> Locator:
    return page.get_by_role("list", name="线路记录").get_by_role("listitem").filter(**which)


def _frames(page: Page, **which: Any) -> Locator:
    return page.locator(".entry.frame").filter(**which)


async def _open(row: Locator) -> None:
    await row.locator("summary").click()


async def _call(room: Room, path: str, body: dict[str, Any]) -> dict[str, Any]:
    token = room.world.tokens.issue()
    async with (
        aiohttp.ClientSession(room.sandbox.url, headers={"x-acs-dingtalk-access-token": token}) as session,
        session.post(path, json=body) as answer,
    ):
        told: dict[str, Any] = await answer.json()
        return told


async def _send(room: Room, userid: str, text: str) -> dict[str, Any]:
    body = {"robotCode": room.world.app.robot_code, "userIds": [userid], "msgKey": "sampleText"}
    return await _call(room, "/v1.0/robot/oToMessages/batchSend", {**body, "msgParam": f'{{"content":"{text}"}}'})


async def test_frames_acks_and_calls_appear_as_they_happen_and_are_counted(room: Room) -> None:
    async with room.opened("/wire") as page, robot(room.sandbox, _nothing) as heard:
        await room.world.say("lin", room.chat("lin").id, "帮助")
        await heard.get()
        frame = _frames(page, has_text="机器人收到消息").filter(has_text="“帮助”")
        await expect(frame).to_have_count(1)
        await expect(frame).to_contain_text(re.compile(r"已应答 200\s+[\d,]+ ms\s+计费推送\s+文档 A/0699"))
        await expect(frame).to_contain_text("林晓 → 钉钉 → 机器人")
        await expect(_rows(page, has_text="应答 ")).to_contain_text(["code 200"])
        await expect(page.locator(".meter div").nth(1)).to_contain_text("1 / 3,000")
        await expect(page.locator(".meter div").nth(0)).to_contain_text("0 / 5,000")

        await _open(frame.first)
        await expect(frame.locator("pre")).to_contain_text('"content": "帮助"')
        await _send(room, "lin", "好的")
        call = _rows(page, has_text="机器人批量发单聊消息")
        await expect(call).to_contain_text("机器人 → 钉钉 → 林晓")
        await expect(call).to_contain_text("计费调用")
        await expect(frame.locator("pre")).to_be_visible()  # news leaves open what is open
        await expect(page.locator("#costs summary")).to_contain_text("计费调用 1，计费推送 1")


async def test_the_filter_narrows_to_a_person_to_errors_and_to_costs(room: Room) -> None:
    async with room.opened("/wire") as page, robot(room.sandbox, _nothing):
        await room.world.say("lin", room.chat("lin").id, "帮助")
        await _send(room, "chen", "早")
        await _call(room, "/v1.0/robot/oToMessages/batchSend", {"robotCode": "x"})
        await expect(_rows(page, has_text="机器人批量发单聊消息")).to_have_count(2)

        await page.get_by_role("radio", name="只看出错").check()
        await expect(_rows(page)).to_have_count(1)
        await expect(_rows(page).locator(".bad")).to_contain_text("400")
        await page.get_by_role("radio", name="只看花费").check()
        await expect(_rows(page, has_text="应答 ").filter(has_text="code 200")).to_have_count(0)
        await page.get_by_role("radio", name="全部").check()
        await page.get_by_role("combobox", name="谁").select_option("chen")
        await expect(_rows(page)).to_have_count(1)
        await expect(page.locator(".lifelines b")).to_have_text(
            [room.world.directory.users["chen"].name, "钉钉", "机器人"]
        )
        await page.get_by_role("searchbox").fill("没有这样的")
        await expect(_rows(page)).to_have_count(0)
        assert "who=chen" in page.url
        await page.reload()
        await expect(page.get_by_role("searchbox")).to_have_value("没有这样的")
        await expect(page.locator("#none")).to_be_visible()


async def test_a_messages_whole_story_goes_through_other_peoples_cards(room: Room) -> None:
    """Lin speaks, a card goes to wang, wang taps; meanwhile chen says something else."""
    world = room.world
    body = {
        "cardTemplateId": "dinghr-notice.schema", "outTrackId": "t1", "callbackType": "STREAM",
        "openSpaceId": "dtv1.card//IM_ROBOT.wang", "imRobotOpenSpaceModel": {"supportForward": False},
        "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT"}, "cardData": {"cardParamMap": {"title": "请假申请"}},
    }  # fmt: skip
    async with robot(room.sandbox, lambda topic, data: shows(status="已同意")) as heard, room.opened("/wire") as page:
        await world.say("lin", room.chat("lin").id, "请假")
        await heard.get()
        assert (await _call(room, "/v1.0/card/instances/createAndDeliver", body))["success"]
        await world.say("chen", room.chat("chen").id, "余额")
        await world.click("wang", "t1", "b1", {"action": "approve"})
        await _rows(page, has_text="“请假”").locator(".number").click()

        await expect(page.locator(".story")).to_be_visible()
        await expect(page.locator(".lifelines b")).to_have_text(["林晓", "王磊", "钉钉", "机器人"])
        names = _rows(page).locator(".what b")
        await expect(names).to_contain_text(["机器人收到消息", "应答", "创建并投放卡片", "卡片回传", "应答"])
        await expect(_rows(page, has_text="创建并投放卡片")).to_contain_text("按时间归入")
        await expect(_rows(page, has_text="按钮 approve")).to_contain_text("王磊 → 钉钉 → 机器人")


async def test_what_was_late_unanswered_or_delivered_again_says_so(room: Room) -> None:
    room.world.stream.timing.push = room.world.stream.timing.card = 0.05
    room.world.stream.timing.robot_again = (0.06,)
    send_card(room.world, room.chat("lin"), "notice", "t1", **APPROVAL)
    async with robot(room.sandbox, lambda topic, data: None), room.opened("/wire") as page:
        await room.world.say("lin", room.chat("lin").id, "帮助")
        await expect(_rows(page, has_text="第 2 次投递")).to_contain_text("未应答")
        await room.world.press("lin", "t1", "approve")
        push = next(one for one in room.world.stream.pushes.values() if one.topic == CARD_TOPIC)
        room.world.stream.received(push.connection, f'{{"code":200,"headers":{{"messageId":"{push.message_id}"}}}}')
        await expect(_rows(page, has_text="卡片回传").filter(has_text="应答太迟")).to_have_count(1)
        await expect(_rows(page, has_text="太迟或重复，不算")).to_have_count(1)


async def test_a_frame_is_sent_again_by_button_with_a_new_or_the_same_id(room: Room) -> None:
    async with robot(room.sandbox, _nothing) as heard, room.opened("/wire") as page:
        await room.world.say("lin", room.chat("lin").id, "帮助")
        first = await heard.get()
        frame = _frames(page, has_text="机器人收到消息")
        await _open(frame.first)
        for name in ("新 messageId", "同一个 messageId"):
            await frame.first.get_by_role("button", name=name).click()
            assert (await heard.get())["msgId"] == first["msgId"]
        await expect(_rows(page, has_text="第 3 次投递")).to_have_count(1)
    ids = [entry.message_id for entry in room.world.wire.entries if entry.kind == "frame"]
    assert len(set(ids)) == 2 and len(ids) == 3


async def test_by_keyboard_an_entry_opens_and_keeps_the_focus(room: Room) -> None:
    room.world.wire.note("lost: nobody there", request={"who": "lin"})
    async with room.opened("/wire") as page:
        await page.get_by_role("searchbox").focus()
        await page.keyboard.press("Tab")  # to the newest
        await page.keyboard.press("Tab")  # the costs
        await page.keyboard.press("Tab")  # the entry's number
        await expect(page.locator(".number")).to_be_focused()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.locator(".entry pre")).to_contain_text('"who": "lin"')
        room.world.wire.note("connected: again")
        await expect(_rows(page)).to_have_count(2)
        await expect(page.locator(".entry summary").first).to_be_focused()


async def test_on_a_phone_the_lifelines_become_words(room: Room) -> None:
    async with robot(room.sandbox, _nothing), room.opened("/wire", size=PHONE) as page:
        await room.world.say("lin", room.chat("lin").id, "帮助" * 40)
        await expect(page.locator(".entry .route").filter(has_text="林晓 → 钉钉 → 机器人")).to_be_visible()
        await expect(page.locator(".drawn").first).to_be_hidden()
        await _open(_frames(page, has_text="机器人收到消息"))
        await expect(page.locator(".entry pre")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


async def test_without_a_script_the_address_filters_and_a_link_opens(room: Room) -> None:
    room.world.wire.note("lost: nobody there", request={"who": "lin"})
    async with room.opened("/wire", scripts=False) as page:
        await _open(page.locator(".entry"))
        await page.get_by_role("link", name="打开").click()
        await expect(page.locator("pre")).to_contain_text('"who": "lin"')
        await page.get_by_role("link", name="来龙去脉").click()
        await expect(page.locator(".entry")).to_have_count(1)


async def test_secrets_stay_covered(room: Room) -> None:
    async with aiohttp.ClientSession(room.sandbox.url) as session:
        body = {"appKey": room.sandbox.client_id, "appSecret": room.sandbox.client_secret}
        async with session.post("/v1.0/oauth2/accessToken", json=body) as answer:
            token = (await answer.json())["accessToken"]
    async with room.opened("/wire") as page, robot(room.sandbox, _nothing):
        await room.world.say("lin", room.chat("lin").id, "帮助")
        await expect(_frames(page, has_text="机器人收到消息")).to_have_count(1)
        for summary in await page.locator(".entry summary").all():
            await summary.click()
        await expect(page.locator(".entry pre").filter(has_text="***")).not_to_have_count(0)
        text = await page.content()
    assert token not in text and room.sandbox.client_secret not in text
    assert not any(session in text for session in room.world.sessions._open)


async def test_the_wires_clock_moves_the_same_clock(room: Room) -> None:
    async with room.opened("/wire") as page:
        await page.locator("#clock summary").click()
        await page.get_by_role("button", name="到下一个 9:00").click()
        await expect(page.locator("#now")).to_have_text("2026年11月24日 周二 09:00")
        await page.get_by_role("button", name="到下一个 9:00").click()
        await expect(page.locator("#now")).to_have_text("2026年11月25日 周三 09:00")
        await page.get_by_role("button", name="+1 天").click()
        await expect(page.locator("#now")).to_have_text("2026年11月26日 周四 09:00")
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="到下一个 9:00")).to_be_hidden()


async def test_a_group_is_one_phone(room: Room) -> None:
    world = room.world
    group = next(one for one in world.chats.conversations.values() if one.title == "后端组")
    body = {
        "robotCode": world.app.robot_code, "openConversationId": group.id, "msgKey": "sampleText",
        "msgParam": '{"content":"早"}',
    }  # fmt: skip
    async with robot(room.sandbox, _nothing), room.opened("/wire") as page:
        await _call(room, "/v1.0/robot/groupMessages/send", body)
        await world.say("lin", group.id, f"@{world.app.robot_name} 帮助")
        world.post(room.chat("lin"), ROBOT, "text", {"text": "不在线路上"})
        await page.get_by_role("combobox", name="谁").select_option(label="后端组")
        await expect(_rows(page, has_text="机器人发群消息")).to_contain_text("机器人 → 钉钉 → 后端组")
        await expect(_frames(page, has_text="机器人收到消息")).to_contain_text("林晓 → 钉钉 → 机器人")
