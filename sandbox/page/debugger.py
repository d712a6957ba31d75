"""The wire's views: the list with its diagram, one entry opened, a frame sent again."""

from urllib.parse import urlencode

from aiohttp import web

from sandbox.page import costs, forms, wire
from sandbox.page.site import Site, back_to, done, guarded, json_answer, wants_json
from sandbox.world import Refused


class Debugger:
    """Everything that went between the robot and DingTalk."""

    def __init__(self, site: Site) -> None:
        self._site, self._world = site, site.world
        self._follower = wire.Follower(site.world)

    def mount(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_get("/wire", guarded(self.wire))
        app.router.add_get("/page/entries", guarded(self.entries))
        app.router.add_get("/wire/{number}", guarded(self.entry))
        app.router.add_post("/page/redeliver", guarded(self.redeliver))

    async def wire(self, request: web.Request) -> web.StreamResponse:
        """Show the wire, or the part the address asks for."""
        wanted = wire.Filter.of(request.query)
        threads = self._follower.threads()
        people, groups = wire.choices(self._world, threads, wanted)
        return self._site.html(
            request,
            "wire.html.j2",
            "wire",
            wanted=wanted,
            people=people,
            groups=groups,
            shows=wire.SHOWS.items(),
            meter=costs.readings(self._world),
            seen=wire.view(self._world, threads, wanted),
            held={name: request.query[name] for name in ("as", "chat") if name in request.query},
        )

    async def entries(self, request: web.Request) -> web.StreamResponse:
        """Give the parts that change, for the page to put in place."""
        seen = wire.view(self._world, self._follower.threads(), wire.Filter.of(request.query))
        return json_answer(
            {
                "clock": self._site.clock(),
                "meter": self._site.render("meter.html.j2", meter=costs.readings(self._world)),
                "costs": self._site.render("costs.html.j2", seen=seen),
                "lifelines": self._site.render("lifelines.html.j2", seen=seen),
                "rows": self._site.render("entries.html.j2", seen=seen),
                "width": len(seen.lanes),
            }
        )

    async def entry(self, request: web.Request) -> web.StreamResponse:
        """Open one entry, on a page of its own or for the page to put in place."""
        number = request.match_info["number"]
        found = wire.detail(self._world, int(number)) if number.isdecimal() else None
        if found is None:
            raise Refused("no such entry: only the newest are kept")
        facts = {"detail": found, "back": "/wire?" + urlencode({"story": found.number})}
        if wants_json(request):
            return json_answer({"html": self._site.render("detail.html.j2", **facts)})
        return self._site.html(request, "entry.html.j2", "wire", **facts)

    async def redeliver(self, request: web.Request) -> web.StreamResponse:
        """Send a frame again, with a new messageId or the very same."""
        form = await request.post()
        message_id = forms.text_of(form, "frame") or ""
        if message_id not in self._world.stream.pushes:
            raise Refused("that frame is too old to be sent again")
        push = await self._world.stream.redeliver(message_id, same_id=form.get("same") == "yes")
        if push is None:
            raise Refused("nobody is connected for it")
        return done(request, back_to(form.get("back", "/wire")), "已再送一次")
