"""Approvals told to attendance, the report, leave types and balances."""

import json
from datetime import timedelta
from typing import Any

import pytest

from sandbox.world import World
from tests.sandbox.client import Answer, Robot
from tests.sandbox.test_punches import listed, ms, punch

TODAY, MONDAY, FRIDAY, SUNDAY = "2026-11-24", "2026-11-23", "2026-11-27", "2026-11-29"
CALCULATE, FINISH = "/v1.0/attendance/approvals/durations/calculate", "/v1.0/attendance/approvals/finish"
OLD = "/topapi/attendance"
LEAVE = {"bizType": 3, "fromTime": TODAY, "toTime": TODAY, "durationUnit": "day", "calculateModel": 1}


async def _calculate(robot: Robot, **changed: Any) -> Answer:
    return await robot.new("POST", CALCULATE, {**LEAVE, **changed}, params={"userId": "lin"})


async def _finish(robot: Robot, duration: dict[str, Any] | None = None, **changed: Any) -> Answer:
    user = changed.pop("user", "lin")
    body = {"tagName": "请假", "subType": "年假", "approveId": "a1", "jumpUrl": "https://qinghe.example/1", **changed}
    body["topCalculateApproveDurationParam"] = LEAVE | (duration or {})
    return await robot.new("POST", FINISH, body, params={"userId": user})


@pytest.mark.parametrize(
    ("given", "total", "days"),
    [
        ({}, 1, [1]),
        ({"fromTime": FRIDAY, "toTime": SUNDAY}, 1, [1, 0, 0]),
        ({"fromTime": FRIDAY, "toTime": SUNDAY, "calculateModel": 0}, 3, [1, 1, 1]),
        ({"durationUnit": "halfDay", "fromTime": f"{TODAY} AM", "toTime": f"{TODAY} AM"}, 0.5, [0.5]),
        ({"durationUnit": "halfDay", "fromTime": f"{MONDAY} PM", "toTime": f"{TODAY} AM"}, 1, [0.5, 0.5]),
        ({"durationUnit": "halfDay", "fromTime": f"{TODAY} AM", "toTime": f"{TODAY} PM"}, 1, [1]),
        ({"durationUnit": "hour", "fromTime": f"{TODAY} 09:00", "toTime": f"{TODAY} 18:00"}, 8, [8]),
        ({"durationUnit": "hour", "fromTime": f"{TODAY} 11:30", "toTime": f"{TODAY} 13:30"}, 1, [1]),
        ({"durationUnit": "hour", "fromTime": f"{MONDAY} 17:00", "toTime": f"{TODAY} 10:00"}, 2, [1, 1]),
        (
            {"bizType": 1, "durationUnit": "hour", "fromTime": f"{TODAY} 18:30", "toTime": f"{TODAY} 20:00"},
            1.5,
            [1.5],
        ),
    ],
)
async def test_a_duration_goes_by_the_schedule(
    robot: Robot, given: dict[str, Any], total: float, days: list[float]
) -> None:
    answer = await _calculate(robot, **given)
    assert answer.status == 200, answer
    assert answer.body["success"] is True
    assert answer.body["result"]["duration"] == total
    assert [one["duration"] for one in answer.body["result"]["durationDetail"]] == days


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"bizType": 4}, "illegalApproveType"),
        ({"durationUnit": "Day"}, "illegalDurationUnit"),
        ({"calculateModel": 2}, "illegalCalculateType"),
        ({"bizType": None}, "invalidRequestParams"),
        ({"fromTime": f"{TODAY} AM"}, "invalidRequestParams"),
        ({"durationUnit": "hour"}, "invalidRequestParams"),
        ({"durationUnit": "halfDay"}, "illegalDateTypeForHalfDay"),
        ({"bizType": 1}, "illegalOvertimeDurationUnit"),
        ({"toTime": MONDAY}, "beginDateCannotAfterEndDate"),
        ({"toTime": "2026-12-26"}, "durationTooLong"),
        ({"fromTime": "2026-10-23"}, "dateTooEarly"),
        (
            {"bizType": 1, "durationUnit": "hour", "fromTime": f"{MONDAY} 18:00", "toTime": f"{TODAY} 18:01"},
            "overtimeDurationTooLong",
        ),
    ],
)
async def test_each_wrong_duration_has_its_own_code(robot: Robot, given: dict[str, Any], code: str) -> None:
    overtime = {"tagName": "加班", "overtimeDuration": "1", "overTimeToMore": 1} if given.get("bizType") == 1 else {}
    for answer in (await _calculate(robot, **given), await _finish(robot, given, **overtime)):
        assert (answer.status, answer.code) == (400, code)


