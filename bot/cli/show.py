"""Printing: tables for people, JSON for programs, problems on standard error."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from rich.console import Console
from rich.table import Table


def as_json(value: object) -> None:
    """Print a value as JSON."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def as_table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Print rows as a table."""
    table = Table(*columns)
    for row in rows:
        table.add_row(*("" if row[name] is None else str(row[name]) for name in columns))
    Console().print(table)


def line(text: str) -> None:
    """Print a line."""
    sys.stdout.write(text + "\n")


def fail(text: str, code: int = 1) -> NoReturn:
    """Say what is wrong on standard error and end with a code."""
    sys.stderr.write(text + "\n")
    raise SystemExit(code)
