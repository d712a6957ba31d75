"""The month's sheet: prepared by one person, released by another, told in chunks, corrected with a reason."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.audit.store import SYSTEM, Act, AuditLog
from hr_core.clock import Clock
from hr_core.errors import HRError
from hr_core.notices import Errand, Happened, Notice, Outdated
from hr_core.payslip.model import Component, Kind, Line
from hr_core.payslip.sheet.check import Known
from hr_core.payslip.store import PayslipBatchRow, PayslipLayoutRow, PayslipRow, sealed_lines
from hr_core.people.store import EmployeeRow
from hr_core.permission.checker import ListGrant, NotAllowed, PermissionChecker
from hr_core.permission.matrix import Action, Role
from hr_core.permission.store import only
from hr_core.vault import Vault

KIND = "payroll"
RELEASE_TASK = "payslip.release"
PARTS = 4
"""So often the card of who releases a sheet is brought up to date, the last time at the end: each costs a call."""
REASON = 200
DRAFT, PREPARED, RELEASING, RELEASED, CANCELLED = "draft", "prepared", "releasing", "released", "cancelled"


class PayrollError(HRError):
    """What stands against a month's sheet; the code says what."""

    def __init__(self, what: str, **values: object) -> None:
        super().__init__(**values)
        self.code = f"payroll.error.{what}"


@dataclass(frozen=True, slots=True)
class Facts:
    """Who a sheet may be about, with last month's net pay; who has left; what is released of the month itself."""

    people: Mapping[str, Known]
    gone: frozenset[str]
    current: Mapping[int, tuple[Line, ...]]
    released: bool


@dataclass(frozen=True, slots=True)
class Batch:
    """A sheet as somebody who may release or prepare it sees it: counts, no figure."""

    id: int
    month: date
    version: int
    status: str
    people: int
    done: int
    told: int
    reason: str
    prepared_by: str
    released_by: str
    awaits: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of how many people's payslips are released."""

    done: int
    of: int


