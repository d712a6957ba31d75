"""The personnel file's tables. Values are sealed for one person's one field; a list without values never opens any.

What is written under a consent takes the proof of it; what is read takes the checker's grant for that person.
"""

import base64
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, delete
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.database import Row
from hr_core.permission.access import Reached
from hr_core.permission.checker import Grant, ListGrant
from hr_core.permission.matrix import Action
from hr_core.permission.store import only
from hr_core.personnel.model import CHOICES, FIELDS, STEP_OF, FieldSpec
from hr_core.privacy.consent import Consented
from hr_core.privacy.policy import Sensitive
from hr_core.privacy.store import Answer, ConsentRow
from hr_core.vault import Vault
from hr_core.vault.columns import indexed, sealed

READS = frozenset({Action.PERSONNEL_FILL, Action.EMPLOYEE_VIEW, Action.IDENTITY_VIEW, Action.DATA_EXPORT})


class PersonnelFileRow(Row, table=True):
    """Somebody is expected to fill their file in, since `opened_at`."""

    __tablename__ = "personnel_file"
    employee_id: int = Field(primary_key=True, foreign_key="employee.id")
    opened_at: datetime


class PersonnelFieldRow(Row, table=True):
    """One answer. `slot` is `<employee>:<field>` and what the value is sealed for; one of both values is there.

    `number_index` finds equal identity numbers without opening any.
    """

    __tablename__ = "personnel_field"
    slot: str = Field(primary_key=True, max_length=64)
    employee_id: int = Field(foreign_key="employee.id", index=True)
    field: str = Field(max_length=32)
    value_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    account_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    number_index: bytes | None = Field(default=None, sa_type=LargeBinary, index=True)
    changed_at: datetime


class PersonnelDocumentRow(Row, table=True):
    """One picture of a paper, sealed."""

    __tablename__ = "personnel_document"
    slot: str = Field(primary_key=True, max_length=64)
    employee_id: int = Field(foreign_key="employee.id", index=True)
    kind: str = Field(max_length=32)
    content_sealed: bytes = Field(sa_type=LargeBinary)
    content_type: str = Field(max_length=32)
    size: int
    changed_at: datetime


class IdentityReadingRow(Row, table=True):
    """A number that `viewer_id` may look at on a card until `until`, and what for; gone soon after."""

    __tablename__ = "identity_reading"
    id: int | None = Field(default=None, primary_key=True)
    viewer_id: int = Field(foreign_key="employee.id")
    employee_id: int = Field(foreign_key="employee.id")
    field: str = Field(max_length=32)
    why: str = Field(max_length=64)
    until: datetime = Field(index=True)


def _identity(slot: Any) -> tuple[object, ...]:
    return ("identity", "personnel_field", slot)


def _bank(slot: Any) -> tuple[object, ...]:
    return ("bank", "personnel_field", slot)


def _attachment(slot: Any) -> tuple[object, ...]:
    return ("attachment", "personnel_document", slot)


indexed(sealed(PersonnelFieldRow, "value_sealed", "slot", _identity), "number_index", "identity")
sealed(PersonnelFieldRow, "account_sealed", "slot", _bank)
sealed(PersonnelDocumentRow, "content_sealed", "slot", _attachment)


def slot_of(employee_id: int, part: str) -> str:
    """Name one person's one field or picture."""
    return f"{employee_id}:{part}"


