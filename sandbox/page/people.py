"""Who can be picked, and what their phones list."""

import hashlib
import heapq
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from sandbox.page import markdown
from sandbox.world import Conversation, Message, User, World, receipts

CAST = ("lin", "wang", "li", "zhao", "chen", "gao", "admin")
"""The people of the demo's story, shown before everybody else."""

TO_TRY = {"lin": "我想请明天下午半天年假", "wang": "待我审批", "li": "今天谁不在"}
"""What the first three of them may say, in the order of the story."""

MOST_LISTED = 300
"""People in the list at once; beyond them one is found by words."""

WEEKDAYS = "一二三四五六日"
_TINTS = 6
_SAID: dict[str, Callable[[dict[str, Any]], str]] = {
    "text": lambda c: str(c["text"]),
    "markdown": lambda c: markdown.plain(str(c["text"])),
    "actionCard": lambda c: str(c["title"]),
    "link": lambda c: f"[链接] {c['title']}",
    "feedCard": lambda _: "[图文]",
    "image": lambda _: "[图片]",
    "file": lambda c: f"[文件] {c['name']}",
    "audio": lambda _: "[语音]",
    "video": lambda _: "[视频]",
    "oa": lambda c: str(c["title"] or c["text"] or c["head"]),
    "richText": lambda c: "".join(str(part.get("text", "[图片]")) for part in c["parts"]),
}


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person in the list."""

    userid: str
    name: str
    role: str
    href: str
    unread: int
    cast: bool
    search: str

    @property
    def initials(self) -> str:
        """Give the last two characters of the name, as DingTalk's round pictures do."""
        return self.name[-2:]

    @property
    def tint(self) -> int:
        """Give the colour number of the round picture."""
        return tint(self.userid)


@dataclass(frozen=True, slots=True)
class ConversationView:
    """A conversation in a person's list."""

    id: str
    key: str
    title: str
    href: str
    robot: bool
    writable: bool
    size: int
    current: bool
    unread: int
    last: str
    time: str

    @property
    def rev(self) -> str:
        """Give what changes whenever the look changes."""
        return digest(self.title, self.current, self.unread, self.last, self.time)


def digest(*facts: object) -> str:
    """Give a short name for these facts, fit for an element's id."""
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:12]


def tint(userid: str) -> int:
    """Give a person's colour number, always the same."""
    return int(digest(userid), 16) % _TINTS


def address(userid: str, conversation_id: str = "") -> str:
    """Give the page's address for a person's phone, and a conversation on it."""
    return "/?" + urlencode({"as": userid} | ({"chat": conversation_id} if conversation_id else {}))


def person(world: World, user: User) -> PersonView:
    """Show a person."""
    places = _places(world, user)
    role = " · ".join(part for part in (places[0] if places else "", user.title) if part)
    unread = sum(unread_count(one, user.userid) for one in world.chats.of(user.userid))
    return PersonView(
        user.userid,
        user.name,
        role,
        address(user.userid),
        unread,
        user.userid in CAST,
        _search(world, user),
    )


def to_try(world: World) -> list[tuple[str, str, str]]:
    """Give name, address and phrase of those who have something to say first."""
    known = [
        (world.directory.users[userid], phrase) for userid, phrase in TO_TRY.items() if userid in world.directory.users
    ]
    return [(user.name, address(user.userid, world.chats.with_robot(user.userid).id), phrase) for user, phrase in known]


def cast(world: World) -> list[PersonView]:
    """Give the people of the story."""
    users = world.directory.users
    return [person(world, users[one]) for one in CAST if one in users]


def everyone(world: World, find: str = "") -> list[PersonView]:
    """Give the company by pinyin, no more of it than a page can hold.

    In a company that fits, everybody is there and those found are picked out; in a larger one only they are listed.
    """
    users = list(world.directory.users.values())
    if find and len(users) > MOST_LISTED:
        users = [user for user in users if find in _search(world, user)]
    # GB 18030 puts the 3,755 common characters in the order of their pinyin.
    listed = heapq.nsmallest(MOST_LISTED, users, key=lambda user: user.name.encode("gb18030", "replace"))
    return [person(world, user) for user in listed]


def _search(world: World, user: User) -> str:
    """Give what a person is found by."""
    return " ".join((user.name, user.userid, user.job_number, user.title, *_places(world, user))).lower()


def _places(world: World, user: User) -> list[str]:
    return [world.directory.departments[one].name for one in user.dept_ids if one in world.directory.departments]


def conversations(world: World, userid: str, current: str) -> list[ConversationView]:
    """Show a person's conversations: the robot's first, then by the last message."""
    views = []
    for one in world.chats.of(userid):
        seen = [message for message in one.messages if message.visible_to(userid)]
        last = seen[-1] if seen else None
        view = ConversationView(
            id=one.id,
            key=digest(one.id),
            title=one.title,
            href=address(userid, one.id),
            robot=one.kind == "robot",
            writable=one.kind != "notice",
            size=len(one.members) if one.kind == "group" else 0,
            current=one.id == current,
            unread=unread_count(one, userid),
            last=_preview(world, one, last, userid) if last else "",
            time=stamp(last.at, world.clock.now()) if last else "",
        )
        views.append((view, last.at.timestamp() if last else 0.0))
    views.sort(key=lambda pair: (not pair[0].robot, -pair[1]))
    return [view for view, _ in views]


def _preview(world: World, conversation: Conversation, message: Message, userid: str) -> str:
    """Give the list's line: a card's is what it was sent with (`lastMessageI18n`), whatever stands on it."""
    words = str(message.content.get("last_message") or "") or said(world, message, userid)
    if conversation.kind == "robot" or message.from_robot:
        return words
    return f"{sender_name(world, message)}：{words}"


def sender_name(world: World, message: Message) -> str:
    """Give who said it."""
    if message.from_robot:
        return world.app.robot_name
    user = world.directory.users.get(message.sender)
    return user.name if user else message.sender


def said(world: World, message: Message, userid: str) -> str:
    """Give a message in a line: for lists and for screen readers."""
    if message.kind == "card":
        card = world.cards.cards.get(str(message.content.get("out_track_id")))
        return f"[卡片] {card.values(userid).get('title', '')}".strip() if card else "[卡片]"
    return _SAID[message.kind](message.content)


def unread_count(conversation: Conversation, userid: str) -> int:
    """Count what others said and this person hasn't seen."""
    return sum(
        1
        for message in conversation.messages
        if message.sender != userid and userid not in message.read_by and message.visible_to(userid)
    )


def mark_read(world: World, conversation: Conversation, userid: str) -> bool:
    """Take note that this person has the conversation before their eyes; tell whether that is news."""
    fresh = [m for m in conversation.messages if m.sender != userid and userid not in m.read_by]
    for message in fresh:
        receipts.read(world, message, userid)
    return bool(fresh)


def stamp(at: datetime, now: datetime) -> str:
    """Give a time as chat lists write it: 08:55, 昨天 08:55, 11月24日 08:55."""
    days = (now.date() - at.date()).days
    if days == 0:
        return f"{at:%H:%M}"
    if days == 1:
        return f"昨天 {at:%H:%M}"
    year = "" if at.year == now.year else f"{at.year}年"
    return f"{year}{at.month}月{at.day}日 {at:%H:%M}"


def full_stamp(at: datetime) -> str:
    """Give a time in full: 2026年11月24日 周二 08:55."""
    return f"{at.year}年{at.month}月{at.day}日 周{WEEKDAYS[at.weekday()]} {at:%H:%M}"
