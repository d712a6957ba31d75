"""Conversations and what was said in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Any, ClassVar, Literal

from sandbox.world import bounds
from sandbox.world.book import Book, Indexed

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
class Message(Indexed):
    """One message of a conversation.

    `content` by kind: text `text`; markdown `title`, `text`; actionCard `title`, `text`, `buttons` [{title, url}],
    `horizontal`; link `title`, `text`, `url`, `picture`; feedCard `links` [{title, url, picture}]; image `url` (or
    `media_id`, served under `/sandbox/media/{media_id}`); file `name`, `type`, `media_id`; audio `media_id`,
    `duration` ms, `recognition`; video `media_id`, `duration`; richText `parts` [{text} | {media_id}]; card
    `out_track_id`; oa `head`, `title`, `rows` [{key, value}], `rich`, `text`, `picture`, `files`, `author`, `url`,
    `status`, `status_color`. `raw` is what came over the wire.
    """

    KEYS: ClassVar[frozenset[str]] = frozenset({"query_key"})

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
class Conversation(Indexed):
    """A person's private chat with the robot, a group, or the work notifications, which can't be answered.

    `head` is a group's owner (群主), `template_id` what it was made from (场景群), `options` its settings as given.
    """

    id: str
    kind: Literal["robot", "group", "notice"]
    title: str
    members: list[str]
    has_robot: bool = True
    disbanded: bool = False
    messages: list[Message] = field(default_factory=list)
    head: str = ""
    template_id: str = ""
    icon: str = ""
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def chat_id(self) -> str:
        """The group's old id: `chat…`."""
        return f"chat{sha256(self.id.encode()).hexdigest()[:32]}"

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
        self.conversations: Book[str, Conversation] = Book(
            owner=lambda one: (one.owner,) if one.owner else (),
            notices=lambda one: (one.notices_of,) if one.notices_of else (),
            kind=lambda one: (one.kind,),
        )
        self.messages: Book[str, Message] = Book(
            query_key=lambda one: (one.query_key,) if one.query_key else (),
        )
        self.templates: dict[str, bool] = {"dinghr-group": True}
        """Group templates, and whether the robot is in them."""
        self.made: dict[str, str] = {}
        """Groups by the uuid they were made with."""

    def with_robot(self, userid: str) -> Conversation:
        """Give a person's private chat with the robot."""
        return next(iter(self.conversations.find("owner", userid)))

    def of(self, userid: str) -> list[Conversation]:
        """Give the conversations a person's phone lists: the robot's first, then groups."""
        groups = [one for one in self.conversations.find("kind", "group") if userid in one.members]
        own = (*self.conversations.find("owner", userid), *self.conversations.find("notices", userid))
        return [*own, *groups]

    def add(self, message: Message) -> None:
        """Put a message into its conversation; the oldest of all goes when there are too many."""
        self.conversations[message.conversation_id].messages.append(message)
        self.messages[message.id] = message
        if len(self.messages) > bounds.MESSAGES:
            # A whole bunch at once: looking for the first of a dictionary is slow while it is full of gaps.
            for oldest in list(islice(self.messages.values(), bounds.MESSAGES // 10)):
                del self.messages[oldest.id]
                self.conversations[oldest.conversation_id].messages.remove(oldest)

    def by_query_key(self, key: str) -> list[Message]:
        """Give the messages that one send call made."""
        return list(self.messages.find("query_key", key))
