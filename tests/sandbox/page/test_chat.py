"""A phone in a real browser."""

import asyncio
import json
import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from sandbox.page.people import address
from sandbox.world import ROBOT, Conversation
from sandbox.world.cards import DynamicSource
from sandbox.world.stream import CARD_TOPIC, DYNAMIC_TOPIC
from tests.sandbox.page.conftest import PATIENCE, PHONE, Room
from tests.sandbox.page.examples import APPROVAL, EVERY_FIELD, LEAVE_FORM, REPORT
from tests.sandbox.page.stub import change_card, params, robot, send_card, shows

expect.set_options(timeout=PATIENCE)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("browser"),
]


def _group(room: Room, title: str) -> Conversation:
    return next(one for one in room.world.chats.conversations.values() if one.title == title)


def _nothing(topic: str, data: dict[str, Any]) -> dict[str, Any]:
    return {}


async def test_a_suggested_phrase_is_said_and_the_answer_appears_by_itself(room: Room) -> None:
    chat = room.chat("lin")

    def answers(topic: str, data: dict[str, Any]) -> dict[str, Any]:
        room.world.post(chat, ROBOT, "markdown", {"title": "年假", "text": "可用 **4.5** 天"})
        return {}

    async with robot(room.sandbox, answers), room.phone("lin") as page:
        await page.get_by_role("button", name="年假余额").click()
        await expect(page.locator(".message.theirs .bubble")).to_have_text("可用 4.5 天")
        await expect(page.locator(".message.mine .bubble")).to_have_text("年假余额")
        await expect(page.locator("#announce")).to_have_text(f"{room.world.app.robot_name}：可用 4.5 天")
        await expect(page.get_by_role("group", name="试着说")).to_be_hidden()


async def test_enter_sends_and_shift_enter_makes_a_line(room: Room) -> None:
    async with room.phone("lin") as page:
        box = page.get_by_role("textbox", name="发给")
        await box.fill("第一行")
        await box.press("Shift+Enter")
        await page.keyboard.type("第二行")
        await box.press("Enter")
        await expect(page.locator(".mine .bubble")).to_have_text("第一行\n第二行")
        await expect(box).to_have_value("")
        await box.press("Enter")  # nothing to send
        await page.get_by_role("button", name="发送", exact=True).click()
    assert [m.content["text"] for m in room.chat("lin").messages] == ["第一行\n第二行"]


async def test_a_dtmd_link_says_its_text_when_tapped(room: Room) -> None:
    text = "[同意](dtmd://dingtalkclient/sendMessage?content=%E5%90%8C%E6%84%8F%201024)　[官网](https://a.example/)"
    room.world.post(room.chat("wang"), ROBOT, "markdown", {"title": "t", "text": text})
    async with room.phone("wang") as page:
        link = page.get_by_role("link", name="官网", exact=True)
        assert await link.get_attribute("rel") == "noopener noreferrer"
        await page.locator(".bubble").get_by_role("button", name="同意").click()
        await expect(page.locator(".mine .bubble")).to_have_text("同意 1024")


