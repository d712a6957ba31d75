"""The chat page: a phone for every person of the company, in the browser."""

from aiohttp import web

from sandbox.world import World


def setup(app: web.Application, world: World) -> None:
    """Add the page's routes to the sandbox's application."""
