"""Leave types and balances."""

import json
from datetime import timedelta
from typing import Any

import pytest

from sandbox.world import World
from tests.sandbox.attendance.shared import (
    PATH,
)
from tests.sandbox.client import Answer, Robot
from tests.sandbox.times import ms

TYPES = "/v1.0/attendance/leaves/types"
MADE = {
    "leaveName": "育儿假", "leaveViewUnit": "day", "bizType": "general_leave", "naturalDayLeave": False,
    "hoursInPerDay": 800,
    "submitTimeRule": {"timeValue": 2, "timeUnit": "day", "timeType": "before", "enableTimeLimit": True},
    "extras": '{"validity_type": "absolute_time", "validity_value": "12-31"}',
}  # fmt: skip


def _validity(kind: str, value: str) -> str:
    return json.dumps({"validity_type": kind, "validity_value": value})


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
    ours = (await robot.old(f"{PATH}/vacation/type/list", {"op_userid": "admin"})).body["result"]
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
    every = (await robot.old(f"{PATH}/vacation/type/list", {"op_userid": "admin", "vacation_source": "all"})).body
    assert [one["leave_name"] for one in every["result"]] == ["年假", "事假", "病假", "调休", "婚假", "产假", "育儿假"]
    assert (await robot.old(f"{PATH}/vacation/type/list", {"op_userid": "lin"})).code == 400020
    assert (await _make(robot, "PUT", leaveCode=code, leaveName="育儿")).code == "updateSpeedfast"
    world.clock.advance(timedelta(minutes=5))
    assert (await _make(robot, "PUT", leaveCode=code, leaveName="育儿")).body["result"]["leaveName"] == "育儿"
    world.clock.advance(timedelta(minutes=5))
    assert (await _make(robot, "PUT", leaveCode=code, bizType="lieu_leave")).code == "bizTypeCannotModified"
    gone = (await robot.old(f"{PATH}/vacation/type/delete", {"op_userid": "admin", "leave_code": code})).body["result"]
    assert (gone["leave_code"], gone["natural_day_leave"]) == (code, False)
    gone = await robot.old(f"{PATH}/vacation/type/delete", {"op_userid": "admin", "leave_code": code})
    assert gone.code == 880015


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"leaveName": "年假"}, "nameAlreadyExists"),
        ({"bizType": "lieu_leave"}, "lieuLeaveOnlyOne"),
        ({"bizType": "lieu_leave", "extras": None}, "lieuLeaveValidityIncorrect"),
        ({"bizType": "lieu_leave", "extras": _validity("absolute_time", "13-01")}, "lieuLeaveValidityIncorrect"),
        ({"bizType": "lieu_leave", "extras": _validity("relative_time", "1")}, "lieuLeaveValidityIncorrect"),
        ({"bizType": "lieu_leave", "extras": _validity("ever", "12-31")}, "lieuLeaveValidityIncorrect"),
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
    gone = await robot.old(f"{PATH}/vacation/type/delete", {"op_userid": "admin", "leave_code": code})
    assert gone.code == 880015
    quota = {"userid": "lin", "leave_code": code, "start_time": 0, "end_time": 1, "quota_num_per_day": 100}
    answer = (await robot.old(f"{PATH}/vacation/quota/init", {"op_userid": "admin", "leave_quotas": [quota]})).body
    assert answer["result"] == [{"reason": "假期类型不存在", "quota": {"leave_code": code, "userid": "lin"}}]


async def test_a_balance_has_a_row_for_each_period(robot: Robot, world: World) -> None:
    code = next(one.code for one in world.attendance.vacation.types.values() if one.name == "年假")
    body = {"op_userid": "admin", "leave_code": code, "userids": "lin,wang", "offset": 0, "size": 4}
    first = (await robot.old(f"{PATH}/vacation/quota/list", body)).body["result"]
    second = (await robot.old(f"{PATH}/vacation/quota/list", {**body, "offset": 4})).body["result"]
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
        assert (await robot.old(f"{PATH}/vacation/quota/list", {**body, **wrong})).code == errcode


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
    failed = (await robot.old(f"{PATH}/vacation/quota/init", body)).body["result"]
    assert failed == [
        {"reason": "员工不存在", "quota": {"leave_code": code, "userid": "nobody", "quota_cycle": "2026"}}
    ]
    world.attendance.vacation.quotas[-1].used = 200
    lacking = {key: value for key, value in quota.items() if key != "quota_num_per_day"}
    body = {"op_userid": "admin", "leave_quotas": json.dumps([{**quota, "quota_num_per_day": 900}, lacking])}
    failed = (await robot.old(f"{PATH}/vacation/quota/update", body)).body["result"]
    assert [one["reason"] for one in failed] == ["按天计算的额度不能为空"]
    asked = {"op_userid": "admin", "leave_code": code, "userids": "lin", "offset": 0, "size": 50}
    row = (await robot.old(f"{PATH}/vacation/quota/list", asked)).body["result"]["leave_quotas"][0]
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
        await robot.old(f"{PATH}/vacation/quota/init", {**body, "leave_quotas": [lacking | {"end_time": None}]})
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
    row = (await robot.old(f"{PATH}/vacation/quota/list", body)).body["result"]["leave_quotas"][0]
    assert (row["quota_num_per_day"], row["used_num_per_day"]) == (700, 150)
    assert (await robot.call("POST", "/sandbox/quotas", set_by_hand | {"leave": "没有"})).status == 400
