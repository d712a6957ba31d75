"""Robot, cards, contacts and the doctor's probes: what goes out, and what is made of the answers."""

import json
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
from aiohttp import web

from bot.openapi import (
    BadRequest,
    CredentialsRejected,
    DeliveryFailed,
    DingTalk,
    Forbidden,
    Limits,
    Markdown,
    NotFound,
    TemplateMissing,
    Text,
    ToGroup,
    ToPerson,
)
from tests.bot.openapi_server import TOKEN_PATH, MovableClock, Platform, answer, ok, platform, refused

SEND, GROUP = "/v1.0/robot/oToMessages/batchSend", "/v1.0/robot/groupMessages/send"
DELIVER, CARD = "/v1.0/card/instances/createAndDeliver", "/v1.0/card/instances"
SUB, DEPT = "/topapi/v2/department/listsub", "/topapi/v2/department/get"
USERS, USER = "/topapi/v2/user/list", "/topapi/v2/user/get"


@pytest.fixture
async def platform_() -> AsyncIterator[Platform]:
    async with platform() as served:
        yield served


@pytest.fixture
async def ding(platform_: Platform) -> AsyncIterator[DingTalk]:
    async with DingTalk(
        openapi_endpoint=platform_.url, oapi_endpoint=platform_.url, client_id="ding-id", client_secret="s",
        robot_code="robot-1", clock=MovableClock(), limits=Limits(calls_per_second=10_000, first_wait=0.01),
    ) as client:  # fmt: skip
        yield client


async def test_a_private_message(platform_: Platform, ding: DingTalk) -> None:
    platform_.on(SEND, answer(processQueryKey="k", invalidStaffIdList=["chen"], flowControlledStaffIdList=[7]))
    sent = await ding.robot.send_private(["lin", "chen"], Markdown("余额", "年假 5 天\n调休 1 天"))
    assert (sent.key, sent.invalid, sent.flow_controlled) == ("k", ("chen",), ("7",))
    body = platform_.to(SEND)[0].body
    assert (body["robotCode"], body["userIds"], body["msgKey"]) == ("robot-1", ["lin", "chen"], "sampleMarkdown")
    assert json.loads(body["msgParam"]) == {"title": "余额", "text": "年假 5 天  \n  调休 1 天"}


async def test_a_group_message(platform_: Platform, ding: DingTalk) -> None:
    platform_.on(GROUP, answer(processQueryKey="k"))
    assert (await ding.robot.send_group("cid1", Text("早上好"))).key == "k"
    body = platform_.to(GROUP)[0].body
    assert (body["openConversationId"], json.loads(body["msgParam"])) == ("cid1", {"content": "早上好"})


@pytest.mark.parametrize("count", [0, 21])
async def test_too_many_receivers_are_refused_before_they_cost_a_call(
    platform_: Platform, ding: DingTalk, count: int
) -> None:
    with pytest.raises(BadRequest):
        await ding.robot.send_private(["u"] * count, Text("x"))
    assert not platform_.to(SEND)


async def test_a_message_too_long_is_refused_before_it_costs_a_call(platform_: Platform, ding: DingTalk) -> None:
    with pytest.raises(BadRequest):
        await ding.robot.send_group("cid1", Text("长" * 5_000))
    assert not platform_.calls


async def test_an_answer_by_session_webhook_names_whom_it_addresses(platform_: Platform, ding: DingTalk) -> None:
    url = platform_.url + "/robot/sendBySession?session=abc"
    assert ding.robot.is_our_host(url)
    await ding.robot.reply(url, Markdown("余额", "**5 天**"), at_user_ids=["lin"])
    call = platform_.to("/robot/sendBySession")[0]
    assert dict(call.query) == {"session": "abc"}
    assert call.body == {
        "msgtype": "markdown",
        "markdown": {"title": "余额", "text": "**5 天**  \n  @lin"},
        "at": {"atUserIds": ["lin"], "isAtAll": False},
    }
    assert not platform_.to(TOKEN_PATH)


