"""What a person is shown, once, for both surfaces: a card where a template is configured, markdown where none is.

A view is a value: title, text, fields, buttons with what a person would type instead. `card_params` gives the
variables of the template of the same name; `markdown` gives the text with `dtmd://` links beside each typed form.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal

from cards.markdown import plain, say_link

SCHEMA = 1
"""The version of what buttons and `ref` mean; a card from before an upgrade still says which it was made under."""

Template = Literal["form", "notice", "report"]


def ref(kind: str, number: int) -> str:
    """Name the record a card stands for: `<schema>.<kind>.<number>`."""
    return f"{SCHEMA}.{kind}.{number}"


@dataclass(frozen=True, slots=True)
class Button:
    """A button: `id` comes back with the click, `typed` is what a person types where there are no buttons."""

    id: str
    text: str
    typed: str
    color: str = "blue"
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class TextView:
    """Plain words: answers, lists, alerts."""

    title: str
    text: str


PULLED = ("body", "status")
"""The variables that a phone pulls, when it comes to that. Both are texts: no page says whether phones read what they
pull by its variable's type.
"""


@dataclass(frozen=True, slots=True)
class NoticeView:
    """Something to read and perhaps to decide.

    With `pulled_for` its body and status are no part of it: a phone asks for them at every look, for so long after
    the card was sent. `summary` stands in the chat list and the notification instead of the title.
    """

    title: str
    ref: str
    body: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    buttons: tuple[Button, ...] = ()
    ask_comment: bool = False
    status: str = ""
    tip: str = ""
    summary: str = ""
    pulled_for: timedelta | None = None


@dataclass(frozen=True, slots=True)
class FormView:
    """A form to fill in; once it has a `status` it is a record of what was sent."""

    title: str
    ref: str
    intro: str = ""
    fields: tuple[Mapping[str, Any], ...] = ()
    status: str = ""
    text: str = field(default="", kw_only=True)
    """What to say instead where forms can't be shown."""


@dataclass(frozen=True, slots=True)
class FileView:
    """A file, for a private chat only; `text` is said where it can't be sent."""

    name: str
    content: bytes
    text: TextView
    content_type: str = "application/zip"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a paper: a label and a figure; `head` opens a section, `total` closes one."""

    label: str
    text: str = ""
    head: bool = False
    total: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    """Figures that no chat may keep: a card pulls them, a link shows them once, a file is locked."""

    title: str
    rows: tuple[Row, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class PaperView:
    """A paper as a locked file, for a private chat only, taken back after a while; `text` is said where it can't be."""

    name: str
    paper: Paper
    text: TextView
    kept_for: timedelta
    note: str = ""
    """Stands below the words that open it."""


View = TextView | NoticeView | FormView | FileView | PaperView


def template_of(view: View) -> Template | None:
    """Name the template that shows this view; plain words need none."""
    if isinstance(view, NoticeView):
        return "notice"
    return "form" if isinstance(view, FormView) else None


def card_params(view: NoticeView | FormView) -> dict[str, str]:
    """Give the template's variables: every value a string, structures as compact JSON (A/0789)."""
    if isinstance(view, FormView):
        return {
            "title": view.title,
            "intro": view.intro,
            "form": _json({"fields": [dict(item) for item in view.fields]}),
            "status": view.status,
            "ref": view.ref,
        }
    return {
        "title": view.title,
        "body": view.body,
        "fields": _json([{"label": label, "text": text} for label, text in view.fields]),
        "buttons": _json(
            [{"id": b.id, "text": b.text, "color": b.color, "disabled": b.disabled} for b in view.buttons]
        ),
        "ask_comment": "true" if view.ask_comment else "false",
        "comment": "",
        "status": view.status,
        "tip": view.tip,
        "ref": view.ref,
    }


def markdown(view: View) -> TextView:
    """Give the same as words, every button as a link beside its typed form."""
    if isinstance(view, TextView):
        return view
    if isinstance(view, FileView | PaperView):
        return view.text
    if isinstance(view, FormView):
        lines = [f"#### {view.title}", view.intro, view.status or view.text]
        return TextView(view.title, "\n".join(line for line in lines if line))
    lines = [f"#### {view.title}" + (f" · {view.status}" if view.status else "")]
    lines += [view.body] if view.body else []
    lines += [f"- {label}：{plain(text)}" for label, text in view.fields]
    lines += [view.tip] if view.tip else []
    lines += [f"{say_link(b.typed, b.text)}　或回复「{b.typed}」" for b in view.buttons if not b.disabled]
    return TextView(view.title, "\n".join(lines))


def with_tip(view: View, tip: str) -> View:
    """Give the view with a word about the click that was just made."""
    if isinstance(view, NoticeView):
        return replace(view, tip=tip)
    if isinstance(view, FormView):
        return replace(view, intro=f"{view.intro}\n\n**{tip}**" if view.intro else f"**{tip}**")
    return view


def with_note(view: View, note: str) -> View:
    """Give the view with a note below what it says."""
    if isinstance(view, TextView):
        return replace(view, text=f"{view.text}\n\n{note}")
    if isinstance(view, NoticeView) and view.pulled_for:
        return replace(view, tip=f"{view.tip} {note}".strip())  # Its body is covered by what is pulled.
    if isinstance(view, NoticeView):
        return replace(view, body=f"{view.body}\n\n{note}".strip())
    if isinstance(view, PaperView):
        return replace(view, note=note)
    if isinstance(view, FormView):
        return replace(view, intro=f"{view.intro}\n\n{note}".strip(), text=f"{view.text}\n\n{note}".strip())
    return view


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
