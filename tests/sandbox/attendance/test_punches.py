"""Punches: made by people, uploaded, judged by the shift, pushed, read."""

from datetime import datetime
from typing import Any

import pytest

from sandbox.shifts import DAY_SHIFT, OFFICE
from sandbox.world import World
from sandbox.world.attendance import Membership
from tests.sandbox.attendance.shared import (
    MONDAY,
    TODAY,
    listed,
    punch,
)
from tests.sandbox.client import Robot
from tests.sandbox.times import ms


async def test_each_checkpoint_has_a_row_though_nobody_punched(robot: Robot) -> None:
    answer = (await listed(robot, "lin")).body
    assert (answer["errcode"], answer["hasMore"]) == (0, False)
    on, off = answer["recordresult"]
    assert (on["checkType"], off["checkType"]) == ("OnDuty", "OffDuty")
    assert {on["timeResult"], on["locationResult"], off["timeResult"]} == {"NotSigned"}
    assert on["baseCheckTime"] == ms(f"{MONDAY} 09:00:00")
    assert on["workDate"] == ms(f"{MONDAY} 00:00:00")
    assert on["groupId"] == OFFICE
    assert "recordId" not in on
    assert [one["planId"] for one in (await listed(robot, "lin")).body["recordresult"]] == [on["planId"], off["planId"]]


@pytest.mark.parametrize(
    ("on", "off", "results"),
    [
        ("08:50:00", "18:00:00", ["Normal", "Normal"]),
        ("09:00:59", "18:10:00", ["Normal", "Normal"]),
        ("09:01:00", "17:59:59", ["Late", "Early"]),
        ("09:30:00", "23:00:00", ["Late", "Normal"]),
        ("09:31:00", "18:00:00", ["SeriousLate", "Normal"]),
        ("11:01:00", "18:00:00", ["Absenteeism", "Normal"]),
        ("13:29:00", None, ["Absenteeism", "NotSigned"]),
        (None, "13:31:00", ["NotSigned", "Early"]),
        (None, None, ["NotSigned", "NotSigned"]),
    ],
)
async def test_a_punch_is_judged_by_whole_minutes(
    robot: Robot, on: str | None, off: str | None, results: list[str]
) -> None:
    for clock in (on, off):
        if clock:
            await punch(robot, "lin", f"{MONDAY}T{clock}")
    assert [one["timeResult"] for one in (await listed(robot, "lin")).body["recordresult"]] == results


async def test_the_first_punch_begins_a_day_and_the_last_one_ends_it(robot: Robot) -> None:
    for clock in ("08:30", "08:58", "12:10", "18:05", "20:15"):
        await punch(robot, "lin", f"{MONDAY}T{clock}:00")
    on, off = (await listed(robot, "lin")).body["recordresult"]
    assert on["userCheckTime"] == ms(f"{MONDAY} 08:30:00")
    assert off["userCheckTime"] == ms(f"{MONDAY} 20:15:00")
    assert {on["sourceType"], on["locationResult"], on["timeResult"]} == {"USER", "Normal"}


async def test_an_evening_ends_before_the_next_morning_begins(robot: Robot) -> None:
    await punch(robot, "lin", f"{TODAY}T01:20:00")
    await punch(robot, "lin", f"{TODAY}T01:40:00")
    rows = (await listed(robot, "lin", until=TODAY)).body["recordresult"]
    assert [one["userCheckTime"] for one in rows[1:3]] == [ms(f"{TODAY} 01:20:00"), ms(f"{TODAY} 01:40:00")]


