"""What a phone makes of a text."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.page.markdown import plain, render


def _shown(text: str, *, card: bool = False) -> str:
    return str(render(text, "card" if card else "message", lambda name: f"/m/{name}" if name == "@pic" else None))


def test_a_bare_line_break_joins_and_two_blanks_break() -> None:
    assert _shown("一\n二") == "<p>一\n二</p>"
    assert _shown("一  \n二") == "<p>一<br>二</p>"


def test_blocks_stand_apart() -> None:
    shown = _shown("#### 余额\n可用\n- 年假\n- 病假\n> 条例\n\n1. 先\n2. 后")
    assert shown == (
        '<p class="h h4" role="heading" aria-level="6">余额</p><p>可用</p><ul><li>年假</li><li>病假</li></ul>'
        "<blockquote><p>条例</p></blockquote><ol><li>先</li><li>后</li></ol>"
    )


def test_bold_and_italic_nest_and_a_lone_star_stays() -> None:
    assert _shown("**共 *3* 天** 5*2") == "<p><strong>共 <em>3</em> 天</strong> 5*2</p>"


def test_a_nested_list_nests() -> None:
    assert _shown("* 一\n\t* 二\n* 三", card=True) == "<ul><li>一<ul><li>二</li></ul></li><li>三</li></ul>"


@pytest.mark.parametrize("text", ["| a | b |\n| - | - |\n| 1 | 2 |", "```\ncode\n```", "~~删~~", "`码`", "<b>x</b>"])
def test_a_message_shows_what_it_cannot_render_as_typed(text: str) -> None:
    shown = _shown(text)
    assert shown.startswith("<p>")
    assert "<table" not in shown and "<pre" not in shown and "<b>" not in shown


def test_a_card_renders_tables_code_rules_and_fonts() -> None:
    table = _shown("| 名 | 数 |\n| :- | -: |\n| 甲 | 2 |", card=True)
    assert '<th class="left" scope="col">名</th>' in table
    assert '<td class="right">2</td>' in table
    assert "<pre" in _shown("```json\n{}\n```", card=True)
    assert _shown("***", card=True) == "<hr>"
    ink = "<font sizeToken=common_h3_text_style__font_size colorTokenV2=common_blue1_color>蓝</font>"
    assert _shown(ink, card=True) == '<p><span class="size-h3 ink-blue">蓝</span></p>'
    assert _shown("一<br>二", card=True) == "<p>一<br>二</p>"


def test_a_dtmd_link_says_its_text() -> None:
    shown = _shown("[同意](dtmd://dingtalkclient/sendMessage?content=%E5%90%8C%E6%84%8F%201024)")
    assert shown == ('<p><button class="say" type="submit" form="say" name="text" value="同意 1024">同意</button></p>')


def test_the_web_opens_elsewhere_and_tells_nothing() -> None:
    assert 'target="_blank" rel="noopener noreferrer"' in _shown("[官网](https://www.dingtalk.com/)")
    wrapped = "dingtalk://dingtalkclient/page/link?url=https%3A%2F%2Fa.example%2Fx&pc_slide=true"
    assert 'href="https://a.example/x"' in _shown(f"[看]({wrapped})")


@pytest.mark.parametrize("href", ["javascript:alert(1)", "data:text/html,x", "dingtalk://dingtalkclient/other", "//a"])
def test_other_schemes_lead_nowhere(href: str) -> None:
    assert "href=" not in _shown(f"[点我]({href})")


def test_only_stored_pictures_are_shown() -> None:
    assert '<img src="/m/@pic" alt="图" loading="lazy">' in _shown("![图](@pic)")
    far = _shown("![图](https://a.example/p.png)")
    assert "<img" not in far and 'href="https://a.example/p.png"' in far


def test_markup_from_outside_is_harmless() -> None:
    for text in ("<script>alert(1)</script>", "[<img src=x>](https://a.example/)", '![" onload="x](@pic)'):
        shown = _shown(text, card=True)
        assert "<script" not in shown and "<img src=x" not in shown and '" onload="' not in shown


def test_the_preview_is_words_alone() -> None:
    assert plain("#### 年假\n- 可用 **4** 天 [帮助](dtmd://x)\n![](@pic)") == "年假 可用 4 天 帮助 [图片]"


class _Balance(HTMLParser):
    """Complains about a tag that isn't ours or isn't closed where it should be."""

    allowed = frozenset(
        {"p", "strong", "em", "br", "a", "button", "span", "img", "ul", "ol", "li", "blockquote", "hr", "pre", "code"}
        | {"div", "table", "thead", "tbody", "tr", "th", "td"}
    )
    void = frozenset({"br", "img", "hr"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.allowed
        assert not [name for name, _ in attrs if name.startswith("on") or name == "style"]
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


PIECES = [
    *(
        "*",
        "**",
        "- ",
        "1. ",
        "> ",
        "# ",
        "\n",
        "  ",
        "[a](",
        "https://a/",
        ")",
        "![",
        "](@pic)",
        "```",
        '"',
        "词",
        "x",
    ),
    *("| a | b |\n", "| - | - |\n", "<font colorTokenV2=common_red1_color>", "</font>", "<br>", "<script>"),
]


@pytest.mark.parametrize("card", [False, True])
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=30))
def test_whatever_comes_the_html_stays_ours(pieces: list[str], card: bool) -> None:
    balance = _Balance()
    balance.feed(_shown("".join(pieces), card=card))
    assert balance.open == []
