"""`dinghr tasks`: what the robot works on by itself, and what it gave up."""

from typing import Annotated, Any

from cyclopts import App, Parameter
from cyclopts.validators import Number

from bot.cli.audit import Json
from bot.cli.office import office
from bot.cli.show import as_json, as_table, fail, line
from bot.tasks import TaskQueue, TaskRow
from hr_core.audit.store import OPERATOR, Act, AuditLog

app = App(name="tasks", help="Background work: list, show, replay what was given up, drop what isn't wanted.")
COLUMNS = ["id", "name", "status", "due", "done", "of", "failures", "error"]


@app.command(name="list")
async def list_tasks(
    *,
    status: str | None = None,
    limit: Annotated[int, Parameter(validator=Number(gte=1))] = 50,
    as_json_: Json = False,
) -> None:
    """Print tasks, dead and unfinished ones first; --status dead is the dead-letter list."""
    async with office() as place, place.database.read() as session:
        rows = [_shown(row) for row in await TaskQueue(place.workplace.clock).newest(session, status, limit)]
    if as_json_:
        as_json(rows)
    else:
        as_table(rows, COLUMNS)


@app.command
async def show(task_id: int, /, *, as_json_: Json = False) -> None:
    """Print one task with its progress."""
    async with office() as place, place.database.read() as session:
        row = await session.get(TaskRow, task_id)
    if row is None:
        fail(f"{task_id}: there is no task with this number; see: dinghr tasks list")
    if as_json_:
        as_json(_shown(row))
    else:
        as_table([{"": name, "value": value} for name, value in _shown(row).items()], ["", "value"])


@app.command
async def replay(task_id: int, /) -> None:
    """Let a dead or dropped task go on behind its last finished chunk."""
    await _change(task_id, "replay", "neither dead nor dropped; only such a task can be replayed")
    line(f"task {task_id} will go on")


@app.command
async def drop(task_id: int, /) -> None:
    """End a task that isn't finished. What its finished chunks did stays."""
    await _change(task_id, "drop", "finished already")
    line(f"task {task_id} is dropped")


async def _change(task_id: int, verb: str, unfit: str) -> None:
    async with office() as place, place.transaction(f"tasks {verb}") as (session, services):
        if await session.get(TaskRow, task_id) is None:
            fail(f"{task_id}: there is no task with this number; see: dinghr tasks list")
        queue = TaskQueue(place.workplace.clock)
        if not await (queue.replay if verb == "replay" else queue.drop)(session, task_id):
            fail(f"{task_id}: this task is {unfit}")
        log: AuditLog = services[AuditLog]  # type: ignore[assignment]
        log.record(Act(OPERATOR, f"task.{verb}", record=f"task:{task_id}"))


def _shown(row: TaskRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "status": row.status,
        "job": row.job,
        "due": row.due_at.isoformat(),
        "finished": row.finished_at.isoformat() if row.finished_at else None,
        "done": row.done,
        "of": row.of,
        "state": row.state,
        "args": row.args,
        "failures": row.failures,
        "rest_until": row.rest_until.isoformat() if row.rest_until else None,
        "error": row.error,
        "owner": row.owner,
    }
