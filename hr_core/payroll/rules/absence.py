"""Pay when somebody is away: sick, on personal leave, with annual leave left, or employed for part of the month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from hr_core.payroll.rules.money import HOURS_A_DAY, PAID_DAYS_A_MONTH, daily_wage, fen
from hr_core.workdays.model import DayType, WorkCalendar


def shanghai_sick_ratio(seniority_years: Decimal, *, over_six_months: bool) -> Decimal:
    """沪劳保发〔1995〕83号: 60 % to 100 % by service in the first six months, 40 % to 60 % beyond them."""
    scale = (
        ((1, "0.4"), (3, "0.5"), (None, "0.6"))
        if over_six_months
        else ((2, "0.6"), (4, "0.7"), (6, "0.8"), (8, "0.9"), (None, "1"))
    )
    return next(Decimal(ratio) for below, ratio in scale if below is None or seniority_years < below)


@dataclass(frozen=True, slots=True)
class SickPay:
    """A month's pay with sick days in it."""

    pay: Decimal
    deduction: Decimal
    month_wage: Decimal
    floor_applied: bool


def sick_pay(monthly_base: Decimal, ratio: Decimal, sick_paid_days: Decimal, local_minimum_wage: Decimal) -> SickPay:
    """劳部发〔1995〕309号第五十九条: a part of the wage, not below 80 % of the minimum wage, never above the wage."""
    days = Fraction(sick_paid_days)
    full = daily_wage(monthly_base) * days
    floor = daily_wage(local_minimum_wage) * Fraction(80, 100) * days
    share = full * Fraction(ratio)
    exact = min(full, max(share, floor))
    pay = fen(exact)
    deduction = fen(full) - pay
    return SickPay(pay, deduction, fen(monthly_base - deduction), exact > share)


def personal_leave_deduction(monthly_wage: Decimal, days: Decimal, hours: Decimal) -> Decimal:
    """Unpaid leave costs a 21.75th of the wage a day, an eighth of that an hour, and at most the wage."""
    exact = daily_wage(monthly_wage) * (Fraction(days) + Fraction(hours) / HOURS_A_DAY)
    return min(fen(monthly_wage), fen(exact))


@dataclass(frozen=True, slots=True)
class LeavePayout:
    """What annual leave not taken is worth."""

    average_monthly_wage: Decimal
    daily_wage: Decimal
    extra_pay: Decimal


def annual_leave_payout(monthly_wages: Sequence[Decimal], unused_days: Decimal, *, declined: bool) -> LeavePayout:
    """企业职工带薪年休假实施办法第十条, 第十一条: 300 % of the daily wage, a third of it already paid as wages.

    `monthly_wages` are those of the last twelve months, or fewer, without overtime pay. Whoever declined the days in
    writing for reasons of their own gets no extra.
    """
    average = sum(map(Fraction, monthly_wages), Fraction(0)) / len(monthly_wages)
    a_day = average / PAID_DAYS_A_MONTH
    extra = Fraction(0) if declined else a_day * 2 * Fraction(unused_days)
    return LeavePayout(fen(average), fen(a_day), fen(extra))


class Proration(StrEnum):
    """How a joiner's or leaver's month is paid: the law fixes no method, a company keeps to one."""

    POSITIVE = "positive_21_75"
    NEGATIVE = "negative_21_75"
    PAID_DAY_RATIO = "paid_day_ratio"
    CALENDAR_DAYS = "calendar_days"


@dataclass(frozen=True, slots=True)
class ProratedWage:
    """A month's wage for the days of it that somebody was employed."""

    paid_days_in_month: int
    paid_days_employed: int
    wage: Decimal


def is_paid_day(calendar: WorkCalendar, day: date) -> bool:
    """Workdays are paid, and statutory holidays on their own date (人社部发〔2025〕2号)."""
    return calendar.day_type(day) is not DayType.REST_DAY


def prorated_wage(
    calendar: WorkCalendar,
    first: date,
    last: date,
    monthly_wage: Decimal,
    hire_date: date | None,
    exit_date: date | None,
    method: Proration,
) -> ProratedWage:
    """Pay the month from `first` to `last` for the days employed, both dates of employment included.

    The whole month is always the whole wage. The positive method is capped at it, the negative one floored at 0.
    """
    month = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    here = [day for day in month if (hire_date or day) <= day <= (exit_date or day)]
    paid, paid_here = (sum(is_paid_day(calendar, day) for day in days) for days in (month, here))
    if len(here) == len(month):
        exact = Fraction(monthly_wage)
    elif not here:
        exact = Fraction(0)
    else:
        exact = _part_of_month(monthly_wage, method, (paid_here, paid), (len(here), len(month)))
    return ProratedWage(paid, paid_here, fen(exact))


def _part_of_month(monthly_wage: Decimal, method: Proration, paid: tuple[int, int], days: tuple[int, int]) -> Fraction:
    wage, a_day = Fraction(monthly_wage), daily_wage(monthly_wage)
    here, all_of_them = paid
    match method:
        case Proration.POSITIVE:
            return min(wage, a_day * here)
        case Proration.NEGATIVE:
            return max(Fraction(0), wage - a_day * (all_of_them - here))
        case Proration.PAID_DAY_RATIO:
            return wage * Fraction(here, all_of_them)
        case Proration.CALENDAR_DAYS:
            return wage * Fraction(*days)
