"""Scheduled pushes: what HR's group is told by itself."""

from datetime import date

from cards import leave as cards
from cards.catalogue import Words
from cards.view import TextView
from handlers.messages import Show
from handlers.router import Router, Worth
from hr_core.leave.service import LeaveService

router = Router()

MORNING = "absence.morning"


def morning(day: date) -> Show:
    """今天谁不在, for the HR group."""
    return Show(MORNING, day.toordinal())


@router.view(MORNING, Worth.REPORT)
async def view_morning(subject: int, leave: LeaveService, words: Words) -> TextView:
    """Names and spans of a day; the group is told nothing else."""
    day = date.fromordinal(subject)
    return cards.away_today(words, day, await leave.away(day))


@router.view("leave.absence", Worth.NOTICE)
async def view_absence(subject: int, leave: LeaveService, words: Words) -> TextView | None:
    """One approved leave; nothing when it isn't approved any more."""
    away = await leave.absence(subject)
    return cards.absence(words, away) if away else None
