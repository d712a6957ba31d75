"""The clock panel: move, stop or run the sandbox's time."""

from datetime import datetime, timedelta

from aiohttp import web

from sandbox.page.site import Site, back_to, done, guarded, json_answer
from sandbox.world import CHINA, Refused

STEPS = {"5m": timedelta(minutes=5), "1h": timedelta(hours=1), "1d": timedelta(days=1)}


class ClockPanel:
    """The clock at the top of every view."""

    def __init__(self, site: Site) -> None:
        self._site, self._clock = site, site.world.clock

    def mount(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_get("/page/clock", guarded(self.told))
        app.router.add_post("/page/clock", guarded(self.move))

    async def told(self, request: web.Request) -> web.StreamResponse:
        """Tell the time."""
        return json_answer(self._site.clock())

    async def move(self, request: web.Request) -> web.StreamResponse:
        """Move, stop or run the clock."""
        form = await request.post()
        clock, step = self._clock, form.get("step")
        match step:
            case str() if step in STEPS:
                clock.advance(STEPS[step])
            case "morning":
                morning = clock.now().replace(hour=9, minute=0, second=0, microsecond=0)
                clock.set(morning if clock.now() < morning else morning + timedelta(days=1))
            case "set":
                clock.set(_instant(form.get("to")))
            case "freeze":
                clock.freeze()
            case "run":
                clock.run()
            case _:
                raise Refused("no such step")
        return done(request, back_to(form.get("back", "/")))


def _instant(value: object) -> datetime:
    try:
        return datetime.fromisoformat(str(value)).replace(tzinfo=CHINA)
    except ValueError as error:
        raise Refused("no such time") from error
