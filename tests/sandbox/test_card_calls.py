"""What there is to a card beside its instance: streaming, the top of a group, pulls, callbacks, calls that closed."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from sandbox.company import TEAM_GROUP
from sandbox.world import World
from tests.sandbox.client import Answer, Robot
from tests.sandbox.test_cards import send, to_group, to_person

TRACK = "leave-1"


async def _stream(robot: Robot, **more: Any) -> Answer:
    body = {"outTrackId": TRACK, "guid": "g1", "key": "status", "content": "你好", **more}
    return await robot.new("PUT", "/v1.0/card/streaming", body)


async def test_text_is_streamed_bit_by_bit_or_as_a_whole(robot: Robot, world: World) -> None:
    await send(robot, to_person("lin", cardData={"cardParamMap": {"title": "t", "body": "", "status": ""}}))
    card = world.card("lin", TRACK)
    flows: list[str] = [card.flow]
    assert (await _stream(robot)).body == {"success": True, "result": True}
    for more in (
        {"guid": "g2", "content": "，林晓"},
        {"guid": "g3", "key": "body", "content": "# 全文", "isFull": True, "isFinalize": True},
        {"guid": "g4", "key": "title", "isFull": True, "isError": True},
    ):
        flows.append(card.flow)
        await _stream(robot, **more)
    assert [*flows, card.flow] == ["waiting", "writing", "writing", "done", "failed"]
    view = card.view("lin")
    assert (view["status"], view["body"], view["title"]) == ("你好，林晓", "# 全文", "你好")
    assert "the card is done already" in world.wire.entries[-1].warnings


async def test_the_same_guid_streams_once(robot: Robot, world: World) -> None:
    await send(robot, to_person("lin", cardData={"cardParamMap": {"status": ""}}))
    for _ in range(2):
        assert (await _stream(robot)).status == 200
    assert world.card("lin", TRACK).view("lin")["status"] == "你好"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"outTrackId": ""}, "param.stream.outTrackId"),
        ({"outTrackId": "unknown"}, "param.stream.outTrackId"),
        ({"guid": ""}, "param.stream.guidEmpty"),
        ({"key": ""}, "param.stream.keyEmpty"),
        ({"content": ""}, "param.stream.contentEmpty"),
        ({"content": "x" * 1025}, "param.stream.content"),
        ({"content": "好" * 342}, "param.stream.content"),
        ({"key": "body"}, "param.stream.isFull"),
        ({"isFull": "true"}, "param.stream.isFull"),
    ],
)
async def test_what_cant_be_streamed(robot: Robot, wrong: dict[str, Any], code: str) -> None:
    await send(robot, to_person("lin"))
    answer = await _stream(robot, **wrong)
    assert (answer.status, answer.code) == (400, code)


async def test_a_long_stream_is_warned_of(robot: Robot, world: World) -> None:
    await send(robot, to_person("lin", cardData={"cardParamMap": {"status": ""}}))
    for number in range(4):
        await _stream(robot, guid=str(number), content="x" * 1024)
    assert world.wire.entries[-1].warnings == ["status: 4096 bytes in all, 3072 advised"]


def _on_top(world: World, **model: Any) -> dict[str, Any]:
    ends = world.clock.ms() + 3_600_000
    return to_person(
        "", openSpaceId=f"dtv1.card//ONE_BOX.{TEAM_GROUP}", topOpenSpaceModel={"spaceType": "ONE_BOX"},
        topOpenDeliverModel={"expiredTimeMillis": ends, **model},
    )  # fmt: skip


async def test_a_card_stays_at_the_top_of_a_group_until_it_runs_out(robot: Robot, world: World) -> None:
    answer = await send(robot, _on_top(world, userIds=["lin"], platforms=["ios", "win"]))
    assert answer.body["result"]["deliverResults"] == [
        {"spaceType": "ONE_BOX", "spaceId": TEAM_GROUP, "success": True, "carrierId": "", "errorMsg": ""}
    ]
    card = world.cards.cards[TRACK]
    group = world.shows(card, "lin")
    assert group is not None
    assert (group.id, group.messages) == (TEAM_GROUP, [])
    assert world.shows(card, "wang") is None
    world.clock.advance(timedelta(hours=1))
    assert world.shows(card, "lin") is None


async def test_a_card_at_the_top_is_closed(robot: Robot, world: World) -> None:
    await send(robot, _on_top(world))

    async def close(**query: str) -> Answer:
        return await robot.new("POST", "/v1.0/card/tops/close", params=query)

    assert (await close(outTrackId=TRACK, openConversationId=TEAM_GROUP)).body == {"success": True, "result": True}
    assert world.shows(world.cards.cards[TRACK], "lin") is None
    assert (await close(outTrackId=TRACK, openConversationId=TEAM_GROUP)).body == {"success": True, "result": False}
    assert (await close(outTrackId="other", openConversationId=TEAM_GROUP)).code == "param.cardNotExist"
    assert (await close(outTrackId=TRACK, openConversationId="cidOther")).code == "param.conversationIdInvalid"
    assert (await close(openConversationId=TEAM_GROUP)).code == "param.outTrackIdEmpty"
    assert (await close(outTrackId=TRACK)).code == "param.empty"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"topOpenDeliverModel": {"userIds": ["lin"]}}, "param.openDeliverModelEmpty"),
        ({"topOpenDeliverModel": None}, "param.openDeliverModelEmpty"),
        ({"topOpenDeliverModel": {"expiredTimeMillis": 1, "platforms": ["linux"]}}, "param.openDeliverModelError"),
        ({"topOpenDeliverModel": []}, "param.openDeliverModelError"),
        ({"topOpenSpaceModel": "ONE_BOX"}, "param.openSpaceModelInvalid"),
        ({"userIdType": 3}, "param.invalid"),
        ({"openSpaceId": 7}, "param.openSpaceIdInvalid"),
        ({"topOpenSpaceModel": None}, "param.openSpaceModelInvalid"),
        ({"topOpenSpaceModel": {"spaceType": "one_box"}}, "param.openSpaceModelInvalid"),
        ({"topOpenSpaceModel": {"spaceTyp": "ONE_BOX"}}, "param.openSpaceModelInvalid"),
    ],
)
async def test_what_cant_be_at_the_top(robot: Robot, world: World, wrong: dict[str, Any], code: str) -> None:
    answer = await send(robot, {**_on_top(world), **wrong})
    assert (answer.status, answer.code) == (400, code)


async def test_each_page_names_its_code_for_a_model_of_the_wrong_form(robot: Robot, world: World) -> None:
    await send(robot, _on_top(world))
    deliver = {"outTrackId": TRACK, "openSpaceId": "dtv1.card//IM_ROBOT.lin", "imRobotOpenDeliverModel": "x"}
    answer = await robot.new("POST", "/v1.0/card/instances/deliver", deliver)
    assert answer.code == "param.spaceDeliverModelEmpty"
    spaces = {"outTrackId": TRACK, "imGroupOpenSpaceModel": {"supportForward": "yes"}}
    assert (await robot.new("PUT", "/v1.0/card/instances/spaces", spaces)).code == "param.openSpaceModelInvalid"


async def test_a_space_is_added_but_not_none(robot: Robot) -> None:
    await send(robot, to_person("lin"))
    spaces = "/v1.0/card/instances/spaces"
    assert (await robot.new("PUT", spaces, {"outTrackId": TRACK})).code == "param.emptyAppendSpaces"
    top = {"outTrackId": TRACK, "topOpenSpaceModel": {"spaceType": "ONE_BOX"}}
    assert (await robot.new("PUT", spaces, top)).body == {"success": True, "result": True}


async def test_who_blocked_the_robot_and_a_disbanded_group_get_no_card(robot: Robot, world: World) -> None:
    await robot.call("POST", "/sandbox/app", {"blocking": ["lin"]})
    await robot.call("POST", "/sandbox/groups", {"id": TEAM_GROUP, "disbanded": True})
    both = to_group(TEAM_GROUP, **{key: value for key, value in to_person("lin").items() if key.startswith("imRobot")})
    both |= {"imRobotOpenSpaceModel": {"supportForward": False}, "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT"}}
    both["openSpaceId"] = f"dtv1.card//IM_ROBOT.lin;IM_GROUP.{TEAM_GROUP};IM_ROBOT.wang"
    answer = await send(robot, both)
    assert answer.status == 200
    told = [(one["success"], one["errorMsg"]) for one in answer.body["result"]["deliverResults"]]
    assert told == [(False, "the user blocked the robot"), (False, "the group was disbanded"), (True, "")]
    world.card("wang", TRACK)


async def test_private_values_are_replaced_unless_told_by_key(robot: Robot, world: World) -> None:
    await send(robot, to_group(TEAM_GROUP, privateData={"lin": {"cardParamMap": {"status": "a", "tip": "b"}}}))
    change = {"outTrackId": TRACK, "privateData": {"lin": {"cardParamMap": {"tip": "c"}}}}
    by_key = {"cardUpdateOptions": {"updatePrivateDataByKey": True, "updateCardDataByKey": False}}
    await robot.new("PUT", "/v1.0/card/instances", {**change, **by_key})
    card = world.cards.cards[TRACK]
    assert card.private["lin"] == {"status": "a", "tip": "c"}
    assert card.values("wang")["title"] == "请假申请"  # the public values stay as they are
    await robot.new("PUT", "/v1.0/card/instances", change)
    assert card.private["lin"] == {"tip": "c"}


def _pulling(**pull: Any) -> dict[str, Any]:
    source = {"dynamicDataSourceId": "pay", "constParams": {"slip": "7"}, "pullConfig": pull}
    return to_person("lin", openDynamicDataConfig={"dynamicDataSourceConfigs": [source]})


@pytest.mark.parametrize(
    ("pull", "pulls"),
    [
        ({"pullStrategy": "NONE"}, [False, False, False]),
        ({"pullStrategy": "ONCE"}, [True, False, False]),
        ({"pullStrategy": "RENDER"}, [True, True, True]),
        ({"pullStrategy": "INTERVAL", "interval": 1, "timeUnit": "MINUTES"}, [True, False, True]),
    ],
)
async def test_each_strategy_pulls_at_its_time(
    robot: Robot, world: World, pull: dict[str, Any], pulls: list[bool]
) -> None:
    """The first look, one half a minute later, one a minute after the first."""
    await send(robot, _pulling(**pull))
    line = await robot.connect()
    for number, expected in enumerate(pulls):
        looking = asyncio.create_task(world.look("lin", TRACK))
        if expected:
            frame = await line.frame()
            assert json.loads(frame.data["content"]) == {
                "dynamicDataSourceQueryRequests": [{"dynamicDataSourceId": "pay", "constParams": {"slip": "7"}}]
            }
            data = {"dynamicDataSourceId": "pay", "dynamicDataValueType": "OBJECT", "data": f'{{"tip":"{number}"}}'}
            await line.ack(frame, {"response": {"dataSourceQueryResponses": [data]}})
        assert (await looking).ok
        assert (world.card("lin", TRACK).view("lin").get("tip") == str(number)) == expected
        world.clock.advance(timedelta(seconds=30))
    card = world.card("lin", TRACK)
    assert "tip" not in card.values("lin")
    assert "tip" not in card.view("wang")


@pytest.mark.parametrize(
    ("config", "code"),
    [
        ({"dynamicDataSourceId": ""}, "param.dynamicSourceIdEmpty"),
        ({"pullConfig": {}}, "param.dynamicDataPullConfigEmpty"),
        ({"pullConfig": {"interval": 6}}, "param.dynamicDataSourcePullStrategyEmpty"),
        ({"pullConfig": {"pullStrategy": "once"}}, "param.dynamicDataSourcePullStrategyEmpty"),
        (
            {"pullConfig": {"pullStrategy": "INTERVAL", "interval": 2, "timeUnit": "SECONDS"}},
            "param.dynamicDataPullIntervalInvalid",
        ),
        (
            {"pullConfig": {"pullStrategy": "INTERVAL", "timeUnit": "SECONDS"}},
            "param.dynamicDataPullIntervalInvalid",
        ),
        (
            {"pullConfig": {"pullStrategy": "INTERVAL", "interval": 30}},
            "param.dynamicDataPullIntervalTimeUnitInvalid",
        ),
        (
            {"pullConfig": {"pullStrategy": "INTERVAL", "interval": 30, "timeUnit": "WEEKS"}},
            "param.dynamicDataPullIntervalTimeUnitInvalid",
        ),
    ],
)
async def test_pulls_that_cant_be(robot: Robot, config: dict[str, Any], code: str) -> None:
    source = {"dynamicDataSourceId": "pay", "pullConfig": {"pullStrategy": "ONCE"}, **config}
    answer = await send(robot, to_person("lin", openDynamicDataConfig={"dynamicDataSourceConfigs": [source]}))
    assert (answer.status, answer.code) == (400, code)


async def test_an_interval_that_only_the_api_table_allows_is_warned_of(robot: Robot, world: World) -> None:
    assert (await send(robot, _pulling(pullStrategy="INTERVAL", interval=5, timeUnit="SECONDS"))).status == 200
    assert "an interval of 5 s" in world.wire.entries[-1].warnings[0]


async def test_a_callback_address_is_registered_once_unless_forced(robot: Robot, world: World) -> None:
    path = "/v1.0/card/callbacks/register"
    body = {"callbackRouteKey": "k", "callbackUrl": "https://hr.example/cb", "apiSecret": "very secret"}
    first = await robot.new("POST", path, body)
    assert first.body == {
        "success": True,
        "result": {"callbackUrl": "https://hr.example/cb", "apiSecret": "very secret"},
    }
    assert "very secret" not in str(world.wire.entries[-1])
    again = await robot.new("POST", path, body)
    assert (again.status, again.code) == (500, "param.callbackRouteKeyExist")
    assert (await robot.new("POST", path, {**body, "callbackUrl": "https://x.cn", "forceUpdate": True})).status == 200
    assert world.cards.callbacks["k"].url == "https://x.cn"
    assert (await robot.new("POST", path, {"callbackUrl": "x"})).code == "param.callbackRouteKeyEmpty"
    assert (await robot.new("POST", path, {"callbackRouteKey": "x"})).code == "param.callbackUrlEmpty"
    await send(robot, to_person("lin", callbackType="HTTP", callbackRouteKey="k"))
    assert world.wire.entries[-1].warnings == ["callbacks in HTTP mode aren't called here: k"]


async def test_templates_are_copied_by_third_parties_only(robot: Robot, world: World) -> None:
    path, body = "/v1.0/card/templates/copy", {"templateId": "dinghr-form.schema"}
    answer = await robot.new("POST", path, body)
    assert (answer.status, answer.code) == (403, "Forbidden.AccessDenied.AccessTokenPermissionDenied")
    assert answer.body["accessdenieddetail"] == {"requiredScopes": ["Card.Template.ReadWrite.All"]}
    world.app.scopes.add("Card.Template.ReadWrite.All")
    assert (await robot.new("POST", path, body)).code == "copy.template.error"
    assert (await robot.new("POST", path, {"templateId": "x"})).code == "template.not.exist"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1.0/im/v1.0/robot/interactiveCards/send"),
        ("PUT", "/v1.0/im/robots/interactiveCards"),
        ("POST", "/v1.0/im/interactiveCards/send"),
        ("PUT", "/v1.0/im/interactiveCards"),
        ("POST", "/v1.0/im/interactiveCards/templates/send"),
    ],
)
async def test_the_old_card_calls_take_no_new_apps(robot: Robot, method: str, path: str) -> None:
    answer = await robot.new(method, path, {"cardTemplateId": "StandardCard"})
    assert (answer.status, answer.code) == (403, "Forbidden.AccessDenied.AccessTokenPermissionDenied")