async def test_thirty_one_days_either_way_are_still_taken(robot: Robot) -> None:
    assert (await _calculate(robot, toTime="2026-12-25")).status == 200
    assert (await _calculate(robot, fromTime="2026-10-24", toTime="2026-10-24")).status == 200


async def test_an_approved_leave_stands_in_for_the_punches(robot: Robot) -> None:
    leave = {"fromTime": MONDAY, "toTime": MONDAY}
    assert (await _finish(robot, leave)).body["result"]["duration"] == 1
    on, off = (await listed(robot, "lin")).body["recordresult"]
    assert {on["timeResult"], on["locationResult"], off["timeResult"]} == {"Normal"}
    assert (on["sourceType"], on["procInstId"], on["approveId"]) == ("APPROVE", "a1", off["approveId"])
    data = {"userid": "lin", "work_date": MONDAY}
    approved = (await robot.old(f"{OLD}/getupdatedata", data)).body["result"]["approve_list"]
    assert [(one["biz_type"], one["tag_name"], one["sub_type"], one["duration"]) for one in approved] == [
        (3, "请假", "年假", "1.0")
    ]
    await _finish(robot, {**leave, "fromTime": TODAY, "toTime": TODAY})  # the same id: a change
    assert (await listed(robot, "lin")).body["recordresult"][0]["timeResult"] == "NotSigned"
    assert (await robot.old(f"{OLD}/approve/cancel", {"userid": "lin", "approve_id": "a1"})).code == 0
    assert (await robot.old(f"{OLD}/approve/cancel", {"userid": "lin", "approve_id": "a1"})).code == 40035
    rows = (await listed(robot, "lin", since=TODAY, until=TODAY)).body["recordresult"]
    assert {one["timeResult"] for one in rows} == {"NotSigned"}


async def test_half_a_day_off_covers_half_the_checkpoints(robot: Robot) -> None:
    half = {"durationUnit": "halfDay", "fromTime": f"{MONDAY} PM", "toTime": f"{MONDAY} PM"}
    await _finish(robot, half)
    on, off = (await listed(robot, "lin")).body["recordresult"]
    assert (on["timeResult"], off["timeResult"], off["sourceType"]) == ("NotSigned", "Normal", "APPROVE")


async def test_the_same_id_of_two_people_are_two_approvals(robot: Robot, world: World) -> None:
    await _finish(robot)
    await _finish(robot, user="wang")
    assert len(world.attendance.approvals) == 2


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"subType": ""}, "invalidRequestParams"),
        ({"subType": "长" * 65}, "invalidRequestParams"),
        ({"approveId": ""}, "invalidRequestParams"),
        ({"approveId": "x" * 101}, "invalidRequestParams"),
        ({"jumpUrl": "x" * 201}, "invalidRequestParams"),
        ({"tagName": "放假"}, "invalidRequestParams"),
        ({"tagName": "出差"}, "illegalApproveType"),
        ({"user": "nobody"}, "invalidRequestParams"),
    ],
)
async def test_an_approval_that_cannot_be_is_refused(
    robot: Robot, world: World, wrong: dict[str, Any], code: str
) -> None:
    answer = await _finish(robot, **wrong)
    assert (answer.status, answer.code) == (400, code)
    assert world.attendance.approvals == {}


OVERTIME = {"bizType": 1, "durationUnit": "hour", "fromTime": f"{MONDAY} 18:30", "toTime": f"{MONDAY} 20:30"}


async def test_overtime_that_becomes_leave_is_pushed(robot: Robot, world: World) -> None:
    line = await robot.connect()
    told = {"tagName": "加班", "subType": "", "overtimeDuration": "2.00", "overTimeToMore": 1}
    assert (await _finish(robot, OVERTIME, **told)).status == 200
    frame = await line.frame()
    assert frame.headers["eventType"] == "attendance_overtime_duration"
    one = frame.data["dataList"][0]
    assert (one["userid"], one["overtimeHour"], one["overtimeDayType"]) == ("lin", 2.0, "workDay")
    assert one["workDate"] == ms(MONDAY)
    assert (await listed(robot, "lin")).body["recordresult"][0]["timeResult"] == "NotSigned"
    for wrong in ({"overtimeDuration": None}, {"overtimeDuration": "two"}, {"overTimeToMore": None}):
        assert (await _finish(robot, OVERTIME, **told | wrong)).code == "invalidRequestParams"
    assert (await _finish(robot, OVERTIME, **told | {"overTimeToMore": 2})).status == 200
    assert world.meter.pushes == 1


