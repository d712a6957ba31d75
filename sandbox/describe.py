"""The operations as Markdown: what docs/sandbox.md shows between its markers."""

from collections.abc import Iterator

from sandbox.control import CONTROLS
from sandbox.operation import Field, Operation
from sandbox.operations import ALL


def describe() -> str:
    """Give the tables of DingTalk's operations and of the control API."""
    return "\n".join([*_operations(), "", *_controls()]) + "\n"


def _operations() -> Iterator[str]:
    yield "| call | what | fields | scope | counted | page | standing |"
    yield "|---|---|---|---|---|---|---|"
    for one in ALL:
        standing = f"{one.standing}; {one.note}" if one.note else one.standing
        cells = (
            f"`{one.method} {one.path}`", f"{one.summary} (`{one.name}`)", _fields(one), one.scope or "-",
            "yes" if one.counted else "no", f"{one.page}, {one.date}", standing,
        )  # fmt: skip
        yield f"| {' | '.join(cells)} |"


def _fields(operation: Operation) -> str:
    return ", ".join(_field(one) for one in operation.fields) or "-"


def _field(field: Field) -> str:
    limits = [f"≥ {field.least}"] if field.least is not None else []
    if field.most is not None:
        unit = {"chars": " chars", "bytes": " B", "items": "", "value": ""}[field.unit]
        limits.append(f"≤ {field.most}{unit}")
    kind = " ".join([field.kind, *limits])
    place = "" if field.where == "body" else f" ({field.where})"
    return f"{field.name}{'*' if field.required else ''} {kind}{place}"


def _controls() -> Iterator[str]:
    yield "| control call | takes | does |"
    yield "|---|---|---|"
    for one in CONTROLS:
        yield f"| `{one.method} {one.path}` | {one.takes or '-'} | {' '.join((one.answer.__doc__ or '').split())} |"
