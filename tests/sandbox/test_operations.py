"""Every operation, held to its own description."""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

import sandbox
from sandbox.answers import Failure
from sandbox.call import Call, Switchboard, Undescribed
from sandbox.operation import Error, Family, Field, Limit, Operation
from sandbox.operations import ALL
from sandbox.validate import validated
from sandbox.world import World
from tests.sandbox.client import Answer, Robot

SOME: dict[str, Any] = {
    "string": "x", "int": 1, "number": 1.5, "bool": True, "object": {"x": {"y": 1}}, "map": {"x": {}},
    "strings": ["x"], "ints": [1], "objects": [{"x": 1}], "texts": {"x": "y"}, "file": "x", "any": "x",
    "joined": "x",
}  # fmt: skip
SHAPES = {
    "json": "{}", "date": "2026-11-24", "time": "2026-11-24 09:00:00", "instant": "2026-11-24T09:00:00+08:00",
    "day": "2026-11-24", "minute": "2026-11-24 09:00",
}  # fmt: skip
NONSENSE: tuple[Any, ...] = (-1, 1e9, "", "[", [], [None], {}, {"x": None}, True, None)


def _some(field: Field) -> Any:
    """Give a value that the description takes."""
    inside = _whole(field.fields) if field.fields else None
    if field.shape == "json" and inside is not None:
        return json.dumps(inside)
    if inside is not None:
        return {"objects": [inside], "map": {"x": inside}}.get(field.kind, inside)
    if field.choices:
        return [field.choices[0]] if field.kind in {"strings", "ints"} else field.choices[0]
    if field.least is not None and field.unit == "value":
        return max(field.least, 1)
    return SHAPES[field.shape] if field.shape else SOME[field.kind]


def _whole(fields: tuple[Field, ...]) -> dict[str, Any]:
    """Give every field, as far as its sibling lets it count."""
    found: dict[str, Any] = {}
    for field in fields:
        if field.where != "path" and (field.when is None or found.get(field.when[0]) in field.when[1]):
            found[field.name] = _some(field)
    return found


async def _call(robot: Robot, operation: Operation, body: dict[str, Any]) -> Answer:
    path = re.sub(r"\{\w+\}", "x", operation.path)
    if operation.method == "GET":
        query = {key: str(value) for key, value in body.items()} | {"access_token": robot.token}
        headers = {"x-acs-dingtalk-access-token": robot.token}
        return await robot.call("GET", path, params=query, headers=headers)
    new = operation.family is Family.NEW
    return await (robot.new(operation.method, path, body) if new else robot.old(path, body))


def _refusal(operation: Operation, answer: Answer) -> bool:
    """Whether it is a failure in the family's exact shape."""
    if operation.family is Family.NEW:
        return answer.status >= 400 and set(answer.body) == {"code", "requestid", "message"}
    return answer.status == 200 and answer.code != 0 and set(answer.body) == {"errcode", "errmsg", "request_id"}


@pytest.fixture
async def caller(robot: Robot, world: World) -> Robot:
    world.app.calls_per_second = 10_000
    world.meter.max_calls = 10_000
    world.app.scopes |= {one.scope for one in ALL}
    robot.token = world.tokens.issue()
    return robot


@pytest.mark.parametrize("operation", ALL, ids=lambda one: one.name)
async def test_each_mandatory_field_is_missed(caller: Robot, operation: Operation) -> None:
    whole = _whole(operation.fields)
    for field in operation.fields:
        if field.required and field.where != "path" and field.name in whole:
            answer = await _call(caller, operation, {name: one for name, one in whole.items() if name != field.name})
            assert _refusal(operation, answer), (field.name, answer)


async def test_a_field_counts_only_where_it_belongs(caller: Robot, world: World) -> None:
    send = "/v1.0/robot/oToMessages/batchSend"
    body = {"robotCode": world.app.robot_code, "userIds": ["lin"], "msgKey": "sampleText"}
    answer = await caller.new("POST", send, body, params={"msgParam": '{"content":"x"}'})
    assert answer.code == "invalidParameter.msgParam.invalid"


def _too_much(field: Field) -> Any:
    most = field.most or 0
    if field.unit == "value":
        return most + 1
    if field.kind == "joined":
        return ",".join(["x"] * (most + 1))
    return ["x"] * (most + 1) if field.kind == "strings" else "x" * (most + 1)


@pytest.mark.parametrize("operation", ALL, ids=lambda one: one.name)
async def test_each_limit_is_kept(caller: Robot, operation: Operation) -> None:
    whole = _whole(operation.fields)
    for field in operation.fields:
        if field.most is not None and field.name in whole:
            answer = await _call(caller, operation, {**whole, field.name: _too_much(field)})
            assert _refusal(operation, answer), (field.name, answer)