async def test_a_form_says_what_is_missing_and_then_sends_every_field(room: Room) -> None:
    card = send_card(room.world, room.chat("lin"), "form", "t1", **EVERY_FIELD)

    def answers(topic: str, data: dict[str, Any]) -> dict[str, Any]:
        return shows(status="待审批")

    async with robot(room.sandbox, answers) as heard, room.phone("lin") as page:
        assert await page.locator(".card").get_by_text("nonce-7").count() == 0
        await page.get_by_role("button", name="提交").click()
        text = page.get_by_role("textbox", name=re.compile("^文本.*必填"))
        await expect(text).to_be_focused()
        await expect(text).to_have_attribute("aria-invalid", "true")
        await expect(text).to_have_accessible_description("文本一定要填")
        await expect(page.get_by_role("group", name="单选列表")).to_have_accessible_description("单选列表是必填项")

        await text.fill("一")
        await page.get_by_role("button", name="再加一种").click()
        await page.keyboard.type("火锅")
        await page.get_by_label("多行").fill("多\n行")
        await page.get_by_label("数字").fill("2.5")
        await page.get_by_role("combobox", name="下拉").select_option(label="选项2")
        many = page.get_by_role("group", name="多选", exact=True)
        await many.get_by_text("选项1").click()
        await many.get_by_text("选项3").click()
        await page.get_by_label("日期", exact=True).fill("2026-11-26")
        await page.get_by_label("时间", exact=True).fill("09:05")
        await page.get_by_role("checkbox", name="复选框").check()
        await page.get_by_role("switch", name="开关").uncheck()
        await page.get_by_role("radio", name="选项3").check()
        await page.get_by_role("group", name="多选列表").get_by_label("选项2").check()
        await page.get_by_role("button", name="提交").click()

        await expect(page.locator(".card .status")).to_have_text("待审批")
        await expect(page.get_by_role("button", name="提交")).to_have_count(0)
        sent = params(await heard.get())["form"]
    assert card.values("lin")["status"] == "待审批"
    assert sent == {
        "secret": "nonce-7",
        "fixed": "不能改",
        "text": "一",
        "list": ["中餐", "火锅"],
        "area": "多\n行",
        "number": "2.5",
        "one": {"index": 1, "value": "2"},
        "many": {"index": [0, 2], "value": ["1", "3"]},
        "day": "2026-11-26",
        "hour": "09:05",
        "moment": "2026-11-25 09:30",
        "tick": True,
        "flip": False,
        "radio": "3",
        "boxes": ["2"],
    }


async def test_a_tap_is_busy_until_answered_and_shows_to_the_tapper_alone(room: Room) -> None:
    group = _group(room, "后端组")
    card = send_card(room.world, group, "notice", "t1", **APPROVAL)

    def answers(topic: str, data: dict[str, Any]) -> dict[str, Any] | None:
        return None

    async with (
        robot(room.sandbox, answers) as heard,
        room.phone("wang", group.id) as wang,
        room.phone("lin", group.id) as lin,
    ):
        await wang.get_by_label("意见").fill("好的")
        await wang.get_by_role("button", name="同意").click()
        await expect(wang.get_by_role("article")).to_have_attribute("aria-busy", "true")
        assert params(await heard.get()) == {"action": "approve", "ref": "1.leave.1024", "comment": "好的"}
        push = next(push for push in room.world.stream.pushes.values() if push.topic == CARD_TOPIC)
        room.world.stream.received(
            push.connection, _ack(push.message_id, status="已同意", buttons="[]", ask_comment="false")
        )

        await expect(wang.locator(".status.yes")).to_have_text("已同意")
        await expect(wang.get_by_role("button", name="同意")).to_have_count(0)
        await expect(lin.locator(".status.wait")).to_have_text("待审批")
        change_card(room.world, card, status="已同意", buttons=[])
        await expect(lin.locator(".status.yes")).to_have_text("已同意")
        await expect(lin.locator("#announce")).to_contain_text("[卡片] 林晓的请假申请，已同意")


def _ack(message_id: str, **values: str) -> str:
    data = json.dumps({"response": shows(**values)})
    return json.dumps({"code": 200, "message": "OK", "headers": {"messageId": message_id}, "data": data})


async def test_no_answer_in_time_shows_the_clients_failure(room: Room) -> None:
    send_card(room.world, room.chat("wang"), "notice", "t1", **APPROVAL)
    room.world.stream.timing.card = 0.1

    def never(topic: str, data: dict[str, Any]) -> None:
        return None

    async with robot(room.sandbox, never), room.phone("wang") as page:
        await page.get_by_role("button", name="同意").click()
        await expect(page.get_by_role("alert")).to_contain_text("操作失败，请稍后重试")
        await expect(page.get_by_role("article")).to_have_attribute("aria-busy", "false")
        await expect(page.locator(".status")).to_have_text("待审批")


