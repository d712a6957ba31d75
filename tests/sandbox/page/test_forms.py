"""What a form sends."""

from typing import Any

from sandbox.page.forms import fields_of, submitted
from tests.sandbox.page.examples import EVERY_FIELD


class Sent(dict[str, list[str]]):
    """A browser's form data."""

    def getall(self, key: str, default: list[Any], /) -> list[Any]:
        return self.get(f"{key}", default)


FIELDS = fields_of(EVERY_FIELD["form"])


def _send(**values: str | list[str]) -> tuple[dict[str, Any], dict[str, str]]:
    sent = {f"field.{name}": value if isinstance(value, list) else [value] for name, value in values.items()}
    return submitted(FIELDS, Sent(sent))


def test_every_type_has_its_shape() -> None:
    form, missing = _send(
        text="一",
        list=["中餐", "", "火锅"],
        area="多\n行",
        number="2.5",
        one="2",
        many=["1", "3"],
        day="2026-11-26",
        hour="09:05",
        moment="2026-11-26T14:00",
        tick="true",
        flip="true",
        radio="3",
        boxes=["2"],
    )
    assert missing == {}
    assert form == {
        "secret": "nonce-7",
        "fixed": "不能改",
        "text": "一",
        "list": ["中餐", "火锅"],
        "area": "多\n行",
        "number": "2.5",
        "one": {"index": 1, "value": "2"},
        "many": {"index": [0, 2], "value": ["1", "3"]},
        "day": "2026-11-26",
        "hour": "09:05",
        "moment": "2026-11-26 14:00",
        "tick": True,
        "flip": True,
        "radio": "3",
        "boxes": ["2"],
    }


def test_what_is_left_empty_is_absent_and_a_switch_turned_off_says_so() -> None:
    form, _ = _send(text="一", radio="1", day="", one="", area="  ")
    assert form == {"secret": "nonce-7", "fixed": "不能改", "text": "一", "radio": "1", "flip": False}


def test_a_missing_required_field_is_named_in_the_forms_words() -> None:
    _, missing = _send(text=" ")
    assert missing == {"text": "文本一定要填", "radio": "单选列表是必填项"}


def test_hidden_and_read_only_fields_come_back_as_they_were_sent_out() -> None:
    form, _ = _send(text="一", radio="1", secret="forged", fixed="改了")
    assert (form["secret"], form["fixed"]) == ("nonce-7", "不能改")


def test_a_date_keeps_the_fields_own_format() -> None:
    [field] = fields_of(
        {
            "fields": [
                {"name": "d", "type": "DATETIME", "format": "yyyy/MM/dd HH:mm:ss", "defaultValue": "2026/11/5 9:30:00"}
            ]
        }
    )
    assert field.input_value == "2026-11-05T09:30"
    form, _ = submitted([field], Sent({"field.d": ["2026-11-25T09:30"]}))
    assert form == {"d": "2026/11/25 09:30:00"}


def test_what_is_no_form_shows_no_fields() -> None:
    wrong: list[Any] = [
        None,
        [],
        "x",
        {"fields": {}},
        {"fields": ["x", {"name": "a", "type": "PERSON"}, {"type": "TEXT"}]},
    ]
    for broken in wrong:
        assert fields_of(broken) == ()
