"""What the robot does without being asked: its tasks, and the jobs that say when they are due."""

from collections.abc import Sequence
from datetime import timedelta

import structlog
from apscheduler.triggers.cron import CronTrigger

from bot.contacts import CHUNK, READ, ContactsSync
from bot.hiring import CHAIN, CHECK, FIRST_DAY, Hiring
from bot.inbox import Inbox
from bot.jobs import Job
from bot.outbox import Outbox
from bot.payday import Payday
from bot.reading import CompanyReading
from bot.tasks import Chunk, Task, TaskQueue
from bot.workplace import Workplace
from cards.view import TextView
from handlers.dispatch import Outgoing
from handlers.links import Links
from handlers.messages import Show
from handlers.reports import morning
from hr_core.audit.store import SYSTEM, Act, AuditLog
from hr_core.clock import COMPANY_ZONE, company_day
from hr_core.database import Database
from hr_core.notices import Group
from hr_core.payslip.drafts import forget_drafts
from hr_core.payslip.owner import OwnPayslips
from hr_core.people.store import PeopleStore
from hr_core.personnel.service import PersonnelService
from hr_core.privacy.erase import RULES, empty_log, erase_some
from hr_core.privacy.erasure import TASK as ERASE_PERSON
from hr_core.privacy.erasure import ErasureService
from hr_core.workdays.model import CalendarMissing

log = structlog.get_logger()


def _daily(hour: int, minute: int) -> CronTrigger:
    return CronTrigger(hour=hour, minute=minute, timezone=COMPANY_ZONE)


JOBS = (
    Job("absence.morning", _daily(9, 0), late=timedelta(hours=3)),
    Job(READ, _daily(3, 10), args={"again": True}, lock=READ),
    Job("leave.grant", _daily(0, 5)),
    Job(CHECK, _daily(8, 30)),
    Job(FIRST_DAY, _daily(9, 0)),
    Job("privacy.erase", _daily(2, 40)),
    Job("payslip.remind", _daily(10, 0), late=timedelta(hours=8)),
    Job("personnel.remind", CronTrigger(day_of_week="mon", hour=10, minute=0, timezone=COMPANY_ZONE)),
    Job("inbox.empty", CronTrigger(minute="*/10", timezone=COMPANY_ZONE)),
    Job("tasks.forget", _daily(4, 0)),
)


