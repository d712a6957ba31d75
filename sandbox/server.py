"""One port for everything: both API hosts, the stream gateway, the control API and the page."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from sandbox import control, gateway, oauth, page
from sandbox.call import Switchboard, unknown
from sandbox.company import demo
from sandbox.operation import Family
from sandbox.operations import ALL
from sandbox.world import Clock, World

_LARGEST_BODY = 32 * 1024 * 1024  # a 20 MB file and its envelope


@dataclass(frozen=True, slots=True)
class Running:
    """A sandbox that listens."""

    url: str
    world: World

    @property
    def client_id(self) -> str:
        """The app's client id."""
        return self.world.app.client_id

    @property
    def client_secret(self) -> str:
        """The app's client secret."""
        return self.world.app.client_secret

    @property
    def clock(self) -> Clock:
        """The clock everything here goes by."""
        return self.world.clock


def application(world: World) -> web.Application:
    """Put the routes together; what none of them knows is a loud 404."""
    app = web.Application(client_max_size=_LARGEST_BODY)
    switchboard = Switchboard(world)
    for operation in ALL:
        app.router.add_route(operation.method, operation.path, partial(switchboard.handle, operation))
        if operation.family is Family.OLD:
            app.router.add_route("*", operation.path, partial(switchboard.misaddressed, operation))
    app.router.add_get("/connect", partial(gateway.connect, world))
    control.setup(app, world)
    page.setup(app, world)
    oauth.setup(app, world)
    app.router.add_route("*", "/{path:.*}", partial(unknown, world))
    return app


@asynccontextmanager
async def serving(world: World | None = None, *, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Running]:
    """Run a sandbox inside this event loop, on a free port unless one is given; with the demo's company unless told."""
    world = world or World(demo())
    listener = socket.create_server((host, port), backlog=128)
    runner = web.AppRunner(application(world), access_log=None, shutdown_timeout=0.1)
    try:
        await runner.setup()
        world.base_url = f"http://{host}:{listener.getsockname()[1]}"
        await web.SockSite(runner, listener).start()
        yield Running(world.base_url, world)
    finally:
        await world.aclose()
        await runner.cleanup()
        listener.close()
