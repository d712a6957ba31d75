"""The outbox: what is to be sent lies here from the commit that causes it until DingTalk has it.

Rendered at the moment of sending. Cards and answers by session webhook are sent at least once (a track id and a
`msgUuid` make a repeat harmless), other words at most once: after an ambiguous answer the row stays as `unknown` for
an operator to see.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import LargeBinary, bindparam, update
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.commits import GroupCommit, Together
from bot.openapi import (
    DingTalk,
    DingTalkError,
    Markdown,
    NotFound,
    Throttled,
    ToPerson,
)
from bot.settings import Settings
from bot.workplace import Workplace
from cards.view import FormView, NoticeView, TextView, View, card_params, markdown, template_of
from handlers.dispatch import Dispatcher, Outgoing
from handlers.messages import Show
from handlers.router import Router, Services
from handlers.store import CardRow, Groups
from hr_core.database import Database, Row
from hr_core.errors import HRError
from hr_core.notices import Group
from hr_core.permission.access import Access

log = structlog.get_logger()

WINDOW = 500
RETRIES = (1, 5, 30, 120, 600, 1800)
"""Seconds before each further try; after the last the row is dead and waits for an operator."""


WORDS_ONLY = "words"
"""Stands where the carrier will: this row's card was refused, so its retries are words."""

_NOTED = ("status", "attempts", "next_at", "sent_at", "carrier", "error", "content_sealed")
"""The columns that sending changes."""


class OutboxRow(Row, table=True):
    """One thing to send. What is sealed in it is words of the moment and the way back, never a figure of pay."""

    __tablename__ = "outbox"
    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime
    status: str = Field(default="new", max_length=8, index=True)
    to_employee: int | None = Field(default=None, foreign_key="employee.id")
    to_group: str | None = Field(default=None, max_length=16)
    conversation: str | None = Field(default=None, max_length=128)
    update_card: str | None = Field(default=None, max_length=64)
    view: str = Field(default="", max_length=64)
    subject: int = 0
    content_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    track_id: str = Field(max_length=64, unique=True)
    cause: str = Field(default="", max_length=200)
    attempts: int = 0
    next_at: datetime
    sent_at: datetime | None = None
    carrier: str | None = Field(default=None, max_length=256)
    error: str | None = Field(default=None, max_length=200)

    @property
    def lane(self) -> str:
        """What is sent in order: one person's messages, one group's."""
        if self.conversation or self.to_group:
            return f"group:{self.conversation or self.to_group}"
        if self.update_card:
            return f"card:{self.update_card}"
        # Somebody we don't know has nobody's order to keep, and mustn't hold anybody else up.
        return f"person:{self.to_employee}" if self.to_employee is not None else f"row:{self.track_id}"


@dataclass(frozen=True, slots=True)
class ReplyPath:
    """The short way back to where a message came from, while it lasts."""

    webhook: str = ""
    until: datetime | None = None
    conversation: str | None = None


