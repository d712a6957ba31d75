"""Contact events: pushed when the company changes, again until SUCCESS."""

import json
from datetime import date

import pytest

from sandbox.world import Department, Refused, User, World
from tests.sandbox.client import Line, Robot

SUCCESS = {"status": "SUCCESS", "message": "ok"}


async def _next(line: Line) -> tuple[str, dict[str, object]]:
    frame = await line.frame()
    await line.ack(frame, SUCCESS)
    return frame.headers["eventType"], frame.data


async def test_each_change_to_the_company_is_pushed_with_ids_only(robot: Robot, world: World) -> None:
    line, stamp = await robot.connect(), str(world.clock.ms())
    await world.company.add_user(User("new", "新人", [300], hired=date(2026, 11, 24)))
    assert await _next(line) == ("user_add_org", {"timeStamp": stamp, "userId": ["new"]})
    await world.company.modify_user("new", {"manager": "qinfeng", "dept_ids": [200]})
    kind, data = await _next(line)
    assert (kind, data["userId"]) == ("user_modify_org", ["new"])
    diff = {"userid": "new", "prev": {"managerUserid": ""}, "curr": {"managerUserid": "qinfeng"}}
    assert data["diffInfo"] == diff  # departments aren't in it, as in the samples
    await world.company.remove_user("new")
    assert await _next(line) == ("user_leave_org", {"timeStamp": stamp, "userId": ["new"]})
    await world.company.add_department(Department(301, "华东组", 300))
    assert await _next(line) == ("org_dept_create", {"deptId": [301]})
    await world.company.modify_department(301, {"name": "华南组"})
    assert await _next(line) == ("org_dept_modify", {"deptId": [301]})
    await world.company.remove_department(301)
    assert await _next(line) == ("org_dept_remove", {"deptId": [301]})
    assert world.meter.pushes == 0  # contact events are free (A/1434)


async def test_what_dingtalk_forbids_changes_nothing(world: World) -> None:
    for refused in (
        world.company.add_user(User("lin", "又一个", [1])),
        world.company.add_user(User("x", "无部门", [999])),
        world.company.remove_department(200),
        world.company.modify_department(1, {"parent_id": 200}),
        world.company.remove_user("nobody"),
    ):
        with pytest.raises(Refused):
            await refused
    assert not [entry for entry in world.wire.entries if entry.kind == "frame"]


@pytest.mark.parametrize("answer", [{"status": "LATER"}, {"echo": 1}, None])
async def test_without_success_an_event_comes_again_with_the_same_event_id(
    robot: Robot, world: World, answer: object
) -> None:
    line = await robot.connect()
    event_id = await world.stream.event("user_active_org", {"userId": ["lin"]})
    frames = []
    for _ in range(3):
        frames.append(await line.frame())
        if answer is not None:
            await line.ack(frames[-1], answer)
    assert {frame.headers["eventId"] for frame in frames} == {event_id}
    assert len({frame.message_id for frame in frames}) == 3
    await robot.until(lambda: world.wire.entries[-1].title == "event given up: user_active_org")


async def test_on_request_an_ack_without_status_will_do(robot: Robot, world: World) -> None:
    world.stream.timing.lenient_events = True
    line = await robot.connect()
    await world.stream.event("user_active_org", {"userId": ["lin"]})
    await line.ack(await line.frame(), {"echo": 1})
    second = await world.stream.event("user_active_org", {"userId": ["wang"]})
    assert [(await line.frame()).headers["eventId"] for _ in range(3)] == [second] * 3


async def test_an_events_facts_are_headers_and_its_data_only_the_inner_object(robot: Robot, world: World) -> None:
    line = await robot.connect()
    await world.stream.event("hrm_mdm_user_change", {"staffId": "lin", "changeType": 2})
    frame = await line.frame()
    assert frame.raw["type"] == "EVENT"
    assert json.loads(frame.raw["data"]) == {"staffId": "lin", "changeType": 2}
    names = {"eventType", "eventId", "eventCorpId", "eventBornTime", "eventUnifiedAppId"}
    assert names <= set(frame.headers)
    assert world.meter.pushes == 1  # HRM events count
