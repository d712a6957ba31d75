"""Who should hear of what happened. Rows in the outbox are made of these; words and figures come at sending time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Group(StrEnum):
    """A group that a notice can go to, by purpose; which conversation that is, is bound in the chat."""

    HR = "hr"


@dataclass(frozen=True, slots=True)
class Team:
    """The group of a department's people, bound in the chat as the others are."""

    department: int

    @property
    def value(self) -> str:
        """How it is kept."""
        return f"team:{self.department}"


def read_group(value: str) -> Group | Team:
    """Read what `value` gave."""
    kind, _, number = value.partition(":")
    return Team(int(number)) if kind == "team" else Group(value)


@dataclass(frozen=True, slots=True)
class Notice:
    """`to` a person or a group, about one subject; `kind` names the view that renders it.

    `once` says that a card of this kind which shows the subject already is brought up to date instead.
    """

    to: int | Group | Team
    kind: str
    subject: int
    once: bool = False


@dataclass(frozen=True, slots=True)
class Errand:
    """A task that a change asks for, queued in its transaction; of one `lock` one runs at a time."""

    task: str
    args: Mapping[str, Any] = field(default_factory=dict)
    lock: str | None = None


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
    errands: tuple[Errand, ...] = ()
