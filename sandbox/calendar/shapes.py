"""Events read from calls and shown in answers."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import available_timezones

from sandbox.calendar.fields import INVALID
from sandbox.call import Call
from sandbox.contacts.scope import sees_user
from sandbox.world.calendars import Attendee, Event, Moment
from sandbox.world.clock import CHINA
from sandbox.world.recurrence import WEEKDAYS, Recurrence

_ZONES = available_timezones()
_ZONE = re.compile(r"[A-Za-z_]+(/[A-Za-z_+\-0-9]+)+|UTC")
_BEFORE, _BEFORE_A_DAY = 15, 15 * 60  # minutes: a whole day is announced at nine the day before (A/0252)


def invalid(call: Call, words: str) -> Exception:
    """Refuse what doesn't fit together."""
    return call.fail(INVALID.code, words)


def person(call: Call, unionid: str, refusal: str = "invalidParameter") -> str:
    """Give the unionid of somebody whom the app may see."""
    found = call.world.directory.by_unionid(unionid)
    if found is None or not sees_user(call, found):
        raise call.fail(refusal, "用户不在授权范围内")
    return unionid


def moment(call: Call, read: Mapping[str, Any], *, all_day: bool) -> Moment:
    """Read a moment: a whole day has only its date, any other a time and its zone."""
    date, time, zone = read["date"] or "", read["dateTime"] or "", read["timeZone"] or ""
    if all_day and (not date or time or zone):
        raise invalid(call, "an all-day event has a date and neither dateTime nor timeZone")
    if not all_day and (date or not time or not zone):
        raise invalid(call, "an event that isn't all-day has dateTime and timeZone and no date")
    if zone and zone not in _ZONES and (_ZONES or not _ZONE.fullmatch(zone)):
        raise invalid(call, f"there is no time zone {zone}")
    return Moment(date, time, zone)


def check_span(call: Call, start: Moment, end: Moment) -> None:
    """Hold the end against the start; a whole day ends on the next."""
    if end.instant < start.instant or (start.date and end.date <= start.date):
        raise invalid(call, "the end must be after the start; all-day events end on the day after (T+1)")
    if end.zone != start.zone:
        raise invalid(call, "start and end must have the same timeZone")


def recurrence(call: Call, read: Mapping[str, Any]) -> Recurrence:
    """Read a rule."""
    pattern, span = read["pattern"], read["range"]
    names = [one.strip() for one in (pattern["daysOfWeek"] or "").split(",") if one.strip()]
    if any(one not in WEEKDAYS for one in names):
        raise invalid(call, "daysOfWeek are English weekdays in small letters, joined by commas")
    if span["endDate"] and span["numberOfOccurrences"]:
        raise invalid(call, "endDate and numberOfOccurrences can't both be set")
    if span["type"] == "numbered" and not span["numberOfOccurrences"]:
        raise invalid(call, "Recurrence range numberOfOccurrences must between [1, 99]")
    begins = pattern["firstDayOfWeek"] or "sunday"
    return Recurrence(
        pattern["type"], pattern["interval"], pattern["dayOfMonth"], tuple(WEEKDAYS.index(one) for one in names),
        pattern["index"] or "", WEEKDAYS.index(begins), span["type"], _end(call, span), span["numberOfOccurrences"],
    )  # fmt: skip


def _end(call: Call, span: Mapping[str, Any]) -> datetime | None:
    if span["type"] != "endDate":
        return None
    try:
        end = datetime.fromisoformat(span["endDate"] or "")
    except ValueError:
        raise invalid(call, "endDate is no date") from None
    return end if end.tzinfo else end.replace(tzinfo=CHINA)


def attendees(call: Call, read: Iterable[Mapping[str, Any]], refusal: str = "invalidParameter") -> list[Attendee]:
    """Read attendees, each once."""
    found = {one["id"]: Attendee(person(call, one["id"], refusal), bool(one["isOptional"])) for one in read}
    return list(found.values())


