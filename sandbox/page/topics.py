"""What is pushed, and the pages that describe it (documents of 2026-08-22; E/nnnn are the events')."""

from collections.abc import Mapping

from sandbox.world.stream import CARD_TOPIC, DYNAMIC_TOPIC, ROBOT_TOPIC

TOPICS: Mapping[str, tuple[str, str]] = {
    ROBOT_TOPIC: ("机器人收到消息", "A/0699"),
    CARD_TOPIC: ("卡片回传", "C1/0007"),
    DYNAMIC_TOPIC: ("卡片动态数据", "C1/0008"),
    "ping": ("心跳", "stream protocol"),
    "disconnect": ("断开预告", "stream protocol"),
}
_EVENTS: Mapping[str, str] = {
    "calendar_event_change": "E/0018",
    "todo_task_create": "E/0027",
    "todo_task_update": "E/0028",
    "todo_task_delete": "E/0029",
    "bpms_task_change": "E/0038",
    "bpms_instance_change": "E/0039",
    "user_leave_org": "E/0077",
    "user_add_org": "E/0079",
    "user_modify_org": "E/0080",
    "org_dept_create": "E/0088",
    "org_dept_modify": "E/0089",
    "org_dept_remove": "E/0090",
    "attendance_check_record": "E/0125",
    "attendance_overtime_duration": "E/0126",
    "leave_rule_change": "E/0131",
    "leave_quota_update": "E/0132",
    "hrm_user_record_change": "E/0142",
    "hrm_solution_manage": "E/0143",
    "hrm_mdm_user_change": "E/0144",
}
_ANY_EVENT = "E/0001"


def described(topic: str, *, event: bool) -> tuple[str, str]:
    """Give what a frame is called and its page; an event that isn't here has the overview's."""
    if event:
        return f"事件 {topic}", _EVENTS.get(topic, _ANY_EVENT)
    return TOPICS.get(topic, (topic or "原样推送的帧", ""))
