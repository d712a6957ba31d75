"""The control API, over HTTP alone: what a tester in another language has."""

import asyncio
import base64
import json
import re
from datetime import date
from typing import Any

import pytest

from sandbox.company import HR_GROUP
from sandbox.control import CONTROLS
from sandbox.control.ask import Control
from sandbox.world import World
from tests.sandbox.client import Robot
from tests.sandbox.test_cards import send, to_person


async def _do(robot: Robot, method: str, path: str, body: Any = None, status: int = 200, **params: Any) -> Any:
    answer = await robot.call(method, f"/sandbox/{path}", body, params=params)
    assert answer.status == status, answer
    return answer.body


async def test_the_clock_is_set_moved_stopped_and_run(robot: Robot) -> None:
    told = await _do(robot, "GET", "clock")
    assert (told["now"], told["frozen"]) == ("2026-11-24T08:55:00+08:00", True)
    moved = await _do(robot, "POST", "clock", {"advance": 300})
    assert moved["now"] == "2026-11-24T09:00:00+08:00"
    assert moved["version"] > told["version"]
    assert (await _do(robot, "POST", "clock", {"set": "2026-11-25T01:00:00+00:00"}))[
        "now"
    ] == "2026-11-25T09:00:00+08:00"
    assert (await _do(robot, "POST", "clock", {"run": True}))["frozen"] is False
    await _do(robot, "POST", "clock", {"set": "tomorrow"}, status=400)


async def test_who_waits_for_the_clock_hears_of_its_move(robot: Robot) -> None:
    version = (await _do(robot, "GET", "clock"))["version"]
    waiting = asyncio.create_task(_do(robot, "GET", "clock", after=version, wait=25))
    moved = await _do(robot, "POST", "clock", {"advance": 60})
    assert await waiting == moved
    assert await _do(robot, "GET", "clock", after=moved["version"], wait=0) == moved


async def test_a_person_says_something_and_reads_the_answer(robot: Robot) -> None:
    line = await robot.connect()
    said = await _do(robot, "POST", "messages", {"user": "lin", "text": "年假"})
    frame = await line.frame()
    waiting = asyncio.create_task(_do(robot, "GET", "messages", user="lin", after=said["id"], wait=25))
    await robot.call("POST", frame.data["sessionWebhook"], {"msgtype": "text", "text": {"content": "可用 5 天"}})
    [answer] = await waiting
    assert (answer["kind"], answer["sender"], answer["content"]) == ("text", "robot", {"text": "可用 5 天"})


async def test_a_person_sends_speech(robot: Robot) -> None:
    line = await robot.connect()
    body = {"user": "lin", "kind": "audio", "name": "x.amr", "base64": base64.b64encode(b"x").decode()}
    await _do(robot, "POST", "messages", {**body, "recognition": "我想请假"})
    assert (await line.frame()).data["content"]["recognition"] == "我想请假"


async def test_a_card_is_listed_tapped_and_forged(robot: Robot) -> None:
    line = await robot.connect()
    await send(robot, to_person("wang"))
    [card] = await _do(robot, "GET", "cards", user="wang")
    assert (card["card"], card["name"], card["values"]["status"]) == ("leave-1", "notice", "待审批")
    assert await _do(robot, "GET", "cards", user="lin") == []
    for body, action in [
        ({"user": "wang", "card": "leave-1", "button": "approve"}, "approve"),
        ({"user": "chen", "card": "leave-1", "action": "x", "params": {"action": "forged"}}, "forged"),
    ]:
        tapping = asyncio.create_task(_do(robot, "POST", "clicks", body))
        frame = await line.frame()
        await line.ack(frame)
        assert json.loads(frame.data["content"])["cardPrivateData"]["params"]["action"] == action
        assert (await tapping)["ok"] is True
    await _do(robot, "POST", "clicks", {"user": "wang", "card": "leave-1", "button": "other"}, status=400)
    await _do(robot, "POST", "looks", {"user": "wang", "card": "leave-1"})


