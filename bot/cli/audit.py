"""`dinghr audit`: search the log, verify it, and hand out what proves itself."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from cyclopts.validators import Number

from bot.cli.office import Office, office
from bot.cli.show import as_json, as_table, fail, line
from hr_core.audit.chain import ChainKeys, KeyMissing
from hr_core.audit.heads import BadHead, Head, read_heads
from hr_core.audit.proof import Exported, check, export
from hr_core.audit.sealer import LAG, Tampered
from hr_core.audit.store import OPERATOR, Act, AuditLog, AuditRow, Filter
from hr_core.audit.verify import verify
from hr_core.clock import COMPANY_ZONE

app = App(name="audit", help="The audit log: search, verify, export with proofs.")

Json = Annotated[bool, Parameter(name="--json")]
SHOWN = ("at", "actor", "action", "on", "outcome", "record", "why", "behalf", "conversation", "source", "seq")
TRIES = 8
"""How often a head is tried before it is made without the rows that an open transaction holds up."""


@Parameter(name="*")
@dataclass(frozen=True)
class Asked:
    """Which rows. --action and --record may end with *; --since and --until are days or instants, both included."""

    actor: str | None = None
    on: str | None = None
    action: str | None = None
    record: str | None = None
    outcome: str | None = None
    since: str | None = None
    until: str | None = None

    def filter(self) -> Filter:
        """Read the days; ends the command for what isn't one."""
        return Filter(
            self.actor,
            self.on,
            self.action,
            self.record,
            self.outcome,
            _instant("--since", self.since),
            _instant("--until", self.until, end=True),
        )


@app.command(name="list")
async def list_(
    asked: Asked | None = None,
    /,
    *,
    limit: Annotated[int, Parameter(validator=Number(gte=1))] = 1000,
    as_json_: Json = False,
) -> None:
    """Print the newest entries of the log, oldest first."""
    wanted = (asked or Asked()).filter()
    async with office() as place, place.transaction("audit list") as (_, services):
        log: AuditLog = services[AuditLog]  # type: ignore[assignment]
        entries = await log.entries(limit, wanted)
        log.record(Act(OPERATOR, "audit.read", on=wanted.on, why=_words(wanted)))
    rows = [_shown(entry) for entry in entries]
    if as_json_:
        as_json(rows)
    else:
        as_table(rows, SHOWN)


@app.command(name="verify")
async def verify_(*, heads: Path | None = None, as_json_: Json = False) -> None:
    """Verify the chain; with --heads FILE against heads that were kept elsewhere, else against the robot's own file.

    Exit code 1 when anything was changed, removed, inserted, re-ordered or cut off.
    """
    async with office() as place:
        file = heads or place.settings.head_file
        published = _read(file) if heads or file.exists() else None
        verdict = await verify(place.database, place.workplace.vault, published)
    if as_json_:
        as_json(verdict.as_dict())
    elif verdict.bad:
        line(f"sequence {verdict.bad.seq}: {verdict.bad.what}: {verdict.bad.detail}")
    else:
        against = f", {verdict.heads} heads" if verdict.heads else "; no head has been published yet"
        line(f"whole: {verdict.rows} rows up to sequence {verdict.last}{against}")
    if not as_json_:
        if verdict.unsealed:
            line(f"{verdict.unsealed} rows are newer and not sealed yet: nothing is said of them")
        if verdict.note:
            line(verdict.note)
    if not verdict.ok:
        raise SystemExit(1)


@app.command
async def head(*, as_json_: Json = False) -> None:
    """Seal what there is and publish a head of it now, so that an export can prove the newest rows."""
    async with office() as place:
        async with place.transaction("audit head") as (_, services):
            log: AuditLog = services[AuditLog]  # type: ignore[assignment]
            log.record(Act(OPERATOR, "audit.head"))
        made = await _head(place)
    if as_json_:
        as_json([{"number": h.number, "first": h.first, "last": h.last, "head": h.digest.hex()} for h in made])
        return
    for one in made:
        line(f"head {one.number}: sequences {one.first} to {one.last}: {one.digest.hex()}")
    if not made:
        line("every sealed row stands under a head already")


