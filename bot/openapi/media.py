"""Files the robot sends: uploaded first, then named by their media id (A/0646)."""

from typing import Protocol

from .answer import field, text
from .errors import UnexpectedAnswer
from .exchange import Upload
from .operation import Family, Operation
from .transport import Transport

UPLOAD = Operation("media.upload", "POST", "/media/upload", Family.OLD, "A/0646", "qyapi_base", idempotent=True)
MOST_BYTES = 20 * 1024 * 1024


class Media(Protocol):
    """Takes files."""

    async def upload(self, name: str, content: bytes, content_type: str) -> str:
        """Upload a file of at most 20 MB (doc, docx, xls, xlsx, ppt, pptx, zip, pdf, rar); gives its media id."""
        ...


class MediaApi(Media):
    """Takes files over HTTP."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def upload(self, name: str, content: bytes, content_type: str) -> str:
        """Upload a file; a second upload of the same file only makes another id."""
        answer = await self._transport.call(UPLOAD, Upload({"type": "file"}, "media", name, content, content_type))
        media_id = text(field(answer, "media_id", "mediaId"))
        if not media_id:
            raise UnexpectedAnswer("no media_id", api=UPLOAD.name)
        return media_id
