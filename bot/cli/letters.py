"""`dinghr inbox` and `dinghr outbox`: what was put aside, without what is in it."""

from collections.abc import Sequence
from typing import Annotated, Any

from cyclopts import App, Parameter
from cyclopts.validators import Number
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.cli.office import Office, office
from bot.cli.show import as_json, as_table, fail, line
from bot.inbox import InboxRow
from bot.letters import INBOX, OUTBOX, REFERENCE, Found, Letters, LettersError, Result, Verb, userid_of
from hr_core.audit.store import AuditLog

Json = Annotated[bool, Parameter(name="--json")]
All = Annotated[bool, Parameter(name="--all")]
Limit = Annotated[int, Parameter(validator=Number(gte=1))]

CHUNK = 100
"""Rows a transaction: people's messages wait behind it."""
MOST = 100_000

inbox = App(name="inbox", help="Frames from DingTalk that failed: list, show, replay, drop.")
outbox = App(name="outbox", help="Messages that didn't get out: list, show, replay, drop.")


def _commands(app: App, letters: Letters) -> None:
    columns = ["id", "reference", "kind", "userid", "at", "status", "error"]
    if letters is OUTBOX:
        columns = ["id", "view", "userid", "at", "status", "attempts", "error"]

    @app.command(name="list")
    async def list_(*, status: tuple[str, ...] = (), limit: Limit = 1000, as_json_: Json = False) -> None:
        """Print what needs an operator, or rows of another --status; never what is in them."""
        known = {*letters.aside, *letters.waiting, *letters.done, "dropped"}
        if strange := sorted(set(status) - known):
            fail(f"--status {strange[0]}: choose from {', '.join(sorted(known))}", 2)
        async with office() as place, place.database.read() as session:
            found = await letters.rows(session, status or letters.aside, limit)
            rows = [await _shown(session, row) for row in found]
        if as_json_:
            as_json(rows)
        else:
            as_table(rows, columns)

    @app.command
    async def show(id_: str, *, as_json_: Json = False) -> None:
        """Print what is known of one row, apart from what is in it."""
        async with office() as place, place.database.read() as session:
            row = (await _found(letters, session, [id_]))[0]
            shown = await _shown(session, row)
        if as_json_:
            as_json(shown)
        else:
            as_table([{"field": name, "value": value} for name, value in shown.items()], ["field", "value"])

    @app.command
    async def replay(*ids: str, all_: All = False, yes: bool = False, as_json_: Json = False) -> None:
        """Have rows worked again, by ids or --all; a running robot takes them within seconds."""
        async with office() as place:
            await _change(place, letters, ids, all_, "replay", yes=yes, json=as_json_)

    @app.command
    async def drop(*ids: str, all_: All = False, as_json_: Json = False) -> None:
        """Give rows up, by ids or --all; they stay on record, without what was in them."""
        async with office() as place:
            await _change(place, letters, ids, all_, "drop", yes=True, json=as_json_)


async def _change(
    place: Office, letters: Letters, ids: Sequence[str], all_: bool, verb: Verb, *, yes: bool, json: bool
) -> None:
    if bool(ids) == all_:
        fail("name ids, or --all for everything that was put aside", 2)
    async with place.database.read() as session:
        rows = await (letters.rows(session, letters.aside, MOST) if all_ else _found(letters, session, ids))
    doubtful = ", ".join(str(row.id) for row in rows if row.status == "unknown")
    if doubtful and not yes:
        fail(f"{doubtful}: may have arrived, and would then be said twice; ask, then add --yes, or drop it")
    try:
        letters.check(rows, verb)
    except LettersError as error:
        fail(str(error))
    done: list[tuple[Found, Result]] = []
    for start in range(0, len(rows), CHUNK):
        async with place.transaction(f"{letters.name} {verb}") as (session, services):
            log: AuditLog = services[AuditLog]  # type: ignore[assignment]
            done += await letters.change(session, rows[start : start + CHUNK], verb, place.workplace.clock, log)
    if json:
        as_json([{"id": str(row.id), "result": result} for row, result in done])
        return
    for row, result in done:
        line(f"{row.id}: {result}")
    if not done:
        line("nothing was put aside")


async def _found(letters: Letters, session: AsyncSession, ids: Sequence[str]) -> list[Found]:
    try:
        return await letters.find(session, ids)
    except LettersError as error:
        fail(str(error))


async def _shown(session: AsyncSession, row: Found) -> dict[str, Any]:
    """Give what an operator may see: nothing that a person wrote or is told."""
    userid = await userid_of(session, row)
    if isinstance(row, InboxRow):
        return {
            "id": row.id,
            "reference": row.id[-REFERENCE:],
            "kind": row.kind,
            "userid": userid,
            "at": row.received_at.isoformat(),
            "status": row.status,
            "attempts": row.attempts,
            "error": row.error,
            "done_at": row.done_at.isoformat() if row.done_at else None,
        }
    return {
        "id": str(row.id),
        "view": row.view or ("card update" if row.update_card else "words"),
        "userid": userid,
        "group": row.to_group,
        "at": row.created_at.isoformat(),
        "status": row.status,
        "attempts": row.attempts,
        "error": row.error,
        "cause": row.cause,
        "lane": row.lane,
        "subject": row.subject,
        "track_id": row.track_id,
        "card": row.update_card,
        "sent_at": row.sent_at.isoformat() if row.sent_at else None,
    }


_commands(inbox, INBOX)
_commands(outbox, OUTBOX)
