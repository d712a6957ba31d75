"""Our calls against the sandbox, which was written from the same documents by other hands."""

from collections.abc import AsyncIterator

import pytest

from bot.openapi import (
    DingTalk,
    Limits,
    Markdown,
    OutcomeUnknown,
    QuotaExhausted,
    TemplateMissing,
    Text,
    ToGroup,
    ToPerson,
    UnexpectedAnswer,
)
from bot.stream import CARD_TOPIC, ROBOT_TOPIC
from sandbox.company import HR_GROUP, tiny
from sandbox.server import Running, serving
from sandbox.world import World
from sandbox.world.faults import Fault

TEMPLATE = "dinghr-notice.schema"
NOTICE = {"title": "请假申请", "body": "林晓 请假半天", "buttons": "[]", "status": "待审批", "ref": "1.leave.1"}


@pytest.fixture
async def sandbox() -> AsyncIterator[Running]:
    async with serving(World(tiny(), seed=7)) as running:
        yield running


@pytest.fixture
async def ding(sandbox: Running) -> AsyncIterator[DingTalk]:
    async with DingTalk(
        openapi_endpoint=sandbox.url, oapi_endpoint=sandbox.url, client_id=sandbox.client_id,
        client_secret=sandbox.client_secret, clock=sandbox.clock, limits=Limits(first_wait=0.01, total=2),
    ) as client:  # fmt: skip
        yield client


async def test_everybody_is_found_by_walking_the_departments(sandbox: Running, ding: DingTalk) -> None:
    company = tiny()
    departments = [one async for one in ding.contacts.departments()]
    people = {user.userid for dept in departments async for user in ding.contacts.users_of(dept.dept_id)}
    assert people == {user.userid for user in company.users}
    assert {dept.dept_id for dept in departments} >= {dept.dept_id for dept in company.departments}
    lin = await ding.contacts.user("lin")
    assert (lin.name, lin.manager_userid) == ("林晓", "wang")
    assert (await ding.contacts.data_scope()).everyone


async def test_messages_arrive(sandbox: Running, ding: DingTalk) -> None:
    sent = await ding.robot.send_private(["lin"], Markdown("余额", "年假\n5 天"))
    group = await ding.robot.send_group(HR_GROUP, Text("早上好"))
    assert sent.key
    assert group.key
    assert sent.invalid == ()


async def test_someone_unknown_is_a_partial_success(sandbox: Running, ding: DingTalk) -> None:
    sent = await ding.robot.send_private(["lin", "nobody"], Text("x"))
    assert sent.invalid == ("nobody",)


async def test_a_card_is_delivered_changed_and_not_doubled(sandbox: Running, ding: DingTalk) -> None:
    first = await ding.cards.create_and_deliver("t-1", TEMPLATE, NOTICE, ToPerson("lin"), title="请假", alert="请假")
    again = await ding.cards.create_and_deliver("t-1", TEMPLATE, NOTICE, ToPerson("lin"), title="请假")
    group = await ding.cards.create_and_deliver("t-2", TEMPLATE, NOTICE, ToGroup(HR_GROUP), title="请假")
    await ding.cards.update("t-1", {"status": "已同意"})
    assert first.carrier_id
    assert again.already
    assert group.carrier_id
    with pytest.raises(TemplateMissing):
        await ding.cards.create_and_deliver("t-3", "none.schema", NOTICE, ToPerson("lin"), title="请假")
    await ding.probe.template(TEMPLATE)


async def test_the_doctors_questions_are_answered(sandbox: Running, ding: DingTalk) -> None:
    await ding.probe.credentials()
    assert (await ding.probe.gateway([("CALLBACK", ROBOT_TOPIC), ("CALLBACK", CARD_TOPIC)])).startswith("ws://")


@pytest.mark.parametrize("kind", ["token", "qps"])
async def test_what_was_not_executed_is_made_good_silently(sandbox: Running, ding: DingTalk, kind: str) -> None:
    sandbox.world.faults.waiting.append(Fault("/v1.0/robot/oToMessages/batchSend", kind))
    assert (await ding.robot.send_private(["lin"], Text("x"))).key


@pytest.mark.parametrize(
    ("kind", "error"),
    [("monthly", QuotaExhausted), ("ip_ban", UnexpectedAnswer), ("timeout", OutcomeUnknown), ("drop", OutcomeUnknown)],
)
async def test_what_went_wrong_is_told_apart(
    sandbox: Running, ding: DingTalk, kind: str, error: type[Exception]
) -> None:
    sandbox.world.faults.waiting.append(Fault("/v1.0/robot/oToMessages/batchSend", kind))
    with pytest.raises(error):
        await ding.robot.send_private(["lin"], Text("x"))


async def test_a_card_whose_answer_was_lost_is_found_delivered(sandbox: Running, ding: DingTalk) -> None:
    sandbox.world.faults.waiting.append(Fault("/v1.0/card/instances/createAndDeliver", "timeout", after_action=True))
    assert (await ding.cards.create_and_deliver("t-1", TEMPLATE, NOTICE, ToPerson("lin"), title="请假")).already
