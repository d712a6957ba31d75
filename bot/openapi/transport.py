"""The one way out to DingTalk: session, token, pace, repeat, and typed errors, for both API families.

Pacing follows A/1433 (20 calls/s per app and API).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Any, Protocol, Self
from urllib.parse import urlsplit

import aiohttp
import stamina
import structlog
from aiolimiter import AsyncLimiter

from hr_core.clock import Clock

from . import gateway
from .answer import field, integer, text
from .errors import DingTalkError, OutcomeUnknown, Throttled, TokenRejected, Unavailable, UnexpectedAnswer
from .exchange import Upload, exchange, may_need_proxy, origin
from .operation import Family, Operation
from .token import AccessToken, TokenCache

Body = Mapping[str, Any] | Upload | None
Before = Callable[[], Awaitable[None]]
"""Awaited when a call's turn has all but come; what it raises keeps the call from being made."""
OnCall = Callable[[Operation, str, float], None]
"""Told after each attempt: the operation, `ok` or the error's `kind`, and the seconds it took."""

ACCESS_TOKEN = Operation(
    "oauth2.access_token", "POST", "/v1.0/oauth2/accessToken", Family.NEW, "A/0033", idempotent=True, counted=False
)
SESSION_WEBHOOK = Operation("robot.session_webhook", "POST", "", Family.OLD, "A/0699", counted=False)

_log = structlog.get_logger("bot.openapi")
stamina.instrumentation.set_on_retry_hooks(())  # Its own log line would hold what is sent; each failure has ours.
_HEADROOM = 0.95  # jitter on the way can squeeze twenty evenly spaced calls into less than their second
_LONGEST_INLINE_WAIT = 5.0
_NEXT_UP = 0.1
"""So many seconds' worth of calls are next up at once: what `before` does may take that long and costs no turn."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How hard we lean on DingTalk. Times in seconds."""

    calls_per_second: float = 20.0
    """Per API; DingTalk's own limit on every plan without the add-on pack."""
    in_flight: int = 256
    """Requests under way at once; the others wait here, where waiting doesn't eat a request's time-out."""
    connect: float = 5.0
    total: float = 10.0
    attempts: int = 3
    first_wait: float = 0.5


class Calls(Protocol):
    """What an API family needs of the transport."""

    async def call(
        self,
        operation: Operation,
        body: Body = None,
        *,
        query: Mapping[str, str] | None = None,
        before: Before | None = None,
    ) -> Mapping[str, Any]:
        """Make a call and give the answer's body."""
        ...


