"""The commands."""

import os
import sys
from typing import Annotated

try:
    import resource
except ImportError:  # Windows has no such images.
    resource = None  # type: ignore[assignment]

from cyclopts import App, Parameter

from bot import logs, loop
from bot.app import run as run_robot
from bot.cli import (
    audit,
    budget,
    key,
    leave,
    letters,
    move,
    payslip,
    permission,
    personnel,
    privacy,
    roles,
    rules,
    tasks,
)
from bot.cli.office import office, settings_or_exit
from bot.cli.show import as_json, as_table, fail, line
from bot.demo import run_demo
from bot.doctor import examine
from bot.openapi import DingTalkError
from bot.reading import CompanyReading
from bot.settings import SettingsError
from handlers.routes import all_routes
from hr_core.audit.store import OPERATOR, Act, AuditLog

app = App(name="dinghr", help="HR in DingTalk, run by yourself.", version_flags=["--version"])
app.command(leave.app)
app.command(roles.app)
app.command(permission.app)
app.command(personnel.app)
app.command(audit.app)
app.command(privacy.app)
app.command(payslip.app)
app.command(rules.app)
app.command(budget.app)
app.command(letters.inbox)
app.command(letters.outbox)
app.command(tasks.app)
db = App(name="db", help="The database.")
app.command(db)
app.command(key.app)
db.command(move.copy)


@app.command
def run() -> None:
    """Run the robot until SIGTERM. Needs DINGTALK_CLIENT_ID and DINGTALK_CLIENT_SECRET; see `dinghr doctor`."""
    settings = settings_or_exit()
    try:
        loop.run(run_robot(settings))
    except SettingsError as error:
        fail(str(error), 2)
    except OSError as error:
        fail(f"DINGHR_LISTEN: cannot listen on {settings.dinghr_listen}: {error.strerror or error}")


@app.command
def demo() -> None:
    """Start the sandbox, a seeded company and the robot; prints the address and things to say."""
    loop.run(run_demo())


@app.command
def sandbox(*options: Annotated[str, Parameter(allow_leading_hyphen=True)]) -> None:
    """Start the DingTalk sandbox alone, on DINGHR_SANDBOX_LISTEN; takes the options of `python -m sandbox`."""
    listen = os.environ.get("DINGHR_SANDBOX_LISTEN", "127.0.0.1:8700")
    command = [sys.executable, "-m", "sandbox", "--listen", listen, *options]
    os.execv(sys.executable, command)  # noqa: S606 - our own program


@app.command
async def doctor(*, as_json_: Annotated[bool, Parameter(name="--json")] = False) -> None:
    """Check credentials, scopes, data scope, templates, database, key and clock; each line says how to mend it."""
    findings = await examine(settings_or_exit())
    if as_json_:
        as_json([finding.as_dict() for finding in findings])
    else:
        for finding in findings:
            line(finding.as_line())
    if any(not finding.ok for finding in findings):
        raise SystemExit(1)


@app.command
async def sync() -> None:
    """Read departments, people and line managers from DingTalk's contacts now."""
    async with office() as place, place.dingtalk() as dingtalk:
        contacts = place.contacts(dingtalk)
        reading = CompanyReading(dingtalk.contacts, place.database, place.workplace, contacts)
        try:
            await reading.now({"stages": ["lists"]})
            line("the lists are read; reading line managers …")
            await reading.now({"stages": [one for one in reading.stages if one != "lists"], "again": True})
            async with place.transaction("sync") as (_, services):
                log: AuditLog = services[AuditLog]  # type: ignore[assignment]
                log.record(Act(OPERATOR, "contacts.sync"))
        except DingTalkError as error:
            fail(str(error))
    line("done")


@app.command
def routes(*, as_json_: Annotated[bool, Parameter(name="--json")] = False) -> None:
    """List what the robot answers: phrases, taps, questions, views, and the function behind each."""
    rows = [{"kind": kind, "answers": what, "function": function} for kind, what, function in all_routes().table()]
    if as_json_:
        as_json(rows)
    else:
        as_table(rows, ["kind", "answers", "function"])


@db.command
async def upgrade() -> None:
    """Bring the database to this version's schema; `run` does it by itself."""
    async with office():
        line("the database is up to date")


def main() -> None:
    """Enter."""
    _log_to_stderr()
    try:
        app()
        sys.stdout.flush()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except BrokenPipeError:  # `dinghr audit list | head`: who reads has read enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(141) from None


def _log_to_stderr() -> None:
    """Write logs as JSON lines to standard error, without personal data; a command's own words are enough."""
    logs.configure(sys.stderr, usual="INFO" if sys.argv[1:2] == ["run"] else "WARNING")
    logs.take_over_hooks()
    _leave_no_core()


def _leave_no_core() -> None:
    """Have a crash write no image of the memory: the keys are in it."""
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
