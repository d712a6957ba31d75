"""Attendance groups, shifts and who is in which."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from sandbox.company import demo
from sandbox.server import serving
from sandbox.shifts import DAY_SHIFT, LATE, LATE_SHIFT, OFFICE
from sandbox.world import World
from sandbox.world.schedule import group_of, members
from tests.sandbox.attendance.shared import (
    PATH,
    TODAY,
    change,
    listed,
    result_of,
)
from tests.sandbox.client import Robot
from tests.sandbox.times import ms


async def test_groups_are_told_with_their_shifts_week_and_departments(robot: Robot) -> None:
    result = await result_of(robot, "getsimplegroups", offset=0, size=10)
    office = result["groups"][0]
    assert (result["has_more"], office["group_id"], office["type"], office["member_count"]) == (
        False,
        OFFICE,
        "FIXED",
        9,
    )
    assert office["work_day_list"] == ["0", *[str(DAY_SHIFT)] * 5, "0"]
    assert office["classes_list"] == ["周一、二、三、四、五 白班 09:00-18:00 ", "周六、日 休息"]
    assert office["dept_name_list"] == ["青禾科技有限公司"]
    shift = office["selected_class"][0]
    assert shift["sections"][0]["times"][0] == {
        "check_time": "1970-01-01 09:00:00",
        "check_type": "OnDuty",
        "across": 0,
    }
    assert (shift["setting"]["work_time_minutes"], shift["setting"]["serious_late_minutes"]) == (480, 30)
    assert shift["setting"]["rest_begin_time"]["check_time"] == "1970-01-01 12:00:00"
    second = await result_of(robot, "getsimplegroups", offset=2, size=1)
    assert (second["groups"][0]["type"], second["has_more"]) == ("TURN", False)
    assert (await robot.old(f"{PATH}/getsimplegroups", {"offset": 0, "size": 11})).code == 40035


async def test_a_person_is_in_one_group(robot: Robot) -> None:
    result = await result_of(robot, "getusergroup", userid="lin")
    assert (result["group_id"], result["name"], result["type"]) == (OFFICE, "行政考勤", "FIXED")
    assert result["classes"][0]["class_id"] == DAY_SHIFT
    assert (await robot.old(f"{PATH}/getusergroup", {"userid": "nobody"})).code == 40035


async def test_one_group_is_asked_for_by_an_administrator(robot: Robot, world: World) -> None:
    result = await result_of(robot, "group/query", op_user_id="li", group_id=OFFICE)
    assert (result["id"], result["owner_user_id"], result["manager_list"]) == (OFFICE, "li", "[admin]")
    assert result["work_day_list"] == [0, *[DAY_SHIFT] * 5, 0]
    assert result["shift_ids"] == [DAY_SHIFT]
    assert await result_of(robot, "group/search", op_user_id="li", group_name="晚") == [
        {"id": LATE, "name": "客服晚班"}
    ]
    key = await result_of(robot, "groups/idtokey", group_id=OFFICE)
    assert key == world.attendance.groups[OFFICE].key
    assert await result_of(robot, "groups/keytoid", op_user_id="li", group_key=key) == OFFICE


ASKED = [
    ("group/query", {"group_id": OFFICE}),
    ("group/search", {"group_name": "x"}),
    ("groups/keytoid", {"group_key": "x"}),
    ("shift/list", {}),
    ("shift/query", {"shift_id": DAY_SHIFT}),
    ("group/member/list", {"group_id": OFFICE}),
    ("group/memberusers/list", {"group_id": OFFICE}),
    ("group/member/listbyids", {"group_id": OFFICE, "member_ids": "lin", "member_type": 0}),
    ("group/member/update", {"group_id": OFFICE, "schedule_flag": 0, "update_param": {"add_users": ["lin"]}}),
    ("schedule/listbyday", {"user_id": "lin", "date_time": ms(TODAY)}),
    ("schedule/listbyusers", {"userids": "lin", "from_date_time": ms(TODAY), "to_date_time": ms(TODAY)}),
    ("schedule/shift/listbydays", {"userids": "lin", "from_date_time": ms(TODAY), "to_date_time": ms(TODAY)}),
    ("schedule/result/listbyids", {"schedule_ids": "1"}),
]


@pytest.mark.parametrize(("path", "body"), ASKED)
async def test_who_administers_no_attendance_is_refused(robot: Robot, path: str, body: dict[str, Any]) -> None:
    for nobody in ("lin", "nobody"):
        assert (await robot.old(f"{PATH}/{path}", {**body, "op_user_id": nobody})).code == 400020


async def test_shifts_are_listed_and_described(robot: Robot, world: World) -> None:
    result = await result_of(robot, "shift/list", op_user_id="li")
    assert result == {
        "has_more": False,
        "result": [{"id": DAY_SHIFT, "name": "白班"}, {"id": LATE_SHIFT, "name": "晚班"}],
    }
    shift = await result_of(robot, "shift/query", op_user_id="li", shift_id=LATE_SHIFT)
    on, off = shift["sections"][0]["punches"]
    assert (on["check_time"], off["check_time"]) == ("1970-01-01 13:00:00", "1970-01-01 22:00:00")
    assert (on["permit_minutes"], on["serious_late_minutes"]) == (0, "30")
    assert [one["check_type"] for one in shift["sections"][0]["rests"]] == ["OnDuty", "OffDuty"]
    assert shift["shift_setting"]["shift_id"] == LATE_SHIFT
    assert (await robot.old(f"{PATH}/shift/query", {"op_user_id": "li", "shift_id": 7})).code == 40035
    for number in range(200):
        world.attendance.shifts[number + 10] = world.attendance.shifts[DAY_SHIFT]
    first = await result_of(robot, "shift/list", op_user_id="li")
    second = await result_of(robot, "shift/list", op_user_id="li", cursor=first["cursor"])
    assert (len(first["result"]), len(second["result"]), "cursor" in second) == (200, 2, False)


async def test_a_change_of_group_holds_from_today_or_tomorrow(robot: Robot, world: World) -> None:
    assert (await change(robot, LATE, add_users=["lin"])).body["success"] is True
    assert (await change(robot, LATE, 1, add_users=["wang"])).code == 0
    today = world.clock.now().date()
    assert [getattr(group_of(world, one, today), "id", 0) for one in ("lin", "wang")] == [LATE, OFFICE]
    assert getattr(group_of(world, "wang", today + timedelta(days=1)), "id", 0) == LATE
    rows = (await listed(robot, "lin", until=TODAY)).body["recordresult"]
    bases = [one["baseCheckTime"] for one in rows]
    assert bases == [ms(f"2026-11-{clock}") for clock in ("23 09:00", "23 18:00", "24 13:00", "24 22:00")]
    await change(robot, LATE, remove_users=["lin"])
    assert getattr(group_of(world, "lin", today), "id", 0) == OFFICE  # the department's again


async def test_members_are_people_departments_and_the_exempt(robot: Robot) -> None:
    await change(robot, LATE, add_users=["lin"], add_depts=["300"], add_extra_users=["chen"])
    rows = (await result_of(robot, "group/member/list", op_user_id="li", group_id=LATE))["result"]
    assert {(one["member_id"], one["type"], one["atc_flag"]) for one in rows} == {
        ("lin", "0", "0"),
        ("300", "1", "0"),
        ("chen", "0", "1"),
    }
    people = (await result_of(robot, "group/memberusers/list", op_user_id="li", group_id=LATE))["result"]
    assert people == ["lin", "qinfeng"]
    asked = {"op_user_id": "li", "group_id": LATE, "member_ids": "lin,qinfeng,300"}
    assert await result_of(robot, "group/member/listbyids", **asked, member_type=0) == ["lin"]
    assert await result_of(robot, "group/member/listbyids", **asked, member_type=1) == ["300"]
    await change(robot, LATE, remove_depts=["300"], remove_extra_users=["chen"])
    assert (await result_of(robot, "getusergroup", userid="chen"))["group_id"] == OFFICE


@pytest.mark.parametrize(
    "wrong",
    [
        {"update_param": {"add_users": ["lin"] * 21}},
        {"update_param": {"remove_depts": ["300"] * 21}},
        {"update_param": {"add_users": ["nobody"]}},
        {"update_param": {"add_depts": ["999"]}},
        {"update_param": None},
        {"schedule_flag": 2},
        {"group_id": 1},
    ],
)
async def test_a_change_that_cannot_be_is_refused_as_a_whole(robot: Robot, world: World, wrong: dict[str, Any]) -> None:
    before = len(world.attendance.memberships)
    body = {"op_user_id": "li", "group_id": LATE, "schedule_flag": 0, "update_param": {"add_users": ["lin"]}, **wrong}
    assert (await robot.old(f"{PATH}/group/member/update", body)).code == 40035
    assert len(world.attendance.memberships) == before


async def test_adding_by_key_may_succeed_in_part(robot: Robot, world: World) -> None:
    key = world.attendance.groups[LATE].key
    added = await result_of(robot, "group/users/add", group_key=key, user_id_list=["lin", "nobody"])
    assert added["success_list"] == ["lin"]
    assert added["error_info_list"][0]["failure_list"] == ["nobody"]
    removed = await result_of(robot, "group/users/remove", op_userid="li", group_key=key, user_id_list="lin,wang")
    assert (removed["success_list"], removed["error_info_list"][0]["failure_list"]) == (["lin"], ["wang"])
    for wrong in ({"user_id_list": ["x"] * 101}, {"group_key": "no"}, {"op_userid": "lin"}):
        body = {"group_key": key, "user_id_list": ["lin"], **wrong}
        assert (await robot.old(f"{PATH}/group/users/add", body)).code in {40035, 400020}


async def test_the_demos_customer_service_works_late() -> None:
    async with serving(World(demo())) as sandbox:
        world, day = sandbox.world, datetime.fromisoformat(TODAY).date()
        assert getattr(group_of(world, "huolan", day), "id", 0) == LATE
        assert getattr(group_of(world, "lin", day), "id", 0) == OFFICE
        assert len(members(world, world.attendance.groups[LATE])) == 5
        assert group_of(world, "fengze", datetime(2026, 10, 11).date()) is None  # noqa: DTZ001 - a day
