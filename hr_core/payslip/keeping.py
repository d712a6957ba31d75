"""Keeping a checked sheet, some people at a time: the same for a file on the command line and one sent in the chat."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from hr_core.notices import Happened
from hr_core.payslip.model import Line
from hr_core.payslip.payroll import PayrollService

AT_ONCE = 50
"""Payslips in one transaction, which stays below 50 ms."""


@dataclass(frozen=True, slots=True)
class CheckedSheet:
    """What is kept: `slips` by person, and `meanings` of the columns under their heading's digest."""

    month: date
    slips: Mapping[int, Sequence[Line]]
    file_digest: str
    heading_digest: str
    meanings: Mapping[str, str]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """How far it is: up to which person, and at the end what it leads to."""

    batch: int | None = None
    after: int = 0
    people: int = 0
    happened: Happened | None = None


async def keep_some(payroll: PayrollService, actor: int, sheet: CheckedSheet, kept: Kept, most: int = AT_ONCE) -> Kept:
    """Do what is next, in a transaction of its own; ended when something has `happened`."""
    if kept.batch is None:
        batch = await payroll.begin(actor, sheet.month, sheet.file_digest, len(sheet.slips), sheet.reason)
        return replace(kept, batch=batch)
    left = sorted(person for person in sheet.slips if person > kept.after)[:most]
    if left:
        await payroll.keep(actor, kept.batch, {person: sheet.slips[person] for person in left})
        return replace(kept, after=left[-1], people=kept.people + len(left))
    await payroll.remember(sheet.heading_digest, sheet.meanings)
    return replace(kept, happened=await payroll.finish(actor, kept.batch))
