"""`dinghr payslip`: payroll's sheet of a month comes in, is released, given back, listed."""

import asyncio
import hashlib
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from cyclopts.validators import Number

from bot.cli.office import Office, office
from bot.cli.show import as_json, as_table, fail, line
from bot.tasks import Task
from cards import payroll as cards
from hr_core.attachments import AttachmentRefused
from hr_core.errors import HRError
from hr_core.notices import Happened
from hr_core.payslip.keeping import CheckedSheet, Kept, keep_some
from hr_core.payslip.payroll import RELEASE_TASK, Facts, PayrollService, changed, read_month
from hr_core.payslip.sheet import Checked, Layout, Meaning, Sheet, annotated, check, layout_of, read_sheet
from hr_core.permission.checker import NotAllowed
from hr_core.permission.matrix import Action

app = App(name="payslip", help="Payslips: a month's sheet is imported by one person and released by another.")

SHOWN = 20
Json = Annotated[bool, Parameter(name="--json")]
As = Annotated[str, Parameter(name="--as")]
Wait = Annotated[int, Parameter(validator=Number(gte=1, lte=3600))]


@app.command(name="import")
async def import_(
    file: Path,
    *,
    as_: As,
    month: str | None = None,
    column: tuple[str, ...] = (),
    reason: str = "",
    marked: Path | None = None,
    yes: bool = False,
    wait: Wait = 120,
    as_json_: Json = False,
) -> None:
    """Check a sheet (.xlsx or .csv) and, when nothing is wrong, keep it until a second person releases it.

    Parameters
    ----------
    as_
        The userid of who prepares it, who agrees in the chat.
    month
        2026-11; read from the file's name or its title otherwise.
    column
        What a column is that isn't known, "HEADING=earning" (or deduction, employer, ignored); remembered.
    reason
        Why a month that is released is corrected; only people whose payslip differs are told.
    marked
        Where to write the sheet with what is wrong marked in it. It holds everybody's pay: delete it when done.
    yes
        Keep it although there are warnings.
    """
    async with office() as place:
        sheet, layout = _read(place, file)
        wanted = _month(place, month, layout)
        person = await place.person(as_)
        await place.confirmed_as(as_, Action.PAYROLL_PREPARE, person, seconds=wait)
        facts, layout = await _known(place, person, wanted, layout, column)
        done = check(sheet, layout, facts.people, facts.gone)
        if marked is not None and done.problems:
            _write(marked, annotated(sheet, done.problems, lambda one: cards.problem(place.workplace.words, one)))
        slips = changed(facts.current, done.slips) if facts.released else done.slips
        told = {"month": f"{wanted:%Y-%m}", "people": len(done.slips), "changed": len(slips)}
        _tell_problems(place, done)
        if done.errors or not slips or (done.warnings and not yes):
            if as_json_:
                as_json({**told, "stored": False, "errors": len(done.errors), "warnings": len(done.warnings)})
            why = "errors" if done.errors else "warnings; look at them and repeat with --yes" if slips else "no changes"
            fail(f"nothing was stored: {why}")
        try:
            digest = hashlib.sha256(await asyncio.to_thread(file.read_bytes)).hexdigest()
            kept = CheckedSheet(wanted, slips, digest, layout.digest, layout.told, reason)
            number = await _keep(place, person, kept)
        except HRError as error:
            fail(_said(place, error))
    if as_json_:
        as_json({**told, "stored": True, "id": number, "warnings": len(done.warnings)})
    else:
        line(f"payroll {number} of {wanted:%Y-%m}: {len(slips)} payslips wait until a second person releases them")


@app.command(name="list")
async def list_(*, as_json_: Json = False) -> None:
    """Print the sheets, newest first: counts, no figures."""
    async with office() as place, place.transaction("payslip list") as (_, services):
        payroll: PayrollService = services[PayrollService]  # type: ignore[assignment]
        rows = [
            {
                "id": one.id,
                "month": f"{one.month:%Y-%m}",
                "version": one.version,
                "status": one.status,
                "people": one.people,
                "told": one.told,
                "prepared_by": one.prepared_by,
                "released_by": one.released_by,
            }
            for one in await payroll.all()
        ]
    if as_json_:
        as_json(rows)
    else:
        as_table(rows, ["id", "month", "version", "status", "people", "told", "prepared_by", "released_by"])


