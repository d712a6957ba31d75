"""What a seal covers and how it is made: each row's HMAC takes in the one before it.

A row is written out as text fields, each with its length before it, so that no two rows look alike. The same bytes,
salted, are a leaf of the day's Merkle tree (`merkle.py`), which proves a row to somebody who has no key.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hr_core.vault import Vault

FIELDS = (
    "id",
    "at",
    "actor",
    "behalf",
    "action",
    "on",
    "record",
    "outcome",
    "why",
    "conversation",
    "source",
)
"""What a row says, in the order in which it is sealed. A new column goes to the end, under a new version."""

VERSION = "dinghr-audit-1"
START = bytes(32)
"""What stands before the first row."""
_NONE = b"\xff\xff\xff\xff"


class KeyMissing(LookupError):
    """Rows were sealed under a key that this installation doesn't have; names it."""


@dataclass(frozen=True, slots=True)
class ChainKey:
    """The keys that come of one data key: one seals rows, one salts leaves, one seals how long the chain is."""

    id: str
    seal: bytes
    salt: bytes
    tail: bytes


class ChainKeys:
    """The chain's keys by the id of the data key; rows name theirs, so old segments outlive a rotation."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._known: dict[str, ChainKey] = {}

    @property
    def current(self) -> ChainKey:
        """The key that seals now."""
        return self.of(self._vault.deriving.hex())

    def of(self, key_id: str) -> ChainKey:
        """Give the keys of one data key; raises `KeyMissing`."""
        if key_id not in self._known:
            try:
                made = [self._vault.derive(f"audit/{use}/1", bytes.fromhex(key_id)) for use in ("seal", "salt", "tail")]
            except (LookupError, ValueError) as error:
                raise KeyMissing(key_id) from error
            self._known[key_id] = ChainKey(key_id, *made)
        return self._known[key_id]


def instant(at: datetime) -> str:
    """Write an instant as it is sealed: UTC, with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def content(row: Mapping[Any, Any]) -> dict[str, str | None]:
    """Give a row's fields as sealed text."""
    fields = {name: row[name] for name in FIELDS}
    fields["id"] = str(fields["id"])
    fields["at"] = instant(fields["at"])
    return fields


def packed(fields: Sequence[str | None]) -> bytes:
    """Write fields one behind the other: four bytes of length, big end first, then UTF-8; no value is `ff ff ff ff`."""
    parts = []
    for field in fields:
        if field is None:
            parts.append(_NONE)
        else:
            raw = field.encode()
            parts += (len(raw).to_bytes(4, "big"), raw)
    return b"".join(parts)


def body(seq: int, fields: Sequence[str | None]) -> bytes:
    """Give the bytes of one row at one place in the chain: version, sequence, then `FIELDS`."""
    return packed((VERSION, str(seq), *fields))


def seal(key: ChainKey, previous: bytes, row: bytes) -> bytes:
    """Seal a row's bytes behind the row before it."""
    return hmac.digest(key.seal, previous + row, "sha256")


def salt(key: ChainKey, seq: int) -> bytes:
    """Give what keeps a leaf's hash from being guessed: it is shown with the row only."""
    return hmac.digest(key.salt, seq.to_bytes(8, "big"), "sha256")[:16]


def leaf(salting: bytes, row: bytes) -> bytes:
    """Give a row's leaf (RFC 6962 §2.1: a leaf's hash begins with 00)."""
    return hashlib.sha256(b"\x00" + salting + row).digest()


def tail(key: ChainKey, seq: int, last: bytes) -> bytes:
    """Seal how long the chain is: without the key, a shorter one can't be claimed."""
    return hmac.digest(key.tail, seq.to_bytes(8, "big") + last, "sha256")
