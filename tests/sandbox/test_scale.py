"""Large companies with odd people in them, look-ups that stay true, and memory that has an end."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from sandbox.company import TEAM_GROUP
from sandbox.crowd import crowd
from sandbox.world import ROBOT, Department, StoredFile, User, World, bounds
from sandbox.world.book import Book
from tests.sandbox.client import Robot
from tests.sandbox.test_cards import send, to_person


def test_a_crowd_is_the_same_for_a_size_and_a_seed_and_has_the_cast() -> None:
    assert crowd(500) == crowd(500)
    assert crowd(500) != crowd(500, seed=2)
    assert len(crowd(500).users) == 500
    assert {"lin", "wang", "li", "zhao", "chen", "gao", "admin"} <= {one.userid for one in crowd(500).users}
    for wrong in (0, 100_001):
        with pytest.raises(ValueError, match="people"):
            crowd(wrong)


def test_a_crowd_has_the_odd_people_that_the_pages_allow_for() -> None:
    company = crowd(5000)
    users = [one for one in company.users if one.userid[1:2].isdigit()]
    known = {one.dept_id for one in company.departments}
    assert all(set(one.dept_ids) <= known and len(one.name) <= 80 for one in users)
    assert len({one.userid for one in company.users}) == len(company.users)
    for odd in (
        [one for one in users if not one.mobile],
        [one for one in users if not one.manager],
        [one for one in users if one.hired is None],
        [one for one in users if not one.active],
        [one for one in users if len(one.dept_ids) == 5],
        [one for one in users if any(ord(sign) > 0x1F000 for sign in one.name)],
        [one for one in users if len(one.name) == 80],
        [one for one in users if one.userid.endswith("r") and one.unionid == f"union-{one.userid[:-1]}"],
        [one for one in users if one.name == "张伟"],
    ):
        assert len(odd) >= 5
        assert len(odd) < len(users) / 5


async def test_a_company_of_any_size_is_made_on_request(robot: Robot, world: World) -> None:
    answer = await robot.call("POST", "/sandbox/company", {"people": 300})
    assert answer.body == {"people": 300, "departments": len(world.directory.departments)}
    found = await robot.old("/topapi/v2/department/get", {"dept_id": 1})
    assert found.body["result"]["member_count"] == 300
    assert (await robot.call("POST", "/sandbox/company", {"people": 0})).status == 400
    await robot.call("POST", "/sandbox/reset")
    assert len(world.directory.users) == 300


def _slowly(world: World, dept_id: int) -> tuple[list[str], list[int], int]:
    """Look up members, children and headcount by looking at everybody."""
    users, departments = world.directory.users.values(), world.directory.departments.values()
    below = {one.dept_id for one in departments if dept_id in world.directory.path(one.dept_id)}
    return (
        sorted(one.userid for one in users if dept_id in one.dept_ids),
        sorted(one.dept_id for one in departments if one.parent_id == dept_id),
        sum(1 for one in users if below & set(one.dept_ids)),
    )


async def test_look_ups_stay_true_while_the_company_changes(world: World) -> None:
    directory, company = world.directory, world.company

    def check() -> None:
        for dept_id in directory.departments:
            members = sorted(one.userid for one in directory.members(dept_id))
            children = sorted(one.dept_id for one in directory.children(dept_id))
            assert (members, children, directory.headcount(dept_id)) == _slowly(world, dept_id)

    check()
    await company.add_department(Department(301, "华东组", 300))
    await company.add_user(User("new", "新人", [301, 200], mobile="13700000001"))
    check()
    await company.modify_user("new", {"dept_ids": [400], "mobile": "13700000002"})
    await company.modify_department(301, {"parent_id": 200})
    check()
    assert directory.by_mobile("13700000001") is None
    new = directory.by_mobile("13700000002")
    assert new is directory.by_unionid("union-new") is directory.users["new"]
    assert new is not None
    new.active = False
    assert directory.by_mobile("13700000002") is None
    new.dept_ids = [301]
    check()
    await company.remove_user("new")
    await company.remove_department(301)
    check()
    assert directory.by_unionid("union-new") is None


def test_a_book_forgets_what_left_it() -> None:
    book: Book[str, User] = Book(department=lambda one: one.dept_ids)
    book["a"] = user = User("a", "甲", [1, 2])
    book["a"] = User("a", "乙", [2])
    assert [one.name for one in book.find("department", 2)] == ["乙"]
    assert not book.find("department", 1)
    user.dept_ids = [3]  # in no book any more
    assert not book.find("department", 3)
    assert book.pop("a").name == "乙"
    assert book.pop("a", None) is None
    assert not book.find("department", 2)


async def test_the_oldest_messages_go(robot: Robot, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MESSAGES", 20)
    await send(robot, to_person("wang"))
    key = world.chats.with_robot("wang").messages[0].query_key
    group = world.chats.conversations[TEAM_GROUP]
    for number in range(30):
        world.post(group, ROBOT, "text", {"text": str(number)})
    assert len(world.chats.messages) <= 20
    assert group.messages[-1].content == {"text": "29"}
    assert len(group.messages) == len(world.chats.messages)
    assert not world.chats.by_query_key(key)
    assert world.shows(world.cards.cards["leave-1"], "wang") is None


async def test_the_oldest_of_everything_else_goes(robot: Robot, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, most in {"CARDS": 2, "SESSIONS": 2, "CODES": 2, "FILE_BYTES": 10, "PUSHES": 2}.items():
        monkeypatch.setattr(bounds, name, most)
    await robot.connect()
    chat = world.chats.with_robot("lin")
    for number in range(4):
        await send(robot, to_person("wang", outTrackId=f"leave-{number}"))
        await world.send_file("lin", chat.id, "file", StoredFile("x", "text/plain", b"12345"))
    assert list(world.cards.cards) == ["leave-2", "leave-3"]
    assert (len(world.files.stored), len(world.files.codes), len(world.stream.pushes)) == (2, 2, 2)
    webhooks = [one.raw["sessionWebhook"].partition("session=")[2] for one in chat.messages]
    assert [world.sessions.find(one) is not None for one in webhooks] == [False, False, True, True]


async def test_frames_beyond_measure_are_not_sent_again(
    robot: Robot, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "REPEATED", 1)
    line = await robot.connect()
    for text in ("一", "二"):
        await world.say("lin", world.chats.with_robot("lin").id, text)
    heard = Counter([(await line.frame()).data["text"]["content"] for _ in range(4)])
    assert heard == {"一": 3, "二": 1}
    notes = [one.title for one in world.wire.entries if one.kind == "note"]
    assert "too many frames wait for their ack: this one isn't sent again" in notes


async def test_many_people_speak_at_a_pace(robot: Robot, world: World) -> None:
    line = await robot.connect()
    world.stream.timing.push = 5.0

    async def bursts(**body: Any) -> Any:
        return (await robot.call("POST", "/sandbox/bursts", body)).body

    speaking = asyncio.create_task(bursts(count=30, per_second=1000))
    speakers = []
    for _ in range(30):
        frame = await line.frame()
        speakers.append(frame.data["senderStaffId"])
        await line.ack(frame)
    told = await speaking
    assert (told["said"], told["acked"]) == (30, 30)
    assert told["per_second"] > 0
    assert set(speakers) == set(world.directory.users)
    assert "error" in await bursts(count=0, per_second=1)