async def test_without_anyone_addressed_nobody_is(platform_: Platform, ding: DingTalk) -> None:
    await ding.robot.reply(platform_.url + "/s", Text("好"))
    assert platform_.to("/s")[0].body == {"msgtype": "text", "text": {"content": "好"}}


async def test_an_expired_session_is_a_certain_failure(platform_: Platform, ding: DingTalk) -> None:
    platform_.on("/s", answer(errcode=300001, errmsg="session.expired"))
    with pytest.raises(NotFound) as caught:
        await ding.robot.reply(platform_.url + "/s", Text("好"))
    assert caught.value.not_executed


@pytest.mark.parametrize(
    ("plain", "sent"),
    [
        ("a\nb", "a  \n  b"),
        ("a  \n  b", "a  \n  b"),
        ("# t\r\n- a\n- b", "# t  \n  - a  \n  - b"),
        ("a\n\nb", "a  \n    \n  b"),
    ],
)
async def test_line_breaks_are_written_the_way_dingtalk_shows_them(plain: str, sent: str) -> None:
    assert Markdown("t", plain).as_template()[1]["text"] == sent


def delivered(success: object = True, **more: Any) -> web.Response:
    space = {"spaceType": "IM_ROBOT", "spaceId": "lin", "success": success, "carrierId": "c-1", **more}
    return answer(success=True, result={"outTrackId": "t-1", "deliverResults": [space]})


async def test_a_card_to_a_person(platform_: Platform, ding: DingTalk) -> None:
    platform_.on(DELIVER, delivered())
    card = await ding.cards.create_and_deliver(
        "t-1", "x.schema", {"title": "请假"}, ToPerson("lin"), title="请假申请", alert="你有一条请假申请"
    )
    assert (card.carrier_id, card.already) == ("c-1", False)
    assert platform_.to(DELIVER)[0].body == {
        "cardTemplateId": "x.schema",
        "outTrackId": "t-1",
        "callbackType": "STREAM",
        "userIdType": 1,
        "cardData": {"cardParamMap": {"title": "请假"}},
        "openSpaceId": "dtv1.card//IM_ROBOT.lin",
        "imRobotOpenSpaceModel": {
            "supportForward": False,
            "lastMessageI18n": {"ZH_CN": "请假申请"},
            "notification": {"alertContent": "你有一条请假申请", "notificationOff": False},
        },
        "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT", "robotCode": "robot-1"},
    }


async def test_a_card_to_a_group(platform_: Platform, ding: DingTalk) -> None:
    platform_.on(DELIVER, delivered("true"))
    await ding.cards.create_and_deliver("t-1", "x.schema", {"title": "t"}, ToGroup("cid1"), title="周报")
    body = platform_.to(DELIVER)[0].body
    assert body["openSpaceId"] == "dtv1.card//IM_GROUP.cid1"
    assert body["imGroupOpenDeliverModel"] == {"robotCode": "robot-1"}
    assert body["imGroupOpenSpaceModel"] == {"supportForward": False, "lastMessageI18n": {"ZH_CN": "周报"}}


@pytest.mark.parametrize(
    "reply",
    [
        delivered(False, errorMsg="no robot"),
        delivered("false"),
        answer(success=True, result={"deliverResults": []}),
        answer(success=True),
    ],
)
async def test_a_card_that_reached_nobody_is_a_failure(
    platform_: Platform, ding: DingTalk, reply: web.Response
) -> None:
    platform_.on(DELIVER, reply)
    with pytest.raises(DeliveryFailed):
        await ding.cards.create_and_deliver("t-1", "x.schema", {}, ToPerson("lin"), title="t")


async def test_a_card_that_is_out_already_counts_as_delivered(platform_: Platform, ding: DingTalk) -> None:
    platform_.on(DELIVER, web.Response(status=504), refused("param.cardAlreadyExist"))
    card = await ding.cards.create_and_deliver("t-1", "x.schema", {}, ToPerson("lin"), title="t")
    assert card.already


