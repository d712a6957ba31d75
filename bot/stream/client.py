"""The stream client: always one standing connection to DingTalk's gateway, handed over without a gap.

A subclass of the SDK's client with another loop. The SDK's own one (0.24.3) blocks on `requests`, sends acks on
whatever socket is current, closes before it reconnects, reopens without pause and swallows cancellation. Handlers are
the SDK's and know nothing of it, so the SDK can take the loop back.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn

import aiohttp
import structlog

from bot.openapi.errors import BadRequest, CredentialsRejected, DingTalkError, Forbidden, NotFound, QuotaExhausted
from bot.openapi.exchange import may_need_proxy
from bot.openapi.gateway import open_connection
from hr_core.failpoints import reach

from .backoff import Backoff
from .connection import Connection, Over
from .sdk import CallbackHandler, Credential, DingTalkStreamClient
from .worker import StreamStats, Worker

_log = structlog.get_logger("bot.stream")


@dataclass(frozen=True, slots=True)
class Pace:
    """The client's times, in seconds."""

    open: float = 10.0
    """Each for asking the gateway and for the WebSocket handshake."""
    heartbeat: float = 20.0
    """Quiet time after which we ping; half of it later an unanswered ping ends the connection."""
    silence: float = 75.0
    """Time without any frame after which a connection is replaced, although its socket seems alive."""
    longest_silence: float = 600.0
    """Where a gateway never says anything on its own, replacing gets rarer, up to this."""
    drain: float = 10.0
    """How long a replaced connection stays for acks still to come; then the gateway closes it anyway."""
    handler: float = 60.0
    """How long one handler may take before it counts as failed. DingTalk stops waiting after 3."""
    close: float = 1.0


