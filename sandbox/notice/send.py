"""Sending work notifications (A/0769): every limit on people loses them silently, with errcode 0."""

from collections.abc import Mapping
from typing import Any

from sandbox.call import Call
from sandbox.contacts.scope import sees_user
from sandbox.notice.messages import MESSAGE, shown
from sandbox.operation import Error, Family, Field, Operation
from sandbox.world import ROBOT
from sandbox.world.notices import Notice, conversation

_MOST_WITH_STATUS = 5
AGENT = Field("agent_id", "int", required=True)
WRONG = Error(40035, "不合法的参数")


def check_agent(call: Call, refusal: Error) -> None:
    """Hold `agent_id` against the app."""
    if call["agent_id"] != call.world.app.agent_id:
        raise call.fail(refusal.code, refusal.meaning)


def _receivers(call: Call, notice: Notice) -> list[str]:
    """Give whom it is for, each once; those outside the app's scope are as unknown as strangers."""
    directory = call.world.directory
    if call["to_all_user"]:
        return list(directory.users)
    found: list[str] = []
    for userid in call["userid_list"] or ():
        user = directory.users.get(userid)
        (found if user and sees_user(call, user) else notice.strangers).append(userid)
    for dept_id in call["dept_id_list"] or ():
        if dept_id not in directory.departments:
            notice.no_departments.append(dept_id)
        for department in directory.below(dept_id):
            found += [one.userid for one in directory.members(department.dept_id)]
    return list(dict.fromkeys(found))


async def _send(call: Call) -> Mapping[str, Any]:
    world, notices = call.world, call.world.notices
    check_agent(call, Error(40056, "不合法的agentid"))
    to_all = bool(call["to_all_user"])
    if not (to_all or call["userid_list"] or call["dept_id_list"]):
        raise call.fail(WRONG.code, "userid_list、dept_id_list 和 to_all_user 不能都为空")
    kind, content = shown(call)
    if kind == "oa" and (call["msg"]["oa"]["status_bar"]) is not None:
        named = call["userid_list"] or ()
        if to_all or call["dept_id_list"] or len(named) > _MOST_WITH_STATUS:
            raise call.fail(WRONG.code, "带状态栏的OA消息只支持userid列表，最多5个人")
    now = world.clock.now()
    notice = Notice(world.ids.number(12), now, call["msg"])
    notices.turn(now)
    notices.to_all += to_all
    for userid in _receivers(call, notice):
        if loss := notices.loss(userid, call["msg"], to_all=to_all):
            notice.lost.append(loss)
            continue
        notices.count(userid, call["msg"], now)
        message = world.post(conversation(world, userid), ROBOT, kind, dict(content), raw=call["msg"])
        notice.messages[userid] = message.id
    notices.sent[notice.id] = notice
    if notice.lost:
        call.warnings.append(f"{len(notice.lost)} people will not get it: only getsendresult tells")
    return {"task_id": notice.id}


OPERATIONS = (
    Operation(
        "notice.send", "POST", "/topapi/message/corpconversation/asyncsend_v2", Family.OLD, "发送工作通知", "A/0769",
        _send,
        (
            AGENT,
            Field("userid_list", "strings", most=100, unit="items"),
            Field("dept_id_list", "ints", most=20, unit="items"),
            Field("to_all_user", "bool"),
            MESSAGE,
        ),
        "qyapi_base",
        errors=(
            WRONG, Error(40056, "不合法的agentid"), Error(40007, "不合法的媒体文件id"),
            Error(45001, "多媒体文件大小超过限制"),
        ),
        note="which code answers which mistake is assumed; it is delivered at once, not some seconds later; the fourth "
        "call to everybody in a day is lost under 143105 (assumed)",
    ),
)  # fmt: skip