class PersonnelStore:
    """Reads and writes the file of one person, and who has how much of it."""

    def __init__(self, session: AsyncSession, vault: Vault) -> None:
        self._session = session
        self._vault = vault

    # --- one person's -------------------------------------------------------------------------------------------------

    async def open_file(self, employee_id: int, at: datetime) -> None:
        """Expect a person to fill their file in; from the first time on."""
        if await self._session.get(PersonnelFileRow, employee_id) is None:
            self._session.add(PersonnelFileRow(employee_id=employee_id, opened_at=at))

    async def keep(
        self, spec: FieldSpec, value: str, at: datetime, grant: Grant, consent: Consented | None
    ) -> tuple[bool, PersonnelFieldRow]:
        """Keep one answer of the grant's person, instead of the one before; tells whether another stood there."""
        employee_id = _owner(grant, spec.key, consent)
        slot = slot_of(employee_id, spec.key)
        row = await self._session.get(PersonnelFieldRow, slot, with_for_update=True)
        before = row is not None and self._opened(row) != value
        if row is None:
            row = PersonnelFieldRow(slot=slot, employee_id=employee_id, field=spec.key, changed_at=at)
        if spec.is_account:
            row.account_sealed = self._vault.seal(value, *_bank(slot))
        else:
            row.value_sealed = self._vault.seal(value, *_identity(slot))
        if spec.key == "id_number":
            row.number_index = self._vault.index("identity", value)
        row.changed_at = at
        self._session.add(row)
        return before, row

    async def values(self, employee_id: int, grant: Grant, only_fields: Collection[str] = ()) -> dict[str, str]:
        """Open what a person has told, or some fields of it."""
        _may_read(grant, employee_id)
        query = select(PersonnelFieldRow).where(PersonnelFieldRow.employee_id == employee_id)
        if only_fields:
            query = query.where(col(PersonnelFieldRow.field).in_(only_fields))
        return {row.field: self._opened(row) for row in await self._session.exec(query) if row.field in FIELDS}

    async def keep_picture(
        self, kind: str, content: bytes, content_type: str, at: datetime, grant: Grant, consent: Consented
    ) -> None:
        """Keep a picture, instead of the one before."""
        employee_id = _owner(grant, kind, consent)
        slot = slot_of(employee_id, kind)
        row = await self._session.get(PersonnelDocumentRow, slot, with_for_update=True)
        text = base64.b64encode(content).decode()
        closed = self._vault.seal(text, *_attachment(slot))
        if row is None:
            row = PersonnelDocumentRow(
                slot=slot, employee_id=employee_id, kind=kind, content_sealed=closed, content_type=content_type,
                size=len(content), changed_at=at,
            )  # fmt: skip
        row.content_sealed, row.content_type, row.size, row.changed_at = closed, content_type, len(content), at
        self._session.add(row)

    async def pictures(self, employee_id: int, grant: Grant) -> list[tuple[str, str, bytes]]:
        """Open a person's pictures: kind, content type, bytes."""
        _may_read(grant, employee_id)
        query = select(PersonnelDocumentRow).where(PersonnelDocumentRow.employee_id == employee_id)
        rows = await self._session.exec(query.order_by(col(PersonnelDocumentRow.slot)))
        return [(row.kind, row.content_type, self.picture_in(row)) for row in rows]

    def picture_in(self, row: PersonnelDocumentRow) -> bytes:
        """Open one picture."""
        return base64.b64decode(self._vault.open(row.content_sealed, *_attachment(row.slot)))

    def _opened(self, row: PersonnelFieldRow) -> str:
        if row.account_sealed is not None:
            return self._vault.open(row.account_sealed, *_bank(row.slot))
        return self._vault.open(row.value_sealed or b"", *_identity(row.slot))

    async def with_the_same_number(self, row: PersonnelFieldRow) -> list[int]:
        """Find others whose identity number is this one's: by the index, then by looking."""
        value = self._opened(row)
        equal = self._vault.indexes("identity", value)
        query = select(PersonnelFieldRow).where(
            col(PersonnelFieldRow.number_index).in_(equal), PersonnelFieldRow.slot != row.slot
        )
        return sorted(one.employee_id for one in await self._session.exec(query) if self._opened(one) == value)

    async def same_number_as(self, employee_id: int, grant: Grant) -> list[int]:
        """Find others whose identity number is a person's."""
        _may_read(grant, employee_id)
        row = await self._session.get(PersonnelFieldRow, slot_of(employee_id, "id_number"))
        return await self.with_the_same_number(row) if row is not None else []

    # --- who has what, without a value of it --------------------------------------------------------------------------

    async def own_parts(self, employee_id: int, grant: Grant) -> frozenset[str]:
        """Name what is there of a person's file."""
        _may_read(grant, employee_id)
        found = await self._parts(Reached(everyone=False, people=frozenset({employee_id})))
        return found.get(employee_id, frozenset())

    async def parts(self, granted: ListGrant) -> dict[int, frozenset[str]]:
        """Name what is there of everybody's file whom the list may be about."""
        _must_list(granted)
        return await self._parts(granted.reached)

    async def _parts(self, reached: Reached) -> dict[int, frozenset[str]]:
        found: dict[int, set[str]] = defaultdict(set)
        fields = select(PersonnelFieldRow.employee_id, PersonnelFieldRow.field)
        for employee_id, name in await self._session.exec(fields.where(only(PersonnelFieldRow.employee_id, reached))):
            found[employee_id].add(name)
        pictures = select(PersonnelDocumentRow.employee_id, PersonnelDocumentRow.kind)
        for employee_id, name in await self._session.exec(
            pictures.where(only(PersonnelDocumentRow.employee_id, reached))
        ):
            found[employee_id].add(name)
        return {employee_id: frozenset(names) for employee_id, names in found.items()}

    async def files(self, granted: ListGrant) -> set[int]:
        """Give who was asked to fill their file in, or has begun."""
        _must_list(granted)
        query = select(PersonnelFileRow.employee_id).where(only(PersonnelFileRow.employee_id, granted.reached))
        return set(await self._session.exec(query))

    async def opened_since(self, at: datetime) -> set[int]:
        """Give whose file was opened since then."""
        query = select(PersonnelFileRow.employee_id).where(col(PersonnelFileRow.opened_at) >= at)
        return set(await self._session.exec(query))

    async def expected(self, among: Collection[int] | None = None) -> set[int]:
        """Give whose file was ever opened."""
        query = select(PersonnelFileRow.employee_id)
        if among is not None:
            query = query.where(only(PersonnelFileRow.employee_id, _these(among)))
        return set(await self._session.exec(query))

    async def phones(self, granted: ListGrant) -> dict[int, str]:
        """Open the phones of everybody whom the list may be about."""
        _must_list(granted)
        query = select(PersonnelFieldRow).where(
            PersonnelFieldRow.field == "mobile", only(PersonnelFieldRow.employee_id, granted.reached)
        )
        return {row.employee_id: self._opened(row) for row in await self._session.exec(query)}

    async def chosen(self, people: Collection[int]) -> dict[int, dict[str, str]]:
        """Open the two choices that make other parts needless: which paper, and how long somebody learned."""
        query = select(PersonnelFieldRow).where(
            col(PersonnelFieldRow.field).in_(CHOICES), only(PersonnelFieldRow.employee_id, _these(people))
        )
        found: dict[int, dict[str, str]] = defaultdict(dict)
        for row in await self._session.exec(query):
            found[row.employee_id][row.field] = self._opened(row)
        return found

    async def withdrawn(self, people: Collection[int]) -> Mapping[int, frozenset[str]]:
        """Give the purposes that people last said no to."""
        query = (
            select(ConsentRow.employee_id, ConsentRow.purpose, ConsentRow.answer)
            .where(
                col(ConsentRow.purpose).in_([one.value for one in Sensitive]),
                only(ConsentRow.employee_id, _these(people)),
            )
            .order_by(col(ConsentRow.id))
        )
        last = {(employee_id, purpose): answer for employee_id, purpose, answer in await self._session.exec(query)}
        found: dict[int, set[str]] = defaultdict(set)
        for (employee_id, purpose), answer in last.items():
            if answer == Answer.WITHDRAWN:
                found[employee_id].add(purpose)
        return {employee_id: frozenset(purposes) for employee_id, purposes in found.items()}

    # --- numbers that are being shown ---------------------------------------------------------------------------------

    async def show(self, row: IdentityReadingRow, grant: Grant, now: datetime) -> int:
        """Let a number be shown for a while; gives the reading's number. Those that are over are forgotten."""
        _may_read(grant, row.employee_id)
        await self._session.exec(delete(IdentityReadingRow).where(col(IdentityReadingRow.until) <= now))
        self._session.add(row)
        await self._session.flush()
        return row.id or 0

    async def reading(self, number: int) -> IdentityReadingRow | None:
        """Find what is being shown."""
        return await self._session.get(IdentityReadingRow, number)


