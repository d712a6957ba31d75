"""To-dos (A/0793 ff): third-party ones, which only the app that made them can tick off, and personal ones (A/0794)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class Todo:
    """One to-do. People are unionids; `finished` is when each executor was done."""

    id: str
    subject: str
    creator: str
    modifier: str
    biz_tag: str
    created: datetime
    modified: datetime
    source_id: str = ""
    description: str = ""
    due: int | None = None
    executors: list[str] = field(default_factory=list)
    participants: list[str] = field(default_factory=list)
    app_url: str = ""
    pc_url: str = ""
    fields: list[dict[str, Any]] = field(default_factory=list)
    only_executor: bool = False
    priority: int = 20
    notify: dict[str, Any] = field(default_factory=dict)
    kind: str = "TODO"
    finished: dict[str, datetime] = field(default_factory=dict)
    done_at: datetime | None = None
    personal: bool = False
    """A person made it for themselves and others; the calls for the company's don't find it."""

    @property
    def people(self) -> list[str]:
        """Everybody it concerns, each once."""
        return list(dict.fromkeys([self.creator, *self.executors, *self.participants]))

    def roles(self, unionid: str) -> set[str]:
        """What a person is to it."""
        told = {"executor": self.executors, "creator": [self.creator], "participant": self.participants}
        return {role for role, people in told.items() if unionid in people}


@dataclass(slots=True)
class Todos:
    """To-dos by id, oldest first; `locked` are the source ids just being created."""

    tasks: dict[str, Todo] = field(default_factory=dict)
    locked: set[str] = field(default_factory=set)

    def by_source(self, source_id: str) -> Todo | None:
        """Find the one that stands for an id of the app's own."""
        return next((one for one in self.tasks.values() if source_id and one.source_id == source_id), None)

    def of(self, unionid: str) -> Iterator[Todo]:
        """Give those that concern a person."""
        return (one for one in self.tasks.values() if unionid in one.people)
