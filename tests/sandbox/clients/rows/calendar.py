"""Calendars (A/0250 ff)."""

from collections.abc import Mapping
from typing import Any

from tests.sandbox.clients.typed import Row, Typed

_LIN, _WANG = "union-lin", "union-wang"
_START = {"dateTime": "2026-11-25T10:00:00+08:00", "timeZone": "Asia/Shanghai"}
_END = {"dateTime": "2026-11-25T11:30:00+08:00", "timeZone": "Asia/Shanghai"}
_SPAN = {"timeMin": "2026-11-25T00:00:00+08:00", "timeMax": "2026-11-26T00:00:00+08:00"}
_OURS = {"userId": _LIN, "calendarId": "primary"}
_NEW = {
    **_OURS, "x-client-token": "leave-7", "summary": "林晓请年假", "description": "全天不在",
    "start": _START, "end": _END,
    "attendees": [{"id": _WANG, "isOptional": True}], "location": {"displayName": "杭州"}, "isAllDay": False,
    "reminders": [{"method": "dingtalk", "minutes": 30}], "onlineMeetingInfo": {"type": "dingtalk"},
    "extra": {"noChatNotification": "true"}, "uiConfigs": [{"uiName": "comment", "uiStatus": "hide"}],
    "richTextDescription": {"text": "<p>x</p>"},
}  # fmt: skip
_BEYOND = frozenset({"cardInstances", "categories", "freeBusyStatus"})
_WHY = "the pages don't list them"
_EVENT = {"id": str, "summary": "林晓请年假", "start": _START, "end": _END, "organizer": {"id": _LIN, "self": True}}


async def _made(it: Typed) -> Mapping[str, Any]:
    made = await it.call("calendar.create", **_NEW)
    return {**_OURS, "eventId": made.id}


async def _read(it: Typed) -> Mapping[str, Any]:
    return {**await _made(it), "maxAttendees": 10}


async def _change(it: Typed) -> Mapping[str, Any]:
    event = await _made(it)
    return {**event, "id": event["eventId"], "summary": "林晓请病假", "x-client-token": "leave-8"}


async def _delete(it: Typed) -> Mapping[str, Any]:
    return {**await _made(it), "pushNotification": True, "x-client-token": "leave-9"}


async def _list(it: Typed) -> Mapping[str, Any]:
    await _made(it)
    return {**_OURS, **_SPAN, "maxResults": 10, "maxAttendees": 10, "showDeleted": False}


async def _view(it: Typed) -> Mapping[str, Any]:
    await _made(it)
    return {**_OURS, **_SPAN, "maxResults": 10, "maxAttendees": 10}


async def _busy(it: Typed) -> Mapping[str, Any]:
    await _made(it)
    return {"userId": _LIN, "userIds": [_LIN], "startTime": _SPAN["timeMin"], "endTime": _SPAN["timeMax"]}


async def _invite(it: Typed) -> Mapping[str, Any]:
    more = {"attendeesToAdd": [{"id": "union-li", "isOptional": False}], "pushNotification": True}
    return {**await _made(it), **more, "x-client-token": "leave-10"}


async def _uninvite(it: Typed) -> Mapping[str, Any]:
    return {**await _made(it), "attendeesToRemove": [{"id": _WANG}], "x-client-token": "leave-11"}


async def _attendees(it: Typed) -> Mapping[str, Any]:
    return {**await _made(it), "maxResults": 10}


async def _respond(it: Typed) -> Mapping[str, Any]:
    return {**await _made(it), "userId": _WANG, "responseStatus": "accepted"}


ROWS = (
    Row("calendar.create", _NEW, _EVENT, beyond=_BEYOND | {"eventConfig"}, why=_WHY),
    Row("calendar.read", _read, {**_EVENT, "status": "confirmed"}),
    Row("calendar.change", _change, {"summary": "林晓请病假"}, beyond=_BEYOND, why=_WHY),
    Row("calendar.delete", _delete),
    Row("calendar.list", _list, {"events": [_EVENT]}),
    Row("calendar.view", _view, {"events": [_EVENT]}),
    Row("calendar.busy", _busy, {"scheduleInformation": [{"userId": _LIN, "scheduleItems": list}]}),
    Row("calendar.add_attendees", _invite),
    Row("calendar.remove_attendees", _uninvite),
    Row("calendar.attendees", _attendees, {"attendees": list}),
    Row("calendar.respond", _respond, beyond=frozenset({"x-client-token"}), why=_WHY),
)  # fmt: skip
