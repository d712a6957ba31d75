"""Tax tables as dated values."""

from datetime import date
from decimal import Decimal
from importlib import resources
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Bracket(BaseModel):
    """One line of a tax table. A bound belongs to the lower line (不超过); the last line has none."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    up_to: Decimal | None
    rate_percent: int = Field(ge=0, le=100)
    quick_deduction: Decimal = Field(ge=0)

    def tax(self, taxable: Decimal) -> Decimal:
        """Give the tax of an amount in this line, not rounded."""
        return taxable * self.rate_percent / 100 - self.quick_deduction


Table = tuple[Bracket, ...]


class IncomeTax(BaseModel):
    """The tables in force from one day: of the year, of the month (bonus), of labour remuneration."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    effective_from: date
    source: str = Field(min_length=1)
    basic_deduction_per_month: Decimal = Field(gt=0)
    annual: Table
    monthly: Table
    labour: Table

    @model_validator(mode="after")
    def _tables_rise_to_the_open_end(self) -> Self:
        for name in ("annual", "monthly", "labour"):
            *bounds, last = (bracket.up_to for bracket in getattr(self, name))
            if last is not None or bounds != sorted(set(bounds)):
                msg = f"{name}: bounds must rise, and only the last line has none"
                raise ValueError(msg)
        return self


def load_income_tax() -> IncomeTax:
    """Read the tables that ship with the product."""
    text = resources.files("hr_core.payroll").joinpath("data/income_tax.json").read_text("utf-8")
    return IncomeTax.model_validate_json(text)
