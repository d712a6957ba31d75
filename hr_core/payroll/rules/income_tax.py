"""个人所得税 on wages, bonus, labour remuneration and severance.

办法 = 个人所得税扣缴申报管理办法(试行), 国家税务总局公告2018年第61号.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from hr_core.payroll.model import Bracket, IncomeTax, Table
from hr_core.payroll.rules.money import fen

ZERO = Decimal(0)


class BasicDeduction(StrEnum):
    """How many months of the basic deduction a month's withholding counts."""

    EMPLOYMENT_MONTHS = "employment_months"
    YEAR_TO_DATE = "year_to_date"
    FULL_60000 = "full_60000"


@dataclass(frozen=True, slots=True)
class MonthOfWages:
    """One month's own amounts; a catch-up of special additional deductions stands in the month of its claim."""

    month: int
    gross: Decimal = ZERO
    tax_exempt_income: Decimal = ZERO
    social_insurance_and_housing_fund: Decimal = ZERO
    special_additional_deduction: Decimal = ZERO
    other_deduction: Decimal = ZERO
    tax_relief: Decimal = ZERO

    @property
    def net_of_deductions(self) -> Decimal:
        """What counts towards the taxable income, before the basic deduction."""
        return (
            self.gross
            - self.tax_exempt_income
            - self.social_insurance_and_housing_fund
            - self.special_additional_deduction
            - self.other_deduction
        )


@dataclass(frozen=True, slots=True)
class Withholding:
    """What is withheld in one month, and the cumulative figures behind it."""

    month: int
    cumulative_taxable_income: Decimal
    cumulative_tax: Decimal
    withheld: Decimal


def bracket_of(table: Table, amount: Decimal) -> Bracket:
    """Find the line of an amount; a bound belongs to the lower line."""
    return next(bracket for bracket in table if bracket.up_to is None or amount <= bracket.up_to)


def tax_of(table: Table, taxable: Decimal) -> Decimal:
    """Give the tax of an amount, to the fen; nothing for a negative one."""
    taxable = max(ZERO, taxable)
    return fen(bracket_of(table, taxable).tax(taxable))


def months_of_basic_deduction(mode: BasicDeduction, month: int, employment_start_month: int) -> int:
    """办法第六条: the months employed here this year; 2020年第13号: all months so far; 2020年第19号: the whole year."""
    if mode is BasicDeduction.FULL_60000:
        return 12
    return month if mode is BasicDeduction.YEAR_TO_DATE else month - employment_start_month + 1


def cumulative_withholding(
    tax: IncomeTax, months: Iterable[MonthOfWages], mode: BasicDeduction, employment_start_month: int
) -> list[Withholding]:
    """办法第六条, 累计预扣法: tax on the year so far, less what was withheld; never below zero, nothing is paid back.

    `months` are one employer's months of one tax year in order.
    """
    results: list[Withholding] = []
    income = relief = withheld_so_far = ZERO
    for wages in months:
        income += wages.net_of_deductions
        relief += wages.tax_relief
        basic = tax.basic_deduction_per_month * months_of_basic_deduction(mode, wages.month, employment_start_month)
        taxable = max(ZERO, income - basic)
        cumulative_tax = tax_of(tax.annual, taxable)
        withheld = fen(max(ZERO, cumulative_tax - relief - withheld_so_far))
        withheld_so_far += withheld
        results.append(Withholding(wages.month, fen(taxable), cumulative_tax, withheld))
    return results


@dataclass(frozen=True, slots=True)
class TaxedPayment:
    """A payment taxed on its own."""

    taxable: Decimal
    rate_percent: int
    quick_deduction: Decimal
    tax: Decimal
    net: Decimal


def bonus_taxed_apart(tax: IncomeTax, bonus: Decimal) -> TaxedPayment:
    """财税〔2018〕164号第一条: the rate of a twelfth, on the whole bonus, less one quick deduction (to 2027-12-31)."""
    # The twelfth is compared without dividing: 36,000.01 / 12 must not round to 3,000.
    bracket = next(b for b in tax.monthly if b.up_to is None or bonus <= 12 * b.up_to)
    owed = fen(bracket.tax(bonus))
    return TaxedPayment(bonus, bracket.rate_percent, bracket.quick_deduction, owed, fen(bonus - owed))


@dataclass(frozen=True, slots=True)
class BonusChoice:
    """The year's tax with the bonus taxed apart, and with it merged into the year's income."""

    apart: Decimal
    merged: Decimal


def compare_bonus(tax: IncomeTax, taxable_without_bonus: Decimal, bonus: Decimal) -> BonusChoice:
    """Compare both ways; deductions that the year's income leaves unused serve a merged bonus only."""
    apart = tax_of(tax.annual, taxable_without_bonus) + bonus_taxed_apart(tax, bonus).tax
    return BonusChoice(apart, tax_of(tax.annual, taxable_without_bonus + bonus))


def labour_remuneration(tax: IncomeTax, gross: Decimal) -> TaxedPayment:
    """办法第八条: income less 800, above 4,000 less a fifth; withheld on the labour table (预扣率表二)."""
    taxable = max(ZERO, gross - 800) if gross <= 4000 else gross * 80 / 100
    bracket = bracket_of(tax.labour, taxable)
    owed = fen(bracket.tax(taxable))
    return TaxedPayment(fen(taxable), bracket.rate_percent, bracket.quick_deduction, owed, fen(gross - owed))


@dataclass(frozen=True, slots=True)
class SeveranceTax:
    """What of a severance payment is taxed."""

    exempt: Decimal
    taxable: Decimal
    tax: Decimal


def severance_tax(tax: IncomeTax, compensation: Decimal, local_average_annual_wage: Decimal) -> SeveranceTax:
    """财税〔2018〕164号第五条第一项: three local average annual wages are exempt, the rest is taxed by itself."""
    exempt = min(compensation, 3 * local_average_annual_wage)
    taxable = compensation - exempt
    return SeveranceTax(fen(exempt), fen(taxable), tax_of(tax.annual, taxable))
