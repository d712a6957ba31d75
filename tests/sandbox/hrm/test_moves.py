"""Confirmation, transfer, positions, ranks and jobs."""

from datetime import timedelta
from typing import Any

import pytest

from sandbox.world import World
from tests.sandbox.client import Robot
from tests.sandbox.hrm.shared import LEAVE, TRANSFER, next_event, roster_of
from tests.sandbox.times import ms

BECOME = "/v1.0/hrm/processes/regulars/become"


async def test_a_day_that_is_past_confirms_at_once(robot: Robot, world: World) -> None:
    world.hrm.employee("lin").status = "2"
    line = await robot.connect()
    body = {"userId": "lin", "regularDate": ms("2026-11-23"), "operationId": "li"}
    assert (await robot.new("POST", BECOME, body)).body == {"result": True}
    assert (await next_event(line))[1]["changeType"] == 2
    fields = await roster_of(robot, "lin", "sys01-employeeStatus", "sys01-regularTime")
    assert [one[0]["value"] for one in fields.values()] == ["3", "2026-11-23"]


async def test_whoever_is_confirmed_while_leaving_stays_so_when_they_stay(robot: Robot, world: World) -> None:
    world.hrm.employee("lin").status = "2"
    await robot.new("POST", "/v1.0/hrm/pendingDismission/start", LEAVE)
    await robot.new("POST", BECOME, {"userId": "lin", "regularDate": ms("2026-11-23"), "operationId": "li"})
    await robot.new("POST", "/v1.0/hrm/pendingDismission/revoke", {"userId": "lin"})
    assert world.hrm.employee("lin").status == "3"


@pytest.mark.parametrize("days", [0, 3])
async def test_any_other_day_waits_for_its_midnight(robot: Robot, world: World, days: int) -> None:
    world.hrm.employee("lin").status = "2"
    line = await robot.connect()
    body = {"userId": "lin", "regularDate": world.clock.ms() + days * 86_400_000, "operationId": "li"}
    assert (await robot.new("POST", BECOME, body)).status == 200
    assert (await robot.new("POST", BECOME, body)).code == "inProcessOfApproval"
    assert world.hrm.employee("lin").status == "2"
    await robot.call("POST", "/sandbox/clock", {"advance": timedelta(days=max(days, 1)).total_seconds()})
    assert (await next_event(line))[1]["changeType"] == 2
    assert world.hrm.employee("lin").status == "3"


async def test_a_transfer_changes_the_contacts_and_is_told_twice(robot: Robot, world: World) -> None:
    line = await robot.connect()
    position = next(one for one in world.hrm.positions if one.name == "客户经理")
    body = {
        "userId": "lin",
        "deptIdsAfterTransfer": [300],
        "mainDeptIdAfterTransfer": 300,
        "positionIdAfterTransfer": position.id,
        "rankIdAfterTransfer": world.hrm.ranks[2].id,
        "operateUserId": "li",
    }
    assert (await robot.new("POST", TRANSFER, body)).body == {"result": True}
    assert (await next_event(line))[0] == "user_modify_org"
    kind, data = await next_event(line)
    assert (kind, data["changeType"]) == ("hrm_mdm_user_change", 3)
    lin = world.directory.users["lin"]
    assert (lin.dept_ids, lin.title) == ([300], "客户经理")
    assert (await roster_of(robot, "lin", "sys01-positionLevel"))["sys01-positionLevel"][0]["value"] == "P6"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"userId": "nobody"}, "invalidParameter"),
        ({"deptIdsAfterTransfer": [999]}, "invalidParameter"),
        ({"mainDeptIdAfterTransfer": 400}, "mainDeptIdInvalid"),
        ({"positionIdAfterTransfer": "no"}, "positionIdInvalid"),
        ({"rankIdAfterTransfer": "no"}, "ranIdInvalid"),
        ({"positionNameAfterTransfer": "经理"}, "invalidParameter"),
        ({"positionNameAfterTransfer": "长" * 125}, "invalidParameter"),
        ({"positionLevelAfterTransfer": "长" * 65}, "invalidParameter"),
        ({"deptIdsAfterTransfer": "300"}, "invalidParameter"),
    ],
)
async def test_a_transfer_that_cannot_be_is_refused(
    robot: Robot, world: World, wrong: dict[str, Any], code: str
) -> None:
    answer = await robot.new("POST", TRANSFER, {"userId": "lin", "deptIdsAfterTransfer": [300], **wrong})
    assert (answer.status, answer.code) == (400, code)
    assert world.directory.users["lin"].dept_ids == [200]


async def test_a_position_is_bound_to_its_department_and_its_ranks(robot: Robot, world: World) -> None:
    position = next(one for one in world.hrm.positions if one.name == "客户经理")
    body: dict[str, Any] = {"userId": "lin", "positionIdAfterTransfer": position.id}
    assert (await robot.new("POST", TRANSFER, body)).code == "positioinAgainstConstraint"
    position.dept_ids, position.rank_ids = [], [world.hrm.ranks[0].id]
    body["rankIdAfterTransfer"] = world.hrm.ranks[1].id
    assert (await robot.new("POST", TRANSFER, body)).code == "rankIdAgainstConstraint"


async def test_without_managed_positions_a_transfer_goes_by_names(robot: Robot, world: World) -> None:
    await robot.call("POST", "/sandbox/hrm", {"upgraded": False})
    body = {"userId": "lin", "positionNameAfterTransfer": "架构师"}
    assert (await robot.new("POST", TRANSFER, body)).status == 200
    assert world.directory.users["lin"].title == "架构师"
    found = (await robot.new("POST", "/v1.0/hrm/positions/query?nextToken=0&maxResults=1", {})).body["list"]
    assert set(found[0]) == {"positionId", "positionName"}


@pytest.mark.parametrize(
    ("method", "path", "most", "names"),
    [
        (
            "POST",
            "/v1.0/hrm/positions/query",
            200,
            {"positionId", "positionName", "positionCategoryId", "jobId", "positionDes", "rankIdList", "status"},
        ),
        (
            "GET",
            "/v1.0/hrm/jobRanks",
            200,
            {"rankId", "rankCategoryId", "rankCode", "rankName", "minJobGrade", "maxJobGrade", "rankDescription"},
        ),
        ("GET", "/v1.0/hrm/jobs", 100, {"jobId", "jobName", "jobDescription"}),
    ],
)
async def test_positions_ranks_and_jobs_are_paged_to_the_end(
    robot: Robot, method: str, path: str, most: int, names: set[str]
) -> None:
    body: Any = {} if method == "POST" else None
    found: list[Any] = []
    token: int | None = 0
    while token is not None:
        answer = (await robot.new(method, path, body, params={"nextToken": str(token), "maxResults": "1"})).body
        assert answer["hasMore"] is ("nextToken" in answer)
        found += answer["list"]
        token = answer.get("nextToken")
    assert len(found) > 1
    assert all(set(one) == names for one in found)
    for wrong in ({"nextToken": "0", "maxResults": str(most + 1)}, {"nextToken": "0"}, {"maxResults": "1"}):
        assert (await robot.new(method, path, body, params=wrong)).code == "invalidParameter"


async def test_positions_are_found_by_name_and_department(robot: Robot) -> None:
    path = "/v1.0/hrm/positions/query?nextToken=0&maxResults=200"
    by_name = (await robot.new("POST", path, {"positionName": "客户经理"})).body["list"]
    assert [one["positionName"] for one in by_name] == ["客户经理"]
    of_sales = (await robot.new("POST", path, {"deptId": 300})).body["list"]
    assert [one["positionName"] for one in of_sales] == ["销售经理", "客户经理"]
