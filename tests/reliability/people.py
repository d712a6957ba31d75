"""What the people of a round want, and how each of them gets it: as people do, again when nothing comes back.

The driver keeps its own account of what was asked for and what must come of it; it never asks the robot's code.
"""

import asyncio
import contextlib
import json
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from sandbox.company import EVERYONE_GROUP, HR_GROUP
from sandbox.world import Card, Message, Outcome, Refused, World

Mode = Literal["cards", "text"]
End = Literal["approve", "reject", "withdraw", "nothing", "contest"]

APPROVERS = {
    "lin": "wang", "wang": "gao", "chen": "qinfeng", "qinfeng": "gao", "zhao": "li", "niuben": "gao", "admin": "niuben",
}  # fmt: skip
DAYS = (
    date(2026, 11, 25), date(2026, 11, 26), date(2026, 11, 27), date(2026, 11, 30),
    *(date(2026, 12, day) for day in (1, 2, 3, 4, 7, 8, 9, 10, 11, 14, 15, 16, 17, 18, 21, 22, 23, 24, 25, 28)),
)  # fmt: skip
"""Workdays that nobody's holiday notice touches."""
HALVES = {"AM": "上午", "PM": "下午", "": ""}
TYPES = {"annual": "年假", "sick": "病假", "personal": "事假"}
STATUS = {"approve": "已同意", "reject": "已拒绝", "withdraw": "已撤回"}
QUESTIONS = ("年假余额", "我的申请", "帮助", "待我审批", "余额")
GROUP_QUESTIONS = ((HR_GROUP, "今天谁不在"), (EVERYONE_GROUP, "年假余额"), (HR_GROUP, "年假余额"))


class NotAchieved(Exception):
    """A person gave up: what they wanted didn't come about in all that time."""


@dataclass(eq=False)
class Leave:
    """One leave somebody wants, and what is to become of it. One per person and day, so that a day names it."""

    who: str
    day: date
    half: str
    kind: str
    end: End
    in_words: bool = False
    """Decided by a sentence rather than by the card."""
    blank: bool = False
    """Filled in by hand rather than prefilled by a sentence."""
    number: int = 0
    submitted: bool = False
    settled: bool = False

    @property
    def days(self) -> Decimal:
        """How much of a balance it takes."""
        return Decimal("0.5") if self.half else Decimal(1)

    @property
    def sentence(self) -> str:
        """How its owner asks."""
        return f"我想请{self.day.month}月{self.day.day}日{HALVES[self.half]}{TYPES[self.kind]}"

    @property
    def fields(self) -> dict[str, str]:
        """How its owner fills the form in."""
        first, last = (self.half, self.half) if self.half else ("AM", "PM")
        day = self.day.isoformat()
        return {"type": self.kind, "start": day, "start_half": first, "end": day, "end_half": last}

    def is_in(self, words: str) -> bool:
        """Whether words speak of its day."""
        return re.search(rf"(?<!\d){self.day.month}月{self.day.day}日|{self.day.isoformat()}", words) is not None

    def __str__(self) -> str:
        return f"{self.who} {self.day} {self.half or 'day'} {self.kind} -> {self.end}"


@dataclass(eq=False)
class Ask:
    """A question, in private or in a group."""

    who: str
    text: str
    group: str = ""

    def __str__(self) -> str:
        return f"{self.who} asks {self.text} {self.group}"


@dataclass
class Wishes:
    """Draws what people want, from one generator; never two leaves of a person on one day."""

    rng: random.Random
    mode: Mode
    drawn: list[Leave] = field(default_factory=list)

    def leave(self, who: str | None = None, end: End | None = None, kind: str | None = None) -> Leave:
        """Draw a leave."""
        rng = self.rng
        who = who or rng.choice(sorted(APPROVERS))
        taken = {one.day for one in self.drawn if one.who == who}
        day = rng.choice([day for day in DAYS if day not in taken])
        kind = kind or rng.choice(["annual", "sick", "personal"])
        half = rng.choice(["AM", "PM", ""])
        if kind == "annual" and sum(one.kind == "annual" for one in self.drawn if one.who == who) >= 4:
            kind = "personal"  # Nobody runs out of annual leave here.
        ends: tuple[End, ...] = ("approve", "approve", "reject", "withdraw", "nothing", "contest")
        chosen: End = rng.choice(ends) if end is None else end
        wish = Leave(who, day, half, kind, chosen, rng.random() < 0.4, rng.random() < 0.3)
        self.drawn.append(wish)
        return wish

    def question(self) -> Ask:
        """Draw a question."""
        who = self.rng.choice(sorted(APPROVERS))
        if self.rng.random() < 0.25:
            group, text = self.rng.choice(GROUP_QUESTIONS)
            who = who if group == EVERYONE_GROUP else self.rng.choice(["li", "zhao", "gao", "wang"])
            return Ask(who, text, group)
        return Ask(who, self.rng.choice(QUESTIONS))


