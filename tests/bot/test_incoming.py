"""DingTalk's printed shapes, the odd ones too, become the same plain values."""

import json
from typing import Any

import pytest

from bot.incoming import Malformed, read_click, read_message

BASE: dict[str, Any] = {
    "msgId": "msgA==",
    "conversationType": "1",
    "conversationId": "cid1",
    "senderStaffId": "lin",
    "sessionWebhook": "https://oapi.dingtalk.com/robot/sendBySession?session=x",
    "sessionWebhookExpiredTime": 1793500000000,
}


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"msgtype": "text", "text": {"content": " 年假 "}}, "年假"),
        (
            {"msgtype": "richText", "content": {"richText": [{"text": "请"}, {"type": "picture"}, {"text": "假"}]}},
            "请假",
        ),
        ({"msgtype": "richText", "content": {"richText": [{"type": "picture", "downloadCode": "x"}]}}, None),
        ({"msgtype": "audio", "content": {"downloadCode": "x", "recognition": "我想请假。"}}, "我想请假"),
        ({"msgtype": "text", "text": {"content": "\u200b余额\ufeff"}}, "余额"),
        ({"msgtype": "text", "text": {"content": "@人事助手\u2005余额"}}, "余额"),
        ({"msgtype": "text", "text": {"content": "余额 @人事助手"}}, "余额"),
        ({"msgtype": "text", "text": {"content": "拒绝 12 等 @王磊 回来"}}, "拒绝 12 等 @王磊 回来"),
        (
            {"msgtype": "richText", "content": {"richText": [{"type": "at", "text": "@人事助手"}, {"text": " 请假"}]}},
            "请假",
        ),
        ({"msgtype": "picture", "content": {"downloadCode": "x"}}, None),
        ({"msgtype": "file", "content": {"fileName": "a.xlsx"}}, None),
        ({"msgtype": "unknownMsgType", "content": {"unknownMsgType": "不支持"}}, None),
        ({"msgtype": "text"}, None),
    ],
)
def test_words_are_found_where_each_kind_has_them(content: dict[str, Any], text: str | None) -> None:
    assert read_message({**BASE, **content}).text == text


def test_a_group_is_told_from_a_private_chat() -> None:
    group = read_message({**BASE, "conversationType": "2", "conversationTitle": "HR通知", "text": {"content": "帮助"}})
    assert (group.group, group.group_title) == ("cid1", "HR通知")
    assert read_message(BASE).group is None


@pytest.mark.parametrize("told", [{"conversationType": "2"}, {"conversationType": None, "conversationTitle": "HR通知"}])
def test_a_group_that_doesnt_say_which_one_is_no_private_chat(told: dict[str, Any]) -> None:
    assert read_message({**BASE, "conversationId": None, **told}).group == ""


@pytest.mark.parametrize("name", ["errorCode", "errCode"])
def test_the_quota_frame_is_recognised_in_both_spellings(name: str) -> None:
    assert read_message({**BASE, name: 20001, "errorMessage": "quota"}).quota_exhausted


def test_a_sender_without_identity_has_an_empty_one() -> None:
    assert read_message({k: v for k, v in BASE.items() if k != "senderStaffId"}).staff_id == ""
    assert read_message({**BASE, "senderStaffId": None}).staff_id == ""


@pytest.mark.parametrize("data", [{}, {"msgId": None}, {"msgId": ""}, {"msgId": {"a": 1}}])
def test_a_message_without_id_is_malformed(data: dict[str, Any]) -> None:
    with pytest.raises(Malformed, match="msgId"):
        read_message(data)


PARAMS = {"action": "approve", "ref": "1.leave.7", "comment": " 好 "}


@pytest.mark.parametrize(
    "data",
    [
        {"content": json.dumps({"cardPrivateData": {"actionIds": ["b1"], "params": PARAMS}})},
        {"value": json.dumps({"cardPrivateData": {"actionIds": ["b1"], "params": PARAMS}})},
        {"content": json.dumps({"cardPrivateData": {"actionIds": ["b1"]}, "params": PARAMS})},
        {"content": {"cardPrivateData": {"actionIds": ["b1"], "params": PARAMS}}, "value": "not json"},
    ],
)
def test_a_button_is_read_from_every_printed_shape(data: dict[str, Any]) -> None:
    click = read_click({"outTrackId": "t1", "userId": "wang", **data})
    assert (click.action, click.ref, click.comment, click.form) == ("approve", "1.leave.7", "好", None)


def test_a_form_is_told_from_a_button() -> None:
    content = {
        "cardPrivateData": {"actionIds": ["form"], "params": {"form": {"type": {"index": 0, "value": "annual"}}}}
    }
    click = read_click({"outTrackId": "t1", "userId": "lin", "content": json.dumps(content)})
    assert click.form == {"type": {"index": 0, "value": "annual"}}
    empty = {"cardPrivateData": {"actionIds": ["form"], "params": {}}}
    assert read_click({"outTrackId": "t1", "userId": "lin", "content": json.dumps(empty)}).form == {}


@pytest.mark.parametrize("content", ["", "null", "[]", "{", '{"cardPrivateData": []}', '{"cardPrivateData": null}'])
def test_a_click_with_nonsense_inside_is_an_empty_click(content: str) -> None:
    click = read_click({"outTrackId": "t1", "userId": "lin", "content": content})
    assert (click.action, click.form) == ("", None)


def test_a_click_without_card_is_malformed() -> None:
    with pytest.raises(Malformed, match="outTrackId"):
        read_click({"userId": "lin"})


@pytest.mark.parametrize(("said", "read"), [("帮助\ud83d", "帮助?"), ("帮\x00助", "帮助")])
def test_what_no_store_takes_is_taken_out(said: str, read: str) -> None:
    assert read_message({**BASE, "msgtype": "text", "text": {"content": said}}).text == read
    content = {"cardPrivateData": {"actionIds": ["form"], "params": {"form": {"reason": said}}}}
    assert read_click({"outTrackId": "t1", "userId": "lin", "content": content}).form == {"reason": read}
