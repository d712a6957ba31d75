"""`dinghr leave`: balances and requests, for scripts and for HR."""

from typing import Annotated

from cyclopts import App, Parameter
from cyclopts.validators import Number

from bot.cli.office import office
from bot.cli.show import as_json, as_table
from cards.catalogue import days_text
from hr_core.audit.store import OPERATOR
from hr_core.leave.service import LeaveService
from hr_core.permission.matrix import Action

app = App(name="leave", help="Leave: balances and requests.")

Json = Annotated[bool, Parameter(name="--json")]
As = Annotated[str | None, Parameter(name="--as")]
Wait = Annotated[int, Parameter(validator=Number(gte=1, lte=3600))]


@app.command
async def balance(userid: str, *, as_json_: Json = False) -> None:
    """Print a person's balances of this year: granted, reserved, taken, available, in days."""
    async with office() as place:
        person = await place.person(userid)
        async with place.transaction("leave balance") as (_, services):
            leave: LeaveService = services[LeaveService]  # type: ignore[assignment]
            found = await leave.balances_for_operator(person, OPERATOR)
    values = {
        kind: {
            "granted": days_text(held.granted),
            "reserved": days_text(held.reserved),
            "taken": days_text(held.taken),
            "available": days_text(held.available),
        }
        for kind, held in found.items()
    }
    if as_json_:
        as_json(values)
    else:
        rows = [{"type": kind, **held} for kind, held in values.items()]
        as_table(rows, ["type", "granted", "reserved", "taken", "available"])


@app.command(name="list")
async def list_(userid: str, *, as_: As = None, wait: Wait = 120, as_json_: Json = False) -> None:
    """Print a person's requests, oldest first.

    Parameters
    ----------
    as_
        A userid: read with this person's rights and in their name, once they agree in the chat.
    wait
        Seconds to wait for that.
    """
    async with office() as place:
        reader = None
        if as_:
            reader, person = await place.reading_as(as_, Action.LEAVE_VIEW, userid, seconds=wait)
        else:
            person = await place.person(userid)
        async with place.transaction("leave list") as (_, services):
            leave: LeaveService = services[LeaveService]  # type: ignore[assignment]
            if reader is not None:
                found = await leave.requests_as(reader, person)
            else:
                found = await leave.requests_for_operator(person, OPERATOR)
    rows = [
        {
            "id": row.id,
            "type": row.leave_type,
            "start": row.start.isoformat(),
            "start_half": row.start_half,
            "end": row.end.isoformat(),
            "end_half": row.end_half,
            "days": days_text(row.days),
            "status": row.status,
        }
        for row in reversed(found)
    ]
    if as_json_:
        as_json(rows)
    else:
        as_table(rows, ["id", "type", "start", "start_half", "end", "end_half", "days", "status"])
