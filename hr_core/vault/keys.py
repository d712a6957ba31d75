"""Keys as text and bytes: the master keys as a file holds them, and data keys wrapped by one (AES-256-GCM)."""

import base64
import hashlib
import os
import re
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hr_core.vault.classes import DataClass

_NONCE = 12
_LENGTH = 32
_BETWEEN = re.compile(r"[\s,]+")


class WrongMasterKey(Exception):
    """A data key was wrapped by another master key, or its row was altered."""


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A data key as it is kept. `master` tells which master key opens it; `active` whether new values are sealed
    with it.
    """

    id: int
    data_class: str
    wrapped: bytes
    master: str
    active: bool = True


def new_key() -> str:
    """Make a fresh master key as one line of text, the content of a key file."""
    return key_text(os.urandom(_LENGTH))


def key_text(master: bytes) -> str:
    """Write a master key as the line it is in a key file."""
    return base64.urlsafe_b64encode(master).decode()


def read_key(text: str) -> bytes:
    """Read a key file's content; raises `ValueError` when it is not one."""
    try:
        key = base64.b64decode(text.strip(), altchars=b"-_", validate=True)
    except ValueError as error:
        msg = "not a data key: expected one line made by `dinghr key create`"
        raise ValueError(msg) from error
    if len(key) != _LENGTH:
        msg = f"not a data key: {len(key)} bytes instead of {_LENGTH}"
        raise ValueError(msg)
    return key


def read_keys(text: str) -> "MasterKeys":
    """Read master keys, one a line (or with a comma between), the one to be used first; raises `ValueError`.

    Lines that begin with # are the operator's own.
    """
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    words = [word for word in _BETWEEN.split("\n".join(lines)) if word]
    return MasterKeys(tuple(dict.fromkeys(map(read_key, words or [""]))))


def key_id(master: bytes) -> str:
    """Name a master key without telling anything of it."""
    return hashlib.sha256(b"dinghr key id" + master).digest()[:4].hex()


@dataclass(frozen=True, slots=True, repr=False)
class MasterKeys:
    """The master keys a process was given. The first is what the data keys are, or are to be, wrapped by."""

    keys: tuple[bytes, ...]

    def __post_init__(self) -> None:
        """Refuse what can't be keys."""
        if not self.keys or any(len(key) != _LENGTH for key in self.keys):
            msg = f"a master key must be {_LENGTH} bytes"
            raise ValueError(msg)

    @property
    def first(self) -> bytes:
        """The key to be used."""
        return self.keys[0]

    @property
    def ids(self) -> tuple[str, ...]:
        """Their names, in order."""
        return tuple(map(key_id, self.keys))

    def named(self, name: str) -> bytes | None:
        """Give the key of a name, if it is among them."""
        return next((key for key in self.keys if key_id(key) == name), None)

    def unwrap(self, key: WrappedKey) -> bytes:
        """Give a data key in clear; raises `WrongMasterKey`."""
        return unwrap(self.named(key.master) or self.first, key)


def new_data_key(master: bytes, data_class: DataClass, *, active: bool = True) -> WrappedKey:
    """Make a data key, wrapped at once: nobody sees it in clear but the vault."""
    number = 1 + secrets.randbelow(2**31 - 1)
    return wrap(master, number, data_class, os.urandom(_LENGTH), active=active)


def first_keys(master: bytes) -> tuple[WrappedKey, ...]:
    """Make a data key for every class."""
    return tuple(new_data_key(master, one) for one in DataClass)


def wrap(master: bytes, number: int, data_class: str, key: bytes, *, active: bool) -> WrappedKey:
    """Wrap a data key; its number and class are associated data, so that rows can't be exchanged."""
    nonce = os.urandom(_NONCE)
    wrapped = nonce + AESGCM(master).encrypt(nonce, key, _associated(number, data_class))
    return WrappedKey(number, str(data_class), wrapped, key_id(master), active)


def unwrap(master: bytes, key: WrappedKey) -> bytes:
    """Give a data key in clear; raises `WrongMasterKey`."""
    try:
        return AESGCM(master).decrypt(key.wrapped[:_NONCE], key.wrapped[_NONCE:], _associated(key.id, key.data_class))
    except InvalidTag as error:
        msg = f"data key {key.id} was wrapped by master key {key.master}"
        raise WrongMasterKey(msg) from error


def _associated(number: int, data_class: str) -> bytes:
    return f"dinghr data key\x1f{data_class}\x1f{number}".encode()