async def test_a_card_that_changes_keeps_what_is_being_written_and_the_focus(room: Room) -> None:
    card = send_card(room.world, room.chat("wang"), "notice", "t1", **APPROVAL)
    async with room.phone("wang") as page:
        comment = page.get_by_label("意见")
        await comment.fill("人手")
        change_card(room.world, card, tip="李静 也在看")
        await expect(page.locator(".tip")).to_have_text("李静 也在看")
        await expect(comment).to_have_value("人手")
        await expect(comment).to_be_focused()
        await page.keyboard.type("不够")
        await expect(comment).to_have_value("人手不够")


async def test_a_form_that_changes_keeps_what_was_chosen(room: Room) -> None:
    card = send_card(room.world, room.chat("lin"), "form", "t1", **LEAVE_FORM)
    async with room.phone("lin") as page:
        await page.get_by_role("combobox", name="假期类型").select_option(label="病假")
        change_card(room.world, card, intro="请先填开始日期")
        await expect(page.locator(".card-body")).to_have_text("请先填开始日期")
        await expect(page.get_by_role("combobox", name="假期类型")).to_have_value("sick")


async def test_a_cell_that_asks_sends_its_row(room: Room) -> None:
    send_card(room.world, room.chat("li"), "report", "t1", **REPORT)
    async with robot(room.sandbox, _nothing) as heard, room.phone("li") as page:
        await expect(page.get_by_role("img", name="柱状图")).to_be_visible()
        await page.get_by_role("button", name="明细").click()
        sent = params(await heard.get())
        await page.get_by_role("button", name="导出").click()
        assert params(await heard.get())["action"] == "export"
    assert sent["row"]["dept"] == "研发部" and sent["column"]["alias"] == "act"


async def test_figures_that_are_not_stored_are_asked_for_once_when_seen(room: Room) -> None:
    card = send_card(room.world, room.chat("lin"), "notice", "pay", title="工资条", body="")
    card.sources.append(DynamicSource("ds1", {}, "ONCE"))
    answer = {"dynamicDataSourceId": "ds1", "dynamicDataValueType": "OBJECT", "data": '{"body":"实发 **9,001.50** 元"}'}

    def answers(topic: str, data: dict[str, Any]) -> dict[str, Any]:
        return {"dataSourceQueryResponses": [answer]} if topic == DYNAMIC_TOPIC else {}

    async with robot(room.sandbox, answers) as heard, room.phone("lin") as page:
        await expect(page.locator(".card-body")).to_have_text("实发 9,001.50 元")
        await page.reload()
        await expect(page.locator(".card-body")).to_have_text("实发 9,001.50 元")
        assert heard.qsize() == 1


async def test_figures_that_do_not_come_say_so_and_are_asked_for_again_by_button(room: Room) -> None:
    card = send_card(room.world, room.chat("lin"), "notice", "pay", title="工资条", body="")
    card.sources.append(DynamicSource("ds1", {}, "ONCE"))
    room.world.stream.timing.card = 0.1
    answer = {"dynamicDataSourceId": "ds1", "dynamicDataValueType": "OBJECT", "data": '{"body":"实发 9,001.50 元"}'}
    asked: list[str] = []

    def second_time(topic: str, data: dict[str, Any]) -> dict[str, Any] | None:
        asked.append(topic)
        return None if len(asked) == 1 else {"dataSourceQueryResponses": [answer]}

    async with robot(room.sandbox, second_time), room.phone("lin") as page:
        await expect(page.locator(".pull")).to_contain_text("没有取到数据")
        room.world.stream.timing.card = 2
        await page.get_by_role("button", name="再取一次").click()
        await expect(page.locator(".card-body")).to_have_text("实发 9,001.50 元")
        await expect(page.locator(".pull")).to_have_count(0)


