"""Attendees: add (A/0256), remove (A/0257), list (A/0259), answer (A/0258)."""

from collections.abc import Mapping
from typing import Any

from sandbox.calendar import shapes
from sandbox.calendar.events import changed, found, mine, once
from sandbox.calendar.fields import (
    ATTENDEE,
    CALENDAR,
    EVENT_ID,
    INVALID,
    MOST_ATTENDEES,
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
from sandbox.operation import Error, Family, Field, Operation

_MOST_OF_ALL = 5000


async def _add(call: Call) -> Mapping[str, Any]:
    event = mine(call)
    known = {one.id for one in event.attendees}
    fresh = [one for one in shapes.attendees(call, call["attendeesToAdd"]) if one.id not in known]
    if len(known) + len(fresh) > _MOST_OF_ALL:
        raise call.fail(INVALID.code, f"{_MOST_OF_ALL} attendees at most")
    event.attendees += fresh
    event.left = [one for one in event.left if one not in {each.id for each in fresh}]
    await changed(call, event, "update", event.people)
    return {}


async def _remove(call: Call) -> Mapping[str, Any]:
    event = mine(call)
    before, gone = event.people, {one["id"] for one in call["attendeesToRemove"] or ()}
    event.attendees = [one for one in event.attendees if one.id not in gone]
    await changed(call, event, "update", before)
    return {}


async def _list(call: Call) -> Mapping[str, Any]:
    event = found(call, call["eventId"])
    token, size = call["nextToken"] or "0", call["maxResults"]
    if not token.isdigit():
        raise call.fail(INVALID.code, "nextToken is invalid")
    begin = int(token)
    people = [shapes.attendee(call, event, one.id) for one in event.attendees[begin : begin + size]]
    more = begin + size < len(event.attendees)
    return {"attendees": people, **({"nextToken": str(begin + size)} if more else {})}


async def _respond(call: Call) -> Mapping[str, Any]:
    event = found(call, call["eventId"])
    me = next((one for one in event.attendees if one.id == call["userId"]), None)
    if me is None:
        raise call.fail(INVALID.code, "only an attendee answers")
    me.response = call["responseStatus"]
    await changed(call, event, "update", event.people)
    return {}


_PATH = f"{PATH}/{{eventId}}/attendees"
_EVENT = (USER, CALENDAR, EVENT_ID)

OPERATIONS = (
    Operation(
        "calendar.add_attendees", "POST", _PATH, Family.NEW, "添加日程参与者", "A/0256", once(_add),
        with_code(
            *_EVENT, TOKEN,
            Field(
                "attendeesToAdd", "objects", required=True, most=MOST_ATTENDEES, unit="items", fields=ATTENDEE
            ),
            Field("pushNotification", "bool"), Field("chatNotification", "bool"),
        ),
        WRITE, errors=(INVALID, NOT_FOUND, PROCESSING),
    ),
    Operation(
        "calendar.remove_attendees", "POST", f"{_PATH}/batchRemove", Family.NEW, "删除日程参与者", "A/0257",
        once(_remove),
        with_code(
            *_EVENT, TOKEN,
            Field("attendeesToRemove", "objects", most=MOST_ATTENDEES, unit="items", fields=(Field("id"),)),
        ),
        WRITE, errors=(INVALID, NOT_FOUND, PROCESSING),
    ),
    Operation(
        "calendar.attendees", "GET", _PATH, Family.NEW, "获取日程参与者", "A/0259", _list,
        with_code(
            *_EVENT,
            Field("maxResults", "int", least=1, most=500, unit="value", where="query", default=100),
            Field("nextToken", where="query"),
        ),
        READ, errors=(INVALID, Error(NOT_FOUND.code, NOT_FOUND.meaning, status=404)),
        note="an unknown event's code is assumed",
    ),
    Operation(
        "calendar.respond", "POST", f"{PATH}/{{eventId}}/respond", Family.NEW, "设置日程响应状态", "A/0258", _respond,
        with_code(
            *_EVENT,
            Field("responseStatus", required=True, choices=("needsAction", "accepted", "declined", "tentative")),
        ),
        WRITE, errors=(INVALID, NOT_FOUND),
    ),
)  # fmt: skip
