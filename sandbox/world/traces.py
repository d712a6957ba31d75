"""What an entry of the wire is about: whom it concerns, and by which ids one entry leads to the next.

This is the one place that says how a call belongs to a conversation: by user, conversation and card space named in it,
or else by the ids it shares with entries that named them.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.world.chats import Chats
    from sandbox.world.directory import Directory
    from sandbox.world.wire import Entry

Trace = tuple[str, str]
"""A kind, such as `person` or `card`, and the id."""

_GIVEN: Mapping[str, str] = {
    "outtrackid": "card",
    "processquerykey": "query",
    "media_id": "media",
    "mediaid": "media",
    "task_id": "task",
    "taskid": "task",
    "processinstanceid": "instance",
    "process_instance_id": "instance",
}
_ASKED: Mapping[str, str] = {
    **_GIVEN,
    "processquerykeys": "query",
    "userid": "person",
    "userids": "person",
    "userid_list": "person",
    "useridlist": "person",
    "user_id_list": "person",
    "user_id": "person",
    "originatoruserid": "person",
    "actioneruserids": "person",
    "executorids": "person",
    "participantids": "person",
    "receiveruseridlist": "person",
    "staffid": "person",
    "senderstaffid": "person",
    "unionid": "person",
    "conversationid": "conversation",
    "openconversationid": "conversation",
    "spaceid": "conversation",
    "openspaceid": "space",
    "session": "session",
    "sessionwebhook": "session",
    "msgid": "message",
    "eventid": "event",
    "downloadcode": "file",
    "picturedownloadcode": "file",
}
"""By a field's name in lower case. Of an answer only what it gives to go on with counts, not whom it lists."""
_PASSED_OVER = frozenset({"cardparammap", "params", "value", "privatedata", "text"})
"""What people wrote and cards hold, not what the call is about."""
_UNFOLDED = frozenset({"data", "content", "msgparam", "msg"})
"""Fields whose text is JSON."""
_SUBJECTS = frozenset({"person", "conversation"})
_SOON = timedelta(seconds=10)


def traces(request: Any, response: Any, message_id: str) -> tuple[Trace, ...]:
    """Read off what an entry names, before its secrets are masked; of a session a digest is kept."""
    frame = [("frame", message_id)] if message_id else []
    return tuple(dict.fromkeys([*_walk(request, _ASKED), *_walk(response, _GIVEN), *frame]))


def _walk(value: Any, names: Mapping[str, str]) -> Iterator[Trace]:
    if isinstance(value, list | tuple):
        for one in value:
            yield from _walk(one, names)
    if isinstance(value, Mapping):
        for key, one in value.items():
            name = str(key).lower()
            if name in names:
                yield from _ids(names[name], one)
            elif name not in _PASSED_OVER:
                yield from _walk(_unfolded(one) if name in _UNFOLDED else one, names)


def _unfolded(value: Any) -> Any:
    if not isinstance(value, str) or value[:1] not in {"{", "["}:
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _ids(kind: str, value: Any) -> Iterator[Trace]:
    if isinstance(value, list | tuple):
        for one in value:
            yield from _ids(kind, one)
        return
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        return
    text = str(value)
    match kind:
        case "space":  # dtv1.card//IM_ROBOT.lin;IM_GROUP.cid…
            for part in text.rpartition("//")[2].split(";"):
                place, _, one = part.partition(".")
                yield ("conversation" if place.upper() == "IM_GROUP" else "person"), one
        case "session":
            yield kind, hashlib.sha256(text.rpartition("session=")[2].encode()).hexdigest()[:16]
        case "person":
            yield from ((kind, one) for one in text.split(",") if one)
        case _:
            yield kind, text


@dataclass(slots=True)
class Concern:
    """Whom an entry concerns: userids, and ids of conversations."""

    people: set[str] = field(default_factory=set)
    conversations: set[str] = field(default_factory=set)

    def add(self, other: "Concern") -> None:
        """Take in what another one has."""
        self.people |= other.people
        self.conversations |= other.conversations

    def __bool__(self) -> bool:
        return bool(self.people or self.conversations)


class Threads:
    """Entries tied together as they come."""

    def __init__(self, directory: "Directory", chats: "Chats") -> None:
        self._directory, self._chats = directory, chats
        self._by_link: defaultdict[Trace, Concern] = defaultdict(Concern)
        self._own: dict[int, Concern] = {}
        self._first: dict[Trace, int] = {}
        self._root: dict[int, int] = {}
        self._pushed: Entry | None = None
        self.people: set[str] = set()
        """Everybody who was named."""
        self.guessed: set[int] = set()
        """Calls that name nothing of what came before: put to the last push because they came soon after it."""

    def __len__(self) -> int:
        return len(self._own)

    def add(self, entry: "Entry") -> None:
        """Take in the next entry."""
        number, links = entry.number, _links(entry)
        own = self._own[number] = self._named(entry)
        self.people |= own.people
        known = [self._first[link] for link in links if link in self._first]
        self._root[number] = number
        for one in known:
            self._root[self._find(number)] = self._find(one)
        if not known and (links or own) and self._follows(entry):
            self.guessed.add(number)
        for link in links:
            self._first.setdefault(link, number)
            self._by_link[link].add(own)
        if entry.kind == "frame" and not entry.title.startswith("SYSTEM"):
            self._pushed = entry

    def _follows(self, entry: "Entry") -> bool:
        """Put a call to the push before it, if it came soon after."""
        pushed = self._pushed
        if entry.kind != "call" or pushed is None or not timedelta(0) <= entry.at - pushed.at <= _SOON:
            return False
        self._root[entry.number] = self._find(pushed.number)
        return True

    def concern(self, entry: "Entry") -> Concern:
        """Give whom an entry concerns: those it names, or else those its ids were used with."""
        own = self._own[entry.number]
        if own:
            return own
        found = Concern()
        for link in _links(entry):
            found.add(self._by_link[link])
        return found

    def of_person(self, userid: str, entry: "Entry") -> bool:
        """Whether an entry concerns this person: named, or said in their private chat."""
        concern = self.concern(entry)
        return userid in concern.people or any(
            self._chats.conversations[one].owner == userid
            for one in concern.conversations
            if one in self._chats.conversations
        )

    def story(self, number: int) -> set[int]:
        """Give the numbers of everything that hangs together with an entry."""
        if number not in self._root:
            return set()
        root = self._find(number)
        return {one for one in self._root if self._find(one) == root}

    def _named(self, entry: "Entry") -> Concern:
        found = Concern()
        for kind, one in entry.traces:
            if kind == "conversation":
                found.conversations.add(one)
            elif kind == "person":
                user = self._directory.users.get(one) or self._directory.by_unionid(one)
                found.people.add(user.userid if user else one)
        for one in found.conversations:
            owner = self._chats.conversations[one].owner if one in self._chats.conversations else ""
            found.people |= {owner} if owner else set()
        return found

    def _find(self, number: int) -> int:
        while self._root[number] != number:
            self._root[number] = self._root[self._root[number]]
            number = self._root[number]
        return number


def _links(entry: "Entry") -> list[Trace]:
    return [one for one in entry.traces if one[0] not in _SUBJECTS]
