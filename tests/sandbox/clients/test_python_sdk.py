"""The unmodified Python SDK takes this for DingTalk: messages, cards, taps, events, pings, a new connection.

`upload_to_dingtalk` can't be shown here: the SDK has `https://oapi.dingtalk.com` written into it. Its `reply_card`
and `update_card` call the ordinary interactive cards, closed since 2024-12-31 (A/1474): they fail here as well.
"""

import sys
from collections.abc import Sequence

import pytest

from sandbox.company import TEAM_GROUP
from sandbox.server import Running
from sandbox.world import Card, StoredFile, Template, World
from tests.sandbox.clients.process import Client, process

MARKDOWN = Template(
    "589420e2-c1e2-46ef-a5ed-b8728e654da9.schema",
    "notice",
    {"title": "string", "logo": "string", "markdown": "markdown"},
)
BUTTON = Template(
    "1366a1eb-bc54-4859-ac88-517c56a9acb1.schema",
    "notice",
    {"title": "string", "logo": "string", "markdown": "markdown", "tips": "string", "sys_full_json_obj": "object"},
)


def _command(sandbox: Running, *more: str) -> Sequence[str]:
    name = "tests.sandbox.clients.sdk_bot"
    return [sys.executable, "-m", name, sandbox.client_id, sandbox.client_secret, *more]


async def _card(client: Client, text: str, conversation: str = "") -> Card:
    message = await client.asks("lin", text, conversation)
    return client.world.cards.cards[message.content["out_track_id"]]


async def test_the_stock_sdk_replies_sends_cards_and_hears_taps(sandbox: Running, world: World) -> None:
    world.stream.timing.lenient_events = True  # the SDK's acks of events have no status
    world.cards.templates |= {one.id: one for one in (MARKDOWN, BUTTON)}
    async with process(sandbox, _command(sandbox)) as sdk:
        assert (await sdk.asks("lin", "你好")).content["text"] == "你好"
        answer = await sdk.asks("lin", "@机器人 markdown", TEAM_GROUP)
        assert (answer.kind, answer.content) == ("markdown", {"title": "标题", "text": "**你好**"})

        for text in ("card", "async card", "two steps", "two async steps"):
            for conversation in ("", TEAM_GROUP):
                card = await _card(sdk, f"@机器人 {text}" if conversation else text, conversation)
                assert card.view("lin")["title"] == "SDK"
        tap = await world.press("lin", card.out_track_id, "yes")
        assert (tap.ok, card.view("lin")["status"]) == (True, "lin: yes")
        await world.click("lin", card.out_track_id, "b", {"action": "no"})
        assert card.view("lin")["status"] == "lin: no"

        shown = await _card(sdk, "markdown card")
        await sdk.until(lambda: shown.view("lin")["markdown"] == "**第二**")
        buttons = await _card(sdk, "button card")
        assert buttons.view("lin")["sys_full_json_obj"]["msgButtons"][0]["text"] == "好"

        private = world.chats.with_robot("lin")
        before = len(private.messages)
        await world.send_file("lin", private.id, "picture", StoredFile("a.png", "image/png", b"png"))
        await sdk.until(lambda: [one for one in private.messages[before:] if one.from_robot])
        assert private.messages[-1].content["text"].startswith(f"{sandbox.url}/sandbox/media/")

        await world.company.modify_user("lin", {"title": "高级工程师"})
        await world.stream.ping(world.stream.connections[0])
        (old,) = world.stream.connections
        await world.stream.disconnect(old)
        await sdk.until(lambda: world.stream.connections and old not in world.stream.connections)
        assert (await sdk.asks("lin", "还在吗")).content["text"] == "还在吗"

        assert [one for one in sdk.complaints() if "an @ shows" not in one and "while a tap" not in one] == []
        assert not [one for one in world.wire.entries if "given up" in one.title or "not answered" in one.title]

        assert (await sdk.asks("lin", "closed")).content["text"].startswith("closed: ")
        assert any("/v1.0/im/v1.0/robot/interactiveCards/send" in one for one in sdk.complaints())


async def test_the_stock_sdk_answers_from_its_pool(sandbox: Running) -> None:
    async with process(sandbox, _command(sandbox, "threads")) as sdk:
        for text in ("一", "二"):
            assert (await sdk.asks("lin", text)).content["text"] == text


@pytest.mark.parametrize(("lenient", "times"), [(True, 1), (False, 2)])
async def test_an_event_acked_without_a_status_comes_again_unless_we_are_lenient(
    sandbox: Running, world: World, lenient: bool, times: int
) -> None:
    async with process(sandbox, _command(sandbox)) as sdk:
        world.stream.timing.lenient_events = lenient
        world.stream.timing.event_again = (0.0,)
        await world.company.modify_user("lin", {"title": "高级工程师"})
        entries = world.wire.entries
        await sdk.until(lambda: [one.kind for one in entries].count("ack") == times)
        await sdk.until(lambda: lenient or "given up" in entries[-1].title)
        await sdk.asks("lin", "你好")
        assert len([one for one in entries if one.kind == "frame" and "user_modify_org" in one.title]) == times
