"""What a card doesn't hold is pulled when somebody looks at it (C1/0008): asked of the handlers, kept nowhere.

DingTalk passes the answer on to the one phone and stores nothing of it. Whose card it is, what it shows and until when
is read from the card's row; what the pull itself says of that isn't trusted. A read is on record before it leaves.
"""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.commits import GroupCommit
from bot.compact import dumps
from bot.incoming import IncomingPull, read_pull
from bot.openapi.cards import SOURCE
from bot.outbox import Outbox
from bot.workplace import Workplace
from cards.paper import paper_markdown
from cards.view import PULLED
from handlers.dispatch import Dispatcher
from handlers.router import Router
from handlers.store import CardRow
from hr_core.audit.store import Act, AuditLog, acts_of, write_acts
from hr_core.clock import COMPANY_ZONE
from hr_core.database import Database, DatabaseAway
from hr_core.errors import HRError
from hr_core.permission.access import Access
from hr_core.permission.checker import NotAllowed, PermissionChecker
from hr_core.permission.matrix import Action

log = structlog.get_logger()

PATIENCE = 1.5
"""Seconds after which a pull is answered without what it asked for; DingTalk waits two (C1/0008)."""


class Pulls:
    """Answers pulls in time: with what the card is for, or with words that cover it."""

    def __init__(
        self, database: Database, commits: GroupCommit, outbox: Outbox, router: Router, dispatcher: Dispatcher,
        workplace: Workplace,
    ) -> None:  # fmt: skip
        self._database = database
        self._commits = commits
        self._outbox = outbox
        self._router = router
        self._dispatcher = dispatcher
        self._workplace = workplace

    async def answer(self, frame_id: str, data: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Give the answers to a frame's pull; raises `Malformed`."""
        pull = read_pull(data)
        if SOURCE not in pull.sources:
            return []
        try:
            async with asyncio.timeout(PATIENCE):
                pulled = await self._pulled(pull, f"pull:{frame_id}")
        except (TimeoutError, DatabaseAway) as error:
            log.warning("pulls.not_in_time", error=type(error).__name__)
            pulled = self._covered("late")
        except Exception:
            log.exception("pulls.failed")
            pulled = self._covered("late")
        values = dumps(dict(zip(PULLED, pulled, strict=True)))
        return [{"dynamicDataSourceId": SOURCE, "dynamicDataValueType": "OBJECT", "data": values}]

    async def _pulled(self, pull: IncomingPull, cause: str) -> tuple[str, str]:
        """Give body and status."""
        conversation = f"card:{pull.track_id}"[:128]
        refusal: NotAllowed | None = None
        async with self._database.read() as session:
            services = await self._workplace.services(session, cause, conversation=conversation)
            access: Access = services[Access]  # type: ignore[assignment]
            viewer = access.directory.with_key(pull.staff_id).id if access.directory.knows(pull.staff_id) else None
            row = await session.get(CardRow, pull.track_id)
            try:
                if viewer is None:
                    raise _stranger(pull)
                checker: PermissionChecker = services[PermissionChecker]  # type: ignore[assignment]
                if row is None or row.view not in self._router.papers:
                    raise checker.refuse(viewer, Action.CARD_USE, record=f"card:{pull.track_id[:64]}")
                checker.may(viewer, Action.CARD_USE, on=row.recipient, record=f"card:{pull.track_id[:64]}")
                if row.shown_until is None or row.shown_until <= self._workplace.clock.now():
                    return self._covered("over")
                until = row.shown_until.astimezone(COMPANY_ZONE)
                paper = await self._router.write(row.view, viewer, row.subject, services)
            except NotAllowed as error:
                acts_of(session)
                refusal = error
            except HRError as error:
                acts_of(session)
                return self._workplace.words.say(error.code, **error.values), ""
            else:
                acts = acts_of(session)
        if refusal is not None:
            await self._commits.run(partial(self._refuse, refusal=refusal, cause=cause, conversation=conversation))
            return self._covered("not_yours")
        await self._commits.run(lambda session: write_acts(session, acts))
        return paper_markdown(paper), self._workplace.words.say("pull.shown", until=f"{until:%H:%M}")

    async def _refuse(self, session: AsyncSession, refusal: NotAllowed, cause: str, conversation: str) -> None:
        if refusal.act.why:
            AuditLog(session, self._workplace.clock, cause, conversation).record(refusal.act)
            return
        services = await self._workplace.services(session, cause, conversation=conversation)
        outcome = await self._dispatcher.refused(refusal, services)
        for outgoing in outcome.outgoing:
            self._outbox.put(session, outgoing, cause=cause)

    def _covered(self, why: str) -> tuple[str, str]:
        words = self._workplace.words
        return words.say(f"pull.{why}"), words.say("pull.hidden")


def _stranger(pull: IncomingPull) -> NotAllowed:
    who = pull.staff_id[:64] or "unknown"
    return NotAllowed(Act(who, Action.CARD_USE.value, outcome="refused", why="not in the directory"))
