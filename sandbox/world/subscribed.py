"""Events that are pushed only to an app that ticked them (事件订阅), beside those that always are."""

from collections.abc import Mapping
from copy import copy
from typing import TYPE_CHECKING, Any

from sandbox.world.chats import Conversation

if TYPE_CHECKING:
    from datetime import date

    from sandbox.world.attendance import AttendanceGroup
    from sandbox.world.workflow import Form, Instance
    from sandbox.world.world import World

READ, RECALLED = "robot_msg_read", "robot_msg_recall"
EVENTS = frozenset(
    {
        READ, RECALLED, "chat_add_member", "chat_remove_member", "chat_update_owner", "chat_update_title",
        "chat_disband", "attend_group_change", "attend_user_daily_summary_refresh",
        "attendance_approve_status_change", "workflow_form_change",
    }
)  # fmt: skip
"""E/0104 to E/0108, E/0111, E/0112, E/0124, E/0133, E/0135 and E/0040."""
_LEAVE = "attendance.leave"


async def push(world: "World", event: str, data: Mapping[str, Any]) -> None:
    """Push an event if it is ticked."""
    if event in world.app.events:
        await world.stream.event(event, data)


def as_it_was(group: Conversation) -> Conversation:
    """Keep what a group's events are told from, before it changes."""
    was = copy(group)
    was.members = list(group.members)
    return was


async def group_changed(world: "World", was: Conversation, group: Conversation) -> None:
    """Push what became of a group. That its owner is the operator is assumed: a call by API names none."""
    users, operator = world.directory.users, group.head
    where = {"timeStamp": world.clock.ms(), "corpId": world.app.corp_id, "openConversationId": group.id}
    by: dict[str, Any] = {"operatorUnionId": users[operator].unionid if operator in users else ""}
    whole = {**where, **by, "chatId": group.chat_id, "operator": operator}
    for event, those in (
        ("chat_add_member", [one for one in group.members if one not in was.members]),
        ("chat_remove_member", [one for one in was.members if one not in group.members]),
    ):
        if those:
            unions = [users[one].unionid for one in those if one in users]
            extra = {"eventType": event} if event == "chat_add_member" else {}  # as the two samples have it
            await push(world, event, {**whole, **extra, "userId": those, "unionId": unions})
    if group.head != was.head:
        await push(world, "chat_update_owner", {**where, **by, "owner": group.head})
    if group.title != was.title:
        await push(world, "chat_update_title", {**whole, "title": group.title})
    if group.disbanded and not was.disbanded:
        await push(world, "chat_disband", whole)


async def attendance_group_changed(world: "World", group: "AttendanceGroup") -> None:
    """Push that who belongs to an attendance group changed; the name of the action is assumed."""
    data = {"corpid": world.app.corp_id, "name": group.name, "action": "attend_group_update", "id": group.id}
    await push(world, "attend_group_change", data)


async def day_changed(world: "World", userid: str, day: "date") -> None:
    """Push that a day's figures of a person changed."""
    await push(world, "attend_user_daily_summary_refresh", {"workDate": day.isoformat(), "userId": userid})


async def leave_moved(world: "World", instance: "Instance", suite: str, status: str) -> None:
    """Push that a leave approval began or ended; all names but LEAVE and start are assumed."""
    if suite != _LEAVE:
        return
    data = {
        "approveType": "LEAVE", "processInstanceId": instance.id, "mainProcessInstanceId": instance.main or instance.id,
        "corpId": world.app.corp_id, "processCode": instance.code, "status": status,
    }  # fmt: skip
    await push(world, "attendance_approve_status_change", data)


async def form_changed(world: "World", form: "Form", kind: str, modifier: str) -> None:
    """Push that an administrator changed an approval template."""
    now = str(world.clock.ms())
    data = {
        "corpId": world.app.corp_id, "formCode": form.code, "name": form.name, "type": kind,
        "bizCategoryId": form.suite,
        "resource": f"/workflow_form_change/bizCategoryId/{form.suite}/processCode/{form.code}/type/{kind}",
        "creatorUserId": modifier, "modifierUserId": modifier, "modifyTime": now, "createTime": now,
        "appUuid": world.app.corp_id, "appIds": [], "appType": "0",
    }  # fmt: skip
    await push(world, "workflow_form_change", data)
