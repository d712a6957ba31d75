"""Phrases, taps and views, declared beside the functions that answer them.

A handler names what it needs by parameter: what came in by name (`message`, `click`, `viewer`, `subject`, `values`,
and every named group of its pattern), services by type. The router can list itself: help, the reference page and the
nearest known phrase all come from the declarations.
"""

import inspect
import math
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import Any, TypeVar, get_type_hints

from cards.view import Paper, View
from handlers.messages import Reply
from handlers.sentences.text import simplified
from hr_core.permission.matrix import Action

T = TypeVar("T")
Handler = Callable[..., Awaitable[Reply]]
Question = Callable[..., Awaitable[Reply | None]]
Renderer = Callable[..., Awaitable[View | None]]
Preparer = Callable[..., Awaitable[None]]
Writer = Callable[..., Awaitable[Paper]]
Kept = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class Worth(IntEnum):
    """What sending something is worth when the month's quota runs low: the lowest goes first, approvals never."""

    REPORT = 1
    """What is told by itself and can be asked for: the morning's list."""
    NOTICE = 2
    """What a group hears beside those concerned."""
    ALERT = 3
    """What a person is told whose card shows it as well."""
    NEEDED = 4
    """Answers, and what somebody has to decide."""


Services = Mapping[type, object]
"""The collaborators of one transaction, by type."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Something people say. `examples` are shown in help and offered when a phrase isn't understood.

    One that is `in_order` isn't done when it comes late, after something said later that has taken effect.
    """

    name: str
    examples: tuple[str, ...]
    pattern: re.Pattern[str] | None
    when: Callable[[str], bool] | None
    needs: Action | None
    handler: Handler
    in_order: bool = False

    def read(self, text: str) -> dict[str, str | None] | None:
        """Give the pattern's named groups when the text is this phrase.

        Blanks between its words don't matter, nor does traditional or full-width spelling, nor how a sentence ends.
        """
        for written in (text, "".join(text.split()), text.rstrip(_ENDINGS)):
            if self.pattern is not None and (match := self.pattern.fullmatch(simplified(written))):
                # What was found is given as it was written: a comment keeps its characters.
                spans = {name: match.span(name) for name in match.groupdict()}
                return {name: written[start:end] if start >= 0 else None for name, (start, end) in spans.items()}
        if self.when is not None and self.when(text):
            return {}
        return None


_ENDINGS = " 。.！!~\uff5e…"
"""What may follow a phrase without a change of what it asks for; a question mark makes it a question."""

_SHORT, _REMEMBERED = 8, 4096
"""Texts that are remembered with the phrase they are: how long at most, and how many."""


