"""What the HRM tests share."""

from typing import Any

from tests.sandbox.client import Line, Robot
from tests.sandbox.times import ms

ROSTER = "/v1.0/hrm/rosters/lists/query"
OLD = "/topapi/smartwork/hrm/employee"
TERMINATE = "/v1.0/hrm/processes/terminateAndHandOver"
TRANSFER = "/v1.0/hrm/processes/transfer"
LEAVE = {"userId": "lin", "lastWorkDate": ms("2026-12-31"), "terminationReasonVoluntary": ["2"], "remark": "读书"}
END = {
    "userId": "lin",
    "optUserId": "li",
    "lastWorkDate": ms("2026-11-30"),
    "terminationReasonVoluntary": ["2"],
    "dismissionMemo": "读书",
    "permissionHandoverUserId": "wang",
}


async def roster_of(robot: Robot, userid: str, *codes: str, **more: Any) -> dict[str, list[dict[str, Any]]]:
    """Give a record's values by field."""
    body = {"userIdList": [userid], "appAgentId": robot.sandbox.world.app.agent_id, **more}
    answer = await robot.new("POST", ROSTER, body | ({"fieldFilterList": list(codes)} if codes else {}))
    assert answer.status == 200, answer
    return {one["fieldCode"]: one["fieldValueList"] for one in answer.body["result"][0]["fieldDataList"]}


async def next_event(line: Line) -> tuple[str, Any]:
    """Give the next event's type and data, acknowledged."""
    frame = await line.frame()
    await line.ack(frame, {"status": "SUCCESS", "message": "ok"})
    return frame.headers["eventType"], frame.data
