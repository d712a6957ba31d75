"""Lists: events (A/0254), the view with repeated ones spread out (A/0255), who is busy (A/0260)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.calendar import shapes
from sandbox.calendar.fields import BUSY, CALENDAR, INVALID, PATH, READ, USER, with_code
from sandbox.call import Call
from sandbox.contacts.scope import sees_user
from sandbox.operation import Error, Family, Field, Operation
from sandbox.world.calendars import Event, Moment

_YEAR = timedelta(days=366)
_FAR = datetime(2100, 1, 1, tzinfo=UTC)
_SYNC = "sync-"


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _window(call: Call) -> tuple[datetime | None, datetime | None]:
    begin, end = _instant(call["timeMin"]), _instant(call["timeMax"])
    if begin and end and not timedelta() <= end - begin <= _YEAR:
        raise shapes.invalid(call, "timeMin and timeMax are a year apart at most")
    return begin, end


def _mine(call: Call) -> list[Event]:
    shapes.person(call, call["userId"])
    return [one for one in call.world.calendars.events.values() if one.concerns(call["userId"])]


def _offset(call: Call) -> int:
    token = call["nextToken"] or "0"
    if not token.isdigit():
        raise shapes.invalid(call, "nextToken is invalid")
    return int(token)


def _page(call: Call, found: list[tuple[datetime, Event]]) -> tuple[dict[str, Any], bool]:
    """Give one page of occurrences in the order of their beginnings, and whether it is the last."""
    begin, size = _offset(call), call["maxResults"]
    ordered = sorted(found, key=lambda pair: pair[0])
    events = [shapes.shown(call, event, most=call["maxAttendees"], begins=at) for at, event in ordered[begin:][:size]]
    for event in events:
        event.pop("uiConfigs", None)  # neither page lists it, nor does the typed client
    more = begin + size < len(ordered)
    return {"events": events, **({"nextToken": str(begin + size)} if more else {})}, not more


async def _list(call: Call) -> Mapping[str, Any]:
    """A repeated event is listed as far as it has taken place; with syncToken what changed since, deleted or not."""
    begin, end = _window(call)
    now, since = call.world.clock.now(), _since(call)
    found = [
        (at, event)
        for event in _mine(call)
        if (since is None or event.version > since)
        and (not event.cancelled or call["showDeleted"] or since is not None)
        and call["seriesMasterId"] in {None, event.id if event.recurrence else None}
        for at, _ in event.occurrences(now if event.recurrence else _FAR)
        if (begin is None or at >= begin) and (end is None or at <= end)
    ]
    page, last = _page(call, found)
    return page | ({"syncToken": f"{_SYNC}{call.world.calendars.changes}"} if last and end is None else {})


def _since(call: Call) -> int | None:
    token = call["syncToken"]
    if not token:
        return None
    number = token.removeprefix(_SYNC)
    if not number.isdigit():
        raise shapes.invalid(call, "syncToken is invalid")
    return int(number)


async def _view(call: Call) -> Mapping[str, Any]:
    """What ends at timeMin or later and begins before timeMax; without timeMax a year is spread out."""
    begin, end = _window(call)
    until = end or min(begin or call.world.clock.now(), _FAR) + _YEAR
    found = [
        (at, event)
        for event in _mine(call)
        if not event.cancelled
        for at, over in event.occurrences(until)
        if begin is None or over >= begin
    ]
    page, _ = _page(call, found)
    for event in page["events"]:
        del event["reminders"]  # the view's page has none
    return page


async def _busy(call: Call) -> Mapping[str, Any]:
    begin, end = datetime.fromisoformat(call["startTime"]), datetime.fromisoformat(call["endTime"])
    if end < begin:
        raise call.fail("paramIllegal", "PARAM ILLEGAL")
    shapes.person(call, call["userId"], "paramIllegal")
    return {"scheduleInformation": [_schedule(call, one, begin, end) for one in call["userIds"]]}


def _schedule(call: Call, unionid: str, begin: datetime, end: datetime) -> dict[str, Any]:
    user = call.world.directory.by_unionid(unionid)
    if user is None or not sees_user(call, user):
        return {"userId": unionid, "error": "无权限", "scheduleItems": []}
    taken = sorted(
        (
            (at, over, event)
            for event in call.world.calendars.events.values()
            if event.concerns(unionid) and not event.cancelled and event.response(unionid) != "declined"
            for at, over in event.occurrences(end)
            if over > begin
        ),
        key=lambda item: item[0],
    )
    items = [
        {
            "status": "TENTATIVE" if event.response(unionid) == "tentative" else "BUSY",
            "start": _item(event.start.moved(at)), "end": _item(event.end.moved(over)),
        }
        for at, over, event in taken
    ]  # fmt: skip
    return {"userId": unionid, "scheduleItems": items}


def _item(one: Moment) -> dict[str, str]:
    if one.date:
        return {"date": one.date, "timeZone": "UTC"}
    return {"dateTime": one.date_time, "timeZone": "Asia/Shanghai"}


_PAGE = (
    Field("timeMin", shape="instant", where="query"), Field("timeMax", shape="instant", where="query"),
    Field("maxResults", "int", least=1, most=100, unit="value", where="query", default=100),
    Field("maxAttendees", "int", least=0, most=100, unit="value", where="query", default=100),
    Field("nextToken", where="query"),
)  # fmt: skip

OPERATIONS = (
    Operation(
        "calendar.list", "GET", PATH, Family.NEW, "查询日程列表", "A/0254", _list,
        with_code(
            USER, CALENDAR, *_PAGE, Field("showDeleted", "bool", where="query"), Field("syncToken", where="query"),
            Field("seriesMasterId", where="query"),
        ),
        READ, errors=(INVALID,), note="the order, by beginning, is assumed",
    ),
    Operation(
        "calendar.view", "GET", "/v1.0/calendar/users/{userId}/calendars/{calendarId}/eventsview", Family.NEW,
        "查询日程视图", "A/0255", _view, with_code(USER, CALENDAR, *_PAGE), READ, errors=(INVALID,),
        note="without timeMax one year is spread out (assumed)",
    ),
    Operation(
        "calendar.busy", "POST", "/v1.0/calendar/users/{userId}/querySchedule", Family.NEW, "获取用户忙闲信息",
        "A/0260", _busy,
        with_code(
            USER, Field("userIds", "strings", required=True, most=20, unit="items"),
            Field("startTime", required=True, shape="instant"), Field("endTime", required=True, shape="instant"),
            code="paramIllegal",
        ),
        BUSY, errors=(Error("paramIllegal", "参数异常"),), note="an invitation not yet answered is BUSY (assumed)",
    ),
)  # fmt: skip
