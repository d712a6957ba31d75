"""The data key's file: made once for an empty database, never replaced, readable by its owner only."""

import os
from pathlib import Path

from bot.settings import SettingsError
from hr_core.vault import Vault, new_key, read_key


def create_key_file(path: Path) -> None:
    """Write a new key; refuses to touch a file that is there."""
    path = path.expanduser()
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(new_key() + "\n")
        file.flush()
        os.fsync(file.fileno())


def open_vault(path: Path, *, may_create: bool) -> Vault:
    """Open the vault with the key in `path`; a missing key is made only for an empty database."""
    path = path.expanduser()
    if not path.exists():
        if not may_create:
            msg = (
                f"DINGHR_KEY_FILE: there is no key at {path}, but the database has data sealed with it; "
                "put the key file back from its backup"
            )
            raise SettingsError(msg)
        create_key_file(path)
    try:
        return Vault(read_key(path.read_text("ascii")))
    except OSError as error:
        msg = f"DINGHR_KEY_FILE: cannot read {path}: {error.strerror}; name a file that this user can read"
        raise SettingsError(msg) from error
    except ValueError as error:
        msg = f"DINGHR_KEY_FILE: {path} is not a data key; put the key file back from its backup"
        raise SettingsError(msg) from error
