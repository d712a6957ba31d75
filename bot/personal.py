"""This room's part in personal data: what its tables hold about a person, and when that goes."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import col
from sqlmodel import select as rows_of
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.inbox import InboxRow
from bot.outbox import OutboxRow
from handlers.links import LinkRow
from handlers.store import ENDED, CardRow, DialogueRow
from hr_core.people.store import EmployeeRow
from hr_core.privacy.erase import changed, erases, ids_of, start_of
from hr_core.privacy.export import Asker, exports
from hr_core.privacy.person import Holding, holds

Rows = Sequence[Mapping[str, Any]]


@exports("与机器人的往来", "inbox", "outbox", "card", "dialogue", "paper_link")
async def chat(asker: Asker) -> Rows:
    """When they wrote and tapped, what they were sent; the words themselves are gone once they are done."""
    session = asker.session
    came = rows_of(InboxRow).where(InboxRow.sender == asker.key).order_by(col(InboxRow.seq))
    sent = rows_of(OutboxRow).where(OutboxRow.to_employee == asker.employee_id).order_by(col(OutboxRow.id))
    cards = rows_of(CardRow).where(CardRow.recipient == asker.employee_id).order_by(col(CardRow.sent_at))
    rows: list[Mapping[str, Any]] = [
        {"收到": row.kind, "时间": row.received_at, "状态": row.status} for row in await session.exec(came)
    ]
    rows += [{"发出": row.view, "时间": row.created_at, "状态": row.status} for row in await session.exec(sent)]
    rows += [{"卡片": row.view, "时间": row.sent_at} for row in await session.exec(cards)]
    links = rows_of(LinkRow).where(LinkRow.recipient == asker.employee_id).order_by(col(LinkRow.id))
    rows += [{"链接": row.view, "有效至": row.expires_at, "打开": row.used_at} for row in await session.exec(links)]
    dialogue = await session.get(DialogueRow, asker.employee_id)
    if dialogue is not None and dialogue.kind != ENDED:
        told = asker.vault.open(dialogue.state_sealed, "dialogue", asker.employee_id)
        rows.append({"没填完的对话": told, "时间": dialogue.expires_at})
    return rows


@erases("chat_frames")
async def frames(session: AsyncSession, before: date, most: int) -> int:
    """The ids of frames that were done."""
    query = select(col(InboxRow.seq)).where(col(InboxRow.status) == "done", col(InboxRow.done_at) < start_of(before))
    return await _gone(session, InboxRow, col(InboxRow.seq), await ids_of(session, query, most))


@erases("chat_failed")
async def failed(session: AsyncSession, before: date, most: int) -> int:
    """Frames that nobody has mended."""
    old = col(InboxRow.received_at) < start_of(before)
    query = select(col(InboxRow.seq)).where(col(InboxRow.status) == "failed", old)
    return await _gone(session, InboxRow, col(InboxRow.seq), await ids_of(session, query, most))


@erases("chat_sent")
async def sent(session: AsyncSession, before: date, most: int) -> int:
    """What was sent, or given up."""
    open_ = col(OutboxRow.status).in_(["new", "sending"])
    query = select(col(OutboxRow.id)).where(~open_, col(OutboxRow.created_at) < start_of(before))
    return await _gone(session, OutboxRow, col(OutboxRow.id), await ids_of(session, query, most))


@erases("card")
async def cards(session: AsyncSession, before: date, most: int) -> int:
    """Cards out there: a tap on an older one is answered as on one we don't know."""
    query = select(col(CardRow.track_id)).where(col(CardRow.sent_at) < start_of(before))
    return await _gone(session, CardRow, col(CardRow.track_id), await ids_of(session, query, most))


@erases("dialogue")
async def dialogues(session: AsyncSession, before: date, most: int) -> int:
    """Dialogues that lapsed before the day began."""
    query = select(col(DialogueRow.employee_id)).where(col(DialogueRow.expires_at) < start_of(before))
    return await _gone(session, DialogueRow, col(DialogueRow.employee_id), await ids_of(session, query, most))


async def _gone(session: AsyncSession, table: Any, key: Any, rows: list[Any]) -> int:
    return await changed(session, delete(table).where(key.in_(rows)))


@holds("chat_frames")
def _frames_of(person: EmployeeRow) -> Sequence[Holding]:
    done = (col(InboxRow.sender) == person.key) & (col(InboxRow.status) == "done")
    return (Holding(InboxRow, done, col(InboxRow.done_at)),)


@holds("chat_failed")
def _failed_of(person: EmployeeRow) -> Sequence[Holding]:
    failed = (col(InboxRow.sender) == person.key) & (col(InboxRow.status) == "failed")
    return (Holding(InboxRow, failed, col(InboxRow.received_at)),)


@holds("chat_sent")
def _sent_to(person: EmployeeRow) -> Sequence[Holding]:
    told = (col(OutboxRow.to_employee) == person.id) & col(OutboxRow.status).not_in(["new", "sending"])
    return (Holding(OutboxRow, told, col(OutboxRow.created_at)),)


@holds("card")
def _cards_of(person: EmployeeRow) -> Sequence[Holding]:
    return (Holding(CardRow, col(CardRow.recipient) == person.id, col(CardRow.sent_at)),)


@holds("dialogue")
def _dialogue_of(person: EmployeeRow) -> Sequence[Holding]:
    return (Holding(DialogueRow, col(DialogueRow.employee_id) == person.id, col(DialogueRow.expires_at)),)
