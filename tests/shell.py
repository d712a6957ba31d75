"""A shell on the robot's machine: commands typed in this process, since starting one of their own takes longer."""

import inspect
import io
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

import pytest

from bot.cli.main import app


@dataclass
class Done:
    """What a command left."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Its own words, without what a robot of the same process has logged."""
        return "\n".join(line for line in self.err.splitlines() if not line.startswith("{"))


async def typed(environment: Mapping[str, str], *words: str) -> Done:
    """Run a `dinghr` command with some variables set."""
    command, bound, _ = app.parse_args(list(words), print_error=False, exit_on_error=False)
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()

    def printed() -> str:
        out.flush()
        return out.buffer.getvalue().decode()

    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for name, value in environment.items():
            patch.setenv(name, value)
        try:
            result = command(*bound.args, **bound.kwargs)
            if inspect.isawaitable(result):
                await result
        except SystemExit as end:
            assert isinstance(end.code, int)
            return Done(end.code, printed(), err.getvalue())
    return Done(0, printed(), err.getvalue())
