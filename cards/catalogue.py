"""The sentences people read, one catalogue per language: `words/<language>.toml`, each entry a small template.

Values that come from people are made harmless on the way in: what a person typed can't become a link, a heading or
a mention in somebody else's chat.
"""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from cards.markdown import plain, say_link
from hr_core.workdays.model import Half, Span

WEEKDAYS = "一二三四五六日"


def days_text(days: Decimal) -> str:
    """Give a number of days without trailing zeros: 0.5, 3, 10."""
    return f"{days.normalize():f}" if days else "0"


def day_text(day: date) -> str:
    """Give a day as people say it: 11月25日(周三)."""
    return f"{day.month}月{day.day}日(周{WEEKDAYS[day.weekday()]})"


class Words:
    """One language's catalogue."""

    def __init__(self, entries: Mapping[str, str]) -> None:
        environment = Environment(undefined=StrictUndefined, finalize=self._written, autoescape=False)  # noqa: S701 - markdown
        environment.globals.clear()  # A sentence needs none of Jinja's own; they would be copied for each.
        environment.globals["link"] = lambda text, label=None: Markup(say_link(text, label))  # noqa: S704 - our own words
        environment.globals["word"] = self.say
        self._templates: dict[str, Template] = {key: environment.from_string(text) for key, text in entries.items()}
        for template in self._templates.values():
            template.globals = dict(template.globals)  # A plain one is copied five times as fast as a chain of two.

    def say(self, code: str, **values: Any) -> str:
        """Give a sentence; an unknown code is our bug and raises `KeyError`."""
        return self._templates[code].render(values)

    def span(self, span: Span) -> str:
        """Give the days and halves as people say them; whole days need no half."""
        first, last = day_text(span.start), day_text(span.end)
        if span.start == span.end:
            whole = (span.start_half, span.end_half) == (Half.AM, Half.PM)
            return first if whole else first + self.say(f"half.{span.start_half.value}")
        if span.start_half is Half.PM:
            first += self.say("half.PM")
        if span.end_half is Half.AM:
            last += self.say("half.AM")
        return f"{first}至{last}"

    def _written(self, value: Any) -> Any:
        if isinstance(value, Markup):
            return value
        if isinstance(value, Decimal):
            return days_text(value)
        if isinstance(value, date):
            return day_text(value)
        if isinstance(value, Span):
            return self.span(value)
        return plain(value) if isinstance(value, str) else value

    def __contains__(self, code: str) -> bool:
        """Tell whether the catalogue has this sentence."""
        return code in self._templates

    def codes(self) -> frozenset[str]:
        """Give every code."""
        return frozenset(self._templates)


def _flatten(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{name}.")
        else:
            yield name, str(value)


@cache
def words(language: str = "zh-CN") -> Words:
    """Load a language's catalogue, once."""
    text = resources.files("cards").joinpath(f"words/{language}.toml").read_text("utf-8")
    return Words(dict(_flatten(tomllib.loads(text))))
