"""What was put aside: frames that failed and messages that didn't get out, for an operator to look at, replay or drop.

Nothing here opens what is sealed. A row that is replayed belongs to nobody, so any robot that lives takes it over
within seconds; one that is dropped stays, emptied.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, literal_column, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.inbox import InboxRow
from bot.outbox import OutboxRow
from hr_core.audit.store import OPERATOR, Act, AuditLog
from hr_core.clock import Clock
from hr_core.people.store import EmployeeRow

Result = Literal["replayed", "dropped", "waiting already", "done already", "dropped already"]
Verb = Literal["replay", "drop"]
Found = InboxRow | OutboxRow

REFERENCE = 8
"""How much of a frame's id the person was told."""


MOST_USERID = 64
BIGINT = 1 << 63


class LettersError(Exception):
    """What was asked for can't be done; nothing was changed."""


@dataclass(frozen=True)
class Letters:
    """One of the two lists. Statuses by what may be done about them."""

    name: Literal["inbox", "outbox"]
    aside: Collection[str]
    waiting: Collection[str]
    done: Collection[str]
    sealed: str
    """The column that goes when a row is given up."""

    # --- looking ------------------------------------------------------------------------------------------------------

    async def rows(self, session: AsyncSession, statuses: Collection[str], limit: int) -> Sequence[Found]:
        """Give the newest rows of these statuses, oldest of them first."""
        if self.name == "inbox":
            query = select(InboxRow).where(col(InboxRow.status).in_(statuses))
            if "done" not in statuses:
                query = query.where(_INBOX_OPEN)
            found: Sequence[Found] = (await session.exec(query.order_by(col(InboxRow.seq).desc()).limit(limit))).all()
        else:
            out = select(OutboxRow).where(col(OutboxRow.status).in_(statuses))
            if set(statuses) <= {"dead", "unknown"}:
                out = out.where(_OUTBOX_ASIDE)
            found = (await session.exec(out.order_by(col(OutboxRow.id).desc()).limit(limit))).all()
        return list(reversed(found))

    async def find(self, session: AsyncSession, ids: Sequence[str]) -> list[Found]:
        """Find rows by their ids, frames by the reference a person was told as well; all or an error."""
        return [await self._one(session, name) for name in dict.fromkeys(ids)]

    async def _one(self, session: AsyncSession, name: str) -> Found:
        if self.name == "outbox":
            number = int(name) if name.isdecimal() and len(name) < 20 else BIGINT
            row = await session.get(OutboxRow, number) if number < BIGINT else None
            if row is not None:
                return row
            raise LettersError(f"{name}: no row of the outbox has this id; see: dinghr outbox list")
        exact = (await session.exec(select(InboxRow).where(InboxRow.id == name))).first()
        if exact is not None:
            return exact
        ending = (
            (await session.exec(select(InboxRow).where(col(InboxRow.id).endswith(name, autoescape=True)))).all()
            if len(name) >= REFERENCE
            else []
        )
        if len(ending) > 1:
            raise LettersError(
                f"{name}: {len(ending)} frames end so; name one whole: {', '.join(r.id for r in ending)}"
            )
        if not ending:
            raise LettersError(f"{name}: no frame of the inbox has this id or reference; see: dinghr inbox list")
        return ending[0]

    # --- doing --------------------------------------------------------------------------------------------------------

    def check(self, rows: Sequence[Found], verb: Verb) -> None:
        """Refuse what can't be replayed or dropped, before anything is changed."""
        for row in rows:
            if verb == "replay" and (row.status not in {*self.aside, *self.waiting, *self.done} or _is_empty(row)):
                raise LettersError(f"{row.id}: is {row.status}; its content is gone, so there is nothing to replay")
            if verb == "drop" and row.status not in {*self.aside, "dropped"}:
                aside = ", ".join(sorted(self.aside))
                raise LettersError(f"{row.id}: is {row.status}; only what was put aside ({aside}) can be dropped")

    async def change(
        self, session: AsyncSession, rows: Sequence[Found], verb: Verb, clock: Clock, log: AuditLog
    ) -> list[tuple[Found, Result]]:
        """Have rows worked again, or give them up, and put it on record; what isn't aside any more stays as it is."""
        if verb == "drop":
            return await self._each(session, rows, {"status": "dropped", self.sealed: None}, verb, log)
        again: dict[str, Any] = {"status": "new", "owner": None, "error": None}
        if self.name == "outbox":
            again |= {"attempts": 0, "next_at": clock.now(), "carrier": None}
        return await self._each(session, rows, again, verb, log)

    async def _each(
        self, session: AsyncSession, rows: Sequence[Found], values: Mapping[str, Any], verb: Verb, log: AuditLog
    ) -> list[tuple[Found, Result]]:
        done: list[tuple[Found, Result]] = []
        for row in rows:
            table, key = (InboxRow, col(InboxRow.seq)) if isinstance(row, InboxRow) else (OutboxRow, col(OutboxRow.id))
            changed = await session.exec(
                update(table)
                .where(key == number_of(row), col(table.status).in_(self.aside))
                .values(**values)
                .execution_options(synchronize_session=False)
            )
            if changed.rowcount:
                whom = await userid_of(session, row)
                log.record(Act(OPERATOR, f"{self.name}.{verb}", on=whom, record=f"{self.name}:{number_of(row)}"))
                done.append((row, "replayed" if verb == "replay" else "dropped"))
            else:
                done.append((row, self._already(row)))
        return done

    def _already(self, row: Found) -> Result:
        if row.status == "dropped":
            return "dropped already"
        return "waiting already" if row.status in {*self.waiting, *self.aside} else "done already"


INBOX = Letters("inbox", aside=("failed",), waiting=("new",), done=("done",), sealed="body_sealed")
OUTBOX = Letters(
    "outbox", aside=("dead", "unknown"), waiting=("new", "sending"), done=("sent", "cut"), sealed="content_sealed"
)

_INBOX_OPEN: ColumnElement[bool] = literal_column("inbox.status <> 'done'")
_OUTBOX_ASIDE: ColumnElement[bool] = literal_column("outbox.status IN ('dead', 'unknown')")
"""As the partial indexes have it, or SQLite doesn't use them."""


def number_of(row: Found) -> int:
    """Give the number that the audit log names a row by."""
    return row.seq if isinstance(row, InboxRow) else row.id


async def userid_of(session: AsyncSession, row: Found) -> str | None:
    """Give whom a row is about: who sent it, or whom it goes to."""
    if isinstance(row, InboxRow):
        known = row.kind != "event" and not row.sender.startswith("webhook:") and len(row.sender) <= MOST_USERID
        return row.sender if known else None
    person = await session.get(EmployeeRow, row.to_employee) if row.to_employee is not None else None
    return person.key if person else None


def _is_empty(row: Found) -> bool:
    """Tell whether a row that was put aside has nothing to work or to say any more."""
    if isinstance(row, InboxRow):
        return row.status == "failed" and row.body_sealed is None
    return row.status in OUTBOX.aside and row.content_sealed is None and not row.view and row.update_card is None
