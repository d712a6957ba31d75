"""This room's part in personal data: a copy of one's own file, what goes with a consent, and when the rest goes."""

import base64
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select
from sqlmodel import col
from sqlmodel import select as rows_of
from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.people.store import EmployeeRow
from hr_core.personnel.model import FIELDS, STEPS
from hr_core.personnel.store import (
    PersonnelDocumentRow,
    PersonnelFieldRow,
    PersonnelFileRow,
    forget_parts,
)
from hr_core.privacy.consent import rests_on
from hr_core.privacy.erase import changed, erases, ids_of
from hr_core.privacy.export import Asker, Enclosed, exports
from hr_core.privacy.policy import Sensitive

PASSING = frozenset({one.key for one in FIELDS.values() if one.passing})
_ENDINGS = {"image/png": "png", "image/jpeg": "jpg"}


@exports("员工档案", "personnel_file", "personnel_field", "personnel_document")
async def own_file(asker: Asker) -> Sequence[Mapping[str, Any]]:
    """Everything they told and every picture they sent, in full: it is theirs."""
    session, vault = asker.session, asker.vault
    fields = rows_of(PersonnelFieldRow).where(PersonnelFieldRow.employee_id == asker.employee_id)
    found: list[Mapping[str, Any]] = []
    for row in await session.exec(fields.order_by(col(PersonnelFieldRow.slot))):
        if row.account_sealed is not None:
            value = vault.open(row.account_sealed, "bank", "personnel_field", row.slot)
        else:
            value = vault.open(row.value_sealed or b"", "identity", "personnel_field", row.slot)
        found.append({"项目": row.field, "内容": value, "时间": row.changed_at})
    pictures = rows_of(PersonnelDocumentRow).where(PersonnelDocumentRow.employee_id == asker.employee_id)
    for one in await session.exec(pictures.order_by(col(PersonnelDocumentRow.slot))):
        content = base64.b64decode(vault.open(one.content_sealed, "attachment", "personnel_document", one.slot))
        name = f"{one.kind}.{_ENDINGS.get(one.content_type, 'bin')}"
        found.append({"项目": one.kind, "文件": Enclosed(name, content), "时间": one.changed_at})
    file = await session.get(PersonnelFileRow, asker.employee_id)
    if file is not None:
        found.append({"项目": "档案", "时间": file.opened_at})
    return found


def _of(purpose: Sensitive) -> tuple[str, ...]:
    return tuple(part for step in STEPS if step.purpose is purpose for part in step.parts)


@rests_on(Sensitive.IDENTITY)
async def forget_number(session: AsyncSession, employee_id: int) -> int:
    """The number of their paper."""
    return await forget_parts(session, employee_id, _of(Sensitive.IDENTITY))


@rests_on(Sensitive.BANK)
async def forget_account(session: AsyncSession, employee_id: int) -> int:
    """Their account."""
    return await forget_parts(session, employee_id, _of(Sensitive.BANK))


@rests_on(Sensitive.DOCUMENTS)
async def forget_pictures(session: AsyncSession, employee_id: int) -> int:
    """Their pictures."""
    return await forget_parts(session, employee_id, _of(Sensitive.DOCUMENTS))


@erases("personnel_passing")
async def passing(session: AsyncSession, before: date, most: int) -> int:
    """Pictures and whom to call, of those who have left: there is nothing to check and nobody to be called for."""
    those = _left(before)
    pictures = select(col(PersonnelDocumentRow.slot)).where(col(PersonnelDocumentRow.employee_id).in_(those))
    slots = await ids_of(session, pictures, most)
    count = await changed(session, delete(PersonnelDocumentRow).where(col(PersonnelDocumentRow.slot).in_(slots)))
    called = select(col(PersonnelFieldRow.slot)).where(
        col(PersonnelFieldRow.field).in_(PASSING), col(PersonnelFieldRow.employee_id).in_(those)
    )
    slots = await ids_of(session, called, most)
    return count + await changed(session, delete(PersonnelFieldRow).where(col(PersonnelFieldRow.slot).in_(slots)))


@erases("personnel_file")
async def file(session: AsyncSession, before: date, most: int) -> int:
    """The whole file of those who left long ago."""
    query = select(col(EmployeeRow.id)).where(
        col(EmployeeRow.left_on) < before,
        or_(*(_has(table) for table in (PersonnelFileRow, PersonnelFieldRow, PersonnelDocumentRow))),
    )
    people = await ids_of(session, query, most)
    for table in (PersonnelDocumentRow, PersonnelFieldRow, PersonnelFileRow):
        await changed(session, delete(table).where(col(table.employee_id).in_(people)))
    return len(people)


def _has(table: Any) -> ColumnElement[bool]:
    return select(table.employee_id).where(table.employee_id == EmployeeRow.id).exists()


def _left(before: date) -> Any:
    return select(col(EmployeeRow.id)).where(col(EmployeeRow.left_on) < before)
