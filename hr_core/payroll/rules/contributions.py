"""五险一金: one month's contributions to social insurance and the housing fund.

Rates, floors and ceilings are each city's and each year's, so they are passed in
(社会保险法第十二条; 住房公积金管理条例).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from hr_core.payroll.rules.money import Rounding, fen, rounded


@dataclass(frozen=True, slots=True)
class Scheme:
    """One scheme's parameters for one person. `employee_fixed` is added after rounding (Beijing's 3 yuan)."""

    code: str
    declared_base: Decimal
    floor: Decimal | None
    ceiling: Decimal | None
    employee_percent: Decimal
    employer_percent: Decimal
    rounding: Rounding = Rounding.FEN_HALF_UP
    employee_fixed: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Contribution:
    """What both sides pay to one scheme."""

    code: str
    base: Decimal
    employee: Decimal
    employer: Decimal


def contribution_base(scheme: Scheme) -> Decimal:
    """Keep the declared base within the scheme's floor and ceiling."""
    base = scheme.declared_base
    if scheme.ceiling is not None:
        base = min(base, scheme.ceiling)
    return base if scheme.floor is None else max(base, scheme.floor)


def contribution(scheme: Scheme) -> Contribution:
    """Give both sides' amounts, each rounded by itself."""
    base = contribution_base(scheme)
    employee = rounded(base * scheme.employee_percent / 100, scheme.rounding) + scheme.employee_fixed
    employer = rounded(base * scheme.employer_percent / 100, scheme.rounding)
    return Contribution(scheme.code, fen(base), fen(employee), fen(employer))


def contributions(schemes: Iterable[Scheme]) -> list[Contribution]:
    """Give every scheme's contribution, in order."""
    return [contribution(scheme) for scheme in schemes]
