"""Who may be added to the company, who was asked first, and who has gone."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from sandbox.world.directory import User

AGAIN_AFTER = timedelta(hours=24)
_WEEK = timedelta(days=7)

LeaveReason = Literal["oapi", "cancel", "leave", "unknown", "delete"]
"""How somebody left (A/0073): by a call, account closed, of their own accord, unknown, deleted by an administrator."""


@dataclass(frozen=True, slots=True)
class Departure:
    """One person who left."""

    userid: str
    name: str
    mobile: str
    at: datetime
    reason: LeaveReason


@dataclass(slots=True)
class Membership:
    """The company's rules for its contacts, and what came of them.

    `protected` are mobiles whose owners must agree first (members of another certified company, say);
    `invited` waits for their answer by mobile. `most_a_week` bounds how many join in seven days: DingTalk publishes no
    figure. `extension_fields` are the custom fields an administrator made.
    """

    protected: set[str] = field(default_factory=set)
    invited: dict[str, User] = field(default_factory=dict)
    joined: list[datetime] = field(default_factory=list)
    most_a_week: int | None = None
    extension_fields: set[str] = field(default_factory=set)
    departures: list[Departure] = field(default_factory=list)

    def must_agree(self, mobile: str, now: datetime) -> bool:
        """Whether who has this mobile is asked first: so is everyone who was deleted within the last 24 hours."""
        gone = any(one.mobile == mobile and now - one.at < AGAIN_AFTER for one in self.departures)
        return mobile in self.protected or (gone and bool(mobile))

    def full(self, now: datetime) -> bool:
        """Whether no more may join this week."""
        lately = sum(1 for at in self.joined if now - at < _WEEK)
        return self.most_a_week is not None and lately >= self.most_a_week
