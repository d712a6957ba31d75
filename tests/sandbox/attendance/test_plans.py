"""Plans: read, written, changed for one another."""

from typing import Any

import pytest

from sandbox.shifts import DAY_SHIFT, LATE_SHIFT, OFFICE, TURNS
from sandbox.world import World
from tests.sandbox.attendance.shared import (
    PATH,
    TODAY,
    TOMORROW,
    change,
    result_of,
)
from tests.sandbox.client import Answer, Robot
from tests.sandbox.times import ms


async def test_a_day_of_one_person_is_planned_in_two_checkpoints(robot: Robot, world: World) -> None:
    on, off = await result_of(robot, "schedule/listbyday", op_user_id="li", user_id="lin", date_time=ms(TODAY))
    assert (on["check_type"], on["check_date_time"], on["is_rest"]) == ("OnDuty", f"{TODAY} 09:00:00", "N")
    assert (on["check_begin_time"], on["check_end_time"]) == (f"{TODAY} 01:30:00", f"{TODAY} 13:30:00")
    assert (on["check_status"], on["class_name"], on["group_id"]) == ("Init", "白班", OFFICE)
    assert off["check_end_time"] == f"{TOMORROW} 01:30:00"
    await robot.call("POST", "/sandbox/clock", {"set": f"{TODAY}T14:00:00"})
    robot.token = world.tokens.issue()
    on, off = await result_of(robot, "schedule/listbyday", op_user_id="li", user_id="lin", date_time=ms(TODAY))
    assert (on["check_status"], off["check_status"]) == ("Timeout", "Init")


async def test_plans_of_many_name_days_off_by_shift_zero(robot: Robot) -> None:
    body = {"op_user_id": "li", "userids": "lin,wang"}
    span = {"from_date_time": ms("2026-11-20"), "to_date_time": ms("2026-11-21")}
    rows = await result_of(robot, "schedule/listbyusers", **body, **span)
    assert [(one["userid"], one["shift_id"], one["is_rest"]) for one in rows] == [
        (user, shift, rest)
        for user in ("lin", "wang")
        for shift, rest in ((DAY_SHIFT, "N"), (DAY_SHIFT, "N"), (0, "Y"))
    ]
    assert rows[0]["plan_check_time"] == "2026-11-20 09:00:00"
    days = await result_of(robot, "schedule/shift/listbydays", **body, **span)
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
        page = await result_of(robot, "listschedule", workDate=TODAY, offset=len(rows), size=7)
        rows += page["schedules"]
        more = page["has_more"]
    assert {one["userid"] for one in rows} == set(world.directory.users)
    assert set(rows[0]) == {
        "plan_id", "userid", "check_type", "plan_check_time", "class_id", "class_setting_id", "group_id",
    }  # fmt: skip
    assert (await result_of(robot, "listschedule", workDate="2026-12-09"))["schedules"]
    assert (await result_of(robot, "listschedule", workDate="2026-12-10"))["schedules"] == []
    assert (await robot.old(f"{PATH}/listschedule", {"workDate": TODAY, "size": 201})).code == 40035
    assert (await robot.old(f"{PATH}/listschedule", {"workDate": "2026-11-31"})).code == 40035


async def test_results_are_found_by_plan(robot: Robot) -> None:
    plans = (await result_of(robot, "listschedule", workDate="2026-11-23"))["schedules"]
    ids = ",".join(str(one["plan_id"]) for one in plans[:2])
    rows = await result_of(robot, "schedule/result/listbyids", op_user_id="li", schedule_ids=ids + ",5")
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
    rows = await result_of(robot, "schedule/listbyday", op_user_id="li", user_id=userid, date_time=ms(day))
    return [one.get("check_date_time", "rest")[11:16] or "rest" for one in rows]


async def test_a_group_that_plans_by_hand_has_only_what_was_written(robot: Robot) -> None:
    await change(robot, TURNS, add_users=["lin"])
    assert await _bases(robot, "lin", TODAY) == []
    assert (await _write(robot, _turn("lin", TODAY, LATE_SHIFT), _turn("lin", TOMORROW, 1, rest=True))).code == 0
    assert await _bases(robot, "lin", TODAY) == ["13:00", "22:00"]
    assert await _bases(robot, "lin", TOMORROW) == ["rest"]
    await _write(robot, _turn("lin", TODAY, -2))
    assert await _bases(robot, "lin", TODAY) == []


async def test_a_plan_that_was_taken_back_has_no_result(robot: Robot) -> None:
    await change(robot, TURNS, add_users=["lin"])
    await _write(robot, _turn("lin", TODAY, LATE_SHIFT))
    plan = (await result_of(robot, "schedule/listbyday", op_user_id="li", user_id="lin", date_time=ms(TODAY)))[0]
    asked = {"op_user_id": "li", "schedule_ids": str(plan["id"])}
    assert len(await result_of(robot, "schedule/result/listbyids", **asked)) == 1
    await _write(robot, _turn("lin", TODAY, -2))
    assert await result_of(robot, "schedule/result/listbyids", **asked) == []


async def test_plans_that_cannot_be_are_refused_as_a_whole(robot: Robot, world: World) -> None:
    await change(robot, TURNS, add_users=["lin"])
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
    await change(robot, TURNS, add_users=["lin", "wang"])
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
