"""考勤 (A/0220 ff)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sandbox.world.clock import CHINA
from tests.sandbox.clients.typed import Row, Typed

_DAY = "2026-11-24"


def _ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=CHINA).timestamp() * 1000)


_LEAVE = {"bizType": 3, "fromTime": _DAY, "toTime": _DAY, "durationUnit": "day", "calculateModel": 1}
_FINISH = {
    "userId": "lin", "topCalculateApproveDurationParam": _LEAVE, "tagName": "请假", "subType": "年假",
    "approveId": "a1", "jumpUrl": "https://qinghe.example/1",
}  # fmt: skip
_SPANS = [{"startTime": _ms("2026-11-01"), "endTime": _ms("2026-11-30")}]
_TYPE = {
    "opUserId": "admin", "leaveName": "读书假", "leaveViewUnit": "day", "bizType": "general_leave",
    "naturalDayLeave": False, "hoursInPerDay": 800,
}  # fmt: skip
_DURATION = {"success": True, "result": {"duration": float, "durationDetail": list}}


async def _change(it: Typed) -> Mapping[str, Any]:
    made = await it.call("attendance.add_leave_type", **_TYPE)
    it.world.clock.advance(timedelta(minutes=6))
    return {**_TYPE, "leaveCode": made.result.leave_code, "leaveName": "看书假"}


async def _records(it: Typed) -> Mapping[str, Any]:
    made = await it.call("attendance.add_leave_type", **_TYPE)
    code, year = made.result.leave_code, {"start_time": _ms("2026-01-01"), "end_time": _ms("2026-12-31")}
    quota = {"userid": "lin", "leave_code": code, **year, "quota_num_per_day": 800, "quota_cycle": "2026"}
    body = {"op_userid": "admin", "leave_quotas": [{**quota, "reason": "入职"}]}
    await it.old("/topapi/attendance/vacation/quota/init", body)
    return {"opUserId": "admin", "leaveCode": code, "userIds": ["lin"], "pageNumber": 0, "pageSize": 200}


ROWS = (
    Row(
        "attendance.holidays",
        {"userIds": ["lin"], "workDateFrom": _ms("2026-10-07"), "workDateTo": _ms("2026-10-11")},
        {"result": [{"userId": "lin", "holidays": list}]},
    ),
    Row("attendance.closed", {"userIds": ["lin"], "userTimeRange": _SPANS, "bizCode": "APPROVE"}, {"pass": True}),
    Row("attendance.closing_rules", {"userIds": ["lin"]}, {"result": [{"userId": "lin", "switchOn": False}]}),
    Row("attendance.calculate", {"userId": "lin", **_LEAVE}, _DURATION),
    Row("attendance.finish", _FINISH, _DURATION),
    Row("attendance.add_leave_type", _TYPE, {"result": {"leaveCode": str, "leaveName": "读书假"}}),
    Row("attendance.change_leave_type", _change, {"result": {"leaveName": "看书假"}}),
    Row("attendance.quota_records", _records, {"success": True, "result": {"hasMore": False}}),
)  # fmt: skip
