"""The demo company's payslips of the last months: made up, the same every time, released and mostly confirmed."""

import random
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from hr_core.clock import COMPANY_ZONE
from hr_core.database import Database
from hr_core.payslip.model import Component, Kind, Line
from hr_core.payslip.store import PayslipRow, sealed_lines
from hr_core.people.model import Directory
from hr_core.vault import Vault

BASE = Component("base", "基本工资", Kind.EARNING)
MERIT = Component("merit", "绩效工资", Kind.EARNING)
MEAL = Component("meal", "餐补", Kind.EARNING)
SICK = Component("sick", "病假扣款", Kind.DEDUCTION)
INSURANCE = Component("insurance", "社保（个人）", Kind.DEDUCTION)
FUND = Component("fund", "公积金（个人）", Kind.DEDUCTION)
TAX = Component("tax", "个人所得税", Kind.DEDUCTION)
PAID_BESIDE = Component("employer", "社保和公积金（单位）", Kind.EMPLOYER)
MONTHS = 3


async def seed_payslips(database: Database, directory: Directory, vault: Vault, today: date) -> None:
    """Release what was paid for the last months, on the tenth of the month after."""
    dice = random.Random(20261110)
    months = _months_before(today)
    for person in sorted(directory.people.values(), key=lambda one: one.key):
        base = Decimal(dice.randrange(8_000, 32_000, 100))
        async with database.transaction() as session:
            for month in months:
                if person.hired_on is not None and person.hired_on > month:
                    continue
                days_ill = 1 if (person.key, month.month) == ("lin", months[-1].month) else 0
                lines = _lines(base, Decimal(dice.randrange(0, 3_000, 50)), days_ill)
                paid = datetime.combine((month + timedelta(days=31)).replace(day=10), time(18), COMPANY_ZONE)
                confirmed = month != months[-1] or dice.random() < 0.6
                row = PayslipRow(
                    employee_id=person.id, month=month, released_at=paid,
                    confirmed_at=paid + timedelta(hours=15) if confirmed and person.key != "lin" else None,
                    reminded_at=paid + timedelta(days=3),
                )  # fmt: skip
                session.add(row)
                await session.flush()
                row.lines_sealed = sealed_lines(vault, row.id or 0, lines)
                session.add(row)


def _lines(base: Decimal, merit: Decimal, days_ill: int) -> list[Line]:
    """Make up a payslip; shares and tax are rough, not anybody's rates."""
    meal = Decimal(20) * (22 - days_ill)
    ill = _fen(base / Decimal("21.75") * Decimal("0.4")) * days_ill
    insurance, fund = _fen(base * Decimal("0.105")), _fen(base * Decimal("0.12"))
    tax = _fen(max(Decimal(0), base + merit + meal - ill - insurance - fund - 5_000) * Decimal("0.03"))
    amounts = {
        BASE: base, MERIT: merit, MEAL: meal, SICK: ill, INSURANCE: insurance, FUND: fund, TAX: tax,
        PAID_BESIDE: _fen(base * Decimal("0.37")),
    }  # fmt: skip
    return [Line(component, _fen(amount)) for component, amount in amounts.items() if amount]


def _fen(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _months_before(today: date) -> list[date]:
    months, first = [], today.replace(day=1)
    for _ in range(MONTHS):
        first = (first - timedelta(days=1)).replace(day=1)
        months.append(first)
    return months[::-1]
