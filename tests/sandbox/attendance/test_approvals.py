"""Leave, trips and overtime told to attendance, and punches made good."""

from typing import Any

import pytest

from sandbox.world import World
from tests.sandbox.attendance.shared import (
    FRIDAY,
    LEAVE,
    MONDAY,
    PATH,
    SUNDAY,
    TODAY,
    finish,
    listed,
)
from tests.sandbox.client import Answer, Robot
from tests.sandbox.times import ms

CALCULATE = "/v1.0/attendance/approvals/durations/calculate"


async def _calculate(robot: Robot, **changed: Any) -> Answer:
    return await robot.new("POST", CALCULATE, {**LEAVE, **changed}, params={"userId": "lin"})


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
    for answer in (await _calculate(robot, **given), await finish(robot, given, **overtime)):
        assert (answer.status, answer.code) == (400, code)


async def test_thirty_one_days_either_way_are_still_taken(robot: Robot) -> None:
    assert (await _calculate(robot, toTime="2026-12-25")).status == 200
    assert (await _calculate(robot, fromTime="2026-10-24", toTime="2026-10-24")).status == 200


async def test_an_approved_leave_stands_in_for_the_punches(robot: Robot) -> None:
    leave = {"fromTime": MONDAY, "toTime": MONDAY}
    assert (await finish(robot, leave)).body["result"]["duration"] == 1
    on, off = (await listed(robot, "lin")).body["recordresult"]
    assert {on["timeResult"], on["locationResult"], off["timeResult"]} == {"Normal"}
    assert (on["sourceType"], on["procInstId"], on["approveId"]) == ("APPROVE", "a1", off["approveId"])
    data = {"userid": "lin", "work_date": MONDAY}
    approved = (await robot.old(f"{PATH}/getupdatedata", data)).body["result"]["approve_list"]
    assert [(one["biz_type"], one["tag_name"], one["sub_type"], one["duration"]) for one in approved] == [
        (3, "请假", "年假", "1.0")
    ]
    await finish(robot, {**leave, "fromTime": TODAY, "toTime": TODAY})  # the same id: a change
    assert (await listed(robot, "lin")).body["recordresult"][0]["timeResult"] == "NotSigned"
    assert (await robot.old(f"{PATH}/approve/cancel", {"userid": "lin", "approve_id": "a1"})).code == 0
    assert (await robot.old(f"{PATH}/approve/cancel", {"userid": "lin", "approve_id": "a1"})).code == 40035
    rows = (await listed(robot, "lin", since=TODAY, until=TODAY)).body["recordresult"]
    assert {one["timeResult"] for one in rows} == {"NotSigned"}


async def test_half_a_day_off_covers_half_the_checkpoints(robot: Robot) -> None:
    half = {"durationUnit": "halfDay", "fromTime": f"{MONDAY} PM", "toTime": f"{MONDAY} PM"}
    await finish(robot, half)
    on, off = (await listed(robot, "lin")).body["recordresult"]
    assert (on["timeResult"], off["timeResult"], off["sourceType"]) == ("NotSigned", "Normal", "APPROVE")


async def test_the_same_id_of_two_people_are_two_approvals(robot: Robot, world: World) -> None:
    await finish(robot)
    await finish(robot, user="wang")
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
    answer = await finish(robot, **wrong)
    assert (answer.status, answer.code) == (400, code)
    assert world.attendance.approvals == {}


OVERTIME = {"bizType": 1, "durationUnit": "hour", "fromTime": f"{MONDAY} 18:30", "toTime": f"{MONDAY} 20:30"}


async def test_overtime_that_becomes_leave_is_pushed(robot: Robot, world: World) -> None:
    line = await robot.connect()
    told = {"tagName": "加班", "subType": "", "overtimeDuration": "2.00", "overTimeToMore": 1}
    assert (await finish(robot, OVERTIME, **told)).status == 200
    frame = await line.frame()
    assert frame.headers["eventType"] == "attendance_overtime_duration"
    one = frame.data["dataList"][0]
    assert (one["userid"], one["overtimeHour"], one["overtimeDayType"]) == ("lin", 2.0, "workDay")
    assert one["workDate"] == ms(MONDAY)
    assert (await listed(robot, "lin")).body["recordresult"][0]["timeResult"] == "NotSigned"
    for wrong in ({"overtimeDuration": None}, {"overtimeDuration": "two"}, {"overTimeToMore": None}):
        assert (await finish(robot, OVERTIME, **told | wrong)).code == "invalidRequestParams"
    assert (await finish(robot, OVERTIME, **told | {"overTimeToMore": 2})).status == 200
    assert world.meter.pushes == 1


async def test_the_archived_calls_answer_in_texts(robot: Robot) -> None:
    body = {
        "userid": "lin", "biz_type": 3, "from_time": TODAY, "to_time": TODAY, "duration_unit": "day",
        "calculate_model": 1,
    }  # fmt: skip
    answer = (await robot.old(f"{PATH}/approve/duration/calculate", body)).body
    assert answer["result"] == {"duration": "1.0", "duration_details": [{"date": TODAY, "duration": "1.0"}]}
    assert (await robot.old(f"{PATH}/approve/duration/calculate", {**body, "to_time": "2026-12-26"})).code == 850012
    assert (await robot.old(f"{PATH}/approve/duration/calculate", {**body, "to_time": MONDAY})).code == 40035
    more = {"tag_name": "请假", "sub_type": "年假", "approve_id": "old", "jump_url": "https://qinghe.example/"}
    assert (await robot.old(f"{PATH}/approve/finish", {**body, **more})).body["result"]["duration"] == "1.0"
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
        assert (await robot.old(f"{PATH}/approve/check", body | wrong)).code == 40035
    assert (await robot.old(f"{PATH}/approve/check", body | {"punch_check_time": f"{MONDAY} 09:00:00"})).code == 0
    on = (await listed(robot, "lin")).body["recordresult"][0]
    assert (on["timeResult"], on["sourceType"], on["procInstId"]) == ("Normal", "APPROVE", "c1")
    assert on["userCheckTime"] == ms(f"{MONDAY} 08:59:00")
    assert (await robot.old(f"{PATH}/approve/cancel", {"userid": "lin", "approve_id": "c1"})).code == 0
    assert (await listed(robot, "lin")).body["recordresult"][0]["timeResult"] == "NotSigned"
