"""Carries hires out: asks DingTalk for a step's effect, then lets the HR core note it; and what the days bring.

Every step outside is looked for before it is done: after a crash, or an answer that never came, a second try finds
what the first has done.
"""

from collections.abc import Sequence
from typing import Any

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.openapi import (
    AttendanceGroups,
    Contacts,
    DingTalkError,
    Forbidden,
    Invited,
    NotFound,
    Staff,
    Taken,
)
from bot.outbox import Outbox
from bot.tasks import Chunk
from bot.workplace import Workplace
from handlers.dispatch import Dispatcher, Outgoing
from handlers.messages import Show
from handlers.router import Services
from handlers.store import Groups
from hr_core.clock import company_day
from hr_core.database import Database
from hr_core.failpoints import reach
from hr_core.notices import Errand, Happened, Team
from hr_core.onboarding.chain import Chain
from hr_core.onboarding.model import KIND, STEPS, StepName, StepOutcome, StepPlan, StepStatus
from hr_core.onboarding.service import CHAIN
from hr_core.onboarding.tasks import FirstDay, TaskList

log = structlog.get_logger()

CHECK, FIRST_DAY = "onboarding.check", "onboarding.first_day"
QUIET_TRIES = 1
"""How often what may pass by itself is tried again before HR is asked."""
INVITED, UNDONE = StepOutcome(StepStatus.INVITED), StepOutcome(StepStatus.UNDONE)


