"""Cards: made, delivered, changed, refused as the pages say."""

import json
from typing import Any

import pytest

from sandbox.company import TEAM_GROUP
from sandbox.world import Refused, World
from tests.sandbox.client import Answer, Robot

CREATE_AND_DELIVER = "/v1.0/card/instances/createAndDeliver"
BUTTONS = '[{"id":"approve","text":"同意"}]'


def to_person(userid: str, **more: Any) -> dict[str, Any]:
    """Give the body of a card for a person."""
    return {
        "cardTemplateId": "dinghr-notice.schema",
        "outTrackId": "leave-1",
        "callbackType": "STREAM",
        "cardData": {"cardParamMap": {"title": "请假申请", "status": "待审批", "buttons": BUTTONS, "ref": "1.leave.1"}},
        "imRobotOpenSpaceModel": {"supportForward": False, "lastMessageI18n": {"ZH_CN": "请假申请"}},
        "openSpaceId": f"dtv1.card//IM_ROBOT.{userid}",
        "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT"},
        **more,
    }


def to_group(group: str, **more: Any) -> dict[str, Any]:
    """Give the body of a card for a group."""
    model = {"imGroupOpenSpaceModel": {"supportForward": True}, "imGroupOpenDeliverModel": {"robotCode": "dingsandbox"}}
    body = to_person("", openSpaceId=f"dtv1.card//im_group.{group}", **model)
    return {key: value for key, value in {**body, **more}.items() if not key.startswith("imRobot")}


async def send(robot: Robot, body: dict[str, Any]) -> Answer:
    """Create and deliver."""
    return await robot.new("POST", CREATE_AND_DELIVER, body)


async def test_a_card_is_made_and_shown_with_its_values_by_type(robot: Robot, world: World) -> None:
    answer = await send(robot, to_person("wang"))
    assert answer.body["success"] is True
    [result] = answer.body["result"]["deliverResults"]
    [message] = world.chats.with_robot("wang").messages
    assert result["success"] is True
    assert result["carrierId"] == message.query_key
    view = world.card("wang", "leave-1").view("wang")
    assert view["buttons"] == json.loads(BUTTONS)
    assert view["title"] == "请假申请"
    with pytest.raises(Refused):
        world.card("lin", "leave-1")


def _without(name: str) -> dict[str, Any]:
    return {key: value for key, value in to_person("wang").items() if key != name}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (_without("cardTemplateId"), "param.cardTemplateIdEmpty"),
        (_without("cardData"), "param.cardPublicDataEmpty"),
        (_without("openSpaceId"), "param.openSpaceIdEmpty"),
        (_without("imRobotOpenDeliverModel"), "param.openDeliverModelEmpty"),
        (_without("imRobotOpenSpaceModel"), "param.openSpaceModelInvalid"),
        (to_person("wang", cardTemplateId="other.schema"), "param.templateNotExist"),
        (to_person("wang", outTrackId="x" * 65), "outTrackId.outOfLimit"),
        (to_person("wang", openSpaceId="dtv1.card:IM_ROBOT.wang"), "param.openSpaceIdInvalid"),
        (to_person("wang", openSpaceId="dtv1.card//SOMEWHERE.wang"), "param.openSpaceIdInvalid"),
        (to_person("wang", cardData={"cardParamMap": {"title": 1}}), "param.invalid"),
        (to_person("wang", cardData={"cardParamMap": {"body": "x" * 102_400}}), "param.invalid"),
        (to_person("wang", privateData={"nobody": {"cardParamMap": {}}}), "param.userIdNotExist"),
        (to_person("wang", imRobotOpenSpaceModel={}), "param.openSpaceModelInvalid"),
        (to_group(TEAM_GROUP, imGroupOpenDeliverModel={"atUserIds": {}}), "param.openDeliverModelEmpty"),
    ],
)
async def test_a_card_that_breaks_the_rules_is_refused_whole(
    robot: Robot, world: World, body: dict[str, Any], code: str
) -> None:
    answer = await send(robot, body)
    assert (answer.status, answer.code) == (400, code)
    assert not world.cards.cards


async def test_an_unpublished_template_is_refused(robot: Robot, world: World) -> None:
    world.cards.register("draft.schema", "notice", published=False)
    assert (await send(robot, to_person("wang", cardTemplateId="draft.schema"))).code == "param.templateUnpublished"


async def test_the_same_id_twice_is_refused(robot: Robot) -> None:
    assert (await send(robot, to_person("wang"))).status == 200
    assert (await send(robot, to_person("wang"))).code == "param.cardAlreadyExist"


NOWHERE = to_person("", openSpaceId="dtv1.card//IM_SINGLE.x", imSingleOpenSpaceModel={"supportForward": False})


@pytest.mark.parametrize("body", [to_person("nobody"), to_group("cidUnknown"), NOWHERE])
async def test_an_unknown_receiver_is_a_failure_inside_a_200(robot: Robot, world: World, body: dict[str, Any]) -> None:
    answer = await send(robot, body)
    [result] = answer.body["result"]["deliverResults"]
    assert (answer.status, answer.body["success"], result["success"], result["carrierId"]) == (200, True, False, "")
    assert result["errorMsg"]
    assert "leave-1" in world.cards.cards


