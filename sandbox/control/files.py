"""Files that people and the robot sent, for the page and for `downloadUrl`."""

from aiohttp import web

from sandbox.world import World
from sandbox.world.files import SHOWN


async def media(world: World, request: web.Request) -> web.Response:
    """Give a file; anything but a picture is downloaded, never shown as a page of ours."""
    file = world.files.stored.get(request.match_info["media_id"])
    if file is None:
        raise web.HTTPNotFound(text="no such file")
    shown = file.content_type in SHOWN
    headers = {"X-Content-Type-Options": "nosniff"} | ({} if shown else {"Content-Disposition": "attachment"})
    return web.Response(
        body=file.content, content_type=file.content_type if shown else "application/octet-stream", headers=headers
    )
