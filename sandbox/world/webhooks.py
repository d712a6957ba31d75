"""Custom robots of a group (自定义机器人, G/0082): an address to post to, guarded by words, a signature, addresses."""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from sandbox.world.ids import Ids

PATH = "/robot/send"
MOST_KEYWORDS = 10
MOST_A_MINUTE = 20
BLOCK = timedelta(minutes=10)
_SKEW_MS = 3_600_000


@dataclass(slots=True)
class GroupRobot:
    """One custom robot. Its settings are alternatives that all must hold where they are set."""

    token: str
    conversation_id: str
    name: str
    keywords: tuple[str, ...] = ()
    secret: str = field(default="", repr=False)
    addresses: tuple[str, ...] = ()
    stopped: bool = False
    removed: bool = False
    sent: list[datetime] = field(default_factory=list)
    blocked_until: datetime | None = None
    uuids: list[str] = field(default_factory=list)
    """The last msgUuids."""

    def refuses(self, said: str, timestamp: str, sign: str, address: str, now_ms: int) -> str:
        """Tell which security setting a message fails, in DingTalk's words; nothing if it passes."""
        if self.keywords and not any(word in said for word in self.keywords):
            return "keywords not in content"
        if self.secret:
            if not timestamp.isdecimal() or abs(int(timestamp) - now_ms) > _SKEW_MS:
                return "invalid timestamp"
            if not hmac.compare_digest(sign.encode(), signature(self.secret, timestamp).encode()):
                return "sign not match"
        if self.addresses and not within(address, self.addresses):
            return f"ip {address} not in whitelist"
        return ""

    def admits(self, now: datetime) -> bool:
        """Whether it may send one more: 20 a minute, and who is above is blocked for ten."""
        if self.blocked_until is not None and now < self.blocked_until:
            return False
        self.sent = [at for at in self.sent if now - at < timedelta(minutes=1)]
        if len(self.sent) >= MOST_A_MINUTE:
            self.blocked_until = now + BLOCK
            return False
        self.sent.append(now)
        return True


def signature(secret: str, timestamp: str) -> str:
    """Give the sign of a timestamp: base64(HMAC-SHA256(secret, timestamp + newline + secret))."""
    digest = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def within(address: str, networks: Iterable[str]) -> bool:
    """Whether an address is one of these, or in one of these ranges."""
    return any(ip_address(address) in ip_network(one, strict=False) for one in networks)


class GroupRobots:
    """Custom robots by their token."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self.robots: dict[str, GroupRobot] = {}

    def add(self, conversation_id: str, name: str) -> GroupRobot:
        """Put a new one into a group."""
        robot = GroupRobot(self._ids.hex(64), conversation_id, name)
        self.robots[robot.token] = robot
        return robot
