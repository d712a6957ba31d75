"""Asking for leave, deciding, withdrawing, and what a person has left. The caller holds the transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from hr_core.approval.model import Route, StepStatus
from hr_core.approval.service import ApprovalService, StepView
from hr_core.audit.store import SYSTEM, Act, AuditLog
from hr_core.clock import Clock, company_day
from hr_core.leave import rules
from hr_core.leave.model import CommentTooLong, HireDateUnknown, LeaveApplication, LeaveBalance, LeaveStatus, LeaveType
from hr_core.leave.store import EntryKind, LeaveLedgerRow, LeaveRequestRow, LeaveStore
from hr_core.notices import Group, Happened, Notice, Outdated
from hr_core.permission.access import Access
from hr_core.permission.checker import Grant, PermissionChecker
from hr_core.permission.matrix import Action
from hr_core.privacy.consent import Consents
from hr_core.privacy.policy import Sensitive
from hr_core.vault import Vault
from hr_core.workdays.model import Span, WorkCalendar

KIND = "leave"
ANNUAL = "annual"
SICK = "sick"
COMMENT_LIMIT = 500


@dataclass(frozen=True, slots=True)
class LeaveWish:
    """What somebody asks for, before it is a request."""

    leave_type: str
    span: Span
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LeavePreview:
    """What a wish would cost."""

    days: Decimal
    balance: LeaveBalance | None


@dataclass(frozen=True, slots=True)
class LeaveDetails:
    """A request as somebody who may see it sees it."""

    id: int
    employee_id: int
    employee_name: str
    leave_type: str
    span: Span
    days: Decimal
    status: LeaveStatus
    reason: str
    submitted_at: datetime
    balance: LeaveBalance | None
    steps: tuple[StepView, ...]
    names: Mapping[int, str]

    @property
    def closed_by(self) -> tuple[int, ...]:
        """Who made it what it is: everybody who agreed, or the one who didn't."""
        wanted = StepStatus.REJECTED if self.status is LeaveStatus.REJECTED else StepStatus.APPROVED
        people = [step.decided_by for step in self.steps if step.status is wanted and step.decided_by is not None]
        return tuple(dict.fromkeys(people))

    @property
    def comment(self) -> str:
        """What the person who closed it said."""
        said = [step.comment for step in self.steps if step.comment]
        return said[-1] if said else ""


@dataclass(frozen=True, slots=True)
class Entitlement:
    """A person's annual leave of a year: the balance, and the facts and the rule it came from."""

    balance: LeaveBalance
    hired_on: date | None
    full_year_days: int
    rule: str
    usable_from: date | None


@dataclass(frozen=True, slots=True)
class Absence:
    """Who is away and when; never why."""

    employee_id: int
    employee_name: str
    span: Span


