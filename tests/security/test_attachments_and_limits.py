"""Oversize, odd and exploding input is refused in words and costs next to nothing."""

import json
from typing import Any

import pytest

from tests.conversations.office import Office
from tests.conversations.test_frames import ROBOT, acked, frame, still_answers

BASE: dict[str, Any] = {"conversationType": "1", "conversationId": "c", "senderStaffId": "lin", "msgId": "big"}


async def test_a_very_long_message_is_answered_with_its_length(office: Office) -> None:
    assert "太长了" in await office.lin.asks("请假" * 5_000)
    assert "可用" in await office.lin.asks("年假余额")


@pytest.mark.parametrize(
    "data",
    [
        {**BASE, "msgtype": "file", "content": {"fileName": "a.zip", "downloadCode": "x", "spaceId": "1"}},
        {
            **BASE,
            "msgtype": "file",
            "content": {"fileName": "../../etc/passwd", "downloadCode": "https://evil.example"},
        },
        {**BASE, "msgtype": "picture", "content": {"downloadCode": "http://169.254.169.254/latest/meta-data"}},
        {**BASE, "msgtype": "richText", "content": {"richText": [{"text": "x"}] * 20_000}},
        {**BASE, "msgtype": "text", "text": {"content": json.loads('"' + "a" * 100_000 + '"')}},
        {**BASE, "msgtype": "text", "text": {"content": ["a"] * 1000}},
        {**BASE, "msgtype": "text", "text": {"content": "x"}, "sessionWebhook": "http://169.254.169.254/latest"},
        {**BASE, "msgtype": "text", "text": {"content": "x"}, "sessionWebhook": "file:///etc/passwd"},
        {
            **BASE,
            "msgtype": "text",
            "text": {"content": "x"},
            "sessionWebhook": "https://api.dingtalk.com@evil.example/x",
        },
    ],
)
async def test_whatever_is_sent_the_frame_is_taken_and_nothing_is_fetched(office: Office, data: dict[str, Any]) -> None:
    office.sandbox.world.wire.entries.clear()
    ack = await acked(office, frame("CALLBACK", ROBOT, data))
    assert int(ack["code"]) in {200, 400}
    await still_answers(office)
    asked = [entry.path for entry in office.sandbox.world.wire.entries if entry.kind == "call"]
    assert not any("download" in path for path in asked), "no file of anybody's is fetched"


async def test_deep_nesting_disturbs_nobody(office: Office) -> None:
    await acked(office, frame("CALLBACK", ROBOT, "[" * 50_000 + "]" * 50_000))
    await still_answers(office)
