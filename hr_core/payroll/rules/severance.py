"""经济补偿: 劳动合同法第四十六条, 第四十七条, 第八十七条."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from hr_core.payroll.rules.money import fen

MOST_YEARS_WHEN_CAPPED = Decimal(12)


@dataclass(frozen=True, slots=True)
class Severance:
    """What is owed at the end: `months` is N."""

    months: Decimal
    monthly_base: Decimal
    capped: bool
    amount: Decimal


def months_later(start: date, months: int) -> date:
    """Give the day after so many full months from `start` on; the 1st where the month has no such day."""
    years, month = divmod(start.month - 1 + months, 12)
    first = date(start.year + years, month + 1, 1)
    day = first + timedelta(days=start.day - 1)
    if day.month == first.month:
        return day
    return day.replace(day=1)


def severance_months(employment_start: date, employment_end: date) -> Decimal:
    """第四十七条: a month for each year, a whole one for six months or more, half of one for less.

    `employment_end` is the last day employed.
    """
    after = employment_end + timedelta(days=1)
    full = (after.year - employment_start.year) * 12 + after.month - employment_start.month
    if months_later(employment_start, full) > after:
        full -= 1
    years, months = divmod(full, 12)
    if months >= 6:
        return Decimal(years + 1)
    rest = months > 0 or months_later(employment_start, full) < after
    return Decimal(years) + (Decimal("0.5") if rest else 0)


def severance(
    employment_start: date,
    employment_end: date,
    average_monthly_wage: Decimal,
    local_average_monthly_wage: Decimal,
    local_minimum_wage: Decimal,
    *,
    unlawful: bool = False,
) -> Severance:
    """Give N times the average wage of the last twelve months; an unlawful end doubles it (第八十七条).

    A wage above three times the local average counts as that, and then at most twelve years count; one below the
    minimum wage counts as the minimum wage (实施条例第二十七条).
    """
    months = severance_months(employment_start, employment_end)
    ceiling = 3 * local_average_monthly_wage
    capped = average_monthly_wage > ceiling
    if capped:
        months = min(months, MOST_YEARS_WHEN_CAPPED)
    base = max(min(average_monthly_wage, ceiling), local_minimum_wage)
    return Severance(months, fen(base), capped, fen(base * months * (2 if unlawful else 1)))
