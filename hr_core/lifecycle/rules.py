"""Limits the law sets to working life: probation (劳动合同法第十九条) and retirement (2024年渐进式延迟退休决定)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Contract(StrEnum):
    """What a contract's end depends on."""

    FIXED = "fixed"
    OPEN_ENDED = "open_ended"
    TASK = "task"


def longest_probation(contract: Contract, contract_months: int = 0) -> int:
    """劳动合同法第十九条: none under three months or by task, then 1, 2 from a year on, 6 from three years on."""
    if contract is Contract.TASK:
        return 0
    if contract is Contract.OPEN_ENDED or contract_months >= 36:
        return 6
    if contract_months < 3:
        return 0
    return 1 if contract_months < 12 else 2


class RetirementCategory(StrEnum):
    """Whom the decision treats alike; women by their former retirement age."""

    MALE = "male"
    FEMALE_55 = "female_55"
    FEMALE_50 = "female_50"


@dataclass(frozen=True, slots=True)
class _Delay:
    former_age: int
    first_birth_year: int
    months_of_birth_per_month: int
    most_months: int


_DELAYS: Mapping[RetirementCategory, _Delay] = {
    RetirementCategory.MALE: _Delay(60, 1965, 4, 36),
    RetirementCategory.FEMALE_55: _Delay(55, 1970, 4, 36),
    RetirementCategory.FEMALE_50: _Delay(50, 1975, 2, 60),
}


@dataclass(frozen=True, slots=True)
class Retirement:
    """The statutory age, and the month in which it is reached."""

    delay_months: int
    age_years: int
    age_months: int
    year: int
    month: int


def retirement(category: RetirementCategory, birth_year: int, birth_month: int) -> Retirement:
    """全国人大常委会2024年9月13日决定: a month later for every four (or two) months of birth since the first."""
    rule = _DELAYS[category]
    born_after = (birth_year - rule.first_birth_year) * 12 + birth_month - 1
    steps = born_after // rule.months_of_birth_per_month + 1
    delay = min(rule.most_months, max(0, steps))
    years, months = divmod(rule.former_age * 12 + delay, 12)
    year, month = divmod(birth_year * 12 + birth_month - 1 + rule.former_age * 12 + delay, 12)
    return Retirement(delay, years, months, year, month + 1)
