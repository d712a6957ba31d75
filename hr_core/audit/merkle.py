"""Merkle trees as in RFC 6962 §2.1: one root stands for many leaves, a few hashes prove that a leaf is among them."""

import hashlib
from collections.abc import Sequence


def node(left: bytes, right: bytes) -> bytes:
    """Give the hash of two."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A root in the making: takes leaves one by one and keeps a hash for each power of two."""

    def __init__(self) -> None:
        self._peaks: list[bytes] = []
        self.size = 0

    def add(self, leaf: bytes) -> None:
        """Take the next leaf."""
        carried, bits = leaf, self.size
        while bits & 1:
            carried = node(self._peaks.pop(), carried)
            bits >>= 1
        self._peaks.append(carried)
        self.size += 1

    def root(self) -> bytes:
        """Give the root of what was taken so far."""
        if not self._peaks:
            return hashlib.sha256().digest()
        found = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            found = node(peak, found)
        return found


class Paths:
    """All of a tree, for proofs."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self._levels = [list(leaves)]
        while len(self._levels[-1]) > 1:
            below = self._levels[-1]
            level = [node(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)]
            # A hash without a partner goes up as it is: the same tree as the RFC's recursive one.
            self._levels.append(level + below[len(level) * 2 :])

    def path(self, index: int) -> list[bytes]:
        """Give the hashes beside the way from a leaf to the root."""
        found = []
        for level in self._levels[:-1]:
            beside = index ^ 1
            if beside < len(level):
                found.append(level[beside])
            index >>= 1
        return found


def root_by(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Give the root that a leaf and its path lead to; None when the path can't be one of this tree's."""
    found, rest = leaf, list(path)
    while size > 1:
        if index ^ 1 < size:
            if not rest:
                return None
            beside = rest.pop(0)
            found = node(beside, found) if index & 1 else node(found, beside)
        index, size = index >> 1, (size + 1) >> 1
    return found if not rest else None
