"""Hires, their steps and tasks, and the numbers that were given out."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.database import Row
from hr_core.database.upsert import insert_into
from hr_core.onboarding.model import OPEN, HireStatus, StepName, StepStatus
from hr_core.people.store import EmployeeRow
from hr_core.vault.columns import indexed, sealed

_OPEN = text(f"status IN ({', '.join(repr(one.value) for one in OPEN)})")


class HireRow(Row, table=True):
    """A hire. `userid` is the account we ask for, or the one that came of it; `version` counts its changes.

    One mobile can be in one open hire only, and the database sees to it.
    """

    __tablename__ = "hire"
    __table_args__ = (
        Index("uq_hire_mobile_open", "mobile_index", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    )
    id: int | None = Field(default=None, primary_key=True)
    name: str | None = Field(default=None, max_length=80)
    mobile_sealed: bytes | None = None
    mobile_index: bytes | None = Field(default=None, index=True)
    department_id: int = Field(foreign_key="department.id")
    position: str | None = Field(default=None, max_length=200)
    manager_id: int | None = Field(default=None, foreign_key="employee.id")
    first_day: date = Field(index=True)
    employment: str = Field(max_length=16)
    contract: str = Field(max_length=16)
    contract_months: int | None = None
    probation_months: int = 0
    former_id: int | None = Field(default=None, foreign_key="employee.id")
    userid: str = Field(unique=True, max_length=64)
    employee_id: int | None = Field(default=None, foreign_key="employee.id", index=True)
    status: str = Field(max_length=16, index=True)
    created_by: int = Field(foreign_key="employee.id")
    created_at: datetime
    closed_at: datetime | None = None
    greeted_at: datetime | None = None
    policy_version: int
    version: int = 1


_mobile = sealed(HireRow, "mobile_sealed", "id", lambda hire_id: ("hire", "mobile", hire_id))
indexed(_mobile, "mobile_index", "phone")


class HireStepRow(Row, table=True):
    """One step of one hire. `external_id` is what the other side calls what the step made."""

    __tablename__ = "hire_step"
    __table_args__ = (UniqueConstraint("hire_id", "name"),)
    id: int | None = Field(default=None, primary_key=True)
    hire_id: int = Field(foreign_key="hire.id")
    name: str = Field(max_length=16)
    position: int
    status: str = Field(default=StepStatus.WAITING.value, max_length=16)
    attempts: int = 0
    error: str | None = Field(default=None, max_length=80)
    external_id: str | None = Field(default=None, max_length=64)
    reason_sealed: bytes | None = None
    changed_at: datetime | None = None


sealed(HireStepRow, "reason_sealed", "id", lambda step_id: ("hire_step", "reason", step_id))


class HireTaskRow(Row, table=True):
    """One task of one hire, somebody's until a day. A cancelled hire's are closed, not done."""

    __tablename__ = "hire_task"
    __table_args__ = (UniqueConstraint("hire_id", "position"),)
    id: int | None = Field(default=None, primary_key=True)
    hire_id: int = Field(foreign_key="hire.id")
    position: int
    title: str = Field(max_length=60)
    owner_id: int = Field(foreign_key="employee.id", index=True)
    due: date
    done_at: datetime | None = None
    done_by: int | None = Field(default=None, foreign_key="employee.id")
    closed: bool = False


class EmployeeNumberRow(Row, table=True):
    """A number that was given out: once, to one hire, and never again, whatever became of it."""

    __tablename__ = "employee_number"
    number: str = Field(primary_key=True, max_length=32)
    hire_id: int = Field(foreign_key="hire.id", unique=True)
    given_at: datetime


class HireStore:
    """Queries and writes of one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def locked(self, hire_id: int) -> HireRow | None:
        """Find a hire and hold it until the transaction ends; says nothing to anybody yet."""
        return await self._session.get(HireRow, hire_id, with_for_update=True)

    async def find(self, hire_id: int) -> HireRow | None:
        """Find a hire, for the permission question that must follow."""
        return await self._session.get(HireRow, hire_id)

    async def add(self, row: HireRow) -> int | None:
        """Keep a new hire and give its number; None when another open one has the same mobile.

        Where two are kept at the same instant, the database lets one of them in.
        """
        statement = insert_into(HireRow, self._session).values(row.model_dump(exclude={"id"}))
        kept = statement.on_conflict_do_nothing(index_elements=["mobile_index"], index_where=_OPEN)
        connection = await self._session.connection()
        found: int | None = (await connection.execute(kept.returning(col(HireRow.id)))).scalar()
        return found

    async def with_mobile(self, indexes: Collection[bytes]) -> list[HireRow]:
        """Give every hire with a mobile, by all its blind indexes, newest first."""
        query = select(HireRow).where(col(HireRow.mobile_index).in_(list(indexes))).order_by(col(HireRow.id).desc())
        return list(await self._session.exec(query))

    async def of_userid(self, userid: str) -> HireRow | None:
        """Find the hire that an account belongs to."""
        return (await self._session.exec(select(HireRow).where(HireRow.userid == userid))).first()

    async def in_status(self, *statuses: HireStatus) -> list[HireRow]:
        """Give the hires that stand so, oldest first."""
        query = select(HireRow).where(col(HireRow.status).in_([one.value for one in statuses]))
        return list(await self._session.exec(query.order_by(col(HireRow.id))))

    async def recent(self, since: date, most: int = 200) -> list[HireRow]:
        """Give the hires that are open, or whose first day isn't longer ago, newest first."""
        opened = col(HireRow.status).in_([one.value for one in OPEN])
        query = select(HireRow).where(opened | (col(HireRow.first_day) >= since))
        return list(await self._session.exec(query.order_by(col(HireRow.id).desc()).limit(most)))

    async def beginning(self, day: date) -> list[HireRow]:
        """Give the hires that are done, whose first day has come and that nobody was told of."""
        query = select(HireRow).where(
            HireRow.status == HireStatus.DONE.value,
            col(HireRow.first_day) <= day,
            col(HireRow.greeted_at).is_(None),
        )
        return list(await self._session.exec(query.order_by(col(HireRow.id)).with_for_update()))

    async def of_employee(self, employee_id: int) -> list[HireRow]:
        """Give a person's own hires, newest first."""
        query = select(HireRow).where(HireRow.employee_id == employee_id).order_by(col(HireRow.id).desc())
        return list(await self._session.exec(query))

    async def named(self, name: str) -> list[EmployeeRow]:
        """Give everybody of a name, those who left included."""
        query = select(EmployeeRow).where(EmployeeRow.name == name).order_by(col(EmployeeRow.id))
        return list(await self._session.exec(query))

    async def employees(self, ids: Collection[int]) -> list[EmployeeRow]:
        """Give employees by number, those who left included."""
        query = select(EmployeeRow).where(col(EmployeeRow.id).in_(list(ids))).order_by(col(EmployeeRow.id))
        return list(await self._session.exec(query))

    # --- steps --------------------------------------------------------------------------------------------------------

    async def steps(self, hire_id: int) -> list[HireStepRow]:
        """Give a hire's steps in order."""
        query = select(HireStepRow).where(HireStepRow.hire_id == hire_id).order_by(col(HireStepRow.position))
        return list(await self._session.exec(query))

    async def steps_of(self, hires: Collection[int]) -> list[HireStepRow]:
        """Give the steps of several hires, in order."""
        query = select(HireStepRow).where(col(HireStepRow.hire_id).in_(list(hires)))
        return list(await self._session.exec(query.order_by(col(HireStepRow.hire_id), col(HireStepRow.position))))

    # --- tasks --------------------------------------------------------------------------------------------------------

    async def tasks(self, hire_id: int) -> list[HireTaskRow]:
        """Give a hire's tasks in order."""
        query = select(HireTaskRow).where(HireTaskRow.hire_id == hire_id).order_by(col(HireTaskRow.position))
        return list(await self._session.exec(query))

    async def tasks_of(self, hires: Collection[int]) -> list[HireTaskRow]:
        """Give the tasks of several hires, in order."""
        query = select(HireTaskRow).where(col(HireTaskRow.hire_id).in_(list(hires)))
        return list(await self._session.exec(query.order_by(col(HireTaskRow.hire_id), col(HireTaskRow.position))))

    async def open_tasks(self, owner: int) -> list[HireTaskRow]:
        """Give what somebody has to do still, by due day."""
        query = select(HireTaskRow).where(
            HireTaskRow.owner_id == owner, col(HireTaskRow.done_at).is_(None), col(HireTaskRow.closed).is_(False)
        )
        return list(await self._session.exec(query.order_by(col(HireTaskRow.due), col(HireTaskRow.id))))

    async def task(self, task_id: int) -> HireTaskRow | None:
        """Find a task and hold it."""
        return await self._session.get(HireTaskRow, task_id, with_for_update=True)

    # --- numbers ------------------------------------------------------------------------------------------------------

    async def number_of(self, hire_id: int) -> str | None:
        """Give the number of a hire, if it has one."""
        query = select(EmployeeNumberRow.number).where(EmployeeNumberRow.hire_id == hire_id)
        return (await self._session.exec(query)).first()

    async def numbers_of(self, hires: Collection[int]) -> dict[int, str]:
        """Give the numbers of several hires."""
        query = select(EmployeeNumberRow).where(col(EmployeeNumberRow.hire_id).in_(list(hires)))
        return {row.hire_id: row.number for row in await self._session.exec(query)}

    async def known_numbers(self, prefix: str) -> set[str]:
        """Give every number that begins so: those given out, and those of anybody who works or worked here."""
        given = select(EmployeeNumberRow.number).where(
            col(EmployeeNumberRow.number).startswith(prefix, autoescape=True)
        )
        held = select(EmployeeRow.employee_number).where(
            col(EmployeeRow.employee_number).startswith(prefix, autoescape=True)
        )
        return {*await self._session.exec(given), *(one for one in await self._session.exec(held) if one)}

    async def take_number(self, number: str, hire_id: int, at: datetime) -> bool:
        """Give a number out; False when somebody else was given it in this instant."""
        statement = insert_into(EmployeeNumberRow, self._session).values(number=number, hire_id=hire_id, given_at=at)
        taken = statement.on_conflict_do_nothing(index_elements=["number"]).returning(col(EmployeeNumberRow.number))
        return (await (await self._session.connection()).execute(taken)).scalar() is not None

    # --- writing ------------------------------------------------------------------------------------------------------

    def save(self, *rows: HireRow | HireStepRow | HireTaskRow) -> None:
        """Keep new or changed rows."""
        self._session.add_all(rows)

    async def flush(self) -> None:
        """Let new rows have their ids."""
        await self._session.flush()


def step_named(steps: Sequence[HireStepRow], name: StepName) -> HireStepRow:
    """Give one step."""
    return next(step for step in steps if step.name == name)
