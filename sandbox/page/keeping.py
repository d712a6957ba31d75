"""What is kept under a name: what people did, to be driven again, and the whole world, to go back to."""

import json

from aiohttp import web

from sandbox.control.keeping import every_control
from sandbox.page import forms
from sandbox.page.site import Site, done, guarded
from sandbox.replay import replay
from sandbox.state import dump, restore
from sandbox.world import Refused


class Keeping:
    """The part of the faults' view that records, replays, saves and restores."""

    def __init__(self, site: Site) -> None:
        self._world = site.world

    def mount(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_post("/page/scenarios", guarded(self.scenario))
        app.router.add_post("/page/states", guarded(self.state))

    async def scenario(self, request: web.Request) -> web.StreamResponse:
        """Begin or end a recording, drive one again against a reset world, or forget it."""
        form = await request.post()
        world, (what, name) = self._world, _told(form)
        match what:
            case "start":
                world.scenarios.check(name)
                world.recorder.start(name)
                words = f"开始录制 {name}"
            case "stop":
                name, text = world.recorder.stop()
                world.scenarios.put(name, text)
                words = f"已录下 {name}：{len(json.loads(text)['steps'])} 步"
            case "replay":
                told = await replay(world, every_control(), world.scenarios.get(name))
                words = f"重放了 {told['steps']} 步，{len(told['differing'])} 步与录制时不同"
            case "drop":
                world.scenarios.drop(name)
                words = f"已删除 {name}"
            case _:
                raise Refused("no such thing to do with a scenario")
        return done(request, "/faults", words)

    async def state(self, request: web.Request) -> web.StreamResponse:
        """Save the world, go back to what was saved, or forget it."""
        form = await request.post()
        world, (what, name) = self._world, _told(form)
        match what:
            case "save":
                world.states.put(name, dump(world))
                words = f"已存为 {name}"
            case "restore":
                restore(world, world.states.get(name))
                words = f"已回到 {name}"
            case "drop":
                world.states.drop(name)
                words = f"已删除 {name}"
            case _:
                raise Refused("no such thing to do with a state")
        return done(request, "/faults", words)


def _told(form: forms.Filled) -> tuple[str, str]:
    """Read `what:name` of a button beside a name, or `what` and the name that was typed."""
    what, colon, name = (forms.text_of(form, "what") or "").partition(":")
    return what, name if colon else (forms.text_of(form, "name") or "").strip()
