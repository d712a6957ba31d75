"""The page's addresses: three views, what keeps them alive, and what is done on them."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection
from contextlib import suppress
from pathlib import Path

from aiohttp import web

from sandbox.page.chat import Chat
from sandbox.page.clock import ClockPanel
from sandbox.page.debugger import Debugger
from sandbox.page.keeping import Keeping
from sandbox.page.site import HEADERS, Site
from sandbox.page.trouble import Trouble
from sandbox.world import Change, World
from sandbox.world.feed import Subscription

_HEARTBEAT = 15.0
_WANTED = {
    "chat": frozenset({"message", "card", "clock", "company", "connection", "reset", "lagging"}),
    "wire": frozenset({"wire", "clock", "reset", "lagging"}),
    "faults": frozenset({"wire", "clock", "connection", "reset", "lagging"}),
}


def setup(app: web.Application, world: World) -> None:
    """Add the page's routes to the sandbox's application."""
    site = Site(world)
    for room in (Chat(site), Debugger(site), Trouble(site), Keeping(site), ClockPanel(site), News(world)):
        room.mount(app)
    app.router.add_static("/page/static", Path(__file__).parent / "static")
    app.on_response_prepare.append(_ask_again)


class News:
    """The event stream that keeps open pages alive."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._listening: set[Subscription] = set()
        self._ended = False

    def mount(self, app: web.Application) -> None:
        """Add the route, and end the streams with the sandbox."""
        app.router.add_get("/page/events", self.events)
        app.on_shutdown.append(self._end)

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Say that something changed, until the browser goes or the sandbox ends; the page then asks what."""
        wanted = _WANTED.get(request.query.get("of", ""), _WANTED["chat"])
        response = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream"})
        await response.prepare(request)
        # A browser that has gone is found out by writing to it.
        with self._world.feed.subscribe() as changes, suppress(ConnectionResetError):
            self._listening.add(changes)
            try:
                await response.write(b"retry: 1000\nevent: hello\ndata: {}\n\n")
                while not self._ended:
                    await response.write(await _next_event(changes, wanted))
            finally:
                self._listening.remove(changes)
        return response

    async def _end(self, app: web.Application) -> None:
        self._ended = True
        for changes in self._listening:
            changes.put(Change("lagging", ""))  # wakes it, so that it sees the end


async def _ask_again(request: web.Request, response: web.StreamResponse) -> None:
    """Have browsers ask whether scripts and styles are still the same, so that an update is seen at once."""
    if request.path.startswith("/page/static/"):
        response.headers.setdefault("Cache-Control", "no-cache")


async def _next_event(changes: AsyncIterator[Change], wanted: Collection[str]) -> bytes:
    """Give the next change as an event, or after a while a sign of life."""
    try:
        async with asyncio.timeout(_HEARTBEAT):
            async for change in changes:
                if change.kind in wanted:
                    told = json.dumps({"kind": change.kind, "chat": change.conversation_id})
                    return f"event: change\ndata: {told}\n\n".encode()
    except TimeoutError:
        pass
    return b": still here\n\n"
