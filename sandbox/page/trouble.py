"""The faults' view: order what goes wrong, interfere with connections, end the token, move the quota."""

import json
from typing import Any

from aiohttp import web

from sandbox.page import costs, faults, forms
from sandbox.page.site import Site, done, guarded, json_answer
from sandbox.page.topics import TOPICS
from sandbox.world import Refused
from sandbox.world.connections import act
from sandbox.world.faults import BY_KEY, Fault
from sandbox.world.meter import STANDARD_CALLS, STANDARD_PUSHES

PARTS = ("waiting", "lines", "quota", "kept")
"""What changes on the view: a template each."""
_LONGEST_DELAY, _LONGEST_SKEW = 60.0, 366 * 86400.0


class Trouble:
    """The panel."""

    def __init__(self, site: Site) -> None:
        self._site, self._world = site, site.world

    def mount(self, app: web.Application) -> None:
        """Add the routes."""
        get, post = app.router.add_get, app.router.add_post
        get("/faults", guarded(self.panel))
        get("/page/faults", guarded(self.news))
        post("/page/faults", guarded(self.order))
        post("/page/faults/clear", guarded(self.clear))
        post("/page/connections", guarded(self.interfere))
        post("/page/token", guarded(self.revoke))
        post("/page/quota", guarded(self.quota))

    async def panel(self, request: web.Request) -> web.StreamResponse:
        """Show what can be ordered and what waits."""
        return self._site.html(
            request,
            "faults.html.j2",
            "faults",
            orders=faults.orders(),
            apis=faults.apis(),
            topics=TOPICS.items(),
            most=faults.MOST_TIMES,
            **self._state(),
        )

    async def news(self, request: web.Request) -> web.StreamResponse:
        """Give the parts that change."""
        parts = {name: self._site.render(f"{name}.html.j2", **self._state()) for name in PARTS}
        return json_answer({"clock": self._site.clock(), **parts})

    async def order(self, request: web.Request) -> web.StreamResponse:
        """Let the next calls, frames or handshakes go wrong."""
        form = await request.post()
        kind, api = BY_KEY.get(forms.text_of(form, "kind") or ""), forms.text_of(form, "api") or faults.ANY
        if kind is None:
            raise Refused("no such fault")
        told: dict[str, Any] = {
            "api": api,
            "kind": kind.key,
            "status": round(_number(form, "status", 100, 599, 500)),
            "body": _body(forms.text_of(form, "body") or ""),
            "times": round(_number(form, "times", 1, faults.MOST_TIMES)),
            "delay": _number(form, "delay", 0, _LONGEST_DELAY, 0),
            "after_action": forms.text_of(form, "after_action") == "yes",
            "by": _number(form, "by", -_LONGEST_SKEW, _LONGEST_SKEW, 3600),
        }
        with self._world.recorder.step("POST /sandbox/faults", **told):
            self._world.faults.waiting.append(Fault(**told))
        words = "下一次" if told["times"] == 1 else f"接下来 {told['times']} 次"
        return done(request, "/faults", f"已排上：{faults.called(api, kind.key)}{words}{kind.label}")

    async def clear(self, request: web.Request) -> web.StreamResponse:
        """Take back one order, or all."""
        form = await request.post()
        place, queue = forms.text_of(form, "place") or "", self._world.faults.waiting
        if place == "all":
            with self._world.recorder.step("DELETE /sandbox/faults"):
                queue.clear()
        elif place.isdecimal() and int(place) < len(queue):
            del queue[int(place)]
        return done(request, "/faults")

    async def interfere(self, request: web.Request) -> web.StreamResponse:
        """Do something to a connection, or to all."""
        form = await request.post()
        wanted, action = forms.text_of(form, "connection"), forms.text_of(form, "action") or ""
        meant = [one for one in self._world.stream.connections if wanted in {None, "", one.id}]
        if not meant:
            raise Refused("there is no such connection")
        with self._world.recorder.step("POST /sandbox/connections", action=action):
            for one in meant:
                await act(self._world.stream, one, action)
        label = next(one.label for one in faults.ACTIONS if one.key == action)
        return done(request, "/faults", f"{label}：{len(meant)} 条连接")

    async def revoke(self, request: web.Request) -> web.StreamResponse:
        """End the token before its time."""
        with self._world.recorder.step("POST /sandbox/app", revoke_token=True):
            self._world.tokens.revoke()
        return done(request, "/faults", "访问凭证已失效")

    async def quota(self, request: web.Request) -> web.StreamResponse:
        """Set the month's quota, use it up, or give the standard edition's back."""
        form = await request.post()
        meter = self._world.meter
        match forms.text_of(form, "what"):
            case "calls":
                limits = (meter.calls, meter.max_pushes)
            case "pushes":
                limits = (meter.max_calls, meter.pushes)
            case "standard":
                limits = (STANDARD_CALLS, STANDARD_PUSHES)
            case "set":
                limits = (round(_number(form, "max_calls", 0, 10**9)), round(_number(form, "max_pushes", 0, 10**9)))
            case _:
                raise Refused("no such change of the quota")
        with self._world.recorder.step("POST /sandbox/meter", max_calls=limits[0], max_pushes=limits[1]):
            meter.max_calls, meter.max_pushes = limits
        return done(request, "/faults")

    def _state(self) -> dict[str, Any]:
        recording = self._world.recorder.recording
        return {
            "waiting": faults.waiting(self._world),
            "lines": faults.lines(self._world),
            "actions": faults.ACTIONS,
            "meter": costs.readings(self._world),
            "recording": recording.name if recording else "",
            "scenarios": self._world.scenarios.names(),
            "states": self._world.states.names(),
            "quota": (self._world.meter.max_calls, self._world.meter.max_pushes),
        }


def _number(form: forms.Filled, name: str, least: float, most: float, default: float | None = None) -> float:
    text = (forms.text_of(form, name) or "").strip()
    try:
        value = default if not text and default is not None else float(text)
    except ValueError:
        value = None
    if value is None or not least <= value <= most:
        raise Refused(f"{name} must be a number from {least:g} to {most:g}")
    return value


def _body(text: str) -> Any:
    """Read an answer's body: JSON where it is JSON, else the text as it is."""
    try:
        return json.loads(text) if text.strip() else {}
    except ValueError:
        return text
