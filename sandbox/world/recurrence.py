"""When a repeated event takes place (A/0250: daily, weekly, absoluteMonthly, relativeMonthly, absoluteYearly)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MOST_TURNS = 40_000  # a rule such as every 30 February never comes about
INDEXES = ("first", "second", "third", "fourth", "last")


@dataclass(slots=True)
class Recurrence:
    """A rule and its range; `days` are weekdays from Monday, 0. `week_begins` is Sunday unless told."""

    type: str
    interval: int = 1
    day_of_month: int | None = None
    days: tuple[int, ...] = ()
    index: str = ""
    week_begins: int = 6
    range_type: str = "noEnd"
    end: datetime | None = None
    number: int | None = None


def starts(rule: Recurrence, first: datetime, until: datetime) -> Iterator[datetime]:
    """Give the beginnings before `until`, the event's own included."""
    for number, day in enumerate(_days(rule, first.date())):
        at = first + (day - first.date())
        over = at >= until or (rule.range_type == "endDate" and rule.end is not None and at > rule.end)
        if over or (rule.range_type == "numbered" and rule.number is not None and number >= rule.number):
            return
        yield at


def _days(rule: Recurrence, first: date) -> Iterator[date]:
    for turn in range(_MOST_TURNS):
        step = turn * rule.interval
        match rule.type:
            case "daily":
                found = [first + timedelta(days=step)]
            case "weekly":
                week = first - timedelta(days=(first.weekday() - rule.week_begins) % 7) + timedelta(weeks=step)
                inside = (week + timedelta(days=offset) for offset in range(7))
                found = [day for day in inside if day.weekday() in (rule.days or (first.weekday(),))]
            case "absoluteYearly":
                found = _month(first.year + step, first.month, first.day)
            case "absoluteMonthly":
                year, month = _moved(first, step)
                found = _month(year, month, rule.day_of_month or first.day)
            case _:
                found = _relative(rule, first, *_moved(first, step))
        yield from (day for day in found if day >= first)


def _moved(first: date, months: int) -> tuple[int, int]:
    number = first.year * 12 + first.month - 1 + months
    return number // 12, number % 12 + 1


def _month(year: int, month: int, day: int) -> list[date]:
    """Give the day, or nothing where the month hasn't so many."""
    try:
        return [date(year, month, day)]
    except ValueError:
        return []


def _relative(rule: Recurrence, first: date, year: int, month: int) -> list[date]:
    """Give the weekdays of the month's week that the rule names."""
    days = [day for number in range(1, 32) for day in _month(year, month, number)]
    index = -1 if rule.index == "last" else INDEXES.index(rule.index or "first")
    found: list[date] = []
    for weekday in rule.days or (first.weekday(),):
        same = [day for day in days if day.weekday() == weekday]
        found.append(same[index])
    return sorted(found)
