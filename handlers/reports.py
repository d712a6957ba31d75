"""Scheduled pushes: what HR's group is told by itself."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from cards import leave as cards
from cards.catalogue import Words
from cards.view import TextView
from handlers.messages import Show
from handlers.router import Router, Worth
from hr_core.leave.service import LeaveService

router = Router()

MORNING = "absence.morning"
AUDIT_HEAD = "audit.head"


def morning(day: date) -> Show:
    """今天谁不在, for the HR group."""
    return Show(MORNING, day.toordinal())


@router.view(MORNING, Worth.REPORT)
async def view_morning(subject: int, leave: LeaveService, words: Words) -> TextView:
    """Names and spans of a day; the group is told nothing else."""
    day = date.fromordinal(subject)
    return cards.away_today(words, day, await leave.away(day))


def audit_head(number: int, day: date, count: int, digest: bytes) -> Show:
    """A head of the audit log, for the HR group: what is in many hands can't be rewritten."""
    return Show(AUDIT_HEAD, number, {"day": day.isoformat(), "count": count, "head": digest.hex()[:16]})


@router.view(AUDIT_HEAD, Worth.REPORT)
async def view_audit_head(subject: int, values: Mapping[str, Any], words: Words) -> TextView:
    """Number, day, how many rows, and the first half of the head's hash."""
    return TextView("", words.say("audit.head", number=subject, **values))


@router.view("leave.absence", Worth.NOTICE)
async def view_absence(subject: int, leave: LeaveService, words: Words) -> TextView | None:
    """One approved leave; nothing when it isn't approved any more."""
    away = await leave.absence(subject)
    return cards.absence(words, away) if away else None
