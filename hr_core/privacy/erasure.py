"""Erasing a person on request: asked on the server, decided by HR in the chat with two taps, done by a task."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.audit.store import OPERATOR, SYSTEM, Act, AuditLog
from hr_core.clock import Clock
from hr_core.database import Row
from hr_core.errors import HRError
from hr_core.notices import Errand, Happened, Notice
from hr_core.people.store import EmployeeRow, PeopleStore
from hr_core.permission.checker import PermissionChecker
from hr_core.permission.matrix import Action
from hr_core.privacy.export import Asker, exports
from hr_core.privacy.person import Fate, erase_class, forget_consented, plan
from hr_core.privacy.policy import PrivacyPolicy

VIEW = "privacy.erasure"
TASK = "privacy.erase_person"
CONSENTED = "consented"
"""What rests on consents: erased before the classes."""
LASTING = timedelta(days=1)
"""How long HR may take to decide."""


class Status(StrEnum):
    """Where an erasure is: asked, said yes to once, said yes to twice, carried out, or not."""

    PENDING = "pending"
    SURE = "sure"
    CONFIRMED = "confirmed"
    DONE = "done"
    DECLINED = "declined"
    EXPIRED = "expired"


class Step(StrEnum):
    """What is tapped."""

    ERASE = "erase"
    SURE = "sure"
    DECLINE = "decline"


class NobodyToErase(HRError):
    """There is no such person, or it is the one who would decide."""

    code = "privacy.error.nobody_to_erase"


class ErasureRow(Row, table=True):
    """One erasure: of whom, decided by whom of HR, typed under which login on the server."""

    __tablename__ = "erasure"
    id: int | None = Field(default=None, primary_key=True)
    employee_id: int = Field(foreign_key="employee.id", index=True)
    decided_by: int = Field(foreign_key="employee.id")
    login: str = Field(max_length=64)
    status: str = Field(default=Status.PENDING.value, max_length=16)
    asked_at: datetime
    decided_at: datetime | None = None
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Erasure:
    """An erasure as HR sees it."""

    id: int
    name: str
    key: str
    login: str
    status: Status
    fates: Sequence[Fate]


class ErasureService:
    """Asks, decides, carries out. The caller holds the transaction."""

    def __init__(
        self, session: AsyncSession, permission: PermissionChecker, audit: AuditLog, clock: Clock, policy: PrivacyPolicy
    ) -> None:
        self._session = session
        self._permission = permission
        self._audit = audit
        self._clock = clock
        self._policy = policy

    async def person(self, key: str) -> EmployeeRow | None:
        """Find somebody by their key, who has left included."""
        return (await PeopleStore(self._session).employees_by_key([key])).get(key)

    async def preview(self, person: EmployeeRow, decider: int) -> Sequence[Fate]:
        """Say what would go and what would stay, on record."""
        self._permission.may(decider, Action.DATA_ERASE, on=None)
        self._audit.record(Act(OPERATOR, "data.erase_preview", on=person.key, behalf=self._key(decider)))
        return await plan(self._session, self._policy, person)

    async def ask(self, person: EmployeeRow, decider: int, login: str) -> tuple[int, Happened]:
        """Ask somebody in HR; raises `NotAllowed` for who may not decide it, `NobodyToErase` for themselves."""
        self._permission.may(decider, Action.DATA_ERASE, on=None)
        if person.id == decider:
            raise NobodyToErase
        row = ErasureRow(employee_id=person.id or 0, decided_by=decider, login=login[:64], asked_at=self._clock.now())
        self._session.add(row)
        await self._session.flush()
        act = Act(OPERATOR, "data.erase_ask", on=person.key, behalf=self._key(decider), record=_record(row))
        self._audit.record(act)
        return row.id or 0, Happened((Notice(decider, VIEW, row.id or 0),))

    async def decide(self, actor: int, number: int, step: Step) -> Happened:
        """Take a tap. The second question has a button of its own, so that a tap that comes twice isn't two answers."""
        row = await self._session.get(ErasureRow, number, with_for_update=True)
        if row is None or row.decided_by != actor:
            raise self._permission.refuse(actor, Action.DATA_ERASE, record=f"erasure:{number}")
        self._permission.may(actor, Action.DATA_ERASE, on=None, record=_record(row))
        asked = {Step.ERASE: (Status.PENDING,), Step.SURE: (Status.SURE,)}.get(step, (Status.PENDING, Status.SURE))
        if row.status not in asked:
            return Happened()
        errands: tuple[Errand, ...] = ()
        if self._clock.now() - row.asked_at > LASTING:
            row.status = Status.EXPIRED.value
        elif step is Step.ERASE:
            row.status = Status.SURE.value
        elif step is Step.SURE:
            row.status = Status.CONFIRMED.value
            errands = (Errand(TASK, {"erasure": number}, lock=TASK),)
        else:
            row.status = Status.DECLINED.value
        row.decided_at = self._clock.now()
        self._session.add(row)
        person = await self._session.get_one(EmployeeRow, row.employee_id)
        act = Act(self._key(actor), Action.DATA_ERASE.value, on=person.key, record=_record(row), why=row.status)
        self._audit.record(act)
        return Happened(errands=errands)

    async def details(self, viewer: int, number: int) -> Erasure:
        """Show an erasure to whoever in HR decides it."""
        row = await self._session.get(ErasureRow, number)
        if row is None or row.decided_by != viewer:
            raise self._permission.refuse(viewer, Action.DATA_ERASE, record=f"erasure:{number}")
        self._permission.may(viewer, Action.DATA_ERASE, on=None, record=_record(row))
        person = await self._session.get_one(EmployeeRow, row.employee_id)
        fates = await plan(self._session, self._policy, person)
        return Erasure(number, person.name, person.key, row.login, Status(row.status), fates)

    # --- carrying out -------------------------------------------------------------------------------------------------

    @property
    def steps(self) -> tuple[str, ...]:
        """What is erased, one step a transaction."""
        return (CONSENTED, *(rule.data_class for rule in self._policy.retention))

    async def carry_out(self, number: int, step: str) -> int:
        """Erase one step's data; nothing unless it was confirmed."""
        row = await self._session.get(ErasureRow, number, with_for_update=True)
        if row is None or row.status != Status.CONFIRMED:
            return 0
        person = await self._session.get_one(EmployeeRow, row.employee_id)
        if step == CONSENTED:
            count = await forget_consented(self._session, person)
        else:
            count = await erase_class(self._session, self._policy, step, person)
        if count:
            why = f"{step}: {count} values"
            self._audit.record(Act(SYSTEM, "data.erased", on=person.key, record=_record(row), why=why))
        return count

    async def finish(self, number: int) -> Happened:
        """Say that it is done, once."""
        row = await self._session.get(ErasureRow, number, with_for_update=True)
        if row is None or row.status != Status.CONFIRMED:
            return Happened()
        row.status, row.done_at = Status.DONE.value, self._clock.now()
        self._session.add(row)
        person = await self._session.get_one(EmployeeRow, row.employee_id)
        self._audit.record(Act(SYSTEM, "data.erased", on=person.key, record=_record(row), why="done"))
        return Happened((Notice(row.decided_by, f"{VIEW}.done", number),))

    def _key(self, employee_id: int) -> str:
        return self._permission.access.directory.people[employee_id].key


def _record(row: ErasureRow) -> str:
    return f"erasure:{row.id}"


@exports("删除申请", "erasure")
async def erasures(asker: Asker) -> Sequence[dict[str, object]]:
    """What was erased of theirs on request."""
    query = select(ErasureRow).where(ErasureRow.employee_id == asker.employee_id).order_by(col(ErasureRow.id))
    return [
        {"编号": row.id, "状态": row.status, "时间": row.asked_at, "完成时间": row.done_at}
        for row in await asker.session.exec(query)
    ]
