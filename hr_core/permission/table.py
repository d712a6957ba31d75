"""The table as it stands in `access.toml` now: a change counts without a restart, a bad one doesn't count at all."""

import hashlib
from datetime import date
from pathlib import Path

from hr_core.permission.policy import FILE, AccessPolicyError, Policy, PolicyFile, read_policy

NONE = "none"
"""The digest of no file: the built-in table."""


class TableFile:
    """The table of a home folder, the built-in one without. `digest` names the content that holds, `problem` says why
    a newer one doesn't.
    """

    def __init__(self, home: Path | None = None) -> None:
        """Read it; raises `AccessPolicyError`."""
        self._path = home / FILE if home is not None else Path(FILE)
        self._home = home
        self.digest, self._file = self._read()
        self._seen = self.digest
        self.problem = ""

    def on(self, day: date) -> Policy:
        """Give the whole table as of a day."""
        return self._file.on(day)

    def look(self) -> bool:
        """Look at the file; tells whether its content is another than the last time, good or bad."""
        try:
            content = self._content()
            seen = _digest(content)
            if seen == self._seen:
                return False
            self._file, self.digest, self.problem = read_policy(self._path, content), seen, ""
        except AccessPolicyError as error:
            if self.problem == str(error):
                return False
            seen, self.problem = "", str(error)
        self._seen = seen
        return True

    def _read(self) -> tuple[str, PolicyFile]:
        content = self._content()
        return _digest(content), read_policy(self._path, content)

    def _content(self) -> bytes | None:
        try:
            return None if self._home is None else self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise AccessPolicyError(f"{self._path}: cannot be read: {error.strerror}") from error


def _digest(content: bytes | None) -> str:
    return NONE if content is None else hashlib.sha256(content).hexdigest()[:32]
