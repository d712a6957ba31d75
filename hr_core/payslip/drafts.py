"""The sheet that somebody has sent in the chat and not confirmed yet: one a person, sealed, gone after a day."""

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import Field, col
from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.clock import Clock
from hr_core.database import Row
from hr_core.notices import Errand, Happened, Outdated
from hr_core.payslip.payroll import REASON as MOST_REASON
from hr_core.payslip.payroll import PayrollError, PayrollService
from hr_core.payslip.sheet.check import Problem
from hr_core.payslip.sheet.columns import Meaning
from hr_core.vault import Vault
from hr_core.vault.columns import sealed

KIND = "payroll_draft"
READ_TASK, KEEP_TASK = "payslip.read", "payslip.keep"
KEPT_FOR = timedelta(hours=24)
KEEPING_FOR = timedelta(hours=1)
"""Until then an upload that is being kept stands in the way of another: a task that was dropped can't tell."""
SHOWN = 10
"""How many problems are named in the chat; the marked workbook has all."""
READING, COLUMN, MONTH, REASON, WRONG, READY, KEEPING, KEPT, CANCELLED = (
    "reading", "column", "month", "reason", "wrong", "ready", "keeping", "kept", "cancelled"
)  # fmt: skip
ENDED = frozenset({KEPT, CANCELLED})


class PayslipDraftRow(Row, table=True):
    """A person's newest upload. The row stays, emptied, so that its numbers never come twice."""

    __tablename__ = "payslip_draft"
    employee_id: int = Field(primary_key=True, foreign_key="employee.id")
    number: int
    status: str = Field(max_length=16)
    at: datetime = Field(index=True)
    state_sealed: bytes | None = None
    file_sealed: bytes | None = None
    marked_sealed: bytes | None = None


sealed(PayslipDraftRow, "state_sealed", "employee_id", lambda person: ("pay", "draft", person))
sealed(PayslipDraftRow, "file_sealed", "employee_id", lambda person: ("pay", "draft_file", person))
sealed(PayslipDraftRow, "marked_sealed", "employee_id", lambda person: ("pay", "draft_marked", person))


@dataclass(frozen=True, slots=True)
class Draft:
    """An upload as far as it is read: counts and what is wrong, no figure.

    `code` gets the file from DingTalk; `columns` is what was said of columns, `unclear` those nobody has said
    anything of; `told` counts whose payslip differs from what is released; `refused` is what stands against
    the whole, in words.
    """

    number: int
    status: str = READING
    name: str = ""
    code: str = ""
    month: date | None = None
    reason: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    unclear: tuple[tuple[int, str], ...] = ()
    people: int = 0
    told: int = 0
    errors: int = 0
    warnings: int = 0
    said: tuple[Problem, ...] = ()
    refused: str = ""
    batch: int = 0

    def state(self) -> dict[str, Any]:
        """Give plain values, to keep."""
        return {**asdict(self), "month": self.month.isoformat() if self.month else None}

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> "Draft":
        """Read kept values back."""
        return cls(**{
            **state,
            "month": date.fromisoformat(state["month"]) if state["month"] else None,
            "unclear": tuple((index, name) for index, name in state["unclear"]),
            "said": tuple(Problem(**one) for one in state["said"]),
        })  # fmt: skip


