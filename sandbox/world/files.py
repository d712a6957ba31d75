"""Files: what people sent (download codes) and what the robot uploaded (media ids)."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Literal

from sandbox.world import bounds
from sandbox.world.ids import Ids

FileKind = Literal["picture", "audio", "video", "file"]
SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/bmp"})
"""What a browser may show; anything else is downloaded."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file's bytes."""

    name: str
    content_type: str
    content: bytes


class Files:
    """Files by media id, which people's files have as well so that the page can show them."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._bytes = 0
        self.stored: OrderedDict[str, StoredFile] = OrderedDict()
        self.codes: OrderedDict[str, str] = OrderedDict()

    def keep(self, file: StoredFile) -> str:
        """Keep a file; give its media id. The oldest go when all together are too large."""
        media_id = "@" + self._ids.hex(22)
        self.stored[media_id] = file
        self._bytes += len(file.content)
        while self._bytes > bounds.FILE_BYTES and len(self.stored) > 1:
            self._bytes -= len(self.stored.popitem(last=False)[1].content)
        return media_id

    def code(self, media_id: str) -> str:
        """Give a download code for a file somebody sent."""
        code = self._ids.secret()
        self.codes[code] = media_id
        if len(self.codes) > bounds.CODES:
            self.codes.popitem(last=False)
        return code
