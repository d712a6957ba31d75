"""A month's sheet that was sent in the chat: fetched, checked in a child process, kept once it is confirmed.

Figures are in the child, in this process's memory and in sealed columns, nowhere else.
"""

import asyncio
import base64
import contextlib
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.children import ChildFailed, in_child
from bot.openapi import DingTalkError, FileRefused, Files
from bot.outbox import Outbox
from bot.tasks import Chunk, Lease, Task
from bot.workplace import Workplace
from handlers.dispatch import Dispatcher, Outcome, Outgoing
from handlers.messages import Show
from handlers.payroll_sheet import onwards
from handlers.router import Services
from handlers.store import Dialogues
from hr_core.audit.store import AuditRow, acts_of, write_acts
from hr_core.database import Database
from hr_core.errors import HRError
from hr_core.notices import Happened, Notice
from hr_core.payslip.drafts import (
    COLUMN,
    KEEP_TASK,
    KEEPING,
    KEPT,
    MONTH,
    READ_TASK,
    READING,
    READY,
    REASON,
    SHOWN,
    WRONG,
    Draft,
    PayrollDrafts,
)  # fmt: skip
from hr_core.payslip.keeping import AT_ONCE, CheckedSheet, Kept, keep_some
from hr_core.payslip.model import Component, Kind, Line
from hr_core.payslip.payroll import Facts, PayrollError, PayrollService, changed
from hr_core.payslip.sheet import Problem, SheetUnreadable
from hr_core.permission.checker import NotAllowed

log = structlog.get_logger()

MOST_FILE = 4 * 1024 * 1024
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Found:
    """What a sheet came to: the upload as it stands now, and what is kept of it when it is confirmed."""

    draft: Draft
    slips: Mapping[int, tuple[Line, ...]] = field(default_factory=dict)
    digest: str = ""
    told: Mapping[str, str] = field(default_factory=dict)
    marked: bytes = b""
    acts: Sequence[AuditRow] = ()
    refusal: NotAllowed | None = None