async def test_doubtful_values_pass_with_a_warning(robot: Robot, world: World) -> None:
    values = {"body": "x" * 1025, "buttons": "not json", "colour": "red"}
    assert (await send(robot, to_person("wang", cardData={"cardParamMap": values}))).status == 200
    warnings = world.wire.entries[-1].warnings
    assert [warning.partition(":")[0] for warning in warnings] == ["body", "buttons", "colour"]
    assert set(world.card("wang", "leave-1").view("wang")) == {"body"}


async def test_a_group_card_may_be_for_some_only_and_can_be_forwarded_if_made_so(robot: Robot, world: World) -> None:
    model = {"robotCode": world.app.robot_code, "recipients": ["lin"]}
    await send(robot, to_group(TEAM_GROUP, imGroupOpenDeliverModel=model))
    world.card("lin", "leave-1")
    with pytest.raises(Refused):
        world.card("wang", "leave-1")
    world.forward("lin", "leave-1", TEAM_GROUP)
    world.card("wang", "leave-1")
    await send(robot, to_person("wang", outTrackId="leave-2"))
    with pytest.raises(Refused):
        world.forward("wang", "leave-2", TEAM_GROUP)


async def test_made_first_and_delivered_later(robot: Robot, world: World) -> None:
    body = to_person("wang")
    assert (await robot.new("POST", "/v1.0/card/instances", body)).status == 200
    assert not world.chats.with_robot("wang").messages
    deliver = {key: body[key] for key in ("outTrackId", "openSpaceId", "imRobotOpenDeliverModel")}
    answer = await robot.new("POST", "/v1.0/card/instances/deliver", deliver)
    assert answer.body["result"][0]["success"] is True
    group = {"outTrackId": "leave-1", "openSpaceId": f"dtv1.card//IM_GROUP.{TEAM_GROUP}"}
    group |= {"imGroupOpenDeliverModel": {"robotCode": world.app.robot_code}}  # type: ignore[dict-item]
    assert (await robot.new("POST", "/v1.0/card/instances/deliver", group)).code == "param.openSpaceModelInvalid"
    space = {"outTrackId": "leave-1", "imGroupOpenSpaceModel": {"supportForward": False}}
    assert (await robot.new("PUT", "/v1.0/card/instances/spaces", space)).status == 200
    assert (await robot.new("POST", "/v1.0/card/instances/deliver", group)).body["result"][0]["success"] is True
    assert world.meter.calls == 5


async def _update(robot: Robot, *, by_key: bool, **more: Any) -> Answer:
    options = {"updateCardDataByKey": by_key, "updatePrivateDataByKey": by_key}
    body = {"outTrackId": "leave-1", "cardUpdateOptions": options, **more}
    return await robot.new("PUT", "/v1.0/card/instances", body)


@pytest.mark.parametrize(("by_key", "left"), [(True, {"title", "status", "buttons", "ref"}), (False, {"status"})])
async def test_an_update_replaces_everything_unless_told_by_key(
    robot: Robot, world: World, by_key: bool, left: set[str]
) -> None:
    await send(robot, to_person("wang"))
    await _update(robot, by_key=by_key, cardData={"cardParamMap": {"status": "已同意"}})
    card = world.card("wang", "leave-1")
    assert set(card.values("wang")) == left
    assert card.values("wang")["status"] == "已同意"


async def test_private_values_win_for_their_owner_alone(robot: Robot, world: World) -> None:
    await send(robot, to_group(TEAM_GROUP, privateData={"lin": {"cardParamMap": {"status": "给你的"}}}))
    card = world.cards.cards["leave-1"]
    assert (card.values("lin")["status"], card.values("wang")["status"]) == ("给你的", "待审批")
    await _update(robot, by_key=True, privateData={"wang": {"cardParamMap": {"tip": "只有王磊看见"}}})
    assert "tip" not in card.values("lin")
    assert card.values("wang")["tip"] == "只有王磊看见"


NONSENSE = [1, "x", ["x"], {"x": [1]}]


@pytest.mark.parametrize("nonsense", NONSENSE)
@pytest.mark.parametrize(
    "name", ["cardData", "privateData", "openDynamicDataConfig", "imRobotOpenSpaceModel", "imRobotOpenDeliverModel"]
)
async def test_nonsense_is_answered_in_the_familys_shape(robot: Robot, name: str, nonsense: Any) -> None:
    answer = await send(robot, to_person("wang", **{name: nonsense}))
    assert answer.status in {200, 400}
    assert answer.status == 200 or set(answer.body) == {"code", "requestid", "message"}


async def test_an_update_needs_a_card_and_something_to_change(robot: Robot) -> None:
    assert (await _update(robot, by_key=True, cardData={"cardParamMap": {"a": "b"}})).code == "param.cardNotExist"
    await send(robot, to_person("wang"))
    assert (await _update(robot, by_key=True)).code == "param.cardDataAndPrivateDataBothEmpty"


async def test_a_card_may_spell_people_as_unionids(robot: Robot, world: World) -> None:
    answer = await send(robot, to_person("union-wang", userIdType=2))
    assert answer.body["result"]["deliverResults"][0]["success"] is True
    world.card("wang", "leave-1")
