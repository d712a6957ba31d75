"""`dinghr audit`: what was done."""

from typing import Annotated

from cyclopts import App, Parameter
from cyclopts.validators import Number

from bot.cli.office import office
from bot.cli.show import as_json, as_table
from hr_core.audit.store import AuditLog

audit = App(name="audit", help="The audit log.")

Json = Annotated[bool, Parameter(name="--json")]


@audit.command(name="list")
async def list_audit(
    *, limit: Annotated[int, Parameter(validator=Number(gte=1))] = 1000, as_json_: Json = False
) -> None:
    """Print the newest entries of the log, oldest first."""
    async with office() as place, place.transaction("audit list") as (_, services):
        log: AuditLog = services[AuditLog]  # type: ignore[assignment]
        entries = await log.entries(limit)
    rows = [
        {
            "at": entry.at.isoformat(),
            "actor": entry.actor,
            "action": entry.action,
            "on": entry.on,
            "outcome": entry.outcome,
            "record": entry.record,
            "why": entry.why,
        }
        for entry in entries
    ]
    if as_json_:
        as_json(rows)
    else:
        as_table(rows, ["at", "actor", "action", "on", "outcome", "record", "why"])
