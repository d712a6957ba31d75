"""A tap and its answer: what is pushed, what the tapper sees, and what everyone sees."""

import asyncio
import json
from typing import Any

import pytest

from sandbox.company import TEAM_GROUP
from sandbox.state import dump
from sandbox.world import Outcome, Refused, World
from tests.sandbox.client import Line, Robot
from tests.sandbox.test_cards import send, to_group, to_person

BY_KEY = {"updateCardDataByKey": True, "updatePrivateDataByKey": True}
OPTIONS = [{"value": "sick"}, {"value": "annual"}]
FIELDS = [
    {"name": "type", "label": "类型", "type": "SELECT", "required": True, "options": OPTIONS},
    {"name": "start", "label": "开始", "type": "DATE", "required": True, "defaultValue": "2026-11-25"},
    {"name": "reason", "label": "原因", "type": "TEXT_AREA"},
    {"name": "nonce", "type": "TEXT", "hidden": True, "defaultValue": "n-1"},
]


async def _press(world: World, line: Line, userid: str, response: dict[str, Any]) -> tuple[Any, Outcome]:
    pressing = asyncio.create_task(world.press(userid, "leave-1", "approve", "好"))
    frame = await line.frame()
    await line.ack(frame, {"response": response})
    return frame.data, await pressing


async def test_a_tap_tells_the_button_the_ref_and_the_comment(robot: Robot, world: World) -> None:
    line = await robot.connect()
    await send(robot, to_person("wang"))
    data, outcome = await _press(world, line, "wang", {})
    assert outcome.ok
    assert (data["type"], data["outTrackId"], data["userId"], data["userIdType"]) == (
        "actionCallback",
        "leave-1",
        "wang",
        1,
    )
    assert (data["corpId"], data["spaceId"]) == (world.app.corp_id, world.chats.with_robot("wang").id)
    content = json.loads(data["content"])["cardPrivateData"]
    assert content["params"] == {"action": "approve", "ref": "1.leave.1", "comment": "好"}
    assert content["actionIds"] == [world.cards.templates["dinghr-notice.schema"].button_component]
    assert data["value"] == data["content"]


async def test_the_answer_changes_the_card_for_who_tapped_alone(robot: Robot, world: World) -> None:
    line = await robot.connect()
    await send(robot, to_group(TEAM_GROUP))
    answer = {"cardUpdateOptions": BY_KEY, "cardData": {"cardParamMap": {"status": "已同意"}}}
    await _press(world, line, "wang", answer)
    card = world.cards.cards["leave-1"]
    assert (card.values("wang")["status"], card.values("lin")["status"]) == ("已同意", "待审批")
    assert card.values("wang")["title"] == "请假申请"
    assert world.meter.calls == 1  # the answer itself costs no call


async def test_an_update_is_for_everyone_who_tapped_before_as_well(robot: Robot, world: World) -> None:
    line = await robot.connect()
    await send(robot, to_group(TEAM_GROUP))
    await _press(world, line, "wang", {"cardUpdateOptions": BY_KEY, "cardData": {"cardParamMap": {"tip": "处理中"}}})
    update = {"outTrackId": "leave-1", "cardUpdateOptions": BY_KEY, "cardData": {"cardParamMap": {"status": "已同意"}}}
    await robot.new("PUT", "/v1.0/card/instances", update)
    card = world.cards.cards["leave-1"]
    assert card.values("wang")["status"] == card.values("lin")["status"] == "已同意"
    assert (card.values("wang")["tip"], card.values("lin").get("tip")) == ("处理中", None)


async def test_an_answer_without_options_replaces_what_the_tapper_saw(robot: Robot, world: World) -> None:
    line = await robot.connect()
    await send(robot, to_group(TEAM_GROUP))
    await _press(world, line, "wang", {"cardData": {"cardParamMap": {"status": "已同意"}}})
    assert world.cards.cards["leave-1"].values("wang") == {"status": "已同意"}


async def test_values_that_are_no_texts_do_not_reach_the_card(robot: Robot, world: World) -> None:
    line = await robot.connect()
    await send(robot, to_person("wang"))
    await _press(world, line, "wang", {"cardUpdateOptions": BY_KEY, "cardData": {"cardParamMap": {"status": 1}}})
    assert world.cards.cards["leave-1"].values("wang")["status"] == "待审批"
    assert "aren't strings: status" in world.wire.entries[-1].title