def reminders(read: Iterable[Mapping[str, Any]] | None, *, all_day: bool) -> list[dict[str, Any]]:
    """Read reminders: none is one before, an empty list is none."""
    if read is None:
        return [{"method": "dingtalk", "minutes": _BEFORE_A_DAY if all_day else _BEFORE}]
    return [{"method": one["method"], "minutes": one["minutes"]} for one in read]


def shown(
    call: Call, event: Event, *, most: int = 100, begins: datetime | None = None, status: bool = True
) -> dict[str, Any]:
    """Show an event to the person of the path; `begins` picks one occurrence of a repeated one."""
    start, end, more = event.start, event.end, dict[str, Any]()
    if begins is not None and event.recurrence is not None:
        start, end = start.moved(begins), end.moved(begins + (end.instant - start.instant))
        origin = f"{event.start.instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        more = {"seriesMasterId": event.id, "originStart": {"dateTime": origin}}
    told = {
        "description": event.description, "recurrence": _rule(event.recurrence),
        "location": {"displayName": event.location} if event.location else None,
        "onlineMeetingInfo": _meeting(event), "uiConfigs": event.ui,
        "richTextDescription": {"text": event.rich} if event.rich else None,
    }  # fmt: skip
    return {
        "id": occurrence_id(event, begins), "summary": event.summary, "start": _moment(start), "end": _moment(end),
        "isAllDay": event.all_day, "attendees": [attendee(call, event, one.id) for one in event.attendees[:most]],
        "organizer": _organizer(call, event),
        "reminders": [{"method": one["method"], "minutes": str(one["minutes"])} for one in event.reminders],
        "createTime": event.created.isoformat(timespec="seconds"),
        "updateTime": event.updated.isoformat(timespec="seconds"),
        **{name: one for name, one in told.items() if one}, **more,
        **({"status": "cancelled" if event.cancelled else "confirmed"} if status else {}),
    }  # fmt: skip


def occurrence_id(event: Event, begins: datetime | None) -> str:
    """Give the id of one occurrence of a repeated event: how DingTalk makes it isn't documented."""
    if begins is None or event.recurrence is None:
        return event.id
    return f"{event.id}_{begins.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _organizer(call: Call, event: Event) -> dict[str, Any]:
    shown = attendee(call, event, event.organizer)
    del shown["isOptional"]
    return shown


def attendee(call: Call, event: Event, unionid: str) -> dict[str, Any]:
    """Show somebody invited."""
    user = call.world.directory.by_unionid(unionid)
    optional = next((one.optional for one in event.attendees if one.id == unionid), False)
    return {
        "id": unionid, "displayName": user.name if user else "", "responseStatus": event.response(unionid),
        "self": unionid == call["userId"], "isOptional": optional,
    }  # fmt: skip


def _moment(one: Moment) -> dict[str, str]:
    return {"date": one.date} if one.date else {"dateTime": one.date_time, "timeZone": one.zone}


def _meeting(event: Event) -> dict[str, str] | None:
    if not event.conference:
        return None
    url = f"dingtalk://dingtalkclient/page/videoConfFromCalendar?confId={event.conference}"
    return {"type": "dingtalk", "conferenceId": event.conference, "url": url}


def _rule(rule: Recurrence | None) -> dict[str, Any] | None:
    if rule is None:
        return None
    pattern = {
        "type": rule.type, "interval": rule.interval, "dayOfMonth": rule.day_of_month, "index": rule.index,
        "daysOfWeek": ",".join(WEEKDAYS[day] for day in rule.days), "firstDayOfWeek": WEEKDAYS[rule.week_begins],
    }  # fmt: skip
    end = rule.end.isoformat(timespec="seconds") if rule.end else None
    span = {"type": rule.range_type, "endDate": end, "numberOfOccurrences": rule.number}
    return {
        "pattern": {name: one for name, one in pattern.items() if one not in (None, "")},
        "range": {name: one for name, one in span.items() if one is not None},
    }
