"""placeholder"""

from aiohttp import web

from sandbox.page.site import Site


class Trouble:
    def __init__(self, site: Site) -> None: ...
    def mount(self, app: web.Application) -> None: ...
