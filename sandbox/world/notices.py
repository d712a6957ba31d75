"""Work notifications (工作通知, A/0769 ff): what was sent, and what was lost without a word.

A call over a limit is answered as if it had gone well; only its result tells whom it didn't reach (A/0773).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sandbox.world.chats import Conversation

if TYPE_CHECKING:
    from sandbox.world.world import World


@dataclass(slots=True)
class Loss:
    """A person whom a notification didn't reach: the code, and the limit that was met."""

    userid: str
    code: str
    count: int


@dataclass(slots=True)
class Notice:
    """One call's notification; `messages` are those that arrived, by person."""

    id: int
    at: datetime
    message: dict[str, Any]
    messages: dict[str, str] = field(default_factory=dict)
    strangers: list[str] = field(default_factory=list)
    no_departments: list[int] = field(default_factory=list)
    lost: list[Loss] = field(default_factory=list)


@dataclass(slots=True)
class Limits:
    """The documents' limits for a company's own app; `corp_per_minute` is nowhere stated."""

    per_minute: int = 5000
    corp_per_minute: int = 5000
    per_person: int = 500
    to_all: int = 3


@dataclass(slots=True)
class Notices:
    """Notifications by task id, and the counts of the running day and minute."""

    sent: dict[int, Notice] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    protected: set[str] = field(default_factory=set)
    forbidden_words: list[str] = field(default_factory=list)
    day: str = ""
    told: dict[str, list[str]] = field(default_factory=dict)
    to_all: int = 0
    lately: list[datetime] = field(default_factory=list)

    def turn(self, now: datetime) -> None:
        """Begin a new day's count, and forget what is over a minute old."""
        if self.day != f"{now:%Y-%m-%d}":
            self.day, self.told, self.to_all = f"{now:%Y-%m-%d}", {}, 0
        self.lately = [one for one in self.lately if timedelta() <= now - one < timedelta(minutes=1)]

    def loss(self, userid: str, message: Mapping[str, Any], *, to_all: bool) -> Loss | None:
        """Tell why a person doesn't get it; None if they do."""
        limits, told = self.limits, self.told.get(userid, [])
        text = json.dumps(message, ensure_ascii=False)
        reasons = (
            (userid in self.protected, "1430004", 0),
            (any(word in text for word in self.forbidden_words), "1430002", 0),
            (to_all and self.to_all > limits.to_all, "143105", limits.to_all),
            (digest(message) in told, "143106", 1),
            (len(told) >= limits.per_person, "143105", limits.per_person),
            (len(self.lately) >= limits.per_minute, "143103", limits.per_minute),
            (len(self.lately) >= limits.corp_per_minute, "143104", limits.corp_per_minute),
        )
        return next((Loss(userid, code, count) for holds, code, count in reasons if holds), None)

    def count(self, userid: str, message: Mapping[str, Any], now: datetime) -> None:
        """Count one that arrived."""
        self.told.setdefault(userid, []).append(digest(message))
        self.lately.append(now)


def digest(message: Mapping[str, Any]) -> str:
    """Give what makes two contents the same."""
    return hashlib.sha256(json.dumps(message, sort_keys=True).encode()).hexdigest()[:16]


def conversation(world: "World", userid: str) -> Conversation:
    """Give a person's notifications as their phone lists them; it appears with the first."""
    found = next((one for one in world.chats.conversations.values() if one.notices_of == userid), None)
    if found is None:
        title = f"工作通知:{world.app.corp_name}"
        found = Conversation(world.ids.conversation(), "notice", title, [userid], has_robot=False)
        world.chats.conversations[found.id] = found
    return found
