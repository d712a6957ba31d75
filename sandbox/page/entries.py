"""One row of the wire: who told whom what, by which page, at what cost, and how it ended."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from markupsafe import Markup

from sandbox.operations import ALL
from sandbox.page import costs, people
from sandbox.page.gist import gist
from sandbox.page.lanes import Lanes, Leg
from sandbox.page.topics import described
from sandbox.world import Entry, World
from sandbox.world.sessions import WEBHOOK_PATH
from sandbox.world.stream import CARD_TOPIC, DYNAMIC_TOPIC
from sandbox.world.traces import Threads

KINDS = {"call": "调用", "frame": "推送", "ack": "应答", "webhook": "会话回复", "note": "备注"}
_OPERATIONS = {one.name: one for one in ALL}
_REACHING = frozenset(
    {
        "robot.to_people", "robot.to_group", "robot.by_session", "robot.recall", "robot.group_recall",
        "robot.ding", "card.create_and_deliver", "card.deliver", "card.update",
        "notice.send", "notice.recall", "notice.status_bar",
    }
)  # fmt: skip
"""Calls after which phones show something else."""
_FINE = frozenset({None, 200})


@dataclass(frozen=True, slots=True)
class Ending:
    """How a frame or call ended."""

    words: str
    failed: bool = False


@dataclass(frozen=True, slots=True)
class EntryView:
    """One row."""

    number: int
    time: str
    iso: str
    since: str
    route: str
    look: str
    kind_words: str
    name: str
    api: str
    call: str
    page: str
    gist: str
    ending: Ending
    delivery: str
    duration: str
    cost: str
    counted: bool
    warnings: tuple[str, ...]
    guessed: bool
    has_body: bool
    arrows: Markup

    @property
    def rev(self) -> str:
        """Give what changes whenever the look changes."""
        return people.digest(*(getattr(self, name) for name in self.__slots__))


@dataclass(slots=True)
class Frames:
    """What became of each frame: by number."""

    acks: dict[int, Entry] = field(default_factory=dict)
    late: dict[int, Entry] = field(default_factory=dict)
    delivery: dict[int, int] = field(default_factory=dict)
    of_ack: dict[int, Entry] = field(default_factory=dict)


def frames_of(entries: Iterable[Entry]) -> Frames:
    """Follow each frame to its ack, and count how often its message or event came."""
    found = Frames()
    last: dict[str, Entry] = {}
    seen: dict[tuple[str, str], int] = {}
    for entry in entries:
        if entry.kind == "frame":
            last[entry.message_id] = entry
            same = next((one for one in entry.traces if one[0] in {"message", "event"}), ("frame", entry.message_id))
            seen[same] = found.delivery[entry.number] = seen.get(same, 0) + 1
        elif entry.kind == "ack" and entry.message_id in last:
            frame = last[entry.message_id]
            found.of_ack[entry.number] = frame
            if _counts(entry):
                found.acks.setdefault(frame.number, entry)
            else:
                found.late.setdefault(frame.number, entry)
    return found


def _counts(ack: Entry) -> bool:
    """Whether an ack was taken for one: in time, on its own connection, the first."""
    return not any(one.startswith(("came ", "messageId unknown")) for one in ack.warnings)


class Reader:
    """Reads entries in the light of the others."""

    def __init__(self, world: World, threads: Threads, frames: Frames) -> None:
        self._world, self._threads, self._frames = world, threads, frames

    def phones(self, entry: Entry) -> list[str]:
        """Give whose phones an entry touches: userids, and a group as one."""
        if entry.kind == "ack":
            frame = self._frames.of_ack.get(entry.number)
            return self.phones(frame) if frame else []
        concern, chats = self._threads.concern(entry), self._world.chats.conversations
        groups = sorted(one for one in concern.conversations if one in chats and chats[one].kind == "group")
        if entry.kind == "frame":
            return sorted(concern.people)[:1] if entry.title.startswith("CALLBACK") else []
        if entry.api not in _REACHING:
            return []
        if groups:
            return groups
        return sorted(one for one in concern.people if one in self._world.directory.users)

    def rows(self, entries: Sequence[Entry], drawn: Lanes) -> tuple[EntryView, ...]:
        """Show entries; times count from the first."""
        return tuple(self._row(entry, entries[0].at, drawn) for entry in entries)

    def _row(self, entry: Entry, begun: datetime, drawn: Lanes) -> EntryView:
        kind = "webhook" if entry.path == WEBHOOK_PATH else entry.kind
        operation = _OPERATIONS.get(entry.api)
        ending, legs = self.ending(entry), self._legs(entry)
        name, page = self._name(entry)
        delivery = self._frames.delivery.get(entry.number, 1)
        answered = self._frames.acks.get(entry.number)
        took = answered.duration_ms if answered else (None if entry.kind == "ack" else entry.duration_ms)
        look = f"{kind}{' failed' if ending.failed else ''}"
        return EntryView(
            number=entry.number,
            time=f"{entry.at:%H:%M:%S}",
            iso=entry.at.isoformat(timespec="milliseconds"),
            since=_since((entry.at - begun).total_seconds()),
            route=self._route(legs),
            look=look,
            kind_words=KINDS[kind],
            name=name,
            api=entry.api if operation else (entry.title if kind in {"frame", "call"} else ""),
            call=f"{entry.method} {entry.path}" if entry.path else "",
            page=page,
            gist=gist(entry),
            ending=ending,
            delivery=f"第 {delivery} 次投递" if delivery > 1 else "",
            duration="" if took is None else f"{took:,.0f} ms",
            cost=costs.kind_of(entry),
            counted=entry.counted,
            warnings=tuple(entry.warnings),
            guessed=entry.number in self._threads.guessed,
            has_body=entry.request not in (None, "", {}) or entry.response not in (None, "", {}),
            arrows=drawn.draw(legs, look),
        )

    def concerns(self, entry: Entry, who: str) -> bool:
        """Whether an entry concerns this person or group; an ack as its frame does."""
        if entry.kind == "ack" and entry.number in self._frames.of_ack:
            entry = self._frames.of_ack[entry.number]
        if who in self._world.directory.users:
            return self._threads.of_person(who, entry)
        return who in self._threads.concern(entry).conversations

    def searched(self, entry: Entry) -> str:
        """Give what a search looks into."""
        facts = (entry.title, entry.api, entry.path, entry.message_id, entry.code, self._name(entry)[0], gist(entry))
        return " ".join((*facts, *entry.warnings)).lower()

    def _name(self, entry: Entry) -> tuple[str, str]:
        """Give what an entry is called and the page that describes it."""
        operation = _OPERATIONS.get(entry.api)
        if operation is not None:
            return operation.summary, operation.page
        if entry.kind == "ack":
            frame = self._frames.of_ack.get(entry.number)
            return (f"应答 {frame.number} 号：{self._name(frame)[0]}" if frame else "应答不知哪一帧"), ""
        if entry.kind == "frame":
            return described(entry.api, event=entry.title.startswith("EVENT"))
        return ("沙箱没有的接口", "") if entry.kind == "call" else (entry.title, "")

    def ending(self, entry: Entry) -> Ending:
        """Tell how an entry ended."""
        match entry.kind:
            case "frame":
                return self._frame_ending(entry)
            case "ack":
                if not _counts(entry):
                    late = any("too late" in one for one in entry.warnings)
                    return Ending("太迟或重复，不算" if late else "不算", failed=True)
                return Ending(f"code {entry.status}", failed=entry.status != 200)
            case "note":
                return Ending("", failed=not entry.title.startswith("connect"))
        code = entry.code if entry.code not in {"", "0"} else ""
        words = " ".join(part for part in ("" if entry.status is None else str(entry.status), code) if part)
        return Ending(words, failed=entry.status not in _FINE or bool(code))

    def _frame_ending(self, entry: Entry) -> Ending:
        if ack := self._frames.acks.get(entry.number):
            return Ending(f"已应答 {ack.status}", failed=ack.status != 200)
        if entry.number in self._frames.late:
            return Ending("应答太迟", failed=True)
        push = self._world.stream.pushes.get(entry.message_id)
        if push is None or entry.api == "disconnect":
            return Ending("不等应答")
        return Ending("未应答", failed=True) if push.ack.done() else Ending("等待应答")

    def _legs(self, entry: Entry) -> list[Leg]:
        phones = self.phones(entry)
        ending = self.ending(entry)
        match entry.kind:
            case "frame":
                first = self._frames.delivery.get(entry.number, 1) == 1
                return [*(Leg(one, "dingtalk") for one in phones if first), Leg("dingtalk", "robot")]
            case "ack":
                frame = self._frames.of_ack.get(entry.number)
                shows = frame is not None and frame.api in {CARD_TOPIC, DYNAMIC_TOPIC} and not ending.failed
                return [Leg("robot", "dingtalk"), *(Leg("dingtalk", one, later=True) for one in phones if shows)]
            case "note":
                return []
        reached = [] if ending.failed else phones
        return [Leg("robot", "dingtalk"), *(Leg("dingtalk", one, later=True) for one in reached)]

    def _route(self, legs: Sequence[Leg]) -> str:
        """Say the arrows: 林晓 → 钉钉 → 机器人."""
        if not legs:
            return "沙箱"
        begins = next((leg.start for leg in legs if leg.start not in {"dingtalk", "robot"}), legs[0].start)
        ends = [leg.end for leg in legs if leg.end not in {"dingtalk", "robot"}]
        middle = "dingtalk" if len(legs) > 1 else ""
        last = "、".join(map(self._called, ends[:3])) + (f" 等 {len(ends)} 人" if len(ends) > 3 else "")
        names = (self._called(begins), self._called(middle), last or self._called(legs[-1].end))
        return " → ".join(name for name in names if name)

    def _called(self, key: str) -> str:
        own = {"": "", "dingtalk": "钉钉", "robot": "机器人"}
        if key in own:
            return own[key]
        user, chat = self._world.directory.users.get(key), self._world.chats.conversations.get(key)
        return user.name if user else (chat.title if chat else key)


def _since(seconds: float) -> str:
    sign = "+" if seconds >= 0 else "-"
    seconds = abs(seconds)
    if seconds < 100:
        return f"{sign}{seconds:.2f} s"
    if seconds < 6000:
        return f"{sign}{seconds / 60:.1f} min"
    return f"{sign}{seconds / 3600:.1f} h"
