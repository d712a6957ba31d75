"""The audit log's background: seals what was committed, and publishes the day's head."""

import asyncio
from contextlib import suppress

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.outbox import Outbox
from bot.replica import Replica
from bot.settings import Settings
from bot.workplace import Workplace
from handlers.dispatch import Outgoing
from handlers.reports import audit_head
from hr_core.audit.heads import Head
from hr_core.audit.sealer import Sealer, Tampered
from hr_core.database import Database, DatabaseAway
from hr_core.notices import Group

log = structlog.get_logger()

BEAT_SECONDS = 2.0
TAMPERED_SECONDS = 600.0


class AuditKeeper:
    """Every replica has one; the sealer's lease decides whose works."""

    def __init__(
        self, database: Database, workplace: Workplace, settings: Settings, outbox: Outbox, replica: Replica
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._tell_group = settings.dinghr_audit_head_group
        self._sealer = Sealer(database, workplace.vault, workplace.clock, replica.name, settings.head_file)

    async def keep(self) -> None:
        """Seal and publish, for ever."""
        wait = BEAT_SECONDS
        while True:
            await asyncio.sleep(wait)
            wait = BEAT_SECONDS
            try:
                await self._sealer.seal()
                if heads := await self._sealer.publish():
                    await self._tell(heads)
            except Tampered as error:
                log.error("audit.tampered", at=str(error), mend="run: dinghr audit verify")
                wait = TAMPERED_SECONDS
            except DatabaseAway as error:
                log.warning("audit.not_sealed", error=type(error).__name__)
            except OSError as error:
                log.error("audit.no_head_file", error=error.strerror, mend="see DINGHR_AUDIT_HEAD_FILE")
            except Exception:
                log.exception("audit.not_sealed")

    async def stop(self) -> None:
        """Seal what was written last, and let another lead at once."""
        with suppress(DatabaseAway, SQLAlchemyError):
            await self._sealer.seal()
            await self._sealer.stop()

    async def _tell(self, heads: list[Head]) -> None:
        for head in heads:
            log.info("audit.head", number=head.number, last=head.last, head=head.digest.hex())
        if not self._tell_group:
            return
        async with self._database.transaction() as session:
            for head in heads:
                told = audit_head(head.number, head.day, head.count, head.digest)
                self._outbox.put(session, Outgoing(Group.HR, show=told), cause=f"audit:head:{head.number}")
