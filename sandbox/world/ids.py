"""Identifiers in the shapes DingTalk prints."""

import base64
import random
import uuid


class Ids:
    """Makes identifiers. New ones at every start, so that a robot that keeps its memory never sees an old one again;
    with a seed always the same.
    """

    def __init__(self, seed: int | None = None) -> None:
        self._random = random.Random(seed)
        self._pushes = 0

    def hex(self, digits: int) -> str:
        """Give lower-case hexadecimal digits."""
        return f"{self._random.getrandbits(digits * 4):0{digits}x}"

    def request(self) -> str:
        """Give a request id: a UUID in capitals."""
        return self.uuid().upper()

    def uuid(self) -> str:
        """Give a UUID."""
        return str(uuid.UUID(int=self._random.getrandbits(128)))

    def message(self) -> str:
        """Give a chat message's id: `msg…==`."""
        return "msg" + self._text(16)

    def conversation(self) -> str:
        """Give a conversation's id: `cid…==`."""
        return "cid" + self._text(16)

    def push(self) -> str:
        """Give a frame's messageId, like `212ca9d7_974_1898c159aa6_1783b`."""
        self._pushes += 1
        return f"{self.hex(8)}_{self._pushes}_{self.hex(11)}_{self.hex(5)}"

    def secret(self) -> str:
        """Give a token, a ticket or a key: 32 hexadecimal digits."""
        return self.hex(32)

    def key(self) -> str:
        """Give a processQueryKey or carrierId."""
        return self._text(24)

    def number(self, digits: int) -> int:
        """Give a number of so many digits."""
        return self._random.randrange(10 ** (digits - 1), 10**digits)

    def digits(self, count: int) -> str:
        """Give a number of so many digits as text."""
        return str(self.number(count))

    def pick(self, count: int) -> int:
        """Give a number below `count`."""
        return self._random.randrange(count)

    def _text(self, size: int) -> str:
        return base64.b64encode(self._random.randbytes(size)).decode()
