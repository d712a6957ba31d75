"""Where the master keys come from: a file (the default), the environment, or a command such as a KMS's or HSM's.

There may be several, one a line: while the master key is changed, the new one stands first and the old one behind it.
A key file is made once for an empty database, readable by its owner only, and only ever replaced as a whole.
"""

import asyncio
import os
import shlex
import time
from collections.abc import Sequence
from pathlib import Path

import structlog
from sqlalchemy.exc import IntegrityError

from bot.clock import SystemClock
from bot.settings import Settings, SettingsError
from hr_core.database import Database
from hr_core.vault import MasterKeys, Vault, new_key, read_keys
from hr_core.vault.keys import WrongMasterKey
from hr_core.vault.store import KeyStore

log = structlog.get_logger()

COMMAND_SECONDS = 20.0
"""How long a command may take to give the key; a KMS answers in one second or not at all."""
LOOK_SECONDS = 2.0
"""How often a running process looks whether there are new data keys, or a new master key in the file."""
COMMAND_AGAIN_SECONDS = 60.0
"""How often it asks the command for the master keys."""
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


def write_key_file(path: Path, keys: Sequence[str]) -> None:
    """Put other keys into a key file at once, its owner and mode kept: whoever reads it has the old ones or the new."""
    path = path.expanduser().resolve()
    stat = path.stat()
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            if (stat.st_uid, stat.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(file.fileno(), stat.st_uid, stat.st_gid)
            os.fchmod(file.fileno(), stat.st_mode & 0o660)
            file.write("".join(f"{key}\n" for key in keys))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


async def master_keys(settings: Settings, *, may_create: bool) -> MasterKeys:
    """Give the master keys; raises `SettingsError` with the setting's name, and never with anything of a key."""
    if settings.dinghr_key is not None:
        return _read("DINGHR_KEY", settings.dinghr_key.get_secret_value(), "it")
    if settings.dinghr_key_command:
        return await _from_command(settings.dinghr_key_command)
    return keys_from_file(settings.key_file, may_create=may_create)


def key_source(settings: Settings) -> str:
    """Say where the master key comes from, as an operator knows it."""
    if settings.dinghr_key is not None:
        return "DINGHR_KEY"
    return "DINGHR_KEY_COMMAND" if settings.dinghr_key_command else f"DINGHR_KEY_FILE: {settings.key_file}"


def is_in_file(settings: Settings) -> bool:
    """Tell whether the master keys stand in a file."""
    return settings.dinghr_key is None and not settings.dinghr_key_command


def keys_from_file(path: Path, *, may_create: bool) -> MasterKeys:
    """Read the keys in `path`; a missing file is made only for an empty database."""
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


async def _from_command(command: str) -> MasterKeys:
    """Run the command without a shell and read the keys from its output, of which nothing is ever shown."""
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


def _read(setting: str, text: str, what: str) -> MasterKeys:
    try:
        return read_keys(text)
    except ValueError:
        msg = f"{setting}: {what} is not a data key; put the key file back from its backup"
        raise SettingsError(msg) from None


async def open_vault(settings: Settings, database: Database, masters: MasterKeys, current: bytes) -> Vault:
    """Open the vault with the database's own data keys; raises `SettingsError` for another database's master key.

    `current` of the master keys is the one that the database's data keys are wrapped by.
    """
    try:
        async with database.transaction() as session:
            keys = await KeyStore(session).complete(current, SystemClock())
    except IntegrityError:  # Another process has made them in the same instant.
        async with database.read() as session:
            keys = await KeyStore(session).keys()
    try:
        return Vault(masters, keys)
    except WrongMasterKey as error:
        made = keys[0].master if keys else ""
        msg = (
            f"{key_source(settings)} is not the key of this database (its data keys are wrapped by master key "
            f"{made}); put the right key back from its backup"
        )
        raise SettingsError(msg) from error


async def keep_keys(database: Database, vault: Vault, settings: Settings) -> None:
    """Look for new keys, for ever: neither `dinghr key rotate` nor another master key asks a process to restart."""
    asked = time.monotonic()
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        if is_in_file(settings) or (settings.dinghr_key_command and time.monotonic() - asked >= COMMAND_AGAIN_SECONDS):
            asked = time.monotonic()
            await _look_at_masters(vault, settings)
        try:
            async with database.read() as session:
                keys = await KeyStore(session).keys()
            if fresh := vault.learn(keys):
                log.info("vault.keys_learned", count=fresh)
        except WrongMasterKey:
            log.error("vault.other_master", mend="put the new master key beside the old one: docs/operations.md")
        except Exception as error:  # noqa: BLE001 - the keys at hand go on serving
            log.warning("vault.keys_not_read", error=type(error).__name__)


async def _look_at_masters(vault: Vault, settings: Settings) -> None:
    """Take the master keys over as they are given now. One that can't be read is no reason to forget any."""
    try:
        masters = await master_keys(settings, may_create=False)
    except SettingsError:
        log.warning("vault.masters_not_read", mend="run: dinghr doctor")
        return
    if masters != vault.masters:
        vault.masters = masters
        log.info("vault.masters_learned", count=len(masters.keys))
