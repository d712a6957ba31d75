"""The report, who is on leave, holidays."""

from typing import Any

from tests.sandbox.attendance.shared import (
    FRIDAY,
    MONDAY,
    PATH,
    TODAY,
    finish,
    punch,
)
from tests.sandbox.client import Answer, Robot
from tests.sandbox.times import ms


async def _status(robot: Robot, **changed: Any) -> Answer:
    body = {"userid_list": "lin,wang", "start_time": ms("2026-11-01"), "end_time": ms("2026-12-31")}
    return await robot.old(f"{PATH}/getleavestatus", {**body, "offset": 0, "size": 20, **changed})


async def test_who_is_on_leave_when_is_paged_to_the_end(robot: Robot) -> None:
    hours = {"durationUnit": "hour", "fromTime": f"{TODAY} 09:00", "toTime": f"{TODAY} 15:30"}
    await finish(robot, {**hours, "leaveCode": "x-1"}, subType="事假", approveId="h")
    await finish(robot, {"fromTime": FRIDAY, "toTime": FRIDAY}, user="wang")
    await finish(robot, {"bizType": 2}, user="wang", tagName="出差", approveId="trip")
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
    return await robot.old(f"{PATH}/getcolumnval", {**body, "from_date": "2026-11-20", "to_date": TODAY, **changed})


async def test_the_report_counts_what_the_punches_came_to(robot: Robot) -> None:
    columns = (await robot.old(f"{PATH}/getattcolumns")).body["result"]["columns"]
    ids = {one["name"]: one["id"] for one in columns if "id" in one}
    assert next(one for one in columns if one["name"] == "年假")["alias"] == "leave_"
    assert (await robot.old(f"{PATH}/isopensmartreport")).body["result"] == {"smart_report": True}
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
    await finish(robot, {"fromTime": FRIDAY, "toTime": "2026-11-30"})
    body = {"userid": "lin", "leave_names": "年假,没有", "from_date": FRIDAY, "to_date": "2026-11-30"}
    columns = (await robot.old(f"{PATH}/getleavetimebynames", body)).body["result"]["columns"]
    assert [one["columnvo"]["name"] for one in columns] == ["年假"]
    assert [one["value"] for one in columns[0]["columnvals"]] == ["1.0", "0.0", "0.0", "1.0"]
    for wrong, code in (
        ({"leave_names": ",".join(["年假"] * 21)}, 40035),
        ({"to_date": "2026-12-29"}, 850012),
        ({"from_date": "2026-04-12", "to_date": "2026-04-12"}, 40035),
    ):
        assert (await robot.old(f"{PATH}/getleavetimebynames", body | wrong)).code == code
    assert (
        await robot.old(f"{PATH}/getleavetimebynames", body | {"from_date": "2026-04-13", "to_date": "2026-04-13"})
    ).code == 0


async def test_minutes_of_leave_leave_out_rest_and_days_off(robot: Robot) -> None:
    body = {"userid": "lin", "from_date": f"{FRIDAY} 14:00:00", "to_date": "2026-11-30 10:00:00"}
    answer = (await robot.old(f"{PATH}/getleaveapproveduration", body)).body
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
