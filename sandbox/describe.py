"""The operations as Markdown: what docs/sandbox.md shows between its markers.

A heading per folder; its words are the folder's own first sentence, and what its `NOT_DONE` lists is said below.
"""

import sys
from collections.abc import Iterator
from itertools import groupby

from sandbox.control import CONTROLS
from sandbox.operation import Error, Field, Limit, Operation
from sandbox.operations import ALL
from sandbox.world.faults import FAULTS, FaultKind


def describe() -> str:
    """Give the tables of DingTalk's operations and of the control API."""
    return "\n".join([*_operations(), "### The control API", "", *_controls()]) + "\n"


def describe_faults() -> str:
    """Give the table of what can go wrong."""
    rows = (f"| `{one.key}` | {one.label} | {one.sentence} | {_struck(one)} |" for one in FAULTS)
    return "\n".join(["| kind | button | what happens | to |", "|---|---|---|---|", *rows]) + "\n"


def _struck(kind: FaultKind) -> str:
    what = {"frame": "frames", "handshake": "handshakes"}.get(kind.moment, "calls")
    return what if kind.api == "*" else f"{what} of `{kind.api}`"


def _operations() -> Iterator[str]:
    for folder, operations in groupby(ALL, lambda one: one.run.__module__.split(".")[1]):
        room = sys.modules[f"sandbox.{folder}"]
        yield f"### {folder}"
        yield ""
        yield " ".join((room.__doc__ or "").split())
        yield ""
        yield "| call | what | fields | own refusals and limits | scope | counted | page | standing |"
        yield "|---|---|---|---|---|---|---|---|"
        yield from (_row(one) for one in operations)
        yield ""
        missing: tuple[str, ...] = getattr(room, "NOT_DONE", ())
        if missing:
            yield f"Not done: {'; '.join(missing)}."
            yield ""


def _row(one: Operation) -> str:
    standing = f"{one.standing}; {one.note}" if one.note else one.standing
    own = [
        *(_error(error) for error in (*one.errors, *filter(None, [one.app_token]))),
        *(_limit(limit) for limit in one.limits),
    ]
    cells = (
        f"`{one.method} {one.path}`", f"{one.summary} (`{one.name}`)", _fields(one.fields) or "-",
        ", ".join(own) or "-", one.scope or "-", "yes" if one.counted else "no", f"{one.page}, {one.date}", standing,
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _error(error: Error) -> str:
    status = "" if error.status == 400 else f" ({error.status})"
    return f"`{error.code}`{status}"


def _limit(limit: Limit) -> str:
    per = f" per {limit.per}" if limit.per else ""
    return f"{limit.calls} in {limit.seconds:g} s{per}, then {_error(limit.error)}"


def _fields(fields: tuple[Field, ...]) -> str:
    return ", ".join(_several(list(same)) for _, same in groupby(fields, lambda one: one.name))


def _several(fields: list[Field]) -> str:
    """Write a field, or those of one name as a table by their sibling's value."""
    first = fields[0]
    if len(fields) == 1 or first.when is None:
        return ", ".join(_field(one) for one in fields)
    rows = "; ".join(f"{_values(one)} {{{_fields(one.fields)}}}" for one in fields)
    return f"{_head(first)} by {first.when[0]}: {rows}"


def _field(field: Field) -> str:
    words = [_head(field)]
    if field.choices:
        words.append("/".join(str(one) for one in field.choices))
    if field.when:
        words.append(f"when {field.when[0]} is {_values(field)}")
    if field.where != "body":
        words.append(f"({field.where})")
    if field.fields:
        words.append(f"{{{_fields(field.fields)}}}")
    return " ".join(words)


def _head(field: Field) -> str:
    """Write name, kind (unless it is a text) and size."""
    kind = field.shape or field.kind
    words = [f"{field.name}{'*' if field.required else ''}", "" if kind == "string" else kind]
    words.append(f"≥ {field.least}" if field.least is not None else "")
    if field.most is not None:
        unit = {"chars": " chars", "bytes": " B", "items": "", "value": ""}[field.unit]
        words.append(f"≤ {field.most}{unit}")
    return " ".join(word for word in words if word)


def _values(field: Field) -> str:
    return "/".join(str(one) for one in field.when[1]) if field.when else ""


def _controls() -> Iterator[str]:
    yield "| control call | takes | does |"
    yield "|---|---|---|"
    for one in CONTROLS:
        yield f"| `{one.method} {one.path}` | {one.takes or '-'} | {' '.join((one.answer.__doc__ or '').split())} |"
