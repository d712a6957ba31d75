"""Exports that prove themselves: each row with its way to a published head, checked without the database or a key.

A file has a row a line, between a line that says what was asked for and one that counts. A row's hashes lead from its
text to the Merkle root of a head. What isn't in the file isn't shown by it: a gap is reported, and the export's own
audit row keeps the hash of the whole file.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.audit import chain
from hr_core.audit.chain import FIELDS, ChainKeys, body, content
from hr_core.audit.heads import Head, heads_after
from hr_core.audit.merkle import Paths, root_by
from hr_core.audit.sealer import Tampered, sealed_rows
from hr_core.audit.store import AuditRow, Filter

FORMAT = "dinghr-audit-export-1"


@dataclass(slots=True)
class Exported:
    """What became of an export."""

    rows: int = 0
    unproven: int = 0
    """Rows that were asked for and stand under no head yet; they aren't in the file."""


async def export(session: AsyncSession, keys: ChainKeys, asked: Filter, done: Exported) -> AsyncIterator[str]:
    """Give the lines of an export; raises `Tampered` when a row isn't what its head stands for."""
    yield json.dumps({"format": FORMAT, "asked": asked.as_dict()}, ensure_ascii=False)
    heads = [Head.of_row(row) for row in await heads_after(session, 0)]
    for head in heads:
        async for line in _under(session, keys, asked, head):
            done.rows += 1
            yield line
    counted = asked.narrow(select(func.count()).select_from(AuditRow))
    behind = col(AuditRow.seq).is_(None) | (col(AuditRow.seq) > (heads[-1].last if heads else 0))
    done.unproven = (await session.exec(counted.where(behind))).one()
    yield json.dumps({"rows": done.rows})


async def _under(session: AsyncSession, keys: ChainKeys, asked: Filter, head: Head) -> AsyncIterator[str]:
    within = select(AuditRow.seq).where(col(AuditRow.seq).between(head.first, head.last))
    wanted = set(await session.exec(asked.narrow(within)))
    if not wanted:
        return
    leaves: list[bytes] = []
    shown: list[tuple[int, bytes, dict[str, str | None]]] = []
    for first in range(head.first, head.last + 1, 1000):
        for row in await sealed_rows(session, first, min(first + 999, head.last)):
            said, seq = content(row), row["seq"]
            salting = chain.salt(keys.of(row["seal_key"]), seq)
            leaves.append(chain.leaf(salting, body(seq, tuple(said.values()))))
            if seq in wanted:
                shown.append((seq, salting, said))
    paths = Paths(leaves)
    for seq, salting, said in shown:
        index = seq - head.first
        path = paths.path(index) if index < len(leaves) else []
        if len(leaves) != head.count or root_by(leaves[index], index, head.count, path) != head.root:
            raise Tampered(f"head {head.number}")
        proof = {"seq": seq, "salt": salting.hex(), "head": head.number, "path": [one.hex() for one in path]}
        yield json.dumps({"row": said, **proof}, ensure_ascii=False)


# --- checking: no database, no key ------------------------------------------------------------------------------------


@dataclass(slots=True)
class Checked:
    """What a check found. `gaps` are sequences between the first and the last row that aren't in the file."""

    rows: int = 0
    gaps: int = 0
    asked: Mapping[str, str] = field(default_factory=dict)
    sha256: str = ""
    bad: str = ""

    @property
    def ok(self) -> bool:
        """Whether every row is proven and none of the file is missing."""
        return not self.bad

    def as_dict(self) -> dict[str, Any]:
        """Give it for a program."""
        return {
            "ok": self.ok,
            "rows": self.rows,
            "gaps": self.gaps,
            "asked": dict(self.asked),
            "sha256": self.sha256,
            "first_bad": self.bad or None,
        }


def check(lines: Iterable[bytes], heads: Iterable[Head]) -> Checked:
    """Check an export against published heads."""
    found, by_number, whole = Checked(), {head.number: head for head in heads}, hashlib.sha256()
    before, first, ended = 0, 0, False
    for number, raw in enumerate(lines, 1):
        whole.update(raw)
        if found.bad:
            continue
        try:
            line = json.loads(raw)
            if number == 1:
                found.asked = _asked(line)
            elif ended:
                found.bad = f"line {number} stands behind the end"
            elif "row" in line:
                found.bad = _fault(line, before, by_number)
                found.rows, before = found.rows + 1, line["seq"]
                first = first or before
            else:
                ended = True
                found.bad = "" if line["rows"] == found.rows else f"{found.rows} rows instead of {line['rows']}"
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            found.bad = f"is not a line of an export ({type(error).__name__})"
        if found.bad and not found.bad.startswith("line"):
            found.bad = f"line {number}: {found.bad}"
    if not found.bad and not ended:
        found.bad = "the end is missing"
    found.gaps = before - first + 1 - found.rows if found.rows and not found.bad else 0
    found.sha256 = whole.hexdigest()
    return found


def _asked(line: Any) -> Mapping[str, str]:
    if line["format"] != FORMAT:
        raise ValueError(line["format"])
    asked: Mapping[str, str] = line["asked"]
    return asked


def _fault(line: Any, before: int, heads: Mapping[int, Head]) -> str:
    """Say what is wrong with a row; nothing when it is proven."""
    seq, said, head = int(line["seq"]), line["row"], heads.get(line["head"])
    if list(said) != list(FIELDS):
        return f"sequence {seq} hasn't the fields of a row"
    if head is None:
        return f"sequence {seq} stands under head {line['head']}, which isn't among the published ones"
    if seq <= before:
        return f"sequence {seq} doesn't follow {before}"
    if not head.first <= seq <= head.last:
        return f"sequence {seq} isn't under head {head.number}"
    leaf = chain.leaf(bytes.fromhex(line["salt"]), body(seq, tuple(said.values())))
    path = [bytes.fromhex(one) for one in line["path"]]
    if root_by(leaf, seq - head.first, head.count, path) != head.root:
        return f"sequence {seq} isn't what head {head.number} of {head.day} stands for"
    return ""
