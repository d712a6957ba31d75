"""What must be true when all has settled: read from the store, the sandbox's world and its wire, and from nowhere else.

Each invariant is one function; what it gives are the violations, in words.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import select

from bot.inbox import InboxRow
from bot.outbox import OutboxRow
from handlers.store import CardRow
from hr_core.audit.store import AuditRow
from hr_core.leave.store import LeaveLedgerRow, LeaveRequestRow
from hr_core.people.store import EmployeeRow
from sandbox.world import World
from sandbox.world.stream import CARD_TOPIC, ROBOT_TOPIC
from tests.reliability.people import APPROVERS, Leave
from tests.reliability.robots import Process
from tests.reliability.stores import Store

WANTED_STATUS = {"approve": {"approved"}, "reject": {"rejected"}, "withdraw": {"withdrawn"}, "nothing": {"pending"},
                 "contest": {"approved", "withdrawn"}}  # fmt: skip
BUGS = ("robot.task_failed", "desk.failed", "outbox.lane_failed", "outbox.not_rendered", "stream.handler_failed")
"""What a robot logs when its own code failed."""


@dataclass
class Facts:
    """The store's rows, read at once."""

    inbox: list[InboxRow]
    outbox: list[OutboxRow]
    requests: list[LeaveRequestRow]
    ledger: list[LeaveLedgerRow]
    audit: list[AuditRow]
    cards: list[CardRow]
    keys: dict[int, str]


@dataclass
class Evidence:
    """What there is to judge by."""

    store: Store
    world: World
    wishes: Sequence[Leave]
    grants: dict[str, Decimal]
    robots: Sequence[Process]
    facts: Facts = field(init=False)
    heard: int = field(init=False, default=0)
    """The newest entry on the wire when the store was read: a redelivery may come in while it is."""

    async def read(self) -> Facts:
        """Read the store."""
        self.heard = self.world.wire.entries[-1].number if self.world.wire.entries else 0
        async with self.store.open() as database, database.read() as session:

            async def rows(kind: Any) -> list[Any]:
                return list(await session.exec(select(kind)))

            people = await rows(EmployeeRow)
            keys: dict[int, str] = {row.id: row.key for row in people}
            self.facts = Facts(
                await rows(InboxRow), await rows(OutboxRow), await rows(LeaveRequestRow), await rows(LeaveLedgerRow),
                await rows(AuditRow), await rows(CardRow), keys,
            )  # fmt: skip
        return self.facts

    async def grants_now(self) -> dict[str, Decimal]:
        """Sum what was granted to each."""
        facts = await self.read()
        given: defaultdict[str, Decimal] = defaultdict(Decimal)
        for entry in facts.ledger:
            if entry.kind == "grant":
                given[facts.keys[entry.employee_id]] += entry.days
        return dict(given)


async def unsettled(evidence: Evidence) -> list[str]:
    """Give what is still to be done."""
    try:
        facts = await evidence.read()
    except Exception as error:  # noqa: BLE001 - a store that is just coming back
        return [f"the store can't be read: {type(error).__name__}"]
    left = [
        f"inbox {row.kind} {row.id} of {row.sender} (owner {row.owner})" for row in facts.inbox if row.status == "new"
    ]
    for row in facts.outbox:
        if row.status in {"new", "sending"}:
            left.append(f"outbox {row.status} {row.lane} {row.view or row.update_card} {row.error} (owner {row.owner})")
    return left


async def broken(evidence: Evidence) -> list[str]:
    """Give every violation."""
    await evidence.read()
    return [f"{check.__name__.replace('_', ' ')}: {one}" for check in INVARIANTS for one in check(evidence)]


Check = Callable[[Evidence], Iterator[str]]
INVARIANTS: list[Check] = []


def invariant(check: Check) -> Check:
    """Put a check on the list."""
    INVARIANTS.append(check)
    return check


