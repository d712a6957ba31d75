"""Named texts, one JSON file each in a folder, or in memory where no folder was given."""

import os
import re
from pathlib import Path

from sandbox.world.errors import Refused

_NAME = re.compile(r"[\w.-](?:[\w .-]{0,62}[\w.-])?")


class Shelf:
    """What was saved under a name."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._texts: dict[str, str] = {}

    def names(self) -> list[str]:
        """Give the names."""
        if self._folder is None:
            return sorted(self._texts)
        return sorted(path.stem for path in self._folder.glob("*.json"))

    def check(self, name: str) -> None:
        """Refuse what can be no name."""
        self._path(name)

    def put(self, name: str, text: str) -> None:
        """Keep a text; a file is there whole or not at all, for its owner only."""
        path = self._path(name)
        if path is None:
            self._texts[name] = text
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        part.replace(path)

    def get(self, name: str) -> str:
        """Give a text; raises `Refused` where there is none."""
        path = self._path(name)
        try:
            return self._texts[name] if path is None else path.read_text("utf-8")
        except (KeyError, FileNotFoundError):
            raise Refused(f"nothing was saved as {name}") from None

    def drop(self, name: str) -> None:
        """Forget a text."""
        self.get(name)
        path = self._path(name)
        if path is None:
            del self._texts[name]
        else:
            path.unlink()

    def _path(self, name: str) -> Path | None:
        if not _NAME.fullmatch(name) or name.startswith("."):
            raise Refused("a name has at most 64 letters, digits, _, -, dots and spaces between")
        return self._folder / f"{name}.json" if self._folder else None
