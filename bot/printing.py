"""Locked files are made in a child process, by pipes: what stands in them is on no disk, and the loop isn't held up."""

import asyncio
import json
import secrets
from dataclasses import asdict

from bot.children import ChildFailed, in_child
from cards.view import Paper

AT_ONCE = 2
PATIENCE = 30.0
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look alike."""


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
            try:
                return await in_child("cards.paper_pdf", told, patience=PATIENCE)
            except ChildFailed as error:
                raise NotPrinted(*error.args) from None