class Hiring:
    """The tasks of hiring."""

    def __init__(
        self,
        database: Database,
        workplace: Workplace,
        dispatcher: Dispatcher,
        outbox: Outbox,
        contacts: Contacts,
        staff: Staff,
        attendance: AttendanceGroups,
    ) -> None:
        self._database = database
        self._workplace = workplace
        self._dispatcher = dispatcher
        self._outbox = outbox
        self._contacts = contacts
        self._staff = staff
        self._attendance = attendance

    # --- the chain ----------------------------------------------------------------------------------------------------

    async def step(self, chunk: Chunk) -> None:
        """Do a hire's next step, or take its last one back; one step a chunk."""
        async with self._database.read() as session:
            plan = await _chain(await self._workplace.services(session, chunk.cause)).plan(chunk.args["hire"])
        if plan is None:
            async with chunk.transaction():
                return
        reach("hire.step_begun")
        outcome, userid = await self._outside(plan, chunk.failures)
        reach("hire.step_acted")
        async with chunk.transaction() as session:
            services = await self._workplace.services(session, chunk.cause)
            happened, goes_on = await _chain(services).settle(plan, outcome, userid=userid)
            await self._tell(session, happened, services, chunk.cause)
            if goes_on:
                chunk.next(done=chunk.done + 1, of=len(STEPS))
        reach("hire.step_noted")

    async def _outside(  # noqa: PLR0911 - a table of steps reads best as one
        self, plan: StepPlan, failures: int
    ) -> tuple[StepOutcome | None, str | None]:
        """Do what a step asks of DingTalk: what came of it, None for a step of our own; and whose account it is.

        What may pass by itself is tried once more by the task before it becomes a failure.
        """
        try:
            match plan.step:
                case StepName.ACCOUNT if plan.undo:
                    return await self._remove_account(plan), None
                case StepName.ACCOUNT if self._workplace.onboarding.account == "preentry":
                    return await self._announce(plan)
                case StepName.ACCOUNT:
                    return await self._account(plan)
                case StepName.RECORD if not plan.undo:
                    return await self._numbered(plan)
                case StepName.ATTENDANCE:
                    return await self._attend(plan), None
                case _:
                    return None, None
        except DingTalkError as error:
            if error.transient and failures < QUIET_TRIES:
                raise
            log.warning("hire.step_failed", kind=plan.step.value, code=error.code, mend=error.remedy)
            return StepOutcome(StepStatus.FAILED, error=f"dingtalk.{error.kind}:{error.code}"[:80]), None

    async def _account(self, plan: StepPlan) -> tuple[StepOutcome, str | None]:
        newcomer = plan.newcomer
        if await self._is_there(newcomer.userid):
            return StepOutcome(StepStatus.DONE, newcomer.userid), None
        other = await self._by_mobile(plan)
        if other is not None:
            # Whoever accepted our invitation may have got an id of DingTalk's own.
            return (StepOutcome(StepStatus.DONE, other), other) if plan.invited else (_failed("mobile_taken"), None)
        if plan.invited:
            return INVITED, None
        try:
            await self._staff.create(
                newcomer.userid,
                newcomer.name,
                newcomer.mobile,
                newcomer.department_key,
                title=newcomer.position,
                number=newcomer.number,
                hired=newcomer.first_day,
                manager=newcomer.manager_key,
            )
        except Invited:
            return INVITED, None
        except Taken as taken:
            if taken.what == "mobile":
                return _failed("mobile_taken"), None
        return StepOutcome(StepStatus.DONE, newcomer.userid), None

    async def _announce(self, plan: StepPlan) -> tuple[StepOutcome, str | None]:
        """Announce them once; they are there when somebody with their mobile is."""
        found = await self._by_mobile(plan)
        if found is not None:
            return StepOutcome(StepStatus.DONE, found), found
        if plan.invited:
            return INVITED, None
        known = await self._staff.announced(plan.newcomer.mobile)
        newcomer = plan.newcomer
        announced = known or await self._staff.announce(newcomer.name, newcomer.mobile, newcomer.first_day)
        return StepOutcome(StepStatus.INVITED, announced), None

    async def _numbered(self, plan: StepPlan) -> tuple[StepOutcome | None, str | None]:
        """See to it that the account has the number: the contacts are where the record is read from ever after."""
        userid = plan.newcomer.userid
        found = await self._by_mobile(plan) if plan.by_hand else userid
        if found is None:
            return _failed("no_account"), None
        if (await self._contacts.user(found)).job_number != plan.newcomer.number:
            await self._staff.set_number(found, plan.newcomer.number)
        return None, found

    async def _remove_account(self, plan: StepPlan) -> StepOutcome:
        """Delete the account if there is one. An invitation, or who was announced, can't be taken back by a call."""
        if await self._is_there(plan.newcomer.userid):
            await self._staff.delete(plan.newcomer.userid)
        elif plan.external_id is not None and self._workplace.onboarding.account == "preentry":
            return StepOutcome(StepStatus.UNDONE, error="onboarding.step.remove_by_hand")
        return UNDONE

    async def _attend(self, plan: StepPlan) -> StepOutcome:
        group, userid = plan.attendance_group, plan.newcomer.userid
        if plan.undo:
            could_be = group is not None and plan.recorded and self._attendance.operator
            if could_be and group is not None and await self._attendance.has(group, userid):
                await self._attendance.remove(group, userid)
            return UNDONE
        if group is None or not plan.recorded:
            return StepOutcome(
                StepStatus.SKIPPED, error=f"onboarding.step.{'no_group' if group is None else 'no_record'}"
            )
        if not self._attendance.operator:
            return _failed("no_operator")
        if not await self._attendance.has(group, userid):
            await self._attendance.add(group, userid)
        return StepOutcome(StepStatus.DONE, str(group))

    async def _is_there(self, userid: str) -> bool:
        try:
            await self._contacts.user(userid)
        except NotFound:
            return False
        return True

    async def _by_mobile(self, plan: StepPlan) -> str | None:
        """Ask who has the mobile; without the permission to ask, the call that adds them says as much."""
        try:
            return await self._staff.userid_of(plan.newcomer.mobile)
        except Forbidden as error:
            log.warning("hire.mobile_not_asked", code=error.code, mend=error.remedy)
            return None

    # --- what the days bring ------------------------------------------------------------------------------------------

    async def check(self, chunk: Chunk) -> None:
        """Look again at hires that wait for somebody to accept, and at any that nobody works on."""
        async with chunk.transaction() as session:
            chain = _chain(await self._workplace.services(session, chunk.cause))
            await self._ask(session, await chain.waiting())

    async def first_day(self, chunk: Chunk) -> None:
        """Tell the team, the manager and the newcomer whose first day it is; each hire once, however late."""
        async with chunk.transaction() as session:
            services: Any = await self._workplace.services(session, chunk.cause)
            tasks: TaskList = services[TaskList]
            for first, hire_id, notices in await tasks.greet(company_day(chunk.due)):
                team = await _team(services[Groups], first)
                if team is not None:
                    self._outbox.put(
                        session, Outgoing(team, show=Show(f"{KIND}.first_day", hire_id)), cause=chunk.cause
                    )
                await self._tell(session, Happened(notices), services, chunk.cause)

    async def joined(self, userids: Sequence[str]) -> None:
        """Go on with the hires of people who have just come into the contacts."""
        for userid in userids:
            mobile = None
            try:
                mobile = (await self._contacts.user(userid)).mobile
            except DingTalkError as error:
                log.warning("hire.joined_not_read", code=error.code)
            async with self._database.transaction() as session:
                chain = _chain(await self._workplace.services(session, "contacts"))
                await self._ask(session, await chain.joined(userid, mobile))

    # --- beneath ------------------------------------------------------------------------------------------------------

    async def _tell(self, session: AsyncSession, happened: Happened, services: Services, cause: str) -> None:
        outcome = await self._dispatcher.happened(happened, services)
        for outgoing in outcome.outgoing:
            self._outbox.put(session, outgoing, cause=cause)
        for track_id in outcome.stale:
            self._outbox.put_update(session, track_id, cause=cause)
        await self._ask(session, outcome.errands)

    async def _ask(self, session: AsyncSession, errands: Sequence[Errand]) -> None:
        await self._workplace.queue_errands(session, errands)


def _failed(why: str) -> StepOutcome:
    return StepOutcome(StepStatus.FAILED, error=f"onboarding.step.{why}")


def _chain(services: Services) -> Chain:
    chain: Chain = services[Chain]  # type: ignore[assignment]
    return chain


async def _team(groups: Groups, first: FirstDay) -> Team | None:
    """Give the nearest department's group that is bound."""
    for department in first.department_path:
        if await groups.conversation(Team(department)) is not None:
            return Team(department)
    return None


__all__ = ["CHAIN", "CHECK", "FIRST_DAY", "Hiring"]
