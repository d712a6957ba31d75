"""Workbooks (XLSX) before a library opens them: a zip of XML, each of which has its bombs.

A zip may say it holds little and unfold a thousand times its size; XML may define names that multiply, or name files
and addresses to be read; a workbook may refer to other workbooks and carry programs. What is refused here is refused
before anything of it stands in memory as a whole. Takes up to a second of the processor for the largest workbook:
call it in a thread or a child process.
"""

import io
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from xml.parsers import expat

from hr_core.attachments.refused import AttachmentRefused


@dataclass(frozen=True, slots=True)
class Limits:
    """What a payroll of ten thousand people stays well below."""

    bytes: int = 10 * 1024 * 1024
    entries: int = 500
    unpacked: int = 64 * 1024 * 1024
    ratio: int = 200
    """How many times larger than packed an entry may be; small ones may be more."""
    small: int = 1024 * 1024
    cells: int = 1_000_000
    depth: int = 64


_LOCAL_ENTRY = b"PK\x03\x04"
_PIECE = 64 * 1024
_NEEDED = ("[Content_Types].xml", "xl/workbook.xml")
_PROGRAMS = ("vbaproject", "xl/activex/", "xl/embeddings/", "xl/macrosheets/")
_CONNECTIONS = ("xl/externallinks/", "xl/connections", "xl/querytables/", "xl/webextensions/")
_LINK = "/hyperlink"


def check_workbook(content: bytes, limits: Limits | None = None) -> bytes:
    """Give a workbook's bytes back when any library may open them; raises `AttachmentRefused`.

    Hyperlinks are let through, since nobody follows them; formulas too: their cells hold text to us.
    """
    within = limits or Limits()
    if len(content) > within.bytes:
        raise AttachmentRefused("too_large", "file", most=within.bytes // 1024 // 1024)
    if not content.startswith(_LOCAL_ENTRY):
        raise AttachmentRefused("not_a_workbook", "no zip")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _Check(archive, within).all()
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, ValueError, NotImplementedError) as error:
        raise AttachmentRefused("not_a_workbook", "broken zip") from error
    return content


class _Check:
    """One workbook's checks; the sum of what was unpacked so far is what counts, whatever the zip says."""

    def __init__(self, archive: zipfile.ZipFile, limits: Limits) -> None:
        self._archive = archive
        self._limits = limits
        self._left = limits.unpacked
        self._cells = limits.cells

    def all(self) -> None:
        entries = self._archive.infolist()
        if len(entries) > self._limits.entries:
            raise AttachmentRefused("too_large", "entries", most=self._limits.bytes // 1024 // 1024)
        names = [entry.filename for entry in entries]
        lowered = {name.lower() for name in names}
        if len(lowered) != len(names):
            raise AttachmentRefused("not_a_workbook", "a name twice")
        if any(name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") for name in names):
            raise AttachmentRefused("not_a_workbook", "a name that is a path")
        if any(needed.lower() not in lowered for needed in _NEEDED):
            raise AttachmentRefused("not_a_workbook", "parts missing")
        if any(part in name for name in lowered for part in _PROGRAMS):
            raise AttachmentRefused("has_programs", "a program or an embedded file")
        if any(name.startswith(_CONNECTIONS) for name in lowered):
            raise AttachmentRefused("has_links", "a connection")
        if sum(entry.file_size for entry in entries) > self._limits.unpacked:
            raise AttachmentRefused("too_large", "said size", most=self._limits.bytes // 1024 // 1024)
        for entry in entries:
            self._entry(entry)

    def _entry(self, entry: zipfile.ZipInfo) -> None:
        if entry.flag_bits & 0x1:
            raise AttachmentRefused("locked", "encrypted")
        if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise AttachmentRefused("not_a_workbook", "packed otherwise")
        markup = _Markup(self) if entry.filename.lower().endswith((".xml", ".rels", ".vml")) else None
        unpacked = 0
        with self._archive.open(entry) as part:
            while piece := part.read(_PIECE):
                unpacked += len(piece)
                self._left -= len(piece)
                folded = unpacked > self._limits.small and unpacked > self._limits.ratio * max(entry.compress_size, 1)
                if self._left < 0 or folded:
                    raise AttachmentRefused("too_large", "unpacked size", most=self._limits.bytes // 1024 // 1024)
                if markup is not None:
                    markup.feed(piece)
        if markup is not None:
            markup.close()

    @property
    def depth(self) -> int:
        """How deep elements may lie."""
        return self._limits.depth

    def count_cell(self) -> None:
        """Count a cell of any sheet."""
        self._cells -= 1
        if self._cells < 0:
            raise AttachmentRefused("too_large", "cells", most=self._limits.bytes // 1024 // 1024)


class _Markup:
    """Reads one part's XML, in whatever encoding it says, for what no workbook needs."""

    def __init__(self, check: _Check) -> None:
        self._check = check
        self._depth = 0
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.EntityDeclHandler = self._doctype
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end

    def feed(self, piece: bytes) -> None:
        self._parse(piece, last=False)

    def close(self) -> None:
        self._parse(b"", last=True)

    def _parse(self, piece: bytes, *, last: bool) -> None:
        try:
            self._parser.Parse(piece, last)
        except expat.ExpatError as error:
            raise AttachmentRefused("not_a_workbook", "broken XML") from error

    def _doctype(self, *_: object) -> None:
        raise AttachmentRefused("not_a_workbook", "a DTD")

    def _begin(self, name: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        if self._depth > self._check.depth:
            raise AttachmentRefused("not_a_workbook", "too deep")
        local = name.rpartition(":")[2]
        if local == "c":
            self._check.count_cell()
        outside = local == "Relationship" and attributes.get("TargetMode", "").lower() == "external"
        if outside and not attributes.get("Type", "").lower().endswith(_LINK):
            raise AttachmentRefused("has_links", "a part outside")

    def _end(self, _: str) -> None:
        self._depth -= 1
