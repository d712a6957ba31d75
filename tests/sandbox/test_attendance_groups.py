"""Attendance groups, their members, shifts and plans."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from sandbox.company import demo
from sandbox.server import serving
from sandbox.shifts import DAY_SHIFT, LATE, LATE_SHIFT, OFFICE, TURNS
from sandbox.world import World
from sandbox.world.schedule import group_of, members
from tests.sandbox.client import Answer, Robot
from tests.sandbox.test_punches import listed, ms

PATH = "/topapi/attendance"
TODAY, TOMORROW = "2026-11-24", "2026-11-25"


async def _result(robot: Robot, path: str, **body: Any) -> Any:
    answer = await robot.old(f"{PATH}/{path}", body)
    assert answer.code == 0, answer
    return answer.body.get("result")


async def test_groups_are_told_with_their_shifts_week_and_departments(robot: Robot) -> None:
    result = await _result(robot, "getsimplegroups", offset=0, size=10)
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
    second = await _result(robot, "getsimplegroups", offset=2, size=1)
    assert (second["groups"][0]["type"], second["has_more"]) == ("TURN", False)
    assert (await robot.old(f"{PATH}/getsimplegroups", {"offset": 0, "size": 11})).code == 40035


async def test_a_person_is_in_one_group(robot: Robot) -> None:
    result = await _result(robot, "getusergroup", userid="lin")
    assert (result["group_id"], result["name"], result["type"]) == (OFFICE, "行政考勤", "FIXED")
    assert result["classes"][0]["class_id"] == DAY_SHIFT
    assert (await robot.old(f"{PATH}/getusergroup", {"userid": "nobody"})).code == 40035


async def test_one_group_is_asked_for_by_an_administrator(robot: Robot, world: World) -> None:
    result = await _result(robot, "group/query", op_user_id="li", group_id=OFFICE)
    assert (result["id"], result["owner_user_id"], result["manager_list"]) == (OFFICE, "li", "[admin]")
    assert result["work_day_list"] == [0, *[DAY_SHIFT] * 5, 0]
    assert result["shift_ids"] == [DAY_SHIFT]
    assert await _result(robot, "group/search", op_user_id="li", group_name="晚") == [{"id": LATE, "name": "客服晚班"}]
    key = await _result(robot, "groups/idtokey", group_id=OFFICE)
    assert key == world.attendance.groups[OFFICE].key
    assert await _result(robot, "groups/keytoid", op_user_id="li", group_key=key) == OFFICE


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
    result = await _result(robot, "shift/list", op_user_id="li")
    assert result == {
        "has_more": False,
        "result": [{"id": DAY_SHIFT, "name": "白班"}, {"id": LATE_SHIFT, "name": "晚班"}],
    }
    shift = await _result(robot, "shift/query", op_user_id="li", shift_id=LATE_SHIFT)
    on, off = shift["sections"][0]["punches"]
    assert (on["check_time"], off["check_time"]) == ("1970-01-01 13:00:00", "1970-01-01 22:00:00")
    assert (on["permit_minutes"], on["serious_late_minutes"]) == (0, "30")
    assert [one["check_type"] for one in shift["sections"][0]["rests"]] == ["OnDuty", "OffDuty"]
    assert shift["shift_setting"]["shift_id"] == LATE_SHIFT
    assert (await robot.old(f"{PATH}/shift/query", {"op_user_id": "li", "shift_id": 7})).code == 40035
    for number in range(200):
        world.attendance.shifts[number + 10] = world.attendance.shifts[DAY_SHIFT]
    first = await _result(robot, "shift/list", op_user_id="li")
    second = await _result(robot, "shift/list", op_user_id="li", cursor=first["cursor"])
    assert (len(first["result"]), len(second["result"]), "cursor" in second) == (200, 2, False)


async def _change(robot: Robot, group_id: int, flag: int = 0, **param: Any) -> Answer:
    body = {"op_user_id": "li", "group_id": group_id, "schedule_flag": flag, "update_param": param}
    return await robot.old(f"{PATH}/group/member/update", body)


async def test_a_change_of_group_holds_from_today_or_tomorrow(robot: Robot, world: World) -> None:
    assert (await _change(robot, LATE, add_users=["lin"])).body["success"] is True
    assert (await _change(robot, LATE, 1, add_users=["wang"])).code == 0
    today = world.clock.now().date()
    assert [getattr(group_of(world, one, today), "id", 0) for one in ("lin", "wang")] == [LATE, OFFICE]
    assert getattr(group_of(world, "wang", today + timedelta(days=1)), "id", 0) == LATE
    rows = (await listed(robot, "lin", until=TODAY)).body["recordresult"]
    bases = [one["baseCheckTime"] for one in rows]
    assert bases == [ms(f"2026-11-{clock}") for clock in ("23 09:00", "23 18:00", "24 13:00", "24 22:00")]
    await _change(robot, LATE, remove_users=["lin"])
    assert getattr(group_of(world, "lin", today), "id", 0) == OFFICE  # the department's again


async def test_members_are_people_departments_and_the_exempt(robot: Robot) -> None:
    await _change(robot, LATE, add_users=["lin"], add_depts=["300"], add_extra_users=["chen"])
    rows = (await _result(robot, "group/member/list", op_user_id="li", group_id=LATE))["result"]
    assert {(one["member_id"], one["type"], one["atc_flag"]) for one in rows} == {
        ("lin", "0", "0"),
        ("300", "1", "0"),
        ("chen", "0", "1"),
    }
    people = (await _result(robot, "group/memberusers/list", op_user_id="li", group_id=LATE))["result"]
    assert people == ["lin", "qinfeng"]
    asked = {"op_user_id": "li", "group_id": LATE, "member_ids": "lin,qinfeng,300"}
    assert await _result(robot, "group/member/listbyids", **asked, member_type=0) == ["lin"]
    assert await _result(robot, "group/member/listbyids", **asked, member_type=1) == ["300"]
    await _change(robot, LATE, remove_depts=["300"], remove_extra_users=["chen"])
    assert (await _result(robot, "getusergroup", userid="chen"))["group_id"] == OFFICE


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
    added = await _result(robot, "group/users/add", group_key=key, user_id_list=["lin", "nobody"])
    assert added["success_list"] == ["lin"]
    assert added["error_info_list"][0]["failure_list"] == ["nobody"]
    removed = await _result(robot, "group/users/remove", op_userid="li", group_key=key, user_id_list="lin,wang")
    assert (removed["success_list"], removed["error_info_list"][0]["failure_list"]) == (["lin"], ["wang"])
    for wrong in ({"user_id_list": ["x"] * 101}, {"group_key": "no"}, {"op_userid": "lin"}):
        body = {"group_key": key, "user_id_list": ["lin"], **wrong}
        assert (await robot.old(f"{PATH}/group/users/add", body)).code in {40035, 400020}


async def test_a_day_of_one_person_is_planned_in_two_checkpoints(robot: Robot, world: World) -> None:
    on, off = await _result(robot, "schedule/listbyday", op_user_id="li", user_id="lin", date_time=ms(TODAY))
    assert (on["check_type"], on["check_date_time"], on["is_rest"]) == ("OnDuty", f"{TODAY} 09:00:00", "N")
    assert (on["check_begin_time"], on["check_end_time"]) == (f"{TODAY} 01:30:00", f"{TODAY} 13:30:00")
    assert (on["check_status"], on["class_name"], on["group_id"]) == ("Init", "白班", OFFICE)
    assert off["check_end_time"] == f"{TOMORROW} 01:30:00"
    await robot.call("POST", "/sandbox/clock", {"set": f"{TODAY}T14:00:00"})
    robot.token = world.tokens.issue()
    on, off = await _result(robot, "schedule/listbyday", op_user_id="li", user_id="lin", date_time=ms(TODAY))
    assert (on["check_status"], off["check_status"]) == ("Timeout", "Init")


async def test_plans_of_many_name_days_off_by_shift_zero(robot: Robot) -> None:
    body = {"op_user_id": "li", "userids": "lin,wang"}
    span = {"from_date_time": ms("2026-11-20"), "to_date_time": ms("2026-11-21")}
    rows = await _result(robot, "schedule/listbyusers", **body, **span)
    assert [(one["userid"], one["shift_id"], one["is_rest"]) for one in rows] == [
        (user, shift, rest)
        for user in ("lin", "wang")
        for shift, rest in ((DAY_SHIFT, "N"), (DAY_SHIFT, "N"), (0, "Y"))
    ]
    assert rows[0]["plan_check_time"] == "2026-11-20 09:00:00"
    days = await _result(robot, "schedule/shift/listbydays", **body, **span)
    assert [(one["userid"], one["work_date"], one["shift_names"]) for one in days] == [
        ("lin", "2026-11-20 00:00:00", ["白班"]),
        ("wang", "2026-11-20 00:00:00", ["白班"]),
    ]


@pytest.mark.parametrize(
    ("path", "wrong", "errcode"),
    [
        ("schedule/listbyusers", {"userids": ",".join(["lin"] * 51)}, 40035),
        ("schedule/listbyusers", {"from_date_time": ms("2026-11-16")}, 41041),
        ("schedule/listbyusers", {"from_date_time": ms("2026-05-20"), "to_date_time": ms("2026-05-21")}, 40035),
        ("schedule/listbyusers", {"userids": ["lin"]}, 40035),
        ("schedule/shift/listbydays", {"userids": ",".join(["lin"] * 21)}, 40035),
        ("schedule/shift/listbydays", {"from_date_time": ms("2026-11-16")}, 41041),
        ("schedule/shift/listbydays", {"to_date_time": ms("2026-11-20")}, 40035),
    ],
)
async def test_what_the_plans_do_not_take(robot: Robot, path: str, wrong: dict[str, Any], errcode: int) -> None:
    body = {"op_user_id": "li", "userids": "lin", "from_date_time": ms(TODAY), "to_date_time": ms(TODAY)}
    assert (await robot.old(f"{PATH}/{path}", {**body, **wrong})).code == errcode


async def test_everybodys_plans_end_fifteen_days_ahead(robot: Robot, world: World) -> None:
    rows: list[Any] = []
    more = True
    while more:
        page = await _result(robot, "listschedule", workDate=TODAY, offset=len(rows), size=7)
        rows += page["schedules"]
        more = page["has_more"]
    assert {one["userid"] for one in rows} == set(world.directory.users)
    assert set(rows[0]) == {
        "plan_id", "userid", "check_type", "plan_check_time", "class_id", "class_setting_id", "group_id",
    }  # fmt: skip
    assert (await _result(robot, "listschedule", workDate="2026-12-09"))["schedules"]
    assert (await _result(robot, "listschedule", workDate="2026-12-10"))["schedules"] == []
    assert (await robot.old(f"{PATH}/listschedule", {"workDate": TODAY, "size": 201})).code == 40035
    assert (await robot.old(f"{PATH}/listschedule", {"workDate": "2026-11-31"})).code == 40035


async def test_results_are_found_by_plan(robot: Robot) -> None:
    plans = (await _result(robot, "listschedule", workDate="2026-11-23"))["schedules"]
    ids = ",".join(str(one["plan_id"]) for one in plans[:2])
    rows = await _result(robot, "schedule/result/listbyids", op_user_id="li", schedule_ids=ids + ",5")
    assert [(one["schedule_id"], one["time_result"], one["is_legal"]) for one in rows] == [
        (plans[0]["plan_id"], "NotSigned", "Y"),
        (plans[1]["plan_id"], "NotSigned", "Y"),
    ]
    for wrong in (",".join(["1"] * 101), "one", ""):
        body = {"op_user_id": "li", "schedule_ids": wrong}
        assert (await robot.old(f"{PATH}/schedule/result/listbyids", body)).code == 40035


def _turn(userid: str, day: str, shift_id: int, *, rest: bool = False) -> dict[str, Any]:
    return {"userid": userid, "work_date": ms(day), "shift_id": shift_id, "is_rest": rest}


async def _write(robot: Robot, *schedules: dict[str, Any], group_id: int = TURNS) -> Answer:
    body = {"op_user_id": "li", "group_id": group_id, "schedules": list(schedules)}
    return await robot.old(f"{PATH}/group/schedule/async", body)


async def _bases(robot: Robot, userid: str, day: str) -> list[str]:
    rows = await _result(robot, "schedule/listbyday", op_user_id="li", user_id=userid, date_time=ms(day))
    return [one.get("check_date_time", "rest")[11:16] or "rest" for one in rows]


async def test_a_group_that_plans_by_hand_has_only_what_was_written(robot: Robot) -> None:
    await _change(robot, TURNS, add_users=["lin"])
    assert await _bases(robot, "lin", TODAY) == []
    assert (await _write(robot, _turn("lin", TODAY, LATE_SHIFT), _turn("lin", TOMORROW, 1, rest=True))).code == 0
    assert await _bases(robot, "lin", TODAY) == ["13:00", "22:00"]
    assert await _bases(robot, "lin", TOMORROW) == ["rest"]
    await _write(robot, _turn("lin", TODAY, -2))
    assert await _bases(robot, "lin", TODAY) == []


async def test_a_plan_that_was_taken_back_has_no_result(robot: Robot) -> None:
    await _change(robot, TURNS, add_users=["lin"])
    await _write(robot, _turn("lin", TODAY, LATE_SHIFT))
    plan = (await _result(robot, "schedule/listbyday", op_user_id="li", user_id="lin", date_time=ms(TODAY)))[0]
    asked = {"op_user_id": "li", "schedule_ids": str(plan["id"])}
    assert len(await _result(robot, "schedule/result/listbyids", **asked)) == 1
    await _write(robot, _turn("lin", TODAY, -2))
    assert await _result(robot, "schedule/result/listbyids", **asked) == []


async def test_plans_that_cannot_be_are_refused_as_a_whole(robot: Robot, world: World) -> None:
    await _change(robot, TURNS, add_users=["lin"])
    good = _turn("lin", TODAY, DAY_SHIFT)
    for wrong in (
        _turn("wang", TODAY, DAY_SHIFT),
        _turn("lin", TODAY, 5),
        _turn("lin", TODAY, 1),
        _turn("lin", "2027-05-24", DAY_SHIFT),
        {"userid": "lin", "shift_id": DAY_SHIFT},
    ):
        assert (await _write(robot, good, wrong)).code == 40035
    assert (await _write(robot, *[good] * 201)).code == 40035
    assert (await _write(robot, good, group_id=OFFICE)).code == 40035
    assert world.attendance.schedules == {}


async def test_two_people_change_shifts_and_change_back(robot: Robot) -> None:
    await _change(robot, TURNS, add_users=["lin", "wang"])
    await _write(
        robot, _turn("lin", TODAY, DAY_SHIFT), _turn("wang", TODAY, LATE_SHIFT), _turn("lin", TOMORROW, LATE_SHIFT),
        _turn("wang", TOMORROW, 1, rest=True),
    )  # fmt: skip
    body = {
        "userid": "lin", "switch_date": TODAY, "reback_date": TOMORROW, "apply_userid": "lin", "target_userid": "wang",
        "approve_id": "a1", "apply_shift_id": DAY_SHIFT, "target_shift_id": LATE_SHIFT,
        "reback_apply_shift_id": LATE_SHIFT, "reback_target_shift_id": 1,
    }  # fmt: skip
    assert (await robot.old(f"{PATH}/approve/schedule/switch", {**body, "target_shift_id": 5})).code == 40035
    assert (await robot.old(f"{PATH}/approve/schedule/switch", body)).code == 0
    assert await _bases(robot, "lin", TODAY) == ["13:00", "22:00"]
    assert await _bases(robot, "lin", TOMORROW) == ["rest"]
    assert (await robot.old(f"{PATH}/approve/schedule/switch", body)).code == 40035  # the shifts named are no longer


async def test_the_demos_customer_service_works_late() -> None:
    async with serving(World(demo())) as sandbox:
        world, day = sandbox.world, datetime.fromisoformat(TODAY).date()
        assert getattr(group_of(world, "huolan", day), "id", 0) == LATE
        assert getattr(group_of(world, "lin", day), "id", 0) == OFFICE
        assert len(members(world, world.attendance.groups[LATE])) == 5
        assert group_of(world, "fengze", datetime(2026, 10, 11).date()) is None  # noqa: DTZ001 - a day
