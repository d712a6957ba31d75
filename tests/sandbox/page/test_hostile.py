"""Whatever people type stays text: names, messages, files, card values, faults, on every view and as news."""

import json
from typing import Any

import pytest
from playwright.async_api import Page, expect

from sandbox.page.people import address
from sandbox.world import ROBOT, StoredFile, User
from sandbox.world.faults import Fault
from tests.sandbox.page.conftest import PATIENCE, Room
from tests.sandbox.page.examples import APPROVAL, EVERY_FIELD, REPORT
from tests.sandbox.page.stub import robot, send_card

expect.set_options(timeout=PATIENCE)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("browser"),
]

HOSTILE = "恶\"'><img src=x onerror=alert(1)><script>alert(1)</script><b class=evil>{{ 7*7 }}</b>&lt;"
EVIL = "img[src=x], .evil, #toasts script, main script, .phone script, [onerror]"


def _poisoned(value: Any) -> Any:
    """Put the string wherever a card holds words that people read."""
    if isinstance(value, dict):
        kept = {"type", "name", "dataType", "alias", "color", "id", "ref", "value", "format", "data"}
        return {key: one if key in kept and isinstance(one, str) else _poisoned(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_poisoned(one) for one in value]
    return HOSTILE if isinstance(value, str) and value not in {"true", "", "待审批"} else value


async def _poison(room: Room) -> str:
    world = room.world
    world.app.corp_name = world.app.robot_name = HOSTILE
    world.directory.users["lin"].name = HOSTILE
    world.directory.users["lin"].title = HOSTILE
    world.enter(User(HOSTILE, HOSTILE, [1]))
    for department in world.directory.departments.values():
        department.name = HOSTILE
    group = next(one for one in world.chats.conversations.values() if one.kind == "group" and "lin" in one.members)
    group.title = HOSTILE
    await world.say("lin", group.id, f"@机器人 {HOSTILE}")
    chat = room.chat("lin")
    await world.say("lin", chat.id, HOSTILE)
    file = StoredFile(HOSTILE, "text/html", HOSTILE.encode())
    for kind in ("picture", "file", "audio", "video"):
        await world.send_file("lin", chat.id, kind, file, recognition=HOSTILE)
    await world.send_rich("lin", chat.id, [HOSTILE, file])
    words = {"title": HOSTILE, "text": HOSTILE, "url": f"javascript:{HOSTILE}", "picture": HOSTILE}
    world.post(chat, ROBOT, "text", {"text": HOSTILE})
    world.post(chat, ROBOT, "markdown", {"title": HOSTILE, "text": f"# {HOSTILE}\n[{HOSTILE}](javascript:alert(1))"})
    world.post(chat, ROBOT, "actionCard", {**words, "buttons": [words], "horizontal": True})
    world.post(chat, ROBOT, "link", words)
    world.post(chat, ROBOT, "feedCard", {"links": [words]})
    oa = dict.fromkeys(("head", "title", "rich", "text", "picture", "author", "status", "status_color"), HOSTILE)
    told = {**oa, "rows": [{"key": HOSTILE, "value": HOSTILE}], "files": 1, "url": f"javascript:{HOSTILE}"}
    world.post(chat, ROBOT, "oa", told)
    for name, look, values in (("c1", "form", EVERY_FIELD), ("c2", "notice", APPROVAL), ("c3", "report", REPORT)):
        send_card(world, chat, look, f"{name}{HOSTILE}", **{**_poisoned(values), "body": HOSTILE, "intro": HOSTILE})
    world.faults.waiting.append(Fault(HOSTILE, "answer", body=HOSTILE))
    world.wire.note(HOSTILE, request={HOSTILE: HOSTILE})
    world.wire.add(
        "call", "out", HOSTILE, api=HOSTILE, method=HOSTILE, path=HOSTILE, code=HOSTILE, warnings=[HOSTILE],
        request={"userid": HOSTILE, "msgParam": json.dumps({"title": HOSTILE})}, response=HOSTILE,
    )  # fmt: skip
    return group.id


async def _clean(page: Page) -> None:
    await expect(page.locator("body")).to_contain_text("<img src=x onerror=alert(1)>")
    assert await page.locator(EVIL).count() == 0
    assert await page.get_by_text("{{ 7*7 }}").count() > 0
    assert await page.locator("a[href^='javascript:' i]").count() == 0


async def test_on_every_view(room: Room) -> None:
    async with robot(room.sandbox, lambda topic, data: {}):
        group = await _poison(room)
    last = room.world.wire.entries[-1].number
    async with room.opened("/") as page:
        for path in ("/", address("lin", room.chat("lin").id), address("lin", group), "/wire", f"/wire?who={group}",
                     f"/wire?story={last}&show=errors", f"/wire/{last}", "/faults", address(HOSTILE)):  # fmt: skip
            await page.goto(room.sandbox.url + path)
            await page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
            await _clean(page)


async def test_as_news(room: Room) -> None:
    async with (
        robot(room.sandbox, lambda topic, data: {}),
        room.phone("lin") as phone,
        room.opened("/wire") as wire,
        room.opened("/faults") as faults,
    ):
        await _poison(room)
        for page in (phone, wire, faults):
            await _clean(page)
        opened = wire.locator(".entry.call").last
        await opened.locator("summary").click()
        await expect(opened.locator("pre").first).to_contain_text("<img src=x")
        await _clean(wire)


async def test_what_is_searched_for_comes_back_as_text(room: Room) -> None:
    async with room.opened("/wire") as page:
        await page.get_by_role("searchbox").fill(HOSTILE)
        await expect(page.locator("#none")).to_be_visible()
        await page.reload()
        await expect(page.get_by_role("searchbox")).to_have_value(HOSTILE)
        assert await page.locator(EVIL).count() == 0