class Refused(HRError):
    """What the child has against a file."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(**values)
        self.code = code


class Sheets:
    """The tasks behind an upload."""

    def __init__(
        self, files: Files, database: Database, workplace: Workplace, dispatcher: Dispatcher, outbox: Outbox
    ) -> None:
        self._files = files
        self._database = database
        self._workplace = workplace
        self._dispatcher = dispatcher
        self._outbox = outbox
        self._places = asyncio.Semaphore(1)

    def tasks(self) -> Sequence[Task]:
        """Give what can be asked for."""
        return (
            Task(READ_TASK, self.read, attempts=4, given_up=self.not_read),
            Task(KEEP_TASK, self.keep, given_up=self.not_kept),
        )

    # --- reading ------------------------------------------------------------------------------------------------------

    async def read(self, chunk: Chunk) -> None:
        """Fetch, check, keep the upload sealed, and ask for what isn't clear, or whether to keep it."""
        employee, number = int(chunk.args["employee"]), int(chunk.args["number"])
        at_work = await self._at_work(employee, number, READING)
        if at_work is None:
            async with chunk.transaction():
                return
        draft, file = at_work
        try:
            file = file if file is not None else await self._fetched(draft.code)
            found = await self._checked(employee, draft, file)
        except HRError as error:
            found = Found(self._wrong(draft, error))
        async with chunk.transaction() as session:
            services = await self._services(chunk, session, found)
            drafts: PayrollDrafts = services[PayrollDrafts]  # type: ignore[assignment]
            if not await drafts.save(employee, found.draft, file=file, marked=found.marked):
                return
            await self._tell(chunk.cause, session, services, employee, found)

    async def _at_work(self, employee: int, number: int, status: str) -> tuple[Draft, bytes | None] | None:
        async with self._database.read() as session:
            services = await self._workplace.services(session)
            drafts: PayrollDrafts = services[PayrollDrafts]  # type: ignore[assignment]
            return await drafts.at_work(employee, number, status)

    async def _fetched(self, code: str) -> bytes:
        try:
            return await self._files.fetch(code, most=MOST_FILE)
        except FileRefused as error:
            log.warning("sheets.refused", code=error.code, mend=error.remedy)
            raise PayrollError("file_too_large", most=MOST_FILE // 1024 // 1024) from None
        except DingTalkError as error:
            if error.transient:
                raise
            log.warning("sheets.not_fetched", code=error.code, mend=error.remedy)
            raise PayrollError("file_lost") from None

    async def _checked(self, employee: int, draft: Draft, file: bytes) -> Found:
        """Give what the sheet comes to; raises `HRError` for one that can't be read."""
        asked = {"name": draft.name, "file": base64.b64encode(file).decode(), "columns": dict(draft.columns)}
        looked = await self._ask(asked)
        async with self._database.read() as session:
            services = await self._workplace.services(session)
            payroll: PayrollService = services[PayrollService]  # type: ignore[assignment]
            columns = {**await payroll.meanings(looked["digest"]), **draft.columns}
        unclear = tuple((index, name) for index, name in looked["unclear"] if name not in columns)
        month = draft.month or (date.fromisoformat(looked["month"]) if looked["month"] else None)
        draft = replace(draft, month=month, columns=columns, unclear=unclear)
        if unclear or month is None:
            return Found(replace(draft, status=COLUMN if unclear else MONTH))
        try:
            facts, acts = await self._facts(employee, month)
        except NotAllowed as refusal:
            return Found(self._wrong(draft, refusal), refusal=refusal)
        people = {
            one: [known.employee_id, known.name, None if known.before is None else str(known.before)]
            for one, known in facts.people.items()
        }
        checked = await self._ask({**asked, "columns": columns, "people": people, "gone": sorted(facts.gone)})
        return await asyncio.to_thread(_compared, draft, facts, checked, acts)

    async def _facts(self, employee: int, month: date) -> tuple[Facts, Sequence[AuditRow]]:
        async with self._database.read() as session:
            services = await self._workplace.services(session, conversation="private")
            payroll: PayrollService = services[PayrollService]  # type: ignore[assignment]
            try:
                return await payroll.facts(employee, month), acts_of(session)
            finally:
                acts_of(session)

    async def _ask(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        told = json.dumps(asked, ensure_ascii=False).encode()
        try:
            async with self._places:
                found: dict[str, Any] = json.loads(await in_child("cards.payroll_sheet", told, patience=PATIENCE))
        except ChildFailed as error:
            log.warning("sheets.child_failed", code=error.args[:1])
            raise SheetUnreadable("not_a_sheet") from None
        if "refused" in found:
            raise Refused(found["refused"][0], **found["refused"][1])
        return found

    def _wrong(self, draft: Draft, error: HRError) -> Draft:
        said = self._workplace.words.say(error.code, **error.values)
        return replace(draft, status=WRONG, refused=said, said=(), errors=0, warnings=0)

    # --- keeping ------------------------------------------------------------------------------------------------------

    async def keep(self, chunk: Chunk) -> None:
        """Keep the payslips, a few people at a time, checked once more; then ask who may release them."""
        employee, number = int(chunk.args["employee"]), int(chunk.args["number"])
        found: Found | None = chunk.memo.get("found")
        if found is None:
            at_work = await self._at_work(employee, number, KEEPING)
            if at_work is None or at_work[1] is None:
                async with chunk.transaction():
                    return
            try:
                found = await self._checked(employee, at_work[0], at_work[1])
            except HRError as error:
                found = Found(self._wrong(at_work[0], error))
            chunk.memo.update(found=found, file=hashlib.sha256(at_work[1]).hexdigest())
        async with chunk.transaction() as session:
            services = await self._services(chunk, session, found)
            if found.draft.status != READY:
                await self._give_up(chunk.cause, session, services, employee, found, chunk.state)
                return
            try:
                async with session.begin_nested():
                    await self._step(chunk, session, services, employee, found)
            except HRError as error:
                status = WRONG if isinstance(error, NotAllowed) else READY
                draft = replace(self._wrong(found.draft, error), status=status)
                found = replace(found, draft=draft)
                await self._give_up(chunk.cause, session, services, employee, found, chunk.state)
        chunk.memo["found"] = replace(found, acts=())

    async def _step(self, chunk: Chunk, session: AsyncSession, services: Services, employee: int, found: Found) -> None:
        payroll: PayrollService = services[PayrollService]  # type: ignore[assignment]
        drafts: PayrollDrafts = services[PayrollDrafts]  # type: ignore[assignment]
        draft = found.draft
        assert draft.month is not None
        sheet = CheckedSheet(
            draft.month, found.slips, chunk.memo["file"], found.digest, found.told, draft.reason
        )  # fmt: skip
        before = Kept(chunk.state.get("batch"), chunk.state.get("after", 0), chunk.done)
        kept = await keep_some(payroll, employee, sheet, before, AT_ONCE)
        if kept.happened is None:
            state = {"batch": kept.batch, "after": kept.after}
            chunk.next(done=kept.people, of=len(found.slips), state=state)
            return
        ended = Draft(draft.number, KEPT, month=draft.month, told=draft.told, batch=kept.batch or 0)
        await drafts.end(employee, ended)
        own = Happened((Notice(employee, "payroll_draft.checked", draft.number, once=True),))
        for happened in (kept.happened, own):
            self._put(chunk.cause, session, await self._dispatcher.happened(happened, services))

    async def _give_up(
        self,
        cause: str,
        session: AsyncSession,
        services: Services,
        employee: int,
        found: Found,
        state: Mapping[str, Any],
    ) -> None:
        """Keep nothing: something has changed since it was read, or stands against it."""
        payroll: PayrollService = services[PayrollService]  # type: ignore[assignment]
        drafts: PayrollDrafts = services[PayrollDrafts]  # type: ignore[assignment]
        if (batch := state.get("batch")) is not None:
            with contextlib.suppress(HRError):
                await payroll.give_back(employee, batch)
        await drafts.save(employee, found.draft, marked=found.marked)
        await self._tell(cause, session, services, employee, found)

    # --- when a task is given up --------------------------------------------------------------------------------------

    async def not_read(self, session: AsyncSession, lease: Lease) -> None:
        """Ask for the file again."""
        await self._given_up(session, lease, READING, WRONG)

    async def not_kept(self, session: AsyncSession, lease: Lease) -> None:
        """Forget what was kept so far; it can be confirmed again, or another file sent."""
        await self._given_up(session, lease, KEEPING, READY)

    async def _given_up(self, session: AsyncSession, lease: Lease, was: str, status: str) -> None:
        employee, number = int(lease.args["employee"]), int(lease.args["number"])
        services = await self._workplace.services(session, lease.cause, conversation="private")
        drafts: PayrollDrafts = services[PayrollDrafts]  # type: ignore[assignment]
        if (at_work := await drafts.at_work(employee, number, was)) is None:
            return
        draft = replace(self._wrong(at_work[0], PayrollError(f"draft_{status}_again")), status=status)
        await self._give_up(lease.cause, session, services, employee, Found(draft), lease.state)

    # --- telling ------------------------------------------------------------------------------------------------------

    async def _services(self, chunk: Chunk, session: AsyncSession, found: Found) -> Services:
        await write_acts(session, found.acts)
        return await self._workplace.services(session, chunk.cause, conversation="private")

    async def _tell(self, cause: str, session: AsyncSession, services: Services, employee: int, found: Found) -> None:
        dialogues: Dialogues = services[Dialogues]  # type: ignore[assignment]
        self._show(cause, session, employee, await onwards(employee, found.draft, dialogues))
        if found.marked:
            self._show(cause, session, employee, Show("payroll_draft.marked", found.draft.number))
        if found.refusal is not None:
            self._put(cause, session, await self._dispatcher.refused(found.refusal, services))

    def _show(self, cause: str, session: AsyncSession, employee: int, show: Show) -> None:
        self._outbox.put(session, Outgoing(employee, show=show), cause=cause)

    def _put(self, cause: str, session: AsyncSession, outcome: Outcome) -> None:
        for outgoing in outcome.outgoing:
            self._outbox.put(session, outgoing, cause=cause)
        for track_id in outcome.stale:
            self._outbox.put_update(session, track_id, cause=cause)


def _compared(draft: Draft, facts: Facts, checked: Mapping[str, Any], acts: Sequence[AuditRow]) -> Found:
    """Give what a checked sheet comes to beside what is released of its month."""
    problems = [Problem(*one) for one in checked["problems"]]
    problems.sort(key=lambda one: one.warning)
    errors = sum(not one.warning for one in problems)
    all_slips = {
        int(person): tuple(Line(Component(code, label, Kind(kind)), Decimal(of)) for code, label, kind, of in lines)
        for person, lines in checked["slips"].items()
    }
    slips = changed(facts.current, all_slips) if facts.released else all_slips
    status = WRONG if errors or not slips else REASON if facts.released and not draft.reason else READY
    draft = replace(
        draft, status=status, people=len(all_slips), told=len(slips), errors=errors, warnings=len(problems) - errors,
        said=tuple(problems[:SHOWN]), refused="",
    )  # fmt: skip
    lines = {person: tuple(found) for person, found in slips.items()}
    return Found(draft, lines, checked["digest"], checked["told"], base64.b64decode(checked["marked"]), acts)
