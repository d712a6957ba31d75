"""What the documents refuse is refused here, with their status and their code."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sandbox.operations import ALL
from sandbox.world import StoredFile, World
from tests.sandbox.client import Answer, Robot
from tests.sandbox.clients.bad_calls import BAD, DROP
from tests.sandbox.clients.good_calls import GOOD, TEMPLATE, Good

TOKEN_HEADER = "x-acs-dingtalk-access-token"


@pytest.fixture
async def words(robot: Robot, world: World) -> Mapping[str, str]:
    """What the calls refer to: messages and a card that were sent, a file, a session."""
    world.app.scopes |= {one.scope for one in ALL}
    robot.token = world.tokens.issue()
    sent = {
        name: (await _call(robot, GOOD[call], {"$id": world.app.client_id})).body["processQueryKey"]
        for name, call in {"$people": "to people", "$group": "to a group"}.items()
    }
    card = {**GOOD["create a card"].fields, "cardTemplateId": TEMPLATE, "outTrackId": "leave-1"}
    assert (await robot.new("POST", "/v1.0/card/instances", card)).status == 200
    private = world.chats.with_robot("lin")
    return {
        **sent,
        "$id": world.app.client_id,
        "$secret": world.app.client_secret,
        "$corp": world.app.corp_id,
        "$file": world.files.code(world.files.keep(StoredFile("a.pdf", "application/pdf", b"x"))),
        "$session": world.sessions.open(private.id, world.clock.now() + timedelta(minutes=90)),
        "$code": world.login_codes.issue("lin", "browser"),
        "$in_app": world.login_codes.issue("lin", "in_app"),
        "$mobile": world.directory.users["lin"].mobile,
    }


def _spelt(value: Any, words: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {name: _spelt(one, words) for name, one in value.items() if one is not DROP}
    if isinstance(value, list):
        return [_spelt(one, words) for one in value]
    return words.get(value, value) if isinstance(value, str) else value


async def _call(
    robot: Robot, good: Good, words: Mapping[str, str], change: Mapping[str, Any] | None = None, path: str = ""
) -> Answer:
    """Make a good call, changed where it is told to; a field in the query stays there."""
    change = change or {}
    query = {**good.query, **{name: one for name, one in change.items() if name in good.query or good.method == "GET"}}
    fields = {**good.fields, **{name: one for name, one in change.items() if name not in query}}
    headers = {}
    if good.token and robot.token:
        if good.old:
            query = {"access_token": robot.token, **query}
        else:
            headers = {TOKEN_HEADER: robot.token}
    body = None if good.method == "GET" else _spelt(fields, words)
    path = path or good.path.replace("$corp", words.get("$corp", ""))
    return await robot.call(good.method, path, body, params=_spelt(query, words), headers=headers)


def _refused(good: Good, answer: Answer) -> bool:
    """Whether it's a failure in the family's shape."""
    if good.old:
        return answer.status == 200 and answer.code != 0 and set(answer.body) >= {"errcode", "errmsg"}
    return answer.status >= 400 and set(answer.body) >= {"code", "requestid", "message"}


@pytest.mark.parametrize("good", GOOD.values(), ids=GOOD)
async def test_the_good_call_is_answered(robot: Robot, words: Mapping[str, str], world: World, good: Good) -> None:
    answer = await _call(robot, good, words)
    assert (answer.status, answer.code) in {(200, None), (200, 0)}, answer
    assert [one for one in world.wire.entries[-1].warnings if "isn't in the documents" in one] == []


@pytest.mark.parametrize("call", {one.call: None for one in BAD})
async def test_each_bad_call_is_refused_as_the_documents_say(robot: Robot, words: Mapping[str, str], call: str) -> None:
    good, wrong = GOOD[call], []
    for bad in [one for one in BAD if one.call == call]:
        answer = await _call(robot, good, words, bad.change)
        fits = not bad.codes or (answer.code in bad.codes and answer.status == (200 if good.old else 400))
        if not _refused(good, answer) or not fits:
            wrong.append((bad.what, bad.codes, answer))
    assert wrong == []


async def test_no_token_a_foreign_one_and_an_old_one(robot: Robot, words: Mapping[str, str], world: World) -> None:
    for token, code in [("", 41001), ("foreign", 40014), (robot.token, 42001)]:
        if token == robot.token:
            world.clock.advance(timedelta(hours=2, seconds=1))
        told = {}
        for name, good in GOOD.items():
            if good.token:
                answer = await _call(replace(robot, token=token), good, words)
                told[name] = (answer.status, answer.code)
        wanted = {name: (200, code) if GOOD[name].old else (400, "InvalidAuthentication") for name in told}
        assert told == wanted


async def test_a_path_in_another_case_is_no_path(robot: Robot, words: Mapping[str, str]) -> None:
    answers = {name: await _call(robot, good, words, path=good.path.swapcase()) for name, good in GOOD.items()}
    assert {name for name, answer in answers.items() if answer.status != 404} == set()


def test_each_good_call_is_an_operation_and_has_three_bad_ones() -> None:
    calls = {(one.method, one.path.replace("$corp", "{corpId}")): name for name, one in GOOD.items()}
    assert set(calls) <= {(one.method, one.path) for one in ALL}
    bad = Counter(one.call for one in BAD)
    assert {name for name in GOOD if bad[name] < 3} == {"data scope", "administrators"}  # they take nothing