async def test_figures_that_are_due_at_every_look_come_anew_when_scrolled_back_to(room: Room) -> None:
    """They are not asked for because the card is drawn anew: that would never end."""
    chat = room.chat("lin")
    card = send_card(room.world, chat, "notice", "live", title="余额", body="")
    card.sources.append(DynamicSource("ds1", {}, "RENDER"))
    count = 0

    def answers(topic: str, data: dict[str, Any]) -> dict[str, Any]:
        nonlocal count
        count += 1
        values = json.dumps({"body": f"第 {count} 次"})
        return {"dataSourceQueryResponses": [{"dynamicDataSourceId": "ds1", "data": values}]}

    async with robot(room.sandbox, answers), room.phone("lin") as page:
        await expect(page.locator(".card-body")).to_have_text("第 1 次")
        change_card(room.world, card, tip="改了一点")
        await expect(page.locator(".tip")).to_have_text("改了一点")
        for number in range(20):
            room.world.post(chat, ROBOT, "text", {"text": f"往下 {number}"})
        await expect(page.locator(".words").last).to_have_text("往下 19")
        await expect(page.locator(".card")).not_to_be_in_viewport()
        assert count == 1
        await page.locator(".card").scroll_into_view_if_needed()
        await expect(page.locator(".card-body")).to_have_text("第 2 次")
        opened = await (await page.request.get(page.url)).text()
        assert "第 2 次" not in opened  # Opened anew, the phone has nothing until it was asked for again.
    assert count == 2


async def test_in_a_group_the_button_names_the_robot(room: Room) -> None:
    name = room.world.app.robot_name
    async with robot(room.sandbox, _nothing) as heard, room.phone("lin", _group(room, "后端组").id) as page:
        box = page.get_by_role("textbox", name="发给后端组的消息")
        await box.fill("大家好")
        await box.press("Enter")
        await expect(page.locator(".mine .bubble")).to_have_count(1)
        await page.get_by_role("button", name=f"@{name}").click()
        await expect(box).to_be_focused()
        await page.keyboard.type("我的申请")
        await page.keyboard.press("Enter")
        told = await heard.get()
    assert told["text"]["content"].strip() == "我的申请" and heard.empty()


async def test_an_unread_mark_comes_and_goes_by_itself(room: Room) -> None:
    group = _group(room, "后端组")
    async with room.phone("lin") as page:
        mark = page.locator("[data-unread=lin]").first
        await expect(mark).to_be_hidden()
        room.world.post(group, "wang", "text", {"text": "开会"})
        await expect(mark).to_have_text("未读 1")
        entry = page.get_by_role("link", name="后端组")
        await expect(entry).to_contain_text("王磊：开会")
        await entry.click()
        await expect(page.get_by_role("heading", name="后端组")).to_be_visible()
        await expect(page.locator("[data-unread=lin]").first).to_be_hidden()


async def test_two_people_side_by_side_see_one_conversation(room: Room) -> None:
    group = _group(room, "后端组")
    async with room.phone("lin", group.id) as lin, room.phone("wang", group.id) as wang:
        await lin.get_by_role("textbox", name="发给").fill("早")
        await lin.keyboard.press("Enter")
        await expect(wang.locator(".theirs .bubble")).to_have_text("早")
        await expect(wang.locator(".theirs .sender")).to_have_text("林晓")


async def test_another_kind_of_message_is_sent_from_the_menu(room: Room) -> None:
    async with room.phone("lin") as page:
        await page.locator(".more summary").click()
        await page.get_by_role("button", name="图片").click()
        picture = page.locator(".mine img.shot")
        await expect(picture).to_be_visible()
        assert await picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 48
        await expect(page.get_by_role("button", name="图片")).to_be_hidden()


async def test_the_clock_shows_the_sandboxs_time_and_moves_it(room: Room) -> None:
    room.world.clock.freeze()
    async with room.phone("lin") as page:
        await expect(page.locator("#now")).to_have_text("2026年11月24日 周二 08:55")
        await page.locator("#clock summary").click()
        await page.get_by_role("button", name="到下一个 9:00").click()
        await expect(page.locator("#now")).to_have_text("2026年11月24日 周二 09:00")
        await page.get_by_role("button", name="到下一个 9:00").click()
        await expect(page.locator("#now")).to_have_text("2026年11月25日 周三 09:00")
        await expect(page.get_by_label("设为")).to_have_value("2026-11-25T09:00")
        await page.get_by_label("设为").fill("2026-12-31T23:59")
        await page.get_by_role("button", name="设定").click()
        await expect(page.locator("#now")).to_have_text("2026年12月31日 周四 23:59")
        await page.get_by_role("button", name="恢复走动").click()
        await expect(page.get_by_role("button", name="停住时间")).to_be_visible()
    assert not room.world.clock.frozen


