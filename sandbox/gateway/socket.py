"""The WebSocket: one ticket, one connection; text frames both ways."""

import asyncio
import contextlib

from aiohttp import WSCloseCode, WSMsgType, web

from sandbox.world import World

_CLOSE_SECONDS = 0.5  # how long to wait for the other side's close frame


async def connect(world: World, request: web.Request) -> web.StreamResponse:
    """Serve one connection until either side closes it. A bad or used ticket fails the handshake."""
    subscriptions = world.stream.redeem(request.query.get("ticket", ""))
    if world.faults.take_handshake() is not None:
        subscriptions = None
    if subscriptions is None:
        world.wire.note("handshake refused: the ticket is unknown, used or too old")
        return web.Response(status=401, text="ticket is invalid")
    socket = web.WebSocketResponse(autoping=False, timeout=_CLOSE_SECONDS)
    await socket.prepare(request)

    async def send(text: str) -> None:
        with contextlib.suppress(
            ConnectionError, RuntimeError
        ):  # it closed just now: the frame is lost, as it would be
            await socket.send_str(text)

    async def close(abrupt: bool) -> None:
        if abrupt and request.transport is not None:
            request.transport.abort()
        else:
            await socket.close(code=WSCloseCode.GOING_AWAY)

    connection = world.stream.attach(subscriptions, send, close)
    pings = asyncio.create_task(world.stream.keep_alive(connection))
    try:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                world.stream.received(connection, message.data)
            elif message.type is WSMsgType.PING:
                if not connection.half_open:
                    await socket.pong(message.data)
            elif message.type is not WSMsgType.PONG:
                world.wire.note(f"the robot sent a {message.type.name} frame", connection=connection.id)
    finally:
        pings.cancel()
        world.stream.detach(connection)
    return socket
