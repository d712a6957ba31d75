"""What commands share: the settings, the store, and one transaction with its services."""

import asyncio
import getpass
import os
import secrets
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import aiohttp
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.app import new_track_id, workplace_of
from bot.cli.show import fail
from bot.clock import FollowedClock, SystemClock
from bot.contacts import ContactsSync
from bot.facts import FactSource
from bot.openapi import DingTalk, DingTalkError, NotFound
from bot.outbox.table import OutboxStore
from bot.replica import Replica
from bot.settings import Settings, SettingsError, read_settings
from bot.store import open_store
from bot.table import note_table
from bot.workplace import Workplace
from handlers.dispatch import Dispatcher
from handlers.router import Services
from handlers.routes import all_routes
from hr_core.audit.sealer import Sealer
from hr_core.clock import Clock, company_day
from hr_core.database import Database, DatabaseAway
from hr_core.notices import Happened
from hr_core.permission.alarm import RefusalAlarm
from hr_core.permission.checker import NotAllowed
from hr_core.permission.confirmation import CommandRow, CommandService, CommandStatus
from hr_core.permission.matrix import Action

ASK_AGAIN = 0.5
"""Seconds between two looks at whether somebody has answered."""


def settings_or_exit() -> Settings:
    """Read the settings, or end with every problem by name."""
    try:
        return read_settings()
    except SettingsError as error:
        fail(str(error), 2)


@dataclass(frozen=True)
class Office:
    """An open store for one command."""

    settings: Settings
    database: Database
    workplace: Workplace

    @asynccontextmanager
    async def transaction(self, command: str) -> AsyncIterator[tuple[AsyncSession, Services]]:
        """Give a session with its services; what the command changes is kept whole."""
        async with self.database.transaction() as session:
            yield session, await self.workplace.services(session, f"command:{command} by {os_user()}"[:200])

    def sealer(self) -> Sealer:
        """Give a sealer of the audit log for this command."""
        name = f"command-{secrets.token_hex(6)}"
        workplace = self.workplace
        return Sealer(self.database, workplace.vault, workplace.clock, name, self.settings.head_file)

    async def tell(self, session: AsyncSession, services: Services, happened: Happened, command: str) -> None:
        """Leave what happened for the robot to tell: it takes rows over whose process isn't one of the robots."""
        outcome = await Dispatcher(all_routes(), self.workplace.words).happened(happened, services)
        store = OutboxStore(self.workplace.vault, self.workplace.clock, Replica())
        cause = f"command:{command}"
        letters = [store.letter(out, new_track_id(), cause, None) for out in outcome.outgoing]
        letters += [store.update_letter(card, new_track_id(), cause) for card in outcome.stale]
        await store.insert(session, letters)

    async def reading_as(self, reader: str, action: Action, userid: str, *, seconds: int) -> tuple[int, int]:
        """Ask `reader` whether this command may read of a person as them, and wait; gives both numbers.

        Ends the command as `confirmed_as` does, in the same words whether or not there is such a person.
        """
        found = await self._find(userid)
        return await self.confirmed_as(reader, action, found, seconds=seconds), found or 0

    async def confirmed_as(self, userid: str, action: Action, on: int | None, *, seconds: int) -> int:
        """Ask somebody in the chat whether this command may read as them, and wait; gives their number.

        Ends the command when they may not read it themselves, say no, or don't answer in time.
        """
        person = await self.person(userid)
        login = os_user()
        return await self._confirmed(
            userid, person, f"do {action}", seconds, lambda commands: commands.ask(person, action, on, login)
        )

    async def whose(self, userid: str, on: int, what: str, *, seconds: int) -> str:
        """Ask somebody in the chat whether it is they who type this change of a role, and wait; gives their userid."""
        person = await self.person(userid)
        login = os_user()
        await self._confirmed(
            userid, person, what, seconds, lambda commands: commands.ask_whose(person, on, what, login)
        )
        return userid

    async def _confirmed(
        self,
        userid: str,
        person: int,
        what: str,
        seconds: int,
        ask: Callable[[CommandService], Awaitable[tuple[int, Happened]]],
    ) -> int:
        refused = command_id = None
        async with self.transaction("confirm") as (session, services):
            commands: CommandService = services[CommandService]  # type: ignore[assignment]
            try:
                command_id, happened = await ask(commands)
            except NotAllowed as refusal:
                alarm: RefusalAlarm = services[RefusalAlarm]  # type: ignore[assignment]
                refused, happened = refusal, Happened(await alarm.refused(refusal.act))
            await self.tell(session, services, happened, "confirm")
        if refused is not None or command_id is None:
            fail(f"{userid} may not {what}, or there is nothing to do it on; see: dinghr access explain")
        sys.stderr.write(f"waiting {seconds} s for {userid} to answer command {command_id} in the chat …\n")
        confirmed = False
        try:
            await self._answered(command_id, seconds)
        finally:  # However the wait ends, no later answer opens anything.
            async with self.transaction("confirm") as (_, services):
                commands = services[CommandService]  # type: ignore[assignment]
                confirmed = await commands.close(command_id)
        if not confirmed:
            fail(f"{userid} has not agreed to command {command_id}; nothing was read or changed")
        return person

    async def _answered(self, command_id: int, seconds: int) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            async with self.database.read() as session:
                row = await session.get(CommandRow, command_id)
                if row is None or row.status != CommandStatus.PENDING:
                    return
            await asyncio.sleep(ASK_AGAIN)

    async def person(self, userid: str) -> int:
        """Find an employee; somebody not known yet is read from DingTalk's contacts. Ends the command otherwise."""
        found = await self._find(userid)
        if found is None and await self._read_from_contacts(userid):
            found = await self._find(userid)
        if found is not None:
            return found
        return fail(
            f"{userid}: nobody with this userid is in the database or in DingTalk's contacts; "
            "the userid stands in 管理后台 → 通讯录 → the person's details"
        )

    async def _find(self, userid: str) -> int | None:
        async with self.database.read() as session:
            access = await self.workplace.access.current(session, company_day(self.workplace.clock.now()))
        return access.directory.with_key(userid).id if access.directory.knows(userid) else None

    async def _read_from_contacts(self, userid: str) -> bool:
        async with self.dingtalk() as dingtalk:
            try:
                await dingtalk.contacts.user(userid)
            except NotFound:
                return False
            except DingTalkError as error:
                fail(f"{userid}: not in the database, and DingTalk's contacts can't be asked: {error}")
            return await self.contacts(dingtalk).take_over(userid)

    def contacts(self, dingtalk: DingTalk) -> ContactsSync:
        """Give what takes people over."""
        facts = FactSource(self.settings, dingtalk.roster)
        return ContactsSync(dingtalk.contacts, self.database, self.workplace, facts)

    def dingtalk(self) -> DingTalk:
        """Give the API client for `async with`."""
        settings = self.settings
        return DingTalk(
            openapi_endpoint=settings.dingtalk_openapi_endpoint,
            oapi_endpoint=settings.oapi_endpoint,
            client_id=settings.dingtalk_client_id,
            client_secret=settings.dingtalk_client_secret.get_secret_value(),
            robot_code=settings.robot_code,
            agent_id=settings.agent_id,
            clock=self.workplace.clock,
        )


