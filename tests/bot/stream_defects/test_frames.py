"""What the SDK (dingtalk-stream 0.24.3) makes of a frame, its ack and the log, beside ours."""

import json
from typing import Any

import pytest
from aiohttp import web
from dingtalk_stream import CardCallbackMessage, ChatbotMessage

from bot.incoming import read_click, read_message
from bot.stream import CARD_TOPIC, ROBOT_TOPIC
from tests.bot.stream_defects.subject import Subject
from tests.bot.stream_gateway import Gateway


@pytest.mark.parametrize(("code", "status"), [(200, "SUCCESS"), (500, "LATER")])
async def test_an_events_ack_says_whether_it_is_wanted_again(
    subject: Subject, edge: Gateway, code: int, status: str
) -> None:
    """The SDK sends the event's own data back instead."""
    async with subject.robot(edge.url):
        ack = await (await edge.link()).ask("EVENT", "*", "e-1", {"code": code}, eventType="user_add_org")
        said = json.loads(ack["data"])
        assert said.get("status") == subject.either(stock=None, ours=status)
        assert (said == {"code": code}) is subject.either(stock=True, ours=False)


async def test_every_push_gets_an_ack(subject: Subject, edge: Gateway) -> None:
    """Without one DingTalk pushes again, and the person who tapped a card sees it spin."""
    async with subject.robot(edge.url):
        link = await edge.link()
        await link.push("CALLBACK", ROBOT_TOPIC, "failing", {"do": "fail"})
        await link.push("CALLBACK", CARD_TOPIC, "unknown", {})
        await link.push("CALLBACK", ROBOT_TOPIC, "good", {})
        acks = [await link.ack() for _ in range(subject.either(stock=1, ours=3))]
        codes = {ack["headers"]["messageId"]: ack["code"] for ack in acks}
        assert codes == subject.either(stock={"good": 200}, ours={"failing": 500, "unknown": 404, "good": 200})
        assert await link.acked_by_a_ping() == []


async def test_the_log_keeps_quiet_about_pings_and_secrets(subject: Subject, edge: Gateway) -> None:
    refusal = {"code": "invalidClientIdOrSecret", "message": "words of the answer"}
    answers = [web.json_response(refusal, status=400)]
    edge.on_open = lambda: answers.pop() if answers else None
    async with subject.robot(edge.url, speed=10) as robot:
        link = await edge.link()
        await link.ask("SYSTEM", "ping", "p-1", {"opaque": "0a1b"})
        text = "\n".join(one["text"] for one in robot.log)
        pings = [one for one in robot.log if one["log"] == "WARNING" and "topic=ping" in one["text"]]
        assert len(pings) == subject.either(stock=1, ours=0)
        for leak in ("secret+ticket", "words of the answer"):
            assert (leak in text) is subject.either(stock=True, ours=False)
        assert "top-secret" not in text


async def test_an_ack_promises_that_the_work_is_done(subject: Subject, edge: Gateway) -> None:
    """The SDK's handler for long work acks at once and drops what the work raises."""
    async with subject.robot(edge.url):
        link = await edge.link()
        failing = await link.ask("CALLBACK", "/pool", "failing", {"do": "fail"})
        assert failing["code"] == subject.either(stock=200, ours=500)
        await link.push("CALLBACK", "/pool", "endless", {})
        assert await link.acked_by_a_ping() == subject.either(stock=[("endless", 200)], ours=[])


QUOTA: dict[str, Any] = {
    "msgId": "m-1", "msgtype": "text", "conversationType": "1", "senderStaffId": "lin", "errorCode": 20001,
    "errorMessage": "the monthly quota of pushes is used up",
}  # fmt: skip
VOICE: dict[str, Any] = {
    "msgId": "m-2", "msgtype": "audio", "conversationType": "1", "senderStaffId": "lin",
    "content": {"downloadCode": "x", "recognition": "我想请假。"},
}  # fmt: skip


def test_the_quota_frame_is_read(subject: Subject) -> None:
    def quota_is_noticed() -> bool:
        if subject.name == "ours":
            return read_message(QUOTA).quota_exhausted
        with pytest.raises(KeyError, match="text"):
            ChatbotMessage.from_dict(QUOTA)
        return False

    assert quota_is_noticed() is subject.either(stock=False, ours=True)


def test_spoken_words_are_read(subject: Subject) -> None:
    """The SDK knows text, pictures and rich text; the rest stays in `extensions`."""

    def words() -> str | None:
        if subject.name == "ours":
            return read_message(VOICE).text
        message = ChatbotMessage.from_dict(VOICE)
        return None if message.get_text_list() is None and message.text is None else str(message.text)

    assert words() == subject.either(stock=None, ours="我想请假")


def test_a_tap_that_comes_as_value_is_read(subject: Subject) -> None:
    """The documents print the payload under `content` and under `value`; the SDK drops all fields but five."""
    private = {"actionIds": ["approve"], "params": {"action": "approve", "ref": "1.leave.1"}}
    tap = {
        "type": "actionCallback", "outTrackId": "t-1", "corpId": "c", "userId": "wang", "userIdType": 1,
        "spaceType": "IM", "spaceId": "cid1", "extension": "{}", "value": json.dumps({"cardPrivateData": private}),
    }  # fmt: skip

    def action() -> str:
        if subject.name == "ours":
            return read_click(tap).action
        message = CardCallbackMessage.from_dict(tap)
        assert (message.space_type, message.space_id, message.user_id_type) == ("", "", -1)
        return str(message.content.get("cardPrivateData", {}).get("params", {}).get("action", ""))

    assert action() == subject.either(stock="", ours="approve")
