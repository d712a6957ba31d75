"""The operations, the control API and the faults as Markdown.

docs/sandbox-operations.md is `operations()`; docs/sandbox.md shows the others between its markers. A heading per
folder; its words are the folder's own first sentence, and what its `NOT_DONE` lists is said below.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby

from sandbox.control import CONTROLS
from sandbox.operation import SNAPSHOT, Error, Field, Limit, Operation
from sandbox.operations import ALL
from sandbox.world.faults import FAULTS, FaultKind

_HEAD = """# The sandbox's operations

Printed by `python -m sandbox --describe operations`; a test compares. {number} calls, each from its page of DingTalk's
documents of {date} (`A/0714` is page 0714 of 服务端API). *documented*: as its page says, apart from what its note
calls assumed; *assumed*: a guess. *counted*: it takes one of the month's calls.

Fields: `*` marks a mandatory one, one without a kind is a text, `{{…}}` holds what is inside, `/` stands between the
values that are taken, and where a field lies is said unless it's the body. *refuses with*: its codes, beyond those of
token, scope, pace and quota and the family's general ones for a field that is missing or wrong (`Missing…`,
`invalidParameter.…`; 40035). Every call may be made 20 times a second; *limits* are its own.
"""


def operations() -> str:
    """Give every operation, family by family."""
    families = [*_families()]
    links = (f"[{name}](#{name}) ({len(found)})" for name, found in families)
    lines = [_HEAD.format(number=len(ALL), date=SNAPSHOT), " · ".join(links), ""]
    for name, found in families:
        lines += [f"## {name}", "", _purpose(name), "", *_list(found), *_missing(name)]
        for one in found:
            lines += [f"### {one.name}", "", *_operation(one), ""]
    return "\n".join(lines)


def families() -> str:
    """Give a line for each family, with its place in the page of operations."""
    rows = (
        f"| [{name}](sandbox-operations.md#{name}) | {len(found)} | {_purpose(name)} | {_listed(name)} |"
        for name, found in _families()
    )
    return "\n".join(["| family | calls | what | not done |", "|---|---|---|---|", *rows]) + "\n"


def controls() -> str:
    """Give the table of the control API."""
    rows = (
        f"| `{one.method} {one.path}` | {one.takes or '-'} | {' '.join((one.answer.__doc__ or '').split())} |"
        for one in CONTROLS
    )
    return "\n".join(["| control call | takes | does |", "|---|---|---|", *rows]) + "\n"


def faults() -> str:
    """Give the table of what can go wrong."""
    rows = (f"| `{one.key}` | {one.label} | {one.sentence} | {_struck(one)} |" for one in FAULTS)
    return "\n".join(["| kind | button | what happens | to |", "|---|---|---|---|", *rows]) + "\n"


DESCRIPTIONS: Mapping[str, Callable[[], str]] = {
    "operations": operations, "families": families, "controls": controls, "faults": faults,
}  # fmt: skip


def _struck(kind: FaultKind) -> str:
    what = {"frame": "frames", "handshake": "handshakes"}.get(kind.moment, "calls")
    return what if kind.api == "*" else f"{what} of `{kind.api}`"


def _families() -> Iterator[tuple[str, list[Operation]]]:
    for name, found in groupby(ALL, lambda one: one.run.__module__.split(".")[1]):
        yield name, list(found)


def _purpose(family: str) -> str:
    return " ".join((sys.modules[f"sandbox.{family}"].__doc__ or "").split())


def _undone(family: str) -> tuple[str, ...]:
    found: tuple[str, ...] = getattr(sys.modules[f"sandbox.{family}"], "NOT_DONE", ())
    return found


def _listed(family: str) -> str:
    return "; ".join(_undone(family)) or "-"


def _missing(family: str) -> list[str]:
    return [f"Not done: {_listed(family)}.", ""] if _undone(family) else []


def _list(found: list[Operation]) -> Iterator[str]:
    yield "| call | what | scope | counted | standing |"
    yield "|---|---|---|---|---|"
    for one in found:
        call = f"[`{one.method} {one.path}`](#{one.name.replace('.', '')})"
        counted = "yes" if one.counted else "no"
        yield f"| {call} | {one.summary} | {_scope(one)} | {counted} | {one.standing} |"
    yield ""


def _operation(one: Operation) -> Iterator[str]:
    token = "no token" if not one.token else "a person's token" if one.by_person else "the app's token"
    scope = f"scope {_scope(one)}" if one.scope else ""
    cost = "counted" if one.counted else "not counted"
    said = (f"`{one.method} {one.path}` {one.summary}", f"{one.page}, {one.date}", one.standing, token, scope, cost)
    yield " · ".join(words for words in said if words)
    told = {
        "fields": _fields(one.fields), "refuses with": ", ".join(_refusals(one)),
        "limits": ", ".join(_limit(limit) for limit in one.limits), "note": one.note,
    }  # fmt: skip
    lines = [f"- *{name}:* {words}" for name, words in told.items() if words]
    yield from ["", *lines] if lines else []


def _refusals(one: Operation) -> Iterator[str]:
    described = [*one.errors, *filter(None, [one.app_token])]
    yield from (_error(error) for error in described)
    known = {str(error.code) for error in described}
    codes = dict.fromkeys(code for field in one.fields for code in field.codes)
    yield from (f"`{code}`" for code in codes if code not in known)


def _scope(one: Operation) -> str:
    return " ".join(f"`{scope}`" for scope in one.scope.split()) or "-"


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
    words = [f"`{field.name}`{'*' if field.required else ''}", "" if kind == "string" else kind]
    words.append(f"≥ {field.least}" if field.least is not None else "")
    if field.most is not None:
        unit = {"chars": " chars", "bytes": " B", "items": "", "value": ""}[field.unit]
        words.append(f"≤ {field.most}{unit}")
    return " ".join(word for word in words if word)


def _values(field: Field) -> str:
    return "/".join(str(one) for one in field.when[1]) if field.when else ""
