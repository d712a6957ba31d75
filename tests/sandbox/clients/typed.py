"""The typed client at work against a sandbox, and what it makes of the answers."""

import inspect
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, get_args, get_origin, get_type_hints

import aiohttp
from alibabacloud_tea_openapi.models import Config
from alibabacloud_tea_util.models import RuntimeOptions

from sandbox.operation import Field, Operation
from sandbox.operations import ALL
from sandbox.server import Running
from tests.sandbox.clients.catalogue import ClientCall, client_call

OPERATIONS: Mapping[str, Operation] = {one.name: one for one in ALL}
_FILLED = re.compile(r"result\['([^']+)'\] = (?:self\.(\w+)|(?:\[\]|\{\})\s+if self\.(\w+) is not None)")
_VARIABLE = re.compile(r"\{(\w+)\}")


@dataclass(slots=True)
class Typed:
    """The client, with the app's token unless told another."""

    sandbox: Running
    token: str = ""

    @property
    def world(self) -> Any:
        """The sandbox's state, of whatever families it has."""
        return self.sandbox.world

    @property
    def robot_code(self) -> str:
        """Our robot's code."""
        return self.sandbox.world.app.robot_code

    async def call(self, name: str, /, **fields: Any) -> Any:
        """Make a call by the operation's name; give the typed answer's body."""
        operation = OPERATIONS[name]
        call = client_call(operation)
        assert call is not None, f"the client has no {operation.method} {operation.path}"
        return await self.make(call, operation, fields)

    async def old(self, path: str, body: Mapping[str, Any]) -> Any:
        """Make a call of the old family, which the client doesn't have; give its result."""
        token = {"access_token": self.world.tokens.issue()}
        async with aiohttp.ClientSession() as http, http.post(self.sandbox.url + path, json=body, params=token) as said:
            answer = await said.json()
        assert answer["errcode"] == 0, answer
        return answer["result"]

    async def make(self, call: ClientCall, operation: Operation, fields: Mapping[str, Any]) -> Any:
        """Make a call, its fields under their names on the wire."""
        module = import_module(f"alibabacloud_dingtalk.{call.module}.client")
        models = import_module(f"alibabacloud_dingtalk.{call.module}.models")
        arguments: dict[str, Any] = {}
        rest = dict(fields)
        for variable, place in (call.fits(operation) or {}).items():
            named = _VARIABLE.fullmatch(place)
            arguments[variable] = rest.pop(named[1]) if named else place
        given_headers = {
            name: rest.pop(name) for name, place in call.places.items() if place == "header" and name in rest
        }
        if call.request:
            kind = getattr(models, call.request)
            assert list(misfits(kind, rest)) == [], f"{call.request} knows no such fields"
            arguments["tmp_req" if _shrinks(module, call) else "request"] = kind().from_map(rest)
        else:
            assert not rest, f"{call.function} takes no fields"
        headers: Any = {}
        if call.headers:
            token = self.token or self.world.tokens.issue()
            kind = getattr(models, call.headers)
            headers = kind().from_map({"x-acs-dingtalk-access-token": token, **given_headers})
        client = module.Client(Config(protocol="http", endpoint=self.sandbox.url.removeprefix("http://")))
        answer = await getattr(client, call.function)(**arguments, headers=headers, runtime=RuntimeOptions())
        return getattr(answer, "body", None)


def _shrinks(module: Any, call: ClientCall) -> bool:
    return "tmp_req" in inspect.signature(getattr(module.Client, call.function)).parameters


Given = Mapping[str, Any] | Callable[[Typed], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Row:
    """One operation through the client: what is sent, what comes back, and where client and documents disagree.

    `given` holds the fields under their names on the wire, or makes what they refer to and gives them. In `answer` a
    type stands for any value of it, and what isn't named may be anything. `beyond` are fields that the client sends
    and the documents don't list, or list as deprecated; `unsent` are fields that only the documents list; `untyped`
    are names in the answer that only the documents list, or list with that type. Dots stand between levels. `refused`
    is the code with which the call is refused even though it is right.
    """

    operation: str
    given: Given = field(default_factory=dict)
    answer: Any = field(default_factory=dict)
    beyond: frozenset[str] = frozenset()
    unsent: frozenset[str] = frozenset()
    refused: str = ""
    untyped: frozenset[str] = frozenset()
    why: str = ""
    """The reason for the last four."""


def unknown_to(call: ClientCall, operation: Operation) -> set[str]:
    """Give the described fields, those within fields as well, that the client has nowhere or in another place."""
    fields = [one for one in operation.fields if one.where != "path"]
    missing = {one.name for one in fields if call.places.get(one.name) != one.where}
    models = import_module(f"alibabacloud_dingtalk.{call.module}.models")
    known = [one for one in fields if one.where in {"body", "query"} and one.name not in missing]
    return missing | set(_strangers(getattr(models, call.request), known)) if call.request else missing


def _strangers(kind: Any, fields: Iterable[Field], inside: str = "") -> Iterator[str]:
    if get_origin(kind) in {list, dict}:
        kind = get_args(kind)[-1]
    if not hasattr(kind, "from_map"):
        return  # any object, or a text that holds one
    hints, wire = _parameters(kind), _attributes(kind)
    for one in fields:
        path = f"{inside}{one.name}"
        if one.name not in wire:
            yield path
        else:
            yield from _strangers(hints[wire[one.name]], one.fields, f"{path}.")


def body_type(call: ClientCall) -> Any:
    """Give the type the client reads an answer into; None where it expects no body."""
    client = import_module(f"alibabacloud_dingtalk.{call.module}.client").Client
    response = get_type_hints(getattr(client, call.function))["return"]
    return _parameters(response).get("body")


def matches(wanted: Any, found: Any) -> bool:
    """Tell whether a value is what was wanted, at least."""
    if isinstance(wanted, type):
        return isinstance(found, wanted) and not (wanted is int and isinstance(found, bool))
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(
            name in found and matches(one, found[name]) for name, one in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(found, list)
            and len(wanted) == len(found)
            and all(matches(one, other) for one, other in zip(wanted, found, strict=True))
        )
    return bool(wanted == found)


def misfits(kind: Any, value: Any, path: str = "") -> Iterator[str]:
    """Give the names in an answer that the client doesn't know, or whose value has a type that it doesn't expect."""
    if kind is None:
        return  # it reads no body
    if get_origin(kind) is list and isinstance(value, list):
        for one in value:
            yield from misfits(get_args(kind)[0], one, path)
    elif get_origin(kind) is dict and isinstance(value, dict):
        for one in value.values():
            yield from misfits(get_args(kind)[1], one, path)
    elif isinstance(kind, type) and hasattr(kind, "from_map") and isinstance(value, dict):
        hints, wire = _parameters(kind), _attributes(kind)
        for name, one in value.items():
            inside = f"{path}.{name}".lstrip(".")
            if name not in wire:
                yield inside
            elif one is not None:
                yield from misfits(hints[wire[name]], one, inside)
    elif not _is(kind, value):
        yield path


def _is(kind: Any, value: Any) -> bool:
    if kind is Any or not isinstance(kind, type):
        return kind is Any
    if kind is float and isinstance(value, int):
        return not isinstance(value, bool)
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))


def _parameters(kind: Any) -> Mapping[str, Any]:
    return get_type_hints(kind.__init__)


def _attributes(kind: type) -> Mapping[str, str]:
    """Give a model's attributes by their names on the wire."""
    found = _FILLED.findall(inspect.getsource(kind.to_map))  # type: ignore[attr-defined]
    return {name: plain or listed for name, plain, listed in found}