class StreamClient(DingTalkStreamClient):  # type: ignore[misc]  # the SDK is untyped
    """Receives robot messages, card clicks and events. `connected` is set while a connection stands."""

    callback_handler_map: Mapping[str, CallbackHandler]

    def __init__(
        self,
        credential: Credential,
        logger: logging.Logger | None = None,
        *,
        openapi_endpoint: str = "https://api.dingtalk.com",
        pace: Pace | None = None,
        in_flight: int = 256,
        backoff: Backoff | None = None,
        on_state: Callable[[bool], None] | None = None,
    ) -> None:
        super().__init__(credential, logger or logging.getLogger("dingtalk_stream"))
        self._endpoint = openapi_endpoint.rstrip("/")
        self._pace = pace or Pace()
        self._backoff = backoff or Backoff()
        self._on_state = on_state
        self.connected = asyncio.Event()
        self.stats = StreamStats()
        self._worker = Worker(self, self.stats, limit=in_flight, handler_seconds=self._pace.handler)
        self._connections: set[Connection] = set()
        self._leaving: set[asyncio.Task[None]] = set()
        self._patience = self._pace.silence
        self._stop_asked = asyncio.Event()
        self._stopped = asyncio.Event()
        self._stopped.set()
        self._grace = 0.0

    @property
    def wants_events(self) -> bool:
        """Whether an event handler was registered."""
        return bool(self._is_event_required)

    async def start(self) -> None:
        """Stay connected until `stop` or cancellation; returns only after `stop`, with all sockets closed."""
        if not self._stopped.is_set():
            raise RuntimeError("the stream client is running already")
        self.pre_start()
        self._stopped.clear()
        self._stop_asked.clear()
        self._worker.open = True
        self._grace = 0.0
        try:
            async with self._session() as session:
                await self._run(session)
        finally:
            self._stopped.set()

    async def stop(self, within: float = 8.0) -> None:
        """End gracefully: take no more frames, let handlers finish and ack for `within` seconds, close."""
        self._grace = within
        self._worker.open = False
        self._stop_asked.set()
        await self._stopped.wait()

    def start_forever(self) -> None:
        """Run until interrupted from the keyboard."""
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(self.start())

    def open_connection(self) -> NoReturn:
        """Refuse: the SDK's version blocks the event loop."""
        raise NotImplementedError("the SDK's blocking calls are not used here; see bot.openapi")

    get_access_token = upload_to_dingtalk = open_connection

    def _session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=self._pace.open),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=may_need_proxy(self._endpoint),
        )

    async def _run(self, session: aiohttp.ClientSession) -> None:
        keeper = asyncio.create_task(self._stay_connected(session), name="stream keeper")
        stop = asyncio.create_task(self._stop_asked.wait(), name="stream stop")
        try:
            await asyncio.wait({keeper, stop}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (keeper, stop):
                task.cancel()
            await asyncio.wait({keeper, stop})
            await self._wind_down()
        if not keeper.cancelled():
            keeper.result()  # it ends by itself only through a bug of ours: let it be seen

    async def _wind_down(self) -> None:
        self._worker.open = False
        await self._worker.finish(self._grace)
        for task in self._leaving:
            task.cancel()
        remaining = [connection.leave(0.0) for connection in self._connections]
        await asyncio.gather(*remaining, *self._leaving, return_exceptions=True)
        self._show_state()

    async def _stay_connected(self, session: aiohttp.ClientSession) -> None:
        old: Connection | None = None
        while True:
            new = await self._stand_up(session)
            if old is not None:
                self._let_go(old)
            old = new
            why = await self._until_over(new)
            _log.info("stream.connection_over", why=str(why), close_code=new.close_code, seconds=round(new.age, 1))
            self._backoff.lost(new.age)
            if why is Over.CLOSED:
                self.stats.drops += 1
                reach("stream.reconnecting")

    async def _stand_up(self, session: aiohttp.ClientSession) -> Connection:
        """Give a new standing connection, however many attempts it takes."""
        while True:
            await asyncio.sleep(self._backoff.delay())
            self.stats.opens += 1
            try:
                return await self._open(session)
            except (CredentialsRejected, Forbidden, BadRequest, NotFound, QuotaExhausted) as refusal:
                self._backoff.refused()
                _log.error(
                    "stream.open_refused", code=refusal.code, remedy=refusal.remedy, http_status=refusal.http_status
                )
            except DingTalkError as failure:
                self._backoff.failed(getattr(failure, "retry_after", 0.0))
                _log.warning("stream.open_failed", code=failure.code, http_status=failure.http_status)
            except aiohttp.WSServerHandshakeError as failure:
                # Its text would show the ticket.
                self._backoff.failed()
                _log.warning("stream.handshake_failed", http_status=failure.status)
            except (aiohttp.ClientError, OSError) as failure:
                self._backoff.failed()
                _log.warning("stream.handshake_failed", error=type(failure).__name__)
            self.stats.open_failures += 1

    async def _open(self, session: aiohttp.ClientSession) -> Connection:
        subscriptions = [("CALLBACK", topic) for topic in self.callback_handler_map]
        if self.wants_events:
            subscriptions.insert(0, ("EVENT", "*"))
        ticket = await open_connection(
            session, self._endpoint, self.credential.client_id, self.credential.client_secret, subscriptions
        )
        async with asyncio.timeout(self._pace.open):
            socket = await session.ws_connect(
                ticket.url, autoping=False, timeout=aiohttp.ClientWSTimeout(ws_close=self._pace.close)
            )
        connection = Connection(
            socket, self._worker.take, self._closed, heartbeat=self._pace.heartbeat, close=self._pace.close
        )
        self._connections.add(connection)
        self._backoff.stands()
        self._show_state()
        _log.info("stream.connected", endpoint=ticket.endpoint)
        return connection

    async def _until_over(self, connection: Connection) -> Over:
        """Wait until a connection has to be replaced."""
        while True:
            patience = self._pace.silence if connection.heard else self._patience
            remaining = patience - connection.silence
            if remaining <= 0:
                break
            await asyncio.wait([connection.over], timeout=remaining)
            if connection.over.done():
                return connection.over.result()
        self._patience = self._pace.silence if connection.heard else min(self._patience * 2, self._pace.longest_silence)
        return Over.SILENT

    def _let_go(self, connection: Connection) -> None:
        task = asyncio.create_task(connection.leave(self._pace.drain), name="stream leaving")
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    def _closed(self, connection: Connection) -> None:
        self._connections.discard(connection)
        self._show_state()

    def _show_state(self) -> None:
        """Tell `connected` and the listener. The old connection counts until it closes: a handover is no outage."""
        standing = bool(self._connections)
        if standing == self.connected.is_set():
            return
        if standing:
            self.connected.set()
        else:
            self.connected.clear()
        if self._on_state is not None:
            self._on_state(standing)