async def test_a_night_shift_ends_the_next_day(robot: Robot, world: World) -> None:
    night = world.attendance.shifts[DAY_SHIFT]
    night.on, night.off, night.rest = "22:00", "06:00", []
    for at in ("2026-11-19T21:50:00", "2026-11-20T06:05:00", "2026-11-20T22:40:00", "2026-11-21T05:00:00"):
        await punch(robot, "lin", at)
    rows = (await listed(robot, "lin", since="2026-11-19", until="2026-11-20")).body["recordresult"]
    assert [one["timeResult"] for one in rows] == ["Normal", "Normal", "SeriousLate", "Early"]
    assert rows[1]["workDate"] == ms("2026-11-19 00:00:00")
    assert rows[1]["baseCheckTime"] == ms("2026-11-20 06:00:00")
    records = await _records(robot, "lin", since="2026-11-20 00:00:00", until="2026-11-20 12:00:00")
    assert [(one["checkType"], one["workDate"]) for one in records] == [("OffDuty", ms("2026-11-19 00:00:00"))]


async def test_days_off_and_days_to_come_have_no_rows(robot: Robot) -> None:
    assert (await listed(robot, "lin", since="2026-11-21", until="2026-11-22")).body["recordresult"] == []
    assert (await listed(robot, "lin", since="2026-10-01", until="2026-10-07")).body["recordresult"] == []
    assert len((await listed(robot, "lin", since="2026-10-10", until="2026-10-10")).body["recordresult"]) == 2
    assert (await listed(robot, "lin", since="2026-11-25", until="2026-11-26")).body["recordresult"] == []
    assert (await listed(robot, "nobody")).body["recordresult"] == []
    assert (await listed(robot, "lin", isI18n=True)).body["recordresult"] == []


async def test_results_are_paged_to_the_end(robot: Robot, world: World) -> None:
    rows: list[Any] = []
    more = True
    while more:
        answer = (await listed(robot, *world.directory.users, until=TODAY, offset=len(rows), limit=10)).body
        rows += answer["recordresult"]
        more = answer["hasMore"]
    assert len(rows) == 9 * 2 * 2
    assert len({one["planId"] for one in rows}) == len(rows)


async def test_case_matters_in_paths_and_fields(robot: Robot) -> None:
    body = {"userIds": ["lin"], "checkDateFrom": f"{MONDAY} 00:00:00", "checkDateTo": f"{MONDAY} 10:00:00"}
    assert (await robot.old("/attendance/listRecord", body)).code == 0
    assert (await robot.old("/attendance/listrecord", body)).status == 404
    assert (await robot.old("/attendance/listRecord", {**body, "userIds": None, "userids": ["lin"]})).code == 40035


@pytest.mark.parametrize(
    ("wrong", "errcode"),
    [
        ({"workDateFrom": "2026-11-16 23:59:59"}, 41041),
        ({"workDateFrom": "2026-05-27 00:00:00", "workDateTo": "2026-05-28 00:00:00"}, 40035),
        ({"workDateFrom": "2026-11-25 00:00:00"}, 40035),
        ({"userIdList": ["lin"] * 51}, 40035),
        ({"userIdList": []}, 40035),
        ({"limit": 51}, 40035),
        ({"limit": None}, 40035),
        ({"offset": -1}, 40035),
        ({"workDateFrom": "2026-11-23"}, 40035),
        ({"workDateFrom": "2026-11-23T00:00:00"}, 40035),
    ],
)
async def test_what_the_results_do_not_take(robot: Robot, wrong: dict[str, Any], errcode: int) -> None:
    body = {"workDateFrom": "2026-11-23 00:00:00", "workDateTo": "2026-11-24 00:00:00", "userIdList": ["lin"]}
    assert (await robot.old("/attendance/list", {**body, "offset": 0, "limit": 50, **wrong})).code == errcode


async def test_seven_days_and_180_days_back_are_still_taken(robot: Robot) -> None:
    assert (await listed(robot, "lin", since="2026-11-17", until=TODAY)).code == 0
    assert (await listed(robot, "lin", since="2026-05-28", until="2026-05-29")).code == 0


async def _records(robot: Robot, *users: str, since: str, until: str) -> Any:
    body = {"userIds": list(users), "checkDateFrom": since, "checkDateTo": until}
    answer = await robot.old("/attendance/listRecord", body)
    assert answer.code == 0, answer
    return answer.body["recordresult"]


