"""The to-do calls, and the events that tell of them (E/0027 to E/0029)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sandbox.call import Call
from sandbox.operation import Error, Family, Field, Operation
from sandbox.world.flow import stamp
from sandbox.world.todos import Todo

_PAGE = 20
_KEPT = timedelta(days=180)
_ADVISED = 100
_WRITE, _READ = "Todo.Todo.Write", "Todo.Todo.Read"
_ROLES = frozenset({"executor", "creator", "participant"})


def wrong(call: Call, words: str) -> Exception:
    """Refuse: nearly all errors of a to-do call share one code and differ in their words."""
    return call.fail(call.operation.errors[0].code, words)


def known(call: Call, unionids: Iterable[str]) -> list[str]:
    """Give people's unionids, each once; refuses one that nobody has."""
    found = list(dict.fromkeys(unionids))
    if any(call.world.directory.by_unionid(one) is None for one in found):
        raise wrong(call, f"{call.operation.errors[0].code}: unknown unionId")
    return found


def _task(call: Call) -> Todo:
    """Give the to-do; the person in the path must have to do with it."""
    found = call.world.todos.tasks.get(call["taskId"])
    if found is None or found.personal or call["unionId"] not in found.people:
        raise wrong(call, "task not exist")
    known(call, [call["operatorId"]] if call["operatorId"] else [])
    return found


async def tell(call: Call, kind: str, todo: Todo, people: list[str]) -> None:
    """Push an event about a to-do."""
    tag = {"bizTag": todo.biz_tag} if todo.biz_tag and kind != "delete" else {}
    await call.world.stream.event(f"todo_task_{kind}", {"unionIdList": people, **tag, "taskId": todo.id})


async def _create(call: Call) -> Mapping[str, Any]:
    todos, source = call.world.todos, call["sourceId"] or ""
    if source and source in todos.locked:
        raise call.fail("todo.taskCreate.lockError", "todo.taskCreate.lockError")
    if todos.by_source(source) is not None:
        raise wrong(call, "task exist")
    todo = _made(call)
    todos.locked.add(source)
    try:
        todos.tasks[todo.id] = todo
        await tell(call, "create", todo, todo.people)
    finally:
        todos.locked.discard(source)
    return _shown(todo) | {"requestId": call.world.ids.request()}


def _made(call: Call) -> Todo:
    url = call["detailUrl"]
    if not url["appUrl"] and not url["pcUrl"]:
        raise wrong(call, "detailUrl is required")
    creator = call["creatorId"] or call["unionId"]
    if creator != call["unionId"]:
        raise wrong(call, "unionId and creatorId must be the same")
    now, operator = call.world.clock.now(), call["operatorId"] or creator
    executors = known(call, call["executorIds"] or [creator])
    known(call, [creator, operator])
    if len(executors) > _ADVISED:
        call.warnings.append(f"{len(executors)} executors: {_ADVISED} are advised at most")
    return Todo(
        f"task{call.world.ids.hex(32)}", call["subject"], creator, operator, call.world.app.client_id, now, now,
        call["sourceId"] or "", call["description"] or "", call["dueTime"], executors,
        known(call, call["participantIds"] or ()), url["appUrl"] or "", url["pcUrl"] or "",
        call["contentFieldList"] or [], bool(call["isOnlyShowExecutor"]), call["priority"],
        {name: one for name, one in (call["notifyConfigs"] or {}).items() if one is not None}, call["todoType"],
    )  # fmt: skip


def _shown(todo: Todo) -> dict[str, Any]:
    """Give what creating answers; what wasn't given is left out."""
    shown = {
        "id": todo.id, "subject": todo.subject, "description": todo.description, "dueTime": todo.due,
        "executorIds": todo.executors, "participantIds": todo.participants, "source": todo.biz_tag,
        "sourceId": todo.source_id, "bizTag": todo.biz_tag, "creatorId": todo.creator, "modifierId": todo.modifier,
        "contentFieldList": todo.fields, "priority": todo.priority, "notifyConfigs": todo.notify,
    }  # fmt: skip
    return {name: one for name, one in shown.items() if one not in (None, "", [], {})} | {
        "done": todo.done_at is not None, "isOnlyShowExecutor": todo.only_executor, "detailUrl": _url(todo),
        "createdTime": stamp(todo.created), "modifiedTime": stamp(todo.modified), "startTime": stamp(todo.created),
    }  # fmt: skip


def _url(todo: Todo) -> dict[str, str]:
    return {name: one for name, one in (("pcUrl", todo.pc_url), ("appUrl", todo.app_url)) if one}