@pytest.mark.parametrize("operation", ALL, ids=lambda one: one.name)
async def test_nonsense_never_breaks_it(caller: Robot, world: World, operation: Operation) -> None:
    if operation.by_person:
        caller.token = world.user_tokens.issue("lin").token
    whole = _whole(operation.fields)
    for name in whole:
        for value in NONSENSE:
            answer = await _call(caller, operation, {**whole, name: value})
            assert answer.status < 500 or operation.error(answer.code), (name, value)
            assert isinstance(answer.body, dict)


@pytest.mark.parametrize("operation", [one for one in ALL if one.token], ids=lambda one: one.name)
async def test_without_a_token_or_its_scope_it_is_refused(caller: Robot, world: World, operation: Operation) -> None:
    world.app.scopes.clear()
    if operation.by_person:
        caller.token = world.user_tokens.issue("lin").token
    assert (await _call(caller, operation, {})).code in {"Forbidden.AccessDenied.AccessTokenPermissionDenied", 88}
    caller.token = "foreign"
    assert (await _call(caller, operation, {})).code in {"InvalidAuthentication", 40014}


def _refusals() -> Iterator[tuple[str, str]]:
    """Find the constant codes of `call.fail` in every family's folder."""
    for path in sorted(Path(sandbox.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(attr="fail"), args=[ast.Constant(value=code), *_]):
                    yield path.parent.name, str(code)


def test_every_code_that_is_refused_with_is_described() -> None:
    described: dict[str, set[str]] = {}
    for operation in ALL:
        codes = {str(one.code) for one in operation.errors} | {one for f in operation.fields for one in f.codes}
        described.setdefault(operation.run.__module__.split(".")[1], set()).update(codes)
    found = list(_refusals())
    assert found
    assert [(family, code) for family, code in found if code not in described.get(family, set())] == []


def test_an_operation_cannot_refuse_with_what_it_does_not_describe(world: World) -> None:
    operation = next(one for one in ALL if one.name == "robot.to_people")
    call = Call(world, operation, {})
    assert call.fail("staffId.notExisted", "x").status == 400
    assert call.fail("invalidParameter.robotCode.empty", "x").status == 400  # a field names it
    with pytest.raises(Undescribed):
        call.fail("invented", "x")


SHELF = Field(
    "shelf", "map", bad="shelf.bad",
    fields=(Field("books", "objects", unit="items", fields=(Field("title", required=True, missing="title.empty"),)),),
)  # fmt: skip
KIND = Field("kind", required=True, choices=("date", "word"), bad="kind.bad")
VALUE = (
    Field("value", required=True, shape="date", when=("kind", ("date",))),
    Field("value", required=True, shape="json", when=("kind", ("word",)), fields=(Field("word", required=True),)),
)
PATTERN = next(one for one in ALL if one.name == "card.update")
ODD = replace(PATTERN, fields=(SHELF, KIND, *VALUE), errors=(Error("kind.bad", "kind wrong", 409),))


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"shelf": {"a": 1}, "kind": "date", "value": "2026-11-24"}, "shelf.bad"),
        ({"shelf": {"a": {"books": [{"titel": "x"}]}}, "kind": "date", "value": "2026-11-24"}, "title.empty"),
        ({"kind": "colour", "value": "x"}, "kind.bad"),
        ({"kind": "date", "value": "2026-02-30"}, "invalidParameter.value"),
        ({"kind": "word", "value": "2026-02-28"}, "invalidParameter.value"),
        ({"kind": "word", "value": "[]"}, "invalidParameter.value"),
        ({"kind": "word", "value": '{"Word":"x"}'}, "Missingword"),
        ({"kind": "word"}, "Missingvalue"),
    ],
)
def test_a_description_reaches_into_fields_and_depends_on_siblings(given: dict[str, Any], code: str) -> None:
    notes: list[str] = []
    with pytest.raises(Failure) as refusal:
        validated(ODD, given, notes)
    assert refusal.value.code == code
    assert refusal.value.status == (409 if code == "kind.bad" else 400)


def test_what_a_description_takes_is_given_read() -> None:
    given = {"shelf": {"a": {"books": [{"title": "t"}]}}, "kind": "word", "value": '{"word":"w","more":1}'}
    notes: list[str] = []
    values = validated(ODD, given, notes)
    assert values == {"shelf": {"a": {"books": [{"title": "t"}]}}, "kind": "word", "value": {"word": "w"}}
    assert notes == ["field value.more isn't in the documents"]


