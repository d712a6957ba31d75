"""The event loop of a long-running process: uvloop where there is one, which halves what a socket costs."""

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any

if sys.platform != "win32":
    import uvloop


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run until it ends."""
    if sys.platform != "win32":
        uvloop.run(work)
    else:
        asyncio.run(work)
