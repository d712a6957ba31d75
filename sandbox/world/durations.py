"""How long a leave, a trip or an overtime is by a person's schedule (A/0225)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sandbox.world.schedule import moment, shift_of, working

if TYPE_CHECKING:
    from sandbox.world.world import World

NATURAL, WORKDAYS = 0, 1
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """From when to when, in whole days, halves or hours."""

    begin: datetime
    end: datetime
    unit: str

    @property
    def days(self) -> list[date]:
        """The days it touches."""
        first = self.begin.date()
        return [first + timedelta(days=one) for one in range((self.end.date() - first).days + 1)]


def stretch(begin: str, end: str, unit: str) -> Stretch:
    """Read the two ends as their unit writes them; raises `ValueError` for another form."""
    if unit == "hour":
        return Stretch(_minute(begin), _minute(end), unit)
    if unit == "day":
        return Stretch(moment(_day(begin), "00:00"), moment(_day(end), "23:59"), unit)
    return Stretch(_half(begin, ("00:00", "12:00")), _half(end, ("12:00", "23:59")), unit)


def _day(text: str) -> date:
    if len(text) != len("2019-08-15"):
        raise ValueError(text)
    return date.fromisoformat(text)


def _minute(text: str) -> datetime:
    if len(text) != len("2019-08-15 12:43") or text[10] != " ":
        raise ValueError(text)
    return moment(date.fromisoformat(text[:10]), text[11:])


def _half(text: str, clocks: tuple[str, str]) -> datetime:
    day, _, half = text.partition(" ")
    if half not in {"AM", "PM"}:
        raise ValueError(text)
    return moment(_day(day), clocks[half == "PM"])


def computed(world: "World", userid: str, given: Stretch, model: int) -> dict[str, float]:
    """Give each day's share, in days or hours; days off have none when workdays are counted."""
    return {str(day): round(_share(world, userid, given, model, day), 2) for day in given.days}


def _share(world: "World", userid: str, given: Stretch, model: int, day: date) -> float:
    shift = shift_of(world, userid, day)
    if model == WORKDAYS and shift is None:
        return 0.0
    midnight = moment(day, "00:00")
    if given.unit == "hour":
        whole = [(midnight, midnight + timedelta(days=1))]
        stretches = working(shift, day) if shift is not None and model == WORKDAYS else whole
        return sum((_overlap(given, begin, end) for begin, end in stretches), 0.0)
    noon, late = moment(day, "12:00"), moment(day, "23:59")
    return 0.5 * ((given.begin < noon and given.end >= noon) + (given.begin <= noon and given.end >= late))


def _overlap(given: Stretch, begin: datetime, end: datetime) -> float:
    return max(0.0, (min(given.end, end) - max(given.begin, begin)) / _HOUR)