async def test_the_archived_calls_answer_in_texts(robot: Robot) -> None:
    body = {
        "userid": "lin", "biz_type": 3, "from_time": TODAY, "to_time": TODAY, "duration_unit": "day",
        "calculate_model": 1,
    }  # fmt: skip
    answer = (await robot.old(f"{OLD}/approve/duration/calculate", body)).body
    assert answer["result"] == {"duration": "1.0", "duration_details": [{"date": TODAY, "duration": "1.0"}]}
    assert (await robot.old(f"{OLD}/approve/duration/calculate", {**body, "to_time": "2026-12-26"})).code == 850012
    assert (await robot.old(f"{OLD}/approve/duration/calculate", {**body, "to_time": MONDAY})).code == 40035
    more = {"tag_name": "请假", "sub_type": "年假", "approve_id": "old", "jump_url": "https://qinghe.example/"}
    assert (await robot.old(f"{OLD}/approve/finish", {**body, **more})).body["result"]["duration"] == "1.0"
    row = (await listed(robot, "lin", since=TODAY, until=TODAY)).body["recordresult"][0]
    assert row["procInstId"] == "old"


async def test_a_missed_punch_is_made_good(robot: Robot) -> None:
    plan = (await listed(robot, "lin")).body["recordresult"][0]["planId"]
    body = {
        "userid": "lin", "work_date": MONDAY, "punch_id": plan, "punch_check_time": f"{MONDAY} 09:00",
        "user_check_time": f"{MONDAY} 08:59", "approve_id": "c1", "jump_url": "https://qinghe.example/",
        "tag_name": "补卡",
    }  # fmt: skip
    for wrong in ({"punch_id": 5}, {"punch_check_time": f"{MONDAY} 10:00"}, {"user_check_time": MONDAY}):
        assert (await robot.old(f"{OLD}/approve/check", body | wrong)).code == 40035
    assert (await robot.old(f"{OLD}/approve/check", body | {"punch_check_time": f"{MONDAY} 09:00:00"})).code == 0
    on = (await listed(robot, "lin")).body["recordresult"][0]
    assert (on["timeResult"], on["sourceType"], on["procInstId"]) == ("Normal", "APPROVE", "c1")
    assert on["userCheckTime"] == ms(f"{MONDAY} 08:59:00")
    assert (await robot.old(f"{OLD}/approve/cancel", {"userid": "lin", "approve_id": "c1"})).code == 0
    assert (await listed(robot, "lin")).body["recordresult"][0]["timeResult"] == "NotSigned"


async def _status(robot: Robot, **changed: Any) -> Answer:
    body = {"userid_list": "lin,wang", "start_time": ms("2026-11-01"), "end_time": ms("2026-12-31")}
    return await robot.old(f"{OLD}/getleavestatus", {**body, "offset": 0, "size": 20, **changed})


async def test_who_is_on_leave_when_is_paged_to_the_end(robot: Robot) -> None:
    hours = {"durationUnit": "hour", "fromTime": f"{TODAY} 09:00", "toTime": f"{TODAY} 15:30"}
    await _finish(robot, {**hours, "leaveCode": "x-1"}, subType="事假", approveId="h")
    await _finish(robot, {"fromTime": FRIDAY, "toTime": FRIDAY}, user="wang")
    await _finish(robot, {"bizType": 2}, user="wang", tagName="出差", approveId="trip")
    first = (await _status(robot, size=1)).body["result"]
    second = (await _status(robot, size=1, offset=1)).body["result"]
    assert first == {
        "has_more": True,
        "leave_status": [
            {
                "userid": "lin",
                "start_time": ms(f"{TODAY} 09:00:00"),
                "end_time": ms(f"{TODAY} 15:30:00"),
                "duration_unit": "percent_hour",
                "duration_percent": 550,
                "leave_code": "x-1",
            }
        ],
    }
    assert (second["has_more"], second["leave_status"][0]["duration_percent"]) == (False, 100)
    assert second["leave_status"][0]["duration_unit"] == "percent_day"
    assert (await _status(robot, end_time=ms("2026-11-23"))).body["result"]["leave_status"] == []
    for wrong, code in (
        ({"userid_list": ",".join(["lin"] * 101)}, 40035),
        ({"size": 21}, 40035),
        ({"start_time": ms("2026-07-03")}, 41041),
        ({"start_time": None}, 40035),
    ):
        assert (await _status(robot, **wrong)).code == code


