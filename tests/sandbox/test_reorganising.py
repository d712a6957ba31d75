"""Departments, changed through the API: what it refuses, and the events it pushes."""

from typing import Any

import pytest

from sandbox.world import World
from tests.sandbox.client import Robot


def _department(**other: Any) -> dict[str, Any]:
    return {"name": "法务部", "parent_id": 1, **other}


async def test_a_department_is_made_changed_and_deleted(robot: Robot, world: World) -> None:
    line, path = await robot.connect(), "/topapi/v2/department/"
    made = await robot.result(
        f"{path}create", **_department(hide_dept=True, dept_permits="300", order=7, source_identifier="law")
    )
    dept_id = made["dept_id"]
    assert await line.event() == ("org_dept_create", {"deptId": [dept_id]})
    record = await robot.result(f"{path}get", dept_id=dept_id)
    assert (record["name"], record["parent_id"], record["order"]) == ("法务部", 1, 7)
    assert (record["hide_dept"], record["dept_permits"], record["source_identifier"]) == (True, [300], "law")
    await world.company.modify_user("lin", {"dept_ids": [dept_id]})
    await line.event()
    change = {"dept_id": dept_id, "dept_manager_userid_list": "lin", "org_dept_owner": "lin", "code": "F1"}
    await robot.result(f"{path}update", **change, parent_id=200, name="法务组")
    assert await line.event() == ("org_dept_modify", {"deptId": [dept_id]})
    record = await robot.result(f"{path}get", dept_id=dept_id)
    assert (record["dept_manager_userid_list"], record["org_dept_owner"], record["code"]) == (["lin"], "lin", "F1")
    assert (record["name"], record["parent_id"], record["hide_dept"]) == ("法务组", 200, True)
    assert (await robot.old(f"{path}delete", {"dept_id": 200})).code == 60005
    assert (await robot.old(f"{path}delete", {"dept_id": dept_id})).code == 60005
    await robot.result(f"{path}update", dept_id=dept_id, dept_manager_userid_list="")
    assert world.directory.departments[dept_id].managers == ["lin"]
    await robot.result(f"{path}update", dept_id=dept_id, force_update_fields="dept_manager_userid_list")
    assert world.directory.departments[dept_id].managers == []
    await world.company.modify_user("lin", {"dept_ids": [1]})
    inner = (await robot.result(f"{path}create", **_department(parent_id=dept_id)))["dept_id"]
    assert (await robot.old(f"{path}delete", {"dept_id": dept_id})).code == 60006
    for one in (inner, dept_id):
        await robot.result(f"{path}delete", dept_id=one)
    assert dept_id not in world.directory.departments
    told = [await line.event() for _ in range(5)]
    assert told[-1] == ("org_dept_remove", {"deptId": [dept_id]})


def _some(count: int) -> str:
    return ",".join("300" for _ in range(count))


_UPDATE = {"dept_id": 200}


@pytest.mark.parametrize(
    ("call", "body", "errcode"),
    [
        ("create", _department(parent_id=999), 60004),
        ("create", _department(name="x" * 65), 40035),
        ("create", _department(name="a-b"), 40035),
        ("create", _department(name="研发部"), 60021),
        ("create", _department(dept_permits="999"), 600109),
        ("create", _department(dept_permits=_some(51)), 600109),
        ("create", _department(user_permits="nobody"), 600109),
        ("create", _department(parent_id="one"), 40035),
        ("create", {"parent_id": 1}, 40035),
        ("update", {"dept_id": 1, "name": "x"}, 60018),
        ("update", {"dept_id": 999}, 60003),
        ("update", {}, 40009),
        ("update", {"dept_id": "x"}, 40009),
        ("update", {**_UPDATE, "name": "x" * 65}, 60001),
        ("update", {**_UPDATE, "name": "a,b"}, 60001),
        ("update", {**_UPDATE, "name": "销售部"}, 60021),
        ("update", {**_UPDATE, "order": "first"}, 40011),
        ("update", {**_UPDATE, "parent_id": 999}, 60004),
        ("update", {**_UPDATE, "parent_id": 200}, 60010),
        ("update", {**_UPDATE, "outer_permit_users": "nobody"}, 60109),
        ("update", {**_UPDATE, "outer_permit_users": ",".join(["lin"] * 26), "outer_permit_depts": _some(25)}, 60109),
        ("update", {**_UPDATE, "dept_manager_userid_list": "chen"}, 40031),
        ("update", {**_UPDATE, "org_dept_owner": "chen"}, 40093),
        ("update", {**_UPDATE, "code": "x" * 31}, 40035),
        ("update", {**_UPDATE, "language": "zh_cn"}, 40035),
        ("update", {**_UPDATE, "force_update_fields": "name"}, 40035),
        ("delete", {"dept_id": 1}, 60007),
        ("delete", {"dept_id": 999}, 60003),
        ("delete", {}, 400002),
    ],
)
async def test_a_department_that_cant_be(robot: Robot, call: str, body: dict[str, Any], errcode: int) -> None:
    assert (await robot.old(f"/topapi/v2/department/{call}", body)).code == errcode
