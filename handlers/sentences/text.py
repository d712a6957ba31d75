"""Brings a sentence into one spelling, character by character, so that positions stay those of the original."""

_TRADITIONAL = (
    "請请 後后 週周 禮礼 兩两 號号 點点 開开 從从 時时 間间 為为 於于 發发 燒烧 醫医 體体 過过 還还 幾几 餘余 "
    "麼么 嗎吗 這这 個个 與与 連连 "
    "審审 幫帮 額额 絕绝 綁绑 詢询 條条 "
    "補补 調调 產产 喪丧 續续 歲岁 來来 給给 說说 會会 無无 當当 節节 慶庆 國国 誰谁 帶带 頭头 銷销 鐘钟 單单 長长 "
    "現现 職职"
)
_SPELLING = {ord(pair[0]): pair[1] for pair in _TRADITIONAL.split()}
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_LETTERS: dict[int, str | int] = {
    **_SPELLING,
    **{wide: code for wide, code in _FULL_WIDTH.items() if chr(code).isalnum() or chr(code) == "#"},
}
_DASHES = dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212, 0x2500), "-")
_TILDES = dict.fromkeys((0x301C, 0x223C), "~")
_BLANKS = dict.fromkeys((0x09, 0x0D, 0xA0, 0x3000), " ")
_TABLE: dict[int, str | int] = {
    **_SPELLING,
    **_FULL_WIDTH,
    **_DASHES,
    **_TILDES,
    **_BLANKS,
    0x0A: ";",
    0x3002: ";",
    0xFF1B: ";",
}

DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"\u3007": 0, "两": 2}


def plain(text: str) -> str:
    """Give simplified characters, ASCII width and ASCII punctuation; as long as the text itself."""
    return text.translate(_TABLE)


def simplified(text: str) -> str:
    """Give simplified characters and ASCII width; blanks and punctuation stay as they were written."""
    return text.translate(_LETTERS)


def number(text: str) -> int:
    """Read a whole number below 100 in digits or in Chinese numerals (三, 十二, 二十, 廿三)."""
    if text.isascii():
        return int(text)
    if "廿" in text:
        return 20 + (DIGITS[text[1]] if len(text) > 1 else 0)
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return DIGITS[ones]
    return 10 * (DIGITS[tens] if tens else 1) + (DIGITS[ones] if ones else 0)


def year_number(text: str) -> int:
    """Read 2026, 26 or 二〇二六."""
    value = int("".join(str(DIGITS[c]) if c in DIGITS else c for c in text))
    return value + 2000 if value < 100 else value
