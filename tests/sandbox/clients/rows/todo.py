"""To-dos (A/0793 ff)."""

from collections.abc import Mapping
from typing import Any

from tests.sandbox.clients.typed import Row, Typed

_LIN, _WANG = "union-lin", "union-wang"
_OURS = {"unionId": _LIN, "operatorId": _LIN}


async def _new(it: Typed) -> Mapping[str, Any]:
    url = {"appUrl": "https://hr.example/app", "pcUrl": "https://hr.example/pc"}
    people = {"executorIds": [_LIN, _WANG], "participantIds": ["union-li"], "creatorId": _LIN}
    told = {"subject": "补交病假证明", "description": "说明", "priority": 30, "notifyConfigs": {"dingNotify": "1"}}
    shown = {"contentFieldList": [{"fieldKey": "假种", "fieldValue": "病假"}], "isOnlyShowExecutor": True}
    due = {"dueTime": it.world.clock.ms() + 1000, "sourceId": "leave-7"}
    return {**_OURS, **told, **people, **shown, **due, "detailUrl": url}


async def _made(it: Typed) -> Mapping[str, Any]:
    made = await it.call("todo.create", **await _new(it))
    return {**_OURS, "taskId": made.id}


async def _change(it: Typed) -> Mapping[str, Any]:
    return {**await _made(it), "subject": "改了", "description": "改了", "done": True, "executorIds": [_LIN]}


async def _done(it: Typed) -> Mapping[str, Any]:
    return {**await _made(it), "executorStatusList": [{"id": _WANG, "isDone": True}]}


async def _asked(it: Typed) -> Mapping[str, Any]:
    await _made(it)
    return {"unionId": _WANG, "nextToken": "0", "isDone": False, "roleTypes": [["executor"]], "todoType": "TODO"}


async def _own(it: Typed) -> Mapping[str, Any]:
    it.token = it.world.user_tokens.issue("lin", corp=False).token
    now = it.world.clock.ms()
    people = {"executorIds": [_LIN, _WANG], "participantIds": ["union-li"]}
    told = {"subject": "补交病假证明", "description": "说明", "notifyConfigs": {"dingNotify": "1"}}
    return {**people, **told, "dueTime": now + 600_000, "reminderTimeStamp": now + 1}


ROWS = (
    Row(
        "todo.create", _new, {"id": str, "subject": "补交病假证明", "done": False, "executorIds": [_LIN, _WANG]},
        unsent=frozenset({"actionList.buttonStyleType"}), why="it is in the page's sample",
    ),
    Row("todo.update", _change, {"result": True}),
    Row("todo.executor_status", _done, {"result": True}),
    Row("todo.delete", _made, {"result": True}),
    Row("todo.create_personal", _own, {"taskId": str, "createdTime": int}),
    Row("todo.query", _asked, {"todoCards": [{"taskId": str, "subject": "补交病假证明", "isDone": False}]}),
)  # fmt: skip