@dataclass
class People:
    """Everybody's phones. `patience` is how long one waits before trying again, `deadline` when one gives up."""

    world: World
    mode: Mode
    patience: float = 4.0
    deadline: float = 90.0
    taken: set[str] = field(default_factory=set)
    at_once: dict[str, asyncio.Lock] = field(default_factory=dict)

    # --- one phone ----------------------------------------------------------------------------------------------------

    def heard(self, who: str) -> list[Message]:
        """What the robot has said to somebody in private."""
        return [one for one in self.world.chats.with_robot(who).messages if one.from_robot]

    def words(self, who: str) -> list[str]:
        """The same as words."""
        return [str(one.content.get("text", "")) for one in self.heard(who)]

    def cards(self, who: str, template: str) -> list[Card]:
        """The cards on somebody's phone."""
        tracks = [one.content["out_track_id"] for one in self.heard(who) if one.kind == "card"]
        found = [self.world.cards.cards[track] for track in tracks]
        return [card for card in found if card.template.name == template]

    async def connected(self) -> None:
        """Wait for a robot that listens: what is said to nobody is lost, and isn't the robot's to answer."""
        await self.until(lambda: any(not one.leaving for one in self.world.stream.connections) or None, 30.0)

    async def says(self, who: str, words: str, group: str = "") -> None:
        """Type and send."""
        await self.connected()
        conversation = group or self.world.chats.with_robot(who).id
        await self.world.say(who, conversation, f"@{self.world.app.robot_name} {words}" if group else words)

    async def until(self, find: Callable[[], Any], seconds: float) -> Any:
        """Wait for something to be seen; None when it isn't in time."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while (found := find()) is None and loop.time() < end:  # noqa: ASYNC110 - what is seen has no one event
            await asyncio.sleep(0.02)
        return found

    async def says_until(self, who: str, words: str, find: Callable[[], Any], group: str = "") -> Any:
        """Say something until its effect is seen."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self.deadline
        patience = self.patience
        while loop.time() < end:
            await self.says(who, words, group)
            found = await self.until(find, patience)
            if found is not None:
                return found
            patience = min(patience * 2, 20.0)
        raise NotAchieved(f"{who} said {words!r}")

    async def taps_until(self, tap: Callable[[], Any], find: Callable[[], Any], what: str) -> Any:
        """Tap until its effect is seen."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self.deadline
        while loop.time() < end:
            await self.connected()
            with contextlib.suppress(Refused):  # What it was for is done: there is nothing left to press.
                outcome: Outcome = await tap()
                if not outcome.ok:
                    await asyncio.sleep(0.3)
            found = await self.until(find, self.patience)
            if found is not None:
                return found
        raise NotAchieved(what)

    # --- what is wanted -----------------------------------------------------------------------------------------------

    async def asks(self, ask: Ask) -> None:
        """Ask, and wait for any answer: which one it is, the invariants find out."""
        place = self.world.chats.conversations[ask.group] if ask.group else self.world.chats.with_robot(ask.who)
        before = sum(one.from_robot for one in place.messages)

        def answered() -> bool | None:
            return sum(one.from_robot for one in place.messages) > before or None

        await self.says_until(ask.who, ask.text, answered, ask.group)

    async def wants(self, wish: Leave) -> None:
        """Get a leave asked for and brought to its end."""
        # A dialogue in words is one person's only one: who fills in a request says nothing else meanwhile.
        async with self.at_once.setdefault(wish.who, asyncio.Lock()):
            wish.number = await (self._by_form(wish) if self.mode == "cards" else self._by_words(wish))
        wish.submitted = True
        await self._brings_to_its_end(wish)
        wish.settled = True

    async def _by_form(self, wish: Leave) -> int:
        who = wish.who
        words = "请假" if wish.blank else wish.sentence

        def form() -> Card | None:
            for card in self.cards(who, "form"):
                fresh = card.out_track_id not in self.taken and "form" in card.view(who)
                if fresh and (wish.blank or wish.is_in(json.dumps(card.data, ensure_ascii=False))):
                    return card
            return None

        card: Card = await self.says_until(who, words, form)
        self.taken.add(card.out_track_id)

        def number() -> int | None:
            found = re.search(r"申请 (\d+) ", str(card.view(who).get("intro", "")))
            return int(found[1]) if found else None

        async def submit() -> Outcome:
            return await self.world.submit(who, card.out_track_id, wish.fields)

        return int(await self.taps_until(submit, number, f"submitted: {wish}"))

    async def _by_words(self, wish: Leave) -> int:
        def confirm() -> bool | None:
            return any("回复 「提交」" in one and wish.is_in(one) for one in self.words(wish.who)) or None

        await self.says_until(wish.who, wish.sentence, confirm)
        end = asyncio.get_running_loop().time() + self.deadline
        while asyncio.get_running_loop().time() < end:
            # Words can get lost once, and only once: the list shows what became of it. A dialogue can have lapsed.
            for words in ("提交", "我的申请", wish.sentence):
                await self.says(wish.who, words)
                if words is wish.sentence:
                    await asyncio.sleep(0.5)
                elif (number := await self.until(lambda: self._number(wish), self.patience)) is not None:
                    return int(number)
        raise NotAchieved(f"submitted: {wish}")

    def _number(self, wish: Leave) -> int | None:
        """Find a request's number in what its owner was told."""
        for told in reversed(self.words(wish.who)):
            if "待我审批" in told:  # Others' requests.
                continue
            for line in told.splitlines():
                found = re.search(r"已提交申请 (\d+)|^\s*- (\d+) · ", line)
                if found and wish.is_in(line):
                    return int(found[1] or found[2])
        return None

    async def _brings_to_its_end(self, wish: Leave) -> None:
        match wish.end:
            case "approve" | "reject":
                await self._decides(APPROVERS[wish.who], wish, STATUS[wish.end])
            case "withdraw":
                await self._withdraws(wish, ("已撤回",))
            case "contest":
                closed = ("已撤回", "已同意", "不能撤回")
                await asyncio.gather(self._withdraws(wish, closed), self._decides(APPROVERS[wish.who], wish, *closed))

    async def _withdraws(self, wish: Leave, seen: tuple[str, ...]) -> None:
        def gone() -> bool | None:
            said = [one for one in self.words(wish.who) if re.search(rf"申请 {wish.number}(?!\d)", one)]
            return any(word in one for one in said for word in seen) or None

        await self.says_until(wish.who, f"撤回 {wish.number}", gone)

    async def _decides(self, approver: str, wish: Leave, *seen: str) -> None:
        verb = "拒绝" if wish.end == "reject" else "同意"

        def said() -> bool | None:
            told = [one for one in self.words(approver) if re.search(rf"申请 {wish.number}(?!\d)", one)]
            return any(word in one for one in told for word in seen) or None

        card = None if wish.in_words or self.mode == "text" else await self._card(approver, wish)
        if card is None:
            await self.says_until(approver, f"{verb} {wish.number}", said)
            return

        def shown() -> bool | None:
            view = card.view(approver)
            return (view.get("status") in seen or None) if not view.get("buttons") else None

        async def press() -> Outcome:
            buttons = card.view(approver).get("buttons") or []
            button = next((one["id"] for one in buttons if one["text"] == verb), "")
            return await self.world.press(approver, card.out_track_id, button, "好" if verb == "拒绝" else None)

        await self.taps_until(press, shown, f"{approver} {verb} {wish}")

    async def _card(self, approver: str, wish: Leave) -> Card | None:
        def find() -> Card | None:
            for card in self.cards(approver, "notice"):
                if card.data.get("ref", "").rpartition(".")[2] == str(wish.number):
                    return card
            return None

        # Who withdraws in the same instant may be first: then there is nothing to send.
        patience = self.patience if wish.end == "contest" else self.deadline / 3
        card: Card | None = await self.until(find, patience)
        return card


def balances(wishes: Iterable[Leave], statuses: Mapping[int | None, str]) -> Mapping[str, Decimal]:
    """Give the annual leave each person has used, by our own account; only who won a contest is asked of the store."""
    used: defaultdict[str, Decimal] = defaultdict(Decimal)
    for wish in wishes:
        gone = {"approve": True, "nothing": True, "contest": statuses.get(wish.number) == "approved"}.get(
            wish.end, False
        )
        if wish.kind == "annual" and wish.submitted and gone:
            used[wish.who] += wish.days
    return used
