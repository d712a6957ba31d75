"""Events that an app must tick: pushed then, and to nobody else."""

from datetime import date
from typing import Any

import pytest

from sandbox.company import TEAM_GROUP
from sandbox.shifts import OFFICE
from sandbox.world import World
from sandbox.world.subscribed import EVENTS
from tests.sandbox.client import Line, Robot


async def _ticked(robot: Robot, *events: str) -> Line:
    answer = await robot.call("POST", "/sandbox/app", {"events": list(events)})
    assert (answer.status, answer.body["events"]) == (200, sorted(events))
    return await robot.connect()


async def test_what_becomes_of_a_group_is_told(robot: Robot, world: World) -> None:
    made = {"title": "群", "template_id": "dinghr-group", "owner_user_id": "wang", "user_ids": ["lin"]}
    group = (await robot.new("POST", "/v1.0/im/sceneGroup/create", made)).body["open_conversation_id"]
    line = await _ticked(robot, *(one for one in EVENTS if one.startswith("chat_")))
    where: dict[str, Any] = {
        "timeStamp": world.clock.ms(), "corpId": world.app.corp_id, "openConversationId": group,
    }  # fmt: skip
    union = {one: world.directory.users[one].unionid for one in ("wang", "lin", "li")}
    whole = {
        **where, "chatId": world.chats.conversations[group].chat_id, "operator": "wang",
        "operatorUnionId": union["wang"],
    }  # fmt: skip
    members = {"open_conversation_id": group, "user_ids": ["li"]}
    await robot.new("POST", "/v1.0/im/sceneGroup/member/add", members)
    li = {"userId": ["li"], "unionId": [union["li"]]}
    assert await line.event() == ("chat_add_member", {**whole, **li, "eventType": "chat_add_member"})
    await robot.new("POST", "/v1.0/im/sceneGroup/member/delete", members)
    assert await line.event() == ("chat_remove_member", {**whole, **li})
    change = {"chatid": whole["chatId"], "owner": "lin", "name": "改名"}
    assert (await robot.new("POST", "/v1.0/im/group/update", change)).status == 200
    by_lin = {"operatorUnionId": union["lin"]}
    assert await line.event() == ("chat_update_owner", {**where, **by_lin, "owner": "lin"})
    assert await line.event() == ("chat_update_title", {**whole, **by_lin, "operator": "lin", "title": "改名"})
    await robot.call("POST", "/sandbox/groups", {"id": group, "disbanded": True})
    assert await line.event() == ("chat_disband", {**whole, **by_lin, "operator": "lin"})


async def test_a_person_who_changes_a_group_is_told_as_well(robot: Robot) -> None:
    line = await _ticked(robot, "chat_update_title")
    await robot.call("POST", "/sandbox/groups", {"id": TEAM_GROUP, "title": "新名", "members": ["lin"]})
    kind, data = await line.event()
    assert (kind, data["title"], data["openConversationId"]) == ("chat_update_title", "新名", TEAM_GROUP)


async def test_attendance_tells_of_its_groups_and_of_days(robot: Robot, world: World) -> None:
    line = await _ticked(robot, "attend_group_change", "attend_user_daily_summary_refresh")
    update = {"op_user_id": "admin", "group_id": OFFICE, "schedule_flag": 1, "update_param": {"add_users": ["lin"]}}
    await robot.old("/topapi/attendance/group/member/update", update)
    group = world.attendance.groups[OFFICE]
    told = {"corpid": world.app.corp_id, "name": group.name, "id": OFFICE, "action": "attend_group_update"}
    assert await line.event() == ("attend_group_change", told)
    await robot.call("POST", "/sandbox/punches", {"user": "lin"})
    assert (await line.event())[0] == "attendance_check_record"
    today = {"workDate": "2026-11-24", "userId": "lin"}
    assert await line.event() == ("attend_user_daily_summary_refresh", today)
    leave = {"bizType": 3, "fromTime": "2026-11-23", "toTime": "2026-11-25", "durationUnit": "day", "calculateModel": 1}
    finish = {"topCalculateApproveDurationParam": leave, "tagName": "请假", "subType": "年假", "approveId": "a"}
    headers = {"x-acs-dingtalk-access-token": robot.token}
    path = "/v1.0/attendance/approvals/finish"
    answer = await robot.call(
        "POST", path, {**finish, "jumpUrl": "https://a"}, params={"userId": "lin"}, headers=headers
    )
    assert answer.status == 200, answer
    for _ in ("finish", "cancel"):
        for day in (date(2026, 11, 23), date(2026, 11, 24)):  # the day to come has no figures yet
            told = {"workDate": day.isoformat(), "userId": "lin"}
            assert await line.event() == ("attend_user_daily_summary_refresh", told)
        await robot.old("/topapi/attendance/approve/cancel", {"userid": "lin", "approve_id": "a"})


async def test_a_leave_approval_and_a_template_tell(robot: Robot, world: World) -> None:
    line = await _ticked(robot, "attendance_approve_status_change", "workflow_form_change")
    started = await robot.call("POST", "/sandbox/approvals", {"user": "lin", "start": "2026-11-26", "reason": "x"})
    await robot.call("POST", "/sandbox/approvals/decisions", {"user": "wang", "result": "agree"})
    found = [await line.event() for _ in range(6)]
    told = [data for kind, data in found if kind == "attendance_approve_status_change"]
    assert [one["status"] for one in told] == ["start", "finish"]
    assert {one["processInstanceId"] for one in told} == {started.body["id"]}
    assert {one["approveType"] for one in told} == {"LEAVE"}
    await robot.call("POST", "/sandbox/approvals/templates", {"status": "INVALID"})
    kind, data = await line.event()
    assert (kind, data["type"], data["modifierUserId"]) == ("workflow_form_change", "invalid", "admin")
    assert data["resource"].endswith(f"/processCode/{data['formCode']}/type/invalid")


async def test_nobody_is_told_who_did_not_ask(robot: Robot, world: World) -> None:
    line = await robot.connect()
    await robot.call("POST", "/sandbox/groups", {"id": TEAM_GROUP, "title": "新名"})
    await robot.call("POST", "/sandbox/approvals/templates", {"status": "INVALID"})
    await robot.call("POST", "/sandbox/punches", {"user": "lin"})
    assert (await line.event())[0] == "attendance_check_record"
    assert world.meter.month.pushes == {"attendance_check_record": 1}


@pytest.mark.parametrize("wrong", ["chat_add_members", "user_add_org"])
async def test_what_cannot_be_ticked_is_refused(robot: Robot, world: World, wrong: str) -> None:
    answer = await robot.call("POST", "/sandbox/app", {"events": [wrong]})
    assert (answer.status, wrong in answer.body["error"], world.app.events) == (400, True, set())