async def test_an_update_leaves_the_other_variables_alone(platform_: Platform, ding: DingTalk) -> None:
    platform_.on(CARD, answer(success=True, result=True))
    await ding.cards.update("t-1", {"status": "已同意"})
    call = platform_.to(CARD)[0]
    assert call.method == "PUT"
    assert call.body["cardUpdateOptions"] == {"updateCardDataByKey": True, "updatePrivateDataByKey": True}
    assert call.body["cardData"] == {"cardParamMap": {"status": "已同意"}}


async def test_an_update_of_a_card_that_is_gone_is_typed(platform_: Platform, ding: DingTalk) -> None:
    platform_.on(CARD, refused("param.cardNotExist"))
    with pytest.raises(NotFound):
        await ding.cards.update("t-1", {})


async def test_the_walk_gives_every_department_once_parents_first(platform_: Platform, ding: DingTalk) -> None:
    below = {1: [2, 3], 2: [4, 1], 3: [4], 4: []}

    async def children(request: web.Request) -> web.Response:
        dept = (await request.json())["dept_id"]
        return ok(result=[{"dept_id": str(d), "name": f"部门{d}", "parent_id": dept} for d in below[dept]])

    platform_.on(SUB, children)
    platform_.on(DEPT, ok(result={"dept_id": 1, "name": "公司", "dept_manager_userid_list": ["gao"]}))
    found = [one async for one in ding.contacts.departments()]
    assert [one.dept_id for one in found] == [1, 2, 3, 4]
    assert (found[0].parent_id, found[0].manager_userids) == (None, ("gao",))
    assert (found[1].parent_id, found[1].manager_userids, found[1].name) == (1, None, "部门2")


async def test_users_come_page_after_page(platform_: Platform, ding: DingTalk) -> None:
    platform_.on(
        USERS,
        ok(
            result={"has_more": True, "next_cursor": 2, "list": [{"userid": "lin", "leader": True}, {"userid": "wang"}]}
        ),
        ok(result={"has_more": False, "list": [{"userid": "chen"}]}),
    )
    found = [one async for one in ding.contacts.users_of(7)]
    assert [one.userid for one in found] == ["lin", "wang", "chen"]
    assert (found[0].leader_in, found[1].leader_in) == (frozenset({7}), frozenset())
    assert [call.body["cursor"] for call in platform_.to(USERS)] == [0, 2]


async def test_a_cursor_that_stands_still_ends_the_paging(platform_: Platform, ding: DingTalk) -> None:
    platform_.on(USERS, ok(result={"has_more": True, "next_cursor": 0, "list": [{"userid": "lin"}]}))
    assert len([one async for one in ding.contacts.users_of(7)]) == 1


async def test_a_record_as_the_sample_prints_it(platform_: Platform, ding: DingTalk) -> None:
    """A/0056 and A/0062 print a list as text, and a list of one as its object."""
    record = {
        "userid": "zhangsan", "name": "张三", "hired_date": "1597573616828", "dept_id_list": "[2,3,4]",
        "leader_in_dept": {"leader": "true", "dept_id": "2"}, "active": "true",
    }  # fmt: skip
    platform_.on(USER, ok(result=record))
    user = await ding.contacts.user("zhangsan")
    assert (user.dept_ids, user.leader_in, user.active) == ((2, 3, 4), frozenset({2}), True)
    platform_.on(USERS, ok(result={"next_cursor": "10", "has_more": "false", "list": record}))
    assert [one.userid async for one in ding.contacts.users_of(7)] == ["zhangsan"]