class PayrollDrafts:
    """One's own upload: nobody else's is ever found. The caller holds the transaction."""

    def __init__(self, session: AsyncSession, payroll: PayrollService, vault: Vault, clock: Clock) -> None:
        self._session = session
        self._payroll = payroll
        self._vault = vault
        self._clock = clock

    # --- in the chat --------------------------------------------------------------------------------------------------

    async def begin(self, actor: int, name: str, code: str) -> Happened:
        """Take a file that was sent, instead of the one before."""
        self._payroll.may_prepare(actor)
        row = await self._session.get(PayslipDraftRow, actor, with_for_update=True)
        if row is None:
            row = PayslipDraftRow(employee_id=actor, number=0, status=CANCELLED, at=self._clock.now())
        if row.status == KEEPING and self._clock.now() - row.at < KEEPING_FOR:
            raise PayrollError("draft_kept_now")
        row.number += 1
        self._payroll.takes_upload(actor, row.number)
        row.file_sealed = row.marked_sealed = None
        self._write(row, Draft(row.number, name=name, code=code))
        return replace(self._again(actor, row.number), outdated=Outdated(KIND, row.number - 1, (actor,)))

    async def current(self, actor: int) -> Draft:
        """Give the upload that is open; raises `PayrollError` without one."""
        self._payroll.may_prepare(actor)
        row = await self._session.get(PayslipDraftRow, actor)
        if row is None or row.status in ENDED or row.state_sealed is None:
            raise PayrollError("no_draft")
        return self._read(row)

    async def find(self, actor: int, number: int) -> Draft:
        """Give one's own upload by its number, also when it has ended; refuses any other."""
        self._payroll.may_prepare(actor)
        row = await self._session.get(PayslipDraftRow, actor)
        if row is None or not 0 < number <= row.number:
            raise self._payroll.refuse_draft(actor, number)
        if row.number != number or row.state_sealed is None:
            return Draft(number, row.status if row.number == number and row.status in ENDED else CANCELLED)
        return self._read(row)

    async def tell_column(self, actor: int, number: int, index: int, meaning: Meaning) -> tuple[Draft, Happened]:
        """Say what a column is; when none is unclear any more, the sheet is checked."""
        draft = await self.find(actor, number)
        name = dict(draft.unclear).get(index)
        if draft.status != COLUMN or name is None:
            return draft, Happened()
        unclear = tuple(one for one in draft.unclear if one[0] != index)
        draft = replace(draft, columns={**draft.columns, name: meaning.value}, unclear=unclear)
        return await self._told(actor, draft if unclear else replace(draft, status=READING))

    async def tell_month(self, actor: int, number: int, month: date) -> tuple[Draft, Happened]:
        """Say of which month it is."""
        draft = await self.find(actor, number)
        if draft.status != MONTH:
            return draft, Happened()
        return await self._told(actor, replace(draft, month=month, status=READING))

    async def tell_reason(self, actor: int, number: int, reason: str) -> tuple[Draft, Happened]:
        """Say why a month that is released is corrected."""
        if len(reason) > MOST_REASON:
            raise PayrollError("reason_too_long", most=MOST_REASON)
        draft = await self.find(actor, number)
        if draft.status != REASON:
            return draft, Happened()
        return await self._told(actor, replace(draft, reason=reason, status=READING))

    async def confirm(self, actor: int, number: int) -> tuple[Draft, Happened]:
        """Have it kept; a second time, or too late, nothing changes."""
        draft = await self.find(actor, number)
        if draft.status != READY:
            return draft, Happened()
        draft = replace(draft, status=KEEPING)
        await self.save(actor, draft)
        errand = Errand(KEEP_TASK, {"employee": actor, "number": number}, lock=KEEP_TASK)
        return draft, Happened(errands=(errand,))

    async def cancel(self, actor: int, number: int) -> Draft:
        """Forget it; what is being kept goes on."""
        draft = await self.find(actor, number)
        if draft.status in {KEEPING, *ENDED}:
            return draft
        return await self.end(actor, Draft(number, CANCELLED))

    # --- behind it ----------------------------------------------------------------------------------------------------

    async def at_work(self, employee: int, number: int, status: str) -> tuple[Draft, bytes | None] | None:
        """Give what a task works on with its file, if it is still wanted."""
        row = await self._session.get(PayslipDraftRow, employee)
        if row is None or row.number != number or row.status != status or row.state_sealed is None:
            return None
        return self._read(row), self._bytes(row.file_sealed, "draft_file", employee)

    async def marked(self, actor: int, number: int) -> tuple[str, bytes] | None:
        """Give the file's name and the workbook with what is wrong marked in it."""
        self._payroll.may_prepare(actor)
        row = await self._session.get(PayslipDraftRow, actor)
        if row is None or row.number != number or row.state_sealed is None:
            return None
        content = self._bytes(row.marked_sealed, "draft_marked", actor)
        return (self._read(row).name, content) if content is not None else None

    async def save(
        self, employee: int, draft: Draft, *, file: bytes | None = None, marked: bytes | None = None
    ) -> bool:
        """Keep how far it is; False when another has come meanwhile."""
        row = await self._session.get(PayslipDraftRow, employee, with_for_update=True)
        if row is None or row.number != draft.number or row.status in ENDED:
            return False
        if file is not None:
            row.file_sealed = self._sealed(file, "draft_file", employee)
        if marked is not None:
            row.marked_sealed = self._sealed(marked, "draft_marked", employee) if marked else None
        self._write(row, draft)
        return True

    async def end(self, employee: int, draft: Draft) -> Draft:
        """Forget what was sent; what became of it stays until the next."""
        row = await self._session.get(PayslipDraftRow, employee, with_for_update=True)
        if row is not None and row.number == draft.number:
            row.file_sealed = row.marked_sealed = None
            self._write(row, draft)
        return draft

    async def _told(self, actor: int, draft: Draft) -> tuple[Draft, Happened]:
        await self.save(actor, draft)
        return draft, self._again(actor, draft.number) if draft.status == READING else Happened()

    def _again(self, actor: int, number: int) -> Happened:
        errand = Errand(READ_TASK, {"employee": actor, "number": number}, lock=f"{READ_TASK}:{actor}")
        return Happened(errands=(errand,))

    def _read(self, row: PayslipDraftRow) -> Draft:
        return Draft.of(json.loads(self._vault.open(row.state_sealed or b"", "pay", "draft", row.employee_id)))

    def _write(self, row: PayslipDraftRow, draft: Draft) -> None:
        state = json.dumps(draft.state(), ensure_ascii=False)
        row.state_sealed = self._vault.seal(state, "pay", "draft", row.employee_id)
        row.status, row.at = draft.status, self._clock.now()
        self._session.add(row)

    def _sealed(self, content: bytes, place: str, employee: int) -> bytes:
        return self._vault.seal(base64.b64encode(content).decode(), "pay", place, employee)

    def _bytes(self, content: bytes | None, place: str, employee: int) -> bytes | None:
        return base64.b64decode(self._vault.open(content, "pay", place, employee)) if content else None


async def forget_drafts(session: AsyncSession, now: datetime) -> int:
    """Empty the uploads that nobody has confirmed within a day."""
    old = (
        update(PayslipDraftRow)
        .where(col(PayslipDraftRow.at) < now - KEPT_FOR, col(PayslipDraftRow.state_sealed).is_not(None))
        .values(status=CANCELLED, state_sealed=None, file_sealed=None, marked_sealed=None)
    )
    return (await session.exec(old)).rowcount
