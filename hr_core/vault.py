"""Encryption at rest: what is sensitive is sealed before it reaches a table, under a key kept outside the database.

A sealed value is `version (1 byte) · key id (4) · nonce (12) · AES-256-GCM ciphertext`. The place it belongs to
(table, column, row) is associated data, so a value copied into another row does not open.
"""

import base64
import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hr_core.errors import HRError

_VERSION = b"\x01"
_NONCE = 12
_HEADER = 1 + 4


class SealBroken(HRError):
    """A sealed value does not open: another key, another place, or altered bytes."""

    code = "vault.seal_broken"


class Vault:
    """Seals and opens text under one 256-bit key."""

    def __init__(self, key: bytes) -> None:
        if len(key) != 32:
            msg = "the data key must be 32 bytes"
            raise ValueError(msg)
        self._key = key
        self._aead = AESGCM(key)
        self.key_id = hashlib.sha256(b"dinghr key id" + key).digest()[:4]

    def seal(self, text: str, *place: object) -> bytes:
        """Encrypt `text` for one place, such as `("leave_request", "reason", 7)`."""
        nonce = os.urandom(_NONCE)
        return _VERSION + self.key_id + nonce + self._aead.encrypt(nonce, text.encode(), _associated(place))

    def open(self, sealed: bytes, *place: object) -> str:
        """Decrypt what was sealed for the same place; raises `SealBroken` otherwise."""
        nonce, ciphertext = sealed[_HEADER : _HEADER + _NONCE], sealed[_HEADER + _NONCE :]
        if sealed[:_HEADER] != _VERSION + self.key_id:
            raise SealBroken(place=place[0])
        try:
            return self._aead.decrypt(nonce, ciphertext, _associated(place)).decode()
        except InvalidTag as error:
            raise SealBroken(place=place[0]) from error

    def derive(self, purpose: str, key_id: bytes | None = None) -> bytes:
        """Give a key for one purpose, from the current data key or the one of `key_id`; `LookupError` without it."""
        if key_id is not None and key_id != self.key_id:
            raise LookupError(key_id.hex())
        return HKDF(SHA256(), 32, salt=None, info=b"dinghr/" + purpose.encode()).derive(self._key)


def _associated(place: tuple[object, ...]) -> bytes:
    return "\x1f".join(str(part) for part in place).encode()


def new_key() -> str:
    """Make a fresh key as one line of text, the content of a key file."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def read_key(text: str) -> bytes:
    """Read a key file's content; raises `ValueError` when it is not one."""
    try:
        key = base64.urlsafe_b64decode(text.strip())
    except ValueError as error:
        msg = "not a data key: expected one line made by `dinghr key create`"
        raise ValueError(msg) from error
    if len(key) != 32:
        msg = f"not a data key: {len(key)} bytes instead of 32"
        raise ValueError(msg)
    return key
