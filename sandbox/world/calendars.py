"""Calendars (A/0250 ff): events of people, who are named by unionid; everybody's calendar is `primary`."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sandbox.world.clock import CHINA
from sandbox.world.recurrence import Recurrence, starts

Response = Literal["needsAction", "accepted", "declined", "tentative"]


@dataclass(slots=True)
class Moment:
    """A day, or an instant and the name of its zone."""

    date: str = ""
    date_time: str = ""
    zone: str = ""

    @property
    def instant(self) -> datetime:
        """The instant; a day begins at midnight in China."""
        if self.date:
            return datetime.fromisoformat(self.date).replace(tzinfo=CHINA)
        return datetime.fromisoformat(self.date_time)

    def moved(self, to: datetime) -> "Moment":
        """Give the same kind of moment elsewhere."""
        if self.date:
            return Moment(date=f"{to.astimezone(CHINA):%Y-%m-%d}")
        return Moment(date_time=to.isoformat(timespec="seconds"), zone=self.zone)


@dataclass(slots=True)
class Attendee:
    """Somebody invited."""

    id: str
    optional: bool = False
    response: Response = "needsAction"


@dataclass(slots=True)
class Event:
    """An event. `version` counts all calendars' changes; `left` are attendees who took it out of their own calendar."""

    id: str
    legacy_id: str
    organizer: str
    summary: str
    start: Moment
    end: Moment
    created: datetime
    updated: datetime
    version: int = 0
    description: str = ""
    all_day: bool = False
    attendees: list[Attendee] = field(default_factory=list)
    reminders: list[dict[str, Any]] = field(default_factory=list)
    location: str = ""
    recurrence: Recurrence | None = None
    conference: str = ""
    rich: str = ""
    ui: list[dict[str, Any]] = field(default_factory=list)
    cancelled: bool = False
    left: list[str] = field(default_factory=list)

    @property
    def people(self) -> list[str]:
        """Everybody it concerns, each once."""
        return list(dict.fromkeys([self.organizer, *(one.id for one in self.attendees)]))

    def concerns(self, unionid: str) -> bool:
        """Whether it stands in a person's calendar."""
        return unionid in self.people and unionid not in self.left

    def response(self, unionid: str) -> Response:
        """Give what a person answered; its organizer comes."""
        if unionid == self.organizer:
            return "accepted"
        return next((one.response for one in self.attendees if one.id == unionid), "needsAction")

    def occurrences(self, until: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Give when it takes place, as far as it begins before `until`."""
        begins, length = self.start.instant, self.end.instant - self.start.instant
        if self.recurrence is None:
            if begins < until:
                yield begins, begins + length
            return
        for start in starts(self.recurrence, begins, until):
            yield start, start + length


@dataclass(slots=True)
class Replay:
    """The answer to a call that named itself with x-client-token."""

    at: datetime
    answer: dict[str, Any]


@dataclass(slots=True)
class Calendars:
    """Events by id; answers kept for a day; who made how many events on which day."""

    events: dict[str, Event] = field(default_factory=dict)
    replays: dict[str, Replay] = field(default_factory=dict)
    running: set[str] = field(default_factory=set)
    made: dict[str, int] = field(default_factory=dict)
    changes: int = 0

    def touch(self, event: Event, now: datetime) -> None:
        """Note a change, for those who ask for what is new."""
        self.changes += 1
        event.version, event.updated = self.changes, now