@invariant
def every_frame_that_was_acknowledged_is_done(evidence: Evidence) -> Iterator[str]:
    """An ack with 200 promises that the frame is stored; in the end it is done, and none was given up on."""
    status = {row.id: row.status for row in evidence.facts.inbox}
    for row in evidence.facts.inbox:
        if row.status != "done":
            yield f"{row.id} is {row.status} ({row.error})"
    pushes = evidence.world.stream.pushes
    for entry in evidence.world.wire.entries:
        acked = entry.kind == "ack" and entry.status == 200 and entry.number <= evidence.heard
        push = pushes.get(entry.message_id) if acked else None
        if push is None or push.topic not in {ROBOT_TOPIC, CARD_TOPIC}:
            continue
        kept = f"message:{json.loads(push.data)['msgId']}" if push.topic == ROBOT_TOPIC else f"click:{push.message_id}"
        if kept not in status:
            yield f"{kept} was acknowledged and isn't stored"


@invariant
def every_message_is_answered_once(evidence: Evidence) -> Iterator[str]:
    """What a message causes is caused once, and something of it got through, or may have."""
    caused: defaultdict[str, list[OutboxRow]] = defaultdict(list)
    for row in evidence.facts.outbox:
        caused[row.cause].append(row)
    for cause, rows in caused.items():
        each = Counter((r.to_employee, r.to_group, r.conversation, r.view, r.subject, r.update_card) for r in rows)
        for what, times in each.items():
            if times > 1:
                yield f"{cause} caused {what} {times} times"
    for frame in evidence.facts.inbox:
        if frame.kind == "message" and not any(r.status in {"sent", "unknown"} for r in caused[frame.id]):
            yield f"{frame.id} of {frame.sender} got no answer: {[(r.status, r.error) for r in caused[frame.id]]}"


@invariant
def nothing_is_given_up(evidence: Evidence) -> Iterator[str]:
    """No row ends as dead: none of these faults is one that waiting doesn't mend."""
    for row in evidence.facts.outbox:
        if row.status == "dead":
            yield f"{row.lane} {row.view or 'update of ' + str(row.update_card)}: {row.error}"


@invariant
def what_is_noted_as_sent_arrived(evidence: Evidence) -> Iterator[str]:
    """A row that says sent is a message, card or update that DingTalk has."""
    world = evidence.world
    keys = Counter(one.query_key for one in world.chats.messages.values() if one.query_key)
    webhooks = {str(uuid) for uuid in _webhook_ids(world)}
    cards = {row.track_id for row in evidence.facts.cards}
    for row in evidence.facts.outbox:
        if row.status != "sent" or row.update_card is not None:
            continue
        if row.carrier == "webhook":
            if row.track_id not in webhooks:
                yield f"{row.lane} {row.view}: noted as answered by webhook, never was"
        elif row.track_id in cards:
            if row.track_id not in world.cards.cards:
                yield f"{row.lane} {row.view}: noted as a card, there is none"
        elif keys[row.carrier or ""] != 1:
            yield f"{row.lane} {row.view}: its key {row.carrier} has {keys[row.carrier or '']} messages"


@invariant
def nothing_is_said_twice(evidence: Evidence) -> Iterator[str]:
    """Words without an idempotency key left at most once: what has no row that was sent may be one row's unknown."""
    world, facts = evidence.world, evidence.facts
    carriers = Counter(row.carrier for row in facts.outbox if row.status == "sent")
    unknown = sum(row.status == "unknown" for row in facts.outbox)
    said = [one for one in world.chats.messages.values() if one.from_robot and one.query_key and one.kind != "card"]
    stray = [one for one in said if one.query_key not in carriers]
    if len(stray) > unknown:
        yield f"{len(stray)} messages that no row knows, {unknown} rows unknown: {[str(m.content)[:80] for m in stray]}"
    known = {row.track_id for row in facts.outbox}
    for uuid in set(_webhook_ids(world)) - known:
        yield f"an answer by webhook that no row knows: {uuid}"
    shown = Counter(track for card in world.cards.cards.values() for track in [card.out_track_id] * len(card.messages))
    for track, times in shown.items():
        if times != 1 or track not in known:
            yield f"card {track} is shown {times} times, row {'known' if track in known else 'unknown'}"