@app.command(name="export")
async def export_(file: Path, asked: Asked | None = None, /) -> None:
    """Write entries with proofs; `dinghr audit check` verifies them without the database and without the key."""
    wanted = (asked or Asked()).filter()
    done, whole = Exported(), hashlib.sha256()
    async with office() as place:
        try:
            with file.open("x", encoding="utf-8") as out:
                async with place.database.read() as session:
                    async for text in export(session, ChainKeys(place.workplace.vault), wanted, done):
                        whole.update(text.encode() + b"\n")
                        out.write(text + "\n")
        except OSError as error:
            fail(f"{file}: {error.strerror}", 2)
        except (Tampered, KeyMissing) as error:
            file.unlink()  # noqa: ASYNC240 - nothing else runs here
            fail(f"the log isn't what was published ({error}); run: dinghr audit verify")
        async with place.transaction("audit export") as (_, services):
            log: AuditLog = services[AuditLog]  # type: ignore[assignment]
            record = f"sha256:{whole.hexdigest()}"
            log.record(Act(OPERATOR, "audit.export", on=wanted.on, record=record, why=_words(wanted)))
    line(f"{done.rows} rows; sha256 {whole.hexdigest()} is on record")
    if done.unproven:
        line(f"{done.unproven} rows stand under no head yet and were left out; run: dinghr audit head")


@app.command(name="check")
def check_(file: Path, *, heads: Path, sha256: str | None = None, as_json_: Json = False) -> None:
    """Check an export against published heads. Needs neither the database nor the key, nor any setting."""
    published = _read(heads)
    try:
        with file.open("rb") as lines:
            found = check(lines, published)
    except OSError as error:
        fail(f"{file}: {error.strerror}", 2)
    if not found.bad and sha256 is not None and sha256.lower() != found.sha256:
        found.bad = "the file isn't the one that was exported: its sha256 is another"
    if as_json_:
        as_json(found.as_dict())
    elif found.bad:
        line(found.bad)
    else:
        line(f"{found.rows} rows are proven; sha256 {found.sha256}")
        if found.gaps:
            line(f"{found.gaps} sequences between them aren't in the file (asked for: {dict(found.asked) or 'all'})")
    if found.bad:
        raise SystemExit(1)


async def _head(place: Office) -> list[Head]:
    sealer = place.sealer()
    try:
        for _ in range(1 if place.database.is_sqlite else TRIES):
            await sealer.seal(steal=True)
            if not place.database.is_sqlite:
                await asyncio.sleep(LAG / 2)
        return await sealer.publish(now=True, steal=True)
    except Tampered as error:
        fail(f"the log isn't what was sealed ({error}); run: dinghr audit verify")
    except OSError as error:
        fail(f"DINGHR_AUDIT_HEAD_FILE: {error.strerror}")
    finally:
        await sealer.stop()


def _read(file: Path) -> Sequence[Head]:
    try:
        return read_heads(file)
    except OSError as error:
        fail(f"{file}: {error.strerror}", 2)
    except (BadHead, UnicodeDecodeError) as error:
        fail(f"{file}: {error}")


def _shown(entry: AuditRow) -> dict[str, object]:
    shown = {name: getattr(entry, name) for name in SHOWN}
    return shown | {"at": entry.at.isoformat()}


def _words(asked: Filter) -> str | None:
    return ", ".join(f"{name}={value}" for name, value in asked.as_dict().items()) or None


def _instant(name: str, text: str | None, *, end: bool = False) -> datetime | None:
    """Read a day of the company or an instant; `end` gives the first instant behind it."""
    if text is None:
        return None
    try:
        if "T" not in text and " " not in text:
            day = date.fromisoformat(text) + timedelta(days=end)
            return datetime.combine(day, time(), COMPANY_ZONE)
        at = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{name} {text}: write it as 2026-11-24 or 2026-11-24T09:00", 2)
    at = at if at.tzinfo else at.replace(tzinfo=COMPANY_ZONE)
    return at + timedelta(microseconds=1) if end else at