LISTS = (Field("ids", "joined", most=2, unit="items"), Field("days", "ints", where="query"))
TIMES = (Field("day", shape="day"), Field("minute", shape="minute"), Field("flag", "bool", where="query"))


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"ids": "a,b", "days": "[1,2]"}, {"ids": ["a", "b"], "days": [1, 2]}),
        ({"day": "2026-11-24", "minute": "2026-11-24 09:00", "flag": "True"}, {"flag": True}),
        ({"day": "2026-11-24 09:00:00", "minute": "2026-11-24 09:00:00"}, {}),
        ({"ids": ["a"]}, "ids"),
        ({"ids": "a,b,c"}, "ids"),
        ({"days": "1,2"}, "days"),
        ({"day": "2026-11-24 09:00"}, "day"),
        ({"minute": "2026-11-24"}, "minute"),
    ],
)
def test_lists_and_times_are_read_as_their_pages_write_them(given: dict[str, Any], read: Any) -> None:
    operation = replace(PATTERN, fields=(*LISTS, *TIMES))
    if isinstance(read, str):
        with pytest.raises(Failure) as refusal:
            validated(operation, given, [])
        assert refusal.value.code == f"invalidParameter.{read}"
    else:
        values = validated(operation, given, [])
        assert {name: one for name, one in values.items() if one is not None} == {**given, **read}


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [("GET", "/topapi/v2/user/get", 43002), ("PUT", "/robot/send", 43002), ("POST", "/gettoken", 43001)],
)
async def test_an_old_call_by_another_method_is_told_which(caller: Robot, method: str, path: str, code: int) -> None:
    answer = await caller.call(method, path)
    assert (answer.status, answer.code, set(answer.body)) == (200, code, {"errcode", "errmsg", "request_id"})


@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [
        ("text/xml", "<userid>lin</userid>", 43004),
        ("text/plain", '{"userid": "lin"}', 43004),
        ("application/json", "userid=lin", 43009),
        ("application/json", '["lin"]', 43009),
        ("application/json; charset=utf-8", '{"userid": "lin"}', 0),
        ("application/x-www-form-urlencoded", "userid=lin", 0),
    ],
)
async def test_an_old_call_comes_as_json_or_a_form(caller: Robot, kind: str, body: str, code: int) -> None:
    query, headers = {"access_token": caller.token}, {"Content-Type": kind}
    async with caller.http.post("/topapi/v2/user/get", params=query, headers=headers, data=body) as response:
        assert (response.status, (await response.json())["errcode"]) == (200, code)


def test_a_mandatory_list_that_a_form_leaves_empty_is_missing() -> None:
    fields = (Field("leave_quotas", "objects", required=True, missing="1"),)
    operation = replace(next(one for one in ALL if one.name == "attendance.init_quotas"), fields=fields)
    empty: tuple[Any, ...] = ("[]", "", [])
    for nothing in empty:
        with pytest.raises(Failure) as refusal:
            validated(operation, {"leave_quotas": nothing}, [])
        assert refusal.value.code == 1


async def test_names_are_case_sensitive_and_a_near_miss_is_named(caller: Robot, world: World) -> None:
    body = {"robotcode": "x", "userIds": ["lin"], "msgKey": "sampleText", "msgParam": '{"content":"x"}'}
    assert (
        await caller.new("POST", "/v1.0/robot/oToMessages/batchSend", body)
    ).code == "invalidParameter.robotCode.empty"
    assert world.wire.entries[-1].warnings == ["field robotcode isn't in the documents: robotCode is"]


async def test_an_operations_own_limit_is_kept_per_value_and_costs_nothing(caller: Robot, world: World) -> None:
    slow = Limit(2, 60, Error("send.too.fast", "发送消息频率过快", 429), per="userIds")
    limited = replace(next(one for one in ALL if one.name == "robot.to_people"), limits=(slow,))
    now = 0.0
    world.pace.seconds = lambda: now
    switchboard = Switchboard(world)
    app = web.Application()
    app.router.add_post("/send", partial(switchboard.handle, limited))

    async with TestClient(TestServer(app)) as http:

        async def send(*users: str) -> tuple[int, str]:
            body = {"robotCode": world.app.robot_code, "userIds": users, "msgKey": "sampleText"}
            headers = {"x-acs-dingtalk-access-token": caller.token}
            body |= {"msgParam": '{"content":"x"}'}
            async with http.post("/send", json=body, headers=headers) as response:
                return response.status, (await response.json()).get("code", "")

        assert [await send("lin"), await send("lin")] == [(200, ""), (200, "")]
        assert await send("lin") == (429, "send.too.fast")
        assert await send("wang", "lin") == (429, "send.too.fast")
        assert [await send("wang"), await send("wang")] == [(200, ""), (200, "")]
        assert world.meter.month.counted["robot.to_people"] == 4
        now = 60.0
        assert await send("lin") == (200, "")