async def test_records_are_every_punch_and_the_window_is_exact(robot: Robot, world: World) -> None:
    assert await _records(robot, "lin", since=f"{MONDAY} 00:00:00", until=f"{MONDAY} 23:59:59") == []
    made = await punch(robot, "lin", f"{MONDAY}T09:10:00", outside=True, remark="拜访客户")
    await punch(robot, "lin", f"{MONDAY}T09:20:00", invalid="需要二次确认")
    await punch(robot, "lin", f"{MONDAY}T09:30:00", source="ATM", device_id="gate", address="东门考勤机")
    late, refused, again = await _records(robot, "lin", since=f"{MONDAY} 09:10:00", until=f"{MONDAY} 09:30:00")
    assert late == {
        "id": made["id"], "userId": "lin", "corpId": world.app.corp_id, "workDate": ms(f"{MONDAY} 00:00:00"),
        "userCheckTime": ms(f"{MONDAY} 09:10:00"), "sourceType": "USER", "userAddress": made["address"],
        "bizId": made["biz_id"], "gmtCreate": ms(f"{MONDAY} 09:10:00"), "gmtModified": ms(f"{MONDAY} 09:10:00"),
        "locationMethod": "MAP", "userLatitude": 31.2304, "userLongitude": 121.4737, "userAccuracy": 65,
        "deviceId": "sandbox-phone", "outsideRemark": "拜访客户", "checkType": "OnDuty", "timeResult": "Late",
        "locationResult": "Outside", "isLegal": "N", "baseCheckTime": ms(f"{MONDAY} 09:00:00"),
        "planCheckTime": ms(f"{MONDAY} 09:00:00"), "planId": late["planId"], "groupId": OFFICE, "classId": DAY_SHIFT,
    }  # fmt: skip
    assert (refused["isLegal"], refused["invalidRecordType"]) == ("N", "Other")
    assert refused["invalidRecordMsg"] == "需要二次确认"
    assert "timeResult" not in refused
    assert (again["deviceSN"], again["userAddress"]) == ("gate", "东门考勤机")
    assert not {"userLatitude", "timeResult"} & set(again)
    assert len(await _records(robot, "lin", since=f"{MONDAY} 09:10:01", until=f"{MONDAY} 09:29:59")) == 1


@pytest.mark.parametrize(
    ("wrong", "errcode"),
    [
        ({"userIds": ["lin"] * 51}, 40035),
        ({"checkDateFrom": "2026-11-16 23:59:59"}, 41041),
        ({"checkDateFrom": "2026-05-27 00:00:00", "checkDateTo": "2026-05-27 10:00:00"}, 40035),
        ({"checkDateTo": "24.11.2026"}, 40035),
        ({"userIds": None}, 40035),
    ],
)
async def test_what_the_records_do_not_take(robot: Robot, wrong: dict[str, Any], errcode: int) -> None:
    body = {"userIds": ["lin"], "checkDateFrom": "2026-11-23 00:00:00", "checkDateTo": "2026-11-24 00:00:00"}
    assert (await robot.old("/attendance/listRecord", {**body, **wrong})).code == errcode


async def test_a_punch_is_pushed_without_what_it_came_to(robot: Robot, world: World) -> None:
    line = await robot.connect()
    made = await punch(robot, "lin", f"{TODAY}T08:55:00+08:00")
    frame = await line.frame()
    assert frame.headers["eventType"] == "attendance_check_record"
    assert frame.data == {
        "dataList": [
            {
                "userId": "lin",
                "corpId": world.app.corp_id,
                "checkTime": ms(f"{TODAY} 08:55:00"),
                "bizId": made["biz_id"],
                "address": made["address"],
                "locationResult": "Normal",
                "checkByUser": True,
                "groupId": world.attendance.groups[OFFICE].key,
                "locationMethod": "MAP",
                "latitude": 31.2304,
                "longitude": 121.4737,
            }
        ]
    }
    assert world.meter.pushes == 1


