"""Asking the stream gateway for a connection: where to connect, and the ticket that opens it once, within 90 seconds.

The call carries the app's credentials in its body, so it needs no token (protocol page of the stream SDKs, 2025-05).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlsplit

import aiohttp

from .answer import field as entry
from .answer import text
from .errors import UnexpectedAnswer
from .exchange import exchange, origin
from .operation import Family, Operation

OPEN = Operation(
    "gateway.open",
    "POST",
    "/v1.0/gateway/connections/open",
    Family.NEW,
    "stream protocol",
    idempotent=True,
    counted=False,
)
_UA = "dingtalk-sdk-python/v0.24.3-union"  # the suffix makes DingTalk route companies abroad as well


@dataclass(frozen=True, slots=True)
class GatewayTicket:
    """Where to connect. The ticket is a secret and shows in no log."""

    endpoint: str
    ticket: str = field(repr=False)

    @property
    def url(self) -> str:
        """The WebSocket address with the ticket: a secret as well."""
        return f"{self.endpoint}{'&' if urlsplit(self.endpoint).query else '?'}ticket={quote_plus(self.ticket)}"


async def open_connection(
    session: aiohttp.ClientSession,
    openapi_endpoint: str,
    client_id: str,
    client_secret: str,
    subscriptions: Iterable[tuple[str, str]],
) -> GatewayTicket:
    """Ask for a connection that gets the pushes of these `(type, topic)` pairs.

    Raises:
        DingTalkError: `CredentialsRejected`, `Unavailable`, … or `UnexpectedAnswer` when no usable address came.
    """
    body = {
        "clientId": client_id,
        "clientSecret": client_secret,
        "subscriptions": [{"type": kind, "topic": topic} for kind, topic in subscriptions],
        "ua": _UA,
    }
    answer = await exchange(session, OPEN, openapi_endpoint.rstrip("/") + OPEN.path, body)
    return _ticket(answer, secure=openapi_endpoint.startswith("https:"))


def _ticket(answer: Mapping[str, Any], *, secure: bool) -> GatewayTicket:
    endpoint, ticket = text(entry(answer, "endpoint")), text(entry(answer, "ticket"))
    if not ticket or origin(endpoint)[0] not in ({"wss"} if secure else {"ws", "wss"}):
        raise UnexpectedAnswer("no usable endpoint", api=OPEN.name)
    return GatewayTicket(endpoint, ticket)
