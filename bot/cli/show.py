"""Printing: tables for people, JSON for programs, problems on standard error."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from rich.console import Console
from rich.table import Table
from rich.text import Text

WIDE = 1000
"""A table that goes to a file or a pipe is never cut to a screen's width."""


def as_json(value: object) -> None:
    """Print a value as JSON."""
    sys.stdout.write(json_text(value, sys.stdout.encoding))


def json_text(value: object, encoding: str) -> str:
    """Give a value as JSON in characters this encoding has; escapes stand for all others."""
    text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return json.dumps(value, indent=2) + "\n"
    return text


def as_table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Print rows as a table."""
    table = Table()
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if row[name] is None else str(row[name])) for name in columns))
    Console(width=None if sys.stdout.isatty() else WIDE).print(table)


def line(text: str) -> None:
    """Print a line."""
    sys.stdout.write(text + "\n")


def fail(text: str, code: int = 1) -> NoReturn:
    """Say what is wrong on standard error and end with a code."""
    sys.stderr.write(text + "\n")
    raise SystemExit(code)
