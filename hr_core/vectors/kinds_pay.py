"""Kinds about tax, contributions and severance."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from hr_core.payroll.rules import contributions, income_tax, severance
from hr_core.payroll.rules.money import Rounding
from hr_core.vectors.books import Books, Kind, MissingData
from hr_core.vectors.fields import ZERO, Amount, Day, Inputs, MonthNumber, Percent, Signed, Year, money, plain


class _IncomeMonth(Inputs):
    month: MonthNumber
    gross: Amount = ZERO
    tax_exempt_income: Amount = ZERO
    social_insurance_and_housing_fund: Amount = ZERO
    special_additional_deduction: Amount = ZERO
    other_deduction: Amount = ZERO
    tax_relief: Amount = ZERO


class _IncomeTaxInputs(Inputs):
    tax_year: Year
    employment_start_month: MonthNumber
    basic_deduction_mode: income_tax.BasicDeduction
    months: Annotated[tuple[_IncomeMonth, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _months_in_order(self) -> Self:
        numbers = [row.month for row in self.months]
        if numbers != sorted(set(numbers)):
            msg = "months: not in order, or one twice"
            raise ValueError(msg)
        if numbers[0] < self.employment_start_month:
            msg = "months: before employment_start_month"
            raise ValueError(msg)
        return self


def _iit_cumulative(row: _IncomeTaxInputs, books: Books) -> dict[str, Any]:
    if row.tax_year < books.income_tax.effective_from.year:
        raise MissingData(f"no income tax table for {row.tax_year}")
    wages = [income_tax.MonthOfWages(**month.model_dump()) for month in row.months]
    results = income_tax.cumulative_withholding(
        books.income_tax, wages, row.basic_deduction_mode, row.employment_start_month
    )
    months = [
        {
            "month": result.month,
            "cumulative_taxable_income": money(result.cumulative_taxable_income),
            "cumulative_tax": money(result.cumulative_tax),
            "withheld": money(result.withheld),
        }
        for result in results
    ]
    return {"months": months, "total_withheld": money(sum((result.withheld for result in results), ZERO))}


class _BonusInputs(Inputs):
    bonus: Amount


def _annual_bonus_separate(row: _BonusInputs, books: Books) -> dict[str, Any]:
    taxed = income_tax.bonus_taxed_apart(books.income_tax, row.bonus)
    return {
        "rate_percent": taxed.rate_percent,
        "quick_deduction": money(taxed.quick_deduction),
        "tax": money(taxed.tax),
        "net": money(taxed.net),
    }


class _BonusCompareInputs(Inputs):
    annual_taxable_income_without_bonus: Signed
    bonus: Amount


def _annual_bonus_compare(row: _BonusCompareInputs, books: Books) -> dict[str, Any]:
    choice = income_tax.compare_bonus(books.income_tax, row.annual_taxable_income_without_bonus, row.bonus)
    ranked = {"separate": choice.apart, "merged": choice.merged}
    better = "equal" if choice.apart == choice.merged else min(ranked, key=ranked.__getitem__)
    return {
        "tax_separate_total": money(choice.apart),
        "tax_merged_total": money(choice.merged),
        "better": better,
        "saving": money(abs(choice.apart - choice.merged)),
    }


class _LabourInputs(Inputs):
    gross: Amount


def _labour_remuneration(row: _LabourInputs, books: Books) -> dict[str, Any]:
    taxed = income_tax.labour_remuneration(books.income_tax, row.gross)
    return {
        "taxable": money(taxed.taxable),
        "rate_percent": taxed.rate_percent,
        "tax": money(taxed.tax),
        "net": money(taxed.net),
    }


class _SeveranceInputs(Inputs):
    employment_start: Day
    employment_end: Day
    average_monthly_wage_12m: Amount
    local_average_monthly_wage: Amount
    local_minimum_wage: Amount = ZERO
    unlawful: bool = False

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        if self.employment_end < self.employment_start:
            msg = "employment_end: before employment_start"
            raise ValueError(msg)
        return self


def _severance_pay(row: _SeveranceInputs, _: Books) -> dict[str, Any]:
    owed = severance.severance(
        row.employment_start,
        row.employment_end,
        row.average_monthly_wage_12m,
        row.local_average_monthly_wage,
        row.local_minimum_wage,
        unlawful=row.unlawful,
    )
    return {
        "months": plain(owed.months),
        "monthly_base": money(owed.monthly_base),
        "capped": owed.capped,
        "amount": money(owed.amount),
    }


class _SeveranceTaxInputs(Inputs):
    compensation: Amount
    local_average_annual_wage: Amount


def _severance_tax(row: _SeveranceTaxInputs, books: Books) -> dict[str, Any]:
    taxed = income_tax.severance_tax(books.income_tax, row.compensation, row.local_average_annual_wage)
    return {"exempt": money(taxed.exempt), "taxable": money(taxed.taxable), "tax": money(taxed.tax)}


class _SchemeInputs(Inputs):
    code: Annotated[str, Field(min_length=1)]
    floor: Amount | None = None
    ceiling: Amount | None = None
    employee_percent: Percent
    employer_percent: Percent
    employee_fixed: Amount = ZERO
    declared_base: Amount | None = None
    rounding: Rounding | None = None

    @model_validator(mode="after")
    def _bounds_in_order(self) -> Self:
        if self.floor is not None and self.ceiling is not None and self.ceiling < self.floor:
            msg = "ceiling: below the floor"
            raise ValueError(msg)
        return self


class _SocialInsuranceInputs(Inputs):
    declared_base: Amount
    rounding: Rounding = Rounding.FEN_HALF_UP
    schemes: Annotated[tuple[_SchemeInputs, ...], Field(min_length=1)]


def _social_insurance(row: _SocialInsuranceInputs, _: Books) -> dict[str, Any]:
    paid = contributions.contributions(
        contributions.Scheme(
            code=scheme.code,
            declared_base=row.declared_base if scheme.declared_base is None else scheme.declared_base,
            floor=scheme.floor,
            ceiling=scheme.ceiling,
            employee_percent=scheme.employee_percent,
            employer_percent=scheme.employer_percent,
            rounding=scheme.rounding or row.rounding,
            employee_fixed=scheme.employee_fixed,
        )
        for scheme in row.schemes
    )
    schemes = [
        {"code": one.code, "base": money(one.base), "employee": money(one.employee), "employer": money(one.employer)}
        for one in paid
    ]
    return {
        "schemes": schemes,
        "employee_total": money(sum((one.employee for one in paid), ZERO)),
        "employer_total": money(sum((one.employer for one in paid), ZERO)),
    }


KINDS: Mapping[str, Kind] = {
    "iit_cumulative": Kind(_IncomeTaxInputs, _iit_cumulative),
    "annual_bonus_separate": Kind(_BonusInputs, _annual_bonus_separate),
    "annual_bonus_compare": Kind(_BonusCompareInputs, _annual_bonus_compare),
    "labour_remuneration": Kind(_LabourInputs, _labour_remuneration),
    "severance": Kind(_SeveranceInputs, _severance_pay),
    "severance_tax": Kind(_SeveranceTaxInputs, _severance_tax),
    "social_insurance": Kind(_SocialInsuranceInputs, _social_insurance),
}
