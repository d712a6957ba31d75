"""The control API under `/sandbox/`: what a tester does, as JSON over HTTP."""

from functools import partial

from aiohttp import web

from sandbox.control import contacts, keeping, load, machine, office, people, webhooks, work
from sandbox.control.ask import Control, add
from sandbox.control.files import media
from sandbox.world import World

CONTROLS: tuple[Control, ...] = (
    *people.CONTROLS,
    *work.CONTROLS,
    *office.CONTROLS,
    *contacts.CONTROLS,
    *webhooks.CONTROLS,
    *machine.CONTROLS,
    *keeping.CONTROLS,
    *load.CONTROLS,
)


def setup(app: web.Application, world: World) -> None:
    """Add the control API, and the files people and the robot sent."""
    add(app, world, CONTROLS)
    app.router.add_get("/sandbox/media/{media_id}", partial(media, world))


__all__ = ["CONTROLS", "setup"]
