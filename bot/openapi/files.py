"""Files people send to the robot: a code becomes an address, the address becomes bytes (A/0719).

The address comes from DingTalk and is checked all the same: who got an address in there must not make us fetch from
inside the company's network, from anybody's server, or without an end.
"""

import ipaddress
import re
import socket
from collections.abc import Sequence
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from .answer import field, text
from .errors import DingTalkError, OutcomeUnknown, Unavailable, UnexpectedAnswer
from .exchange import is_loopback
from .operation import Family, Operation
from .transport import Transport

DOWNLOAD = Operation(
    "robot.download", "POST", "/v1.0/robot/messageFiles/download", Family.NEW, "A/0719", "qyapi_robot_sendmsg",
    idempotent=True,
)  # fmt: skip
HOSTS = ("dingtalk.com", "aliyuncs.com")
"""Where DingTalk keeps files, and everything below. Assumed: A/0719 shows a signed address, its host cut out."""
MOST_BYTES = 10 * 1024 * 1024
SECONDS = 30.0
"""The whole of a file, however slowly it comes."""
_PIECE = 64 * 1024
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")
"""Letters only: readers of addresses don't agree where a name with other signs in it ends."""


class FileRefused(DingTalkError):
    """An address that isn't DingTalk's, or a file larger than we take; nothing of it is kept."""

    kind = "file_refused"

    @property
    def remedy(self) -> str:
        """What to look at."""
        if self.code == "file.host":
            return "DingTalk named a host that isn't known as its own; if it is, add it to DINGTALK_FILE_HOSTS"
        return ""


class Files(Protocol):
    """Gets what people sent."""

    async def fetch(self, download_code: str, *, most: int = MOST_BYTES) -> bytes:
        """Give a file's bytes; raises `FileRefused` above `most`. How long a code is good isn't told: fetch at once.

        Costs a counted call. Check what is in it before opening it: `hr_core.attachments`.
        """
        ...


class FilesApi(Files):
    """Gets files over HTTP. `hosts` are those that DingTalk's addresses may lead to, beside its endpoints."""

    def __init__(self, transport: Transport, robot_code: str, hosts: Sequence[str] = ()) -> None:
        self._transport = transport
        self._robot_code = robot_code
        self._hosts = (*HOSTS, *hosts)

    async def fetch(self, download_code: str, *, most: int = MOST_BYTES) -> bytes:
        """Ask for the address, then for the bytes."""
        answer = await self._transport.call(DOWNLOAD, {"downloadCode": download_code, "robotCode": self._robot_code})
        url = text(field(answer, "downloadUrl"))
        return await self._bytes(url if self._transport.is_our_host(url) else file_address(url, self._hosts), most)

    async def _bytes(self, url: str, most: int) -> bytes:
        ours = self._transport.is_our_host(url)
        resolver = None if ours else _PublicOnly(urlsplit(url).hostname or "")
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False),
            timeout=aiohttp.ClientTimeout(total=SECONDS, connect=5.0),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=not (ours and is_loopback(url)),
            auto_decompress=False,  # A few bytes of gzip can be a thousand times as many.
        )
        try:
            async with session, session.get(
                url, allow_redirects=False, headers={"Accept-Encoding": "identity"}
            ) as response:  # fmt: skip
                return await _read(response, most)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            raise Unavailable("not reachable", type(error).__name__, api=DOWNLOAD.name) from None
        except TimeoutError:
            raise OutcomeUnknown("timeout", api=DOWNLOAD.name) from None
        except aiohttp.ClientError as error:
            raise OutcomeUnknown("connection lost", type(error).__name__, api=DOWNLOAD.name) from None


def file_address(url: str, hosts: Sequence[str]) -> str:
    """Give the address at which a file may be fetched: over TLS, of a host that is known; raises `FileRefused`."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, (parts.hostname or "").lower().rstrip(".")
    except ValueError:
        raise FileRefused("file.address", api=DOWNLOAD.name) from None
    plain = parts.username is None and parts.password is None and port in {None, 80, 443}
    if parts.scheme not in {"http", "https"} or not plain:
        raise FileRefused("file.address", api=DOWNLOAD.name)
    if not _HOST.fullmatch(host) or not any(host == known or host.endswith("." + known) for known in hosts):
        raise FileRefused("file.host", host, api=DOWNLOAD.name)
    # A/0719 shows http; the signature is of the path, and a file must not travel in clear.
    return urlunsplit(("https", host, parts.path, parts.query, ""))


async def _read(response: aiohttp.ClientResponse, most: int) -> bytes:
    if response.status != 200:
        raise UnexpectedAnswer("no file", http_status=response.status, api=DOWNLOAD.name)
    if (response.content_length or 0) > most:
        raise FileRefused("file.too_large", api=DOWNLOAD.name)
    content = bytearray()
    async for piece in response.content.iter_chunked(_PIECE):
        content += piece
        if len(content) > most:  # Whatever it said about its length.
            raise FileRefused("file.too_large", api=DOWNLOAD.name)
    return bytes(content)


class _PublicOnly(AbstractResolver):
    """Looks a file's host up and gives no address inside a network; a proxy's own name isn't its business."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._names = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Give the addresses that may be asked; the connection is made to one of these, so none can change after."""
        found = await self._names.resolve(host, port, family)
        if host != self._host:
            return found
        public = [one for one in found if ipaddress.ip_address(one["host"].partition("%")[0]).is_global]
        if not public:
            msg = "no public address"
            raise OSError(msg)
        return public

    async def close(self) -> None:
        """Give up the resolver."""
        await self._names.close()
