"""The smart report: its columns, their values, leave (A/0215 ff, A/0230 f, A/0241 f)."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sandbox.attendance import guard
from sandbox.attendance.guard import BASE, DATA, SEE, day_ms, to_ms, written
from sandbox.call import Call
from sandbox.operation import Error, Field
from sandbox.world.attendance import Approval
from sandbox.world.durations import WORKDAYS, Stretch, computed
from sandbox.world.holidays import MAKEUP, OFF
from sandbox.world.results import Result, results
from sandbox.world.schedule import plans

_TOO_LONG = Error(850012, "from_time和to_time时间差超过了31天")
_NO_COLUMN = Error(850015, "系统异常，请稍后重试")
_COLUMNS = {
    129339038: ("应出勤天数", "should_attendance_days"),
    129339039: ("补卡次数", "making_up_lack_times"),
    129339040: ("出勤天数", "attendance_days"),
    129339041: ("迟到次数", "late_times"),
    129339042: ("迟到时长", "late_minute"),
    129339043: ("早退次数", "leave_early_times"),
    129339044: ("上班缺卡次数", "on_work_lack_card_times"),
    129339045: ("下班缺卡次数", "off_work_lack_card_times"),
    129339046: ("旷工天数", "absenteeism_days"),
}
_DUE, _RECENT = 129339038, timedelta(days=15)
_LATE = {"Late", "SeriousLate", "Absenteeism"}


async def _open(_: Call) -> Mapping[str, Any]:
    return {"result": {"smart_report": True}}


def _column(name: str, alias: str) -> dict[str, Any]:
    return {"name": name, "alias": alias, "type": 0, "sub_type": 0, "status": 0}


async def _columns(call: Call) -> Mapping[str, Any]:
    fixed = [
        {**_column(*names), "id": one, "expression_id": one + 1000} for one, names in _COLUMNS.items()
    ]  # fmt: skip
    leaves = [_column(one.name, "leave_") for one in call.world.attendance.vacation.types.values()]
    return {"result": {"columns": [*fixed, *leaves]}}


def _days(call: Call, *, back: int | None = None) -> list[date]:
    begin, end = guard.read_time(call["from_date"]), guard.read_time(call["to_date"])
    return list(guard.span(call, begin, end, days=31, back=back))


async def _values(call: Call) -> Mapping[str, Any]:
    if not all(one.isdigit() and int(one) in _COLUMNS for one in call["column_id_list"]):
        raise call.fail(_NO_COLUMN.code, _NO_COLUMN.meaning)
    days, userid = _days(call), call["userid"]
    if userid not in call.world.directory.users:
        return {"result": {"column_vals": []}}
    figures = {day: _figures(call, userid, day) for day in days}
    columns = [
        {
            "column_vo": {"id": column},
            "column_vals": [{"date": written(day), "value": str(float(figures[day][column]))} for day in days],
        }
        for column in (int(one) for one in call["column_id_list"])
    ]
    return {"result": {"column_vals": columns}}


def _figures(call: Call, userid: str, day: date) -> dict[int, float]:
    """Give a day's figures by column; a day that isn't over yet lacks nothing."""
    world, today = call.world, call.world.clock.now().date()
    found = results(world, plans(world, userid, day)) if day <= today else []
    missed = [one for one in found if one.time == "NotSigned"] if day < today else []
    absent = bool(missed) and len(missed) == len(found)
    late = [one for one in found if one.time in _LATE]
    lacks = [] if absent else [one.plan.check_type for one in missed]
    planned = any(one.shift_id for one in plans(world, userid, day))
    corrected = [one for one in found if one.approval is not None and not isinstance(one.approval, Approval)]
    values: Sequence[float] = (
        planned and day >= today - _RECENT,
        len(corrected),
        any(one.punch is not None or one in corrected for one in found),
        len(late),
        sum(_minutes(one) for one in late),
        sum(one.time == "Early" for one in found),
        lacks.count("OnDuty"),
        lacks.count("OffDuty"),
        absent,
    )
    return dict(zip(_COLUMNS, values, strict=True))


def _minutes(one: Result) -> int:
    return int((one.at.replace(second=0, microsecond=0) - one.plan.at) / timedelta(minutes=1))


def _leaves(call: Call, userid: str) -> list[Approval]:
    found = (one for one in call.world.attendance.approvals.values() if one.userid == userid and one.biz_type == 3)
    return sorted(found, key=lambda one: one.begin)


async def _leave_times(call: Call) -> Mapping[str, Any]:
    days, userid = _days(call, back=225), call["userid"]
    known = {one.name for one in call.world.attendance.vacation.types.values()}
    columns = []
    for name in (one for one in call["leave_names"] if one in known):
        taken = [one.details for one in _leaves(call, userid) if one.sub_type == name]
        values = [
            {"date": written(day), "value": str(float(sum(one.get(str(day), 0) for one in taken)))} for day in days
        ]
        columns.append({"columnvo": _column(name, "leave_"), "columnvals": values})
    return {"result": {"columns": columns if userid in call.world.directory.users else []}}


async def _leave_status(call: Call) -> Mapping[str, Any]:
    begin, end = guard.from_ms(call["start_time"]), guard.from_ms(call["end_time"])
    guard.span(call, begin, end, days=180)
    rows = [
        _status(one)
        for userid in call["userid_list"]
        for one in _leaves(call, userid)
        if one.begin <= end and begin <= one.end
    ]
    start, size = call["offset"], call["size"]
    page = {"has_more": start + size < len(rows), "leave_status": rows[start : start + size]}
    return {"success": True, "result": page}


def _status(one: Approval) -> dict[str, Any]:
    status = {
        "userid": one.userid,
        "start_time": to_ms(one.begin),
        "end_time": to_ms(one.end),
        "duration_unit": "percent_hour" if one.unit == "hour" else "percent_day",
        "duration_percent": round(one.duration * 100),
    }
    return status | ({"leave_code": one.leave_code} if one.leave_code else {})


async def _leave_minutes(call: Call) -> Mapping[str, Any]:
    begin, end = guard.read_time(call["from_date"]), guard.read_time(call["to_date"])
    guard.span(call, begin, end, days=31)
    hours = computed(call.world, call["userid"], Stretch(begin, end, "hour"), WORKDAYS)
    return {"result": {"duration_in_minutes": round(sum(hours.values()) * 60)}}


async def _holidays(call: Call) -> Mapping[str, Any]:
    begin, end = (guard.from_ms(call[one]).date() for one in ("workDateFrom", "workDateTo"))
    if end < begin or end - begin > timedelta(days=366):
        raise call.fail("invalidParameter", "workDateTo")
    days = [begin + timedelta(days=one) for one in range((end - begin).days + 1)]
    listed = [one for one in (_holiday(day) for day in days) if one]
    return {"result": [{"userId": one, "holidays": listed} for one in call["userIds"]]}


def _holiday(day: date) -> dict[str, Any] | None:
    """Give a public holiday, or a day worked to make up for one."""
    if day in OFF:
        return {"workDate": day_ms(day), "holidayName": OFF[day].name, "holidayType": "festival"}
    if day in MAKEUP:
        made_up = MAKEUP[day]
        rest = made_up.last - timedelta(days=made_up.makeup.index(day))
        return {
            "workDate": day_ms(day),
            "holidayName": made_up.name,
            "holidayType": "overtime",
            "realWorkDate": day_ms(rest),
        }
    return None


async def _closed(_: Call) -> Mapping[str, Any]:
    return {"code": "0", "mesage": "success", "pass": True}


async def _closing_rules(call: Call) -> Mapping[str, Any]:
    return {"result": [{"userId": one, "switchOn": False} for one in call["userIds"]]}


def _new(name: str, kind: Any, **more: Any) -> Field:
    return Field(name, kind, required=True, missing="invalidParameter", bad="invalidParameter", **more)


def _moment(name: str) -> Field:
    return _new(name, "int", least=0, most=guard.LATEST, unit="value")


_PATH = "/topapi/attendance"
_WHO = Field("userid", required=True)
_FROM_TO = (Field("from_date", required=True, shape="day"), Field("to_date", required=True, shape="day"))
_INVALID = Error("invalidParameter", "参数错误")
_BIZ = ("BOSS_CHECK", "SCHEDULE", "APPROVE", "SPECIAL_DAYS")

OPERATIONS = (
    guard.old("report_open", f"{_PATH}/isopensmartreport", "查询是否启用智能统计报表", "A/0215", _open, (), BASE),
    guard.old(
        "columns", f"{_PATH}/getattcolumns", "获取考勤报表列定义", "A/0218", _columns, (), BASE,
        note="nine columns; aliases but the first two are assumed, and what makes each figure",
    ),
    guard.old(
        "column_values", f"{_PATH}/getcolumnval", "获取考勤报表列值", "A/0219", _values,
        (_WHO, guard.ids("column_id_list", 20), *_FROM_TO), BASE, _TOO_LONG, _NO_COLUMN,
        note="850012 and 850015 are A/0013's and A/0243's; nothing for leavers",
    ),
    guard.old(
        "leave_times", f"{_PATH}/getleavetimebynames", "获取报表假期数据", "A/0217", _leave_times,
        (_WHO, guard.ids("leave_names", 20), *_FROM_TO), BASE, _TOO_LONG,
        note="unknown names are passed over (assumed)",
    ),
    guard.old(
        "leave_status", f"{_PATH}/getleavestatus", "查询请假状态", "A/0231", _leave_status,
        (
            guard.ids("userid_list", 100),
            guard.at("start_time"),
            guard.at("end_time"),
            *guard.offset_and_size("size", 20, required=True),
        ),
        DATA, guard.TOO_FAR, note="leave_code is in the sample only; here it comes when the approval named one",
    ),
    guard.old(
        "leave_minutes", f"{_PATH}/getleaveapproveduration", "计算请假时长", "A/0230", _leave_minutes,
        (_WHO, *_FROM_TO), BASE, _TOO_LONG, note="the limit of 31 days is its neighbours'",
    ),
    guard.new(
        "holidays", "POST", "/v1.0/attendance/holidays", "查询用户考勤节假日信息", "A/0241", _holidays,
        (_new("userIds", "strings"), _moment("workDateFrom"), _moment("workDateTo")), SEE, _INVALID,
        note="2026 only; which day off a workday makes up for is assumed, as is the limit of a year; no day is of type "
        "rest",
    ),
    guard.new(
        "closed", "POST", "/v1.0/attendance/closingAccounts/status/query", "查询用户某段时间内是否处于封账状态",
        "A/0220", _closed,
        (
            _new("userIds", "strings"),
            _new("userTimeRange", "objects", fields=(_moment("startTime"), _moment("endTime"))),
            _new("bizCode", "string", choices=_BIZ),
        ),
        SEE, _INVALID, note="nothing is ever closed; `mesage` is the page's spelling",
    ),
    guard.new(
        "closing_rules", "POST", "/v1.0/attendance/closingAccounts/rules/query", "查询指定用户的封账规则", "A/0242",
        _closing_rules, (_new("userIds", "strings"),), "Pro.AttendanceAccounts.Read", _INVALID,
        note="no rule is switched on",
    ),
)  # fmt: skip
