"""How an entry of the wire comes to belong to a person, a group and a story."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from sandbox.company import tiny
from sandbox.page.people import CAST
from sandbox.page.topics import described
from sandbox.page.wire import MOST_PEOPLE, Filter, Follower, choices
from sandbox.world import Entry, User, World
from sandbox.world.stream import CARD_TOPIC, ROBOT_TOPIC
from sandbox.world.traces import traces


@pytest.fixture
async def world() -> World:
    """A world that nobody serves."""
    world = World(tiny(), seed=1)
    world.clock.freeze()
    return world


def _call(world: World, request: Mapping[str, Any], response: Mapping[str, Any] | None = None) -> Entry:
    return world.wire.add("call", "out", "POST /x", api="robot.to_people", request=request, response=response)


def _frame(world: World, topic: str, data: Mapping[str, Any], message_id: str) -> Entry:
    frame = {"headers": {"messageId": message_id}, "data": json.dumps(data)}
    return world.wire.add("frame", "in", f"CALLBACK {topic}", api=topic, request=frame, message_id=message_id)


def _people(world: World, entry: Entry) -> set[str]:
    return Follower(world).threads().concern(entry).people


@pytest.mark.parametrize(
    "request_",
    [
        {"userIds": ["lin"]},
        {"userid_list": "lin"},
        {"userId": "union-lin", "userIdType": 2},
        {"openSpaceId": "dtv1.card//IM_ROBOT.lin"},
    ],
)
async def test_a_call_names_a_person_in_many_ways(world: World, request_: dict[str, Any]) -> None:
    assert _people(world, _call(world, request_)) == {"lin"}


async def test_a_group_is_named_by_its_space_or_its_conversation(world: World) -> None:
    group = next(one.id for one in world.chats.conversations.values() if one.kind == "group")
    for told in ({"openConversationId": group}, {"openSpaceId": f"dtv1.card//IM_GROUP.{group}"}):
        entry = _call(world, told)
        assert Follower(world).threads().concern(entry).conversations == {group}


@pytest.mark.parametrize(
    ("first", "answer", "later"),
    [
        ({"outTrackId": "t1", "openSpaceId": "dtv1.card//IM_ROBOT.lin"}, None, {"outTrackId": "t1"}),
        ({"userIds": ["lin"]}, {"processQueryKey": "k1"}, {"processQueryKeys": ["k1"]}),
        ({"userid_list": "lin"}, {"task_id": 7}, {"task_id": 7}),
        ({"userIds": ["lin"], "msgParam": '{"mediaId": "@m"}'}, None, {"media_id": "@m"}),
    ],
)
async def test_what_names_nobody_belongs_to_whom_its_ids_were_used_with(
    world: World, first: dict[str, Any], answer: dict[str, Any] | None, later: dict[str, Any]
) -> None:
    _call(world, first, answer)
    assert _people(world, _call(world, later)) == {"lin"}


async def test_a_session_leads_from_the_frame_to_the_reply_though_it_is_covered(world: World) -> None:
    chat = world.chats.with_robot("lin").id
    data = {
        "conversationId": chat,
        "senderStaffId": "lin",
        "sessionWebhook": "http://x/robot/sendBySession?session=s3cret",
    }
    frame = _frame(world, ROBOT_TOPIC, data, "m1")
    reply = _call(world, {"session": "s3cret", "msgtype": "text"})
    assert _people(world, reply) == {"lin"}
    assert Follower(world).threads().story(frame.number) == {frame.number, reply.number}
    assert "s3cret" not in repr(world.wire.entries)


async def test_what_people_write_and_cards_hold_names_nobody() -> None:
    written = json.dumps({"userId": "wang"})
    data = json.dumps({"text": {"content": written}, "senderStaffId": "lin"})
    assert traces({"data": data}, None, "") == (("person", "lin"),)
    assert traces({"cardData": {"cardParamMap": {"userId": "wang"}}, "outTrackId": "t"}, None, "") == (("card", "t"),)
    assert traces({"dept_id": 1}, {"result": {"list": [{"userid": "wang"}]}}, "") == ()


async def test_a_call_soon_after_a_push_is_put_to_it_as_a_guess_and_later_is_not(world: World) -> None:
    frame = _frame(world, ROBOT_TOPIC, {"msgId": "a", "senderStaffId": "lin"}, "m1")
    soon = _call(world, {"userIds": ["wang"]})
    world.clock.advance(timedelta(seconds=11))
    late = _call(world, {"userIds": ["wang"]})
    threads = Follower(world).threads()
    assert threads.story(frame.number) == {frame.number, soon.number}
    assert threads.guessed == {soon.number}
    assert threads.story(late.number) == {late.number}


async def test_a_story_goes_on_where_somebody_else_taps_the_card(world: World) -> None:
    frame = _frame(world, ROBOT_TOPIC, {"msgId": "a", "senderStaffId": "lin"}, "m1")
    card = _call(world, {"outTrackId": "t1", "openSpaceId": "dtv1.card//IM_ROBOT.wang"})
    other = _frame(world, ROBOT_TOPIC, {"msgId": "b", "senderStaffId": "chen"}, "m2")
    tap = _frame(world, CARD_TOPIC, {"outTrackId": "t1", "userId": "wang"}, "m3")
    ack = world.wire.add("ack", "out", "ack 200", request={"headers": {"messageId": "m3"}}, message_id="m3")
    threads = Follower(world).threads()
    assert threads.story(frame.number) == {one.number for one in (frame, card, tap, ack)}
    assert threads.story(other.number) == {other.number}
    assert threads.story(999) == set()


async def test_a_new_world_begins_new_stories(world: World) -> None:
    follower = Follower(world)
    _call(world, {"outTrackId": "t1", "userIds": ["lin"]})
    assert len(follower.threads()) == 1
    world.reset()
    entry = _call(world, {"outTrackId": "t1"})
    assert not follower.threads().concern(entry)


async def test_of_a_large_company_those_on_the_wire_can_be_picked(world: World) -> None:
    for number in range(MOST_PEOPLE + 1):
        world.enter(User(f"u{number}", f"员工{number}", [1]))
    _call(world, {"userIds": ["u7"]})
    picked, groups = choices(world, Follower(world).threads(), Filter(who="u8"))
    assert {one for one, _ in picked} == {*world.directory.users} & {*CAST, "u7", "u8"}
    assert groups


async def test_every_topic_and_event_has_its_page() -> None:
    assert described(ROBOT_TOPIC, event=False) == ("机器人收到消息", "A/0699")
    assert described("user_add_org", event=True) == ("事件 user_add_org", "E/0079")
    assert described("something_new", event=True) == ("事件 something_new", "E/0001")
    assert described("", event=False) == ("原样推送的帧", "")
