"""Releasing a month's payslips, a few people at a time."""

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.outbox import Outbox
from bot.tasks import Chunk, Lease, Task
from bot.workplace import Workplace
from handlers.dispatch import Dispatcher
from handlers.router import Services
from hr_core.notices import Happened
from hr_core.payslip.payroll import RELEASE_TASK, PayrollService

AT_ONCE = 50
"""Payslips in one chunk: its transaction stays below 50 ms."""


class Payday:
    """The task behind a release."""

    def __init__(self, workplace: Workplace, dispatcher: Dispatcher, outbox: Outbox) -> None:
        self._workplace = workplace
        self._dispatcher = dispatcher
        self._outbox = outbox

    def task(self) -> Task:
        """Give what can be asked for."""
        return Task(RELEASE_TASK, self.release, given_up=self.stopped)

    async def release(self, chunk: Chunk) -> None:
        """Let the next people be told, each once: a release and what is to be said of it are one commit."""
        async with chunk.transaction() as session:
            services = await self._workplace.services(session, chunk.cause)
            payroll: PayrollService = services[PayrollService]  # type: ignore[assignment]
            progress, happened = await payroll.release_some(chunk.args["batch"], AT_ONCE)
            await self._tell(session, services, happened, chunk.cause)
            if progress is not None:
                chunk.next(done=progress.done, of=progress.of)

    async def stopped(self, session: AsyncSession, lease: Lease) -> None:
        """Tell who released it that not everybody was told, and how it goes on."""
        services = await self._workplace.services(session, lease.cause)
        payroll: PayrollService = services[PayrollService]  # type: ignore[assignment]
        await self._tell(session, services, await payroll.stopped(lease.args["batch"]), lease.cause)

    async def _tell(self, session: AsyncSession, services: Services, happened: Happened, cause: str) -> None:
        outcome = await self._dispatcher.happened(happened, services)
        for outgoing in outcome.outgoing:
            self._outbox.put(session, outgoing, cause=cause)
        for track_id in outcome.stale:
            self._outbox.put_update(session, track_id, cause=cause)
