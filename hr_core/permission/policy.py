"""The table with the company's own roles added: what the file `access.toml` in DINGHR_HOME may say, and nothing more.

A role of the company's own combines known actions, reaches and fields. It never gets what the built-in table gives
nobody: an action that is everybody's own stays one's own, a field that no role sees in clear stays masked, and two
actions that one person can't both use don't stand in one role.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hr_core.permission.matrix import (
    APART_ON_ONE_RECORD,
    APART_ROLES,
    CLEAR,
    GRANTABLE,
    MATRIX,
    SENSITIVE,
    SENSITIVE_ACTIONS,
    Action,
    Reach,
    Role,
)
from hr_core.permission.matrix import Field as Protected

FILE = "access.toml"


class AccessPolicyError(Exception):
    """`access.toml` says what it can't say; the text names each problem and its place."""


class RoleRow(BaseModel):
    """One row of a role: an action, how far, and what of it is shown in clear."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    action: Action
    reach: Reach
    clear: frozenset[Protected] = frozenset()


class CustomRole(BaseModel):
    """A role of the company's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str = Field(pattern=r"^[a-z][a-z0-9_]{1,31}$")
    title: str = Field(min_length=1, max_length=32)
    may: tuple[RoleRow, ...] = Field(min_length=1)


class PolicyFile(BaseModel):
    """One version of the company's own roles, and the day from which they hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    version: int = Field(ge=1)
    effective_from: date
    source: str = Field(min_length=1)
    role: tuple[CustomRole, ...] = ()

    def on(self, day: date) -> "Policy":
        """Give the whole table as of a day."""
        return self.newest if day >= self.effective_from else BUILT_IN

    @cached_property
    def newest(self) -> "Policy":
        """Give the whole table as it is once this version holds."""
        return Policy(self.role)


@dataclass(frozen=True)
class Policy:
    """The table of one day: the built-in page and the company's own roles."""

    custom: tuple[CustomRole, ...] = ()
    rows: Mapping[Action, Mapping[str, Reach]] = field(init=False)
    by_role: Mapping[str, Mapping[Action, Reach]] = field(init=False)
    grantable: frozenset[str] = field(init=False)
    sensitive: frozenset[str] = field(init=False)
    _clear: Mapping[tuple[Action, str], frozenset[Protected]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Put the table together once, by action and by role."""
        rows: dict[Action, dict[str, Reach]] = {
            action: {role.value: reach for role, reach in row.items()} for action, row in MATRIX.items()
        }
        clear: dict[tuple[Action, str], frozenset[Protected]] = {
            (action, role.value): shown for action, row in CLEAR.items() for role, shown in row.items()
        }
        for own in self.custom:
            for row in own.may:
                rows[row.action][own.name] = row.reach
                clear[row.action, own.name] = row.clear
        by_role: dict[str, dict[Action, Reach]] = {}
        for action, found in rows.items():
            for name, reach in found.items():
                by_role.setdefault(name, {})[action] = reach
        heavy = {own.name for own in self.custom if any(_is_heavy(row) for row in own.may)}
        object.__setattr__(self, "rows", MappingProxyType(rows))
        object.__setattr__(self, "by_role", MappingProxyType(by_role))
        object.__setattr__(self, "grantable", frozenset({*GRANTABLE, *(own.name for own in self.custom)}))
        object.__setattr__(self, "sensitive", frozenset({*SENSITIVE, *heavy}))
        object.__setattr__(self, "_clear", MappingProxyType(clear))

    @property
    def roles(self) -> tuple[str, ...]:
        """Give every role in the table's order, the company's own last."""
        return (*(role.value for role in Role), *(own.name for own in self.custom))

    def clear(self, action: Action, role: str) -> frozenset[Protected]:
        """Give the fields a role sees in clear when it does this."""
        return self._clear.get((action, role), frozenset())

    def title(self, role: str) -> str | None:
        """Give the Chinese name of a role of the company's own."""
        return next((own.title for own in self.custom if own.name == role), None)

    def likenesses(self, role: str) -> frozenset[str]:
        """Give the granted roles that a role counts as: a company's own is also each that it borrows an action from."""
        if role in set(Role):
            return frozenset({role})
        own = self.by_role.get(role, {})
        return frozenset(
            {role, *(other.value for other in GRANTABLE if own.keys() & self.by_role.get(other, {}).keys())}
        )

    def apart(self, role: str, other: str) -> bool:
        """Tell whether one person can't be granted both roles."""
        one, two = self.likenesses(role), self.likenesses(other)
        named = any(_splits(pair, one, two) for pair in APART_ROLES)
        # The operator has no HR rights, whatever a company calls the role that has them.
        return named or (Role.OPERATOR in {role, other} and role != other)


def _splits(pair: Iterable[str], one: frozenset[str], two: frozenset[str]) -> bool:
    first, second = pair
    return (first in one and second in two) or (second in one and first in two)


def _is_heavy(row: RoleRow) -> bool:
    return row.action in SENSITIVE_ACTIONS or row.reach is Reach.EVERYONE or bool(row.clear - {Protected.PHONE})


BUILT_IN = Policy()
NO_FILE = PolicyFile(version=1, effective_from=date.min, source="the built-in table")


def load_policy(home: Path) -> PolicyFile:
    """Read `access.toml`, if there is one; raises `AccessPolicyError` with every problem by its place."""
    file = home / FILE
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        content = None
    except OSError as error:
        raise AccessPolicyError(f"{file}: cannot be read: {error.strerror}") from error
    return read_policy(file, content)


def read_policy(file: Path, content: bytes | None) -> PolicyFile:
    """Read what stands in `file`, None where there is none; raises `AccessPolicyError`."""
    if content is None:
        return NO_FILE
    try:
        told = PolicyFile.model_validate(tomllib.loads(content.decode("utf-8")))
    except UnicodeDecodeError as error:
        raise AccessPolicyError(f"{file}: cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise AccessPolicyError(f"{file}: is not TOML: {error}") from error
    except ValidationError as error:
        problems = [f"{file}: {_place(one['loc'])}: {one['msg']}" for one in error.errors()]
        raise AccessPolicyError("\n".join(problems)) from error
    problems = [f"{file}: role {name}: {problem}" for name, problem in _problems(told)]
    if problems:
        raise AccessPolicyError("\n".join(problems))
    return told


def _place(loc: tuple[Any, ...]) -> str:
    return ".".join(str(part) for part in loc) or "the file"


def _problems(told: PolicyFile) -> Iterable[tuple[str, str]]:
    names = [own.name for own in told.role]
    for own in told.role:
        if own.name in set(Role):
            yield own.name, "is a built-in role; choose another name"
        if names.count(own.name) > 1:
            yield own.name, "stands twice"
        actions = [row.action for row in own.may]
        for action in sorted({action for action in actions if actions.count(action) > 1}):
            yield own.name, f"{action} stands twice"
        for pair in APART_ON_ONE_RECORD:
            if pair <= set(actions):
                yield own.name, f"{' and '.join(sorted(pair))} must not be one person's; make two roles"
        for row in own.may:
            yield from ((own.name, problem) for problem in _beyond(row))


def _beyond(row: RoleRow) -> Iterable[str]:
    """Say where a row goes beyond everything the built-in table has for its action."""
    known = MATRIX[row.action]
    if not known:
        yield f"{row.action} is nobody's in the chat"
    elif set(known.values()) == {Reach.SELF} and row.reach is not Reach.SELF:
        yield f"{row.action} is everybody's own: its reach is self"
    shown = frozenset().union(*CLEAR.get(row.action, {}).values())
    for hidden in sorted(row.clear - shown):
        yield f"{hidden} is shown in clear to nobody under {row.action}"
