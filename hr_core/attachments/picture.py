"""Pictures of papers: JPEG and PNG, known by what is in them, measured without being unfolded.

A few kilobytes of PNG can be gigabytes of pixels. Nothing here decodes a picture: its header says how large it gets,
and whoever shows it later may rely on that. What a phone writes beside the picture (place, time, camera) is cut off: it
isn't what was asked for (个人信息保护法第六条). The way it was held stays.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from hr_core.attachments.refused import AttachmentRefused

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 50_000_000
MOST_SIDE = 12_000
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"pHYs"})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_EXIF, _SCAN, _END_OF_IMAGE = 0xE1, 0xDA, 0xD9
_KEPT_OF_APPLICATIONS = frozenset({0xE0, 0xEE})
"""JFIF and Adobe: they say how colours are meant."""
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_ORIENTATION = 0x0112


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that may be kept: its kind (`image/jpeg`, `image/png`), its bytes without what stood beside it."""

    content_type: str
    width: int
    height: int
    content: bytes


def read_picture(content: bytes) -> Picture:
    """Give a picture that may be kept; raises `AttachmentRefused`. Its name and what it was called don't matter."""
    if len(content) > MOST_BYTES:
        raise AttachmentRefused("too_large", "file", most=MOST_BYTES // 1024 // 1024)
    try:
        if content.startswith(_PNG):
            return _measured("image/png", *_png(content))
        if content.startswith(b"\xff\xd8\xff"):
            return _measured("image/jpeg", *_jpeg(content))
    except (struct.error, IndexError) as error:
        raise AttachmentRefused("not_a_picture", "cut off") from error
    raise AttachmentRefused("not_a_picture", "unknown kind")


def _measured(kind: str, width: int, height: int, content: bytes) -> Picture:
    if not (0 < width <= MOST_SIDE and 0 < height <= MOST_SIDE and width * height <= MOST_PIXELS):
        raise AttachmentRefused("too_many_pixels", "pixels", most=MOST_PIXELS // 1_000_000)
    return Picture(kind, width, height, content)


def _png(content: bytes) -> tuple[int, int, bytes]:
    """Read PNG's chunks (RFC 2083 §3): size from the first, the end where it says so, nothing behind."""
    kept, size = [_PNG], None
    for name, body in _chunks(content):
        if size is None:
            if name != b"IHDR":
                raise AttachmentRefused("not_a_picture", "no header")
            size = struct.unpack(">II", body[:8])
        if name in _PNG_KEPT:
            kept.append(struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)))
        if name == b"IEND":
            return size[0], size[1], b"".join(kept)
    raise AttachmentRefused("not_a_picture", "no end")


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_PNG)
    while at < len(content):
        length, name = struct.unpack(">I4s", content[at : at + 8])
        body = content[at + 8 : at + 8 + length]
        (told,) = struct.unpack(">I", content[at + 8 + length : at + 12 + length])
        if len(body) != length or told != zlib.crc32(name + body):
            raise AttachmentRefused("not_a_picture", "broken")
        yield name, body
        at += 12 + length


def _jpeg(content: bytes) -> tuple[int, int, bytes]:
    """Read JPEG's segments and scans up to its end (ITU-T T.81 annex B); what applications wrote is left out."""
    kept, at, size, turned = [b"\xff\xd8"], 2, None, b""
    while True:
        marker, at = _marker(content, at)
        if marker == _END_OF_IMAGE:
            break
        (length,) = struct.unpack(">H", content[at : at + 2])
        segment = content[at : at + length]
        if length < 2 or len(segment) != length:
            raise AttachmentRefused("not_a_picture", "cut off")
        at += length
        if marker in _FRAMES:
            if size is not None:
                raise AttachmentRefused("not_a_picture", "two sizes")
            height, width = struct.unpack(">HH", segment[3:7])
            size = (width, height)
        if marker == _EXIF and not turned:
            turned = _orientation(segment[2:])
        if marker in _KEPT_OF_APPLICATIONS or not (0xE0 <= marker <= 0xEF or marker == 0xFE):
            kept.append(bytes((0xFF, marker)) + segment)
        if marker == _SCAN:
            end = _NEXT_MARKER.search(content, at)
            if end is None:
                raise AttachmentRefused("not_a_picture", "no end")
            kept.append(content[at : end.start()])
            at = end.start()
    if size is None:
        raise AttachmentRefused("not_a_picture", "no size")
    return size[0], size[1], b"".join((kept[0], turned, *kept[1:], b"\xff\xd9"))


def _marker(content: bytes, at: int) -> tuple[int, int]:
    """Give the next marker and where it ends; fill bytes may stand before it."""
    if content[at] != 0xFF:
        raise AttachmentRefused("not_a_picture", "broken")
    while content[at] == 0xFF:
        at += 1
    return content[at], at + 1


def _orientation(exif: bytes) -> bytes:
    """Give a segment that says nothing but how the camera was held; nothing where it was held upright."""
    if exif[:6] != b"Exif\x00\x00":
        return b""
    tiff = exif[6:]
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return b""
    try:
        (first,) = struct.unpack(order + "I", tiff[4:8])
        (count,) = struct.unpack(order + "H", tiff[first : first + 2])
        for entry in range(min(count, 200)):
            tag, kind, _, held = struct.unpack(order + "HHIH", tiff[first + 2 + entry * 12 : first + 12 + entry * 12])
            if tag == _ORIENTATION and kind == 3 and 2 <= held <= 8:
                body = b"Exif\x00\x00MM\x00*" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, 3, 1, held, 0, 0)
                return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
    except struct.error:
        return b""
    return b""
