"""A payslip as values: lines with exact amounts, what they add up to, and the policy of showing it."""

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from importlib import resources
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hr_core.errors import HRError


class Kind(StrEnum):
    """What a component does to net pay: adds, takes away, or nothing (the employer's own contributions)."""

    EARNING = "earning"
    DEDUCTION = "deduction"
    EMPLOYER = "employer"


@dataclass(frozen=True, slots=True)
class Component:
    """What a line is for: the payroll's own code and the words on the payslip."""

    code: str
    label: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Line:
    """One component's amount in yuan, as it stands on the payslip: a deduction is positive."""

    component: Component
    amount: Decimal

    @property
    def to_net(self) -> Decimal:
        """What the line does to net pay."""
        match self.component.kind:
            case Kind.EARNING:
                return self.amount
            case Kind.DEDUCTION:
                return -self.amount
            case Kind.EMPLOYER:
                return Decimal(0)


@dataclass(frozen=True, slots=True)
class Slip:
    """A released payslip of one person and month (its first day)."""

    id: int
    employee_id: int
    month: date
    lines: tuple[Line, ...]
    confirmed_at: date | None = None

    def of(self, kind: Kind) -> tuple[Line, ...]:
        """Give the lines of a kind, in the payroll's order."""
        return tuple(line for line in self.lines if line.component.kind is kind)

    def total(self, kind: Kind) -> Decimal:
        """Add up the lines of a kind."""
        return sum((line.amount for line in self.of(kind)), Decimal(0))

    @property
    def net_pay(self) -> Decimal:
        """Give what is paid out."""
        return sum((line.to_net for line in self.lines), Decimal(0))


@dataclass(frozen=True, slots=True)
class Change:
    """A component that changed from one payslip to another; `by` is what that does to net pay."""

    component: Component
    before: Decimal
    after: Decimal
    by: Decimal


class PayslipPolicy(BaseModel):
    """How a company shows payslips."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    shown_minutes: int = Field(ge=1, le=60)
    remind_after_days: int = Field(ge=1, le=31)
    source: str = Field(min_length=1)

    @property
    def shown_for(self) -> timedelta:
        """How long a payslip can be seen after it was asked for."""
        return timedelta(minutes=self.shown_minutes)


class BadPayslipPolicy(Exception):
    """The company's own policy file can't be used; the text says why."""


def load_payslip_policy(own: Path | None = None) -> PayslipPolicy:
    """Read the company's own file, else the one that ships with the product."""
    if own is not None and own.is_file():
        try:
            return PayslipPolicy.model_validate(tomllib.loads(own.read_text("utf-8")))
        except (OSError, ValueError) as error:
            why = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
            raise BadPayslipPolicy(f"{own}: {why}") from error
    text = resources.files("hr_core.payslip").joinpath("data/policy.toml").read_text("utf-8")
    return PayslipPolicy.model_validate(tomllib.loads(text))


class NoPayslip(HRError):
    """Nothing was released to this person, in all or for a month."""

    code = "payslip.error.none"

    def __init__(self, which: str = "", **values: object) -> None:
        super().__init__(**values)
        self.code = f"payslip.error.none{which}"


class ObjectionUnclear(HRError):
    """An objection without words, or with too many."""

    code = "payslip.error.unclear"


class AnswerMissing(HRError):
    """An objection can't be answered with nothing."""

    code = "payslip.error.no_answer"


class NobodyInPayroll(HRError):
    """Nobody holds the payroll role over this person."""

    code = "payslip.error.nobody"
