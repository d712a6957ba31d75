"""A DingTalk for tests of the calls: answers each path with what it was told to, in order, and remembers what came."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

Answer = web.Response | Callable[[web.Request], Any]
TOKEN_PATH = "/v1.0/oauth2/accessToken"


@dataclass
class Call:
    path: str
    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    at: float


@dataclass
class Platform:
    """The server. The last answer of a path is repeated; a path without one answers success."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    tokens: int = 0
    lifetime: int = 7200
    answers: dict[str, list[Answer]] = field(default_factory=lambda: defaultdict(list))

    def on(self, path: str, *answers: Answer) -> None:
        self.answers[path] = list(answers)

    def to(self, path: str) -> list[Call]:
        return [call for call in self.calls if call.path == path]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.json() if request.can_read_body else None
        self.calls.append(
            Call(request.path, request.method, dict(request.query), dict(request.headers), body,
                 asyncio.get_running_loop().time())
        )  # fmt: skip
        if (waiting := self.answers.get(request.path)) is not None:
            answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            return await answer(request) if callable(answer) else _again(answer)
        if request.path == TOKEN_PATH:
            self.tokens += 1
            return web.json_response({"accessToken": f"token-{self.tokens}", "expireIn": self.lifetime})
        return ok()


class MovableClock:
    """A clock that stands still until told otherwise."""

    def __init__(self) -> None:
        self.instant = datetime(2026, 11, 24, 0, 55, tzinfo=UTC)

    def now(self) -> datetime:
        return self.instant

    def advance(self, **time: float) -> None:
        self.instant += timedelta(**time)


def answer(status: int = 200, **body: Any) -> web.Response:
    return web.json_response(body, status=status)


def ok(**body: Any) -> web.Response:
    return web.json_response({"errcode": 0, "errmsg": "ok", "success": True, **body})


def refused(code: str, status: int = 400, **more: Any) -> web.Response:
    return web.json_response({"code": code, "requestid": "R-1", "message": "words", **more}, status=status)


async def hang_up(request: web.Request) -> web.Response:
    """Take the request and close the connection without an answer."""
    assert request.transport is not None
    request.transport.close()
    return web.Response()


@asynccontextmanager
async def platform() -> AsyncIterator[Platform]:
    """Serve it on a free port."""
    served = Platform()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", served.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.2, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    served.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield served
    finally:
        await runner.cleanup()


def _again(response: web.Response) -> web.Response:
    """Copy a response: one object can be sent only once."""
    return web.Response(body=response.body, status=response.status, content_type=response.content_type)