class Outbox:
    """Takes rows in transactions, sends them after the commit."""

    def __init__(
        self,
        database: Database,
        commits: GroupCommit,
        workplace: Workplace,
        router: Router,
        dispatcher: Dispatcher,
        dingtalk: DingTalk,
        settings: Settings,
        new_id: Any,
    ) -> None:
        self._database = database
        self._commits = commits
        self._workplace = workplace
        self._router = router
        self._dispatcher = dispatcher
        self._dingtalk = dingtalk
        self._settings = settings
        self._new_id = new_id
        self._noted = Together(commits, self._note_all)
        self._wake = asyncio.Event()
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._pump: asyncio.Task[None] | None = None
        self._warned_no_group = False

    # --- taking -------------------------------------------------------------------------------------------------------

    def put(self, session: AsyncSession, out: Outgoing, *, cause: str, path: ReplyPath | None = None) -> None:
        """Keep one thing to send, in the transaction that causes it."""
        track_id = self._new_id()
        content: dict[str, Any] = {}
        if out.text is not None:
            content["text"] = [out.text.title, out.text.text]
        if out.show is not None and out.show.values:
            content["values"] = dict(out.show.values)
        if out.reply and path is not None and path.webhook and path.until is not None:
            content["webhook"] = [path.webhook, path.until.isoformat()]
        sealed = json.dumps(content, ensure_ascii=False, default=str) if content else ""
        session.add(
            OutboxRow(
                created_at=self._now(),
                next_at=self._now(),
                to_employee=out.to if isinstance(out.to, int) else None,
                to_group=out.to.value if isinstance(out.to, Group) else None,
                conversation=path.conversation if out.in_group and path is not None else None,
                view=out.show.view if out.show else "",
                subject=out.show.subject if out.show else 0,
                content_sealed=self._workplace.vault.seal(sealed, "outbox", track_id) if sealed else None,
                track_id=track_id,
                cause=cause,
            )
        )

    def put_update(self, session: AsyncSession, track_id: str, *, cause: str) -> None:
        """Keep a card's update to send."""
        now = self._now()
        session.add(OutboxRow(created_at=now, next_at=now, update_card=track_id, track_id=self._new_id(), cause=cause))

    # --- sending ------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to send."""
        self._pump = asyncio.create_task(self._run(), name="outbox")
        self.wake()

    def wake(self) -> None:
        """Look for rows now: something was committed."""
        self._wake.set()

    async def stop(self, patience: float = 5.0) -> None:
        """Stop taking rows up; let what is being sent end."""
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)
        if self._lanes:
            await asyncio.wait(self._lanes.values(), timeout=patience)
        for task in self._lanes.values():
            task.cancel()

    async def recover(self) -> None:
        """After a crash: words that were being sent may have arrived, so they are not sent again."""
        async with self._database.transaction() as session:
            left = await session.exec(
                update(OutboxRow)
                .where(col(OutboxRow.status) == "sending")
                .values(status="unknown", error="the process ended while sending")
            )
        if left.rowcount:
            log.warning("outbox.unknown_after_restart", rows=left.rowcount, mend="see 待我审批 for what may be missing")

    async def _run(self) -> None:
        while True:
            try:
                rows = await self._due()
            except Exception:
                log.exception("outbox.not_readable")
                rows = []
            for lane, queue in rows:
                self._lanes[lane] = asyncio.create_task(self._send_lane(lane, queue), name=f"outbox {lane}")
            try:
                async with asyncio.timeout(1):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()

    async def _due(self) -> list[tuple[str, list[OutboxRow]]]:
        """Give each idle lane's rows up to the first that isn't due: what is said to one person keeps its order."""
        async with self._database.read() as session:
            query = select(OutboxRow).where(OutboxRow.status == "new").order_by(col(OutboxRow.id)).limit(WINDOW)
            waiting = list(await session.exec(query))
        lanes: dict[str, list[OutboxRow]] = {}
        closed: set[str] = set(self._lanes)
        for row in waiting:
            if row.lane in closed:
                continue
            if row.next_at > self._now():
                closed.add(row.lane)
                continue
            lanes.setdefault(row.lane, []).append(row)
        return list(lanes.items())

    async def _send_lane(self, lane: str, rows: list[OutboxRow]) -> None:
        try:
            for row in rows:
                if not await self._send(row):
                    break
        except Exception:
            log.exception("outbox.lane_failed", lane=lane)
        finally:
            del self._lanes[lane]
            self.wake()

    async def _send(self, row: OutboxRow) -> bool:
        """Send one row and note what became of it; False when the lane has to wait for a retry."""
        try:
            carrier = await self._deliver(row)
        except DingTalkError as error:
            if row.status == "sending" and not error.not_executed:
                await self._note(row, status="unknown", error=_reason(error))
                log.warning("outbox.unknown", id=row.id, kind=error.kind, error=error.code)
                return True
            if error.transient or not error.not_executed:
                return await self._retry(row, error)
            await self._dead(row, error)
            return True
        except Exception as error:
            # Ours to mend; meanwhile it must neither spin nor stop what else this person is to hear.
            log.exception("outbox.not_rendered", id=row.id, view=row.view)
            return await self._retry(row, error)
        if carrier is None:
            await self._note(row, status="dropped", content_sealed=None)
        else:
            await self._note(row, status="sent", sent_at=self._now(), carrier=carrier[:256], content_sealed=None)
        return True

    async def _retry(self, row: OutboxRow, error: Exception) -> bool:
        attempts = row.attempts + 1
        if attempts > len(RETRIES):
            row.attempts = attempts
            await self._dead(row, error)
            return True
        wait = timedelta(seconds=RETRIES[attempts - 1])
        await self._note(row, status="new", attempts=attempts, next_at=self._now() + wait, error=_reason(error))
        log.info("outbox.retry", id=row.id, reason=_reason(error), attempts=attempts)
        return False

    async def _dead(self, row: OutboxRow, error: Exception) -> None:
        await self._note(row, status="dead", error=_reason(error))
        log.error("outbox.dead", id=row.id, reason=_reason(error), mend=getattr(error, "remedy", ""))

    async def _deliver(self, row: OutboxRow) -> str | None:
        """Give DingTalk's key of the message; None when there was nothing to send any more."""
        content = self._content(row)
        if row.update_card is not None:
            return await self._update(row.update_card)
        async with self._database.read() as session:
            services = await self._workplace.services(session, row.cause)
            view = await self._view(row, content, services)
            group = await self._group(row, services)
            person = _access(services).directory.people.get(row.to_employee or 0)
        if view is None:
            return None
        if group is None and person is None and "webhook" not in content:
            return None
        template = template_of(view)
        if group is None and person is not None and isinstance(view, NoticeView | FormView) and template is not None:
            template_id = self._settings.template(template)
            if template_id and row.carrier != WORDS_ONLY:
                try:
                    return await self._send_card(row, view, template, template_id, person.key)
                except DingTalkError as error:
                    if error.transient or not error.not_executed:
                        raise
                    # Words still get through. A card that exists and reached nobody would count as sent next time.
                    log.error("outbox.no_card", template=template, reason=_reason(error), mend=error.remedy)
                    await self._note(row, carrier=WORDS_ONLY)
                    await self._commits.run(lambda session: _forget_card(session, row.track_id))
        return await self._send_words(row, markdown(view), group, person.key if person else None, content)

    async def _send_card(
        self, row: OutboxRow, view: NoticeView | FormView, template: str, template_id: str, key: str
    ) -> str:
        async def keep(session: AsyncSession) -> None:
            if await session.get(CardRow, row.track_id) is None:
                session.add(
                    CardRow(
                        track_id=row.track_id,
                        template=template,
                        view=row.view,
                        subject=row.subject,
                        recipient=row.to_employee or 0,
                        ref=view.ref,
                        sent_at=self._now(),
                    )
                )

        await self._commits.run(keep)  # Before the card is out: a tap may come before our call has its answer.
        sent = await self._dingtalk.cards.create_and_deliver(
            row.track_id, template_id, card_params(view), ToPerson(key), title=view.title
        )
        return sent.carrier_id

    async def _send_words(
        self, row: OutboxRow, words: TextView, group: str | None, key: str | None, content: Mapping[str, Any]
    ) -> str | None:
        message = Markdown(words.title or self._workplace.words.say("answer.title"), words.text)
        webhook, until = content.get("webhook", ("", ""))
        if webhook and datetime.fromisoformat(until) > self._now() and self._dingtalk.is_our_host(webhook):
            try:
                await self._dingtalk.robot.reply(webhook, message, uuid=row.track_id)
            except DingTalkError as error:
                if error.transient or not error.not_executed:
                    raise
                log.info("outbox.webhook_refused", id=row.id, error=error.code)
            else:
                return "webhook"
        if group is None and key is None:
            return None  # The way back is gone, and we know no other to this person.
        await self._note(row, status="sending")
        if group is not None:
            return (await self._dingtalk.robot.send_group(group, message)).key
        sent = await self._dingtalk.robot.send_private([key or ""], message)
        if sent.flow_controlled:
            raise Throttled("flowControlledStaffIdList", api="robot.send_private")
        if sent.invalid:
            raise NotFound("invalidStaffIdList", api="robot.send_private")
        return sent.key

    async def _update(self, track_id: str) -> str | None:
        async with self._database.read() as session:
            row = await session.get(CardRow, track_id)
            if row is None:
                return None
            services = await self._workplace.services(session)
            try:
                view = await self._router.render(row.view, row.recipient, row.subject, {}, services)
            except HRError:
                return None
        params = self._dispatcher.changed_params(view)
        if params:
            await self._dingtalk.cards.update(track_id, params)
        return "update"

    async def _view(self, row: OutboxRow, content: Mapping[str, Any], services: Services) -> View | None:
        if "text" in content:
            return TextView(*content["text"])
        show = Show(row.view, row.subject, {**content.get("values", {}), "first": True})
        viewer = row.to_employee if row.to_employee is not None else 0
        try:
            return await self._router.render(show.view, viewer, show.subject, show.values, services)
        except HRError as error:
            return TextView("", self._workplace.words.say(error.code, **error.values))

    async def _group(self, row: OutboxRow, services: Services) -> str | None:
        if row.conversation is not None:
            return row.conversation
        if row.to_group is None:
            return None
        groups: Groups = services[Groups]  # type: ignore[assignment]
        conversation = await groups.conversation(Group(row.to_group))
        if conversation is None and not self._warned_no_group:
            self._warned_no_group = True
            log.warning(
                "outbox.no_group", purpose=row.to_group, mend="say 绑定本群 HR通知 in the group, or set DINGHR_HR_GROUP"
            )
        return conversation

    def _content(self, row: OutboxRow) -> Mapping[str, Any]:
        if row.content_sealed is None:
            return {}
        opened: Mapping[str, Any] = json.loads(self._workplace.vault.open(row.content_sealed, "outbox", row.track_id))
        return opened

    async def _note(self, row: OutboxRow, **values: Any) -> None:
        for name, value in values.items():
            setattr(row, name, value)
        await self._noted({"b_id": row.id, **{name: getattr(row, name) for name in _NOTED}})

    async def _note_all(self, session: AsyncSession, notes: list[dict[str, Any]]) -> list[None]:
        table = OutboxRow.__table__  # type: ignore[attr-defined]
        statement = update(table).where(table.c.id == bindparam("b_id"))
        connection = await session.connection()
        await connection.execute(statement.values({name: bindparam(name) for name in _NOTED}), notes)
        return [None] * len(notes)

    def _now(self) -> datetime:
        return self._workplace.clock.now()


def _access(services: Services) -> Access:
    access: Access = services[Access]  # type: ignore[assignment]
    return access


async def _forget_card(session: AsyncSession, track_id: str) -> None:
    row = await session.get(CardRow, track_id)
    if row is not None:
        await session.delete(row)


def _reason(error: Exception) -> str:
    """Give what may be logged and kept: DingTalk's own sentences can name people."""
    if isinstance(error, DingTalkError):
        return f"{error.kind}: {error.api} {error.code}"[:200]
    return type(error).__name__
