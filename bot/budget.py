"""The month's quota: what was used, and what is cut when it runs low, so that approvals are the last to go.

DingTalk counts calls and pushes for the whole company and month (A/1431 to A/1434); of that, a configured share is
ours. Each process counts its own and adds them up in the database every few seconds: a crash forgets those of the
last seconds, so the figures are near, not exact.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import structlog
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.openapi import Operation
from handlers.router import Worth
from hr_core.clock import COMPANY_ZONE, Clock
from hr_core.database import Row
from hr_core.database.upsert import insert_into

log = structlog.get_logger()

Plan = Literal["standard", "professional"]
QUOTA: Mapping[Plan, Mapping[str, int]] = {
    "standard": {"call": 5_000, "push": 3_000},
    "professional": {"call": 200_000, "push": 50_000},
}
"""Counted calls and pushes of a company and month (A/1431, A/1438; the standard edition since 2025-11-19)."""

CUT_FROM: Mapping[Worth, float] = {Worth.REPORT: 0.90, Worth.NOTICE: 0.95, Worth.ALERT: 0.98}
"""The share of our calls from which each isn't sent any more. Answers and approvals go on until DingTalk refuses."""
WARN_FROM = (0.70, 0.90, 1.0)

_NOT_CHARGED = {"throttled", "quota_exhausted", "unavailable", "cancelled"}
"""Outcomes of calls that DingTalk doesn't count (A/1432)."""

_FREE_PUSHES = (
    "user_add_org", "user_modify_org", "user_leave_org", "user_active_org", "org_dept_", "org_change", "label_",
    "org_admin_", "org_annual_certification_submission", "industry_medical_",
)  # fmt: skip
"""Events that cost nothing (A/1434), by how their types begin."""


class UsageRow(Row, table=True):
    """Calls of one API, or pushes of one topic, in one month of the company's zone."""

    __tablename__ = "usage"
    month: str = Field(primary_key=True, max_length=7)
    kind: str = Field(primary_key=True, max_length=8)
    what: str = Field(primary_key=True, max_length=64)
    used: int = 0


@dataclass(frozen=True, slots=True)
class Usage:
    """What was used of one kind, and our share of the quota."""

    used: int
    limit: int
    by: Mapping[str, int]


def month_of(instant: datetime) -> str:
    """Name the month that DingTalk bills an instant to."""
    there = instant.astimezone(COMPANY_ZONE)
    return f"{there.year}-{there.month:02}"


async def usage(session: AsyncSession, month: str, plan: Plan, share: float) -> dict[str, Usage]:
    """Give what was used of calls and of pushes in a month."""
    by: dict[str, dict[str, int]] = {kind: {} for kind in QUOTA[plan]}
    for row in await session.exec(select(UsageRow).where(UsageRow.month == month).order_by(col(UsageRow.what))):
        by[row.kind][row.what] = row.used
    return {kind: Usage(sum(found.values()), int(QUOTA[plan][kind] * share), found) for kind, found in by.items()}


class Budget:
    """Counts for one process, and says what isn't worth its call any more."""

    def __init__(self, plan: Plan, share: float, clock: Clock) -> None:
        self._plan = plan
        self._share = share
        self._clock = clock
        self._fresh: Counter[tuple[str, str, str]] = Counter()
        self._spent: dict[str, Usage] = {}
        self._said: set[tuple[str, str, float]] = set()

    def called(self, operation: Operation, outcome: str) -> None:
        """Count a call that DingTalk counts."""
        if operation.counted and outcome not in _NOT_CHARGED:
            self._count("call", operation.name)

    def pushed(self, topic: str) -> None:
        """Count a push that DingTalk counts: a callback by its topic, an event by its type; the contacts' are free."""
        if not topic.startswith(_FREE_PUSHES):
            self._count("push", topic)

    def _count(self, kind: str, what: str) -> None:
        self._fresh[month_of(self._clock.now()), kind, what[:64]] += 1

    def cuts(self, worth: Worth) -> bool:
        """Tell whether so little is left that something of this worth isn't sent."""
        from_share = CUT_FROM.get(worth)
        return from_share is not None and self._used("call") >= from_share

    def _used(self, kind: str) -> float:
        spent = self._spent.get(kind)
        if spent is None or not spent.limit:
            return 0.0
        fresh = sum(count for (_, of, _), count in self._fresh.items() if of == kind)
        return (spent.used + fresh) / spent.limit

    async def add_up(self, session: AsyncSession) -> None:
        """Add what this process has used to the month's figures, and read what everybody has."""
        fresh, self._fresh = self._fresh, Counter()
        try:
            for (month, kind, what), count in sorted(fresh.items()):
                await session.exec(_adding(session, month, kind, what, count))
            month = month_of(self._clock.now())
            self._spent = await usage(session, month, self._plan, self._share)
        except BaseException:
            self._fresh.update(fresh)
            raise
        for kind in self._spent:
            self._warn(month, kind)

    def _warn(self, month: str, kind: str) -> None:
        for level in WARN_FROM:
            if self._used(kind) >= level and (month, kind, level) not in self._said:
                self._said.add((month, kind, level))
                spent = self._spent[kind]
                mend = "see docs/quota.md for what is cut in which order; DINGHR_PLAN and DINGHR_QUOTA_SHARE"
                log.warning("budget.low", kind=kind, used=spent.used, of=spent.limit, level=level, mend=mend)


def _adding(session: AsyncSession, month: str, kind: str, what: str, count: int) -> Any:
    row = insert_into(UsageRow, session).values(month=month, kind=kind, what=what, used=count)
    return row.on_conflict_do_update(
        index_elements=["month", "kind", "what"], set_={"used": col(UsageRow.used) + count}
    )