@invariant
def every_request_exists_once(evidence: Evidence) -> Iterator[str]:
    """Each leave that somebody saw submitted is one request with the outcome they saw; nothing else is a request."""
    facts = evidence.facts
    found: defaultdict[tuple[str, date], list[LeaveRequestRow]] = defaultdict(list)
    for row in facts.requests:
        found[facts.keys[row.employee_id], row.start].append(row)
    for wish in evidence.wishes:
        rows = found.pop((wish.who, wish.day), [])
        if len(rows) != 1 and (wish.submitted or len(rows) > 1):
            yield f"{wish}: {len(rows)} requests"
        for row in rows:
            if wish.submitted and row.id != wish.number:
                yield f"{wish}: number {row.id}, its owner was told {wish.number}"
            if row.days != wish.days or row.leave_type != wish.kind:
                yield f"{wish}: stored as {row.leave_type} {row.days}"
            if wish.settled and row.status not in WANTED_STATUS[wish.end]:
                yield f"{wish}: is {row.status}"
    for (who, day), rows in found.items():
        yield f"{who} {day}: {len(rows)} requests that nobody asked for"


@invariant
def every_balance_is_its_ledgers_sum(evidence: Evidence) -> Iterator[str]:
    """Held and taken days of each request are what its status says; granted days are what they were."""
    facts = evidence.facts
    booked: defaultdict[tuple[int | None, str], Decimal] = defaultdict(Decimal)
    given: defaultdict[str, Decimal] = defaultdict(Decimal)
    for entry in facts.ledger:
        booked[entry.request_id, entry.kind] += entry.days
        if entry.kind == "grant":
            given[facts.keys[entry.employee_id]] += entry.days
    if dict(given) != evidence.grants:
        yield f"granted {dict(given)}, at the beginning {evidence.grants}"
    for row in facts.requests:
        held = row.days if row.status == "pending" else Decimal(0)
        taken = row.days if row.status == "approved" else Decimal(0)
        now = booked[row.id, "reserve"], booked[row.id, "take"]
        if now != (held, taken):
            yield f"request {row.id} ({row.status}): held and taken {now}, should be {(held, taken)}"


@invariant
def everybody_who_should_hear_does(evidence: Evidence) -> Iterator[str]:
    """The approver was asked once, the owner told once, the group told of each approved leave once."""
    facts = evidence.facts
    numbers = {key: number for number, key in facts.keys.items()}
    rows: defaultdict[tuple[str, int], list[OutboxRow]] = defaultdict(list)
    for row in facts.outbox:
        rows[row.view, row.subject].append(row)
    for request in facts.requests:
        owner = facts.keys[request.employee_id]
        approver = numbers[APPROVERS[owner]]
        decided = request.status in {"approved", "rejected"}
        expected = {
            "leave.approval": [approver],
            "leave.decided": [request.employee_id] if decided else [],
            "leave.absence": [None] if request.status == "approved" else [],
        }
        for view, receivers in expected.items():
            told = [row.to_employee for row in rows[view, request.id or 0]]
            if told != receivers:
                yield f"request {request.id} ({request.status}): {view} went to {told}, should go to {receivers}"
            for row in rows[view, request.id or 0]:
                # The approver needn't be asked any more when it was withdrawn before that.
                late = view == "leave.approval" and request.status != "pending"
                fine = {"sent", "unknown", "dropped"} if late else {"sent", "unknown"}
                if row.status not in fine:
                    yield f"request {request.id}: {view} is {row.status} ({row.error})"


