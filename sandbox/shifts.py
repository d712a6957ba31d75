"""The attendance groups, shifts and leave balances of the made-up companies."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time

from sandbox.world import CHINA, Department, User
from sandbox.world.attendance import Attendance, AttendanceGroup, Membership, Shift
from sandbox.world.vacation import LeaveType, Quota, Vacation

DAY_SHIFT, LATE_SHIFT = 677995001, 677995002
OFFICE, LATE, TURNS = 685935001, 685935002, 685935003
_LATE_DEPARTMENT = 601
_LONG_AGO = date(2000, 1, 1)
_YEARS = (2025, 2026, 2027)


def clocked(departments: Sequence[Department], users: Sequence[User]) -> Attendance:
    """Let everybody work from nine to six, customer service from one to ten; the third group plans by hand."""
    shifts = (
        Shift(DAY_SHIFT, "白班", "09:00", "18:00", 599315001, ["12:00", "13:00"], serious=30, absent=120),
        Shift(LATE_SHIFT, "晚班", "13:00", "22:00", 599315002, ["18:00", "19:00"], serious=30, absent=120),
    )
    groups = (
        _group(OFFICE, "行政考勤", "FIXED", [DAY_SHIFT], is_default=True),
        _group(LATE, "客服晚班", "FIXED", [LATE_SHIFT]),
        _group(TURNS, "轮班", "TURN", [DAY_SHIFT, LATE_SHIFT]),
    )
    memberships = [Membership(OFFICE, "dept", "1", _LONG_AGO)]
    if any(one.dept_id == _LATE_DEPARTMENT for one in departments):
        memberships.append(Membership(LATE, "dept", str(_LATE_DEPARTMENT), _LONG_AGO))
    return Attendance(
        {one.id: one for one in shifts}, {one.id: one for one in groups}, memberships, vacation=_vacation(users)
    )


def _group(group_id: int, name: str, kind: str, shift_ids: list[int], *, is_default: bool = False) -> AttendanceGroup:
    key = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest().upper()
    if kind == "TURN":
        return AttendanceGroup(group_id, key, name, "TURN", shift_ids, "li", ["admin"])
    week = [0, *(shift_ids * 5), 0]
    return AttendanceGroup(group_id, key, name, "FIXED", shift_ids, "li", ["admin"], week, is_default)


def _vacation(users: Sequence[User]) -> Vacation:
    types = (
        LeaveType(_code("年假"), "年假", "halfDay", validity_type="absolute_time", validity_value="12-31"),
        LeaveType(_code("事假"), "事假", "hour"),
        LeaveType(_code("病假"), "病假", "halfDay"),
        LeaveType(_code("调休"), "调休", "hour", "lieu_leave", validity_type="relative_time", validity_value="90"),
        LeaveType(_code("婚假"), "婚假", "day", natural_day=True),
        LeaveType(_code("产假"), "产假", "day", natural_day=True),
    )
    quotas = [quota for user in users for year in _YEARS for quota in _quotas(user, year)]
    return Vacation({one.code: one for one in types}, quotas)


def _quotas(user: User, year: int) -> Iterator[Quota]:
    """Give a year's annual leave by years of service, and eight hours in lieu."""
    start, end = (
        int(datetime.combine(day, clock, CHINA).timestamp() * 1000)
        for day, clock in ((date(year, 1, 1), time()), (date(year, 12, 31), time(23, 59, 59)))
    )
    served = (date(year, 1, 1) - user.hired).days // 365 if user.hired else 0
    days = 0 if served < 1 else 5 if served < 10 else 10 if served < 20 else 15
    for name, total in (("年假", days * 100), ("调休", 800)):
        yield Quota(_code(f"{name} {user.userid} {year}"), user.userid, _code(name), str(year), start, end, total)


def _code(name: str) -> str:
    digits = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