async def _values(robot: Robot, *columns: int, user: str = "lin", **changed: Any) -> Answer:
    body = {"userid": user, "column_id_list": ",".join(str(one) for one in columns)}
    return await robot.old(f"{OLD}/getcolumnval", {**body, "from_date": "2026-11-20", "to_date": TODAY, **changed})


async def test_the_report_counts_what_the_punches_came_to(robot: Robot) -> None:
    columns = (await robot.old(f"{OLD}/getattcolumns")).body["result"]["columns"]
    ids = {one["name"]: one["id"] for one in columns if "id" in one}
    assert next(one for one in columns if one["name"] == "年假")["alias"] == "leave_"
    assert (await robot.old(f"{OLD}/isopensmartreport")).body["result"] == {"smart_report": True}
    await punch(robot, "lin", "2026-11-20T09:12:30")
    await punch(robot, "lin", f"{MONDAY}T08:50:00")
    await punch(robot, "lin", f"{MONDAY}T17:00:00")
    asked = ["应出勤天数", "出勤天数", "迟到次数", "迟到时长", "早退次数", "下班缺卡次数", "旷工天数"]
    result = (await _values(robot, *(ids[one] for one in asked))).body["result"]["column_vals"]
    values = [[one["value"] for one in column["column_vals"]] for column in result]
    assert result[0]["column_vals"][0]["date"] == "2026-11-20 00:00:00"
    assert values == [
        ["1.0", "0.0", "0.0", "1.0", "1.0"],
        ["1.0", "0.0", "0.0", "1.0", "0.0"],
        ["1.0", "0.0", "0.0", "0.0", "0.0"],
        ["12.0", "0.0", "0.0", "0.0", "0.0"],
        ["0.0", "0.0", "0.0", "1.0", "0.0"],
        ["1.0", "0.0", "0.0", "0.0", "0.0"],
        ["0.0", "0.0", "0.0", "0.0", "0.0"],
    ]
    absent = (await _values(robot, ids["旷工天数"], user="wang")).body["result"]["column_vals"][0]["column_vals"]
    assert [one["value"] for one in absent] == ["1.0", "0.0", "0.0", "1.0", "0.0"]
    due = (await _values(robot, ids["应出勤天数"], from_date="2026-11-05", to_date="2026-11-10")).body
    assert {one["value"] for one in due["result"]["column_vals"][0]["column_vals"][:1]} == {"0.0"}
    assert (await _values(robot, ids["旷工天数"], user="nobody")).body["result"] == {"column_vals": []}
    for wrong, code in (
        ({"from_date": "2026-10-23"}, 850012),
        ({"column_id_list": "1"}, 850015),
        ({"column_id_list": ",".join([str(ids["旷工天数"])] * 21)}, 40035),
        ({"to_date": "2026-11-19"}, 40035),
    ):
        assert (await _values(robot, ids["旷工天数"], **wrong)).code == code


async def test_leave_by_name_is_told_for_each_day(robot: Robot) -> None:
    await _finish(robot, {"fromTime": FRIDAY, "toTime": "2026-11-30"})
    body = {"userid": "lin", "leave_names": "年假,没有", "from_date": FRIDAY, "to_date": "2026-11-30"}
    columns = (await robot.old(f"{OLD}/getleavetimebynames", body)).body["result"]["columns"]
    assert [one["columnvo"]["name"] for one in columns] == ["年假"]
    assert [one["value"] for one in columns[0]["columnvals"]] == ["1.0", "0.0", "0.0", "1.0"]
    for wrong, code in (
        ({"leave_names": ",".join(["年假"] * 21)}, 40035),
        ({"to_date": "2026-12-29"}, 850012),
        ({"from_date": "2026-04-12", "to_date": "2026-04-12"}, 40035),
    ):
        assert (await robot.old(f"{OLD}/getleavetimebynames", body | wrong)).code == code
    assert (
        await robot.old(f"{OLD}/getleavetimebynames", body | {"from_date": "2026-04-13", "to_date": "2026-04-13"})
    ).code == 0


