"""加班工资: 劳动法第四十四条; 工资支付暂行规定 (劳部发〔1994〕489号) 第十三条."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from hr_core.payroll.rules.money import fen, hourly_wage
from hr_core.workdays.model import DayType

MULTIPLIERS: Mapping[DayType, Decimal] = {
    DayType.WORKDAY: Decimal("1.5"),
    DayType.REST_DAY: Decimal(2),
    DayType.STATUTORY_HOLIDAY: Decimal(3),
}


def overtime_multiplier(day_type: DayType, *, compensatory_rest: bool = False) -> Decimal:
    """Give the multiple of the hour's wage. Time off instead (补休) replaces the pay of rest days only."""
    if compensatory_rest and day_type is DayType.REST_DAY:
        return Decimal(0)
    return MULTIPLIERS[day_type]


def overtime_pay(monthly_base: Decimal, hours: Decimal, multiplier: Decimal) -> Decimal:
    """Give the pay of hours at one multiple, to the fen."""
    return fen(hourly_wage(monthly_base) * Fraction(hours) * Fraction(multiplier))


@dataclass(frozen=True, slots=True)
class ComprehensiveOvertime:
    """Overtime of one cycle of comprehensive working hours."""

    excess_hours: Decimal
    excess_pay: Decimal
    statutory_holiday_pay: Decimal


def comprehensive_overtime(
    monthly_base: Decimal, total_hours: Decimal, standard_hours: Decimal, statutory_holiday_hours: Decimal
) -> ComprehensiveOvertime:
    """劳部发〔1994〕503号, 综合计算工时: hours above the cycle's standard at 150 %, statutory holidays at 300 %.

    `total_hours` include those of statutory holidays.
    """
    excess = max(Decimal(0), total_hours - statutory_holiday_hours - standard_hours)
    return ComprehensiveOvertime(
        excess,
        overtime_pay(monthly_base, excess, MULTIPLIERS[DayType.WORKDAY]),
        overtime_pay(monthly_base, statutory_holiday_hours, MULTIPLIERS[DayType.STATUTORY_HOLIDAY]),
    )