@invariant
def everybody_sees_how_it_stands(evidence: Evidence) -> Iterator[str]:
    """Every card on a phone shows the outcome, not what was asked before."""
    facts, world = evidence.facts, evidence.world
    words = {"pending": "待审批", "approved": "已同意", "rejected": "已拒绝", "withdrawn": "已撤回"}
    status = {row.id: row.status for row in facts.requests}
    for row in facts.cards:
        card = world.cards.cards.get(row.track_id)
        if card is None or row.view not in {"leave.approval", "leave.application"}:
            continue
        reader = facts.keys[row.recipient]
        shown = card.view(reader)
        if shown.get("status") != words[status[row.subject]]:
            yield f"{row.view} {row.subject} of {reader} shows {shown.get('status')}, is {status[row.subject]}"
        if row.view == "leave.approval" and shown.get("buttons") and status[row.subject] != "pending":
            yield f"{row.view} {row.subject} still has buttons"


@invariant
def the_audit_is_complete(evidence: Evidence) -> Iterator[str]:
    """Each request has one row of its making and one of its ending, each from a frame that is done."""
    facts = evidence.facts
    allowed = Counter((row.record, row.action) for row in facts.audit if row.outcome == "allowed")
    endings = {"approved": "leave.decide", "rejected": "leave.decide", "withdrawn": "leave.withdraw"}
    for request in facts.requests:
        record = f"leave:{request.id}"
        ending = endings.get(request.status)
        for action in ("leave.apply", "leave.decide", "leave.withdraw"):
            wanted = int(action in {"leave.apply", ending})
            if allowed[record, action] != wanted:
                yield f"{record} ({request.status}): {allowed[record, action]} rows of {action}, should be {wanted}"
    frames = {row.id for row in facts.inbox}
    for row in facts.audit:
        if (row.record or "").startswith("leave:") and row.source not in frames:
            yield f"{row.action} {row.record} comes from {row.source}, which is no frame"


@invariant
def a_job_runs_once(evidence: Evidence) -> Iterator[str]:
    """What is due at an instant is told once, however many robots have a clock."""
    told = Counter((r.cause, r.lane, r.view) for r in evidence.facts.outbox if r.cause.startswith("job:"))
    for what, times in told.items():
        if times > 1:
            yield f"{what} {times} times"


@invariant
def no_code_failed(evidence: Evidence) -> Iterator[str]:
    """No robot logged an error of its own."""
    for robot in evidence.robots:
        for entry in robot.logged(*BUGS):
            yield f"{robot.name}: {entry['event']}: {str(entry.get('exception', entry))[-300:]}"


def _webhook_ids(world: World) -> Iterator[str]:
    for entry in world.wire.entries:
        if entry.kind == "call" and entry.api == "robot.by_session" and isinstance(entry.request, dict):
            yield str(entry.request.get("msgUuid", ""))


def busy_transactions(robots: Sequence[Process]) -> list[str]:
    """Give the transactions that worked for longer than the limit while they held their locks, in words.

    By processor time: a busy machine lengthens every transaction, and makes none work more. That is the whole process';
    where most of the time was waiting, others have worked in it.
    """
    slow = [entry for robot in robots for entry in robot.logged("transaction.slow")]
    return [
        f"{one.get('cpu_ms')} ms of work in {one['ms']} ms"
        for one in slow
        if one.get("cpu_ms", 0) > max(one["limit"], one["ms"] / 2)
    ]


def transactions(robots: Sequence[Process]) -> list[float]:
    """Give the lengths of the transactions that were logged as slow, in milliseconds."""
    return [float(entry["ms"]) for robot in robots for entry in robot.logged("transaction.slow")]


def acks(world: World) -> list[float]:
    """Give how long each ack took, in milliseconds."""
    return [entry.duration_ms for entry in world.wire.entries if entry.kind == "ack" and entry.duration_ms is not None]


__all__ = ["INVARIANTS", "Evidence", "acks", "broken", "busy_transactions", "transactions", "unsettled"]
