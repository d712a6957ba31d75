"""Confirmation, transfer, and the positions, ranks and jobs a transfer names (A/0934 ff, A/0954, A/0957)."""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.call import Call
from sandbox.hrm import guard
from sandbox.operation import Error, Field
from sandbox.world.careers import confirm, moved
from sandbox.world.hrm import TRANSFER, Position, Rank


async def _become(call: Call) -> Mapping[str, Any]:
    user = guard.person(call, call["userId"], guard.INVALID)
    guard.person(call, call["operationId"], guard.INVALID)
    if call.world.hrm.employee(user.userid).confirm_on is not None:
        raise call.fail(_IN_PROCESS.code, _IN_PROCESS.meaning)
    await confirm(call.world, user.userid, guard.day(call["regularDate"]))
    return {"result": True}


async def _transfer(call: Call) -> Mapping[str, Any]:
    world = call.world
    user = guard.person(call, call["userId"], guard.INVALID)
    depts = call["deptIdsAfterTransfer"] or list(user.dept_ids)
    main = call["mainDeptIdAfterTransfer"] or depts[0]
    if not set(depts) <= set(world.directory.departments):
        raise call.fail(guard.INVALID.code, "deptIdsAfterTransfer")
    if main not in {*depts, *user.dept_ids}:
        raise call.fail(_MAIN.code, _MAIN.meaning)
    depts = [main, *(one for one in depts if one != main)]
    position, rank = _position(call, depts), _rank(call)
    if position and rank and position.rank_ids and rank.id not in position.rank_ids:
        raise call.fail(_RANK_BOUND.code, _RANK_BOUND.meaning)
    title = position.name if position else call["positionNameAfterTransfer"]
    level = rank.name if rank else call["positionLevelAfterTransfer"]
    if level:
        world.hrm.employee(user.userid).sections.setdefault("sys01", [{}])[0]["sys01-positionLevel"] = level
    await world.company.modify_user(user.userid, {"dept_ids": depts} | ({"title": title} if title else {}))
    await moved(world, user.userid, TRANSFER)
    return {"result": True}


def _position(call: Call, depts: Sequence[int]) -> Position | None:
    """Give the position named; by id in a company with 职位管理, by its name in others."""
    wanted = call["positionIdAfterTransfer"]
    if call.world.hrm.upgraded and call["positionNameAfterTransfer"]:
        raise call.fail(guard.INVALID.code, "positionNameAfterTransfer")
    if wanted is None:
        return None
    found = next((one for one in call.world.hrm.positions if one.id == wanted), None)
    if found is None or not call.world.hrm.upgraded:
        raise call.fail(_POSITION.code, _POSITION.meaning)
    if found.dept_ids and not set(depts) <= set(found.dept_ids):
        raise call.fail(_POSITION_BOUND.code, _POSITION_BOUND.meaning)
    return found


def _rank(call: Call) -> Rank | None:
    wanted = call["rankIdAfterTransfer"]
    if call.world.hrm.upgraded and call["positionLevelAfterTransfer"]:
        raise call.fail(guard.INVALID.code, "positionLevelAfterTransfer")
    if wanted is None:
        return None
    found = next((one for one in call.world.hrm.ranks if one.id == wanted), None)
    if found is None or not call.world.hrm.upgraded:
        raise call.fail(_RANK.code, _RANK.meaning)
    return found


