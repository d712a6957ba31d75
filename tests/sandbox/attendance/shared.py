"""What the attendance tests share. Their clock stands at 8:55 on Tuesday, 24 November 2026."""

from typing import Any

from tests.sandbox.client import Answer, Robot

PATH = "/topapi/attendance"
MONDAY, TODAY, TOMORROW, FRIDAY, SUNDAY = "2026-11-23", "2026-11-24", "2026-11-25", "2026-11-27", "2026-11-29"
LEAVE = {"bizType": 3, "fromTime": TODAY, "toTime": TODAY, "durationUnit": "day", "calculateModel": 1}
_FINISH = "/v1.0/attendance/approvals/finish"


async def punch(robot: Robot, user: str, at: str, **more: Any) -> dict[str, Any]:
    """Let a person punch."""
    answer = await robot.call("POST", "/sandbox/punches", {"user": user, "at": at, **more})
    assert answer.status == 200, answer
    body: dict[str, Any] = answer.body
    return body


async def listed(robot: Robot, *users: str, since: str = MONDAY, until: str = MONDAY, **more: Any) -> Answer:
    """Read results, of Monday unless told."""
    body = {"workDateFrom": f"{since} 00:00:00", "workDateTo": f"{until} 00:00:00", "userIdList": list(users)}
    return await robot.old("/attendance/list", {**body, "offset": 0, "limit": 50, **more})


async def result_of(robot: Robot, path: str, **body: Any) -> Any:
    """Call the old family and give its result."""
    answer = await robot.old(f"{PATH}/{path}", body)
    assert answer.code == 0, answer
    return answer.body.get("result")


async def change(robot: Robot, group_id: int, flag: int = 0, **param: Any) -> Answer:
    """Change who is in a group."""
    body = {"op_user_id": "li", "group_id": group_id, "schedule_flag": flag, "update_param": param}
    return await robot.old(f"{PATH}/group/member/update", body)


async def finish(robot: Robot, duration: dict[str, Any] | None = None, **changed: Any) -> Answer:
    """Tell of an approved leave, or of what is named."""
    user = changed.pop("user", "lin")
    body = {"tagName": "请假", "subType": "年假", "approveId": "a1", "jumpUrl": "https://qinghe.example/1", **changed}
    body["topCalculateApproveDurationParam"] = LEAVE | (duration or {})
    return await robot.new("POST", _FINISH, body, params={"userId": user})
