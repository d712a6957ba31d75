"""Every operation, held to its own description."""

import re
from typing import Any

import pytest

from sandbox.operation import Family, Field, Operation
from sandbox.operations import ALL
from sandbox.world import World
from tests.sandbox.client import Answer, Robot

SOME: dict[str, Any] = {
    "string": "x", "int": 1, "bool": True, "object": {"x": {"y": 1}}, "strings": ["x"], "ints": [1],
    "objects": [{"x": 1}], "texts": {"x": "y"}, "file": "x", "joined": "x", "any": "x", "number": 1,
}  # fmt: skip
NONSENSE: tuple[Any, ...] = (-1, 1e9, "", "[", [], [None], {}, {"x": None}, True, None)


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
    robot.token = world.tokens.issue()
    return robot


@pytest.mark.parametrize("operation", ALL, ids=lambda one: one.name)
async def test_each_mandatory_field_is_missed(caller: Robot, operation: Operation) -> None:
    whole = {field.name: SOME[field.kind] for field in operation.fields if field.where != "path"}
    for field in operation.fields:
        if field.required and field.where != "path":
            answer = await _call(caller, operation, {name: one for name, one in whole.items() if name != field.name})
            assert _refusal(operation, answer), (field.name, answer)


async def test_a_field_counts_only_where_it_belongs(caller: Robot, world: World) -> None:
    send = "/v1.0/robot/oToMessages/batchSend"
    body = {"robotCode": world.app.robot_code, "userIds": ["lin"], "msgKey": "sampleText"}
    answer = await caller.new("POST", send, body, params={"msgParam": '{"content":"x"}'})
    assert answer.code == "MissingmsgParam"


def _too_much(field: Field) -> Any:
    most = field.most or 0
    if field.unit == "value":
        return most + 1
    if field.kind == "joined":
        return ",".join(["x"] * (most + 1))
    return ["x"] * (most + 1) if field.kind == "strings" else "x" * (most + 1)


@pytest.mark.parametrize("operation", ALL, ids=lambda one: one.name)
async def test_each_limit_is_kept(caller: Robot, operation: Operation) -> None:
    whole = {field.name: SOME[field.kind] for field in operation.fields if field.where != "path"}
    for field in operation.fields:
        if field.most is not None:
            answer = await _call(caller, operation, {**whole, field.name: _too_much(field)})
            assert _refusal(operation, answer), (field.name, answer)


@pytest.mark.parametrize("operation", ALL, ids=lambda one: one.name)
async def test_nonsense_never_breaks_it(caller: Robot, operation: Operation) -> None:
    whole = {field.name: SOME[field.kind] for field in operation.fields if field.where != "path"}
    for name in whole:
        for value in NONSENSE:
            answer = await _call(caller, operation, {**whole, name: value})
            assert answer.status < 500, (name, value)
            assert isinstance(answer.body, dict)


@pytest.mark.parametrize("operation", [one for one in ALL if one.token], ids=lambda one: one.name)
async def test_without_a_token_or_its_scope_it_is_refused(caller: Robot, world: World, operation: Operation) -> None:
    world.app.scopes.clear()
    assert (await _call(caller, operation, {})).code in {"Forbidden.AccessDenied.AccessTokenPermissionDenied", 88}
    caller.token = "foreign"
    assert (await _call(caller, operation, {})).code in {"InvalidAuthentication", 40014}
