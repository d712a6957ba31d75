"""What an event is made of (A/0250, A/0252), and what the calendar calls share."""

from dataclasses import replace

from sandbox.operation import Error, Field
from sandbox.world.recurrence import INDEXES, WEEKDAYS

WRITE, READ, BUSY = "Calendar.Event.Write", "Calendar.Event.Read", "Calendar.EventSchedule.Read"
INVALID = Error("invalidParameter", "参数异常")
NOT_FOUND = Error("itemNotFound", "无法找到指定日程", status=404)
PROCESSING = Error("idempotencyProcessing", "幂等请求处理中")
PATH = "/v1.0/calendar/users/{userId}/calendars/{calendarId}/events"
USER = Field("userId", required=True, where="path")
CALENDAR = Field("calendarId", required=True, where="path", choices=("primary",))
EVENT_ID = Field("eventId", required=True, where="path")
TOKEN = Field("x-client-token", where="header")
MOST_ATTENDEES = 500


def with_code(*fields: Field, code: str = "invalidParameter") -> tuple[Field, ...]:
    """Give fields the one code their call has, nested ones as well."""
    return tuple(
        replace(one, missing=code, bad=code, over=code, fields=with_code(*one.fields, code=code)) for one in fields
    )


_MOMENT = (Field("date", shape="date"), Field("dateTime", shape="instant"), Field("timeZone"))
_PATTERN = (
    Field(
        "type", required=True,
        choices=("daily", "weekly", "absoluteMonthly", "relativeMonthly", "absoluteYearly"),
    ),
    Field("dayOfMonth", "int", least=1, most=31, unit="value"), Field("daysOfWeek"),
    Field("index", choices=INDEXES), Field("interval", "int", least=1, most=365, unit="value", default=1),
    Field("firstDayOfWeek", choices=WEEKDAYS),
)  # fmt: skip
_RANGE = (
    Field("type", required=True, choices=("noEnd", "endDate", "numbered")), Field("endDate"),
    Field("numberOfOccurrences", "int", least=1, most=99, unit="value"),
)  # fmt: skip
ATTENDEE = (Field("id", required=True), Field("isOptional", "bool"))
_SHARED = (
    Field("isAllDay", "bool"),
    Field(
        "recurrence", "object",
        fields=(
            Field("pattern", "object", required=True, fields=_PATTERN),
            Field("range", "object", required=True, fields=_RANGE),
        ),
    ),
    Field("location", "object", fields=(Field("displayName"),)),
    Field(
        "reminders", "objects",
        fields=(
            Field("method", required=True, choices=("dingtalk",)),
            Field("minutes", "int", required=True, least=0, unit="value"),
        ),
    ),
    Field("onlineMeetingInfo", "object", fields=(Field("type", choices=("dingtalk",)),)),
    Field("extra", "texts"),
    Field(
        "uiConfigs", "objects",
        fields=(
            Field(
                "uiName",
                choices=("updateEventButton", "deleteEventButton", "transferEventButton", "attendee", "comment"),
            ),
            Field("uiStatus", choices=("hide", "disable", "enable")),
        ),
    ),
    Field("richTextDescription", "object", fields=(Field("text"),)),
)  # fmt: skip
CREATED = with_code(
    USER, CALENDAR, TOKEN, Field("summary", required=True, most=2048), Field("description", most=5000),
    Field("start", "object", required=True, fields=_MOMENT), Field("end", "object", required=True, fields=_MOMENT),
    Field("attendees", "objects", most=MOST_ATTENDEES, unit="items", fields=ATTENDEE), *_SHARED,
)  # fmt: skip
CHANGED = with_code(
    USER, CALENDAR, EVENT_ID, TOKEN, Field("id", required=True), Field("summary", most=2048),
    Field("description", most=5000), Field("start", "object", fields=_MOMENT), Field("end", "object", fields=_MOMENT),
    Field("attendees", "objects", most=MOST_ATTENDEES, unit="items", fields=(*ATTENDEE, Field("email"))), *_SHARED,
)  # fmt: skip
