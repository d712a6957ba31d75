"""Files: what people sent (download codes) and what the robot uploaded (media ids)."""

from dataclasses import dataclass
from typing import Literal

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
        self.stored: dict[str, StoredFile] = {}
        self.codes: dict[str, str] = {}

    def keep(self, file: StoredFile) -> str:
        """Keep a file; give its media id."""
        media_id = "@" + self._ids.hex(22)
        self.stored[media_id] = file
        return media_id

    def code(self, media_id: str) -> str:
        """Give a download code for a file somebody sent."""
        code = self._ids.secret()
        self.codes[code] = media_id
        return code
