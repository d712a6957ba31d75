"""Counting days of leave.

Rest days and statutory holidays don't count into leave that is measured in working days (职工带薪年休假条例第三条,
国务院令第514号); an adjusted working weekend (调休上班) does.
"""

from datetime import date
from decimal import Decimal

from hr_core.workdays.model import Half, Span, WorkCalendar, half_day

# Making a Decimal costs more than the count itself, so the usual ones stand ready.
_DAYS = tuple(Decimal(halves) / 2 for halves in range(2 * 400))


def _days(halves: int) -> Decimal:
    return _DAYS[halves] if halves < len(_DAYS) else Decimal(halves) / 2


def working_days(calendar: WorkCalendar, span: Span) -> Decimal:
    """Count the days of a span that are worked, to the half; raises `CalendarMissing`."""
    return _days(calendar.working_halves(span))


def natural_days(span: Span) -> Decimal:
    """Count the days of a span, whatever they are, to the half."""
    return _days(span.after - span.first)


def end_after(calendar: WorkCalendar, start: date, start_half: Half, days: Decimal) -> tuple[date, Half]:
    """Give where leave of `days` working days ends that begins no earlier than the given half-day.

    `days` is a positive multiple of 0.5. Raises `CalendarMissing` where the count runs out of the loaded years.
    """
    halves = days * 2
    if halves <= 0 or halves != halves.to_integral_value():
        msg = f"{days} is no positive number of half-days"
        raise ValueError(msg)
    first = Span(start, start_half, start, Half.PM).first
    return half_day(calendar.after_working_halves(first, int(halves)))
