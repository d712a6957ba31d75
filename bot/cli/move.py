"""`dinghr db copy`: from SQLite to PostgreSQL."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from cyclopts import Parameter
from sqlalchemy.exc import SQLAlchemyError

from bot.cli.office import os_user, settings_or_exit
from bot.cli.show import as_json, fail, line
from bot.moving import Moved, MoveRefused, move
from bot.settings import SettingsError
from hr_core.database import DatabaseAway
from hr_core.database.copying import Told

AGAIN = "run the same command again: it goes on where it stopped"


async def copy(*, to: str, as_json_: Annotated[bool, Parameter(name="--json")] = False) -> None:
    """Copy the SQLite database into an empty PostgreSQL one and compare every row; run it again after an interruption.

    Parameters
    ----------
    to
        The PostgreSQL database, postgresql://USER@HOST/NAME; its password may stand in ~/.pgpass or PGPASSWORD.
    """
    settings = settings_or_exit()
    try:
        with _progress() as told:
            moved = await move(settings, to, told, os_user())
    except SettingsError as error:
        fail(str(error), 2)
    except MoveRefused as error:
        fail(str(error))
    except (DatabaseAway, SQLAlchemyError, OSError) as error:
        reason = error.__cause__ if isinstance(error, DatabaseAway) else error
        fail(f"--to: the database went away ({type(reason).__name__}); once it is back, {AGAIN}")
    if as_json_:
        as_json(_summary(moved))
    if moved.difference is not None:
        fail(f"not the same on both sides: {moved.difference}; let nothing change the SQLite database, and {AGAIN}")
    if not as_json_:
        line(f"{sum(moved.rows.values())} rows in {len(moved.rows)} tables, every one compared and the same")
        line("now set DINGHR_DATABASE_URL to that address and DINGHR_KEY_FILE to")
        line(f"{settings.key_file}, run `dinghr doctor`, and start the robot")


def _summary(moved: Moved) -> dict[str, object]:
    difference = moved.difference
    return {
        "rows": sum(moved.rows.values()),
        "tables": dict(moved.rows),
        "resumed": moved.resumed,
        "started_over": moved.started_over,
        "difference": None
        if difference is None
        else {
            "table": difference.table,
            "row": difference.key,
            "columns": list(difference.columns),
            "text": str(difference),
        },
    }


@contextmanager
def _progress() -> Iterator[Told]:
    """Show how far it is on standard error: bars for a person, a line a table for a file."""
    if not sys.stderr.isatty():

        def told(step: str, table: str, done: int, total: int) -> None:
            if done == total:
                sys.stderr.write(f"{step} {table}: {total}\n")
                sys.stderr.flush()

        yield told
        return
    from rich.console import Console  # noqa: PLC0415 - a robot doesn't load them
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn  # noqa: PLC0415

    bars: dict[tuple[str, str], TaskID] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:

        def drawn(step: str, table: str, done: int, total: int) -> None:
            bar = bars.get((step, table))
            if bar is None:
                bar = bars[step, table] = progress.add_task(f"{step} {table}", total=total)
            progress.update(bar, completed=done, total=total)

        yield drawn
