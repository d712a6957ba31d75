"""What the page's rooms share: the templates, the headers, the way an action answers."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from sandbox.page import markdown, messages, people
from sandbox.world import Refused, World

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
VIEWS = {"chat": "/", "wire": "/wire", "faults": "/faults"}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Site:
    """The page over one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._templates = Environment(
            loader=PackageLoader("sandbox.page"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        picture = messages.pictures(world)
        self._templates.globals |= {
            "md": lambda text: markdown.render(str(text), "message", picture),
            "link": lambda label, href: markdown.link(label, str(href)),
            "picture": picture,
        }

    def clock(self) -> dict[str, Any]:
        """Give what the clock on the page shows."""
        now = self.world.clock.now()
        return {
            "ms": self.world.clock.ms(),
            "iso": now.isoformat(timespec="seconds"),
            "words": people.full_stamp(now),
            "input": f"{now:%Y-%m-%dT%H:%M}",
            "frozen": self.world.clock.frozen,
        }

    def render(self, template: str, **facts: Any) -> str:
        """Give a part of a page."""
        return self._templates.get_template(template).render(facts)

    def html(self, request: web.Request, template: str, view: str, **facts: Any) -> web.Response:
        """Give a page; the other views' addresses come back to the same phone."""
        views = {name: request.path_qs if name == view else with_phone(path, request) for name, path in VIEWS.items()}
        text = self.render(
            template,
            company=self.world.app.corp_name,
            clock=self.clock(),
            view=view,
            views=views,
            here=request.path_qs,
            **facts,
        )
        return web.Response(text=text, content_type="text/html", headers=HEADERS)


def guarded(handler: Handler) -> Handler:
    """Turn away what other sites send, and say in words what can't be done."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.method == "POST" and request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            raise web.HTTPForbidden(text="only from the sandbox's own page")
        try:
            return await handler(request)
        except Refused as refusal:
            if wants_json(request):
                return json_answer({"toast": "现在不能这样做", "reason": str(refusal)}, status=409)
            raise web.HTTPNotFound(text=f"{refusal}\n", headers=HEADERS) from refusal

    return answer


def wants_json(request: web.Request) -> bool:
    """Whether the page's script asks."""
    return "application/json" in request.headers.get("Accept", "")


def done(request: web.Request, back: str, toast: str = "", reason: str = "") -> web.Response:
    """Answer an action: the page's script hears how it went, a browser without it goes back to the page."""
    if wants_json(request):
        return json_answer({"toast": toast, "reason": reason})
    return to(back)


def to(address: str) -> web.Response:
    """Send a browser to another address."""
    return web.Response(status=303, headers={**HEADERS, "Location": address})


def back_to(address: object) -> str:
    """Give where a form came from, if that is a view of ours."""
    back = urlsplit(str(address))
    return f"{back.path}?{back.query}" if back.path in VIEWS.values() else "/"


def with_phone(path: str, request: web.Request) -> str:
    """Give another view's address, so that one comes back to the same phone."""
    held = {name: request.query[name] for name in ("as", "chat") if name in request.query}
    return f"{path}?{urlencode(held)}" if held else path


def json_answer(value: Mapping[str, Any], status: int = 200) -> web.Response:
    """Give an answer for the page's script."""
    return web.Response(
        text=json.dumps(value, ensure_ascii=False), status=status, content_type="application/json", headers=HEADERS
    )
