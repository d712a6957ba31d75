"""What people say about their pay: which month or year, how much less, which line is wrong."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from handlers.sentences.text import number, simplified, year_number

_NUMERAL = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_YEAR = r"(?:今年|本年|去年|前年|(?:20)?\d{2}年|二[〇零]\S{2}年)"
MONTH = (
    rf"(?:{_YEAR}\s*{_NUMERAL}\s*月份?|\d{{4}}-{_NUMERAL}|{_NUMERAL}\s*月份?|上上个?月|上个?月份?|这个?月|本月|当月)"
)
"""A pattern for a month as people name it; without groups."""
YEAR = _YEAR

_NAMED = re.compile(rf"(?P<year>{_YEAR})?\s*(?P<month>{_NUMERAL})\s*月份?")
_WRITTEN = re.compile(rf"(?P<year>\d{{4}})-(?P<month>{_NUMERAL})")
_BEFORE = {"本月": 0, "当月": 0, "这月": 0, "这个月": 0, "上月": 1, "上个月": 1, "上上月": 2, "上上个月": 2}
_YEARS = {"今年": 0, "本年": 0, "去年": 1, "前年": 2}


def read_month(text: str | None, today: date) -> date | None:
    """Give the first day of the month that a text names; without its year, the last such month that has begun."""
    said = "".join(simplified(text or "").split())
    if (before := _BEFORE.get(said.removesuffix("份"))) is not None:
        return _before(today, before)
    found = _WRITTEN.fullmatch(said) or _NAMED.fullmatch(said)
    if found is None:
        return None
    month = number(found["month"])
    year = read_year(found["year"], today) or (today.year if month <= today.month else today.year - 1)
    return date(year, month, 1)


def read_year(text: str | None, today: date) -> int | None:
    """Give the year that a text names."""
    if not text:
        return None
    if text in _YEARS:
        return today.year - _YEARS[text]
    return year_number(text.removesuffix("年"))


def read_amount(text: str | None) -> Decimal | None:
    """Give an amount in yuan as it was written: 433, 1,200.5."""
    return Decimal(text.replace(",", "").replace("，", "")) if text else None


@dataclass(frozen=True, slots=True)
class Objection:
    """A line that is disputed, as far as one was named, and the words."""

    line: str | None
    words: str


def read_objection(text: str, lines: list[str]) -> Objection:
    """Find the line that an objection begins with or names; the words stay as they are."""
    named = [line for line in lines if line in text]
    return Objection(max(named, key=len) if named else None, text.strip(" ，,：:。"))


def _before(today: date, months: int) -> date:
    years, month = divmod(today.month - 1 - months, 12)
    return date(today.year + years, month + 1, 1)