def os_user() -> str:
    """Give who typed the command, as the operating system knows them: `name@machine`, and who is behind sudo."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = f"uid {os.getuid()}"
    behind = os.environ.get("SUDO_USER", "")
    return f"{name}@{socket.gethostname()}" + (f" ({behind})" if behind and behind != name else "")


async def _seal(place: Office) -> None:
    """Seal what a command has recorded where no robot runs to do it; on PostgreSQL that takes seconds, so it waits."""
    if place.database.is_sqlite:
        sealer = place.sealer()
        with suppress(DatabaseAway, SQLAlchemyError):
            await sealer.seal()
            await sealer.stop()


async def _clock(settings: Settings) -> Clock:
    """Give the robot's clock: a task that is asked for now must not be due on another day there."""
    if not settings.dinghr_clock_url:
        return SystemClock()
    clock = FollowedClock(settings.dinghr_clock_url)
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5), trust_env=False) as session:
            await clock.start(session)
    except (aiohttp.ClientError, TimeoutError) as error:
        fail(f"DINGHR_CLOCK_URL: no clock at {settings.dinghr_clock_url}: {type(error).__name__}", 2)
    return clock


@asynccontextmanager
async def office() -> AsyncIterator[Office]:
    """Open the store that the settings name; ends the command with the reason when it can't be opened."""
    settings = settings_or_exit()
    try:
        database, vault = await open_store(settings)
    except SettingsError as error:
        fail(str(error), 2)
    try:
        try:
            workplace = workplace_of(settings, vault, await _clock(settings))
        except SettingsError as error:
            fail(str(error), 2)
        place = Office(settings, database, workplace)
        await note_table(database, workplace, f"command by {os_user()}")
        try:
            yield place
        finally:
            await _seal(place)
    finally:
        await database.close()
