"""Calendars: events made once per client token, repeated ones, and who is busy."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from sandbox.world import CHINA, World
from sandbox.world.recurrence import Recurrence, starts
from tests.sandbox.client import Answer, Line, Robot

LIN, WANG, LI = "union-lin", "union-wang", "union-li"
START = {"dateTime": "2026-11-25T10:00:00+08:00", "timeZone": "Asia/Shanghai"}
END = {"dateTime": "2026-11-25T11:30:00+08:00", "timeZone": "Asia/Shanghai"}
DAILY = {"pattern": {"type": "daily", "interval": 1}, "range": {"type": "noEnd"}}


def _path(unionid: str = LIN, rest: str = "") -> str:
    return f"/v1.0/calendar/users/{unionid}/calendars/primary/events{rest}"


async def _call(robot: Robot, method: str, path: str, body: Any = None, token: str = "", **params: Any) -> Answer:
    robot.token = robot.token or robot.sandbox.world.tokens.issue()
    headers = {"x-acs-dingtalk-access-token": robot.token, **({"x-client-token": token} if token else {})}
    return await robot.call(method, path, body, headers=headers, params=params)


async def _create(robot: Robot, token: str = "", unionid: str = LIN, **more: Any) -> Answer:
    body = {"summary": "林晓请年假", "start": START, "end": END, **more}
    return await _call(robot, "POST", _path(unionid), body, token)


async def _created(robot: Robot, **more: Any) -> dict[str, Any]:
    answer = await _create(robot, **more)
    assert answer.status == 200, answer
    event: dict[str, Any] = answer.body
    return event


async def _listed(robot: Robot, unionid: str = LIN, view: bool = False, **params: Any) -> list[dict[str, Any]]:
    """Read to the last page."""
    path = _path(unionid).replace("/events", "/eventsview") if view else _path(unionid)
    found: list[dict[str, Any]] = []
    while True:
        answer = await _call(robot, "GET", path, **params)
        assert answer.status == 200, answer
        found += answer.body["events"]
        if "nextToken" not in answer.body:
            return found
        params["nextToken"] = answer.body["nextToken"]


async def _event(line: Line) -> Any:
    frame = await line.frame()
    await line.ack(frame, {"status": "SUCCESS"})
    assert frame.headers["eventType"] == "calendar_event_change"
    return frame.data


async def test_an_event_is_made_and_read(robot: Robot) -> None:
    more = {
        "description": "全天不在", "attendees": [{"id": WANG}, {"id": LI, "isOptional": True}],
        "location": {"displayName": "杭州"}, "reminders": [{"method": "dingtalk", "minutes": 30}],
        "onlineMeetingInfo": {"type": "dingtalk"}, "extra": {"noChatNotification": "true"},
        "richTextDescription": {"text": "<p>x</p>"}, "uiConfigs": [{"uiName": "comment", "uiStatus": "hide"}],
    }  # fmt: skip
    made = await _created(robot, **more)
    meeting = made.pop("onlineMeetingInfo")
    assert meeting == {"type": "dingtalk", "conferenceId": meeting["conferenceId"], "url": meeting["url"]}
    wang = {"id": WANG, "displayName": "王磊", "responseStatus": "needsAction", "self": False, "isOptional": False}
    li = {"id": LI, "displayName": "李静", "responseStatus": "needsAction", "self": False, "isOptional": True}
    assert made == {
        "id": made["id"], "summary": "林晓请年假", "description": "全天不在", "start": START, "end": END,
        "isAllDay": False, "attendees": [wang, li],
        "organizer": {"id": LIN, "displayName": "林晓", "responseStatus": "accepted", "self": True},
        "location": {"displayName": "杭州"}, "reminders": [{"method": "dingtalk", "minutes": "30"}],
        "createTime": "2026-11-24T08:55:00+08:00", "updateTime": "2026-11-24T08:55:00+08:00",
        "richTextDescription": {"text": "<p>x</p>"}, "uiConfigs": [{"uiName": "comment", "uiStatus": "hide"}],
    }  # fmt: skip
    read = (await _call(robot, "GET", _path(WANG, f"/{made['id']}"), maxAttendees=1)).body
    assert (read["status"], read["organizer"]["self"], read["attendees"]) == (
        "confirmed", False, [{**wang, "self": True}],
    )  # fmt: skip
    for unionid in ("union-chen", "nobody"):
        answer = await _call(robot, "GET", _path(unionid, f"/{made['id']}"))
        assert (answer.status, answer.code) == (404, "itemNotFound")


async def test_a_whole_day_has_dates_and_is_announced_the_day_before(robot: Robot) -> None:
    made = await _created(robot, start={"date": "2026-11-26"}, end={"date": "2026-11-27"}, isAllDay=True)
    assert (made["start"], made["end"], made["isAllDay"]) == ({"date": "2026-11-26"}, {"date": "2026-11-27"}, True)
    assert made["reminders"] == [{"method": "dingtalk", "minutes": "900"}]
    assert (await _created(robot))["reminders"] == [{"method": "dingtalk", "minutes": "15"}]
    assert (await _created(robot, reminders=[]))["reminders"] == []


@pytest.mark.parametrize(
    "more",
    [
        {"summary": ""},
        {"summary": "长" * 2049},
        {"description": "长" * 5001},
        {"start": None},
        {"end": None},
        {"start": {"date": "2026-11-25"}},
        {"start": {**START, "date": "2026-11-25"}},
        {"start": {"dateTime": START["dateTime"]}},
        {"start": {**START, "dateTime": "2026-11-25 10:00"}},
        {"start": {**START, "timeZone": "Asia/Beijing"}},
        {"end": {**END, "timeZone": "Asia/Tokyo"}},
        {"end": {**END, "dateTime": "2026-11-25T09:00:00+08:00"}},
        {"isAllDay": True},
        {"isAllDay": True, "start": {"date": "2026-11-25"}, "end": {"date": "2026-11-25"}},
        {"isAllDay": "yes"},
        {"attendees": [{"id": WANG}] * 501},
        {"attendees": [{"isOptional": True}]},
        {"reminders": [{"method": "sms", "minutes": 5}]},
        {"reminders": [{"method": "dingtalk", "minutes": "soon"}]},
        {"extra": {"noChatNotification": True}},
        {"recurrence": {"pattern": {"type": "hourly"}, "range": {"type": "noEnd"}}},
        {"recurrence": {"pattern": {"type": "daily", "interval": 366}, "range": {"type": "noEnd"}}},
        {"recurrence": {"pattern": {"type": "daily"}, "range": {"type": "numbered", "numberOfOccurrences": 100}}},
        {"recurrence": {"pattern": {"type": "daily"}, "range": {"type": "numbered"}}},
        {"recurrence": {"pattern": {"type": "daily"},
                        "range": {"type": "endDate", "endDate": "2026-12-01", "numberOfOccurrences": 3}}},
        {"recurrence": {"pattern": {"type": "daily"}, "range": {"type": "endDate", "endDate": "soon"}}},
        {"recurrence": {"pattern": {"type": "weekly", "daysOfWeek": "Monday"}, "range": {"type": "noEnd"}}},
        {"recurrence": {"pattern": {"type": "relativeMonthly", "index": "fifth"}, "range": {"type": "noEnd"}}},
    ],
)  # fmt: skip
async def test_an_event_that_cannot_be_is_refused(robot: Robot, world: World, more: dict[str, Any]) -> None:
    answer = await _create(robot, **more)
    assert (answer.status, answer.code) == (400, "invalidParameter"), answer
    assert world.calendars.events == {}


async def test_only_the_primary_calendar_and_people_in_the_scope(robot: Robot, world: World) -> None:
    other = f"/v1.0/calendar/users/{LIN}/calendars/other/events"
    body = {"summary": "x", "start": START, "end": END}
    assert (await _call(robot, "POST", other, body)).code == "invalidParameter"
    assert (await _create(robot, unionid="nobody")).code == "permissionDeny"
    assert (await _create(robot, attendees=[{"id": "nobody"}])).code == "permissionDeny"
    world.app.departments = {300}
    assert (await _create(robot)).code == "permissionDeny"


async def test_a_client_token_makes_one_event_for_a_day(robot: Robot, world: World) -> None:
    first = await _create(robot, "token-1")
    again = await _create(robot, "token-1", summary="另一个")
    assert again.body == first.body
    assert (await _create(robot, "token-2")).body["id"] != first.body["id"]
    assert len(world.calendars.events) == 2
    world.calendars.running.add("calendar.create token-3")
    assert (await _create(robot, "token-3")).code == "idempotencyProcessing"
    query = await _call(
        robot, "POST", _path(), {"summary": "x", "start": START, "end": END}, **{"x-client-token": "token-1"}
    )
    assert query.body["id"] not in {first.body["id"]}  # a token in the query is none
    world.clock.advance(timedelta(days=1))
    robot.token = ""
    assert (await _create(robot, "token-1")).body["id"] != first.body["id"]


async def test_a_person_gets_a_hundred_events_a_day(robot: Robot, world: World) -> None:
    world.calendars.made[f"{LIN} 2026-11-24"] = 99
    await _created(robot, token="one")
    answer = await _create(robot)
    assert (answer.status, answer.code) == (400, "flowLimit")
    assert (await _create(robot, "one")).status == 200  # the same call again is none
    assert (await _create(robot, unionid=WANG)).status == 200
    world.clock.advance(timedelta(days=1))
    robot.token = ""
    assert (await _create(robot)).status == 200


async def test_each_change_is_pushed_and_seen(robot: Robot, world: World) -> None:
    line, now = await robot.connect(), world.clock.ms()
    made = await _created(robot, attendees=[{"id": WANG}])
    told = await _event(line)
    assert told == {
        "calendarEventId": made["id"], "calendarEventUpdateTime": now, "calendarId": "primary",
        "unionIdList": [LIN, WANG], "changeType": "create", "operator": {"type": "user"},
        "legacyCalendarEventId": told["legacyCalendarEventId"],
    }  # fmt: skip
    event = f"/{made['id']}"
    later = {"dateTime": "2026-11-25T12:00:00+08:00", "timeZone": "Asia/Shanghai"}
    change = {"id": made["id"], "summary": "改到下午", "end": later, "location": {"displayName": "上海"}}
    changed = await _call(robot, "PUT", _path(rest=event), change)
    assert (changed.body["summary"], changed.body["end"], changed.body["start"]) == ("改到下午", later, START)
    assert (await _event(line))["changeType"] == "update"
    accepted = {"responseStatus": "accepted"}
    assert (await _call(robot, "POST", _path(WANG, f"{event}/respond"), accepted)).body == {}
    await _event(line)
    add = {"attendeesToAdd": [{"id": LI}, {"id": WANG}], "chatNotification": False}
    assert (await _call(robot, "POST", _path(rest=f"{event}/attendees"), add)).body == {}
    assert (await _event(line))["unionIdList"] == [LIN, WANG, LI]
    people = (await _call(robot, "GET", _path(rest=f"{event}/attendees"), maxResults=1)).body
    assert (people["attendees"][0]["responseStatus"], people["nextToken"]) == ("accepted", "1")
    rest = (await _call(robot, "GET", _path(rest=f"{event}/attendees"), nextToken="1")).body
    assert ([one["id"] for one in rest["attendees"]], "nextToken" in rest) == ([LI], False)
    remove = {"attendeesToRemove": [{"id": LI}]}
    assert (await _call(robot, "POST", _path(rest=f"{event}/attendees/batchRemove"), remove)).body == {}
    assert LI in (await _event(line))["unionIdList"]
    assert (await _call(robot, "DELETE", _path(WANG, event))).body == {}
    gone = await _event(line)
    assert (gone["changeType"], gone["unionIdList"]) == ("delete", [WANG])
    assert (await _call(robot, "GET", _path(WANG, event))).code == "itemNotFound"
    assert (await _call(robot, "GET", _path(rest=event))).status == 200
    assert (await _call(robot, "DELETE", _path(rest=event), pushNotification="true")).status == 200
    assert (await _event(line))["unionIdList"] == [LIN, WANG]
    answer = await _call(robot, "GET", _path(rest=event))
    assert (answer.status, answer.code) == (404, "instanceNotExist")
    assert world.meter.pushes == 7


@pytest.mark.parametrize(
    ("method", "rest", "unionid", "body", "code"),
    [
        ("PUT", "", WANG, {"summary": "x"}, "invalidParameter"),
        ("PUT", "", LIN, {"summary": "长" * 2049}, "invalidParameter"),
        ("PUT", "", LIN, {"id": "other"}, "invalidParameter"),
        ("PUT", "", LIN, {"id": ""}, "invalidParameter"),
        ("PUT", "", LIN, {"isAllDay": True}, "invalidParameter"),
        ("PUT", "", "union-chen", {}, "itemNotFound"),
        ("POST", "/attendees", LIN, {}, "invalidParameter"),
        ("POST", "/attendees", LIN, {"attendeesToAdd": [{"id": WANG}] * 501}, "invalidParameter"),
        ("POST", "/attendees", WANG, {"attendeesToAdd": [{"id": LI}]}, "invalidParameter"),
        ("POST", "/attendees", LIN, {"attendeesToAdd": [{"id": "nobody"}]}, "invalidParameter"),
        ("POST", "/attendees/batchRemove", LIN, {"attendeesToRemove": [{"id": WANG}] * 501}, "invalidParameter"),
        ("POST", "/respond", WANG, {"responseStatus": "ACCEPTED"}, "invalidParameter"),
        ("POST", "/respond", LIN, {"responseStatus": "accepted"}, "invalidParameter"),
    ],
)
async def test_a_wrong_change_is_refused(
    robot: Robot, method: str, rest: str, unionid: str, body: dict[str, Any], code: str
) -> None:
    made = await _created(robot, attendees=[{"id": WANG}])
    whole = {"id": made["id"], **body} if method == "PUT" else body
    assert (await _call(robot, method, _path(unionid, f"/{made['id']}{rest}"), whole)).code == code


async def test_events_are_listed_by_window_and_page(robot: Robot, world: World) -> None:
    world.app.calls_per_second = 1000
    for day in range(1, 29):
        moments = {
            name: {"dateTime": f"2026-12-{day:02d}T{hour}:00:00+08:00", "timeZone": "Asia/Shanghai"}
            for name, hour in (("start", "10"), ("end", "11"))
        }
        await _created(robot, summary=str(day), **moments)
    assert [one["summary"] for one in await _listed(robot, maxResults=10)] == [str(day) for day in range(1, 29)]
    window: dict[str, Any] = {"timeMin": "2026-12-05T00:00:00+08:00", "timeMax": "2026-12-07T00:00:00+08:00"}
    assert [one["summary"] for one in await _listed(robot, **window)] == ["5", "6"]
    assert await _listed(robot, WANG) == []
    assert await _listed(robot, seriesMasterId="none") == []
    for params in (
        {"maxResults": 101},
        {"maxAttendees": 101},
        {"nextToken": "x"},
        {"syncToken": "x"},
        {"timeMin": "2026-12-05"},
        {"timeMin": "2025-12-05T00:00:00Z", "timeMax": "2026-12-07T00:00:00Z"},
    ):
        assert (await _call(robot, "GET", _path(), **params)).code == "invalidParameter", params


async def test_a_sync_token_brings_what_changed_since(robot: Robot) -> None:
    first, second = await _created(robot, summary="一"), await _created(robot, summary="二")
    whole = (await _call(robot, "GET", _path())).body
    later = (await _call(robot, "GET", _path(), syncToken=whole["syncToken"])).body
    assert later["events"] == []
    await _call(robot, "DELETE", _path(rest=f"/{first['id']}"))
    later = (await _call(robot, "GET", _path(), syncToken=whole["syncToken"])).body
    assert [(one["id"], one["status"]) for one in later["events"]] == [(first["id"], "cancelled")]
    assert [one["id"] for one in await _listed(robot)] == [second["id"]]
    assert len(await _listed(robot, showDeleted="true")) == 2
    assert len(await _listed(robot, showDeleted="True")) == 2  # as the official client writes it
    assert "syncToken" not in (await _call(robot, "GET", _path(), timeMax="2027-01-01T00:00:00Z")).body


async def test_a_repeated_event_is_spread_out_by_the_view_and_listed_so_far(robot: Robot, world: World) -> None:
    made = await _created(robot, recurrence=DAILY)
    assert made["recurrence"]["pattern"] == {"type": "daily", "interval": 1, "firstDayOfWeek": "sunday"}
    world.clock.advance(timedelta(days=3))
    robot.token = ""
    assert [one["start"]["dateTime"][:10] for one in await _listed(robot)] == ["2026-11-25", "2026-11-26"]
    window: dict[str, Any] = {"timeMin": "2026-11-26T11:30:00+08:00", "timeMax": "2026-11-29T00:00:00+08:00"}
    seen = await _listed(robot, view=True, maxResults=2, **window)
    assert [one["start"]["dateTime"][:10] for one in seen] == ["2026-11-26", "2026-11-27", "2026-11-28"]
    assert {one["seriesMasterId"] for one in seen} == {made["id"]}
    assert not any("reminders" in one for one in seen)
    assert seen[0]["originStart"] == {"dateTime": "2026-11-25T02:00:00Z"}
    one = (await _call(robot, "GET", _path(rest=f"/{seen[1]['id']}"))).body
    assert one["start"] == seen[1]["start"]
    missing = await _call(robot, "GET", _path(rest=f"/{made['id']}_20200101T000000Z"))
    assert missing.code == "instanceNotExist"


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        (Recurrence("daily", 2, range_type="numbered", number=3), ["11-25", "11-27", "11-29"]),
        (Recurrence("weekly", 1, days=(0, 2)), ["11-25", "11-30", "12-02", "12-07"]),
        (Recurrence("weekly", 2, days=(6,)), ["12-06", "12-20"]),
        (Recurrence("weekly", 2, days=(6,), week_begins=0), ["11-29", "12-13"]),
        (Recurrence("absoluteMonthly", 1, day_of_month=31), ["12-31", "01-31", "03-31"]),
        (Recurrence("relativeMonthly", 1, days=(4,), index="last"), ["11-27", "12-25", "01-29"]),
        (Recurrence("relativeMonthly", 1, days=(0,), index="first"), ["12-07", "01-04"]),
        (Recurrence("absoluteYearly", 1), ["11-25", "11-25"]),
        (
            Recurrence("daily", 1, range_type="endDate", end=datetime(2026, 11, 26, 10, tzinfo=CHINA)),
            ["11-25", "11-26"],
        ),
        (Recurrence("absoluteMonthly", 12, day_of_month=31), []),
    ],
)
def test_a_rule_names_its_days(rule: Recurrence, days: list[str]) -> None:
    first = datetime(2026, 11, 25, 10, tzinfo=CHINA)
    found = [f"{one:%m-%d}" for one in starts(rule, first, datetime(2028, 1, 1, tzinfo=CHINA))]
    assert found[: len(days)] == days
    if rule.range_type != "noEnd" or not days:
        assert found == days
    assert date(2026, 11, 25).weekday() == 2


async def test_who_is_busy_is_told_for_twenty_at_once(robot: Robot) -> None:
    made = await _created(robot, attendees=[{"id": WANG}, {"id": LI}])
    await _created(robot, start={"date": "2026-11-26"}, end={"date": "2026-11-27"}, isAllDay=True)
    event = f"/{made['id']}"
    await _call(robot, "POST", _path(WANG, f"{event}/respond"), {"responseStatus": "tentative"})
    await _call(robot, "POST", _path(LI, f"{event}/respond"), {"responseStatus": "declined"})
    path = f"/v1.0/calendar/users/{LIN}/querySchedule"
    span = {"startTime": "2026-11-25T00:00:00+08:00", "endTime": "2026-11-27T00:00:00+08:00"}
    answer = await _call(robot, "POST", path, {"userIds": [LIN, WANG, LI, "nobody"], **span})
    item = {"start": START, "end": END}
    whole = {
        "status": "BUSY",
        "start": {"date": "2026-11-26", "timeZone": "UTC"},
        "end": {"date": "2026-11-27", "timeZone": "UTC"},
    }
    assert answer.body["scheduleInformation"] == [
        {"userId": LIN, "scheduleItems": [{"status": "BUSY", **item}, whole]},
        {"userId": WANG, "scheduleItems": [{"status": "TENTATIVE", **item}]},
        {"userId": LI, "scheduleItems": []},
        {"userId": "nobody", "error": "无权限", "scheduleItems": []},
    ]
    for body in (
        {**span, "userIds": [LIN] * 21},
        {**span, "userIds": []},
        {**span, "userIds": LIN},
        {"userIds": [LIN], "startTime": span["endTime"], "endTime": span["startTime"]},
        {"userIds": [LIN], **span, "startTime": "2026-11-25"},
    ):
        assert (await _call(robot, "POST", path, body)).code == "paramIllegal", body


async def test_each_permission_is_its_own(robot: Robot, world: World) -> None:
    world.app.scopes -= {"Calendar.Event.Write", "Calendar.EventSchedule.Read"}
    assert (await _create(robot)).body["accessdenieddetail"] == {"requiredScopes": ["Calendar.Event.Write"]}
    assert (await _call(robot, "POST", f"/v1.0/calendar/users/{LIN}/querySchedule", {})).status == 403
    assert await _listed(robot) == []


async def test_a_tester_sees_a_persons_calendar(robot: Robot) -> None:
    made = await _created(robot, attendees=[{"id": WANG}])
    assert [one["id"] for one in (await robot.call("GET", "/sandbox/calendar", params={"user": "wang"})).body] == [
        made["id"]
    ]
    assert (await robot.call("GET", "/sandbox/calendar", params={"user": "li"})).body == []
    assert len((await robot.call("GET", "/sandbox/calendar")).body) == 1
