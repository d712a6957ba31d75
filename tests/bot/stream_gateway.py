"""A stream gateway for tests: hands out tickets, takes connections, pushes frames, reads acks, and misbehaves."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

Opened = Callable[[web.Request], web.StreamResponse | None]


class Link:
    """One connection as the gateway sees it."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        self.socket = socket
        self.request = request
        self.acks: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.pongs: asyncio.Queue[bytes] = asyncio.Queue()
        self.closed = asyncio.Event()
        self.beside = 0
        """How many other connections stood when it came."""

    async def push(self, kind: str, topic: str, message_id: str, data: object = None, **headers: Any) -> None:
        heads = {"topic": topic, "messageId": message_id, "contentType": "application/json", "time": "1", **headers}
        text = data if isinstance(data, str) else json.dumps({} if data is None else data)
        await self.raw({"specVersion": "1.0", "type": kind, "headers": heads, "data": text})

    async def raw(self, frame: object) -> None:
        await self.socket.send_str(frame if isinstance(frame, str) else json.dumps(frame))

    async def ack(self) -> dict[str, Any]:
        return await asyncio.wait_for(self.acks.get(), 5)

    async def ask(self, kind: str, topic: str, message_id: str, data: object = None, **headers: Any) -> dict[str, Any]:
        await self.push(kind, topic, message_id, data, **headers)
        return await self.ack()

    async def acked_until(self, message_id: str) -> list[tuple[str, int]]:
        """Give message id and code of each ack that comes, up to the one of `message_id`."""
        acked: list[tuple[str, int]] = []
        while not acked or acked[-1][0] != message_id:
            ack = await self.ack()
            acked.append((ack["headers"]["messageId"], ack["code"]))
        return acked

    async def acked_by_a_ping(self) -> list[tuple[str, int]]:
        """Push a ping and give what was acked before it."""
        await self.push("SYSTEM", "ping", "ping", {"opaque": "0a1b"})
        return (await self.acked_until("ping"))[:-1]

    async def drop(self) -> None:
        """End the TCP connection without a closing handshake."""
        assert self.request.transport is not None
        self.request.transport.abort()
        await self.closed.wait()


class Gateway:
    """The server. `on_open` may answer an open request in its own way."""

    def __init__(self) -> None:
        self.url = ""
        self.opens: list[dict[str, Any]] = []
        self.open_headers: list[dict[str, str]] = []
        self.open_times: list[float] = []
        self.links: list[Link] = []
        self.tickets: set[str] = set()
        self.on_open: Callable[[], web.Response | None] = lambda: None
        self.gate = asyncio.Event()
        """While it is not set, an open request gets no answer."""
        self.gate.set()
        self.close_at_once: bool = False
        self.deaf: bool = False
        """Read nothing, so that pings go unanswered."""
        self._came: asyncio.Queue[Link] = asyncio.Queue()
        self._asked = asyncio.Condition()

    async def link(self, within: float = 10.0) -> Link:
        """Give the next connection."""
        return await asyncio.wait_for(self._came.get(), within)

    async def asked(self, times: int) -> None:
        """Wait until connections were asked for so many times."""
        async with asyncio.timeout(20), self._asked:
            await self._asked.wait_for(lambda: len(self.opens) >= times)

    async def open(self, request: web.Request) -> web.Response:
        self.opens.append(await request.json())
        self.open_headers.append(dict(request.headers))
        self.open_times.append(asyncio.get_running_loop().time())
        async with self._asked:
            self._asked.notify_all()
        await self.gate.wait()
        own = self.on_open()
        if own is not None:
            return own
        ticket = f"secret+ticket/{len(self.opens)}"
        self.tickets.add(ticket)
        return web.json_response({"endpoint": self.url.replace("http", "ws", 1) + "/connect", "ticket": ticket})

    async def connect(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self.tickets:
            return web.Response(status=401)
        self.tickets.discard(ticket)
        socket = web.WebSocketResponse(timeout=0.5, autoping=False)
        await socket.prepare(request)
        link = Link(socket, request)
        link.beside = sum(not other.closed.is_set() for other in self.links)
        self.links.append(link)
        if self.close_at_once:
            await socket.close()
            link.closed.set()
            return socket
        self._came.put_nowait(link)
        try:
            if self.deaf:
                await asyncio.Event().wait()
            async for message in socket:
                match message.type:
                    case WSMsgType.TEXT:
                        link.acks.put_nowait(json.loads(message.data))
                    case WSMsgType.PING:
                        await socket.pong(message.data)
                    case WSMsgType.PONG:
                        link.pongs.put_nowait(message.data)
        finally:
            link.closed.set()
        return socket


@asynccontextmanager
async def gateway() -> AsyncIterator[Gateway]:
    """Serve a gateway on a free port."""
    served = Gateway()
    app = web.Application()
    app.router.add_post("/v1.0/gateway/connections/open", served.open)
    app.router.add_get("/connect", served.connect)
    runner = web.AppRunner(app, shutdown_timeout=0.2, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    served.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield served
    finally:
        for link in served.links:
            await link.socket.close(code=WSCloseCode.GOING_AWAY)
        await runner.cleanup()
