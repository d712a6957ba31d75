"""What the attendance calls share: who may operate, how long ago and how far apart times may be, how they are written.

All of them are counted. The old family's codes are rarely documented: where a page names none, general ones stand in.
"""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sandbox.call import Call
from sandbox.operation import Error, Family, Field, Handler, Operation
from sandbox.world import CHINA
from sandbox.world.attendance import AttendanceGroup
from sandbox.world.schedule import moment

DATA, BASE, SEE, RUN = (
    "qyapi_get_attendance_data", "qyapi_base", "qyapi_attendance_group_read", "qyapi_attendance_group_manage",
)  # fmt: skip
INVALID = Error(40035, "不合法的参数")
NOT_ADMIN = Error(400020, "无访问权限")
TOO_FAR = Error(41041, "时间跨度太大")
LATEST = 253_402_271_999_000
OPERATOR = Field("op_user_id", required=True)
MAY_OPERATE = Field("op_userid")


def ids(name: str, most: int) -> Field:
    """Give a mandatory text of ids with commas between."""
    return Field(name, "joined", required=True, most=most, unit="items")


def at(name: str) -> Field:
    """Give a mandatory time in milliseconds."""
    return Field(name, "int", required=True, least=0, most=LATEST, unit="value")


def offset_and_size(size: str, most: int, *, required: bool) -> tuple[Field, Field]:
    """Give the two of a page."""
    return (
        Field("offset", "int", required=required, least=0, unit="value", default=0),
        Field(size, "int", required=required, least=1, most=most, unit="value", default=most),
    )


def operator(call: Call, name: str = "op_user_id", group: AttendanceGroup | None = None) -> None:
    """Refuse who is neither an administrator nor in charge of the group (of any group, where none is meant)."""
    userid = call[name]
    user = call.world.directory.users.get(userid) if userid else None
    if userid is None and not next(one for one in call.operation.fields if one.name == name).required:
        return
    groups = [group] if group is not None else list(call.world.attendance.groups.values())
    in_charge = any(userid == one.owner or userid in one.managers for one in groups)
    if user is None or not (user.admin or in_charge):
        raise call.fail(NOT_ADMIN.code, NOT_ADMIN.meaning)


def span(call: Call, begin: datetime, end: datetime, *, days: int, back: int | None = None) -> Iterator[date]:
    """Give the days between; refuses a span or an age above the limit, and an end before the beginning."""
    if end < begin:
        raise call.fail(INVALID.code, "开始时间不能晚于结束时间")
    if end - begin > timedelta(days=days):
        raise call.fail(call.operation.errors[0].code, call.operation.errors[0].meaning)
    if back is not None and begin.date() < call.world.clock.now().date() - timedelta(days=back):
        raise call.fail(INVALID.code, f"不支持查询{back}天之前的数据")
    return (begin.date() + timedelta(days=one) for one in range((end.date() - begin.date()).days + 1))


def parsed(text: str | None) -> Any:
    """Read a text that was found to be JSON."""
    return json.loads(text) if text else None


def read_time(text: str) -> datetime:
    """Read a time, or a day's beginning, as China's."""
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def from_ms(value: int) -> datetime:
    """Read milliseconds."""
    return datetime.fromtimestamp(value / 1000, CHINA)


def to_ms(value: datetime) -> int:
    """Write milliseconds."""
    return int(value.timestamp() * 1000)


def day_ms(day: date) -> int:
    """Write a day as its midnight's milliseconds."""
    return to_ms(moment(day, "00:00"))


def written(value: datetime | date) -> str:
    """Write a time, or a day's midnight, as the old family has it."""
    if not isinstance(value, datetime):
        return f"{value} 00:00:00"
    return f"{value:%Y-%m-%d %H:%M:%S}"


def old(
    name: str, path: str, summary: str, page: str, run: Handler, fields: tuple[Field, ...], scope: str,
    *errors: Error, note: str = "",
) -> Operation:  # fmt: skip
    """Describe a call of the old family; the first of its errors is what too long a span is told."""
    declared = tuple({one.code: one for one in (*errors, INVALID, NOT_ADMIN)}.values())
    return Operation(
        f"attendance.{name}", "POST", path, Family.OLD, summary, page, run, fields, scope, note=note, errors=declared
    )


def new(
    name: str, method: str, path: str, summary: str, page: str, run: Handler, fields: tuple[Field, ...], scope: str,
    *errors: Error, note: str = "",
) -> Operation:  # fmt: skip
    """Describe a call of the new family."""
    return Operation(
        f"attendance.{name}", method, path, Family.NEW, summary, page, run, fields, scope, note=note, errors=errors
    )
