"""Wires everything once: settings, store, services, router, outbox, stream, jobs, web."""

import asyncio
import contextlib
import os
import secrets
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import aiohttp
import structlog

from bot.audit import AuditKeeper
from bot.backlog import Backlog
from bot.budget import Budget
from bot.chores import JOBS, Chores
from bot.clock import FollowedClock, SystemClock
from bot.commits import GroupCommit
from bot.contacts import READ, ContactsSync
from bot.desk import Desk
from bot.facts import FactSource
from bot.hiring import Hiring
from bot.inbox import Inbox
from bot.intake import ClickIntake, DynamicDataIntake, EventIntake, MessageIntake
from bot.jobs import Jobs
from bot.keys import keep_keys
from bot.metrics import Metrics
from bot.openapi import DingTalk, DingTalkError, Operation
from bot.outbox import Outbox
from bot.payday import Payday
from bot.pictures import Pictures
from bot.pulls import Pulls
from bot.reading import CompanyReading
from bot.replica import BEAT_SECONDS, Replica
from bot.settings import Settings, SettingsError
from bot.sheets import Sheets
from bot.store import open_store
from bot.stream import Credential, StreamClient
from bot.table import keep_table
from bot.taking_back import TakingBack
from bot.tasks import TaskQueue, patiently, runner_for
from bot.web.papers import Papers
from bot.web.server import Web
from bot.workplace import Workplace
from cards.catalogue import words
from handlers.dispatch import Dispatcher
from handlers.routes import all_routes
from handlers.surface import Surface
from hr_core.approval.model import load_leave_route
from hr_core.clock import Clock
from hr_core.database import Database, DatabaseAway
from hr_core.database.alone import NotAlone, alone
from hr_core.leave.model import load_leave_types
from hr_core.notices import Group
from hr_core.onboarding.policy import BadOnboardingPolicy, OnboardingPolicy, load_onboarding_policy
from hr_core.payslip.model import BadPayslipPolicy, PayslipPolicy, load_payslip_policy
from hr_core.people.store import PeopleStore
from hr_core.permission.policy import AccessPolicyError
from hr_core.permission.store import AccessCache
from hr_core.permission.table import TableFile
from hr_core.privacy.policy import BadPrivacyPolicy, PrivacyPolicy, load_privacy_policy
from hr_core.vault import Vault
from hr_core.workdays.load import load_calendar

log = structlog.get_logger()

SWEEP_SECONDS = 15
STOP_SECONDS, STREAM_STOP, TASKS_STOP, DESK_STOP, OUTBOX_STOP = 8.5, 3.0, 2.0, 3.0, 8.0
"""What a stop may take in all, of the ten seconds an operator waits, and each part at most."""


def new_track_id() -> str:
    """Make a card's id: at most 64 characters of `[A-Za-z0-9_-]`, impossible to guess."""
    return f"hr-{secrets.token_urlsafe(24)}"


def workplace_of(settings: Settings, vault: Vault, clock: Clock) -> Workplace:
    """Put the policies and the words together; raises `SettingsError` for a policy that can't be."""
    home = settings.dinghr_home.expanduser()
    try:
        table = TableFile(home)
    except AccessPolicyError as error:
        raise SettingsError(str(error)) from error
    prepared = {Group.HR: settings.dinghr_hr_group} if settings.dinghr_hr_group else {}
    return Workplace(
        clock=clock,
        vault=vault,
        calendar=load_calendar(home / "workdays"),
        leave_types=load_leave_types(),
        leave_route=load_leave_route(),
        words=words(),
        surface=Surface(
            forms=bool(settings.dingtalk_card_form),
            notices=bool(settings.dingtalk_card_notice),
            address=settings.dinghr_public_url,
        ),
        prepared_groups=prepared,
        table=table,
        access=AccessCache(table.on),
        privacy=_policy_of(settings, load_privacy_policy, "privacy.toml"),
        payslips=_policy_of(settings, load_payslip_policy, "payslip.toml"),
        onboarding=_policy_of(settings, load_onboarding_policy, "onboarding.toml"),
        queue=TaskQueue(clock),
    )