async def _update(call: Call) -> Mapping[str, Any]:
    todo, now = _task(call), call.world.clock.now()
    executors = known(call, call["executorIds"] or todo.executors)
    participants = known(call, call["participantIds"] or todo.participants)
    before = todo.people
    todo.subject = call["subject"] or todo.subject
    todo.description = call["description"] or todo.description
    todo.due = call["dueTime"] if call["dueTime"] is not None else todo.due
    todo.executors, todo.participants = executors, participants
    todo.fields = call["contentFieldList"] or todo.fields
    if call["done"] is not None:
        todo.done_at = now if call["done"] else None
        todo.finished = dict.fromkeys(executors, now) if call["done"] else {}
    _touch(call, todo)
    await tell(call, "update", todo, list(dict.fromkeys([*before, *todo.people])))
    return {"result": True}


async def _executors(call: Call) -> Mapping[str, Any]:
    todo, now = _task(call), call.world.clock.now()
    wanted = {one["id"]: one["isDone"] for one in call["executorStatusList"] or ()}
    if not set(wanted) <= set(todo.executors):
        raise wrong(call, "todo.taskExecutorStatusUpdate.paramError: not an executor")
    for unionid, done in wanted.items():
        if done:
            todo.finished.setdefault(unionid, now)
        else:
            todo.finished.pop(unionid, None)
    todo.done_at = (todo.done_at or now) if set(todo.executors) <= set(todo.finished) else None
    _touch(call, todo)
    await tell(call, "update", todo, todo.people)
    return {"result": True}


def _touch(call: Call, todo: Todo) -> None:
    todo.modified, todo.modifier = call.world.clock.now(), call["operatorId"] or call["unionId"]


async def _delete(call: Call) -> Mapping[str, Any]:
    todo = _task(call)
    del call.world.todos.tasks[todo.id]
    await tell(call, "delete", todo, todo.people)
    return {"result": True, "requestId": call.world.ids.request()}


async def _query(call: Call) -> Mapping[str, Any]:
    now, unionid = call.world.clock.now(), call["unionId"]
    known(call, [unionid])
    token = call["nextToken"] or "0"
    if not token.isdigit():
        raise wrong(call, "nextToken is invalid")
    found = [
        one
        for one in call.world.todos.of(unionid)
        if not one.personal
        and call["isDone"] in {None, _done(one, unionid)}
        and call["todoType"] in {None, one.kind}
        and (one.done_at is None or now - one.done_at <= _KEPT)
        and _plays(call, one.roles(unionid))
    ]
    begin = int(token)
    cards = [_card(one, unionid) for one in found[begin : begin + _PAGE]]
    more = begin + _PAGE < len(found)
    return {"todoCards": cards, **({"nextToken": str(begin + _PAGE)} if more else {})}


def _plays(call: Call, roles: set[str]) -> bool:
    """Whether one of the wanted sets of roles is a person's."""
    wanted = call["roleTypes"]
    if wanted is None:
        return True
    if not isinstance(wanted, list) or not all(
        isinstance(one, list) and set(map(str, one)) <= _ROLES for one in wanted
    ):
        raise wrong(call, "roleTypes is a list of lists of executor, creator, participant")
    return any(set(one) <= roles for one in wanted)


def _done(todo: Todo, unionid: str) -> bool:
    return todo.done_at is not None or unionid in todo.finished


def _card(todo: Todo, unionid: str) -> dict[str, Any]:
    card = {
        "taskId": todo.id, "subject": todo.subject, "detailUrl": _url(todo), "priority": todo.priority,
        "createdTime": stamp(todo.created), "modifiedTime": stamp(todo.modified), "creatorId": todo.creator,
        "bizTag": todo.biz_tag, "isDone": _done(todo, unionid), "todoType": todo.kind,
    }  # fmt: skip
    more = {"dueTime": todo.due, "sourceId": todo.source_id}
    return card | {name: one for name, one in more.items() if one not in (None, "")}


def with_code(code: str, *fields: Field) -> tuple[Field, ...]:
    """Give fields the one code of their call; nested ones as well."""
    return tuple(replace(one, missing=code, bad=code, over=code, fields=with_code(code, *one.fields)) for one in fields)


