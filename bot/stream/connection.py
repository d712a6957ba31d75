"""One WebSocket to the gateway: reads frames, carries the acks of the frames it brought, and knows when it is over."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from enum import StrEnum

import aiohttp
import structlog

_log = structlog.get_logger("bot.stream")


class Over(StrEnum):
    """Why a connection gets no more pushes."""

    CLOSED = "closed"
    """The socket ended, or its peer stopped answering pings."""
    DISCONNECT = "disconnect"
    """The gateway asked to leave; the socket still carries acks for about ten seconds."""
    SILENT = "silent"
    """Nothing came for so long that the gateway seems to have forgotten us."""


class Connection:
    """One socket. `take` gets each message it brings and may hold reading up: that is the back-pressure."""

    def __init__(
        self,
        socket: aiohttp.ClientWebSocketResponse,
        take: Callable[["Connection", str | bytes], Awaitable[None]],
        on_closed: Callable[["Connection"], None],
        *,
        heartbeat: float,
        close: float,
    ) -> None:
        self._socket = socket
        self._take = take
        self._on_closed = on_closed
        self._close = close
        self._loop = asyncio.get_running_loop()
        self._taking = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._in_flight = 0
        self.over: asyncio.Future[Over] = self._loop.create_future()
        self.opened_at = self.heard_at = self._alive_at = self._loop.time()
        self.heard = False
        self._reader = asyncio.create_task(self._read(), name="stream connection")
        self._pulse = asyncio.create_task(self._beat(heartbeat), name="stream heartbeat")

    @property
    def close_code(self) -> int | None:
        """The WebSocket's close code, once it is closed."""
        return self._socket.close_code

    @property
    def age(self) -> float:
        """Seconds since it was opened."""
        return self._loop.time() - self.opened_at

    @property
    def silence(self) -> float:
        """Seconds without a message; none while we ourselves hold up reading."""
        return 0.0 if self._taking else self._loop.time() - self.heard_at

    async def send(self, ack: str) -> bool:
        """Send an ack; False if the socket is gone: then DingTalk pushes the frame again, or has given up on it."""
        try:
            await self._socket.send_str(ack)
        except (aiohttp.ClientError, ConnectionError):
            return False
        return True

    def begin(self) -> None:
        """Note a frame whose ack is still to come."""
        self._in_flight += 1
        self._idle.clear()

    def end(self) -> None:
        """Note that a frame's ack has been sent or lost."""
        self._in_flight -= 1
        if not self._in_flight:
            self._idle.set()

    def finish(self, why: Over) -> None:
        """Say that no more pushes are expected here."""
        if not self.over.done():
            self.over.set_result(why)

    async def leave(self, within: float) -> None:
        """Wait for the acks still to come, at most `within` seconds, then close."""
        try:
            if self._in_flight:
                await asyncio.wait_for(self._idle.wait(), within)
        except TimeoutError:
            _log.warning("stream.acks_abandoned", frames=self._in_flight)
        finally:
            # Reading goes on until the goodbye is answered: closed with frames unread, the kernel would send a reset,
            # and that may overtake the last acks.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._close):
                    await self._socket.close()
            self._reader.cancel()
            await asyncio.wait([self._reader])

    async def _read(self) -> None:
        try:
            async for message in self._socket:
                self._alive_at = self._loop.time()
                match message.type:
                    case aiohttp.WSMsgType.TEXT | aiohttp.WSMsgType.BINARY:
                        await self._take_one(message.data)
                    case aiohttp.WSMsgType.PING:
                        with contextlib.suppress(aiohttp.ClientError, ConnectionError):
                            await self._socket.pong(message.data)
                    case aiohttp.WSMsgType.PONG:
                        pass
                    case _:
                        break  # an error: a broken frame, or one beyond all size
        finally:
            self._pulse.cancel()
            self.finish(Over.CLOSED)
            self._on_closed(self)

    async def _take_one(self, content: str | bytes) -> None:
        self._taking = self.heard = True
        try:
            await self._take(self, content)
        finally:
            self._taking = False
            self.heard_at = self._alive_at = self._loop.time()

    @property
    def _quiet(self) -> float:
        """Seconds without a sign of life; none while we hold up reading, since pongs then lie unread as well."""
        return 0.0 if self._taking else self._loop.time() - self._alive_at

    async def _beat(self, every: float) -> None:
        """Ping after that much quiet; if half of it later there is still none, the peer is gone.

        aiohttp's own heartbeat would take our back-pressure for the peer's death.
        """
        asked_at = self._alive_at
        while self._taking or self._alive_at >= asked_at:
            await asyncio.sleep(every - self._quiet)
            if self._quiet < every:
                continue
            asked_at = self._loop.time()
            with contextlib.suppress(TimeoutError, aiohttp.ClientError, ConnectionError):
                async with asyncio.timeout(every / 2):
                    await self._socket.ping()
            await asyncio.sleep(asked_at + every / 2 - self._loop.time())
        self._reader.cancel()
