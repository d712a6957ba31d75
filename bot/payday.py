"""Releasing a month's payslips, a few people at a time."""

from bot.outbox import Outbox
from bot.tasks import Chunk
from bot.workplace import Workplace
from handlers.dispatch import Dispatcher
from hr_core.payslip.payroll import PayrollService

AT_ONCE = 50
"""Payslips in one chunk: its transaction stays below 50 ms."""


class Payday:
    """The function behind the task."""

    def __init__(self, workplace: Workplace, dispatcher: Dispatcher, outbox: Outbox) -> None:
        self._workplace = workplace
        self._dispatcher = dispatcher
        self._outbox = outbox

    async def release(self, chunk: Chunk) -> None:
        """Let the next people be told, each once: a release and what is to be said of it are one commit."""
        async with chunk.transaction() as session:
            services = await self._workplace.services(session, chunk.cause)
            payroll: PayrollService = services[PayrollService]  # type: ignore[assignment]
            count, happened = await payroll.release_some(chunk.args["batch"], AT_ONCE)
            outcome = await self._dispatcher.happened(happened, services)
            for outgoing in outcome.outgoing:
                self._outbox.put(session, outgoing, cause=chunk.cause)
            for track_id in outcome.stale:
                self._outbox.put_update(session, track_id, cause=chunk.cause)
            if count == AT_ONCE:
                chunk.next(done=chunk.done + count, of=0)
