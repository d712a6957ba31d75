"""The markdown that DingTalk shows, and making a person's words harmless in it."""

from urllib.parse import quote

_HARMLESS = str.maketrans(
    {mark: chr(ord(mark) + 0xFEE0) for mark in "[]<>`*#|~@\\"} | dict.fromkeys("\n\r\u2028\u2029", " ")
)
"""Markup becomes its full-width twin, which reads the same and does nothing; a line break becomes a blank."""


def plain(text: str) -> str:
    """Give a person's words without what markdown would act on: no link, heading or mention in another's chat."""
    return text.translate(_HARMLESS)


def say_link(text: str, label: str | None = None) -> str:
    """Give a link that says `text` to the robot when tapped (`dtmd://`, C3/0009)."""
    return f"[{label or text}](dtmd://dingtalkclient/sendMessage?content={quote(text)})"
