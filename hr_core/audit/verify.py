"""Verifying: walk the chain from its first row, compare it with what was published, and name the first thing wrong.

Rows are read in pages, so a log of any length takes the same memory.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select as rows_of
from sqlalchemy import tuple_
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.audit import chain
from hr_core.audit.chain import ChainKeys, KeyMissing
from hr_core.audit.heads import NOTHING, Head, heads_after
from hr_core.audit.merkle import Tree
from hr_core.audit.sealer import CONTENT
from hr_core.audit.store import AuditRow, ChainRow
from hr_core.database import Database
from hr_core.vault import Vault

PAGE = 5000
MOST_RENUMBERED = 10_000
"""How many removed rows are looked for behind a renumbering; it only makes the answer more exact."""
_TABLE: Any = AuditRow.__table__  # type: ignore[attr-defined]
_AT = chain.FIELDS.index("at")


@dataclass(frozen=True, slots=True)
class Bad:
    """The first thing wrong: at which sequence, what kind, and what is known of it. Never what a row says."""

    seq: int
    what: str
    detail: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found."""

    rows: int
    last: int
    seal: bytes
    heads: int
    unsealed: int
    bad: Bad | None
    note: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return self.bad is None

    def as_dict(self) -> dict[str, Any]:
        """Give it for a program."""
        bad = {"seq": self.bad.seq, "what": self.bad.what, "detail": self.bad.detail} if self.bad else None
        return {
            "ok": self.ok,
            "rows": self.rows,
            "last": self.last,
            "seal": self.seal.hex(),
            "heads": self.heads,
            "unsealed": self.unsealed,
            "first_bad": bad,
            "note": self.note,
        }


@dataclass(slots=True)
class _Sealed:
    """A sealed row as it is stored. `written` gives its bytes at any place."""

    id: int
    fields: tuple[str | None, ...]
    seq: int
    seal: bytes
    key_id: str
    body: bytes

    def written(self, seq: int) -> bytes:
        return chain.body(seq, self.fields)


async def verify(database: Database, vault: Vault, published: Sequence[Head] | None = None) -> Verdict:
    """Verify everything that is sealed; `published` are heads that were kept outside the database."""
    async with database.read() as session:
        if not database.is_sqlite:
            await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        return await _Walk(session, ChainKeys(vault)).walk(published)


