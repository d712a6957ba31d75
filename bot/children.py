"""Work that takes the processor is done in a child process, by pipes: nothing on a disk, and the loop isn't held up."""

import asyncio
import os
import sys

_INHERITED = frozenset({"PATH", "PYTHONPATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT", "LD_LIBRARY_PATH"})
"""The child has no business with our secrets."""


class ChildFailed(RuntimeError):
    """The child gave nothing."""


async def in_child(module: str, told: bytes, *, patience: float) -> bytes:
    """Let a module's `main` read the bytes and give what it writes; raises `ChildFailed`."""
    child = await asyncio.create_subprocess_exec(
        *[sys.executable, "-P", "-c", f"from {module} import main; main()"],
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if name in _INHERITED} | {"PYTHONUTF8": "1"},
    )  # fmt: skip
    try:
        async with asyncio.timeout(patience):
            given, _ = await child.communicate(told)
    except TimeoutError:
        raise ChildFailed from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode != 0 or not given:
        raise ChildFailed(child.returncode)
    return given