class Transport:
    """Makes calls. Enter it as an async context manager; it then belongs to that event loop."""

    def __init__(
        self,
        *,
        openapi_endpoint: str,
        oapi_endpoint: str,
        client_id: str,
        client_secret: str,
        clock: Clock,
        limits: Limits | None = None,
        on_call: OnCall | None = None,
        sharers: Callable[[], int] = lambda: 1,
    ) -> None:
        self._sharers = sharers
        self._shared_by = 1
        self._openapi = openapi_endpoint.rstrip("/")
        self._oapi = oapi_endpoint.rstrip("/")
        self._ours = {origin(self._openapi), origin(self._oapi)}
        self._ours_spelt = tuple(
            f"{endpoint}/" for endpoint in (self._openapi, self._oapi) if urlsplit(endpoint).netloc
        )
        self._client_id = client_id
        self._client_secret = client_secret
        self._limits = limits or Limits()
        self._on_call = on_call
        self._tokens = TokenCache(self._fetch_token, clock)
        self._pace: dict[str, AsyncLimiter] = {}
        self._next_up: dict[str, asyncio.Semaphore] = {}
        self._at_once = max(1, int(self._limits.calls_per_second * _NEXT_UP))
        self._places = asyncio.Semaphore(self._limits.in_flight)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open the session."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=60),
            timeout=aiohttp.ClientTimeout(total=self._limits.total, connect=self._limits.connect),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=may_need_proxy(self._openapi),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the session."""
        await self._tokens.aclose()
        if self._session is not None:
            await self._session.close()

    async def call(
        self,
        operation: Operation,
        body: Body = None,
        *,
        query: Mapping[str, str] | None = None,
        before: Before | None = None,
    ) -> Mapping[str, Any]:
        """Make a call, again where that is harmless, and give the answer's body.

        `before` is for what has to be noted of a call that can't be repeated: hundreds may wait for their turn, and
        none of those has gone out when the process ends.

        Raises:
            DingTalkError: what came of it.
        """
        return await self._again(operation, lambda: self._with_token(operation, body, query, before))

    async def post_webhook(self, url: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """Post to a session webhook, which carries its own permission. Ask `is_our_host` before."""
        return await self._again(SESSION_WEBHOOK, lambda: self._send(SESSION_WEBHOOK, url, payload))

    async def renew_token(self) -> None:
        """Prove the credentials by fetching a token."""
        await self._tokens.renew()

    async def open_gateway(self, subscriptions: Iterable[tuple[str, str]]) -> gateway.GatewayTicket:
        """Ask the stream gateway for a connection, once."""
        return await gateway.open_connection(
            self._open_session, self._openapi, self._client_id, self._client_secret, subscriptions
        )

    def is_our_host(self, url: str) -> bool:
        """Tell whether a URL leads to one of the two configured endpoints: scheme, host and port."""
        # Spelt as we have it, it can't be another: what stands behind the slash is no part of the host.
        return url.startswith(self._ours_spelt) or origin(url) in self._ours

    @property
    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("enter the transport first: async with Transport(...)")
        return self._session

    async def _again(
        self, operation: Operation, attempt: Callable[[], Awaitable[Mapping[str, Any]]]
    ) -> Mapping[str, Any]:
        def worth_repeating(error: Exception) -> bool | float:
            if not isinstance(error, DingTalkError) or not error.transient or isinstance(error, TokenRejected):
                return False
            if isinstance(error, Throttled | UnexpectedAnswer) and error.retry_after:
                return error.retry_after if error.retry_after <= _LONGEST_INLINE_WAIT else False
            # Whoever is shown a page instead of an answer stays away for a while: the outbox comes back to it.
            return operation.idempotent or (error.not_executed and not isinstance(error, UnexpectedAnswer))

        # The retry machinery costs a third of a whole call, so it is entered only with a failure in hand.
        try:
            return await attempt()
        except DingTalkError as failure:
            if worth_repeating(failure) is False:
                raise
            first = [failure]
        retries = stamina.retry_context(
            on=worth_repeating,
            attempts=self._limits.attempts,
            timeout=None,
            wait_initial=self._limits.first_wait,
            wait_max=4.0,
            wait_jitter=self._limits.first_wait,
        )
        async for retry in retries:
            with retry:
                if first:
                    raise first.pop()
                return await attempt()
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _with_token(
        self, operation: Operation, body: Body, query: Mapping[str, str] | None, before: Before | None
    ) -> Mapping[str, Any]:
        token = await self._tokens.token()
        try:
            return await self._authorised(operation, body, query, token, before)
        except TokenRejected:
            self._tokens.drop(token)
            return await self._authorised(operation, body, query, await self._tokens.token(), before)

    async def _authorised(
        self, operation: Operation, body: Body, query: Mapping[str, str] | None, token: str, before: Before | None
    ) -> Mapping[str, Any]:
        await self._turn(operation, before)
        if operation.family is Family.NEW:
            headers = {"x-acs-dingtalk-access-token": token}
            return await self._send(operation, self._openapi + operation.path, body, query=query, headers=headers)
        return await self._send(
            operation, self._oapi + operation.path, body, query={**(query or {}), "access_token": token}
        )

    async def _send(
        self,
        operation: Operation,
        url: str,
        body: Body,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Mapping[str, Any]:
        async with self._places:
            started = time.perf_counter()
            outcome = "cancelled"
            try:
                answer = await exchange(self._open_session, operation, url, body, query=query, headers=headers)
                outcome = "ok"
            except DingTalkError as failure:
                outcome = failure.kind
                _log.info(
                    "dingtalk.call_failed",
                    api=operation.name,
                    outcome=outcome,
                    code=failure.code,
                    http_status=failure.http_status,
                    request_id=failure.request_id,
                )
                raise
            finally:
                if self._on_call is not None:
                    self._on_call(operation, outcome, time.perf_counter() - started)
            return answer

    async def _turn(self, operation: Operation, before: Before | None) -> None:
        if before is None:
            await self._pacer(operation).acquire()
            return
        # `before` comes first: calls whose turn has come and that wait for it would go out in one burst.
        async with self._next_up.setdefault(operation.name, asyncio.Semaphore(self._at_once)):
            await before()
            await self._pacer(operation).acquire()

    def _pacer(self, operation: Operation) -> AsyncLimiter:
        """Give what paces this API: DingTalk's limit is per app, so as many processes as there are share it."""
        if self._sharers() != self._shared_by:
            self._shared_by = self._sharers()
            self._pace.clear()
        pacer = self._pace.get(operation.name)
        if pacer is None:
            # One at a time, evenly spaced: a bucket of twenty would let forty pass in its first second.
            pacer = AsyncLimiter(1, self._shared_by / (self._limits.calls_per_second * _HEADROOM))
            self._pace[operation.name] = pacer
        return pacer

    async def _fetch_token(self) -> AccessToken:
        body = {"appKey": self._client_id, "appSecret": self._client_secret}
        try:
            answer = await self._send(ACCESS_TOKEN, self._openapi + ACCESS_TOKEN.path, body)
        except OutcomeUnknown as failure:
            # Unknown is only whether a token was made: the call that wants it has certainly not been sent.
            unavailable = Unavailable(failure.code, failure.message, http_status=failure.http_status, api=failure.api)
            unavailable.not_executed = True
            raise unavailable from None
        except DingTalkError as failure:
            failure.not_executed = True
            raise
        token = text(field(answer, "accessToken", "access_token"))
        if not token:
            raise UnexpectedAnswer("no token", api=ACCESS_TOKEN.name)
        return AccessToken(token, timedelta(seconds=max(integer(field(answer, "expireIn", "expires_in")) or 0, 0)))
