"""Where the master key comes from: a file (the default), the environment, or a command such as a KMS's or HSM's.

A key file is made once for an empty database, never replaced, readable by its owner only.
"""

import asyncio
import os
import shlex
from pathlib import Path

import structlog
from sqlalchemy.exc import IntegrityError

from bot.clock import SystemClock
from bot.settings import Settings, SettingsError
from hr_core.database import Database
from hr_core.vault import Vault, new_key, read_key
from hr_core.vault.keys import WrongMasterKey
from hr_core.vault.store import KeyStore

log = structlog.get_logger()

COMMAND_SECONDS = 20.0
"""How long a command may take to give the key; a KMS answers in one second or not at all."""
LOOK_SECONDS = 2.0
"""How often a running process looks whether there are new data keys."""
ANNOUNCED_SECONDS = 5.0
"""How long a data key is known before it is used: longer than anybody goes without looking."""


def create_key_file(path: Path) -> None:
    """Write a new key; refuses to touch a file that is there."""
    path = path.expanduser()
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(new_key() + "\n")
        file.flush()
        os.fsync(file.fileno())


async def master_key(settings: Settings, *, may_create: bool) -> bytes:
    """Give the master key; raises `SettingsError` with the setting's name, and never with anything of the key."""
    if settings.dinghr_key is not None:
        return _read("DINGHR_KEY", settings.dinghr_key.get_secret_value(), "it")
    if settings.dinghr_key_command:
        return await _from_command(settings.dinghr_key_command)
    return key_from_file(settings.key_file, may_create=may_create)


def key_source(settings: Settings) -> str:
    """Say where the master key comes from, as an operator knows it."""
    if settings.dinghr_key is not None:
        return "DINGHR_KEY"
    return "DINGHR_KEY_COMMAND" if settings.dinghr_key_command else f"DINGHR_KEY_FILE: {settings.key_file}"


def key_from_file(path: Path, *, may_create: bool) -> bytes:
    """Read the key in `path`; a missing one is made only for an empty database."""
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
        text = path.read_text("ascii")
    except OSError as error:
        msg = f"DINGHR_KEY_FILE: cannot read {path}: {error.strerror}; name a file that this user can read"
        raise SettingsError(msg) from error
    except UnicodeDecodeError:
        text = ""
    return _read("DINGHR_KEY_FILE", text, str(path))


async def _from_command(command: str) -> bytes:
    """Run the command without a shell and read the key from its output, of which nothing is ever shown."""
    name = "DINGHR_KEY_COMMAND"
    try:
        words = shlex.split(command)
        process = await asyncio.create_subprocess_exec(
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except (OSError, ValueError, IndexError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it isn't a command line"
        msg = f"{name}: cannot be started: {reason}; name a program with its arguments"
        raise SettingsError(msg) from None
    try:
        async with asyncio.timeout(COMMAND_SECONDS):
            output, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        msg = f"{name}: gave nothing within {COMMAND_SECONDS:g} s; run it by hand to see why"
        raise SettingsError(msg) from None
    if process.returncode:
        msg = f"{name}: ended with exit code {process.returncode}; run it by hand to see why"
        raise SettingsError(msg)
    return _read(name, output.decode("ascii", "replace"), "its output")


def _read(setting: str, text: str, what: str) -> bytes:
    try:
        return read_key(text)
    except ValueError:
        msg = f"{setting}: {what} is not a data key; put the key file back from its backup"
        raise SettingsError(msg) from None


async def open_vault(settings: Settings, database: Database, master: bytes) -> Vault:
    """Open the vault with the database's own data keys; raises `SettingsError` for another database's master key."""
    try:
        async with database.transaction() as session:
            keys = await KeyStore(session).complete(master, SystemClock())
    except IntegrityError:  # Another process has made them in the same instant.
        async with database.read() as session:
            keys = await KeyStore(session).keys()
    try:
        return Vault(master, keys)
    except WrongMasterKey as error:
        made = keys[0].master if keys else ""
        msg = (
            f"{key_source(settings)} is not the key of this database (its data keys are wrapped by master key "
            f"{made}); put the right key back from its backup"
        )
        raise SettingsError(msg) from error


async def keep_keys(database: Database, vault: Vault) -> None:
    """Look for new data keys, for ever: `dinghr key rotate` asks no process to restart."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            async with database.read() as session:
                keys = await KeyStore(session).keys()
            if fresh := vault.learn(keys):
                log.info("vault.keys_learned", count=fresh)
        except WrongMasterKey:
            log.error("vault.other_master", mend="the master key was changed: restart with the new one")
        except Exception as error:  # noqa: BLE001 - the keys at hand go on serving
            log.warning("vault.keys_not_read", error=type(error).__name__)