async def test_a_private_answer_is_kept_for_who_tapped(robot: Robot, world: World) -> None:
    line = await robot.connect()
    await send(robot, to_group(TEAM_GROUP))
    answer = {"cardUpdateOptions": BY_KEY, "userPrivateData": {"cardParamMap": {"tip": "你已审批"}}}
    await _press(world, line, "wang", answer)
    assert world.cards.cards["leave-1"].private == {"wang": {"tip": "你已审批"}}


async def test_without_an_answer_in_time_the_tap_failed_and_a_late_one_changes_nothing(
    robot: Robot, world: World
) -> None:
    line = await robot.connect()
    await send(robot, to_person("wang"))
    outcome = await world.press("wang", "leave-1", "approve")
    assert (outcome.ok, outcome.reason) == (False, "no answer within 0.3 s")
    answer = {"cardUpdateOptions": BY_KEY, "cardData": {"cardParamMap": {"status": "已同意"}}}
    await line.ack(await line.frame(), {"response": answer})
    await robot.until(lambda: world.wire.entries[-1].kind == "ack")
    assert world.wire.entries[-1].warnings == ["came too late or twice: ignored"]
    assert world.cards.cards["leave-1"].values("wang")["status"] == "待审批"


async def test_a_tap_fails_when_nobody_hears_it(robot: Robot, world: World) -> None:
    await send(robot, to_person("wang"))
    assert not (await world.press("wang", "leave-1", "approve")).ok
    await robot.connect()
    deaf = to_person("wang", outTrackId="leave-2")
    del deaf["callbackType"]
    await send(robot, deaf)
    assert "callbackType" in (await world.press("wang", "leave-2", "approve")).reason


async def test_an_answer_with_another_code_is_a_failure(robot: Robot, world: World) -> None:
    line = await robot.connect()
    await send(robot, to_person("wang"))
    pressing = asyncio.create_task(world.press("wang", "leave-1", "approve"))
    await line.ack(await line.frame(), code=500)
    assert (await pressing).reason == "answered with code 500"


async def test_only_what_a_phone_shows_can_be_pressed_but_anything_can_be_forged(robot: Robot, world: World) -> None:
    line = await robot.connect()
    await send(robot, to_person("wang"))
    for userid, button in [("wang", "other"), ("lin", "approve")]:
        with pytest.raises(Refused):
            await world.press(userid, "leave-1", button)
    forging = asyncio.create_task(world.click("chen", "leave-1", "x", {"action": "approve", "ref": "1.leave.2"}))
    frame = await line.frame()
    assert (frame.data["userId"], frame.data["spaceId"]) == ("chen", "")
    await line.ack(frame)
    assert (await forging).ok


async def test_a_disabled_button_cannot_be_pressed(robot: Robot, world: World) -> None:
    values = {"buttons": '[{"id":"approve","text":"同意","disabled":true}]'}
    await send(robot, to_person("wang", cardData={"cardParamMap": values}))
    with pytest.raises(Refused):
        await world.press("wang", "leave-1", "approve")


async def _form(robot: Robot) -> None:
    values = {"title": "请假", "form": json.dumps({"fields": FIELDS}), "ref": "1.leave.0"}
    await send(robot, to_person("lin", cardTemplateId="dinghr-form.schema", cardData={"cardParamMap": values}))


async def test_a_form_is_sent_in_the_shapes_of_its_types(robot: Robot, world: World) -> None:
    line = await robot.connect()
    await _form(robot)
    submitting = asyncio.create_task(world.submit("lin", "leave-1", {"type": "annual"}))
    frame = await line.frame()
    await line.ack(frame)
    assert (await submitting).ok
    content = json.loads(frame.data["content"])["cardPrivateData"]
    assert content["actionIds"] == ["form"]
    assert content["params"] == {
        "form": {"type": {"index": 1, "value": "annual"}, "start": "2026-11-25", "nonce": "n-1"}  # no empty reason
    }


