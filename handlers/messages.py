"""The only shapes a handler sees: what came in (`Message`, `CardClick`) and what goes out (`Reply`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from hr_core.notices import Happened


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture or a file that came with a message: `code` gets it from DingTalk, `name` is a file's as it was told."""

    kind: Literal["picture", "file"]
    code: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """Words a person said to the robot. `actor` is an employee; `group` is the conversation when said in one.

    An `attachment` comes in private only; there may be no words beside it.
    """

    actor: int
    text: str
    group: str | None = None
    group_title: str = ""
    attachment: Attachment | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """What a card out there stands for: the view it shows, of which record, sent to whom."""

    track_id: str
    view: str
    subject: int
    recipient: int


@dataclass(frozen=True, slots=True)
class CardClick:
    """A tap on a card. `action` is the button's id (empty for a form), `form` what a form carried."""

    actor: int
    card: Card
    action: str = ""
    form: Mapping[str, Any] = field(default_factory=dict)
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Say:
    """A sentence of the catalogue with its values."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Show:
    """A view, rendered when it is sent, with the receiver as actor. `values` are small facts of the moment."""

    view: str
    subject: int = 0
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler answers: sentences or a view for the person, and what others should hear.

    `public` marks an answer without personal data, which may stand in the group it was asked in. `card` is what a
    clicked card shows from now on.
    """

    answer: Say | Show | None = None
    happened: Happened = field(default_factory=Happened)
    public: bool = False
    card: Show | None = None

    @classmethod
    def say(cls, code: str, /, *, happened: Happened | None = None, public: bool = False, **values: Any) -> "Reply":
        """Answer with a sentence."""
        return cls(Say(code, values), happened or Happened(), public)

    @classmethod
    def show(cls, view: str, subject: int = 0, *, happened: Happened | None = None, **values: Any) -> "Reply":
        """Answer with a view."""
        return cls(Show(view, subject, values), happened or Happened())

    @classmethod
    def update(cls, view: str, subject: int = 0, *, happened: Happened | None = None, **values: Any) -> "Reply":
        """Turn the clicked card into a view."""
        return cls(happened=happened or Happened(), card=Show(view, subject, values))
