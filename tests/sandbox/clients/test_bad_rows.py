"""What the documents refuse of the office's families is refused here."""

from collections.abc import Mapping
from typing import Any

import pytest

from sandbox.operations import ALL
from sandbox.server import Running
from tests.sandbox.client import Answer, Robot
from tests.sandbox.clients.bad_calls import DROP
from tests.sandbox.clients.bad_rows import BAD_ROWS
from tests.sandbox.clients.catalogue import ClientCall, client_call
from tests.sandbox.clients.rows import ROWS
from tests.sandbox.clients.typed import OPERATIONS, Typed

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")


def _at(path: str, call: ClientCall, name: str, fields: Mapping[str, Any]) -> tuple[str, dict[str, dict[str, Any]]]:
    """Put fields where the client puts them; what it doesn't know goes where the others are."""
    variables = call.fits(OPERATIONS[name]) or {}
    named = {place.strip("{}") for place in variables.values()}
    places: dict[str, dict[str, Any]] = {"query": {}, "body": {}, "header": {}}
    usual = "query" if set(call.places.values()) == {"query"} else "body"
    for field, value in fields.items():
        if field in named:
            path = path.replace(f"{{{field}}}", str(value))
        elif value is not DROP:
            places[call.places.get(field, usual)][field] = value
    return path, places


async def _call(robot: Robot, name: str, fields: Mapping[str, Any]) -> Answer:
    call = client_call(OPERATIONS[name])
    assert call is not None
    path, places = _at(OPERATIONS[name].path, call, name, fields)
    query = {field: str(value) for field, value in places["query"].items()}
    headers = {"x-acs-dingtalk-access-token": robot.token, **places["header"]}
    body = places["body"] if call.request and call.method != "GET" else None
    return await robot.call(call.method, path, body, params=query, headers=headers)


@pytest.mark.parametrize("name", BAD_ROWS)
async def test_each_bad_call_is_refused_as_the_documents_say(sandbox: Running, robot: Robot, name: str) -> None:
    sandbox.world.app.scopes |= {scope for one in ALL for scope in one.scope.split()}
    robot.token = sandbox.world.tokens.issue()
    given = ROWS[name].given
    typed = Typed(sandbox, robot.token)
    fields = await given(typed) if callable(given) else given
    robot.token = typed.token  # a person's, where the call takes one
    wrong = []
    for what, change, *codes in BAD_ROWS[name]:
        answer = await _call(robot, name, {**fields, **change})
        fits = {tuple(code.split(":")) if ":" in code else ("400", code) for code in codes}
        refused = answer.status >= 400 and set(answer.body) >= {"code", "requestid", "message"}
        if not refused or (fits and (str(answer.status), answer.code) not in fits):
            wrong.append((what, codes, answer))
    assert wrong == []
