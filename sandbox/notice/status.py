"""What became of a notification: progress (A/0772), result (A/0773), recall (A/0770), status bar (A/0771)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sandbox.call import Call
from sandbox.notice.messages import colour
from sandbox.notice.send import AGENT, WRONG, check_agent
from sandbox.operation import Error, Family, Field, Operation
from sandbox.world import Change
from sandbox.world.notices import Notice

_DAY = timedelta(hours=24)
_WEEK = timedelta(days=7)
_MOST_IN_RESULT = 100
_NO_RECALL = Error(400002, "agentId不合法或taskId不合法")
_TIMEOUT = Error(15, "isp.top-remote-connection-timeout 调用超时")
_TASK = Field("task_id", "int", required=True)


def _sent(call: Call, task_id: int, within: timedelta, refusal: Error = WRONG) -> Notice:
    found = call.world.notices.sent.get(task_id)
    if found is None or call.world.clock.now() - found.at > within:
        raise call.fail(refusal.code, refusal.meaning)
    return found


async def _progress(call: Call) -> Mapping[str, Any]:
    check_agent(call, WRONG)
    _sent(call, call["task_id"], _DAY)
    return {"progress": {"progress_in_percent": 100, "status": 2}}


async def _result(call: Call) -> Mapping[str, Any]:
    check_agent(call, WRONG)
    notice = _sent(call, call["task_id"], _DAY)
    if len(notice.messages) + len(notice.lost) > _MOST_IN_RESULT:
        raise call.fail(_TIMEOUT.code, _TIMEOUT.meaning)
    messages = call.world.chats.messages
    read = [userid for userid, message in notice.messages.items() if userid in messages[message].read_by]
    return {
        "send_result": {
            "invalid_user_id_list": notice.strangers, "forbidden_user_id_list": [one.userid for one in notice.lost],
            "failed_user_id_list": [], "read_user_id_list": read,
            "unread_user_id_list": [one for one in notice.messages if one not in read],
            "invalid_dept_id_list": notice.no_departments,
            "forbidden_list": [{"code": one.code, "count": one.count, "userid": one.userid} for one in notice.lost],
        }
    }  # fmt: skip


async def _recall(call: Call) -> Mapping[str, Any]:
    check_agent(call, _NO_RECALL)
    for message_id in _sent(call, call["msg_task_id"], _DAY, _NO_RECALL).messages.values():
        message = call.world.chats.messages[message_id]
        message.recalled = True
        call.world.feed.tell(Change("message", message.id, message.conversation_id))
    return {}


async def _status_bar(call: Call) -> Mapping[str, Any]:
    check_agent(call, Error(40056, "不合法的agentid"))
    notice = _sent(call, call["task_id"], _WEEK)
    if call.world.clock.now() - notice.at > _DAY:
        call.warnings.append("after 24 hours this may fail (A/0791); its own page allows seven days")
    if (notice.message.get("oa") or {}).get("status_bar") is None:
        raise call.fail(WRONG.code, "只有带状态栏的OA消息可以更新")
    for message_id in notice.messages.values():
        message = call.world.chats.messages[message_id]
        message.content["status"] = call["status_value"]
        message.content["status_color"] = colour(call["status_bg"]) or message.content["status_color"]
        call.world.feed.tell(Change("message", message.id, message.conversation_id))
    return {}


_BASE = "/topapi/message/corpconversation"

OPERATIONS = (
    Operation(
        "notice.progress", "POST", f"{_BASE}/getsendprogress", Family.OLD, "获取工作通知消息的发送进度", "A/0772",
        _progress, (AGENT, _TASK), "qyapi_base", errors=(WRONG,),
        note="24 hours, as its field says; its text says seven days",
    ),
    Operation(
        "notice.result", "POST", f"{_BASE}/getsendresult", Family.OLD, "获取工作通知消息的发送结果", "A/0773", _result,
        (AGENT, _TASK), "qyapi_base", errors=(WRONG, _TIMEOUT),
        note="the code for a task that is too old is assumed, and 15 for over 100 people (the page: 调用超时)",
    ),
    Operation(
        "notice.recall", "POST", f"{_BASE}/recall", Family.OLD, "撤回工作通知消息", "A/0770", _recall,
        (AGENT, Field("msg_task_id", "int", required=True)), "qyapi_base", errors=(_NO_RECALL,),
        bad=str(_NO_RECALL.code),
    ),
    Operation(
        "notice.status_bar", "POST", f"{_BASE}/status_bar/update", Family.OLD, "更新工作通知状态栏", "A/0771",
        _status_bar, (AGENT, _TASK, Field("status_value", required=True), Field("status_bg")), "qyapi_base",
        errors=(WRONG, Error(40056, "不合法的agentid")),
    ),
)  # fmt: skip
