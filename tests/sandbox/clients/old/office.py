"""智能人事's old calls, work notifications and files (A/0937 ff, A/1611, A/0769 ff, A/0646)."""

from collections.abc import Mapping
from typing import Any

from tests.sandbox.clients.old.call import Old, many

_HRM = "/topapi/smartwork/hrm"
_NOTICE = "/topapi/message/corpconversation"
_AGENT = {"agentid": "$agent"}
_ANOTHER = ("another app's agent", {"agentid": 1})
_PARAM = {
    "userid": "lin",
    "groups": [{"group_id": "sys09", "sections": [{"section": [{"field_code": "sys09-personalSi", "value": "1"}]}]}],
}
_NEWCOMER = {"name": "新来的", "mobile": "13911112222"}
_TEXT = {"msgtype": "text", "text": {"content": "你好"}}


def _group(**change: Any) -> Mapping[str, Any]:
    return {"param": {**_PARAM, "groups": [{**_PARAM["groups"][0], **change}]}}  # type: ignore[dict-item]


def _message(kind: str, **fields: Any) -> Mapping[str, Any]:
    return {"msg": {"msgtype": kind, kind: fields}}


CALLS: Mapping[str, Old] = {
    "old roster": Old(
        "A/1611", f"{_HRM}/employee/v2/list", {"userid_list": "lin", **_AGENT, "field_filter_list": "sys00-name"},
        "userid_list agentid", {"userid_list": {"x": 1}, "agentid": "app"},
        {"userid_list": many(101), "field_filter_list": many(101, "sys00-name")}, also=[_ANOTHER],
    ),
    "roster's fields": Old("A/0937", f"{_HRM}/roster/meta/get", _AGENT, "agentid", {"agentid": "app"}, also=[_ANOTHER]),
    "roster's groups": Old(
        "A/0938", f"{_HRM}/employee/field/grouplist", _AGENT, "agentid", {"agentid": "app"}, also=[_ANOTHER],
    ),
    "write to the roster": Old(
        "A/0940", f"{_HRM}/employee/v2/update", {**_AGENT, "param": _PARAM}, "agentid param",
        {"param": "lin", "agentid": "app"},
        also=[
            _ANOTHER, ("nobody named", {"param": {**_PARAM, "userid": None}}),
            ("nobody", {"param": {**_PARAM, "userid": "nobody"}}),
            ("groups as a text", {"param": {**_PARAM, "groups": "x"}}),
            ("an unknown group", _group(group_id="sys99")),
            ("an unknown field", _group(sections=[{"section": [{"field_code": "x", "value": "1"}]}])),
        ],
    ),
    "who works here": Old(
        "A/0946", f"{_HRM}/employee/queryonjob", {"status_list": "2,3,5,-1", "offset": 0, "size": 50},
        "status_list offset size", {"status_list": {"x": 1}, "offset": "first"}, {"size": 51},
        also=[("a status that isn't", {"status_list": "9"})],
    ),
    "who will come": Old(
        "A/0944", f"{_HRM}/employee/querypreentry", {"offset": 0, "size": 50}, "offset size",
        {"offset": "first", "size": "all"}, {"size": 51},
    ),
    "add who will come": Old(
        "A/0956", f"{_HRM}/employee/addpreentry", {"param": _NEWCOMER}, "param", {"param": "新来的"},
        also=[
            ("no name", {"param": {"mobile": "13911112222"}}), ("no mobile", {"param": {"name": "新来的"}}),
            ("a day without its time", {"param": {**_NEWCOMER, "pre_entry_time": "2026-12-01"}}),
            ("more that isn't JSON", {"param": {**_NEWCOMER, "extend_info": "x"}}),
        ],
    ),
    # work notifications
    "notify": Old(
        "A/0769", f"{_NOTICE}/asyncsend_v2", {"agent_id": "$agent", "userid_list": "lin", "msg": _TEXT}, "agent_id msg",
        {"agent_id": "app", "userid_list": {"x": 1}, "msg": "你好", "to_all_user": "perhaps"},
        {"userid_list": many(101), "dept_id_list": many(21, "200"), "msg": {**_TEXT, "text": {"content": "字" * 800}}},
        also=[
            ("nobody asked for", {"userid_list": None}),
            ("another app's agent", {"agent_id": 1}, 40056, 52019),
            ("no msgtype", {"msg": {"text": {"content": "你好"}}}),
            ("msgtype in another case", {"msg": {**_TEXT, "msgtype": "Text"}}),
            ("no text", {"msg": {"msgtype": "text"}}),
            ("an unknown picture", _message("image", media_id="@x"), 40007),
            ("a voice without its length", _message("voice", media_id="$media")),
            ("a link without its picture", _message("link", messageUrl="https://x.cn", title="t", text="t")),
            ("markdown without a title", _message("markdown", text="# x")),
            ("a card without markdown", _message("action_card", title="t", single_title="看", single_url="https://x.cn")),
            ("oa without a head", _message("oa", message_url="https://x.cn", body={"title": "t"})),
        ],
    ),
    "a notice's progress": Old(
        "A/0772", f"{_NOTICE}/getsendprogress", {"agent_id": "$agent", "task_id": "$task"}, "agent_id task_id",
        {"task_id": "first"}, also=[("an unknown task", {"task_id": 1}), ("another app's", {"agent_id": 1})],
    ),
    "a notice's result": Old(
        "A/0773", f"{_NOTICE}/getsendresult", {"agent_id": "$agent", "task_id": "$task"}, "agent_id task_id",
        {"task_id": "first"}, also=[("an unknown task", {"task_id": 1}), ("another app's", {"agent_id": 1})],
    ),
    "recall a notice": Old(
        "A/0770", f"{_NOTICE}/recall", {"agent_id": "$agent", "msg_task_id": "$task"}, "agent_id msg_task_id",
        {"msg_task_id": "first"},
        also=[("an unknown task", {"msg_task_id": 1}, 400002), ("another app's", {"agent_id": 1}, 400002)],
    ),
    "a notice's status bar": Old(
        "A/0771", f"{_NOTICE}/status_bar/update",
        {"agent_id": "$agent", "task_id": "$oa_task", "status_value": "已同意", "status_bg": "0xFF00FF00"},
        "agent_id task_id status_value", {"task_id": "first", "status_value": {"x": 1}},
        also=[("an unknown task", {"task_id": 1}), ("another app's", {"agent_id": 1}, 40056)],
    ),
}  # fmt: skip
