"""The page's addresses, asked without a browser."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from sandbox.company import tiny
from sandbox.crowd import crowd
from sandbox.page.people import CAST, MOST_LISTED, address
from sandbox.server import Running, serving
from sandbox.world import ROBOT, World
from tests.sandbox.page.examples import APPROVAL, LEAVE_FORM
from tests.sandbox.page.stub import params, robot, send_card, shows

pytestmark = pytest.mark.asyncio(loop_scope="session")
JSON = {"Accept": "application/json"}


@pytest_asyncio.fixture(loop_scope="session")
async def web(sandbox: Running) -> AsyncIterator[aiohttp.ClientSession]:
    """A client that keeps its place at redirects."""
    async with aiohttp.ClientSession(sandbox.url) as session:
        yield session


def _lin(sandbox: Running) -> dict[str, str]:
    return {"as": "lin", "chat": sandbox.world.chats.with_robot("lin").id}


async def test_every_answer_forbids_what_the_page_does_not_need(sandbox: Running, web: aiohttp.ClientSession) -> None:
    for path in ("/", "/wire", "/faults", address("lin"), "/page/chat?as=lin", "/page/entries"):
        async with web.get(path) as answer:
            assert answer.status == 200
            assert answer.headers["Content-Security-Policy"].startswith("default-src 'self';")
            assert "style=" not in await answer.text()


async def test_scripts_and_styles_are_asked_for_again(web: aiohttp.ClientSession) -> None:
    for name in ("chat.js", "live.js", "style.css"):
        async with web.get(f"/page/static/{name}") as answer:
            assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-cache")


async def test_another_site_cannot_speak_for_anybody(sandbox: Running, web: aiohttp.ClientSession) -> None:
    form = {**_lin(sandbox), "text": "撤回"}
    for site in ("cross-site", "same-site", "none"):
        async with web.post("/page/say", data=form, headers={"Sec-Fetch-Site": site}) as answer:
            assert answer.status == 403
    assert sandbox.world.chats.with_robot("lin").messages == []


async def test_without_a_script_a_message_is_sent_and_the_page_comes_back(
    sandbox: Running, web: aiohttp.ClientSession
) -> None:
    async with web.post("/page/say", data={**_lin(sandbox), "text": "年假\r\n余额 "}) as answer:
        page = await answer.text()
    assert answer.status == 200 and "年假\n余额" in page
    assert [m.content["text"] for m in sandbox.world.chats.with_robot("lin").messages] == ["年假\n余额"]


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/page/say", {"as": "nobody", "text": "x"}),
        ("/page/say", {"as": "chen", "text": "x"}),
        ("/page/send", {"as": "lin", "kind": "bomb"}),
        ("/page/act", {"as": "lin", "card": "none", "action": "approve"}),
        ("/page/submit", {"as": "lin", "card": "none"}),
        ("/page/clock", {"step": "set", "to": "soon"}),
        ("/page/clock", {}),
    ],
)
async def test_what_a_phone_cannot_do_is_refused(
    sandbox: Running, web: aiohttp.ClientSession, path: str, form: dict[str, str]
) -> None:
    """Among them: chen speaks in lin's private chat."""
    async with web.post(path, data={**_lin(sandbox), **form}, headers=JSON) as answer:
        assert answer.status == 409
        assert (await answer.json())["toast"]


async def test_a_person_who_is_not_there_is_a_plain_404(web: aiohttp.ClientSession) -> None:
    for path in (address("nobody"), address("nobody", "cid0")):
        async with web.get(path) as answer:
            assert answer.status == 404


async def test_a_chat_that_is_not_theirs_leads_to_their_own_phone(sandbox: Running, web: aiohttp.ClientSession) -> None:
    sandbox.world.post(sandbox.world.chats.with_robot("lin"), ROBOT, "text", {"text": "只给林晓"})
    for chat in ("cid0", sandbox.world.chats.with_robot("lin").id):
        async with web.get(address("chen", chat)) as answer:
            assert str(answer.url.relative()) == "/?as=chen"
            assert "只给林晓" not in await answer.text()
        async with web.get("/page/chat", params={"as": "chen", "chat": chat}) as answer:
            assert await answer.json() == {"gone": True}


async def test_a_disabled_or_unknown_button_cannot_be_pressed(sandbox: Running, web: aiohttp.ClientSession) -> None:
    world = sandbox.world
    buttons = [{"id": "approve", "text": "同意", "disabled": True}]
    send_card(world, world.chats.with_robot("lin"), "notice", "t1", **{**APPROVAL, "buttons": buttons})
    for action in ("approve", "other"):
        async with web.post(
            "/page/act", data={**_lin(sandbox), "card": "t1", "action": action}, headers=JSON
        ) as answer:
            assert answer.status == 409


async def test_a_form_that_lacks_something_is_not_sent(sandbox: Running, web: aiohttp.ClientSession) -> None:
    world = sandbox.world
    send_card(world, world.chats.with_robot("lin"), "form", "t1", **LEAVE_FORM)
    async with (
        robot(sandbox, lambda topic, data: shows(status="待审批")) as heard,
        web.post("/page/submit", data={**_lin(sandbox), "card": "t1", "field.type": "sick"}, headers=JSON) as answer,
    ):
        assert await answer.json() == {"missing": {"start": "开始日期是必填项"}}
        assert heard.empty()