async def test_the_company_changes(robot: Robot, world: World) -> None:
    await _do(robot, "POST", "users", {"userid": "new", "name": "新人", "dept_ids": [300], "hired": "2026-11-24"})
    await _do(robot, "PATCH", "users", {"userid": "new", "manager": "chen"})
    assert world.directory.users["new"].manager == "chen"
    assert any(user["hired"] == "2026-11-24" for user in (await _do(robot, "GET", "company"))["users"])
    await _do(robot, "DELETE", "users", userid="new")
    await _do(robot, "POST", "departments", {"dept_id": 301, "name": "华东组", "parent_id": 300})
    await _do(robot, "PATCH", "departments", {"dept_id": 301, "managers": ["chen"]})
    await _do(robot, "DELETE", "departments", {"dept_id": 301})
    for body in ({"userid": "new"}, {"userid": "lin", "name": "x"}, {"userid": "y", "name": "y", "wage": 1}):
        await _do(robot, "POST", "users", body, status=400)


async def test_connections_are_listed_and_dropped(robot: Robot) -> None:
    line = await robot.connect()
    [told] = await _do(robot, "GET", "connections")
    assert "EVENT *" in told["subscriptions"]
    await _do(robot, "POST", "connections", {"action": "stall"})
    assert (await _do(robot, "POST", "connections", {"action": "resume"}))[0]["stalled"] is False
    await _do(robot, "POST", "frames", {"frame": {"type": "CALLBACK"}})
    assert (await line.frame()).raw == {"type": "CALLBACK"}
    await _do(robot, "POST", "connections", {"action": "drop"})
    await line.closed()
    await _do(robot, "POST", "connections", {"action": "drop"}, status=400)


async def test_a_frame_is_redelivered_and_an_event_pushed(robot: Robot) -> None:
    line = await robot.connect()
    await _do(robot, "POST", "messages", {"user": "lin", "text": "年假"})
    frame = await line.frame()
    await line.ack(frame)
    again = await _do(robot, "POST", "frames/redeliver", {"message_id": frame.message_id})
    assert (await line.frame()).message_id == again["message_id"] != frame.message_id
    told = await _do(robot, "POST", "events", {"type": "user_active_org", "data": {"userId": ["lin"]}})
    event = await line.frame()
    while event.raw["type"] != "EVENT":
        event = await line.frame()
    assert event.headers["eventId"] == told["event_id"]
    await _do(robot, "POST", "frames/redeliver", {"message_id": "none"}, status=400)


async def test_the_next_call_goes_wrong_on_request(robot: Robot) -> None:
    await _do(robot, "POST", "faults", {"api": "contacts.user", "kind": "busy", "times": 2})
    assert len(await _do(robot, "GET", "faults")) == 1
    assert (await robot.old("/topapi/v2/user/get", {"userid": "lin"})).code == -1
    assert await _do(robot, "DELETE", "faults") == []
    assert (await robot.old("/topapi/v2/user/get", {"userid": "lin"})).code == 0
    await _do(robot, "POST", "faults", {"api": "x", "kind": "surprise"}, status=400)


async def test_the_meter_and_the_wire_are_read(robot: Robot) -> None:
    number = (await _do(robot, "GET", "wire"))[-1]["number"] if await _do(robot, "GET", "wire") else 0
    await robot.old("/topapi/v2/user/get", {"userid": "lin"})
    [entry] = await _do(robot, "GET", "wire", after=number)
    assert (entry["api"], entry["counted"]) == ("contacts.user", False)
    assert (await _do(robot, "GET", "meter"))["free"] == {"contacts.user": 1}
    assert (await _do(robot, "POST", "meter", {"max_calls": 7}))["max_calls"] == 7


async def test_a_tester_learns_what_calls_need(robot: Robot) -> None:
    told = await _do(robot, "GET", "app")
    assert (await robot.old("/topapi/smartwork/hrm/roster/meta/get", {"agentid": told["agent_id"]})).code == 0
    group = {"title": "群", "template_id": next(iter(told["group_templates"])), "owner_user_id": "wang"}
    assert (await robot.new("POST", "/v1.0/im/sceneGroup/create", group)).status == 200


