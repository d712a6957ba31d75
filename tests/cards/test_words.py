"""The catalogue: every code that the code names is there, and nothing there is unused."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import bot.app  # noqa: F401 - brings every error there is
import cards
from cards import leave
from cards.catalogue import day_text, days_text, words
from cards.markdown import plain, say_link
from cards.view import Button, FormView, NoticeView, TextView, card_params, markdown, ref, template_of, with_tip
from hr_core.errors import HRError
from hr_core.workdays.model import Half, Span

ROOT = Path(cards.__file__).parents[1]
CODE = re.compile(r"""["']([a-z_]+(?:\.[A-Za-z_{}().'\[\]]+)+)["']""")


def named_codes() -> set[str]:
    """Every dotted string in the rooms that speak."""
    found: set[str] = set()
    for room in ("bot", "cards", "handlers", "hr_core"):
        for path in (ROOT / room).rglob("*.py"):
            found |= set(CODE.findall(path.read_text("utf-8")))
    text = (ROOT / "cards/words/zh-CN.toml").read_text("utf-8")
    return found | set(re.findall(r"word\('([a-z_.]+)'", text))


def test_every_sentence_is_used() -> None:
    codes = named_codes()
    prefixes = tuple(code.split("{")[0] for code in codes if "{" in code) + tuple(c for c in codes if c.endswith("."))
    unused = [code for code in words().codes() if code not in codes and not code.startswith((*prefixes, "refusal."))]
    assert unused == []


def kinds(error: type[HRError]) -> set[type[HRError]]:
    """An error's subclasses, all the way down."""
    return {error} | {below for kind in error.__subclasses__() for below in kinds(kind)}


def test_every_error_has_its_sentence() -> None:
    spoken = [kind for kind in kinds(HRError) if kind.code]
    assert len(spoken) > 10
    assert [kind.__name__ for kind in spoken if kind.code not in words()] == []


def test_a_persons_words_cant_become_markup() -> None:
    said = words().say("answer.unknown", text="[x](dtmd://y) # *b* <c> `d`\n@all", nearest=[])
    assert "[x]" not in said
    assert not set("<>`*@") & set(said.replace(say_link("帮助"), ""))
    assert plain("a[b]\nc") == "a［b］ c"


@pytest.mark.parametrize(("days", "text"), [("0.5", "0.5"), ("3.0", "3"), ("10", "10"), ("0", "0"), ("100", "100")])
def test_days_have_no_trailing_zeros(days: str, text: str) -> None:
    assert days_text(Decimal(days)) == text


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (("2026-11-25", "AM", "2026-11-25", "PM"), "11月25日(周三)"),
        (("2026-11-25", "PM", "2026-11-25", "PM"), "11月25日(周三)下午"),
        (("2026-11-25", "AM", "2026-11-25", "AM"), "11月25日(周三)上午"),
        (("2026-11-25", "PM", "2026-11-27", "AM"), "11月25日(周三)下午至11月27日(周五)上午"),
        (("2026-11-25", "AM", "2026-11-27", "PM"), "11月25日(周三)至11月27日(周五)"),
    ],
)
def test_a_span_is_written_as_people_say_it(span: tuple[str, str, str, str], text: str) -> None:
    start, start_half, end, end_half = span
    value = Span(date.fromisoformat(start), Half(start_half), date.fromisoformat(end), Half(end_half))
    assert words().span(value) == text
    assert day_text(date(2026, 11, 29)) == "11月29日(周日)"


NOTICE = NoticeView(
    title="林晓的请假申请",
    ref=ref("leave", 7),
    fields=(("原因", "[点我](dtmd://x)"),),
    buttons=(Button("approve", "同意", "同意 7"), Button("reject", "拒绝", "拒绝 7", disabled=True)),
    ask_comment=True,
    status="待审批",
)


def test_a_notice_is_the_same_as_card_and_as_words() -> None:
    params = card_params(NOTICE)
    assert all(isinstance(value, str) for value in params.values())
    assert params["ref"] == "1.leave.7"
    assert params["ask_comment"] == "true"
    text = markdown(NOTICE).text
    assert say_link("同意 7", "同意") in text
    assert "「同意 7」" in text
    assert "拒绝 7" not in text, "a disabled button offers nothing to type"
    assert "[点我]" not in text


def test_every_view_has_words_and_its_template() -> None:
    form = FormView("请假申请", ref("leave", 0), intro="填好后提交", text="也可以直接说")
    assert (template_of(NOTICE), template_of(form), template_of(TextView("a", "b"))) == ("notice", "form", None)
    assert "也可以直接说" in markdown(form).text
    assert card_params(form)["form"] == '{"fields":[]}'
    tipped = with_tip(NOTICE, "处理中")
    assert isinstance(tipped, NoticeView)
    assert tipped.tip == "处理中"
    assert markdown(TextView("a", "b")) == TextView("a", "b")


def test_the_leave_form_fits_the_platforms_kilobyte() -> None:
    draft = {"type": "annual", "start": "2026-11-25", "start_half": "PM", "end": "2026-11-25", "end_half": "PM"}
    view = leave.form(words(), ["annual", "sick", "personal"], draft, Decimal("2.5"))
    assert len(card_params(view)["form"].encode()) <= 1024