async def test_the_first_page_tells_the_story_and_each_phone_offers_its_part(room: Room) -> None:
    async with room.opened("/") as page:
        story = page.locator(".tries li")
        await expect(story).to_have_count(3)
        await expect(story.nth(1)).to_contain_text("待我审批")
        await story.nth(1).get_by_role("link").click()
        await expect(page.locator("#phrases button").first).to_have_text("待我审批")
        await expect(page.locator("#phrases button")).to_have_count(4)


async def test_a_phones_width_shows_one_pane_with_a_way_back(room: Room) -> None:
    async with room.opened("/", size=PHONE) as page:
        await page.get_by_role("link", name="林晓").first.click()
        await expect(page.get_by_role("heading", name="林晓的手机")).to_be_visible()
        await expect(page.locator("#main")).to_be_hidden()
        await page.get_by_role("link", name=room.world.app.robot_name).click()
        await expect(page.locator("#log")).to_be_visible()
        await expect(page.get_by_role("heading", name="林晓的手机")).to_be_hidden()
        await page.get_by_role("link", name="返回：会话列表").click()
        await page.get_by_role("link", name="返回：选择人").click()
        await expect(page.get_by_role("heading", name="拿起谁的手机")).to_be_visible()


async def test_a_chat_that_a_narrow_window_does_not_show_stays_unread(room: Room) -> None:
    room.world.post(room.chat("lin"), ROBOT, "text", {"text": "早"})
    async with room.opened(address("lin"), size=PHONE) as page:
        room.world.post(room.chat("lin"), ROBOT, "text", {"text": "再说一句"})
        await expect(page.locator(".conversation .unread")).to_have_text("未读 2")
    async with room.opened(address("lin")) as page:
        await expect(page.locator(".conversation .unread")).to_have_count(0)


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1440])
async def test_no_width_needs_sideways_scrolling(room: Room, width: int) -> None:
    long = "长" * 400 + " " + "x" * 400
    room.world.post(room.chat("li"), ROBOT, "markdown", {"title": "t", "text": long})
    send_card(room.world, room.chat("li"), "report", "t1", **REPORT)
    send_card(room.world, room.chat("li"), "notice", "t2", **{**APPROVAL, "title": long, "tip": long})
    for path in ("/", address("li"), address("li", room.chat("li").id), "/wire"):
        async with room.opened(path, size=(width, 800)) as page:
            assert await page.evaluate("document.documentElement.scrollWidth") <= width
            if await page.locator("#log").count():
                assert await page.evaluate("log.scrollWidth - log.clientWidth") == 0


async def test_a_keyboard_is_enough(room: Room) -> None:
    async with room.opened("/") as page:
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="跳到主要内容")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.locator("#people")).to_be_focused()
        await page.get_by_role("link", name="林晓").first.focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("textbox", name="发给")).to_be_focused()
        await page.keyboard.type("帮助")
        await page.keyboard.press("Enter")
        await expect(page.locator(".mine .bubble")).to_have_text("帮助")
        menu = page.locator(".more summary")
        await menu.focus()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("button", name="图片")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="图片")).to_be_hidden()
        await expect(menu).to_be_focused()


async def test_everybody_can_be_found(room: Room) -> None:
    async with room.opened("/") as page:
        await page.get_by_role("searchbox").fill("秦峰")
        await expect(page.locator("#everyone-list > li:visible")).to_have_count(1)
        await expect(page.locator("#found")).to_have_text("找到 1 人")