async def test_minutes_of_leave_leave_out_rest_and_days_off(robot: Robot) -> None:
    body = {"userid": "lin", "from_date": f"{FRIDAY} 14:00:00", "to_date": "2026-11-30 10:00:00"}
    answer = (await robot.old(f"{OLD}/getleaveapproveduration", body)).body
    assert answer["result"] == {"duration_in_minutes": 300}


async def test_public_holidays_and_the_days_that_make_up_for_them(robot: Robot) -> None:
    body = {"userIds": ["lin"], "workDateFrom": ms("2026-10-07"), "workDateTo": ms("2026-10-11")}
    answer = (await robot.new("POST", "/v1.0/attendance/holidays", body)).body
    assert answer["result"][0]["userId"] == "lin"
    off, makeup = answer["result"][0]["holidays"]
    assert off == {"workDate": ms("2026-10-07"), "holidayName": "国庆节", "holidayType": "festival"}
    assert (makeup["workDate"], makeup["holidayType"]) == (ms("2026-10-10"), "overtime")
    assert ms("2026-10-01") <= makeup["realWorkDate"] <= ms("2026-10-07")
    assert (await robot.new("POST", "/v1.0/attendance/holidays", {"userIds": ["lin"]})).code == "invalidParameter"


async def test_nothing_is_closed(robot: Robot) -> None:
    body = {"userIds": ["lin"], "userTimeRange": [{"startTime": 1, "endTime": 2}], "bizCode": "APPROVE"}
    path = "/v1.0/attendance/closingAccounts"
    assert (await robot.new("POST", f"{path}/status/query", body)).body["pass"] is True
    assert (await robot.new("POST", f"{path}/status/query", body | {"bizCode": "x"})).code == "invalidParameter"
    rules = (await robot.new("POST", f"{path}/rules/query", {"userIds": ["lin"]})).body["result"]
    assert rules == [{"userId": "lin", "switchOn": False}]


TYPES = "/v1.0/attendance/leaves/types"
MADE = {
    "leaveName": "育儿假", "leaveViewUnit": "day", "bizType": "general_leave", "naturalDayLeave": False,
    "hoursInPerDay": 800,
    "submitTimeRule": {"timeValue": 2, "timeUnit": "day", "timeType": "before", "enableTimeLimit": True},
    "extras": json.dumps({"validity_type": "absolute_time", "validity_value": "12-31"}),
}  # fmt: skip


async def _make(robot: Robot, method: str = "POST", op: str = "admin", **changed: Any) -> Answer:
    return await robot.new(method, TYPES, {**MADE, **changed}, params={"opUserId": op})


