"""The sequence diagram beside the wire's list: a lifeline for each phone, DingTalk and the robot, arrows for entries.

It is decoration: every row says the same in words.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

WIDTH, HEIGHT, MIDDLE = 84, 40, 20
"""A lane's width is in the style sheet too."""
MOST_PHONES = 4
PHONES, OTHERS = "phones", "others"
_HEAD = 6


@dataclass(frozen=True, slots=True)
class Leg:
    """One arrow between two lifelines; `later` is what follows from it: what phones show of a call."""

    start: str
    end: str
    later: bool = False


@dataclass(frozen=True, slots=True)
class Lanes:
    """The lifelines from left to right: keys of phones, then DingTalk and the robot."""

    phones: tuple[str, ...]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.names)

    def place(self, key: str) -> float:
        """Give where a lifeline runs."""
        if key in {"dingtalk", "robot"}:
            number = len(self.phones) + (key == "robot")
        else:
            number = self.phones.index(key) if key in self.phones else len(self.phones) - 1
        return WIDTH * (number + 0.5)

    def draw(self, legs: Sequence[Leg], look: str) -> Markup:
        """Draw one row's arrows; what touches DingTalk on the way gets a dot there."""
        width = WIDTH * len(self)
        if not legs:
            shapes = [_dot(self.place("dingtalk"))]
        else:
            drawn = list(dict.fromkeys(leg for leg in legs if self.place(leg.start) != self.place(leg.end)))
            passed = {leg.start for leg in drawn}
            shapes = [
                _arrow(self.place(leg.start), self.place(leg.end), later=leg.later, ends=leg.end not in passed)
                for leg in drawn
            ]
            if len(drawn) > 1:
                shapes.append(_dot(self.place("dingtalk")))
        return Markup(
            '<svg class="arrows {}" width="{}" height="{}" viewBox="0 0 {} {}" aria-hidden="true" focusable="false">'
            "{}</svg>"
        ).format(look, width, HEIGHT, width, HEIGHT, Markup("").join(shapes))


def lanes(phones: Sequence[str], names: dict[str, str], *, together: bool) -> Lanes:
    """Give the lifelines for these phones: one for all where they are shown together, four and the rest else."""
    if together or not phones:
        keys: tuple[str, ...] = (PHONES,)
    elif len(phones) <= MOST_PHONES:
        keys = tuple(phones)
    else:
        keys = (*phones[: MOST_PHONES - 1], OTHERS)
    own = {PHONES: "员工手机", OTHERS: "其他手机"} | names
    return Lanes(keys, (*(own[key] for key in keys), "钉钉", "机器人"))


def _arrow(start: float, end: float, *, later: bool, ends: bool) -> Markup:
    way = _HEAD if end > start else -_HEAD
    line = Markup('<path class="{}" d="M{:g} {}H{:g}"/>').format(
        "later" if later else "now", start, MIDDLE, end - way if ends else end
    )
    head = Markup('<path class="end" d="M{:g} {}l{:g} -4v8z"/>').format(end, MIDDLE, -way * 1.3)
    return line + head if ends else line


def _dot(place: float) -> Markup:
    return Markup('<circle cx="{:g}" cy="{}" r="3"/>').format(place, MIDDLE)
