"""The two markdowns DingTalk shows: a message's small one (A/0699) and a card's richer one (C3/0016).

What the platform doesn't render stays as typed: a table in a message is lines of bars, a strikethrough is tildes.
A bare line break joins its lines, as the phone does; `␠␠` before it (or `<br>` in a card) breaks.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from markupsafe import Markup, escape

Dialect = Literal["message", "card"]
Picture = Callable[[str], str | None]
"""Gives the address of a stored picture for its media id, or None for what the sandbox doesn't hold."""

_HEADING = re.compile(r"(#{1,6}) +(.*?)(?: +#+)? *$")
_QUOTE = re.compile(r" {0,3}> ?(.*)$")
_ITEM = re.compile(r"([ \t]*)([-*+]|\d{1,9}\.) +(.*)$")
_FENCE = re.compile(r" {0,3}```")
_RULE = re.compile(r" {0,3}(\*{3,}|-{3,}) *$")
_CELLS = re.compile(r"(?<!\\)\|")
_DASHES = re.compile(r" *:?-+:? *$")
_MESSAGE = re.compile(
    r"!\[(?P<alt>[^\]\n]*)\]\((?P<src>[^)\s]+)\)"
    r"|\[(?P<label>[^\]\n]+)\]\((?P<href>[^)\s]+)\)"
    r"|\*\*(?P<bold>(?!\s).+?(?<!\s))\*\*"
    r"|\*(?P<italic>(?![\s*]).+?(?<![\s*]))\*(?!\*)"
    r"|(?P<newline> {2,}\n)",
    re.DOTALL,
)
_CARD = re.compile(
    _MESSAGE.pattern + r"|<font(?P<font>(?: +\w+=[\w-]+)+) *>(?P<inked>.*?)</font>"
    r"|<a +atId=[\"']?[^\"'>]*[\"']?>(?P<at>[^<]*)</a>"
    r"|(?P<br><br */?>)",
    re.DOTALL,
)
_SIZES = {"largetitle", "hypertitle", "h1", "h2", "h3", "h4", "h5", "body", "footnote"}
_INKS = {"yellow", "red", "purple", "water", "green", "orange", "pink", "blue", "olive", "gray"}
_DEEPEST = 6


def render(text: str, dialect: Dialect, picture: Picture) -> Markup:
    """Give the HTML of a text."""
    return _Renderer(dialect, picture).blocks(text.replace("\r\n", "\n").split("\n"), 0)


def plain(text: str) -> str:
    """Give the text alone, on one line: for a conversation's last message."""
    text = re.sub(r"!\[[^\]\n]*\]\([^)\s]+\)", "[图片]", text)
    text = re.sub(r"\[([^\]\n]+)\]\([^)\s]+\)", r"\1", text)
    return " ".join(re.sub(r"^[ \t]*(#{1,6} |> ?|[-*+] |\d+\. )|\*{1,2}|</?\w[^>]*>", "", text, flags=re.M).split())


def link(label: Markup, href: str) -> Markup:
    """Give a link as the client treats it: `dtmd://` says its text to the robot, the web opens in a new tab."""
    address = urlsplit(href)
    if address.scheme == "dtmd" and address.path == "/sendMessage":
        words = parse_qs(address.query).get("content", [""])[0]
        return Markup('<button class="say" type="submit" form="say" name="text" value="{}">{}</button>').format(
            words, label
        )
    if address.scheme == "dingtalk" and address.path == "/page/link":
        return link(label, parse_qs(address.query).get("url", [""])[0])
    if address.scheme in {"http", "https"} and address.netloc:
        return Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>').format(href, label)
    return Markup('<span class="dead-link" title="{}">{}</span>').format(href, label)