class _Walk:
    """One verification."""

    def __init__(self, session: AsyncSession, keys: ChainKeys) -> None:
        self._session = session
        self._keys = keys
        self._rows = 0
        self._seq = 0
        self._seal = chain.START
        self._heads: list[Head] = []
        self._next_head = 0
        self._tree = Tree()

    async def walk(self, published: Sequence[Head] | None) -> Verdict:
        state = await self._session.get(ChainRow, 1)
        unsealed = select(func.count()).select_from(AuditRow).where(col(AuditRow.seq).is_(None))
        waiting = (await self._session.exec(unsealed)).one()
        kept = [Head.of_row(row) for row in await heads_after(self._session, 0)]
        self._heads, bad_head = _together(kept, published or ())
        bad = await self._chain() or self._end(state) or bad_head
        note = ""
        if published is not None and kept and (not published or published[-1].number < kept[-1].number):
            note = f"the file ends before head {kept[-1].number}; rows behind its last head are proven by the key alone"
        return Verdict(self._rows, self._seq, self._seal, self._next_head, waiting, bad, note)

    async def _chain(self) -> Bad | None:
        """Go from row to row, each with the one behind it at hand."""
        held: _Sealed | None = None
        async for row in self._sealed():
            if held is not None and (bad := self._step(held, row)):
                return bad
            held = row
        return self._step(held, None) if held is not None else None

    async def _sealed(self) -> AsyncIterator[_Sealed]:
        at = (-1, -1)
        columns = (*CONTENT, _TABLE.c.seq, _TABLE.c.seal, _TABLE.c.seal_key)
        key = tuple_(_TABLE.c.seq, _TABLE.c.id)
        page = rows_of(*columns).where(_TABLE.c.seq.is_not(None)).order_by(_TABLE.c.seq, _TABLE.c.id).limit(PAGE)
        connection = await self._session.connection()
        while True:
            found = (await connection.execute(page.where(key > at))).all()
            for *values, seq, seal, key_id in found:
                number = values[0]
                values[0], values[_AT] = str(number), chain.instant(values[_AT])
                fields = tuple(values)
                yield _Sealed(number, fields, seq, seal or b"", key_id or "", chain.body(seq, fields))
            if len(found) < PAGE:
                return
            at = (found[-1][-3], found[-1][0])

    def _step(self, row: _Sealed, following: _Sealed | None) -> Bad | None:
        expected = self._seq + 1
        if row.seq > expected:
            lost = f"sequence {expected}" if row.seq == expected + 1 else f"sequences {expected} to {row.seq - 1}"
            return Bad(expected, "removed", f"{lost} missing; the next row is {row.seq}")
        try:
            key = self._keys.of(row.key_id)
            fits = row.seq == expected and chain.seal(key, self._seal, row.body) == row.seal
            if not fits:
                return self._diagnosis(expected, row, following)
        except KeyMissing:
            return Bad(expected, "unknown key", f"sealed under key {row.key_id or '?'}, which isn't here")
        self._rows, self._seq, self._seal = self._rows + 1, row.seq, row.seal
        return self._under_head(chain.leaf(chain.salt(key, row.seq), row.body))

    def _under_head(self, leaf: bytes) -> Bad | None:
        if self._next_head >= len(self._heads):
            return None
        head = self._heads[self._next_head]
        if self._seq < head.first:
            return None
        self._tree.add(leaf)
        if self._seq < head.last:
            return None
        if head.seal != self._seal or head.root != self._tree.root():
            detail = f"sequences {head.first} to {head.last} aren't what head {head.number} of {head.day} stands for"
            return Bad(head.first, "rewritten", f"{detail}: they were sealed anew with the key")
        self._next_head, self._tree = self._next_head + 1, Tree()
        return None

    # --- what is wrong ------------------------------------------------------------------------------------------------

    def _diagnosis(self, seq: int, row: _Sealed, following: _Sealed | None) -> Bad:
        """Say what was done to a row whose seal doesn't fit, by trying what would explain it and the row behind it."""
        at = f"row {row.id}"
        if following is None:
            return Bad(seq, "changed or inserted", f"the last {at} has a seal that isn't made with the key")
        what, detail = "changed", f"{at} and the row behind it aren't what was sealed"
        if self._fits(self._seal, seq, following):  # What stands behind it belongs here.
            what, detail = "inserted", f"{at} was never sealed here; the next row follows the one before it"
            if self._fits(following.seal, seq + 1, row):
                what, detail = "re-ordered", f"{at} and row {following.id} have changed places"
        elif self._fits(row.seal, following.seq, following):
            detail = f"{at} isn't what was sealed; the rows around it are"
        elif removed := self._renumbered(row, following):
            what, detail = "removed", f"{removed} before {at}; the rows behind were numbered anew"
        elif following.id < row.id:
            what, detail = "re-ordered", f"{at} stands before the older row {following.id}"
        return Bad(seq, what, detail)

    def _renumbered(self, row: _Sealed, following: _Sealed) -> int:
        """Give by how much a row and the one behind it have moved up; 0 when that isn't what was done."""
        moves = range(1, MOST_RENUMBERED)
        return next((up for up in moves if self._fits(row.seal, following.seq + up, following)), 0)

    def _fits(self, before: bytes, seq: int, row: _Sealed) -> bool:
        return chain.seal(self._keys.of(row.key_id), before, row.written(seq)) == row.seal

    def _end(self, state: ChainRow | None) -> Bad | None:
        """Compare where the chain ends with where it was said to end."""
        if self._next_head < len(self._heads):
            head = self._heads[self._next_head]
            detail = f"head {head.number} of {head.day} goes up to {head.last}, the log ends at {self._seq}"
            return Bad(self._seq + 1, "tail cut", detail)
        if state is None:
            return (
                Bad(self._seq + 1, "tail cut", "the row that says where the log ends is missing") if self._seq else None
            )
        if state.seq > self._seq:
            return Bad(self._seq + 1, "tail cut", f"the log was sealed up to {state.seq} and ends at {self._seq}")
        try:
            made = chain.tail(self._keys.of(state.seal_key), state.seq, state.seal)
        except KeyMissing:
            return Bad(self._seq, "unknown key", f"the log's end is sealed under key {state.seal_key}")
        if (state.seq, state.seal, state.tail) != (self._seq, self._seal, made):
            return Bad(self._seq, "tail cut", "the row that says where the log ends isn't made with the key")
        return None


def _together(kept: Sequence[Head], published: Sequence[Head]) -> tuple[list[Head], Bad | None]:
    """Put the database's heads and the published ones together; those published are believed."""
    heads: Mapping[int, Head] = {head.number: head for head in kept}
    bad: Bad | None = None
    for head in published:
        mine = heads.get(head.number)
        if bad is None and (mine is None or mine != head):
            fault = "isn't in the database any more" if mine is None else "isn't the database's"
            bad = Bad(head.first, "head", f"the published head {head.number} of {head.day} {fault}")
    together = [head for _, head in sorted((dict(heads) | {head.number: head for head in published}).items())]
    last, digest = 0, NOTHING
    for head in together:
        if bad is None and (head.first, head.previous) != (last + 1, digest):
            bad = Bad(head.first, "head", f"head {head.number} of {head.day} doesn't follow the one before it")
        last, digest = head.last, head.digest
    return together, bad
