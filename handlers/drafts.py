"""A leave request while it is being told: from a sentence, from answers one at a time, or from a form."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from handlers.sentences import TYPE_WORDS, DateReading, read_dates, read_leave_sentence
from hr_core.errors import HRError
from hr_core.leave.service import LeaveWish
from hr_core.workdays.model import Half, Span, WorkCalendar
from hr_core.workdays.rules import end_after

REASON_LIMIT = 500
Missing = Literal["type", "dates", "half"]


class Unreadable(HRError):
    """Something looked like a date and isn't one we can read."""

    code = "leave.unreadable"


class HoursNotOffered(HRError):
    """Hours were asked for: leave is counted in half days."""

    code = "leave.hours"


class FormIncomplete(HRError):
    """A form came without a field that it needs, or with a value that isn't one."""

    code = "leave.form_incomplete"


class TypeNotOffered(HRError):
    """A type of leave that can't be asked for here."""

    code = "leave.not_offered"


class ReasonTooLong(HRError):
    """The reason is longer than we keep."""

    code = "leave.reason_too_long"


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known so far. Halves without an end mean the half of that one day."""

    leave_type: str | None = None
    start: date | None = None
    start_half: Half | None = None
    end: date | None = None
    end_half: Half | None = None
    half_day: bool = False  # Half a day was asked for; which half is open while `start_half` is None.
    reason: str = ""

    @property
    def missing(self) -> Missing | None:
        """Name the next field to ask for."""
        if self.leave_type is None:
            return "type"
        if self.start is None:
            return "dates"
        return "half" if self.half_day and self.start_half is None else None

    @property
    def complete(self) -> bool:
        """Tell whether this can be sent."""
        return self.missing is None

    def wish(self) -> LeaveWish:
        """Give the request; only a complete draft has one."""
        if self.leave_type is None or self.start is None:
            raise FormIncomplete(field="start")
        end = self.end or self.start
        first = self.start_half or Half.AM
        last = self.end_half or (first if self.half_day and self.start_half and end == self.start else Half.PM)
        return LeaveWish(self.leave_type, Span(self.start, first, end, last), self.reason)

    def state(self) -> dict[str, Any]:
        """Give plain values, to keep."""
        return {
            key: value.isoformat() if isinstance(value, date) else value
            for key, value in asdict(self).items()
            if value not in (None, "", False)
        }

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> "Draft":
        """Read kept values back; those of a form that was sent count too."""
        known = {name: state[name] for name in cls.__slots__ if state.get(name)}
        for name in ("start", "end"):
            if name in known:
                known[name] = date.fromisoformat(known[name])
        for name in ("start_half", "end_half"):
            if name in known:
                known[name] = Half(known[name])
        return cls(**known)

    def fields(self) -> dict[str, str]:
        """Give what a form's fields start with."""
        if self.start is None:
            span: dict[str, str] = {"start_half": Half.AM.value, "end_half": Half.PM.value}
        else:  # Also a span that ends before it starts: it is shown as it was told, for the person to mend.
            span = {"start": self.start.isoformat(), "end": (self.end or self.start).isoformat()}
            if not (self.half_day and self.start_half is None):
                span["start_half"] = (self.start_half or Half.AM).value
                span["end_half"] = (self.end_half or Half.PM).value
        known = {"type": self.leave_type or "", "reason": self.reason, **span}
        return {name: value for name, value in known.items() if value}

    def answered(self, text: str, today: date, calendar: WorkCalendar) -> "Draft | None":
        """Take the answer to the missing field; None when the text isn't one."""
        if self.missing == "type":
            kind = TYPE_WORDS.get(text.strip("我想要请是休吧啊的了。，！!. "))
            return replace(self, leave_type=kind) if kind else None
        told = read_dates(text, today=today)
        if self.missing == "half" and told.start is None:
            half = next((half for word, half in (("上午", Half.AM), ("下午", Half.PM)) if word in text), None)
            return replace(self, start_half=half, end_half=half) if half else None
        _refuse_unread(told)
        return _with_dates(self, told, calendar) if told.start else None