async def test_a_tap_carries_action_ref_and_comment(sandbox: Running, web: aiohttp.ClientSession) -> None:
    world = sandbox.world
    send_card(world, world.chats.with_robot("lin"), "notice", "t1", **APPROVAL)
    form = {**_lin(sandbox), "card": "t1", "action": "reject", "comment": "人手\r\n不够"}
    async with (
        robot(sandbox, lambda topic, data: shows(status="已拒绝")) as heard,
        web.post("/page/act", data=form, headers=JSON) as answer,
    ):
        assert await answer.json() == {"toast": "", "reason": ""}
        assert params(await heard.get()) == {"action": "reject", "ref": "1.leave.1024", "comment": "人手\n不够"}


async def test_reading_a_chat_clears_its_mark_for_the_reader_alone(
    sandbox: Running, web: aiohttp.ClientSession
) -> None:
    world = sandbox.world
    group = next(one for one in world.chats.conversations.values() if one.title == "后端组")
    world.post(group, ROBOT, "text", {"text": "早"})

    async def unread(seen: str) -> tuple[int, int]:
        async with web.get("/page/chat", params={"as": "lin", "chat": group.id, "seen": seen}) as answer:
            marks = (await answer.json())["unread"]
        return marks["lin"], marks["wang"]

    assert await unread("no") == (1, 1)
    assert await unread("yes") == (0, 1)


async def test_the_clock_moves_stops_and_runs(sandbox: Running, web: aiohttp.ClientSession) -> None:
    clock = sandbox.world.clock
    await web.post("/page/clock", data={"step": "freeze"})
    await web.post("/page/clock", data={"step": "set", "to": "2026-12-31T23:50"})
    await web.post("/page/clock", data={"step": "5m"})
    assert f"{clock.now():%F %R}" == "2026-12-31 23:55"
    await web.post("/page/clock", data={"step": "morning"})
    assert f"{clock.now():%F %R %z}" == "2027-01-01 09:00 +0800"
    await web.post("/page/clock", data={"step": "1h"})
    async with web.post("/page/clock", data={"step": "run", "back": "//evil.example/"}) as answer:
        assert answer.url.host == "127.0.0.1"
        assert "2027年1月1日 周五 10:00" in await answer.text()
    assert not clock.frozen


async def test_the_event_stream_tells_changes_and_ends_with_the_sandbox() -> None:
    async with aiohttp.ClientSession() as session:
        async with serving(World(tiny(), seed=7)) as running:
            answer = await session.get(f"{running.url}/page/events")
            assert await answer.content.readuntil(b"\n\n") == b"retry: 1000\nevent: hello\ndata: {}\n\n"
            chat = running.world.chats.with_robot("lin")
            running.world.post(chat, ROBOT, "text", {"text": "好"})
            assert b'"kind": "message"' in await answer.content.readuntil(b"\n\n")
        async with asyncio.timeout(5):
            await answer.content.read()  # to its proper end


async def test_pictures_and_other_samples_reach_the_robot_in_private(
    sandbox: Running, web: aiohttp.ClientSession
) -> None:
    async with robot(sandbox, lambda topic, data: {}) as heard:
        for kind in ("picture", "file", "audio", "video", "rich"):
            async with web.post("/page/send", data={**_lin(sandbox), "kind": kind}) as answer:
                page = await answer.text()
        told = [(await heard.get())["msgtype"] for _ in range(5)]
    assert told == ["picture", "file", "audio", "video", "richText"]
    assert "转文字：我想请明天下午半天年假" in page and "病假证明.pdf" in page and page.count('class="shot"') == 2


async def test_the_wire_is_filtered_by_the_address_too(sandbox: Running, web: aiohttp.ClientSession) -> None:
    async with robot(sandbox, lambda topic, data: {}):
        await sandbox.world.say("lin", sandbox.world.chats.with_robot("lin").id, "帮助")
    for told, count in (({"who": "lin", "q": "BOT/messages", "show": "costs"}, 1), ({"who": "chen"}, 0)):
        async with web.get("/wire", params=told) as answer:
            assert (await answer.text()).count('<li class="entry') == count


async def test_an_entry_has_a_page_of_its_own(sandbox: Running, web: aiohttp.ClientSession) -> None:
    number = sandbox.world.wire.note("lost: nobody", request={"a": 1}).number
    async with web.get(f"/wire/{number}") as answer:
        assert "&#34;a&#34;: 1" in await answer.text()
    for wrong in (number + 1, "x"):
        async with web.get(f"/wire/{wrong}") as answer:
            assert answer.status == 404


async def test_a_company_beyond_the_page_is_searched() -> None:
    async with serving(World(crowd(2_000))) as sandbox, aiohttp.ClientSession(sandbox.url) as web:
        last = sorted(sandbox.world.directory.users.values(), key=lambda one: one.name.encode("gb18030", "replace"))[-1]
        async with web.get("/?as=lin") as answer:
            page = await answer.text()
        assert page.count('data-search="') <= MOST_LISTED + len(CAST)
        assert f"as={last.userid}" not in page
        async with web.get("/", params={"as": "lin", "find": last.userid}) as answer:
            assert f"as={last.userid}" in await answer.text()
