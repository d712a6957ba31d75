"""Seals and opens text. A sealed value is `version (1 byte) · key id (4) · nonce (12) · AES-256-GCM ciphertext`.

The place it belongs to (table, column, row) is associated data, so a value copied into another row does not open.
"""

import os
from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hr_core.errors import HRError
from hr_core.vault.classes import CLASS_OF, DataClass
from hr_core.vault.index import blind_index
from hr_core.vault.keys import MasterKeys, WrappedKey

VERSION = b"\x02"
HEADER = 1 + 4
_NONCE = 12
_BODY = HEADER + _NONCE


class SealBroken(HRError):
    """A sealed value does not open: another key, another place, or altered bytes."""

    code = "vault.seal_broken"


class Vault:
    """Holds the data keys in memory. New values are sealed with their class's active key; older ones still open."""

    def __init__(self, master: bytes | MasterKeys, keys: Iterable[WrappedKey]) -> None:
        """Unwrap the keys; raises `WrongMasterKey`."""
        self.masters = master if isinstance(master, MasterKeys) else MasterKeys((master,))
        self._opening: dict[bytes, AESGCM] = {}
        self._sealing: dict[str, tuple[bytes, AESGCM]] = {}
        self._indexing: dict[bytes, bytes] = {}
        self.indexing = b""
        """How an index made now begins."""
        self._deriving: dict[bytes, bytes] = {}
        self.deriving = b""
        """The id of the key that `derive` takes now."""
        self.learn(keys)

    @property
    def key_id(self) -> str:
        """The name of the master key to be used."""
        return self.masters.ids[0]

    def learn(self, keys: Iterable[WrappedKey]) -> int:
        """Take keys over as they are kept now, and forget those that aren't any more; gives how many are new.

        Raises `WrongMasterKey` when one of the new ones is wrapped by a master key that isn't here.
        """
        known: dict[bytes, AESGCM] = {}
        sealing: dict[str, tuple[bytes, AESGCM]] = {}
        fresh = 0
        for key in keys:
            header = header_of(key.id)
            aead = self._opening.get(header)
            if aead is None:
                clear = self.masters.unwrap(key)
                aead = AESGCM(clear)
                fresh += 1
                if key.data_class == DataClass.INDEX:
                    self._indexing[header] = clear
                elif key.data_class == DataClass.AUDIT:
                    self._deriving[header[1:]] = clear
            known[header] = aead
            if key.active and key.data_class == DataClass.AUDIT:
                self.deriving = header[1:]
            if key.active and key.data_class == DataClass.INDEX:
                self.indexing = header
            if key.active:
                sealing[key.data_class] = header, aead
        self._opening = known
        self._indexing = {header: clear for header, clear in self._indexing.items() if header in known}
        self._sealing = {
            place: sealing[data_class] for place, data_class in CLASS_OF.items() if data_class.value in sealing
        }
        return fresh

    def seal(self, text: str, *place: object) -> bytes:
        """Encrypt `text` for one place, such as `("leave", "reason", 7)`; `classes.py` names what comes first."""
        header, aead = self._sealing[place[0]]  # type: ignore[index]
        nonce = os.urandom(_NONCE)
        return header + nonce + aead.encrypt(nonce, text.encode(), _associated(place))

    def open(self, sealed: bytes, *place: object) -> str:
        """Decrypt what was sealed for the same place; raises `SealBroken` otherwise."""
        aead = self._opening.get(sealed[:HEADER])
        if aead is None:
            raise SealBroken(place=place[0])
        try:
            return aead.decrypt(sealed[HEADER:_BODY], sealed[_BODY:], _associated(place)).decode()
        except InvalidTag as error:
            raise SealBroken(place=place[0]) from error

    def knows(self, sealed: bytes) -> bool:
        """Tell whether the key of a sealed value is here: if not, another process has a newer one."""
        return sealed[:HEADER] in self._opening

    def derive(self, purpose: str, key_id: bytes | None = None) -> bytes:
        """Give a key for one purpose, from the audit's current data key or the one of `key_id`.

        Raises `LookupError` for a key that isn't here.
        """
        clear = self._deriving.get(self.deriving if key_id is None else key_id)
        if clear is None:
            raise LookupError((key_id or self.deriving).hex())
        return HKDF(SHA256(), 32, salt=None, info=b"dinghr/" + purpose.encode()).derive(clear)

    def index(self, kind: str, text: str) -> bytes:
        """Give the blind index of an identity number, phone or account, for keeping: equal values give equal bytes,
        nothing else can be told from them without the key. It begins with its key's id.
        """
        return self.indexing + blind_index(self._indexing[self.indexing], kind, text)

    def indexes(self, kind: str, text: str) -> tuple[bytes, ...]:
        """Give every index a value may be kept under now, for looking it up: while keys are renewed, several."""
        found = [header + blind_index(key, kind, text) for header, key in self._indexing.items()]
        return tuple(sorted(found, key=lambda index: index[:HEADER] != self.indexing))

    def current_header(self, place: object) -> bytes:
        """Give how a value sealed now for this place begins."""
        return self._sealing[place][0]  # type: ignore[index]


def header_of(number: int) -> bytes:
    """Give how every value sealed under a data key begins."""
    return VERSION + number.to_bytes(4, "big")


def _associated(place: tuple[object, ...]) -> bytes:
    return "\x1f".join(map(str, place)).encode()
