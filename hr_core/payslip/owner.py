"""Use cases of a released payslip: its owner sees, confirms or disputes it; payroll answers; HR sees how far it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from hr_core.audit.store import SYSTEM, Act, AuditLog
from hr_core.clock import Clock, company_day
from hr_core.notices import Happened, Notice, Outdated
from hr_core.payslip.model import AnswerMissing, NobodyInPayroll, NoPayslip, ObjectionUnclear, PayslipPolicy, Slip
from hr_core.payslip.store import PayslipDisputeRow, PayslipRow, PayslipStore
from hr_core.permission.checker import PermissionChecker
from hr_core.permission.matrix import Action, Role

DISPUTE = "payslip_dispute"
REMIND = "payslip.remind"
MOST_TEXT = 500


@dataclass(frozen=True, slots=True)
class SlipFacts:
    """What may be said of a payslip without opening it."""

    id: int
    month: date
    confirmed_on: date | None


@dataclass(frozen=True, slots=True)
class Dispute:
    """An objection as its asker or payroll sees it; an empty `line` is the whole payslip."""

    id: int
    name: str
    month: date
    line: str
    words: str
    answer: str
    status: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a month is, in numbers of people."""

    month: date
    released: int
    confirmed: int
    disputed: int
    open: int


class OwnPayslips:
    """Released payslips, for whom they concern."""

    def __init__(
        self, store: PayslipStore, permission: PermissionChecker, audit: AuditLog, clock: Clock, policy: PayslipPolicy
    ) -> None:
        self._store = store
        self._permission = permission
        self._audit = audit
        self._clock = clock
        self.policy = policy

    @property
    def today(self) -> date:
        """The company's day."""
        return company_day(self._clock.now())

    # --- finding, without opening -------------------------------------------------------------------------------------

    async def find(self, actor: int, month: date | None = None) -> int:
        """Give the number of one's own payslip of a month, or of the newest."""
        self._permission.may(actor, Action.PAYSLIP_VIEW, on=actor)
        rows = await self._store.rows_of(actor)
        found = next((row for row in rows if month is None or row.month == month), None)
        if found is None:
            raise NoPayslip("_of", month=month) if month is not None else NoPayslip
        return found.id or 0

    async def find_before(self, actor: int, number: int) -> None:
        """Make sure that there is an earlier payslip to compare with."""
        row = await self._own(actor, number)
        if await self._before(row) is None:
            raise NoPayslip("_before", month=row.month)

    async def find_year(self, actor: int, year: int) -> None:
        """Make sure that there is a payslip in a year."""
        self._permission.may(actor, Action.PAYSLIP_VIEW, on=actor)
        if not any(row.month.year == year for row in await self._store.rows_of(actor)):
            raise NoPayslip("_year", year=year)

    async def facts(self, viewer: int, number: int) -> SlipFacts:
        """Give what a card may hold of one's own payslip."""
        row = await self._own(viewer, number)
        return SlipFacts(number, row.month, company_day(row.confirmed_at) if row.confirmed_at else None)

    # --- seeing -------------------------------------------------------------------------------------------------------

    async def slip(self, viewer: int, number: int) -> Slip:
        """Open a payslip for its owner; that is on record."""
        return self._opened(viewer, await self._own(viewer, number))

    async def pair(self, viewer: int, number: int) -> tuple[Slip, Slip]:
        """Open a payslip and the one before it."""
        row = await self._own(viewer, number)
        before = await self._before(row)
        if before is None:
            raise NoPayslip("_before", month=row.month)
        return self._opened(viewer, before), self._opened(viewer, row)

    async def year(self, viewer: int, year: int) -> list[Slip]:
        """Open one's own payslips of a year, oldest first."""
        rows = [row for row in await self._store.rows_of(viewer) if row.month.year == year]
        if not rows:
            raise NoPayslip("_year", year=year)
        return [self._opened(viewer, row) for row in reversed(rows)]

    def _opened(self, viewer: int, row: PayslipRow) -> Slip:
        record = f"payslip:{row.id}"
        grant = self._permission.may(viewer, Action.PAYSLIP_VIEW, on=row.employee_id, record=record)
        self._did(viewer, Action.PAYSLIP_VIEW, record, row.employee_id)
        return self._store.opened(row, grant)

    async def _own(self, actor: int, number: int, *, to_change: bool = False) -> PayslipRow:
        row = await self._store.row(number, to_change=to_change)
        if row is None:
            raise self._permission.refuse(actor, Action.PAYSLIP_VIEW, record=f"payslip:{number}")
        self._permission.may(actor, Action.PAYSLIP_VIEW, on=row.employee_id, record=f"payslip:{number}")
        return row

    async def _before(self, row: PayslipRow) -> PayslipRow | None:
        rows = await self._store.rows_of(row.employee_id)
        return next((one for one in rows if one.month < row.month), None)

    async def lines(self, viewer: int, number: int) -> list[str]:
        """Name the lines of one's own payslip."""
        return list(dict.fromkeys(line.component.label for line in (await self.slip(viewer, number)).lines))

    # --- confirming and disputing -------------------------------------------------------------------------------------

    async def confirm(self, actor: int, number: int) -> bool:
        """Say that a payslip is right; a second time changes nothing. Gives whether it was the first."""
        row = await self._own(actor, number, to_change=True)
        if row.confirmed_at is not None:
            return False
        row.confirmed_at = self._clock.now()
        self._store.save(row)
        self._audit.record(Act(self._key(actor), "payslip.confirm", on=self._key(actor), record=f"payslip:{number}"))
        return True

    async def dispute(self, actor: int, number: int, line: str, words: str) -> tuple[int, Happened]:
        """Bring an objection to everybody in payroll who reaches this person."""
        row = await self._own(actor, number)
        if not 0 < len(words) <= MOST_TEXT:
            raise ObjectionUnclear(most=MOST_TEXT)
        to = self._payroll(actor)
        if not to:
            raise NobodyInPayroll
        asked = PayslipDisputeRow(
            payslip_id=number, employee_id=row.employee_id, line=line[:64], asked_at=self._clock.now()
        )
        dispute = await self._store.add_dispute(asked, words)
        record = f"{DISPUTE}:{dispute}"
        self._audit.record(Act(self._key(actor), "payslip.dispute", on=self._key(actor), record=record))
        return dispute, Happened(tuple(Notice(one, f"{DISPUTE}.card", dispute) for one in to))

    async def answer(self, actor: int, number: int, answer: str) -> Happened:
        """Answer an objection; a second answer changes nothing."""
        row = await self._store.dispute(number, to_change=True)
        self._may_answer(actor, row, number)
        if row is None or row.status != "open":
            return Happened()
        if not 0 < len(answer) <= MOST_TEXT:
            raise AnswerMissing(most=MOST_TEXT)
        row.status, row.answered_by, row.answered_at = "answered", actor, self._clock.now()
        self._store.keep_answer(row, answer)
        self._did(actor, Action.PAYROLL_SHEET_READ, f"{DISPUTE}:{number}", row.employee_id)
        told = (Notice(row.employee_id, f"{DISPUTE}.answered", number),)
        return Happened(told, Outdated(DISPUTE, number, self._payroll(row.employee_id)))

    async def details(self, viewer: int, number: int) -> Dispute:
        """Give an objection to who made it, or to payroll."""
        row = await self._store.dispute(number)
        if row is None or row.employee_id != viewer:
            self._may_answer(viewer, row, number)
        if row is None:
            raise self._permission.refuse(viewer, Action.PAYROLL_SHEET_READ, record=f"{DISPUTE}:{number}")
        if row.employee_id != viewer:
            self._did(viewer, Action.PAYROLL_SHEET_READ, f"{DISPUTE}:{number}", row.employee_id)
        slip = await self._store.row(row.payslip_id)
        person = self._permission.access.directory.people.get(row.employee_id)
        month = slip.month if slip else company_day(row.asked_at)
        words, answer = self._store.words(row), self._store.answer(row)
        return Dispute(number, person.name if person else "", month, row.line, words, answer, row.status)

    async def newest_dispute(self, actor: int, number: int) -> int:
        """Give the number of one's newest objection to a payslip."""
        await self._own(actor, number)
        return await self._store.newest_dispute(number)

    def _may_answer(self, actor: int, row: PayslipDisputeRow | None, number: int) -> None:
        record = f"{DISPUTE}:{number}"
        if row is None or row.employee_id == actor:
            raise self._permission.refuse(actor, Action.PAYROLL_SHEET_READ, record=record)
        self._permission.may(actor, Action.PAYROLL_SHEET_READ, on=row.employee_id, record=record)

    def _payroll(self, over: int) -> tuple[int, ...]:
        return tuple(one for one in self._permission.access.holders(Role.PAYROLL, over=over) if one != over)

    # --- how far it is ------------------------------------------------------------------------------------------------

    async def progress(self, actor: int) -> Progress | None:
        """Count the newest month within the actor's reach; never a figure of pay."""
        over = self._permission.over(actor, Action.PAYSLIP_PROGRESS)
        if not over.reached.everyone and not over.reached.people:
            raise self._permission.refuse(actor, Action.PAYSLIP_PROGRESS)
        month = await self._store.newest_month()
        return Progress(month, *await self._store.counts(over, month)) if month is not None else None

    async def remind(self, after: int, most: int) -> tuple[list[int], Happened]:
        """Remind people, each once, of all they haven't confirmed in time; gives whom, and what they hear."""
        before = self._clock.now() - timedelta(days=self.policy.remind_after_days)
        rows = await self._store.unconfirmed(before, after, most)
        for row in rows:
            row.reminded_at = self._clock.now()
            self._store.save(row)
            self._audit.record(Act(SYSTEM, REMIND, on=self._key(row.employee_id), record=f"payslip:{row.id}"))
        people = list(dict.fromkeys(row.employee_id for row in rows))
        known = [one for one in people if one in self._permission.access.directory.people]
        return people, Happened(tuple(Notice(one, REMIND, one) for one in known))

    async def unconfirmed_months(self, viewer: int) -> Sequence[date]:
        """Give the months whose payslips somebody hasn't confirmed, oldest first."""
        self._permission.may(viewer, Action.PAYSLIP_VIEW, on=viewer)
        return sorted(row.month for row in await self._store.rows_of(viewer) if row.confirmed_at is None)

    def _did(self, actor: int, action: Action, record: str, on: int) -> None:
        self._audit.record(Act(self._key(actor), action.value, on=self._key(on), record=record))

    def _key(self, person_id: int) -> str:
        person = self._permission.access.directory.people.get(person_id)
        return person.key if person else str(person_id)
