"""The control API's routes."""

from aiohttp import web

from sandbox.world import World


def setup(app: web.Application, world: World) -> None:
    """Add the control API."""

    async def clock(request: web.Request) -> web.Response:
        after = int(request.query.get("after", "0"))
        await world.clock.changed(after, min(float(request.query.get("wait", "0")), 60.0))
        return web.json_response(
            {"now": world.clock.now().isoformat(), "version": world.clock.version, "frozen": world.clock.frozen}
        )

    app.router.add_get("/sandbox/clock", clock)