class Router:
    """All routes of the robot."""

    def __init__(self) -> None:
        self.phrases: list[Phrase] = []
        self.clicks: dict[tuple[str, str], Handler] = {}
        self.questions: dict[str, Question] = {}
        self.attachments: list[Question] = []
        self.views: dict[str, Renderer] = {}
        self.prepared: dict[str, Preparer] = {}
        self.papers: dict[str, Writer] = {}
        self.worth: dict[str, Worth] = {}
        self.keeps: dict[str, Kept] = {}
        self._found: dict[str, tuple[Phrase, dict[str, str | None]] | None] = {}

    @classmethod
    def joined(cls, *routers: "Router") -> "Router":
        """Give one router with the routes of several."""
        whole = cls()
        for router in routers:
            whole.phrases += router.phrases
            whole.clicks |= router.clicks
            whole.questions |= router.questions
            whole.attachments += router.attachments
            whole.views |= router.views
            whole.prepared |= router.prepared
            whole.papers |= router.papers
            whole.worth |= router.worth
            whole.keeps |= router.keeps
        return whole

    def phrase(
        self,
        *examples: str,
        pattern: str | None = None,
        when: Callable[[str], bool] | None = None,
        needs: Action | None = None,
        in_order: bool = False,
    ) -> Callable[[Handler], Handler]:
        """Answer a phrase: a full match of `pattern`, or `when`; without either, the examples themselves."""
        if pattern is None and when is None:
            pattern = "|".join(re.escape(example) for example in examples)

        def register(handler: Handler) -> Handler:
            compiled = re.compile(pattern, re.DOTALL) if pattern is not None else None
            self.phrases.append(Phrase(_name(handler), examples, compiled, when, needs, handler, in_order))
            return handler

        return register

    def click(self, view: str, action: str) -> Callable[[Handler], Handler]:
        """Answer a tap on the button `action` of cards that show `view`."""

        def register(handler: Handler) -> Handler:
            self.clicks[view, action] = handler
            return handler

        return register

    def form(self, view: str, *, keeps: Kept | None = None) -> Callable[[Handler], Handler]:
        """Answer a form that was filled in. `keeps` gives what is shown again of a form that was refused."""
        if keeps is not None:
            self.keeps[view] = keeps
        return self.click(view, "")

    def kept(self, view: str, form: Mapping[str, Any]) -> Mapping[str, Any]:
        """Give what a refused form shows again."""
        return self.keeps[view](form) if view in self.keeps else {}

    def question(self, kind: str) -> Callable[[Question], Question]:
        """Take what people say while a dialogue of this kind waits for a field; None means: not an answer to it."""

        def register(handler: Question) -> Question:
            self.questions[kind] = handler
            return handler

        return register

    def attachment(self) -> Callable[[Question], Question]:
        """Take a picture or a file that somebody sends in private; None means: it isn't for this."""

        def register(handler: Question) -> Question:
            self.attachments.append(handler)
            return handler

        return register

    def view(self, kind: str, worth: Worth = Worth.NEEDED) -> Callable[[Renderer], Renderer]:
        """Render a view when it is sent; None means there is nothing to say any more."""

        def register(renderer: Renderer) -> Renderer:
            self.views[kind] = renderer
            self.worth[kind] = worth
            return renderer

        return register

    def prepares(self, kind: str) -> Callable[[Preparer], Preparer]:
        """Read what many views of a kind need at once, by their `subjects`, before each is rendered."""

        def register(preparer: Preparer) -> Preparer:
            self.prepared[kind] = preparer
            return preparer

        return register

    def paper(self, view: str) -> Callable[[Writer], Writer]:
        """Write what cards that show `view` must not hold: pulled when their receiver looks, or shown by a link."""

        def register(writer: Writer) -> Writer:
            self.papers[view] = writer
            return writer

        return register

    def find(self, text: str) -> tuple[Phrase, dict[str, str | None]] | None:
        """Find the phrase a text is: exact patterns first, in the order they were declared.

        What is said most is short and the same: it is remembered. Sentences, which hold reasons, are not.
        """
        if len(text) > _SHORT:
            return self._find(text)
        if text not in self._found:
            if len(self._found) >= _REMEMBERED:
                self._found.clear()
            self._found[text] = self._find(text)
        return self._found[text]

    def _find(self, text: str) -> tuple[Phrase, dict[str, str | None]] | None:
        for group in (
            [p for p in self.phrases if p.pattern is not None],
            [p for p in self.phrases if p.pattern is None],
        ):
            for phrase in group:
                found = phrase.read(text)
                if found is not None:
                    return phrase, found
        return None

    def nearest(self, text: str, most: int = 2) -> list[str]:
        """Give the known examples closest to a text that wasn't understood.

        An example with figures shows a shape: nobody means its 433, or somebody else's number.
        """
        spelled = simplified(text)
        examples = (example for phrase in self.phrases for example in phrase.examples)
        sayable = [example for example in examples if not any(character.isdigit() for character in example)]
        scored = sorted(((_likeness(spelled, example), example) for example in sayable), key=lambda pair: -pair[0])
        return [example for score, example in scored[:most] if score > 0.2]

    async def render(
        self, kind: str, viewer: int, subject: int, values: Mapping[str, Any], services: Services
    ) -> View | None:
        """Render a view for one viewer."""
        named = {"viewer": viewer, "subject": subject, "values": values}
        return await _call(self.views[kind], named, services)

    async def write(self, kind: str, viewer: int, subject: int, services: Services) -> Paper:
        """Write a paper for one viewer; whoever calls keeps it nowhere."""
        return await _call(self.papers[kind], {"viewer": viewer, "subject": subject}, services)

    async def prepare(self, kind: str, subjects: Sequence[int], services: Services) -> None:
        """Let a kind of view read ahead for many subjects."""
        await _call(self.prepared[kind], {"subjects": subjects}, services)

    def table(self) -> list[tuple[str, str, str]]:
        """List every route: kind, what it answers, which function does."""
        rows = [
            ("phrase", " / ".join(p.examples) or (p.pattern.pattern if p.pattern else ""), p.name) for p in self.phrases
        ]
        rows += [("click", f"{view} · {action or 'form'}", _name(h)) for (view, action), h in self.clicks.items()]
        rows += [("question", kind, _name(h)) for kind, h in self.questions.items()]
        rows += [("paper", kind, _name(w)) for kind, w in self.papers.items()]
        rows += [("attachment", "a picture or a file", _name(h)) for h in self.attachments]
        return rows + [("view", kind, _name(r)) for kind, r in self.views.items()]


async def answer(handler: Question, named: Mapping[str, Any], services: Services) -> Reply | None:
    """Call a handler with what it asks for."""
    return await _call(handler, named, services)


async def _call(function: Callable[..., Awaitable[T]], named: Mapping[str, Any], services: Services) -> T:
    arguments = {name: named[name] if name in named else services[kind] for name, kind in _wants(function)}
    return await function(**arguments)


@cache
def _wants(function: Callable[..., object]) -> tuple[tuple[str, type], ...]:
    """Give what a function asks for: each parameter's name and type."""
    hints = get_type_hints(function)
    return tuple((name, hints[name]) for name in inspect.signature(function).parameters)


def takes_services(handler: Callable[..., object], named: Mapping[str, Any]) -> bool:
    """Tell whether a handler could change anything: beside what came in it takes a service."""
    return any(name not in named for name, _ in _wants(handler))


def _name(function: Callable[..., object]) -> str:
    return f"{function.__module__}.{function.__name__}"


def _grams(text: str) -> Counter[str]:
    return Counter(text[i : i + n] for n in (1, 2, 3) for i in range(len(text) - n + 1))


def _likeness(one: str, other: str) -> float:
    """Cosine over character 1- to 3-grams; the text is cut, so a long one costs no more."""
    a, b = _grams(one[:60]), _grams(other)
    shared = sum(count * b[gram] for gram, count in a.items())
    return shared / math.sqrt(sum(c * c for c in a.values()) * sum(c * c for c in b.values())) if shared else 0.0
