"""The heads of the log: what is published of it, so that who holds database and key can't shorten or rewrite it unseen.

A head stands for a range of the chain: its last seal, the Merkle root of its rows, and the head before it. Heads
follow one another without a gap; their digest is what a group is told and what an auditor keeps.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.audit.chain import instant, packed
from hr_core.database import Row

VERSION = "dinghr-audit-head-1"
MOST = 65_536
"""Rows under one head at most: what a proof has to read."""
NOTHING = bytes(32)
"""What stands before the first head."""


class HeadRow(Row, table=True):
    """A head as it was published; never changed, never removed."""

    __tablename__ = "audit_head"
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    day: date
    at: datetime
    first: int = Field(sa_type=BigInteger)
    last: int = Field(sa_type=BigInteger)
    root: bytes
    seal: bytes
    previous: bytes
    digest: bytes


class BadHead(ValueError):
    """A line of a file of heads isn't one, or was altered; says which."""


@dataclass(frozen=True, slots=True)
class Head:
    """One head. `day` is the company's day on which it was published."""

    number: int
    day: date
    at: str
    first: int
    last: int
    root: bytes
    seal: bytes
    previous: bytes

    @property
    def count(self) -> int:
        """How many rows it stands for."""
        return self.last - self.first + 1

    @property
    def digest(self) -> bytes:
        """Give the one hash that stands for this head and all before it."""
        numbers = (str(self.number), self.day.isoformat(), self.at, str(self.first), str(self.last))
        return hashlib.sha256(
            packed((VERSION, *numbers, self.root.hex(), self.seal.hex(), self.previous.hex()))
        ).digest()

    def as_line(self) -> str:
        """Give the head as a line of a file."""
        told = {
            "number": self.number,
            "day": self.day.isoformat(),
            "at": self.at,
            "first": self.first,
            "last": self.last,
            "count": self.count,
            "root": self.root.hex(),
            "seal": self.seal.hex(),
            "previous": self.previous.hex(),
            "head": self.digest.hex(),
        }
        return json.dumps(told)

    @classmethod
    def of_line(cls, line: str) -> "Head":
        """Read a line; raises `BadHead`."""
        try:
            told: dict[str, Any] = json.loads(line)
            head = cls(
                number=int(told["number"]),
                day=date.fromisoformat(told["day"]),
                at=str(told["at"]),
                first=int(told["first"]),
                last=int(told["last"]),
                root=bytes.fromhex(told["root"]),
                seal=bytes.fromhex(told["seal"]),
                previous=bytes.fromhex(told["previous"]),
            )
            same = head.digest.hex() == told["head"]
        except (ValueError, KeyError, TypeError) as error:
            raise BadHead("is not a head") from error
        if not same:
            raise BadHead("was altered: its values don't give its hash")
        return head

    @classmethod
    def of_row(cls, row: HeadRow) -> "Head":
        """Read a row."""
        return cls(row.number, row.day, instant(row.at), row.first, row.last, row.root, row.seal, row.previous)


async def last_head(session: AsyncSession) -> HeadRow | None:
    """Give the newest head."""
    return (await session.exec(select(HeadRow).order_by(col(HeadRow.number).desc()).limit(1))).first()


async def heads_after(session: AsyncSession, number: int) -> list[HeadRow]:
    """Give the heads behind one, in order."""
    query = select(HeadRow).where(col(HeadRow.number) > number).order_by(col(HeadRow.number))
    return list(await session.exec(query))


# --- the file ---------------------------------------------------------------------------------------------------------


def read_heads(path: Path) -> list[Head]:
    """Read a file of heads; raises `BadHead` for a line that isn't one, doesn't follow, or was altered."""
    return list(following(path.read_text("utf-8").splitlines()))


def following(lines: Iterable[str]) -> Iterator[Head]:
    """Read heads that follow one another; the first may be any."""
    before: Head | None = None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            head = Head.of_line(line)
        except BadHead as error:
            raise BadHead(f"line {number} {error}") from error
        if before is not None and (head.number, head.first, head.previous) != (
            before.number + 1,
            before.last + 1,
            before.digest,
        ):
            raise BadHead(f"line {number}: head {head.number} doesn't follow head {before.number}")
        before = head
        yield head


def append_heads(path: Path, heads: Iterable[Head]) -> None:
    """Write heads to the end of a file, durably. A line that a crash left half is cut off first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        file.seek(0)
        written = file.read()
        if written and not written.endswith(b"\n"):
            file.truncate(written.rfind(b"\n") + 1)
        file.write("".join(head.as_line() + "\n" for head in heads).encode())
        file.flush()
        os.fsync(file.fileno())


def last_in_file(path: Path) -> int:
    """Give the number of the last whole head in a file; 0 for none."""
    try:
        lines = path.read_bytes().decode("utf-8", "replace").splitlines(keepends=True)
    except FileNotFoundError:
        return 0
    for line in reversed(lines):
        if line.endswith("\n"):
            try:
                return Head.of_line(line).number
            except BadHead:
                continue
    return 0
