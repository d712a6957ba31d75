"""Events: create (A/0250), read (A/0253), change (A/0252), delete (A/0251); each change is pushed (E/0018)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sandbox.calendar import shapes
from sandbox.calendar.fields import (
    CALENDAR,
    CHANGED,
    CREATED,
    EVENT_ID,
    INVALID,
    NOT_FOUND,
    PATH,
    PROCESSING,
    READ,
    TOKEN,
    USER,
    WRITE,
    with_code,
)
from sandbox.call import Call
from sandbox.operation import Error, Family, Field, Handler, Operation
from sandbox.world.calendars import Event, Replay
from sandbox.world.flow import stamp

_A_DAY = 100
_KEPT = timedelta(days=1)
_NOT_OURS = "permissionDeny"
_TOO_MANY = Error("flowLimit", "每个用户每天限制创建100个日程")


def once(run: Handler) -> Handler:
    """Let calls with the same x-client-token be one call for a day: the second gets the first one's answer."""

    async def handle(call: Call) -> Mapping[str, Any]:
        calendars, now, token = call.world.calendars, call.world.clock.now(), call["x-client-token"]
        if not token:
            return await run(call)
        key = f"{call.operation.name} {token}"
        kept = calendars.replays.get(key)
        if kept is not None and now - kept.at < _KEPT:
            return kept.answer
        if key in calendars.running:
            raise call.fail(PROCESSING.code, "Idempotency processing")
        calendars.running.add(key)
        try:
            answer = dict(await run(call))
        finally:
            calendars.running.discard(key)
        calendars.replays[key] = Replay(now, answer)
        return answer

    return handle


async def changed(call: Call, event: Event, kind: str, people: list[str]) -> None:
    """Note a change and push it. Only `create` is printed; the other two are inferred from the call's names."""
    calendars, now = call.world.calendars, call.world.clock.now()
    calendars.touch(event, now)
    data = {
        "calendarEventId": event.id, "calendarEventUpdateTime": stamp(now), "calendarId": "primary",
        "unionIdList": people, "changeType": kind, "operator": {"type": "user"},
        "legacyCalendarEventId": event.legacy_id,
    }  # fmt: skip
    await call.world.stream.event("calendar_event_change", data)


def found(call: Call, event_id: str) -> Event:
    """Give an event that stands in the calendar of the path's person."""
    event = call.world.calendars.events.get(event_id)
    if event is None or event.cancelled or not event.concerns(call["userId"]):
        raise call.fail(NOT_FOUND.code, NOT_FOUND.meaning)
    return event


def mine(call: Call) -> Event:
    """Give an event that the path's person organizes."""
    event = found(call, call["eventId"])
    if event.organizer != call["userId"]:
        raise call.fail(INVALID.code, "only the organizer can change an event")
    return event


async def _create(call: Call) -> Mapping[str, Any]:
    world, now = call.world, call.world.clock.now()
    organizer, all_day = shapes.person(call, call["userId"], _NOT_OURS), bool(call["isAllDay"])
    start, end = (shapes.moment(call, call[name], all_day=all_day) for name in ("start", "end"))
    shapes.check_span(call, start, end)
    rule = shapes.recurrence(call, call["recurrence"]) if call["recurrence"] else None
    invited = shapes.attendees(call, call["attendees"] or (), _NOT_OURS)
    day = f"{organizer} {now:%Y-%m-%d}"
    if world.calendars.made.get(day, 0) >= _A_DAY:
        raise call.fail(_TOO_MANY.code, "current user can not create events exceed 100 per day")
    world.calendars.made[day] = world.calendars.made.get(day, 0) + 1
    event = Event(
        world.ids.hex(32), world.ids.hex(24), organizer, call["summary"], start, end, now, now, 0,
        call["description"] or "", all_day, invited, shapes.reminders(call["reminders"], all_day=all_day),
        (call["location"] or {}).get("displayName") or "", rule,
        world.ids.uuid() if call["onlineMeetingInfo"] else "", (call["richTextDescription"] or {}).get("text") or "",
        call["uiConfigs"] or [],
    )  # fmt: skip
    world.calendars.events[event.id] = event
    await changed(call, event, "create", event.people)
    return shapes.shown(call, event, status=False)


