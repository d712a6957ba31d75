"""Rounding, and the rates of a day and an hour (人社部发〔2025〕2号: 21.75 paid days a month of 8 hours)."""

from collections.abc import Callable, Mapping
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction

PAID_DAYS_A_MONTH = Fraction(2175, 100)
HOURS_A_DAY = 8


def fen(amount: Decimal | Fraction) -> Decimal:
    """Round half up to the fen. A fraction is rounded exactly: 21.75 leaves no finite decimal."""
    if isinstance(amount, Fraction):
        hundredths, rest = divmod(amount.numerator * 100, amount.denominator)
        return Decimal(hundredths + (2 * rest >= amount.denominator)).scaleb(-2)
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def daily_wage(monthly: Decimal) -> Fraction:
    """Give a day's wage, not rounded."""
    return Fraction(monthly) / PAID_DAYS_A_MONTH


def hourly_wage(monthly: Decimal) -> Fraction:
    """Give an hour's wage, not rounded."""
    return daily_wage(monthly) / HOURS_A_DAY


class Rounding(StrEnum):
    """How a contribution is rounded; cities differ."""

    FEN_HALF_UP = "fen_half_up"
    JIAO_UP = "jiao_up"
    YUAN_HALF_UP = "yuan_half_up"
    YUAN_DOWN = "yuan_down"


_ROUND: Mapping[Rounding, Callable[[Decimal], Decimal]] = {
    Rounding.FEN_HALF_UP: fen,
    Rounding.JIAO_UP: lambda amount: amount.quantize(Decimal("0.1"), ROUND_CEILING),
    Rounding.YUAN_HALF_UP: lambda amount: amount.quantize(Decimal(1), ROUND_HALF_UP),
    Rounding.YUAN_DOWN: lambda amount: amount.quantize(Decimal(1), ROUND_DOWN),
}


def rounded(amount: Decimal, rounding: Rounding) -> Decimal:
    """Round as a scheme asks for it."""
    return _ROUND[rounding](amount)