_PATH = (
    Field("unionId", required=True, where="path"),
    Field("taskId", required=True, where="path"),
    Field("operatorId", where="query"),
)
_CONTENT = Field(
    "contentFieldList", "objects",
    fields=(Field("fieldKey", most=1024, unit="bytes"), Field("fieldValue", most=1024, unit="bytes")),
)  # fmt: skip
_NOTIFY = (Field("dingNotify", choices=("0", "1")), Field("sendTodoApn", choices=("true", "false")))
_CREATED = with_code(
    "todo.taskCreate.paramError",
    _PATH[0], _PATH[2],
    Field("sourceId"), Field("subject", required=True, most=1024), Field("creatorId"),
    Field("description", most=4096), Field("dueTime", "int", least=0, unit="value"),
    Field("executorIds", "strings", most=1000, unit="items"),
    Field("participantIds", "strings", most=1000, unit="items"),
    Field(
        "detailUrl", "object", required=True,
        fields=(Field("appUrl", most=1024, unit="bytes"), Field("pcUrl", most=1024, unit="bytes")),
    ),
    _CONTENT, Field("isOnlyShowExecutor", "bool"), Field("priority", "int", choices=(10, 20, 30, 40), default=20),
    Field("notifyConfigs", "object", fields=(*_NOTIFY, Field("sendAssistantChat", choices=("true", "false")))),
    Field("bizCategoryId"),
    Field(
        "actionList", "objects",
        fields=(
            Field("title"), Field("actionType", "int", choices=(1, 2)), Field("url"), Field("actionKey"),
            Field("pcUrl"), Field("buttonStyleType", "int"),
            Field("param", "object", fields=(Field("body"), Field("header", "object"))),
        ),
    ),
    Field("todoType", choices=("TODO", "READ"), default="TODO"), Field("reminderTimeStamp", "int"),
    Field("remindNotifyConfigs", "object", fields=_NOTIFY), Field("thirdExtension", "object"),
)  # fmt: skip
_UPDATED = with_code(
    "todo.taskUpdate.paramError",
    *_PATH, Field("subject", most=1024), Field("description", most=4096),
    Field("dueTime", "int", least=0, unit="value"), Field("done", "bool"),
    Field("executorIds", "strings", most=1000, unit="items"),
    Field("participantIds", "strings", most=1000, unit="items"), _CONTENT,
)  # fmt: skip
_TASK_PATH = "/v1.0/todo/users/{unionId}/tasks/{taskId}"

OPERATIONS = (
    Operation(
        "todo.create", "POST", "/v1.0/todo/users/{unionId}/tasks", Family.NEW, "创建钉钉待办任务", "A/0793", _create,
        _CREATED, _WRITE,
        errors=(
            Error("todo.taskCreate.paramError", "创建待办参数异常"),
            Error("todo.taskCreate.lockError", "创建待办根据sourceId加锁失败"),
        ),
        note="at least one of detailUrl's addresses; without executors the creator is one; 1,000 people is the update "
        "call's limit; flowControlError comes by a fault only",
    ),
    Operation(
        "todo.update", "PUT", _TASK_PATH, Family.NEW, "更新钉钉待办任务", "A/0796", _update, _UPDATED,
        f"{_WRITE} {_READ}", errors=(Error("todo.taskUpdate.paramError", "更新待办参数异常"),),
    ),
    Operation(
        "todo.executor_status", "PUT", f"{_TASK_PATH}/executorStatus", Family.NEW, "更新钉钉待办执行者状态", "A/0797",
        _executors,
        with_code(
            "todo.taskExecutorStatusUpdate.paramError",
            *_PATH,
            Field(
                "executorStatusList", "objects", most=1000, unit="items",
                fields=(Field("id", required=True), Field("isDone", "bool", required=True)),
            ),
        ),
        f"{_WRITE} {_READ}", errors=(Error("todo.taskExecutorStatusUpdate.paramError", "更新待办执行者状态参数异常"),),
    ),
    Operation(
        "todo.delete", "DELETE", _TASK_PATH, Family.NEW, "删除钉钉待办任务", "A/0795", _delete,
        with_code("todo.taskDelete.paramError", *_PATH), _WRITE,
        errors=(Error("todo.taskDelete.paramError", "删除待办参数异常"),),
    ),
    Operation(
        "todo.query", "POST", "/v1.0/todo/users/{unionId}/org/tasks/query", Family.NEW, "查询企业下用户待办列表",
        "A/0798", _query,
        with_code(
            "todo.orgTaskQuery.paramError",
            _PATH[0], Field("nextToken"), Field("isDone", "bool"), Field("roleTypes", "any"),
            Field("todoType", choices=("TODO", "READ")),
        ),
        _READ, errors=(Error("todo.orgTaskQuery.paramError", "查询企业待办列表系统参数错误"),),
        note="20 a page and every role unless told: neither is documented",
    ),
)  # fmt: skip
