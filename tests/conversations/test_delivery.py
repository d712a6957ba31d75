"""What is to be heard is heard, whatever the first call answers; and one broken row stops nobody."""

from typing import Any

import pytest
from sqlmodel import select

from bot.outbox import OutboxRow
from handlers.dispatch import Outgoing
from handlers.messages import Show
from sandbox.world.faults import Fault
from tests.conversations.office import Office

CREATE = "/v1.0/card/instances/createAndDeliver"
REPLY = "/robot/sendBySession"
PRIVATE = "/v1.0/robot/oToMessages/batchSend"


def fails(office: Office, api: str, **fault: Any) -> None:
    """Let the next calls of an API fail."""
    office.sandbox.world.faults.waiting.append(Fault(api, **fault))


@pytest.mark.parametrize("code", [300005, 310000, 400402])
async def test_a_refused_webhook_falls_back_to_a_private_message(office: Office, code: int) -> None:
    fails(office, REPLY, status=200, body={"errcode": code, "errmsg": "session.expired"})
    assert "可用" in await office.lin.asks("年假余额")


async def test_a_flow_controlled_message_is_sent_again(office: Office) -> None:
    fails(office, REPLY, status=200, body={"errcode": 300001, "errmsg": "session"})
    body = {"processQueryKey": "k", "flowControlledStaffIdList": ["lin"], "invalidStaffIdList": []}
    fails(office, PRIVATE, status=200, body=body)
    assert "可用" in await office.lin.asks("年假余额")


async def test_an_answer_that_a_block_page_kept_from_dingtalk_is_given_later(office: Office) -> None:
    fails(office, REPLY, kind="ip_ban")
    assert "可用" in await office.lin.asks("年假余额")


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_an_answer_that_dingtalk_had_trouble_with_is_given_again(office: Office, status: int) -> None:
    fails(office, REPLY, status=status, body={"code": "system.error", "message": "x"})
    assert "可用" in await office.lin.asks("年假余额")
    await office.quiet()
    assert sum("可用" in str(message.content) for message in office.lin.messages()) == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (403, {"code": "Forbidden.AccessDenied.AccessTokenPermissionDenied", "message": "no scope"}),
        (400, {"code": "param.templateUnpublished", "message": "x"}),
        (200, {"success": True, "result": {"outTrackId": "x", "deliverResults": [{"success": False}]}}),
    ],
)
async def test_a_refused_card_is_said_in_words(office: Office, status: int, body: dict[str, Any]) -> None:
    await office.lin.says("明天请年假")
    form = await office.lin.receives("form", about="请假")
    fails(office, CREATE, status=status, body=body)
    await office.lin.submits(form)
    assert "同意" in await office.wang.reads()


async def test_a_card_that_reached_nobody_is_not_taken_for_sent(office: Office) -> None:
    await office.lin.says("明天请年假")
    form = await office.lin.receives("form", about="请假")
    fails(office, CREATE, status=200, body={"result": {"deliverResults": [{"success": False}]}}, after_action=False)
    fails(office, PRIVATE, kind="qps", times=5)
    await office.lin.submits(form)
    assert "同意" in await office.wang.reads()


async def test_a_row_that_cant_be_rendered_stops_nobody(office: Office) -> None:
    person = await office.employee("lin")
    async with office.robot.database.transaction() as session:
        office.robot.outbox.put(session, Outgoing(person, show=Show("no.such.view")), cause="test")
    assert "可用" in await office.wang.asks("年假余额")
    async with office.robot.database.read() as session:
        row = (await session.exec(select(OutboxRow).where(OutboxRow.view == "no.such.view"))).one()
    assert row.attempts <= 2, "it is tried ever more rarely"


async def test_an_answer_whose_outcome_is_unknown_is_not_given_twice(office: Office) -> None:
    fails(office, REPLY, kind="timeout", after_action=True)
    assert "可用" in await office.lin.asks("年假余额")
    await office.quiet()
    assert len(office.lin.messages()) == 1


async def test_a_card_that_is_slow_to_arrive_is_not_overtaken_by_its_update(office: Office) -> None:
    delivered = {"success": True, "result": {"outTrackId": "x", "deliverResults": [{"success": True}]}}
    await office.lin.says("明天请病假")
    form = await office.lin.receives("form", about="请假")
    fails(office, CREATE, status=200, body=delivered, delay=1.0, after_action=True)
    await office.lin.submits(form)
    await office.until(lambda: not office.sandbox.world.faults.waiting or None, "the card is on its way")
    assert "已撤回" in await office.lin.asks("撤回")
    card = await office.wang.receives("notice", about="林晓")
    await office.wang.sees_status(card, "已撤回")