async def test_leave_types_of_the_company_and_of_ours(robot: Robot, world: World) -> None:
    line = await robot.connect()
    made = (await _make(robot)).body["result"]
    code = made["leaveCode"]
    assert (made["leaveName"], made["hoursInPerDay"], made["naturalDayLeave"]) == ("育儿假", 800, False)
    frame = await line.frame()
    assert frame.headers["eventType"] == "leave_rule_change"
    assert frame.data == {"corpId": world.app.corp_id, "leaveCodes": [code], "action": "add"}
    ours = (await robot.old(f"{OLD}/vacation/type/list", {"op_userid": "admin"})).body["result"]
    assert ours == [
        {
            "leave_code": code, "leave_name": "育儿假", "leave_view_unit": "day", "biz_type": "general_leave",
            "natural_day_leave": "false", "hours_in_per_day": 800, "source": "external",
            "submit_time_rule": {
                "time_value": 2, "time_unit": "day", "time_type": "before", "enable_time_limit": True,
            },
            "validity_type": "absolute_time", "validity_value": "12-31",
        }
    ]  # fmt: skip
    every = (await robot.old(f"{OLD}/vacation/type/list", {"op_userid": "admin", "vacation_source": "all"})).body
    assert [one["leave_name"] for one in every["result"]] == ["年假", "事假", "病假", "调休", "婚假", "产假", "育儿假"]
    assert (await robot.old(f"{OLD}/vacation/type/list", {"op_userid": "lin"})).code == 400020
    assert (await _make(robot, "PUT", leaveCode=code, leaveName="育儿")).code == "updateSpeedfast"
    world.clock.advance(timedelta(minutes=5))
    assert (await _make(robot, "PUT", leaveCode=code, leaveName="育儿")).body["result"]["leaveName"] == "育儿"
    world.clock.advance(timedelta(minutes=5))
    assert (await _make(robot, "PUT", leaveCode=code, bizType="lieu_leave")).code == "bizTypeCannotModified"
    gone = (await robot.old(f"{OLD}/vacation/type/delete", {"op_userid": "admin", "leave_code": code})).body["result"]
    assert (gone["leave_code"], gone["natural_day_leave"]) == (code, False)
    gone = await robot.old(f"{OLD}/vacation/type/delete", {"op_userid": "admin", "leave_code": code})
    assert gone.code == 880015


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"leaveName": "年假"}, "nameAlreadyExists"),
        ({"bizType": "lieu_leave"}, "lieuLeaveOnlyOne"),
        ({"bizType": "holiday"}, "bizTypeIncorrect"),
        ({"leaveViewUnit": "week"}, "unitIncorrect"),
        ({"naturalDayLeave": None}, "invalidParam"),
        ({"op": "lin"}, "notManage"),
        ({"submitTimeRule": {"timeValue": 31}}, "invalidParam"),
        ({"extras": "{"}, "invalidParam"),
    ],
)
async def test_a_leave_type_that_cannot_be_is_refused(robot: Robot, wrong: dict[str, Any], code: str) -> None:
    answer = await _make(robot, **wrong)
    assert (answer.status, answer.code) == (400, code)


async def test_the_companys_own_types_cannot_be_changed(robot: Robot, world: World) -> None:
    code = next(iter(world.attendance.vacation.types))
    assert (await _make(robot, "PUT", leaveCode=code)).code == "notFound"
    gone = await robot.old(f"{OLD}/vacation/type/delete", {"op_userid": "admin", "leave_code": code})
    assert gone.code == 880015
    quota = {"userid": "lin", "leave_code": code, "start_time": 0, "end_time": 1, "quota_num_per_day": 100}
    answer = (await robot.old(f"{OLD}/vacation/quota/init", {"op_userid": "admin", "leave_quotas": [quota]})).body
    assert answer["result"] == [{"reason": "假期类型不存在", "quota": {"leave_code": code, "userid": "lin"}}]


async def test_a_balance_has_a_row_for_each_period(robot: Robot, world: World) -> None:
    code = next(one.code for one in world.attendance.vacation.types.values() if one.name == "年假")
    body = {"op_userid": "admin", "leave_code": code, "userids": "lin,wang", "offset": 0, "size": 4}
    first = (await robot.old(f"{OLD}/vacation/quota/list", body)).body["result"]
    second = (await robot.old(f"{OLD}/vacation/quota/list", {**body, "offset": 4})).body["result"]
    rows = first["leave_quotas"] + second["leave_quotas"]
    assert (first["has_more"], second["has_more"], len(rows)) == (True, False, 6)
    row = next(one for one in rows if (one["userid"], one["quota_cycle"]) == ("wang", "2026"))
    assert (row["quota_num_per_day"], row["used_num_per_day"]) == (1000, 0)
    assert (row["start_time"], row["end_time"]) == (ms("2026-01-01 00:00:00"), ms("2026-12-31 23:59:59"))
    for wrong, errcode in (
        ({"size": 51}, 40035),
        ({"leave_code": "no"}, 880015),
        ({"userids": "nobody"}, 880015),
        ({"op_userid": "li"}, 400020),
        ({"userids": ["lin"]}, 40035),
    ):
        assert (await robot.old(f"{OLD}/vacation/quota/list", {**body, **wrong})).code == errcode


async def _records(robot: Robot, code: str, **changed: Any) -> Answer:
    body = {"opUserId": "admin", "leaveCode": code, "userIds": ["lin"], "pageNumber": 0, "pageSize": 200, **changed}
    return await robot.new("POST", "/v1.0/attendance/vacations/records/query", body)


