"""Every change is on record: what the product itself commits to a table of record comes with a row of the audit log.

A change counts as the product's own when nobody in `tests/` waits for it: then the robot's own tasks have made it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import Any

from greenlet import getcurrent  # type: ignore[import-untyped]
from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine

import tests

EXEMPT = {
    "audit": "the record itself",
    "audit_chain": "how long the record is; the sealer's",
    "audit_head": "published heads of the record; the sealer's",
    "card": "which card stands for what: no content, and what is done with it is on record",
    "dialogue": "what somebody is about to say; gone in half an hour",
    "directory_version": "counts changes that are on record themselves",
    "inbox": "what was received; what came of it is on record",
    "lease": "which process does what",
    "mark": "what a process has done once",
    "outbox": "what is to be sent; why is on record",
    "paper_link": "which paper an address shows for ten minutes: no content, and each look is on record",
    "payslip_draft": "a sheet that waits for a yes; gone in a day, and that it was sent, and kept, is on record",
    "refusal": "how often somebody was refused: each refusal is on record",
    "replica": "which processes run",
    "task": "work that is under way; what it changes is on record, and so is who starts one again",
    "usage": "how many calls were made",
}
"""Tables that change without a row of the log, and why that is right. Everything else is a table of record."""

BOOKKEEPING = {"employee": {"details_read"}}
"""Columns that say how far the product has come, not what it knows about somebody."""

_WRITES = re.compile(r'\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+"?(\w+)"?(?:\s+SET\s+(.*?)(?:\s+WHERE\s|$))?', re.S)
_COLUMN = re.compile(r'"?(\w+)"?\s*=')
_HERE = str(Path(tests.__file__).parent)


@lru_cache(maxsize=4096)
def changes(statement: str) -> str | None:
    """Give the table of record that a statement changes, or `audit` for what puts something on record."""
    found = _WRITES.match(statement)
    if found is None:
        return None
    table, assigned = found.groups()
    if assigned and set(_COLUMN.findall(assigned)) <= BOOKKEEPING.get(table, set()):
        return None
    return table if table not in EXEMPT or (table == "audit" and statement.lstrip().startswith("INSERT")) else None


def _asked_for_by_a_test() -> bool:
    """Tell whether a test waits for what is being done, on either side of SQLAlchemy's switch between them."""
    here = getcurrent()
    frames: list[FrameType | None] = []
    while here is not None:
        frames.append(here.gr_frame)
        here = here.parent
    return any(_in_tests(frame) for frame in frames)


def _in_tests(frame: FrameType | None) -> bool:
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(_HERE) and name != __file__:
            return True
        frame = frame.f_back
    return False


@contextmanager
def every_change_on_record() -> Iterator[list[str]]:
    """Watch every commit of this process; gives the list that unrecorded changes are added to."""
    unrecorded: list[str] = []
    under_way: dict[int, dict[str, str]] = {}

    def executed(
        connection: Connection, cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool
    ) -> None:
        table = changes(statement) if cursor.rowcount else None
        if table is not None and (table == "audit" or not _asked_for_by_a_test()):
            under_way.setdefault(id(connection), {})[table] = statement

    def committing(connection: Connection) -> None:
        written = under_way.pop(id(connection), {})
        if written and "audit" not in written:
            unrecorded.extend(f"{table}: {statement[:200]}" for table, statement in written.items())

    def rolling_back(connection: Connection) -> None:
        under_way.pop(id(connection), None)

    hooks = (("after_cursor_execute", executed), ("commit", committing), ("rollback", rolling_back))
    for name, hook in hooks:
        event.listen(Engine, name, hook)
    try:
        yield unrecorded
    finally:
        for name, hook in hooks:
            event.remove(Engine, name, hook)