class _Renderer:
    def __init__(self, dialect: Dialect, picture: Picture) -> None:
        self._card = dialect == "card"
        self._inlines = _CARD if self._card else _MESSAGE
        self._picture = picture

    def blocks(self, lines: Sequence[str], depth: int) -> Markup:
        return Markup("").join(self._blocks(lines, depth))

    def _blocks(self, lines: Sequence[str], depth: int) -> Iterator[Markup]:
        at = 0
        paragraph: list[str] = []
        while at < len(lines):
            end, block = self._block(lines, at, depth)
            if block is None and lines[at].strip():
                paragraph.append(lines[at])
                at += 1
                continue
            yield from self._paragraph(paragraph)
            paragraph = []
            if block is not None:
                yield block
            at = max(end, at + 1)
        yield from self._paragraph(paragraph)

    def _block(self, lines: Sequence[str], at: int, depth: int) -> tuple[int, Markup | None]:
        line = lines[at]
        if heading := _HEADING.match(line):
            return at + 1, self._heading(len(heading[1]), heading[2])
        if _QUOTE.match(line) and depth < _DEEPEST:
            end = _run(lines, at, lambda text: _QUOTE.match(text) is not None)
            inner_lines = [match[1] for text in lines[at:end] if (match := _QUOTE.match(text))]
            return end, Markup("<blockquote>{}</blockquote>").format(self.blocks(inner_lines, depth + 1))
        if self._card and (found := self._card_block(lines, at))[1] is not None:
            return found
        if _ITEM.match(line) and depth < _DEEPEST:
            return self._list(lines, at, depth)
        return at, None

    def _heading(self, level: int, words: str) -> Markup:
        # The page's own headings are h1 and h2; a message's text never outranks them.
        return Markup('<p class="h h{}" role="heading" aria-level="{}">{}</p>').format(
            level, min(level + 2, 6), self._inline(words)
        )

    def _card_block(self, lines: Sequence[str], at: int) -> tuple[int, Markup | None]:
        line = lines[at]
        if _RULE.match(line):
            return at + 1, Markup("<hr>")
        if _FENCE.match(line):
            end = _run(lines, at + 1, lambda text: _FENCE.match(text) is None)
            return end + 1, Markup('<pre tabindex="0"><code>{}</code></pre>').format("\n".join(lines[at + 1 : end]))
        if _is_table(lines, at):
            end = _run(lines, at, lambda text: "|" in text)
            return end, self._table(lines[at:end])
        return at, None

    def _list(self, lines: Sequence[str], at: int, depth: int) -> tuple[int, Markup]:
        first = _ITEM.match(lines[at])
        assert first is not None  # the caller matched it
        indent, ordered = _width(first[1]), first[2][-1] == "."
        items: list[list[str]] = []
        while at < len(lines) and (lines[at].strip() or (at + 1 < len(lines) and _deeper(lines[at + 1], indent))):
            item = _ITEM.match(lines[at])
            if item is not None and _width(item[1]) <= indent:
                if (item[2][-1] == ".") != ordered or _width(item[1]) < indent:
                    break
                items.append([item[3]])
            elif item is None and (_HEADING.match(lines[at]) or _QUOTE.match(lines[at])):
                break
            else:
                items[-1].append(lines[at][min(indent + 2, len(lines[at]) - len(lines[at].lstrip())) :])
            at += 1
        inner = Markup("").join(Markup("<li>{}</li>").format(self._item(item, depth + 1)) for item in items)
        return at, (Markup("<ol>{}</ol>") if ordered else Markup("<ul>{}</ul>")).format(inner)

    def _item(self, lines: list[str], depth: int) -> Markup:
        split = next((i for i, line in enumerate(lines[1:], 1) if _ITEM.match(line)), len(lines))
        return self._inline("\n".join(lines[:split])) + self.blocks(lines[split:], depth)

    def _table(self, lines: Sequence[str]) -> Markup:
        align = [_alignment(cell) for cell in _cells(lines[1])]

        def row(line: str, tag: str) -> Markup:
            cells = [*_cells(line), *[""] * len(align)][: len(align)]
            return Markup("").join(
                Markup('<{0} class="{1}"{2}>{3}</{0}>').format(
                    tag, how, Markup(' scope="col"') if tag == "th" else "", self._inline(cell.replace("\\|", "|"))
                )
                for cell, how in zip(cells, align, strict=True)
            )

        body = Markup("").join(Markup("<tr>{}</tr>").format(row(line, "td")) for line in lines[2:])
        return Markup(
            '<div class="scroll" tabindex="0" role="group" aria-label="表格"><table>'
            "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>"
        ).format(row(lines[0], "th"), body)

    def _paragraph(self, lines: list[str]) -> Iterator[Markup]:
        if lines:
            yield Markup("<p>{}</p>").format(self._inline("\n".join(line.lstrip() for line in lines)))

    def _inline(self, text: str) -> Markup:
        parts: list[Markup] = []
        at = 0
        for match in self._inlines.finditer(text):
            parts += [_words(text[at : match.start()]), self._span(match)]
            at = match.end()
        return Markup("").join([*parts, _words(text[at:])])

    def _span(self, match: re.Match[str]) -> Markup:
        found = match.groupdict()
        if found["src"]:
            return self._image(found["alt"], found["src"])
        if found["href"]:
            return link(self._inline(found["label"]), found["href"])
        if found.get("at") is not None:
            return Markup('<span class="mention">@{}</span>').format(found["at"].lstrip("@"))
        return self._styled(found)

    def _styled(self, found: Mapping[str, str | None]) -> Markup:
        if bold := found["bold"]:
            return Markup("<strong>{}</strong>").format(self._inline(bold))
        if italic := found["italic"]:
            return Markup("<em>{}</em>").format(self._inline(italic))
        if font := found.get("font"):
            return Markup('<span class="{}">{}</span>').format(_font(font), self._inline(found["inked"] or ""))
        return Markup("<br>")

    def _image(self, alt: str, src: str) -> Markup:
        address = self._picture(src)
        if address is not None:
            return Markup('<img src="{}" alt="{}" loading="lazy">').format(address, alt or "图片")
        return link(Markup('<span class="far-image">[图片{}]</span>').format(f"：{alt}" if alt else ""), src)