async def forget_parts(session: AsyncSession, employee_id: int, parts: Collection[str]) -> int:
    """Erase some of a person's file; gives how many values."""
    slots = [slot_of(employee_id, part) for part in parts]
    connection = await session.connection()
    fields = await connection.execute(delete(PersonnelFieldRow).where(col(PersonnelFieldRow.slot).in_(slots)))
    pictures = await connection.execute(delete(PersonnelDocumentRow).where(col(PersonnelDocumentRow.slot).in_(slots)))
    return fields.rowcount + pictures.rowcount


def _these(people: Collection[int]) -> Reached:
    return Reached(everyone=False, people=frozenset(people))


def _owner(grant: Grant, part: str, consent: Consented | None) -> int:
    """Give whose file is written; raises without their own grant, or without the consent that the part takes."""
    employee_id = grant.on
    if employee_id is None or not grant.covers(Action.PERSONNEL_FILL, employee_id):
        msg = "the grant is for something else"
        raise PermissionError(msg)
    purpose = STEP_OF[part].purpose
    if purpose is not None:
        if consent is None:
            msg = f"no consent to {purpose.value}"
            raise PermissionError(msg)
        consent.demand(purpose, employee_id)
    return employee_id


def _may_read(grant: Grant, employee_id: int) -> None:
    if grant.on != employee_id or grant.action not in READS:
        msg = "the grant is for something else"
        raise PermissionError(msg)


def _must_list(granted: ListGrant) -> None:
    if granted.action not in {Action.PERSONNEL_PROGRESS, Action.EMPLOYEE_EXPORT}:
        msg = "the grant is for something else"
        raise PermissionError(msg)