@app.command
async def release(number: int, *, as_: As, wait: Wait = 120) -> None:
    """Let everybody of a sheet be told; by somebody else than who has prepared it, who agrees in the chat."""
    await _decide(number, as_, wait, release_=True)


@app.command
async def cancel(number: int, *, as_: As, wait: Wait = 120) -> None:
    """Call a sheet off before anybody was told; its payslips are forgotten."""
    await _decide(number, as_, wait, release_=False)


async def _decide(number: int, userid: str, wait: int, *, release_: bool) -> None:
    async with office() as place:
        assert place.workplace.queue is not None
        place.workplace.queue.register(Task(RELEASE_TASK, _elsewhere))
        person = await place.person(userid)
        action = Action.PAYROLL_RELEASE if release_ else Action.PAYROLL_PREPARE
        await place.confirmed_as(userid, action, person, seconds=wait)
        try:
            async with place.transaction("payslip release") as (session, services):
                payroll: PayrollService = services[PayrollService]  # type: ignore[assignment]
                happened = await (payroll.release if release_ else payroll.give_back)(person, number)
                await place.workplace.queue_errands(session, (happened or Happened()).errands)
                await place.tell(session, services, happened or Happened(), "payslip release")
        except HRError as error:
            fail(_said(place, error))
    line(f"payroll {number}: " + ("nothing to do" if happened is None else "released" if release_ else "given back"))


async def _elsewhere(_: object) -> None:
    """The robot's part: a command asks for the task and doesn't work on it."""


def _read(place: Office, file: Path) -> tuple[Sheet, Layout]:
    try:
        return layout_of(read_sheet(file.name, file.read_bytes()), file.stem)
    except OSError as error:
        fail(f"{file}: {error.strerror or error}")
    except (AttachmentRefused, HRError) as error:
        fail(f"{file}: {_said(place, error)}")


def _month(place: Office, month: str | None, layout: Layout) -> date:
    if month is None:
        return layout.month or fail("--month: the sheet doesn't say which month it is of; name it, like 2026-11")
    try:
        return read_month(month)
    except HRError as error:
        fail(f"--month: {_said(place, error)}")


async def _known(
    place: Office, person: int, month: date, layout: Layout, told: tuple[str, ...]
) -> tuple[Facts, Layout]:
    try:
        async with place.transaction("payslip import") as (_, services):
            payroll: PayrollService = services[PayrollService]  # type: ignore[assignment]
            facts = await payroll.facts(person, month)
            remembered = await payroll.meanings(layout.digest)
    except NotAllowed as refusal:
        fail(_said(place, refusal))
    return facts, layout.with_meanings({**remembered, **_meanings(told)})


def _meanings(told: tuple[str, ...]) -> Mapping[str, str]:
    found = {}
    for one in told:
        name, _, meaning = one.rpartition("=")
        if not name or meaning not in set(Meaning):
            fail(f"--column {one}: write HEADING=MEANING, the meaning one of {', '.join(Meaning)}", 2)
        found[name] = meaning
    return found


async def _keep(place: Office, person: int, sheet: CheckedSheet) -> int:
    kept = Kept()
    while kept.happened is None:
        async with place.transaction("payslip import") as (session, services):
            kept = await keep_some(services[PayrollService], person, sheet, kept)  # type: ignore[arg-type]
            await place.tell(session, services, kept.happened or Happened(), "payslip import")
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{kept.people}/{len(sheet.slips)}")
    return kept.batch or 0


def _tell_problems(place: Office, done: Checked) -> None:
    for kind, found in (("error", done.errors), ("warning", done.warnings)):
        for one in found[:SHOWN]:
            sys.stderr.write(f"{kind}: {cards.problem(place.workplace.words, one)}\n")
        if len(found) > SHOWN:
            sys.stderr.write(f"{kind}: 共 {len(found)} 条\n")


def _write(file: Path, content: bytes) -> None:
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_bytes(content)


def _said(place: Office, error: HRError) -> str:
    return place.workplace.words.say(error.code, **error.values)
