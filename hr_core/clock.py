"""The clock is a collaborator: whoever needs the time is given one of these, so tests and the demo can move it."""

from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

COMPANY_ZONE = ZoneInfo("Asia/Shanghai")
"""Instants are stored in UTC; days are the company's. China has had no daylight saving since 1991."""


class Clock(Protocol):
    """Tells the instant, aware and in UTC."""

    def now(self) -> datetime:
        """Give the current instant, aware, in UTC."""
        ...


def company_day(instant: datetime) -> date:
    """Give the calendar day in the company's zone on which an aware instant falls."""
    return instant.astimezone(COMPANY_ZONE).date()
