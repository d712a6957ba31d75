"""The three templates the robot asks for, as a phone shows them: `form`, `notice`, `report`.

A value of the wrong type shows as the platform shows it: nothing, or `[Object Object]` where words belong.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from sandbox.page import charts, forms, markdown
from sandbox.page.values import Values, objects, shown

TONES = {"待审批": "wait", "已同意": "yes", "已拒绝": "no", "已撤回": "gone", "已取消": "gone"}
COLOURS = {"blue", "red", "gray", "gold", "green"}
_ALIGN = {"left", "center", "right"}


@dataclass(frozen=True, slots=True)
class Button:
    """A button of the card; `id` comes back as `params.action`."""

    id: str
    text: str
    colour: str
    disabled: bool


@dataclass(frozen=True, slots=True)
class Head:
    """A column of the table."""

    text: str
    align: str
    width: str
    """`20%`, `80`, or nothing."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the table."""

    text: str
    classes: str = ""
    title: str = ""
    href: str = ""
    picture: str = ""
    button: str = ""
    """A button's colour; empty for plain words."""
    disabled: bool = False
    request: str = ""
    """`row.column` where a tap asks the robot."""


@dataclass(frozen=True, slots=True)
class Table:
    """The table variable (C3/0013)."""

    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class CardView:
    """A card as one person sees it."""

    track_id: str
    template: str
    title: str
    body: Markup
    status: str = ""
    tip: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    fields: tuple[forms.Field, ...] = ()
    buttons: tuple[Button, ...] = ()
    asks_comment: bool = False
    comment: str = ""
    chart: charts.Chart | None = None
    table: Table | None = None

    @property
    def key(self) -> str:
        """Give a name for elements of this card: an outTrackId may hold what an id may not."""
        return hashlib.sha256(self.track_id.encode()).hexdigest()[:10]

    @property
    def tone(self) -> str:
        """Give the status word's colour."""
        return TONES.get(self.status, "info")


def view(track_id: str, template: str, values: Values, picture: markdown.Picture) -> CardView:
    """Give the card of a logical template, from the values this person has."""
    title, status = shown(values.get("title")), shown(values.get("status"))
    body = markdown.render(shown(values.get("intro" if template == "form" else "body")), "card", picture)
    if template == "form":
        fields = () if status else forms.fields_of(values.get("form"))
        return CardView(track_id, template, title, body, status, fields=fields)
    buttons = tuple(_button(item) for item in objects(values, "buttons"))
    if template == "report":
        chart, table = charts.draw(values.get("chart")), _table(values.get("table"), picture)
        return CardView(track_id, template, title, body, buttons=buttons, chart=chart, table=table)
    return CardView(
        track_id,
        template,
        title,
        body,
        status,
        shown(values.get("tip")),
        rows=tuple((shown(item.get("label")), shown(item.get("text"))) for item in objects(values, "fields")),
        buttons=buttons,
        asks_comment=values.get("ask_comment") is True,
        comment=shown(values.get("comment")),
    )


def cell_of(table: Any, place: str) -> dict[str, Any] | None:
    """Give the row and column that a tapped cell sends, or None where there is no such cell."""
    row, _, column = place.partition(".")
    if not isinstance(table, dict) or not row.isdecimal() or not column.isdecimal():
        return None
    try:
        return {"row": table["data"][int(row)], "column": table["meta"][int(column)]}
    except (KeyError, IndexError, TypeError):
        return None


def _button(item: Mapping[str, Any]) -> Button:
    colour = item.get("color")
    return Button(
        id=shown(item.get("id")),
        text=shown(item.get("text")),
        colour=colour if colour in COLOURS else "blue",
        disabled=item.get("disabled") is True,
    )


def _table(variable: Any, picture: markdown.Picture) -> Table | None:
    if not isinstance(variable, dict):
        return None
    meta, data = variable.get("meta"), variable.get("data")
    if not isinstance(meta, list) or not isinstance(data, list) or not all(isinstance(item, dict) for item in meta):
        return None
    rows = tuple(
        tuple(_cell(row.get(shown(column.get("alias"))), column, f"{y}.{x}", picture) for x, column in enumerate(meta))
        for y, row in enumerate(data)
        if isinstance(row, dict)
    )
    return Table(_heads(meta), rows) if meta else None


def _heads(meta: Sequence[Mapping[str, Any]]) -> tuple[Head, ...]:
    def width(column: Mapping[str, Any]) -> str:
        if isinstance(column.get("width"), int | float):
            return f"{column['width']:g}"
        return f"{column['weight']:g}%" if isinstance(column.get("weight"), int | float) else ""

    return tuple(
        Head(shown(column.get("aliasName")), _align(column.get("headerTextAlign")), width(column)) for column in meta
    )


def _align(value: Any) -> str:
    return value if value in _ALIGN else "center"


def _cell(value: Any, column: Mapping[str, Any], place: str, picture: markdown.Picture) -> Cell:
    kind = column.get("dataType")
    if kind == "STRING" or kind not in {"OBJECT", "BUTTON", "MICROAPP"}:
        return Cell(shown(value), "center")
    if not isinstance(value, dict):
        return Cell("")
    href = (
        value["url"] if isinstance(value.get("url"), str) and value["url"].startswith(("http://", "https://")) else ""
    )
    request = place if value.get("request") is True else ""
    if kind == "MICROAPP":
        return Cell(shown(value.get("name")), "center", picture=picture(shown(value.get("icon"))) or "")
    if kind == "BUTTON":
        colour = value["color"] if value.get("color") in COLOURS else "blue"
        off = value.get("status") == "disabled"
        return Cell(shown(value.get("text")), "center", href=href, button=colour, disabled=off, request=request)
    inks = (markdown.ink(value.get("textColorToken")), markdown.ink(value.get("bgColorToken")).replace("ink-", "fill-"))
    classes = " ".join(name for name in (_align(value.get("textAlign")), *inks) if name)
    return Cell(shown(value.get("value")), classes, shown(value.get("hoverText")), href, request=request)
