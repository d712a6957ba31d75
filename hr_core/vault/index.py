"""Blind indexes: finding a sealed number by its value, without anybody who has the table being able to read it.

An HMAC under a key of its own, of the number in one spelling, cut to eight bytes: enough that two people's numbers
don't meet, and a look-up compares what it finds after opening it anyway. The vault puts the key's id in front.
"""

import hmac
import re
import unicodedata
from collections.abc import Callable, Mapping
from types import MappingProxyType

LENGTH = 8
_NOT_DIGITS = re.compile(r"[^0-9]")
_BLANKS = re.compile(r"[\s·-]")


def _narrow(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _identity(text: str) -> str:
    return _BLANKS.sub("", _narrow(text)).upper()


def _digits(text: str) -> str:
    return _NOT_DIGITS.sub("", _narrow(text))


def _phone(text: str) -> str:
    digits = _digits(text)
    digits = digits.removeprefix("00") if digits.startswith("0086") else digits
    return digits[2:] if len(digits) == 13 and digits.startswith("86") else digits


SPELLINGS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {"identity": _identity, "phone": _phone, "bank": _digits}
)
"""How each kind of number is brought to one spelling: blanks, hyphens, full-width characters, x, +86."""


def blind_index(key: bytes, kind: str, text: str) -> bytes:
    """Give the index; raises `KeyError` for a kind that has no spelling and `ValueError` for what holds no number."""
    value = SPELLINGS[kind](text)
    if not value:
        msg = f"nothing to look up as {kind}"
        raise ValueError(msg)
    return hmac.digest(key, f"{kind}\x1f{value}".encode(), "sha256")[:LENGTH]
