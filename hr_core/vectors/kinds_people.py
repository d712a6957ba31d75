"""Kinds about people and working life: identity numbers, probation, retirement, the medical period."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import model_validator

from hr_core.leave.rules import medical_period
from hr_core.lifecycle.rules import Contract, RetirementCategory, longest_probation, retirement
from hr_core.people import identity
from hr_core.vectors.books import Books, Kind
from hr_core.vectors.fields import Amount, Day, Inputs, MissingField, Month, Text, Whole


class _IdCardInputs(Inputs):
    id_number: Text
    today: Day


def _id_card(row: _IdCardInputs, _: Books) -> dict[str, Any]:
    card = identity.read_id_number(row.id_number, row.today)
    if card is None:
        return {"valid": False}
    return {
        "valid": True,
        "birth_date": card.birth_date.isoformat(),
        "sex": "male" if card.is_male else "female",
        "normalized": card.number,
    }


class _BankCardInputs(Inputs):
    card_number: Text


def _bank_card(row: _BankCardInputs, _: Books) -> dict[str, Any]:
    return {"valid": identity.is_bank_card_number(row.card_number)}


class _CreditCodeInputs(Inputs):
    code: Text


def _unified_social_credit_code(row: _CreditCodeInputs, _: Books) -> dict[str, Any]:
    return {"valid": identity.is_unified_social_credit_code(row.code)}


class _MobileInputs(Inputs):
    number: Text


def _mobile_number(row: _MobileInputs, _: Books) -> dict[str, Any]:
    number = identity.read_mobile_number(row.number)
    return {"valid": True, "normalized": number} if number else {"valid": False}


class _ProbationInputs(Inputs):
    contract: Contract
    contract_months: Whole | None = None


def _probation_limit(row: _ProbationInputs, _: Books) -> dict[str, Any]:
    if row.contract is Contract.FIXED and row.contract_months is None:
        raise MissingField("contract_months: a fixed contract has a length")
    return {"max_probation_months": longest_probation(row.contract, row.contract_months or 0)}


class _RetirementInputs(Inputs):
    category: RetirementCategory
    birth_month: Month


def _retirement_age(row: _RetirementInputs, _: Books) -> dict[str, Any]:
    age = retirement(row.category, row.birth_month.year, row.birth_month.month)
    return {
        "delay_months": age.delay_months,
        "retirement_age_years": age.age_years,
        "retirement_age_months": age.age_months,
        "retirement_month": f"{age.year:04}-{age.month:02}",
    }


class _MedicalPeriodInputs(Inputs):
    total_work_years: Amount
    years_with_employer: Amount

    @model_validator(mode="after")
    def _here_is_part_of_all(self) -> Self:
        if self.years_with_employer > self.total_work_years:
            msg = "years_with_employer: more than total_work_years"
            raise ValueError(msg)
        return self


def _medical(row: _MedicalPeriodInputs, _: Books) -> dict[str, Any]:
    period = medical_period(row.total_work_years, row.years_with_employer)
    return {"months": period.months, "counted_within_months": period.counted_within_months}


KINDS: Mapping[str, Kind] = {
    "id_card": Kind(_IdCardInputs, _id_card),
    "bank_card": Kind(_BankCardInputs, _bank_card),
    "unified_social_credit_code": Kind(_CreditCodeInputs, _unified_social_credit_code),
    "mobile_number": Kind(_MobileInputs, _mobile_number),
    "probation_limit": Kind(_ProbationInputs, _probation_limit),
    "retirement_age": Kind(_RetirementInputs, _retirement_age),
    "medical_period": Kind(_MedicalPeriodInputs, _medical),
}