@pytest.mark.parametrize("values", [{}, {"type": "annual", "start": ""}, {"type": "other"}, {"type": "sick", "x": "y"}])
async def test_a_form_that_is_not_filled_in_is_not_sent(robot: Robot, world: World, values: dict[str, Any]) -> None:
    await _form(robot)
    with pytest.raises(Refused):
        await world.submit("lin", "leave-1", values)


async def test_an_update_while_a_tap_waits_is_frowned_upon(robot: Robot, world: World) -> None:
    line = await robot.connect()
    await send(robot, to_person("wang"))
    pressing = asyncio.create_task(world.press("wang", "leave-1", "approve"))
    frame = await line.frame()
    await robot.new(
        "PUT", "/v1.0/card/instances", {"outTrackId": "leave-1", "cardData": {"cardParamMap": {"tip": "x"}}}
    )
    assert "C1/0007" in world.wire.entries[-1].warnings[0]
    await line.ack(frame)
    await pressing


@pytest.mark.parametrize(("strategy", "pulls"), [("RENDER", 2), ("ONCE", 1), ("NONE", 0)])
async def test_dynamic_data_is_pulled_for_each_viewer_and_not_kept(
    robot: Robot, world: World, strategy: str, pulls: int
) -> None:
    line = await robot.connect()
    source = {
        "dynamicDataSourceId": "pay",
        "constParams": {"month": "2026-10"},
        "pullConfig": {"pullStrategy": strategy},
    }
    config = {"openDynamicDataConfig": {"dynamicDataSourceConfigs": [source]}}
    assert (await send(robot, to_group(TEAM_GROUP, **config))).status == 200
    values = {"dynamicDataSourceId": "pay", "dynamicDataValueType": "OBJECT", "data": '{"body":"实发 12345.00"}'}
    for number in range(2):
        looking = asyncio.create_task(world.look("lin", "leave-1"))
        if number < pulls:
            frame = await line.frame()
            asked = json.loads(frame.data["content"])["dynamicDataSourceQueryRequests"]
            assert asked == [{"dynamicDataSourceId": "pay", "constParams": {"month": "2026-10"}}]
            assert (frame.data["type"], frame.data["userId"]) == ("dynamicDataCallback", "lin")
            await line.ack(frame, {"response": {"dataSourceQueryResponses": [values]}})
        assert (await looking).ok
    card = world.cards.cards["leave-1"]
    assert card.view("lin").get("body") == ("实发 12345.00" if pulls else None)
    assert "body" not in card.view("wang")
    assert "body" not in card.data
    for entry in world.wire.entries:
        assert "12345.00" not in json.dumps([entry.request, entry.response], ensure_ascii=False, default=str)
    assert "12345.00" not in dump(world)


async def test_figures_that_do_not_come_at_the_next_look_are_gone(robot: Robot, world: World) -> None:
    line = await robot.connect()
    source = {"dynamicDataSourceId": "pay", "pullConfig": {"pullStrategy": "RENDER"}}
    await send(robot, to_person("lin", openDynamicDataConfig={"dynamicDataSourceConfigs": [source]}))
    looking = asyncio.create_task(world.look("lin", "leave-1"))
    mine = {"dynamicDataSourceId": "pay", "data": '{"body":"实发 12345.00"}'}
    others = {"dynamicDataSourceId": "another", "data": '{"tip":"x"}'}
    await line.ack(await line.frame(), {"response": {"dataSourceQueryResponses": [mine, others]}})
    assert (await looking).ok
    card = world.cards.cards["leave-1"]
    assert (card.view("lin")["body"], card.view("lin").get("tip")) == ("实发 12345.00", None)
    assert not (await world.look("lin", "leave-1")).ok  # nobody answers this time
    assert "body" not in card.view("lin")


async def test_dynamic_data_that_does_not_come_is_a_failure(robot: Robot, world: World) -> None:
    source = {"dynamicDataSourceId": "pay", "pullConfig": {"pullStrategy": "ONCE"}}
    await send(robot, to_person("lin", openDynamicDataConfig={"dynamicDataSourceConfigs": [source]}))
    await robot.connect()
    assert not (await world.look("lin", "leave-1")).ok
