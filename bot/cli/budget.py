"""`dinghr budget`: what the month has cost of DingTalk's quota."""

from typing import Annotated

from cyclopts import App, Parameter

from bot.budget import month_of, usage
from bot.cli.office import office
from bot.cli.show import as_json, as_table, fail, line

app = App(name="budget", help="The month's calls and pushes, and our share of the company's quota.")


@app.default
async def budget(*, month: str | None = None, as_json_: Annotated[bool, Parameter(name="--json")] = False) -> None:
    """Print what was used, by API and topic; --month YYYY-MM for an earlier one. Figures are some seconds old."""
    if month is not None and not (len(month) == 7 and month[4] == "-" and (month[:4] + month[5:]).isdigit()):
        fail(f"--month {month}: write it as YYYY-MM", 2)
    async with office() as place:
        wanted = month or month_of(place.workplace.clock.now())
        async with place.database.read() as session:
            found = await usage(session, wanted, place.settings.dinghr_plan, place.settings.dinghr_quota_share)
    if as_json_:
        as_json({"month": wanted} | {k: {"used": u.used, "limit": u.limit, "by": dict(u.by)} for k, u in found.items()})
        return
    rows = [{"kind": kind, "what": what, "used": used} for kind, one in found.items() for what, used in one.by.items()]
    as_table(rows, ["kind", "what", "used"])
    for kind, one in found.items():
        kinds = {"call": "calls", "push": "pushes"}[kind]
        line(f"{wanted}: {one.used} of {one.limit} {kinds} ({one.used / one.limit:.0%})")
