"""What people did, written down and driven again."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from sandbox.world import World
from sandbox.world.clock import START
from tests.sandbox.client import Line, Robot
from tests.sandbox.test_cards import send, to_person


async def _do(robot: Robot, action: str, status: int = 200, **more: Any) -> Any:
    answer = await robot.call("POST", "/sandbox/scenarios", {"action": action, **more})
    assert answer.status == status, answer
    return answer.body


async def _a_robot(robot: Robot, line: Line, heard: list[tuple[str, str, float]]) -> None:
    """Acknowledge everything, note it, and answer a message with a card whose id is new each time."""
    world = robot.sandbox.world
    while True:
        frame = await line.frame()
        await line.ack(frame)
        at = (world.clock.now() - START).total_seconds()
        if frame.headers["topic"].endswith("/messages/get"):
            heard.append((frame.data["senderStaffId"], frame.data["text"]["content"].strip(), at))
            await send(robot, to_person("wang", outTrackId=f"leave-{world.ids.hex(8)}"))
        else:
            params: Mapping[str, str] = json.loads(frame.data["content"])["cardPrivateData"]["params"]
            heard.append((frame.data["userId"], f"{params['action']} {params['comment']}", at))


async def test_a_scenario_is_recorded_from_phones_and_testers_and_driven_again(robot: Robot, world: World) -> None:
    line = await robot.connect()
    heard: list[tuple[str, str, float]] = []
    answering = asyncio.create_task(_a_robot(robot, line, heard))
    await _do(robot, "start", name="请假")
    await world.say("lin", world.chats.with_robot("lin").id, "请假")  # on the phone
    await robot.until(lambda: world.cards.cards)
    await robot.call("POST", "/sandbox/clock", {"advance": 300})  # by a tester
    [card] = world.cards.cards
    await world.press("wang", card, "approve", "好")
    await robot.call("POST", "/sandbox/clicks", {"user": "wang", "card": card, "button": "none"})
    assert await _do(robot, "stop") == {"name": "请假", "steps": 4}
    first = heard.copy()
    assert first == [("lin", "请假", 0.0), ("wang", "approve 好", 300.0)]

    heard.clear()
    assert await _do(robot, "replay", name="请假", quiet=0.1) == {"name": "请假", "steps": 4, "differing": []}
    assert heard == first
    assert card not in world.cards.cards
    answering.cancel()

    steps = (await _do(robot, "read", name="请假"))["steps"]
    assert [(one["at"], one["call"]) for one in steps] == [
        (0.0, "POST /sandbox/messages"),
        (0.0, "POST /sandbox/clock"),
        (300.0, "POST /sandbox/clicks"),
        (300.0, "POST /sandbox/clicks"),
    ]
    assert steps[2]["with"] == {
        "user": "wang", "card": {"shown": 1, "name": "notice"}, "button": "approve", "comment": "好",
    }  # fmt: skip
    assert "refused" in steps[3]


async def test_where_it_goes_another_way_is_told(robot: Robot, world: World) -> None:
    await _do(robot, "start", name="x")
    await robot.call("POST", "/sandbox/users", {"userid": "new", "name": "新人"})
    await robot.call("POST", "/sandbox/faults", {"kind": "busy"})
    await _do(robot, "stop")
    scenario = json.loads(world.scenarios.get("x"))
    scenario["steps"].append(scenario["steps"][0])
    scenario["steps"].append({"at": 0, "call": "POST /sandbox/nothing", "with": {}})
    world.scenarios.put("x", json.dumps(scenario))
    told = await _do(robot, "replay", name="x", quiet=0.01)
    assert [(one["step"], one["call"]) for one in told["differing"]] == [
        (3, "POST /sandbox/users"),
        (4, "POST /sandbox/nothing"),
    ]
    assert len(world.faults.waiting) == 1


async def test_files_and_rich_texts_are_said_again(robot: Robot, world: World) -> None:
    await _do(robot, "start", name="files")
    speech = {"user": "lin", "kind": "audio", "name": "x.amr", "base64": "eA==", "recognition": "请假"}
    await robot.call("POST", "/sandbox/messages", speech)
    rich = {"user": "lin", "kind": "rich", "parts": ["病假条", {"name": "x.png", "base64": "eA=="}]}
    assert (await robot.call("POST", "/sandbox/messages", rich)).status == 200
    await _do(robot, "stop")
    assert (await _do(robot, "replay", name="files", quiet=0.01))["differing"] == []
    assert [one.kind for one in world.chats.with_robot("lin").messages] == ["audio", "richText"]
    assert {one.content for one in world.files.stored.values()} == {b"x"}


async def test_scenarios_are_listed_and_forgotten(robot: Robot) -> None:
    await _do(robot, "start", name="a")
    await _do(robot, "start", 400, name="b")
    listed = (await robot.call("GET", "/sandbox/scenarios")).body
    assert listed == {"names": [], "recording": "a"}
    await _do(robot, "stop")
    await _do(robot, "stop", 400)
    assert (await robot.call("GET", "/sandbox/scenarios")).body == {"names": ["a"], "recording": ""}
    assert (await robot.call("DELETE", "/sandbox/scenarios", {"name": "a"})).status == 200
    await _do(robot, "replay", 400, name="a")
    await _do(robot, "start", 400, name="a/b")


@pytest.mark.parametrize(
    "text",
    [
        "{", "[]", '{"name":"x","start":"2026-11-24","frozen":true,"steps":[]}',
        '{"name":"x","start":"2026-11-24T09:00:00+08:00","frozen":true,"steps":[{"call":"x"}]}',
        '{"name":"x","start":"2026-11-24T09:00:00+08:00","frozen":true,"steps":["x"]}',
    ],
)  # fmt: skip
async def test_what_somebody_spoilt_is_refused_and_changes_nothing(robot: Robot, world: World, text: str) -> None:
    world.scenarios.put("spoilt", text)
    await world.say("lin", world.chats.with_robot("lin").id, "你好")
    answer = await robot.call("POST", "/sandbox/scenarios", {"action": "replay", "name": "spoilt"})
    assert (answer.status, "that is no scenario" in answer.body["error"]) == (400, True)
    assert len(world.chats.with_robot("lin").messages) == 1