class LeaveService:
    """Use cases of leave: permission first, then rules, then records."""

    def __init__(
        self,
        store: LeaveStore,
        approvals: ApprovalService,
        permission: PermissionChecker,
        audit: AuditLog,
        vault: Vault,
        clock: Clock,
        calendar: WorkCalendar,
        types: Mapping[str, LeaveType],
        route: Route,
        consents: Consents,
    ) -> None:
        self._store = store
        self._consents = consents
        self._approvals = approvals
        self._permission = permission
        self._audit = audit
        self._vault = vault
        self._clock = clock
        self._calendar = calendar
        self.types = types
        self._route = route

    @property
    def today(self) -> date:
        """The company's day."""
        return company_day(self._clock.now())

    @property
    def calendar(self) -> WorkCalendar:
        """The workdays that leave is counted in."""
        return self._calendar

    @property
    def _access(self) -> Access:
        return self._permission.access

    async def preview(self, actor: int, wish: LeaveWish) -> LeavePreview:
        """Say what a wish would cost; raises the rule that stands against it."""
        self._permission.may(actor, Action.LEAVE_APPLY, on=actor)
        view = self._permission.may(actor, Action.LEAVE_VIEW, on=actor)
        return await self._judge(actor, wish, view)

    async def submit(self, actor: int, wish: LeaveWish) -> tuple[int, Happened]:
        """Ask for leave: the days are reserved in the same step, so that they can't be asked for twice."""
        grant = self._permission.may(actor, Action.LEAVE_APPLY, on=actor)
        view = self._permission.may(actor, Action.LEAVE_VIEW, on=actor)
        await self._store.hold_person(actor)
        preview = await self._judge(actor, wish, view)
        row = LeaveRequestRow(
            employee_id=actor,
            leave_type=wish.leave_type,
            start=wish.span.start,
            start_half=wish.span.start_half.value,
            end=wish.span.end,
            end_half=wish.span.end_half.value,
            days=preview.days,
            status=LeaveStatus.PENDING.value,
            submitted_at=self._clock.now(),
            route_version=self._route.version,
        )
        request_id = await self._store.add(row, grant)
        if wish.reason and await self._may_keep_reason(actor, wish):
            self._store.seal_reason(row, self._vault.seal(wish.reason, KIND, "reason", request_id))
        self._move(row, EntryKind.RESERVE, 1)
        asked = await self._approvals.start(request_id, actor, self._route, preview.days)
        self._record(actor, Action.LEAVE_APPLY, row)
        return request_id, Happened(tuple(Notice(person, "leave.approval", request_id) for person in asked))

    async def _may_keep_reason(self, actor: int, wish: LeaveWish) -> bool:
        """A reason is voluntary; but who took back their consent to health data has theirs forgotten at once."""
        return wish.leave_type != SICK or not await self._consents.withdrawn(actor, Sensitive.MEDICAL)

    async def decide(
        self, actor: int, request_id: int, *, approve: bool, comment: str = ""
    ) -> tuple[LeaveDetails, Happened | None]:
        """Approve or reject. None instead of what happened: it was decided before, and nothing has changed."""
        row = await self._store.locked(request_id)
        on = row.employee_id if row else None
        record = f"{KIND}:{request_id}"
        if row is None or on == actor:  # Nobody decides their own.
            raise self._permission.refuse(actor, Action.LEAVE_DECIDE, on=on, record=record)
        grant = self._permission.may(actor, Action.LEAVE_DECIDE, on=row.employee_id, record=record)
        if row.status != LeaveStatus.PENDING:
            return await self._details(row), None
        if not await self._approvals.asks(request_id, actor):
            if any(step.decided_by == actor for step in await self._approvals.steps(request_id)):
                return await self._details(row), None  # A second tap; the next step is somebody else's.
            raise self._permission.refuse(actor, Action.LEAVE_DECIDE, on=on, record=record)
        if len(comment) > COMMENT_LIMIT:
            raise CommentTooLong(len(comment), COMMENT_LIMIT)
        decision = await self._approvals.decide(request_id, actor, approve=approve, comment=comment or None)
        self._record(actor, Action.LEAVE_DECIDE, row, why="approve" if approve else "reject")
        notices = [Notice(person, "leave.approval", request_id) for person in decision.asked]
        outdated = (actor, *decision.relieved)  # Their own card too, when they decided in words.
        if decision.approved is not None:
            self._close(row, LeaveStatus.APPROVED if decision.approved else LeaveStatus.REJECTED, grant)
            notices.append(Notice(row.employee_id, "leave.decided", request_id))
            outdated = (*outdated, row.employee_id)
            if decision.approved:
                notices.append(Notice(Group.HR, "leave.absence", request_id))
        return await self._details(row), Happened(tuple(notices), Outdated(KIND, request_id, outdated))

    async def orphaned(self) -> list[int]:
        """Give the pending requests that nobody who was asked may decide any more."""
        pending = [row for row in await self._store.pending() if row.employee_id in self._access.directory.people]
        asks = self._approvals.is_orphaned
        return [row.id or 0 for row in pending if await asks(row.id or 0, row.employee_id, Action.LEAVE_DECIDE)]

    async def adopt(self, request_id: int) -> Happened:
        """Ask those who would be asked today, after a transfer or a departure. Raises `NoApprover`."""
        row = await self._store.locked(request_id)
        if row is None or row.status != LeaveStatus.PENDING:
            return Happened()
        change = await self._approvals.adopt(request_id, row.employee_id, Action.LEAVE_DECIDE)
        key = self._access.directory.people[row.employee_id].key
        self._audit.record(Act(SYSTEM, "leave.reassign", on=key, record=f"{KIND}:{request_id}"))
        notices = tuple(Notice(person, "leave.approval", request_id) for person in change.asked)
        return Happened(notices, Outdated(KIND, request_id, (row.employee_id, *change.relieved)))

    async def withdraw(self, actor: int, request_id: int) -> tuple[LeaveDetails, Happened | None]:
        """Take one's own pending request back. None instead of what happened: it was closed before."""
        row = await self._store.locked(request_id)
        record = f"{KIND}:{request_id}"
        if row is None:
            raise self._permission.refuse(actor, Action.LEAVE_WITHDRAW, record=record)
        grant = self._permission.may(actor, Action.LEAVE_WITHDRAW, on=row.employee_id, record=record)
        if row.status != LeaveStatus.PENDING:
            return await self._details(row), None
        asked = await self._approvals.cancel(request_id)
        self._close(row, LeaveStatus.WITHDRAWN, grant)
        self._record(actor, Action.LEAVE_WITHDRAW, row)
        return await self._details(row), Happened(outdated=Outdated(KIND, request_id, (actor, *asked)))

    async def details(self, viewer: int, request_id: int) -> LeaveDetails:
        """Show a request to somebody who may see it: its owner, who stands above, HR, and whoever is asked."""
        row = await self._store.find(request_id)
        if row is None:
            raise self._permission.refuse(viewer, Action.LEAVE_VIEW, record=f"{KIND}:{request_id}")
        self._permission.may(viewer, Action.LEAVE_VIEW, on=row.employee_id, record=f"{KIND}:{request_id}")
        if row.reason_sealed and viewer != row.employee_id and self.types[row.leave_type].medical:
            people = self._access.directory.people
            on, record = people[row.employee_id].key, f"{KIND}:{request_id}"
            self._audit.record(Act(people[viewer].key, "leave.reason_read", on=on, record=record))
        return await self._details(row)

    async def awaits(self, viewer: int, details: LeaveDetails) -> bool:
        """Tell whether a request waits for this person's decision."""
        return details.status is LeaveStatus.PENDING and await self._approvals.asks(details.id, viewer)

    async def absence(self, request_id: int) -> Absence | None:
        """Give the name and the span of an approved request, for the group: no type, no reason."""
        row = await self._store.find(request_id)
        if row is None or row.status != LeaveStatus.APPROVED:
            return None
        return Absence(row.employee_id, self._name(row.employee_id), row.span)

    async def mine(self, actor: int, *, pending: bool = False) -> list[LeaveDetails]:
        """Give one's own requests, newest first."""
        grant = self._permission.may(actor, Action.LEAVE_VIEW, on=actor)
        rows = await self._store.of_person(actor, grant, statuses=[LeaveStatus.PENDING.value] if pending else None)
        return [await self._details(row) for row in rows[:20]]

    async def balances_for_operator(self, employee_id: int, operator: str) -> Mapping[str, LeaveBalance]:
        """Give a person's balances to a command on the server; who may run commands there may, and it is on record."""
        grant = self._permission.may(employee_id, Action.LEAVE_VIEW, on=employee_id)
        self._record_read(operator, employee_id)
        return {
            code: await self._store.balance(employee_id, code, self.today, grant)
            for code, kind in self.types.items()
            if kind.has_balance
        }

    async def requests_for_operator(self, employee_id: int, operator: str) -> list[LeaveRequestRow]:
        """Give all requests of a person to a command on the server, newest first, on record."""
        grant = self._permission.may(employee_id, Action.LEAVE_VIEW, on=employee_id)
        self._record_read(operator, employee_id)
        return await self._store.of_person(employee_id, grant)

    async def requests_as(self, reader: int, employee_id: int) -> list[LeaveRequestRow]:
        """Give all requests of a person to somebody who agreed that a command reads as them, on record."""
        grant = self._permission.may(reader, Action.LEAVE_VIEW, on=employee_id)
        self._record_read(self._access.directory.people[reader].key, employee_id)
        return await self._store.of_person(employee_id, grant)

    async def to_decide(self, actor: int) -> list[LeaveDetails]:
        """Give the requests that wait for this person."""
        over = self._permission.over(actor, Action.LEAVE_VIEW)
        rows = await self._store.among(await self._approvals.waiting_for(actor), over)
        return [await self._details(row) for row in rows]

    async def away(self, day: date, viewer: int | None = None) -> list[Absence]:
        """Give who is away on a day: everybody for the HR group, else those whom the viewer reaches."""
        if viewer is None:
            over = self._permission.for_hr_group(Action.ABSENCE_VIEW)
        else:
            over = self._permission.over(viewer, Action.ABSENCE_VIEW)
            if not over.reached:
                raise self._permission.refuse(viewer, Action.ABSENCE_VIEW)
        rows = await self._store.approved_on(day, over)
        return [
            Absence(row.employee_id, self._name(row.employee_id), row.span)
            for row in rows
            if row.employee_id in self._access.directory.people
        ]

    async def read_entitlements_ahead(self, people: Sequence[int]) -> None:
        """Read this year's ledgers of many people at once; each is then asked for under a permission of its own."""
        await self._store.read_balances_ahead(people, ANNUAL, self.today)

    async def entitlement(self, actor: int, employee_id: int) -> Entitlement:
        """Give a person's annual leave of this year with the rule behind it."""
        grant = self._permission.may(actor, Action.LEAVE_VIEW, on=employee_id)
        return await self.entitlement_under(grant, employee_id)

    async def entitlement_under(self, grant: Grant, employee_id: int) -> Entitlement:
        """Give a person's annual leave under a grant the caller already has."""
        balance = await self._store.balance(employee_id, ANNUAL, self.today, grant)
        right = self._right(employee_id, self.today.year)
        hired_on = self._access.directory.people[employee_id].hired_on
        if right is None:
            return Entitlement(balance, hired_on, 0, "unknown_hire_date", None)
        return Entitlement(balance, hired_on, right.full_year_days, right.rule, right.valid_from)

    async def grant_annual(self, employee_id: int, year: int) -> Decimal:
        """Book what the law gives for a year, or the difference to what was booked; gives the days booked now.

        Counts from the hire date until real service dates are known; without one, nothing is granted.
        """
        right = self._right(employee_id, year)
        if right is None:
            return Decimal(0)
        await self._store.hold_person(employee_id)
        booked = await self._store.granted(employee_id, ANNUAL, year)
        wanted = {right.valid_from: Decimal(right.days)} if right.days else {}
        # Days that were granted from another day on are taken back from that day on, or they would stay usable there.
        differences = {day: wanted.get(day, Decimal(0)) - booked.get(day, Decimal(0)) for day in booked | wanted}
        number = await self._store.count(employee_id, ANNUAL, year)
        for usable_from, difference in differences.items():
            if difference:
                number += 1
                self._store.book(
                    LeaveLedgerRow(
                        employee_id=employee_id,
                        leave_type=ANNUAL,
                        year=year,
                        kind=EntryKind.GRANT.value,
                        days=difference,
                        usable_from=usable_from,
                        once=f"annual:{year}:{number}",
                        at=self._clock.now(),
                    )
                )
        if any(differences.values()):
            key = self._access.directory.people[employee_id].key
            self._audit.record(Act(SYSTEM, "leave.grant", on=key, record=f"{ANNUAL}:{year}", why=right.rule))
        return sum(differences.values(), Decimal(0))

    def _right(self, employee_id: int, year: int) -> rules.AnnualLeave | None:
        hired_on = self._access.directory.people[employee_id].hired_on
        if hired_on is None:
            return None
        return rules.annual_leave_entitlement(year=year, cumulative_service_start=hired_on, hire_date=hired_on)

    async def _judge(self, employee_id: int, wish: LeaveWish, view: Grant) -> LeavePreview:
        kind = self.types[wish.leave_type]
        others = [
            LeaveApplication(row.id or 0, row.employee_id, row.leave_type, row.span, row.days, LeaveStatus(row.status))
            for row in await self._store.open_within(employee_id, wish.span)
        ]
        days = rules.check_application(
            calendar=self._calendar, leave_type=kind, span=wish.span, today=self.today, others=others
        )
        if not kind.has_balance:
            return LeavePreview(days, None)
        if wish.leave_type == ANNUAL and self._access.directory.people[employee_id].hired_on is None:
            raise HireDateUnknown
        parts = rules.by_year(wish.span)
        balances = [await self._store.balance(employee_id, wish.leave_type, part.start, view) for part in parts]
        for part, balance in zip(parts, balances, strict=True):
            rules.check_balance(kind, rules.leave_days(self._calendar, kind, part), balance)
        return LeavePreview(days, balances[0])

    def _close(self, row: LeaveRequestRow, status: LeaveStatus, grant: Grant) -> None:
        self._store.close(row, status, self._clock.now(), grant)
        self._move(row, EntryKind.RESERVE, -1)
        if status is LeaveStatus.APPROVED:
            self._move(row, EntryKind.TAKE, 1)

    def _move(self, row: LeaveRequestRow, kind: EntryKind, sign: int) -> None:
        """Book a request's days, year by year: a balance is a calendar year's."""
        for part in rules.by_year(row.span):
            year = part.start.year
            days = rules.leave_days(self._calendar, self.types[row.leave_type], part)
            self._store.book(
                LeaveLedgerRow(
                    employee_id=row.employee_id,
                    leave_type=row.leave_type,
                    year=year,
                    kind=kind.value,
                    days=sign * days,
                    once=f"request:{row.id}:{year}:{kind.value}:{sign}",
                    request_id=row.id,
                    at=self._clock.now(),
                )
            )

    async def _details(self, row: LeaveRequestRow) -> LeaveDetails:
        request_id = row.id or 0
        steps = await self._approvals.steps(request_id)
        balance = None
        if self.types[row.leave_type].has_balance and row.employee_id in self._access.directory.people:
            view = self._permission.may(row.employee_id, Action.LEAVE_VIEW, on=row.employee_id)
            balance = await self._store.balance(row.employee_id, row.leave_type, row.start, view)
        named = {
            row.employee_id,
            *(p for s in steps for p in s.approvers),
            *(s.decided_by for s in steps if s.decided_by),
        }
        return LeaveDetails(
            id=request_id,
            employee_id=row.employee_id,
            employee_name=self._name(row.employee_id),
            leave_type=row.leave_type,
            span=row.span,
            days=row.days,
            status=LeaveStatus(row.status),
            reason=self._vault.open(row.reason_sealed, KIND, "reason", request_id) if row.reason_sealed else "",
            submitted_at=row.submitted_at,
            balance=balance,
            steps=steps,
            names={person: self._name(person) for person in named},
        )

    def _name(self, employee_id: int) -> str:
        person = self._access.directory.people.get(employee_id)
        return person.name if person else ""

    def _record_read(self, operator: str, employee_id: int) -> None:
        key = self._access.directory.people[employee_id].key
        self._audit.record(Act(operator, Action.LEAVE_VIEW.value, on=key))

    def _record(self, actor: int, action: Action, row: LeaveRequestRow, why: str | None = None) -> None:
        people = self._access.directory.people
        self._audit.record(
            Act(people[actor].key, action.value, on=people[row.employee_id].key, record=f"{KIND}:{row.id}", why=why)
        )
