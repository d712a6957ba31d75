"""A paper as a locked file (AES-256): values in, bytes out. For a child process: see `bot/printing.py`."""

import io
import json
import sys
from functools import cache
from importlib import resources
from typing import Any

import pikepdf
from reportlab.lib.pagesizes import A5
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from cards.view import Paper, Row

_FONT = "NotoSansSC"
_MARGIN, _LEADING, _SIZE = 42, 19, 10.5


def main() -> None:
    """Read a paper and its password from the standard input, write the file to the standard output."""
    told: dict[str, Any] = json.load(sys.stdin)
    rows = tuple(Row(**row) for row in told["paper"].pop("rows"))
    sys.stdout.buffer.write(paper_pdf(Paper(rows=rows, **told["paper"]), told["password"]))


def paper_pdf(paper: Paper, password: str) -> bytes:
    """Give the file; without the password nobody reads it."""
    open_file = io.BytesIO()
    _drawn(paper, open_file)
    locked = io.BytesIO()
    with pikepdf.open(open_file) as pdf:
        lock = pikepdf.Encryption(owner=password, user=password, R=6)
        pdf.save(locked, encryption=lock)
    return locked.getvalue()


def _drawn(paper: Paper, into: io.BytesIO) -> None:
    _register()
    width, height = A5
    canvas = Canvas(into, pagesize=A5, pageCompression=1)
    canvas.setTitle("")  # A reader shows it before the password is asked for.
    at = height - _MARGIN
    canvas.setFont(_FONT, _SIZE + 4)
    canvas.drawString(_MARGIN, at, paper.title)
    canvas.setFont(_FONT, _SIZE)
    at -= _LEADING * 1.6
    for row in paper.rows:
        if at < _MARGIN:
            canvas.showPage()
            canvas.setFont(_FONT, _SIZE)
            at = height - _MARGIN
        if row.head or row.total:
            canvas.setLineWidth(0.4)
            canvas.line(_MARGIN, at + _LEADING * 0.75, width - _MARGIN, at + _LEADING * 0.75)
        canvas.drawString(_MARGIN, at, row.label)
        canvas.drawRightString(width - _MARGIN, at, row.text)
        at -= _LEADING
    canvas.setFont(_FONT, _SIZE - 2)
    for line in _wrapped(paper.note, width - 2 * _MARGIN):
        at -= _LEADING * 0.8
        canvas.drawString(_MARGIN, at, line)
    canvas.save()


def _wrapped(text: str, width: float) -> list[str]:
    lines = [""]
    for character in text:
        if pdfmetrics.stringWidth(lines[-1] + character, _FONT, _SIZE - 2) > width:
            lines.append("")
        lines[-1] += character
    return lines if text else []


@cache
def _register() -> None:
    font = resources.files("hr_core").joinpath("fonts/NotoSansSC-Regular-CJK.ttf")
    with resources.as_file(font) as path:
        pdfmetrics.registerFont(TTFont(_FONT, str(path)))
