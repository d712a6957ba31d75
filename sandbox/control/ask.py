"""A control call's question and the frame all of them share."""

import json
import math
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, is_dataclass
from dataclasses import fields as fields_of
from datetime import date, timedelta
from enum import Enum
from functools import partial
from typing import Any

from aiohttp import web

from sandbox.world import Refused, World

_LONGEST_WAIT = 60.0


@dataclass(frozen=True, slots=True)
class Ask:
    """What came in query and JSON body; reading something that isn't there or has a wrong type is refused."""

    world: World
    given: Mapping[str, Any]

    def has(self, name: str) -> bool:
        """Whether it was given."""
        return name in self.given

    def text(self, name: str, default: str | None = None) -> str:
        """Give a text."""
        return str(self._get(name, str, default))

    def flag(self, name: str, default: bool = False) -> bool:
        """Give a flag; in a query `true` or `1`."""
        value = self.given.get(name, default)
        return value.lower() in {"true", "1"} if isinstance(value, str) else bool(value)

    def number(self, name: str, default: float | None = None) -> float:
        """Give a number; in a query its digits."""
        value = self.given.get(name, default)
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if not math.isfinite(number):
            raise Refused(f"{name} must be a number")
        return number

    def seconds(self, name: str) -> timedelta:
        """Give a span told in seconds."""
        try:
            return timedelta(seconds=self.number(name))
        except OverflowError:
            raise Refused(f"{name} is too long") from None

    def mapping(self, name: str) -> Mapping[str, Any]:
        """Give an object."""
        value: Mapping[str, Any] = self._get(name, dict, None)
        return value

    def texts(self, name: str) -> list[str]:
        """Give a list of texts."""
        value = self.given.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise Refused(f"{name} must be a list of texts")
        return value

    def several(self, name: str) -> list[Any]:
        """Give a list of anything."""
        value: list[Any] = self._get(name, list, [])
        return value

    def numbers(self, name: str) -> list[int]:
        """Give a list of whole numbers."""
        value = self.given.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, int) and not isinstance(one, bool) for one in value):
            raise Refused(f"{name} must be a list of whole numbers")
        return value

    @property
    def wait(self) -> float:
        """How long a long poll may take."""
        return min(self.number("wait", 0), _LONGEST_WAIT)

    def _get(self, name: str, kind: type, default: Any) -> Any:
        value = self.given.get(name, default)
        if not isinstance(value, kind):
            raise Refused(f"{name} is missing" if value is None else f"{name} must be a {kind.__name__}")
        return value


Answerer = Callable[[Ask], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Control:
    """One control call and its line in the table; what it does is the answerer's docstring.

    `recorded`: it is a step of a scenario, unless it only reads.
    """

    method: str
    path: str
    takes: str
    answer: Answerer
    recorded: bool = True


async def handle(world: World, control: Control, request: web.Request) -> web.Response:
    """Answer one control call; what can't be done is a 400 that says why."""
    try:
        given = {**request.query, **await _body(request)}
        recorded = control.method != "GET" and control.recorded
        with world.recorder.step(f"{control.method} {control.path}", **given) if recorded else nullcontext():
            answer = await control.answer(Ask(world, given))
    except Refused as refusal:
        return web.json_response({"error": str(refusal)}, status=400)
    return web.json_response(plain(answer))


async def _body(request: web.Request) -> Mapping[str, Any]:
    try:
        body = json.loads(await request.read() or b"{}")
    except ValueError as error:
        raise Refused(f"the body isn't JSON: {error}") from None
    if not isinstance(body, dict):
        raise Refused("the body must be a JSON object")
    return body


def add(app: web.Application, world: World, controls: tuple[Control, ...]) -> None:
    """Add the routes."""
    for control in controls:
        app.router.add_route(control.method, control.path, partial(handle, world, control))


def plain(value: Any) -> Any:
    """Give a value as JSON has it."""
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields_of(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value
