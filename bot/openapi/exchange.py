"""One HTTP request to DingTalk and its answer, every failure typed. No token logic, no repeating."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

import aiohttp

from bot.compact import dumps

from .answer import read
from .errors import OutcomeUnknown, Unavailable
from .operation import Operation


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to send as multipart/form-data, with the fields beside it."""

    fields: Mapping[str, str]
    part: str
    name: str
    content: bytes
    content_type: str

    def form(self) -> aiohttp.FormData:
        """Give the form; one serves one request."""
        form = aiohttp.FormData(self.fields)
        form.add_field(self.part, self.content, filename=self.name, content_type=self.content_type)
        return form


async def exchange(
    session: aiohttp.ClientSession,
    operation: Operation,
    url: str,
    body: Mapping[str, Any] | Upload | None = None,
    *,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Mapping[str, Any]:
    """Send one request and give the body of its answer.

    Raises:
        DingTalkError: what came of it. The cause is cut off, because its text may hold the URL and with it a token.
    """
    upload = isinstance(body, Upload)
    data = body.form() if isinstance(body, Upload) else None if body is None else dumps(body).encode()
    heads = {"Accept": "application/json", **(headers or {})}  # without it some gateways answer in XML
    if data is not None and not upload:
        heads["Content-Type"] = "application/json"
    try:
        # No redirects: they would carry token or secret to wherever the answer points.
        async with session.request(
            operation.method, url, params=query or None, data=data, headers=heads, allow_redirects=False
        ) as response:
            return read(operation, response.status, (await response.read()).decode("utf-8", "replace"))
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
        unreachable = Unavailable("not reachable", type(error).__name__, api=operation.name)
        unreachable.not_executed = True
        raise unreachable from None
    except TimeoutError:
        raise OutcomeUnknown("timeout", api=operation.name) from None
    except aiohttp.ClientError as error:
        raise OutcomeUnknown("connection lost", type(error).__name__, api=operation.name) from None


def may_need_proxy(url: str) -> bool:
    """Tell whether the environment names a proxy that may stand before a URL.

    Where it names none, aiohttp needn't look: it would for each call, twice and in another thread, for 130 to 210 µs.
    """
    return not is_loopback(url) and bool(getproxies())


def is_loopback(url: str) -> bool:
    """Tell whether a URL leads to this machine, where a proxy has no business."""
    host = urlsplit(url).hostname or ""
    return host in {"localhost", "::1"} or host.startswith("127.")


def origin(url: str) -> tuple[str, str, int | None]:
    """Give scheme, host and port of a URL in one spelling; three blanks for what isn't one."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "", "", None
    return parts.scheme, (parts.hostname or "").lower(), port or {"https": 443, "http": 80}.get(parts.scheme)