class Chores:
    """The functions behind the tasks. Each is called chunk after chunk; see `bot/tasks/chunk.py`."""

    def __init__(
        self, database: Database, workplace: Workplace, contacts: ContactsSync, reading: CompanyReading, inbox: Inbox,
        outbox: Outbox, queue: TaskQueue, hiring: Hiring, payday: Payday,
    ) -> None:  # fmt: skip
        self._database = database
        self._workplace = workplace
        self._contacts = contacts
        self._reading = reading
        self._inbox = inbox
        self._outbox = outbox
        self._queue = queue
        self._hiring = hiring
        self._payday = payday

    def tasks(self) -> Sequence[Task]:
        """Give the table: every name that can be asked for."""
        return (
            Task("absence.morning", self.push_morning),
            Task(READ, self._reading.chunk),
            Task("leave.grant", self.grant_year),
            Task("payslip.remind", self.remind_of_payslips),
            self._payday.task(),
            Task("inbox.empty", self.empty_inbox),
            Task("privacy.erase", self.erase),
            Task(ERASE_PERSON, self.erase_person),
            Task(CHAIN, self._hiring.step),
            Task(CHECK, self._hiring.check),
            Task(FIRST_DAY, self._hiring.first_day),
            Task("personnel.remind", self.remind_newcomers),
            Task("tasks.forget", self.forget_tasks),
        )

    async def push_morning(self, chunk: Chunk) -> None:
        """Tell HR's group who is away today; on days that aren't worked nobody is told anything."""
        day = company_day(chunk.due)
        cause = f"job:absence.morning:{day}"
        async with chunk.transaction() as session:
            try:
                worked = self._workplace.calendar.is_workday(day)
            except CalendarMissing as missing:
                mend = f"put {day.year}.json made from the State Council notice into DINGHR_HOME/workdays and restart"
                log.error("absence.no_calendar", year=day.year, mend=mend)
                text = TextView("", self._workplace.words.say(missing.code, **missing.values))
                self._outbox.put(session, Outgoing(Group.HR, text=text), cause=cause)
                return
            if worked:
                self._outbox.put(session, Outgoing(Group.HR, show=morning(day)), cause=cause)

    async def grant_year(self, chunk: Chunk) -> None:
        """Book the year's annual leave for everybody at work; whose facts are the same gets nothing new."""
        async with chunk.transaction() as session:
            store = PeopleStore(session)
            people = [employee for employee, _ in await store.at_work(after=chunk.state.get("after", 0), limit=CHUNK)]
            of = chunk.of or await store.count_at_work()
            await self._contacts.grant_annual(session, people, chunk.cause, company_day(chunk.due).year)
            if len(people) == CHUNK:
                chunk.next(done=chunk.done + len(people), of=of, state={"after": people[-1]})

    async def remind_of_payslips(self, chunk: Chunk) -> None:
        """Remind who hasn't confirmed their payslips: each person once, of all of them, on days that are worked."""
        async with chunk.transaction() as session:
            try:
                if not self._workplace.calendar.is_workday(company_day(chunk.due)):
                    return
            except CalendarMissing:
                pass  # Whoever is told of it is told in the morning; a reminder more harms nobody.
            services = await self._workplace.services(session, chunk.cause)
            slips: OwnPayslips = services[OwnPayslips]  # type: ignore[assignment]
            people, happened = await slips.remind(chunk.state.get("after", 0), CHUNK)
            for notice in happened.notices:
                show = Show(notice.kind, notice.subject)
                self._outbox.put(session, Outgoing(notice.to, show=show), cause=chunk.cause)
            if len(people) == CHUNK:
                chunk.next(done=chunk.done + len(people), of=0, state={"after": people[-1]})

    async def remind_newcomers(self, chunk: Chunk) -> None:
        """Tell those who began lately what their file lacks; cut when the budget is low: 我的资料 tells the same."""
        async with chunk.transaction() as session:
            services = await self._workplace.services(session, chunk.cause, day=company_day(chunk.due))
            personnel: PersonnelService = services[PersonnelService]  # type: ignore[assignment]
            people, last = await personnel.to_remind(chunk.state.get("after", 0), CHUNK)
            for person in people:
                self._outbox.put(session, Outgoing(person, show=Show("personnel.reminder")), cause=chunk.cause)
            if last is not None:
                chunk.next(done=chunk.done + len(people), of=0, state={"after": last})

    async def empty_inbox(self, chunk: Chunk) -> None:
        """Forget clicks' acks that nobody will ask for again, links that lead nowhere, unconfirmed sheets."""
        async with chunk.transaction() as session:
            await self._inbox.empty_old(session)
            await Links(session, self._workplace.clock).forget_old()
            await forget_drafts(session, self._workplace.clock.now())

    async def erase(self, chunk: Chunk) -> None:
        """Erase what is due, one class after another; at the end also from SQLite's log of changes."""
        at = chunk.state.get("class", 0)
        if at == len(RULES):
            await empty_log(self._database)
            async with chunk.transaction():
                return
        async with chunk.transaction() as session:
            data_class = list(RULES)[at]
            found = await erase_some(session, self._workplace.privacy, data_class, company_day(chunk.due))
            if found:
                audit = AuditLog(session, self._workplace.clock, chunk.cause)
                audit.record(Act(SYSTEM, "data.erase_due", record=f"class:{data_class}", why=f"{found} rows"))
            chunk.next(done=chunk.done + found, of=0, state={"class": at if found else at + 1})

    async def erase_person(self, chunk: Chunk) -> None:
        """Erase what may go of one person, one class a transaction, once HR has said yes twice."""
        at, number = chunk.state.get("class", 0), int(chunk.args["erasure"])
        async with chunk.transaction() as session:
            services = await self._workplace.services(session, chunk.cause)
            erasures: ErasureService = services[ErasureService]  # type: ignore[assignment]
            if at < len(erasures.steps):
                count = await erasures.carry_out(number, erasures.steps[at])
                chunk.next(done=chunk.done + count, of=0, state={"class": at + 1})
                return
            for notice in (await erasures.finish(number)).notices:
                self._outbox.put(
                    session, Outgoing(notice.to, show=Show(notice.kind, notice.subject)), cause=chunk.cause
                )
        await empty_log(self._database)

    async def forget_tasks(self, chunk: Chunk) -> None:
        """Delete tasks that ended long ago."""
        async with chunk.transaction() as session:
            await self._queue.forget_old(session)
