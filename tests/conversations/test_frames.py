"""Frames of every kind, well-formed and not: acknowledged as the protocol says, and nobody's conversation suffers."""

import asyncio
import json
from typing import Any

import pytest
import structlog

from tests.conversations.office import PATIENCE, Office

ROBOT, CARD = "/v1.0/im/bot/messages/get", "/v1.0/card/instances/callback"
PULL = "/v1.0/card/dynamicData/get"
TEXT = {
    "conversationType": "1",
    "conversationId": "cidx",
    "senderStaffId": "lin",
    "msgtype": "text",
    "text": {"content": "帮助"},
}


def frame(kind: str, topic: str, data: Any, message_id: str = "odd-1", **headers: str) -> dict[str, Any]:
    """A frame as it goes over the wire; `data` may already be text."""
    return {
        "specVersion": "1.0",
        "type": kind,
        "headers": {"topic": topic, "messageId": message_id, "contentType": "application/json", "time": "1", **headers},
        "data": data if isinstance(data, str) else json.dumps(data, ensure_ascii=False),
    }


def printed(event_type: str, data: Any) -> dict[str, Any]:
    """An event as the event pages print it (E/0086): what belongs into the headers stands beside the data."""
    told = {"eventType": event_type, "eventId": "e6", "eventCorpId": "dingx", "eventBornTime": 1683533823336}
    return frame("EVENT", "*", {**told, "data": data})


async def acked(office: Office, sent: dict[str, Any] | str, message_id: str = "odd-1") -> dict[str, Any]:
    """Send a raw frame and give its ack."""
    stream = office.sandbox.world.stream
    entries = office.sandbox.world.wire.entries
    before = len(entries)
    await stream.send_raw(stream.connections[0], sent)
    async with asyncio.timeout(PATIENCE):
        while True:
            for entry in list(entries)[before:]:
                if entry.kind == "ack" and entry.message_id == message_id:
                    ack: dict[str, Any] = entry.request
                    return ack
            await asyncio.sleep(0.01)


async def still_answers(office: Office) -> None:
    """Lin asks for help and gets it."""
    await office.lin.says("帮助")
    await office.until(
        lambda: next((m for m in office.lin.messages() if "您好" in str(m.content)), None), "the robot still answers"
    )


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (frame("CALLBACK", ROBOT, {**TEXT, "msgId": "m1"}), 200),
        (frame("CALLBACK", ROBOT, {**TEXT, "msgId": "m2", "msgtype": "picture", "text": None, "content": {}}), 200),
        (frame("CALLBACK", ROBOT, {**TEXT, "msgId": "m3", "senderStaffId": None}), 200),
        (frame("CALLBACK", ROBOT, {"msgId": "m4", "errorCode": 20001, "errorMessage": "quota"}), 200),
        (frame("CALLBACK", ROBOT, {"msgId": "m5", "errCode": "20001", "senderStaffId": "lin"}), 200),
        (frame("CALLBACK", ROBOT, {**TEXT, "msgId": "m6", "text": {"content": "请" * 50_000}}), 200),
        (frame("CALLBACK", ROBOT, {**TEXT, "msgId": "m7", "sessionWebhook": "http://evil.example/x"}), 200),
        (frame("CALLBACK", ROBOT, {**TEXT, "msgId": "m8", "sessionWebhookExpiredTime": "soon"}), 200),
        (frame("CALLBACK", ROBOT, {**TEXT, "msgId": "x" * 5000}), 400),
        (frame("CALLBACK", ROBOT, {}), 400),
        (frame("CALLBACK", ROBOT, "[]"), 400),
        (frame("CALLBACK", ROBOT, "null"), 400),
        (frame("CALLBACK", ROBOT, "{"), 400),
        (frame("CALLBACK", CARD, {"outTrackId": "nobody's", "userId": "lin", "content": "{}"}), 200),
        (frame("CALLBACK", CARD, {"outTrackId": "nobody's", "userId": "stranger", "value": "[]"}), 200),
        (frame("CALLBACK", CARD, {"userId": "lin"}), 400),
        (frame("CALLBACK", CARD, '"text"'), 400),
        (frame("CALLBACK", PULL, {"type": "dynamicDataCallback", "outTrackId": "x", "content": "{}"}), 200),
        (frame("CALLBACK", PULL, {"type": "dynamicDataCallback", "content": "{}"}), 400),
        (frame("CALLBACK", "/v1.0/graph/api/invoke", {}), 404),
        (frame("EVENT", "*", {"userId": ["lin"]}, eventType="user_modify_org", eventId="e1"), 200),
        (frame("EVENT", "dingTalk", {"userId": None}, eventType="user_leave_org", eventId="e2"), 200),
        (frame("EVENT", "*", {"deptId": ["x", 1]}, eventType="org_dept_modify", eventId="e3"), 200),
        (frame("EVENT", "*", {"processInstanceId": "p"}, eventType="bpms_instance_change", eventId="e4"), 200),
        (frame("EVENT", "*", "[]", eventType="org_change", eventId="e5"), 400),
        (frame("EVENT", "*", {"userId": ["lin"]}, eventType="user_modify_org", eventId="e" * 5000), 400),
        (frame("EVENT", "*", {"userId": ["lin"]}, eventType="user_modify_org"), 400),
        (printed("user_modify_org", {"userId": ["lin"]}), 200),
        (printed("user_modify_org", ["lin"]), 400),
        ({**frame("CALLBACK", ROBOT, "{}"), "data": {**TEXT, "msgId": "m10"}}, 200),
        ({**frame("CALLBACK", ROBOT, "{}"), "data": [TEXT]}, 400),
        (frame("SYSTEM", "ping", {"opaque": "o"}), 200),
    ],
)
async def test_each_frame_gets_the_ack_it_should(office: Office, sent: dict[str, Any], code: int) -> None:
    with structlog.testing.capture_logs() as logs:
        ack = await acked(office, sent)
        await office.quiet()
    assert ack["code"] == code
    if sent["type"] == "EVENT":
        assert json.loads(ack["data"])["status"] in {"SUCCESS", "LATER"}
    assert not [line for line in logs if line.get("exc_info")], "a trace in the log"
    await still_answers(office)


async def test_the_same_frame_gets_the_same_ack(office: Office) -> None:
    click = frame("CALLBACK", CARD, {"outTrackId": "nobody's", "userId": "lin", "content": "{}"})
    assert await acked(office, click) == await acked(office, click)
    assert await office.audited("lin") == ["card.use"]


@pytest.mark.parametrize("sent", ["not json", "[]", '"x"', "{}", '{"type": 5}', json.dumps({"type": "CALLBACK"})])
async def test_what_is_no_frame_disturbs_nobody(office: Office, sent: str) -> None:
    stream = office.sandbox.world.stream
    await stream.send_raw(stream.connections[0], sent)
    await still_answers(office)


async def test_an_event_as_the_pages_print_it_is_acted_on(office: Office) -> None:
    office.sandbox.world.directory.users["lin"].name = "林晓晓"
    await acked(office, printed("user_modify_org", {"timeStamp": "1608017258073", "userId": ["lin"]}))
    await office.lin.asks("明天请年假")
    await office.quiet()
    assert "林晓晓" in await office.lin.asks("帮助")


async def test_a_foreign_webhook_is_not_called(office: Office) -> None:
    await acked(office, frame("CALLBACK", ROBOT, {**TEXT, "msgId": "m9", "sessionWebhook": "http://127.0.0.1:9/steal"}))
    assert "您好" in await office.lin.reads()