def draft_from_sentence(text: str, today: date, calendar: WorkCalendar) -> Draft:
    """Read a sentence; raises `TypeNotOffered`, or `Unreadable` when a date in it can't be read.

    A half without its day is today's.
    """
    told = read_leave_sentence(text, today=today)
    if told.other_type is not None:
        raise TypeNotOffered(name=told.other_type)
    _refuse_unread(told)
    if told.start is None and told.start_half is not None and told.start_half == told.end_half:
        told = replace(told, start=today, end=today)
    return _with_dates(Draft(leave_type=told.leave_type, reason=told.reason or ""), told, calendar)


def draft_from_form(form: Mapping[str, Any], types: Iterable[str]) -> Draft:
    """Read what a form carries; nothing in it is trusted. Raises `FormIncomplete` naming the field."""
    values = {name: _chosen(form.get(name)) for name in ("type", "start", "start_half", "end", "end_half", "reason")}
    if values["type"] not in set(types):
        raise FormIncomplete(field="type")
    days: dict[str, date] = {}
    for name in ("start", "end"):
        try:
            days[name] = date.fromisoformat(values[name][:10])
        except ValueError as error:
            if values[name]:
                raise Unreadable(text=values[name][:20]) from error
            raise FormIncomplete(field=name) from error
    halves: dict[str, Half] = {}
    for name, usual in (("start_half", Half.AM), ("end_half", Half.PM)):
        if values[name] and values[name] not in set(Half):
            raise FormIncomplete(field=name)
        halves[name] = Half(values[name]) if values[name] else usual
    if len(values["reason"]) > REASON_LIMIT:
        raise ReasonTooLong(length=len(values["reason"]), most=REASON_LIMIT)
    return Draft(
        values["type"], days["start"], halves["start_half"], days["end"], halves["end_half"], False, values["reason"]
    )


def _refuse_unread(told: DateReading) -> None:
    if not told.unread:
        return
    text = "、".join(told.unread)
    raise HoursNotOffered(text=text) if re.search("小时|钟头|分钟", text) else Unreadable(text=text)


def form_state(form: Mapping[str, Any]) -> dict[str, str]:
    """Give a sent form's values as a draft's, as far as they are readable, so that nothing has to be typed twice."""
    state = {name: _chosen(form.get(name)) for name in ("start", "start_half", "end", "end_half", "reason")}
    state["leave_type"] = _chosen(form.get("type"))
    for name in ("start", "end"):
        try:
            date.fromisoformat(state[name])
        except ValueError:
            del state[name]
    for name in ("start_half", "end_half"):
        if state[name] not in set(Half):
            del state[name]
    return {name: value for name, value in state.items() if value}


def _chosen(value: object) -> str:
    """Give a field's value: a SELECT tells `{index, value}`, everything else tells itself."""
    if isinstance(value, Mapping):
        value = value.get("value")
    return value.strip() if isinstance(value, str) else ""


def _with_dates(draft: Draft, told: DateReading, calendar: WorkCalendar) -> Draft:
    if told.start is None:
        return draft
    if told.days == Decimal("0.5") and told.end in (None, told.start) and told.end_half is None:
        return replace(
            draft, start=told.start, end=told.start, start_half=told.start_half, end_half=told.start_half, half_day=True
        )
    if told.days is not None and told.end is None:
        first = told.start_half or Half.AM
        end, end_half = end_after(calendar, told.start, first, told.days)
        return replace(draft, start=told.start, start_half=first, end=end, end_half=end_half)
    end = told.end or told.start
    one_half = told.end is None and told.start_half is not None and told.end_half is None
    last = told.start_half if one_half else told.end_half
    return replace(draft, start=told.start, start_half=told.start_half or Half.AM, end=end, end_half=last or Half.PM)
