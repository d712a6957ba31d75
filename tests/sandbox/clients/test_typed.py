"""The official typed client takes this for DingTalk: paths, methods, names and types agree, or a row says why not."""

import re

import pytest
from darabonba.exceptions import UnretryableException

from sandbox.operation import Family
from sandbox.operations import ALL
from sandbox.server import Running
from tests.sandbox.clients.catalogue import client_call
from tests.sandbox.clients.rows import ROWS, UNKNOWN
from tests.sandbox.clients.typed import OPERATIONS, Row, Typed, body_type, matches, misfits, unknown_to

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
async def test_the_client_is_understood_and_understands_the_answer(sandbox: Running, row: Row) -> None:
    typed, operation = Typed(sandbox), OPERATIONS[row.operation]
    call = client_call(operation)
    assert call is not None
    fields = await row.given(typed) if callable(row.given) else row.given

    if row.refused:
        with pytest.raises(UnretryableException) as refusal:
            await typed.make(call, operation, fields)
        assert refusal.value.code == row.refused
        return
    await typed.make(call, operation, fields)

    entry = next(one for one in reversed(sandbox.world.wire.entries) if one.kind == "call")
    assert (entry.api, entry.status) == (row.operation, 200), entry.response
    odd = [one.split()[1] for one in entry.warnings if "isn't in the documents" in one]
    strangers = {re.sub(r"\[\d+\]", "", one) for one in odd}
    assert strangers <= row.beyond
    assert matches(row.answer, entry.response), entry.response
    assert set(misfits(body_type(call), entry.response)) == row.untyped, entry.response


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_client_and_description_have_the_same_fields_in_the_same_places(row: Row) -> None:
    call = client_call(OPERATIONS[row.operation])
    assert call is not None
    operation = OPERATIONS[row.operation]
    ours = {one.name: one.where for one in operation.fields}
    assert unknown_to(call, operation) == row.unsent
    if operation.fields or not row.refused:
        beyond = {name for name, place in call.places.items() if ours.get(name) != place}
        assert beyond == {name for name in row.beyond if "." not in name}
    assert bool(row.why) is bool(row.beyond or row.unsent or row.untyped or row.refused)


def test_every_new_operation_goes_through_the_client_or_is_unknown_to_it() -> None:
    known = {one.name: client_call(one) is not None for one in ALL if one.family is Family.NEW}
    assert {name for name, there in known.items() if there} - set(ROWS) == set(), "write their rows"
    assert {name for name, there in known.items() if not there} == set(UNKNOWN), "say why the client lacks them"