async def test_a_quota_is_set_and_every_change_is_recorded(robot: Robot, world: World) -> None:
    code = (await _make(robot)).body["result"]["leaveCode"]
    quota: dict[str, Any] = {
        "userid": "lin", "leave_code": code, "start_time": ms("2026-01-01"), "end_time": ms("2026-12-31"),
        "quota_num_per_day": 800, "quota_cycle": "2026", "reason": "入职",
    }  # fmt: skip
    body = {"op_userid": "admin", "leave_quotas": [quota, {**quota, "userid": "nobody"}]}
    failed = (await robot.old(f"{OLD}/vacation/quota/init", body)).body["result"]
    assert failed == [
        {"reason": "员工不存在", "quota": {"leave_code": code, "userid": "nobody", "quota_cycle": "2026"}}
    ]
    world.attendance.vacation.quotas[-1].used = 200
    lacking = {key: value for key, value in quota.items() if key != "quota_num_per_day"}
    body = {"op_userid": "admin", "leave_quotas": json.dumps([{**quota, "quota_num_per_day": 900}, lacking])}
    failed = (await robot.old(f"{OLD}/vacation/quota/update", body)).body["result"]
    assert [one["reason"] for one in failed] == ["按天计算的额度不能为空"]
    asked = {"op_userid": "admin", "leave_code": code, "userids": "lin", "offset": 0, "size": 50}
    row = (await robot.old(f"{OLD}/vacation/quota/list", asked)).body["result"]["leave_quotas"][0]
    assert (row["quota_num_per_day"], row["used_num_per_day"]) == (900, 200)
    first = (await _records(robot, code, pageSize=1)).body["result"]
    second = (await _records(robot, code, pageSize=1, pageNumber=1)).body["result"]
    records = first["leaveRecords"] + second["leaveRecords"]
    assert [(one["calType"], one["leaveRecordType"], one["recordNumPerDay"]) for one in records] == [
        ("insert", "modify_quota", 800),
        ("add", "update", 100),
    ]
    assert (first["hasMore"], second["hasMore"]) == (True, False)
    assert (
        await robot.old(f"{OLD}/vacation/quota/init", {**body, "leave_quotas": [lacking | {"end_time": None}]})
    ).code == 40035


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"userIds": ["lin"] * 51}, "leaveUserIdListMax"),
        ({"pageNumber": -1}, "pageIndexIllegal"),
        ({"pageSize": 201}, "pageSizeIllegal"),
        ({"opUserId": "wang"}, "leaveOpuserIdIsNotAdmin"),
        ({"opUserId": "nobody"}, "userNotExist"),
        ({"userIds": ["nobody"]}, "userNotExist"),
        ({"leaveCode": "no"}, "leaveTypeNotFound"),
        ({"opUserId": None}, "paramterInvalid"),
    ],
)
async def test_records_that_are_not_for_the_asking(
    robot: Robot, world: World, wrong: dict[str, Any], code: str
) -> None:
    answer = await _records(robot, next(iter(world.attendance.vacation.types)), **wrong)
    assert (answer.status, answer.code) == (400, code)


async def test_everybody_may_ask_for_their_own_records(robot: Robot, world: World) -> None:
    answer = await _records(robot, next(iter(world.attendance.vacation.types)), opUserId="lin")
    assert (answer.status, answer.body["result"]) == (200, {"hasMore": False, "leaveRecords": []})


async def test_a_balance_changed_by_hand_is_pushed(robot: Robot, world: World) -> None:
    line = await robot.connect()
    set_by_hand = {"user": "lin", "leave": "年假", "total": 700, "used": 150}
    assert (await robot.call("POST", "/sandbox/quotas", set_by_hand)).status == 200
    frame = await line.frame()
    code = next(one.code for one in world.attendance.vacation.types.values() if one.name == "年假")
    assert frame.headers["eventType"] == "leave_quota_update"
    assert frame.data == {"leaveCode": code, "opUserId": "admin", "userId": "lin", "updateType": "ADD"}
    body = {"op_userid": "admin", "leave_code": code, "userids": "lin", "offset": 1, "size": 1}
    row = (await robot.old(f"{OLD}/vacation/quota/list", body)).body["result"]["leave_quotas"][0]
    assert (row["quota_num_per_day"], row["used_num_per_day"]) == (700, 150)
    assert (await robot.call("POST", "/sandbox/quotas", set_by_hand | {"leave": "没有"})).status == 400
