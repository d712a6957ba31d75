"""Conversations and what was said in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

ROBOT = "robot"
"""The sender of everything the robot says."""

MessageKind = Literal[
    "text",
    "markdown",
    "actionCard",
    "link",
    "feedCard",
    "image",
    "file",
    "audio",
    "video",
    "richText",
    "card",
    "oa",
]


@dataclass(slots=True)
class Message:
    """One message of a conversation.

    `content` by kind: text `text`; markdown `title`, `text`; actionCard `title`, `text`, `buttons` [{title, url}],
    `horizontal`; link `title`, `text`, `url`, `picture`; feedCard `links` [{title, url, picture}]; image `url` (or
    `media_id`, served under `/sandbox/media/{media_id}`); file `name`, `type`, `media_id`; audio `media_id`,
    `duration` ms, `recognition`; video `media_id`, `duration`; richText `parts` [{text} | {media_id}]; card
    `out_track_id`; oa `head`, `title`, `rows` [{key, value}], `rich`, `text`, `picture`, `files`, `author`, `url`,
    `status`, `status_color`. `raw` is what came over the wire.
    """

    id: str
    conversation_id: str
    sender: str
    kind: MessageKind
    content: dict[str, Any]
    at: datetime
    raw: Mapping[str, Any] = field(default_factory=dict)
    query_key: str = ""
    recalled: bool = False
    only_for: frozenset[str] | None = None
    mentions: tuple[str, ...] = ()
    read_by: dict[str, datetime] = field(default_factory=dict)

    @property
    def from_robot(self) -> bool:
        """Whether the robot said it."""
        return self.sender == ROBOT

    def visible_to(self, userid: str) -> bool:
        """Whether a member's phone shows it: recalled ones leave no trace, a group card may be for some only."""
        return not self.recalled and (self.only_for is None or userid in self.only_for)


@dataclass(slots=True)
class Conversation:
    """A person's private chat with the robot, a group, or the work notifications, which can't be answered."""

    id: str
    kind: Literal["robot", "group", "notice"]
    title: str
    members: list[str]
    has_robot: bool = True
    messages: list[Message] = field(default_factory=list)

    @property
    def owner(self) -> str:
        """The person of a private chat."""
        return self.members[0] if self.kind == "robot" else ""

    @property
    def notices_of(self) -> str:
        """The person whose work notifications these are."""
        return self.members[0] if self.kind == "notice" else ""


class Chats:
    """All conversations by id, and all messages by id."""

    def __init__(self) -> None:
        self.conversations: dict[str, Conversation] = {}
        self.messages: dict[str, Message] = {}

    def with_robot(self, userid: str) -> Conversation:
        """Give a person's private chat with the robot."""
        return next(c for c in self.conversations.values() if c.kind == "robot" and c.owner == userid)

    def of(self, userid: str) -> list[Conversation]:
        """Give the conversations a person's phone lists: the robot's first, then groups."""
        found = [c for c in self.conversations.values() if userid in c.members]
        return sorted(found, key=lambda c: c.kind != "robot")

    def by_query_key(self, key: str) -> list[Message]:
        """Give the messages that one send call made."""
        return [message for message in self.messages.values() if message.query_key == key]