Policy = TypeVar("Policy", PrivacyPolicy, PayslipPolicy, OnboardingPolicy)


def _policy_of(settings: Settings, load: Callable[[Path | None], Policy], file: str) -> Policy:
    """Read one of the company's own policies, else the product's; raises `SettingsError`."""
    try:
        return load(settings.dinghr_home.expanduser() / file)
    except (BadPrivacyPolicy, BadPayslipPolicy, BadOnboardingPolicy) as error:
        raise SettingsError(f"DINGHR_HOME: {error}") from error


class Robot:
    """The running process. `async with` starts it and stops it; `run` stays until it is told to end."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._stack = contextlib.AsyncExitStack()
        self._tasks: set[asyncio.Task[None]] = set()
        self._imported = False
        self._deadline = 0.0
        self.stream: StreamClient
        self.web: Web
        self.database: Database
        self.workplace: Workplace
        self.queue: TaskQueue
        self.contacts: ContactsSync
        self.reading: CompanyReading
        self.desk: Desk
        self.outbox: Outbox

    async def __aenter__(self) -> Self:
        """Start: store first, then the senders, then the web, then the ear; frames are taken from the first second."""
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop in the opposite order: no new frames, what has begun ends, what is unfinished stays in the store."""
        began = time.monotonic()
        self._deadline = began + STOP_SECONDS
        await self._stack.aclose()
        log.info("robot.stopped", seconds=round(time.monotonic() - began, 2))

    @property
    def ready(self) -> dict[str, bool]:
        """What has to be true before the robot is of use."""
        return {
            "stream": self.stream.connected.is_set(),
            "imported": self._imported,
            "database": self.desk.database_there,
        }

    async def settled(self) -> None:
        """Wait until everybody and their line managers were read."""
        await self.reading.settled()

    async def _start(self) -> None:
        settings, stack = self.settings, self._stack
        clock = await self._clock()
        self.database, vault = await open_store(settings)
        stack.push_async_callback(self.database.close)
        await self._hold(stack)
        self.workplace = workplace = workplace_of(settings, vault, clock)
        metrics, replica = Metrics(), Replica(lambda: " ".join(vault.masters.ids)[:200])
        budget = Budget(settings.dinghr_plan, settings.dinghr_quota_share, clock)

        dingtalk = await stack.enter_async_context(self._dingtalk(clock, metrics, budget, replica))
        commits = GroupCommit(self.database)
        commits.start()
        stack.push_async_callback(commits.stop)
        router = all_routes()
        dispatcher = Dispatcher(router, workplace.words)
        inbox = Inbox(commits, vault, clock, replica)
        assert workplace.queue is not None
        self.queue = workplace.queue
        taking_back = TakingBack(commits, self.queue, dingtalk.robot)
        self.queue.register(taking_back.task())
        self.outbox = outbox = Outbox(
            self.database,
            commits,
            workplace,
            router,
            dispatcher,
            dingtalk,
            settings,
            replica,
            budget,
            new_id=new_track_id,
            take_back=taking_back.later,
        )
        facts = FactSource(settings, dingtalk.roster)
        self.contacts = ContactsSync(dingtalk.contacts, self.database, workplace, facts, self.queue)
        self.reading = CompanyReading(dingtalk.contacts, self.database, workplace, self.contacts)
        self._name_tasks(dingtalk, dispatcher, inbox)
        self.desk = desk = Desk(self.database, commits, inbox, outbox, dispatcher, workplace, self.contacts, replica)

        pulls = Pulls(self.database, commits, outbox, router, dispatcher, workplace)
        self.stream = self._stream(desk, pulls, budget)
        host, port = settings.listen()
        backlog = Backlog(self.database, clock, metrics.registry, lambda: desk.lost)
        papers = Papers(self.database, commits, workplace, router)
        self.web = Web(host, port, metrics.registry, lambda: self.ready, backlog.measure, papers)
        await self.web.start()
        stack.push_async_callback(self.web.stop)

        if self.database.is_sqlite:
            await commits.run(replica.alone)
        await commits.run(replica.beat)
        await commits.run(budget.add_up)
        stack.push_async_callback(self._leave, commits, replica, budget)
        outbox.start()
        stack.push_async_callback(self._in_time, outbox.stop, OUTBOX_STOP)
        self._imported = await self.contacts.imported()
        stack.push_async_callback(self._in_time, desk.stop, DESK_STOP)
        await self._take_over()
        self._background(self._beat(commits, replica, budget), "beat")
        self._look_after(replica)
        self._start_tasks(replica)
        stack.push_async_callback(self._end_background)
        self._background(self.stream.start(), "stream")
        stack.push_async_callback(self._in_time, self.stream.stop, STREAM_STOP)

    def _dingtalk(self, clock: Clock, metrics: Metrics, budget: Budget, replica: Replica) -> DingTalk:
        """Make the client; every call is measured, and paced together with the other replicas."""
        settings = self.settings

        def called(operation: Operation, outcome: str, seconds: float) -> None:
            metrics.called(operation, outcome, seconds)
            budget.called(operation, outcome)

        return DingTalk(
            openapi_endpoint=settings.dingtalk_openapi_endpoint,
            oapi_endpoint=settings.oapi_endpoint,
            client_id=settings.dingtalk_client_id,
            client_secret=settings.dingtalk_client_secret.get_secret_value(),
            robot_code=settings.robot_code,
            agent_id=settings.agent_id,
            operator=settings.dingtalk_op_user_id,
            clock=clock,
            on_call=called,
            sharers=lambda: 1 + replica.others,
            file_hosts=settings.file_hosts,
        )

    def _name_tasks(self, dingtalk: DingTalk, dispatcher: Dispatcher, inbox: Inbox) -> None:
        """Say what every task does, before anything can ask for one."""
        hiring = Hiring(
            self.database, self.workplace, dispatcher, self.outbox, dingtalk.contacts, dingtalk.staff,
            dingtalk.attendance,
        )  # fmt: skip
        self.contacts.on_joined = hiring.joined
        chores = Chores(
            self.database, self.workplace, self.contacts, self.reading, inbox, self.outbox, self.queue, hiring,
            Payday(self.workplace, dispatcher, self.outbox),
        )  # fmt: skip
        self.queue.register(
            *chores.tasks(),
            *Pictures(dingtalk.files, self.workplace, self.outbox).tasks(),
            *Sheets(dingtalk.files, self.database, self.workplace, dispatcher, self.outbox).tasks(),
        )

    async def _hold(self, stack: contextlib.AsyncExitStack) -> None:
        """Be where only robots are that can work beside this one."""
        try:
            await stack.enter_async_context(alone(self.database, among_robots=True))
        except NotAlone as error:
            if self.database.is_sqlite:
                msg = (
                    "DINGHR_DATABASE_URL: another robot works on this database; stop it first: on SQLite only one can "
                    "run at a time"
                )
            else:
                msg = "DINGHR_DATABASE_URL: this database is being copied; start the robot when that has ended"
            raise SettingsError(msg) from error

    def _look_after(self, replica: Replica) -> None:
        """Begin what mends, seals and looks for changes in the background."""
        self._background(keep_keys(self.database, self.workplace.vault, self.settings), "keys")
        self._background(keep_table(self.database, self.workplace), "access table")
        self._background(self._sweep(), "sweep")
        keeper = AuditKeeper(self.database, self.workplace, self.settings, self.outbox, replica)
        self._stack.push_async_callback(keeper.stop)
        self._background(keeper.keep(), "audit")

    def _stream(self, desk: Desk, pulls: Pulls, budget: Budget) -> StreamClient:
        """Put the ear together: every topic has its handler."""
        settings = self.settings
        stream = StreamClient(
            Credential(settings.dingtalk_client_id, settings.dingtalk_client_secret.get_secret_value()),
            openapi_endpoint=settings.dingtalk_openapi_endpoint,
        )
        stream.register_callback_handler(MessageIntake.TOPIC, MessageIntake(desk, budget))
        stream.register_callback_handler(ClickIntake.TOPIC, ClickIntake(desk, budget))
        stream.register_callback_handler(DynamicDataIntake.TOPIC, DynamicDataIntake(pulls, budget))
        stream.register_all_event_handler(EventIntake(desk, budget))
        return stream

    def _start_tasks(self, replica: Replica) -> None:
        runner = runner_for(self.database, self.queue, replica)
        runner.start()
        self._stack.push_async_callback(self._in_time, runner.stop, TASKS_STOP)
        jobs = Jobs(self.database, self.queue.clock, self.queue, JOBS)
        jobs.start()
        self._stack.callback(jobs.stop)
        self._background(self.contacts.read_active(), "contacts of the active")
        self._background(self._read_people(), "contacts")

    async def _beat(self, commits: GroupCommit, replica: Replica, budget: Budget) -> None:
        """Say that this process lives, for ever, and take what the dead have left."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            try:
                await commits.run(replica.beat)
                await commits.run(budget.add_up)
                await self._take_over()
            except DatabaseAway as error:
                log.warning("robot.no_beat", error=type(error).__name__)
            except Exception:
                log.exception("robot.no_beat")

    async def _take_over(self) -> None:
        if taken := await self.desk.take_over():
            log.info("desk.taken_over", frames=taken)
        if taken := await self.outbox.take_over():
            log.info("outbox.taken_over", rows=taken)

    async def _in_time(self, stop: Callable[[float], Awaitable[None]], most: float) -> None:
        """Stop a part: it gets `most` seconds for what it has begun, or what is left of the whole."""
        await stop(max(0.2, min(most, self._deadline - time.monotonic())))

    async def _leave(self, commits: GroupCommit, replica: Replica, budget: Budget) -> None:
        with contextlib.suppress(DatabaseAway):  # The lease ends by itself then.
            await commits.run(budget.add_up)
            await commits.run(replica.leave)

    async def _sweep(self) -> None:
        """Come back, for ever, to frames that a failure left behind and to requests that nobody can decide."""
        seen = -1
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                if swept := await self.desk.sweep():
                    log.info("desk.swept", frames=swept)
                async with self.database.read() as session:
                    version = await PeopleStore(session).version()
                if version != seen and (mended := await self.desk.mend()):
                    log.info("leave.reassigned", requests=mended)
                seen = version
            except Exception:
                log.exception("desk.not_swept")

    async def _read_people(self) -> None:
        """Read the company: the first time before the robot is ready, else behind it, as a task."""
        wait = 1.0
        while not self._imported:
            try:
                await self.reading.now({"stages": ["lists"], "thorough": False})
                self._imported = True
            except DingTalkError as error:
                log.error("contacts.not_read", code=error.code, mend=error.remedy, retry_in=wait)
                await asyncio.sleep(wait)
            except Exception:
                log.exception("contacts.not_read", retry_in=wait)
                await asyncio.sleep(wait)
            wait = min(60.0, wait * 2)
        await patiently(self._read_again)

    async def _read_again(self) -> bool:
        """Ask for a reading of the whole company, unless one waits to be begun."""
        async with self.database.transaction() as session:
            if await self.queue.waits(session, READ):
                return False
            return await self.queue.enqueue(session, READ, lock=READ) is not None

    async def _clock(self) -> Clock:
        if not self.settings.dinghr_clock_url:
            return SystemClock()
        session = await self._stack.enter_async_context(
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=40), trust_env=False)
        )
        clock = FollowedClock(self.settings.dinghr_clock_url)
        await clock.start(session)
        self._background(clock.follow(session), "clock")
        self._stack.push_async_callback(self._end_background)
        return clock

    def _background(self, work: "asyncio._CoroutineLike[None]", name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("robot.task_failed", task=task.get_name(), exc_info=task.exception())

    async def _end_background(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def run(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    async with Robot(settings) as robot:
        log.info("robot.started", pid=os.getpid(), web=f"http://{settings.listen()[0]}:{robot.web.port}")
        await ended.wait()
        log.info("robot.stopping")
