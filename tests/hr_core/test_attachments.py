"""Files people send: what would unfold, reach out or run is refused before anything opens it."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

import pytest

from cards.catalogue import words
from hr_core.attachments import AttachmentRefused, check_workbook, read_picture
from hr_core.attachments.picture import MOST_SIDE
from hr_core.attachments.workbook import Limits

TYPES = '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="x"/>'
BOOK = '<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="x"/>'
SHEET = '<?xml version="1.0"?><worksheet><sheetData><row><c r="A1"><v>1</v></c></row></sheetData></worksheet>'
GOOD: Mapping[str, str | bytes] = {
    "[Content_Types].xml": TYPES,
    "xl/workbook.xml": BOOK,
    "xl/worksheets/sheet1.xml": SHEET,
}


def workbook(parts: Mapping[str, str | bytes] | None = None, pack: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Zip parts as a workbook is."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", pack) as archive:
        for name, text in {**GOOD, **(parts or {})}.items():
            archive.writestr(name, text)
    return content.getvalue()


def refusal(content: bytes, limits: Limits | None = None) -> str:
    """Give why a workbook is refused."""
    with pytest.raises(AttachmentRefused) as refused:
        check_workbook(content, limits)
    assert words().say(refused.value.code, **refused.value.values)
    return refused.value.reason


def test_an_ordinary_workbook_is_let_through() -> None:
    links = (
        '<Relationships><Relationship Type="http://x/relationships/hyperlink" Target="mailto:a@b" '
        'TargetMode="External"/></Relationships>'
    )
    content = workbook({"xl/worksheets/_rels/sheet1.xml.rels": links, "xl/media/image1.png": b"\x89PNG" * 10})
    assert check_workbook(content) == content


def relation(kind: str) -> str:
    """Write a relation to something outside."""
    return f'<Relationships><Relationship Type="{kind}" Target="file://x" TargetMode="External"/></Relationships>'


LAUGHS = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
READS = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"xl/sharedStrings.xml": f"{LAUGHS}<a>&b;</a>"}, "a DTD"),
        ({"xl/sharedStrings.xml": f"{READS}<a>&x;</a>"}, "a DTD"),
        ({"xl/sharedStrings.xml": f'<?xml version="1.0" encoding="UTF-16"?>{READS}<a/>'.encode("utf-16")}, "a DTD"),
        ({"xl/sharedStrings.xml": '<!DOCTYPE a SYSTEM "http://evil.example/a.dtd"><a/>'}, "a DTD"),
        ({"xl/sharedStrings.xml": "<a>" * 100 + "</a>" * 100}, "too deep"),
        ({"xl/sharedStrings.xml": "<a><b></a>"}, "broken XML"),
        ({"xl/externalLinks/externalLink1.xml": "<a/>"}, "a connection"),
        ({"xl/connections.xml": "<a/>"}, "a connection"),
        ({"xl/worksheets/_rels/sheet1.xml.rels": relation("http://x/relationships/image")}, "a part outside"),
        ({"xl/_rels/workbook.xml.rels": relation("http://x/relationships/attachedTemplate")}, "a part outside"),
        ({"xl/vbaProject.bin": b"x"}, "a program or an embedded file"),
        ({"xl/embeddings/oleObject1.bin": b"x"}, "a program or an embedded file"),
        ({"xl/../../../etc/passwd": b"x"}, "a name that is a path"),
        ({"/etc/passwd": b"x"}, "a name that is a path"),
        ({"XL/workbook.xml": BOOK}, "a name twice"),
        ({"xl/worksheets/sheet2.xml": b"<a>" + b" " * 3_000_000 + b"</a>"}, "unpacked size"),
    ],
)
def test_what_a_workbook_doesnt_need_is_refused(parts: Mapping[str, str | bytes], reason: str) -> None:
    assert refusal(workbook(parts)) == reason


def test_sizes_are_counted_and_not_believed() -> None:
    few = Limits(bytes=2_000, entries=4, unpacked=2_000_000, ratio=10_000, cells=3)
    assert refusal(workbook({f"xl/{n}.bin": b"" for n in range(3)}), few) == "entries"
    assert refusal(workbook({"xl/a.bin": b"\x00" * 1_900_000, "xl/b.xml": b"<a/>" + b" " * 300_000}), Limits(
        entries=9, unpacked=2_000_000, ratio=10_000)) == "said size"  # fmt: skip
    assert refusal(workbook({"xl/a.bin": bytes(range(256)) * 100}, zipfile.ZIP_STORED), few) == "file"
    assert refusal(workbook({"xl/worksheets/sheet1.xml": "<s><c/><c/><c/><c/></s>"}), few) == "cells"


def test_a_zip_that_lies_about_its_size_gives_no_more_than_it_said() -> None:
    content = bytearray(workbook({"xl/worksheets/sheet1.xml": b"<a>" + b" " * 3_000_000 + b"</a>"}))
    at = content.rfind(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 100)  # The directory says: a hundred bytes.
    assert refusal(bytes(content)) in {"broken XML", "broken zip"}


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"not a zip", b"\xd0\xcf\x11\xe0" + bytes(600), b"PK\x05\x06" + bytes(18)]
)
def test_what_is_no_workbook_is_called_that(content: bytes) -> None:
    assert refusal(content) in {"no zip", "broken zip"}


def test_a_broken_or_locked_entry_is_refused() -> None:
    content = bytearray(workbook({"xl/a.xml": "<a>" + "lorem" * 100 + "</a>"}))
    content[content.find(b"xl/a.xml") + 12] ^= 0xFF
    assert refusal(bytes(content)) in {"broken zip", "broken XML"}
    locked = bytearray(workbook())
    at = locked.find(b"PK\x01\x02")
    locked[at + 8] |= 1
    assert refusal(bytes(locked)) in {"encrypted", "broken zip"}


def test_zips_inside_arent_opened() -> None:
    inner = workbook({"xl/a.bin": b"\x00" * 900_000})
    assert check_workbook(workbook({"xl/media/x.bin": inner}))


# --- pictures ---------------------------------------------------------------------------------------------------------


def chunk(name: bytes, body: bytes) -> bytes:
    """Write one chunk of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int = 3, height: int = 2, *more: bytes, end: bytes = b"") -> bytes:
    """Make a PNG; grey, one byte a pixel."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress((b"\x00" + bytes(min(width, 10))) * min(height, 10))
    parts = (chunk(b"IHDR", header), *more, chunk(b"IDAT", pixels), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + end


def segment(marker: int, body: bytes) -> bytes:
    """Write one segment of a JPEG."""
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def exif(held: int) -> bytes:
    """What a phone writes: how it was held, and where it was."""
    entries = struct.pack("<HHIHH", 0x0112, 3, 1, held, 0) + struct.pack("<HHII", 0x8825, 4, 1, 999)
    return b"Exif\x00\x00II*\x00" + struct.pack("<IH", 8, 2) + entries + b"31.2304N 121.4737E"


def jpeg(width: int = 3, height: int = 2, *more: bytes, end: bytes = b"") -> bytes:
    """Make a JPEG's skeleton: two scans, one with a stuffed byte and a restart marker."""
    frame = segment(0xC2, struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00")
    scan = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00")
    scans = scan + b"\x12\xff\x00\x34\xff\xd0\x56" + segment(0xC4, b"\x00") + scan + b"\x78"
    return b"\xff\xd8" + segment(0xE0, b"JFIF\x00") + b"".join(more) + frame + scans + b"\xff\xd9" + end


def test_a_picture_is_known_by_its_content_and_measured() -> None:
    found = read_picture(png(30, 20))
    assert (found.content_type, found.width, found.height, found.content) == ("image/png", 30, 20, png(30, 20))
    found = read_picture(jpeg(30, 20))
    assert (found.content_type, found.width, found.height, found.content) == ("image/jpeg", 30, 20, jpeg(30, 20))


def test_place_and_time_are_cut_off_and_how_it_was_held_is_kept() -> None:
    photo = jpeg(3, 2, segment(0xE1, exif(6)), segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00where"),
                 segment(0xFE, b"comment"), end=b"a film behind\xff\xd9")  # fmt: skip
    kept = read_picture(photo).content
    for told in (b"31.2304", b"where", b"comment", b"a film"):
        assert told in photo
        assert told not in kept
    assert b"Exif" in kept
    again = read_picture(kept)
    assert again.content == kept
    upright = read_picture(jpeg(3, 2, segment(0xE1, exif(1)))).content
    assert b"Exif" not in upright
    told = png(3, 2, chunk(b"tEXt", b"where\x00here"), chunk(b"eXIf", exif(6)[6:]), end=b"PK\x03\x04 a zip behind")
    assert read_picture(told).content == png(3, 2)


@pytest.mark.parametrize("make", [png, jpeg])
def test_a_picture_of_too_many_pixels_is_refused_unopened(make: object) -> None:
    for width, height in ((MOST_SIDE, MOST_SIDE), (MOST_SIDE + 1, 1), (65_000, 65_000), (0, 5)):
        with pytest.raises(AttachmentRefused):
            read_picture(make(width, height))  # type: ignore[operator]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a" + bytes(100),
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>",
        b"%PDF-1.7",
        b"BM" + bytes(100),
        png()[:-6],
        png()[:20],
        png().replace(b"IDAT", b"IDAX"),
        jpeg()[:-2],
        jpeg()[:12],
        b"\xff\xd8\xff" + bytes(50),
        jpeg(3, 2, segment(0xC0, struct.pack(">BHHB", 8, 1, 1, 1))),
        b"\xff\xd8\xff\xd9",
        jpeg().replace(b"\xff\xd9", b"") + b"\x00" * 2_000_000,
    ],
)
def test_what_is_no_whole_picture_is_refused(content: bytes) -> None:
    with pytest.raises(AttachmentRefused) as refused:
        read_picture(content)
    assert words().say(refused.value.code, **refused.value.values)


def test_every_cut_of_a_picture_is_refused_and_nothing_else_happens() -> None:
    for whole in (png(30, 20), jpeg(30, 20, segment(0xE1, exif(6)))):
        for length in range(len(whole)):
            with pytest.raises(AttachmentRefused):
                read_picture(whole[:length])