async def _change(call: Call) -> Mapping[str, Any]:
    event = mine(call)
    if call["id"] != call["eventId"]:
        raise call.fail(INVALID.code, "id isn't the event's")
    before = event.people
    all_day = event.all_day if call["isAllDay"] is None else call["isAllDay"]
    start = shapes.moment(call, call["start"], all_day=all_day) if call["start"] else event.start
    end = shapes.moment(call, call["end"], all_day=all_day) if call["end"] else event.end
    if bool(start.date) is not all_day or bool(end.date) is not all_day:
        raise call.fail(INVALID.code, "start and end must fit isAllDay")
    shapes.check_span(call, start, end)
    rule = shapes.recurrence(call, call["recurrence"]) if call["recurrence"] else event.recurrence
    if call["attendees"] is not None:
        invited = shapes.attendees(call, call["attendees"])
        for one in invited:
            one.response = event.response(one.id)
        event.attendees = invited
    event.start, event.end, event.all_day, event.recurrence = start, end, all_day, rule
    event.summary = call["summary"] or event.summary
    event.description = call["description"] or event.description
    event.location = (call["location"] or {}).get("displayName") or event.location
    event.rich = (call["richTextDescription"] or {}).get("text") or event.rich
    event.ui = call["uiConfigs"] or event.ui
    if call["reminders"] is not None:
        event.reminders = shapes.reminders(call["reminders"], all_day=all_day)
    if call["onlineMeetingInfo"]:
        event.conference = call.world.ids.uuid()
    await changed(call, event, "update", list(dict.fromkeys([*before, *event.people])))
    return shapes.shown(call, event, status=False)


async def _delete(call: Call) -> Mapping[str, Any]:
    """The organizer ends it for all, an attendee takes it out of their own calendar."""
    event = found(call, call["eventId"])
    people = [call["userId"]]
    if event.organizer == call["userId"]:
        event.cancelled, people = True, event.people
    else:
        event.left.append(call["userId"])
    await changed(call, event, "delete", people)
    return {}


async def _read(call: Call) -> Mapping[str, Any]:
    """An occurrence of a repeated event has an id of its own; a deleted event has no instance any more."""
    event_id, _, occurrence = call["eventId"].partition("_")
    known = call.world.calendars.events.get(event_id)
    if known is not None and known.cancelled:
        raise call.fail("instanceNotExist", "instance not exist")
    event = found(call, event_id)
    if not occurrence:
        return shapes.shown(call, event, most=call["maxAttendees"])
    until = call.world.clock.now() + timedelta(days=3660)
    for begins, _ in event.occurrences(until):
        if shapes.occurrence_id(event, begins) == call["eventId"]:
            return shapes.shown(call, event, most=call["maxAttendees"], begins=begins)
    raise call.fail("instanceNotExist", "instance not exist")


OPERATIONS = (
    Operation(
        "calendar.create", "POST", PATH, Family.NEW, "创建日程", "A/0250", once(_create), CREATED, WRITE,
        errors=(INVALID, Error(_NOT_OURS, "用户不在授权范围内"), _TOO_MANY, PROCESSING),
        note="`end` is called optional by its table and mandatory by its errors: mandatory here",
    ),
    Operation(
        "calendar.read", "GET", f"{PATH}/{{eventId}}", Family.NEW, "查询单个日程详情", "A/0253", _read,
        with_code(
            USER, CALENDAR, EVENT_ID,
            Field("maxAttendees", "int", least=0, most=500, unit="value", where="query", default=100),
        ),
        READ, errors=(INVALID, NOT_FOUND, Error("instanceNotExist", "循环日程实例不存在", status=404)),
    ),
    Operation(
        "calendar.change", "PUT", f"{PATH}/{{eventId}}", Family.NEW, "修改日程", "A/0252", once(_change), CHANGED,
        WRITE, errors=(INVALID, NOT_FOUND, PROCESSING),
        note="attendees that are given replace the list (assumed); somebody else's event is invalidParameter (assumed)",
    ),
    Operation(
        "calendar.delete", "DELETE", f"{PATH}/{{eventId}}", Family.NEW, "删除日程", "A/0251", once(_delete),
        with_code(USER, CALENDAR, EVENT_ID, TOKEN, Field("pushNotification", "bool", where="query")), WRITE,
        errors=(INVALID, NOT_FOUND, PROCESSING),
    ),
)  # fmt: skip