async def test_templates_groups_and_grants_are_changed_and_reset(robot: Robot, world: World) -> None:
    await _do(robot, "POST", "templates", {"id": "mine.schema", "name": "form"})
    told = await _do(robot, "POST", "templates", {"id": "mine.schema", "published": False})
    assert (told["name"], told["published"]) == ("form", False)
    await _do(robot, "POST", "templates", {"id": "mine.schema", "name": "poem"}, status=400)
    await _do(robot, "POST", "groups", {"id": HR_GROUP, "title": "HR通知", "members": ["li"], "robot": False})
    assert world.chats.conversations[HR_GROUP].members == ["li"]
    granted = await _do(robot, "POST", "app", {"withdraw": ["qyapi_get_member"], "timing": {"card": 1.5}})
    assert "qyapi_get_member" not in granted["scopes"]
    assert granted["timing"]["card"] == 1.5
    await _do(robot, "POST", "app", {"revoke_token": True})
    await _do(robot, "POST", "reset")
    assert "qyapi_get_member" in (await _do(robot, "GET", "app"))["scopes"]
    assert "mine.schema" not in {one["id"] for one in await _do(robot, "GET", "templates")}
    groups = {one["id"]: one for one in await _do(robot, "GET", "conversations", user="gao")}
    assert groups[HR_GROUP]["robot"] is True


@pytest.mark.parametrize("body", [{}, {"user": "nobody", "text": "x"}, {"user": "lin"}, {"user": "lin", "text": 1}])
async def test_a_question_that_makes_no_sense_is_refused(robot: Robot, body: Any) -> None:
    assert "error" in await _do(robot, "POST", "messages", body, status=400)


ODD: tuple[Any, ...] = (
    None, "", 0, -1, 1e30, 1.5, 2**63, "x", "x" * 5000, [], [1], ["lin"], {}, {"x": 1}, True, "lin", "\u0000",
    "2026-13-45", "0001-01-01", "9999-12-31T23:59:59+08:00", "../../etc/passwd", float("nan"),
)  # fmt: skip


@pytest.mark.parametrize("control", CONTROLS, ids=lambda one: f"{one.method} {one.path}")
async def test_odd_values_are_refused_or_taken_and_break_nothing(robot: Robot, control: Control) -> None:
    names = re.findall(r"`(\w+)`", control.takes)
    known: dict[str, Any] = {"user": "lin", "count": 1, "per_second": 100, "dept_id": 300, "userid": "chen", "wait": 0}
    usual = {name: known[name] for name in names if name in known}
    for name in names:
        for odd in ODD:
            body = {**usual, name: odd}
            if control.method == "GET":
                where: dict[str, Any] = {"params": {key: str(one) for key, one in body.items() if key != "wait"}}
            else:
                where = {"data": json.dumps(body)}
            async with robot.http.request(control.method, control.path, **where) as response:
                assert response.status in {200, 400}, (name, odd, await response.text())
    for page in ("/", "/wire", "/faults"):
        async with robot.http.get(page) as response:
            assert response.status == 200


async def test_a_persons_record_keeps_its_types(robot: Robot, world: World) -> None:
    for wrong in (
        {"dept_ids": "200"},
        {"dept_ids": ["200"]},
        {"admin": "yes"},
        {"hired": 2020},
        {"dept_orders": {"x": 1}},
    ):
        assert (await robot.call("PATCH", "/sandbox/users", {"userid": "lin", **wrong})).status == 400, wrong
    right = {"userid": "lin", "dept_ids": [200, 300], "hired": "2020-02-29", "dept_orders": {"200": 5}}
    assert (await robot.call("PATCH", "/sandbox/users", right)).status == 200
    lin = world.directory.users["lin"]
    assert (lin.dept_ids, lin.hired, lin.dept_orders) == ([200, 300], date(2020, 2, 29), {200: 5})
