"""Who should hear of what happened. Rows in the outbox are made of these; words and figures come at sending time."""

from dataclasses import dataclass
from enum import StrEnum


class Group(StrEnum):
    """A group that a notice can go to, by purpose; which conversation that is, is bound in the chat."""

    HR = "hr"


@dataclass(frozen=True, slots=True)
class Notice:
    """`to` a person or a group, about one subject; `kind` names the view that renders it."""

    to: int | Group
    kind: str
    subject: int


@dataclass(frozen=True, slots=True)
class Outdated:
    """A record whose cards show something old to these people. Whoever has done their part is left alone: each
    update costs a call, and their card tells what they decided.
    """

    kind: str
    subject: int
    people: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Happened:
    """What a change leads to."""

    notices: tuple[Notice, ...] = ()
    outdated: Outdated | None = None
