"""`dinghr privacy`: erasing one person's data on request."""

from typing import Annotated, Any

from cyclopts import App, Parameter

from bot.cli.office import Office, office, os_user
from bot.cli.show import as_json, as_table, fail, line
from hr_core.errors import HRError
from hr_core.notices import Happened
from hr_core.people.store import EmployeeRow
from hr_core.permission.alarm import RefusalAlarm
from hr_core.permission.checker import NotAllowed
from hr_core.privacy.erasure import ErasureService
from hr_core.privacy.person import Fate

app = App(name="privacy", help="Personal data.")


@app.command
async def erase(
    userid: str,
    *,
    as_: Annotated[str, Parameter(name="--as")],
    preview: bool = False,
    as_json_: Annotated[bool, Parameter(name="--json")] = False,
) -> None:
    """Ask HR in the chat to erase a person's data: twice, because nothing brings it back. A task carries it out.

    What a law keeps stays until its period is over; the list says which law, and until when.

    Parameters
    ----------
    userid
        Whose data; also of somebody who has left.
    as_
        The userid of somebody in HR: they are asked, and decide on their phone.
    preview
        Only print what would go and what would stay.
    """
    async with office() as place:
        decider = await place.person(as_)
        number = 0
        fates: list[Fate] = []
        refused = False
        async with place.transaction("privacy erase") as (session, services):
            erasures: ErasureService = services[ErasureService]  # type: ignore[assignment]
            person = await erasures.person(userid)
            if person is None:
                fail(f"{userid}: nobody with this userid is in the database")
            try:
                fates = list(await erasures.preview(person, decider))
                number, happened = (0, Happened()) if preview else await _asked(erasures, person, decider)
            except NotAllowed as refusal:
                alarm: RefusalAlarm = services[RefusalAlarm]  # type: ignore[assignment]
                refused, happened = True, Happened(await alarm.refused(refusal.act))
            await place.tell(session, services, happened, "privacy erase")
        if refused:
            fail(f"{as_} may not erase personal data; see: dinghr access explain")
    _show(place, fates, number, as_, json=as_json_)


async def _asked(erasures: ErasureService, person: EmployeeRow, decider: int) -> tuple[int, Happened]:
    try:
        return await erasures.ask(person, decider, os_user())
    except NotAllowed:
        raise
    except HRError:
        return fail(f"{person.key} can't decide about their own data; name somebody else in HR with --as")


def _show(place: Office, fates: list[Fate], number: int, decider: str, *, json: bool) -> None:
    rows: list[dict[str, Any]] = [
        {
            "class": fate.data_class,
            "goes": fate.goes if fate.goes is not None else "",
            "kept": fate.kept,
            "until": fate.until.isoformat() if fate.until else "",
            "source": fate.source,
        }
        for fate in fates
    ]
    if json:
        as_json({"erasure": number or None, "classes": rows})
        return
    as_table(rows, ["class", "goes", "kept", "until", "source"])
    line("what rests on separate consents goes as well; the audit log and the consents themselves stay")
    if number:
        line(f"erasure {number}: {decider} is asked in the chat, twice; it begins once both are answered with yes")
