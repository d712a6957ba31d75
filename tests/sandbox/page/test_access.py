"""Nothing stands between the page and those who see, hear or point otherwise (axe-core's rules)."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from sandbox.page.people import address
from sandbox.world import ROBOT
from sandbox.world.cards import DynamicSource
from sandbox.world.faults import Fault
from sandbox.world.stream import ROBOT_TOPIC
from tests.sandbox.page.conftest import DESKTOP, PHONE, Room
from tests.sandbox.page.examples import APPROVAL, EVERY_FIELD, REPORT
from tests.sandbox.page.stub import send_card

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("browser"),
]

WORDS = """#### 余额
- 可用 **4** 天，[帮助](dtmd://dingtalkclient/sendMessage?content=%E5%B8%AE%E5%8A%A9)
> [条例](https://a.example/)
"""


OTHERS = ("/wire", "/wire/1", "/faults")


async def _barriers(page: Page) -> list[str]:
    results = await Axe().run(page)
    return [
        f"{found['id']}: {node['html'][:120]}"
        for found in results.response["violations"]
        if found["id"] != "heading-order"  # a message's headings have the level that its author gave them
        for node in found["nodes"]
    ]


def _furnish(room: Room) -> None:
    world, chat = room.world, room.chat("lin")
    world.post(chat, "lin", "text", {"text": "年假余额"})
    world.post(chat, ROBOT, "markdown", {"title": "t", "text": WORDS})
    send_card(world, chat, "form", "t1", **EVERY_FIELD)
    for number, status in enumerate(("待审批", "已同意", "已拒绝", "已撤回", "处理中")):
        send_card(world, chat, "notice", f"n{number}", **{**APPROVAL, "status": status, "tip": "编号 1024"})
    send_card(world, chat, "report", "r1", **REPORT)
    card = send_card(world, chat, "notice", "d1", title="工资条")
    card.sources.append(DynamicSource("ds1", {}, "ONCE"))
    world.faults.waiting.append(Fault("*", "busy", times=3))
    world.wire.note("lost: nobody there", request={"a": "{}"})
    world.wire.add(
        "call", "out", "card.create", status=403, code="Forbidden", request={"userId": "lin"}, warnings=["1 KB"]
    )
    world.wire.add("frame", "in", f"CALLBACK {ROBOT_TOPIC}", api=ROBOT_TOPIC, counted=True, request={"userId": "lin"})


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_no_view_has_a_barrier(room: Room, size: tuple[int, int], dark: bool) -> None:
    _furnish(room)
    found: dict[str, list[str]] = {}
    for path in ("/", address("lin"), address("lin", room.chat("lin").id), *OTHERS):
        async with room.opened(path, size=size, dark=dark) as page:
            for button in await page.get_by_role("button", name="提交").all():
                await button.click()
                await page.locator(".error:visible").first.wait_for()
            for menu in await page.locator("details").all():
                await menu.evaluate("one => { one.open = true }")
            await expect(page.get_by_role("main")).to_be_visible()
            await expect(page.get_by_role("heading", level=1)).to_have_count(1)
            found[path] = await _barriers(page)
    assert found == {path: [] for path in found}


async def test_who_wants_no_motion_gets_none(room: Room) -> None:
    _furnish(room)
    running = "document.getAnimations().length"
    async with room.phone("lin") as page:
        await page.locator(".b-blue").first.evaluate("one => one.classList.add('working')")
        assert await page.evaluate(running) == 0
    async with room.phone("lin", motion="no-preference") as page:
        await page.locator(".b-blue").first.evaluate("one => one.classList.add('working')")
        assert await page.evaluate(running) == 1
