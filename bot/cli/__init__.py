"""The command line: `dinghr …`. Data commands take `--json`; exit codes: 0 done, 1 refused or failed, 2 misused."""

from bot.cli.main import main

__all__ = ["main"]