async def test_without_a_script_everything_can_be_read(room: Room) -> None:
    send_card(room.world, room.chat("li"), "report", "t1", **REPORT)
    send_card(room.world, room.chat("li"), "notice", "t2", **APPROVAL)
    async with room.phone("li", scripts=False) as page:
        await expect(page.get_by_role("img", name="柱状图")).to_be_visible()
        await expect(page.get_by_text("待审批")).to_be_visible()
        await page.get_by_role("textbox", name="发给").fill("帮助")
        await page.get_by_role("button", name="发送", exact=True).click()
        await expect(page.locator(".mine .bubble")).to_have_text("帮助")


async def test_what_the_robot_says_is_never_markup(room: Room) -> None:
    evil = "<img src=x onerror=\"document.title='gone'\"><script>document.title='gone'</script>"
    chat = room.chat("lin")
    room.world.post(chat, ROBOT, "text", {"text": evil})
    room.world.post(chat, ROBOT, "markdown", {"title": evil, "text": evil})
    send_card(room.world, chat, "notice", "t1", title=evil, body=evil, tip=evil, fields=[{"label": evil, "text": evil}])
    async with room.phone("lin") as page:
        await page.get_by_role("textbox", name="发给").fill(evil)
        await page.keyboard.press("Enter")
        await expect(page.locator(".mine .bubble")).to_have_text(evil)
        assert await page.locator("#messages img, #messages script").count() == 0
        assert await page.title() != "gone"


async def test_the_page_says_whether_the_robot_is_there_and_that_this_is_a_sandbox(room: Room) -> None:
    async with room.phone("lin") as page:
        await expect(page.locator("#line")).to_have_text("机器人未连接")
        await expect(page.get_by_text("本地沙箱，不是真正的钉钉")).to_be_visible()
        async with robot(room.sandbox, _nothing):
            await expect(page.locator("#line")).to_have_text("已连接")
        await expect(page.locator("#line")).to_have_text("机器人未连接")


async def test_the_last_message_is_in_view(room: Room) -> None:
    for number in range(40):
        room.world.post(room.chat("lin"), ROBOT, "text", {"text": f"第 {number} 条"})
    async with room.phone("lin") as page:
        log = page.get_by_role("log")
        await expect(log.get_by_text("第 39 条")).to_be_in_viewport()
        room.world.post(room.chat("lin"), ROBOT, "text", {"text": "新的"})
        await expect(log.get_by_text("新的")).to_be_in_viewport()
        await _scroll_up(page)
        room.world.post(room.chat("lin"), ROBOT, "text", {"text": "更新的"})
        await expect(log.get_by_text("更新的")).to_be_attached()
        await expect(log.get_by_text("第 0 条")).to_be_in_viewport()


async def _scroll_up(page: Page) -> None:
    await page.evaluate("log.scrollTop = 0")


async def test_a_company_that_begins_anew_shows_empty_phones(room: Room) -> None:
    room.world.post(room.chat("lin"), ROBOT, "text", {"text": "以前的事"})
    async with room.phone("lin") as lin, room.opened("/wire") as wire:
        await expect(lin.get_by_role("log").get_by_text("以前的事")).to_be_visible()
        room.world.wire.note("before")
        await expect(wire.locator(".entry").filter(has_text="before")).to_have_count(1)
        room.world.reset()
        await expect(lin.get_by_role("group", name="试着说")).to_be_visible()
        await expect(wire.locator(".entry").filter(has_text="before")).to_have_count(0)


async def test_the_wire_leads_back_to_the_same_phone(room: Room) -> None:
    async with room.phone("lin") as page:
        here = page.url
        await page.get_by_role("link", name="线路", exact=True).click()
        await page.get_by_role("link", name="聊天").click()
        await expect(page).to_have_url(here)


async def test_many_changes_at_once_all_arrive(room: Room) -> None:
    async with room.phone("lin") as page:
        for number in range(150):
            room.world.post(room.chat("lin"), ROBOT, "text", {"text": f"第 {number} 条"})
            if number % 50 == 0:
                await asyncio.sleep(0)
        await expect(page.locator("#messages > li")).to_have_count(150)
        order = await page.locator("#messages .words").all_inner_texts()
    assert order == [f"第 {number} 条" for number in range(150)]