def _page(call: Call, found: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    start, size = call["nextToken"], call["maxResults"]
    more = start + size < len(found)
    page = {"hasMore": more, "list": list(found[start : start + size])}
    return page | ({"nextToken": start + size} if more else {})


async def _positions(call: Call) -> Mapping[str, Any]:
    hrm, dept, ids = call.world.hrm, call["deptId"], call["inPositionIds"]
    bound = [one for one in hrm.positions if dept in one.dept_ids]
    wanted = [
        one
        for one in bound or hrm.positions
        if (not ids or one.id in ids)
        and (call["positionName"] or one.name) == one.name
        and (not call["inCategoryIds"] or _CATEGORY in call["inCategoryIds"])
    ]
    return _page(call, [_shown(one, upgraded=hrm.upgraded) for one in wanted])


def _shown(one: Position, *, upgraded: bool) -> Mapping[str, Any]:
    named = {"positionId": one.id, "positionName": one.name}
    if not upgraded:
        return named
    return named | {
        "positionCategoryId": _CATEGORY,
        "jobId": one.job_id,
        "positionDes": one.name,
        "rankIdList": list(one.rank_ids),
        "status": 0,
    }


async def _ranks(call: Call) -> Mapping[str, Any]:
    wanted = [
        one
        for one in call.world.hrm.ranks
        if (call["rankName"] or one.name) == one.name
        and (call["rankCode"] or one.name) == one.name
        and (call["rankCategoryId"] or _CATEGORY) == _CATEGORY
    ]
    more = {"rankCategoryId": _CATEGORY}
    return _page(
        call,
        [
            {"rankId": one.id, "rankName": one.name}
            | (
                {
                    **more,
                    "rankCode": one.name,
                    "minJobGrade": one.grade,
                    "maxJobGrade": one.grade,
                    "rankDescription": "",
                }
                if call.world.hrm.upgraded
                else {}
            )
            for one in wanted
        ],
    )


async def _jobs(call: Call) -> Mapping[str, Any]:
    wanted = [one for one in call.world.hrm.jobs if (call["jobName"] or one.name) == one.name]
    return _page(call, [{"jobId": one.id, "jobName": one.name, "jobDescription": one.description} for one in wanted])


_CATEGORY = "e3c65be033df4d3982e5aa4ca49bdd67"
_IN_PROCESS = Error("inProcessOfApproval", "已在转正审批流程中")
_MAIN = Error("mainDeptIdInvalid", "传入主部门id有误")
_POSITION = Error("positionIdInvalid", "职位id不合法")
_POSITION_BOUND = Error("positioinAgainstConstraint", "职位和主部门违反绑定约束")
_RANK = Error("ranIdInvalid", "职级id不合法")
_RANK_BOUND = Error("rankIdAgainstConstraint", "职位和职级违法绑定约束")


def _paging(most: int) -> tuple[Field, ...]:
    return (
        guard.need("nextToken", "int", where="query", least=0, unit="value"),
        guard.need("maxResults", "int", where="query", least=1, most=most, unit="value"),
    )


def _text(name: str) -> Field:
    return guard.field(name, where="query")


OPERATIONS = (
    guard.operation(
        "become_regular", "POST", "/v1.0/hrm/processes/regulars/become", "智能人事员工转正", "A/0957", _become,
        (
            guard.need("userId"),
            guard.moment("regularDate"),
            guard.field("remark"),
            guard.need("operationId"),
        ),
        guard.PROCESS, errors=(_IN_PROCESS,),
        note="a day that isn't past waits for its midnight, and is seen to when the clock is moved or HRM is asked; "
        "a second call meanwhile is inProcessOfApproval (assumed)",
    ),
    guard.operation(
        "transfer", "POST", "/v1.0/hrm/processes/transfer", "智能人事员工调岗", "A/0954", _transfer,
        (
            guard.need("userId"),
            guard.field("deptIdsAfterTransfer", "ints"),
            guard.field("mainDeptIdAfterTransfer", "int"),
            guard.field("positionIdAfterTransfer"),
            guard.field("positionNameAfterTransfer", most=124, over="invalidParameter"),
            guard.field("rankIdAfterTransfer"),
            guard.field("positionLevelAfterTransfer", most=64, over="invalidParameter"),
            guard.field("jobIdAfterTransfer"),
            guard.field("operateUserId"),
        ),
        guard.PROCESS, counted=False, closed=guard.NO_SUITE,
        errors=(_MAIN, _POSITION, _POSITION_BOUND, _RANK, _RANK_BOUND),
        note="ids in a company with 职位管理, names in others, but neither is demanded; the job is not kept",
    ),
    guard.operation(
        "positions", "POST", "/v1.0/hrm/positions/query", "获取企业职位列表", "A/0934", _positions,
        (
            *_paging(200),
            guard.field("positionName"),
            guard.field("inCategoryIds", "strings"),
            guard.field("inPositionIds", "strings"),
            guard.field("deptId", "int"),
        ),
        guard.READ,
    ),
    guard.operation(
        "ranks", "GET", "/v1.0/hrm/jobRanks", "获取企业职级列表", "A/0935", _ranks,
        (_text("rankCategoryId"), _text("rankCode"), _text("rankName"), *_paging(200)), guard.READ,
    ),
    guard.operation(
        "jobs", "GET", "/v1.0/hrm/jobs", "获取企业职务列表", "A/0936", _jobs, (_text("jobName"), *_paging(100)),
        guard.READ,
    ),
)  # fmt: skip
