"""One description per operation. Validation, the meter and the table in docs/sandbox.md all come from it."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from sandbox.call import Call

Kind = Literal[
    "string", "int", "number", "bool", "object", "map", "strings", "joined", "ints", "objects", "texts", "file", "any"
]  # fmt: skip
Shape = Literal["json", "date", "time", "day", "minute", "instant"]
"""What a text holds: JSON, `yyyy-MM-dd`, `yyyy-MM-dd HH:mm:ss`, either of them, a time whose seconds may be left out,
or ISO-8601 with its zone.
"""
Standing = Literal["documented", "assumed"]
Handler = Callable[["Call"], Awaitable[Mapping[str, Any]]]

SNAPSHOT = "2026-08-22"
"""The documents' date, unless an operation says otherwise."""


class Family(Enum):
    """How a call authenticates itself and how its errors look."""

    NEW = "new"
    """`api.dingtalk.com`: token in the header, HTTP 4xx with `{code, requestid, message}`."""
    OLD = "old"
    """`oapi.dingtalk.com`: token in the query, HTTP 200 with `{errcode, errmsg, request_id}`."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `texts` is an object whose values are strings, `joined` a text of strings with commas between;
    `most` bounds length, number or bytes as `unit` says.

    `fields` describes an object's own fields, or those of each object in a list or a `map` (an object of objects), or
    those inside a text of the shape `json`, which then is given read. `choices` are the values that are taken.
    `when` names a sibling and the values of it for which the field counts at all: several fields of one name, each with
    its own `when`, are a table. `missing`, `bad` and `over` are the error codes where the documents name one; otherwise
    the family's general ones.
    """

    name: str
    kind: Kind = "string"
    required: bool = False
    most: int | None = None
    unit: Literal["chars", "bytes", "items", "value"] = "chars"
    least: int | None = None
    where: Literal["body", "query", "path", "header"] = "body"
    missing: str = ""
    bad: str = ""
    over: str = ""
    default: Any = None
    fields: "tuple[Field, ...]" = ()
    choices: tuple[str | int, ...] = ()
    shape: Shape | None = None
    when: tuple[str, tuple[str | int, ...]] | None = None

    @property
    def codes(self) -> Iterator[str]:
        """The error codes that it and the fields within it name."""
        yield from (code for code in (self.missing, self.bad, self.over) if code)
        for one in self.fields:
            yield from one.codes


@dataclass(frozen=True, slots=True)
class Error:
    """A refusal of an operation's own, beyond those of its fields: `status` is for the new family only.

    Its meaning is also what a field's refusal with this code says.
    """

    code: str | int
    meaning: str
    status: int = 400


@dataclass(frozen=True, slots=True)
class Limit:
    """A pace of an operation's own, beside the 20 calls a second of each: so many in so many seconds.

    `per` names the field whose value is counted by (a person, a webhook); `error` is what the next one is told.
    """

    calls: int
    seconds: float
    error: Error
    per: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One call: what it takes, what it costs, how it refuses, where it is written, and who carries it out.

    `scope` names the permission it needs; several stand apart by a space.
    """

    name: str
    method: str
    path: str
    family: Family
    summary: str
    page: str
    run: Handler = field(repr=False)
    fields: tuple[Field, ...] = ()
    scope: str = ""
    counted: bool = True
    token: bool = True
    date: str = SNAPSHOT
    standing: Standing = "documented"
    note: str = ""
    errors: tuple[Error, ...] = ()
    limits: tuple[Limit, ...] = ()
    by_person: bool = False
    """It takes a person's token (A/0032), not the app's."""
    bad: str = ""
    """The code its page gives for any field that doesn't fit; a field that names its own keeps that."""
    app_token: Error | None = None
    """What the app's own token is told where a person's is due, if that isn't a missing permission."""

    @property
    def feature(self) -> str:
        """The feature it belongs to, by which the meter adds up."""
        return self.name.partition(".")[0]

    def error(self, code: str | int) -> Error | None:
        """Give the refusal described under a code; None for one that nothing here describes."""
        own = (*self.errors, *(limit.error for limit in self.limits), *filter(None, [self.app_token]))
        if found := next((one for one in own if str(one.code) == str(code)), None):
            return found
        return Error(code, "") if str(code) in {one for field in self.fields for one in field.codes} else None
