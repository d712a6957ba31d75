"""`dinghr personnel`: whose file isn't complete, and reading somebody's numbers in the name of who may."""

from typing import Annotated

from cyclopts import App, Parameter
from cyclopts.validators import Number

from bot.cli.office import office, os_user
from bot.cli.show import as_json, as_table
from cards.catalogue import words
from hr_core.audit.store import OPERATOR
from hr_core.permission.matrix import Action
from hr_core.personnel.records import PersonnelRecords
from hr_core.personnel.service import PersonnelService

app = App(name="personnel", help="Personnel files: who lacks what, and reading numbers.")

Json = Annotated[bool, Parameter(name="--json")]
As = Annotated[str, Parameter(name="--as")]
Wait = Annotated[int, Parameter(validator=Number(gte=1, lte=3600))]


@app.command
async def missing(*, as_json_: Json = False) -> None:
    """List those whose file isn't complete, with the steps that are missing or come on paper; no value."""
    async with office() as place, place.transaction("personnel missing") as (_, services):
        personnel: PersonnelService = services[PersonnelService]  # type: ignore[assignment]
        found = await personnel.lacking_for_operator(OPERATOR)
    rows = [
        {
            "userid": person.key,
            "done": progress.done,
            "missing": list(progress.open_steps),
            "on_paper": list(progress.declined),
        }
        for person, progress in found
    ]
    if as_json_:
        as_json(rows)
    else:
        shown = [
            {**row, "missing": ", ".join(row["missing"]), "on_paper": ", ".join(row["on_paper"])}  # type: ignore[arg-type]
            for row in rows
        ]
        as_table(shown, ["userid", "done", "missing", "on_paper"])


@app.command
async def show(userid: str, *, as_: As, wait: Wait = 120, as_json_: Json = False) -> None:
    """Print a person's numbers, as far as the reader's role shows them.

    Parameters
    ----------
    as_
        A userid: read with this person's rights and in their name, once they agree in the chat.
    wait
        Seconds to wait for that.
    """
    async with office() as place:
        reader, person = await place.reading_as(as_, Action.IDENTITY_VIEW, userid, seconds=wait)
        async with place.transaction("personnel show") as (_, services):
            records: PersonnelRecords = services[PersonnelRecords]  # type: ignore[assignment]
            numbers = await records.numbers_as(reader, person, f"command by {os_user()}")
    rows = [
        {"field": key, "label": words().say(f"personnel.field.{key}"), "value": shown.text, "clear": shown.clear}
        for key, shown in numbers.items()
    ]
    if as_json_:
        as_json(rows)
    else:
        as_table(rows, ["label", "value"])