async def test_a_full_record(platform_: Platform, ding: DingTalk) -> None:
    record = {
        "userid": "lin", "name": "林晓", "unionid": "u-1", "mobile": "13800000000", "title": "工程师",
        "job_number": "0042", "hired_date": 1597507200000, "dept_id_list": [2, "3"], "manager_userid": "wang",
        "active": "true", "admin": False,
        "leader_in_dept": [{"dept_id": 2, "leader": False}, {"dept_id": 3, "leader": True}],
    }  # fmt: skip
    platform_.on(USER, ok(result=record))
    user = await ding.contacts.user("lin")
    assert (user.name, user.mobile, user.title, user.job_number) == ("林晓", "13800000000", "工程师", "0042")
    assert user.hired_date == date(2020, 8, 16)  # midnight in Shanghai is the day before in UTC
    assert (user.dept_ids, user.leader_in, user.manager_userid, user.active) == ((2, 3), frozenset({3}), "wang", True)


async def test_a_bare_record_has_no_guesses_in_it(platform_: Platform, ding: DingTalk) -> None:
    platform_.on(USER, ok(result={"userid": 42, "name": "林", "mobile": "", "hired_date": ""}))
    user = await ding.contacts.user("42")
    assert user.userid == "42"
    assert (user.mobile, user.title, user.hired_date, user.manager_userid, user.dept_ids) == (
        None,
        None,
        None,
        None,
        (),
    )


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("1597507200000", date(2020, 8, 16)),
        ("2020-08-16", date(2020, 8, 16)),
        ("soon", None),
        (0, None),
        (10**30, None),
    ],
)
async def test_odd_spellings_of_a_day(platform_: Platform, ding: DingTalk, value: object, day: date | None) -> None:
    platform_.on(USER, ok(result={"userid": "lin", "name": "林", "hired_date": value}))
    assert (await ding.contacts.user("lin")).hired_date == day


async def test_a_person_who_is_gone_is_typed(platform_: Platform, ding: DingTalk) -> None:
    platform_.on(USER, answer(errcode=60121, errmsg="找不到该用户"))
    with pytest.raises(NotFound):
        await ding.contacts.user("x")


async def test_outside_the_data_scope_the_remedy_is_named(platform_: Platform, ding: DingTalk) -> None:
    platform_.on(DEPT, answer(errcode=50004, errmsg="x"))
    with pytest.raises(Forbidden, match="通讯录接口权限范围"):
        await ding.contacts.department(9)


async def test_the_doctor_sees_the_data_scope(platform_: Platform, ding: DingTalk) -> None:
    scopes = {"authed_dept": [5, "7"], "authed_user": ["lin"]}
    platform_.on("/auth/scopes", ok(auth_org_scopes=scopes), ok(auth_org_scopes={"authed_dept": [1]}))
    part = await ding.probe.data_scope()
    assert (part.everyone, part.departments, part.users) == (False, frozenset({5, 7}), frozenset({"lin"}))
    assert (await ding.probe.data_scope()).everyone


async def test_the_doctor_sees_wrong_credentials(platform_: Platform, ding: DingTalk) -> None:
    platform_.on(TOKEN_PATH, refused("invalidClientIdOrSecret"))
    with pytest.raises(CredentialsRejected, match="DINGTALK_CLIENT_SECRET"):
        await ding.probe.credentials()


async def test_the_doctor_sees_the_gateway(platform_: Platform, ding: DingTalk) -> None:
    path = "/v1.0/gateway/connections/open"
    platform_.on(path, answer(endpoint="ws://127.0.0.1:1/connect", ticket="t"))
    assert await ding.probe.gateway() == "ws://127.0.0.1:1/connect"
    assert platform_.to(path)[0].body["clientId"] == "ding-id"


async def test_the_doctor_sees_a_template_that_is_missing_without_sending_anything(
    platform_: Platform, ding: DingTalk
) -> None:
    platform_.on(CARD, refused("param.templateUnpublished"), answer(success=True, result="t"))
    with pytest.raises(TemplateMissing, match="publish"):
        await ding.probe.template("x.schema")
    await ding.probe.template("x.schema")
    assert {call.path for call in platform_.calls} == {TOKEN_PATH, CARD}
    tracks = [call.body["outTrackId"] for call in platform_.to(CARD)]
    assert len(set(tracks)) == 2
    assert all(len(track) <= 64 for track in tracks)
