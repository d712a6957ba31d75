"""Locked files are made in a child process, by pipes: what stands in them is on no disk, and the loop isn't held up."""

import asyncio
import json
import os
import secrets
import sys
from dataclasses import asdict

from cards.view import Paper

AT_ONCE = 2
PATIENCE = 30.0
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look alike."""
_INHERITED = frozenset({"PATH", "PYTHONPATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT", "LD_LIBRARY_PATH"})
"""The child has no business with our secrets."""


class NotPrinted(RuntimeError):
    """The child gave no file."""


def new_password() -> str:
    """Make a file's password: chance alone, 59 bits, easy to type."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


class Printer:
    """Makes locked files, few at a time."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(AT_ONCE)

    async def print(self, paper: Paper, password: str) -> bytes:
        """Give a paper as a file that opens with the password; raises `NotPrinted`."""
        told = json.dumps({"paper": asdict(paper), "password": password}, ensure_ascii=False).encode()
        async with self._places:
            child = await asyncio.create_subprocess_exec(
                *[sys.executable, "-P", "-c", "from cards.paper_pdf import main; main()"],
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
                env={name: value for name, value in os.environ.items() if name in _INHERITED} | {"PYTHONUTF8": "1"},
            )  # fmt: skip
            try:
                async with asyncio.timeout(PATIENCE):
                    file, _ = await child.communicate(told)
            except TimeoutError:
                raise NotPrinted from None
            finally:
                if child.returncode is None:
                    child.kill()
                    await child.wait()
        if child.returncode != 0 or not file:
            raise NotPrinted(child.returncode)
        return file