class PayrollService:
    """Use cases of a month's sheet. The caller holds the transaction."""

    def __init__(
        self, session: AsyncSession, permission: PermissionChecker, audit: AuditLog, vault: Vault, clock: Clock
    ) -> None:
        self._session = session
        self._permission = permission
        self._audit = audit
        self._vault = vault
        self._clock = clock

    # --- preparing ----------------------------------------------------------------------------------------------------

    async def facts(self, actor: int, month: date) -> Facts:
        """Read what a sheet is checked against; last month's figures are on record as read."""
        over = self._over(actor, Action.PAYROLL_PREPARE)
        sheet = self._permission.over(actor, Action.PAYROLL_SHEET_READ)
        before = await self._of_month(sheet, _month_before(month))
        current = await self._of_month(sheet, month)
        if before or current:
            self._record(actor, Action.PAYROLL_SHEET_READ, f"{KIND}:{month:%Y-%m}")
        people = {
            person.employee_number: Known(person.id, person.name, _net(before.get(person.id)))
            for person in self._permission.access.directory.people.values()
            if person.employee_number and (over.reached.everyone or person.id in over.reached.people)
        }
        left = select(EmployeeRow.employee_number).where(
            col(EmployeeRow.left_on).is_not(None), col(EmployeeRow.employee_number).is_not(None)
        )
        gone = frozenset(number for number in await self._session.exec(left) if number) - people.keys()
        return Facts(people, gone, current, await self._version(month) > 0)

    def may_prepare(self, actor: int) -> None:
        """Refuse who may not prepare a sheet."""
        self._over(actor, Action.PAYROLL_PREPARE)

    def takes_upload(self, actor: int, number: int) -> None:
        """Put on record that somebody has sent a sheet; refuses who may not prepare one."""
        self._over(actor, Action.PAYROLL_PREPARE)
        self._record(actor, Action.PAYROLL_PREPARE, f"{KIND}:draft {number}", "upload")

    def refuse_draft(self, actor: int, number: int) -> NotAllowed:
        """Refuse an upload that isn't this person's."""
        return self._permission.refuse(actor, Action.PAYROLL_PREPARE, record=f"{KIND}:draft {number}")

    async def meanings(self, digest: str) -> Mapping[str, str]:
        """Give what was said of the columns of such a heading before."""
        row = await self._session.get(PayslipLayoutRow, digest)
        return row.columns if row is not None else {}

    async def remember(self, digest: str, meanings: Mapping[str, str]) -> None:
        """Remember what the columns of a heading are."""
        row = await self._session.get(PayslipLayoutRow, digest) or PayslipLayoutRow(digest=digest, at=self._clock.now())
        row.columns, row.at = dict(meanings), self._clock.now()
        self._session.add(row)

    async def begin(self, actor: int, month: date, digest: str, people: int, reason: str = "") -> int:
        """Begin to keep a sheet: nobody is asked to release it before `finish`. Gives its number.

        Drafts that a crash has left behind go. A month that is released takes a reason.
        """
        self._over(actor, Action.PAYROLL_PREPARE)
        query = select(PayslipBatchRow).where(PayslipBatchRow.month == month).with_for_update()
        for row in (await self._session.exec(query)).all():
            if row.status in {PREPARED, RELEASING}:
                raise PayrollError("open", id=row.id, month=month)
            if row.status == DRAFT:
                await self._drop(row)
        version = await self._version(month) + 1
        if version > 1 and not reason:
            raise PayrollError("reason_needed", month=month)
        if len(reason) > REASON:
            raise PayrollError("reason_too_long", most=REASON)
        batch = PayslipBatchRow(
            month=month, version=version, status=DRAFT, digest=digest, people=people, reason=reason or None,
            prepared_by=actor, prepared_at=self._clock.now(),
        )  # fmt: skip
        self._session.add(batch)
        await self._session.flush()
        self._record(actor, Action.PAYROLL_PREPARE, f"{KIND}:{batch.id}", "begin")
        return batch.id or 0

    async def keep(self, actor: int, batch_id: int, slips: Mapping[int, Sequence[Line]]) -> None:
        """Keep some people's payslips, sealed; each was checked before."""
        over = self._over(actor, Action.PAYROLL_PREPARE)
        batch = await self._locked(batch_id)
        if batch is None or batch.status != DRAFT or batch.prepared_by != actor:
            raise self._permission.refuse(actor, Action.PAYROLL_PREPARE, record=f"{KIND}:{batch_id}")
        if not over.reached.everyone and not slips.keys() <= over.reached.people:
            raise self._permission.refuse(actor, Action.PAYROLL_PREPARE, record=f"{KIND}:{batch_id}")
        rows = {
            person: PayslipRow(batch_id=batch_id, employee_id=person, month=batch.month, version=batch.version)
            for person in slips
        }
        self._session.add_all(rows.values())
        await self._session.flush()
        for person, row in rows.items():
            row.lines_sealed = sealed_lines(self._vault, row.id or 0, slips[person])
            self._session.add(row)
        self._record(actor, Action.PAYROLL_PREPARE, f"{KIND}:{batch_id}", f"keep {len(rows)}")

    async def finish(self, actor: int, batch_id: int) -> Happened:
        """Ask those who may release it; raises where nobody but the preparer is there."""
        batch = await self._locked(batch_id)
        if batch is None or batch.prepared_by != actor:
            raise self._permission.refuse(actor, Action.PAYROLL_PREPARE, record=f"{KIND}:{batch_id}")
        asked = self._releasers(actor)
        if not asked:
            raise PayrollError("nobody_to_release")
        batch.status = PREPARED
        self._session.add(batch)
        self._record(actor, Action.PAYROLL_PREPARE, f"{KIND}:{batch_id}", batch.reason)
        return Happened(tuple(Notice(one, "payroll.release", batch_id) for one in asked))

    def _releasers(self, preparer: int) -> tuple[int, ...]:
        access = self._permission.access
        people = access.directory.people
        wanted = [one for one in access.holders(Role.PAYROLL) if one != preparer]
        wanted += [
            one
            for one in people
            if one != preparer and one not in wanted and access.allows(one, Action.PAYROLL_RELEASE, preparer)
        ]
        return tuple(one for one in wanted if access.allows(one, Action.PAYROLL_RELEASE, preparer))

    # --- releasing ----------------------------------------------------------------------------------------------------

    async def release(self, actor: int, batch_id: int) -> Happened | None:
        """Let everybody be told; one that has stopped on the way goes on with who wasn't.

        None: it was released before, or called off, and nothing has changed.
        """
        batch = await self._to_decide(actor, batch_id)
        errand = Errand(RELEASE_TASK, {"batch": batch_id}, RELEASE_TASK)
        if batch.status == RELEASING:
            self._record(actor, Action.PAYROLL_RELEASE, f"{KIND}:{batch_id}", "release again")
            return Happened(errands=(errand,))
        if batch.status != PREPARED:
            return None
        batch.status, batch.released_by = RELEASING, actor
        self._session.add(batch)
        self._record(actor, Action.PAYROLL_RELEASE, f"{KIND}:{batch_id}", "release")
        others = tuple(one for one in self._releasers(batch.prepared_by) if one != actor)
        outdated = Outdated(KIND, batch_id, (actor, *others))
        return Happened(outdated=outdated, errands=(errand,))

    async def give_back(self, actor: int, batch_id: int) -> Happened | None:
        """Call a sheet off before anybody was told: by who may release it, or who has prepared it."""
        batch = await self._locked(batch_id)
        if batch is None or batch.prepared_by != actor:
            batch = await self._to_decide(actor, batch_id)
        else:
            self._over(actor, Action.PAYROLL_PREPARE)
        if batch.status not in {PREPARED, DRAFT}:
            return None
        await self._session.flush()
        await self._drop(batch)
        self._record(actor, Action.PAYROLL_RELEASE, f"{KIND}:{batch_id}", "give back")
        notices = () if batch.prepared_by == actor else (Notice(batch.prepared_by, "payroll.given_back", batch_id),)
        return Happened(notices, Outdated(KIND, batch_id, self._releasers(batch.prepared_by)))

    async def release_some(self, batch_id: int, most: int) -> tuple[Progress | None, Happened]:
        """Let the next people be told, each once; gives how far it is, None when there is nothing left to do."""
        batch = await self._locked(batch_id)
        if batch is None or batch.status != RELEASING:
            return None, Happened()
        query = select(PayslipRow).where(PayslipRow.batch_id == batch_id, col(PayslipRow.released_at).is_(None))
        rows = list(await self._session.exec(query.order_by(col(PayslipRow.id)).limit(most)))
        old = select(PayslipRow).where(
            PayslipRow.month == batch.month,
            col(PayslipRow.employee_id).in_([row.employee_id for row in rows]),
            col(PayslipRow.released_at).is_not(None),
            col(PayslipRow.superseded_at).is_(None),
        )
        now = self._clock.now()
        for row in (await self._session.exec(old)).all():
            row.superseded_at = now
            self._session.add(row)
        for row in rows:
            row.released_at = now
            self._session.add(row)
        act = Act(SYSTEM, Action.PAYROLL_RELEASE.value, record=f"{KIND}:{batch_id}", why=f"released {len(rows)}")
        self._audit.record(act)
        people = self._permission.access.directory.people
        notices = [
            Notice(row.employee_id, "payslip.released", row.id or 0) for row in rows if row.employee_id in people
        ]
        part = _part(batch)
        batch.done, batch.told = batch.done + len(rows), batch.told + len(notices)
        self._session.add(batch)
        outdated = Outdated(KIND, batch_id, (batch.released_by or 0,))
        if len(rows) < most:
            batch.status, batch.released_at = RELEASED, now
            notices.append(Notice(batch.prepared_by, "payroll.done", batch_id))
            return None, Happened(tuple(notices), outdated)
        shown = outdated if part < _part(batch) < PARTS else None
        return Progress(batch.done, batch.people), Happened(tuple(notices), shown)

    async def stopped(self, batch_id: int) -> Happened:
        """Tell who can let it go on that a release has stopped: who began it, else whoever may release it."""
        batch = await self._locked(batch_id)
        if batch is None or batch.status != RELEASING:
            return Happened()
        asked = self._releasers(batch.prepared_by)
        told = tuple(one for one in asked if one == batch.released_by) or asked
        return Happened(tuple(Notice(one, "payroll.stopped", batch_id) for one in told))

    # --- looking ------------------------------------------------------------------------------------------------------

    async def details(self, viewer: int, batch_id: int) -> Batch:
        """Show a sheet's state to who has prepared it or may release it."""
        batch = await self._session.get(PayslipBatchRow, batch_id)
        record = f"{KIND}:{batch_id}"
        if batch is None:
            raise self._permission.refuse(viewer, Action.PAYROLL_RELEASE, record=record)
        if viewer != batch.prepared_by:
            self._permission.may(viewer, Action.PAYROLL_RELEASE, on=batch.prepared_by, record=record)
        return await self._batch(batch, viewer)

    async def all(self, most: int = 24) -> list[Batch]:
        """List the sheets, newest first: counts, no figure."""
        query = select(PayslipBatchRow).order_by(col(PayslipBatchRow.id).desc()).limit(most)
        return [await self._batch(row, 0) for row in (await self._session.exec(query)).all()]

    async def waiting(self, actor: int) -> list[int]:
        """Give the sheets that this person could release."""
        self._over(actor, Action.PAYROLL_RELEASE)
        query = select(PayslipBatchRow.id).where(
            PayslipBatchRow.status == PREPARED, PayslipBatchRow.prepared_by != actor
        )
        return [number for number in await self._session.exec(query) if number]

    async def _batch(self, row: PayslipBatchRow, viewer: int) -> Batch:
        awaits = row.status == PREPARED and viewer in self._releasers(row.prepared_by)
        return Batch(
            row.id or 0, row.month, row.version, row.status, row.people, row.done, row.told,
            row.reason or "", self._name(row.prepared_by), self._name(row.released_by), awaits,
        )  # fmt: skip

    # --- inside -------------------------------------------------------------------------------------------------------

    def _over(self, actor: int, action: Action) -> ListGrant:
        over = self._permission.over(actor, action)
        if not over.reached.everyone and not over.reached.people:
            raise self._permission.refuse(actor, action)
        return over

    async def _to_decide(self, actor: int, batch_id: int) -> PayslipBatchRow:
        """Find a sheet for who may release it: never who has prepared it."""
        batch = await self._locked(batch_id)
        record = f"{KIND}:{batch_id}"
        if batch is None:
            raise self._permission.refuse(actor, Action.PAYROLL_RELEASE, record=record)
        did = (Action.PAYROLL_PREPARE,) if actor == batch.prepared_by else ()
        self._permission.may(actor, Action.PAYROLL_RELEASE, on=batch.prepared_by, record=record, did=did)
        over = self._permission.over(actor, Action.PAYROLL_RELEASE)
        if not over.reached.everyone:
            whom = select(PayslipRow.employee_id).where(PayslipRow.batch_id == batch_id)
            if not set(await self._session.exec(whom)) <= over.reached.people:
                raise self._permission.refuse(actor, Action.PAYROLL_RELEASE, record=record)
        return batch

    async def _locked(self, batch_id: int) -> PayslipBatchRow | None:
        return await self._session.get(PayslipBatchRow, batch_id, with_for_update=True)

    async def _version(self, month: date) -> int:
        query = select(func.max(PayslipRow.version)).where(
            PayslipRow.month == month, col(PayslipRow.released_at).is_not(None)
        )
        return (await self._session.exec(query)).one() or 0

    async def _drop(self, batch: PayslipBatchRow) -> None:
        """Forget a sheet's payslips, which nobody has seen."""
        batch.status = CANCELLED
        self._session.add(batch)
        connection = await self._session.connection()
        await connection.execute(delete(PayslipRow).where(col(PayslipRow.batch_id) == batch.id))

    async def _of_month(self, over: ListGrant, month: date) -> dict[int, tuple[Line, ...]]:
        query = select(PayslipRow).where(
            PayslipRow.month == month,
            col(PayslipRow.released_at).is_not(None),
            col(PayslipRow.superseded_at).is_(None),
            only(PayslipRow.employee_id, over.reached),
        )
        return {row.employee_id: self._lines(row) for row in (await self._session.exec(query)).all()}

    def _lines(self, row: PayslipRow) -> tuple[Line, ...]:
        told: list[list[Any]] = json.loads(self._vault.open(row.lines_sealed or b"", "pay", "slip", row.id or 0))
        return tuple(Line(Component(code, label, Kind(kind)), Decimal(amount)) for code, label, kind, amount in told)

    def _name(self, person_id: int | None) -> str:
        person = self._permission.access.directory.people.get(person_id or 0)
        return person.name if person else ""

    def _record(self, actor: int, action: Action, record: str, why: str | None = None) -> None:
        key = self._permission.access.directory.people[actor].key
        self._audit.record(Act(key, action.value, record=record, why=why))


def changed(current: Mapping[int, Sequence[Line]], slips: Mapping[int, Sequence[Line]]) -> dict[int, Sequence[Line]]:
    """Give the payslips of a correction that differ from what is released: only those are told."""
    return {person: lines for person, lines in slips.items() if list(current.get(person, ())) != list(lines)}


def _part(batch: PayslipBatchRow) -> int:
    return batch.done * PARTS // max(batch.people, 1)


def _net(lines: Sequence[Line] | None) -> Decimal | None:
    return sum((line.to_net for line in lines), Decimal(0)) if lines is not None else None


def _month_before(month: date) -> date:
    return date(month.year - (month.month == 1), 12 if month.month == 1 else month.month - 1, 1)


def read_month(text: str) -> date:
    """Read "YYYY-MM"; raises `PayrollError`."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise PayrollError("not_a_month", text=text[:20]) from error