async def test_a_person_is_pushed_at_most_once_a_minute(robot: Robot, world: World) -> None:
    line = await robot.connect()
    for user in ("lin", "lin", "wang"):
        await punch(robot, user, f"{TODAY}T08:55:00")
    await robot.call("POST", "/sandbox/clock", {"advance": 60})
    await punch(robot, "lin", f"{TODAY}T08:56:00")
    told = [(await line.frame()).data["dataList"][0]["userId"] for _ in range(3)]
    assert told == ["lin", "wang", "lin"]
    assert len(world.attendance.punches["lin"]) == 3


async def test_an_uploaded_punch_counts_like_one_at_the_clock(robot: Robot) -> None:
    body = {
        "userid": "lin",
        "device_name": "东门考勤机",
        "device_id": "abc",
        "user_check_time": ms(f"{MONDAY} 08:59:00"),
        "photo_url": "https://qinghe.example/1.png",
    }
    path = "/topapi/attendance/record/upload"
    assert (await robot.old(path, body)).body["success"] is True
    on = (await listed(robot, "lin")).body["recordresult"][0]
    assert (on["timeResult"], on["sourceType"]) == ("Normal", "ATM")
    for wrong in ({"user_check_time": ms("2026-05-27 00:00:00")}, {"userid": "nobody"}, {"device_id": ""}):
        assert (await robot.old(path, body | wrong)).code == 40035


async def test_a_day_of_one_person_is_told_whole(robot: Robot) -> None:
    await punch(robot, "lin", f"{MONDAY}T09:10:00")
    await punch(robot, "lin", f"{MONDAY}T09:20:00", invalid="需要二次确认")
    body = {"userid": "lin", "work_date": MONDAY}
    answer = (await robot.old("/topapi/attendance/getupdatedata", body)).body
    result = answer["result"]
    assert (answer["success"], result["userid"], result["work_date"]) == (True, "lin", f"{MONDAY} 00:00:00")
    on, off = result["attendance_result_list"]
    assert (on["time_result"], on["user_check_time"], on["class_id"]) == ("Late", f"{MONDAY} 09:10:00", DAY_SHIFT)
    assert off["time_result"] == "NotSigned"
    good, bad = result["check_record_list"]
    assert (good["valid_matched"], bad["valid_matched"], bad["invalid_record_msg"]) == (True, False, "需要二次确认")
    rest = {"rest_begin_time": ms(f"{MONDAY} 12:00:00"), "rest_end_time": ms(f"{MONDAY} 13:00:00")}
    assert result["class_setting_info"]["rest_time_vo_list"] == [rest]
    nobody = (await robot.old("/topapi/attendance/getupdatedata", {**body, "userid": "nobody"})).body["result"]
    assert nobody["attendance_result_list"] == nobody["check_record_list"] == nobody["approve_list"] == []
    assert (await robot.old("/topapi/attendance/getupdatedata", {**body, "work_date": "today"})).code == 40035


async def test_whoever_need_not_come_has_no_checkpoints(robot: Robot, world: World) -> None:
    day = datetime.fromisoformat(MONDAY).date()
    world.attendance.memberships.append(Membership(OFFICE, "extra", "gao", day))
    assert (await listed(robot, "gao")).body["recordresult"] == []


async def test_a_stranger_cannot_punch(robot: Robot) -> None:
    for wrong in ({"user": "nobody"}, {"user": "lin", "at": "soon"}, {"user": "lin", "source": "PIGEON"}):
        assert (await robot.call("POST", "/sandbox/punches", wrong)).status == 400
    await punch(robot, "lin", f"{MONDAY}T09:00:00")
    assert len((await robot.call("GET", "/sandbox/punches", params={"user": "lin"})).body) == 1


async def test_attendance_is_counted(robot: Robot, world: World) -> None:
    await listed(robot, "lin")
    assert world.meter.calls == 1
