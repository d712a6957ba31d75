"""The world kept and picked up again, over a restart of the process as well."""

import json
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sandbox.company import TEAM_GROUP, tiny
from sandbox.operation import Family
from sandbox.state import dump, restore
from sandbox.world import CHINA, StoredFile, World
from sandbox.world.faults import Fault
from tests.sandbox.client import Robot
from tests.sandbox.test_cards import send, to_group, to_person
from tests.sandbox.test_command_line import started


@dataclass
class Shelf:
    """State that a family may add: every shape of value."""

    world: World
    clock: Any
    family: Family = Family.OLD
    day: date = date(2026, 11, 24)
    at: datetime = datetime(2026, 11, 24, 9, tzinfo=CHINA)
    hour: time = time(9, 30)
    lasts: timedelta = timedelta(minutes=5)
    pay: Decimal = Decimal("12345.60")
    picture: bytes = b"\x00png"
    by_number: dict[int, str] = field(default_factory=lambda: {1: "a"})
    by_pair: dict[tuple[str, int], list[int]] = field(default_factory=lambda: {("a", 1): [1, 2]})
    odd: dict[str, Any] = field(default_factory=lambda: {"$": "a text", "of": None})
    seen: set[str] = field(default_factory=lambda: {"x"})
    counted: Counter[str] = field(default_factory=lambda: Counter(a=2))
    lists: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list, a=[1]))
    last: deque[int] = field(default_factory=lambda: deque([1, 2], maxlen=2))
    itself: Any = None


# `sandbox.*` only: what a family adds lives there.
Shelf.__module__ = "sandbox.company"


def _other() -> World:
    return World(tiny(), seed=2)


async def test_whatever_a_family_adds_is_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.company.Shelf", Shelf, raising=False)
    shelf = Shelf(world, world.clock)
    shelf.itself = shelf
    world.shelf = {"a": shelf, "again": shelf}  # type: ignore[attr-defined]
    other = _other()
    other.shelf = {}  # type: ignore[attr-defined]
    restore(other, dump(world))
    found = other.shelf["a"]  # type: ignore[attr-defined]
    assert found is other.shelf["again"] is found.itself  # type: ignore[attr-defined]
    assert (found.world, found.clock) == (other, other.clock)
    for name in Shelf.__dataclass_fields__:
        if name not in {"world", "clock", "itself"}:
            assert getattr(found, name) == getattr(shelf, name), name
            assert type(getattr(found, name)) is type(getattr(shelf, name)), name
    found.lists["new"].append(1)
    found.last.append(3)
    assert list(found.last) == [2, 3]


async def test_what_cannot_be_kept_is_named(world: World) -> None:
    world.shelf = [lambda: 1]  # type: ignore[attr-defined]
    with pytest.raises(TypeError, match="shelf: function can't be kept"):
        dump(world)


async def _lived_in(robot: Robot, world: World) -> None:
    """Let everything happen once."""
    line = await robot.connect()
    await world.say("lin", TEAM_GROUP, "@机器人 年假")
    await line.ack(await line.frame())
    photo = StoredFile("病假条.png", "image/png", b"png")
    await world.send_file("lin", world.chats.with_robot("lin").id, "picture", photo)
    await line.ack(await line.frame())
    await send(robot, to_person("wang"))
    private = {"lin": {"cardParamMap": {"status": "给你的"}}}
    await send(robot, to_group(TEAM_GROUP, outTrackId="leave-2", privateData=private))
    await world.company.modify_user("lin", {"manager": "gao"})
    world.app.scopes.discard("qyapi_get_member")
    world.faults.waiting.append(Fault("contacts.user", "busy", times=3))
    world.clock.advance(timedelta(minutes=5))


async def test_a_world_that_was_lived_in_is_the_same_after_a_restart(robot: Robot, world: World) -> None:
    await _lived_in(robot, world)
    other = _other()
    restore(other, dump(world))
    assert other.directory.users == world.directory.users
    assert other.directory.by_unionid("union-lin") is other.directory.users["lin"]
    assert other.chats.conversations == world.chats.conversations
    [message] = [one for one in other.chats.messages.values() if one.kind == "image"]
    assert any(one is message for one in other.chats.with_robot("lin").messages)
    assert other.cards.cards == world.cards.cards
    assert other.card("wang", "leave-1").view("wang") == world.card("wang", "leave-1").view("wang")
    assert (other.meter.calls, other.meter.pushes) == (world.meter.calls, world.meter.pushes) == (2, 2)
    assert other.files.stored == world.files.stored
    assert other.faults.waiting == world.faults.waiting
    assert other.app.scopes == world.app.scopes
    assert (other.clock.now(), other.clock.frozen) == (world.clock.now(), True)
    assert other.tokens.valid(robot.token)
    assert json.loads(dump(other)) == json.loads(dump(world))


async def test_connections_and_the_apps_name_are_not_kept(robot: Robot, world: World) -> None:
    await robot.connect()
    kept = dump(world)
    assert world.app.client_secret not in kept
    assert "connections" not in json.loads(kept)["world"]["stream"]
    restore(world, kept)
    assert len(world.stream.connections) == 1
    await world.say("lin", world.chats.with_robot("lin").id, "还在吗")
    assert (await robot.lines[0].frame()).data["text"]["content"] == "还在吗"


async def test_a_state_is_saved_restored_and_forgotten_by_name(robot: Robot, world: World) -> None:
    async def do(method: str, status: int = 200, **body: str) -> Any:
        answer = await robot.call(method, "/sandbox/state", body or None)
        assert answer.status == status, answer
        return answer.body

    await do("POST", action="save", name="before")
    await world.company.remove_user("lin")
    await do("POST", action="restore", name="before")
    assert "lin" in world.directory.users
    assert await do("GET") == ["before"]
    await do("DELETE", name="before")
    assert await do("GET") == []
    for body in (
        {"action": "restore", "name": "before"},
        {"action": "save", "name": "../x"},
        {"action": "save", "name": ".x"},
        {"action": "burn", "name": "x"},
    ):
        await do("POST", 400, **body)


async def test_a_sandbox_goes_on_where_it_ended(tmp_path: Path) -> None:
    arguments = ("--company", "tiny", "--state", str(tmp_path), "--no-page-open")
    async with started(*arguments) as (process, told), aiohttp.ClientSession(told["url"]) as http:
        async with http.post("/sandbox/messages", json={"user": "lin", "text": "年假"}) as response:
            said = (await response.json())["id"]
        async with http.post("/sandbox/clock", json={"set": "2026-12-24T09:00:00+08:00", "freeze": True}) as response:
            assert response.status == 200
        process.terminate()
        assert await process.wait() == 0
    [kept] = (tmp_path / "states").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    async with started(*arguments) as (_, told), aiohttp.ClientSession(told["url"]) as http:
        async with http.get("/sandbox/messages", params={"user": "lin"}) as response:
            assert [one["id"] for one in await response.json()] == [said]
        async with http.get("/sandbox/clock") as response:
            assert (await response.json())["now"].startswith("2026-12-24T09:00:0")
