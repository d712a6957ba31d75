"""The wire as a debugger: who told whom what, in the order of time, with its page, its cost and how it ended."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sandbox.page import costs, people
from sandbox.page.bodies import pretty
from sandbox.page.entries import EntryView, Reader, frames_of
from sandbox.page.lanes import Lanes, lanes
from sandbox.world import Entry, World
from sandbox.world.sessions import WEBHOOK_PATH
from sandbox.world.traces import Threads
from sandbox.world.wire import KEPT

MOST = 200
"""Rows on the page; older ones are in the control API."""
MOST_PEOPLE = 500
SHOWS = {"all": "全部", "errors": "只看出错", "costs": "只看花费"}


@dataclass(frozen=True, slots=True)
class Filter:
    """What is to be seen: `who` is a userid or a group's conversation id, `story` an entry's number."""

    who: str = ""
    story: int = 0
    show: str = "all"
    words: str = ""
    pings: bool = False

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Filter":
        """Read it from an address; what makes no sense is left out."""
        story, show = query.get("story", ""), query.get("show", "all")
        return cls(
            who=query.get("who", ""),
            story=int(story) if story.isdecimal() else 0,
            show=show if show in SHOWS else "all",
            words=query.get("q", "").strip(),
            pings="pings" in query,
        )


@dataclass(frozen=True, slots=True)
class Detail:
    """An entry opened: its bodies, and whether its frame can be sent again."""

    number: int
    bodies: tuple[tuple[str, str], ...]
    frame: str


@dataclass(frozen=True, slots=True)
class WireView:
    """The shown part of the wire."""

    rows: tuple[EntryView, ...]
    lanes: Lanes
    total: str
    lines: tuple[costs.Line, ...]
    features: tuple[costs.Line, ...]
    older: bool
    """Whether there are more before these."""


class Follower:
    """Ties the wire's entries together as they come, so that each look costs little."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._begin()

    def threads(self) -> Threads:
        """Give the entries tied together; begin anew with a new world, or once most of what is known is gone."""
        entries = self._world.wire.entries
        if self._chats is not self._world.chats or len(self._threads) > 2 * KEPT:
            self._begin()
        newer = itertools.takewhile(lambda entry: entry.number > self._last, reversed(entries))
        for entry in reversed(list(newer)):
            self._threads.add(entry)
            self._last = entry.number
        return self._threads

    def _begin(self) -> None:
        self._chats = self._world.chats
        self._threads = Threads(self._world.directory, self._chats)
        self._last = 0


def view(world: World, threads: Threads, wanted: Filter) -> WireView:
    """Show the newest entries that fit, oldest first."""
    reader = Reader(world, threads, frames_of(world.wire.entries))
    story = threads.story(wanted.story) if wanted.story else None
    candidates = reversed(world.wire.entries)
    fits = (one for one in candidates if (story is None or one.number in story) and _fits(reader, one, wanted))
    found = list(itertools.islice(fits, MOST + 1))
    shown = found[MOST - 1 :: -1]
    phones = list(dict.fromkeys(phone for entry in shown for phone in reader.phones(entry)))
    drawn = _lanes(world, phones, together=not (wanted.who or wanted.story))
    lines = tuple(costs.lines(world, shown))
    return WireView(
        reader.rows(shown, drawn), drawn, costs.total(shown), lines, tuple(costs.features(lines)), len(found) > MOST
    )


def _fits(reader: Reader, entry: Entry, wanted: Filter) -> bool:
    failed = reader.ending(entry).failed
    if entry.api == "ping" and not wanted.pings and not failed:
        return False
    if wanted.who and not reader.concerns(entry, wanted.who):
        return False
    if wanted.show == "errors" and not (failed or entry.warnings):
        return False
    if wanted.show == "costs" and not (entry.counted or entry.path == WEBHOOK_PATH):
        return False
    return not wanted.words or wanted.words.lower() in reader.searched(entry)


def detail(world: World, number: int) -> Detail | None:
    """Open an entry."""
    entry = next((one for one in world.wire.entries if one.number == number), None)
    if entry is None:
        return None
    bodies = (("请求" if entry.kind == "call" else "内容", entry.request), ("应答", entry.response))
    frame = entry.message_id if entry.kind == "frame" and entry.message_id in world.stream.pushes else ""
    return Detail(number, tuple((name, pretty(body)) for name, body in bodies if body not in (None, "", {})), frame)


def choices(world: World, threads: Threads, wanted: Filter) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Give the people and the groups whose part can be picked; of a large company those on the wire and the cast."""
    users = world.directory.users
    named = users if len(users) <= MOST_PEOPLE else [*people.CAST, *sorted(threads.people), wanted.who]
    known = dict.fromkeys(one for one in (*people.CAST, *named) if one in users)
    groups = [(one.id, one.title) for one in world.chats.conversations.values() if one.kind == "group"]
    return [(one, users[one].name) for one in known], groups


def _lanes(world: World, phones: Sequence[str], *, together: bool) -> Lanes:
    names = {}
    for phone in phones:
        user, chat = world.directory.users.get(phone), world.chats.conversations.get(phone)
        names[phone] = user.name if user else (chat.title if chat else phone)
    return lanes(phones, names, together=together)