def _words(text: str) -> Markup:
    return escape(text.replace("&nbsp;", "\u00a0"))


def _font(attributes: str) -> str:
    classes: list[str] = []
    for name, value in re.findall(r"(\w+)=([\w-]+)", attributes):
        token = value.removeprefix("common_")
        if name == "sizeToken" and (size := token.removesuffix("_text_style__font_size")) in _SIZES:
            classes.append(f"size-{size}")
        elif name == "colorTokenV2":
            classes.append(ink(value))
    return " ".join(name for name in classes if name)


def ink(token: object) -> str:
    """Give the class of one of DingTalk's colour tokens (C3/0016), or nothing for one it doesn't list."""
    if not isinstance(token, str) or not (match := re.fullmatch(r"common_([a-z]+)(\d)?(_base)?_color", token)):
        return ""
    return f"ink-{match[1]}" if match[1] in _INKS else (f"ink-level{match[2]}" if match[1] == "level" else "")


def _run(lines: Sequence[str], at: int, goes_on: Callable[[str], bool]) -> int:
    while at < len(lines) and goes_on(lines[at]):
        at += 1
    return at


def _width(indent: str) -> int:
    return len(indent.expandtabs(4))


def _deeper(line: str, indent: int) -> bool:
    item = _ITEM.match(line)
    return item is not None and _width(item[1]) >= indent


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in _CELLS.split(line.strip().removeprefix("|").removesuffix("|"))]


def _is_table(lines: Sequence[str], at: int) -> bool:
    if at + 1 >= len(lines) or "|" not in lines[at] or "-" not in lines[at + 1]:
        return False
    marks = _cells(lines[at + 1])
    return all(_DASHES.match(mark) for mark in marks) and len(marks) == len(_cells(lines[at]))


def _alignment(mark: str) -> str:
    if mark.startswith(":") and mark.endswith(":"):
        return "center"
    return "right" if mark.endswith(":") else "left"
